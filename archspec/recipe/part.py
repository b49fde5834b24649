"""The contract of a part of a recipe: an optimizer, a schedule, an augmentation, a test protocol.

A part knows its arguments, how a spec writes it and what it is in torch, and nothing of places or files. Its name
appears in its own file alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar, NamedTuple

from archspec.arguments import Argument, Declared


class Contradiction(NamedTuple):
    """What is wrong with a recipe whose parts are each right: in which part of which setting, and why."""

    message: str
    why: str | None = None
    help: str | None = None
    setting: str = ""
    part: int = 0


class Hole(NamedTuple):
    """A place in a form that an argument fills; ``many`` where it takes all values that stand there."""

    argument: str
    many: bool = False


class Part(Declared):
    """One part of one setting. Making one raises Misfit, as making an op does.

    ``forms`` say how a spec writes it: words, and arguments in braces, ``divide by {factor} at {points...} {unit}``.
    Arguments that no form names are written behind a comma: ``momentum=0.9``, or a flag by its name alone, its
    underscores as blanks: ``nesterov``, ``no bias decay``.
    """

    setting: ClassVar[str]
    """The setting that it is a part of: ``optimizer``."""
    forms: ClassVar[tuple[str, ...]] = ()

    @classmethod
    def spelled(cls) -> str:
        """Its name in the IR: that of its class, with hyphens, ``divide-at``."""
        return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", cls.__name__).lower()

    @classmethod
    def patterns(cls) -> Iterator[tuple[str | Hole, ...]]:
        """The forms as words and holes, in the order in which they are tried."""
        for form in cls.forms:
            yield tuple(_hole(word) if word[0] == "{" else word for word in form.split())

    def wrong(self, parts: Parts, place: int) -> Iterator[Contradiction]:
        """What contradicts the other parts; ``place`` is its own among those of its setting."""
        return iter(())

    @property
    def given(self) -> dict[str, Any]:
        """The arguments that differ from their defaults."""
        return {n: self.__dict__[n] for n, a in self.arguments.items() if a.required or self.__dict__[n] != a.default}


Parts = Mapping[str, Sequence[Part]]
"""The parts of a recipe by their settings."""


def _hole(word: str) -> Hole:
    name = word.strip("{}")
    return Hole(name.removesuffix("..."), name.endswith("..."))


def positive(default: Any = ..., most: float | None = None) -> Argument[float]:
    """A number above zero: a learning rate, a deviation."""

    def read(value: Any) -> float | None:
        fits = isinstance(value, int | float) and not isinstance(value, bool) and value > 0
        return float(value) if fits and (most is None or value <= most) else None

    return Argument(read, "a number above 0" + (f" of at most {most:g}" if most is not None else ""), default)


def reach(default: Any = ..., least: float = 0.0) -> Argument[tuple[float, float]]:
    """A range, ``256..512``, or one number for both of its ends."""

    def read(value: Any) -> tuple[float, float] | None:
        ends = value if isinstance(value, tuple) else (value, value)
        numbers = len(ends) == 2 and all(isinstance(n, int | float) and not isinstance(n, bool) for n in ends)
        return ends if numbers and least <= ends[0] <= ends[1] else None

    return Argument(read, f"a number or a rising range such as 256..512, from {least:g}", default)


def several(of: Argument[Any], default: Any = ...) -> Argument[tuple[Any, ...]]:
    """One or more values of a kind, ``32k, 48k`` or ``conv2, conv4``."""

    def read(value: Any) -> tuple[Any, ...] | None:
        values = value if isinstance(value, tuple) else (value,)
        found = tuple(of.read(each) for each in values)
        return found if found and None not in found else None

    return Argument(read, f"one or more of {of.expects}", default)


def text(default: Any = ...) -> Argument[str]:
    """A word: the name of a row or of a variant."""
    return Argument(lambda value: str(value) if isinstance(value, str | int) else None, "a name", default)


def unit() -> Argument[str]:
    """What a length or a point in time counts: ``epochs`` or ``iterations``."""
    words = {"epoch": "epochs", "iteration": "iterations", "epochs": "epochs", "iterations": "iterations"}
    return Argument(lambda value: words.get(str(value)), "`epochs` or `iterations`")


def one_of(*numbers: int) -> Argument[int]:
    """One of some numbers."""
    return Argument(lambda value: value if type(value) is int and value in numbers else None, " or ".join(map(str, numbers)))
