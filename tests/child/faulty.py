"""Runs a command again and again, and has the machine fail at another place each time: ``faulty.py FAULT FOLDER WORDS``.

``FOLDER/start`` is where the command begins. It runs once in a copy of it that is called ``whole``, and then in copies
``0``, ``1``, ...: in each the fault comes one place later, until there is no such place. A place is where a file is
opened to be written, renamed, removed, or where its folder or its permissions are made. After the fault the command
runs once more in the same folder, where nothing fails. A line of JSON says of each run how both ended.
"""

from __future__ import annotations

import io
import json
import os
import resource
import shutil
import signal
import sys
from collections.abc import Callable
from contextlib import redirect_stdout
from errno import EROFS
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

from archspec.cli import main, run

BYTES = 20
"""What is still written of the file where the disk is full."""
WRITTEN = os.O_WRONLY | os.O_RDWR | os.O_CREAT
PLACES = {"open", "os.rename", "os.mkdir", "os.remove", "os.chmod"}


def kill() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def kill_inside() -> None:
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
    fill()


def fill() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (BYTES, resource.RLIM_INFINITY))


def forbid() -> None:
    raise OSError(EROFS, os.strerror(EROFS))


def remove() -> None:
    shutil.rmtree(HERE[0])


HERE: list[str] = []
"""The folder of the run, also once it is gone."""
FAULTS: dict[str, tuple[Callable[[], None], set[str]]] = {
    "killed": (kill, PLACES),
    "killed inside a write": (kill_inside, {"open"}),
    "full": (fill, {"open"}),
    "read-only": (forbid, {"open", "os.rename", "os.mkdir"}),
    "removed": (remove, PLACES - {"os.remove"}),
}


def install(fault: str, place: int, fired: int) -> None:
    """Have the fault come at a place, and say so to a pipe once it has."""
    act, events = FAULTS[fault]
    left = [place]

    def hook(event: str, args: tuple[Any, ...]) -> None:
        if event not in events or not _is_ours(event, args):
            return
        left[0] -= 1
        if left[0] == -1:
            os.write(fired, b"!")
            act()

    sys.addaudithook(hook)


def _is_ours(event: str, args: tuple[Any, ...]) -> bool:
    path = os.fspath(args[0]) if isinstance(args[0], str | os.PathLike) else ""
    written = event != "open" or bool(args[2] & WRITTEN)
    return written and path != "" and os.path.join(HERE[0], path).startswith(HERE[0] + os.sep)


def child(folder: Path, words: list[str], fault: Callable[[], None] = lambda: None) -> tuple[int, str]:
    """How a process ends that runs the command in a folder, and what it says is wrong."""
    reader, writer = os.pipe()
    process = os.fork()
    if process == 0:
        begin(folder, words, writer, fault)
    os.close(writer)
    with os.fdopen(reader, "rb") as said:
        complaint = said.read().decode()
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]), complaint


def begin(folder: Path, words: list[str], said: int, fault: Callable[[], None]) -> NoReturn:
    """Run the command."""
    os.chdir(folder)
    HERE[:] = [str(folder)]
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    os.dup2(said, 2)
    sys.argv = ["archspec", *words]
    fault()
    run()


def failing(fault: str, folder: Path, words: list[str]) -> None:
    """The command, with the fault at one place after the other."""
    place, more = 0, True
    while more:
        here, after = folder / str(place), folder / f"{place}.after"
        shutil.copytree(folder / "start", here)
        reader, fired = os.pipe()
        code, said = child(here, words, partial(install, fault, place, fired))
        os.close(fired)
        more = os.read(reader, 1) == b"!"
        os.close(reader)
        again = child(Path(shutil.copytree(here, after)), words)[0] if here.exists() and more else 0
        print(json.dumps({"place": place, "fired": more, "code": code, "said": said, "again": again}), flush=True)
        place += 1


if __name__ == "__main__":
    folder, words = Path(sys.argv[2]).resolve(), sys.argv[3:]
    shutil.copytree(folder / "start", folder / "whole")
    os.chdir(folder / "whole")
    with redirect_stdout(io.StringIO()):
        assert main(words) == 0
    os.chdir(folder)
    failing(sys.argv[1], folder, words)
