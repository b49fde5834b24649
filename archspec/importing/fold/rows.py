"""The rows of the table: one for each module that holds layers, equal neighbours as ``x N``."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import count, takewhile
from typing import NamedTuple

from archspec import ops
from archspec.arguments import STRIDES
from archspec.importing.fold.blocks import Blocks
from archspec.importing.fold.names import row_name
from archspec.importing.fold.tokens import Token
from archspec.importing.fold.tree import Chain, Item, Leaf, Part, Tangle, layers_of
from archspec.importing.graph import Graph
from archspec.op import Activation, Weighted

MOST_IN_ROW = 3
"""How many weight layers of one module stand in one row."""


class Row(NamedTuple):
    """A row of the table: its name, its steps, and how often they run."""

    name: str
    tokens: tuple[Token, ...]
    times: int = 1
    number: int = 0
    """By which other rows name it."""
    sources: tuple[int, ...] | None = None
    """The rows that it takes, by their numbers, -1 for what enters; None where it takes that above."""
    is_named: bool = False
    """Whether another row names it."""


def rows_of(graph: Graph, chain: Chain, blocks: Blocks, ends: Collection[int] = ()) -> tuple[list[Row], dict[int, int]]:
    """The rows of a chain, and the numbers of those that end in the layers ``ends``, which heads start from."""
    reader = _Rows(graph, blocks, ends)
    rows = [row._replace(name=row_name(row.name)) for row in reader.of(chain)]
    return _folded(_attached(rows)), reader.ends


class _Rows:
    def __init__(self, graph: Graph, blocks: Blocks, ends: Collection[int]) -> None:
        self._graph, self._blocks = graph, blocks
        self._numbers = count()
        self._wanted = ends
        self.ends: dict[int, int] = {}
        """The numbers of the rows that end in these layers."""

    def of(self, chain: Chain) -> list[Row]:
        """The rows of a chain, one after the other."""
        found: list[Row] = []
        loose: list[tuple[str, Token]] = []
        for item in chain:
            whole = self._whole(item)
            if whole is None:
                loose += [(self._path(item, token), token) for token in self._blocks.tokens((item,))]
            else:
                self._cut(loose, found)
                loose = []
                found += self._tangled(whole, found) if isinstance(whole, Tangle) else whole
            if max(layers_of(item)) in self._wanted:
                self._cut(loose, found)
                loose = []
                found[-1] = found[-1]._replace(is_named=True)
                self.ends[max(layers_of(item))] = found[-1].number
        self._cut(loose, found)
        return found

    def _whole(self, item: Item) -> Tangle | list[Row] | None:
        """The rows of an item that stands in rows of its own; None of one that may share them."""
        if isinstance(item, Tangle):
            return item
        if not isinstance(item, Part) or self._blocks.is_block(item):
            return None
        inside = [*self._blocks.tokens((item,))] if not _holds_tangle(item) else []
        majors = [token for token in inside if _is_major(token)]
        few = 0 < len(majors) <= MOST_IN_ROW and sum(token.of_block for token in majors) <= 1
        if few and not all(token.of_block for token in majors):
            return [self._row(item.scope.path, inside)]
        if not any(isinstance(each, Part | Tangle) for each in item.chain):
            return None
        rows = _folded(self.of(item.chain))
        return [rows[0]._replace(name=item.scope.path)] if len(rows) == 1 else rows

    def _tangled(self, tangle: Tangle, above: list[Row]) -> list[Row]:
        """The rows of a tangle; those that others take are marked, the one above it too."""
        before = above[-1].number if above else -1
        if above:
            above[-1] = above[-1]._replace(is_named=True)
        found: list[Row] = []
        ends: list[int] = []
        for strand in tangle.strands:
            rows = _folded(_attached(self.of(strand.chain)))
            sources = tuple(before if each < 0 else ends[each] for each in strand.sources)
            rows[0] = rows[0]._replace(sources=sources)
            rows[-1] = rows[-1]._replace(is_named=True)
            ends.append(rows[-1].number)
            found += rows
        return found

    def _row(self, name: str, tokens: Sequence[Token]) -> Row:
        return Row(name, tuple(tokens), 1, next(self._numbers))

    def _cut(self, loose: Sequence[tuple[str, Token]], found: list[Row]) -> None:
        """Layers become rows that begin with what is more than a normalisation or a non-linearity.

        One of these that follows a layer of weight stands in its row, as a person would write it.
        """
        minors = [token for _, token in takewhile(lambda each: not _is_major(each[1]), loose)]
        if minors and found and _goes_with(found[-1]):
            found[-1] = found[-1]._replace(tokens=(*found[-1].tokens, *minors))
            loose = loose[len(minors) :]
        found += self._rows(loose)

    def _rows(self, loose: Sequence[tuple[str, Token]]) -> Iterator[Row]:
        row: list[Token] = []
        name = ""
        for path, token in loose:
            if _is_major(token) and any(map(_is_major, row)):
                yield self._row(name, row)
                row = []
            if not row or (_is_major(token) and not any(map(_is_major, row))):
                name = path
            row.append(token)
        if row:
            yield self._row(name, row)

    def _path(self, item: Item, token: Token) -> str:
        if isinstance(item, Leaf):
            scopes = self._graph.layers[item.layer].scopes
            return scopes[-1].path if scopes else token.name
        return token.path or token.name


def _holds_tangle(part: Part) -> bool:
    return any(isinstance(item, Tangle) or (isinstance(item, Part) and _holds_tangle(item)) for item in part.chain)


def _attached(rows: Sequence[Row]) -> list[Row]:
    """Rows without a layer of weight go to the row before."""
    found: list[Row] = []
    for row in rows:
        last = found[-1] if found else None
        joins = last is not None and last.times == row.times == 1 and not last.is_named and row.sources is None
        if last is not None and joins and not any(map(_is_major, row.tokens)):
            found[-1] = row._replace(name=last.name, tokens=last.tokens + row.tokens, sources=last.sources)
        else:
            found.append(row)
    return found


def _goes_with(row: Row) -> bool:
    """Whether a normalisation or a non-linearity behind a row belongs to its last layer."""
    last = row.tokens[-1]
    kind = ops.find(last.name)
    weighs = kind is not None and issubclass(kind, Weighted)
    return weighs and not last.of_block and row.times == 1 and not row.is_named


def _is_major(token: Token) -> bool:
    kind = ops.find(token.name)
    if token.of_block or kind is None:
        return True
    return not (kind.normalises or kind.in_place or kind.view or issubclass(kind, Activation))


def _folded(rows: Sequence[Row]) -> list[Row]:
    """Equal neighbours as one row; a stride may stand in the first alone."""
    found: list[Row] = []
    for row in rows:
        last = found[-1] if found else None
        if last is not None and _goes_on(last, row):
            found[-1] = last._replace(times=last.times + row.times, number=row.number, is_named=row.is_named)
        else:
            found.append(row)
    return found


def _goes_on(last: Row, row: Row) -> bool:
    if len(last.tokens) != len(row.tokens) or row.times > 1 or last.is_named or row.sources is not None:
        return False
    for one, other in zip(last.tokens, row.tokens, strict=True):
        if one.name != other.name or one.of_block != other.of_block:
            return False
        if len(row.tokens) > 1 and one.args != other.args:
            return False
        for name in {*one.args, *other.args}:
            if name in STRIDES and not _keeps_stride(other):
                if other.args.get(name, 1) != 1:
                    return False
            elif one.args.get(name) != other.args.get(name):
                return False
    return True


def _keeps_stride(token: Token) -> bool:
    """Whether a stride holds in every repetition of a layer."""
    kind = ops.find(token.name)
    return not token.of_block and kind is not None and kind.keeps_stride
