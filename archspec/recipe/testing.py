"""Test protocols: ``resize 256; crop 224``, ``resize 256; 10 crops``, ``resize 224, 256, 288; dense``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from archspec.arguments import count
from archspec.recipe.part import Contradiction, Part, Parts, one_of, several


class Protocol(Part):
    """How held-out images are looked at. The mean is taken of the probabilities of all views."""

    setting: ClassVar[str] = "test"

    def wrong(self, parts: Parts, place: int) -> Iterator[Contradiction]:
        if any(type(part) is type(self) for part in parts["test"][:place]):
            yield Contradiction("the protocol says this twice", help="leave one of them out")


class Sides(Protocol):
    """The shorter side to a length in pixels; to several of them, one after the other (multi-scale)."""

    forms: ClassVar[tuple[str, ...]] = ("resize {sides...}",)

    sides = several(count())


class Central(Protocol):
    """The central square; without this line it has the size of the network's input."""

    forms: ClassVar[tuple[str, ...]] = ("crop {size}",)

    size = count()

    def wrong(self, parts: Parts, place: int) -> Iterator[Contradiction]:
        yield from super().wrong(parts, place)
        for sides in (part.sides for part in parts["test"] if isinstance(part, Sides)):
            if self.size > min(sides):
                yield Contradiction(f"a crop of {self.size} pixels is larger than an image whose side is {min(sides)}")


class Crops(Protocol):
    """One view, or ten: the four corners and the centre, and their mirror images (Krizhevsky et al. 2012)."""

    forms: ClassVar[tuple[str, ...]] = ("crops {number}", "{number} crops")

    number = one_of(1, 10)


class Dense(Protocol):
    """The whole image, fully connected layers as convolutions (Simonyan and Zisserman 2015, section 3.2)."""

    forms: ClassVar[tuple[str, ...]] = ("dense",)

    def wrong(self, parts: Parts, place: int) -> Iterator[Contradiction]:
        yield from super().wrong(parts, place)
        if any(isinstance(part, Central | Crops) for part in parts["test"]):
            yield Contradiction("a dense evaluation takes whole images, and a crop parts of them", help="leave one out")


class Mirrored(Protocol):
    """Each view and its mirror image."""

    forms: ClassVar[tuple[str, ...]] = ("flip",)
