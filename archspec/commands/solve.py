"""Find the largest member of a family that meets a budget."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from archspec.api import plan_to_solve
from archspec.commands import shared, sweep
from archspec.diagnostics import ArchError

if TYPE_CHECKING:
    from archspec.family.sweeps.sweep import Sweep

EACH_SPEC = True


def arguments(parser: ArgumentParser) -> None:
    """A spec, what to maximise, and the budget."""
    shared.takes_spec(parser)
    parser.add_argument(
        "--for", dest="wanted", metavar="NAME,NAME", required=True, help="to maximise, the most important first"
    )
    parser.add_argument("--budget", metavar="CONDITION", required=True, help="'mult_adds <= 300M and params < 4M'")
    sweep.takes_axes(parser)
    shared.takes_quantities(parser)
    shared.takes_format(parser, "text", "csv", "json")
    shared.takes_all(parser)


def run(args: Namespace) -> int:
    """Find the largest member of a family that meets a budget: of the first parameter of --for, then of the next.

    `archspec solve SPEC --for k --budget 'params <= 36.5M' -p depth=16,22,28,40` answers for each value of the others.
    """
    try:
        found = _solved(args)
    except ArchError as error:
        shared.show_errors(error, args)
        return shared.WRONG
    return sweep.show(found, args.format)


def _solved(args: Namespace) -> Sweep:
    wanted = [name.strip() for name in args.wanted.split(",")]
    axes, quantities = sweep.axes_of(args.axes), shared.names_of(args.of)
    plan = plan_to_solve(args.spec, axes, quantities, args.convention, args.budget, wanted)
    from archspec.family.sweeps.solving import solved

    return solved(plan, wanted, args.budget)
