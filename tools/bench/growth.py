"""Times every construct of the language, and every kind of mistake, at sizes that double up to 1 MB.

Each size is a process of its own, which counts a spec and emits its code: the processor time and the memory that it
takes, and the units of its budget. ``growth`` is the time of the largest size to that of half of it, without what an
empty spec takes: 2 where it is linear, less where the budget of the request ends it, 4 where it is a square.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parent))

from constructs import CONSTRUCTS, Files, length, of_size

ROOT = Path(__file__).resolve().parents[2]
SECONDS, MEBIBYTES = 5.0, 1024
"""What any input may take."""
SMALLEST = 2_000
WORK = """
import contextlib, gc, io, json, os, resource, sys, time
from archspec.budget import request
from archspec.cli import COLLECT, main
gc.set_threshold(COLLECT)  # as the console script does
started = time.process_time()
with request() as budget, open(os.devnull, "w") as nowhere:
    with contextlib.redirect_stdout(nowhere), contextlib.redirect_stderr(io.StringIO()) as said:
        code = main(sys.argv[1:])
    assert code in (0, 1), code
    if "E0704" in said.getvalue():
        code = "E0704"
if os.path.exists("/proc/self/status"):  # Linux counts what started this process to the other figure
    with open("/proc/self/status") as status:
        peak = next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) // 1024
else:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
print(json.dumps([time.process_time() - started, peak, budget.spent, str(code)]))
"""


class Measured(NamedTuple):
    """What one spec took, and the exit code of the command, or that its budget ran out."""

    size: int
    seconds: float
    mebibytes: int
    units: float
    ended: str


def main(argv: Sequence[str] | None = None) -> int:
    """Print a table, one line a construct; exit code 1 where one takes more than it may."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="constructs whose name has this in it")
    parser.add_argument("--largest", type=int, default=10**6, help="characters of the largest spec; default: 1000000")
    parser.add_argument(
        "--smallest", type=int, default=SMALLEST, help=f"characters of the smallest; default: {SMALLEST}"
    )
    said = "what is asked of each spec, in whose folder `.` is; default: compile -o ."
    parser.add_argument("--command", default="compile -o .", help=said)
    parser.add_argument("--every", action="store_true", help="a line for every size")
    args = parser.parse_args(argv)
    print("| construct | characters | seconds | MiB | units | growth | ended |\n|---|---:|---:|---:|---:|---:|---|")
    slow = 0
    for name in (name for name in CONSTRUCTS if args.only in name):
        found = list(measured(name, args.smallest, args.largest, args.command.split()))
        for at in range(len(found)) if args.every else [len(found) - 1]:
            print(line(name, found[at], found[at - 1] if at else None), flush=True)
        slow += any(one.seconds > SECONDS or one.mebibytes > MEBIBYTES for one in found)
    return int(slow > 0)


def measured(name: str, smallest: int, largest: int, command: Sequence[str]) -> Iterator[Measured]:
    """What a construct takes at its sizes, the smallest first."""
    size = smallest
    while size < largest:
        yield once(of_size(name, size)[1], command)
        size *= 2
    yield once(of_size(name, largest)[1], command)


def once(files: Files, command: Sequence[str]) -> Measured:
    """What one spec takes, in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        for name, text in files.items():
            Path(folder, name).write_text(text, "utf-8")
        words = [sys.executable, "-c", WORK, command[0], "a.arch", *command[1:]]
        env = os.environ | {"PYTHONPATH": str(ROOT)}
        done = subprocess.run(words, env=env, cwd=folder, capture_output=True, text=True, check=True)
    return Measured(length(files), *json.loads(done.stdout))


def line(name: str, found: Measured, before: Measured | None) -> str:
    """One line of the table."""
    growth = f"{found.seconds / before.seconds * before.size * 2 / found.size:.1f}" if before else ""
    figures = f"{found.size:,} | {found.seconds:.2f} | {found.mebibytes} | {found.units:,.0f}"
    return f"| {name} | {figures} | {growth} | {found.ended} |"


if __name__ == "__main__":
    sys.exit(main())
