"""The variants of a family side by side, as ResNet's Table 1, with what differs marked."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from archspec.budget import spend
from archspec.compiled import Compiled
from archspec.render.side_by_side import by_name, merged
from archspec.render.units import in_units
from archspec.support.limits import LISTED
from archspec.support.terminal import printable

TOKEN = re.compile(r"\s+|[^\s,;\[\]]+|[,;\[\]]")


class Piece(NamedTuple):
    """A part of a cell, and whether it differs from the variant before."""

    text: str
    differs: bool


class SideRow(NamedTuple):
    """A row by its name, with the cell of each variant."""

    name: str
    outputs: Sequence[str]
    """One where all variants have the same."""
    cells: Sequence[Sequence[Piece]]
    same: bool


class Side(NamedTuple):
    """The table: its columns, its rows, and the totals below."""

    variants: Sequence[str]
    rows: Sequence[SideRow]
    params: Sequence[str]
    mult_adds: Sequence[str]


def side_of(networks: Sequence[Compiled]) -> Side | None:
    """The table of a family; None of one network."""
    if len(networks) < 2:
        return None
    tables = [by_name(compiled.result) for compiled in networks]
    rows = []
    for key in merged([[*table] for table in tables]):
        spend(LISTED * len(tables))
        found = [table.get(key) for table in tables]
        texts = [printable(row.op) if row else "" for row in found]
        outputs = [str(row.output) if row else "" for row in found]
        alike = len({*filter(None, outputs)}) == 1
        shown = [next(filter(None, outputs))] if alike else outputs
        rows.append(SideRow(printable(key[0]), shown, marked(texts), len({*texts}) == 1 and alike))
    return Side(
        [printable(compiled.network.variant or compiled.name) for compiled in networks],
        rows,
        [in_units(compiled.params) for compiled in networks],
        [in_units(compiled.mult_adds) for compiled in networks],
    )


def marked(texts: Sequence[str]) -> list[list[Piece]]:
    """Each text in parts, of which those differ that stand otherwise in the text before it."""
    tokens = [TOKEN.findall(text) for text in texts]
    return [_parts(before, each) for before, each in zip([tokens[0], *tokens], tokens, strict=False)]


def _parts(before: Sequence[str], tokens: Sequence[str]) -> list[Piece]:
    """What two lists of words begin and end with is alike; the middle differs."""
    start = _alike(before, tokens)
    stop = len(tokens) - _alike(before[start:][::-1], tokens[start:][::-1])
    parts = (tokens[:start], False), (tokens[start:stop], True), (tokens[stop:], False)
    return [Piece("".join(words), differs) for words, differs in parts if words]


def _alike(one: Sequence[str], other: Sequence[str]) -> int:
    """How many words both begin with."""
    pairs = zip(one, other, strict=False)
    return next((i for i, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))
