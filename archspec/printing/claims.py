"""Claims as tables: a column for each quantity, or rows that say what is printed where that is not a plain total."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from archspec.counting.printed import is_reported
from archspec.counting.quantities import CLAIMS
from archspec.ir.network import Claim, Network, Printed
from archspec.printing.tables import by_columns
from archspec.printing.texts import cell, value

SOURCE = "source"


def claims_of(network: Network) -> list[list[str]]:
    """The lines of each table of claims: neighbours of one form stand in one table."""
    tables: list[tuple[bool, list[Claim]]] = []
    for claim in network.claims:
        plain = _is_plain(claim)
        if not tables or tables[-1][0] != plain:
            tables.append((plain, []))
        tables[-1][1].append(claim)
    return [["claims", *(_wide(claims, network) if plain else _long(claims, network))] for plain, claims in tables]


def figure(printed: Printed) -> str:
    """A printed figure with its mark."""
    rest = f"see {', '.join(printed.at_fault)}" if printed.at_fault else printed.correction
    return cell(" ".join(filter(None, (printed.printed, printed.mark, rest))), "the figure")


def _is_plain(claim: Claim) -> bool:
    """Whether a column of its quantity holds it: a figure of the total, or a bound of that."""
    bound = claim.figure is not None and claim.figure.kind == "total" and claim.quantity in CLAIMS
    return (claim.figure is None and (claim.quantity in CLAIMS or is_reported(claim.quantity))) or bound


def _wide(claims: Sequence[Claim], network: Network) -> list[str]:
    """A row for figures of one source under one rule and the same parameters, a column for each quantity.

    Figures stand in the order of their columns: a row ends before one whose column is not behind the last.
    """
    quantities: list[str] = [*dict.fromkeys(claim.quantity for claim in claims)]
    rows: list[dict[str, str]] = []
    last: tuple[object, int] | None = None
    for claim in claims:
        key, place = (claim.source, claim.counted, repr(claim.parameters)), quantities.index(claim.quantity)
        if last is None or last[0] != key or last[1] >= place:
            rows.append(_said(claim, network))
        rows[-1][claim.quantity] = figure(claim)
        last = key, place
    return _table(rows, [SOURCE, *network.parameters, "counted", *quantities])


def _long(claims: Sequence[Claim], network: Network) -> list[str]:
    rows = []
    for claim in claims:
        said = claim.figure.text if claim.figure is not None else ""
        own = {"figure": cell(said, "the figure"), "quantity": claim.quantity, "printed": figure(claim)}
        rows.append(_said(claim, network) | own)
    return _table(rows, [SOURCE, "figure", "quantity", *network.parameters, "counted", "printed"])


def _said(claim: Claim, network: Network) -> dict[str, str]:
    """What a row says of its figures: their source, their rule and the parameters that are set."""
    settings = {name: cell(value(set_to, network.parameters), "the value") for name, set_to in claim.parameters.items()}
    return {SOURCE: cell(claim.source, "the source"), "counted": ", ".join(claim.counted), **settings}


def _table(rows: Iterable[dict[str, str]], columns: Sequence[str]) -> list[str]:
    found = [*rows]
    kept = {name for row in found for name in row}
    cells = {name: [row.get(name, "") for row in found] for name in dict.fromkeys(columns) if name in kept}
    return by_columns(cells, (SOURCE, "figure", "printed", "quantity"))
