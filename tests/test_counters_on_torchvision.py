"""The published table of popular counters on torchvision's networks, and what torchvision itself publishes."""

from __future__ import annotations

import pytest
import torch
from counted_uses import Use, made, total
from popular_counters import TOOLS, printed
from torch import Tensor, nn
from torchvision_shim import torchvision
from witness import META, shape_of, size

from archspec.op import Shape

pytestmark = [pytest.mark.torch, pytest.mark.witnesses]


READ: dict[type[nn.Module], tuple[str, dict[str, str]]] = {
    nn.Conv2d: (
        "conv",
        {
            "kernel": "kernel_size",
            "channels": "out_channels",
            "stride": "stride",
            "pad": "padding",
            "dilation": "dilation",
            "groups": "groups",
        },
    ),
    nn.Linear: ("fc", {"units": "out_features"}),
    nn.BatchNorm2d: ("bn", {"eps": "eps"}),
    nn.ReLU: ("relu", {}),
    nn.Dropout: ("dropout", {"p": "p"}),
    nn.MaxPool2d: ("maxpool", {"kernel": "kernel_size", "stride": "stride", "pad": "padding", "ceil": "ceil_mode"}),
    nn.AvgPool2d: ("avgpool", {"kernel": "kernel_size", "stride": "stride", "pad": "padding"}),
    nn.AdaptiveAvgPool2d: ("adaptive-avgpool", {"size": "output_size"}),
}


def traced(model: nn.Module, x: Shape) -> list[Use]:
    """The leaves of a torch network as uses of ops, in the order in which they run."""
    uses: list[Use] = []

    def add(module: nn.Module, inputs: tuple[Tensor, ...], y: Tensor) -> None:
        name, fields = READ[type(module)]
        arguments = {argument: getattr(module, attribute) for argument, attribute in fields.items()}
        if isinstance(module, nn.Conv2d | nn.Linear):
            arguments["bias"] = module.bias is not None
        uses.append(made(name, shape_of(inputs[0]), **arguments))
        assert uses[-1].y == shape_of(y)

    handles = [m.register_forward_hook(add) for m in model.modules() if not list(m.children())]
    with torch.no_grad():
        model(torch.zeros(size(x, 1), device=META))
    for handle in handles:
        handle.remove()
    return uses


def network_of_torchvision(name: str) -> nn.Module:
    with META:
        model: nn.Module = getattr(torchvision().models, name)()
    return model.eval()


PUBLISHED = {
    "resnet50": {
        "torch": 2 * 4_089_184_256,
        "calflops": 4_089_184_256,
        "torchvision": 4_089_184_256,
        "ptflops-aten": 4_089_185_256,
        "torchinfo": 4_089_238_376,
        "fvcore": 4_111_512_576,
        "timm": 4_111_512_576,
        "ptflops": 4_132_436_968,
        "thop": 4_133_742_592,
    },
    "vgg16": {
        "torch": 2 * 15_470_264_320,
        "calflops": 15_470_264_320,
        "torchvision": 15_470_264_320,
        "ptflops-aten": 15_483_821_032,
        "torchinfo": 15_483_821_032,
        "fvcore": 15_470_289_408,
        "timm": 15_470_289_408,
        "ptflops": 15_523_225_576,
        "thop": 15_470_314_496,
    },
}
IMAGE = Shape(3, 224, 224)


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_network_of_torchvision_under_every_convention(name: str) -> None:
    uses = traced(network_of_torchvision(name), IMAGE)
    assert {rule: total(uses, rule) for rule in PUBLISHED[name]} == PUBLISHED[name]


@pytest.mark.parametrize("tool", TOOLS)
@pytest.mark.parametrize("name", PUBLISHED)
def test_what_the_counter_prints_for_a_network_of_torchvision(name: str, tool: str) -> None:
    assert printed(tool, network_of_torchvision(name), size(IMAGE, 1)[1:]) == PUBLISHED[name][tool]


@pytest.mark.parametrize("name", ["resnet50", "resnext50_32x4d", "vgg16_bn", "squeezenet1_1"])
def test_the_flops_that_torchvision_publishes(name: str) -> None:
    weights = torchvision().models.get_model_weights(name).DEFAULT
    uses = traced(network_of_torchvision(name), IMAGE)
    assert round(total(uses, "torchvision") / 1e9, 3) == weights.meta["_ops"]
