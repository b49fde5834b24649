"""Print what a network costs as formulas over its parameters."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace

from archspec.api import one
from archspec.commands import shared
from archspec.diagnostics import ArchError, show

EACH_SPEC = False


def arguments(parser: ArgumentParser) -> None:
    """A spec with its settings, and what the formulas are over."""
    shared.takes_spec(parser)
    parser.add_argument(
        "--in",
        dest="over",
        metavar="NAME,NAME",
        help="parameters, or height, width and resolution of the input; default: all parameters that are numbers",
    )
    parser.add_argument("--rows", action="store_true", help="also of each row of the table")
    parser.add_argument("--growth", action="store_true", help="also how each grows: its leading term and derivatives")
    shared.takes_quantities(parser)
    shared.takes_settings(parser)
    shared.takes_format(parser, "text", "latex", "python", "json")
    shared.takes_all(parser)


def run(args: Namespace) -> int:
    """Print what a network costs as formulas over its parameters.

    `archspec formula SPEC --in depth,k` prints parameters, mult-adds and activations as exact closed forms, a piece for
    each way in which the parameters decide what is counted.
    """
    asked = shared.request(args)
    if asked is None:
        return shared.USAGE
    try:
        compiled = one(args.spec, None, asked.parameters, asked.input)
        if args.convention is not None:
            compiled = compiled.under(args.convention)
        over = None if args.over is None else shared.names_of(args.over)
        found = compiled.formula(*shared.names_of(args.of), over=over)
        text = found.text(args.format, rows=args.rows, growth=args.growth)
    except ArchError as error:
        shared.show_errors(error, args)
        return shared.WRONG
    sys.stdout.write(text)
    sys.stdout.flush()
    show(found.diagnostics, args.all)
    return shared.HOLDS
