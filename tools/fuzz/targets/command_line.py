"""The command line: any words behind any command, in a folder with good and bad specs, read from a pipe or none."""

from __future__ import annotations

import io
import os
import sys
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from archspec import commands
from archspec.cli import main
from fuzz.choices import Choices
from fuzz.judge import demand, demand_plain
from fuzz.texts import HOSTILE, spec

NEEDS: tuple[str, ...] = ()
WITH_TORCH = {"import", "weights"}
"""Commands that import torch, which have targets of their own."""
SPECS = [
    "a.arch",
    "b.arch",
    "-",
    "a.arch:B",
    "a.arch(w=3)",
    ".",
    "no.arch",
    "a.arch:",
    "-:A",
    "below",
    "net.json",
    "a.arch(w)",
]
PLACES = [
    "-",
    "out",
    "out/",
    "out.py",
    "out.svg",
    "out.json",
    "out.html",
    "below/x.py",
    "a.arch",
    "below",
    ".",
    "link.py",
    "no/such/x.svg",
]
"""Where output goes: never outside the folder."""
VALUES = [
    *HOSTILE, *SPECS, "w=3", "w=3x3", "classes=10", "=", "p=", "w=1e999", "32x32x3", "0x0x0", "8X8X4", "784",
    "224x224x3 ", "a,b", "layer,params", "params", "top-1 error", "auto", "K", "2", "8.5cm", "fvcore", "paper", "3.4M",
    "conv", "E0701", "every", "bash", "new1", "", " ", "--", "-o", "--format", "json", "--all", "svg", "pdf", "300",
    "blocks", "graph", "w=1:3", "w=1,2", "w=0.5:1:0.5", "depth=1:2", "params < 3K", "w == 1 or params/w > 3",
    "1/3", "x.csv", "-params,w",
]  # fmt: skip


class Asked(NamedTuple):
    """The words of a command, the file `a.arch`, and what comes through a pipe."""

    words: tuple[str, ...]
    text: str
    piped: str


def given(pen: Choices) -> Asked:
    """A command with some of its options, and words where it takes any."""
    name = pen.one_of(sorted({*commands.names()} - WITH_TORCH))
    words = [*_words(name, pen)]
    if pen.chance(10):
        words.insert(pen.number(0, len(words)), _safe(pen.one_of(VALUES)))
    places = Choices(bytes(pen.number(0, 255) for _ in range(20)))
    return Asked((name, *words), spec(pen), spec(places) if "-" in words else "")


def _words(name: str, pen: Choices) -> Iterator[str]:
    parser = ArgumentParser()
    commands.command(name).arguments(parser)
    for action in parser._actions:
        if action.option_strings and pen.chance(70 if not action.required else 5):
            continue
        yield from action.option_strings[:1]
        if action.nargs == 0:
            continue
        for _ in range(pen.number(1, 3) if action.nargs in ("+", "*") else 1):
            choices = [str(choice) for choice in action.choices or ()]
            usual = PLACES if action.dest == "out" else choices or (SPECS if "SPEC" in str(action.metavar) else VALUES)
            yield pen.one_of(usual) if action.dest == "out" or pen.chance(85) else _safe(pen.one_of(VALUES))


def _safe(word: str) -> str:
    """A word that names no place outside the folder, whatever takes it for one."""
    return word if word in SPECS or not ("/" in word or ".." in word) else word.replace("/", "_").replace("..", "_")


def ask(given: Asked) -> None:
    """Run it; it ends with an exit code, says why where that is not 0, and leaves whole files."""
    with TemporaryDirectory() as folder, _inside(Path(folder)), _streams(given.piped) as (out, err):
        _written(given.text)
        before = set(Path().rglob("*"))
        try:
            code = main(given.words)
        except SystemExit as exit:
            code = int(exit.code or 0)
        said, complaint = out(), err()
        left = [path for path in Path().rglob("*") if path not in before and path.name.startswith(".")]
    demand(code in (0, 1, 2), f"an exit code: {code}")
    demand(code == 0 or complaint or said, f"nothing is said of exit code {code}")
    demand("Traceback" not in complaint, f"a traceback: {complaint}")
    demand(not left, f"half a file is left: {left}")
    demand_plain(complaint, "what is wrong")
    if "html" not in given.words:
        demand_plain(said, "the output")


def _written(text: str) -> None:
    Path("below").mkdir()
    Path("a.arch").write_bytes(text.encode("utf-8", "surrogatepass"))
    Path("b.arch").write_text("network b(w=2)\ninput 8x8x4\n| conv3-w |\n", "utf-8")
    Path("below/c.arch").write_text("network c\ninput 8x8x4\n| cnov3-4 |\n", "utf-8")
    Path("net.json").write_text('{"name": "n"}', "utf-8")
    Path("link.py").symlink_to("below/linked.py")


@contextmanager
def _inside(folder: Path) -> Iterator[None]:
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


@contextmanager
def _streams(piped: str) -> Iterator[list[Callable[[], str]]]:
    """Standard streams of the command's own; what it says, by asking."""
    before = sys.stdin, sys.stdout, sys.stderr
    files = [io.TextIOWrapper(io.BytesIO(), "utf-8") for _ in range(2)]
    sys.stdin = io.TextIOWrapper(io.BytesIO(piped.encode("utf-8", "surrogatepass")), "utf-8")
    sys.stdout, sys.stderr = files
    try:
        yield [_reader(file) for file in files]
    finally:
        sys.stdin, sys.stdout, sys.stderr = before


def _reader(file: io.TextIOWrapper) -> Callable[[], str]:
    def read() -> str:
        file.flush()
        buffer = file.buffer
        assert isinstance(buffer, io.BytesIO)
        return buffer.getvalue().decode("utf-8", "surrogateescape")

    return read
