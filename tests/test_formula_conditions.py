"""What formulas say of themselves is true: their conditions and their numbers, as text and as Python, at any setting."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from formula_statements import Statements
from random_parametric import Drawn

from archspec import ArchError, Compiled, loads
from archspec.family.formulas.formula import QUANTITIES


def counted(net: Compiled, values: dict[str, Any]) -> dict[str, int] | None:
    try:
        return {name: net.setting(values).totals._asdict()[name] for name in QUANTITIES}
    except ArchError:
        return None


def one_that_holds(drawn: Drawn) -> Compiled | None:
    """A network with values of its parameters for which it holds, if some are found."""
    for _ in range(6):
        try:
            return loads(drawn.again())
        except ArchError:
            pass
    return None


def hold(drawn: Drawn, points: int, seen: Counter[str]) -> None:
    """All that a formula says at some settings is what is counted there."""
    net = one_that_holds(drawn)
    if net is None:
        seen["none"] += 1
        return
    try:
        formula = net.formula(*QUANTITIES)
        said = Statements(formula)
    except ArchError as error:
        seen[error.diagnostics[0].code] += 1
        return
    text = drawn.text
    for point in drawn.points(points):
        values = {name: point[name] for name in formula.names}
        truth, texts, python = counted(net, values), said.by_text(values), said.by_python(values)
        seen["held" if truth else "refused"] += 1
        seen["said"] += bool(texts)
        for each in texts:
            assert each == truth, (text, values)
        assert python == (texts[0] if texts else None), (text, values)


def some(seeds: range, points: int) -> Counter[str]:
    seen: Counter[str] = Counter()
    for seed in seeds:
        hold(Drawn(seed), points, seen)
    return seen


def test_what_formulas_of_random_networks_say_is_true() -> None:
    seen = some(range(40), 8)
    assert seen["said"] > seen["held"] / 2 > 5
    assert seen["refused"] > 40


@pytest.mark.slow
@pytest.mark.parametrize("block", range(20))
def test_what_formulas_of_many_random_networks_say_is_true(block: int) -> None:
    assert some(range(1000 * (block + 1), 1000 * (block + 1) + 200), 40)["said"]


def of(text: str) -> tuple[str, Statements]:
    formula = loads(text).formula("params", "mult_adds")
    return str(formula), Statements(formula)


def test_what_is_left_of_a_map_is_a_condition_of_a_dilation() -> None:
    """A dilation of 8 makes a kernel of 17 elements, more than the 16 of the map."""
    text, said = of(
        "network n(d=1)\ninput 16x16x3\n| conv 3x3, 8, pad=0, dilation=d |\n| global-avgpool |\n| fc 10 |\n"
    )
    assert "For whole d from 1 to 7:" in text
    assert said.by_python({"d": 7}) == {"params": 314, "mult_adds": 9 * 3 * 8 * 4 + 80}
    assert [said.by_python({"d": d}) for d in (0, 8, 20, 1.5)] == [None] * 4


def test_sides_are_whole_and_large_enough() -> None:
    text, said = of("network n(r=32)\ninput r x r x 3\n| conv 3x3, 8, pad=0 |\n| maxpool 3x3, /2 |\n| fc 10 |\n")
    assert "For whole r >= 5:" in text
    assert [said.by_python({"r": r}) is None for r in (4, 5, 5.5)] == [True, False, True]


def test_both_sides_of_a_minimum_have_a_formula() -> None:
    """A residual block of 64 a channels keeps a width of min(64, 64 a) up to a = 1 alone."""
    block = "block unit(c) = add of\n| residual | conv 3x3, c |\n| shortcut | identity if in == c; conv 1x1, c if in != c |\n"
    text, said = of(f"network n(a=0.75)\ninput 8x8x3\n{block}\n| conv 3x3, min(64, 64*a) |\n| unit 64*a |\n")
    assert "Where a <= 1, for whole 64*a >= 1:" in text
    assert "Where a > 1, for whole 64*a:" in text
    assert "min" not in text
    assert said.by_python({"a": 1.5}) is not None


def test_a_choice_of_numbers_is_held_to_them() -> None:
    text, said = of("network n(w=8)\ninput 8x8x3\nchoose z = one of 4, 2, 8\n| conv 3x3, w |\n| conv 3x3, z |\n")
    assert "For whole w >= 1, for z in {4, 2, 8}:" in text
    assert [said.by_python({"w": 8, "z": z}) is None for z in (4, 6, 8)] == [False, True, False]


def test_numbers_are_compared_with_one_another() -> None:
    text, _ = of(
        "network n(w=1.0, d=1.0)\ninput 8x8x3\n"
        "| conv 3x3, round_to(16*w, 8) |\n| conv 3x3, 8 if round_to(16*w, 8) != round_to(32*w, 8) |\n"
        "| conv 3x3, 8 x ceil(2*d) |\n"
    )
    assert "round_to(16*w, 8) != round_to(32*w, 8)" in text
    assert "floor" not in text


def test_each_choice_of_a_search_space_has_a_formula() -> None:
    net = loads(
        "network n(w=8)\ninput 8x8x3\nchoose k by row = one of 1x1, 3x3\n| layer | op |\n|---|---|\n| a | conv k, w |\n"
    )
    assert str(net.formula("params", over=["k_a", "w"])).count("Where k_a =") == 2
