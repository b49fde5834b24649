"""Times sweeps of MobileNet's family and of wide residual networks beside NumPy by hand and beside counters of torch.

All count the same members, which is asserted before anything is timed: NumPy in full, and torch's counter, fvcore and
thop on a few members, each by its own rules. Contestants take turns in each round, and seconds are those of the
processor; the ratios of one run carry over to other machines. ``README.md`` says more.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from importlib.metadata import version
from importlib.util import find_spec
from itertools import count, product
from pathlib import Path
from typing import Any

import numpy as np

import archspec

sys.path.insert(0, str(Path(__file__).parent))
from by_hand import FAMILIES, Axes, Counts, Family, chain, chains, wrns
from counters import COUNTERS, counted

SPECS = Path(__file__).resolve().parents[2] / "specs"
QUANTITIES = ("params", "mult_adds")
ALONE = 100
"""Members that archspec counts one by one."""
DEPTHS, DEEPEST_IN_TORCH = (10, 100, 1_000, 1_000_000), 1_000
ROWS = (10, 100)
BROADCAST = "NumPy by hand, broadcast"
BESIDE = "archspec|by hand, broadcast|ratio"
PACKAGES = {"thop": "ultralytics-thop"}
"""What a module is called where it is published, if that differs."""
NUMBER = count()


def main(argv: Sequence[str] | None = None) -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5, help="rounds that count")
    parser.add_argument("--members", type=int, default=1_000_000, help="of the largest sweeps")
    parser.add_argument("--without-torch", action="store_true", help="leave torch's counter, fvcore and thop out")
    options = parser.parse_args(argv)
    most, rounds = max(options.members, 1_000), max(options.rounds, 1)
    counters = [] if options.without_torch else [name for name in COUNTERS if find_spec("torch") and find_spec(name)]
    said = [
        f"Python {sys.version.split()[0]}",
        *(f"{name} {version(PACKAGES.get(name, name))}" for name in (*counters, "numpy")),
    ]
    print(f"{', '.join(said)}; load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors; median of {rounds}")
    with tempfile.TemporaryDirectory() as folder:
        for family in FAMILIES:
            _print(
                f"{family.title}|members a second|x archspec's time",
                each_member(family, most, rounds, counters, folder),
            )
            _print(f"{family.title}, members|{BESIDE}", by_members(family, most, rounds, folder))
        deep = by_depth(most // 100, rounds, "torch" in counters, folder)
        _print(f"depth of WRN, {most // 100:,} members from|{BESIDE}|torch's counter, one member", deep)
        _print(f"rows, {most // 10:,} members|{BESIDE}", by_rows(most // 10, rounds, folder))
    print(f"\nload {os.getloadavg()[0]:.1f} afterwards")
    for name in COUNTERS if not options.without_torch else ():
        if name not in counters:
            print(f"{name} is not installed, and was left out")


def _print(title: str, rows: Iterator[Sequence[str]]) -> None:
    names = title.split("|")
    print(f"\n| {' | '.join(names)} |\n|---{'|---:' * (len(names) - 1)}|")
    for row in rows:
        print(f"| {' | '.join(row)} |", flush=True)


def each_member(
    family: Family, members: int, rounds: int, counters: Sequence[str], folder: str
) -> Iterator[Sequence[str]]:
    """What a member takes each contestant: in sweeps of many, or one by one."""
    axes, few = family.axes(members), settings(family.few)
    arrays = {"archspec": swept(family, axes, folder), **numpy_by_hand(family, axes)}
    same([run() for run in arrays.values()])
    sizes = dict.fromkeys(arrays, len(settings(axes)))
    works: dict[str, Callable[[], object]] = {**arrays}
    works["archspec, one by one"] = one_by_one(family, settings(axes)[-ALONE:])
    sizes["archspec, one by one"] = ALONE
    for name in counters:
        same_in_few(family, name)
        works[f"{COUNTERS[name].title}, one by one"] = partial(_of_all, family, name)
    seconds = timed(works, rounds)
    for name, times in seconds.items():
        size = sizes.get(name, len(few))
        pairs = zip(times, seconds["archspec"], strict=True)
        ratio = statistics.median(theirs / size * sizes["archspec"] / ours for theirs, ours in pairs)
        yield (
            f"{name}, {size:,}",
            f"{size / statistics.median(times):,.0f}",
            f"{ratio:,.0f}" if ratio >= 100 else f"{ratio:.3g}",
        )


def by_members(family: Family, most: int, rounds: int, folder: str) -> Iterator[Sequence[str]]:
    """Sweeps of a hundredth of the members, a tenth, and all."""
    for members in (most // 100, most // 10, most):
        axes = family.axes(members)
        yield f"{len(settings(axes)):,}", *_beside(family, axes, rounds, folder)


def by_depth(members: int, rounds: int, with_torch: bool, folder: str) -> Iterator[Sequence[str]]:
    """As many networks, each deeper."""
    family = FAMILIES[1]
    for depth in DEPTHS:
        axes = wrns(members, depth)
        row, one = _beside(family, axes, rounds, folder), {"depth": axes["depth"][0], "k": 1}
        seconds = [0.0]
        if with_torch and depth <= DEEPEST_IN_TORCH:
            [seconds] = timed({"torch": partial(_counted, family, "torch", one)}, 1).values()
        yield f"{one['depth']:,}", *row, f"{seconds[0] * 1e3:,.0f} ms" if seconds[0] else ""


def by_rows(members: int, rounds: int, folder: str) -> Iterator[Sequence[str]]:
    """As many networks, each of more rows."""
    for rows in ROWS:
        times = [1 + i % 7 for i in range(rows)]
        text = "".join(f"| r{i} | conv 3x3, {each}*w |\n" for i, each in enumerate(times))
        (Path(folder) / "chain.arch").write_text(f"network chain(w=1)\ninput 32x32x3\n{text}", "utf-8")
        family = Family("chain", f"{folder}/chain", chains, partial(chain, times), {})
        yield f"{rows:,}", *_beside(family, family.axes(members), rounds, folder)


def _beside(family: Family, axes: Axes, rounds: int, folder: str) -> tuple[str, str, str]:
    """The seconds of a sweep, those by hand, and their ratio."""
    ours, theirs = swept(family, axes, folder), numpy_by_hand(family, axes)[BROADCAST]
    same([ours(), theirs()])
    one, other = timed({"ours": ours, "theirs": theirs}, rounds).values()
    ratio = statistics.median(a / b for a, b in zip(one, other, strict=True))
    return f"{statistics.median(one) * 1e3:,.1f} ms", f"{statistics.median(other) * 1e3:,.1f} ms", f"{ratio:.2f}"


def swept(family: Family, axes: Axes, folder: str, convention: str | None = None) -> Callable[[], Counts]:
    """A sweep of a text that is new each time."""
    asked: dict[str, Any] = {**axes}

    def run() -> Counts:
        spec = Path(folder) / "family.arch"
        spec.write_text(_new_text(family), "utf-8")
        found = archspec.sweep(spec, of=QUANTITIES, convention=convention, **asked)
        return found["params"], found["mult_adds"]

    return run


def one_by_one(family: Family, few: Sequence[Mapping[str, Any]]) -> Callable[[], object]:
    """Members of a text that is new each time, each counted by itself."""

    def run() -> list[Counts]:
        net = archspec.loads(_new_text(family))
        return [net.setting(each).totals[:2] for each in few]

    return run


def _new_text(family: Family) -> str:
    """The table without its claims; it differs from all before it in a comment, so that nothing of it is remembered."""
    text = (SPECS / f"{family.spec}.arch").read_text("utf-8").partition("\nclaims")[0]
    return f"{text}\n# {next(NUMBER)}\n"


def numpy_by_hand(family: Family, axes: Axes) -> dict[str, Callable[[], Counts]]:
    """The formula on a column for each axis, with a value for each member; and on axes that NumPy broadcasts."""

    def of_columns() -> Counts:
        return family.by_hand(*(each.reshape(-1) for each in np.meshgrid(*axes.values(), indexing="ij")))

    def broadcast() -> Counts:
        found = family.by_hand(*np.meshgrid(*axes.values(), indexing="ij", sparse=True))
        shape = [len(values) for values in axes.values()]
        return tuple(np.broadcast_to(each, shape).reshape(-1) for each in found)  # type: ignore[return-value]

    return {"NumPy by hand, on columns": of_columns, BROADCAST: broadcast}


def settings(axes: Axes) -> list[dict[str, Any]]:
    """Every combination of values, the last axis fastest."""
    return [dict(zip(axes, values, strict=True)) for values in product(*axes.values())]


def same(counts: Sequence[Counts]) -> None:
    """Raises AssertionError where two contestants count anything differently."""
    for other in counts[1:]:
        for ours, theirs in zip(counts[0], other, strict=True):
            assert np.array_equal(ours, theirs)


def same_in_few(family: Family, name: str) -> None:
    """Raises AssertionError where a counter prints another figure than a sweep by its rules, or modules hold others."""
    with tempfile.TemporaryDirectory() as folder:
        params, _ = swept(family, family.few, folder)()
        _, macs = swept(family, family.few, folder, name)()
    assert [*zip(params.tolist(), macs.tolist(), strict=True)] == _of_all(family, name), name


def _of_all(family: Family, name: str) -> list[Counts]:
    return [_counted(family, name, setting) for setting in settings(family.few)]


def _counted(family: Family, name: str, setting: Mapping[str, Any]) -> Counts:
    return counted(archspec.load(SPECS / f"{family.spec}.arch").setting(setting), name)


def timed(works: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, list[float]]:
    """Seconds of the processor of each, in interleaved rounds, of which the first does not count."""
    seconds: dict[str, list[float]] = {name: [] for name in works}
    for lap in range(rounds + 1):
        for name, work in works.items():
            start = time.process_time()
            work()
            seconds[name] += [time.process_time() - start] * (lap > 0)
    return seconds


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    main()
