"""Audit the printed figures of all specs, paper by paper."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from archspec.commands import shared
from archspec.diagnostics import ArchError, show
from archspec.render.formats import json_text
from archspec.reports.audit.figures import audit
from archspec.reports.audit.report import as_data, as_markdown, as_text
from archspec.reports.audit.single import finding_markdown, finding_text, narrowed, unknown
from archspec.reports.audit.specs import specs_of

EACH_SPEC = True


def arguments(parser: ArgumentParser) -> None:
    """Specs, and how the audit is printed."""
    parser.add_argument("specs", metavar="SPEC", nargs="*", default=[], help="files or folders; default: specs/")
    parser.add_argument("--finding", metavar="NAME", help="one finding alone, by the name that docs/errata.md links to")
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
    shown = found if args.finding is None else narrowed(found, args.finding)
    if args.finding is not None and not shown.papers:
        show(found.diagnostics, args.all)
        return shared.usage(unknown(found, args.finding))
    whole = args.finding is None
    style, width = shared.stdout(args)
    shared.printed(
        args.format,
        text=lambda: as_text(shown, style, width) if whole else finding_text(shown, style),
        json=lambda: json_text(as_data(shown)),
        markdown=lambda: as_markdown(shown) if whole else finding_markdown(shown),
    )
    show(found.diagnostics, args.all)
    return shared.HOLDS if found.holds else shared.WRONG
