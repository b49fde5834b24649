"""The networks of ``specs/``, which need no torch to be compiled."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from archspec.api import variants
from archspec.compiled import Compiled

ROOT = Path(__file__).parent.parent
SPECS = sorted((ROOT / "specs").glob("*.arch"))


@cache
def corpus() -> dict[str, Compiled]:
    """Every variant of every spec, by `file:variant`; compiled once for all tests of a process."""
    return {
        f"{path.name}:{compiled.network.variant or ''}".rstrip(":"): compiled
        for path in SPECS
        for compiled in variants(str(path))
    }
