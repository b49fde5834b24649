"""Itemise the difference between two counts of a network, or find the rule that gives a figure."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Sequence

from archspec.api import one
from archspec.commands import shared
from archspec.compiled import Compiled
from archspec.counting.bridge import lines
from archspec.counting.printed import FIGURE
from archspec.diagnostics import ArchError, show
from archspec.reports.holding import Answer, answer, answer_in_bytes
from archspec.reports.why import is_size, text_of, why

EACH_SPEC = False


def arguments(parser: ArgumentParser) -> None:
    """A spec with its settings, and the figure or the two counts."""
    shared.takes_spec(parser)
    parser.add_argument(
        "sides", metavar="A B", nargs="*", default=[], help="a figure, or two conventions or printed figures"
    )
    shared.takes_settings(parser)
    shared.takes_all(parser)


def run(args: Namespace) -> int:
    """Say under which counting rule a figure holds, or itemise the difference between two counts of one network.

    `why SPEC 3.4M` tries the rules, and `why SPEC 528MB` four bytes for each parameter. `why SPEC paper fvcore` goes
    from one count to the other, and `why SPEC` lists all.
    """
    if len(args.sides) > 2:
        return shared.usage("a bridge has two sides: archspec why SPEC A B")
    if not all(side.strip() for side in args.sides):
        return shared.usage("a side is empty: archspec why SPEC 3.4M, or archspec why SPEC paper fvcore")
    asked = shared.request(args)
    if asked is None:
        return shared.USAGE
    try:
        found = _answer(one(args.spec, None, asked.parameters, asked.input), [side.strip() for side in args.sides])
    except ArchError as error:
        show(error.diagnostics, args.all)
        return shared.WRONG
    print("\n".join(found.lines))
    return shared.HOLDS if found.holds else shared.WRONG


def _answer(network: Compiled, sides: Sequence[str]) -> Answer:
    """What is said of a network, of one figure, or of the way between two."""
    if not sides:
        return Answer(True, text_of(network).splitlines())
    if len(sides) == 1 and FIGURE.fullmatch(sides[0]):
        return answer(network, sides[0])
    if len(sides) == 1 and is_size(sides[0]):
        return answer_in_bytes(network, sides[0])
    a, b = ("paper", *sides)[-2:]
    return Answer(True, lines(why(network, a, b)))
