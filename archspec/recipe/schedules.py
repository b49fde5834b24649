"""Learning rates: ``0.1, divide by 10 at 32k, 48k iterations; warm-up 400 iterations at 0.01``."""

from __future__ import annotations

from typing import ClassVar

from archspec.arguments import count, number, optional, word
from archspec.recipe.part import Part, positive, several


class Schedule(Part):
    """A part of how the learning rate goes. Lengths and points are in epochs or in iterations (optimizer steps)."""

    setting: ClassVar[str] = "lr"


class Rate(Schedule):
    """The learning rate to start from."""

    forms: ClassVar[tuple[str, ...]] = ("{rate}",)

    rate = positive()


class DivideOnPlateau(Schedule):
    """Divided whenever the held-out top-1 error has not fallen for so many epochs, so often at most."""

    forms: ClassVar[tuple[str, ...]] = ("divide by {factor} on plateau",)

    factor = positive()
    patience = count(5)
    times = optional(count())


class DivideAt(Schedule):
    """Divided at points in time."""

    forms: ClassVar[tuple[str, ...]] = ("divide by {factor} at {points...} {unit}",)

    factor = positive()
    points = several(positive())
    unit = word("epochs", "iterations")


class DivideEvery(Schedule):
    """Divided again and again."""

    forms: ClassVar[tuple[str, ...]] = ("divide by {factor} every {period} {unit}",)

    factor = positive()
    period = positive()
    unit = word("epochs", "iterations")


class MultiplyEvery(Schedule):
    """Multiplied again and again: ``multiply by 0.96 every 8 epochs`` is "decreased by 4 % every 8 epochs"."""

    forms: ClassVar[tuple[str, ...]] = ("multiply by {factor} every {period} {unit}",)

    factor = positive(most=1)
    period = positive()
    unit = word("epochs", "iterations")


class Cosine(Schedule):
    """Half a cosine from the rate to ``to`` at the end: Loshchilov and Hutter 2017, arXiv:1608.03983."""

    forms: ClassVar[tuple[str, ...]] = ("cosine",)

    to = number(0.0, least=0)


class Polynomial(Schedule):
    """The rate times (1 - t/T) to a power, to ``to`` at the end."""

    forms: ClassVar[tuple[str, ...]] = ("polynomial {power}",)

    power = positive()
    to = number(0.0, least=0)


class WarmUp(Schedule):
    """At first another rate: a constant one (``at 0.01``), or one that rises on a line from ``start`` to the rate.

    The other parts of the schedule keep their points in time.
    """

    forms: ClassVar[tuple[str, ...]] = ("warm-up {length} {unit} at {rate}", "warm-up {length} {unit}")

    length = positive()
    unit = word("epochs", "iterations")
    rate = optional(positive())
    start = number(0.0, least=0)
