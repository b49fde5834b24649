"""Print the PyTorch code of a spec."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace

from archspec.api import one
from archspec.commands import shared
from archspec.diagnostics import ArchError, show

EACH_SPEC = False


def arguments(parser: ArgumentParser) -> None:
    """A spec and its settings."""
    shared.takes_spec(parser)
    shared.takes_settings(parser)
    parser.add_argument("--train", action="store_true", help="print the training program of the spec's recipe")
    shared.takes_all(parser)


def run(args: Namespace) -> int:
    """Print the PyTorch code of a spec, or its training program."""
    request = shared.request(args)
    if request is None:
        return shared.USAGE
    try:
        compiled = one(args.spec, None, request.parameters, request.input)
        text = compiled.training() if args.train else compiled.source()
    except ArchError as error:
        show(error.diagnostics, args.all)
        return shared.WRONG
    show(compiled.diagnostics, args.all)
    sys.stdout.write(text)
    return shared.HOLDS if compiled.holds else shared.WRONG
