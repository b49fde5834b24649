"""Each block once, in a frame with its name and parameters, and where the frames stand: beside the rows or below."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from archspec.diagnostics import ArchError, Diagnostic
from archspec.figures.layout.graph import Named, graph
from archspec.figures.layout.piece import FLOW, Piece, chain
from archspec.figures.messages import too_large
from archspec.figures.metrics import fitted, width_of
from archspec.figures.node import LEADING, TINY, Manner
from archspec.figures.scene import Box, Group, Item, Line, Text
from archspec.figures.steps import Steps
from archspec.figures.words import signature
from archspec.ir.network import Head, Instance, Network, Row
from archspec.ir.walking import every_step
from archspec.support.terminal import printable

MANNERS = (
    Manner(84),
    Manner(64),
    Manner(52),
    Manner(42, 5, 3),
    Manner(34, 4, 3),
    Manner(28, 3, 2),
    Manner(22, 2.5, 1.5),
)
"""How boxes are made narrower, until the frame fits."""
PAD, STUB, HEADER = 6.0, 8.0, TINY * LEADING + 3
BETWEEN = 8.0
STRETCH = 1.6
"""How much wider than it needs a frame may be, so that a shelf is full."""
"""Between two frames."""


class Inset(NamedTuple):
    """A frame before it has a place: its name, its parameters, and its pieces, the widest first."""

    role: str
    name: str
    said: str
    pieces: tuple[Piece, ...]

    def fit(self, width: float) -> Piece | None:
        """The widest of its pieces that such a frame holds."""
        return next((piece for piece in self.pieces if piece.width + 2 * PAD <= width), None)

    @property
    def natural(self) -> float:
        """How wide the frame would be."""
        named = width_of(self.name, TINY, True) + width_of(f" {self.said}", TINY)
        return max(self.pieces[1].width, min(named, self.pieces[0].width)) + 2 * PAD


class Insets(NamedTuple):
    """The frames of a network in the order of their first use."""

    frames: tuple[Inset, ...]

    @property
    def any(self) -> bool:
        return bool(self.frames)

    @property
    def natural(self) -> float:
        """How wide the widest would be."""
        return max((each.natural for each in self.frames), default=0.0)


class Packed(NamedTuple):
    """Frames at their places, and where the lowest ends."""

    items: tuple[Item, ...]
    height: float


def insets(network: Network) -> Insets:
    """The blocks that a network uses, and its side branches; those that are alike stand in one frame."""
    found = [_of_block(network, key) for key in used(network)]
    alike: list[list[Head]] = []
    for head in network.heads:
        known = next((heads for heads in alike if _alike(heads[0], head)), None)
        if known is None:
            alike.append([head])
        else:
            known.append(head)
    return Insets((*found, *(_of_heads(network, heads) for heads in alike)))


def _alike(one: Head, other: Head) -> bool:
    """Whether two side branches have the same layers, whatever their rows are called."""
    return [row.steps for row in one.rows] == [row.steps for row in other.rows]


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


def _of_block(network: Network, key: str) -> Inset:
    block = network.blocks[key]
    known = {name: value for name, value in network.parameters.items() if name not in block.parameters}
    pieces = tuple(_whole(Steps(network, manner, known).chain(block.steps)) for manner in MANNERS)
    return Inset("block", printable(block.name), signature(block, known), pieces)


def _of_heads(network: Network, heads: Sequence[Head]) -> Inset:
    first = heads[0]
    pieces = tuple(_whole(_rows(Steps(network, manner, network.parameters), first.rows)) for manner in MANNERS)
    weights = dict.fromkeys(f"{head.weight:g}" for head in heads)
    names = ", ".join(head.name for head in heads)
    return Inset("head", printable(names), f"(for training, weight {', '.join(weights)})", pieces)


def _rows(steps: Steps, rows: Sequence[Row]) -> Piece:
    if any(row.sources for row in rows):
        return graph([Named(row.layer, steps.chain(row.steps or ()), row.sources) for row in rows], 6)
    return chain([steps.chain(row.steps or ()) for row in rows])


def _whole(piece: Piece) -> Piece:
    """A piece with the ways into it and out of it."""
    deep = STUB + piece.height
    items = (
        Line(((piece.enter, 0), (piece.enter, STUB)), FLOW, arrow=piece.pointed),
        *piece.at(0, STUB),
        Line(((piece.leave, deep), (piece.leave, deep + STUB)), FLOW, arrow=True),
    )
    return Piece(piece.width, deep + STUB, items, piece.enter, piece.leave)


def packed(found: Insets, width: float, beside: float, high: float) -> Packed:
    """The frames in shelves: at the right of the rows, which are so high, and what is left over below all."""
    items: list[Item] = []
    left, y = (width - beside, 0.0) if beside else (0.0, high + BETWEEN)
    room = beside or width
    waiting = [*found.frames]
    end = high if beside else 0.0
    while waiting:
        shelf = _shelf(waiting, room)
        tall = max((_tall(inset, piece) for inset, piece in shelf), default=0.0)
        below = beside and left and (not shelf or (y + tall > high + BETWEEN and y > 0))
        if below:
            left, y, room = 0.0, high + BETWEEN, width
            continue
        if not shelf:
            raise ArchError([_too_wide(waiting[0], width)])
        items += _placed(shelf, left, y, room, tall)
        waiting = waiting[len(shelf) :]
        y += tall + BETWEEN
        end = max(end, y - BETWEEN)
    return Packed(tuple(items), end)


def _shelf(waiting: Sequence[Inset], room: float) -> list[tuple[Inset, Piece]]:
    """The first frames that stand side by side."""
    found: list[tuple[Inset, Piece]] = []
    left = room
    for inset in waiting:
        own = inset.natural
        if found and own > left:
            break
        piece = inset.fit(min(left, max(own, 0)) if own <= left else left)
        if piece is None:
            break
        found.append((inset, piece))
        left -= max(own if own <= left else 0.0, piece.width + 2 * PAD) + BETWEEN
    return found


def _tall(inset: Inset, piece: Piece) -> float:
    return HEADER * _header_lines(inset, piece.width + 2 * PAD) + piece.height + PAD


def _header_lines(inset: Inset, width: float) -> int:
    named = width_of(inset.name, TINY, True) + width_of(f" {inset.said}", TINY)
    return 1 if named + 2 * PAD <= width or not inset.said else 2


def _placed(shelf: Sequence[tuple[Inset, Piece]], left: float, y: float, room: float, tall: float) -> Iterator[Item]:
    """The frames of a shelf, as wide as all of it together."""
    own = [max(inset.natural if len(shelf) > 1 else 0.0, piece.width + 2 * PAD) for inset, piece in shelf]
    stretched = min(STRETCH, (room - BETWEEN * (len(shelf) - 1)) / sum(own))
    x = left
    for (inset, piece), wide in zip(shelf, own, strict=True):
        yield _framed(inset, piece, x, y, wide * stretched, tall)
        x += wide * stretched + BETWEEN


def _framed(inset: Inset, piece: Piece, x: float, y: float, wide: float, tall: float) -> Group:
    items: list[Item] = [Box(x, y, wide, tall, "inset", 3)]
    base = y + 2 + TINY
    name = fitted(inset.name, TINY, wide - 2 * PAD, True)
    items.append(Text(x + PAD, base, name, "text", TINY, bold=True))
    lines = _header_lines(inset, wide)
    if inset.said:
        after = width_of(f"{name} ", TINY, True) if lines == 1 else 0.0
        said = fitted(inset.said, TINY, wide - 2 * PAD - after)
        items.append(Text(x + PAD + after, base + TINY * LEADING * (lines - 1), said, "text.soft", TINY))
    top = y + HEADER * lines
    items += piece.at(x + (wide - piece.width) / 2, top)
    return Group(tuple(items), inset.role, inset.name)


def _too_wide(inset: Inset, width: float) -> Diagnostic:
    needs = inset.pieces[-1].width + 2 * PAD
    return too_large(None, f"{width:.0f} points", 0, f"`{inset.name}` needs `--width {needs / 72 * 2.54:.1f}cm`")
