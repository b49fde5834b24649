"""Networks of torchvision and timm as specs that are them: equal parameters, outputs and mult-adds, on small images."""

from __future__ import annotations

from importlib.util import find_spec

import pytest

pytest.importorskip("torch")

import torch

from archspec.importing.importing import held, import_module, made
from archspec.importing.torch.names import named
from archspec.op import Shape

pytestmark = [
    pytest.mark.torch,
    pytest.mark.witnesses,
    pytest.mark.skipif(not (find_spec("timm") and find_spec("torchvision")), reason="needs timm and torchvision"),
]

QUICK = {
    "torchvision:mnasnet0_5": 32,
    "torchvision:mobilenet_v2": 32,
    "torchvision:mobilenet_v3_small": 32,
    "torchvision:regnet_y_400mf": 32,
    "torchvision:resnet18": 64,
    "torchvision:shufflenet_v2_x0_5": 32,
    "torchvision:squeezenet1_1": 64,
    "timm:convnext_atto": 64,
    "timm:convnextv2_atto": 64,
    "timm:darknet17": 64,
    "timm:deit_tiny_distilled_patch16_224": 224,
    "timm:dla34": 64,
    "timm:ecaresnet26t": 64,
    "timm:gernet_s": 64,
    "timm:hardcorenas_a": 64,
    "timm:lcnet_035": 64,
    "timm:legacy_seresnet18": 64,
    "timm:mobilenetv4_conv_small_035": 64,
    "timm:repvgg_a0": 64,
    "timm:resnet10t": 64,
    "timm:resnetblur18": 64,
    "timm:test_byobnet": 64,
    "timm:test_convnext": 64,
    "timm:test_convnext2": 64,
    "timm:test_efficientnet": 64,
    "timm:test_efficientnet_gn": 64,
    "timm:test_efficientnet_ln": 64,
    "timm:test_resnet": 64,
    "timm:test_vit": 160,
    "timm:tinynet_e": 64,
}
"""The side of the image of each: the cheapest network of a family, on the smallest image that it takes."""
OTHERS = {
    "torchvision:densenet121": 64,
    "torchvision:efficientnet_b0": 64,
    "torchvision:googlenet": 224,
    "torchvision:inception_v3": 299,
    "torchvision:swin_t": 224,
    "torchvision:vgg11_bn": 224,
    "torchvision:lraspp_mobilenet_v3_large": 256,
    "timm:botnet26t_256": 256,
    "timm:cspdarknet53": 64,
    "timm:dpn48b": 64,
    "timm:ghostnet_050": 64,
    "timm:mobileone_s0": 64,
    "timm:nf_seresnet26": 64,
    "timm:res2net50d": 64,
    "timm:vit_tiny_patch16_224": 224,
}
MOST_LINES = {
    "timm:resnet50": 15,
    "torchvision:googlenet": 30,
    "timm:efficientnet_b0": 30,
    "torchvision:densenet121": 20,
}
"""How many lines of table and blocks a person would write at most."""
SLOW = [pytest.param(name, side, marks=pytest.mark.slow) for name, side in OTHERS.items()]


def test_the_sample_of_every_run_has_thirty_networks() -> None:
    assert len(QUICK) == 30


@pytest.mark.parametrize(("name", "side"), [*QUICK.items(), *SLOW])
def test_the_spec_of_a_network_is_the_network(name: str, side: int) -> None:
    found = named(name)
    module = made(found.make, found.title, whole=True)
    imported = import_module(module, Shape(3, side, side), found.name, found.title)
    with torch.random.fork_rng():
        verdict = held(imported, module)
    assert verdict.holds, verdict.reason


@pytest.mark.parametrize(
    ("name", "most"),
    [pytest.param(*each, marks=pytest.mark.slow if "torchvision" in each[0] else ()) for each in MOST_LINES.items()],
)
def test_a_table_is_as_short_as_a_person_would_write_it(name: str, most: int) -> None:
    found = named(name)
    imported = import_module(made(found.make, found.title, whole=False), found.input, found.name, found.title)
    lines = [line for line in imported.text.splitlines() if line.startswith(("|", "block ", "head ", "then "))]
    rules = [line for line in lines if line.startswith("|--")]
    assert len(lines) - len(rules) <= most, imported.text
