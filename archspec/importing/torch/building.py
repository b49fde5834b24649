"""The graph while it is made: layers are added one by one, and each is held to what its op says of its output."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from archspec import ops
from archspec.arguments import Misfit
from archspec.importing.graph import INPUT, OPAQUE, Layer, Opaque, Scope, rounded
from archspec.importing.torch.axes import Dims, flat, plain
from archspec.importing.torch.values import Unlaid, Unsaid, Value
from archspec.ir.node import Value as Given
from archspec.op import Op, Refused, Shape, made
from archspec.support.limits import LARGEST


class Building:
    """The layers so far."""

    def __init__(self, input: Shape, trains: bool = False) -> None:
        self.input, self.trains = input, trains
        self.layers: list[Layer] = []
        self.scopes: tuple[Scope, ...] = ()
        """The modules around the operation that is read."""

    def shape(self, source: int) -> Shape:
        """The output of a layer, or the input of the network."""
        return self.input if source == INPUT else self.layers[source].output

    def add(
        self,
        name: str,
        sources: Sequence[int],
        args: Mapping[str, Any] = {},
        tensors: Mapping[str, str] = {},
    ) -> int:
        """A layer by the name and the arguments of its op; raises Unsaid where the op does not take them."""
        kind = ops.find(name)
        assert kind is not None, name
        _demand_numbers(name, args)
        try:
            output = made(kind, args).accept(*map(self.shape, sources))
        except (Misfit, Refused) as wrong:
            raise Unsaid(f"`{name}` does not take it: {wrong}") from None
        self.layers.append(Layer(name, differing(kind, args), tuple(sources), output, self.scopes, tensors))
        return len(self.layers) - 1

    def add_opaque(self, source: int, output: Shape, what: Opaque) -> int:
        """A layer of which nothing is known but its shapes and its parameters."""
        x = self.shape(source)
        args: dict[str, Any] = {"name": what.path}
        if output != x:
            args |= {"size": output.extent} if output.is_map else {}
            args["channels"] = output.channels
        if what.params is not None:
            args["params"] = what.params
        kind = ops.find(OPAQUE)
        assert kind is not None
        try:
            made(kind, args)
        except Misfit as wrong:
            raise Unsaid(f"a part that gives {shown(output.dims)}: {wrong}") from None
        self.layers.append(Layer(OPAQUE, args, (source,), output, self.scopes, {}, what))
        return len(self.layers) - 1

    def value(self, name: str, x: Value, args: Mapping[str, Any] = {}, tensors: Mapping[str, str] = {}) -> Value:
        """A layer on a map or a vector as it lies plainly."""
        source = self.add(name, [self.plain(x)], args, tensors)
        return Value(source, plain(self.shape(source)))

    def elementwise(self, name: str, x: Value, args: Mapping[str, Any] = {}, tensors: Mapping[str, str] = {}) -> Value:
        """A layer that takes each element, or each position, for itself: the tensor lies over it as before."""
        return x._replace(source=self.add(name, [x.source], args, tensors))

    def plain(self, x: Value) -> int:
        """The layer whose output the tensor is, as it lies; raises Unsaid where it is another view."""
        if not self.is_plain(x):
            raise Unlaid(f"it takes {shown(x.shape)}, which is not a map as it lies")
        return x.source

    def is_plain(self, x: Value) -> bool:
        """Whether the tensor is the output of its layer."""
        return not x.spread and x.dims == plain(self.shape(x.source))

    def vector(self, x: Value) -> int:
        """The layer that gives the tensor as a vector, which flattens a map."""
        if x.spread or len(x.dims) != 2:
            raise Unsaid(f"it takes {shown(x.shape)}, which is not a vector")
        shape = self.shape(x.source)
        if not shape.is_map:
            return self.plain(x)
        if x.dims != flat(shape):
            raise Unsaid("it reads a map as a vector in another order than flatten")
        return self.add("flatten", [x.source])

    def output(self, x: Value) -> int:
        """The layer that gives the tensor as it leaves a network."""
        return x.source if self.is_plain(x) else self.vector(x)

    def axis(self, x: Value, place: int) -> str | None:
        """Which whole axis of its layer a dimension of a tensor is; None for a part of one or for several."""
        shape = self.shape(x.source)
        whole: dict[str, Dims] = {"c": plain(shape)[1:2], "h": plain(shape)[2:3], "w": plain(shape)[3:4]}
        here = x.dims[place % len(x.dims)]
        return next((name for name, dims in whole.items() if dims and dims[0] == here), None)

    def channels(self, x: Value) -> list[int]:
        """The dimensions of a tensor that are the channels of its layer, all of them and nothing else."""
        return [i for i in range(1, len(x.dims)) if self.axis(x, i) == "c"]


def shown(shape: Sequence[int]) -> str:
    """The shape of a tensor in words."""
    return "x".join(map(str, shape))


def _demand_numbers(name: str, args: Mapping[str, Any]) -> None:
    """Raise Unsaid for a number that no spec can hold."""
    for value in args.values():
        for number in value if isinstance(value, tuple) else (value,):
            if isinstance(number, int | float) and not abs(number) <= LARGEST:
                raise Unsaid(f"`{name}` does not take {number:g}")


def differing(kind: type[Op], args: Mapping[str, Any]) -> dict[str, Given]:
    """The arguments that differ from the defaults of the op."""
    found = made(kind, args)
    kept = {name: given if isinstance(given, str) else rounded(getattr(found, name)) for name, given in args.items()}
    return {
        name: value
        for name, value in kept.items()
        if kind.arguments[name].required or value != kind.arguments[name].default
    }
