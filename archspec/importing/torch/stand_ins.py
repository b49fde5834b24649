"""What an emitted module takes for its opaque layers, so that the rest of it can be held to the network.

Each is read as the opaque layer that it stands for, so that it is known which part of the network that is; then it is
given that part, and the module runs. This file imports torch, and is imported where both networks are run.
"""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor, nn

from archspec.compiled import Compiled
from archspec.importing.torch import axes
from archspec.importing.torch.axes import sizes
from archspec.op import Shape


class Outputs:
    """What layers of one name give, each the next that one of them gives for its input.

    An object, as torch.export resets what is set on a module while it is followed.
    """

    def __init__(self) -> None:
        self._waiting: dict[Shape, list[Shape]] = {}
        self._given: dict[StandIn, Shape] = {}

    def add(self, x: Shape, y: Shape, times: int) -> None:
        self._waiting.setdefault(x, []).extend([y] * times)

    def of(self, layer: StandIn, x: Shape) -> Shape:
        if layer not in self._given:
            self._given[layer] = self._waiting[x].pop(0)
        return self._given[layer]

    def __len__(self) -> int:
        return sum(map(len, self._waiting.values()))


class StandIn(nn.Module):
    """Nothing is known of it but its name and what it gives."""

    def __init__(self, name: str, outputs: Outputs) -> None:
        super().__init__()
        self.name, self.outputs = name, outputs
        self.replay: Callable[[Tensor], Tensor] | None = None

    def forward(self, x: Tensor) -> Tensor:
        if self.replay is not None:
            return self.replay(x)
        _, channels, *sides = x.shape
        return x.new_zeros(sizes(axes.plain(self.outputs.of(self, Shape(channels, *sides)))))


def stand_ins(compiled: Compiled) -> dict[str, list[StandIn]]:
    """What ``build`` takes for the opaque layers of a network, by their names."""
    outputs: dict[str, Outputs] = {}
    inferred = compiled.inferred
    for row in [*inferred.rows, *(row for rows in inferred.heads.values() for row in rows)]:
        for op, xs, y, times in ((use.op, use.xs, use.y, use.times) for use in row.uses):
            if not op.known and op.texted is not None:
                name = getattr(op, op.texted)
                outputs.setdefault(name, Outputs()).add(xs[0], y, times)
    return {name: [StandIn(name, own) for _ in range(len(own))] for name, own in outputs.items()}
