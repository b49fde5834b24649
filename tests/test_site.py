"""The pages as a site: all of them, no link that leads nowhere, and nothing that a reader's browser would fetch."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FETCHED = re.compile(r"<(?:script|link|img|iframe)\b[^>]*(?:src|href)=\"(?:https?:)?//[^\"]*")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built as ``nox -s docs`` builds it."""
    folder = tmp_path_factory.mktemp("site")
    words = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return folder


def test_every_page_is_there(site: Path) -> None:
    pages = [path.relative_to(ROOT / "docs") for path in (ROOT / "docs").rglob("*.md")]
    assert [page for page in pages if not (site / page).with_suffix(".html").exists()] == []


def test_nothing_comes_from_a_network(site: Path) -> None:
    assert [found for path in site.rglob("*.html") for found in FETCHED.findall(path.read_text("utf-8"))] == []


def test_a_heading_has_the_anchor_of_github_and_a_file_of_the_checkout_its_name(site: Path) -> None:
    assert 'id="what-is-counted-and-how"' in (site / "counting.html").read_text("utf-8")
    index = (site / "index.html").read_text("utf-8")
    assert 'href="start.html"' in index
    corpus = (site / "corpus.html").read_text("utf-8")
    assert "../specs/" not in corpus
    assert "specs/" in corpus


def test_a_page_without_a_place_in_the_book_is_refused(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "index.md").write_text("# Book\n\n[gone](gone.md) and [there](index.md#nowhere)\n")
    (tmp_path / "docs" / "new.md").write_text("# New\n")
    text = (ROOT / "mkdocs.yml").read_text().partition("nav:\n  - The")[0] + "nav: [index.md]\n"
    (tmp_path / "mkdocs.yml").write_text(text.replace("[tools/site.py]", "[]"))
    words = [sys.executable, "-m", "mkdocs", "build", "--strict"]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "new.md" in done.stderr
    assert "gone.md" in done.stderr
    assert "nowhere" in done.stderr
