"""The page that puts emitted code beside the libraries': its counts are true, and every network is on it."""

from __future__ import annotations

import re

import pytest
from tools_beside import tool
from torchvision_shim import torchvision
from witness import ROOT

from archspec.api import one

pytestmark = pytest.mark.torch

TOOL = tool("emitted")
ROWS = {
    cells[0]: cells[1:]
    for line in (ROOT / "docs" / "emitted.md").read_text("utf-8").splitlines()
    if re.match(r"\| [A-Z]\S+ +\| (torchvision|timm):", line)
    for cells in [[cell.strip() for cell in line.strip("|").split("|")]]
}


def test_every_network_is_on_the_page() -> None:
    assert list(ROWS) == [pair.title for pair in TOOL.PAIRS]


def test_emitted_code_is_as_long_as_the_page_says() -> None:
    for pair in TOOL.PAIRS:
        size = TOOL.size_of_emitted(one(str(ROOT / pair.spec)))
        assert tuple(map(str, size)) == tuple(cell.split(" / ")[0] for cell in ROWS[pair.title][1:4]), pair.title


@pytest.mark.witnesses
@pytest.mark.slow
def test_the_libraries_are_as_long_as_the_page_says() -> None:
    torchvision()
    for pair in TOOL.PAIRS:
        size = TOOL.size_of_library(pair)
        assert tuple(map(str, size)) == tuple(cell.split(" / ")[1] for cell in ROWS[pair.title][1:4]), pair.title


def test_emitted_code_is_shorter_in_lines_and_arguments() -> None:
    for title, cells in ROWS.items():
        for cell in (cells[1], cells[3]):
            ours, theirs = map(int, cell.split(" / "))
            assert ours < theirs or "ShuffleNet" in title, title
