"""Where each row looks and what it stores: receptive field, total stride, alignment and activations, row by row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from archspec.counting.quantities import ACTIVATIONS, OUTPUT, RECEPTIVE_FIELD
from archspec.render.columns import pair
from archspec.render.formats import markdown
from archspec.render.table import bounds_notes
from archspec.support.terminal import Style, columns, printable

if TYPE_CHECKING:
    from archspec.analysis.result import Result

HEADER = ("layer", OUTPUT.name, RECEPTIVE_FIELD.name, "stride", "centre", ACTIVATIONS.name, "kept for backward")
NUMERIC = (False, False, True, True, True, True, True)
NOTES = (
    f"{RECEPTIVE_FIELD.name}: H x W of the input that one position sees; stride: from one position to the next, in "
    f"{RECEPTIVE_FIELD.unit};",
    "centre: where the first position looks, from the first pixel; "
    f"{ACTIVATIONS.name}: stored outputs, in {ACTIVATIONS.unit};",
    "kept for backward: elements that training keeps, without weights and statistics",
)


def details_text(result: Result, style: Style, limit: int | None = None) -> str:
    """The rows with what they see and store, for a terminal."""
    lines = columns([HEADER, *_cells(result), _total(result)], NUMERIC, limit, flexible=0)
    lines[0] = style(lines[0], "dim")
    lines[-1] = style(lines[-1], "bold")
    notes = [style(note, "dim") for note in (*NOTES, *bounds_notes(result, {"activations", "kept"}))]
    return "\n".join([style(printable(result.name), "bold"), "", *lines, "", *notes])


def details_markdown(result: Result) -> str:
    """The same as a Markdown table."""
    return markdown([HEADER, *_cells(result), _total(result)], NUMERIC)


def _cells(result: Result) -> list[Sequence[str]]:
    return [
        (
            printable(row.layer),
            str(row.output),
            pair(row.receptive_field),
            pair(row.stride),
            pair(row.centre),
            f"{row.activations:,}",
            f"{row.kept:,}",
        )
        for row in result.rows
    ]


def _total(result: Result) -> Sequence[str]:
    return ("total", "", "", "", "", f"{result.totals.activations:,}", f"{result.totals.kept:,}")
