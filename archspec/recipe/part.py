"""The contract of a part of a recipe: an optimizer, a schedule, an augmentation, a test protocol.

A part knows its arguments, how a spec writes it and what it is in torch, and nothing of places or files. Its name
appears in its own file alone.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any, ClassVar, NamedTuple

from archspec.arguments import Argument, Declared
from archspec.op import Call
from archspec.recipe.facts import Facts
from archspec.support.frozen import Frozen
from archspec.support.limits import LARGEST


class Code(Frozen):
    """An expression that stands as it is among the arguments of a call: ``step / per_epoch``."""

    text: str

    def __str__(self) -> str:
        return self.text


class Line(NamedTuple):
    """A statement of the training program; ``value`` is what may be long, and is then laid out on several lines.

    Blanks in front of ``before`` are its indent within the function.
    """

    before: str
    value: Call | list[Any] | dict[str, Any] | None = None
    after: str = ""


class Contradiction(Frozen):
    """What is wrong with a recipe whose parts are each right: in which part of which setting, and why."""

    message: str
    why: str | None = None
    help: str | None = None
    setting: str = ""
    part: int = 0


class Hole(Frozen):
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
    asks_code: ClassVar[bool] = False
    """Whether only the emitted module tells if the network has what it needs."""
    forms: ClassVar[tuple[str, ...]] = ()

    @classmethod
    @cache
    def spelled(cls) -> str:
        """Its name in the IR: that of its class, with hyphens, ``divide-at``."""
        return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", cls.__name__).lower()

    @classmethod
    @cache
    def patterns(cls) -> tuple[tuple[str | Hole, ...], ...]:
        """The forms as words and holes, in the order in which they are tried."""
        return tuple(tuple(_hole(word) if word[0] == "{" else word for word in form.split()) for form in cls.forms)

    def wrong(self, parts: Parts, place: int) -> Iterator[Contradiction]:
        """What contradicts the other parts; ``place`` is its own among those of its setting."""
        return iter(())

    def misfits(self, facts: Facts) -> Iterator[Contradiction]:
        """What the emitted module lacks that it needs."""
        return iter(())


BELOW_ONE = "a number from 0 and below 1"
Parts = Mapping[str, Sequence[Part]]
"""The parts of a recipe by their settings."""


def _hole(word: str) -> Hole:
    name = word.strip("{}")
    return Hole(name.removesuffix("..."), name.endswith("..."))


def positive(default: Any = ..., most: float | None = None) -> Argument[float]:
    """A number above zero: a learning rate, a deviation."""

    def read(value: Any) -> float | None:
        fits = _finite(value) and value > 0
        return float(value) if fits and (most is None or value <= most) else None

    return Argument(read, "a number above 0" + (f" of at most {most:g}" if most is not None else ""), default)


def below_one(default: Any = ...) -> Argument[float]:
    """A number from 0 and below 1: the decay of a mean."""
    return Argument(lambda value: float(value) if _finite(value) and 0 <= value < 1 else None, BELOW_ONE, default)


def reach(default: Any = ..., least: float = 0.0, most: float = math.inf) -> Argument[tuple[float, float]]:
    """A range, ``0.08..1``, or one number for both of its ends."""
    bounds = f"from {least:g}" + (f" to {most:g}" if math.isfinite(most) else "")
    return Argument(_ends(least, most, _finite), f"a number or a rising range such as 0.08..1, {bounds}", default)


def lengths(default: Any = ...) -> Argument[tuple[int, int]]:
    """A range of pixels, ``256..512``, or one number for both of its ends."""
    expects = "a whole number or a rising range such as 256..512, from 1 to 10000"
    return Argument(_ends(1, 10_000, lambda end: _finite(end) and isinstance(end, int)), expects, default)


def _ends(least: float, most: float, fits: Callable[[Any], bool]) -> Callable[[Any], Any]:
    def read(value: Any) -> Any:
        ends = value if isinstance(value, tuple) else (value, value)
        numbers = len(ends) == 2 and all(fits(end) for end in ends)
        return ends if numbers and least <= ends[0] <= ends[1] <= most else None

    return read


def _finite(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= LARGEST


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


def plain(number: float) -> str:
    """A number as one writes it by hand: 10 rather than 10.0."""
    return repr(int(number)) if float(number).is_integer() and abs(number) < 1e15 else repr(number)


def unit() -> Argument[str]:
    """What a length or a point in time counts: ``epochs`` or ``iterations``."""
    words = {"epoch": "epochs", "iteration": "iterations", "epochs": "epochs", "iterations": "iterations"}
    return Argument(lambda value: words.get(str(value)), "`epochs` or `iterations`")


def one_of(*numbers: int) -> Argument[int]:
    """One of some numbers."""
    expects = " or ".join(map(str, numbers))
    return Argument(lambda value: value if type(value) is int and value in numbers else None, expects)
