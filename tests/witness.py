"""Second witnesses: what torch says of shapes, parameters and work. No arithmetic here comes from archspec."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from math import prod
from typing import Any, NamedTuple
from unittest import mock

import torch
from networks import ROOT as ROOT
from networks import SPECS as SPECS
from networks import corpus as corpus
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from archspec import ops
from archspec.compiled import Compiled
from archspec.ir.network import Apply, Arg, Graph, Group, Instance, Network, Repeat, Row, Step, When
from archspec.op import Call, Op, Shape
from archspec.targets.torch.layout import flat
from archspec.targets.torch.rules import call_doc

META = torch.device("meta")
Values = Mapping[str, Any]


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
    """Mult-adds by hooks."""
    hooks = _Hooks(model)
    with torch.no_grad():
        model(x)
    for handle in hooks.handles:
        handle.remove()
    return hooks.total


class Layer(NamedTuple):
    """One layer of a network written out: the name of its head, if it is in one, its row, its inputs and its output."""

    head: str | None
    row: int
    op: Op
    xs: tuple[Shape, ...]
    y: Shape


class Unrolled:
    """The layers of a network one by one, in order: every repetition and every use of a block written out.

    Slow, and plain to read: it knows nothing of how the compiler walks a network, and computes its own expressions.
    """

    def __init__(self, network: Network) -> None:
        self.layers: list[Layer] = []
        self.modules: dict[tuple[str | None, int], int] = {}
        """How many torch modules and objects of blocks' classes each row has."""
        self._network = network
        self._at: tuple[str | None, int] = None, 0
        ends: dict[str, Shape] = {}
        self.end = self._rows(network.rows, network.input_shape, network.parameters, ends, None)
        self.heads = {head.name: self._rows(head.rows, ends[head.source], network.parameters, {}, head.name)
                      for head in network.heads}  # fmt: skip

    def _rows(
        self, rows: Sequence[Row], x: Shape, values: Values, ends: dict[str, Shape], head: str | None = ""
    ) -> Shape:
        """Named rows; those of a block stay in the row of its use, which is what an empty ``head`` says."""
        ends["in"] = x
        for i, row in enumerate(rows):
            if head != "":
                self._at = head, i
            xs = [ends[source] for source in row.sources] or [x]
            steps = row.steps or ()
            inner = {**values, "in": xs[0].channels}
            if len(xs) > 1:
                while isinstance(steps[0], Group):
                    steps = (*steps[0].steps, *steps[1:])
                join = steps[0]
                assert isinstance(join, Apply)
                x = self._apply(join, xs, inner)
                steps = steps[1:]
            else:
                x = xs[0]
            x = self._steps(steps, x, inner)
            ends[row.layer] = x
        return x

    def _steps(self, steps: Sequence[Step], x: Shape, values: Values) -> Shape:
        for step in steps:
            x = self._step(step, x, values)
        return x

    def _step(self, step: Step, x: Shape, values: Values) -> Shape:
        if isinstance(step, Apply):
            return self._apply(step, [x], values)
        if isinstance(step, Group):
            return self._steps(step.steps, x, values)
        if isinstance(step, When):
            return self._steps(step.steps, x, values) if value_of(step.condition, values) else x
        if isinstance(step, Repeat):
            for i in range(value_of(step.times, values)):
                body = step.first if i == 0 and step.first is not None else step.steps
                x = self._steps(body, x, {**values, "in": x.channels})
            return x
        if isinstance(step, Instance):
            return self._instance(step, x, values)
        inner = {**values, "in": x.channels}
        if isinstance(step, Graph):
            return self._rows(step.rows, x, inner, {})
        ends = [self._steps(branch.steps, x, inner) for branch in step.branches if is_there(branch.steps, inner)]
        return self._apply(step.join, ends, inner) if len(ends) > 1 else ends[0]

    def _instance(self, step: Instance, x: Shape, values: Values) -> Shape:
        block = self._network.blocks[step.block]
        bound: dict[str, Any] = {**self._network.parameters, "in": x.channels}
        for name, default in block.parameters.items():
            given = step.args.get(name)
            bound[name] = value_of(given, values) if given is not None else value_of(default, bound)
        self.modules[self._at] = self.modules.get(self._at, 0) + 1
        return self._steps(block.steps, x, bound)

    def _apply(self, step: Apply, xs: Sequence[Shape], values: Values) -> Shape:
        found = ops.find(step.op)
        assert found is not None
        op = found(**{name: value_of(arg, values) for name, arg in step.args.items()})
        y = op.infer(*xs)
        self.layers.append(Layer(*self._at, op, tuple(xs), y))
        self.modules[self._at] = self.modules.get(self._at, 0) + len(op.torch(*xs))
        return y


def is_there(steps: Sequence[Step], values: Values) -> bool:
    """Whether something is left of a branch: one whose every step has a condition drops out where none holds."""
    ifs = [step for step in steps if isinstance(step, When) and not step.bypass]
    return len(ifs) < len(steps) or any(value_of(step.condition, values) for step in ifs)


def value_of(arg: Arg | None, values: Values) -> Any:
    """The value of an argument, by Python's own arithmetic on its text."""
    assert arg is not None
    if arg.value is not None or arg.text is None:
        return arg.value
    parts = [_computed(part, values) for part in arg.text.split(" x ")]
    return parts[0] if len(parts) == 1 else tuple(parts)


def _computed(text: str, values: Values) -> Any:
    written = re.sub(r'\d[\w.]*|"[^"]*"|[^\W\d]\w*', lambda m: repr(values[m[0]]) if m[0] in values else m[0], text)
    found = eval(
        written, {"round_to": _round_to, "floor": lambda v: math.floor(v + 1e-9), "ceil": lambda v: math.ceil(v - 1e-9)}
    )
    whole = isinstance(found, float) and abs(found - round(found)) < 1e-9 * max(abs(found), 1)
    return round(found) if whole else found


def _round_to(value: float, multiple: int) -> int:
    """``_make_divisible`` of the MobileNets' code."""
    nearest = max(multiple, int(value + multiple / 2) // multiple * multiple)
    return nearest + multiple if nearest < 0.9 * value else nearest


class Ran(NamedTuple):
    """What torch says of a network when it runs: shapes by attribute, and mult-adds by two counters."""

    outputs: dict[str, Shape]
    heads: tuple[Shape, ...]
    flops_halved: int
    hooked: int


def ran(model: nn.Module, x: Tensor) -> Ran:
    """One run, in which both counters and all hooks look on; ``predict`` is for what belongs to the loss."""
    found: dict[str, Shape] = {}
    handles = [
        child.register_forward_hook(lambda _m, _x, y, name=name: found.setdefault(name, shape_of(y)) and None)
        for name, child in model.named_children()
    ]
    own = _Hooks(model)
    with quick_norms(x.is_meta), FlopCounterMode(display=False) as counter, torch.no_grad():
        got = model(x) if model.training else getattr(model, "predict", model)(x)
    for handle in (*handles, *own.handles):
        handle.remove()
    flops: int = counter.get_total_flops()
    assert flops % (2 * len(x)) == own.total % len(x) == 0
    heads = tuple(shape_of(y) for y in got[1:]) if isinstance(got, tuple) else ()
    return Ran(found, heads, flops // 2 // len(x), own.total // len(x))


@contextmanager
def quick_norms(on_meta: bool = True) -> Iterator[None]:
    """Lets batch normalisation on the meta device just check its channels and give its input's shape.

    More does not come of it there, and torch computes it there in Python, op by op: two thirds of the time of a run.
    ``test_ops_against_torch.py`` has torch itself check the channels and give the shape.
    """

    def forward(norm: nn.BatchNorm2d, x: Tensor) -> Tensor:
        assert x.is_meta
        assert x.dim() == 4
        assert {norm.num_features} == {x.shape[1], *(len(t) for t in (*norm.parameters(), *norm.buffers()) if t.dim())}
        return torch.empty_like(x)

    with mock.patch.object(nn.BatchNorm2d, "forward", forward) if on_meta else nullcontext():
        yield


class _Hooks:
    """Mult-adds: each output of a convolution or fully connected layer costs the weights that it sees."""

    def __init__(self, model: nn.Module) -> None:
        self.total = 0
        kinds = (nn.Conv1d, nn.Conv2d, nn.Linear, nn.ConvTranspose2d)
        own = ("PartialConv2d", "BlurPool")
        counted = [m for m in model.modules() if isinstance(m, kinds) or type(m).__name__ in own]
        self.handles = [module.register_forward_hook(self._count) for module in counted]

    def _count(self, module: nn.Module, args: tuple[Tensor, ...], y: Tensor) -> None:
        weight = getattr(module, "weight", None)
        if weight is None:  # a kernel that is not trained, the same for all maps
            self.total += y.numel() * prod(module.kernel_size)  # type: ignore[arg-type]
            return
        assert isinstance(weight, Tensor)
        if isinstance(module, nn.Conv1d | nn.Conv2d | nn.Linear):
            self.total += y.numel() * prod(weight.shape[1:])
        elif isinstance(module, nn.ConvTranspose2d):
            self.total += args[0].numel() * prod(weight.shape[1:])
        else:  # a kernel for each pair of maps, at each position
            self.total += len(y) * y.shape[2] * y.shape[3] * weight.numel()


def kept_by(model: nn.Module, x: Tensor) -> int:
    """Elements for one image that autograd keeps for the backward pass of a training step, each stored once.

    Parameters, buffers, numbers and what normalisation keeps for each channel or group are left out.
    """
    got = model.train()(x)
    logits, *heads = got if isinstance(got, tuple) else (got,)
    outputs = [logits.softmax(1) if hasattr(model, "predict") else logits, *heads]
    own = {tensor.untyped_storage()._cdata for tensor in (*model.parameters(), *model.buffers())}
    found: dict[int, Tensor] = {}
    nodes = dict.fromkeys(y.grad_fn for y in outputs)
    for node in (grown := list(nodes)):
        for name in dir(node) if node is not None else ():
            statistic = "Norm" in type(node).__name__ and name in STATISTICS
            saved = getattr(node, name) if name.startswith("_saved_") and not statistic else None
            if isinstance(saved, Tensor) and saved.dim() and saved.untyped_storage()._cdata not in own:
                found.setdefault(saved.untyped_storage()._cdata, saved)
        more = [after for after, _ in node.next_functions if after not in nodes] if node is not None else []
        nodes |= dict.fromkeys(more)
        grown += dict.fromkeys(more)
    elements = sum(tensor.numel() for tensor in found.values())
    assert elements % len(x) == 0
    return elements // len(x)


STATISTICS = frozenset({"_saved_result1", "_saved_result2", "_saved_mean", "_saved_rstd"})
"""What a normalisation's backward pass needs of each channel or group."""


def outputs(model: nn.Module, x: Tensor) -> dict[str, Shape]:
    """The shape that each attribute of a network gives, in the order of the calls, the loss's own included."""
    return ran(model, x).outputs


def unrolled(network: Network) -> list[Layer]:
    """Every layer, those of the heads last."""
    return Unrolled(network).layers


def weights_of(network: Network) -> list[tuple[str, tuple[int, ...]]]:
    """The tensors of all layers in order, by torch's names."""
    return [tensor for layer in unrolled(network) for tensor in layer.op.weights(*layer.xs).items()]


def expected_outputs(network: Network) -> list[Shape]:
    """The outputs of the rows that have torch modules; a soft-max at the end of a longer row is one of its own."""
    walked = Unrolled(network)
    ends = {row: y for head, row, _, _, y in walked.layers if head is None}
    rows = [row for (head, row), count in walked.modules.items() if head is None and count]
    last = next(layer for layer in reversed(walked.layers) if layer.head is None)
    apart = last.op.part_of_loss and walked.modules[None, last.row] > 1
    return [ends[row] for row in rows] + [last.y] * apart


def meta_build(compiled: Compiled) -> nn.Module:
    """The network without memory for its weights, as at test time."""
    with META:
        return compiled.build().eval()
