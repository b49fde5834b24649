"""A cell of layers as it is set in print: brackets as stacks, and steps that need a line each."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple, TypeAlias

LONGEST = 34
"""A cell of more characters has each of its steps on a line of its own."""
WIDEST = 44
"""A line of more characters goes on below, from one of its commas on."""
TIMES = re.compile(r"(?<=\d)\s*[x×]\s*(?=\d)|(?<=\s)[x×](?=\s)")
"""The sign between the sides of a size, and that before a repetition."""
REPEATED = re.compile(r"\s*[x×]\s+(?P<times>\S.*)|\s*[x×](?P<digits>\d.*)", re.DOTALL)
OPEN, CLOSE = "([", ")]"


class Stack(NamedTuple):
    """Steps in brackets, below one another, and what stands behind the brackets."""

    lines: tuple[str, ...]
    times: str = ""
    """How often they stand there, as written: ``3``; empty where they stand there once."""


Piece: TypeAlias = str | Stack


class Laid(NamedTuple):
    """A cell as its steps, on one line or each on its own."""

    steps: tuple[tuple[Piece, ...], ...]
    apart: bool


def laid(text: str, longest: int = LONGEST) -> Laid:
    """How a cell of layers is set, whose steps are apart where it is longer than so many characters."""
    steps = [*_apart(text)]
    return Laid(tuple(tuple(_pieces(step)) for step in steps), len(steps) > 1 and len(text) > longest)


def lines_of(words: str, widest: int = WIDEST) -> list[str]:
    """Words in lines that end behind commas, none wider than it must be."""
    lines = [""]
    for part in re.findall(r"[^,]*,?", words)[:-1]:
        if lines[-1] and len(lines[-1]) + len(part.rstrip()) > widest:
            lines.append("")
        lines[-1] += part if lines[-1] else part.lstrip()
    return [line.rstrip() for line in lines]


def multiplied(text: str, sign: str) -> str:
    """A text with a sign for the ``x`` of sizes and repetitions."""
    return TIMES.sub(lambda found: found[0].replace("x", sign).replace("×", sign), text)


def _pieces(step: str) -> Iterator[Piece]:
    """The words of a step, and its bracket if it has one."""
    start = _first(step, "[")
    if start is None:
        yield step
        return
    end = start + 1 + len(next(_split(step[start + 1 :], "]")))
    before, inner, behind = step[:start].strip(), step[start + 1 : end], step[end + 1 :]
    if before:
        yield before
    repeated = REPEATED.fullmatch(behind)
    yield Stack(tuple(_apart(inner)), (repeated["times"] or repeated["digits"]).strip() if repeated else "")
    if not repeated and behind.strip():
        yield behind.strip()


def _apart(text: str) -> Iterator[str]:
    """The steps of a chain."""
    return (step.strip() for step in _split(text, ";") if step.strip())


def _first(text: str, sign: str) -> int | None:
    """Where a sign stands first, outside of parentheses and quotes."""
    before = next(_split(text, sign))
    return len(before) if len(before) < len(text) else None


def _split(text: str, sign: str) -> Iterator[str]:
    """The parts of a text between signs outside of brackets, parentheses and quotes."""
    depth, quoted, start = 0, False, 0
    for i, c in enumerate(text):
        if c == '"':
            quoted = not quoted
        elif quoted:
            continue
        elif c == sign and not depth:
            yield text[start:i]
            start = i + 1
        elif c in OPEN:
            depth += 1
        elif c in CLOSE:
            depth = max(depth - 1, 0)
    yield text[start:]
