"""Specs whose titles and names mean something to what reads figures: in every style and format they are only text."""

from __future__ import annotations

import re
import shutil
import subprocess
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from pathlib import Path

import pytest
from hostile_scene import HOSTILE

from archspec import Compiled, loads
from archspec.figures.files import style_names

SPEC = """network t(n=2)
title "{title}"
input 8x8x4

block kept(c)
| conv 3x3, c |

| layer | op |
|-------|----|
| {name} | conv 3x3, 4; relu |
| {name}. | kept 4 |
| b | conv 3x3, 8 x n |
| {name} 2 | maxpool 2x2, /2 |
"""


def hostile(text: str) -> Compiled:
    plain = " ".join(text.split()).replace("|", "/")
    return loads(SPEC.format(title=plain.replace('"', "'"), name=plain))


def svg(text: str) -> None:
    root = ElementTree.fromstring(text)
    tags = {element.tag.rpartition("}")[2] for element in root.iter()}
    assert tags <= {"svg", "title", "desc", "g", "rect", "path", "text", "style", "circle", "line"}
    assert not [name for element in root.iter() for name in element.attrib if name.startswith("on") or "href" in name]


def tex(text: str) -> None:
    lines = text.splitlines()
    assert all(line.isascii() and line.isprintable() for line in lines)
    for line in lines:
        if line.startswith(r"\node"):
            unescaped = re.sub(r"\\[{}%$&#_^~\\\"'`]", "", line)
            assert unescaped.count("{") == unescaped.count("}"), line
            assert not re.search(r"[%$&#~]", unescaped), line
    words = {"input", "write", "end", "document", "usepackage"}
    assert not {word for line in lines if line.startswith(r"\node") for word in re.findall(r"\\(\w+)", line)} & words


def dot(text: str) -> None:
    assert all(line.isprintable() for line in text.splitlines())
    strings = r'"(?:[^"\\]|\\["\\n])*"'
    rest = re.sub(strings, '""', text)
    assert set(rest) <= set('abcdefghijklmnopqrstuvwxyzH0123456789_ {}[]=,;>-.\n"')


def mmd(text: str) -> None:
    lines = text.splitlines()
    assert all(line.isprintable() for line in lines)
    assert not re.search("[%`\\\\<>]", re.sub("<br/>|-->|-[.]->|\\\\u[0-9a-f]{4}", "", text))
    assert all(line.count('"') in (0, 2) for line in lines)
    assert not any(re.match(r"\s*(click|style|linkStyle|%%|call|href)\b", line) for line in lines)


CHECKS: dict[str, Callable[[str], None]] = {"svg": svg, "tex": tex, "dot": dot, "mmd": mmd}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("style", style_names())
def test_texts_of_a_spec_are_only_text(style: str, text: str) -> None:
    figure = hostile(text).draw(style=style)
    for ending, check in CHECKS.items():
        made = figure.written(ending)
        assert isinstance(made, str)
        check(made)


@pytest.mark.skipif(not shutil.which("pdflatex"), reason="needs pdflatex")
@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_texts_of_a_spec_compile(text: str, tmp_path: Path) -> None:
    if subprocess.run(["kpsewhich", "standalone.cls", "tikz.sty"], capture_output=True).stdout.count(b"\n") < 2:
        pytest.skip("needs standalone and TikZ")
    hostile(text).draw().save(tmp_path / "x.tex")
    command = ["pdflatex", "-no-shell-escape", "-halt-on-error", "-interaction=nonstopmode", "x.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, errors="replace")
    assert done.returncode == 0, done.stdout[-1000:]
    assert "root:" not in done.stdout


@pytest.mark.skipif(not shutil.which("dot"), reason="needs Graphviz")
@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_graphviz_reads_texts_of_a_spec(text: str) -> None:
    made = hostile(text).draw().written("dot")
    assert isinstance(made, str)
    done = subprocess.run(["dot", "-Tsvg"], input=made.encode(), capture_output=True)
    assert (done.returncode, b"rror" in done.stderr) == (0, False)
    svg_of_graphviz = ElementTree.fromstring(done.stdout)
    assert not [e for e in svg_of_graphviz.iter() if e.tag.rpartition("}")[2] in ("script", "image", "a")]
