"""Numbers that remember how they depend on the network's parameters.

A symbol is an ``int`` or a ``float`` with a text, so the rules of the ops run on it unchanged, and what they give
knows how to write itself: ``fc.in_features`` may come out as ``49 * width``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from archspec.ir import Arg

NAME = re.compile(r"[^\W\d]\w*")


class IntSymbol(int):
    """A whole number with the Python expression that gives it."""

    text: str

    def __new__(cls, value: int, text: str) -> IntSymbol:
        made = super().__new__(cls, value)
        made.text = text
        return made

    def __mul__(self, other: int) -> int:
        return self if other == 1 else IntSymbol(int(self) * int(other), f"{_text(other)} * {_text(self)}")

    def __rmul__(self, other: int) -> int:
        return self * other

    def __add__(self, other: int) -> int:
        return IntSymbol(int(self) + int(other), f"{_text(self)} + {_text(other)}")

    def __radd__(self, other: int) -> int:
        return IntSymbol(int(self) + int(other), f"{_text(other)} + {_text(self)}")

    def __sub__(self, other: int) -> int:
        return IntSymbol(int(self) - int(other), f"{_text(self)} - {_text(other)}")

    def __floordiv__(self, other: int) -> int:
        return self if other == 1 else IntSymbol(int(self) // int(other), f"{_text(self)} // {_text(other)}")


class FloatSymbol(float):
    """A fraction with the Python expression that gives it."""

    text: str

    def __new__(cls, value: float, text: str) -> FloatSymbol:
        made = super().__new__(cls, value)
        made.text = text
        return made


def names_in(arg: Arg) -> set[str]:
    """The parameters that an argument depends on."""
    return set(NAME.findall(arg.text)) if arg.text else set()


def symbol(arg: Arg, identifiers: Mapping[str, str], fractions: set[str]) -> Any:
    """An argument as a symbol over the emitted names of its parameters; ``fractions`` are those that are floats."""
    assert arg.text is not None
    text = NAME.sub(lambda m: identifiers[m[0]], arg.text)
    if isinstance(arg.value, int):
        fractional = bool(names_in(arg) & fractions) or "." in text
        text = f"round({text})" if fractional else text.replace(" / ", " // ")
        return IntSymbol(arg.value, text)
    return FloatSymbol(arg.value, text) if isinstance(arg.value, float) else arg.value


def _text(value: int) -> str:
    if isinstance(value, IntSymbol):
        return f"({value.text})" if " " in value.text and not value.text.startswith("round(") else value.text
    return str(value)
