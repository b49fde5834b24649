"""Training programs that are killed, started again by torchrun or Slurm, and interrupted while they hang."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from programs import Program, environment, events, one_worker
from test_training_runs import children, program, waited

pytestmark = [
    pytest.mark.torch,
    pytest.mark.programs,
    pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="processes are found by /proc"),
    one_worker,
]

ENDLESS = {"epochs": "100000", "save_every": "20", "log_every": "5"}
OFTEN = pytest.param(10, marks=pytest.mark.slow)


class Agents:
    """Agents of torchrun on this machine, each as a host of its own, and the run of their processes."""

    def __init__(self, made: Program, nodes: str, *words: str, shared: bool = True) -> None:
        with socket.socket() as free:
            free.bind(("localhost", 0))
            self.port = free.getsockname()[1]
        self.made, self.nodes, self.words, self.shared = made, nodes, words, shared
        self.run = made.folder / "run"
        self.started: list[subprocess.Popen[Any]] = []

    def start(self, **options: str) -> subprocess.Popen[Any]:
        """One more host."""
        given = [word for name, value in options.items() for word in (f"--{name.replace('_', '-')}", value)]
        settings = [f"--nnodes={self.nodes}", "--nproc-per-node=1", "--max-restarts=12", "--rdzv-backend=c10d"]
        where = [f"--rdzv-endpoint=localhost:{self.port}", "--rdzv-id=restarts", "--rdzv-conf=last_call_timeout=1"]
        command = [sys.executable, "-m", "torch.distributed.run", *settings, *where, str(self.made.path), *self.words]
        store = {} if self.shared else {"TORCH_DISABLE_SHARE_RDZV_TCP_STORE": "1"}
        with (self.made.folder / f"agent{len(self.started)}.txt").open("w") as file:
            given_: Any = {"cwd": self.made.folder, "env": environment() | store, "text": True}
            command += ["--out", "run", *given]
            self.started.append(subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=file, **given_))
        return self.started[-1]

    def trains(self, after: int = -1) -> int:
        """Wait until the run has written steps behind a resume that comes after so many; how many there are."""

        wait_for_a_save(self.run, after, self.started[0])
        assert trains(self.run, after), self.said()
        return kinds(self.run).count("resume")

    def said(self) -> str:
        return "\n".join(path.read_text()[-3000:] for path in sorted(self.made.folder.glob("agent*.txt")))


@contextmanager
def agents(*given: Any, **options: Any) -> Iterator[Agents]:
    """Hosts, which are gone afterwards."""
    made = Agents(*given, **options)
    try:
        yield made
    finally:
        for agent in made.started:
            if agent.poll() is None:
                for pid in [*all_children(agent.pid), agent.pid]:
                    with suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGKILL)
            agent.wait()


def all_children(pid: int) -> list[int]:
    """The processes that one has started, and those that they have; none of one that is gone."""
    try:
        return [each for child in children(pid) for each in (*all_children(child), child)]
    except FileNotFoundError:
        return []


def kinds(run: Path) -> list[str]:
    """The kinds of events of a run; of a line that is being written, none."""
    log = run / "log.jsonl"
    lines = log.read_text("utf-8").split("\n")[:-1] if log.exists() else []
    return [line.split('"')[3] for line in lines]


def trains(run: Path, after: int) -> bool:
    """Whether a run has written steps behind a resume that comes after so many, or behind its start."""
    found = kinds(run)
    return "step" in found[last(found) :] and found.count("resume") > after


def wait_for_a_save(run: Path, after: int, running: subprocess.Popen[Any]) -> None:
    """Wait until a run has gone on, and until it has saved that: what the log has beyond is written again."""
    waited(lambda: trains(run, after), running)
    before = saved_at(run)
    waited(lambda: saved_at(run) != before, running)


def saved_at(run: Path) -> int:
    path = run / "last.pt"
    return path.stat().st_mtime_ns if path.exists() else 0


def last(found: list[str]) -> int:
    return max((place for place, kind in enumerate(found) if kind in ("start", "resume")), default=0)


def rank_zero(run: Path) -> int:
    """The process that holds the folder of a run."""
    return int(run.with_name("run.lock").read_text().split()[1])


def assert_goes_on(run: Path, resumes: int) -> None:
    """Whether a run has each step once, went on so often, and was never begun anew."""
    found = events(run)
    steps = [event["step"] for event in found if event["event"] == "step"]
    assert steps == sorted(set(steps))
    assert {*range(5, steps[-1], 5)} <= set(steps)  # and where it saved at the end of an epoch
    assert [event["event"] for event in found].count("start") == 1
    assert [event["event"] for event in found].count("resume") == resumes
    assert not run.with_name("run.1").exists()


@pytest.mark.parametrize("times", [OFTEN])
def test_a_run_goes_on_at_once_while_the_workers_of_a_killed_one_live(times: int, tmp_path: Path) -> None:
    made, run = program(tmp_path), tmp_path / "small" / "run"
    command = made.command(["--resume"], {"out": "run", "workers": "1", **ENDLESS})
    orphans: list[int] = []
    try:
        for time_ in range(times):
            said = made.folder / "said.txt"
            with said.open("w") as file:
                running = subprocess.Popen(command, cwd=made.folder, env=environment(), stdout=file, stderr=file)
            try:
                wait_for_a_save(run, time_ - 1, running)
                assert running.poll() is None, said.read_text()
                orphans += stopped(running.pid)
            finally:
                running.kill()
                running.wait()
    finally:
        for pid in orphans:
            os.kill(pid, signal.SIGKILL)
    assert len(orphans) >= times
    assert_goes_on(run, times - 1)


def stopped(pid: int) -> list[int]:
    """The loaders' workers of a process, which live on when it is killed: they cannot see it."""
    for child in (found := children(pid)):
        os.kill(child, signal.SIGSTOP)
    return found


@pytest.mark.parametrize("times", [OFTEN])
def test_torchrun_starts_again_what_held_the_folder(times: int, tmp_path: Path) -> None:
    made, orphans = program(tmp_path), list[int]()
    with agents(made, "1") as hosts:
        hosts.start(workers="1", **ENDLESS)
        for time_ in range(times):
            hosts.trains(time_ - 1)
            orphans += stopped(first := rank_zero(hosts.run))
            os.kill(first, signal.SIGKILL)
        hosts.trains(times - 1)
    for pid in orphans:
        os.kill(pid, signal.SIGKILL)
    assert len(orphans) >= times
    assert_goes_on(hosts.run, times)


@pytest.mark.parametrize("times", [OFTEN])
@pytest.mark.parametrize("shared", [True, False])
@pytest.mark.parametrize("rank", [0, 1])
def test_two_hosts_go_on_when_either_loses_its_process(rank: int, shared: bool, times: int, tmp_path: Path) -> None:
    made = program(tmp_path)
    with agents(made, "2", shared=shared) as hosts:
        for _ in range(2):
            hosts.start(**ENDLESS)
        for time_ in range(times):
            hosts.trains(time_ - 1)
            first = rank_zero(hosts.run)
            [other] = {pid for agent in hosts.started for pid in children(agent.pid)} - {first}
            os.kill([first, other][rank], signal.SIGKILL)
        hosts.trains(times - 1)
    assert_goes_on(hosts.run, times)


def test_a_process_that_hangs_is_ended_by_the_second_interrupt(tmp_path: Path) -> None:
    made = program(tmp_path)
    (made.folder / "hung.py").write_text(HUNG)
    running = subprocess.Popen(
        [sys.executable, "hung.py", "--out", "run", "--workers", "1", *flat(ENDLESS)],
        cwd=made.folder, env=environment(), text=True, stdout=subprocess.PIPE,
    )  # fmt: skip
    try:
        assert running.stdout is not None
        waited((made.folder / "hangs").exists, running)
        workers = children(running.pid)
        running.send_signal(signal.SIGINT)
        time.sleep(0.5)
        assert running.poll() is None
        began = time.monotonic()
        running.send_signal(signal.SIGINT)
        assert running.wait(20) == 130
        assert time.monotonic() - began < 5
        assert "ended in the middle of a step" in running.stdout.read()
        assert workers
        waited(lambda: not any(Path(f"/proc/{pid}").exists() for pid in workers), running)
    finally:
        running.kill()
        running.wait()
        if running.stdout:
            running.stdout.close()


def flat(options: dict[str, str]) -> list[str]:
    return [word for name, value in options.items() for word in (f"--{name.replace('_', '-')}", value)]


HUNG = """
import ctypes
import sys
from pathlib import Path

import train_small


def step(self, *rest):
    Path("hangs").touch()
    libc, mutex = ctypes.CDLL(None), ctypes.create_string_buffer(64)
    libc.pthread_mutex_lock(mutex)
    libc.pthread_mutex_lock(mutex)  # which no signal ends


train_small.Learner.step, train_small.GRACE = step, 0.5
sys.exit(train_small.main())
"""


@pytest.mark.slow
def test_a_requeued_job_of_slurm_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = program(tmp_path)
    monkeypatch.setenv("SLURM_JOB_ID", "7")
    words = made.command([], {"out": "run", **ENDLESS})
    for restart in range(10):
        job = environment() | {"SLURM_RESTART_COUNT": str(restart)}
        running = subprocess.Popen(words, cwd=made.folder, env=job, stdout=subprocess.DEVNULL)
        try:
            wait_for_a_save(made.folder / "run", restart - 1, running)
            running.send_signal(signal.SIGTERM)
            assert running.wait(30) == 143
        finally:
            running.kill()
            running.wait()
    assert_goes_on(made.folder / "run", 9)


@pytest.mark.slow
@pytest.mark.parametrize("times", [5])  # to join, and to leave
def test_a_host_may_join_and_leave(times: int, tmp_path: Path) -> None:
    made = program(tmp_path)
    run = made.folder / "run"
    with agents(made, "1:2", shared=False) as hosts:
        hosts.start(**ENDLESS)
        resumes = 0
        for _ in range(times):
            hosts.trains(resumes - 1)
            joined = hosts.start(**ENDLESS)
            resumes = hosts.trains(resumes)
            assert processes(run) == 2
            joined.send_signal(signal.SIGTERM)  # its agent ends its process, and then the group is one of one
            joined.wait(60)
            resumes = hosts.trains(resumes)
            assert processes(run) == 1
    assert_goes_on(run, resumes)
    assert {event["batch"] for event in events(run) if event["event"] in ("start", "resume")} == {31}


def processes(run: Path) -> int:
    """How many the run has had since it was started last."""
    return int([event for event in events(run) if event["event"] in ("start", "resume")][-1]["processes"])


@pytest.mark.slow
def test_a_signal_to_one_of_two_processes_ends_both_within_seconds(tmp_path: Path) -> None:
    for attempt in range(3):
        (tmp_path / str(attempt)).mkdir()
        made = program(tmp_path / str(attempt))
        with agents(made, "1") as hosts:
            pair = made.command([], {"out": "run", **ENDLESS}, processes=2)
            hosts.started.append(subprocess.Popen(pair, cwd=made.folder, env=environment(), stderr=subprocess.DEVNULL))
            hosts.trains()
            workers = children(hosts.started[0].pid)
            os.kill(rank_zero(hosts.run), signal.SIGTERM)
            began = time.monotonic()
            waited(lambda: not any(alive(pid) for pid in workers), hosts.started[0])  # noqa: B023
            assert time.monotonic() - began < 8


def alive(pid: int) -> bool:
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and stat.read_text().rpartition(")")[2].split()[0] != "Z"


@pytest.mark.slow
def test_the_script_of_the_page_trains_and_its_job_goes_on_when_it_is_requeued(tmp_path: Path) -> None:
    made = program(tmp_path)
    page = (Path(__file__).parent.parent / "docs" / "hosts.md").read_text("utf-8")
    script = page.split("<!-- file: train.sh -->\n```bash\n")[1].split("```")[0]
    words = ["train_resnet_50.py --data /data/imagenet", "/shared/runs/resnet-50", " --precision bf16"]
    assert all(word in script for word in words)
    for word, ours in zip(words, ["train_small.py", "run", f" {' '.join(flat(ENDLESS))}"], strict=True):
        script = script.replace(word, ours)
    for name, text in SLURM.items():
        (made.folder / name).write_text(f"#!/bin/bash\n{text}\n")
        (made.folder / name).chmod(0o755)
    (made.folder / "train.sh").write_text(script)
    job = environment() | {"SLURM_JOB_ID": "7", "SLURM_JOB_NODELIST": "here", "SLURM_NNODES": "1"}
    job |= {"SLURM_GPUS_ON_NODE": "1", "PATH": f"{made.folder}:{os.environ['PATH']}", "PYTHON": sys.executable}
    with agents(made, "1") as hosts:
        for restart in range(2):
            job["SLURM_RESTART_COUNT"] = str(restart)
            batch = subprocess.Popen(["bash", "train.sh"], cwd=made.folder, env=job, stderr=subprocess.DEVNULL)
            hosts.started = [batch]
            hosts.trains(restart - 1)
            batch.send_signal(signal.SIGUSR1)
            waited(lambda: (made.folder / "requeued").exists(), batch)
            for pid in [pid for pid in all_children(batch.pid) if alive(pid)]:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGTERM)
            batch.wait(60)
            (made.folder / "requeued").unlink()
    assert_goes_on(hosts.run, 1)


SLURM = {
    "srun": 'exec "$@"',
    "torchrun": 'exec "$PYTHON" -m torch.distributed.run "$@"',
    "scontrol": 'if [ "$1" = requeue ]; then touch requeued; else echo localhost; fi',
}
"""What stands for the commands of Slurm on this machine."""
