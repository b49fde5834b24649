"""Training programs for the tests: written to a folder, and run as processes of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple
from xml.etree import ElementTree

import pytest

from archspec.compiled import Compiled
from archspec.targets.torch import function_name, module_name

CHILD = Path(__file__).parent / "child"

one_worker = pytest.mark.xdist_group("programs")
"""For tests that run programs as processes: one server imports torch for them."""


class Done(NamedTuple):
    """What a process said, and how it ended."""

    code: int
    out: str
    err: str


class Program:
    """The training program of a network, in a folder of its own."""

    def __init__(self, compiled: Compiled, folder: Path, short: bool = False) -> None:
        name = function_name(compiled.network)
        self.folder, self.path = folder, folder / f"train_{name}.py"
        folder.mkdir(exist_ok=True)
        (folder / f"{module_name(compiled.network)}.py").write_text(compiled.source(), "utf-8")
        self.path.write_text(compiled.training(short=short), "utf-8")

    def run(self, *words: str, processes: int = 1, **options: str) -> Done:
        """Run it to its end; options are words without hyphens: ``out="runs/a"``."""
        command = self.command(words, options, processes)
        if processes == 1:
            return server().run(command[1:], self.folder)
        done = subprocess.run(
            command, cwd=self.folder, env=environment(), capture_output=True, text=True, check=False, timeout=300
        )
        return Done(done.returncode, done.stdout, done.stderr)

    def command(
        self, words: Sequence[str], options: Mapping[str, str], processes: int = 1, restarts: int = 0
    ) -> list[str]:
        """The command that runs it, by torchrun if there are several processes."""
        given = [text for name, value in options.items() for text in (f"--{name.replace('_', '-')}", value)]
        torchrun = ["torch.distributed.run", f"--nproc-per-node={processes}", f"--max-restarts={restarts}"]
        start = ["-m", *torchrun, "--master-port=0", "--rdzv-backend=c10d", "--rdzv-endpoint=localhost:0"]
        return [sys.executable, *(start if processes > 1 or restarts else []), str(self.path), *words, *given]


class Server:
    """The process of ``child/server.py``, which ends with the process that started it."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, str(CHILD / "server.py")],
            env=environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self, words: Sequence[str], folder: Path, plain: bool = False) -> Done:
        """What a program with its words does in a folder; ``plain`` is with scikit-learn itself."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        with TemporaryDirectory() as kept:
            out, err = Path(kept, "out"), Path(kept, "err")
            for path in (out, err):
                path.touch()
            command = {"words": list(words), "folder": str(folder), "out": str(out), "err": str(err), "plain": plain}
            print(json.dumps(command), file=self.process.stdin, flush=True)
            return Done(int(self.process.stdout.readline()), out.read_text("utf-8"), err.read_text("utf-8"))


@cache
def server() -> Server:
    """One for all tests of a process."""
    return Server()


def environment() -> dict[str, str]:
    """One thread a process, so that sums are the same; torchvision is importable in it and in what it starts."""
    path = os.pathsep.join([str(CHILD), *filter(None, [os.environ.get("PYTHONPATH")])])
    return os.environ | {"PYTHONPATH": path, "OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""}


def events(folder: Path) -> list[dict[str, Any]]:
    """The lines of a run's log."""
    return [json.loads(line) for line in (folder / "log.jsonl").read_text("utf-8").splitlines()]


def assert_digits_told_apart(folder: Path) -> None:
    """Whether a whole run on the digits learned them, and tested each held-out image once."""
    first, *_, last = [event for event in events(folder) if event["event"] != "ensemble"]
    assert (first["event"], last["event"]) == ("start", "done")
    assert last["images"] == 599
    assert last["top1"] >= 0.97
    assert last["top5"] >= last["top1"]
    assert len([event for event in events(folder) if event["event"] == "epoch"]) == last["epochs"]
    assert ElementTree.parse(folder / "curve.svg").getroot().tag.endswith("svg")
