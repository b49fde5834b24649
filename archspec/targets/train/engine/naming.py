"""Names of classes: as the data have them, in checkpoints, and on a terminal."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from archspec.targets.train.engine.images import Images
from archspec.targets.train.engine.recipe import CLASSES

# Names of classes.


def class_names(images: Images) -> list[str]:
    """What the data call their classes; numbers where they have no names."""
    names = held(images, "classes") or ()
    found = [str(name).encode("utf-8", "backslashreplace").decode() for name in names]
    return found if len(found) == CLASSES else [str(each) for each in range(CLASSES)]


def held(images: Any, name: str) -> Any:
    """What a set of images has under a name, or one that it is made of; else None."""
    while not hasattr(images, name):
        if not hasattr(images, "images"):
            return None
        images = images.images
    return getattr(images, name)


# if centred
def mean_image(images: Images) -> Tensor | None:
    """The mean training image, which is subtracted from each."""
    found = held(images, "mean")
    return found if isinstance(found, Tensor) else None


# end
def are_names(found: Any) -> bool:
    """Whether what a file holds are the names of the network's classes."""
    named = isinstance(found, list) and all(isinstance(name, str) for name in found)
    return named and len(found) == CLASSES


def printable(text: str) -> str:
    """A text on one line, with escapes for what a terminal would act upon."""
    return "".join(each if each.isprintable() else ascii(each)[1:-1] for each in text)
