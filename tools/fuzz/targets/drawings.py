"""Figures of networks, in every style, format and width."""

from __future__ import annotations

from typing import NamedTuple
from xml.etree import ElementTree

from archspec import ArchError, loads
from archspec.figures.files import format_names, style_names
from fuzz.choices import Choices
from fuzz.judge import demand, demand_no_evil
from fuzz.texts import HOSTILE, spec

NEEDS: tuple[str, ...] = ()
WIDTHS = ["8.5cm", "6cm", "1000mm", "12in", "0cm", "1e9pt", "-3cm", "8.5", ""]
SVG = "{http://www.w3.org/2000/svg}"


class Asked(NamedTuple):
    """A spec, and how it is drawn."""

    text: str
    style: str
    ending: str
    width: str | None


def given(pen: Choices) -> Asked:
    """A spec in one of the styles, as one of the formats."""
    style = pen.one_of([*style_names(), *style_names(), pen.one_of(HOSTILE)])
    ending = pen.one_of([*format_names(), "svg", "svg", pen.one_of(HOSTILE)])
    width = pen.one_of([None, None, None, *WIDTHS])
    return Asked(spec(pen), style, ending, width)


def ask(given: Asked) -> None:
    """Draw it; an SVG holds nothing that runs."""
    drawn = loads(given.text).checked().draw(given.style, given.width)
    try:
        made = drawn.written(given.ending)
    except ArchError as error:
        demand(str(error), "a refusal without a word")
        return
    demand(made, "an empty figure")
    if given.ending == "svg":
        root = ElementTree.fromstring(str(made))
        demand(root.tag == f"{SVG}svg", "an SVG that is none")
        demand(all(each.tag != f"{SVG}script" for each in root.iter()), "an SVG with a script")
        demand_no_evil(str(made), "a figure")
