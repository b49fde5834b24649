"""What an emitted module takes for its opaque layers, so that the rest of it can be held to the network.

Each is read as the opaque layer that it stands for, so that it is known which part of the network that is; then it is
given that part, and the module runs. This file imports torch, and is imported where both networks are run.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping

from torch import Tensor, nn

from archspec.compiled import Compiled
from archspec.importing.torch import axes
from archspec.importing.torch.axes import sizes
from archspec.op import Shape


class StandIn(nn.Module):
    """Nothing is known of it but its name and the shapes that it gives."""

    def __init__(self, name: str, gives: Mapping[Shape, Shape]) -> None:
        super().__init__()
        self.name, self.gives = name, gives
        self.replay: Callable[[Tensor], Tensor] | None = None

    def forward(self, x: Tensor) -> Tensor:
        if self.replay is not None:
            return self.replay(x)
        _, channels, *sides = x.shape
        return x.new_zeros(sizes(axes.plain(self.gives[Shape(channels, *sides)])))


def stand_ins(compiled: Compiled) -> dict[str, list[StandIn]]:
    """What ``build`` takes for the opaque layers of a network, by their names."""
    counts: Counter[str] = Counter()
    gives: dict[str, dict[Shape, Shape]] = {}
    inferred = compiled.inferred
    for row in [*inferred.rows, *(row for rows in inferred.heads.values() for row in rows)]:
        for op, xs, y, times in ((use.op, use.xs, use.y, use.times) for use in row.uses):
            if not op.known and op.texted is not None:
                name = getattr(op, op.texted)
                counts[name] += times
                gives.setdefault(name, {})[xs[0]] = y
    return {name: [StandIn(name, gives[name]) for _ in range(count)] for name, count in counts.items()}
