"""Two modules by their numbers: the same outputs for the same weights, and the same mult-adds by torch's counter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from archspec.importing.graph import Graph
from archspec.importing.torch.at_rest import at_rest
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


def compared(module: nn.Module, emitted: nn.Module, named: Mapping[str, str], graph: Graph) -> Verdict:
    """Whether two modules give the same, the other with the weights of the first, which are drawn anew."""
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
    held = [tensors_of(each) for each in both]
    try:
        for each in both:
            each.to("meta")
        ours, theirs = [counted(each, "meta") for each in both]
    except Exception:  # of a module that makes tensors on a device of its own, or reads their numbers
        for each, numbers in zip(both, held, strict=True):
            each.to_empty(device="cpu")
            for name, tensor in tensors_of(each).items():
                tensor.copy_(numbers[name])
        ours, theirs = [counted(each, "cpu") for each in both]
    if ours != theirs:
        return Verdict(False, f"torch counts {ours:,} mult-adds, and {theirs:,} of the spec")
    return Verdict(True, f"the same outputs, and {ours:,} mult-adds by torch's counter")


def tensors_of(module: nn.Module) -> dict[str, Tensor]:
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
