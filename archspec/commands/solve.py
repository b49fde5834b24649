"""Find the largest member of a family that meets a budget."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from functools import partial

from archspec.api import solved
from archspec.commands import shared, sweep
from archspec.commands._rows import show
from archspec.diagnostics import ArchError
from archspec.diagnostics import show as show_diagnostics

EACH_SPEC = True


def arguments(parser: ArgumentParser) -> None:
    """A spec, what to maximise, and the budget."""
    shared.takes_spec(parser)
    parser.add_argument(
        "--for", dest="wanted", metavar="NAME,NAME", required=True, help="to maximise, the most important first"
    )
    parser.add_argument("--budget", metavar="CONDITION", help="'mult_adds <= 300M and params < 4M'")
    parser.add_argument("--near", metavar="COUNT", help="the nearest to 'params = 36.5M', and not the largest")
    sweep.takes_axes(parser)
    shared.takes_quantities(parser)
    shared.takes_format(parser, "text", "csv", "json")
    shared.takes_all(parser)


def run(args: Namespace) -> int:
    """Find the largest member of a family that meets a budget: of the first parameter of --for, then of the next.

    `archspec solve SPEC --for k --budget 'params <= 36.5M' -p depth=16,22,28,40` answers for each value of the others.
    """
    if args.budget is None and args.near is None:
        return shared.usage("say what is to be met: --budget 'params <= 36.5M' or --near 'params = 36.5M'")
    wanted = [name.strip() for name in args.wanted.split(",")]
    try:
        axes, quantities = sweep.axes_of(args.axes), shared.names_of(args.of)
        tell = partial(show_diagnostics, every=args.all)
        found, tried = solved(args.spec, axes, quantities, args.convention, args.budget, args.near, wanted, tell)
    except ArchError as error:
        shared.show_errors(error, args)
        return shared.WRONG
    shown = show(found, args.format)
    for line in tried:
        print(line, file=sys.stderr)
    return shown
