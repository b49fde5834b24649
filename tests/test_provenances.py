"""Every figure of the corpus says truly from where it was read, table by table: ``provenances.txt`` has the notes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from networks import audited, whole_corpus

from archspec.ir.network import UNPRINTED
from archspec.reports.audit.figure import Figure
from archspec.reports.audit.page import own_source

NOTES = [
    tuple(part.strip() for part in line.split("|"))
    for line in (Path(__file__).parent / "provenances.txt").read_text("utf-8").splitlines()
    if not line.startswith("#")
]


def figures(paper: str, table: str) -> Iterator[Figure]:
    """The figures that somebody prints in a table of a paper; of its tables of layers the cells."""
    place = re.compile(rf"{re.escape(table)}(?!\w)")
    for printed in audited().papers:
        if printed.title.partition(":")[0] == paper:
            for figure in printed.prints:
                if figure.of_row if table == "rows" else place.match(own_source(figure)):
                    yield figure


@whole_corpus
@pytest.mark.parametrize(("paper", "table", "read"), NOTES)
def test_a_table_is_said_to_be_read_where_it_was(paper: str, table: str, read: str) -> None:
    found = {figure.check.taken_from for figure in figures(paper, table)} - {*UNPRINTED}
    assert found <= {*read.split(", ")}


@whole_corpus
def test_the_notes_are_about_the_corpus() -> None:
    idle = [f"{paper}, {table}" for paper, table, _ in NOTES if not [*figures(paper, table)]]
    assert idle == []
