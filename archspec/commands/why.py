"""Itemise the difference between two counts of a network."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from archspec.commands import shared
from archspec.counting.bridge import lines
from archspec.diagnostics import ArchError, show
from archspec.reports.why import sides_of, text_of, why

EACH_SPEC = False


def arguments(parser: ArgumentParser) -> None:
    """A spec, and the two counts."""
    parser.add_argument("spec", metavar="SPEC", help="file.arch or file.arch:VARIANT")
    parser.add_argument("sides", metavar="A B", nargs="*", help="conventions, `paper(NAME=VALUE)`, or printed figures")
    shared.takes_all(parser)


def run(args: Namespace) -> int:
    """Itemise the difference between two counts of one network: conventions, parameters, printed figures."""
    if len(args.sides) > 2:
        return shared.usage("a bridge has two sides: archspec why SPEC A B")
    try:
        sides = sides_of(args.sides)
        print(text_of(args.spec) if sides is None else "\n".join(lines(why(args.spec, *sides))))
    except ArchError as error:
        show(error.diagnostics, args.all)
        return shared.WRONG
    return shared.HOLDS
