"""The author's reason for a figure: the comment that stands beside it in the spec."""

from __future__ import annotations

import re
from functools import cached_property, lru_cache

from archspec.diagnostics import Source, Span
from archspec.language.parse import comments

FILES_KEPT = 8
"""An audit asks of one file after the other: a spec, and those that it is like."""
SHORTEST_NAME, SHORTEST_NUMBER = 3, 4
"""A figure of fewer characters, such as 42, may be in a sentence without being meant; 54M is long enough."""
AS_WRITTEN = "   "
"""What a line of a comment begins with in a spec that keeps its place, such as one of a list or of a table."""

KEPT = "  "
"""What such a line begins with in a reason."""


def comment_beside(span: Span, printed: str) -> str:
    """The comment of a figure: of its line or right above, else where its print is named, else above its table.

    It is one paragraph: an empty line of a comment parts it from what is said of other figures. Lines that are
    indented are lines of the result too, indented by two; all others are one line.
    """
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
        if len(printed) < (SHORTEST_NUMBER if printed.isdigit() else SHORTEST_NAME):
            return ""
        word = re.compile(rf"(?<![\w.,]){re.escape(printed)}(?!\w)")
        found = [(start, text) for start, _, text in self._paragraphs if word.search(text)]
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
        """The last paragraph of the comment right above a line."""
        below = line
        while self._alone(below - 1) and not self._said[below - 1][0]:
            below -= 1
        return next((text for start, end, text in self._paragraphs if end == below - 1), "")

    @cached_property
    def _paragraphs(self) -> list[tuple[int, int, str]]:
        """The texts of lines that hold nothing but comments, up to an empty one, with their first and last lines."""
        found: list[tuple[int, int, str]] = []
        open = False
        for number in range(1, len(self._lines) + 1):
            text = self._said[number][0] if self._alone(number) else ""
            if text and open:
                first, last, before = found[-1]
                found[-1] = first, number, f"{before}{self._between(last)}{self._placed(number)}"
            elif text:
                found.append((number, number, self._placed(number)))
            open = bool(text)
        return found

    def _between(self, line: int) -> str:
        """What parts a line of a paragraph from the next one."""
        return "\n" if self._as_written(line) or self._as_written(line + 1) else " "

    def _placed(self, line: int) -> str:
        said = self._said[line][0]
        return f"{KEPT}{said}" if self._as_written(line) else said

    def _as_written(self, line: int) -> bool:
        return self._lines[line - 1].strip().lstrip("#").startswith(AS_WRITTEN)

    def _alone(self, line: int) -> bool:
        return self._said.get(line, ("", False))[1]

    def _is_row(self, line: int) -> bool:
        return self._lines[line - 1].lstrip().startswith("|")
