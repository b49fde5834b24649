"""Sweeps and budgets of families: every setting against its own count, what is kept against the language."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from members_counted import one_by_one
from slips import changed

import archspec
from archspec import ArchError
from archspec.api import solved
from archspec.expressions import Unfit, evaluate
from archspec.expressions.read import read as read_expression
from archspec.family.formulas.formula import QUANTITIES
from archspec.family.sweeps.files import read
from archspec.family.sweeps.settings import axes_of
from archspec.family.sweeps.sweep import Sweep
from fuzz.choices import Choices
from fuzz.judge import demand
from fuzz.texts import HOSTILE, spec, words

NEEDS: tuple[str, ...] = ("numpy",)
PARAMETER = re.compile(r"(\w+) *=")
VALUES = ["1,2", "1:3", "0,1,5", "0.5,1", "0.5:1.5:0.5", "2", "yes,no", "A,B", "3x3,1", "0", "16:64:16", "10000000,3"]
"""What axes are; a few of each, so that they are counted one by one in the time of a case."""
WRONG = ["1:1e9", "3:1", "1:2:0", "1:2:3:4", "1,1", "", ",", "1:1e5000", "1:1e999999:1e-999999", "nan:3", "-1:1"]
SIDES = ["height", "width", "resolution"]
NUMBERS = ["0", "1", "3", "0.1", "300M", "4e6", "1e300", "10**3", "99999999999999999999", "0.3"]
MOST = 40
"""Settings of a sweep."""


class Asked(NamedTuple):
    """A spec, the values of its axes, and what is kept."""

    text: str
    axes: dict[str, str]
    where: str
    order: tuple[str, ...]
    """Columns to sort by and of a front, the latter behind the first."""
    top: int
    wanted: tuple[str, ...]
    """What a budget, the condition, is solved for."""


def given(pen: Choices) -> Asked:
    """A spec with one to three axes among its parameters, and conditions over them."""
    places = Choices(bytes(pen.number(0, 255) for _ in range(80)))
    text = spec(pen)
    names = PARAMETER.findall(text.partition("\n")[0]) or ["w"]
    axes = {
        _name(places, names): places.one_of(VALUES if places.chance(92) else WRONG) for _ in range(places.number(1, 3))
    }
    columns = [*axes, *QUANTITIES]
    order = tuple(places.one_of(("", "-")) + _name(places, columns) for _ in range(places.number(1, 3)))
    where = _condition(places, columns)
    top, wanted = (
        places.one_of((-1, 0, 1, 2, 3, 10**20)),
        tuple(_name(places, [*axes]) for _ in range(places.number(1, 2))),
    )
    return Asked(text, axes, where, order, top, wanted)


def _name(pen: Choices, names: list[str]) -> str:
    return pen.one_of(names) if pen.chance(90) else pen.one_of([*SIDES, *HOSTILE])


def _condition(pen: Choices, columns: list[str]) -> str:
    parts = [
        f"{_number(pen, columns)} {pen.one_of(('<', '<=', '==', '!=', '>', '>='))} {_number(pen, columns)}"
        for _ in range(pen.number(1, 3))
    ]
    joined = f" {pen.one_of(('and', 'or'))} ".join(f"not ({part})" if pen.chance(15) else part for part in parts)
    return changed(joined, pen.drawn, words()) if pen.chance(10) else joined


def _number(pen: Choices, columns: list[str]) -> str:
    one, other = (pen.one_of([*columns, *columns, *NUMBERS]) for _ in range(2))
    return pen.one_of([one, one, f"{one} {pen.one_of('+-*/')} {other}", f"round_to({one}, 8)", f"floor({one}/3)",
                       f"min({one}, {other})", f"({one} if {other} > 1 else 2)", f"-{one}"])  # fmt: skip


def ask(given: Asked) -> None:
    """Count all settings, keep some, write and read them, and solve for one."""
    axes: dict[str, Any] = axes_of(given.axes)
    size = 1
    for values in axes.values():
        size *= len(values)
    if size > MOST:
        return
    with TemporaryDirectory() as folder:
        path = Path(folder, "fuzz.arch")
        path.write_bytes(given.text.encode("utf-8", "surrogatepass"))
        found = _swept(path, axes)
        _counted(found, path, axes)
        for end in ("csv", "json"):
            found.save(Path(folder, f"x.{end}"))
            demand(_rows(read(str(Path(folder, f"x.{end}")))) == _plain(_rows(found)), f"other rows are read: {end}")
        for keep in (_kept, _ordered, _solved):
            try:
                keep(found, path, given, axes)
            except ArchError as error:
                demand(str(error), "a refusal without a word")


def _swept(path: Path, axes: Mapping[str, Any], **kept: Any) -> Sweep:
    return archspec.sweep(path, of=QUANTITIES, **kept, **axes)


def _counted(found: Sweep, path: Path, axes: Mapping[str, Any]) -> None:
    """Each setting is its own count, and as many are refused; of several faults either may say one first."""
    net = archspec.load(path)
    order = {name: axes[name] for name in [*found.columns][: len(axes)]}
    rows, refused = one_by_one(net, order)
    counts = [tuple(row[name] for name in QUANTITIES) for row in _rows(found)]
    demand(counts == rows, f"a sweep counts otherwise: {counts} and not {rows}")
    number = sum(each.number for each in found.refused)
    demand(number == refused.total(), f"a sweep refuses otherwise: {found.refused} and not {refused}")


def _kept(found: Sweep, path: Path, given: Asked, axes: Mapping[str, Any]) -> None:
    kept = _swept(path, axes, where=given.where)
    rows = _meeting(given.where, _rows(found))
    demand(rows is None or _rows(kept) == rows, f"other rows meet a condition: {_rows(kept)} and not {rows}")


def _meeting(condition: str, rows: list[dict[str, Any]]) -> list[dict[str, Any]] | None:
    """The rows that meet a condition, as the language has it; None where it gives no answer for one."""
    plain = condition.replace("300M", "300000000")
    tree = read_expression(plain)
    others = {name: name for name in tree.names} | {"yes": True, "no": False}
    try:
        return [row for row in rows if evaluate(tree, others | row)]
    except Unfit:
        return None


def _ordered(found: Sweep, path: Path, given: Asked, axes: Mapping[str, Any]) -> None:
    first, *front = given.order
    kept = _swept(path, axes, sort=first, top=given.top)
    name, down = first.removeprefix("-"), first.startswith("-")
    rows = sorted(_rows(found), key=lambda row: row[name], reverse=down)[: given.top]
    demand([row[name] for row in _rows(kept)] == [row[name] for row in rows], f"another order: {_rows(kept)}")
    if front:
        kept = _swept(path, axes, pareto=front)
        demand(_rows(kept) == _front(_rows(found), front), f"another front: {_rows(kept)}")


def _front(rows: list[dict[str, Any]], names: list[str]) -> list[dict[str, Any]]:
    def no_worse(one: dict[str, Any], other: dict[str, Any], name: str) -> bool:
        plain = name.removeprefix("-")
        return bool(one[plain] >= other[plain] if plain != name else one[plain] <= other[plain])

    def betters(one: dict[str, Any], other: dict[str, Any]) -> bool:
        return all(no_worse(one, other, name) for name in names) and not all(no_worse(other, one, n) for n in names)

    return [row for row in rows if not any(betters(other, row) for other in rows)]


def _solved(found: Sweep, path: Path, given: Asked, axes: Mapping[str, Any]) -> None:
    """Of the rows that meet a budget each other setting has the largest one."""
    if not {*given.wanted} <= axes.keys():
        return  # thousands of values are tried where none are given
    best = _rows(solved(str(path), given.axes, QUANTITIES, None, given.where, None, given.wanted).found)
    rows = _meeting(given.where, _rows(found))
    others = [name for name in axes if name not in given.wanted]
    largest: dict[Any, Any] = {}
    for row in rows or ():
        key, size = tuple(row[name] for name in others), tuple(row[name] for name in given.wanted)
        largest[key] = max(largest.get(key, size), size)
    answers = {tuple(row[n] for n in others): tuple(row[n] for n in given.wanted) for row in best}
    demand(rows is None or answers == largest, f"not the largest: {answers} and not {largest}")


def _plain(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows with yes and no as files have them."""
    words = {True: "yes", False: "no"}
    return [{n: words[value] if isinstance(value, bool) else value for n, value in row.items()} for row in rows]


def _rows(found: Sweep) -> list[dict[str, Any]]:
    columns = {name: values.tolist() for name, values in found.columns.items()}
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
