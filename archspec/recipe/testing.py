"""Test protocols: ``resize 256; crop 224``, ``resize 256; 10 crops``, ``resize 224, 256, 288; dense``."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from typing import ClassVar

from archspec.arguments import count
from archspec.recipe.facts import Facts
from archspec.recipe.part import Contradiction, Part, Parts, one_of, several
from archspec.support.frozen import Frozen


class Look(Frozen):
    """How a held-out image is looked at: the central square, of the size of the network's input, unless said."""

    sides: tuple[int, ...] = ()
    """What the shorter side is resized to, one after the other; none where it stays."""
    size: int | None = None
    """The side of a crop."""
    crops: int | None = 1
    """1, 10, or None: the whole image."""
    mirrored: bool = False

    @property
    def doubles(self) -> bool:
        """Whether each view has its mirror image beside it; ten crops have theirs already."""
        return self.mirrored and self.crops != 10


class Protocol(Part, ABC):
    """How held-out images are looked at. The mean is taken of the probabilities of all views."""

    setting: ClassVar[str] = "test"

    @abstractmethod
    def applied(self, look: Look) -> Look:
        """The protocol with this part of it."""

    def wrong(self, parts: Parts, place: int) -> Iterator[Contradiction]:
        if any(type(part) is type(self) for part in parts["test"][:place]):
            yield Contradiction("the protocol says this twice", help="leave one of them out")


def look_of(parts: Sequence[Part]) -> Look:
    """What the parts of a protocol say together."""
    look = Look()
    for part in parts:
        look = part.applied(look) if isinstance(part, Protocol) else look
    return look


class Sides(Protocol):
    """The shorter side to a length in pixels; to several of them, one after the other (multi-scale)."""

    forms: ClassVar[tuple[str, ...]] = ("resize {sides...}",)

    sides = several(count())

    def applied(self, look: Look) -> Look:
        return look.replaced(sides=self.sides)


class Central(Protocol):
    """The size of a crop; without this line that of the network's input."""

    forms: ClassVar[tuple[str, ...]] = ("crop {size}",)

    size = count()

    def applied(self, look: Look) -> Look:
        return look.replaced(size=self.size)

    def wrong(self, parts: Parts, place: int) -> Iterator[Contradiction]:
        yield from super().wrong(parts, place)
        for sides in (part.sides for part in parts["test"] if isinstance(part, Sides)):
            if self.size > min(sides):
                yield Contradiction(f"a crop of {self.size} pixels is larger than an image whose side is {min(sides)}")


class Crops(Protocol):
    """The central crop, or ten of the central square: corners, centre and mirror images (Krizhevsky et al. 2012)."""

    forms: ClassVar[tuple[str, ...]] = ("crops {number}", "{number} crops")

    number = one_of(1, 10)

    def applied(self, look: Look) -> Look:
        return look.replaced(crops=self.number)


class Dense(Protocol):
    """The whole image, fully connected layers as convolutions (Simonyan and Zisserman 2015, section 3.2)."""

    forms: ClassVar[tuple[str, ...]] = ("dense",)

    def applied(self, look: Look) -> Look:
        return look.replaced(crops=None)

    def wrong(self, parts: Parts, place: int) -> Iterator[Contradiction]:
        yield from super().wrong(parts, place)
        if any(isinstance(part, Central | Crops) for part in parts["test"]):
            yield Contradiction("a dense evaluation takes whole images, and a crop parts of them", help="leave one out")

    def misfits(self, facts: Facts) -> Iterator[Contradiction]:
        if not facts.dense:
            yield Contradiction("the network has no fully connected layer that could be a convolution")


class Mirrored(Protocol):
    """Each view and its mirror image; ten crops have theirs already."""

    forms: ClassVar[tuple[str, ...]] = ("flip",)

    def applied(self, look: Look) -> Look:
        return look.replaced(mirrored=True)
