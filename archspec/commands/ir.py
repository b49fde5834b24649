"""Print a network as JSON, which every command takes in place of a spec."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from archspec.api import one
from archspec.commands import shared
from archspec.diagnostics import ArchError, show
from archspec.ir.json import to_json

EACH_SPEC = False


def arguments(parser: ArgumentParser) -> None:
    """A spec and its settings."""
    shared.takes_spec(parser)
    shared.takes_settings(parser)
    parser.set_defaults(format="json")
    shared.takes_all(parser)


def run(args: Namespace) -> int:
    """Print a network as JSON by docs/ir.schema.json, which every command takes in place of a spec."""
    request = shared.request(args)
    if request is None:
        return shared.USAGE
    try:
        compiled = one(args.spec, None, request.parameters, request.input)
    except ArchError as error:
        show(error.diagnostics, args.all)
        return shared.WRONG
    show(compiled.diagnostics, args.all)
    print(to_json(compiled.network))
    return shared.HOLDS if compiled.holds else shared.WRONG
