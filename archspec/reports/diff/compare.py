"""Two networks side by side: rows by their layers, blocks by their names, and what every difference costs.

Costs are those of rows; nothing is unrolled.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from archspec.compiled import Compiled
from archspec.counting.quantities import ACTIVATIONS, MULT_ADDS, PARAMS, WEIGHT_LAYERS
from archspec.ir.network import Network
from archspec.reports.diff.rows import Change, Differing, Rows, Same
from archspec.reports.diff.spoken import shown
from archspec.reports.diff.structure import Structure
from archspec.reports.diff.work import WorkDone, work_done
from archspec.support.bound import difference, total

COUNTED = "counted"
"""The setting that is the counting rule."""


class BlockChange(NamedTuple):
    """A block that differs, with the rows of which it is the only difference, and what it costs there."""

    name: str
    changes: tuple[str, ...]
    rows: tuple[str, ...]
    params: int | None
    mult_adds: int | None


class Total(NamedTuple):
    """One quantity of the whole networks."""

    quantity: str
    a: int
    b: int

    @property
    def difference(self) -> int | None:
        """How much more the second has; None where that is not known."""
        return difference(self.a, self.b)

    @property
    def ratio(self) -> float | None:
        """How many times as much the second has; None where that is not known, or the first has nothing."""
        return self.b / self.a if self.a and self.difference is not None else None


class Difference(NamedTuple):
    """What differs between two networks."""

    a: str
    b: str
    settings: tuple[tuple[str, str, str], ...]
    """The input, parameters, counting rule and heads that differ: name, first, second."""
    recounted: tuple[Total, ...]
    """What the first has by its own counting rule and by that of the second, by which all below is counted."""
    rows: tuple[Change | Same, ...]
    blocks: tuple[BlockChange, ...]
    totals: tuple[Total, ...]
    work: WorkDone
    """What they run differently, whatever their tables call it."""


def compare(a: Compiled, b: Compiled, names: tuple[str, str]) -> Difference:
    """The differences of two compiled networks, which go by these names; both are counted by the rule of the second."""
    settings, own = tuple(_settings(a, b)), a
    if a.convention != b.convention:
        a = a.under(b.convention)
    structure = Structure(a.network.blocks, b.network.blocks)
    both = a.network.parameters.keys() & b.network.parameters.keys()
    changed = frozenset(name for name, _, _ in _parameters(a.network, b.network)) & both
    blocks = _blocks(a.network, b.network, structure, changed)
    rows = [*Rows(a, b, structure, blocks)]
    differing = [row for row in rows if isinstance(row, Differing)]
    named = frozenset[str]().union(*(row.blocks for row in differing))
    return Difference(
        *names,
        settings,
        tuple(change for change in _totals(own, a) if change.difference != 0),
        tuple(_folded(rows)),
        tuple(_costed(name, changes, differing) for name, changes in blocks.items() if name in named),
        tuple(_totals(a, b)),
        work_done(a, b),
    )


def _totals(a: Compiled, b: Compiled) -> Iterator[Total]:
    for quantity in (PARAMS, MULT_ADDS, ACTIVATIONS, WEIGHT_LAYERS):
        yield Total(quantity.name, quantity.of(a.totals), quantity.of(b.totals))


def _settings(a: Compiled, b: Compiled) -> Iterator[tuple[str, str, str]]:
    both = a.network.parameters.keys() & b.network.parameters.keys()  # of others, rows show what they come to
    pairs = [
        ("input", str(a.network.input_shape), str(b.network.input_shape)),
        *(each for each in _parameters(a.network, b.network) if each[0] in both),
        (COUNTED, a.convention, b.convention),
        ("heads", *(", ".join(head.name for head in x.network.heads) or "none" for x in (a, b))),
    ]
    return ((name, mine, theirs) for name, mine, theirs in pairs if mine != theirs)


def _parameters(a: Network, b: Network) -> list[tuple[str, str, str]]:
    """The parameters that differ; one that a network lacks is none."""
    names = dict.fromkeys((*a.parameters, *b.parameters))
    pairs = [(name, a.parameters.get(name), b.parameters.get(name)) for name in names]
    return [(name, shown(mine), shown(theirs)) for name, mine, theirs in pairs if mine != theirs]


def _blocks(a: Network, b: Network, structure: Structure, changed: frozenset[str]) -> dict[str, list[str]]:
    """The blocks of both by name, each with what differs; a parameter that differs shows where it is used."""
    found: dict[str, list[str]] = {}
    mine, theirs = ({block.name: block for block in reversed(x.blocks.values())} for x in (a, b))
    for name in mine.keys() & theirs.keys():
        changes = structure.of_blocks(mine[name], theirs[name])
        found[name] = [*changes, *structure.depends(mine[name].steps, changed)]
    return {name: found[name] for name in mine if name in found}


def _folded(rows: Sequence[Differing | Same]) -> Iterator[Change | Same]:
    same = Same(0, 0)
    for row in rows:
        if isinstance(row, Same):
            same = Same(same.rows + row.rows, same.instead + row.instead)
            continue
        if same.rows:
            yield same
        same = Same(0, 0)
        yield row.change
    if same.rows:
        yield same


def _costed(name: str, changes: list[str], rows: Sequence[Differing]) -> BlockChange:
    own = [row.change for row in rows if row.alone and row.blocks == {name}]
    return BlockChange(
        name,
        tuple(changes),
        tuple(change.b.layer for change in own if change.b),
        total(change.params for change in own),
        total(change.mult_adds for change in own),
    )
