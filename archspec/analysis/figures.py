"""Figures of claims that are not plain totals against the arithmetic, each with that in one line."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from archspec.analysis.checked import Checked, claim_without_network, figure_disagrees
from archspec.analysis.claim_totals import Measured, Member, rules_of
from archspec.analysis.cost import uses_seen
from archspec.analysis.rational import Quotient
from archspec.analysis.unchecked import UNCHECKED, with_reason
from archspec.analysis.worked import About, Found, Hidden, Wrong, number_of, value_of, worked
from archspec.budget import spend
from archspec.counting.compared import bound_of, compared, compared_at_least, shown
from archspec.counting.conventions import Counting
from archspec.counting.printed import Verdict, is_reported
from archspec.counting.quantities import RECEPTIVE_FIELD
from archspec.counting.stated import TIMES, stated
from archspec.diagnostics import Diagnostic, Report
from archspec.ir.figure import Formula, formula_of
from archspec.ir.network import Claim, Network
from archspec.support.limits import CLAIMED, MISTAKE


def check_figure(claim: Claim, network: Network, measured: Measured[Any], report: Report) -> Checked | None:
    """A claim whose figure is not a plain total, beside the arithmetic; None where that cannot be told here."""
    counting = Counting(rules_of(network, claim))
    spend(CLAIMED, claim.place)
    unknown = _checked(claim, counting, None, "unknown", None)
    member = measured.member(claim.parameters)
    if isinstance(member, Diagnostic):
        report.add(claim_without_network(unknown, member))
        return unknown
    about = About(claim, member, measured, counting)
    try:
        found = worked(about)
        value, verdict = _compared(about, claim.printed, found)
        corrected = _compared(about, claim.correction, found)[1] if claim.correction else None
    except Hidden as hidden:
        return _unchecked(_checked(claim, counting, None, UNCHECKED, None), hidden.member, counting)
    except Wrong as wrong:
        spend(MISTAKE, claim.place)
        report.add(wrong.diagnostic)
        return None if wrong.warns else unknown
    checked = _checked(claim, counting, value, verdict, corrected, _line(claim, found, value, verdict, corrected))
    if checked.unchecked:
        return _unchecked(checked, member, counting)
    if not (checked.marked or checked.holds):
        report.add(figure_disagrees(checked))
    return checked


def _unchecked(checked: Checked, member: Member, counting: Counting) -> Checked:
    return with_reason(checked, uses_seen(member.inferred, counting), counting)


def _checked(
    claim: Claim,
    counting: Counting,
    value: str | None,
    verdict: Verdict,
    corrected: Verdict | None,
    working: str = "",
) -> Checked:
    assert claim.figure is not None
    return Checked(
        claim.source,
        claim.quantity,
        claim.printed,
        value,
        verdict,
        claim.mark,
        "" if isinstance(claim.figure, Formula) or claim.quantity == RECEPTIVE_FIELD.name else counting.name,
        claim.parameters,
        claim.place,
        correction=claim.correction,
        corrected=corrected,
        at_fault=claim.at_fault,
        figure=claim.figure.text,
        working=working,
    )


def _compared(about: About, printed: str, found: Found) -> tuple[str, Verdict]:
    claim, value = about.claim, found.value
    if isinstance(value, Quotient):
        formula = formula_of(printed) if stated(printed) is None else None
        if formula is not None:
            same = value.equals(value_of(formula.arithmetic, about, claim.place), formula.root)
            return claim.figure.text if claim.figure else "", "exact" if same else "disagrees"
        value = number_of(value, about)
    if isinstance(value, Fraction):
        if found.least:
            least = compared_at_least(printed, value)
            return f">= {least.shown}", least.verdict
        return compared(printed, value, is_reported(claim.quantity))
    text, verdict = RECEPTIVE_FIELD.form.compared(printed, value, {}, 0)
    return str(text), verdict


def _line(claim: Claim, found: Found, value: str, verdict: Verdict, corrected: Verdict | None) -> str:
    """The arithmetic in one line: what is worked out, its result, and that in the unit of the print."""
    said = stated(claim.printed)
    amount = found.value.number if isinstance(found.value, Quotient) else found.value
    if isinstance(found.value, Quotient) and said is None:
        if corrected == "exact":
            return f"{found.working} = {claim.correction}, and not {claim.printed}"
        return f"{found.working} {'=' if verdict == 'exact' else 'is not'} {claim.printed}"
    if said is None or not isinstance(amount, Fraction):
        return f"{found.working} = {value}" if found.working else value
    plain = shown(amount, 3)
    if said.relation:
        bound = bound_of(said)
        in_unit = value if said.unit or found.least else plain
        sign = "<" if amount < bound else ">" if amount > bound else "="
        steps = [found.working, in_unit] if said.unit or found.working else [in_unit]
        return " = ".join(filter(None, steps)) + ("" if said.unit else f" {sign} {shown(bound)}")
    if said.direction and found.working and not value.startswith(plain):
        inverted = said.unit == TIMES and said.direction == "less" and amount
        return f"{found.working} = {f'1/{shown(1 / amount, 2)}' if inverted else plain}, {value}"
    steps = [found.working, *[plain] * (said.sized and not value.startswith(plain)), value]
    return " = ".join(dict.fromkeys(filter(None, steps))) if found.working else ""
