"""Learning rates: ``0.1, divide by 10 at 32k, 48k iterations; warm-up 400 iterations at 0.01``."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any, ClassVar

from archspec.arguments import count, number, optional
from archspec.op import Call
from archspec.recipe.lengths import length_in
from archspec.recipe.part import Code, Contradiction, Line, Part, Parts, plain, positive, several, unit
from archspec.support.sources import beside, filled

SOURCE = beside(__name__)


class Schedule(Part):
    """A part of how the learning rate goes. Lengths and points are in epochs or in iterations (optimizer steps)."""

    setting: ClassVar[str] = "lr"
    alone: ClassVar[bool] = False
    """Whether it says how the rate goes all along, so that no other part but a warm-up may stand beside it."""
    rank: ClassVar[int] = 2
    """Where its statements stand: the rate first, then the warm-up."""
    module: ClassVar[str] = ""
    """The name of the class that it needs."""

    def statements(self) -> tuple[Line, ...]:
        """What it does to ``rate`` in a function of ``step``, from 0, the steps ``per_epoch`` and all ``steps``."""
        return ()

    def source(self, resumes: bool = True) -> str:
        """The class that it needs, in a program that resumes, or in one that does not."""
        return ""

    def of_library(self, rate: float, alike: bool) -> Call | None:
        """Torch's own schedule of an ``optimizer``, where it has it and no other part is; all rates are ``alike``."""
        return None

    def wrong(self, parts: Parts, place: int) -> Iterator[Contradiction]:
        others = [part for part in parts["lr"][:place] if not isinstance(part, Rate | WarmUp)]
        if place == 0 and not isinstance(self, Rate):
            yield Contradiction(
                "`lr` starts with the rate", help="write the rate first: `0.1, divide by 10 on plateau`"
            )
        if not isinstance(self, Rate | WarmUp) and any(self.alone or getattr(part, "alone", False) for part in others):
            yield Contradiction("the rate goes in two ways at once", help="leave one of them out")


class Division(Schedule):
    """One that divides the rate."""

    factor = positive()

    def wrong(self, parts: Parts, place: int) -> Iterator[Contradiction]:
        yield from super().wrong(parts, place)
        if self.factor <= 1:
            help = f"write `divide by {1 / self.factor:g}`" if self.factor < 1 else None
            yield Contradiction(f"a rate divided by {self.factor:g} does not fall", help=help)


def rate_of(parts: Parts) -> float:
    """The learning rate to start from."""
    return next(part.rate for part in parts["lr"] if isinstance(part, Rate))


def _length(length: float, unit: str) -> str:
    """A length in optimizer steps."""
    return f"{plain(length)} * per_epoch" if unit == "epochs" else plain(length)


def _periods(period: float, unit: str) -> str:
    """How many whole periods are over."""
    if period == 1:
        return "(step // per_epoch)" if unit == "epochs" else "step"
    length = f"({_length(period, unit)})" if unit == "epochs" else plain(period)
    return f"(step // {length})" if period.is_integer() else f"int(step // {length})"


def _late(what: str, point: float, unit: str, parts: Parts) -> Iterator[Contradiction]:
    """The complaint about a point in time that is not before the end."""
    end = length_in(unit, parts)
    if end is not None and point >= end:
        yield Contradiction(f"{what} {point:,g} {unit}, and the training ends after {end:,g}")


class Rate(Schedule):
    """The learning rate to start from."""

    forms: ClassVar[tuple[str, ...]] = ("{rate}",)

    rank: ClassVar[int] = 0

    rate = positive()

    def statements(self) -> tuple[Line, ...]:
        return (Line(f"rate = {self.rate!r}"),)

    def wrong(self, parts: Parts, place: int) -> Iterator[Contradiction]:
        if place > 0:
            yield Contradiction(
                "the rate to start from is said twice", help="a warm-up's is `warm-up 5 epochs at 0.01`"
            )


class DivideOnPlateau(Division):
    """Divided whenever the held-out top-1 error has not fallen for so many epochs, so often at most."""

    forms: ClassVar[tuple[str, ...]] = ("divide by {factor} on plateau",)
    alone: ClassVar[bool] = True

    patience = count(5)
    times = optional(count())
    module: ClassVar[str] = "Plateau"

    def source(self, resumes: bool = True) -> str:
        words = {"FACTOR": plain(self.factor), "PATIENCE": str(self.patience)}
        if self.times is None:
            often = " or self.divided == TIMES" if resumes else " and self.divided < TIMES"
            words |= {", TIMES times at most": "", often: ""}
        else:
            words |= {"TIMES": str(self.times)}
        return filled(SOURCE.definition(self.module, resumes=resumes), words)

    def of_library(self, rate: float, alike: bool) -> Call:
        factor = 1 / self.factor
        least = Code(f'[g["lr"] * {factor!r}**{self.times} for g in optimizer.param_groups]')
        options: dict[str, Any] = {"factor": factor, "patience": self.patience - 1, "threshold": 0.0, "eps": 0.0}
        if self.times is not None:
            options["min_lr"] = Code(f"{rate!r} * {factor!r}**{self.times}") if alike else least
        return Call("ReduceLROnPlateau", {"optimizer": Code("optimizer")}, options)


class DivideAt(Division):
    """Divided at points in time."""

    forms: ClassVar[tuple[str, ...]] = ("divide by {factor} at {points...} {unit}",)

    points = several(positive())
    unit = unit()

    def statements(self) -> tuple[Line, ...]:
        points = [Code(plain(point)) for point in self.points]
        clock = Code("step / per_epoch" if self.unit == "epochs" else "step")
        return (Line(f"rate /= {self.factor!r} ** ", Call("bisect", {"a": points, "x": clock})),)

    def wrong(self, parts: Parts, place: int) -> Iterator[Contradiction]:
        yield from super().wrong(parts, place)
        if any(first >= second for first, second in pairwise(self.points)):
            yield Contradiction("the points in time do not rise", help="write them in order")
        yield from _late("the rate is divided after", max(self.points), self.unit, parts)


class DivideEvery(Division):
    """Divided again and again."""

    forms: ClassVar[tuple[str, ...]] = ("divide by {factor} every {period} {unit}",)

    period = positive()
    unit = unit()

    def statements(self) -> tuple[Line, ...]:
        return (Line(f"rate /= {self.factor!r} ** {_periods(self.period, self.unit)}"),)

    def wrong(self, parts: Parts, place: int) -> Iterator[Contradiction]:
        yield from super().wrong(parts, place)
        yield from _late("the rate is first divided after", self.period, self.unit, parts)


class MultiplyEvery(Schedule):
    """Multiplied again and again: ``multiply by 0.96 every 8 epochs`` is "decreased by 4 % every 8 epochs"."""

    forms: ClassVar[tuple[str, ...]] = ("multiply by {factor} every {period} {unit}",)

    factor = positive(most=1)
    period = positive()
    unit = unit()

    def statements(self) -> tuple[Line, ...]:
        return (Line(f"rate *= {self.factor!r} ** {_periods(self.period, self.unit)}"),)

    def wrong(self, parts: Parts, place: int) -> Iterator[Contradiction]:
        yield from super().wrong(parts, place)
        yield from _late("the rate is first multiplied after", self.period, self.unit, parts)


class Cosine(Schedule):
    """Half a cosine from the rate to ``to`` at the end: Loshchilov and Hutter 2017, arXiv:1608.03983."""

    forms: ClassVar[tuple[str, ...]] = ("cosine",)
    alone: ClassVar[bool] = True

    to = number(0.0, least=0)

    def statements(self) -> tuple[Line, ...]:
        return _towards(self.to, "(1 + math.cos(math.pi * step / steps)) / 2")


class Polynomial(Schedule):
    """The rate times (1 - t/T) to a power, to ``to`` at the end."""

    forms: ClassVar[tuple[str, ...]] = ("polynomial {power}",)
    alone: ClassVar[bool] = True

    power = positive()
    to = number(0.0, least=0)

    def statements(self) -> tuple[Line, ...]:
        share = "1 - step / steps"
        return _towards(self.to, share if self.power == 1 else f"math.pow({share}, {plain(self.power)})")


def _towards(to: float, share: str) -> tuple[Line, ...]:
    """A share of the way from an end to the rate."""
    if to == 0:
        return (Line(f"rate *= {share}"),)
    return Line(f"left = {share}"), Line(f"rate = {to!r} + (rate - {to!r}) * left")


class WarmUp(Schedule):
    """At first another rate: a constant one (``at 0.01``), or one that rises on a line from ``start`` to the rate.

    The other parts of the schedule keep their points in time.
    """

    forms: ClassVar[tuple[str, ...]] = ("warm-up {length} {unit} at {rate}", "warm-up {length} {unit}")

    rank: ClassVar[int] = 1

    length = positive()
    unit = unit()
    rate = optional(positive())
    start = number(0.0, least=0)

    def statements(self) -> tuple[Line, ...]:
        if self.rate is not None:
            return Line(f"if step < {_length(self.length, self.unit)}:"), Line(f"    return {self.rate!r}")
        rising = f"{self.start!r} + (rate - {self.start!r})" if self.start else "rate"
        return (
            Line(f"warm_up = {_length(self.length, self.unit)}"),
            Line("if step < warm_up:"),
            Line(f"    return {rising} * step / warm_up"),
        )

    def wrong(self, parts: Parts, place: int) -> Iterator[Contradiction]:
        yield from super().wrong(parts, place)
        if any(isinstance(part, WarmUp) for part in parts["lr"][:place]):
            yield Contradiction("there is one warm-up", help="leave one of them out")
        if self.rate is not None and self.start:
            yield Contradiction("a warm-up has one rate or rises from a start", help="leave one of them out")
        yield from _late("the warm-up lasts", self.length, self.unit, parts)
