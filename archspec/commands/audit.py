"""Audit the printed figures of all specs, paper by paper."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from archspec.commands import shared
from archspec.diagnostics import ArchError, show
from archspec.render.formats import json_text
from archspec.reports.audit.figures import audit
from archspec.reports.audit.report import as_data, as_markdown, as_text
from archspec.reports.audit.specs import specs_of

EACH_SPEC = True


def arguments(parser: ArgumentParser) -> None:
    """Specs, and how the audit is printed."""
    parser.add_argument("specs", metavar="SPEC", nargs="*", default=[], help="files or folders; default: specs/")
    shared.takes_format(parser, *shared.REPORTS)
    shared.takes_width(parser)
    shared.takes_all(parser)


def run(args: Namespace) -> int:
    """Audit every printed figure of all specs, paper by paper; exit code 1 where one disagrees and is not marked."""
    try:
        found = audit(specs_of(args.specs))
    except ArchError as error:
        shared.show_errors(error, args)
        return shared.WRONG
    shared.printed(
        args.format,
        text=lambda: as_text(found, *shared.stdout(args)),
        json=lambda: json_text(as_data(found)),
        markdown=lambda: as_markdown(found),
    )
    show(found.diagnostics, args.all)
    return shared.HOLDS if found.holds else shared.WRONG
