"""The settings of a family counted one by one, which sweeps, budgets and formulas are held to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from itertools import product
from typing import Any

from archspec import ArchError, Compiled
from archspec.family.formulas.formula import QUANTITIES
from archspec.family.formulas.pieces import SIDES

Rows = list[tuple[Any, ...]]


def counted(net: Compiled, values: Mapping[str, Any]) -> dict[str, int] | str:
    """The counts of a setting, or the code of why it does not hold."""
    own = {name: value for name, value in values.items() if name not in SIDES or name in net.network.parameters}
    sides = {name: value for name, value in values.items() if name not in own}
    try:
        member = net.setting(own)
        if sides:
            member = net(input=_input(member, sides), **own)
        return member.totals._asdict()
    except ArchError as error:
        return next(d.code for d in error.diagnostics if d.severity == "error")


def _input(net: Compiled, sides: Mapping[str, Any]) -> tuple[Any, ...]:
    """The input of a network with other sides."""
    shape, both = net.network.input_shape, sides.get("resolution")
    own = {"height": shape.height, "width": shape.width}
    height, width = (sides.get(name, side if both is None else both) for name, side in own.items())
    both_sides = (int(side) if isinstance(side, float) and side.is_integer() else side for side in (height, width))
    return *both_sides, shape.channels


def one_by_one(net: Compiled, axes: Mapping[str, Any]) -> tuple[Rows, Counter[str]]:
    """The counts of all settings that hold, in their order, and how many others have each code."""
    rows, refused = [], Counter[str]()
    for values in product(*axes.values()):
        totals = counted(net, dict(zip(axes, values, strict=True)))
        if isinstance(totals, str):
            refused[totals] += 1
        else:
            rows.append(tuple(totals[name] for name in QUANTITIES))
    return rows, refused
