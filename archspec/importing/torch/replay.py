"""Parts that no layer says, computed by the network's own operations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from archspec.importing.torch import axes
from archspec.importing.torch.axes import Dims, moves, sizes
from archspec.importing.torch.program import Step
from archspec.importing.torch.regions import Parts, Region, names_in
from archspec.op import Shape

if TYPE_CHECKING:
    from torch import Tensor, nn


class Replay:
    """A part of a program as a function, from what enters its layer, as that lies plainly, to what the layer gives."""

    def __init__(
        self, parts: Parts, region: Region, module: nn.Module, enters: tuple[Shape, Dims], leaves: tuple[Shape, Dims]
    ) -> None:
        self._parts, self._region, self._module = parts, region, module
        self._enters, self._leaves = enters, leaves
        self.weights: dict[str, Tensor] = {}
        """Others than the module's own, by their names in it."""

    def __call__(self, x: Tensor) -> Tensor:
        self._like = x
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
        if name in program.graphs:
            return program.graphs[name]
        if name not in program.weights:
            self._run(self._parts.steps[self._parts.places[name]])
            return self._known[name]
        weight = program.weights[name].name
        if weight in self.weights:
            return self.weights[weight]
        if weight in program.constants:
            return self._as_entering(program.constants[weight])
        parent, _, child = weight.rpartition(".")
        return self._as_entering(getattr(self._module.get_submodule(parent), child))

    def _as_entering(self, tensor: Tensor) -> Tensor:
        """A tensor on the device of what enters, and in its precision where it has a fraction."""
        return tensor.to(self._like.device, self._like.dtype if tensor.is_floating_point() else None)

    def _filled(self, given: Any) -> Any:
        """Arguments with what is known in the place of nodes, on the device of what enters."""
        import torch
        from torch.fx import Node
        from torch.fx.node import map_aggregate

        def filled(value: Any) -> Any:
            if isinstance(value, Node):
                return self._known[value.name]
            return self._like.device if isinstance(value, torch.device) else value

        return map_aggregate(given, filled)


def _laid(x: Tensor, shape: Shape, dims: Dims) -> Tensor:
    """A tensor that lies plainly as the part takes it."""
    parts, order = moves(shape, dims)
    return x.reshape(parts).permute(order).reshape(sizes(dims))


def _plainly(y: Tensor, shape: Shape, dims: Dims) -> Tensor:
    """What a part gives as it lies plainly."""
    parts, order = moves(shape, dims)
    back = sorted(range(len(order)), key=order.__getitem__)
    return y.reshape([parts[i] for i in order]).permute(back).reshape(sizes(axes.plain(shape)))
