"""What every layer says that training keeps of it, against what torch's autograd saves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.autograd.graph import saved_tensors_hooks
from witness import modules_of, size

from archspec import ops
from archspec.op import Join, Op, Shape

pytestmark = pytest.mark.torch

MAP, VECTOR = Shape(16, 12, 10), Shape(16)
NEEDED: dict[str, dict[str, Any]] = {
    "adaptive-avgpool": {"size": 3},
    "adaptive-maxpool": {"size": 3},
    "channel-shuffle": {"groups": 4},
    "channel-split": {"part": 2, "of": 2},
    "channels": {"first": 3, "last": 12},
    "conv": {"kernel": 3, "channels": 8},
    "crop": {"size": 8},
    "drop-path": {"p": 0.5},
    "dwconv": {"kernel": 3},
    "fc": {"units": 8},
    "groupnorm": {"groups": 4},
    "pad-channels": {"channels": 24, "stride": 2},
    "pad": {"by": 1},
    "partial-conv": {"kernel": 3, "maps": ", ".join(" ".join(map(str, range(16))) for _ in range(3))},
    "pixel-shuffle": {"factor": 2},
    "pixel-unshuffle": {"factor": 2},
    "rbf": {"units": 3},
    "scale": {"factor": 0.5},
    "transposed-conv": {"kernel": 2, "channels": 8, "stride": 2},
    "ws-conv": {"kernel": 2, "channels": 8},  # its standardized weights are as large for any number of images
}
FORMS: list[tuple[str, dict[str, Any], Shape]] = [
    ("avgpool", {"kernel": 3, "stride": 2, "ceil": True}, MAP),
    ("bn", {}, VECTOR),
    ("channel-split", {"part": 1, "of": 4}, VECTOR),
    ("conv", {"kernel": 3, "channels": 8, "stride": 2, "groups": 4, "bias": False}, MAP),
    ("crop", {"by": 2}, MAP),
    ("channels", {"first": 1, "last": 3}, VECTOR),
    ("pad", {"by": 1, "mode": "reflect"}, MAP),
    ("pad", {"by": 1, "after": 0, "mode": "replicate"}, MAP),
    ("ws-conv", {"kernel": 3, "channels": 2, "stride": 2, "bias": False}, MAP),
    ("drop-path", {"p": 0.5, "linear": True}, VECTOR),
    ("elu", {"alpha": 0.5}, VECTOR),
    ("fc", {"units": 3}, VECTOR),
    ("leaky-relu", {"slope": -0.5}, MAP),
    ("gelu", {"tanh": True}, MAP),
    ("instancenorm", {"affine": True}, MAP),
    ("layernorm", {}, VECTOR),
    ("lp-pool", {"kernel": 3, "stride": 2, "p": 4}, MAP),
    ("maxpool", {"kernel": 3, "stride": 2, "pad": 1, "dilation": 1}, MAP),
    ("pad-channels", {"channels": 16}, MAP),
    ("prelu", {"shared": True}, VECTOR),
    ("upsample", {"mode": "bilinear"}, MAP),
]
MORE = {
    "blurpool": "what is padded",
    "lp-pool": "the powers, of the input's size, and results of their means",
    "lrn": "powers and their sums, of the input's size each",
    "partial-conv": "a copy of the input for each output map that sees it",
    "rbf": "the differences from each code",
}
"""Layers that keep tensors of other sizes besides."""
EVERY = [(op.spelled(), NEEDED.get(op.spelled(), {}), MAP) for op in ops.every() if op.arity == 1 and op.known]


def kept(compute: Callable[..., Tensor], xs: list[Tensor], parameters: list[Tensor]) -> tuple[set[str], set[int]]:
    """What autograd saves, by the contract's words, and the sizes of what has none; statistics are left out."""
    saved: list[Tensor] = []

    def pack(tensor: Tensor) -> Tensor:
        saved.append(tensor)
        return tensor

    with saved_tensors_hooks(pack, lambda tensor: tensor):
        y = compute(*xs)
    words: set[str] = set()
    others: set[int] = set()
    known = {p.data_ptr() for p in parameters}
    inputs = {x.data_ptr() for x in xs}
    small = max(16, min(x.numel() for x in xs) // 8)
    for tensor in saved:
        place = tensor.data_ptr()
        if place in known:
            continue
        if place == y.data_ptr() and tensor.numel() == y.numel():  # in place, the input is no more
            words.add("output")
        elif place in inputs:
            words.add("input")
        elif tensor.numel() == y.numel():
            words.add("mask")
        elif tensor.numel() > small:
            others.add(tensor.numel())
    return words, others


def made(name: str, args: dict[str, Any]) -> Op:
    found = ops.find(name)
    assert found is not None
    return found(**args)


@pytest.mark.parametrize(("name", "args", "x"), [*EVERY, *FORMS], ids=lambda value: str(value))
def test_a_layer_keeps_what_it_says(name: str, args: dict[str, Any], x: Shape) -> None:
    torch.manual_seed(0)
    op = made(name, args)
    model = nn.Sequential(*modules_of(op.torch(x))).train()
    stored = [*model.parameters(), *model.buffers()]
    # The input is the output of another layer, as in a network: in-place layers write over it.
    data = torch.randn(size(x, 4), requires_grad=True) * 1
    words, others = kept(model, [data], stored)
    if name in MORE:
        assert others or len(words) > 1
        return
    y = op.infer(x)
    small_mask = {"mask"} if op.masks(y, x) < y.size else set()  # one number for each image is not looked for
    assert words == op.keeping(x) - small_mask
    assert not others


PADDED: list[tuple[str, dict[str, Any], Shape]] = [
    ("conv", {"kernel": 3, "channels": 8, "stride": 2, "pad": "tf_same"}, MAP),
    ("conv", {"kernel": 2, "channels": 8, "stride": 2, "pad": "tf_same"}, MAP),
    ("dwconv", {"kernel": (2, 3), "pad": "same"}, MAP),
]
"""Convolutions that keep a padded copy of their input, also where the padding is none."""
MASKED = [use for use in (*EVERY, *FORMS, *PADDED) if "mask" in made(*use[:2]).keeping(use[2])]


@pytest.mark.parametrize(("name", "args", "x"), MASKED, ids=lambda value: str(value))
def test_what_a_layer_keeps_beside_inputs_and_outputs_is_as_large_as_it_says(
    name: str, args: dict[str, Any], x: Shape
) -> None:
    op, batch = made(name, args), 4
    model = nn.Sequential(*modules_of(op.torch(x))).train()
    data = torch.randn(size(x, batch), requires_grad=True) * 1
    saved: list[Tensor] = []

    def pack(tensor: Tensor) -> Tensor:
        saved.append(tensor)
        return tensor

    with saved_tensors_hooks(pack, lambda tensor: tensor):
        y = model(data)
    known = {tensor.data_ptr() for tensor in (data, y, *model.parameters(), *model.buffers())}
    others = {tensor.untyped_storage().data_ptr(): tensor for tensor in saved if tensor.data_ptr() not in known}
    assert ("input" in op.keeping(x)) == (data.data_ptr() in {tensor.data_ptr() for tensor in saved})
    elements = sum(t.untyped_storage().nbytes() // t.element_size() for t in others.values())
    assert elements == batch * op.masks(op.infer(x), x)


@pytest.mark.parametrize("name", [op.spelled() for op in ops.every() if op.arity is None])
def test_a_join_keeps_what_it_says(name: str) -> None:
    op = made(name, {})
    assert isinstance(op, Join)
    text = op.combine(["a", "b"], MAP, MAP)
    data = [torch.randn(size(MAP, 4), requires_grad=True) for _ in range(2)]
    words, others = kept(lambda a, b: eval(text, {"torch": torch, "a": a, "b": b}), data, [])
    assert words == op.keeps
    assert not others


def test_a_scaled_tanh_keeps_the_tanh_in_it_which_is_as_large_as_the_output() -> None:
    op = made("tanh", {"amplitude": 1.7159, "slope": 2 / 3})
    data = torch.randn(size(MAP, 2), requires_grad=True)
    words, others = kept(nn.Sequential(*modules_of(op.torch(MAP))), [data], [])
    assert op.keeps == {"output"}
    assert (words, others) == ({"mask"}, set())


def test_the_layers_that_torch_computes_in_place_say_so_and_have_the_right_gradient() -> None:
    offered = {}
    for name, args, x in EVERY:
        op = made(name, args)
        for call in op.torch(x):
            if call.options.get("inplace"):
                assert op.in_place
                offered[name] = call
    assert set(offered) == {"celu", "leaky-relu", "relu", "selu"}
    for call in offered.values():
        slopes = []
        for options in (call.options, {**call.options, "inplace": False}):
            data = torch.linspace(-3, 3, MAP.size).reshape(size(MAP, 1)).requires_grad_()
            modules_of([call._replace(options=options)])[0](data * 1).square().sum().backward()
            slopes.append(data.grad)
        torch.testing.assert_close(*slopes)
