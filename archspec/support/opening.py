"""Files that are opened without waiting for ever and, where a folder bounds them, without leaving it.

A name that is checked first and opened then may be another file by then. So what was opened is asked what it is, and
a path below a folder is walked from the open folder on: each link on it is read and walked in its turn, and nothing
that is flipped meanwhile is followed.
"""

from __future__ import annotations

import errno
import os
import select
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

PATIENCE = 2.0
"""Seconds in which somebody has to open the other end of a pipe."""
MOST_LINKS: Final = 40
"""Links of one path, as in Linux."""
WHOLE: Final = 2**16
"""Bytes that are asked for at once: what a pipe of Linux holds."""
_AT_ONCE = sum(getattr(os, flag, 0) for flag in ("O_NONBLOCK", "O_CLOEXEC", "O_BINARY", "O_NOCTTY"))
READS: Final = os.O_RDONLY | _AT_ONCE
WRITES: Final = os.O_WRONLY | os.O_TRUNC | _AT_ONCE
FOLDER: Final = READS | getattr(os, "O_DIRECTORY", 0)
IN_FOLDERS: Final = {os.open, os.readlink} <= os.supports_dir_fd and hasattr(os, "O_NOFOLLOW")
"""Whether the system opens files relative to an open folder; Windows does not."""


class Outside(Exception):
    """A path leads out of its folder."""


def contents(name: str, most: int) -> bytes:
    """The first bytes of a file, at most so many; raises OSError, also where nobody writes to a pipe."""
    with _closing(os.open(name, READS)) as file:
        return _read(file, most)


def contents_beneath(root: str, path: str, most: int) -> bytes | None:
    """The same of a file below a folder; None for what is neither a file nor a folder, which is not read.

    ``root`` has no links in it, and ``path`` is relative to it. Raises Outside where that leads out of it.
    """
    with _closing(_beneath(root, path) if IN_FOLDERS else _checked(root, path)) as file:
        kind = os.fstat(file).st_mode
        return _read(file, most) if stat.S_ISREG(kind) or stat.S_ISDIR(kind) else None


def write_to_special(name: str, data: bytes) -> None:
    """Write to a pipe or a device; raises OSError, also where nobody reads from a pipe."""
    with _closing(_read_by_somebody(name)) as file:
        if hasattr(os, "O_NONBLOCK"):
            os.set_blocking(file, True)
        while data:
            data = data[os.write(file, data) :]


def _read_by_somebody(name: str) -> int:
    patient = time.monotonic() + PATIENCE
    while True:
        try:
            return os.open(name, WRITES)
        except OSError as error:
            if error.errno != errno.ENXIO:
                raise
            if time.monotonic() > patient:
                raise OSError("nobody reads from this pipe") from None
            time.sleep(0.01)


@contextmanager
def _closing(file: int) -> Iterator[int]:
    try:
        yield file
    finally:
        os.close(file)


def _read(file: int, most: int) -> bytes:
    kind = os.fstat(file).st_mode
    if stat.S_ISDIR(kind):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    found, pipe, patient = bytearray(), stat.S_ISFIFO(kind), time.monotonic() + PATIENCE
    while len(found) < most:
        try:
            part = os.read(file, min(WHOLE, most - len(found)))
        except BlockingIOError:  # somebody is about to write
            _wait(file)
            continue
        found += part
        if part:
            continue
        if found or not pipe:
            break
        if time.monotonic() > patient:
            raise OSError("nobody writes to this pipe")
        time.sleep(0.01)
    return bytes(found)


def _wait(file: int) -> None:
    """Wait until there is something to read, or nobody is left who writes."""
    waiting = select.poll()
    waiting.register(file, select.POLLIN)
    waiting.poll()


def _beneath(root: str, path: str) -> int:
    """A file below a folder, opened component by component."""
    folders = [os.open(root, FOLDER)]
    ahead, links = [*Path(path).parts][::-1], 0
    try:
        while ahead:
            name = ahead.pop()
            if name == os.pardir:
                _up(folders)
            elif (target := _link(name, folders[-1])) is not None:
                links += 1
                if links > MOST_LINKS:
                    raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
                ahead += _followed(root, target, folders)
            elif ahead:
                folders.append(os.open(name, FOLDER | os.O_NOFOLLOW, dir_fd=folders[-1]))
            else:
                return os.open(name, READS | os.O_NOFOLLOW, dir_fd=folders[-1])
        return folders.pop()
    finally:
        for folder in folders:
            os.close(folder)


def _up(folders: list[int]) -> None:
    if len(folders) == 1:
        raise Outside
    os.close(folders.pop())


def _link(name: str, folder: int) -> str | None:
    """Where a link leads; None for what is none."""
    try:
        return os.readlink(name, dir_fd=folder)
    except OSError as error:
        if error.errno != errno.EINVAL:
            raise
        return None


def _followed(root: str, target: str, folders: list[int]) -> list[str]:
    """The components of a link, last first; one that is absolute starts again from the top of the folder."""
    if Path(target).is_absolute():
        target = os.path.relpath(os.path.realpath(target), root)
        while len(folders) > 1:
            _up(folders)
    return [*Path(target).parts][::-1]


def _checked(root: str, path: str) -> int:
    """The same where the system opens whole paths alone: it is checked before and after, with what was opened."""
    real = os.path.realpath(os.path.join(root, path))
    if not _inside(root, real):
        raise Outside
    file = os.open(real, READS)
    if os.path.realpath(real) == real and os.path.samestat(Path(real).stat(), os.fstat(file)):
        return file
    os.close(file)
    raise OSError("it was changed while it was opened")


def _inside(root: str, real: str) -> bool:
    try:
        return os.path.commonpath([root, real]) == root
    except ValueError:  # on another drive
        return False
