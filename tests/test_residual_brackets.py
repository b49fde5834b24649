"""Brackets under `brackets: residual` beside blocks that are written by hand: the same parameters, the same outputs."""

from __future__ import annotations

import pytest

from archspec import loads, ops
from archspec.op import Shape

HEAD = """
network n
input 8x8x32
{brackets}
every conv: conv no bias; bn; relu
block se(r=4) = multiply of
| identity |
| global-avgpool; fc in/r; relu; fc in; sigmoid |
block pair(c)
| 3x3, c; 3x3, c |
"""
BLOCK = """
block by_hand(stride=1) = add of
| residual | {chain} |
| shortcut | shortcut {width}, /stride |
{then}
| x | by_hand{stride}{times} |
"""
RESIDUAL = "brackets: residual(shortcut=B)"
FORMS = [
    (
        "3x3, 64; groupnorm 32; relu; 3x3, 64; groupnorm 32",
        "",
        "64",
        "3x3, 64, /stride; groupnorm 32; relu; 3x3, 64; groupnorm 32",
        "",
    ),
    ("3x3, 64; lrn 5", "", "64", "3x3, 64, /stride; lrn 5", ""),
    ("3x3, 64, /2; 3x3, 48; dropout 0.5", ", /2", "48", "3x3, 64, /stride; 3x3, 48; dropout 0.5", ""),
    ("3x3, 64; 3x3, channels=16; scale 0.1", "", "16", "3x3, 64, /stride; 3x3, 16; scale 0.1", ""),
    ("conv3-64; conv3-16", "", "16", "conv3-64, /stride; conv3-16, no relu", "then relu"),
    ("3x3, 64, no bias; 1x1, 64, bias", "", "64", "3x3, 64, /stride; 1x1, 64, bias, no relu", "then relu"),
    ("1x1, 48; dwconv 3x3, 48", "", "48", "1x1, 48, /stride; dwconv 3x3", ""),
    ("1x1, 16; 3x3, 16; 1x1, 64; se 16", "", "64", "1x1, 16, /stride; 3x3, 16; 1x1, 64, no relu; se 16", "then relu"),
    ("1x1, 16, /2; 3x3, 48; se", ", /2", "48", "1x1, 16, /stride; 3x3, 48, no relu; se", "then relu"),
    ("3x3, 48; pair 48; se 2", "", "48", "3x3, 48, /stride, no relu; pair 48; se 2", "then relu"),
]
"""Chains of brackets, the stride of their first use, and the branch, width and end of the block that each stands for."""


def both(chain: str, stride: str, width: str, branch: str, then: str, times: str) -> tuple[str, str]:
    """A network with a bracket, and one with the block that it stands for."""
    hand = BLOCK.format(chain=branch, width=width, then=then, stride=stride, times=times)
    return HEAD.format(brackets=RESIDUAL) + f"\n| x | [{chain}]{times} |\n", HEAD.format(brackets="") + hand


@pytest.mark.parametrize("times", ["", " x 3"])
@pytest.mark.parametrize("form", FORMS, ids=[form[0] for form in FORMS])
def test_a_bracket_counts_as_the_block_that_it_stands_for(form: tuple[str, str, str, str, str], times: str) -> None:
    found, expected = map(loads, both(*form, times))
    assert not [x for x in found.diagnostics if x.code != "E0624"]  # unused blocks
    assert (found.params, found.mult_adds, found.activations) == (
        expected.params,
        expected.mult_adds,
        expected.activations,
    )


@pytest.mark.torch
@pytest.mark.parametrize("form", FORMS, ids=[form[0] for form in FORMS])
def test_a_bracket_computes_what_its_block_computes(form: tuple[str, str, str, str, str]) -> None:
    import torch

    found, expected = (loads(text).build().double().eval() for text in both(*form, " x 2"))
    x = torch.randn(2, 32, 8, 8, dtype=torch.float64)
    for own, other in zip(found.parameters(), expected.parameters(), strict=True):
        own.data = other.data.normal_(generator=torch.Generator().manual_seed(own.numel())).clone()
    torch.testing.assert_close(found(x), expected(x), rtol=1e-12, atol=0)


def test_the_number_of_channels_of_a_layer_is_what_comes_out() -> None:
    for op in ops.every():
        if op.makes is not None:
            needed = {"kernel": (1, 1)} if op.sized else {}
            layer = op(**{op.makes: 12}, **needed)
            assert layer.infer(Shape(12, 4, 4)).channels == 12, op.spelled()


@pytest.mark.parametrize("chain", ["3x3, 32; pair 32; 3x3, 32", "[3x3, 32; 3x3, 32]; bn", "pair 32; pair 32", "se; bn"])
def test_a_bracket_without_a_shortcut_says_so_and_how_it_has_one(chain: str) -> None:
    text, row = HEAD.format(brackets=RESIDUAL), f"\n| x | [{chain}] x 2 |\n"
    [said] = [x for x in loads(text + row).diagnostics if x.code == "E0660"]
    assert said.help is not None
    rows = [part for part in said.help.split("`") if part.startswith("|")]
    joined = f"block fresh = add of\n{rows[0]}\n{rows[1]}\n\n| x | fresh x 2 |\n"
    alone = f"block fresh\n{rows[2]}\n\n| x | fresh x 2 |\n"
    counted = [loads(text + mend) for mend in (joined, alone)]
    assert all("E0660" not in {x.code for x in each.diagnostics} for each in counted)
    assert [*map(str, (x.params for x in counted))] == [str(loads(text + row).params)] * 2


def test_one_block_in_a_bracket_is_itself() -> None:
    text = HEAD.format(brackets=RESIDUAL) + "\n| x | [pair 32] x 2 |\n"
    assert "E0660" not in {x.code for x in loads(text).diagnostics}
