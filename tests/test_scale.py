"""Work grows with the table, not with the network: a million blocks cost no more calls than twenty."""

from __future__ import annotations

import sys
from collections import Counter
from types import FrameType
from typing import Any

import pytest

from archspec.compiled import Compiled
from archspec.diagnostics import Source
from archspec.pipeline import compile_text

RESIDUAL = """block unit(c, stride=1) = add of
| body     | conv 1x1, c/4, /stride; conv 3x3, c/4 x {inner}; conv 1x1, c, no relu; se |
| shortcut | shortcut c, /stride |
then relu
"""
DENSE = """block unit(c, stride=1)
| layer | op                  | from |
|-------|---------------------|------|
| a     | conv 3x3, c, /stride|      |
| b     | conv 3x3, c x {inner} | a  |
| out   | add                 | a, b |
"""
SE = """block se(r=4) = multiply of
| identity |
| global-avgpool; fc ceil(in/r); relu; fc in; sigmoid |
"""


def network(block: str, times: int, inner: int) -> str:
    rows = [f"| r{i} | unit {64 * i}, /2 x {times} |" for i in (1, 2, 3)]
    head = ["network n(classes=10)", "input 64x64x3", "every conv: conv no bias; bn; relu", "", SE, block]
    head[-1] = head[-1].replace("{inner}", str(inner))
    return "\n".join([*head, "| layer | op |", "|-|-|", *rows, "| fc | global-avgpool; fc classes |", ""])


def worked(text: str) -> tuple[Compiled, str, Counter[str]]:
    """What comes of a spec, with how often each function of the package was called."""
    calls: Counter[str] = Counter()

    def note(frame: FrameType, event: str, arg: Any) -> None:
        if event == "call" and "archspec" in frame.f_code.co_filename:
            calls[frame.f_code.co_qualname] += 1

    sys.setprofile(note)
    try:
        compiled = compile_text(Source("scale.arch", text))
        source = compiled.source()
    finally:
        sys.setprofile(None)
    return compiled, source, calls


def walked(calls: Counter[str]) -> dict[str, int]:
    """The calls that apply layers, count them and write them; lenses are raised to a power, digit by digit."""
    return {name: count for name, count in calls.items() if name.startswith(WALKERS)}


def body(source: str) -> str:
    """The code without its heading, in which the figures stand."""
    return source.partition("import torch")[2]


WALKERS = ("Walk.", "Tally.", "Counting.", "Classes.", "Assembly.", "Conv.", "Convolution.", "BN.", "Broadcast.")


@pytest.mark.parametrize("block", [RESIDUAL, DENSE], ids=["residual", "named rows"])
def test_a_million_blocks_are_no_more_work_than_twenty(block: str) -> None:
    worked(network(block, 21, 21))  # what is computed once a process is computed now
    _, short, few = worked(network(block, 20, 20))
    compiled, long, many = worked(network(block, 1_000_000, 1_000_000))
    assert walked(many) == walked(few)
    assert sum(walked(few).values()) > 500
    assert sum(many.values()) < 1.5 * sum(few.values())
    assert body(long).count("\n") == body(short).count("\n")
    assert "range(999999)" in long
    assert compiled.totals.weight_layers > 3_000_000_000_000


def test_parameters_of_a_million_blocks_are_those_of_their_parts() -> None:
    one, two, many = (worked(network(DENSE, times, 1))[0].params for times in (1, 2, 1_000_000))
    assert many == one + (two - one) * (1_000_000 - 1)
