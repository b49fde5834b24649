"""Search spaces: what `choose` makes, and members by terms against the count of each, one by one."""

from __future__ import annotations

import json
import random
from collections import Counter
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import archspec
from archspec import ArchError, Compiled, loads
from archspec.analysis.cost import FIELDS
from archspec.cli import main
from archspec.family.sweeps import terms
from archspec.family.sweeps.distribution import COARSE, Spread, _coarse, _convolved, _on_grid, spread_of
from archspec.family.sweeps.selection import Selection, best
from archspec.family.sweeps.settings import with_choices
from archspec.family.sweeps.sums import Sums
from archspec.family.sweeps.terms import NoTerms, terms_of

BLOCKS = """network space(classes=10, width=1)
input 32x32x3
let wide = 4*width

every conv: conv no bias; bn; relu
every dwconv: dwconv no bias; bn; relu

block mb(c, k, e, stride=1) = add of
| residual | conv 1x1, e*in; dwconv k, /stride; conv 1x1, c, no relu |
| shortcut | identity if stride == 1 and in == c                     |

"""
SPACE = (
    BLOCKS
    + """choose k by row = one of 3x3, 5x5
choose e by row = one of 2, 3
choose deep = one of no, yes
choose r by row = one of 1, 2, 3

| layer | op                                 |
|-------|------------------------------------|
| stem  | conv k, 8, /2                      |
| a     | mb 8*width, k, e, stride=2         |
| b     | mb wide, k, e x r                  |
| c     | mb wide, k, e if deep              |
| gap   | global-avgpool                     |
| fc    | fc classes                         |
"""
)


def space_of(net: Compiled) -> dict[str, Any]:
    return with_choices({}, net._member.elaborated.choices)


def counted(net: Compiled, axes: dict[str, Any]) -> list[tuple[int, ...]]:
    """The counts of every member, read by itself."""
    settings = (dict(zip(axes, values, strict=True)) for values in product(*axes.values()))
    return [tuple(getattr(net.setting(setting).totals, name) for name in FIELDS) for setting in settings]


def summed(net: Compiled, axes: dict[str, Any], chunk: int) -> tuple[Sums, list[tuple[int, ...]]]:
    sums = Sums(terms_of(net._member, axes, FIELDS, net.counting), axes, FIELDS, chunk)
    parts = [sums.part(number, Selection(), FIELDS)[0] for number in range(sums.count)]
    return sums, [row for part in parts for row in zip(*(part[name].tolist() for name in FIELDS), strict=True)]


def test_a_choice_by_row_is_a_parameter_of_each_row_that_uses_it() -> None:
    net = loads(SPACE)
    assert [*space_of(net)] == ["deep", "k_stem", "k_a", "e_a", "k_b", "e_b", "r_b", "k_c", "e_c"]
    assert net.network.parameters["k_a"] == (3, 3)
    larger = net(k_a=(5, 5))
    with pytest.raises(ArchError, match="E0418"):
        net(k_a=(9, 9))
    assert larger.params - net.params == 16 * (25 - 9)
    assert [row.params for row in larger.rows if row.layer != "a"] == [r.params for r in net.rows if r.layer != "a"]


@pytest.mark.parametrize("chunk", [7, 100, 10_000])
def test_terms_are_the_count_of_each_member(chunk: int) -> None:
    net = loads(SPACE)
    axes = {name: values[:2] for name, values in {**space_of(net), "width": (1, 2)}.items()}
    axes = {name: values for name, values in axes.items() if name not in ("k_stem", "k_b", "e_c", "k_c")}
    sums, found = summed(net, axes, chunk)
    assert sums.size == len(found) == 2**6
    assert found == counted(net, axes)
    assert max(len(term.names) for term in sums.terms) < 6


def random_space(seed: int) -> tuple[Compiled, dict[str, Any]]:
    """A space of rows that share parameters, by `let` names, blocks, rules and branches of the table."""
    pen = random.Random(seed)
    choices = ["choose k by row = one of 3x3, 5x5", "choose e by row = one of 2, 3", "choose w by row = one of 4, 8"]
    choices += ["choose deep = one of no, yes", "choose n = one of 1, 2", "choose kind = one of relu, silu"]
    forms = ["conv k, w", "mb w, k, e", "mb 8, k, 2", "conv 3x3, wide", "mb wide, 3x3, e if deep", "conv 1x1, w x n"]
    forms += ["conv k, 4*n, no relu", "maxpool 2x2, /2", "conv 3x3, 8, no relu; kind", "mb w, k, n if n == 2"]
    rows = [f"| r{i} | {pen.choice(forms)} | |" for i in range(pen.randint(2, 5))]
    rows += ["| one | conv k, 8 | |", "| two | conv 3x3, w | r0 |", "| cat | concat | one, two |"] * (
        pen.random() < 0.5
    )
    table = ["| layer | op | from |", "|---|---|---|", *rows, "| gap | global-avgpool | |", "| fc | fc classes | |"]
    pen.shuffle(choices)
    try:
        net = loads(BLOCKS + "\n".join([*choices, "", *table]) + "\n")
    except ArchError:  # maps of two sizes are joined
        return random_space(seed + 1_000)
    axes: dict[str, Any] = space_of(net)
    if pen.random() < 0.5:
        axes["width"] = (1, 2)
    while np.prod([len(values) for values in axes.values()]) > 100:
        del axes[pen.choice([*axes])]
    return net, axes


@pytest.mark.parametrize("seed", [*range(3), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(3, 80))])
def test_random_spaces_agree_in_full(seed: int) -> None:
    net, axes = random_space(seed)
    rows = counted(net, axes)
    sums, found = summed(net, axes, 50)
    assert found == rows
    for place, name in enumerate(FIELDS):
        spread = spread_of(sums.terms, axes, name)
        assert dict(zip(spread.values.tolist(), spread.members.tolist(), strict=True)) == Counter(
            r[place] for r in rows
        )
    every = np.array([*product(*(range(len(values)) for values in axes.values()))])
    drawn = sums.at(every).columns
    assert [*zip(*(drawn[name].tolist() for name in FIELDS), strict=True)] == rows


def test_what_hangs_together_too_much_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    net = loads(SPACE)
    with pytest.raises(NoTerms, match="`kept` is not a sum over rows"):
        terms_of(net._member, space_of(net), ["kept"], net.counting)
    monkeypatch.setattr(terms, "MOST_READ", 3)
    with pytest.raises(NoTerms, match="`a` depends on k_a, e_a together, which have 4 settings"):
        terms_of(net._member, space_of(net), FIELDS, net.counting)


def test_a_setting_that_does_not_hold_is_no_term() -> None:
    net = loads(
        "network n\ninput 8x8x4\nchoose g = one of 1, 2, 3\n| a | conv 3x3, 8, groups=g |\n| b | conv 1x1, g |\n"
    )
    with pytest.raises(NoTerms, match="g=3"):
        terms_of(net._member, space_of(net), FIELDS, net.counting)


def test_a_space_of_more_than_can_be_listed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = "".join(f"| r{i} | mb 8, k, e |\n" for i in range(32))
    text = BLOCKS + "choose k by row = one of 3x3, 5x5, 7x7\nchoose e by row = one of 2, 3\n\n" + rows
    spec = tmp_path / "large.arch"
    spec.write_text(text.replace("(classes=10, width=1)", "").replace("let wide = 4*width\n", ""))
    assert main(["sweep", str(spec), "--distribution", "params", "--format", "json"]) == 0
    out = capsys.readouterr()
    assert f"{6**32:,} members" in out.err  # of 25 digits
    found = json.loads(out.out)["columns"]
    assert sum(found["members"]) == 6**32
    first, last = (archspec.load(spec).setting({f"e_r{i}": e for i in range(32)}) for e in (2, 3))
    assert found["params"][0] == first.params
    assert found["members"][0] == 1
    assert found["params"][-1] > last.params
    assert main(["sweep", str(spec), "--sample", "5", "--seed", "3", "--format", "json"]) == 0
    sample = json.loads(capsys.readouterr().out)["columns"]
    for place in range(5):
        values = {name: column[place] for name, column in sample.items() if name[:2] in ("k_", "e_")}
        sizes = {n: tuple(map(int, v.split("x"))) if isinstance(v, str) else v for n, v in values.items()}
        assert archspec.load(spec).setting(sizes).mult_adds == sample["mult_adds"][place]


def test_spreads_are_convolved_on_grids_and_pairs_alike() -> None:
    pen = np.random.default_rng(0)
    one, two = (Spread(np.unique(pen.integers(0, 4000, 300)) * 6, np.array([1])) for _ in range(2))
    one, two = (s._replace(members=pen.integers(1, 9, len(s.values))) for s in (one, two))
    pairs = _convolved(one, two)
    grid = _on_grid(one, two, 6, int(one.values[-1] - one.values[0] + two.values[-1] - two.values[0]) // 6 + 1, 0)
    assert pairs.values.tolist() == grid.values.tolist()
    assert pairs.members.tolist() == grid.members.tolist()


def test_fewer_values_are_as_near_as_is_said() -> None:
    pen = np.random.default_rng(0)
    values = np.unique(pen.integers(0, 10**9, 5 * COARSE))
    spread = _coarse(Spread(values, np.ones(len(values), dtype=np.int64)))
    assert len(spread.values) <= COARSE
    assert spread.members.sum() == len(values)
    assert np.abs(np.repeat(spread.values, spread.members) - values).max() <= spread.within


@pytest.mark.parametrize("many", [10_000, 50])
def test_the_pareto_front_is_what_nothing_betters(many: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("archspec.family.sweeps.selection.MANY", many)
    monkeypatch.setattr("archspec.family.sweeps.selection.SAMPLE", 10)
    pen = np.random.default_rng(1)
    for objectives, most in product((1, 2, 3), (3, 10, 1000)):
        columns = [pen.integers(0, most, 200) for _ in range(objectives)]
        points = [*zip(*(column.tolist() for column in columns), strict=True)]
        front = [
            i
            for i, p in enumerate(points)
            if not any(p != q and all(b <= a for a, b in zip(p, q, strict=True)) for q in points)
        ]
        assert best(columns).tolist() == front


@pytest.mark.parametrize(
    ("args", "code"),
    [
        (["-p", "classes=all"], "E1401"),
        (["-p", "k=3x3", "-p", "deep=all", "-p", "width=1:20", "--distribution", "kept"], "E1414"),
        (["--of", "weight_layers"], "E1413"),
    ],
)
def test_what_is_wrong_is_said(args: list[str], code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("archspec.family.sweeps.sweep.MOST_NETWORKS", 10)
    monkeypatch.setattr("archspec.family.sweeps.drawing.MOST_LISTED", 10)
    (tmp_path / "space.arch").write_text(SPACE)
    with pytest.MonkeyPatch.context() as patch:
        said: list[str] = []
        patch.setattr(
            "archspec.commands.shared.show_errors", lambda error, _: said.extend(d.code for d in error.diagnostics)
        )
        assert main(["sweep", str(tmp_path / "space.arch"), *args]) == 1
    assert said == [code]


FITS_NOWHERE = """network n
input 8x8x4
choose g = one of 1, 2, 3
choose k by row = one of 3x3, 5x5
| a | conv k, 8, groups=g |
| b | conv k, g |
| c | conv k, g |
| d | conv k, g |
"""


@pytest.mark.parametrize(
    ("args", "networks"),
    [([], 16), (["--distribution", "params"], 16), (["--sample", "13"], 13), (["--sample", "3"], 0)],
)
def test_networks_that_are_read_one_by_one_are_told_with_the_reason(
    args: list[str], networks: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A setting that fits nowhere: its space is no sum of terms."""
    spec = tmp_path / "n.arch"
    spec.write_text(FITS_NOWHERE)
    assert main(["sweep", str(spec), *args]) == 0
    said = capsys.readouterr().err
    assert said.count("E1417") == (networks > 0)
    if networks:
        assert f"{networks} networks are read one by one, in about a second" in said
        assert "the row `a` does not hold for k_a=(3, 3), g=3" in said
    assert [each.code for each in archspec.sweep(spec).diagnostics] == ["E1417"]
    assert not archspec.sweep(spec, g=[1, 2], k_a="all").diagnostics


def test_choices_that_are_none_are_refused() -> None:
    for values, why in (("3", "one value"), ("3, 3", "twice"), ("3, yes", "yes and no"), ("n, width*2", "")):
        with pytest.raises(ArchError, match=f"E0417|E02.*{why}"):
            loads(f"network n(width=1)\ninput 8x8x3\nchoose c = one of {values}\n| a | conv 3x3, width |\n")


def test_spaces_of_any_size_are_answered(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The number of settings has more digits than Python writes, and more than a float holds."""
    lines = [f"choose c{i} = one of 1, 2, 3" for i in range(2_000)]
    rows = [f"| r{i} | conv 1x1, c{i} |" for i in range(2_000)]
    (tmp_path / "n.arch").write_text("\n".join(["network n", "input 8x8x3", *lines, "", *rows, ""]))
    assert main(["sweep", str(tmp_path / "n.arch"), "--of", "kept"]) == 1
    assert "10^954 networks would be read one by one, in about 10^9" in capsys.readouterr().err
