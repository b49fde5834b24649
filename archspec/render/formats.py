"""Data as JSON, CSV and Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from archspec.support.limits import WIDEST_COLUMN
from archspec.support.terminal import padded, printable, shown_json, width
from archspec.support.words import spelled

ENTITY = re.compile(r"&(?=#?\w+;)")
"""What Markdown would show as another character."""
LINK = re.compile(r"\](?=[(\[:])")
"""The end of a text that would be a link, a picture or the name of one."""
BEGINNING = re.compile(r"\A(?:[#>~+=-]|```)")
"""What a paragraph may not begin with."""

FORMULA = re.compile(r"\s*[=+@\uff1d\uff0b\uff20\uff0d-]")
"""What a spreadsheet takes for the beginning of a formula, in full width too."""
NUMBER = re.compile(r"[+-]?[\d.,]+%?")


class Ready(str):
    """A cell that is Markdown already, such as a link."""


def json_text(data: Mapping[str, Any]) -> str:
    """Data as JSON in readable characters; those that could move a terminal's cursor are escaped."""
    import json

    return shown_json(json.dumps(data, indent=2, ensure_ascii=False))


def csv_text(rows: Iterable[Sequence[object]]) -> str:
    """Rows as CSV with plain line ends, of which a spreadsheet takes no text for a formula."""
    import csv
    import io

    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([*map(csv_cell, row)] for row in rows)
    return out.getvalue().rstrip("\n")


def csv_cell(cell: object) -> str:
    """A cell of CSV as a spreadsheet takes it for a text: behind an apostrophe where it begins as a formula does."""
    text = "" if cell is None else printable(str(cell))
    return f"'{text}" if FORMULA.match(text) and not NUMBER.fullmatch(text) else text


def of_csv_cell(text: str) -> str:
    """What such a cell holds."""
    plain = text.removeprefix("'")
    return plain if csv_cell(plain) == text else text


def markdown(rows: Sequence[Sequence[str]], numeric: Sequence[bool]) -> str:
    """Rows as an aligned Markdown table; the first is the header. A cell that is not ready is taken literally."""
    texts = [[cell if isinstance(cell, Ready) else escaped(cell) for cell in row] for row in rows]
    widths = [max(3, *(width(row[i]) for row in texts)) for i in range(len(numeric))]
    lines = [" | ".join(padded(c, w, right) for c, w, right in zip(row, widths, numeric, strict=True)) for row in texts]
    rule = " | ".join(
        "-" * (min(w, WIDEST_COLUMN) - 1) + (":" if right else "-") for w, right in zip(widths, numeric, strict=True)
    )
    return "\n".join(f"| {line} |" for line in [lines[0], rule, *lines[1:]])


def value_text(value: object) -> str:
    """The value of a parameter as a spec writes it, harmless on a terminal."""
    return printable(spelled(value))


def escaped(text: str) -> str:
    """Text as Markdown takes it literally in a cell."""
    plain = ENTITY.sub("&amp;", printable(text)).replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;")
    return LINK.sub(r"\\]", plain)


def paragraph(text: str) -> str:
    """Text as Markdown takes it literally where a paragraph begins: no heading, list, quotation or fence of code."""
    return BEGINNING.sub(r"\\\g<0>", escaped(text).lstrip())


def code(text: str) -> str:
    """Text as code, or plainly where it holds what ends code."""
    return escaped(text) if "`" in text else f"`{printable(text)}`"
