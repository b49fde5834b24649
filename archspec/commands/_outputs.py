"""The files that a request writes: each has a path of its own, and none is a file that the request reads."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from archspec.commands import shared


class Planned(NamedTuple):
    """A file that will be written: where, what it holds, and the spec that this is made of."""

    path: Path
    what: str
    spec: str


def clash(planned: Iterable[Planned], read: Sequence[str], verb: str) -> str | None:
    """Why files cannot be written: two share a path, also by way of a link, or one is a spec that is read.

    ``verb`` is what the command does with specs, ``compile``.
    """
    taken: dict[str, Planned] = {}
    specs = {_place(file) for file in map(shared.file_of, read) if Path(file).is_file()}
    for mine in planned:
        place = _place(mine.path)
        if place in specs:
            return f"`{mine.path}` is read, and would be written over: choose another place with `-o`"
        if (other := taken.setdefault(place, mine)) is not mine:
            both = f"{other.what} and {mine.what}"
            if other.spec != mine.spec:
                both = f"{other.what} of {other.spec} and {mine.what} of {mine.spec}"
            return f"{both} would both be {mine.path.name}: {verb} them one by one, each with its own `-o`"
    return None


def over(out: str | Path, read: Sequence[str]) -> str | None:
    """Why the one file of a request cannot be written: it is a spec that is read."""
    return clash([Planned(Path(out), "", "")], read, "")


def _place(path: str | Path) -> str:
    """What is the same for two names of one file, also on systems where the case of letters says nothing."""
    try:
        real = os.path.normcase(os.path.realpath(path))
    except ValueError:  # a zero byte, with which nothing is written
        return str(path)
    return real.casefold() if sys.platform == "darwin" else real
