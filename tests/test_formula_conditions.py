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
    seen = some(range(60), 12)
    assert seen["said"] > seen["held"] / 2 > 10
    assert seen["refused"] > 100


@pytest.mark.slow
@pytest.mark.parametrize("block", range(20))
def test_what_formulas_of_many_random_networks_say_is_true(block: int) -> None:
    assert some(range(1000 * (block + 1), 1000 * (block + 1) + 200), 40)["said"]
