"""Sweeps against the count of each member: by grids, by random networks, by what is kept, and by files."""

from __future__ import annotations

import json
import random
import sys
from collections import Counter
from collections.abc import Mapping
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck
from hypothesis import strategies as st
from members_counted import one_by_one
from random_examples import drawn
from random_specs import specs

import archspec
from archspec import ArchError, Compiled, load, loads
from archspec.cli import main
from archspec.family.formulas.formula import QUANTITIES
from archspec.family.sweeps.boxes import Box, Boxes
from archspec.family.sweeps.engine import Space
from archspec.family.sweeps.files import Parts, read
from archspec.family.sweeps.settings import axes_of
from archspec.family.sweeps.sweep import Plan, gathered, run

ROOT = Path(__file__).parent.parent
WRN, MOBILENET = ROOT / "specs" / "wrn.arch", ROOT / "specs" / "mobilenet.arch"
SHOWN = ("params", "mult_adds", "activations")


def swept(net: Compiled, axes: Mapping[str, Any], chunk: int = 40) -> tuple[list[tuple[Any, ...]], Counter[str]]:
    """The same by a sweep, in small boxes."""
    space = Space(net._member, axes, QUANTITIES, net.counting, chunk)
    rows, refused = [], Counter[str]()
    for batch in space.batches():
        rows += list(zip(*(batch.columns[name].tolist() for name in QUANTITIES), strict=True))
        for reason, (count, _) in batch.refused.items():
            refused[reason.code] += count
    return rows, refused


REPEATED = "network n(n=2, w=2)\ninput 8x8x3\n| conv 1x1, w |\n| dropout 0.1 |\n| [3x3, 8; relu; 1x1, w; relu] x n |\n"
GRIDS: dict[str, tuple[str, dict[str, Any]]] = {
    "depths that fit or not": ("wrn.arch", {"depth": [4, 5, 8, 10, 11, 16], "k": [0, 0.3, 1, 2], "p": [0.0, 0.5]}),
    "widths that are whole or not": ("mobilenet.arch", {"alpha": [0.25, 0.3, 1, 2], "resolution": [0, 1, 33, 224]}),
    "words": ("mobilenet.arch", {"shallow": [False, True], "alpha": [0.5, 1], "classes": [10, 100]}),
    "groups that divide or not": ("resnext_block.arch", {"C": [1, 2, 3, 7, 32, 33], "d": [1, 4, 5, 64]}),
    "a default with a point": ("wrn_imagenet.arch:18", {"k": [0.5, 1, 1.5, 2, 0.3]}),
    "reductions": ("se_vgg_16.arch", {"r": [1, 2, 3, 16, 64, 128]}),
    "what is kept of what enters a repetition": ("", {"n": [1, 2, 3], "w": [1, 2]}),
    "sides of the input": ("alexnet.arch", {"resolution": [1, 11, 63, 99, 227], "classes": [1, 10]}),
}


@pytest.mark.parametrize("grid", GRIDS)
def test_a_sweep_is_the_count_of_each_member(grid: str) -> None:
    spec, axes = GRIDS[grid]
    net = load(f"{ROOT}/specs/{spec}") if spec else loads(REPEATED)
    if "resolution" in axes and "resolution" not in net.network.parameters:
        axes = {name: values for name, values in axes.items() if name != "resolution"}
        members = [load(f"{ROOT}/specs/{spec}", classes=c, input=(r, r, 3)).totals for r in (99, 227) for c in (1, 10)]
        found, refused = swept(net, {"resolution": [1, 11, 63, 99, 227], "classes": [1, 10]})
        assert refused == {"E0701": 6}
        assert found == [tuple(row._asdict()[name] for name in QUANTITIES) for row in members]
        return
    rows, refused = one_by_one(net, axes)
    assert rows
    assert swept(net, axes) == (rows, refused)
    assert swept(net, axes, 100_000) == (rows, refused)


@partial(drawn, few=4, many=300, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])(
    specs(), st.integers(0, 2**32)
)
def test_sweeps_of_random_networks_are_the_count(text: str, seed: int) -> None:
    pen, net = random.Random(seed), loads(text)
    axes = {"w": pen.sample(range(1, 9), 3), "depth": pen.sample(range(1, 5), 2), "classes": [pen.randint(1, 20), 50]}
    assert swept(net, axes) == one_by_one(net, axes)


def agree(net: Compiled, values: Mapping[str, Any]) -> None:
    """One member by the count, by the formula, by a sweep, and by torch on its meta device."""
    import torch
    from witness import flops_halved, meta_build, size

    member = net.setting(values)
    module = meta_build(member)
    params = sum(p.numel() for p in module.parameters())
    by_torch = params, flops_halved(module, torch.zeros(size(member.network.input_shape, 1), device="meta"))
    [[*by_sweep]], refused = swept(net, {name: [value] for name, value in values.items()})
    by_formula = net.formula("params", "mult_adds")(**values)
    assert by_torch == member.totals[:2] == tuple(by_sweep[:2]) == (by_formula["params"], by_formula["mult_adds"])
    assert not refused


@pytest.mark.torch
@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(1, 40))])
def test_random_members_of_families_are_what_torch_makes_of_them(seed: int) -> None:
    pen = random.Random(seed)
    agree(load(WRN), {"depth": pen.randrange(10, 35, 6), "k": pen.randint(1, 64) / 16, "classes": pen.randint(1, 99)})
    agree(load(MOBILENET), {"alpha": pen.randint(1, 48) / 32, "resolution": pen.randint(32, 320)})


@pytest.mark.torch
@partial(drawn, few=2, many=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])(
    specs(), st.integers(1, 8), st.integers(1, 4)
)
def test_random_members_are_what_torch_makes_of_them(text: str, w: int, depth: int) -> None:
    net = loads(text)
    try:
        net(w=w, depth=depth)
    except ArchError:
        return
    agree(net, {"w": w, "depth": depth})


def test_what_is_larger_than_64_bits_is_exact() -> None:
    net = loads("network n(a=1, b=1)\ninput 1x1x1\n| x | fc a |\n| y | fc b |\n")
    axes = {"a": [1, 10**6, 10**11, 10**12], "b": [3, 10**12 - 1, 10**12]}
    rows, refused = one_by_one(net, axes)
    assert max(rows)[0] > 10**24
    assert not refused
    assert swept(net, axes) == (rows, refused)


def test_sides_that_are_no_input_are_refused() -> None:
    net = loads("network n\ninput 8x6x3\n| conv 3x3, 4 |\n")
    for name, count in {"height": 6 * 4, "width": 8 * 4, "resolution": 4 * 4}.items():
        rows, refused = swept(net, {name: [0, -2, 4, 2.5]})
        assert [row[2] for row in rows] == [4 * count]
        assert refused == {"E0405": 3}


def test_numbers_that_are_no_layer_are_refused_as_elsewhere() -> None:
    net = loads(
        "network n(a=1, b=2)\ninput 8x8x1\nlet c = a / b\n| x | conv 3x3, a*b, /2 if c > 1 |\n| y | fc 10*c |\n"
    )
    axes = {"a": [-1, 0, 1, 2, 3, 10**7], "b": [-2, 0, 1, 2, 5, 10**6]}
    assert swept(net, axes) == one_by_one(net, axes)


@pytest.mark.parametrize("most", [1, 2, 5, 7, 24, 100])
def test_boxes_are_all_settings_in_their_order(most: int) -> None:
    lengths = (3, 4, 5)
    found = [place for box in Boxes(lengths, most) for place in product(*(range(*span) for span in box.spans))]
    assert found == list(product(*map(range, lengths)))
    assert max(box.size for box in Boxes(lengths, most)) <= max(most, 1)
    assert list(Boxes((), 7)) == [Box(())]


def test_what_is_kept() -> None:
    axes: dict[str, Any] = {"alpha": "0.125:2:0.125", "resolution": "96:320:32"}
    everything = archspec.sweep(MOBILENET, **axes)
    rows = list(zip(*(everything[name].tolist() for name in everything.columns), strict=True))
    assert len(rows) == everything.size == everything.held == 16 * 8
    names = [*everything.columns]
    kept = archspec.sweep(MOBILENET, where="mult_adds <= 300M and params < 4e6", **axes)
    small = [row for row in rows if row[names.index("mult_adds")] <= 300_000_000 and row[names.index("params")] < 4e6]
    assert 0 < len(kept) == len(small) < len(rows)
    front = archspec.sweep(MOBILENET, pareto=["-resolution", "mult_adds", "-alpha"], where="params > 1M", **axes)
    points = {(-row[1], row[names.index("mult_adds")], -row[0]) for row in rows if row[names.index("params")] > 10**6}
    bettered = {p for p in points for q in points if p != q and all(b <= a for a, b in zip(p, q, strict=True))}
    assert {
        (-r, m, -a) for a, r, m in zip(front["alpha"], front["resolution"], front["mult_adds"], strict=True)
    } == points - bettered
    top = archspec.sweep(MOBILENET, sort="-params", top=3, **axes)
    assert top["params"].tolist() == sorted((row[names.index("params")] for row in rows), reverse=True)[:3]


def test_files_and_shards(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    args = ["sweep", str(WRN), "-p", "depth=10:40", "-p", "k=1:4:0.5", "-p", "p=0,0.5"]
    whole = tmp_path / "whole.json"
    assert main([*args, "-o", str(whole)]) == 0
    for i in (1, 2, 3):
        assert main([*args, "--shard", f"{i}/3", "-o", str(tmp_path / f"{i}.json")]) == 0
    shards = [str(tmp_path / f"{i}.json") for i in (1, 2, 3)]
    assert main(["sweep", "--merge", *shards, "-o", str(tmp_path / "merged.json")]) == 0
    assert json.loads((tmp_path / "merged.json").read_text()) == json.loads(whole.read_text())
    assert main([*args, "-o", str(tmp_path / "rows.csv")]) == 0
    assert {n: v.tolist() for n, v in read(str(tmp_path / "rows.csv")).columns.items()} == json.loads(
        whole.read_text()
    )["columns"]
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "1.json",
        "2.json",
        "3.json",
        "merged.json",
        "rows.csv",
        "whole.json",
    ]
    assert "175 do not hold, E0202" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("depth", "said"),
    [
        ("16", ["1 setting: 1 holds, 1 is kept"]),
        ("16,17", ["2 settings: 1 holds, 1 is kept", "1 does not hold, E0202:"]),
    ],
)
def test_one_is_said_as_one(depth: str, said: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sweep", str(WRN), "-p", f"depth={depth}"]) == 0
    assert all(line.startswith(start) for line, start in zip(capsys.readouterr().err.splitlines(), said, strict=True))


def test_without_pyarrow_parquet_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(ArchError, match="E1406"):
        archspec.sweep(WRN, k=[1, 2]).save(tmp_path / "x.parquet")
    assert not [*tmp_path.iterdir()]


def test_repetitions_that_a_member_lacks_demand_nothing_of_it(tmp_path: Path) -> None:
    """Halved from 16, channels are none after five times, and one after four."""
    spec = tmp_path / "halving.arch"
    spec.write_text(
        "network halving(n=3, w=64)\ninput 8x8x3\n| conv 1x1, w; [conv 1x1, floor(in/2)] x n |\n| fc 10 |\n"
    )
    for n in ([6, 4], [4, 6]):
        found = archspec.sweep(spec, n=n, w=[64, 16], of="params")
        assert {*zip(*(found[name].tolist() for name in ("n", "w", "params")), strict=True)} == {
            (6, 64, 3_699),
            (4, 64, 5_606),
            (4, 16, 899),
        }
        assert [(each.number, each.code) for each in found.refused] == [(1, "E0606")]


def test_a_sweep_needs_no_default_that_holds(tmp_path: Path) -> None:
    spec = tmp_path / "even.arch"
    spec.write_text("network even(w=1)\ninput 8x8x3\n| conv 1x1, w |\n| conv 1x1, in/2 |\n")
    assert archspec.sweep(spec, w=[2, 4], of="params")["params"].tolist() == [2 * 4 + 3, 4 * 4 + 2 * 5]
    with pytest.raises(ArchError, match=r"E0606|E0202"):
        archspec.sweep(spec, w=[1, 3])


def test_without_pandas_a_data_frame_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ArchError, match="E1418"):
        archspec.sweep(WRN, k=[1, 2]).to_dataframe()


def test_parquet(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    found = archspec.sweep(WRN, depth="10:40:6", k=[1, 2])
    found.save(tmp_path / "rows.parquet")
    again = read(str(tmp_path / "rows.parquet"))
    assert {n: v.tolist() for n, v in again.columns.items()} == {n: v.tolist() for n, v in found.columns.items()}


def test_a_sweep_that_is_ended_goes_on(tmp_path: Path) -> None:
    net = load(WRN)
    member = net._member
    plan = Plan(member.family, member.request, axes_of({"depth": "10:40", "k": "1:4"}), SHOWN, None, {})
    plan.space.chunk = 16
    numbers, out = plan.numbers(), str(tmp_path / "x.csv")
    assert len(numbers) > 5
    parts = Parts(out, plan, (1, 1))
    begun = parts.resumed(numbers, run(plan, numbers))
    for _ in range(3):
        next(begun)
    counted: list[int] = []

    def counting(lacking: list[int]) -> Any:
        for number in lacking:
            counted.append(number)
            yield plan.part(number)

    again = Parts(out, plan, (1, 1))
    found = gathered(plan, again.resumed(numbers, counting(again.lacking(numbers))))
    assert counted == [*numbers][3:]
    whole = gathered(plan, run(plan, numbers))
    assert {n: v.tolist() for n, v in found.columns.items()} == {n: v.tolist() for n, v in whole.columns.items()}
    assert found.refused == whole.refused


@pytest.mark.slow
def test_processes_share_a_sweep() -> None:
    axes: dict[str, Any] = {"depth": "10:100", "k": "1:400", "classes": "10:40"}
    one, two = (archspec.sweep(WRN, jobs=jobs, top=50, sort="mult_adds", **axes) for jobs in (1, 2))
    assert {n: v.tolist() for n, v in one.columns.items()} == {n: v.tolist() for n, v in two.columns.items()}
    assert one.refused == two.refused


def test_values_of_a_call() -> None:
    found = archspec.sweep(WRN, depth=np.array([16, 22]), k=4)
    assert found["params"].tolist() == [load(WRN, depth=depth, k=4).params for depth in (16, 22)]


def test_a_data_frame() -> None:
    pytest.importorskip("pandas")
    assert archspec.sweep(WRN, k=[1, 2]).to_dataframe()["k"].tolist() == [1, 2]


@pytest.mark.parametrize(
    ("args", "code"),
    [
        (["-p", "k=1:2:0"], "E1401"),
        (["-p", "k=3:1"], "E1401"),
        (["-p", "k="], "E1401"),
        (["-p", "k=1,1"], "E1401"),
        (["-p", "k=1:1e9:0.001"], "E1402"),
        (["-p", "depht=10"], "E1301"),
        (["-p", "k=1,2", "--where", "params <"], "E1403"),
        (["-p", "k=1,2", "--where", "params + 1"], "E1403"),
        (["-p", "k=1,2", "--where", "parms < 3"], "E1404"),
        (["-p", "k=1,2", "--sort", "width"], "E1404"),
        (["-p", "k=1,2", "--pareto", "width,k"], "E1404"),
        (["-p", "k=1,2", "--of", "size"], "E1305"),
        (["-p", "k=1,2", "--of="], "E1305"),
        (["-p", "k=1,2", "--pareto="], "E1404"),
        (["-p", "k=1,2", "--distribution="], "E1305"),
        (["-p", "k=1,2", "--jobs", "0"], "E1409"),
        (["-p", "k=1,2", "--jobs", "0", "--sample", "1"], "E1409"),
        (["-p", "k=1,2", "--jobs", "0", "--distribution", "params"], "E1409"),
        (["-p", "k=1,2", "-o", "x.xls"], "E1407"),
    ],
)
def test_what_is_wrong_is_said(args: list[str], code: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sweep", str(WRN), *args]) == 1
    assert code in capsys.readouterr().err


def test_what_is_merged_was_swept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.csv").write_text("a,b\n1,2\n")
    (tmp_path / "b.csv").write_text("a,c\n1,2\n")
    assert main(["sweep", "--merge", str(tmp_path / "a.csv"), str(tmp_path / "b.csv")]) == 1
    assert main(["sweep", "--merge", str(tmp_path / "none.json")]) == 1
    assert capsys.readouterr().err.count("E1408") == 2


def test_without_numpy_a_sweep_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "numpy", None)
    with pytest.raises(ArchError, match="E1405"):
        archspec.sweep(WRN, k=[1, 2])


@pytest.mark.parametrize("wrong", [{"top": 0}, {"jobs": 2.5}])
def test_numbers_of_rows_and_processes_are_whole(wrong: dict[str, Any]) -> None:
    with pytest.raises(ArchError, match="E1409"):
        archspec.sweep(WRN, k=[1, 2], **wrong)


def test_the_largest_member_that_meets_a_budget(capsys: pytest.CaptureFixture[str]) -> None:
    """Of every width of sixteenths, as 16k channels are whole: one more sixteenth does not meet it."""
    args = ["solve", str(WRN), "--for", "k", "--budget", "params <= 36.5M", "-p", "depth=16,28", "--of", "params"]
    assert main([*args, "--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)["columns"]
    assert found["depth"] == [16, 28]
    for depth, k, params in zip(found["depth"], found["k"], found["params"], strict=True):
        assert params == load(WRN, depth=depth, k=k).params <= 36_500_000 < load(WRN, depth=depth, k=k + 1 / 16).params


def test_of_several_the_first_is_to_be_the_largest(capsys: pytest.CaptureFixture[str]) -> None:
    axes = ["-p", "alpha=0.25,0.5,0.75", "-p", "resolution=96:320:32"]
    budget = ["--budget", "mult_adds <= 100M", "--format", "csv"]
    assert main(["solve", str(MOBILENET), "--for", "alpha,resolution", *budget, *axes]) == 0
    assert capsys.readouterr().out.splitlines()[1].startswith("0.75,96,")
    assert load(MOBILENET, alpha=0.75, resolution=128).mult_adds > 100_000_000
    assert main(["solve", str(MOBILENET), "--for", "resolution,alpha", *budget, *axes]) == 0
    assert capsys.readouterr().out.splitlines()[1].startswith("0.25,320,")


@pytest.mark.parametrize(
    ("wanted", "budget", "code"),
    [("k", "params < 1K", "E1410"), ("shallow", "params < 1M", "E1411"), ("depht", "params < 1M", "E1301")],
)
def test_what_cannot_be_solved_is_said(wanted: str, budget: str, code: str, capsys: pytest.CaptureFixture[str]) -> None:
    spec = WRN if wanted == "k" else MOBILENET
    assert main(["solve", str(spec), "--for", wanted, "--budget", budget]) == 1
    assert code in capsys.readouterr().err


def test_a_sweep_is_drawn_with_its_front(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("matplotlib")
    args = ["sweep", str(MOBILENET), "-p", "alpha=0.25:1.5:0.25", "-p", "resolution=96:320:32", "--format", "csv"]
    drawn = [str(tmp_path / name) for name in ("a.svg", "b.svg")]
    for out in drawn:
        assert main([*args, "--plot", out, "--pareto", "mult_adds,-alpha"]) == 0
    with_plot = capsys.readouterr().out
    assert main([*args, "--pareto", "mult_adds,-alpha"]) == 0
    assert with_plot == capsys.readouterr().out * 2
    assert Path(drawn[0]).read_bytes() == Path(drawn[1]).read_bytes()
    assert Path(drawn[0]).read_text().startswith("<?xml")


@pytest.mark.parametrize("more", [["--of", "params"], ["--pareto", "params"], ["--sample", "3"]])
def test_what_cannot_be_drawn_is_said(more: list[str], tmp_path: Path) -> None:
    assert main(["sweep", str(WRN), "-p", "k=1,2", "--plot", str(tmp_path / "x.svg"), *more]) == 2
    assert not [*tmp_path.iterdir()]


def test_words_are_not_drawn(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    args = ["-p", "shallow=yes,no", "--plot", str(tmp_path / "x.svg"), "--pareto", "shallow,params"]
    assert main(["sweep", str(MOBILENET), *args]) == 1
    assert "E1416" in capsys.readouterr().err
