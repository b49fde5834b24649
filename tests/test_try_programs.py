"""The command that runs random programs goes on where it was stopped, and writes what it found as cases."""

from __future__ import annotations

from pathlib import Path

import pytest
from random_failures import as_case, small_text
from second_witness import examine
from test_cases import cases_of, shapes_text
from tools_beside import tool

pytestmark = pytest.mark.torch

programs = tool("try_programs")


def test_what_was_done_is_known_after_the_process_is_gone(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    state = programs.State.read(path, "1")
    state.add(3, {"held": 40, "refused": 10}, [{"index": 7, "kind": "output", "details": "", "length": 9}])
    state.add(1, {"held": 50}, [])
    state.write(path)
    again = programs.State.read(path, "1")
    assert again == state
    assert (again.done, again.tally) == ([3, 1], {"held": 90, "refused": 10})
    assert [p.name for p in tmp_path.iterdir()] == ["state.json"]
    with pytest.raises(SystemExit):
        programs.State.read(path, "2")


def test_a_chunk_is_its_own_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(programs, "CHUNK", 4)
    tally, failures = programs._chunk("s", 1, 7, 0)
    assert tally["held"] + tally.get("refused", 0) <= 3
    assert {failure["index"] for failure in failures} <= {4, 5, 6}


def test_a_program_that_does_not_end_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(programs, "LONGEST", 1)

    def endless() -> None:
        while True:
            pass

    with pytest.raises(TimeoutError), programs._limit():
        endless()


HOLDS = """network n(w=4)
input 6x6x3

| layer | op                  |
|-------|---------------------|
| conv1 | conv 3x3, w, /2     |
| fc    | fc 2*w; soft-max    |
"""


def test_a_failure_is_written_as_a_case(tmp_path: Path) -> None:
    path = tmp_path / "found.md"
    path.write_text(as_case("output", "tensor 0 is 1 away", f"# with w=2\n{HOLDS}"), "utf-8")
    (case,) = cases_of(path)
    assert (case.title, case.spec.info) == ("output", "w=2")
    assert case.spec.text == HOLDS
    shapes = next(fence for fence in case.fences if fence.kind == "shapes")
    compiled = case.outcome[0]
    assert compiled is not None
    assert "conv1  3x3x4" in shapes.text
    assert shapes_text(compiled, "").replace("3x3x2", "3x3x4").replace("  4", "  8") == shapes.text.rstrip("\n")


def test_what_fails_in_no_way_stays_as_it_is() -> None:
    assert examine(HOLDS).faults == []
    assert small_text(HOLDS, "output") == HOLDS
