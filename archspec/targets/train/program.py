"""The engine as a program holds it: what stands in ``engine/``, without what its recipe has no use for."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from archspec.support.sources import Source

FOLDER = Path(__file__).parent / "engine"
COPIED = (
    "processes", "data", "evaluation", "checkpoints", "account", "learner", "run", "training", "command",
)  # fmt: skip
"""The files that every program has, in its order. Others are taken in parts, or stand for a network and a recipe."""
NETWORK = "architecture.network()"
"""A new network, as the engine has it."""


def engine_file(name: str) -> Source:
    """A file of the engine."""
    return Source(FOLDER / f"{name}.py")


def engine(make: str, options: Mapping[str, bool]) -> str:
    """The part of a program that is the same for all recipes with these options; ``make`` makes its network."""
    return "\n\n\n".join(engine_file(name).text(**options) for name in COPIED).replace(NETWORK, f"{make}()")


@cache
def importable() -> dict[str, tuple[str, str]]:
    """What programs import at their top, by the name that they use: the module, and what is taken from it."""
    found = {"bisect": ("bisect", "bisect")}
    for path in sorted(FOLDER.glob("*.py")):
        found |= Source(path).imports()
    return found
