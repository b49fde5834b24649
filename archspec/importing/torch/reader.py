"""The reader: a module of torch as a graph of layers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archspec.importing.graph import Graph
from archspec.importing.torch.program import Program, program
from archspec.importing.torch.regions import Parts, Region
from archspec.importing.torch.walking import Stuck, Walk
from archspec.importing.torch.wholes import WHOLES
from archspec.op import Shape

if TYPE_CHECKING:
    from torch import nn


def read(module: nn.Module, input: Shape, name: str, title: str, origin: str = "") -> Graph:
    """The layers of a module as it runs on one input, H x W x C or a vector.

    What no layer says is a layer ``opaque``. Raises Unread where not even that can be done.
    """
    return graph(program(module, input), module, input, name, title, origin)


def graph(found: Program, module: nn.Module, input: Shape, name: str, title: str, origin: str) -> Graph:
    """The layers of a program."""
    parts = Parts(found)
    regions = {place: region for region in parts.known(WHOLES) for place in region.members}
    while True:
        try:
            at, outputs = Walk(parts, regions, module, input).run()
        except Stuck as stuck:
            if stuck.place == len(found.steps):
                raise
            larger = parts.around(stuck.place, stuck.reason, stuck.region)
            if larger is None:
                raise
            regions |= dict.fromkeys(larger.members, larger)
            continue
        return Graph(name, title, input, tuple(at.layers), outputs, origin)
