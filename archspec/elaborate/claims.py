"""Claims: whole-network figures with their sources, by columns of quantities, of parameters or of variants."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from archspec import ops
from archspec.budget import spend
from archspec.counting.conventions import CONVENTIONS, EXTRAS, further_convention, is_rule
from archspec.counting.messages import two_conventions, unknown_rule
from archspec.counting.printed import is_reported
from archspec.counting.quantities import CLAIMS, SUMS
from archspec.diagnostics import Report
from archspec.elaborate import messages as say
from archspec.elaborate.cells import BLANK, aligned
from archspec.elaborate.headers import header_of
from archspec.elaborate.marks import figure_of
from archspec.elaborate.variants import cell_values
from archspec.ir.network import Claim, Value
from archspec.language import syntax as s
from archspec.language.parse import parse_cell
from archspec.naming import Names
from archspec.support.limits import CELL, CLAIMED

TABLE = re.compile(r"(?:[^,]*\((?:[^(),]+ )?\d{4}\), *)?(?:Table|Figure)\s+\w+", re.IGNORECASE)
"""The table that a source names first, of its own paper or of another: ``SENet (2018), Table 2``."""
SUMMED = frozenset(quantity.name for quantity in SUMS)


def claims_of(
    table: s.Table, parameters: Mapping[str, Value], variants: tuple[str, ...], variant: str | None, report: Report
) -> Iterator[Claim]:
    """The claims that a table makes about this variant; what is wrong with it goes to the report."""
    header = table.header
    if header is None:
        report.add(say.no_header(table.span, "| source | params |"))
        return
    family = frozenset(variants)
    names, units = _columns(header, parameters, family, report)
    counted = _Counted()
    for row in table.rows:
        spend(CLAIMED, row[0].span)
        cells = aligned(row, names, family, report)
        if cells is not None:
            settings = {name: cell for name, cell in cells.items() if name in parameters}
            given = dict(cell_values(settings, parameters, report))
            counted.add(cells, family, report)
            yield from _row(cells, given, units, variant if variant in family else None, report)


def _columns(
    header: tuple[s.Cell, ...], parameters: Mapping[str, Value], variants: frozenset[str], report: Report
) -> tuple[list[str], dict[str, str]]:
    spend(CELL * len(header), header[0].span)
    names: dict[str, None] = {}
    units: dict[str, str] = {}
    known = Names(("source", "counted", *CLAIMS, *parameters, *variants, *["quantity"] * bool(variants)))
    for cell in header:
        name, unit = header_of(cell.text, parameters.keys() | variants, known)
        if name in names:
            report.add(say.second_column(cell.span, name))
            name = f"?{len(names)}"
        elif name not in known and not is_reported(name):
            first = "source" if cell is header[0] else ""
            report.add(say.unknown_column(cell.span, cell.text, known, say.CLAIMS, first))
            name = f"?{len(names)}" if cell.text or not first else first
        names[name] = None
        if unit:
            units[name] = unit
    if "source" not in names:
        report.add(say.no_source(header[0].span.to(header[-1].span), column=False))
    if "quantity" not in names and variants & names.keys():
        report.add(say.no_quantity(header[0].span.to(header[-1].span)))
    return [*names], units


def _row(
    cells: dict[str, s.Cell],
    settings: dict[str, Value],
    units: Mapping[str, str],
    variant: str | None,
    report: Report,
) -> Iterator[Claim]:
    source = cells.get("source")
    if source is not None and source.text in BLANK:
        report.add(say.no_source(source.span))
    counted = counting_rules(cells["counted"], report) if "counted" in cells else ()
    for quantity, cell in _figures(cells, variant, report):
        figure = figure_of(cell, quantity, units.get(quantity, ""), report)
        if figure is not None:
            yield Claim(
                quantity=quantity,
                **figure._asdict(),
                source=source.text if source else "",
                counted=counted,
                parameters=settings,
                span=cell.span,
            )


class _Counted:
    """The rules by which the tables that are quoted count: one for each quantity of a table."""

    def __init__(self) -> None:
        self._rules: dict[tuple[str, str], tuple[frozenset[str], s.Cell]] = {}

    def add(self, cells: Mapping[str, s.Cell], variants: frozenset[str], report: Report) -> None:
        """A row of claims; a rule that differs from that of an earlier row of its table is reported."""
        source = cells.get("source")
        table = TABLE.match(source.text) if source is not None else None
        if source is None or table is None:
            return
        cell = cells.get("counted", source)
        rules = frozenset(counting_rules(cell, Report()) if cell is not source else ())
        for quantity in _quantities(cells, variants):
            first, at = self._rules.setdefault((table[0], quantity), (rules, cell))
            if first != rules:
                report.add(say.mixed_rules(cell.span, table[0], quantity, at.text if at is not source else "", at.span))
                return


def _quantities(cells: Mapping[str, s.Cell], variants: frozenset[str]) -> list[str]:
    """The quantities that a row counts."""
    said = cells.get("quantity")
    of_variants = any(cells[name].text not in BLANK for name in variants & cells.keys())
    found = [said.text.lower()] if said is not None and of_variants else []
    return [
        name for name in (*found, *(n for n in CLAIMS if n in cells and cells[n].text not in BLANK)) if name in SUMMED
    ]


def _figures(cells: dict[str, s.Cell], variant: str | None, report: Report) -> Iterator[tuple[str, s.Cell]]:
    for name, cell in cells.items():
        if cell.text in BLANK:
            continue
        if name in CLAIMS or is_reported(name):
            yield name, cell
        elif name == variant:
            quantity = cells.get("quantity")
            if quantity is None:
                return
            if quantity.text in BLANK:
                report.add(say.no_quantity(quantity.span))
            elif quantity.text.lower() in CLAIMS or is_reported(quantity.text.lower()):
                yield quantity.text.lower(), cell
            else:
                report.add(say.unknown_quantity(quantity.span, quantity.text, CLAIMS))


def counting_rules(cell: s.Cell, report: Report) -> tuple[str, ...]:
    """The rules of a `counted` cell; unknown ones are reported."""
    if cell.text in BLANK:
        return ()
    return checked_rules(parse_cell(cell, "counted", report) or (), report)


def checked_rules(rules: tuple[s.Rule, ...], report: Report) -> tuple[str, ...]:
    """Rules of syntax as the words that ``archspec.counting.conventions`` reads, in one spelling."""
    found: list[str] = []
    for rule in rules:
        text = " ".join(filter(None, ("" if rule.verb == "as" else rule.verb, rule.name, rule.what)))
        if rule.verb == "no" and (op := ops.find(rule.name)):
            text = " ".join(filter(None, ("no", op.spelled(), rule.what)))
        if is_rule(text):
            found.append(text)
        else:
            report.add(
                unknown_rule(
                    rule.span, text, [*EXTRAS, *CONVENTIONS, "no fc", "no fc weights", "with add", "with multiply"]
                )
            )
    second = further_convention(found) if len(found) == len(rules) else None
    if second is not None:
        first = next(rule for rule in found if rule in CONVENTIONS)
        report.add(two_conventions(rules[second].span, found[second], first))
    return tuple(found)
