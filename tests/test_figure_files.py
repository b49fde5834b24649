"""Figures as PDF and PNG: text is text in fonts that are there, bytes are the same again, dots are as many as asked."""

from __future__ import annotations

import os
import re
import shutil
import struct
import subprocess
import sys
import zlib
from importlib.util import find_spec
from pathlib import Path

import pytest
from commands import Run, runner
from hostile_scene import HOSTILE, all_looks

from archspec.diagnostics import ArchError
from archspec.figures.formats import pdf, png
from archspec.figures.scene import Box, Scene, Text

run = pytest.fixture(runner)
pytestmark = pytest.mark.skipif(find_spec("vl_convert") is None, reason="needs vl-convert-python")
PLAIN = "ABCDEFGHIJKLMNOPQRSTUVWXYZ abcdefghijklmnopqrstuvwxyz 0123456789 ×→≤…"


def of(text: str, bold: bool = False) -> Scene:
    return Scene(400, 40, (Text(10, 20, text, "text", 8, bold=bold),), text)


def parts(made: bytes) -> dict[int, bytes]:
    """The objects of a PDF file by the places that its table gives them."""
    table = int(re.findall(rb"startxref\n(\d+)\n", made)[-1])
    lines = made[table:].splitlines()
    assert lines[0] == b"xref"
    places = [int(line.split()[0]) for line in lines[3 : 2 + int(lines[1].split()[1])]]
    assert all(made[place:].startswith(b"%d 0 obj\n" % number) for number, place in enumerate(places, 1))
    return {number: made[place : made.index(b"endobj", place)] for number, place in enumerate(places, 1)}


def test_a_pdf_is_one_page_as_large_as_the_figure_in_fonts_that_it_holds() -> None:
    objects = parts(pdf.written(all_looks()))
    said = b"\n".join(objects.values())
    assert said.count(b"/Type /Page\n") == 1
    assert b"/MediaBox [0 0 330 290]" in said
    fonts = [part for part in objects.values() if b"/Type /FontDescriptor" in part]
    assert {re.findall(rb"/FontName /[A-Z]{6}\+(\S+)", part)[0] for part in fonts} >= {
        b"LiberationSans",
        b"LiberationSans-Bold",
    }
    assert all(b"/FontFile2 " in part for part in fonts)


def test_the_letters_of_a_pdf_are_those_of_the_scene() -> None:
    """By the file's own table from its letters to Unicode, as a reader that copies text has it."""
    objects = parts(pdf.written(of(PLAIN)))
    (table,) = [part for part in objects.values() if b"/CMapName" in part]
    letters = {
        int(a, 16): bytes.fromhex(b.decode()).decode("utf-16-be") for a, b in re.findall(rb"<(\w+)> <(\w+)>", table)
    }
    streams = [part.split(b"stream\n", 1)[1] for part in objects.values() if b"/FlateDecode" in part]
    (page,) = [page for stream in streams if b" Tf" in (page := zlib.decompressobj().decompress(stream))]
    assert set(letters.values()) - {"\uffff"} == set(PLAIN)
    assert re.search(rb"\bT[jJ]\b", page)
    assert not re.search(rb"\b[cvy]\n", page), "letters, and no outlines"


@pytest.mark.skipif(not shutil.which("pdftotext"), reason="needs pdftotext")
def test_another_program_reads_the_texts_of_a_pdf(tmp_path: Path) -> None:
    (tmp_path / "figure.pdf").write_bytes(pdf.written(all_looks()))
    done = subprocess.run(["pdftotext", "-layout", tmp_path / "figure.pdf", "-"], capture_output=True, check=True)
    said = " ".join(done.stdout.decode().split())
    assert not done.stderr
    for text in (HOSTILE["tex"], HOSTILE["xml"], "conv 3×3, 64", "RésNet × 2 → 7×7 ≤ 8 …", "turned"):
        assert text in said


def test_the_same_figure_has_the_same_bytes_in_every_process() -> None:
    code = (
        "import hashlib, hostile_scene; from archspec.figures.formats import pdf, png;"
        "print(*[hashlib.sha256(each.written(hostile_scene.all_looks())).hexdigest() for each in (pdf, png)])"
    )
    path = os.pathsep.join([str(Path(__file__).parent), *sys.path])
    runs = [
        subprocess.run(
            [sys.executable, "-c", code], env=os.environ | {"PYTHONPATH": path}, capture_output=True, check=True
        )
        for _ in range(5)
    ]
    assert len({run.stdout for run in runs}) == 1


def test_a_pdf_has_the_title_of_the_figure_and_no_date() -> None:
    *_, information = parts(pdf.written(of("VGG-D (é) \\ ) >>"))).values()
    title = re.findall(rb"/Title <feff(\w*)>", information)[0].decode()
    assert bytes.fromhex(title).decode("utf-16-be") == "VGG-D (é) \\ ) >>"
    assert b"Date" not in information


def test_a_png_has_the_dots_that_are_asked_for_and_says_how_large_it_is() -> None:
    made = png.written(Scene(72, 36, (Box(0, 0, 72, 36, "page"),), "x"), dpi=200)
    assert struct.unpack(">II", made[16:24]) == (200, 100)
    at = made.index(b"pHYs") + 4
    assert struct.unpack(">IIB", made[at : at + 9]) == (7874, 7874, 1)


def test_the_command_takes_dots(run: Run) -> None:
    sizes = []
    for dots in (["--dpi", "72"], ["--dpi", "144"], []):
        assert run("draw", "tiny.arch", "-o", "tiny.png", *dots).code == 0
        sizes.append(struct.unpack(">II", Path("tiny.png").read_bytes()[16:24])[0])
    assert sizes[1] == pytest.approx(2 * sizes[0], abs=1)
    assert sizes[2] == pytest.approx(sizes[0] * 300 / 72, abs=3)
    for wrong in ("0", "x", "-1", "1e9"):
        assert run("draw", "tiny.arch", "-o", "tiny.png", "--dpi", wrong).code == 2


@pytest.mark.parametrize("dpi", [0, -1, float("nan"), float("inf"), 1e6, 1e-9])
def test_dots_that_make_no_picture_are_refused(dpi: float) -> None:
    with pytest.raises(ArchError) as raised:
        png.written(all_looks(), dpi)
    assert [each.code for each in raised.value.diagnostics] == ["E1111"]
    assert "up to" in (raised.value.diagnostics[0].help or "")


def test_a_picture_is_a_dot_wide_and_high_at_least() -> None:
    narrow = Scene(72, 7200, (Box(0, 0, 72, 7200, "page"),), "x")
    assert struct.unpack(">II", png.written(narrow, 1)[16:24]) == (1, 100)
    with pytest.raises(ArchError, match="make no picture"):
        png.written(narrow, 0.99)


@pytest.mark.skipif(os.name != "posix" or not Path("/proc/self/ns/mnt").exists(), reason="hides the fonts of Linux")
def test_letters_are_drawn_where_a_machine_has_no_fonts() -> None:
    """Ink on paper: that of a page with text less that of one without."""
    code = (
        "import sys, zlib; sys.path.insert(0, sys.argv[1]); from archspec.figures.formats import png;"
        "from archspec.figures.scene import Scene, Text;"
        "made = png.written(Scene(100, 20, (Text(5, 12, 'conv 3×3, 64', 'text', 8),), ''), 96);"
        "sys.stdout.buffer.write(made)"
    )
    hidden = 'mount -t tmpfs none /usr/share/fonts && exec "$@"'
    command = [
        "unshare",
        "--mount",
        "sh",
        "-c",
        hidden,
        "sh",
        sys.executable,
        "-c",
        code,
        str(Path(__file__).parent.parent),
    ]
    done = subprocess.run(command, capture_output=True, env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)})
    if done.returncode and b"ermi" in done.stderr:
        pytest.skip("may not hide the fonts")
    assert done.returncode == 0, done.stderr
    assert len(set(pixels(done.stdout))) > 20, "the greys of letters"


def pixels(made: bytes) -> list[bytes]:
    """The rows of a PNG file, as they are filtered."""
    data, place = b"", 8
    while place < len(made):
        (size,) = struct.unpack(">I", made[place : place + 4])
        if made[place + 4 : place + 8] == b"IDAT":
            data += made[place + 8 : place + 8 + size]
        place += size + 12
    raw = zlib.decompress(data)
    return [raw[i : i + 4] for i in range(0, len(raw), 4)]
