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
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[:1] = [str(ROOT / "tools"), str(ROOT / "tests"), str(ROOT)]

import coverage  # noqa: E402

COPIED = ["*/engine/*", "*/_emitted/*"]
LONGEST = 400
"""Bytes of an input that is kept."""
Reached = Mapping[bytes, frozenset[tuple[str, int]]]
"""What each input reaches: files, and lines of them."""


def main() -> int:
    """Say it for each target and for all together."""
    work, most, drawn, names = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4:]
    warnings.simplefilter("ignore")
    measured = coverage.Coverage(data_file=None, branch=True, source=["archspec"], omit=COPIED, messages=False)
    measured.set_option("report:exclude_also", ["if TYPE_CHECKING:", "class \\w+\\(Protocol\\):"])
    measured.start()
    from fuzz.cases import keep, kept

    measured.stop()
    for name in names:
        inputs = sorted((work / name / "corpus").glob("*"))
        inputs = random.Random(name).sample(inputs, min(drawn, len(inputs)))
        cases = [*kept(name), *(path.read_bytes() for path in inputs)]
        found = _asked(measured, name, list(dict.fromkeys(cases)))
        if most:
            keep(name, _best(found, most))
        print(f"{name}: {len(cases):,} inputs, {_percent(measured)} of lines and branches so far", flush=True)
    return 0


def _asked(measured: coverage.Coverage, name: str, cases: list[bytes]) -> Reached:
    """Ask all, each in a context of its own, and then for each line whose it is: coverage answers slowly."""
    from fuzz.cases import outcome

    measured.start()
    for number, case in enumerate(cases):
        measured.switch_context(f"{name}/{number}")
        outcome(name, case)
    measured.stop()  # or each answer of coverage would look for more
    data = measured.get_data()
    data.set_query_contexts([f"^{name}/"])
    found: dict[bytes, set[tuple[str, int]]] = {case: set() for case in cases}
    for file in data.measured_files():
        for line, contexts in data.contexts_by_lineno(file).items():
            for context in contexts:
                found[cases[int(context.rpartition("/")[2])]].add((file, line))
    data.set_query_contexts(None)
    return {case: frozenset(places) for case, places in found.items()}


def _best(found: Reached, most: int) -> list[bytes]:
    """Inputs of which each adds most to what those before it reach."""
    left = {case: places for case, places in found.items() if len(case) <= LONGEST}
    chosen: list[bytes] = []
    seen: frozenset[tuple[str, int]] = frozenset()
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
