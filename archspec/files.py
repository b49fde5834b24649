"""Spec files in, emitted files out: the only place that reads specs and writes code."""

from __future__ import annotations

import errno
import os
import stat
import sys
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, TextIO, cast
from weakref import WeakKeyDictionary

from archspec.diagnostics import ArchError, Diagnostic, Source, Span, explained, text_span
from archspec.naming import closest
from archspec.support.limits import LONGEST_FILE
from archspec.support.opening import Outside, contents, contents_beneath, write_to_special

_GIVEN: WeakKeyDictionary[BinaryIO, bytes] = WeakKeyDictionary()
"""What streams gave."""


def read(name: str, said: str | None = None, asks: str = "") -> Source:
    """The text of a spec; ``-`` is standard input. Raises ArchError where it cannot be read.

    Where another file names it, ``said`` is how, and ``asks`` that file, which is not suggested in its place.
    """
    name = "<stdin>" if name == "-" else name
    try:
        return decode(name, _piped(_stdin()) if name == "<stdin>" else contents(name, LONGEST_FILE + 1))
    except (OSError, ValueError) as error:
        raise ArchError([cannot_read(name, error, said or name, asks)]) from None


def beside(spec: str) -> Callable[[Source, str], Source]:
    """What reads the files that a spec names: relative to the file that names them, inside the folder tree of the spec.

    It raises ArchError where a path leads out of that tree, also by a link, or is not an `.arch` file. A pipe and a
    device are not.
    """
    top = Path(spec).parent
    root = os.path.realpath(top)

    def reader(source: Source, path: str) -> Source:
        folder = Path(source.name).parent if source.name != "<stdin>" else Path()
        name = os.path.normpath(folder / path)
        below = os.path.relpath(name, top)
        inside = not Path(path).is_absolute() and os.pardir not in Path(below).parts
        if not inside or not path.endswith(".arch") or "\0" in path:
            raise ArchError([outside(path, inside)])
        try:
            data = contents_beneath(root, below, LONGEST_FILE + 1)
        except Outside:
            raise ArchError([outside(path, inside=False)]) from None
        except (OSError, ValueError) as error:
            raise ArchError([cannot_read(name, error, path, source.name)]) from None
        if data is None:
            raise ArchError([outside(path, True, "a pipe or a device")])
        return decode(name, data)

    return reader


def specs_below(folder: str) -> list[str]:
    """The `.arch` files in a folder and in those below it, in order; raises ArchError where there is none."""
    found = sorted(path.as_posix() for path in Path(folder).rglob("*.arch") if path.is_file())
    if not found:
        raise ArchError([no_specs(folder)])
    return found


def _stdin() -> BinaryIO:
    # Python has no standard input, whatever its type says, where the caller closed it.
    if (stream := cast("TextIO | None", sys.stdin)) is None:
        raise OSError("standard input is closed")
    return stream.buffer


def _piped(stream: BinaryIO) -> bytes:
    """What a stream gives; where nothing is left, what it gave before: `-:A` and `-:B` are variants of one file."""
    data = stream.read(LONGEST_FILE + 1) or _GIVEN.get(stream, b"")
    _GIVEN[stream] = data
    return data


def decode(name: str, data: bytes) -> Source:
    """Bytes as UTF-8 text with plain line ends; a byte order mark is passed over."""
    if len(data) > LONGEST_FILE:
        raise ArchError([too_much(name)])
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise ArchError([wrong_encoding(name, None, "it starts like UTF-16")])
    if b"\0" in data:
        raise ArchError([binary(name)])
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        start = data.rfind(b"\n", 0, error.start) + 1
        before = data[start : error.start].decode("utf-8")
        end = data.find(b"\n", error.start)
        shown = before + data[error.start : end if end >= 0 else len(data)].decode("utf-8", "replace")
        source = Source(name, "\n" * (line - 1) + shown)
        at = Span(source, line, len(before), len(before) + 1)
        raise ArchError([wrong_encoding(name, at, f"byte 0x{data[error.start]:02x} is not UTF-8")]) from None
    text = plain_lines(text)
    if not text.strip():
        raise ArchError([empty(name)])
    return Source(name, text)


def is_folder(name: str) -> bool:
    """Whether `-o` names a directory: by a slash at its end, by being one, or, where it is new, by having no suffix."""
    return name.endswith(("/", os.sep)) or os.path.isdir(name) or not (Path(name).suffix or os.path.lexists(name))


def plain_lines(text: str) -> str:
    """The text with the line ends of Unix, whatever it was written on."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def write(path: Path, text: str) -> None:
    """Write a file whole or not at all; a device or a pipe is written to. Raises ArchError where that fails."""
    try:
        if _is_special(path):
            write_to_special(str(path), text.encode())
        else:
            write_by(path, lambda beside: beside.write_text(text, "utf-8", newline="\n"))
    except (OSError, ValueError) as error:
        raise ArchError([cannot_write(str(path), error)]) from None


def write_by(path: Path, save: Callable[[Path], object]) -> None:
    """Have a file written whole or not at all by what saves to a path. Raises ArchError where that fails."""
    try:
        if _is_special(path):
            raise OSError("it is not a file")
        _replace(path, save)
    except (OSError, ValueError) as error:
        raise ArchError([cannot_write(str(path), error)]) from None


def _is_special(path: Path) -> bool:
    """Whether something stands there that is not a file, such as `/dev/null`: a file must never take its place."""
    try:
        return not stat.S_ISREG(path.stat().st_mode)
    except FileNotFoundError:
        return False


def _replace(path: Path, save: Callable[[Path], object]) -> None:
    """Write beside the file first, then rename: it is the old one or the new one at any time.

    The new one has the permissions of the old one. Folders are made by the path that was given: where the current
    folder was removed meanwhile, they are not made again.
    """
    real = Path(os.path.realpath(path))
    (real if path.is_symlink() else path).parent.mkdir(parents=True, exist_ok=True)
    beside = _reserved(real.parent)
    try:
        save(beside)
        if real.exists():
            beside.chmod(stat.S_IMODE(real.stat().st_mode))
        beside.replace(real)
    finally:
        beside.unlink(missing_ok=True)


def _reserved(folder: Path) -> Path:
    """A new, empty file. Nobody can guess its name, so that no link of somebody else's stands there."""
    path = folder / f".archspec-{os.urandom(8).hex()}"
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666))
    return path


LONGEST_STEM = 100
"""Characters of a name for which a spec is looked for."""
NEAR = 100
"""How many folders, and how many specs in each, are looked at for a name that may have been meant."""


@explained("E0001")
def cannot_read(name: str, error: Exception, said: str, asks: str = "") -> Diagnostic:
    """The spec cannot be read: there is no such file, it is a directory, or its permissions forbid it."""
    reason = (getattr(error, "strerror", None) or str(error)).lower()
    help = _inside(name) if isinstance(error, IsADirectoryError) else _meant(name, said, asks)
    return Diagnostic("E0001", f"cannot read `{said}`: {reason}", help=help)


def _inside(folder: str) -> str | None:
    """What can be asked of the specs of a folder."""
    found = _specs_in(folder)
    if not found:
        return None
    path = Path(folder).as_posix()
    return f"name a spec in it, such as `{path}/{found[0]}`; `archspec audit {path}` checks all of them"


def _meant(name: str, said: str, asks: str) -> str | None:
    """The file that a name which is none most likely stands for: beside it, or in a folder right below this one."""
    folder, slash, base = said.rpartition("/")
    stem = base.removesuffix(".arch")
    entries = [entry for entry in _specs_in(name.rpartition("/")[0] or ".") if entry not in (base, Path(asks).name)]
    known = {entry.removesuffix(".arch"): f"{folder}{slash}{entry}" for entry in entries}
    if not asks and (not slash or not os.path.isdir(folder)):
        for other in _folders():
            more = _specs_in(other)
            known = {entry.removesuffix(".arch"): f"{other}/{entry}" for entry in more} | known
    near = closest(stem, known)
    return f"did you mean `{known[near]}`?" if near else None


def of_stem(word: str) -> str | None:
    """The spec that a word names without its folder and its suffix, ``vgg_D`` or ``resnet:50``, here or one below."""
    stem, colon, variant = word.partition(":")
    if not stem or len(stem) > LONGEST_STEM or "/" in stem or "\0" in stem:
        return None
    folders = ["", *(f"{entry}/" for entry in _folders())]
    found = next((folder for folder in folders if Path(f"{folder}{stem}.arch").is_file()), None)
    return None if found is None else f"{found}{stem}.arch{colon}{variant}"


def _folders() -> list[str]:
    """What may be a folder right below this one, in order."""
    return [entry for entry in _entries(".") if not entry.startswith(".")][:NEAR]


def _specs_in(folder: str) -> list[str]:
    """The specs in a folder, in order; none where it cannot be read."""
    return [entry for entry in _entries(folder) if entry.endswith(".arch")][:NEAR]


def _entries(folder: str) -> list[str]:
    try:
        return sorted(os.listdir(folder))
    except (OSError, ValueError):
        return []


@explained("E0002")
def cannot_write(name: str, error: Exception) -> Diagnostic:
    """The emitted code, the figure or the weights cannot be written there. Nothing was left half-written.

    A file is written under another name first, which it gets once it is whole. What stood there before stays.
    """
    reason = (getattr(error, "strerror", None) or str(error)).lower()
    help = "choose another place with `-o`"
    if getattr(error, "errno", None) in FULL:
        help = f"make room and run it again, or {help}"
    return Diagnostic("E0002", f"cannot write `{name}`: {reason}", notes=_left(name), help=help)


FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
"""What the system says of a disk that is full, of a quota, and of a limit on the size of files."""


def _left(name: str) -> tuple[str, ...]:
    """What stands in the place of a file that could not be written."""
    try:
        kind = os.lstat(name).st_mode
    except FileNotFoundError:
        return ("nothing was written there",)
    except (OSError, ValueError):
        return ()
    return ("the file that stands there is as it was",) if stat.S_ISREG(kind) else ()


@explained("E0003")
def wrong_encoding(name: str, at: Span | None, reason: str) -> Diagnostic:
    """A spec is UTF-8 text."""
    return Diagnostic("E0003", f"`{name}` is not UTF-8 text: {reason}", at, "not UTF-8", help="save it as UTF-8")


@explained("E0004")
def binary(name: str) -> Diagnostic:
    """The file holds bytes that no text has; it is likely not a spec."""
    return Diagnostic("E0004", f"`{name}` is a binary file", help="give a `.arch` file")


def no_text(kind: str) -> Diagnostic:
    """E0004 for what a program gives in the place of a text."""
    return Diagnostic("E0004", f"a spec is a text, not an object of the type `{kind}`", help="give it as a `str`")


@explained("E0005")
def empty(name: str) -> Diagnostic:
    """The file holds nothing but blanks."""
    return Diagnostic("E0005", f"`{name}` is empty", help="start with `network NAME(classes=1000)`")


@explained("E0006")
def too_much(name: str) -> Diagnostic:
    """A spec is at most 1 MiB long; no table of layers is."""
    return Diagnostic("E0006", f"`{name}` is too long for a spec", notes=(f"at most {LONGEST_FILE:,} bytes are read",))


@explained("E0008")
def outside(path: str, inside: bool, kind: str = "no `.arch` file") -> Diagnostic:
    """`use` and `like` name `.arch` files in the folder of the spec or below it: a spec can read nothing else.

    A pipe or a device is not a file, whatever it is called.
    """
    what = f"is {kind}" if inside else "leads out of the folder of the spec"
    return Diagnostic("E0008", f"it {what}", text_span("path", path))


@explained("E0009")
def no_specs(folder: str) -> Diagnostic:
    """`archspec audit` finds no `.arch` file in a folder; without a name it looks into `specs/`."""
    where = "there is no such folder" if not os.path.isdir(folder) else "no `.arch` file is there"
    return Diagnostic("E0009", f"no specs in `{folder}`: {where}", help="name files or folders: archspec audit FILE...")
