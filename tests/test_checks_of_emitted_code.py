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
