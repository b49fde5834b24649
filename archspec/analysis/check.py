"""Printed cells and claims against the arithmetic, each at its printed precision."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

from archspec.analysis.checked import (
    Checked,
    agrees_though_marked,
    cell_disagrees,
    claim_disagrees,
    claim_without_network,
    correction_disagrees,
    logits_of_maps,
    loss_inside,
    mark_without_arithmetic,
    nothing_at_fault,
    shape_disagrees,
)
from archspec.analysis.claim_totals import Measured, rules_of
from archspec.analysis.cost import RowCost, Totals, uses_seen
from archspec.analysis.inferred import Shaped, ends_in_loss
from archspec.analysis.mends import Mends
from archspec.analysis.one_rule import OneRule
from archspec.analysis.orders import Order, Orders
from archspec.analysis.path import Path
from archspec.analysis.precision import Precision
from archspec.analysis.provenance import Origins
from archspec.analysis.unchecked import hiding, with_reason
from archspec.budget import spend
from archspec.counting.conventions import Counting
from archspec.counting.printed import Verdict, compare, dims_of, is_reported
from archspec.counting.quantities import SHAPES, find
from archspec.diagnostics import Diagnostic, Report
from archspec.ir.network import WRONG, Apply, Cell, Group, Network, Printed, Value
from archspec.support.limits import CLAIMED, MISTAKE

MOST_EXPLAINED = 4
"""Of how many layers of a row the arithmetic of its shape is shown."""


def check_cells(
    network: Network,
    shaped: Sequence[Shaped],
    rows: Sequence[RowCost],
    precision: Precision,
    mends: Mends,
    report: Report,
) -> list[Checked]:
    """Every printed cell of the rows that have shapes."""
    costs = dict(zip((i for i, item in enumerate(shaped) if item.x and item.y), rows, strict=True))
    found: list[Checked] = []
    path, marks, counting = Path(network, shaped), _Marks(network), Counting(network.counted)
    origins, orders = Origins(network), Orders(network, shaped)
    for cell in network.cells:
        if cell.row in costs:
            cost = costs[cell.row]
            checked = _cell(cell, cost, counting, network.units, precision.of(cell))
            checked = with_reason(checked._replace(taken_from=origins.of(cell)), hiding(shaped, cell.row), counting)
            found.append(checked)
            if checked.marked:
                marks.check(cell, checked, report)
            elif not checked.holds and not path.explains(cell):
                above = shaped[cell.row - 1] if cell.quantity == "input" and cell.row else None
                wrong = _disagreement(checked, counting, shaped[cell.row], above, orders.of(cell))
                report.add(replace(wrong, tried=mends.of(cell)))
    return found


def check_claims(network: Network, measure: Measured[Any], mends: Mends, report: Report) -> list[Checked]:
    """Every claim; one that sets parameters is measured with those."""
    found: list[Checked] = []
    marks, precision, origins, one_rule = _Marks(network), Precision(network), Origins(network), OneRule(network)
    for claim in network.claims:
        if claim.figure is not None:
            from archspec.analysis.figures import check_figure

            figure = check_figure(claim, network, measure, report)
            found += [figure._replace(taken_from=origins.of(claim))] if figure is not None else []
            if figure is not None and claim.marked and figure.verdict != "unknown":
                marks.check(claim, figure, report)
            continue
        one_rule.check(claim, report)
        counting = Counting(rules_of(network, claim))
        totals = None if is_reported(claim.quantity) else measure(claim.parameters, counting)
        value = find(claim.quantity).of(totals) if isinstance(totals, Totals) else None
        digits = precision.of(claim)
        verdict = _verdict(claim.quantity, claim.printed, value, digits)
        corrected = _verdict(claim.quantity, claim.correction, value, digits) if claim.correction else None
        checked = _checked(claim, claim.source, value, verdict, corrected, counting, claim.parameters)
        checked = checked._replace(taken_from=origins.of(claim))
        if checked.unchecked:
            checked = with_reason(checked, uses_seen(measure.under(claim.parameters).inferred, counting), counting)
        found.append(checked)
        if isinstance(totals, Diagnostic):
            report.add(claim_without_network(checked, totals))
        elif claim.marked and is_reported(claim.quantity):
            report.add(mark_without_arithmetic(checked))
        elif claim.marked:
            marks.check(claim, checked, report)
        elif value is not None and not checked.holds:
            report.add(replace(claim_disagrees(checked), tried=mends.of(claim)))
    return found


def check_loss(shaped: Sequence[Shaped], report: Report) -> None:
    """A soft-max that ends the network, and cannot be told from the layers that make logits."""
    last = next((item for item in reversed(shaped) if item.uses), None)
    if last is None or not last.row.steps:
        return
    step, y = last.row.steps[-1], last.uses[-1].y
    if not isinstance(step, Apply):
        op = next((use.op for use in reversed(last.uses) if not use.op.passes_on), None)
        if op is not None and op.part_of_loss:
            own = isinstance(step, Group) and step.rule == op.spelled()
            report.add(loss_inside(step.place, op.spelled(), own))
    elif ends_in_loss(last.row) and y.is_map and y.extent == (1, 1):  # of a larger map it may classify every position
        report.add(logits_of_maps(step.place, step.op, str(y)))


def _verdict(quantity: str, printed: str, value: int | None, precision: int) -> Verdict:
    if is_reported(quantity):
        return "reported"
    return "unknown" if value is None else compare(printed, value, precision=precision)


def _checked(
    printed: Printed,
    source: str,
    value: int | str | None,
    verdict: Verdict,
    corrected: Verdict | None,
    counting: Counting,
    parameters: Mapping[str, Value],
) -> Checked:
    checked = Checked(
        source,
        printed.quantity,
        printed.printed,
        value,
        verdict,
        printed.mark,
        counting.name,
        parameters,
        printed.place,
        correction=printed.correction,
        corrected=corrected,
        at_fault=printed.at_fault,
    )
    spend(CLAIMED if checked.holds else MISTAKE + CLAIMED, printed.place)
    return checked


def _cell(cell: Cell, cost: RowCost, counting: Counting, units: Mapping[str, int], precision: int) -> Checked:
    quantity = find(cell.quantity)
    compared, actual = quantity.form.compared, quantity.of(cost)
    value, verdict = compared(cell.printed, actual, units, precision)
    corrected = compared(cell.correction, actual, units, precision)[1] if cell.correction else None
    checked = _checked(cell, cost.layer, value, verdict, corrected, counting, {})
    used = {unit: worth for unit, worth in units.items() if cell.printed.lower().endswith(unit)}
    said = [checked.counted, *(f"{unit.upper()}={worth}" for unit, worth in used.items())]
    return checked._replace(counted=", ".join(said), units=used)


class _Marks:
    """Checks what marks say: the figure disagrees, its correction agrees, and rows at fault have wrong figures."""

    def __init__(self, network: Network) -> None:
        self._network = network

    def check(self, figure: Printed, checked: Checked, report: Report) -> None:
        """What is not so goes to the report."""
        if checked.verdict not in ("disagrees", "unchecked"):
            report.add(agrees_though_marked(checked))
        elif checked.corrected == "disagrees":
            report.add(correction_disagrees(checked))
        for row in figure.at_fault:
            own = isinstance(figure, Cell) and self._network.rows[figure.row].layer == row
            if self._wrong[row] <= own:
                report.add(nothing_at_fault(checked, row, row in self._names))

    @cached_property
    def _wrong(self) -> Counter[str]:
        """How many figures of each row are marked as wrong."""
        return Counter(self._network.rows[cell.row].layer for cell in self._network.cells if cell.mark == WRONG)

    @cached_property
    def _names(self) -> frozenset[str]:
        return frozenset(row.layer for row in self._network.rows)


def _disagreement(
    checked: Checked, counting: Counting, shaped: Shaped, above: Shaped | None, order: Order
) -> Diagnostic:
    if checked.quantity not in SHAPES:
        return cell_disagrees(checked, _shares(checked, counting, shaped))
    if above is not None:  # what enters is what the row above gives, so its arithmetic is the reason
        why = reason(checked._replace(quantity="output"), above)
        return shape_disagrees(checked, [f"{line}, in `{above.row.layer}`" for line in why], order)
    return shape_disagrees(checked, reason(checked, shaped), order)


def reason(checked: Checked, shaped: Shaped) -> list[str]:
    """Why an output is what it is: the arithmetic of its sides, or whose channels they are if the sides agree.

    It is that of the layers that change the sides, the last of them where they are many, or else of the last layer.
    """
    if checked.quantity != "output" or not shaped.uses:
        return []
    dims, y = dims_of(checked.printed), shaped.uses[-1].y
    if len(dims) == 3 and y.is_map and dims[:2] == y.dims[:2]:
        made = next((use for use in reversed(shaped.uses) if use.x.channels != use.y.channels), shaped.uses[-1])
        return [f"`{made.op.spelled()}` gives {y.channels} channels"]
    last = [use for use in shaped.uses if use.op.why(*use.xs)][-1:]
    changing = [use for use in shaped.uses if use.x.is_map and use.y.is_map and use.x.extent != use.y.extent]
    told = [use for use in changing[-MOST_EXPLAINED:] if use.op.why(*use.xs)] or last
    lines = dict.fromkeys(f"{use.op.spelled()}: {use.op.why(*use.xs)}" for use in told)
    alike = {f"{use.op.why(*use.xs)}" for use in told}  # layers of branches make the same
    return [*alike] if told == last or (len(alike) == 1 < len(told)) else [*lines]


def _shares(checked: Checked, counting: Counting, shaped: Shaped) -> list[str]:
    """The arithmetic of a row's figure, layer by layer, of what the rule counts."""
    if not find(checked.quantity).of_tensors:
        return []
    parts = []
    for use in shaped.uses:
        for name, shape in counting.tensors(use.op, *use.xs).items():
            times = f"{use.times} * " if use.times > 1 else ""
            parts.append(f"{times}{use.op.spelled()} {name} {'*'.join(str(n) for n in shape)}")
    return [" + ".join(parts)] if parts else []
