"""SECURITY.md promises what a test holds: each that it names is there, and each promise names one."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "SECURITY.md").read_text("utf-8")
PROMISES = [line for line in PAGE.splitlines() if line.startswith("| ") and "tests/" in line]
NAMED = re.compile(r"`(tests/test_\w+\.py)::(test_\w+)`")


@cache
def defined_in(file: str) -> frozenset[str]:
    """The names of the tests in a file."""
    tree = ast.parse((ROOT / file).read_text("utf-8"))
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef))


@pytest.mark.parametrize("promise", PROMISES)
def test_a_promise_has_its_tests(promise: str) -> None:
    said, tests, *_ = promise.strip("| ").split(" | ")
    named = NAMED.findall(tests)
    assert said.endswith((".", ")."))
    assert tests == " ".join(f"`{file}::{test}`" for file, test in named)
    assert [each for each in named if each[1] not in defined_in(each[0])] == []


def test_every_row_is_a_promise() -> None:
    rows = [line for line in PAGE.splitlines() if line.startswith("|") and not line.startswith(("|-", "| promise |"))]
    assert rows == PROMISES
    assert len(PROMISES) > 10


def test_no_address_is_invented() -> None:
    assert "@" not in PAGE
    assert not re.search(r"https?://|\]\((?!docs/|CONTRIBUTING\.md)", PAGE)
    missing = (ROOT / "CONTRIBUTING.md").read_text("utf-8").partition("## To be filled in at publication")[2]
    assert re.search(r"contact for reports of vulnerabilities +\| to be filled in", missing)
