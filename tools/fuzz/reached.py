"""How much of archspec the inputs of a run reach, by coverage, which sees archspec from its first import.

``reached.py WORK N OF TARGET ...`` draws ``OF`` inputs of each target, and has ``N`` of them kept in the corpus: those
that together reach most.
Python that is copied into emitted code and never run here is not counted.
"""

from __future__ import annotations

import io
import random
import sys
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[:1] = [str(ROOT / "tools"), str(ROOT / "tests"), str(ROOT)]

import coverage  # noqa: E402

COPIED = ["*/engine/*", "*/_emitted/*"]
LONGEST = 400
"""Bytes of an input that is kept."""
Reached = Mapping[bytes, frozenset[tuple[str, tuple[int, int]]]]
"""What each input reaches: files, and the jumps from line to line in them."""


def main() -> int:
    """Say it for each target and for all together."""
    work, most, drawn, names = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4:]
    warnings.simplefilter("ignore")
    measured = coverage.Coverage(data_file=None, branch=True, source=["archspec"], omit=COPIED, messages=False)
    measured.set_option("report:exclude_also", ["if TYPE_CHECKING:", "class \\w+\\(Protocol\\):"])
    measured.start()
    from fuzz.cases import keep, kept

    for name in names:
        inputs = sorted((work / name / "corpus").glob("*"))
        inputs = random.Random(name).sample(inputs, min(drawn, len(inputs)))
        cases = [*kept(name), *(path.read_bytes() for path in inputs)]
        found = dict(_asked(measured, name, list(dict.fromkeys(cases))))
        if most:
            keep(name, _best(found, most))
        print(f"{name}: {len(cases):,} inputs, {_percent(measured)} of lines and branches so far", flush=True)
    measured.stop()
    return 0


def _asked(
    measured: coverage.Coverage, name: str, cases: list[bytes]
) -> Iterator[tuple[bytes, frozenset[tuple[str, tuple[int, int]]]]]:
    from fuzz.cases import outcome

    for number, case in enumerate(cases):
        context = f"{name}/{number}"
        measured.switch_context(context)
        outcome(name, case)
        data = measured.get_data()
        data.set_query_contexts([f"^{context}$"])
        yield case, frozenset((file, arc) for file in data.measured_files() for arc in data.arcs(file) or ())
        data.set_query_contexts(None)


def _best(found: Reached, most: int) -> list[bytes]:
    """Inputs of which each adds most to what those before it reach."""
    left = {case: places for case, places in found.items() if len(case) <= LONGEST}
    chosen: list[bytes] = []
    seen: frozenset[tuple[str, tuple[int, int]]] = frozenset()
    while left and len(chosen) < most:
        best = max(left, key=lambda case: (len(left[case] - seen), -len(case)))
        if not left[best] - seen:
            break
        seen |= left.pop(best)
        chosen.append(best)
    return sorted(chosen, key=len)


def _percent(measured: coverage.Coverage) -> str:
    return f"{measured.report(file=io.StringIO()):.1f} %"


if __name__ == "__main__":
    sys.exit(main())
