"""Architectures that others wrote: each table of ``architectures/`` is torchvision's or timm's network, to the number.

Only the spec is ours: the weights, the logits and the gradients to compare with are theirs. Each network runs on
images that are wider than high, and on as small ones as still pass through every layer.
"""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import torch
from other_implementations import Make, assert_close, by_name, random_state, timm, vision
from torch import Tensor, nn
from torchvision_shim import torchvision

import archspec
from archspec.api import variants
from archspec.compiled import Compiled
from archspec.weights.place import Weights

pytestmark = [pytest.mark.torch, pytest.mark.witnesses]

SPECS = Path(__file__).parent / "architectures"
FILES = sorted(path.name for path in SPECS.glob("*.arch"))


class Case(NamedTuple):
    """A table, or one with other parameters, and the network that it is."""

    spec: str
    make: Make


def densenet_of_growth_24() -> nn.Module:
    made: nn.Module = torchvision().models.DenseNet(24, num_init_features=48)
    return made


def without_stochastic_depth(name: str) -> Make:
    """The tables do not say how often torchvision drops each block in training."""
    return vision(name, stochastic_depth_prob=0)


CASES = {
    "bit_50x1": Case("bit.arch", timm("resnetv2_50x1_bit", num_classes=1000)),
    "convnext_tiny": Case("convnext.arch:T", without_stochastic_depth("convnext_tiny")),
    "densenet121": Case("densenet.arch:121", vision("densenet121")),
    "densenet121, growth 24": Case("densenet.arch:121(k=24)", densenet_of_growth_24),
    "efficientnet_b0": Case("efficientnet.arch:B0", without_stochastic_depth("efficientnet_b0")),
    "efficientnet_b1": Case("efficientnet.arch:B1", without_stochastic_depth("efficientnet_b1")),
    "efficientnet_v2_s": Case("efficientnet_v2_s.arch", without_stochastic_depth("efficientnet_v2_s")),
    "ghostnet_100": Case("ghostnet.arch", timm("ghostnet_100")),
    "mnasnet0_5": Case("mnasnet.arch:0.5", vision("mnasnet0_5")),
    "mnasnet1_0": Case("mnasnet.arch:1.0", vision("mnasnet1_0")),
    "mobilenet_v2": Case("mobilenet_v2.arch", vision("mobilenet_v2")),
    "mobilenet_v2, width 0.35": Case("mobilenet_v2.arch(w=0.35)", vision("mobilenet_v2", width_mult=0.35)),
    "mobilenet_v2, width 1.4": Case("mobilenet_v2.arch(w=1.4)", vision("mobilenet_v2", width_mult=1.4)),
    "mobilenet_v3_large": Case("mobilenet_v3_large.arch", vision("mobilenet_v3_large")),
    "mobilenet_v3_small": Case("mobilenet_v3_small.arch", vision("mobilenet_v3_small")),
    "regnet_x_400mf": Case("regnet.arch:X-400MF", vision("regnet_x_400mf")),
    "regnet_y_400mf": Case("regnet.arch:Y-400MF", vision("regnet_y_400mf")),
    "shufflenet_v2_x1_0": Case("shufflenet_v2.arch:1x", vision("shufflenet_v2_x1_0")),
    "squeezenet1_0": Case("squeezenet_1_0.arch", vision("squeezenet1_0")),
    "squeezenet1_1": Case("squeezenet_1_1.arch", vision("squeezenet1_1")),
    "legacy_xception": Case("xception.arch", timm("legacy_xception")),
}
OTHER_SIZES = {"efficientnet_b1", "mobilenet_v2, width 1.4"}
"""The same tables with other parameters than those of pairs that are tried in every run: B0, and the width 0.35."""

# Names in the order of the alphabet, `f.a`, `f.b`, `f.c`, say nothing of the order in which layers run.
NAMED_BY_LETTERS = {"regnet_x_400mf", "regnet_y_400mf"}

# In the first unit a projection and the last convolution have one shape and nothing beside them, so order decides.
TWINS = {"bit_50x1"}


class Pair(NamedTuple):
    """A table, their network with random weights, and these weights in the places that the table has for them."""

    name: str
    ours: Compiled
    theirs: nn.Module
    weights: Weights
    images: Tensor

    def emitted(self) -> nn.Module:
        """The module of the table, with copies of the weights in the place of those that it would draw."""
        with torch.device("meta"):
            model = self.ours.build().eval()
        model.load_state_dict({name: tensor.clone() for name, tensor in self.weights.state.items()}, assign=True)
        return model


def param(name: str) -> Any:
    """A pair as parameter, its tests in one worker, which makes it once."""
    return pytest.param(
        name, marks=[pytest.mark.xdist_group(f"pair {name}")] + [pytest.mark.slow] * (name in OTHER_SIZES)
    )


@pytest.fixture(scope="module", params=map(param, CASES))
def pair(request: pytest.FixtureRequest) -> Pair:
    torch.manual_seed(1)
    images = torch.randn(2, 3, 48, 64, dtype=torch.float64)
    spec, make = CASES[request.param]
    ours, theirs = archspec.load(f"{SPECS}/{spec}"), make()
    return Pair(request.param, ours, theirs, ours.weights_from(random_state(theirs, images)), images)


def outputs(model: nn.Module, images: Tensor) -> tuple[Tensor, Tensor]:
    """The logits, and the gradient of the sum of their squares with respect to the images."""
    images = images.clone().requires_grad_()
    logits: Tensor = model(images)
    [gradient] = torch.autograd.grad(logits.square().sum(), [images])
    return logits.detach(), gradient


@pytest.mark.parametrize("file", FILES)
def test_every_figure_of_the_table_holds(file: str) -> None:
    for network in variants(str(SPECS / file)):
        assert not network.diagnostics, network.name


@pytest.mark.torch
def test_parameters_are_as_many_as_theirs(pair: Pair) -> None:
    assert pair.ours.params == sum(p.numel() for p in pair.theirs.parameters())


@pytest.mark.torch
def test_logits_and_gradients_are_theirs(pair: Pair) -> None:
    expected = outputs(pair.theirs, pair.images)
    assert_told_apart(expected[0])
    for ours, theirs in zip(outputs(pair.emitted(), pair.images), expected, strict=True):
        assert_close(ours, theirs)


def assert_told_apart(logits: Tensor) -> None:
    """That logits depend on the images: else they would be little but the last layer's biases, and say little."""
    one, other = logits
    assert float((one - other).abs().max()) > 0.01 * float(logits.abs().max())


@pytest.mark.torch
@torch.no_grad()
def test_training_sees_the_same_logits_and_statistics(pair: Pair) -> None:
    theirs, ours = deepcopy(pair.theirs).train(), pair.emitted().train()
    torch.manual_seed(2)
    expected = theirs(pair.images)
    torch.manual_seed(2)
    assert_close(ours(pair.images), expected)
    found = ours.state_dict()
    for name, tensor in pair.ours.weights_from(theirs.state_dict()).state.items():
        assert_close(found[name], tensor)


@pytest.mark.torch
def test_each_weight_has_one_place(pair: Pair) -> None:
    assert len(pair.weights.matching.ambiguities) == (pair.name in TWINS)
    found = pair.ours.weights_from(by_name(dict(pair.theirs.state_dict())))
    assert bool(found.matching.ambiguities) == (pair.name in NAMED_BY_LETTERS | TWINS)
    assert pair.name in TWINS or all(
        torch.equal(tensor, pair.weights.state[name]) for name, tensor in found.state.items()
    )
