"""Faults of the machine at each place where a command writes: every file is the old one or the new one, and it is said."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import pytest
from commands import FAMILY, TINY

from archspec import ArchError
from archspec.cli import main
from archspec.files import write

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="limits and signals as Linux has them")

FAULTY = Path(__file__).parent / "child" / "faulty.py"
DIGITS = Path(__file__).parent.parent / "specs" / "digits.arch"
"""A small spec with a recipe."""
OLD = "old\n"
Files = dict[str, bytes]


class Writer(NamedTuple):
    """A command that writes files, those that stand there already, and the libraries that it needs."""

    words: str
    old: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    replaces: bool = True
    """Whether a file that stands there is written anew."""


WRITERS = {
    "compile": Writer("compile tiny.arch", ("generated/tiny.py",)),
    "compile with its program": Writer("compile digits.arch --train", ("generated/train_digits.py",)),
    "compile with a short program": Writer("compile digits.arch --train short -o out"),
    "compile a family": Writer("compile two.arch"),
    "compile into a file": Writer("compile tiny.arch -o there/net.py"),
    "compile several": Writer("compile tiny.arch two.arch -o ."),
    "draw": Writer("draw tiny.arch", ("tiny.svg",)),
    "draw a family": Writer("draw two.arch -o figures"),
    "draw for a program": Writer("draw tiny.arch -o tiny.mmd"),
    "draw dots": Writer("draw tiny.arch -o tiny.png", (), ("vl_convert",)),
    "draw two": Writer("draw two.arch:A two.arch:B -o both.svg"),
    "view": Writer("view tiny.arch", ("tiny.html",)),
    "view a folder": Writer("view . -o site"),
    "ir": Writer("ir tiny.arch -o tiny.json", ("tiny.json",)),
    "ir as a spec": Writer("ir tiny.arch --to-arch -o again.arch"),
    "new": Writer("new fresh", replaces=False),
    "sweep": Writer("sweep tiny.arch -p classes=1:4 -o rows.csv", ("rows.csv",), ("numpy",)),
    "sweep into JSON": Writer("sweep tiny.arch -p classes=1:4 -o rows.json", (), ("numpy",)),
    "sweep into Parquet": Writer("sweep tiny.arch -p classes=1:4 -o rows.parquet", (), ("pyarrow",)),
    "merge": Writer("sweep --merge a.csv b.csv -o rows.csv", ("rows.csv",), ("numpy",)),
    "plot": Writer("plot two.arch -o two.svg", ("two.svg",), ("matplotlib",)),
    "import": Writer("import net.py:net --run --input 8x8x4 -o net.arch", (), ("torch",)),
    "weights": Writer("weights tiny.arch --from w.pt -o new.pt", ("new.pt",), ("torch",)),
    "weights in another format": Writer(
        "weights tiny.arch --from w.pt -o new.safetensors", (), ("torch", "safetensors")
    ),
}
FAULTS = ("killed", "killed inside a write", "full", "read-only", "removed")
FEW = {("compile", fault) for fault in FAULTS} | {("compile with its program", "full"), ("draw", "removed")}
"""What is tried in every run; the rest is slow."""
MODULE = "from torch import nn\n\n\ndef net():\n    return nn.Sequential(nn.Conv2d(4, 4, 3), nn.ReLU())\n"


def begun(writer: Writer, folder: Path) -> Path:
    """A folder in which a command begins."""
    start = folder / "start"
    start.mkdir(parents=True)
    (start / "tiny.arch").write_text(TINY, "utf-8")
    shutil.copy(DIGITS, start)
    (start / "two.arch").write_text(FAMILY, "utf-8")
    (start / "net.py").write_text(MODULE, "utf-8")
    for name in ("a", "b"):
        (start / f"{name}.csv").write_text("classes,params\n1,2\n", "utf-8")
    if "w.pt" in writer.words:
        import torch

        import archspec

        torch.save(archspec.build(start / "tiny.arch").state_dict(), start / "w.pt")
    for name in writer.old:
        (start / name).parent.mkdir(exist_ok=True)
        (start / name).write_text(OLD, "utf-8")
    return start


def files_of(folder: Path) -> Files:
    found = [path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    return {str(path.relative_to(folder)): path.read_bytes() for path in found}


class Run(NamedTuple):
    """One run with a fault: at which place, if it is one, how it ended, what it said, and how the next run ended."""

    place: int
    fired: bool
    code: int
    said: str
    again: int


def failed(fault: str, folder: Path, words: str) -> list[Run]:
    """What came of a command with the fault at each of its places."""
    command = [sys.executable, str(FAULTY), fault, str(folder), *words.split()]
    env = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr
    return [Run(**json.loads(line)) for line in done.stdout.splitlines()]


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        pytest.param(name, fault, marks=() if (name, fault) in FEW else pytest.mark.slow)
        for name in WRITERS
        for fault in FAULTS
    ],
)
def test_a_fault_leaves_every_file_as_it_was_or_as_it_will_be(name: str, fault: str, tmp_path: Path) -> None:
    writer = WRITERS[name]
    for library in writer.needs:
        if find_spec(library) is None:
            pytest.skip(f"{library} is not installed")
    start = files_of(begun(writer, tmp_path))
    runs = failed(fault, tmp_path, writer.words)
    whole = files_of(tmp_path / "whole")
    assert whole.keys() - start.keys() or any(whole[old] != start[old] for old in start), "nothing is written"
    assert [run.fired for run in runs] == [True] * (len(runs) - 1) + [False]
    assert len(runs) > 1
    for run in runs:
        assert (run.code < 0) == (run.fired and fault.startswith("killed"))
        assert_whole(run, tmp_path, start, whole, writer.replaces)


def assert_whole(run: Run, folder: Path, start: Files, whole: Files, replaces: bool) -> None:
    """What stands there after a run, what was said, and that the same command does it afterwards."""
    found, after = (files_of(folder / name) for name in (f"{run.place}", f"{run.place}.after"))
    left = {name for name in found if Path(name).name.startswith(".archspec-")}
    parts = {name for name in found.keys() - left if ".parts-" in name}  # of a sweep, which resumes there
    assert "Traceback" not in run.said
    assert all(found[name] in (start.get(name), whole.get(name)) for name in found.keys() - left - parts)
    assert not parts or run.fired
    assert len(left) <= (run.code < 0)
    if not run.fired:
        assert (run.code, found) == (0, whole)
    elif run.code >= 0 and any(found.get(name) != whole[name] for name in whole if whole[name] != start.get(name)):
        assert run.code == 1
        assert "cannot write `" in run.said
        assert "as it was" in run.said or "nothing was written there" in run.said
    if run.fired and start.keys() <= found.keys():
        assert run.again == (0 if replaces or found.keys() - left - parts == start.keys() else 2)
        assert {name: data for name, data in after.items() if name not in left} == whole


@pytest.mark.slow
def test_two_processes_that_sweep_into_one_file_leave_it_whole(tmp_path: Path) -> None:
    (tmp_path / "tiny.arch").write_text(TINY, "utf-8")
    command = [sys.executable, "-m", "archspec", "sweep", "tiny.arch", "-p", "classes=1:50", "-o", "rows.csv"]
    env = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    running = [subprocess.Popen(command, cwd=tmp_path, env=env, stderr=subprocess.PIPE, text=True) for _ in range(3)]
    said = [process.communicate()[1] for process in running]
    assert [process.returncode for process in running] == [0] * 3, said
    assert files_of(tmp_path).keys() == {"tiny.arch", "rows.csv"}
    assert (tmp_path / "rows.csv").read_text("utf-8").count("\n") == 51


def test_two_processes_that_write_the_same_files_leave_them_whole(tmp_path: Path) -> None:
    start = begun(WRITERS["compile"], tmp_path)
    command = [sys.executable, "-m", "archspec", "compile", "tiny.arch", "two.arch"]
    env = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    running = [
        subprocess.Popen(command, cwd=start, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        for _ in range(4)
    ]
    said = [process.communicate()[1] for process in running]
    assert said == [b""] * 4
    found = files_of(start / "generated")
    assert found.keys() == {"tiny.py", "two_A.py", "two_B.py"}
    assert all(data.endswith(b"\n") and b"__main__" in data for data in found.values())


LONG = "network long\ninput 9\n" + "| fc 9 |\n" * 1_200
"""A spec whose table is longer than a pipe holds."""
SHELL = [
    ("check wrong.arch 2>/dev/null | true", [1], ""),
    ("check tiny.arch | true", [0], ""),
    ("count long.arch | head -n 1", [0], ""),
    ("compile long.arch | head -n 1", [0], ""),
    ("compile long.arch 2>&1 | head -n 1", [0], ""),
    ("emit long.arch | head -n 1", [0], ""),
    ("ir long.arch | head -n 1", [0], ""),
    ("view long.arch -o - | head -n 1", [0], ""),
    ("draw tiny.arch -o - | true", [0], ""),
    ("sweep tiny.arch -p classes=1:9000 --format csv 2>/dev/null | head -n 1", [0], ""),
    ("solve tiny.arch --for classes --budget 'params < 1M' 2>/dev/null | true", [0], ""),
    ("formula tiny.arch | true", [0], ""),
    ("formula tiny.arch >/dev/full", [1], "archspec: standard output is cut short: no space left on device; what stands in files is whole\n"),
    ("check wrong.arch 2>&1 >/dev/null | true", [1], ""),
    ("count long.arch >/dev/full", [1], "archspec: standard output is cut short: no space left on device; what stands in files is whole\n"),
    ("compile long.arch >/dev/full", [1], "archspec: standard output is cut short: no space left on device; what stands in files is whole\n"),
    ("check wrong.arch 2>/dev/full", [1], ""),
]  # fmt: skip


@pytest.mark.parametrize(
    ("words", "codes", "said"),
    [pytest.param(*each, marks=() if i in (0, 3, 11) else pytest.mark.slow) for i, each in enumerate(SHELL)],
)
def test_a_reader_that_stops_changes_neither_what_is_written_nor_the_exit_code(
    words: str, codes: list[int], said: str, tmp_path: Path
) -> None:
    (tmp_path / "long.arch").write_text(LONG, "utf-8")
    (tmp_path / "tiny.arch").write_text(TINY, "utf-8")
    (tmp_path / "wrong.arch").write_text(TINY.replace("148", "149"), "utf-8")
    line = (
        f"{sys.executable} -m archspec {words} >/dev/null; echo ${{PIPESTATUS[0]}}"
        if "|" in words
        else f"{sys.executable} -m archspec {words}; echo $?"
    )
    env = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(["bash", "-c", line], cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
    assert [int(each) for each in done.stdout.split()[-1:]] == codes
    assert done.stderr == said
    if words.startswith("compile"):
        assert (tmp_path / "generated" / "long.py").read_text("utf-8").endswith("\n")


def stalled(words: str, folder: Path) -> subprocess.Popen[str]:
    """A command whose output nobody reads, once the pipe is full."""
    import fcntl
    import termios

    (folder / "long.arch").write_text(LONG, "utf-8")
    command = [sys.executable, "-m", "archspec", *words.split()]
    env = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    process = subprocess.Popen(
        command,
        cwd=folder,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # what runs in the background ignores it
    )
    assert process.stdout is not None
    full, held = fcntl.fcntl(process.stdout, fcntl.F_SETPIPE_SZ, 4096), 0
    while held < full and process.poll() is None:
        time.sleep(0.01)
        held = int.from_bytes(fcntl.ioctl(process.stdout, termios.FIONREAD, bytes(4)), sys.byteorder)
    assert process.poll() is None
    return process


def test_a_reader_that_stalls_is_waited_for_and_loses_nothing(tmp_path: Path) -> None:
    process = stalled("count long.arch", tmp_path)
    out, said = process.communicate(timeout=60)
    assert (process.returncode, said) == (0, "")
    assert len(out.splitlines()) > 1_200


@pytest.mark.parametrize(
    "words", ["compile long.arch -o there/net.py", pytest.param("view long.arch -o -", marks=pytest.mark.slow)]
)
def test_an_interrupt_ends_what_waits_for_a_reader(words: str, tmp_path: Path) -> None:
    process = stalled(words, tmp_path)
    before = files_of(tmp_path)
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=60) == 130
    assert process.communicate()[1] == ""
    assert files_of(tmp_path) == before
    assert all(data.endswith(b"\n") for data in before.values())


def test_a_site_that_is_interrupted_says_how_far_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("a", "b", "c"):
        (tmp_path / f"{name}.arch").write_text(TINY, "utf-8")
    monkeypatch.chdir(tmp_path)

    def interrupted(path: Path, text: str) -> None:
        if path.name == "b.html":
            raise KeyboardInterrupt
        write(path, text)

    monkeypatch.setattr("archspec.files.write", interrupted)
    assert main(["view", "."]) == 130
    said = "archspec: the site is not: 1 of 3 pages are done in site; the same command writes all of it\n"
    assert capsys.readouterr().err == said
    monkeypatch.undo()
    monkeypatch.chdir(tmp_path)
    (tmp_path / "site" / "index.html").mkdir()
    assert main(["view", "."]) == 1
    assert "3 of 3 pages are done in site" in capsys.readouterr().err


def test_nobody_can_lay_a_link_where_a_file_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    victim = tmp_path / "victim"
    victim.write_text("mine")
    monkeypatch.setattr(os, "urandom", lambda size: bytes(size))
    (tmp_path / f".archspec-{'00' * 8}").symlink_to(victim)
    with pytest.raises(ArchError, match="file exists"):
        write(tmp_path / "x.py", "new")
    assert victim.read_text() == "mine"
    assert not (tmp_path / "x.py").exists()


def test_a_file_keeps_its_permissions(tmp_path: Path) -> None:
    path = tmp_path / "x.py"
    path.write_text("old")
    path.chmod(0o600)
    write(path, "new")
    assert (path.read_text(), path.stat().st_mode & 0o777) == ("new", 0o600)
