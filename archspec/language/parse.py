"""Text to syntax, line by line, so that a bad line never hides the next."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from archspec.budget import Remembered, adding, recall, spend
from archspec.diagnostics import Diagnostic, Report, Source, Span
from archspec.language import syntax as s
from archspec.language.grammar import STATEMENTS
from archspec.language.messages import (
    line_too_long,
    not_a_spec,
    second_line,
    table_apart,
    then_above,
    then_without_block,
    unknown_statement,
)
from archspec.language.rows import bars_of, parted, table_of
from archspec.language.tree import number_of, read
from archspec.naming import closest
from archspec.support.limits import CHARACTER, LINE, LONGEST_LINE, MISTAKE, MOST_READ
from archspec.support.memo import Memo

__all__ = ["comments", "number_of", "parse", "parse_cell"]

COMMENT = re.compile(r'"[^"]*"|(?:^|(?<=\s))#.*')


TABLED = (s.Claims, s.Variants, s.Block, s.Head, s.Train)
OWNERS = ("claims", "variants", "block", "head", "train")
"""Statements that a table below them belongs to."""
BELOW = ("block", "head")
"""Those whose table stands right below them."""
NEEDED = ("network", "input", "claims")
"""What no other mistake is said of where a file is not a spec: the statements that it lacks, and the tables."""


REMEMBERED: Memo[Remembered[tuple[tuple[s.Statement, ...], tuple[Diagnostic, ...]]]] = Memo(MOST_READ)
"""The statements of texts that were read before, with what was said of them."""


def parse(source: Source, report: Report) -> list[s.Statement]:
    """The statements of a file, in order; a line that cannot be read is reported and left out.

    A text that was read before is not read again, and neither are its cells.
    """
    statements, said = recall(REMEMBERED, source, lambda: _parsed(source), len(source.text))
    for diagnostic in said:
        report.add(diagnostic)
    return list(statements)


def _parsed(source: Source) -> tuple[tuple[s.Statement, ...], tuple[Diagnostic, ...]]:
    report = Report()
    with adding(report):
        statements = tuple(_statements(source, report))
    other = _other_than_spec(source, statements)
    if other is None:
        return statements, tuple(report)
    return tuple(s.Broken(statements[0].span, keyword, "", other) for keyword in NEEDED), (other,)


def _other_than_spec(source: Source, statements: Sequence[s.Statement]) -> Diagnostic | None:
    """What is said of a file that is plainly no spec: most of its lines are none, and nothing names a network.

    A file that is not called `.arch` may hold an example of one.
    """
    strange = [x.span for x in statements if isinstance(x, s.Broken) and not x.keyword]
    named = any(
        isinstance(x, s.Network | s.Broken) and getattr(x, "keyword", "network") == "network" for x in statements
    )
    lines = sum(not line.isspace() for line in source.lines if line)
    ours = source.name.endswith(".arch") or source.name.startswith("<")
    if 2 * len(strange) <= lines or (named and ours):
        return None
    return not_a_spec(strange[0], len(strange), lines)


def _statements(source: Source, report: Report) -> list[s.Statement]:
    statements: list[s.Statement] = []
    table: list[Span] = []
    apart = False  # whether a blank line stands between the last statement and what comes
    for number, text in enumerate(source.lines, 1):
        spend(LINE + CHARACTER * len(text))
        if len(text) > LONGEST_LINE:
            report.add(line_too_long(Span(source, number, 0, 0), len(text)))
            continue
        code = _code(text)
        start = len(code) - len(code.lstrip())
        line = Span(source, number, start, len(code))
        if code[start:].startswith("|") or _lacks_bar(line, table):
            table.append(line)
            continue
        if table and not (not code and text.strip()):  # a comment alone does not end a table
            _close(table, statements, apart, report)
        apart = not code and (apart or not text.strip())
        if code:
            _append(_statement(line, report), statements, report)
    _close(table, statements, apart, report)
    return statements


def _code(text: str) -> str:
    """A line without its comment."""
    start = _behind_row(text)
    return (text[:start] + COMMENT.sub(lambda m: m[0] if m[0][0] == '"' else "", text[start:])).rstrip()


def _behind_row(text: str) -> int:
    """Where a comment may begin: in a row of a table, behind its last `|`, as papers print `#params`."""
    return text.rfind("|") + 1 if text.lstrip().startswith("|") else 0


def parse_cell(cell: s.Cell, start: str, report: Report) -> Any:
    """One cell, or one option of the command line, by the rule that its kind asks for; None if it cannot be read."""
    if cell.read_as is not None and start == "chain":
        return cell.read_as
    at = cell.span
    key = (at.line, at.start, at.end, start)
    if key not in at.source.reads:
        at.source.reads[key] = Remembered(lambda: _read(at, start))
    found, wrong = at.source.reads[key].get()
    for diagnostic in wrong:
        report.add(diagnostic)
    return found


def _read(at: Span, start: str) -> tuple[Any, tuple[Diagnostic, ...]]:
    said = Report()
    return read(at, start, said), tuple(said)


def comments(source: Source) -> dict[int, tuple[str, bool]]:
    """What the comments of a file say, by their lines, and whether a line holds nothing else."""
    found: dict[int, tuple[str, bool]] = {}
    for number, text in enumerate(source.lines, 1):
        if "#" in text and len(text) <= LONGEST_LINE:
            said = next((m[0] for m in COMMENT.finditer(text, _behind_row(text)) if m[0][0] == "#"), None)
            if said is not None:
                found[number] = said.lstrip("#").strip(), text.strip() == said.strip()
    return found


def _append(statement: s.Statement, statements: list[s.Statement], report: Report) -> None:
    """A statement after the others; `then` goes to the block above it."""
    last = statements[-1] if statements else None
    if not isinstance(statement, s.Then):
        statements.append(statement)
    elif isinstance(last, s.Block) and not last.then:
        statements[-1] = last.replaced(then=statement.chain)
    elif not (isinstance(last, s.Broken) and last.keyword == "block"):
        report.add(then_without_block(statement.span))


def _close(lines: list[Span], statements: list[s.Statement], apart: bool, report: Report) -> None:
    """The table of these lines, to where it belongs."""
    if not lines:
        return
    first, *others = parted(lines, report)
    lines.clear()
    _place(table_of(first, report), statements, apart, report)
    statements += [table_of(other, report) for other in others]


def _place(table: s.Table, statements: list[s.Statement], apart: bool, report: Report) -> None:
    """A table after the others, or to the statement that it belongs to; that of a block stands right below it."""
    last = statements[-1] if statements else None
    free = isinstance(last, TABLED) and last.table is None and not getattr(last, "names", ())
    below = isinstance(last, s.Block | s.Head) and apart
    if isinstance(last, s.Block | s.Head) and below and free and table.header is None and not getattr(last, "then", ()):
        report.add(table_apart(table.span, last.name.text))  # no table of layers looks like this one
        below = False
    if isinstance(last, TABLED) and free and not below:
        if isinstance(last, s.Block) and last.then:
            report.add(then_above(last.then[0].span.to(last.then[-1].span)))
        statements[-1] = last.replaced(table=table) if table.spanned is None else _broken(last, table.spanned, report)
    elif not (isinstance(last, s.Broken) and last.keyword in OWNERS and not (apart and last.keyword in BELOW)):
        # a broken line takes its table along
        statements.append(table)


def _broken(owner: Any, second: tuple[s.Cell, ...], report: Report) -> s.Broken:
    """A statement whose table has a second line of headers."""
    wrong = second_line(second[0].span.to(second[-1].span))
    report.add(wrong)
    name = owner.name.text if isinstance(owner, s.Block | s.Head) else ""
    return s.Broken(owner.span, OWNERS[TABLED.index(type(owner))], name, wrong)


def _lacks_bar(line: Span, above: Sequence[Span]) -> bool:
    """Whether a line is a row without its first `|`; one that starts with a statement is one only below such rows."""
    if not bars_of(line.text):
        return False
    below = bool(above) and not above[-1].text.startswith("|")
    return below or _word(line.text) not in {"", *STATEMENTS}


def _word(text: str) -> str:
    """The word that a line starts with."""
    word = re.match(r"[^\s(:\"]*", text)
    return word[0] if word else ""


def _statement(line: Span, report: Report) -> s.Statement:
    keyword = _word(line.text)
    name = re.match(r"\S+\s+([\w-]*)", line.text)
    if keyword not in STATEMENTS:
        spend(MISTAKE, line)
        wrong = unknown_statement(line.within(0, max(len(keyword), 1)), keyword, STATEMENTS)
        report.add(wrong)
        return s.Broken(line, closest(keyword, STATEMENTS) or "", name[1] if name else "", wrong)
    inside = Report()
    statement: s.Statement | None = read(line, STATEMENTS[keyword], inside)
    for wrong in inside:
        report.add(wrong)
    if statement is not None:
        return statement
    return s.Broken(line, keyword, name[1] if name else "", next(iter(inside)))
