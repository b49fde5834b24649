"""Second witnesses: what torch says of shapes, parameters and work. No arithmetic here comes from archspec."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import prod
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from archspec.api import variants
from archspec.ir import Apply, Network, Repeat, Step
from archspec.op import Call, Op, Shape
from archspec.pipeline import Compiled
from archspec.targets.torch.rules import call_doc
from archspec.targets.torch.layout import flat

ROOT = Path(__file__).parent.parent
SPECS = sorted((ROOT / "specs").glob("*.arch"))
META = torch.device("meta")


def corpus() -> dict[str, Compiled]:
    """Every variant of every spec, by `file:variant`."""
    return {
        f"{path.name}:{compiled.network.variant or ''}".rstrip(":"): compiled
        for path in SPECS
        for compiled in variants(str(path))
    }


def modules_of(calls: Sequence[Call]) -> list[nn.Module]:
    """The torch modules that emitted text makes, one for each call."""
    space: dict[str, Any] = {"torch": torch, "nn": nn, "Tensor": Tensor}
    for call in calls:
        exec(call.module or "", space)
    return [eval(flat(call_doc(call)), space) for call in calls]


def size(x: Shape, batch: int) -> tuple[int, ...]:
    """The size of a batch of such inputs, in torch's order."""
    return (batch, x.channels) if x.height is None or x.width is None else (batch, x.channels, x.height, x.width)


def shape_of(tensor: Tensor) -> Shape:
    """A batch's shape as archspec writes it."""
    return Shape(*tensor.shape[1:])


def parameters_of(module: nn.Module) -> dict[str, tuple[int, ...]]:
    """Names and shapes of the parameters, in torch's order."""
    return {name: tuple(p.shape) for name, p in module.named_parameters()}


def buffers_of(module: nn.Module) -> dict[str, tuple[int, ...]]:
    """Names and shapes of what is stored but not trained, without the counter of batches."""
    stored = module.state_dict().keys()
    found = {name: tuple(b.shape) for name, b in module.named_buffers() if name in stored}
    return {name: shape for name, shape in found.items() if not name.endswith("num_batches_tracked")}


def flops_halved(model: nn.Module, x: Tensor) -> int:
    """Mult-adds by torch's own counter, which counts a multiplication and an addition apart."""
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        model(x)
    flops: int = counter.get_total_flops()
    assert flops % 2 == 0
    return flops // 2


def hooked(model: nn.Module, x: Tensor) -> int:
    """Mult-adds by hooks: each output of a convolution or fully connected layer costs the weights that it sees."""
    total = 0

    def count(module: nn.Module, x: Any, y: Tensor) -> None:
        nonlocal total
        weight = module.weight
        assert isinstance(weight, Tensor)
        if isinstance(module, nn.ConvTranspose2d):
            total += x[0].numel() * prod(weight.shape[1:])  # each element of the input meets the weights of its kernels
        elif isinstance(module, nn.Conv2d | nn.Linear):
            total += y.numel() * prod(weight.shape[1:])
        else:
            total += y.shape[2] * y.shape[3] * weight.numel()  # a kernel for each pair of maps, at each position

    kinds = (nn.Conv2d, nn.ConvTranspose2d, nn.Linear)
    counted = [m for m in model.modules() if isinstance(m, kinds) or type(m).__name__ == "PartialConv2d"]
    handles = [module.register_forward_hook(count) for module in counted]
    with torch.no_grad():
        model(x)
    for handle in handles:
        handle.remove()
    return total


def outputs(model: nn.Module, x: Tensor) -> dict[str, Shape]:
    """The shape that each attribute of a network gives, in the order of the calls, the loss's own included."""
    found: dict[str, Shape] = {}
    handles = [
        child.register_forward_hook(lambda _m, _x, y, name=name: found.setdefault(name, shape_of(y)) and None)
        for name, child in model.named_children()
    ]
    with torch.no_grad():
        getattr(model, "predict", model)(x)
    for handle in handles:
        handle.remove()
    return found


def unrolled(network: Network) -> Iterator[tuple[int, Op, Shape]]:
    """Every layer with its row and input, each repetition walked: slow, and plain to read."""
    x = network.input_shape
    for i, row in enumerate(network.rows):
        for apply in _applied(row.steps or ()):
            op = apply.layer()
            yield i, op, x
            x = op.infer(x)


def _applied(steps: Sequence[Step]) -> Iterator[Apply]:
    for step in steps:
        if isinstance(step, Apply):
            yield step
        elif isinstance(step, Repeat):
            for times, body in step.runs():
                for _ in range(times):
                    yield from _applied(body)
        else:
            yield from _applied(step.steps)


def meta_build(compiled: Compiled) -> nn.Module:
    """The network without memory for its weights, as at test time."""
    with META:
        return compiled.build().eval()
