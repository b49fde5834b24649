"""Every format writes what a scene holds, whatever the texts in it mean to programs that read the format."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterable
from pathlib import Path

import pytest
from hostile_scene import all_looks

from archspec.diagnostics import ArchError
from archspec.figures.figure import Figure
from archspec.figures.formats import pdf, png, svg
from archspec.figures.formats import tex as tikz
from archspec.figures.formats._tex_text import tex
from archspec.figures.room import rooms
from archspec.figures.scene import Box, Line, Scene, Text, leaves

needs_tex = pytest.mark.skipif(
    not all(map(shutil.which, ("pdflatex", "kpsewhich", "pdftotext")))
    or subprocess.run(["kpsewhich", "standalone.cls"], capture_output=True).returncode != 0,
    reason="needs pdflatex, standalone and pdftotext",
)
DOCUMENT = r"""\documentclass{article}
\usepackage{tikz}
PREAMBLE
\begin{document}
before \input{figure.tex}after BODY
\end{document}
"""


def texts(scene: Scene) -> Iterable[str]:
    return (item.text for item in leaves(scene.items) if isinstance(item, Text))


def test_svg_says_what_the_scene_says_and_nothing_else() -> None:
    root = ElementTree.fromstring(svg.written(all_looks()))
    space = "{http://www.w3.org/2000/svg}"
    said = [element.text or "" for element in root.iter(f"{space}text")]
    plain = [re.sub(r"[\x00-\x08\x0b-\x1f]", "\ufffd", text).replace("\ufffd", "?") for text in texts(all_looks())]
    assert [text.replace("\ufffd", "?").replace("\n", " ") for text in said] == [p.replace("\n", " ") for p in plain]
    allowed = {"svg", "title", "desc", "g", "rect", "path", "text"}
    assert {element.tag.removeprefix(space) for element in root.iter()} == allowed


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("conv 3×3, 64", r"conv 3\ensuremath{\times}3, 64"),
        ("a_b^c~d\\e", r"a\_b\textasciicircum{}c\textasciitilde{}d\textbackslash{}e"),
        ("{50%} & #1 $x", r"\{50\%\} \& \#1 \$x"),
        ("--input", r"-\mbox{}-input"),
        ("a  b\n\nc\x0bd", "a b c d"),
        ("é ő ﬁ ę", r"\'{e} \H{o} \archspecunicode{FB01} \archspecunicode{0119}"),
        ("ï ĵ Ł", r"\"{\i{}} \^{\j{}} \L{}"),
        ("λ Σ", r"\ensuremath{\lambda} \ensuremath{\Sigma}"),
        ("中", r"\archspecunicode{4E2D}"),
        ("a\x00\u2028b", "aU+0000 b"),
    ],
)
def test_tex_prints_every_sign(text: str, written: str) -> None:
    assert tex(text) == written


def test_no_text_begins_a_comment_a_command_or_a_line_of_its_own_in_tex() -> None:
    lines = tikz.written(all_looks()).splitlines()
    assert all(line.isascii() and line.isprintable() for line in lines)
    nodes = [line for line in lines if line.startswith(r"\node")]
    assert len(nodes) == len(list(texts(all_looks())))
    commands = r"\\(?:[-{}$&#%_'^\"`]|[rHvuc=.](?=\{)|[a-zA-Z]+)"
    known = {
        "node",
        "archspecfont",
        "archspecbold",
        "archspecfit",
        "archspecunicode",
        "ensuremath",
        "dots",
        "times",
        "mbox",
    }
    for line in nodes:
        words = {word[1:] for word in re.findall(commands, line) if word[1:].isalpha()}
        said = {word for word in words if not word.startswith("text") and len(word) > 2}
        assert said - known <= {"rightarrow", "leq", "alpha"}
        assert re.sub(r"\\[{}]", "", line).count("{") == re.sub(r"\\[{}]", "", line).count("}")
        assert not re.search(r"(?<!\\)[%$&#^~]", re.sub(r"\\[\^~]", "", line))


@needs_tex
def test_tex_compiles_by_itself_in_the_size_of_the_scene(tmp_path: Path) -> None:
    said = printed(tmp_path, "figure", tikz.written(all_looks()))
    assert r"\input{/etc/passwd} \write18{ls} % ^^5c {}{ }}} $x$ & # _ ~ \end{document}" in said
    assert "]]> &amp; </svg></text><script>alert(1)</script><!-- -->" in said
    assert re.search(r"R[eé´]+sNet × 2 → 7×7 ≤ 8", said.replace("\u0301", "")), said
    assert "U+4E2D" in said
    assert "root:" not in said


@needs_tex
def test_tex_is_put_into_a_document_that_restyles_it(tmp_path: Path) -> None:
    (tmp_path / "figure.tex").write_text(tikz.written(all_looks()), "utf-8")
    preamble = r"""\pdfcompresslevel=0 \pdfobjcompresslevel=0
\definecolor{archspecConvFill}{rgb}{0,1,0}
\tikzset{archspec/box.pool/.style={fill=red}}
\newcommand\archspecbold{\typeout{BOLD: mine}}
\catcode`\;=13 \catcode`\:=13 \catcode`\"=13 \catcode`\!=13 \catcode`\_=13
\def;{X}\def:{Y}\def"{Z}\def!{W}\def_{V}
"""
    body = r"\typeout{LINE\ifcsname\string\color@archspecConvLine\endcsname known\else unknown\fi}"
    document = DOCUMENT.replace("PREAMBLE\n", "").replace("BODY", body)
    document = document.replace("\\begin{document}\n", "\\begin{document}" + preamble)
    said = printed(tmp_path, "document", document)
    assert "before" in said
    assert "conv 3×3, 64" in said
    log = (tmp_path / "document.log").read_text("latin-1")
    page = (tmp_path / "document.pdf").read_bytes()
    assert b"\n0 1 0 rg" in page, "the area of convolutions"
    assert b"\n1 0 0 rg" in page, "the area of pools"
    assert "BOLD: mine" in log
    assert "LINEunknown" in log, "the colours of a figure stay in it"


@needs_tex
def test_a_document_without_tikz_is_told_so(tmp_path: Path) -> None:
    (tmp_path / "figure.tex").write_text(tikz.written(all_looks()), "utf-8")
    document = DOCUMENT.replace("\\usepackage{tikz}\nPREAMBLE", "").replace("BODY", "")
    assert "The figure needs TikZ" in compiled(tmp_path, "document", document).stdout


def printed(folder: Path, name: str, text: str) -> str:
    """What the pages of a TeX file say, with line ends as blanks."""
    done = compiled(folder, name, text)
    assert done.returncode == 0, done.stdout[-2000:]
    pages = subprocess.run(["pdftotext", "-layout", f"{name}.pdf", "-"], cwd=folder, capture_output=True, check=True)
    return " ".join(pages.stdout.decode().replace("’", "'").split())


def compiled(folder: Path, name: str, text: str) -> subprocess.CompletedProcess[str]:
    (folder / f"{name}.tex").write_text(text, "utf-8")
    options = ["-no-shell-escape", "-halt-on-error", "-interaction=nonstopmode"]
    return subprocess.run(["pdflatex", *options, name], cwd=folder, capture_output=True, text=True, errors="replace")


def test_a_text_has_room_up_to_what_stands_beside_it() -> None:
    def room(*beside: Box | Line | Text, anchor: str = "middle") -> float:
        text = Text(50, 20, "ab", "text", 10, anchor)  # type: ignore[arg-type]
        return rooms(Scene(100, 40, (text, *beside), ""))[0]

    wide = 11.12
    assert room() == pytest.approx(98), "the page"
    assert room(anchor="start") == pytest.approx(49)
    assert room(Box(40, 5, 30, 30, "box.conv")) == pytest.approx(18), "the nearer edge of the box, on both sides"
    assert room(Line(((80, 0), (80, 40)), "line.flow"), anchor="start") == pytest.approx(29)
    assert room(Text(75, 20, "x", "text"), anchor="start") == pytest.approx(24)
    assert room(Text(75, 38, "x", "text"), anchor="start") == pytest.approx(49), "another line"
    assert room(Box(50, 5, wide, 30, "box.conv"), anchor="start") == pytest.approx(wide), "never less than it needs"


def test_a_format_that_needs_a_library_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "vl_convert", None)
    for format in (pdf, png):
        with pytest.raises(ArchError) as raised:
            format.written(all_looks())
        (said,) = raised.value.diagnostics
        assert said.code == "E1110"
        assert said.help == "pip install 'archspec-nn[figures]'"


def test_dots_are_asked_of_formats_that_have_some() -> None:
    figure = Figure(all_looks())
    for ending in ("svg", "pdf", "tex"):
        with pytest.raises(ArchError) as raised:
            figure.written(ending, dpi=100)
        assert [each.code for each in raised.value.diagnostics] == ["E1112"]
