"""The proof: a module and what is emitted for the spec that was read from it are one network, by numbers.

Both graphs are read and walked side by side, so that each tensor is known by the layer that holds it. Then the weights
of the module, drawn anew so that no scale is 1 and no mean 0, are put into the emitted one, and both run.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from archspec.compiled import Compiled
from archspec.importing.fold.names import one_line
from archspec.importing.graph import OPAQUE, Graph
from archspec.importing.pairing import pairs
from archspec.importing.torch.numbers import Verdict, compared, tensors_of
from archspec.importing.torch.owners import owners
from archspec.importing.torch.reader import Unread, read

if TYPE_CHECKING:
    from torch import Tensor, nn


def verify(module: nn.Module, graph: Graph, compiled: Compiled) -> Verdict:
    """Whether the module that a spec gives has the parameters, the outputs and the mult-adds of another.

    ``graph`` is what was read of the module. What is opaque in it is computed by the module's own operations on both
    sides, so that all around it is compared. The module has numbers for its weights; they change, and are gone in the
    end.
    """
    from archspec.importing.torch.stand_ins import stand_ins

    if (empty := next((name for name, tensor in tensors_of(module).items() if tensor.is_meta), None)) is not None:
        return Verdict(False, f"`{empty}` has no numbers: it is on the device meta")
    parts = stand_ins(compiled)
    emitted = _whole(compiled.build(opaque=parts) if parts else compiled.build())
    try:
        if parts:  # whose operations are to be those in double precision
            graph = read(module.double(), graph.input, graph.name, graph.title)
        again = read(emitted, graph.input, graph.name, graph.title)
    except Unread as error:
        return Verdict(False, f"it could not be read once more: {error}")
    matched = pairs(graph, again)
    if matched is None:
        return Verdict(False, "what is emitted is another graph of layers")
    named = _named(graph, again, matched)
    wrong = _tensors(module, emitted, named, graph) or _count(module, compiled)
    wrong = wrong or _filled(emitted, graph, again, matched)
    return Verdict(False, wrong) if wrong else compared(module, emitted, named, graph)


def _whole(emitted: nn.Module) -> nn.Module:
    """A module that computes also the soft-max that it leaves to the loss: what its ``predict`` gives."""
    predict, forward = getattr(emitted, "predict", None), emitted.forward
    if predict is None:
        return emitted

    def whole(x: Tensor) -> Any:
        emitted.forward = forward  # which is what `predict` calls
        try:
            return predict(x)
        finally:
            emitted.forward = whole

    emitted.forward = whole
    return emitted


def _filled(emitted: nn.Module, graph: Graph, again: Graph, matched: Mapping[int, int]) -> str:
    """Gives the emitted module the parts that are opaque; says of which that is not possible."""
    from archspec.importing.torch.stand_ins import StandIn

    for place, other in matched.items():
        part, stands = graph.layers[place].opaque, again.layers[other].opaque
        if part is not None and stands is not None:
            stand_in = emitted.get_submodule(stands.path)
            assert isinstance(stand_in, StandIn)
            if part.replay is None:
                return f"`{part.path}` cannot be run alone"
            if stand_in.name != OPAQUE and _own(stand_in.name) != _own(one_line(part.path)):
                return f"`{stand_in.name}` stands where `{part.path}` does"
            stand_in.replay = part.replay
    return ""


def _own(path: str) -> str:
    """The last name of a path: uses of one block differ in what stands before it."""
    return re.split(r"[.:]", path)[-1]


def _count(module: nn.Module, compiled: Compiled) -> str:
    """What differs between the numbers of parameters, those of opaque parts included where the spec says them."""
    ours = sum(parameter.numel() for parameter in module.parameters())
    told = not compiled.heads and "params" not in compiled.totals.unknown
    if not told or compiled.params == ours:
        return ""
    return f"it has {ours:,} parameters, and the spec {compiled.params:,}"


def _named(graph: Graph, again: Graph, matched: Mapping[int, int]) -> dict[str, str]:
    """The tensors of the emitted module, and those of the module that they are."""
    found: dict[str, str] = {}
    for place, other in matched.items():
        theirs = again.layers[other].tensors
        for name, tensor in graph.layers[place].tensors.items():
            found[theirs[name]] = tensor
    return found


def _tensors(module: nn.Module, emitted: nn.Module, named: Mapping[str, str], graph: Graph) -> str:
    """What differs between the parameters of both, tensor by tensor; nothing where they are the same."""
    ours = dict(module.named_parameters(remove_duplicate=False))
    theirs = dict(emitted.named_parameters())
    unused, shared = owners(module, graph)
    if unused:
        return f"nothing takes the parameters {_some(unused)}"
    if shared:
        return f"several layers share the parameters {_some(shared)}, of which each has its own in the spec"
    if more := [name for name in theirs if name not in named]:
        return f"the spec has parameters of its own, {_some(more)}"
    for name, tensor in theirs.items():
        if _shape(tensor) != _shape(ours[named[name]]):
            return f"`{named[name]}` is {tuple(ours[named[name]].shape)}, and in the spec {tuple(tensor.shape)}"
    return ""


def _shape(tensor: Tensor) -> tuple[int, ...]:
    """The shape of a tensor without sides of 1: a 1x1 convolution is a linear layer, (C, 1, 1) are C factors."""
    return tuple(n for n in tensor.shape if n != 1)


def _some(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
