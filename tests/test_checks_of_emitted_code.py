"""Emitted code refuses the numbers that its spec refuses, and says which argument is to blame."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from networks import ROOT
from second_witness import entry
from torch import nn

import archspec

pytestmark = pytest.mark.torch

REFUSED = {"E0202", "E0204", "E0606", "E0611"}
"""A number that is not whole, or too small, or no number of runs."""
BLOCKS = """
block half(c)
| conv 1x1, c/2; conv 3x3, c |

block wide(c, t=1)
| conv 1x1, t*c/2 if t > 1; conv 3x3, c |
"""


def spec(parameters: str, *cells: str) -> str:
    rows = "".join(f"| {cell} |\n" for cell in cells)
    return f"network n({parameters})\ninput 16x16x3\nevery conv: conv; bn; relu\n{BLOCKS}\n{rows}"


def weights(module: nn.Module) -> list[tuple[int, ...]]:
    """The shapes of all weights: a repetition of one has other names than a loop."""
    return [tuple(p.shape) for p in module.parameters()]


def compiled_or_none(text: str, arguments: dict[str, Any]) -> archspec.Compiled | None:
    """The network for these arguments, or None where the spec refuses their numbers."""
    try:
        return archspec.loads(text, **arguments)
    except archspec.ArchError as error:
        if REFUSED.isdisjoint(d.code for d in error.diagnostics):
            raise
        return None


WRONG = [
    ("wrn", {"depth": 30}, "depth must be 6 * n + 4 and at least 10, not 30"),
    ("wrn", {"depth": 4}, "depth must be 6 * n + 4 and at least 10, not 4"),
    ("wrn", {"depth": -8}, "depth must be 6 * n + 4 and at least 10, not -8"),
    ("mobilenet", {"alpha": 0.33}, "32 * alpha must be whole, but alpha is 0.33"),
    ("mobilenet", {"alpha": 0.7}, "32 * alpha must be whole, but alpha is 0.7"),
]


@pytest.mark.parametrize(("name", "arguments", "said"), WRONG)
def test_what_the_spec_refuses_is_refused(name: str, arguments: dict[str, Any], said: str) -> None:
    function = entry(archspec.loads((ROOT / "specs" / f"{name}.arch").read_text(encoding="utf-8")))
    with pytest.raises(ValueError, match=f"^{re.escape(said)}$"):
        function(**arguments)


CELLS = [
    "conv 3x3, w/4*3",
    "conv 3x3, w*v/6",
    "conv 3x3, a*12",
    "conv 3x3, 8 x (w - 2) / 3",
    "conv 3x3, 8 x n",
    "conv 3x3, 8; conv 3x3, 8 x n - 2",
    "conv 3x3, 8 x ceil(a*3)",
    "half w",
    "half 3*v x n",
    "wide 2*w, v/2",
    "conv 3x3, round_to(w*a, 4)",
]
NUMBERS = {
    "w": st.integers(1, 24),
    "v": st.integers(1, 12),
    "n": st.integers(-1, 4),
    "a": st.sampled_from([0.25, 0.5, 0.7, 0.75, 1.0, 1.1, 0.1 * 30]),
}


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.lists(st.sampled_from(CELLS), min_size=1, max_size=3, unique=True), st.fixed_dictionaries(NUMBERS))
def test_random_numbers_are_refused_as_by_the_spec(cells: list[str], numbers: dict[str, Any]) -> None:
    text = spec("w=8, v=6, n=3, a=0.5", *cells, "fc 3")
    function = entry(archspec.loads(text))
    given = {name: value for name, value in numbers.items() if name in function.__annotations__}
    theirs = compiled_or_none(text, given)
    if theirs is None:
        with pytest.raises(ValueError, match=r" must be .*(not|is) -?[0-9.]+$"):
            function(**given)
    else:
        assert weights(function(**given)) == weights(theirs.build())


def test_a_check_that_others_imply_is_not_written() -> None:
    source = archspec.loads(
        spec("w=8", "conv 3x3, w/2", "conv 3x3, w/2*3", "conv 3x3, w/2 + 4", "conv 3x3, w")
    ).source()
    assert source.count("raise ValueError") == 1
    assert "if w % 2:" in source


def test_arguments_that_must_be_the_same_are_checked_at_once() -> None:
    text = spec("n=2, m=3, w=8, v=4", "conv 3x3, w/2 x n", "conv 3x3, v/2 x m")
    source = archspec.loads(text).source()
    assert "if w % 2 or v % 2:" in source
    assert "if min(n, m) < 1:" in source
    with pytest.raises(ValueError, match=r"^each of n and m must be at least 1, not 2 and 0$"):
        entry(archspec.loads(text))(m=0)


def test_a_divisor_is_refused_before_it_divides() -> None:
    text = spec("w=8, v=12, g=2", "conv 3x3, w/g", "conv 3x3, v/g")
    assert "if g < 1 or w % g or v % g:" in archspec.loads(text).source()
    with pytest.raises(ValueError, match=r"^each of w and v must be a multiple of g, but g is 0, w is 8 and v is 12$"):
        entry(archspec.loads(text))(g=0)


def test_what_is_rounded_to_a_multiple_is_whole_in_its_parts() -> None:
    rounded = "conv 3x3, round_to(16*w, 8)"
    source = archspec.loads(spec("w=1.0", rounded, "conv 3x3, 3*in/4")).source()
    assert "raise ValueError" not in source
    assert "raise ValueError" in archspec.loads(spec("w=1.0", rounded, "conv 3x3, in/16")).source()


def test_many_arguments_are_refused_without_their_values() -> None:
    names = [f"width{i}" for i in range(5)]
    text = spec(", ".join(f"{name}=8" for name in names), *(f"conv 3x3, {name}/4" for name in names))
    with pytest.raises(
        ValueError, match=r"^each of width0, width1, width2, width3 and width4 must be a multiple of 4$"
    ):
        entry(archspec.loads(text))(width3=6)


def test_a_name_beside_a_whole_number_is_compared_without_rounding() -> None:
    text = """
network n(p=0.1, q=3.0)
input 8x8x3

block b(c, drop, scale)
| conv 3x3, c; dropout drop if drop > 0; dropout 0.5 if 0.1*scale == 0.3; dropout 0.1 if scale > 1/2 |

| b 8, p, q |
"""
    source = archspec.loads(text).source()
    assert "if drop > 0 else" in source
    assert "if round(near(0.1 * scale), 9) == 0.3 else" in source
    assert "if round(scale, 9) > 0.5 else" in source
    assert len([*entry(archspec.loads(text))(p=0, q=0.1 * 30).modules()]) == len(
        [*archspec.loads(text, p=0, q=0.1 * 30).build().modules()]
    )


def test_a_multiplier_of_runs_is_above_zero() -> None:
    text = spec(
        "depth=1.0", "conv 3x3, 8 x ceil(2*depth)", "conv 3x3, 8 x ceil(3*depth)", "conv 3x3, 8 x floor(4*depth)"
    )
    source = archspec.loads(text).source()
    assert source.count("if depth <= 0:") == 1
    with pytest.raises(ValueError, match=r"^floor\(4 \* depth\) must be at least 1, but depth is 0.2$"):
        entry(archspec.loads(text))(depth=0.2)


NEEDS = {
    "pad-channels": ("w=8", "", ["conv 3x3, w", "pad-channels 12", "conv 1x1, 3"], {"w": 16}, "w must be at most 12, not 16"),
    "channels": ("w=8", "", ["conv 3x3, w", "channels 1..8; relu"], {"w": 4}, "w must be at least 8, not 4"),
    "channels from the end": ("w=8", "", ["conv 3x3, w", "channels 1..in - 3; relu"], {"w": 3}, "w - 3 must be at least 1, but w is 3"),
    "channel-split": ("w=8", "", ["conv 3x3, w", "channel-split 2, 4; relu"], {"w": 6}, "w must be a multiple of 4, not 6"),
    "channel-shuffle": ("w=8", "", ["conv 3x3, w", "channel-shuffle 4"], {"w": 6}, "w must be a multiple of 4, not 6"),
    "pixel-shuffle": ("w=8", "", ["conv 3x3, w", "pixel-shuffle 2"], {"w": 6}, "w must be a multiple of 4, not 6"),
    "a product that would stretch": (
        "w=8, v=8",
        "block u(c) = multiply of\n| conv 3x3, c |\n| identity |\n",
        ["conv 3x3, w", "u v"],
        {"v": 1},
        "w must be equal to v, but v is 1 and w is 8",
    ),
    "growth in a shuffle": (
        "w=8",
        "block u = concat of\n| identity |\n| conv 3x3, in/2 |\nthen channel-shuffle 2\n",
        ["conv 3x3, w", "u x 2"],
        {"w": 4},
        "w must be a multiple of 8, not 4",
    ),
    "drop-path": ("p=0.5", "", ["conv 3x3, 4", "drop-path p"], {"p": 2}, "p must be at least 0 and at most 1, not 2"),
    "an epsilon": ("p=0.5", "", ["conv 3x3, 4; bn eps=p"], {"p": 0}, "p must be at least 1e-12, not 0"),
    "two ends": ("p=0.5", "", ["conv 3x3, 4; hard-tanh low=-1, high=p"], {"p": -1}, "p must be above -1, not -1"),
}  # fmt: skip


@pytest.mark.parametrize(("parameters", "blocks", "cells", "wrong", "said"), NEEDS.values(), ids=NEEDS)
def test_what_layers_need_of_what_enters_is_checked(
    parameters: str, blocks: str, cells: list[str], wrong: dict[str, Any], said: str
) -> None:
    text = f"network n({parameters})\ninput 8x8x4\n\n{blocks}\n" + "".join(f"| {cell} |\n" for cell in cells)
    function = entry(archspec.loads(text))
    assert weights(function()) == weights(archspec.loads(text).build())
    with pytest.raises(archspec.ArchError):
        archspec.loads(text, **wrong)
    with pytest.raises(ValueError, match=f"^{re.escape(said)}$"):
        function(**wrong)
