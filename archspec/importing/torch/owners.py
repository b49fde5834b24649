"""Which layer takes each parameter of a module: a spec says of each layer that it has its own."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from archspec.importing.graph import Graph

if TYPE_CHECKING:
    from torch import nn


class Owners(NamedTuple):
    """The parameters of a module that no layer, or more than one, takes, by their names."""

    unused: list[str]
    shared: list[str]


def owners(module: nn.Module, graph: Graph) -> Owners:
    """The parameters that are not one layer's own. A parameter may have several names, of which a layer has one."""
    ours = dict(module.named_parameters(remove_duplicate=False))
    held = [name for layer in graph.layers for name in layer.tensors.values()]
    held += [name for layer in graph.layers if layer.opaque for name in layer.opaque.weights]
    counts = Counter(id(ours[name]) for name in held if name in ours)
    unused = [name for name in ours if not counts[id(ours[name])]]
    return Owners(unused, [name for name in dict.fromkeys(held) if name in ours and counts[id(ours[name])] > 1])
