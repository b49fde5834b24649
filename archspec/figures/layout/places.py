"""Which node of a layer stands left of which, and how far: by what they take from, and what takes from them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from archspec.figures.layout.piece import Piece

SWEEPS = 6
ACROSS = 4.0
"""How much more a way that passes a layer pulls, so that it is straight."""


@dataclass
class Place:
    """A node in its layer, or a way that passes it."""

    piece: Piece
    layer: int
    above: list[Place] = field(default_factory=list)
    below: list[Place] = field(default_factory=list)
    x: float = 0
    """Of its left."""
    y: float = 0
    passes: bool = False

    @property
    def enter(self) -> float:
        return self.x + self.piece.enter

    @property
    def leave(self) -> float:
        return self.x + self.piece.leave


def ordered(layers: Sequence[list[Place]]) -> None:
    """Sort each layer by the middle of the neighbours of its nodes, down and up in turn."""
    for sweep in range(SWEEPS):
        down = sweep % 2 == 0
        rank: dict[int, float] = {}
        for layer in layers if down else layers[::-1]:
            own = {id(place): i / max(1, len(layer) - 1) for i, place in enumerate(layer)}
            layer.sort(key=lambda place: _middle(place.above if down else place.below, rank, own[id(place)]))
            rank |= {id(place): i / max(1, len(layer) - 1) for i, place in enumerate(layer)}


def _middle(neighbours: Sequence[Place], rank: dict[int, float], own: float) -> float:
    return sum(rank[id(each)] for each in neighbours) / len(neighbours) if neighbours else own


def spread(layers: Sequence[Sequence[Place]], gap: float) -> None:
    """Give each node its place across: near its neighbours, and not upon one another."""
    for layer in layers:
        _settle(layer, [0.0] * len(layer), [1.0] * len(layer), gap)
    for sweep in range(2 * SWEEPS + 1):
        down = sweep % 2 == 0
        for layer in layers if down else layers[::-1]:
            wanted, weights = [], []
            for place in layer:
                near = place.above if down else place.below
                wanted.append(_wanted(place, near, down))
                weights.append((ACROSS if place.passes else 1.0) * (len(near) or 0.1))
            _settle(layer, wanted, weights, gap)


def _wanted(place: Place, near: Sequence[Place], down: bool) -> float:
    if not near:
        return place.x
    if down:
        return sum(each.leave for each in near) / len(near) - place.piece.enter
    return sum(each.enter for each in near) / len(near) - place.piece.leave


def _settle(layer: Sequence[Place], wanted: Iterable[float], weights: Iterable[float], gap: float) -> None:
    """Places as near to those that are wanted as the widths allow, by least squares: neighbours in each other's way
    stand together, where they want to be on average."""
    starts, far = [], 0.0
    for place in layer:
        starts.append(far)
        far += place.piece.width + gap
    pools: list[tuple[float, float, int]] = []
    for want, weight, start in zip(wanted, weights, starts, strict=True):
        pools.append((want - start, weight, 1))
        while len(pools) > 1 and pools[-2][0] > pools[-1][0]:
            (one, heavy, many), (other, light, more) = pools[-2:]
            pools[-2:] = [((one * heavy + other * light) / (heavy + light), heavy + light, many + more)]
    places = [value for value, _, many in pools for _ in range(many)]
    for place, start, value in zip(layer, starts, places, strict=True):
        place.x = start + value
