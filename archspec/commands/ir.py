"""Print a network as JSON, which every command takes in place of a spec."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from archspec.commands import shared
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
    return shared.print_of(args, lambda compiled: f"{to_json(compiled.network)}\n")
