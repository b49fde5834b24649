"""The networks of one text or JSON: what is read once, members worked out when they are asked for, and formulas."""

from __future__ import annotations

from archspec.budget import Remembered, adding, recall
from archspec.diagnostics import Report, Source
from archspec.elaborate.request import Request
from archspec.family.member import Member
from archspec.family.members import MEMBERS, Family
from archspec.family.text import Text
from archspec.language.include import resolve
from archspec.language.parse import parse
from archspec.support.limits import MOST_READ
from archspec.support.memo import Memo

__all__ = ["FAMILIES", "MEMBERS", "Family", "Member", "family_of"]

FAMILIES: Memo[Remembered[Family]] = Memo(MOST_READ)
"""What was read, by what it and the files that it names hold."""


def family_of(source: Source, request: Request) -> Family:
    """The networks of a text and of the files that it names; mistakes in it are found again where members are asked.

    A text that begins with a brace is JSON: no statement does.
    """
    if source.text.lstrip()[:1] == "{":
        from archspec.family.given import Given

        return recall(FAMILIES, source, lambda: Given.read(source), len(source.text))
    read, named = Report(), Report()
    with adding(read), adding(named):
        statements, sources = resolve(parse(source, read), source, request.reader, named)
    said = (*read, *named)
    length = sum(len(x.text) for x in sources)
    if [*named]:  # a file that is missing now may be there later
        return Text(statements, source, said, sources)
    return recall(FAMILIES, sources, lambda: Text(statements, source, said, sources), length)
