"""Slips in a text: a word or a sign that is taken out, doubled, or put in."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence

SIGNS = [*"|:;,()[]=/*+-<>.#&x×", " x ", "..", "==", "no ", " if ", " else ", '"', "\x0b", "3x3", "64", "1e9", "é", "$"]


def changed(text: str, drawn: random.Random, words: Sequence[str] = SIGNS) -> str:
    """A text in which a word or a sign was taken out, doubled or put in."""
    parts = re.findall(r"\s+|\w+|[^\w\s]", text) or [""]
    at = drawn.randrange(len(parts))
    parts[at : at + drawn.choice((0, 1, 1))] = drawn.choice(([], [parts[at]] * 2, [drawn.choice(words)]))
    return "".join(parts)
