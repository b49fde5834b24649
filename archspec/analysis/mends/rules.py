"""Other ways to count: the rules and units under which a figure may have been printed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from archspec.counting.conventions import CONVENTIONS, EXTRAS
from archspec.counting.counters import COUNTERS
from archspec.counting.printed import FIGURE, UNITS
from archspec.counting.quantities import MULT_ADDS, Quantity
from archspec.op import Join, Op

Rules = tuple[str, ...]
OF_HEADS = "with heads"


def rules_for(quantity: Quantity, ops: Iterable[type[Op]], counted: Rules, heads: bool) -> Iterator[Rules]:
    """Other rules than those by which a figure is counted: one more, one less, another convention.

    ``ops`` are the layers that are there. Counters differ from papers in mult-adds alone.
    """
    if quantity.of_use is None:
        return
    for rule in (*(rule for rule in EXTRAS if heads or rule != OF_HEADS), *_of_layers(ops)):
        if rule not in counted:
            yield (*counted, rule)
    for rule in counted:
        yield tuple(other for other in counted if other != rule)
    for name in CONVENTIONS:
        if (name,) != counted and (quantity is MULT_ADDS or name not in COUNTERS):
            yield (name,)


def _of_layers(ops: Iterable[type[Op]]) -> Iterator[str]:
    kinds = dict.fromkeys(ops)
    yield from (f"with {kind.spelled()}" for kind in kinds if issubclass(kind, Join) and kind.computes)
    yield from (f"no {kind.spelled()}" for kind in kinds)
    yield from (f"no {kind.spelled()} weights" for kind in kinds)


def units_for(printed: str, units: Mapping[str, int]) -> Iterator[tuple[str, dict[str, int]]]:
    """Other meanings of the unit of a print: powers of 1024, or of ten where those are set; each as a spec says it."""
    match = FIGURE.fullmatch(printed)
    unit = (match["unit"] or "").lower() if match else ""
    if len(unit) != 1:
        return
    if unit in units:
        left = {name: worth for name, worth in units.items() if name != unit}
        yield f"no `units {unit.upper()}={units[unit]}`", left
    else:
        worth = 1024 ** (UNITS[unit] // 3)
        yield f"`units {unit.upper()}={worth}`", {**units, unit: worth}


def column_for(rules: Rules, file: Rules) -> str:
    """What stands in the column `counted` for rules: it adds to those of the file, unless it names a convention."""
    if not any(rule in CONVENTIONS for rule in rules) and rules != file:
        return ", ".join(rules[len(file) :] if rules[: len(file)] == file else ("paper", *rules))
    return ", ".join(rules) or "paper"
