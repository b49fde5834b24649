"""Times the analysis and the emission of one spec at two depths: what grows with the layers, and what must not.

The spec is the CIFAR ResNet, whose depth is a parameter: 9 blocks at depth 20, 1,000,002 at depth 2,000,006. The calls
are made in one process, the two depths in turn; each round compiles the file anew.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable, Sequence
from itertools import count as count_from_zero
from pathlib import Path

from archspec import Compiled
from archspec.diagnostics import Source
from archspec.elaborate import Request
from archspec.files import beside
from archspec.pipeline import compile_text

SPEC = str(Path(__file__).resolve().parents[2] / "specs" / "cifar_resnet.arch")
TEXT = Path(SPEC).read_text("utf-8")
NUMBER = count_from_zero()
SHALLOW, DEEP = 20, 2_000_006
"""Depths 6n + 2, with 3n blocks."""


def main(argv: Sequence[str] | None = None) -> None:
    """Print a table of medians and of the ratio of the deep network to the shallow one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=30)
    rounds = parser.parse_args(argv).rounds
    print(f"| work | depth {SHALLOW:,} | depth {DEEP:,} | ratio |\n|---|---:|---:|---:|")
    for name, work in WORK.items():
        shallow, deep = timed(work, rounds)
        print(f"| {name} | {shallow * 1000:.2f} ms | {deep * 1000:.2f} ms | {deep / shallow:.2f} |")


def network(depth: int) -> Compiled:
    """The network of a text that differs from all before it in a comment, so that nothing of it is remembered."""
    text = f"{TEXT}\n# {next(NUMBER)}\n"
    return compile_text(Source(SPEC, text), Request(parameters={"depth": depth}, reader=beside(SPEC)))


def count(depth: int) -> int:
    """The parameters of the network."""
    return network(depth).params


def emit(depth: int) -> int:
    """The length of the network's code, which is as long at every depth but for the numbers in it."""
    return len(network(depth).source().splitlines())


WORK: dict[str, Callable[[int], int]] = {"count": count, "count and emit": emit}


def timed(work: Callable[[int], int], rounds: int) -> tuple[float, float]:
    """The median seconds of both depths, in interleaved rounds, of which the first is not counted."""
    seconds: dict[int, list[float]] = {SHALLOW: [], DEEP: []}
    for lap in range(rounds + 1):
        for depth, found in seconds.items():
            start = time.perf_counter()
            work(depth)
            found += [time.perf_counter() - start] * (lap > 0)
    return statistics.median(seconds[SHALLOW]), statistics.median(seconds[DEEP])


if __name__ == "__main__":
    main()
