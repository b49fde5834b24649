"""The tests themselves: they are collected without what not everyone has, and marked by what they need."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from optional import OPTIONAL, WITNESSES

TESTS = Path(__file__).parent
FILES = sorted(TESTS.glob("test_*.py"))
WITHOUT = """
import sys
sys.modules.update(dict.fromkeys({missing}))
import pytest

pytestmark = pytest.mark.dear
sys.exit(pytest.main(["--collect-only", "-n0", "--assert=plain", "-rs", "-p", "no:cacheprovider", "-m", "slow or not slow", *{files}]))
"""


def collected_without(missing: set[str], files: list[Path]) -> str:
    """What pytest says where these packages cannot be imported."""
    script = WITHOUT.format(missing=sorted(missing), files=[str(path) for path in files])
    done = subprocess.run([sys.executable, "-c", script], cwd=TESTS.parent, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    return done.stdout


def test_all_files_are_collected_without_any_optional_package() -> None:
    said = collected_without(OPTIONAL, FILES)
    assert "test_cases.py" in said
    assert "test_corpus.py" not in said


@pytest.mark.torch
def test_a_file_that_needs_more_than_torch_is_skipped_and_says_why() -> None:
    said = collected_without(WITNESSES, [TESTS / "test_recipe_images.py", TESTS / "test_training_images.py"])
    assert "PIL is not installed" in said
    assert "test_training_images.py::" in said


@cache
def imported(path: Path) -> frozenset[str]:
    """The packages that a file of tests imports when it is imported, by itself or by another file of tests."""
    names: set[str] = set()
    for name in _imports(ast.parse(path.read_text("utf-8"))):
        helper = TESTS / f"{name}.py"
        names |= imported(helper) if helper.exists() else {name}
    return frozenset(names)


def _imports(tree: ast.Module) -> Iterator[str]:
    for node in tree.body:
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield (node.module or "").partition(".")[0]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_file_is_marked_by_what_it_imports(path: Path) -> None:
    marked = [
        node.attr
        for statement in ast.parse(path.read_text("utf-8")).body
        if isinstance(statement, ast.Assign) and ast.unparse(statement.targets[0]) == "pytestmark"
        for node in ast.walk(statement)
        if isinstance(node, ast.Attribute)
    ]
    assert "torch" in marked or "torch" not in imported(path)
    assert "witnesses" in marked or not WITNESSES & imported(path)
