"""The largest member that meets a budget, against every member of a fine grid, on random families."""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path
from random import Random
from typing import Any

import pytest

pytest.importorskip("numpy")

import archspec
from archspec import load
from archspec.api import solved
from archspec.cli import main
from archspec.diagnostics import ArchError

WIDTHS = (
    "round_to({c}*w, {m})",
    "round_to({c}*w + 3, {m})",
    "floor({c}*w) + 1",
    "ceil({c}*w)",
    "ceil({c}*w/3)",
    "min(ceil({c}*w), {d})",
    "max(floor({c}*w), {m})",
    "round_to(max({c}*w, {d}), {m})",
    "round_to(min({c}*w, {d}), {m})",
    "max({d} - floor({c}*w), 1)",
    "floor(in/2) + {m}",
    "(ceil({c}*w) if w > {x} else {m})",
)
LAYERS = ("conv 3x3, {}", "conv 1x1, {}", "conv 3x3, {} if w <= {x}", "conv 3x3, in x ceil(2*w)", "conv 3x3, {}, /2")
STEP, END = Fraction(1, 200), 4


def _drawn(random: Random) -> str:
    """A network over one decimal number, of which the counts grow by steps, or fall."""
    rows = []
    for _ in range(random.randint(1, 4)):
        given = {"c": random.choice((3, 5, 8, 16, 10.5)), "m": random.choice((2, 4, 8)), "d": random.randint(4, 24)}
        given["x"] = random.choice((0.5, 1, 1.3, 2.25))
        rows.append(random.choice(LAYERS).format(random.choice(WIDTHS), **given).format(**given))
    return (
        f"network drawn(w={random.choice(('1.0', '1', '0.75'))})\ninput 8x8x3\n| "
        + " |\n| ".join(rows)
        + " |\n| fc 10 |\n"
    )


def _ends(said: tuple[str, ...], value: float) -> tuple[float, float]:
    """Between which values every one is the same member, as it is said."""
    text = next((line for line in said if " is the member for " in line), f"{value} <= w <= {value}").split(" for ")[-1]
    low, high = re.fullmatch(r"(?:(\S+) <=? )?w(?: <=? (\S+))?", text).groups()  # type: ignore[union-attr]
    return float(low or 0), float(high or "inf")


def _agrees(text: str, path: Path, random: Random) -> None:
    path.write_text(text)
    grid = archspec.sweep(path, w=f"{float(STEP)}:{END}:{float(STEP)}")
    if not len(grid):
        return
    params = grid["params"]
    budget = int(params[random.randrange(len(params))])
    found, said = solved(
        str(path), {}, ["params", "mult_adds"], None, f"params <= {budget}", None, ["w"], lambda _: None
    )
    [best] = found["w"].tolist()
    assert load(path, w=best).params == found["params"][0] <= budget
    low, high = _ends(said, best)
    meeting = grid["w"][params <= budget]
    assert meeting.max() <= high + 1e-5, (text, budget, said)
    inside = (grid["w"] > low + 1e-5) & (grid["w"] < high - 1e-5)
    for name in ("params", "mult_adds", "activations"):
        assert {*grid[name][inside].tolist()} <= {getattr(load(path, w=best), name)}, (text, budget, said)
    if best <= END:
        assert (params[grid["w"] > high + 1e-5] > budget).all()


@pytest.mark.parametrize("seed", [*range(12), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(12, 400))])
def test_no_member_of_a_fine_grid_is_larger(seed: int, tmp_path: Path) -> None:
    random = Random(seed)
    _agrees(_drawn(random), tmp_path / "drawn.arch", random)


def _said(path: Path, text: str, *args: str) -> tuple[dict[str, Any], str]:
    path.write_text(text)
    axes = dict(arg.split("=") for arg in args[2:])
    found, said = solved(str(path), axes, ["params"], None, args[1], None, args[0].split(","))
    return {name: values.tolist() for name, values in found.columns.items()}, "\n".join(said)


ROUNDED = "network rounded(w=1.0)\ninput 8x8x3\n| conv 3x3, round_to(32*w, 8) |\n| fc 10 |\n"
BIG = "network big(w=8, n=1)\ninput 16x16x3\n| conv 3x3, w |\n| conv 3x3, w x n |\n| fc 10 |\n"


def test_a_rounded_width_has_a_member_for_each_multiple(tmp_path: Path) -> None:
    """Of 40 channels up to a width of 1.375, where 32 w is 44."""
    budget = load(_written(tmp_path, ROUNDED), w=1.25).params
    found, said = _said(tmp_path / "a.arch", ROUNDED, "w", f"params <= {budget}")
    assert 1.125 < found["w"][0] < 1.375
    assert found["params"] == [budget]
    assert "proven: no larger `w` meets the budget" in said
    assert "is the member for 1.11111 < w < 1.375" in said


def test_no_value_beyond_those_tried_is_claimed_where_a_family_shrinks_again(tmp_path: Path) -> None:
    """A budget that is met again, far away, is found as the network says where it is decided otherwise."""
    text = "network again(w=1.0)\ninput 8x8x3\n| conv 3x3, (ceil(8*w) if w < 5000 else 8) |\n| fc 10 |\n"
    found, said = _said(tmp_path / "a.arch", text, "w", "params <= 10K")
    assert found["w"][0] >= 5000 or "proven" not in said


def test_a_setting_without_an_answer_is_said(tmp_path: Path) -> None:
    found, said = _said(tmp_path / "big.arch", BIG, "w", "params <= 5e3", "n=1,3,100000")
    assert found["n"] == [1, 3]
    assert "no answer for n=100000: the smallest, w=1, has 1,002,598 params" in said


def test_what_was_tried_is_said_where_nothing_meets(tmp_path: Path) -> None:
    with pytest.raises(ArchError, match="E1410") as raised:
        _said(tmp_path / "a.arch", ROUNDED, "w", "params <= 100")
    notes = "\n".join(raised.value.diagnostics[0].notes)
    assert "one for each member" in notes
    assert "has 5,354 params" in notes


def test_a_name_that_stands_twice_is_one(tmp_path: Path) -> None:
    found, said = _said(tmp_path / "big.arch", BIG, "w,w", "params <= 5e3")
    assert list(found) == ["w", "params"]
    assert said.count("were tried") == 1


def test_a_budget_may_be_of_what_is_not_asked_for(tmp_path: Path) -> None:
    found, _ = _said(tmp_path / "a.arch", ROUNDED, "w", "mult_adds <= 100K")
    assert list(found) == ["w", "params", "mult_adds"]
    assert found["mult_adds"][0] <= 100_000


def test_what_has_no_closed_form_is_tried_on_a_grid(tmp_path: Path) -> None:
    text = "network bent(w=1.0)\ninput 8x8x3\n| conv 3x3, floor(8*w*w) + 1 |\n| fc 10 |\n"
    found, said = _said(tmp_path / "a.arch", text, "w", "params <= 10K")
    assert "where the network changes along `w` is not known" in said
    assert "proven" not in said
    assert load(tmp_path / "a.arch", w=found["w"][0]).params <= 10_000


def test_a_number_that_changes_nothing_is_one_member(tmp_path: Path) -> None:
    text = "network drop(p=0.1)\ninput 8x8x3\n| conv 3x3, 8; dropout p |\n| fc 10 |\n"
    found, said = _said(tmp_path / "a.arch", text, "p", "params <= 10K")
    assert found["p"] == [0.1]
    assert "1 value of `p` was tried, 0.1" in said


def test_several_are_proven_where_bounds_show_it(tmp_path: Path) -> None:
    text = "network two(w=1.0, r=32)\ninput r x r x 3\n| conv 3x3, round_to(8*w, 4) |\n| fc 10 |\n"
    found, said = _said(tmp_path / "a.arch", text, "w,r", "params <= 40K", "r=8,16")
    [w], [r] = found["w"], found["r"]
    assert load(tmp_path / "a.arch", w=w, r=r).params <= 40_000 < load(tmp_path / "a.arch", w=w + 0.5, r=8).params
    assert "proven: no larger `w`" in said


@pytest.mark.parametrize("wanted", ["", "wide"])
def test_a_name_that_is_none_is_shown_where_it_stands(wanted: str, tmp_path: Path, capsys: Any) -> None:
    path = _written(tmp_path, ROUNDED)
    assert main(["solve", str(path), "--for", wanted, "--budget", "params < 1M"]) == 1
    said = capsys.readouterr().err
    assert "E1301" in said
    assert "--for" in said
    assert "--in" not in said


def _written(folder: Path, text: str) -> Path:
    path = folder / "a.arch"
    path.write_text(text)
    return path
