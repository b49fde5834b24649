"""Which rows of two networks belong together, and in what they differ: rows that compute the same are the same.

What rows compute is told apart from what they are called. Where blocks have the same words, the words say what differs;
elsewhere the layers that run do.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from archspec.analysis.cost import RowCost
from archspec.analysis.inferred import without_loss
from archspec.budget import spend
from archspec.compiled import Compiled
from archspec.ir.network import Block, Branches, Instance, Network, Row
from archspec.ir.walking import every_step
from archspec.op import Shape
from archspec.reports.diff.computing import Known, chains, merged
from archspec.reports.diff.paired import Network as Running
from archspec.reports.diff.running import sentences
from archspec.reports.diff.structure import Structure, matched
from archspec.reports.diff.work import differing
from archspec.support.bound import difference
from archspec.support.limits import MATCHED

MOST_GROUPED = 4
"""How many rows of one network may stand for what as many at most of the other say."""
REORDERED = "the same layers in another order"
Names = Sequence[str]
"""What each row of a network is called."""
Places = Sequence[int]
Together = tuple[Places, Places]
"""The places of rows of both networks; one side may have none."""


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
    """Rows in succession that compute the same, and how many rows the second has for them."""

    rows: int
    instead: int


class Differing(NamedTuple):
    """A row that differs, and which of the blocks that differ it names."""

    change: Change
    blocks: frozenset[str] = frozenset()
    alone: bool = False
    """Whether nothing else differs."""


class Rows:
    """The rows of two networks, whose blocks differ like this."""

    def __init__(self, a: Compiled, b: Compiled, structure: Structure, blocks: dict[str, list[str]]) -> None:
        self._a, self._b, self._structure, self._blocks = a, b, structure, blocks
        self._called: dict[str, str] = {}
        """What the second calls the rows of the first."""
        known: Known = {}
        self._chains = chains(a.network, known), chains(b.network, known)
        self._shaped = without_loss(a.inferred.rows), without_loss(b.inferred.rows)

    def __iter__(self) -> Iterator[Differing | Same]:
        """What differs and what is the same, in order."""
        for mine, theirs in self._paired():
            if mine and theirs and self._is_same(mine, theirs):
                yield Same(len(mine), len(theirs))
            elif mine and theirs:
                yield self._differing(mine[0], theirs[0])
            else:
                a = self._a.rows[mine[0]] if mine else None
                yield Differing(Change(a, self._b.rows[theirs[0]] if theirs else None))
            if mine and theirs:
                self._called[self._a.rows[mine[-1]].layer] = self._b.rows[theirs[-1]].layer

    def _paired(self) -> Iterator[Together]:
        """Rows that belong together: by their names, what they compute, what they say, their layers, their weights."""
        a, b = self._a.network.rows, self._b.network.rows
        mine, theirs = self._structure.mine, self._structure.theirs
        likeness: list[tuple[Names, Names]] = [
            ([row.layer for row in a], [row.layer for row in b]),
            ([*map(str, self._chains[0])], [*map(str, self._chains[1])]),
            ([row.op for row in a], [row.op for row in b]),
            (
                ["; ".join(map(mine.label, row.steps or ())) for row in a],
                ["; ".join(map(theirs.label, row.steps or ())) for row in b],
            ),
            ([_weighed(row) for row in self._a.rows], [_weighed(row) for row in self._b.rows]),
        ]
        return self._aligned(range(len(a)), range(len(b)), likeness)

    def _aligned(
        self, a: Places, b: Places, likeness: Sequence[tuple[Names, Names]]
    ) -> Iterator[tuple[Places, Places]]:
        """The places of rows that belong together; what one likeness leaves over is left to the next."""
        if not likeness:
            yield from (((place,), ()) for place in a)
            yield from (((), (place,)) for place in b)
            return
        (mine, theirs), *others = likeness
        for tag, i, j, k, m in matched([mine[place] for place in a], [theirs[place] for place in b]):
            if tag == "equal":
                yield from (((x,), (y,)) for x, y in zip(a[i:j], b[k:m], strict=True))
                continue
            while (many := self._grouped(a[i:j], b[k:m])) is not None:
                yield a[i : i + many[0]], b[k : k + many[1]]
                i, k = i + many[0], k + many[1]
            yield from self._aligned(a[i:j], b[k:m], others)

    def _grouped(self, a: Places, b: Places) -> tuple[int, int] | None:
        """How many of the first rows of both compute the same together, the fewest."""
        sizes = range(1, MOST_GROUPED + 1)
        for many, of in sorted(((x, y) for x in sizes for y in sizes), key=sum):
            if many <= len(a) and of <= len(b):
                spend(MATCHED * (many + of))
                if self._is_same(a[:many], b[:of]):
                    return many, of
        return None

    def _is_same(self, mine: Places, theirs: Places) -> bool:
        """Whether rows compute the same of the same, and cost as much."""
        return self._computed(0, mine) == self._computed(1, theirs) and not self._moved(mine[0], theirs[0])

    def _computed(self, side: int, places: Places) -> tuple[object, ...]:
        rows = [(self._a, self._b)[side].rows[at] for at in places]
        chain = merged([unit for at in places for unit in self._chains[side][at]])
        costs = sum(row.params for row in rows), sum(row.mult_adds for row in rows)
        return chain, _flat(rows[0].input), _flat(rows[-1].output), *costs

    def _moved(self, i: int, j: int) -> tuple[str, ...]:
        """That a row takes other rows, where both name them."""
        ours, others = self._a.network.rows[i].sources, self._b.network.rows[j].sources
        if not ours or not others or [self._called.get(name, name) for name in ours] == [*others]:
            return ()
        return (f"from {', '.join(ours)} -> {', '.join(others)}",)

    def _differing(self, i: int, j: int) -> Differing:
        a, b = self._a.rows[i], self._b.rows[j]
        reasons: tuple[str, ...] = ()
        found = Differing(Change(a, b))
        if self._chains[0][i] != self._chains[1][j]:
            found = self._worded(i, j)
            reasons = found.change.reasons
        if _flat(a.input) != _flat(b.input):
            reasons += (f"input {a.input} -> {b.input}",)
        return found._replace(change=Change(a, b, (*reasons, *self._moved(i, j))))

    def _worded(self, i: int, j: int) -> Differing:
        """A row that computes something else, in the words of its spec where both use these; else by its layers."""
        mine, theirs = self._a.network.rows[i], self._b.network.rows[j]
        ours, others = _used(self._a.network, mine), _used(self._b.network, theirs)
        both = [name for name in self._blocks if name in ours and name in others]
        is_apart = ours.keys() != others.keys() and _weighed(self._a.rows[i]) == _weighed(self._b.rows[j])
        if is_apart or not all(_speak_alike(ours[name], others[name]) for name in both):
            return Differing(Change(None, None, self._layers(i, j)))
        changes = self._structure.changes(mine.steps or (), theirs.steps or ())
        different = [name for name in both if self._blocks[name]]
        reasons = (*changes, *(f"block `{name}` differs" for name in different))
        return Differing(Change(None, None, reasons), frozenset(different), not changes)

    def _layers(self, i: int, j: int) -> tuple[str, ...]:
        ours, others = (
            Running([shaped[at]], side.counting)
            for shaped, side, at in zip(self._shaped, (self._a, self._b), (i, j), strict=True)
        )
        work = differing(ours, others)
        return (REORDERED,) if work.is_none else tuple(sentences(work))


def _flat(shape: Shape) -> Shape:
    """A map of one position is a vector."""
    return Shape(shape.channels) if shape.is_map and shape.extent == (1, 1) else shape


def _weighed(row: RowCost) -> str:
    """What row has these weights and gives this shape; one without weights is like no other."""
    return f"{row.params} {row.output}" if row.params else f"{row.layer}; {row.op}"


def _used(network: Network, row: Row) -> dict[str, Block]:
    """The blocks of a row by their names, also those inside others."""
    open, found = [row.steps or ()], dict[str, Block]()
    while open:
        for step in every_step(open.pop()):
            if isinstance(step, Instance) and step.block not in found:
                found[step.block] = network.blocks[step.block]
                open.append(found[step.block].steps)
    return {block.name: block for block in reversed(found.values())}


def _speak_alike(a: Block, b: Block) -> bool:
    """Whether two blocks of one name have the same words for what they hold: their parameters, and some branch."""
    ours, others = _branches(a), _branches(b)
    return dict(a.parameters).keys() == dict(b.parameters).keys() and bool(ours & others or not (ours and others))


def _branches(block: Block) -> set[str]:
    return {branch.name for step in block.steps if isinstance(step, Branches) for branch in step.branches}
