"""The page of one spec: its networks with their tables, figures and code, and its printed figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from archspec.budget import Exhausted, current, portion
from archspec.compiled import Compiled
from archspec.counting.conventions import Counting
from archspec.ir.network import Value
from archspec.page.counts import rules_of
from archspec.page.document import data, document
from archspec.page.figure import figure_of
from archspec.page.members import Shown, networks_of, shown_of
from archspec.page.printed import Prints, prints_of
from archspec.page.rows import table_of
from archspec.page.side import side_of
from archspec.page.sources import Linked, code_of, spec_of
from archspec.render.checks import misprints_text
from archspec.render.formats import value_text
from archspec.support.limits import MOST_OF_OTHERS, MOST_ON_PAGE
from archspec.support.terminal import printable

PARTS = ("table", "figure", "code", "spec")
"""What a page has of each network, in the order of the script."""


class Kept:
    """The parts of all networks of a page, each once however many networks have it."""

    def __init__(self) -> None:
        self.shown: dict[str, list[Any]] = {name: [] for name in PARTS}
        """For the template."""
        self.read: dict[str, list[Any]] = {name: [] for name in PARTS}
        """For the script."""

    def add(self, name: str, shown: Any, read: Any) -> tuple[int, int]:
        """The numbers of both halves of a part."""
        return _place(self.shown[name], shown), _place(self.read[name], read)


def _place(known: list[Any], part: Any) -> int:
    if part not in known:
        known.append(part)
    return known.index(part)


class Member(NamedTuple):
    """One network of a page, with the numbers of its parts."""

    label: str
    parts: Sequence[tuple[int, int]]
    facts: Sequence[str]
    """Its input and its parameters."""
    weight_layers: int


class Page(NamedTuple):
    """The page of a spec, and what an index says of it."""

    title: str
    networks: Sequence[Compiled]
    prints: Prints
    text: str


def page_of(
    spec: str,
    parameters: Mapping[str, Value] = {},
    input: tuple[int, ...] | None = None,
    home: Mapping[str, str] | None = None,
) -> Page:
    """The page of a spec; ``home`` has the addresses of its site. Raises ArchError where it is wrong."""
    networks = networks_of(spec, parameters, input)
    prints = prints_of(spec, networks)
    kept = Kept()
    members = [_member(kept, Shown(networks[0], {}))]
    members += _others(kept, networks)
    view = _view(networks, members, kept, prints)
    title = printable(networks[0].network.title or networks[0].network.name)
    text = document("network", title, home=home or {}, file=printable(Path(spec).name), **view)
    return Page(title, networks, prints, text)


def _view(networks: Sequence[Compiled], members: Sequence[Member], kept: Kept, prints: Prints) -> dict[str, Any]:
    """What the template places, and what the script reads."""
    first = networks[0]
    network = first.network
    rules = [_rule(each) for each in rules_of(first)]
    return {
        "heading": printable(network.display_name if len(networks) == 1 else network.title or network.name),
        "papers": [printable(str(paper)) for paper in network.own_papers],
        "members": members,
        "shown": kept.shown,
        "totals": first.totals,
        "rules": rules,
        "prints": prints,
        "several": len(networks) > 1,
        "misprints": _misprints(networks),
        "side": side_of(networks),
        "missing": _missing(networks, members),
        "read": data({"members": [_read(each) for each in members], "rules": rules, "parts": kept.read}),
    }


def _others(kept: Kept, networks: Sequence[Compiled]) -> list[Member]:
    """The networks after the first, as many as a part of the request affords."""
    found: list[Member] = []
    with suppress(Exhausted), portion(current(), MOST_OF_OTHERS):
        for shown in shown_of(networks)[1:]:
            found.append(_member(kept, shown))
    return found


def _member(kept: Kept, shown: Shown) -> Member:
    """One network, whose parts are kept once all of them are made."""
    compiled, network = shown.compiled, shown.compiled.network
    table, figure, code = table_of(compiled), figure_of(compiled), code_of(compiled)
    spec = spec_of(compiled)
    parts = [
        kept.add("table", table.lines, table.data),
        kept.add("figure", figure, None),
        kept.add("code", code.texts, _links(code)),
        kept.add("spec", spec.texts, _links(spec)),
    ]
    settings = ", ".join(f"{name}={value_text(value)}" for name, value in network.parameters.items())
    facts = [f"input {network.input_shape}", *([printable(settings)] if settings else [])]
    return Member(printable(shown.label), parts, facts, compiled.totals.weight_layers)


def _links(linked: Linked) -> list[Any]:
    return [linked.own, linked.shared, linked.ranges]


def _read(member: Member) -> list[Any]:
    """A network as the script reads it."""
    return [member.parts, member.facts, member.weight_layers]


def _rule(counting: Counting) -> tuple[str, list[str]]:
    return counting.name, counting.describe()


def _misprints(networks: Sequence[Compiled]) -> list[str]:
    """The cells of layers that are printed wrong."""
    return [*dict.fromkeys(line for each in networks if each.misprints for line in _lines(each))]


def _lines(compiled: Compiled) -> list[str]:
    return misprints_text(compiled.misprints).split("\n")


def _missing(networks: Sequence[Compiled], members: Sequence[Member]) -> list[str]:
    """What the page does not hold."""
    own = networks[0].network.parameters
    said = []
    if len(members) < len(networks):
        said.append(f"{len(networks) - len(members)} of the {len(networks)} variants, which are too much for one page")
    if own:
        said.append(f"other values of {', '.join(map(printable, own))} than those that the claims of the spec name")
    if len(members) == MOST_ON_PAGE:
        said.append(f"more than {MOST_ON_PAGE} networks")
    return said
