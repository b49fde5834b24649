"""Show how two networks differ, and what each difference costs."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from archspec.api import one
from archspec.commands import shared
from archspec.diagnostics import ArchError
from archspec.render.formats import json_text
from archspec.reports.diff.compare import compare
from archspec.reports.diff.report import as_data, as_markdown, as_text

EACH_SPEC = False


def arguments(parser: ArgumentParser) -> None:
    """Two specs, settings that hold for both, and how the report is printed."""
    for name in ("a", "b"):
        parser.add_argument(name, metavar=name.upper(), help="file.arch, file.arch:VARIANT(NAME=VALUE)")
    shared.takes_settings(parser)
    shared.takes_format(parser, *shared.REPORTS)
    shared.takes_width(parser)
    shared.takes_all(parser)


def run(args: Namespace) -> int:
    """Show how two networks differ, row by row and block by block, and what each difference costs."""
    request = shared.request(args)
    if request is None:
        return shared.USAGE
    try:
        a, b = (one(spec, parameters=request.parameters, input=request.input) for spec in (args.a, args.b))
        found = compare(a, b, (args.a, args.b))
    except ArchError as error:
        shared.show_errors(error, args)
        return shared.WRONG
    shared.printed(
        args.format,
        text=lambda: as_text(found, *shared.stdout(args)),
        json=lambda: json_text(as_data(found)),
        markdown=lambda: as_markdown(found),
    )
    return shared.HOLDS
