"""Learning rates: ``0.1, divide by 10 at 32k, 48k iterations; warm-up 400 iterations at 0.01``."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import ClassVar

from archspec.arguments import count, number, optional
from archspec.recipe.lengths import length_in
from archspec.recipe.part import Contradiction, Part, Parts, positive, several, unit


class Schedule(Part):
    """A part of how the learning rate goes. Lengths and points are in epochs or in iterations (optimizer steps)."""

    setting: ClassVar[str] = "lr"
    alone: ClassVar[bool] = False
    """Whether it says how the rate goes all along, so that no other part but a warm-up may stand beside it."""

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


def _late(what: str, point: float, unit: str, parts: Parts) -> Iterator[Contradiction]:
    """The complaint about a point in time that is not before the end."""
    end = length_in(unit, parts)
    if end is not None and point >= end:
        yield Contradiction(f"{what} {point:,g} {unit}, and the training ends after {end:,g}")


class Rate(Schedule):
    """The learning rate to start from."""

    forms: ClassVar[tuple[str, ...]] = ("{rate}",)

    rate = positive()

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


class DivideAt(Division):
    """Divided at points in time."""

    forms: ClassVar[tuple[str, ...]] = ("divide by {factor} at {points...} {unit}",)

    points = several(positive())
    unit = unit()

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

    def wrong(self, parts: Parts, place: int) -> Iterator[Contradiction]:
        yield from super().wrong(parts, place)
        yield from _late("the rate is first divided after", self.period, self.unit, parts)


class MultiplyEvery(Schedule):
    """Multiplied again and again: ``multiply by 0.96 every 8 epochs`` is "decreased by 4 % every 8 epochs"."""

    forms: ClassVar[tuple[str, ...]] = ("multiply by {factor} every {period} {unit}",)

    factor = positive(most=1)
    period = positive()
    unit = unit()

    def wrong(self, parts: Parts, place: int) -> Iterator[Contradiction]:
        yield from super().wrong(parts, place)
        yield from _late("the rate is first multiplied after", self.period, self.unit, parts)


class Cosine(Schedule):
    """Half a cosine from the rate to ``to`` at the end: Loshchilov and Hutter 2017, arXiv:1608.03983."""

    forms: ClassVar[tuple[str, ...]] = ("cosine",)
    alone: ClassVar[bool] = True

    to = number(0.0, least=0)


class Polynomial(Schedule):
    """The rate times (1 - t/T) to a power, to ``to`` at the end."""

    forms: ClassVar[tuple[str, ...]] = ("polynomial {power}",)
    alone: ClassVar[bool] = True

    power = positive()
    to = number(0.0, least=0)


class WarmUp(Schedule):
    """At first another rate: a constant one (``at 0.01``), or one that rises on a line from ``start`` to the rate.

    The other parts of the schedule keep their points in time.
    """

    forms: ClassVar[tuple[str, ...]] = ("warm-up {length} {unit} at {rate}", "warm-up {length} {unit}")

    length = positive()
    unit = unit()
    rate = optional(positive())
    start = number(0.0, least=0)

    def wrong(self, parts: Parts, place: int) -> Iterator[Contradiction]:
        yield from super().wrong(parts, place)
        if any(isinstance(part, WarmUp) for part in parts["lr"][:place]):
            yield Contradiction("there is one warm-up", help="leave one of them out")
        yield from _late("the warm-up lasts", self.length, self.unit, parts)
