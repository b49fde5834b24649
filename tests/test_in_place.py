"""What may be written over: no layer gives its input or what the backward pass needs of it, unless it says so."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import torch
from test_kept_for_backward import FORMS, NEEDED
from torch import Tensor, nn
from witness import modules_of, size

from archspec import ops
from archspec.op import Join, Op, Shape

pytestmark = pytest.mark.torch

SHAPES = [Shape(16, 12, 10), Shape(16), Shape(16, 1, 1), Shape(1, 1, 1), Shape(1)]
IDLE: dict[str, list[dict[str, Any]]] = {
    "adaptive-avgpool": [{"size": 1}, {"size": (12, 10)}],
    "adaptive-maxpool": [{"size": 1}, {"size": (12, 10)}],
    "avgpool": [{"kernel": 1}],
    "channel-shuffle": [{"groups": 1}, {"groups": 16}],
    "channel-split": [{"part": 1, "of": 1}],
    "channels": [{"first": 1, "last": 1}, {"first": 1, "last": 16}],
    "conv": [{"kernel": 1, "channels": 16}, {"kernel": 1, "channels": 16, "pad": "tf_same", "stride": 2}],
    "crop": [{"by": 0}, {"size": 1}],
    "drop-path": [{"p": 0}, {"p": 1}],
    "dropout": [{"p": 0}, {"p": 1}],
    "dwconv": [{"kernel": 1}],
    "elu": [{"alpha": -1.0}],
    "gelu": [{"tanh": True}],
    "groupnorm": [{"groups": 1}],
    "leaky-relu": [{"slope": 1}, {"slope": 0}, {"slope": -0.5}],
    "lp-pool": [{"kernel": 1}],
    "lrn": [{"n": 1}],
    "maxpool": [{"kernel": 1}, {"kernel": 1, "stride": 1, "pad": "tf_same"}, {"kernel": 2, "stride": 1, "pad": "tf_same"}],
    "pad": [{"by": 0, "mode": mode} for mode in ("zero", "reflect", "replicate")],
    "pad-channels": [{"channels": 1}, {"channels": 16}, {"channels": 16, "stride": 2}],
    "partial-conv": [{"kernel": 1, "maps": "0"}],
    "pixel-shuffle": [{"factor": 1}],
    "pixel-unshuffle": [{"factor": 1}],
    "scale": [{"factor": 1}],
    "subsample": [{"kernel": 1}],
    "tanh": [{"amplitude": 2.0}, {"slope": 2.0}],
    "transposed-conv": [{"kernel": 1, "channels": 16}],
    "ws-conv": [{"kernel": 1, "channels": 16}],
    "upsample": [{"factor": 1}, {"factor": 1, "mode": "bilinear"}],
}  # fmt: skip
"""Arguments with which a layer does little or nothing, so that it might give its input."""


def uses(name: str) -> Iterator[tuple[Op, Shape]]:
    """Uses of an op, those that do nothing among them."""
    found = ops.find(name)
    assert found is not None
    forms = [args for other, args, _ in FORMS if other == name]
    for args in [NEEDED.get(name, {}), *forms, *IDLE.get(name, [])]:
        op = found(**args)
        yield from ((op, x) for x in SHAPES if all(holds for holds, _ in op.requires(x)))


def can_be_written_over(compute: Callable[..., Tensor], *xs: Tensor) -> bool:
    """Whether writing over the output changes no input, and no gradient."""
    y = compute(*xs)
    places = {x.untyped_storage().data_ptr() for x in xs}
    if y.untyped_storage().data_ptr() in places:
        return False
    try:
        y.mul_(2)
        if y.requires_grad:
            torch.autograd.backward([y.sum()])
    except RuntimeError as error:
        if "inplace operation" not in str(error):
            raise
        return False
    return True


@pytest.mark.parametrize("name", [op.spelled() for op in ops.every() if op.arity == 1 and op.known])
def test_a_layer_whose_output_must_not_be_written_over_works_in_place(name: str) -> None:
    tried = 0
    for op, x in uses(name):
        model = nn.Sequential(*modules_of(op.torch(x)))
        for training in (False, True):
            for grad in (False, True):
                for layout in (torch.contiguous_format, torch.channels_last)[: 1 + x.is_map]:
                    with torch.set_grad_enabled(grad):
                        data = (torch.randn(size(x, 4), requires_grad=grad) * 1).contiguous(memory_format=layout)
                        assert op.in_place or can_be_written_over(model.train(training), data), (op, x, training, grad)
                    tried += 1
    assert tried


@pytest.mark.parametrize("name", [op.spelled() for op in ops.every() if op.arity == 1 and op.known])
def test_what_keeps_its_output_or_gives_its_input_works_in_place(name: str) -> None:
    for op, x in uses(name):
        assert op.in_place or not (op.view or "output" in op.keeping(x))


@pytest.mark.parametrize("name", [op.spelled() for op in ops.every() if op.arity == 1 and op.in_place])
def test_what_works_in_place_has_a_backward_pass(name: str) -> None:
    for op, x in uses(name):
        data = torch.randn(size(x, 4), requires_grad=True)
        gradients: list[Tensor] = []
        for apart in (False, True):
            model = nn.Sequential(*modules_of(op.torch(x)))
            for module in model.modules():
                if apart and "inplace" in vars(module):
                    vars(module)["inplace"] = False
            torch.manual_seed(0)
            gradients += torch.autograd.grad(model(data * 1).sum(), data)
        assert torch.allclose(gradients[0], gradients[1]), (op, x)


@pytest.mark.parametrize("name", [op.spelled() for op in ops.every() if op.arity is None])
@pytest.mark.parametrize("sides", [(SHAPES[0], SHAPES[0]), (SHAPES[2], SHAPES[2]), (SHAPES[1], SHAPES[1])])
@pytest.mark.parametrize("grad", [False, True])
def test_what_a_join_gives_can_always_be_written_over(name: str, sides: tuple[Shape, Shape], grad: bool) -> None:
    found = ops.find(name)
    assert found is not None
    op = found()
    assert isinstance(op, Join)
    text = op.combine(["a", "b"], *sides)
    data = [torch.randn(size(x, 4), requires_grad=grad) * 1 for x in sides]
    assert can_be_written_over(lambda a, b: eval(text, {"torch": torch, "a": a, "b": b}), *data)
