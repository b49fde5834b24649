"""Claims: whole-network figures with their sources, by columns of quantities, of parameters or of variants."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from archspec import ops
from archspec.budget import spend
from archspec.counting.conventions import CONVENTIONS, EXTRAS, further_convention, is_rule
from archspec.counting.messages import two_conventions, unknown_rule
from archspec.counting.printed import is_reported
from archspec.counting.quantities import CLAIMS, RECEPTIVE_FIELD, readable
from archspec.diagnostics import Report
from archspec.elaborate import messages as say
from archspec.elaborate.cells import BLANK, aligned
from archspec.elaborate.figure_messages import no_such_figure
from archspec.elaborate.figures import Figures
from archspec.elaborate.headers import header_of
from archspec.elaborate.layers import Layers
from archspec.elaborate.marks import printed_of, unmarked
from archspec.elaborate.variants import cell_values
from archspec.ir.figure import Figure, Total
from archspec.ir.network import Claim, Network, Value
from archspec.language import syntax as s
from archspec.language.parse import parse_cell
from archspec.naming import Names
from archspec.support.limits import CELL, CLAIMED, SORTED

FIGURE, PRINTED = "figure", "printed"
LONG = (FIGURE, "quantity", PRINTED)
"""The columns of a table that says in each row what is printed."""
KNOWN = (*CLAIMS, RECEPTIVE_FIELD.name)
"""The quantities that such a row may name."""


def claims_of(
    table: s.Table, network: Network, variants: tuple[str, ...], layers: Layers, report: Report
) -> Iterator[Claim]:
    """The claims that a table makes about a network; what is wrong with it goes to the report."""
    header, parameters, variant = table.header, network.parameters, network.variant
    if header is None:
        report.add(say.no_header(table.span, "| source | params |"))
        return
    family = frozenset(variants)
    names, units = _columns(header, parameters, family, report)
    figures = Figures.of(network, variants, layers, report)
    for row in table.rows:
        spend(CLAIMED, row[0].span)
        cells = aligned(row, names, family, report)
        if cells is not None:
            settings = {name: cell for name, cell in cells.items() if name in parameters}
            given = dict(cell_values(settings, parameters, report))
            yield from _row(cells, given, units, variant if variant in family else None, figures)


def _columns(
    header: tuple[s.Cell, ...], parameters: Mapping[str, Value], variants: frozenset[str], report: Report
) -> tuple[list[str], dict[str, str]]:
    own = parameters.keys() | variants
    spend(CELL * len(header) + SORTED * len(own), header[0].span)
    names: dict[str, None] = {}
    units: dict[str, str] = {}
    known = Names(("source", "counted", *CLAIMS, *LONG, *own))
    for cell in header:
        name, unit = header_of(cell.text, own, known)
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
    if "quantity" not in names and ((variants | {PRINTED, FIGURE}) - parameters.keys()) & names.keys():
        report.add(say.no_quantity(header[0].span.to(header[-1].span)))
    return [*names], units


def _row(
    cells: dict[str, s.Cell],
    settings: dict[str, Value],
    units: Mapping[str, str],
    variant: str | None,
    figures: Figures,
) -> Iterator[Claim]:
    source, report = cells.get("source"), figures.report
    if source is not None and source.text in BLANK:
        report.add(say.no_source(source.span))
    counted = counting_rules(cells["counted"], report) if "counted" in cells else ()
    for quantity, cell, said in _figures(cells, variant, figures):
        printed = printed_of(cell, quantity, units.get(quantity, ""), said, report)
        if printed is not None:
            yield Claim(
                quantity=quantity,
                **printed._asdict(),
                source=source.text if source else "",
                counted=counted,
                parameters=settings,
                figure=said,
                span=cell.span,
            )


def _figures(
    cells: dict[str, s.Cell], variant: str | None, figures: Figures
) -> Iterator[tuple[str, s.Cell, Figure | None]]:
    """The prints of a row, each with its quantity and what of that it is, None where it is a plain figure of it."""
    own = figures.network.parameters
    for name, cell in cells.items():
        if cell.text in BLANK or name in own:
            continue
        if name in CLAIMS or is_reported(name):
            yield name, cell, None if readable(name, unmarked(cell.text)) else _bound(name, cell)
        elif name in (variant, PRINTED):
            yield from _long(cells, cell, figures)


def _long(cells: dict[str, s.Cell], cell: s.Cell, figures: Figures) -> Iterator[tuple[str, s.Cell, Figure | None]]:
    """The print of a row that says its quantity, and perhaps its figure, in columns of their own."""
    quantity, report = cells.get("quantity"), figures.report
    said = figures.read(cells.get(FIGURE)) if quantity is not None else None
    if quantity is None or said is None:
        return
    name = quantity.text.lower()
    plain = isinstance(said, Total)
    if quantity.text in BLANK and plain:
        report.add(say.no_quantity(quantity.span))
    elif plain and (is_reported(name) or (name in CLAIMS and readable(name, unmarked(cell.text)))):
        yield name, cell, None
    elif said.of(name):
        yield name, cell, said
    elif plain:
        report.add(say.unknown_quantity(quantity.span, quantity.text, KNOWN))
    else:
        report.add(no_such_figure(quantity.span, said.text, name, [each for each in KNOWN if said.of(each)]))


def _bound(quantity: str, cell: s.Cell) -> Figure | None:
    """The total, where what is printed is a bound of it: ``< 25 million``."""
    total = Total(text="", span=cell.span)
    return total if quantity in CLAIMS and total.reads(quantity, unmarked(cell.text)) else None


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
    further = further_convention(found) if len(found) == len(rules) else None
    if further is not None:
        second, first = further
        report.add(two_conventions(rules[second].span, found[second], first))
    return tuple(found)
