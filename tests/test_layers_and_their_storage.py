"""The modules of each layer beside its interpreter, and whether what they give is new or shares memory with the input."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from interpreter_layers import LAYERS
from reference_layers import INPUTS, STRATEGIES
from torch import Tensor, nn
from witness import modules_of, size

from archspec import ops
from archspec.arguments import Misfit
from archspec.op import Op, Refused, Shape

pytestmark = pytest.mark.torch
SHAPES = [Shape(4, 3, 3), Shape(1, 1, 1), Shape(4, 1, 1), Shape(6)]
DEGENERATE: Mapping[str, list[dict[str, Any]]] = {
    "adaptive-avgpool": [{"size": 3}, {"size": 1}],
    "adaptive-maxpool": [{"size": 3}, {"size": 1}],
    "avgpool": [{"kernel": 1}, {"kernel": 1, "stride": 1, "pad": "tf_same"}],
    "channel-shuffle": [{"groups": 1}, {"groups": 4}, {"groups": 2}],
    "channel-split": [{"part": 1, "of": 1}, {"part": 2, "of": 2}],
    "channels": [{"first": 1, "last": 4}, {"first": 2, "last": 3}],
    "conv": [{"kernel": 1, "channels": 4, "bias": False}, {"kernel": 1, "channels": 4, "pad": "tf_same"}],
    "drop-path": [{"p": 0}, {"p": 0.5}, {"p": 1}],
    "crop": [{"by": 0}, {"by": 1}, {"size": 1}, {"size": 3}],
    "dropout": [{"p": 0}, {"p": 0.5}, {"p": 1}],
    "dwconv": [{"kernel": 1}, {"kernel": 1, "pad": "tf_same", "stride": 1}],
    "fc": [{"units": 4}],
    "groupnorm": [{"groups": 1}, {"groups": 1, "affine": False}],
    "lp-pool": [{"kernel": 1}, {"kernel": 1, "p": 1}],
    "lrn": [{"n": 1}, {"n": 1, "alpha": 0}],
    "leaky-relu": [{"slope": 1}],
    "maxpool": [{"kernel": 1}, {"kernel": 1, "stride": 1, "pad": "tf_same"}],
    "pad": [{"by": by, "mode": mode} for by in (0, 1) for mode in ("zero", "reflect", "replicate")],
    "pad-channels": [{"channels": 4}, {"channels": 6}, {"channels": 1}],
    "partial-conv": [{"kernel": 1, "maps": "0"}],
    "pixel-shuffle": [{"factor": 1}, {"factor": 2}],
    "pixel-unshuffle": [{"factor": 1}, {"factor": 3}],
    "rbf": [{"units": 2}],
    "scale": [{"factor": 1}, {"factor": 0}],
    "subsample": [{"kernel": 1}],
    "transposed-conv": [{"kernel": 1, "channels": 4}],
    "upsample": [{"factor": 1}, {"factor": 1, "mode": "bilinear"}, {"factor": 2}],
    "ws-conv": [{"kernel": 1, "channels": 4}, {"kernel": 1, "channels": 4, "stride": 2, "pad": "tf_same"}],
    "blurpool": [{"kernel": kernel, "stride": 1, "mode": mode} for kernel in (1, 3) for mode in ("reflect", "zero")],
    "channel-conv": [{"kernel": 1}],
    "grn": [{}],
    "bn": [{}, {"affine": False}],
    "layernorm": [{}, {"affine": False}],
    "instancenorm": [{}, {"affine": True}],
    "l2norm": [{}, {"init": 1}],
    "layer-scale": [{}, {"init": 1}],
    "prelu": [{}, {"init": 1}],
    "tanh": [{}, {"amplitude": 1, "slope": 2}],
}
"""Arguments with which a layer may come to nothing."""


KNOWN = [op.spelled() for op in ops.every() if op.arity == 1 and op.known]
"""The layers whose modules archspec brings along, or torch has."""


def layer(name: str, args: Mapping[str, Any], x: Shape) -> Op | None:
    """The op, if it takes these arguments and this input."""
    kind = ops.find(name)
    assert kind is not None
    try:
        op = kind(**args)
        op.accept(x)
    except (Misfit, Refused):
        return None
    return op


class Given:
    """What the interpreter's layers ask for, from the state of modules."""

    training = False
    left: Iterator[tuple[str, Tensor]]

    def __init__(self, module: nn.Module) -> None:
        self.left = iter(module.state_dict().items())

    def take(self, name: str, *size: int) -> Tensor:
        full, tensor = next(self.left)
        assert (full.rpartition(".")[2], tuple(tensor.shape)) == (name, size)
        return tensor

    def place(self) -> tuple[int, int]:
        return 1, 1


@pytest.mark.parametrize("name", KNOWN)
def test_the_interpreter_of_a_layer_is_its_modules(name: str) -> None:
    compared = 0

    @settings(max_examples=40)
    @given(STRATEGIES[name], INPUTS)
    def agree(args: Mapping[str, Any], x: Shape) -> None:
        nonlocal compared
        op = layer(name, args, x)
        if op is None:
            return
        compared += 1
        module = nn.Sequential(*modules_of(op.torch(x))).double().eval()
        images = torch.randn(size(x, 2), dtype=torch.float64)
        asked = Given(module)
        with torch.no_grad():
            torch.testing.assert_close(LAYERS[name](op, images, asked), module(images), equal_nan=True)
        assert list(asked.left) == []

    agree()
    assert compared > 5


SHARED: Mapping[tuple[str, str], str] = {
    ("channel-shuffle", "meta"): "without a kernel of its own torch gives one group as its input under the same shape",
}
"""Layers that share memory with their input somewhere, although they do not say that they work in place."""


def shared(name: str, device: str) -> Iterator[str]:
    """The cases in which a layer's output has the memory of its input."""
    cases = product(DEGENERATE.get(name, [{}]), SHAPES, (True, False), (True, False))
    for args, x, training, learns in cases:
        op = layer(name, args, x)
        if op is None:
            continue
        module = nn.Sequential(*modules_of(op.torch(x))).to(device).train(training)
        # Not a leaf, over which nothing could be written; torch has kernels of its own without gradients.
        images = torch.randn(size(x, 3), device=device, requires_grad=learns).clone()
        if module(images).untyped_storage()._cdata == images.untyped_storage()._cdata:
            mode = f"{'training' if training else 'test'} {'with' if learns else 'without'} gradients"
            yield f"{args or 'no arguments'} of {x}, {mode}"


@pytest.mark.parametrize("device", ["cpu", "meta"])
@pytest.mark.parametrize("name", KNOWN)
def test_a_layer_that_is_not_in_place_gives_memory_of_its_own(name: str, device: str) -> None:
    kind = ops.find(name)
    assert kind is not None
    if not kind.in_place and not kind.view and (name, device) not in SHARED:
        assert list(shared(name, device)) == []


def test_layers_that_share_memory_still_do() -> None:
    assert [each for each in SHARED if not list(shared(*each))] == []


def test_every_layer_is_asked_with_arguments_that_it_takes() -> None:
    for name in KNOWN:
        assert any(layer(name, args, x) for args in DEGENERATE.get(name, [{}]) for x in SHAPES), name


@pytest.mark.parametrize("seed", [0, 1])
def test_channels_that_are_dropped_are_dropped_alike(seed: int) -> None:
    """The two draw the same numbers, on which comparisons in training rest."""
    found = []
    for name, args in (("drop-path", {"p": 0.5}), ("dropout", {"p": 0.5})):
        op = layer(name, args, Shape(4, 3, 3))
        assert op is not None
        module = nn.Sequential(*modules_of(op.torch(Shape(4, 3, 3)))).train()
        around = Given(module)
        around.training = True
        x = torch.randn(3, 4, 3, 3)
        torch.manual_seed(seed)
        one = module(x)
        torch.manual_seed(seed)
        found.append(torch.equal(one, LAYERS[name](op, x, around)))
    assert found == [True, True]
