"""What reaches a terminal: widths, colours, cut columns, carets, and no control characters."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wcwidth import wcswidth

from archspec.cli import main
from archspec.counting.printed import Verdict
from archspec.diagnostics import Diagnostic, Source, Span, diagnostic_text
from archspec.support.terminal import (
    Style,
    clipped,
    columns,
    padded,
    printable,
    style_for,
    terminal_width,
    width,
)

ROOT = Path(__file__).parent.parent
CHINESE = """network n
title "网络"
input 32x32x3

| layer    | op              | output  |
|----------|-----------------|---------|
| 卷积层   | conv3-8         | 32x32x8 |
| pool     | maxpool         | 16x16x8 |
| ｆｃ     | fc 10           | 10      |
| e\u0301tage | softmax      | 10      |

claims
| source | params |
|--------|--------|
| 表 1   | 20,714 |
"""


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def plain(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")


@pytest.mark.usefixtures("plain")
def test_colour_is_for_terminals() -> None:
    assert style_for(Terminal()).colour
    assert not style_for(io.StringIO()).colour


@pytest.mark.usefixtures("plain")
@pytest.mark.parametrize(
    ("name", "value", "on_terminal", "in_pipe"),
    [
        ("NO_COLOR", "1", False, False),
        ("NO_COLOR", "", True, False),
        ("FORCE_COLOR", "1", True, True),
        ("FORCE_COLOR", "", True, False),
        ("TERM", "dumb", False, False),
    ],
)
def test_the_environment_has_the_last_word(
    name: str, value: str, on_terminal: bool, in_pipe: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    assert style_for(Terminal()).colour is on_terminal
    assert style_for(io.StringIO()).colour is in_pipe


@pytest.mark.usefixtures("plain")
def test_no_color_outdoes_force_color(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert not style_for(Terminal()).colour


def test_a_style_paints_or_leaves_plain() -> None:
    assert Style(True)("x", "bold", "red") == "\033[1;31mx\033[0m"
    assert Style(False)("x", "bold") == Style(True)("x") == "x"
    assert Style(True)("", "bold") == ""


def test_the_width_of_a_terminal_is_asked_of_terminals_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "77")
    assert terminal_width(Terminal()) == 77
    assert terminal_width(io.StringIO()) is None


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=20), st.integers(1, 30))
def test_a_clipped_text_fits_and_is_its_beginning(text: str, limit: int) -> None:
    text = printable(text)
    cut = clipped(text, limit)
    assert width(cut) <= limit or cut == "…"
    assert text.startswith(cut.removesuffix("…"))
    if width(text) <= limit:
        assert cut == text


@given(st.text(max_size=20), st.integers(0, 30), st.booleans())
def test_a_padded_text_has_the_width_it_needs(text: str, wide: int, right: bool) -> None:
    text = printable(text)
    full = padded(text, wide, right)
    assert width(full) == max(width(text), wide)
    assert full.strip(" ") == text.strip(" ")


@given(st.text(max_size=30))
def test_printable_text_moves_no_cursor(text: str) -> None:
    shown = printable(text)
    assert shown.isprintable()
    assert len(shown) == len(text)
    assert wcswidth(shown) >= 0


def test_wide_and_combining_characters_are_measured() -> None:
    assert [width(text) for text in ("abc", "卷积", "ｆ", "e\u0301", "")] == [3, 4, 2, 1, 0]


def test_columns_of_chinese_names_align(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "n.arch"
    path.write_text(CHINESE, "utf-8")
    assert main(["count", str(path)]) == 0
    lines = capsys.readouterr().out.splitlines()
    header = next(line for line in lines if line.startswith("layer"))
    rows = [line for line in lines if line.startswith(("卷积层", "pool", "ｆｃ", "e\u0301tage"))]
    assert len(rows) == 4
    for row, word in zip(rows, ("conv3-8", "maxpool", "fc 10", "softmax"), strict=True):
        assert width(row[: row.index(word)]) == header.index("op")


def test_only_the_flexible_column_is_cut() -> None:
    rows = [("layer", "op", "n"), ("a", "x" * 50, "1"), ("b", "卷" * 20, "22")]
    lines = columns(rows, (False, False, True), 30, flexible=1)
    assert max(width(line) for line in lines) == 30
    assert all(line.endswith(end) for line, end in zip(lines, ("n", " 1", "22"), strict=True))
    assert "…" in lines[1]
    assert columns(rows, (False, False, True), None, flexible=1)[1].count("x") == 50


def test_a_narrow_terminal_keeps_eight_columns_of_each_op() -> None:
    lines = columns([("name", "x" * 50)], (False, False), 5, flexible=1)
    assert lines == ["name  xxxxxxx…"]


def test_the_caret_stands_under_wide_characters() -> None:
    source = Source("s", "| 卷积 | 层 | xx |")
    text = diagnostic_text(Diagnostic("E0000", "m", Span(source, 1, 11, 13), "here"))
    shown, under = text.splitlines()[3:5]
    assert width(under[: under.index("^")]) == width(shown[: shown.index("xx")])
    assert diagnostic_text(Diagnostic("E0000", "m", Span(source, 1, 2, 4))).count("^") == 4


def test_a_diagnostic_without_a_place_has_its_notes() -> None:
    text = diagnostic_text(Diagnostic("E0000", "m", notes=("a", "b"), help="c", severity="warning"))
    assert text == "warning[E0000]: m\n = a\n = b\n = help: c"


def test_the_end_of_a_line_can_be_pointed_at() -> None:
    text = diagnostic_text(Diagnostic("E0000", "m", Span(Source("s", "ab"), 1, 2, 3)))
    assert text.splitlines()[4] == "  |   ^"


CONTROL = "\x1b]0;owned\x07\x1b[31m\x08\x9b2J\u202e\u2028"
HEAD = f'network n(word="W{CONTROL}")\ntitle "T{CONTROL}"\npaper "P{CONTROL}", R{CONTROL}\ninput 8x8x4\n'
CLAIMS = f"claims\n| source | params | top{CONTROL} error |\n|---|---|---|\n| T{CONTROL} | 1 | 5 |\n"
EVIL = {
    "in texts": f"{HEAD}| layer | op |\n|---|---|\n| a{CONTROL} | conv3-8 |\n\n{CLAIMS}",
    "in code": f"network n{CONTROL}\ninput 8x8x4\n| conv3-8 {CONTROL} |\n{CONTROL} x\n",
    "in headers": f"network n\ninput 8x8x4\n| layer | op | out{CONTROL} |\n|---|---|---|\n| a | conv3-8, {CONTROL}=3 | x |\n",
}
COMMANDS = [
    *(["count", "--format", form] for form in ("text", "csv", "markdown", "json")),
    *(["check", "--format", form] for form in ("text", "csv", "markdown", "json")),
    ["emit"],
    ["compile"],
]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
@pytest.mark.parametrize("spec", EVIL.values(), ids=EVIL)
def test_control_characters_never_reach_the_terminal(
    command: list[str], spec: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("case.arch").write_text(spec, "utf-8")
    assert main([*command, "case.arch"]) == 1
    out, err = capsys.readouterr()
    assert err + out
    assert {c for c in out + err if not c.isprintable()} == {"\n"}


def test_control_characters_in_arguments_are_shown_harmlessly(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["count", "no\x1b[31msuch.arch"]) == 1
    assert main(["check", "no\x1b[31msuch.arch", "--format", "text"]) == 1
    assert main(["check", "no\x1b[31msuch.arch", "--format", "markdown"]) == 1
    assert main(["count", "specs/\x1b[2J:D", "-p", "\x1b]0;x\x07=1"]) == 1
    assert main(["explain", "E\x1b[31m"]) == 2
    out, err = capsys.readouterr()
    assert {c for c in out + err if not c.isprintable()} == {"\n"}


def on_a_terminal(columns: int, *args: str, **env: str) -> str:
    """What a command writes to a real terminal of that many columns."""
    pty = pytest.importorskip("pty")
    import fcntl
    import struct
    import termios

    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    clean = {n: v for n, v in os.environ.items() if n not in ("NO_COLOR", "FORCE_COLOR", "COLUMNS")}
    command = [sys.executable, "-m", "archspec", *args]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=slave, stderr=slave, env=clean | {"TERM": "xterm"} | env
    ) as process:
        os.close(slave)
        text = b"".join(chunks(master)).decode()
        process.wait(timeout=60)
    os.close(master)
    return text.replace("\r\n", "\n")


def chunks(master: int) -> Iterator[bytes]:
    while True:
        try:
            chunk = os.read(master, 65536)
        except OSError:  # the other side is closed
            return
        if not chunk:
            return
        yield chunk


def test_a_real_terminal_gets_colour_and_fitting_lines() -> None:
    text = on_a_terminal(100, "count", "specs/vgg_D.arch")
    assert "\033[1mvgg_D\033[0m" in text
    table = [line for line in text.splitlines() if line.startswith(("conv", "pool", "fc", "prob"))]
    assert len(table) == 14
    assert max(map(len, table)) <= 100
    narrow = on_a_terminal(70, "count", "specs/vgg_D.arch", NO_COLOR="1")
    assert "\033" not in narrow
    assert "FC-clas" in narrow
    assert "FC-classes, no relu, no dropout" not in narrow


LONG = """network n(classes=10)
input 8x8x4
| layer | op         |
|-------|------------|
| a     | fc classes |

claims
| source | classes | counted                      | params | top-1 error on a data set with a long name, validation error |
|--------|---------|------------------------------|--------|--------------------------------------------------------------|
| Table 9 in the supplementary material of the second edition | 20 | no fc weights, no bias, with statistics | 0 | 20.5 |
| 表 9 表 9 表 9 表 9 表 9 表 9 表 9 | | | 2,570 | 20.5 |
"""


@pytest.mark.parametrize("command", ["count", "check"])
def test_a_table_of_claims_fits_a_real_terminal(command: str, tmp_path: Path) -> None:
    path = tmp_path / "n.arch"
    path.write_text(LONG, "utf-8")
    for spec in (str(path), "specs/alexnet.arch"):
        lines = on_a_terminal(80, command, spec, NO_COLOR="1").splitlines()
        start = next(i for i, line in enumerate(lines) if line.startswith("printed"))
        table = list(takewhile(lambda line: line and ".arch: " not in line, lines[start:]))
        assert len(table) > 4
        assert max(width(line) for line in table) <= 80
        figures = [line for line in table[1:] if not line.startswith("  ")]  # below some stands their arithmetic
        assert all(any(verdict in line for verdict in get_args(Verdict)) for line in figures)


def test_a_narrow_terminal_cuts_the_widest_texts_and_no_numbers() -> None:
    lines = columns([("p" * 60, "q" * 40, "9" * 20, "short")], (False, False, True, False), 80)
    assert lines == ["p" * 23 + "…  " + "q" * 24 + "…  " + "9" * 20 + "  short"]
    lines = columns([("p" * 60, "q" * 40, "9" * 20, "short")], (False, False, True, False), 60)
    assert lines == ["p" * 16 + "…  " + "q" * 11 + "…  " + "9" * 20 + "  short"]


def test_one_cell_that_is_far_longer_makes_no_column_wide() -> None:
    rows = [("a", "b"), *[("x" * 9, "y")] * 20, ("z" * 90, "y")]
    lines = columns(rows, (False, False))
    assert lines[1] == "x" * 9 + "  y"
    assert lines[-1] == "z" * 90 + "  y"
    assert columns(rows, (False, False), 60)[-1] == "z" * 8 + "…  y"
    assert columns(rows, (False, False), 200)[1] == "x" * 9 + " " * 81 + "  y"
    assert columns([("x" * 60, "y"), ("x" * 70, "y")], (False, False))[0] == "x" * 60 + " " * 10 + "  y"
