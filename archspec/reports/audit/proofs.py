"""The arithmetic that proves a figure wrong in print, in lines that a reader can work through."""

from __future__ import annotations

from collections.abc import Iterator

from archspec.analysis.check import reason
from archspec.analysis.checked import Checked
from archspec.analysis.cost import uses_seen
from archspec.analysis.inferred import Shaped, Use
from archspec.analysis.shapes import follow
from archspec.api import one
from archspec.compiled import Compiled
from archspec.counting.conventions import Counting
from archspec.counting.printed import dims_of
from archspec.counting.quantities import SHAPES, OfUse, Quantity, find
from archspec.diagnostics import ArchError
from archspec.ir.network import Network
from archspec.op import Shape

MOST_TERMS = 12
"""A longer sum is said by kinds of layers."""


def proof_of_cell(checked: Checked, shaped: Shaped, compiled: Compiled) -> list[str]:
    """Why a row has what the arithmetic gives for it."""
    if checked.quantity == "input":
        return _of_input(checked, shaped, compiled.network)
    if checked.quantity in SHAPES:
        made = f"`{shaped.uses[-1].op.spelled()}` gives {shaped.y}" if shaped.uses else f"the input is {shaped.y}"
        return reason(checked, shaped) or [made]
    return _sum(checked, shaped.uses, compiled.counting)


def proof_of_claim(checked: Checked, spec: str, compiled: Compiled, counting: Counting) -> list[str]:
    """Where the total of a claim comes from, for the parameters that the claim sets."""
    if checked.parameters:
        try:
            compiled = one(spec, parameters=checked.parameters)
        except ArchError:  # standard input is read once
            return []
    if find(checked.quantity).of_use is None:
        return _of_depth(compiled)
    return _sum(checked, [*uses_seen(compiled.inferred, counting)], counting)


def _of_input(checked: Checked, shaped: Shaped, network: Network) -> list[str]:
    """What the row would give for the input that is printed, or why it could not take it."""
    printed = dims_of(checked.printed)
    if len(printed) == 2 and shaped.x is not None:
        printed = [*printed, shaped.x.channels]
    x = Shape(printed[2], printed[0], printed[1]) if len(printed) == 3 else Shape(printed[0])
    y = follow(network, [shaped.row], x)[0]
    if y is None:
        return [f"the row cannot take {x}"]
    if y == shaped.y:
        return [f"{shaped.x} enters the row, and {x} would give the same {y}"]
    return [f"of {x} the row would make {y}, and it makes {shaped.y}"]


def _of_depth(compiled: Compiled) -> list[str]:
    before, parts = 0, []
    for item in compiled.inferred.rows:
        if item.depth > before:
            parts.append(f"{item.row.layer} {item.depth - before}")
        before = max(before, item.depth)
    return ["weight layers on the longest path: " + " + ".join(parts)] if parts else []


def _sum(checked: Checked, uses: list[Use], counting: Counting) -> list[str]:
    """The products of the layers where these are few and all there is, else the sums of the kinds of layers."""
    quantity = find(checked.quantity)
    of_use = quantity.of_use
    if of_use is None:
        return []
    terms = list(_terms(quantity, of_use, uses, counting))
    if 0 < len(terms) <= MOST_TERMS and sum(amount for _, amount in terms) == checked.value:
        return [" + ".join(text for text, _ in terms)]
    kinds: dict[str, int] = {}
    for use in uses:
        name = use.op.spelled()
        kinds[name] = kinds.get(name, 0) + use.times * of_use(counting, use.op, use.y, use.xs)
    kinds = {name: amount for name, amount in kinds.items() if amount}
    whole = sum(kinds.values())
    if isinstance(checked.value, int) and checked.value > whole:
        kinds["input"] = checked.value - whole
    return [" + ".join(f"{name} {amount:,}" for name, amount in kinds.items())] if kinds else []


def _terms(quantity: Quantity, of_use: OfUse, uses: list[Use], counting: Counting) -> Iterator[tuple[str, int]]:
    """Each use as a product of the sides that it multiplies, where it is one, with its amount."""
    found: dict[tuple[str, int], int] = {}
    for use in uses:
        amount = of_use(counting, use.op, use.y, use.xs)
        if amount:
            key = f"{use.op.spelled()} {quantity.product(use.op, use.y, use.xs, amount)}", amount
            found[key] = found.get(key, 0) + use.times
    for (text, amount), times in found.items():
        yield f"{times} * {text}" if times > 1 else text, times * amount
