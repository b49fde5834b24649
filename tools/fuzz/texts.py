"""Texts of specs: what the generators of the tests and the corpus give, with slips and hostile words put in."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

from random_graphs import graphs
from random_programs import written
from random_specs import specs
from slips import SIGNS, changed

from archspec import ops
from archspec.reports import reference
from fuzz.choices import Choices

ROOT = Path(__file__).parents[2]
LONGEST = 4_000
"""Characters of a spec of the corpus that is changed: a large one takes the time of many small ones."""
HOSTILE = [
    "<evil onload=1>", "</script><evil>", "]]>", "&lt;", "\\input{evil}", "$x^2$", '#read("evil")', "=evil()", "@evil",
    "`", "|", "\n", "\x1b[31m", "\x07", "\u202e", "\u200b", "\u2028", "\0", "\ud800", "a\u0301", "文", "∑", '"""',
    "'''", "{evil}", "%s", "__import__", "../evil", "/etc/passwd", "nn", "self", "torch", "os", "forward", "None",
    "-1", "0", "1e-300", "1e308", "nan", "inf", "999999999999", "1000000000000", "0.1", "1/3", "2**99",
    "lambda", "json", "round_to(in, 8)", "min(in, 1)", "if in > 3", "x 1000000", "x 0", "/0", "!", "?",
]  # fmt: skip
"""Words that mean something where text of a spec ends up, and numbers at the limits."""


@cache
def words() -> list[str]:
    """What slips put in: signs, all words of the language, and what is hostile."""
    return [*SIGNS, *HOSTILE, *ops.names(), *(topic for topic in reference.topics() if " " not in topic)]


@cache
def corpus() -> list[str]:
    """The smaller specs of the corpus, which have what random ones lack: claims, papers and recipes."""
    texts = (path.read_text("utf-8") for path in sorted((ROOT / "specs").glob("*.arch")))
    return [text for text in texts if len(text) <= LONGEST]


def plain(pen: Choices) -> str:
    """The text of a spec as a generator gives it, or one of the corpus."""
    kinds: list[Callable[[], str | None]] = [
        lambda: written(pen),
        lambda: written(pen),
        lambda: pen.one_of(corpus()),
        lambda: pen.one_of(corpus()),
        lambda: pen.of(graphs()),
        lambda: pen.of(specs()),
    ]
    return pen.one_of(kinds)() or corpus()[0]


def spec(pen: Choices) -> str:
    """The text of a spec with no slip, one, or a few."""
    count = pen.one_of((0, 0, 1, 1, 2, 5))
    places = Choices(bytes(pen.number(0, 255) for _ in range(16 * count)))
    text = plain(pen)
    for _ in range(count):
        text = changed(text, places.drawn, words())
    return text
