"""Variants that differ in words, truth values, kernels and numbers: one class where an expert would write one."""

from __future__ import annotations

import re
from typing import Any

import pytest
import torch
from random_families import family
from second_witness import compare, entry_of, made
from torch import nn

from archspec import Compiled, loads
from archspec.targets.torch import function_name
from archspec.targets.torch.load import load

pytestmark = pytest.mark.torch

FAMILY = """
network f(w=8, act=relu, se=no, p=0.1, k=3x3, classes=5)
input 8x8x3
variants
| variant | w  | act        | se  | p   | k   |
|---------|----|------------|-----|-----|-----|
| S       |    |            |     |     |     |
| M       | 16 | hard-swish | yes |     |     |
| L       | 32 | gelu       |     | 0   | 5x5 |

every conv: conv no bias; bn

block squeeze(r=4) = multiply of
| input      | identity                                       |
| excitation | global-avgpool; fc in/r; relu; fc in; sigmoid  |

block basic(c, stride=1) = add of
| residual | conv k, c, /stride; act; squeeze if se; conv 3x3, c; dropout p if p > 0 |
| shortcut | shortcut c, /stride                                                     |
then act

| stem | conv 3x3, w; act           |
| a    | basic w x 2                |
| b    | basic 2*w, /2              |
| fc   | global-avgpool; fc classes |
"""
PRELU = FAMILY.replace("| hard-swish |", "| prelu      |")


def together(text: str, variant: str = "S") -> tuple[list[Compiled], str]:
    first = loads(text, variant)
    return [first(variant=variant) for variant in first.variants], first.source(together=True)


def classes_in(source: str) -> list[str]:
    return re.findall(r"^class (\w+)", source, re.MULTILINE)


def assert_each_is_its_variant(text: str, variant: str = "S", witness: bool = False) -> None:
    """Each entry function makes the module of its variant alone, which computes what the interpreter does."""
    members, source = together(text, variant)
    module = load(source, "together").__dict__
    for member in members:
        name = function_name(member.network)
        own, alone = module[name](), load(member.source(), name).__dict__[name]()
        shapes = [[(key, value.shape) for key, value in net.state_dict().items()] for net in (own, alone)]
        assert shapes[0] == shapes[1]
        alone.load_state_dict(own.state_dict())
        assert leaves(own) == leaves(alone)
        x = torch.randn(2, *image(member), dtype=torch.float64)
        found = [gradients(net.double().eval(), x) for net in (own, alone)]
        assert all(torch.equal(one, other) for one, other in zip(*found, strict=True))
        if witness:
            compare(made(entry_of(source, name), {}), member.network)


def image(member: Compiled) -> tuple[int, ...]:
    shape = member.network.input_shape
    assert shape.height is not None
    assert shape.width is not None
    return shape.channels, shape.height, shape.width


def leaves(net: nn.Module) -> list[str]:
    """All modules that have none inside, but for whether they work in place, which an argument for them cannot."""
    return [str(module).replace("inplace=True", "") for module in net.modules() if not [*module.children()]]


def gradients(net: Any, x: torch.Tensor) -> list[torch.Tensor]:
    output = net(x)
    return [output, *torch.autograd.grad(output.square().sum(), [*net.parameters()], allow_unused=False)]


def test_words_are_arguments_of_one_class() -> None:
    _, source = together(FAMILY)
    assert classes_in(source) == ["ConvBN", "Squeeze", "Basic", "F"]
    assert "class Basic(nn.Module):" in source
    assert "*([Squeeze(c)] if se else [])" in source
    assert "*([nn.Dropout(p)] if p > 0 else [])" in source
    assert "    return F(w, p, nn.ReLU, False, 3, classes)\n" in source
    assert "    return F(w, p, nn.Hardswish, True, 3, classes)\n" in source
    assert "    return F(w, p, nn.GELU, False, 5, classes)\n" in source
    assert_each_is_its_variant(FAMILY)


def test_what_only_some_words_demand_is_checked_for_them_alone() -> None:
    _, source = together(FAMILY.replace("8, act", "6, act"))
    module = load(source, "together").__dict__
    assert "if se and w % 4:" in source
    module["f_S"](w=6)
    with pytest.raises(ValueError, match="w must be a multiple of 4, not 6"):
        module["f_M"](w=6)


def test_an_activation_with_weights_stays_a_class_of_its_own() -> None:
    _, source = together(PRELU)
    assert classes_in(source) == ["ConvBN", "Squeeze", "Basic", "BasicB", "F", "FM"]
    assert_each_is_its_variant(PRELU)


@pytest.mark.parametrize("every", ["conv no bias; bn; act", "conv; act"])
def test_a_rule_takes_its_activation(every: str) -> None:
    text = FAMILY.replace("conv no bias; bn\n", f"{every}\n")
    _, source = together(text)
    assert re.search(r"class Conv(BN)?Act\(nn.Sequential\)", source)
    assert "act: type[nn.Module]," in source
    assert_each_is_its_variant(text)


def test_a_module_that_stands_alone_in_one_variant_keeps_its_names() -> None:
    text = FAMILY.replace("conv 3x3, w; act           |", "conv 3x3, w; squeeze if se |")
    _, source = together(text)
    assert "FM" in classes_in(source)
    assert_each_is_its_variant(text)


def test_a_word_may_matter_to_some_variants_alone() -> None:
    text = FAMILY.replace("/stride; act; squeeze", "/stride; squeeze").replace("then act\n", "")
    text = text.replace("conv 3x3, w; act           |", "conv 3x3, w; conv 3x3, w; act if se |")
    text = text.replace("| gelu       |     |", "| gelu       | yes |")
    _, source = together(text)
    assert "*([act()] if se else [])" in source
    assert_each_is_its_variant(text)


@pytest.mark.filterwarnings("ignore:.*torch.jit:DeprecationWarning")
def test_script_and_export_take_a_family_with_words() -> None:
    members, source = together(FAMILY)
    module = load(source, "together").__dict__
    for member in members:
        net = module[function_name(member.network)]().eval()
        x = torch.randn(1, *image(member))
        torch.testing.assert_close(torch.jit.script(net)(x), net(x))
        torch.testing.assert_close(torch.export.export(net, (x,)).module()(x), net(x))


@pytest.mark.parametrize("seed", range(2))
def test_random_families(seed: int) -> None:
    assert_each_is_its_variant(family(seed), "v0")


@pytest.mark.slow
@pytest.mark.parametrize("start", range(2, 302, 10))
def test_many_random_families(start: int) -> None:
    for seed in range(start, start + 10):
        assert_each_is_its_variant(family(seed), "v0", witness=True)
