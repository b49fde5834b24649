"""Each block once, in a frame with its name and parameters, and where the frames stand: beside the rows or below."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from archspec.budget import spend
from archspec.figures.layout.piece import FLOW, Piece
from archspec.figures.metrics import fitted, width_of
from archspec.figures.node import LEADING, TINY, Manner
from archspec.figures.parts import Series, merged, piece_of, size_of
from archspec.figures.scene import Box, Group, Item, Line, Text
from archspec.figures.steps import Steps
from archspec.figures.words import block_text
from archspec.ir.network import Head, Instance, Network
from archspec.ir.walking import every_step
from archspec.support.limits import DRAWN
from archspec.support.terminal import printable

PAD, STUB, HEADER = 4.5, 5.5, TINY * LEADING + 3
BETWEEN = 8.0
"""Between two frames."""


class Inset(NamedTuple):
    """A frame before it has a place: its name, its parameters, and what stands in it, drawn in one manner."""

    role: str
    name: str
    said: str
    piece: Piece

    @property
    def natural(self) -> float:
        """How wide the frame is: its name stands above its parameters where that needs less room."""
        words = max(width_of(self.name, TINY, True), width_of(self.said, TINY))
        return max(self.piece.width, min(words, MOST_NAMED)) + 2 * PAD

    def tall(self, width: float) -> float:
        """How high the frame is where it is so wide."""
        return HEADER * self.lines(width) + self.piece.height + PAD

    def lines(self, width: float) -> int:
        """Lines of the name with the parameters in a frame of this width."""
        named = width_of(self.name, TINY, True) + width_of(f" {self.said}", TINY) + 2 * PAD
        return 1 if named <= width or not self.said else 2


class Content(NamedTuple):
    """What stands in a frame, before it is drawn."""

    role: str
    name: str
    said: str
    series: Series

    def drawn(self, manner: Manner) -> Inset:
        """The frame in a manner."""
        spend(DRAWN * (1 + size_of(self.series)))
        return Inset(self.role, self.name, self.said, _whole(piece_of(self.series, manner)))


MOST_NAMED = 110.0
"""How much wider than its content a frame may be for its name, in points."""


def contents(network: Network) -> list[Content]:
    """The blocks that a network uses, in the order of their first use, and its side branches behind them.

    Blocks of one name that differ in words alone stand in one frame, and so do side branches that are alike.
    """
    steps = Steps(network)
    named: dict[str, list[tuple[str, Series]]] = {}
    for key in used(network):
        named.setdefault(network.blocks[key].name, []).append((key, steps.of_block(key)))
    found = [content for own in named.values() for content in _blocks(network, own)]
    alike: list[tuple[Series, list[Head]]] = []
    for head in network.heads:
        series = steps.of_rows(head.rows)
        known = next((heads for other, heads in alike if other == series), None)
        if known is None:
            alike.append((series, [head]))
        else:
            known.append(head)
    return [*found, *(_heads(heads, series) for series, heads in alike)]


def used(network: Network) -> list[str]:
    """The keys of blocks in the order of their first use, one that another uses behind it."""
    found: dict[str, None] = {}
    rows = (*network.rows, *(row for head in network.heads for row in head.rows))
    open = [row.steps or () for row in reversed(rows)]
    while open:
        keys = [step.block for step in every_step(open.pop()) if isinstance(step, Instance)]
        fresh = [key for key in dict.fromkeys(keys) if key not in found]
        found.update(dict.fromkeys(fresh))
        open += [network.blocks[key].steps for key in reversed(fresh)]
    return [*found]


def _blocks(network: Network, own: Sequence[tuple[str, Series]]) -> Iterator[Content]:
    """The forms of a block: those together that differ in words alone."""
    groups: list[tuple[list[str], Series, list[Series]]] = []
    for key, series in own:
        for i, (keys, _, members) in enumerate(groups):
            together = merged([*members, series])
            if together is not None:
                groups[i] = ([*keys, key], together, [*members, series])
                break
        else:
            groups.append(([key], series, [series]))
    for keys, series, _ in groups:
        blocks = [network.blocks[key] for key in keys]
        yield Content("block", printable(blocks[0].name), block_text(blocks, network.parameters), series)


def _heads(heads: Sequence[Head], series: Series) -> Content:
    weights = ", ".join(dict.fromkeys(f"{head.weight:g}" for head in heads))
    names = ", ".join(head.name for head in heads)
    return Content("head", printable(names), f"(for training, weight {weights})", series)


def _whole(piece: Piece) -> Piece:
    """A piece with the ways into it and out of it."""
    deep = STUB + piece.height
    items = (
        Line(((piece.enter, 0), (piece.enter, STUB)), FLOW, arrow=piece.pointed),
        *piece.at(0, STUB),
        Line(((piece.leave, deep), (piece.leave, deep + STUB)), FLOW, arrow=True),
    )
    return Piece(piece.width, deep + STUB, items, piece.enter, piece.leave)


def framed_inset(inset: Inset, x: float, y: float, wide: float, tall: float) -> Group:
    """A frame at its place, so wide and so high."""
    items: list[Item] = [Box(x, y, wide, tall, "inset", 3)]
    base = y + 2 + TINY
    name = fitted(inset.name, TINY, wide - 2 * PAD, True)
    items.append(Text(x + PAD, base, name, "text", TINY, bold=True))
    lines = inset.lines(wide)
    if inset.said:
        after = width_of(f"{name} ", TINY, True) if lines == 1 else 0.0
        said = fitted(inset.said, TINY, wide - 2 * PAD - after)
        items.append(Text(x + PAD + after, base + TINY * LEADING * (lines - 1), said, "text.soft", TINY))
    top = y + HEADER * lines
    items += inset.piece.at(x + (wide - inset.piece.width) / 2, top)
    return Group(tuple(items), inset.role, inset.name)
