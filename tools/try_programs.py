"""Random programs through both witnesses, any number of them: ``python tools/try_programs.py --count 100000``.

A program is a function of the seed and its index. What was done is kept in ``--state``, so that a run that was stopped
goes on where it was; failures are made as small as they go and written as cases by ``--write``.
"""

from __future__ import annotations

import argparse
import gc
import json
import multiprocessing
import os
import re
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

CHUNK, TASKS = 50, 40
"""Programs that are kept as one, and how many of these a process does."""
LONGEST = 60
"""Seconds that one program may take."""
OF_A_KIND = 3
"""How many failures of one kind are made small."""


@dataclass
class State:
    """What was done so far, as it is kept in a file."""

    seed: str
    done: list[int] = field(default_factory=list)
    """The numbers of the chunks."""
    tally: dict[str, int] = field(default_factory=dict)
    failures: list[dict[str, Any]] = field(default_factory=list)

    @classmethod
    def read(cls, path: Path | None, seed: str) -> State:
        """The state in a file, which must be of the same seed; a new one where there is none."""
        if path is None or not path.exists():
            return cls(seed)
        found = cls(**json.loads(path.read_text("utf-8")))
        if found.seed != seed:
            sys.exit(f"{path} is of seed {found.seed}: say --seed {found.seed}, or name another file")
        return found

    def write(self, path: Path | None) -> None:
        """Put it into the file as a whole, whenever the process may be killed."""
        if path is not None:
            fresh = path.with_suffix(".new")
            fresh.write_text(json.dumps(self.__dict__, indent=1), "utf-8")
            fresh.replace(path)

    def add(self, chunk: int, tally: dict[str, int], failures: list[dict[str, Any]]) -> None:
        """Note what came of a chunk."""
        self.done.append(chunk)
        self.tally = dict(Counter(self.tally) + Counter(tally))
        self.failures += failures


def main() -> int:
    """The command."""
    asked = _asked()
    state = State.read(asked.state, asked.seed)
    print(f"seed {asked.seed}: {asked.count:,} programs, {len(state.done) * CHUNK:,} of them done", flush=True)
    with suppress(KeyboardInterrupt):
        _run(state, asked)
        with _pool(asked.jobs) as pool:
            _make_small(pool, state, asked)
    for failure in state.failures:
        if "small" in failure:
            print(f"\n{failure['kind']} (program {failure['index']}): {failure['details']}\n\n{failure['small']}")
    print(_summary(state))
    return 1 if state.failures else 0


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=1000, help="how many programs")
    parser.add_argument("--seed", default=date.today().isoformat(), help="the day unless given")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="how many processes")
    parser.add_argument("--state", type=Path, help="a file for what was done, to go on from")
    parser.add_argument("--write", type=Path, help="a folder for the failures, made small, as cases")
    parser.add_argument("--light", type=int, default=0, metavar="N", help="torch.export and torch.compile for one in N")
    parser.add_argument("--of-a-kind", type=int, default=OF_A_KIND, help="how many of one kind are made small")
    return parser.parse_args()


@contextmanager
def _pool(jobs: int) -> Iterator[ProcessPoolExecutor]:
    """Processes that end with the block, also where it is interrupted."""
    pool = ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn"), _quiet)
    try:
        yield pool
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _run(state: State, asked: argparse.Namespace) -> None:
    """The chunks that are left. Processes are made anew now and then, as what torch keeps of programs adds up.

    Python's own way to do so, ``max_tasks_per_child``, ends in a deadlock under Python 3.11.
    """
    done = set(state.done)
    chunks = [n for n in range(-(-asked.count // CHUNK)) if n not in done]
    started, before = time.time(), len(state.done)
    for start in range(0, len(chunks), asked.jobs * TASKS):
        with _pool(asked.jobs) as pool:
            given = chunks[start : start + asked.jobs * TASKS]
            futures = {pool.submit(_chunk, asked.seed, n, asked.count, asked.light): n for n in given}
            for future in as_completed(futures):
                state.add(futures[future], *future.result())
                state.write(asked.state)
                rate = (len(state.done) - before) * CHUNK / (time.time() - started)
                print(f"\r{_summary(state)}; {rate:.0f} a second ", end="", flush=True)
    print(flush=True)


def _make_small(pool: ProcessPoolExecutor, state: State, asked: argparse.Namespace) -> None:
    wanted = Counter(failure["kind"] for failure in state.failures if "small" in failure)
    futures: dict[Future[str], dict[str, Any]] = {}
    for failure in sorted(state.failures, key=lambda failure: int(failure["length"])):
        if "small" not in failure and wanted[failure["kind"]] < asked.of_a_kind:
            wanted[failure["kind"]] += 1
            futures[pool.submit(_small, asked.seed, failure["index"], failure["kind"])] = failure
    for future in as_completed(futures):
        futures[future]["small"] = future.result()
        state.write(asked.state)
    if asked.write is not None:
        asked.write.mkdir(parents=True, exist_ok=True)
        from random_failures import as_case

        for failure in state.failures:
            if "small" in failure:
                name = "_".join(re.findall("[a-z]+", failure["kind"].lower())[:4])
                path = asked.write / f"{name}_{failure['index']}.md"
                path.write_text(as_case(failure["kind"], failure["details"], failure["small"]), "utf-8")


def _summary(state: State) -> str:
    kinds = Counter(failure["kind"] for failure in state.failures)
    said = [f"{count:,} {name}" for name, count in sorted(state.tally.items())]
    return "; ".join([*said, *(f"{count} x {kind}" for kind, count in kinds.most_common())])


def _quiet() -> None:
    """What a process does first."""
    import torch

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    torch.set_num_threads(1)
    gc.disable()  # programs come and go as a whole: once a chunk does, and saves a tenth of the time


def _chunk(seed: str, number: int, count: int, light: int) -> tuple[dict[str, int], list[dict[str, Any]]]:
    """The programs of one chunk: what came of how many, and the failures."""
    tally: Counter[str] = Counter()
    failures: list[dict[str, Any]] = []
    for index in range(number * CHUNK, min((number + 1) * CHUNK, count)):
        for failure in _examined(seed, index, bool(light) and index % light == 0, tally):
            failures.append(failure)
    gc.collect()
    return dict(tally), failures


def _examined(seed: str, index: int, whole: bool, tally: Counter[str]) -> Iterator[dict[str, Any]]:
    from random_programs import program, settings
    from second_witness import Fault, examine

    text = program(seed, index)
    try:
        with _limit():
            found = examine(text, settings(seed, index), whole)
    except TimeoutError:
        yield {"index": index, "kind": "time", "details": f"more than {LONGEST} s", "length": len(text)}
        return
    tally["refused" if found.refused else "held"] += 1
    tally["arguments"] += found.arguments
    kinds: dict[str, Fault] = {fault.kind: fault for fault in reversed(found.faults)}
    for kind, fault in kinds.items():
        yield {"index": index, "kind": kind, "details": fault.details, "length": len(text)}


class _limit:
    """Raises TimeoutError where a program takes too long."""

    def __enter__(self) -> None:
        signal.signal(signal.SIGALRM, self._end)
        signal.alarm(LONGEST)

    def __exit__(self, *_: object) -> None:
        signal.alarm(0)

    def _end(self, *_: object) -> None:
        raise TimeoutError


def _small(seed: str, index: int, kind: str) -> str:
    from random_failures import small

    return small(seed, index, kind)


if __name__ == "__main__":
    sys.exit(main())
