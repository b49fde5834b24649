"""Parts that no layer says, computed by the network's own operations, so that the rest can be held to the network.

An emitted module takes a ``StandIn`` for each of them. It is read as the opaque layer that it is, so that it is known
which part it stands for; then it is given that part, and the module runs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.fx import Node
from torch.fx.node import map_aggregate

from archspec.compiled import Compiled
from archspec.importing.torch import axes
from archspec.importing.torch.axes import Dims, moves, sizes
from archspec.importing.torch.program import Step
from archspec.importing.torch.regions import Parts, Region, names_in
from archspec.op import Shape


class Replay:
    """A part of a program as a function, from what enters its layer, as that lies plainly, to what the layer gives."""

    def __init__(
        self, parts: Parts, region: Region, module: nn.Module, enters: tuple[Shape, Dims], leaves: tuple[Shape, Dims]
    ) -> None:
        self._parts, self._region, self._module = parts, region, module
        self._enters, self._leaves = enters, leaves

    def __call__(self, x: Tensor) -> Tensor:
        self._device = x.device
        self._known: dict[str, Any] = {self._region.takes: _laid(x, *self._enters)}
        for place in sorted(self._region.members):
            self._run(self._parts.steps[place])
        return _plainly(self._known[self._region.gives], *self._leaves)

    def _run(self, step: Step) -> None:
        """One operation, on the device of what enters, after those that it takes of weights alone."""
        if step.op.startswith("_assert"):
            return
        for name in names_in(step.arguments.values()):
            if name not in self._known:
                self._known[name] = self._outside(name)
        self._known[step.name] = step.node.target(*self._filled(step.node.args), **self._filled(step.node.kwargs))

    def _outside(self, name: str) -> Any:
        """A weight, or what the network computes of weights elsewhere."""
        program = self._parts.program
        if name not in program.weights:
            self._run(self._parts.steps[self._parts.places[name]])
            return self._known[name]
        weight = program.weights[name].name
        if weight in program.constants:
            return program.constants[weight].to(self._device)
        parent, _, child = weight.rpartition(".")
        return getattr(self._module.get_submodule(parent), child)

    def _filled(self, given: Any) -> Any:
        """Arguments with what is known in the place of nodes, on the device of what enters."""

        def filled(value: Any) -> Any:
            if isinstance(value, Node):
                return self._known[value.name]
            return self._device if isinstance(value, torch.device) else value

        return map_aggregate(given, filled)


class StandIn(nn.Module):
    """What an emitted module takes for an opaque layer: nothing is known of it but the shapes that it gives."""

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


def _laid(x: Tensor, shape: Shape, dims: Dims) -> Tensor:
    """A tensor that lies plainly as the part takes it."""
    parts, order = moves(shape, dims)
    return x.reshape(parts).permute(order).reshape(sizes(dims))


def _plainly(y: Tensor, shape: Shape, dims: Dims) -> Tensor:
    """What a part gives as it lies plainly."""
    parts, order = moves(shape, dims)
    back = sorted(range(len(order)), key=order.__getitem__)
    return y.reshape([parts[i] for i in order]).permute(back).reshape(sizes(axes.plain(shape)))
