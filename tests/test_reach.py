"""docs/reach.md is the page of the results that tools/bench/reach.jsonl holds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tools_beside import tool

ROOT = Path(__file__).parent.parent
BENCH = ROOT / "tools" / "bench"

reach_page = tool("bench/reach_page")


def rows() -> list[dict[str, Any]]:
    lines = (BENCH / "reach.jsonl").read_text("utf-8").splitlines()
    return list({row["network"]: row for row in map(json.loads, lines)}.values())


def test_the_page_is_made_of_the_results() -> None:
    assert (ROOT / "docs" / "reach.md").read_text("utf-8") == reach_page.page(rows())


def test_no_network_ends_in_a_traceback() -> None:
    assert [row["network"] for row in rows() if "traceback" in row] == []


def test_what_is_not_verified_says_why() -> None:
    assert all(row["verified"] or row["reason"] for row in rows())


def test_reasons_are_one_whatever_the_sizes_in_them() -> None:
    first, second = (reach_page._plain(f"`add` of 1x{n}x3 | and") for n in (7, 8))
    assert first == second == "`add` of ... / and"
