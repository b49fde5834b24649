"""The rows of the table: one for each module that holds layers, equal neighbours as ``x N``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from archspec import ops
from archspec.arguments import STRIDES
from archspec.importing.fold.blocks import Blocks
from archspec.importing.fold.names import row_name
from archspec.importing.fold.tokens import Token
from archspec.importing.fold.tree import Chain, Leaf, Part
from archspec.importing.graph import Graph

MINOR = ("norm", "activation")
MOST_IN_ROW = 3
"""How many weight layers of one module stand in one row."""


class Row(NamedTuple):
    """A row of the table: its name, its steps, and how often they run."""

    name: str
    tokens: tuple[Token, ...]
    times: int = 1


def rows_of(graph: Graph, chain: Chain, blocks: Blocks) -> list[Row]:
    """The rows of a chain."""
    rows = [row._replace(name=row_name(row.name)) for row in _pieces(graph, chain, blocks)]
    return _folded(_attached(rows))


def _attached(rows: Sequence[Row]) -> list[Row]:
    """Rows without a layer of weight go to the row before."""
    found: list[Row] = []
    for row in rows:
        if found and found[-1].times == row.times == 1 and not any(map(_is_major, row.tokens)):
            found[-1] = found[-1]._replace(tokens=found[-1].tokens + row.tokens)
        else:
            found.append(row)
    return found


def _pieces(graph: Graph, chain: Chain, blocks: Blocks) -> Iterator[Row]:
    loose: list[tuple[str, Token]] = []
    for item in chain:
        if isinstance(item, Part) and not blocks.is_block(item) and any(isinstance(i, Part) for i in item.chain):
            yield from _cut(loose)
            loose = []
            inside = _folded([*_pieces(graph, item.chain, blocks)])
            yield from [inside[0]._replace(name=item.scope.path)] if len(inside) == 1 else inside
        elif isinstance(item, Part) and not blocks.is_block(item):
            tokens = tuple(blocks.tokens((item,)))
            if sum(map(_is_major, tokens)) <= MOST_IN_ROW and any(map(_is_major, tokens)):
                yield from _cut(loose)
                loose = []
                yield Row(item.scope.path, tokens)
            else:
                loose += [(item.scope.path, token) for token in tokens]
        else:
            for token in blocks.tokens((item,)):
                loose.append((_path(graph, item, token), token))
    yield from _cut(loose)


def _path(graph: Graph, item: object, token: Token) -> str:
    if isinstance(item, Leaf):
        scopes = graph.layers[item.layer].scopes
        return scopes[-1].path if scopes else token.name
    return token.path or token.name


def _cut(loose: Sequence[tuple[str, Token]]) -> Iterator[Row]:
    """Layers in rows that begin with what is more than a normalisation or a non-linearity."""
    row: list[Token] = []
    name = ""
    for path, token in loose:
        if _is_major(token) and any(map(_is_major, row)):
            yield Row(name, tuple(row))
            row = []
        if not row or (_is_major(token) and not any(map(_is_major, row))):
            name = path
        row.append(token)
    if row:
        yield Row(name, tuple(row))


def _is_major(token: Token) -> bool:
    kind = ops.find(token.name)
    return token.of_block or kind is None or kind.drawn_as not in MINOR and not kind.in_place and not kind.view


def _folded(rows: Sequence[Row]) -> list[Row]:
    """Equal neighbours as one row; a stride may stand in the first alone."""
    found: list[Row] = []
    for row in rows:
        last = found[-1] if found else None
        if last is not None and _goes_on(last, row):
            found[-1] = last._replace(times=last.times + row.times)
        else:
            found.append(row)
    return found


def _goes_on(last: Row, row: Row) -> bool:
    if len(last.tokens) != len(row.tokens) or row.times > 1:
        return False
    for one, other in zip(last.tokens, row.tokens, strict=True):
        if one.name != other.name or one.of_block != other.of_block:
            return False
        if len(row.tokens) > 1 and one.args != other.args:
            return False
        for name in {*one.args, *other.args}:
            if one.args.get(name) == other.args.get(name):
                continue
            if name not in STRIDES or other.args.get(name) != 1:
                return False
    return True
