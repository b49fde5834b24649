"""The reader: a module of torch as a graph of layers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archspec.importing.graph import Graph
from archspec.importing.torch.merging import merged
from archspec.importing.torch.program import Program, program
from archspec.importing.torch.regions import Parts, names_in
from archspec.importing.torch.values import Overwritten
from archspec.importing.torch.walking import Stuck, Walk
from archspec.importing.torch.wholes import WHOLES
from archspec.op import Shape

if TYPE_CHECKING:
    from torch import nn


class Unread(Exception):
    """A module that could not be read, with the reason."""


def read(module: nn.Module, input: Shape, name: str, title: str, origin: str = "") -> Graph:
    """The layers of a module as it runs on one input, H x W x C or a vector.

    What no layer says is a layer ``opaque``. Where parameters are left over, the module is read once more as in
    training, for the heads that train with it. Raises Unread where it cannot be exported, or not even its parts are
    layers.
    """
    found = exported(module, input)
    if left_over(found):
        try:
            with_heads = program(module, input, heads=True)
        except Exception:  # what torch.export raises is of many kinds; then it has no heads that could be read
            with_heads = found
        found = with_heads if len(with_heads.outputs) > len(found.outputs) else found
    return graph(found, module, input, name, title, origin)


def exported(module: nn.Module, input: Shape) -> Program:
    """The operations of a module; raises Unread where torch.export cannot follow it."""
    try:
        return program(module, input)
    except Exception as error:  # of torch.export, and of the module itself
        lines = str(error).strip().splitlines() or [""]
        raise Unread(f"torch.export could not follow it: {type(error).__name__}: {lines[0]}") from error


def left_over(found: Program) -> list[str]:
    """The parameters that no operation takes."""
    taken = {name for step in found.steps for name in names_in(step.arguments.values())}
    return [weight.name for name, weight in found.weights.items() if weight.trained and name not in taken]


def graph(found: Program, module: nn.Module, input: Shape, name: str, title: str, origin: str) -> Graph:
    """The layers of a program."""
    parts = Parts(found)
    regions = {place: region for region in parts.known(WHOLES) for place in region.members}
    while True:
        try:
            at, outputs = Walk(parts, regions, module, input).run()
        except Overwritten as reason:
            raise Unread(str(reason)) from None
        except Stuck as stuck:
            larger = parts.around(stuck.place, stuck.reason, stuck.region) if stuck.place < len(found.steps) else None
            if larger is None:
                raise Unread(f"no part around it could be left open: {stuck.reason}") from None
            regions |= dict.fromkeys(larger.members, larger)
            continue
        together = parts.together(regions)
        if together is None:
            return Graph(name, title, input, *merged(at, outputs), origin)
        regions |= dict.fromkeys(together.members, together)
