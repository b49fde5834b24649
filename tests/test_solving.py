"""Budgets: the largest member that meets one, the nearest to a count, and how far was looked."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from archspec import load
from archspec.cli import main

ROOT = Path(__file__).parent.parent
WRN = str(ROOT / "specs" / "wrn.arch")


def solved(capsys: pytest.CaptureFixture[str], *args: str) -> tuple[dict[str, Any], str]:
    assert main(["solve", *args, "--of", "params", "--format", "json"]) == 0
    said = capsys.readouterr()
    return json.loads(said.out)["columns"], said.err


def test_the_nearest_of_other_depths(capsys: pytest.CaptureFixture[str]) -> None:
    found, _ = solved(capsys, WRN, "--for", "k", "--near", "params = 36.5M", "-p", "depth=16,22,28")
    for depth, k, params in zip(found["depth"], found["k"], found["params"], strict=True):
        beside = (load(WRN, depth=depth, k=k + step).params for step in (-1 / 16, 1 / 16))
        assert params == load(WRN, depth=depth, k=k).params
        assert abs(params - 36_500_000) <= min(abs(other - 36_500_000) for other in beside)
    assert max(found["params"]) > 36_500_000 > min(found["params"])


def test_a_budget_holds_for_the_nearest_too(capsys: pytest.CaptureFixture[str]) -> None:
    found, _ = solved(
        capsys, WRN, "--for", "k", "--near", "params == 36.5M", "--budget", "params <= 36.5M", "-p", "depth=16,22"
    )
    assert max(found["params"]) <= 36_500_000


def test_more_is_tried_where_the_last_value_is_the_answer(capsys: pytest.CaptureFixture[str]) -> None:
    found, said = solved(capsys, WRN, "--for", "k", "--budget", "params <= 36.5G", "-p", "depth=28")
    [k] = found["k"]
    assert load(WRN, k=k).params <= 36_500_000_000 < load(WRN, k=k + 1 / 16).params
    assert "16,000 values of `k` were tried, from 0.0625 to 1000\n" in said


def test_what_nothing_bounds_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    _, said = solved(capsys, WRN, "--for", "k,depth", "--budget", "params > 1K", "-p", "depth=10,16")
    assert "128,000 values of `k` were tried, from 0.0625 to 8000" in said
    assert "the largest `k` tried is an answer: larger ones may be too, give them with `-p`" in said


@pytest.mark.parametrize("near", ["size = 3", "params", "params <= 3M", "params = many"])
def test_a_count_that_is_none_is_said(near: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["solve", WRN, "--for", "k", "--near", near]) == 1
    assert "E1415" in capsys.readouterr().err
    assert main(["solve", WRN, "--for", "k"]) == 2


def test_a_budget_is_a_claim(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spec = tmp_path / "small.arch"
    text = "network small\ninput 8x8x3\n| fc 10 |\n\nclaims\n| source | params |\n|---|---|\n| budget | <= {} |\n"
    for bound, code in (("2K", 0), ("1K", 1)):
        spec.write_text(text.format(bound))
        assert main(["check", str(spec)]) == code
    assert "1,930" in capsys.readouterr().out


def test_the_scaled_efficientnets_are_those_of_torchvision(tmp_path: Path) -> None:
    """Parameters of torchvision's efficientnet_b0 to b3, and the widths, depths and resolutions of its builders."""
    page = (ROOT / "docs" / "sweeps.md").read_text("utf-8")
    [text] = re.findall(r"<!-- file: compound.arch -->\n```arch\n(.*?)```", page, re.DOTALL)
    (tmp_path / "compound.arch").write_text(text)
    scaled = {5_288_548: (1.0, 1.0, 224), 7_794_184: (1.0, 1.1, 240), 9_109_994: (1.1, 1.2, 260)}
    for params, (width, depth, side) in {**scaled, 12_233_232: (1.2, 1.4, 300)}.items():
        assert load(tmp_path / "compound.arch", width=width, depth=depth, resolution=side).params == params
