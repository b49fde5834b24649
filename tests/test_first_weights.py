"""First weights of emitted modules: those of the recipe, or He's where the spec has none, drawn by `reset_parameters`."""

from __future__ import annotations

import math

import pytest
import torch
from torch import nn

from archspec import build, loads
from archspec.targets.torch.load import load

pytestmark = pytest.mark.torch

PLAIN = """
network t(classes=10)
input 16x16x3

| conv1 | conv 3x3, 64; bn; relu |
| conv2 | conv 3x3, 64, groups=4; relu |
| fc    | global-avgpool; fc classes |
"""
RECIPE = """
train
| setting   | value                       | source    |
|-----------|-----------------------------|-----------|
| data      | cifar10                     | section 3 |
| optimizer | sgd                         |           |
| lr        | 0.1                         |           |
| batch     | 32                          |           |
| epochs    | 30                          |           |
| init      | normal 0.5; bias 1 in conv2 | section 4 |
"""


def weights(model: nn.Module, name: str) -> torch.Tensor:
    found = model.get_parameter(name).detach()
    assert found.numel() > 100
    return found


def test_weights_are_he_where_the_spec_has_none() -> None:
    torch.manual_seed(0)
    model = loads(PLAIN).build()
    for name, fan in (("conv1.0.weight", 3 * 9), ("conv2.0.weight", 16 * 9), ("fc.2.weight", 64)):
        found = weights(model, name)
        assert float(found.std()) == pytest.approx(math.sqrt(2 / fan), rel=0.1), name
        assert abs(float(found.mean())) < 0.1 * math.sqrt(2 / fan) * 2
    assert not model.get_parameter("conv1.0.bias").any()


def test_weights_are_those_of_the_recipe() -> None:
    torch.manual_seed(0)
    model = loads(PLAIN.replace("16x16x3", "32x32x3") + RECIPE).build()
    assert float(weights(model, "conv2.0.weight").std()) == pytest.approx(0.5, rel=0.05)
    assert (model.get_parameter("conv2.0.bias") == 1).all()
    assert not model.get_parameter("conv1.0.bias").any()
    assert (
        '"""Initialise by `normal 0.5; bias 1 in conv2` (section 4)."""'
        in loads(PLAIN.replace("16x16x3", "32x32x3") + RECIPE).source()
    )


def test_they_are_drawn_again() -> None:
    model = loads(PLAIN).build()
    with torch.no_grad():
        for tensor in (*model.parameters(), *model.buffers()):
            tensor.fill_(7)
    reset = model.reset_parameters
    assert callable(reset)
    reset()
    norm = model.get_submodule("conv1.1")
    assert isinstance(norm, nn.BatchNorm2d)
    assert (norm.weight == 1).all()
    assert norm.running_mean is not None
    assert not norm.running_mean.any()
    assert not any((tensor == 7).all() for tensor in (*model.parameters(), *model.buffers()))


def test_modules_that_the_caller_gives_keep_their_weights() -> None:
    given = nn.Conv2d(8, 8, 3, padding=1)
    nn.init.constant_(given.weight, 3.0)
    spec = 'network t\ninput 8x8x3\n\n| a | conv 3x3, 8 |\n| b | opaque "mine" |\n'
    model = loads(spec).build(opaque={"mine": given})
    assert (given.weight == 3).all()
    assert model(torch.randn(1, 3, 8, 8)).shape == (1, 8, 8, 8)


def test_a_network_without_weights_draws_none_and_a_row_may_have_the_name() -> None:
    assert "reset_parameters" not in loads("network t\ninput 8x8x3\n\n| a | maxpool 2x2 |\n").source()
    model = loads("network t\ninput 8x8x3\n\n| reset_parameters | conv 3x3, 4 |\n").build()
    assert "reset_parameters_2.weight" in model.state_dict()


def test_each_network_of_a_family_draws_its_own() -> None:
    rows = "| layer | A           | B           |\n|-------|-------------|-------------|\n| a     | conv 3x3, 8 | conv 5x5, 8 |\n"
    text = f"network t\ninput 8x8x3\nvariants A, B\n\n{rows}"
    source = loads(text, variant="A").source(together=True)
    assert source.count("def reset_parameters") == 2
    model = load(source, "t").__dict__["t_B"]()
    assert not model.get_parameter("a.bias").any()


def test_build_from_a_folder_of_specs_draws_them(tmp_path: object) -> None:
    model = build("specs/squeezenet.arch")
    assert not model.get_parameter("conv1.0.bias").any()
