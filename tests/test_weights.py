"""Weights of torchvision and timm in the emitted modules: both networks give the same outputs.

All weights and running statistics are random, so that any two tensors that changed places would show. Each network is
placed twice: in the order of registration, as ``torch.save`` keeps it, and in that of the names, as safetensors does.
Logits are computed in float64, and differ by a billionth of the largest at most.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import pytest
import torch
from drawn_alike import without_first_weights
from other_implementations import Make, State, assert_close, by_name, made_by_timm, random_state, timm, vision
from torch import Tensor, nn

import archspec
from archspec.compiled import Compiled
from archspec.weights.place import Weights

pytestmark = [pytest.mark.torch, pytest.mark.witnesses]

SPECS = Path(__file__).parent.parent / "specs"
THREE = {"on_1x1": False}


class Case(NamedTuple):
    """A spec with its parameters, and the implementation whose weights it takes, for images of a size."""

    spec: str
    make: Make
    size: int = 64
    parameters: Mapping[str, Any] = MappingProxyType({})


def with_the_pool_of_the_paper() -> nn.Module:
    """timm's legacy networks pool 3x3, /2 with `ceil` and no padding, and the spec with a padding of 1."""
    model = made_by_timm("legacy_seresnet50")
    model.pool0 = nn.MaxPool2d(3, stride=2, padding=1)
    return model


CASES = {
    "resnet18": Case("resnet.arch:18", vision("resnet18"), 64, THREE),
    "resnet34": Case("resnet.arch:34", vision("resnet34"), 64, THREE),
    "resnet50": Case("resnet.arch:50", vision("resnet50"), 64, THREE),
    "resnet101": Case("resnet.arch:101", vision("resnet101"), 64, THREE),
    "wide_resnet50_2": Case("wrn_imagenet.arch:50", vision("wide_resnet50_2"), 64, THREE | {"k": 2.0}),
    "resnext50_32x4d": Case("resnext.arch:50", vision("resnext50_32x4d")),
    "vgg11": Case("vgg.arch:A", vision("vgg11", init_weights=False), 224),
    "vgg16": Case("vgg.arch:D", vision("vgg16", init_weights=False), 224),
    "vgg16_bn": Case("vgg_bn.arch:D", vision("vgg16_bn", init_weights=False), 224),
    "googlenet": Case("googlenet_bn.arch", vision("googlenet", init_weights=False)),
    "inception_v3": Case("inception_v3_released.arch", vision("inception_v3", init_weights=False), 299),
    "mobilenetv1_100": Case("mobilenet.arch", timm("mobilenetv1_100", act_layer=nn.ReLU), 224),
    "seresnet50": Case("se_resnet.arch:50", timm("seresnet50"), 64, THREE),
    "legacy_seresnet50": Case("se_resnet.arch:50", with_the_pool_of_the_paper),
    "seresnext50_32x4d": Case("se_resnext.arch:50", timm("seresnext50_32x4d")),
}


def images(size: int) -> Tensor:
    torch.manual_seed(1)
    return torch.randn(1, 3, size, size, dtype=torch.float64)


@torch.inference_mode()
def assert_same(net: Compiled, found: Weights, reference: nn.Module, size: int) -> None:
    """That a network with weights in their places gives the outputs of the implementation, but for its heads."""
    with torch.device("meta"):  # so that no weights are drawn
        model = net.build().eval()
    missing, unexpected = model.load_state_dict(found.state, strict=False, assign=True)
    assert {name.partition(".")[0] for name in missing} == ({*net.heads} if found.matching.missing else set())
    assert not unexpected
    assert_close(model(images(size)), reference(images(size)))


def places(case: Case) -> tuple[Weights, Weights]:
    """The weights in their places, by either order, after the outputs were compared."""
    with without_first_weights():
        reference = case.make()
    net = archspec.load(SPECS / case.spec, **case.parameters)
    state = random_state(reference, images(case.size))
    found = net.weights_from(state)
    assert_same(net, found, reference, case.size)
    return found, net.weights_from(by_name(state))


@pytest.mark.torch
@pytest.mark.parametrize(
    "name",
    # Those of 138 million weights say what vgg11 and the other networks with normalisation say.
    [pytest.param(name, marks=pytest.mark.slow) if name.startswith("vgg16") else name for name in CASES],
)
def test_outputs_are_those_of_the_implementation(name: str) -> None:
    in_order, by_names = places(CASES[name])
    assert in_order.state.keys() == by_names.state.keys()
    assert all(torch.equal(tensor, by_names.state[key]) for key, tensor in in_order.state.items())
    assert {bool(found.matching.ambiguities) for found in (in_order, by_names)} == {name == "inception_v3"}


@pytest.mark.torch
def test_branches_that_could_change_places_are_said() -> None:
    state = CASES["inception_v3"].make().state_dict()
    found = archspec.load(SPECS / "inception_v3_released.arch").weights_from(state)
    assert [ambiguity.sources for ambiguity in found.matching.ambiguities if "5c" in ambiguity.sources[0]] == [
        ("Mixed_5c.branch1x1", "Mixed_5c.branch_pool")
    ]


@pytest.mark.torch
def test_1x1_convolutions_fill_fully_connected_layers() -> None:
    found = archspec.load(SPECS / "se_resnet.arch:50").weights_from(CASES["seresnet50"].make().state_dict())
    reshaped = [placed for placed in found.matching.placed if placed.reshaped]
    assert len(reshaped) == 2 * 16
    assert (reshaped[0].shape, reshaped[0].source_shape) == ((16, 256), (16, 256, 1, 1))


@pytest.mark.torch
def test_names_in_order_of_the_alphabet_lose_the_last_block() -> None:
    # `block8` runs after all of `repeat_2`, and its name stands before them.
    found, lost = places(Case("inception_resnet_v2_released.arch", timm("inception_resnet_v2"), 299))
    assert not found.matching.ambiguities
    [ambiguity] = lost.matching.ambiguities
    assert ambiguity.sources[:2] == ("block8", "repeat_2.0")


@pytest.mark.torch
def test_heads_may_be_left_out() -> None:
    reference = vision("googlenet", init_weights=False, aux_logits=False)()
    net = archspec.load(SPECS / "googlenet_bn.arch")
    with pytest.raises(archspec.ArchError, match="only heads"):
        net.weights_from(reference.state_dict())
    found = net.weights_from(random_state(reference, images(64)), partial=True)
    assert found.matching.missing
    assert_same(net, found, reference, 64)


SCALED = """
network scaled(classes=10)
input 8x8x3

block block = add of
| residual | conv 3x3, in; dwconv 1x1, no bias |
| shortcut | identity                          |

| layer | op                         |
|-------|----------------------------|
| body  | block x 2                  |
| fc    | global-avgpool; fc classes |
"""


class Scaled(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.gamma = nn.Parameter(torch.randn(3, 1, 1, dtype=torch.float64))
        self.conv = nn.Conv2d(3, 3, 3, padding=1, dtype=torch.float64)

    def forward(self, x: Tensor) -> Tensor:
        scaled: Tensor = self.gamma * self.conv(x)
        return x + scaled


@pytest.mark.torch
@pytest.mark.parametrize("order", [dict, by_name])
def test_a_scale_that_a_block_holds_is_a_layer_of_it(order: Callable[[State], State]) -> None:
    head = [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(3, 10, dtype=torch.float64)]
    reference = nn.Sequential(Scaled(), Scaled(), *head)
    net = archspec.loads(SCALED)
    found = net.weights_from(order(dict(reference.state_dict())))
    assert not found.matching.ambiguities
    assert_same(net, found, reference, 8)


@pytest.mark.torch
def test_the_weights_of_a_longer_network_do_not_fit() -> None:
    with pytest.raises(archspec.ArchError) as error:
        archspec.load(SPECS / "resnet.arch:18").weights_from(vision("resnet34")().state_dict())
    [diagnostic] = error.value.diagnostics
    assert (diagnostic.code, len(diagnostic.notes), diagnostic.notes[-1]) == ("E0905", 11, "and 86 more")


@pytest.mark.torch
def test_figures_and_released_code_of_inception_v4_differ() -> None:
    with pytest.raises(archspec.ArchError, match="nothing for `inception_b"):
        archspec.load(SPECS / "inception_v4.arch").weights_from(made_by_timm("inception_v4").state_dict())
