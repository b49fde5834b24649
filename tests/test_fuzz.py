"""The targets of tools/fuzz on the cases that are kept, and on random ones of the day: a thousand in every run."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from fuzz import targets
from fuzz.cases import CORPUS, drawn, kept, outcome
from fuzz.choices import Choices
from fuzz.judge import demand_no_evil, demand_plain, judged
from random_programs import seed_of_the_day

from archspec import loads

ROOT = Path(__file__).parent.parent
NEED_TORCH = [name for name in targets.names() if "torch" in targets.needs(name)]
OTHERS = [name for name in targets.names() if name not in NEED_TORCH]
USUAL = 14
"""Random cases of a target in every run, beside those that are kept."""
COUNTS = {
    "text": 700,
    "command_line": 70,
    "pages": 4,
    "plots": 4,
    "families": 6,
    "network_json": 4,
    "weights": 45,
    "emitted": 1,
    "importing": 1,
    "sweeps": 6,
    "formulas": 1,
}
"""Where they are cheaper, or dearer."""


@pytest.mark.filterwarnings("ignore")  # of torch, about what the files hold
@pytest.mark.parametrize("name", [*OTHERS, *(pytest.param(name, marks=pytest.mark.torch) for name in NEED_TORCH)])
@pytest.mark.parametrize("many", [1, pytest.param(20, marks=pytest.mark.slow)], ids=["few", "many"])
def test_what_is_read_and_written_ends_in_diagnostics_or_a_result(name: str, many: int) -> None:
    if lacking := targets.lacking(name):
        pytest.skip(f"{', '.join(lacking)} is not installed")
    seed, count = seed_of_the_day(), many * COUNTS.get(name, USUAL)
    found = [outcome(name, data) for data in [*kept(name), *(drawn(name, seed, index) for index in range(count))]]
    wrong = [str(each) for each in found if each.finding]
    assert not wrong, f"ARCHSPEC_SEED={seed}: {wrong[0]}"


def test_a_thousand_cases_are_asked_in_every_run() -> None:
    assert sum(COUNTS.get(name, USUAL) + len(kept(name)) for name in targets.names()) >= 1_000


def test_every_kept_case_is_of_a_target() -> None:
    assert {path.stem for path in CORPUS.glob("*.txt")} <= {*targets.names()}
    assert sum(path.stat().st_size for path in CORPUS.glob("*.txt")) < 100_000


def test_a_case_is_a_function_of_its_bytes() -> None:
    for name in OTHERS:
        asked = targets.target(name)
        assert asked.given(Choices(b"some bytes" * 20)) == asked.given(Choices(b"some bytes" * 20))


def without_end() -> None:
    """A loop in Python: one in C, such as `list(iter(int, 1))`, sees no signal and takes all memory."""
    while True:
        pass


@pytest.mark.parametrize(
    ("ask", "kind"),
    [
        (lambda: 1 / 0, "ZeroDivisionError in "),
        (lambda: demand_plain("a\x1b[31m", "a table"), "wrong: control characters in a table"),
        (lambda: demand_no_evil("<p><evil>", "a page"), "wrong: a tag of the spec's in a page"),
        (lambda: sys.exit(3), "SystemExit in "),
        (lambda: [0] * 10**12, "MemoryError in "),
        (without_end, "Overdue in "),
        (lambda: loads("network n"), None),
    ],
)  # fmt: skip
def test_the_judge_tells_findings_from_diagnostics(ask: Callable[[], object], kind: str | None) -> None:
    found = judged(ask, seconds=0.1)
    assert (found.kind.startswith(kind) if kind else False) if found else kind is None


def test_what_runs_them_says_what_it_found(tmp_path: Path) -> None:
    case = tmp_path / "case"
    case.write_bytes(b"network n\ninput 8x8x3\n| relu |\n")
    command = [sys.executable, str(ROOT / "tools" / "fuzz"), "text"]
    done = subprocess.run([*command, "--replay", str(case)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("no finding\n")
    unknown = subprocess.run([*command[:-1], "txet"], capture_output=True, text=True, check=False)
    assert unknown.returncode == 2
    assert "there is no target txet" in unknown.stderr
