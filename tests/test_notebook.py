"""Notebooks: cells that hold specs, and what networks, diffs and audits are shown as; the page runs in a kernel."""

from __future__ import annotations

import asyncio
import json
import re
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
from commands import FAMILY, TINY
from notebooks import Shell

import archspec
from archspec import ArchError
from archspec.commands._notebook import Stopped

ROOT = Path(__file__).parent.parent
TAGS = "table caption thead tbody tfoot tr th td b cite span br p pre mark ul li svg title desc g rect path text"
DRAWN = "xmlns width height viewbox font-family role aria-label class data-name x y rx d fill stroke stroke-width"
TEXT = "stroke-dasharray font-size font-weight text-anchor transform"
EVIL = "<script>alert(1)</script><img src=x onerror=y>&amp;"


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    monkeypatch.chdir(tmp_path)
    made = Shell()
    assert made.run("%load_ext archspec") is None
    return made


class Tags(HTMLParser):
    """The tags and the words of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.words = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.words += data


def assert_harmless(html: str) -> Tags:
    page = Tags(html)
    assert page.tags <= {*TAGS.split()}
    assert page.attributes <= {"id", "style", "scope", "colspan", *DRAWN.split(), *TEXT.split()}
    assert html.isascii()
    return page


def test_a_cell_is_compiled_and_named(shell: Shell) -> None:
    found = shell.run(f"%%arch net\n{TINY}")
    assert shell.names["net"] is found
    assert found.params == 2718
    assert shell.shown == []
    assert "2,718" in found._repr_html_()


def test_a_cell_takes_settings(shell: Shell) -> None:
    assert shell.run(f"%%arch net -p classes=20 --input 4x4x4\n{TINY}").params == 148 + 64 * 20 + 20
    assert shell.run(f"%%arch --variant B\n{FAMILY}").params == 2866
    assert "net" in shell.names
    assert len(shell.names) == 1 + ("__builtins__" in shell.names)


def test_a_cell_may_name_files_beside_the_notebook(shell: Shell) -> None:
    Path("tiny.arch").write_text(TINY)
    found = shell.run('%%arch more\nnetwork more like "tiny.arch"\n\n| layer | op |\n|---|---|\n| a | conv3-8 |\n')
    assert found.rows[0].output.dims == [8, 8, 8]
    with pytest.raises(Stopped):
        shell.run('%%arch more\nnetwork more like "../tiny.arch"\n')
    assert "leads out of the folder" in shell.shown[-1]["text/plain"]


def test_what_is_wrong_is_shown_with_its_place_and_nothing_is_named(shell: Shell) -> None:
    with pytest.raises(Stopped) as stopped:
        shell.run(f"%%arch net\n{TINY.replace('conv3-4', 'cnov3-4')}")
    [shown] = shell.shown
    page = assert_harmless(shown["text/html"])
    assert "<mark>cnov3-4</mark>" in shown["text/html"]
    assert "error[E0601]: there is no layer or block `cnov3`" in page.words or "E0601" in page.words
    assert "cell:5:" in page.words
    assert shown["text/plain"].startswith("error[E0601]")
    assert "net" not in shell.names
    assert stopped.value._render_traceback_() == ["archspec: 1 diagnostic; nothing was compiled"]


def test_a_figure_that_disagrees_is_shown_and_the_network_named(shell: Shell) -> None:
    shell.run(f"%%arch net\n{TINY.replace('148', '149')}")
    [shown] = shell.shown
    assert "<mark>149</mark>" in shown["text/html"]
    assert "has 148 params" in Tags(shown["text/html"]).words
    assert not shell.names["net"].holds


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("1x", "`1x` is not a name of Python"),
        ("class", "`class` is not a name of Python"),
        ("a b", "unrecognized arguments: b"),
        ("a --widht 2", "unrecognized arguments: --widht 2"),
        ("a -p", "expected one argument"),
        ('a "b', 'No closing quotation in `a "b`'),
        ("a -p width", "write `-p NAME=VALUE`"),
        ("a --input big", "write `--input 224x224x3`"),
        ("a -p b=1 -p b=2", "sets `b` more than once"),
    ],
)
def test_options_that_cannot_be_read_stop_the_cell(shell: Shell, line: str, said: str) -> None:
    with pytest.raises(Stopped) as stopped:
        shell.run(f"%%arch {line}\n{TINY}")
    assert said in str(stopped.value)
    assert "a" not in shell.names


@pytest.mark.parametrize("text", ["", "\n\n", "hello", "\ud800", "\x00", "network n\n", TINY * 2])
def test_no_cell_gives_a_traceback(shell: Shell, text: str) -> None:
    with pytest.raises(Stopped):
        shell.run(f"%%arch net\n{text}")
    assert_harmless(shell.shown[-1]["text/html"])


def test_text_of_a_cell_is_no_markup(shell: Shell) -> None:
    with pytest.raises(Stopped):
        shell.run(f"%%arch net\n{TINY.replace('conv3-4', EVIL)}")
    page = assert_harmless(shell.shown[-1]["text/html"])
    assert EVIL in page.words


def test_very_many_diagnostics_are_counted(shell: Shell) -> None:
    rows = "".join(f"| cnov {i} |\n" for i in range(150))
    with pytest.raises(Stopped, match="150 diagnostics"):
        shell.run(f"%%arch net\nnetwork n\ninput 8x8x4\n{rows}")
    assert "and 50 more" in shell.shown[-1]["text/html"]


def test_a_long_line_is_cut_around_the_place(shell: Shell) -> None:
    cell = "; ".join(["conv3-4"] * 200 + ["cnov3-4"] + ["conv3-4"] * 200)
    with pytest.raises(Stopped):
        shell.run(f"%%arch net\nnetwork n\ninput 8x8x4\n| {cell} |\n")
    html = shell.shown[-1]["text/html"]
    assert "<mark>cnov3-4</mark>" in html
    assert len(html) < 1500


# Diffs and audits.


def test_a_diff_takes_networks_and_specs() -> None:
    spec = str(ROOT / "specs" / "vgg.arch")
    found = archspec.diff(f"{spec}:D", f"{spec}:E")
    d, e = archspec.load(f"{spec}:D"), archspec.load(f"{spec}:E")
    same = archspec.diff(d, e)
    assert found.found.rows == same.found.rows
    assert (found.found.a, same.found.a) == (f"{spec}:D", "vgg_D")
    jsonschema.validate(json.loads(found.to_json()), json.loads((ROOT / "docs" / "diff.schema.json").read_text()))
    assert "| **" not in found.to_markdown().split("\n")[0]
    page = assert_harmless(found._repr_html_())
    for text in ("conv3-512 x 4", f"{e.params - d.params:+,}", "mult-adds"):
        assert text in page.words
        assert text in str(found)


def test_a_diff_of_wrong_specs_raises() -> None:
    with pytest.raises(ArchError, match="cannot read"):
        archspec.diff("none.arch", "none.arch")


def test_a_diff_says_no_markup_of_specs() -> None:
    one = archspec.loads(f"network n(k=1)\ninput 8x8x4\n| layer | op |\n|---|---|\n| {EVIL} | conv3-4 |\n")
    two = archspec.loads(f"network n(k=2)\ninput 8x8x4\n| layer | op |\n|---|---|\n| {EVIL} | conv3-8 |\n")
    page = assert_harmless(archspec.diff(one, two)._repr_html_())
    assert EVIL in page.words


def test_an_audit_is_a_table_of_figures(tmp_path: Path) -> None:
    spec = ROOT / "specs" / "vgg_D.arch"
    found = archspec.audit(spec)
    assert found.holds
    page = assert_harmless(found._repr_html_())
    assert "138M" in page.words
    assert "agree" in repr(found)
    jsonschema.validate(json.loads(found.to_json()), json.loads((ROOT / "docs" / "audit.schema.json").read_text()))
    assert found.to_markdown()
    (tmp_path / "evil.arch").write_text(TINY.replace("Table 1", EVIL).replace("148", "149"))
    (tmp_path / "broken.arch").write_text("network")
    wrong = archspec.audit(tmp_path)
    assert not wrong.holds
    page = assert_harmless(wrong._repr_html_())
    assert EVIL in page.words
    assert "broken.arch: not a valid spec" in page.words
    assert str(wrong)


# The page in a kernel.


def cells_of_the_page() -> list[tuple[str, str | None]]:
    """The cells of docs/notebook.md, each with what the page says that it prints."""
    found = re.findall(r"^```(\w+)\n(.*?)^```$", (ROOT / "docs" / "notebook.md").read_text("utf-8"), re.M | re.S)
    kinds = [*found, ("", "")]
    return [
        (text, after if kind == "text" else None) for (own, text), (kind, after) in pairwise(kinds) if own == "ipython"
    ]


@pytest.mark.dear
def test_the_page_runs_in_a_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    nbclient = pytest.importorskip("nbclient")
    nbformat = pytest.importorskip("nbformat")
    pytest.importorskip("ipykernel")
    monkeypatch.setenv("PYTHONPATH", str(ROOT), prepend=":")
    cells = cells_of_the_page()
    wrong = f"%%arch wrong\n{TINY.replace('conv3-4', 'cnov3-4')}"
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(text) for text, _ in [*cells, (wrong, None)]])
    client = nbclient.NotebookClient(book, timeout=60, allow_errors=True, resources={"metadata": {"path": str(ROOT)}})
    asyncio.run(client.async_execute())
    for (text, printed), cell in zip(cells, book.cells, strict=False):
        outputs: list[Any] = cell.outputs
        assert not [x for x in outputs if x.output_type == "error"], outputs
        if printed is not None:
            assert [x.text for x in outputs] == [printed]
        elif "load_ext" not in text:
            [shown] = outputs
            assert_harmless(shown.data["text/html"])
    shown, error = book.cells[-1].outputs
    assert "<mark>cnov3-4</mark>" in shown.data["text/html"]
    assert error.traceback == ["archspec: 1 diagnostic; nothing was compiled"]
