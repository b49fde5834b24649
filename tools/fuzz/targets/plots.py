"""Plots of networks for a paper: of every kind, quantity and source."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple
from xml.etree import ElementTree

from archspec import loads
from archspec.reports.plots import Asked as AskedOf
from archspec.reports.plots import kinds
from archspec.reports.plots._plot import AGAINST, drawn
from fuzz.choices import Choices
from fuzz.judge import demand
from fuzz.texts import HOSTILE, spec

NEEDS: tuple[str, ...] = ("matplotlib",)


class Asked(NamedTuple):
    """Specs, and what is drawn of them."""

    texts: tuple[str, ...]
    kind: str
    width: str
    of: AskedOf


def given(pen: Choices) -> Asked:
    """One spec or two, and what is asked."""
    quantity = pen.one_of([None, None, "top-1 error", "params", pen.one_of(HOSTILE)])
    source = pen.one_of([(), (), ("Table",), (pen.one_of(HOSTILE),)])
    of = AskedOf(quantity, source, pen.one_of(AGAINST))
    kind, width = pen.one_of(kinds()), pen.one_of(["8.5cm", "17cm", "0cm", "3in"])
    return Asked(tuple(spec(pen) for _ in range(pen.number(1, 2))), kind, width, of)


def ask(given: Asked) -> None:
    """Draw and save it."""
    groups = [[loads(text).checked()] for text in given.texts]
    found = drawn(groups, given.kind, given.width, given.of)
    with TemporaryDirectory() as folder:
        path = Path(folder, "x.svg")
        found.save(str(path))
        demand(ElementTree.parse(path).getroot().tag.endswith("svg"), "an SVG that is none")
