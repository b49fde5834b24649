"""The tables of `count` and `compile`: of one spec or of several, in every format."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Sequence
from typing import Any, TextIO

from archspec.analysis.result import Result
from archspec.api import named_by, variants
from archspec.commands import shared
from archspec.compiled import Compiled
from archspec.diagnostics import ArchError
from archspec.elaborate.request import Request
from archspec.render import diagnosed, formats, table
from archspec.render.columns import Column, Inside, chosen
from archspec.render.units import in_units

Drawn = Callable[[Sequence[Result]], str]
"""What draws the networks of a spec in a format that shows them one after the other, or together."""
CITING = ("latex", "typst")
"""The formats in which a table cites its paper by a key."""


def takes_specs(parser: ArgumentParser) -> None:
    """Specs, or standard input."""
    parser.add_argument("specs", metavar="SPEC", nargs="+", help="file.arch or file.arch:VARIANT; - is standard input")


def networks(spec: str, asked: Request, convention: str | None = None) -> list[Compiled]:
    """The network of a spec, or all variants of a family; raises ArchError where it is wrong."""
    found = variants(spec, asked.parameters, asked.input)
    return found if convention is None else [compiled.under(convention) for compiled in found]


def takes_tables(parser: ArgumentParser, *more: str) -> None:
    """How the table of a network is printed, or in which of some more formats what is said of it."""
    shared.takes_format(parser, *shared.TABLES, *shared.PAPER, *more)
    parser.add_argument("--columns", metavar="COLUMNS", help="the columns and their order: layer,params,activations")
    parser.add_argument("--cite", metavar="KEY", help="the key that the caption cites, in TeX and Typst")
    shared.takes_width(parser)


def columns_of(args: Namespace) -> tuple[Column, ...] | None:
    """The columns that are asked for, none of them by name where there is no such option."""
    return None if args.columns is None else chosen(args.columns, "--columns")


def problem(args: Namespace) -> int | None:
    """The exit code where the options of a table cannot be read or say two things, which was shown."""
    try:
        args.shown = columns_of(args)
    except ArchError as error:
        shared.show_errors(error, args)
        return shared.USAGE
    found = contradiction(args)
    return None if found is None else shared.usage(found)


def contradiction(args: Namespace) -> str | None:
    """Options of which one would be without effect."""
    if args.columns is not None and args.format == "json":
        return "`--columns` changes no JSON, which has all of it with exact counts"
    if args.columns is not None and args.format in diagnosed.formats():
        return f"`--format {args.format}` prints no table: leave out `--columns`"
    if args.cite is not None and args.format not in CITING:
        return f"`--cite` is for {' and '.join(f'`--format {form}`' for form in CITING)}"
    return None if args.cite is None else _wrong_key(args.cite)


def _wrong_key(key: str) -> str | None:
    from archspec.render.citation import is_key  # its patterns take longer to compile than a table to print

    return None if is_key(key) else f"`--cite {key}` is not a key: write letters, digits and any of `: . + / _ -`"


class Tables:
    """Prints the networks of specs: a table where it comes, JSON and CSV once all are there."""

    def __init__(self, args: Namespace, stream: TextIO | None = None) -> None:
        self._args, self._stream = args, stream
        self._several = len(args.specs) > 1
        self._draw = drawing(args)
        self._together = getattr(args, "side_by_side", False)
        self._printed = 0
        self._json: list[str] = []
        self._csv: list[Result] = []

    def add(self, spec: str, found: Sequence[Compiled]) -> None:
        """The networks of a spec."""
        form = self._args.format
        if form == "json":
            self._json += [compiled.to_json() for compiled in found]
            if not self._several:
                one = not found[0].variants or named_by(spec).variant is not None
                self._print(self._json[0] if one else _array(self._json))
        elif form == "csv" and not self._together:
            results = [compiled.result for compiled in found]
            self._csv += results
            if not self._several:
                self._print(table.as_csv(results, self._args.shown))
        else:
            apart = ("\n\n" if form == "text" else "\n") * bool(self._printed)
            self._print(apart + self._draw([compiled.result for compiled in found]))

    def wrong(self, spec: str, error: ArchError) -> None:
        """What is wrong with a spec: shown, and in JSON too."""
        if self._several and self._args.format == "json":
            data: dict[str, Any] = {"spec": spec, "diagnostics": [d.to_dict() for d in error.diagnostics]}
            self._json.append(formats.json_text(data))
            shared.show_errors(error, self._args, "text")
        else:
            shared.show_errors(error, self._args)

    def late(self, spec: str, error: ArchError) -> None:
        """What is wrong with what was to be written of a spec, whose table was printed."""
        shared.show_errors(error, self._args, "text")

    def end(self) -> None:
        """What could not be printed before all specs were there."""
        if self._several and self._csv:
            self._print(table.as_csv(self._csv, self._args.shown))
        elif self._several and self._args.format == "json":
            self._print(_array(self._json))

    def _print(self, text: str) -> None:
        self._printed += 1
        print(text, file=self._stream or sys.stdout)


def drawing(args: Namespace) -> Drawn:
    """How the networks of a spec are drawn: each by itself as it stands in its file, opened, in detail, or together."""
    if args.format in shared.PAPER:
        return _on_paper(args)
    text = args.format != "markdown"
    if getattr(args, "side_by_side", False):
        return _together(args, text)
    if getattr(args, "details", False):
        from archspec.render.details import details_markdown, details_text

        return _each(text, details_markdown, lambda result: details_text(result, *shared.stdout(args)))
    said, inside = _said(args), _inside(args)
    return _each(
        text,
        lambda result: table.as_markdown(result, said, inside(result), args.shown),
        lambda result: table.as_text(result, *shared.stdout(args), said, inside(result), args.shown),
    )


def _on_paper(args: Namespace) -> Drawn:
    """Tables that stand by themselves, in the markup of a paper or a page."""
    from archspec.render.exports import as_markup
    from archspec.render.sheet import family_of, sheet_of

    unit, inside = getattr(args, "units", None), _inside(args)
    if getattr(args, "side_by_side", False):
        return lambda results: as_markup(args.format, family_of(results, unit), args.cite)
    shown = args.shown or chosen(None)

    def drawn(result: Result) -> str:
        return as_markup(args.format, sheet_of(result, shown, unit, inside(result)), args.cite)

    return lambda results: "\n\n".join(map(drawn, results))


def _each(text: bool, as_markdown: Callable[[Result], str], as_text: Callable[[Result], str]) -> Drawn:
    if text:
        return lambda results: "\n\n\n".join(map(as_text, results))
    return lambda results: "\n\n".join(map(as_markdown, results))


def _together(args: Namespace, text: bool) -> Drawn:
    from archspec.render import side_by_side as side

    said = _said(args)
    if args.format == "csv":
        return side.side_by_side_csv
    if text:
        return lambda results: side.side_by_side_text(results, *shared.stdout(args), said)
    return lambda results: side.side_by_side_markdown(results, said)


def _said(args: Namespace) -> Callable[[int], str]:
    """How a count is written."""
    unit = getattr(args, "units", None)
    return table.exact if unit is None else lambda number: in_units(number, unit)


def _inside(args: Namespace) -> Callable[[Result], Inside]:
    """What is shown below the rows."""
    depth = getattr(args, "depth", 1)
    if depth == 1:
        return lambda result: ()
    from archspec.reports.opened import parts

    return lambda result: parts(result.network, result.inferred, result.counting, depth)


def _array(parts: Sequence[str]) -> str:
    return "[\n" + ",\n".join(parts) + "\n]"
