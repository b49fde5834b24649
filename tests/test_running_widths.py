"""Widths that grow from row to row stand in a variable of the constructor, and are right for every argument."""

from __future__ import annotations

import pytest
from second_witness import examine

from archspec import loads

pytestmark = pytest.mark.torch

DENSE = "block dense(k) = concat of\n| all | identity |\n| new | conv 3x3, k |\n\n"
CASES = {
    "a dense network": (
        f"network n(k=4, classes=5)\ninput 8x8x3\n\n{DENSE}"
        "| conv | conv 3x3, 2*k |\n| one | dense k x 4 |\n| down | conv 1x1, in/2; avgpool 2x2 |\n| two | dense k x 3 |\n| fc | fc classes |\n",
        [
            "channels = 2 * k",
            "[Dense(channels + k * i, k) for i in range(4)]",
            "channels += 4 * k",
            "nn.Conv2d(channels, channels // 2, 1)",
            "channels //= 2",
            "channels += 3 * k",
            "nn.Linear(16 * channels, classes)",
        ],
        [{"k": 3}, {"k": 7, "classes": 2}],
    ),
    "numbers": (
        f"network n(channels=5)\ninput 8x8x3\n\n{DENSE}| conv | conv 3x3, 8 |\n| one | dense 4 x 5 |\n| fc | conv 1x1, channels |\n",
        ["channels_2 = 8", "[Dense(channels_2 + 4 * i, 4) for i in range(5)]", "channels_2 += 20", "nn.Conv2d(channels_2, channels, 1)"],
        [{"channels": 3}],
    ),
    "a width that is set anew": (
        f"network n(k=4, w=6, classes=5)\ninput 8x8x3\n\n{DENSE}"
        "| conv | conv 3x3, 2*k |\n| one | dense k x 3 |\n| w | conv 1x1, w |\n| two | dense k x 3 |\n| fc | global-avgpool; fc classes |\n",
        ["channels += 3 * k", "nn.Conv2d(channels, w, 1)", "channels = w", "[Dense(channels + k * i, k) for i in range(3)]"],
        [{"k": 2, "w": 9}],
    ),
    "rows that join stay as they are": (
        f"network n(k=4)\ninput 8x8x3\n\n{DENSE}"
        "| layer | op | from |\n|---|---|---|\n| a | conv 3x3, k | |\n| b | dense k x 3 | a |\n| c | concat | a, b |\n| d | conv 1x1, 3 | c |\n",
        ["[Dense(k * (1 + i), k) for i in range(3)]"],
        [{"k": 2}],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("text", "lines", "others"), CASES.values(), ids=CASES)
def test_it_is_right_for_every_argument(text: str, lines: list[str], others: list[dict[str, int]]) -> None:
    source = loads(text).source()
    for line in lines:
        assert line in source, source
    found = examine(text, others)
    assert not found.refused
    assert not found.faults, found.faults
    assert found.arguments


def test_widths_too_long_for_a_line_have_names_of_their_own() -> None:
    text = f"""
network n(width=1.0, s=0.5, g=4)
input 8x8x3

{DENSE}| a | conv 3x3, round_to(72*width, 8) |
| b | dense ceil(12*width) x 3 |
| c | conv 1x1, floor(in*s) |
| d | conv 1x1, round_to(in/2, g) |
| e | conv 1x1, (ceil(in*width) if width > 1/2 else in + 3) |
| f | conv 1x1, 2*in |
"""
    source = loads(text).source()
    assert max(map(len, source.split("\n"))) <= 88
    assert "if round(width, 9) > 0.5 else" in source
    found = examine(text, [{"width": 0.5}, {"width": 0.75, "s": 1.25}, {"g": 8}])
    assert not found.refused
    assert not found.faults, found.faults


def test_a_long_call_is_opened_at_its_brackets() -> None:
    text = "network n(expansion=8)\ninput 8x8x3\n\n| conv 3x3, 8 |\n| conv 1x1, max(4*expansion, floor(expansion*0.7), floor(expansion*0.9) + 5) |\n"
    source = loads(text).source()
    assert "            max(\n" in source
    assert max(map(len, source.split("\n"))) <= 88
    found = examine(text, [{"expansion": 3}])
    assert not found.refused
    assert not found.faults, found.faults
