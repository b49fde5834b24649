"""Widths that are long to write have names in emitted constructors, and rounding is that of `math`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import expert
import pytest
from second_witness import entry
from test_arguments_of_emitted_code import spec, weights

import archspec

pytestmark = pytest.mark.torch

ROUNDED = spec("w=16", "conv 3x3, w", "conv 1x1, floor(in*1.5) x 3", "conv 1x1, ceil(in/2) x 3", "fc 10")
LONG = spec("q=0.5, w=1.5, n=2", "conv 3x3, floor(16*q)", *["conv 1x1, 2*round_to(16*w, 8) + 8*n + 4"] * 2, "fc 10")
SCALED = spec(
    "w=1.0, channels=8",
    "conv 3x3, round_to(16*w, 8)",
    *[f"conv 1x1, {width}" for width in ("round_to(24*w, 8)", "round_to(40*w, 8)", "channels", "3*round_to(40*w, 8)")],
    "conv 1x1, floor(6*w); conv 1x1, floor(7*w); conv 1x1, floor(9*w)",
    "fc 10",
)
STAGES = """
network n(depth=14, d=2)
input 16x16x3

block b(c, stride=1) = add of
| residual | conv 3x3, c, /stride; conv 3x3, c                                     |
| shortcut | conv 1x1, c, /stride if in != c or stride != 1; identity if in == c and stride == 1 |

| conv 3x3, 4                                 |
| b 4 x (depth - 2) / 6                       |
| b 8, stride=2; b 8 x (depth - 2) / 6 - 1    |
| b 16, stride=2; b 16 x d                    |
| b 32, stride=2; b 32 x (depth - 2) / 6 - 1  |
"""


@pytest.mark.parametrize(
    ("text", "changed"),
    [
        (ROUNDED, {"w": 5}),
        (ROUNDED, {"w": 22}),
        (LONG, {"q": 0.7, "w": 0.9, "n": 5}),
        (SCALED, {"w": 0.7, "channels": 3}),
        (SCALED, {"w": 1.35}),
        (STAGES, {"depth": 26, "d": 3}),
        (STAGES, {"depth": 14, "d": 1}),
    ],
)
def test_names_hold_the_widths_of_the_spec(text: str, changed: dict[str, Any]) -> None:
    assert weights(entry(archspec.loads(text))(**changed)) == weights(archspec.loads(text, **changed).build())


@pytest.mark.parametrize("text", [ROUNDED, LONG, SCALED, STAGES])
def test_rounded_widths_pass_linters_and_the_formatter(text: str, tmp_path: Path) -> None:
    (tmp_path / "n.py").write_text(archspec.loads(text).source())
    for tool in (expert.LINT, expert.FORMAT):
        expert.assert_passes(tool, "n.py", folder=tmp_path)


def test_what_a_width_is_rounded_from_is_a_variable() -> None:
    source = archspec.loads(ROUNDED).source()
    assert "width = 3 * w // 2\n        width_2 = 3 * width // 2\n" in source
    assert "math.ceil(width_3 / 2)" in source
    assert "--" not in source


def test_a_long_width_is_written_once() -> None:
    source = archspec.loads(LONG).source()
    assert source.count("2 * round_to(16 * w, 8) + 8 * n + 4") == 1
    assert "math.floor(near(16 * q))" in source


def test_widths_that_are_scaled_alike_call_one_function() -> None:
    source = archspec.loads(SCALED).source()
    assert "def scaled(channels: int) -> int:\n            return round_to(channels * w, 8)\n" in source
    assert "def scaled_2(channels: int) -> int:\n            return math.floor(near(channels * w))\n" in source
    assert source.count("round_to(") == 2  # where it is defined and where it is called
    assert "ConvBNReLU(scaled(40), channels, 1)" in source
    assert "3 * scaled(40)" in source


def test_two_widths_need_no_function() -> None:
    assert (
        "scaled"
        not in archspec.loads(
            spec("w=1.0", *["conv 1x1, round_to(16*w, 8)"] * 3, "conv 1x1, round_to(8*w, 8)")
        ).source()
    )


def test_stages_of_as_many_blocks_share_their_number() -> None:
    source = archspec.loads(STAGES).source()
    assert source.count("blocks = (depth - 2) // 6") == 1
    assert "for _ in range(blocks)]" in source
    assert source.count("for _ in range(blocks - 1)]") == 2
    assert "for _ in range(d)]" in source


def test_a_shortcut_of_layers_or_of_none_is_a_choice() -> None:
    source = archspec.loads(STAGES).source()
    assert "if in_channels != c or stride != 1\n            else nn.Identity()\n" in source
    assert source.count("nn.Identity()") == 1


def test_half_of_the_channels_is_called_half() -> None:
    block = (
        "network n(c=8)\ninput 8x8x3\n\nblock b(c)\n| conv 1x1, c/2; conv 1x1, c/2; conv 1x1, c/4; conv 1x1, c/4 |\n"
    )
    source = archspec.loads(f"{block}\n| b c |\n").source()
    assert "half = c // 2" in source
    assert "hidden = c // 4" in source
