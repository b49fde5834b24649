"""Print the tables of specs with their counts."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Sequence

from archspec.budget import request
from archspec.commands import _tables, shared
from archspec.diagnostics import ArchError
from archspec.elaborate.request import Request
from archspec.render.columns import Column
from archspec.render.units import CHOICES

EACH_SPEC = True
DEEPEST = 40
"""Blocks stand at most so deep in one another."""


def arguments(parser: ArgumentParser) -> None:
    """Specs, their settings, and how the tables are printed."""
    _tables.takes_specs(parser)
    shared.takes_settings(parser)
    parser.add_argument("--depth", metavar="N", type=_depth, default=1, help="2 opens blocks, 3 what is inside, ...")
    parser.add_argument("--details", action="store_true", help="what each row sees of the input, and what it stores")
    parser.add_argument("--side-by-side", action="store_true", help="a family in one table, a column for each variant")
    parser.add_argument("--units", choices=CHOICES, help="counts as 25.6M: in the unit that fits, or in one for all")
    parser.add_argument(
        "--convention", metavar="RULES", action="append", help="count as a counter does, fvcore, or by rules, 'no bn'"
    )
    _tables.takes_tables(parser)
    shared.takes_all(parser)


def run(args: Namespace) -> int:
    """Print the tables of specs with their counts; nothing is written. A family prints every variant."""
    problem = _contradiction(args)
    if problem is not None:
        return shared.usage(problem)
    if (code := _tables.problem(args)) is not None:
        return code
    if args.depth > 1 and (closed := _closed(args.shown or ())):
        return shared.usage(f"`--depth` opens rows, and what is inside has no `{closed}`")
    asked = shared.request(args)
    if asked is None:
        return shared.USAGE
    tables = _tables.Tables(args)
    codes = [_count(spec, asked, args, tables) for spec in args.specs]
    tables.end()
    return max(codes)


def _depth(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= DEEPEST):
        raise ArgumentTypeError(f"{text!r} is not a number from 1 to {DEEPEST}")
    return int(text)


def _contradiction(args: Namespace) -> str | None:
    """Options of which one would be without effect."""
    given = {
        "--depth": args.depth > 1,
        "--details": args.details,
        "--side-by-side": args.side_by_side,
        "--units": args.units is not None,
    }
    tables = [name for name in ("--depth", "--details", "--side-by-side") if given[name]]
    if args.columns is not None and tables and tables != ["--depth"]:
        return f"`{tables[0]}` prints a table whose columns are its own: leave out `--columns`"
    if len(tables) > 1:
        return f"`{tables[0]}` and `{tables[1]}` print different tables: choose one"
    if given["--details"] and given["--units"]:
        return "`--details` has no counts that `--units` changes"
    if given["--details"] and args.format in shared.PAPER:
        return "`--details` is for text and Markdown: elsewhere `--columns` names what it shows"
    whole = next((name for name in given if given[name] and name != "--side-by-side"), None)
    if args.format == "csv" and whole:
        return f"`{whole}` changes no CSV, which has every row with exact counts"
    if args.format == "csv" and args.side_by_side and len(args.specs) > 1:
        return "`--side-by-side` makes a table of each spec, and CSV is one table: count them one by one"
    if args.format == "json" and any(given.values()):
        return f"`{next(filter(given.get, given))}` changes no JSON, which has all of it with exact counts"
    return None


def _closed(shown: Sequence[Column]) -> str | None:
    """A column that only whole rows have."""
    return next((column.name for column in shown if not column.opened), None)


def _count(spec: str, asked: Request, args: Namespace, tables: _tables.Tables) -> int:
    """Print one spec, a request of its own; returns the exit code."""
    rules = None if args.convention is None else ", ".join(args.convention)
    with request():
        try:
            found = _tables.networks(spec, asked, rules)
            tables.add(spec, found)
            return shared.HOLDS if shared.report(found, args) else shared.WRONG
        except ArchError as error:
            tables.wrong(spec, error)
            return shared.WRONG
