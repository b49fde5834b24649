"""A sweep as CSV, Parquet and JSON."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol, TextIO

from archspec.diagnostics import ArchError
from archspec.family.sweeps.messages import needs_pyarrow, unknown_form
from archspec.files import write_by
from archspec.render.formats import csv_cell
from archspec.support.terminal import shown_json
from archspec.support.words import spelled


class Rows(Protocol):
    """What is written: columns, and what is known of the others."""

    columns: dict[str, Any]
    size: int
    held: int

    @property
    def shard(self) -> tuple[Any, ...] | None:
        """The sweep of which it is one part of several."""

    @property
    def refused(self) -> Sequence[Any]:
        """The settings that do not hold, by their reasons."""


FORMS = (".csv", ".parquet", ".json")


def form_of(path: str) -> str:
    """``csv``, ``parquet`` or ``json``, by the end of a name; raises ArchError for another one."""
    end = Path(path).suffix.lower()
    if end not in FORMS:
        raise ArchError([unknown_form(path, FORMS)])
    return end[1:]


def write(rows: Rows, path: str) -> None:
    """Write a sweep to a file, whole or not at all. Raises ArchError where that fails."""
    form = form_of(path)

    def save(beside: Path) -> None:
        if form == "parquet":
            _write_parquet(rows, beside)
        else:
            with beside.open("w", encoding="utf-8", newline="") as file:
                (write_csv if form == "csv" else write_json)(rows, file)

    write_by(Path(path), save)


def write_csv(rows: Rows, file: TextIO) -> None:
    """The rows, one a line, with a header."""
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(map(csv_cell, rows.columns))
    writer.writerows(zip(*(_cells(values) for values in rows.columns.values()), strict=True))


def write_json(rows: Rows, file: TextIO) -> None:
    """The columns, and what was refused."""
    columns = {name: _plain(values) for name, values in rows.columns.items()}
    for part in json.JSONEncoder(ensure_ascii=False).iterencode({**_facts(rows), "columns": columns}):
        file.write(part if part.isprintable() else shown_json(part))
    file.write("\n")


def _facts(rows: Rows) -> dict[str, Any]:
    shard = {"shard": list(rows.shard)} if rows.shard is not None else {}
    return {"size": rows.size, "held": rows.held, "refused": [each._asdict() for each in rows.refused], **shard}


def _cells(values: Any) -> list[Any]:
    """The cells of a column: numbers as they are."""
    return [*map(csv_cell, values.tolist())] if values.dtype.kind == "U" else _plain(values)


def _plain(values: Any) -> list[Any]:
    return [spelled(value) if isinstance(value, bool) else value for value in values.tolist()]


def _write_parquet(rows: Rows, path: Path) -> None:
    arrow, parquet = pyarrow()
    table = arrow.table({name: _column(arrow, values) for name, values in rows.columns.items()})
    parquet.write_table(table.replace_schema_metadata({"archspec": json.dumps(_facts(rows))}), path)


def _column(arrow: Any, values: Any) -> Any:
    """Numbers beyond 64 bits as decimal ones."""
    return arrow.array(values.tolist(), arrow.decimal256(76)) if values.dtype.kind == "O" else arrow.array(values)


def pyarrow() -> tuple[Any, Any]:
    """pyarrow and its files; raises ArchError where it is not there."""
    try:
        import pyarrow as arrow
        from pyarrow import parquet
    except ImportError:
        raise ArchError([needs_pyarrow()]) from None
    return arrow, parquet
