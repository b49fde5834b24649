"""Where the figures of a spec come from: ``taken from text copy``, ``taken from program: torchvision 0.28.0``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import get_args

from archspec.budget import spend
from archspec.counting.quantities import CHECKS
from archspec.diagnostics import Diagnostic, Report, Span, explained
from archspec.elaborate.headers import folded, header_of
from archspec.elaborate.messages import said_twice
from archspec.ir.network import Claim, Provenance, TakenFrom, quoted_as
from archspec.language import syntax as s
from archspec.naming import Names, Starts, suggest
from archspec.support.limits import CELL, WORD

KINDS: tuple[Provenance, ...] = get_args(Provenance)


def provenance_of(statements: Sequence[s.Statement], report: Report) -> tuple[TakenFrom, ...]:
    """What the statements `taken from` say; one of an unknown kind, or that contradicts another, is reported."""
    found: list[TakenFrom] = []
    said_before: dict[str, tuple[Provenance, Span]] = {}
    for statement in (x for x in statements if isinstance(x, s.TakenFrom)):
        spend(CELL * (1 + len(statement.names)), statement.span)
        said = " ".join(word.text for word in statement.kind)
        kind = next((kind for kind in KINDS if kind == said.lower()), None)
        if kind is None:
            report.add(unknown_provenance(statement.kind[0].span.to(statement.kind[-1].span), said))
        else:
            names = tuple(column_named(name.text) or name.text for name in statement.names)
            places = [name.span for name in statement.names] or [statement.span]
            for name, span in zip(names or ("",), places, strict=True):
                other, first = said_before.setdefault(name, (kind, span))
                if other != kind and span.source is first.source:  # a network `like` another may say it anew
                    report.add(said_twice(span, f"taken from ...: {name}" if name else "taken from", first))
            found.append(TakenFrom(provenance=kind, names=names, span=statement.span))
    _complain_of_names([x for x in statements if isinstance(x, s.Paper)], report)
    return tuple(found)


def _complain_of_names(papers: Iterable[s.Paper], report: Report) -> None:
    """Two papers that are `quoted as` one name: claims cannot say which of them they mean."""
    named: dict[str, s.Paper] = {}
    for paper in papers:
        for name in quoted_as(paper.references):
            spend(WORD * (1 + len(name)), paper.span)
            first = named.setdefault(name, paper)
            if not name:
                report.add(unnamed(paper.span))
            elif first is not paper and first.span.source is paper.span.source:
                report.add(said_twice(paper.span, f"quoted as {name}", first.span))


def unknown_sources(
    statements: Sequence[s.Statement], claims: Iterable[Claim], tables: Iterable[s.Table]
) -> list[Diagnostic]:
    """Names of `taken from` and `quoted as` that no claim has as its source, and no table as a column of checks."""
    of_papers = [s.Text(x.span, n) for x in statements if isinstance(x, s.Paper) for n in quoted_as(x.references) if n]
    named = [name for x in statements if isinstance(x, s.TakenFrom) for name in x.names]
    if not (named or of_papers):
        return []
    columns = [column for table in tables for cell in table.header or () if (column := column_named(cell.text))]
    known, sources = Names(columns), Names(())
    used: set[str] = set()
    starts = Starts(name.text for name in (*named, *of_papers))
    for claim in claims:
        spend(WORD * (1 + len(claim.source)), claim.place)
        used.update(starts.of(claim.source))
        known.add(claim.table)
        sources.add(claim.table)
    columned = used.union(columns)
    idle = [unknown_source(x.span, x.text, known) for x in named if (column_named(x.text) or x.text) not in columned]
    return idle + [unknown_source(x.span, x.text, sources, columns=False) for x in of_papers if x.text not in used]


def column_named(text: str) -> str | None:
    """The column of checks that a header names."""
    name = header_of(folded(text), (), CHECKS).name
    return name if name in CHECKS else None


@explained("E0670")
def unknown_provenance(span: Span, said: str) -> Diagnostic:
    """`taken from` says where printed figures come from, in one of six words.

    `paper` is the paper itself, `text copy` a copy of its text in which cells may have moved, `lecture` a lecture that
    quotes it, `program` a program that prints or counts the figure, `memory` the memory of the spec's author, and
    `author` says that no paper prints the figure, which the author of the spec added as a check.
    """
    help = suggest(said, KINDS) or f"write one of {', '.join(f'`{kind}`' for kind in KINDS)}"
    return Diagnostic("E0670", f"figures cannot come from `{said}`", span, "unknown", help=help)


def unnamed(span: Span) -> Diagnostic:
    """E0671 for `quoted as` without the words that sources of claims start with."""
    help = 'write the first words of its sources behind it, as in `paper "Title", quoted as SENet (2018)`'
    return Diagnostic("E0671", "`quoted as` lacks a name", span, "names nothing", help=help, severity="warning")


@explained("E0671")
def unknown_source(span: Span, name: str, known: Names, columns: bool = True) -> Diagnostic:
    """`taken from` or `quoted as` names a source that is neither a claim's nor a column of figures: it says nothing.

    A source is named by the words with which it starts in the claims, all or the first of them, and in quotes where it
    has a comma: `taken from program: torchvision` speaks of `torchvision 0.28.0 resnet18, resnet34`.
    """
    message = f"no claim has the source `{name}`"
    if columns:
        message += ", and no table has a column of figures of that name"
    help = suggest(name, known) or "write the first words of a source as the claims write it"
    return Diagnostic("E0671", message, span, "names nothing", help=help, severity="warning")
