"""Cases of a target: the kept ones, and any number of random ones, each a function of its seed and its index."""

from __future__ import annotations

import random
from functools import partial
from pathlib import Path
from pprint import pformat
from typing import NamedTuple

from fuzz.choices import Choices
from fuzz.judge import Finding, judged
from fuzz.targets import target

CORPUS = Path(__file__).parent / "corpus"
LONGEST = 1_000
"""Bytes of a random case: most programs take less."""
SHOWN = 5_000
"""Characters of what was given that are shown: a file of weights has many."""


class Outcome(NamedTuple):
    """What was given, and how it ended, if that is wrong."""

    given: object
    finding: Finding | None

    def __str__(self) -> str:
        if self.finding is None:
            return f"no finding\n\n{self._shown}"
        return f"{self.finding.kind}\n\n{self.finding.details}\n\n{self._shown}"

    @property
    def _shown(self) -> str:
        text = self.given if isinstance(self.given, str) else pformat(self.given, width=120)
        return text if len(text) <= SHOWN else f"{text[:SHOWN]}..."


def outcome(name: str, data: bytes) -> Outcome:
    """How the case ends that bytes are for a target."""
    asked = target(name)
    given = asked.given(Choices(data))
    return Outcome(given, judged(partial(asked.ask, given)))


def kept(name: str) -> list[bytes]:
    """The cases that are kept of a target: a line each, with Python's escapes."""
    path = CORPUS / f"{name}.txt"
    lines = path.read_text("ascii").splitlines() if path.exists() else []
    return [line.encode("ascii").decode("unicode_escape").encode("latin-1") for line in lines]


def keep(name: str, cases: list[bytes]) -> None:
    """Write the cases to be kept of a target."""
    lines = [case.decode("latin-1").encode("unicode_escape").decode("ascii") for case in cases]
    CORPUS.mkdir(exist_ok=True)
    (CORPUS / f"{name}.txt").write_text("".join(f"{line}\n" for line in lines), "ascii", newline="\n")


def drawn(name: str, seed: object, index: int) -> bytes:
    """A case: random bytes, or one that is kept with some of its bytes changed."""
    choices = random.Random(f"{seed}/{name}/{index}")
    known = kept(name)
    if not known or index % 3:
        return choices.randbytes(choices.randrange(LONGEST))
    data = bytearray(choices.choice(known))
    for _ in range(choices.choice((1, 1, 2, 8))):
        at = choices.randrange(len(data) + 1)
        data[at : at + choices.randrange(3)] = choices.randbytes(choices.randrange(3))
    return bytes(data)
