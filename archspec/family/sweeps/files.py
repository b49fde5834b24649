"""Files of sweeps: CSV, Parquet and JSON, the parts of one that is not done, and shards that are one again."""

from __future__ import annotations

import csv
import json
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any, TextIO

import numpy as np

from archspec.diagnostics import ArchError
from archspec.family.sweeps.engine import Batch, Refusal
from archspec.family.sweeps.messages import needs_pyarrow, not_a_sweep, unknown_form
from archspec.family.sweeps.selection import Columns, joined
from archspec.family.sweeps.sweep import Plan, Refused, Sweep

FORMS = (".csv", ".parquet", ".json")


def form_of(path: str) -> str:
    """``csv``, ``parquet`` or ``json``, by the end of a name; raises ArchError for another one."""
    end = Path(path).suffix.lower()
    if end not in FORMS:
        raise ArchError([unknown_form(path, FORMS)])
    return end[1:]


def write(sweep: Sweep, path: str) -> None:
    """Write a sweep to a file, whole or not at all."""
    form, partial = form_of(path), f"{path}.{os.getpid()}.tmp"
    try:
        if form == "parquet":
            _write_parquet(sweep, partial)
        else:
            with open(partial, "w", encoding="utf-8", newline="") as file:
                (write_csv if form == "csv" else write_json)(sweep, file)
        os.replace(partial, path)
    finally:
        Path(partial).unlink(missing_ok=True)


def write_csv(sweep: Sweep, file: TextIO) -> None:
    """The rows, one a line, with a header."""
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(sweep.columns)
    writer.writerows(zip(*(_plain(values) for values in sweep.columns.values()), strict=True))


def write_json(sweep: Sweep, file: TextIO) -> None:
    """The columns, and what was refused."""
    columns = {name: _plain(values) for name, values in sweep.columns.items()}
    json.dump({**_facts(sweep), "columns": columns}, file, ensure_ascii=False)
    file.write("\n")


def read(path: str) -> Sweep:
    """A sweep that was written; raises ArchError where a file is none."""
    try:
        form = form_of(path)
        if form == "parquet":
            return _read_parquet(path)
        with open(path, encoding="utf-8", newline="") as file:
            return _read_csv(file) if form == "csv" else _read_json(json.load(file))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ArchError([not_a_sweep(path, str(error))]) from None


class Parts:
    """The parts of a sweep that are done, in a folder beside the file that it goes to, until all are."""

    def __init__(self, path: str, plan: Plan, text: str, shard: tuple[int, int]) -> None:
        said = repr((text, plan.__reduce__()[1][1:], shard, plan.space._chunk))
        self.folder = Path(f"{path}.parts-{sha256(said.encode()).hexdigest()[:12]}")
        """Its name has what the sweep is of, so that another one begins anew."""
        self.folder.mkdir(parents=True, exist_ok=True)

    def lacking(self, numbers: Iterable[int]) -> list[int]:
        """Those of some parts that are not done."""
        return [number for number in numbers if not self._file(number).exists()]

    def keep(self, columns: Columns, batch: Batch) -> None:
        """Keep a part that is done."""
        partial = self.folder / f"{batch.number}.tmp.npz"
        facts = [[*reason, count, first] for reason, (count, first) in batch.refused.items()]
        kinds = {name: values.dtype.kind for name, values in columns.items()}
        written = {name: values.astype(str) if values.dtype.kind == "O" else values for name, values in columns.items()}
        np.savez(partial, **{f"column {name}": values for name, values in written.items()},  # type: ignore[arg-type]
                 facts=np.array(json.dumps([facts, batch.size, kinds])))  # fmt: skip
        partial.replace(self._file(batch.number))

    def read(self, number: int) -> tuple[Columns, Batch]:
        """A part that is done."""
        with np.load(self._file(number)) as file:
            facts, size, kinds = json.loads(str(file["facts"]))
            columns = {name: file[f"column {name}"] for name in kinds}
        for name, kind in kinds.items():
            if kind == "O":
                columns[name] = np.array([int(value) for value in columns[name]], dtype=object)
        refused = {Refusal(code, message): (count, first) for code, message, count, first in facts}
        return columns, Batch(number, {}, refused, size)

    def remove(self) -> None:
        """Remove them: the file is written."""
        shutil.rmtree(self.folder)

    def _file(self, number: int) -> Path:
        return self.folder / f"{number}.npz"


def merged(sweeps: Sequence[Sweep]) -> Sweep:
    """Shards in their order as one sweep; raises ArchError where they have other columns."""
    if len({tuple(sweep.columns) for sweep in sweeps}) > 1:
        raise ArchError([not_a_sweep("--merge", "the files have other columns")])
    refused: dict[str, Refused] = {}
    for each in (each for sweep in sweeps for each in sweep.refused):
        known = refused.get(each.code)
        refused[each.code] = each if known is None else known._replace(count=known.count + each.count)
    found = joined([sweep.columns for sweep in sweeps])
    return Sweep(found, [*refused.values()], sum(s.size for s in sweeps), sum(s.held for s in sweeps))


def _facts(sweep: Sweep) -> dict[str, Any]:
    return {"size": sweep.size, "held": sweep.held, "refused": [each._asdict() for each in sweep.refused]}


def _plain(values: Any) -> list[Any]:
    return [("yes" if value else "no") if isinstance(value, bool) else value for value in values.tolist()]


def _write_parquet(sweep: Sweep, path: str) -> None:
    arrow, parquet = _pyarrow()
    table = arrow.table({name: _column(arrow, values) for name, values in sweep.columns.items()})
    parquet.write_table(table.replace_schema_metadata({"archspec": json.dumps(_facts(sweep))}), path)


def _column(arrow: Any, values: Any) -> Any:
    """Numbers beyond 64 bits as decimal ones."""
    return arrow.array(values.tolist(), arrow.decimal256(76)) if values.dtype.kind == "O" else arrow.array(values)


def _pyarrow() -> tuple[Any, Any]:
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        raise ArchError([needs_pyarrow()]) from None
    return pyarrow, pyarrow.parquet


def _read_parquet(path: str) -> Sweep:
    arrow, parquet = _pyarrow()
    try:
        table = parquet.read_table(path)
        facts = json.loads((table.schema.metadata or {}).get(b"archspec", b"{}"))
    except arrow.ArrowException as error:
        raise ValueError(str(error)) from None
    return _sweep({name: np.asarray(table[name].to_pylist()) for name in table.column_names}, facts)


def _read_json(data: Mapping[str, Any]) -> Sweep:
    return _sweep({name: np.asarray(values) for name, values in data["columns"].items()}, data)


def _read_csv(file: TextIO) -> Sweep:
    header, *rows = csv.reader(file)
    columns = zip(*rows, strict=True) if rows else [[] for _ in header]
    return _sweep({name: _numbers(values) for name, values in zip(header, columns, strict=True)}, {})


def _numbers(texts: Sequence[str]) -> Any:
    """The values of a column: whole numbers, numbers, or words."""
    for kind in (int, float):
        try:
            return np.asarray([kind(text) for text in texts])
        except ValueError:
            continue
    return np.asarray(texts)


def _sweep(columns: Columns, facts: Mapping[str, Any]) -> Sweep:
    rows = len(next(iter(columns.values()))) if columns else 0
    refused = [Refused(**each) for each in facts.get("refused", ())]
    return Sweep(columns, refused, facts.get("size", rows), facts.get("held", rows))


def resumed(parts: Parts, numbers: Sequence[int], fresh: Iterator[tuple[Columns, Batch]]) -> Iterator[tuple[Columns, Batch]]:
    """Every part in its order: those that are done from the folder, and the others kept there as they come."""
    lacking = {*parts.lacking(numbers)}
    for number in numbers:
        if number in lacking:
            columns, batch = next(fresh)
            parts.keep(columns, batch)
            yield columns, batch
        else:
            yield parts.read(number)
