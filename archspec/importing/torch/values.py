"""The values of torch's graph while it is read: tensors over layers, weights, and what is computed from these."""

from __future__ import annotations

from typing import Any, NamedTuple, TypeAlias

from archspec.importing.torch.axes import Dims, sizes


class Value(NamedTuple):
    """A tensor that runs through the network: the output of a layer, and how the tensor lies over it."""

    source: int
    """The position of the layer; ``INPUT`` is what enters the network."""
    dims: Dims
    spread: bool = False
    """Whether torch has it expanded, which joins do by themselves."""

    @property
    def shape(self) -> tuple[int, ...]:
        return sizes(self.dims)


class Weight(NamedTuple):
    """A parameter or a buffer of a module."""

    name: str
    shape: tuple[int, ...]
    trained: bool
    start: float | None = None
    """What all of its numbers are before training, where that is known and they are one."""


class Derived(NamedTuple):
    """A tensor that is computed from weights and numbers alone, by an operation of torch: standardised kernels."""

    op: str
    args: tuple[Any, ...]
    shape: tuple[int, ...]


Constant: TypeAlias = Weight | Derived


class Unsaid(Exception):
    """No layer says what an operation does, with the reason in the words of a sentence."""


class Unlaid(Unsaid):
    """A layer takes a dimension of a tensor for the channels that is something other than these."""


class Overwritten(Exception):
    """An operation writes over memory that others read, in a way that is not followed; nothing around it helps."""


class Lost(NamedTuple):
    """A tensor that a part which no layer says has written over."""

    by: str


def constant(value: object) -> bool:
    """Whether it is a tensor that no input enters."""
    return isinstance(value, Weight | Derived)


def flowing(values: object) -> list[Value]:
    """The tensors among arguments, also in lists, that run through the network."""
    if isinstance(values, Value):
        return [values]
    if isinstance(values, list | tuple) and not isinstance(values, Weight | Derived):
        return [found for each in values for found in flowing(each)]
    return []
