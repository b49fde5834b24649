"""Specs of the generators and of the corpus, with slips and hostile words, and all that can be asked of them."""

from __future__ import annotations

from archspec import loads
from fuzz.choices import Choices
from fuzz.targets.text import ask_all
from fuzz.texts import spec

NEEDS: tuple[str, ...] = ()


def given(pen: Choices) -> str:
    """A text."""
    return spec(pen)


def ask(given: str) -> None:
    """Compile it."""
    ask_all(loads(given))
