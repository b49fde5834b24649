"""The differences of two networks, and of a network with itself, in every form of the report."""

from __future__ import annotations

import json

from slips import changed

from archspec import Compiled, loads
from archspec.render.formats import json_text
from archspec.reports.diff.compare import compare
from archspec.reports.diff.report import as_data, as_html, as_markdown, as_text
from archspec.support.terminal import Style
from fuzz.choices import Choices
from fuzz.judge import demand, demand_plain
from fuzz.texts import spec, words

NEEDS: tuple[str, ...] = ()


def given(pen: Choices) -> tuple[str, str]:
    """Two specs, of which the second is mostly the first with a slip."""
    near, places = pen.chance(70), Choices(bytes(pen.number(0, 255) for _ in range(16)))
    first = spec(pen)
    return first, changed(first, places.drawn, words()) if near else spec(pen)


def ask(given: tuple[str, str]) -> None:
    """Compare them, one way and the other."""
    a, b = (loads(text).checked() for text in given)
    there, back = _said(a, b), _said(b, a)
    rows = [sum(isinstance(row, dict) and "same" not in row for row in data["rows"]) for data in (there, back)]
    demand(rows[0] == 0 if given[0] == given[1] else True, f"a network differs from itself: {rows}")
    demand(bool(rows[0]) == bool(rows[1]), f"only one way has differences: {rows}")


def _said(a: Compiled, b: Compiled) -> dict[str, list[object]]:
    found = compare(a, b, (a.name, b.name))
    demand_plain(as_text(found, Style(False), None), "a difference")
    as_markdown(found)
    as_html(found)
    data: dict[str, list[object]] = json.loads(json_text(as_data(found)))
    return data
