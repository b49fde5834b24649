"""Test protocols: ``resize 256; crop 224``, ``resize 256; 10 crops``, ``resize 224, 256, 288; dense``."""

from __future__ import annotations

from typing import ClassVar

from archspec.arguments import count
from archspec.recipe.part import Part, several


class Protocol(Part):
    """How held-out images are looked at. The mean is taken of the probabilities of all views."""

    setting: ClassVar[str] = "test"


class Sides(Protocol):
    """The shorter side to a length in pixels; to several of them, one after the other (multi-scale)."""

    forms: ClassVar[tuple[str, ...]] = ("resize {sides...}",)

    sides = several(count())


class Central(Protocol):
    """The central square; without this line it has the size of the network's input."""

    forms: ClassVar[tuple[str, ...]] = ("crop {size}",)

    size = count()


class Crops(Protocol):
    """One view, or ten: the four corners and the centre, and their mirror images (Krizhevsky et al. 2012)."""

    forms: ClassVar[tuple[str, ...]] = ("crops {number}", "{number} crops")

    number = count()


class Dense(Protocol):
    """The whole image, fully connected layers as convolutions (Simonyan and Zisserman 2015, section 3.2)."""

    forms: ClassVar[tuple[str, ...]] = ("dense",)


class Mirrored(Protocol):
    """Each view and its mirror image."""

    forms: ClassVar[tuple[str, ...]] = ("flip",)
