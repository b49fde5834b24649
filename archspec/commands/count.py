"""Print the table of a spec with its counts."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from archspec.commands import shared

EACH_SPEC = False


def arguments(parser: ArgumentParser) -> None:
    """A spec, its settings, and how the table is printed."""
    shared.takes_spec(parser)
    shared.takes_settings(parser)
    parser.add_argument("--details", action="store_true", help="what each row sees of the input, and what it stores")
    parser.add_argument("--convention", metavar="RULES", help="count as a counter does, fvcore, or by rules, 'no bn'")
    shared.takes_format(parser, *shared.TABLES)
    shared.takes_all(parser)


def run(args: Namespace) -> int:
    """Print the table of a spec with its counts; nothing is written. A family prints every variant."""
    found = shared.networks(args)
    if isinstance(found, int):
        return found
    print(shared.tables(found, args))
    return shared.HOLDS if shared.report(found, args) else shared.WRONG
