"""The engine as a program holds it: what stands in ``engine/``, without what its recipe has no use for."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import NamedTuple

from archspec.recipe.augmentations import SOURCE
from archspec.support.sources import Source

FOLDER = Path(__file__).parent / "engine"
EMITTED = SOURCE.path.parent
COPIED = (
    "starts", "processes", "data", "signals", "evaluation", "naming", "weights", "transfer", "checkpoints", "folders",
    "account", "learner", "losses", "course", "run", "training", "scoring", "predicting", "command",
)  # fmt: skip
"""The files that every program has, in its order. Others are taken in parts, or stand for a network and a recipe."""
NETWORK = "architecture.network()"
"""A new network, as the engine has it."""


def engine_file(name: str) -> Source:
    """A file of the engine."""
    return Source(FOLDER / f"{name}.py")


class Options(NamedTuple):
    """What a recipe asks of the engine; its cut marks have these names."""

    files: bool
    """Images are read from files one by one, of which some may be unreadable."""
    bytes: bool
    """Images go to the device as bytes, and not as numbers."""
    draws: bool
    """Training images are augmented, by numbers that are drawn for each."""
    epochs: bool
    """The recipe is as long as its epochs say, and not its iterations."""
    initialises: bool
    plateau: bool
    dense: bool
    clips: bool
    """Long gradients are scaled down."""
    averages: bool
    """A running mean of the weights is tested in their place."""
    init_from: bool
    """The recipe starts from a trained variant."""
    paper: bool
    """The paper reports an error to hold the run beside."""
    sized: bool
    """All images of the data have one size."""
    tensors: bool
    """An image of the data is a tensor, and not a picture."""
    centred: bool
    """The mean training image is subtracted, position by position."""


def engine(make: str, options: Options) -> str:
    """The part of a program that is the same for all recipes with these options; ``make`` makes its network."""
    return "\n\n\n".join(engine_file(name).text(**options._asdict()) for name in COPIED).replace(NETWORK, f"{make}()")


@cache
def importable() -> dict[str, tuple[str, str]]:
    """What programs import at their top, by the name that they use: the module, and what is taken from it."""
    found = {"bisect": ("bisect", "bisect")}  # of schedules, whose text is made
    for path in sorted([*EMITTED.glob("*.py"), *FOLDER.glob("*.py")]):
        found |= Source(path).imports()
    return found
