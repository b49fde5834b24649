"""What archspec says when something is wrong: places, diagnostics, reports.

A diagnostic is plain data. Its code is stable; the docstring of the function that makes it is the long
explanation that ``archspec explain CODE`` prints.
"""

from __future__ import annotations

import sys
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from itertools import accumulate
from typing import Any, Literal, ParamSpec

from archspec.support.frozen import Frozen, lazy
from archspec.support.limits import MOST_SHOWN
from archspec.support.markup import without_markup
from archspec.support.terminal import Style, printable, style_for, width

P = ParamSpec("P")
Severity = Literal["error", "warning"]
IN_USE = "in this use"
WIDEST_EXCERPT = 200
"""Characters of a line that are shown: more are cut around what is underlined. Most rows of tables have fewer."""


class Source(Frozen):
    """A text with a name: a spec file, standard input, or one option of the command line."""

    name: str
    text: str

    def __repr__(self) -> str:
        return f"Source({self.name!r})"

    @lazy
    def lines(self) -> list[str]:
        """The text, split once, without what Markdown puts into the cells of a pasted table."""
        return [without_markup(line) for line in self.printed]

    @lazy
    def printed(self) -> list[str]:
        """The lines as they stand in the file."""
        return self.text.split("\n")

    def at(self, start: int, end: int) -> Span:
        """The characters from ``start`` to ``end`` of the text, as far as they stand in one line."""
        line = bisect_right(self._starts, start)
        first = self._starts[line - 1]
        return Span(self, line, start - first, max(min(end - first, len(self.lines[line - 1])), start - first + 1))

    @lazy
    def _starts(self) -> list[int]:
        """Where the lines start."""
        return [0, *accumulate(len(line) + 1 for line in self.lines)]

    @lazy
    def reads(self) -> dict[tuple[int, int, int, str], Any]:
        """What was read of it, by place and rule, with what was said then: a family reads each cell many times."""
        return {}


class Said(Source):
    """A text that stands in no file: an option of the command line, or what a program gives."""


class Span(Frozen):
    """Characters ``start`` to ``end`` (from 0, end excluded) of line ``line`` (from 1) of a source."""

    source: Source
    line: int
    start: int
    end: int

    @property
    def text(self) -> str:
        """The characters that it covers."""
        return self.source.lines[self.line - 1][self.start : self.end]

    def to(self, other: Span, shorter: bool = False) -> Span:
        """From the start of this one to the end of the other, on the same line; to the later of both ends otherwise."""
        return Span(self.source, self.line, self.start, other.end if shorter else max(self.end, other.end))

    def within(self, start: int, end: int) -> Span:
        """A part of this span, given by offsets from its start."""
        return Span(self.source, self.line, self.start + start, self.start + end)

    def __str__(self) -> str:
        if isinstance(self.source, Said):
            return self.source.name
        return f"{self.source.name}:{self.line}:{self.start + 1}"


def text_span(origin: str, text: str) -> Span:
    """All of a text that stands in no file, such as an option: ``origin`` says what it is."""
    return Span(Said(origin, text), 1, 0, max(len(text), 1))


class Later:
    """Lines that are worked out when somebody reads them, once; a copy of them in another process is worked out."""

    def __init__(self, compute: Callable[[], Iterable[str]]) -> None:
        self._compute = compute

    @cached_property
    def lines(self) -> tuple[str, ...]:
        """The lines."""
        return tuple(self._compute())

    def __reduce__(self) -> tuple[Any, ...]:
        return _known, (self.lines,)


def _known(lines: tuple[str, ...]) -> Later:
    return Later(partial(tuple, lines))


@dataclass(frozen=True)
class Diagnostic:
    """One mistake: what it is, where, the arithmetic behind it (``notes``) and one likely mend (``help``)."""

    code: str
    message: str
    span: Span | None = None
    label: str = ""
    notes: tuple[str, ...] = ()
    help: str | None = None
    severity: Severity = "error"
    second: tuple[Span, str] | None = None
    tried: Later | None = field(default=None, compare=False, repr=False)
    """Mends that were tried and work, one a line."""

    @property
    def mends(self) -> tuple[str, ...]:
        """What was tried and works, best first; it is tried when somebody asks."""
        return self.tried.lines if self.tried else ()

    @property
    def in_block(self) -> bool:
        """Whether it stands inside a block, beside a use that brings it up."""
        return self.second is not None and self.second[1] == IN_USE

    def used(self, use: Span) -> Diagnostic:
        """A mistake inside a block, with a use of the block that brings it up."""
        return replace(self, second=(use, IN_USE))

    def __str__(self) -> str:
        return diagnostic_text(self)

    def noted(self, note: str) -> Diagnostic:
        """The diagnostic with one more note."""
        return replace(self, notes=(*self.notes, note))

    def to_dict(self) -> dict[str, object]:
        """The diagnostic as JSON-ready data; lines and columns count from 1."""
        return {
            "code": self.code,
            "severity": self.severity,
            "message": self.message,
            "place": self.span and place_of(self.span),
            "label": self.label,
            "notes": list(self.notes),
            "mends": list(self.mends),
            "help": self.help,
            "second": self.second and {"place": place_of(self.second[0]), "label": self.second[1]},
        }


def place_of(span: Span) -> dict[str, object]:
    """A place as JSON-ready data; lines and columns count from 1."""
    return {
        "file": span.source.name,
        "line": span.line,
        "column": span.start + 1,
        "end_column": span.end + 1,
    }


class ArchError(Exception):
    """The spec is wrong. ``diagnostics`` holds everything that was found, in the order of the file."""

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        self.diagnostics = tuple(diagnostics)
        super().__init__(self.diagnostics)

    def __str__(self) -> str:
        shown = [str(diagnostic) for diagnostic in self.diagnostics[:MOST_SHOWN]]
        beyond = len(self.diagnostics) - len(shown)
        return "\n\n".join([*shown, *[f"and {beyond:,} more"] * bool(beyond)])


class Report:
    """Collects diagnostics, so that a pass goes on after a mistake and one run reports them all."""

    def __init__(self, found: Iterable[Diagnostic] = ()) -> None:
        self._found: dict[Diagnostic, None] = dict.fromkeys(found)
        self.suspected: set[Diagnostic] = set()
        """What is wrong with a family if it is so in every member."""
        self.blamed: dict[str, Diagnostic] = {}
        """By their names, parameters that are set to another kind of value, which is what is wrong if anything is."""

    def add(self, diagnostic: Diagnostic) -> None:
        """Note a diagnostic; the same one twice is one."""
        self._found[diagnostic] = None

    def suspect(self, diagnostic: Diagnostic) -> None:
        """Note what is a diagnostic of a family where every one of its members gives it."""
        self.suspected.add(diagnostic)

    def __iter__(self) -> Iterator[Diagnostic]:
        """In the order of the file; what has no place comes first."""
        return iter(sorted(self._found, key=lambda d: (d.span.line, d.span.start) if d.span else (0, 0)))

    @property
    def failed(self) -> bool:
        return has_error(self._found)

    def raise_if_failed(self) -> None:
        if self.failed:
            raise ArchError(self)


def has_error(diagnostics: Iterable[Diagnostic]) -> bool:
    """Whether any of them is more than a warning."""
    return any(diagnostic.severity == "error" for diagnostic in diagnostics)


def diagnostic_text(diagnostic: Diagnostic, style: Style | None = None) -> str:
    """A diagnostic as text: message, place, the characters underlined, the arithmetic, one mend."""
    style = style or Style()
    colour = "red" if diagnostic.severity == "error" else "yellow"
    head = style(f"{diagnostic.severity}[{diagnostic.code}]", "bold", colour)
    lines = [f"{head}{style(': ' + printable(diagnostic.message), 'bold')}"]
    margin = ""
    if diagnostic.span:
        margin = " " * len(str(diagnostic.span.line))
        lines += _excerpt(diagnostic.span, diagnostic.label, style, colour)
    if diagnostic.second:
        lines += _excerpt(*diagnostic.second, style, "blue")
    edge = style(f"{margin} =", "blue")
    lines += [f"{edge} {printable(note)}" for note in diagnostic.notes]
    helps = (*diagnostic.mends, *[diagnostic.help or ""] * bool(diagnostic.help))
    lines += [f"{edge} {style('help:', 'bold')} {printable(help)}" for help in helps]
    return "\n".join(lines)


def _excerpt(span: Span, label: str, style: Style, colour: str) -> list[str]:
    number = " " if isinstance(span.source, Said) else str(span.line)  # which has one line
    margin = " " * len(number)
    text = span.source.printed[span.line - 1]
    first = (
        max(0, min(span.start, span.end - WIDEST_EXCERPT // 2) - WIDEST_EXCERPT // 2)
        if len(text) > WIDEST_EXCERPT
        else 0
    )
    shown = printable(text[first : first + WIDEST_EXCERPT])
    before = width(printable(text[first : span.start]))
    under = max(width(printable(text[span.start : min(span.end, first + WIDEST_EXCERPT)])), 1)
    bar = style("|", "blue")
    return [
        f"{margin}{style('-->', 'blue')} {printable(str(span))}",
        f"{margin} {bar}",
        f"{style(number, 'blue')} {bar} {shown}".rstrip(),
        f"{margin} {bar} {' ' * before}{style('^' * under + (' ' + label if label else ''), 'bold', colour)}",
        f"{margin} {bar}",
    ]


def show(diagnostics: Iterable[Diagnostic], every: bool = False) -> None:
    """Print diagnostics on standard error; after a hundred they are counted unless ``every`` one is wanted.

    Errors come before warnings there: a warning never takes the place of an error.
    """
    found, style = list(diagnostics), style_for(sys.stderr)
    shown = found if every else sorted(found, key=lambda diagnostic: diagnostic.severity != "error")[:MOST_SHOWN]
    few = frozenset(map(id, shown))
    for diagnostic in (diagnostic for diagnostic in found if id(diagnostic) in few):
        print(diagnostic_text(diagnostic, style) + "\n", file=sys.stderr)
    if not every and len(found) > MOST_SHOWN:
        print(f"and {len(found) - MOST_SHOWN:,} more; `--all` shows them\n", file=sys.stderr)


EXPLANATIONS: dict[str, str] = {}


def explained(code: str) -> Callable[[Callable[P, Diagnostic]], Callable[P, Diagnostic]]:
    """Register the docstring of a function that makes a diagnostic as the explanation of its code."""

    def register(make: Callable[P, Diagnostic]) -> Callable[P, Diagnostic]:
        assert code not in EXPLANATIONS, f"{code} is taken"
        EXPLANATIONS[code] = make.__doc__ or ""
        return make

    return register
