"""Which files an audit reads."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence

from archspec.diagnostics import ArchError
from archspec.files import read, specs_below

DEFAULT = "specs"
NETWORK = re.compile(r"^\s*(network|input)\b|\A\s*\{", re.MULTILINE)


def specs_of(names: Sequence[str]) -> list[str]:
    """The specs that are named; a folder names all below it that are networks and no libraries of blocks."""
    found: list[str] = []
    for name in names or [DEFAULT]:
        folder = os.path.isdir(name) or not names
        found += [spec for spec in specs_below(name) if _is_network(spec)] if folder else [name]
    return list(dict.fromkeys(found))


def _is_network(spec: str) -> bool:
    """Whether a file is meant as a network; one that cannot be read is, so that this is said."""
    try:
        return NETWORK.search(read(spec).text) is not None
    except ArchError:
        return True
