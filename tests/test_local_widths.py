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


@pytest.mark.parametrize(
    ("text", "changed"),
    [(ROUNDED, {"w": 5}), (ROUNDED, {"w": 22}), (LONG, {"q": 0.7, "w": 0.9, "n": 5})],
)
def test_names_hold_the_widths_of_the_spec(text: str, changed: dict[str, Any]) -> None:
    assert weights(entry(archspec.loads(text))(**changed)) == weights(archspec.loads(text, **changed).build())


@pytest.mark.parametrize("text", [ROUNDED, LONG])
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


def test_half_of_the_channels_is_called_half() -> None:
    block = (
        "network n(c=8)\ninput 8x8x3\n\nblock b(c)\n| conv 1x1, c/2; conv 1x1, c/2; conv 1x1, c/4; conv 1x1, c/4 |\n"
    )
    source = archspec.loads(f"{block}\n| b c |\n").source()
    assert "half = c // 2" in source
    assert "hidden = c // 4" in source
