"""Training programs as processes: several of them, killed ones, resumed ones, and what each refuses."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from child.sklearn.datasets import load_digits
from programs import Program, environment, events, one_worker

from archspec import loads

pytestmark = [pytest.mark.torch, pytest.mark.programs, one_worker]

SPEC = """
network {name}(classes=10)
input 8x8x1

| conv3-{width}; relu |
| maxpool             |
| dropout {dropout}   |
| fc classes          |

train
| setting   | value                                          |
|-----------|------------------------------------------------|
| data      | digits                                         |
| optimizer | sgd, momentum=0.9, weight_decay=1e-4           |
| lr        | {lr}, divide by 10 on plateau, patience=1      |
| batch     | 31                                             |
| epochs    | 3                                              |
| init      | he                                             |
| clip      | norm 1.0                                       |
| average   | ema 0.9                                        |
"""


def program(folder: Path, name: str = "small", width: int = 8, dropout: float = 0.0, lr: float = 0.05) -> Program:
    return Program(loads(SPEC.format(name=name, width=width, dropout=dropout, lr=lr)), folder / name)


def losses(run: Path) -> list[float]:
    return [event["loss"] for event in events(run) if event["event"] == "step"]


def weights(path: Path) -> dict[str, Any]:
    """The weights in a checkpoint, and their mean."""
    state = torch.load(path, weights_only=True)
    return {**state["model"], **{f"average.{name}": value for name, value in state["average"].items()}}


def same(a: Path, b: Path) -> bool:
    """Whether two checkpoints have the same weights, to the bit."""
    first, second = weights(a), weights(b)
    return first.keys() == second.keys() and all(torch.equal(first[name], second[name]) for name in first)


def started(made: Program, processes: int = 1, restarts: int = 0, **options: str) -> subprocess.Popen[str]:
    command = made.command((), options, processes, restarts)
    quiet: Any = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE}
    return subprocess.Popen(command, cwd=made.folder, env=environment(), text=True, **quiet)


def waited(condition: Callable[[], bool], running: subprocess.Popen[Any]) -> None:
    """Wait until something holds, as long as the process runs."""
    for _ in range(2400):
        if condition() or running.poll() is not None:
            return
        time.sleep(0.05)
    raise AssertionError("nothing happened for two minutes")


def steps_of(run: Path) -> int:
    log = run / "log.jsonl"
    return log.read_text("utf-8").count('"event": "step"') if log.exists() else 0


@pytest.mark.long
def test_processes_and_micro_batches_make_the_steps_of_one(tmp_path: Path) -> None:
    made = program(tmp_path)
    few: Any = {"steps": "40", "log_every": "1"}
    alone = made.run(out="alone", **few)
    pieces = made.run(out="pieces", micro_batch="7", **few)
    pair = made.run(out="pair", processes=2, micro_batch="6", **few)
    assert [done.code for done in (alone, pieces, pair)] == [0, 0, 0], pair.err
    expected, last = losses(made.folder / "alone"), events(made.folder / "alone")[-1]
    assert len(expected) == 40
    assert expected[-1] < expected[0]
    for name in ("pieces", "pair"):
        run = made.folder / name
        assert losses(run) == pytest.approx(expected, rel=1e-3)
        assert events(run)[-1]["images"] == last["images"] == 599  # none of them twice
        assert events(run)[-1]["top1"] == pytest.approx(last["top1"], abs=0.02)


@pytest.mark.parametrize(
    ("number", "code"),
    [
        pytest.param(signal.SIGKILL, -9, marks=pytest.mark.long),
        pytest.param(signal.SIGTERM, 143, marks=pytest.mark.slow),
    ],
)
def test_a_killed_run_goes_on_as_if_it_had_not_been(number: signal.Signals, code: int, tmp_path: Path) -> None:
    made = program(tmp_path, dropout=0.3)
    often: Any = {"save_every": "7", "log_every": "3"}
    assert made.run(out="whole", **often).code == 0
    run = made.folder / "killed"
    with started(made, out="killed", **often) as running:
        waited(lambda: steps_of(run) >= 15, running)
        running.send_signal(number)
        assert running.wait(60) == code
    before = torch.load(run / "last.pt", weights_only=True)["step"]
    assert 0 < before < 3 * 38
    done = made.run("--resume", out="killed", **often)
    assert done.code == 0, done.err
    assert same(run / "last.pt", made.folder / "whole" / "last.pt")
    assert losses(run) == losses(made.folder / "whole") or number == signal.SIGTERM
    assert [event["event"] for event in events(run)].count("done") == 1


def test_the_digits_of_these_programs_are_those_of_scikit_learn() -> None:
    real, read = pytest.importorskip("sklearn.datasets").load_digits(), load_digits()
    assert (real.images == read.images).all()
    assert (real.target == read.target).all()


def children(pid: int) -> list[int]:
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="the processes of torchrun are found by /proc")
def test_a_lost_process_is_started_again_from_the_checkpoint(tmp_path: Path) -> None:
    made = program(tmp_path)
    run = made.folder / "pair"
    with started(made, processes=2, restarts=3, out="pair", save_every="5", log_every="1") as running:
        waited(lambda: steps_of(run) >= 20, running)
        os.kill(children(running.pid)[-1], signal.SIGKILL)
        assert running.wait(120) == 0, running.stderr and running.stderr.read()[-2000:]
    found = events(run)
    assert "resume" in [event["event"] for event in found]
    assert [event["step"] for event in found if event["event"] == "step"] == [*range(1, 3 * 38 + 1)]
    assert found[-1]["event"] == "done"
    assert found[-1]["top1"] > 0.8


@pytest.mark.parametrize("name", ["best.pt", "best.safetensors", "last.pt"])
def test_archspec_places_the_weights_of_a_run(name: str, tmp_path: Path) -> None:
    if name.endswith(".safetensors"):
        pytest.importorskip("safetensors")
    made = program(tmp_path)
    assert made.run(out="run", epochs="1").code == 0
    network = loads(SPEC.format(name="small", width=8, dropout=0.0, lr=0.05))
    state = torch.load(made.folder / "run" / name.replace("safetensors", "pt"), weights_only=True)
    placed = network.weights_from(made.folder / "run" / name)
    assert placed.state.keys() == state["average"].keys()
    assert all(torch.equal(placed.state[each], value) for each, value in state["average"].items())


def test_what_a_program_refuses(tmp_path: Path) -> None:
    made, wider = program(tmp_path), program(tmp_path, "wider", 12)
    wild = program(tmp_path, "wild", lr=1e9)
    assert wider.run("--synthetic", out="run", steps="2").code == 0
    other = str(wider.folder / "run" / "last.pt")
    tested = made.run("--synthetic", "--ensemble", other)
    diverged = wild.run("--synthetic", out="run", log_every="1")
    missing = made.run("--synthetic", "--ensemble", "nothing.pt")
    for done, words in (
        (tested, ["wider", "conv1", "size mismatch"]),
        (
            diverged,
            ["diverged", "last good checkpoint" if (wild.folder / "run" / "last.pt").exists() else "none was kept"],
        ),
        (missing, ["nothing.pt"]),
    ):
        assert done.code == 1
        assert all(word in done.err for word in words), done.err
        assert "Traceback" not in done.err


def test_a_dry_run_and_a_run_from_other_weights(tmp_path: Path) -> None:
    made = program(tmp_path)
    told = made.run("--dry-run", batch="62")
    assert told.code == 0
    for words in ("sgd, momentum=0.9", "parameters", "MiB", "19 per epoch", "57 in all"):
        assert words in told.out
    assert not (made.folder / "runs").exists()
    assert made.run(out="first", steps="30").code == 0
    start = str(made.folder / "first" / "last.pt")
    done = made.run("--resume", out="second", init_from=start, steps="1", log_every="1", precision="bf16")
    assert done.code == 0, done.err
    assert "starts afresh" in done.out
    again = made.run(out="first", steps="1", log_every="1")  # not resumed: the earlier run is kept
    assert again.code == 0, again.err
    assert "first.1" in again.out
    assert [events(made.folder / name)[-1]["step"] for name in ("first.1", "first")] == [30, 1]
    assert losses(made.folder / "second")[0] < 0.5 * losses(made.folder / "first")[0]
