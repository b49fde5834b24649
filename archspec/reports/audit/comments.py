"""The author's reason for a figure: the comment that stands beside it in the spec."""

from __future__ import annotations

import re
from functools import cached_property, lru_cache

from archspec.diagnostics import Source, Span
from archspec.language.parse import comments

FILES_KEPT = 8
"""An audit asks of one file after the other: a spec, and those that it is like."""
SHORTEST_NAME = 4
"""A figure of fewer characters, such as 42, may stand in a sentence without being meant."""


def comment_beside(span: Span, printed: str) -> str:
    """The comment of a figure: of its line or right above, else where its print is named, else above its table."""
    file = _comments_of(span.source)
    return file.of_row(span.line) or file.naming(printed, span.line) or file.above_table(span.line)


@lru_cache(FILES_KEPT)
def _comments_of(source: Source) -> _Comments:
    return _Comments(source)


class _Comments:
    def __init__(self, source: Source) -> None:
        self._lines = source.lines
        self._said = comments(source)

    def of_row(self, line: int) -> str:
        """What stands at the end of a line and right above it."""
        after = self._said.get(line, ("", False))[0]
        return " ".join(filter(None, (self._above(line), after)))

    def naming(self, printed: str, line: int) -> str:
        """The paragraph that names a figure as it is printed; of several the nearest above the line."""
        if len(printed) < SHORTEST_NAME:
            return ""
        word = re.compile(rf"(?<![\w.,]){re.escape(printed)}(?!\w)")
        found = [(start, text) for start, text in self._paragraphs if word.search(text)]
        before = [text for start, text in found if start < line]
        return before[-1] if before else next((text for _, text in found), "")

    def above_table(self, line: int) -> str:
        """What stands above the table of a line, or above the statement that the table belongs to."""
        top = line
        while top > 1 and (self._is_row(top - 1) or self._alone(top - 1)):
            top -= 1
        first = next(number for number in range(top, line + 1) if self._is_row(number))
        if top == 1 or self._above(first):
            return self._above(first)
        owner = first - 1 if self._lines[first - 2].strip() else first
        blank = owner > 1 and not self._lines[owner - 2].strip()
        return self._above(owner - 1 if blank else owner)

    def _above(self, line: int) -> str:
        top = line
        while self._alone(top - 1):
            top -= 1
        return " ".join(filter(None, (self._said[number][0] for number in range(top, line))))

    @cached_property
    def _paragraphs(self) -> list[tuple[int, str]]:
        """The texts of lines that hold nothing but comments, up to an empty one, each with its first line."""
        found: list[tuple[int, str]] = []
        open = False
        for number in range(1, len(self._lines) + 1):
            text = self._said[number][0] if self._alone(number) else ""
            if text and open:
                found[-1] = found[-1][0], f"{found[-1][1]} {text}"
            elif text:
                found.append((number, text))
            open = bool(text)
        return found

    def _alone(self, line: int) -> bool:
        return self._said.get(line, ("", False))[1]

    def _is_row(self, line: int) -> bool:
        return self._lines[line - 1].lstrip().startswith("|")
