"""Files of sweeps that are read again: the parts of one that is not done, and shards that are one again."""

from __future__ import annotations

import csv
import json
import shutil
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import combinations
from pathlib import Path
from typing import Any, TextIO

import numpy as np

from archspec import __version__
from archspec.diagnostics import ArchError
from archspec.expressions import within_bounds
from archspec.family.sweeps.batch import Batch, Refusal
from archspec.family.sweeps.filling import HIGHEST, LOWEST
from archspec.family.sweeps.messages import not_a_sweep
from archspec.family.sweeps.selection import Columns, joined
from archspec.family.sweeps.sweep import Plan, Refused, Shard, Sweep, note
from archspec.family.sweeps.tables import form_of, pyarrow
from archspec.files import write_by
from archspec.render.formats import of_csv_cell


def read(path: str) -> Sweep:
    """A sweep that was written; raises ArchError where a file is none."""
    form = form_of(path)
    try:
        if Path(path).exists() and not Path(path).is_file():
            raise OSError("it is not a file")  # a pipe would be waited for
        if form == "parquet":
            return _read_parquet(path)
        with open(path, encoding="utf-8", newline="") as file:
            return _read_csv(file) if form == "csv" else _read_json(json.load(file))
    except OSError as error:
        raise ArchError([not_a_sweep(path, (error.strerror or str(error)).lower())]) from None
    except (ValueError, csv.Error) as error:
        raise ArchError([not_a_sweep(path, str(error))]) from None
    except (KeyError, TypeError, AttributeError, RecursionError):
        raise ArchError([not_a_sweep(path, "no sweep is written so")]) from None


class Parts:
    """The parts of a sweep that are done, in a folder beside the file that it goes to, until all are.

    They are a help alone: a part that cannot be read, or that another process has removed, is counted again.
    """

    def __init__(self, path: str, plan: Plan, shard: tuple[int, int]) -> None:
        self.folder = Path(f"{path}.parts-{plan.digest(__version__, shard)}")
        """Its name has what the sweep is of, the texts of its specs too, so that another one begins anew."""
        self._plan = plan

    def lacking(self, numbers: Iterable[int]) -> list[int]:
        """Those of some parts that are not done."""
        return [number for number in numbers if not self._file(number).exists()]

    def keep(self, columns: Columns, batch: Batch) -> None:
        """Keep a part that is done."""
        facts = [[*reason, count, first] for reason, (count, first) in batch.refused.items()]
        kinds = {name: values.dtype.kind for name, values in columns.items()}
        written = {name: values.astype(str) if values.dtype.kind == "O" else values for name, values in columns.items()}
        arrays = {f"column {name}": values for name, values in written.items()}
        arrays["facts"] = np.array(json.dumps([facts, batch.size, batch.alone, batch.why, kinds]))

        def save(beside: Path) -> None:
            with beside.open("wb") as file:
                np.savez(file, **arrays)

        try:
            write_by(self._file(batch.number), save)
        except ArchError:
            if self.folder.exists():
                raise

    def read(self, number: int) -> tuple[Columns, Batch]:
        """A part that is done."""
        try:
            return self._read(number)
        except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile):
            return self._plan.part(number)

    def _read(self, number: int) -> tuple[Columns, Batch]:
        with self._file(number).open("rb") as file, np.load(file) as arrays:
            facts, size, alone, why, kinds = json.loads(str(arrays["facts"]))
            columns = {name: arrays[f"column {name}"] for name in kinds}
        for name, kind in kinds.items():
            if kind == "O":
                columns[name] = np.array([int(value) for value in columns[name]], dtype=object)
        refused = {Refusal(code, message): (count, first) for code, message, count, first in facts}
        return columns, Batch(number, {}, refused, size, alone, why)

    def resumed(
        self, numbers: Sequence[int], fresh: Iterator[tuple[Columns, Batch]]
    ) -> Iterator[tuple[Columns, Batch]]:
        """Every part in its order: those that are done from the folder, and the others kept there as they come."""
        lacking = {*self.lacking(numbers)}
        for number in numbers:
            if number in lacking:
                columns, batch = next(fresh)
                self.keep(columns, batch)
                yield columns, batch
            else:
                yield self.read(number)

    def remove(self) -> None:
        """Remove them: the file is written."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _file(self, number: int) -> Path:
        return self.folder / f"{number}.npz"


def merged(sweeps: Sequence[Sweep]) -> Sweep:
    """Shards as one sweep, in their order; raises ArchError where they are of other sweeps, or not all of one."""
    if len({tuple(sweep.columns) for sweep in sweeps}) > 1:
        raise ArchError([not_a_sweep("--merge", "the files have other columns")])
    shards = [sweep.shard for sweep in sweeps if sweep.shard is not None]
    if len(shards) == len(sweeps):
        _check_shards(shards)
        sweeps = sorted(sweeps, key=lambda sweep: sweep.shard.number if sweep.shard else 0)
    elif any(_alike(one, other) for one, other in combinations(sweeps, 2)):
        raise ArchError([not_a_sweep("--merge", "two files have the same rows")])
    refused: dict[tuple[str, str], Refused] = {}
    for sweep in sweeps:
        note(refused, {Refusal(each.code, each.message): (each.number, each.first) for each in sweep.refused})
    found = joined([sweep.columns for sweep in sweeps])
    return Sweep(found, [*refused.values()], sum(s.size for s in sweeps), sum(s.held for s in sweeps))


def _alike(one: Sweep, other: Sweep) -> bool:
    """Whether two hold the same members, of which there are some."""
    return len(one) > 0 and all(np.array_equal(values, other.columns[name]) for name, values in one.columns.items())


def _check_shards(shards: Sequence[Shard]) -> None:
    """Every shard of one sweep, each once."""
    numbers = Counter(shard.number for shard in shards)
    if len({(shard.sweep, shard.of) for shard in shards}) > 1:
        raise ArchError([not_a_sweep("--merge", "they are of other specs, settings or numbers of shards")])
    missing = [number for number in range(1, shards[0].of + 1) if number not in numbers]
    twice = [number for number, count in numbers.items() if count > 1]
    for which, state in ((missing, "missing"), (twice, "given more than once")):
        if which:
            listed = ", ".join(map(str, which[:20])) + (", ..." if len(which) > 20 else "")
            named = f"shard {listed}" if len(which) == 1 else f"shards {listed}"
            why = f"{named} of {shards[0].of} {'is' if len(which) == 1 else 'are'} {state}"
            raise ArchError([not_a_sweep("--merge", why)])


def _read_parquet(path: str) -> Sweep:
    arrow, parquet = pyarrow()
    try:
        table = parquet.read_table(path)
        facts = json.loads((table.schema.metadata or {}).get(b"archspec", b"{}"))
    except arrow.ArrowException as error:
        raise ValueError(str(error)) from None
    columns = {name: [_whole(value) for value in table[name].to_pylist()] for name in table.column_names}
    return _sweep({name: _column(values) for name, values in columns.items()}, facts)


def _read_json(data: Mapping[str, Any]) -> Sweep:
    return _sweep({name: _column(values) for name, values in data["columns"].items()}, data)


def _read_csv(file: TextIO) -> Sweep:
    header, *rows = csv.reader(file)
    columns = zip(*rows, strict=True) if rows else [[] for _ in header]
    names = [*map(of_csv_cell, header)]
    if len({*names}) < len(names):
        raise ValueError("two of its columns have one name")
    return _sweep({name: _column(_numbers(texts)) for name, texts in zip(names, columns, strict=True)}, {})


def _numbers(texts: Sequence[str]) -> list[Any]:
    """The values of a column: whole numbers, numbers, or words."""
    for kind in (int, float):
        try:
            return [kind(text) for text in texts]
        except ValueError:
            continue
    return [*map(of_csv_cell, texts)]


def _whole(value: Any) -> Any:
    """A number of Parquet, where whole ones beyond 64 bits are decimal."""
    return int(value) if isinstance(value, Decimal) else value


def _column(values: Sequence[Any]) -> Any:
    """The values of a column as an array, which holds Python's own numbers where 64 bits do not hold them."""
    kinds = {*map(type, values)}
    if kinds <= {int}:
        fit = all(LOWEST <= value <= HIGHEST for value in values)
        return np.asarray(values, dtype=np.int64 if fit else object)
    if kinds <= {int, float} and all(map(within_bounds, values)):
        return np.asarray(values, dtype=np.float64)
    if kinds in ({bool}, {str}):
        return np.asarray(values)
    raise ValueError("a column is of numbers, of words, or of yes and no")


def _sweep(columns: Columns, facts: Mapping[str, Any]) -> Sweep:
    lengths = {len(values) for values in columns.values()}
    if len(lengths) != 1:
        raise ValueError("its columns are not of one length")
    rows = lengths.pop()
    size, held = facts.get("size", rows), facts.get("held", rows)
    refused = [
        Refused(int(e["number"]), str(e["code"]), str(e["message"]), {**e["first"]}) for e in facts.get("refused", ())
    ]
    found = Sweep(columns, refused, int(size), int(held))
    if "shard" in facts:
        name, number, of = facts["shard"]
        found.shard = Shard(str(name), int(number), int(of))
    return found
