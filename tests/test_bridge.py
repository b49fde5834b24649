"""Bridges between conventions: their steps add up, and say why."""

from __future__ import annotations

from itertools import permutations

import pytest
from counted_uses import made, run_uses, total, uses_of
from witness import ROOT

from archspec import load
from archspec.counting.bridge import bridge, lines
from archspec.counting.conventions import CONVENTIONS, Counting
from archspec.op import Shape

pytestmark = pytest.mark.torch

X = Shape(6, 9, 8)

ALEXNET = load(str(ROOT / "specs" / "alexnet.arch"))


@pytest.mark.parametrize(("a", "b"), [*permutations(CONVENTIONS, 2)])
def test_a_bridge_leads_from_one_total_to_the_other(a: str, b: str) -> None:
    uses = uses_of(ALEXNET)
    found = bridge(uses, Counting([a]), Counting([b]))
    assert (found.start, found.end) == (total(uses, a), total(uses, b))
    assert found.start + sum(step.amount for step in found.steps) == found.end
    assert all(step.amount and step.why for step in found.steps)


def test_a_bridge_in_words() -> None:
    uses = run_uses(ALEXNET)
    assert lines(bridge(uses, Counting(), Counting(["ptflops-aten"]))) == [
        "724,406,816  paper",
        "   +659,272  bias  ptflops-aten counts one more for each output of a layer that has a bias;"
        " paper counts nothing here",
        "725,066,088  ptflops-aten",
    ]
    assert lines(bridge(uses, Counting(["no fc"]), Counting(["torch"]))) == [
        "  665,784,864  paper, no fc",
        "  +58,621,952  multiply-accumulates of fc  paper, no fc leaves out every fc",
        " +724,406,816  unit                        paper, no fc counts each multiply-accumulate once;"
        " torch twice, as a multiplication and an addition",
        "1,448,813,632  torch",
    ]


def test_a_rule_changes_what_a_counter_counts() -> None:
    use = made("conv", X, kernel=3, channels=4)
    for rules, items in {
        ("fvcore",): {"multiply-accumulates": 6 * 9 * 4 * 9 * 8},
        ("fvcore", "with bias"): {"multiply-accumulates": 6 * 9 * 4 * 9 * 8, "bias": 4 * 9 * 8},
        ("torchinfo", "with bias"): {"multiply-accumulates": 6 * 9 * 4 * 9 * 8, "bias": 4 * 9 * 8},
        ("fvcore", "no conv"): {},
    }.items():
        assert Counting(rules).items(use.op, use.y, *use.xs) == items
