"""What a figure shows of steps, before anything has a place: layers with their texts, plates, forks and rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeAlias

from archspec.figures.layout.fork import fork
from archspec.figures.layout.graph import Named, graph
from archspec.figures.layout.piece import Piece, chain, wire
from archspec.figures.node import TINY, Manner, node, plate, sign_node, stack


class Layer(NamedTuple):
    """A box: what it says and how it looks, with the looks of the layers that its rule has above it and below it."""

    text: str
    look: str
    above: tuple[str, ...] = ()
    below: tuple[str, ...] = ()
    sign: str = ""
    """What stands in a circle in its place, of a join that is one of the rows of a block."""


class Stack(NamedTuple):
    """Layers of a rule, as boxes that touch."""

    layers: tuple[Layer, ...]


class Plated(NamedTuple):
    """Parts in a frame with a note: how often they repeat, or under which condition they are there."""

    inner: Series
    note: str
    condition: bool = False
    bypass: bool = False
    """Whether they are a projection on the way of a shortcut."""


class Fork(NamedTuple):
    """Branches, and the sign or the name of what joins them."""

    branches: tuple[Series, ...]
    sign: str
    name: str


class Rows(NamedTuple):
    """Named rows, each with the rows that it takes; none where it takes that above."""

    names: tuple[str, ...]
    parts: tuple[Series, ...]
    sources: tuple[tuple[str, ...], ...]


Part: TypeAlias = Layer | Stack | Plated | Fork | Rows
Series: TypeAlias = tuple[Part, ...]


def piece_of(series: Series, manner: Manner) -> Piece:
    """Parts one after the other as a piece; a way where there are none."""
    pieces = [_piece(part, manner) for part in series]
    return chain(pieces) if pieces else wire()


def _piece(part: Part, manner: Manner) -> Piece:
    match part:
        case Layer() if part.sign:
            return sign_node(part.sign)
        case Layer():
            return node(part.text, part.look, manner, part.above, part.below)
        case Stack():
            return stack([(layer.text, layer.look) for layer in part.layers], manner)
        case Plated():
            inner = piece_of(part.inner, manner)
            made = plate(inner, part.note, manner, aside=not part.condition)
            return made._replace(passes=part.bypass or inner.passes)
        case Fork():
            return fork([piece_of(each, manner) for each in part.branches], part.sign, part.name, manner.gap, TINY)
        case Rows():
            named = zip(part.names, part.parts, part.sources, strict=True)
            return graph([Named(name, piece_of(own, manner), sources) for name, own, sources in named], manner.gap)


def size_of(series: Series) -> int:
    """How many boxes and plates there are."""
    return sum(map(_size, series))


def _size(part: Part) -> int:
    match part:
        case Layer():
            return 1
        case Stack():
            return len(part.layers)
        case Plated():
            return 1 + size_of(part.inner)
        case Fork():
            return 1 + sum(map(size_of, part.branches))
        case Rows():
            return sum(map(size_of, part.parts))


def texts_of(series: Series) -> list[str]:
    """What the boxes are and say, in order."""
    found: list[str] = []

    def noted(layer: Layer) -> Layer:
        found.append(f"{layer.look} {layer.text}")
        return layer

    _recoloured(series, noted)
    return found


def recoloured(series: Series, looks: Sequence[str]) -> Series:
    """The parts with other looks of their boxes, in order."""
    left = iter(looks)
    return _recoloured(series, lambda layer: layer._replace(look=next(left), above=(), below=()))


def _recoloured(series: Series, change: Callable[[Layer], Layer]) -> Series:
    def changed(part: Part) -> Part:
        match part:
            case Layer():
                return change(part)
            case Stack():
                return Stack(tuple(change(layer) for layer in part.layers))
            case Plated():
                return part._replace(inner=_recoloured(part.inner, change))
            case Fork():
                return part._replace(branches=tuple(_recoloured(each, change) for each in part.branches))
            case Rows():
                return part._replace(parts=tuple(_recoloured(each, change) for each in part.parts))

    return tuple(changed(part) for part in series)


def merged(several: Sequence[Series]) -> Series | None:
    """Parts that are the same but for words of their texts as one, with the words of each; else None."""
    first = several[0]
    if any(len(series) != len(first) for series in several):
        return None
    found = [_merged(parts) for parts in zip(*several, strict=True)]
    return None if None in found else tuple(part for part in found if part is not None)


def _merged(parts: Sequence[Part]) -> Part | None:
    first = parts[0]
    if any(type(part) is not type(first) for part in parts):
        return None
    if all(part == first for part in parts):
        return first
    match first:
        case Layer():
            layers = [part for part in parts if isinstance(part, Layer)]
            same = all(layer._replace(text="") == first._replace(text="") for layer in layers)
            text = _either([layer.text for layer in layers]) if same else None
            return None if text is None else first._replace(text=text)
        case Plated():
            inner = merged([part.inner for part in parts if isinstance(part, Plated)])
            same = all(
                isinstance(part, Plated) and part._replace(inner=()) == first._replace(inner=()) for part in parts
            )
            return first._replace(inner=inner) if same and inner is not None else None
        case Fork():
            forks = [part for part in parts if isinstance(part, Fork)]
            if any(len(each.branches) != len(first.branches) or each.name != first.name for each in forks):
                return None
            branches = [merged(series) for series in zip(*(each.branches for each in forks), strict=True)]
            found = tuple(series for series in branches if series is not None)
            return first._replace(branches=found) if len(found) == len(branches) else None
        case Rows() | Stack():
            return None


def _either(texts: Sequence[str]) -> str | None:
    """Texts that differ in one word as one: ``3×3 or 5×5 conv, c``."""
    several = [text.split(" ") for text in dict.fromkeys(texts)]
    if any(len(words) != len(several[0]) for words in several):
        return None
    columns = [list(dict.fromkeys(column)) for column in zip(*several, strict=True)]
    if sum(len(column) > 1 for column in columns) > 1:
        return None
    return " ".join(" or ".join(column) for column in columns)
