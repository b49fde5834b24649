"""The proof: a module and what is emitted for the spec that was read from it are one network, by numbers.

Both graphs are read and walked side by side, so that each tensor is known by the layer that holds it. Then the weights
of the module, drawn anew so that no scale is 1 and no mean 0, are put into the emitted one, and both run.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from archspec.compiled import Compiled
from archspec.importing.fold.names import one_line
from archspec.importing.graph import OPAQUE, Graph
from archspec.importing.pairing import pairs
from archspec.importing.torch.owners import owners
from archspec.importing.torch.program import at_rest
from archspec.importing.torch.reader import Unread, read
from archspec.op import Shape

if TYPE_CHECKING:
    from torch import Tensor, nn

CLOSE = 1e-9
"""How far two outputs may lie apart in double precision, of the largest of them: they differ by the order of sums."""


SMALLEST = 32
"""The side of the smallest images, and what their sides are multiples of: what most networks divide them by."""


class Verdict(NamedTuple):
    """Whether a spec is the module that it was read from."""

    holds: bool
    reason: str
    """What is not the same; where it holds, what was compared."""


def verify(module: nn.Module, graph: Graph, compiled: Compiled) -> Verdict:
    """Whether the module that a spec gives has the parameters, the outputs and the mult-adds of another.

    ``graph`` is what was read of the module. What is opaque in it is computed by the module's own operations on both
    sides, so that all around it is compared. The module has numbers for its weights; they change, and are gone in the
    end.
    """
    from archspec.importing.torch.stand_ins import stand_ins

    if (empty := next((name for name, tensor in _numbers(module).items() if tensor.is_meta), None)) is not None:
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
    return Verdict(False, wrong) if wrong else _compared(module, emitted, named, graph)


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


def _compared(module: nn.Module, emitted: nn.Module, named: Mapping[str, str], graph: Graph) -> Verdict:
    import torch

    with torch.random.fork_rng(), torch.no_grad():
        torch.manual_seed(0)
        for each in (module, emitted):
            each.double().requires_grad_(False)  # torch's counter follows what has a gradient
        _draw(module)
        state = module.state_dict()
        filled = {
            name: state[named[name]].reshape(tensor.shape) if name in named else tensor
            for name, tensor in emitted.state_dict().items()
        }
        emitted.load_state_dict(filled)
        places = [output.place for output in graph.outputs]
        sized = any(layer.opaque for layer in graph.layers)  # a part that is opaque takes its own size alone
        apart = "nothing was tried" if sized else _small(module, emitted, graph.input, places)
        try:
            wrong = _apart(*_run(module, emitted, graph.input, places)) if apart else ""
            return Verdict(False, wrong) if wrong else _counted(module, emitted, graph.input, len(places) > 1)
        except Exception as error:  # of the module, which may demand numbers of one precision
            return Verdict(False, f"it does not run in double precision: {_first_line(error)}")


def _small(module: nn.Module, emitted: nn.Module, input: Shape, places: Sequence[int]) -> str:
    """What differs on a small image, which is enough where nothing does; a network may not take one."""
    if not input.is_map or min(input.extent) < 4 * SMALLEST:
        return "nothing was tried"
    height, width = (max(n // 4 // SMALLEST, 2) * SMALLEST for n in input.extent)
    try:
        return _apart(*_run(module, emitted, Shape(input.channels, height, width), places))
    except Exception as error:  # of either module, to which the image is too small
        return str(error) or "the image is too small"


def _run(
    module: nn.Module, emitted: nn.Module, input: Shape, places: Sequence[int]
) -> tuple[list[Tensor], list[Tensor]]:
    """All that the two modules give for one image, in the order of the second, which gives what is at these places."""
    import torch

    image = torch.randn(1, *_sides(input), dtype=torch.float64)
    ours, theirs = (_given(each, image, heads=len(places) > 1) for each in (module, emitted))
    return [ours[place] for place in places] if len(ours) == len(places) else ours, theirs


def _given(module: nn.Module, image: Tensor, heads: bool) -> list[Tensor]:
    """What a module gives, without dropout where it is a call that asks whether its module trains."""
    from torch.nn import functional
    from torch.overrides import TorchFunctionMode
    from torch.utils import _pytree as pytree

    class Whole(TorchFunctionMode):
        def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            return args[0] if heads and func is functional.dropout else func(*args, **(kwargs or {}))

    with at_rest(module, heads), Whole():
        return [each for each in pytree.tree_leaves(module(image)) if each is not None]


def _apart(ours: Sequence[Tensor], theirs: Sequence[Tensor]) -> str:
    """What differs between the outputs; nothing where they are the same."""
    if len(ours) != len(theirs):
        return f"there are {len(ours)} outputs, and {len(theirs)} of the spec"
    for one, other in zip(ours, theirs, strict=True):
        if one.shape != other.shape:
            return f"the outputs are {tuple(one.shape)} and {tuple(other.shape)}"
        largest = float(one.abs().max())
        if not 0 < largest < float("inf"):
            return "its outputs say nothing: they are all 0, or too large"
        apart = float((one - other).abs().max()) / largest
        if not apart <= CLOSE:
            return f"the outputs differ by {apart:.1e} of the largest"
    return ""


def _counted(module: nn.Module, emitted: nn.Module, input: Shape, heads: bool) -> Verdict:
    """Whether torch counts the same mult-adds, for which nothing is computed."""
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    def counted(each: nn.Module, device: str) -> int:
        with FlopCounterMode(display=False) as counter:
            _given(each, torch.rand(1, *_sides(input), dtype=torch.float64, device=device), heads)
        return int(counter.get_total_flops()) // 2

    both = (module, emitted)
    held = [_numbers(each) for each in both]
    try:
        for each in both:
            each.to("meta")
        ours, theirs = [counted(each, "meta") for each in both]
    except Exception:  # of a module that makes tensors on a device of its own, or reads their numbers
        for each, numbers in zip(both, held, strict=True):
            each.to_empty(device="cpu")
            for name, tensor in _numbers(each).items():
                tensor.copy_(numbers[name])
        ours, theirs = [counted(each, "cpu") for each in both]
    if ours != theirs:
        return Verdict(False, f"torch counts {ours:,} mult-adds, and {theirs:,} of the spec")
    return Verdict(True, f"the same outputs, and {ours:,} mult-adds by torch's counter")


def _numbers(module: nn.Module) -> dict[str, Tensor]:
    """The parameters and buffers of a module, which stay when it is moved."""
    return {name: tensor.detach() for name, tensor in [*module.named_parameters(), *module.named_buffers()]}


def _draw(module: nn.Module) -> None:
    """Scales, shifts and statistics as no module starts with, so that one in the wrong place is seen."""
    import torch

    for name, tensor in [*module.named_parameters(), *module.named_buffers()]:
        if not tensor.is_floating_point():
            continue
        if name.endswith(("running_var", ".weight", ".gamma")) and tensor.dim() == 1:
            tensor.copy_(torch.rand_like(tensor) + 0.5)
        elif max(tensor.shape, default=1) == tensor.numel():
            tensor.copy_(torch.randn_like(tensor) * 0.1)


def _sides(input: Shape) -> tuple[int, ...]:
    return (input.channels, *input.extent) if input.is_map else (input.channels,)


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


def _some(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
