"""The folder of a run: one program's at a time, taken up again or begun afresh."""

from __future__ import annotations

import argparse
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from archspec.targets.train.engine.account import optional
from archspec.targets.train.engine.checkpoints import newest
from archspec.targets.train.engine.processes import Process
from archspec.targets.train.engine.weights import unpacked

# The folder of a run.


@contextmanager
def lock(folder: Path, process: Process) -> Iterator[bool]:
    """Keeps other programs out of the folder of a run, where the system can.

    Gives whether those who started this one did also start the one before it there.
    """
    again = False
    with ExitStack() as kept:
        with process.together():
            if process.rank == 0:
                folder.parent.mkdir(parents=True, exist_ok=True)
                path = folder.with_name(f"{folder.name}.lock")
                again = acquired(kept.enter_context(path.open("a+")), folder, process)
        yield again


def acquired(file: Any, folder: Path, process: Process) -> bool:
    """Locks a file, in which stand who holds it and who started that; see `lock`."""
    file.seek(0)
    lines: list[str] = file.read(10**6).splitlines()
    holder = "".join(lines[:1])
    if fcntl := optional("fcntl"):
        try:  # of this process alone, while flock is also of the loaders' workers
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except (BlockingIOError, PermissionError):
            message = f"another program trains in {folder}: {holder}"
            raise SystemExit(message) from None
        except OSError as error:
            print(f"{file.name} is not locked: {error.strerror}")
    file.truncate(0)
    me = f"process {os.getpid()} on {socket.gethostname()}"
    file.write("\n".join([me, *process.starter.names, ""]))
    file.flush()
    return not {*lines[1:]}.isdisjoint(process.starter.before)


def move_aside(folder: Path) -> None:
    """Gives the folder of an earlier run a number, so that nothing is overwritten."""
    number = 1
    while (aside := folder.with_name(f"{folder.name}.{number}")).exists():
        number += 1
    folder.rename(aside)
    print(f"the earlier run in {folder} is now in {aside}")


def begin(
    args: argparse.Namespace, process: Process, unfit: Callable[[dict[str, Any]], str]
) -> dict[str, Any] | None:
    """The checkpoint to resume from; or a fresh folder, and none.

    Rank 0 decides, and the others take from it what it read: they may see another
    disk, or the same one at another time.
    """
    data = b""
    with process.together():
        if process.rank == 0:
            data = taken_up(args, unfit)
    data = process.shared(data)
    state: dict[str, Any] | None = None
    if data:
        state = unpacked(data, args.out / "last.pt")
    return state


def taken_up(args: argparse.Namespace, unfit: Callable[[dict[str, Any]], str]) -> bytes:
    """The bytes of the checkpoint to resume from, or none, and then a fresh folder."""
    names = ("last.pt", "previous.pt")
    if args.resume and any((args.out / name).exists() for name in names):
        return newest(args.out, unfit)
    if args.resume:
        print(f"there is no {args.out / 'last.pt'} to resume: the run starts afresh")
    if (args.out / "log.jsonl").exists():
        move_aside(args.out)
    args.out.mkdir(parents=True, exist_ok=True)
    return b""
