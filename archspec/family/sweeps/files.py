"""Files of sweeps that are read again: the parts of one that is not done, and shards that are one again."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any, TextIO

import numpy as np

from archspec.diagnostics import ArchError
from archspec.family.sweeps.engine import Batch, Refusal
from archspec.family.sweeps.messages import not_a_sweep
from archspec.family.sweeps.selection import Columns, joined
from archspec.family.sweeps.sweep import Plan, Refused, Sweep, note
from archspec.family.sweeps.tables import form_of, pyarrow
from archspec.files import write_by


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
        said = repr((text, plan.__reduce__()[1][1:], shard, plan.space.chunk))
        self.folder = Path(f"{path}.parts-{sha256(said.encode()).hexdigest()[:12]}")
        """Its name has what the sweep is of, so that another one begins anew."""

    def lacking(self, numbers: Iterable[int]) -> list[int]:
        """Those of some parts that are not done."""
        return [number for number in numbers if not self._file(number).exists()]

    def keep(self, columns: Columns, batch: Batch) -> None:
        """Keep a part that is done."""
        facts = [[*reason, count, first] for reason, (count, first) in batch.refused.items()]
        kinds = {name: values.dtype.kind for name, values in columns.items()}
        written = {name: values.astype(str) if values.dtype.kind == "O" else values for name, values in columns.items()}
        arrays = {f"column {name}": values for name, values in written.items()}
        arrays["facts"] = np.array(json.dumps([facts, batch.size, kinds]))

        def save(beside: Path) -> None:
            with beside.open("wb") as file:
                np.savez(file, **arrays)

        write_by(self._file(batch.number), save)

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
        if self.folder.exists():  # which an empty shard has not
            shutil.rmtree(self.folder)

    def _file(self, number: int) -> Path:
        return self.folder / f"{number}.npz"


def merged(sweeps: Sequence[Sweep]) -> Sweep:
    """Shards in their order as one sweep; raises ArchError where they have other columns."""
    if len({tuple(sweep.columns) for sweep in sweeps}) > 1:
        raise ArchError([not_a_sweep("--merge", "the files have other columns")])
    refused: dict[tuple[str, str], Refused] = {}
    for sweep in sweeps:
        note(refused, {Refusal(each.code, each.message): (each.number, each.first) for each in sweep.refused})
    found = joined([sweep.columns for sweep in sweeps])
    return Sweep(found, [*refused.values()], sum(s.size for s in sweeps), sum(s.held for s in sweeps))


def _read_parquet(path: str) -> Sweep:
    arrow, parquet = pyarrow()
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


def resumed(
    parts: Parts, numbers: Sequence[int], fresh: Iterator[tuple[Columns, Batch]]
) -> Iterator[tuple[Columns, Batch]]:
    """Every part in its order: those that are done from the folder, and the others kept there as they come."""
    lacking = {*parts.lacking(numbers)}
    for number in numbers:
        if number in lacking:
            columns, batch = next(fresh)
            parts.keep(columns, batch)
            yield columns, batch
        else:
            yield parts.read(number)
