"""Two networks side by side: rows by their layers, blocks by their names, and what every difference costs.

Costs are those of rows; nothing is unrolled.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from archspec.analysis.cost import RowCost
from archspec.compiled import Compiled
from archspec.counting.quantities import ACTIVATIONS, MULT_ADDS, OUTPUT, PARAMS, WEIGHT_LAYERS
from archspec.ir.network import Block, Instance, Network, Row
from archspec.ir.walking import every_step
from archspec.reports.diff.spoken import shown
from archspec.reports.diff.structure import Structure, matched
from archspec.reports.diff.work import WorkDone, work_done
from archspec.support.bound import difference

Names = Sequence[str]
"""What each row of a network is called."""


class Change(NamedTuple):
    """A row that differs, or that one of the two lacks."""

    a: RowCost | None
    b: RowCost | None
    reasons: tuple[str, ...] = ()

    @property
    def params(self) -> int | None:
        """How many more the second has; None where that is not known."""
        return difference(self.a.params if self.a else 0, self.b.params if self.b else 0)

    @property
    def mult_adds(self) -> int | None:
        """How many more the second has; None where that is not known."""
        return difference(self.a.mult_adds if self.a else 0, self.b.mult_adds if self.b else 0)


class Same(NamedTuple):
    """Rows in succession that are the same."""

    rows: int


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
    """The input, parameters and counting rule that differ: name, first, second."""
    rows: tuple[Change | Same, ...]
    blocks: tuple[BlockChange, ...]
    totals: tuple[Total, ...]
    work: WorkDone
    """What they run differently, whatever their tables call it."""


def compare(a: Compiled, b: Compiled, names: tuple[str, str]) -> Difference:
    """The differences of two compiled networks, which go by these names."""
    structure = Structure(a.network.blocks, b.network.blocks)
    both = a.network.parameters.keys() & b.network.parameters.keys()
    changed = frozenset(name for name, _, _ in _parameters(a.network, b.network)) & both
    blocks = _blocks(a.network, b.network, structure, changed)
    rows = list(_rows(a, b, structure, blocks))
    return Difference(
        *names,
        tuple(_settings(a, b)),
        tuple(_folded(rows)),
        tuple(_costed(name, changes, rows) for name, changes in blocks.items() if changes),
        tuple(
            Total(quantity.name, quantity.of(a.totals), quantity.of(b.totals))
            for quantity in (PARAMS, MULT_ADDS, ACTIVATIONS, WEIGHT_LAYERS)
        ),
        work_done(a, b),
    )


def _settings(a: Compiled, b: Compiled) -> Iterator[tuple[str, str, str]]:
    both = a.network.parameters.keys() & b.network.parameters.keys()  # of others, rows show what they come to
    pairs = [
        ("input", str(a.network.input_shape), str(b.network.input_shape)),
        *(each for each in _parameters(a.network, b.network) if each[0] in both),
        ("counted", a.convention, b.convention),
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


def _rows(
    a: Compiled, b: Compiled, structure: Structure, blocks: dict[str, list[str]]
) -> Iterator[tuple[Change, bool, frozenset[str]]]:
    """Pairs of rows in order, whether they are the same, and the blocks that alone make their difference."""
    places = range(len(a.rows)), range(len(b.rows))
    # By what two rows are one: their names, what they say, and last the kinds of their layers.
    likeness: list[tuple[Names, Names]] = [
        ([row.layer for row in a.network.rows], [row.layer for row in b.network.rows]),
        ([row.op for row in a.network.rows], [row.op for row in b.network.rows]),
        (
            ["; ".join(map(structure.mine.label, row.steps or ())) for row in a.network.rows],
            ["; ".join(map(structure.theirs.label, row.steps or ())) for row in b.network.rows],
        ),
    ]
    for i, j in _aligned(*places, likeness):
        mine = a.rows[i] if i is not None else None
        theirs = b.rows[j] if j is not None else None
        if i is None or j is None or mine is None or theirs is None:
            yield Change(mine, theirs), False, frozenset()
            continue
        changes = structure.changes(a.network.rows[i].steps or (), b.network.rows[j].steps or ())
        used = _used(a.network, a.network.rows[i]) & _used(b.network, b.network.rows[j])
        different = {name for name in used if blocks.get(name)}
        reasons = [*changes, *(f"block `{name}` differs" for name in blocks if name in different)]
        if mine.input != theirs.input:
            reasons.append(f"input {mine.input} -> {theirs.input}")
        costs = all(quantity.of(mine) == quantity.of(theirs) for quantity in (PARAMS, MULT_ADDS, OUTPUT))
        alone = frozenset() if changes else frozenset(different)
        yield Change(mine, theirs, tuple(reasons)), not reasons and costs, alone


def _aligned(
    a: Sequence[int], b: Sequence[int], likeness: Sequence[tuple[Names, Names]]
) -> Iterator[tuple[int | None, int | None]]:
    """The places of rows that belong together; what one likeness leaves over is left to the next."""
    if not likeness:
        yield from ((place, None) for place in a)
        yield from ((None, place) for place in b)
        return
    (mine, theirs), *others = likeness
    for tag, i, j, k, m in matched([mine[place] for place in a], [theirs[place] for place in b]):
        if tag == "equal":
            yield from zip(a[i:j], b[k:m], strict=True)
        else:
            yield from _aligned(a[i:j], b[k:m], others)


def _used(network: Network, row: Row) -> frozenset[str]:
    """The names of the blocks of a row, also those inside others."""
    open, found = [row.steps or ()], dict[str, Block]()
    while open:
        for step in every_step(open.pop()):
            if isinstance(step, Instance) and step.block not in found:
                found[step.block] = network.blocks[step.block]
                open.append(found[step.block].steps)
    return frozenset(block.name for block in found.values())


def _folded(rows: Sequence[tuple[Change, bool, frozenset[str]]]) -> Iterator[Change | Same]:
    same = 0
    for change, alike, _ in rows:
        if alike:
            same += 1
            continue
        if same:
            yield Same(same)
        same = 0
        yield change
    if same:
        yield Same(same)


def _costed(name: str, changes: list[str], rows: Sequence[tuple[Change, bool, frozenset[str]]]) -> BlockChange:
    own = [change for change, _, blocks in rows if blocks == {name}]
    return BlockChange(
        name,
        tuple(changes),
        tuple(change.b.layer for change in own if change.b),
        _sum([change.params for change in own]),
        _sum([change.mult_adds for change in own]),
    )


def _sum(amounts: Sequence[int | None]) -> int | None:
    """The sum of differences; None where one is not known."""
    known = [amount for amount in amounts if amount is not None]
    return sum(known) if len(known) == len(amounts) else None
