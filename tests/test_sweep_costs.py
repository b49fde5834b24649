"""What a sweep takes: tables of many rows, what is read one by one and says so, samples, figures of many members."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from members_counted import one_by_one

import archspec
from archspec import ArchError, load, loads
from archspec.cli import main
from archspec.family.formulas.formula import QUANTITIES
from archspec.family.sweeps import field
from archspec.family.sweeps.engine import FEW, Space
from archspec.family.sweeps.settings import MOST_DECIMALS, axis

ROOT = Path(__file__).parent.parent
WRN = str(ROOT / "specs" / "wrn.arch")
DOUBLING = "network n(n=3, c=8)\ninput 32x32x3\n| stem | conv 3x3, c |\n| body | conv 3x3, 2*in x n |\n"


def chain(rows: int) -> str:
    """A network of so many rows over a width and a resolution."""
    layers = "".join(f"| r{i} | conv 3x3, {1 + i % 7}*w{', /2' * (i % 50 == 49)} |\n" for i in range(rows))
    return f"network chain(w=1, r=32)\ninput r x r x 3\nevery conv: conv no bias; bn; relu\n{layers}"


@pytest.mark.parametrize("rows", [40, pytest.param(1_500, marks=pytest.mark.slow)])
def test_tables_of_many_rows_are_swept(rows: int, tmp_path: Path) -> None:
    """Of 1,500 rows a piece takes some seconds; one by one the members would take an hour."""
    (tmp_path / "chain.arch").write_text(chain(rows))
    found = archspec.sweep(tmp_path / "chain.arch", w="1:100", r="32:131")
    assert (found.held, found.diagnostics) == (10_000, [])
    for place in (0, 4_321, 9_999):
        values = {name: found[name][place].item() for name in found.columns}
        member = load(tmp_path / "chain.arch", w=values.pop("w"), r=values.pop("r"))
        assert {name: getattr(member, name) for name in values} == values


def test_what_takes_too_much_work_together_is_counted_one_by_one_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(field, "MOST_TRACED", 20_000)
    monkeypatch.setattr("archspec.family.sweeps.sweep.WORK_A_SECOND", 10_000)
    looked: list[object] = []
    look = field.Field._piece

    def noted(self: field.Field, values: dict[str, Any]) -> Any:
        looked.append(values)
        return look(self, values)

    monkeypatch.setattr(field.Field, "_piece", noted)
    (tmp_path / "chain.arch").write_text(chain(10))
    assert main(["sweep", str(tmp_path / "chain.arch"), "-p", "w=1:4", "-p", "r=8:11", "--format", "json"]) == 0
    out = capsys.readouterr()
    assert len(looked) == 1  # as all others would take as much
    assert "E1417" in out.err
    assert "16 networks are read one by one, in about a second" in out.err
    assert "the arithmetic of all settings at once takes too much work" in out.err
    rows, _ = one_by_one(loads(chain(10)), {"w": [1, 2, 3, 4], "r": [8, 9, 10, 11]})
    assert json.loads(out.out)["columns"]["mult_adds"] == [row[QUANTITIES.index("mult_adds")] for row in rows]


@pytest.mark.parametrize(
    ("text", "axes", "convention", "why"),
    [
        (DOUBLING, {"n": "1:4", "c": "1:3"}, None, "no closed form over `n`: shapes change from one repetition"),
        ("network n(r=15)\ninput r x r x 3\n| adaptive-avgpool 7x7 |\n", {"r": "7:9"}, "thop", "counts by `thop`"),
    ],
)
def test_what_has_no_closed_form_says_so_with_its_price(
    text: str, axes: dict[str, str], convention: str | None, why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("archspec.family.sweeps.sweep.WORK_A_SECOND", 100)
    (tmp_path / "n.arch").write_text(text)
    [said] = archspec.sweep(tmp_path / "n.arch", convention=convention, **axes).diagnostics  # type: ignore[arg-type]
    assert said.code == "E1417"
    assert why in said.notes[0]


def test_pieces_are_looked_for_again_behind_settings_that_have_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of seventy settings that have none a few are tried, and those behind them are counted together."""
    tried: list[int] = []

    class Missing(field.Field):
        def _piece(self, values: Any) -> Any:
            tried.append(values["k"])
            return None if values["k"] < 70 else super()._piece(values)

    monkeypatch.setattr("archspec.family.sweeps.engine.Field", Missing)
    net = load(WRN)
    [batch] = Space(net._member, {"k": [*range(150)]}, ("params",), net.counting).batches()
    assert batch.columns["params"].tolist()[::10] == [load(WRN, k=k).params for k in range(1, 150, 10)]
    assert len(tried) < 30
    assert 70 <= batch.alone < 140


def test_a_sample_of_numbers_is_counted_together(capsys: pytest.CaptureFixture[str]) -> None:
    args = ["sweep", WRN, "-p", "depth=10:40", "-p", "k=1:40", "-p", "p=0,0.5", "--format", "json"]
    assert main([*args, "--sample", "500", "--seed", "3"]) == 0
    sample = json.loads(capsys.readouterr().out)
    assert main(args) == 0
    every = json.loads(capsys.readouterr().out)
    rows = {tuple(row) for row in zip(*every["columns"].values(), strict=True)}
    drawn = [*zip(*sample["columns"].values(), strict=True)]
    assert len({*drawn}) == len(drawn) == sample["held"] > 50
    assert {*drawn} <= rows
    assert sum(each["number"] for each in sample["refused"]) == 500 - sample["held"]


def test_a_sample_keeps_its_order_and_its_choices() -> None:
    net = load(f"{ROOT}/specs/mobilenet.arch")
    axes: dict[str, Any] = {"shallow": [False, True], "alpha": [0.25, 0.3, 0.5, 1.0], "resolution": [*range(32, 224)]}
    space = Space(net._member, axes, ("params", "mult_adds"), net.counting)
    pen = np.random.default_rng(0)
    places = np.stack([pen.integers(0, length, 3 * FEW) for length in space.lengths], axis=1)
    batch = space.at(places)
    values = [*space.choices.values(), *space.axes.values()]
    settings = [{n: of[i] for n, of, i in zip(space.names, values, row, strict=True)} for row in places.tolist()]
    members = [net.setting(each) for each in settings if each["alpha"] != 0.3]
    assert [*zip(*(batch.columns[n].tolist() for n in ("params", "mult_adds")), strict=True)] == [
        (member.params, member.mult_adds) for member in members
    ]
    assert batch.alone == 0


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("0.25:0.31:0.01", (0.25, 0.26, 0.27, 0.28, 0.29, 0.3, 0.31)),
        ("-0.2:0.2:0.1", (-0.2, -0.1, 0, 0.1, 0.2)),
        ("1e2:1.25e2:1e1", (100, 110, 120)),
        ("1:2:1e99999999", (1,)),
        ("1.50:2:0.25,7", (1.5, 1.75, 2, 7)),
    ],
)
def test_ranges_are_decimal(text: str, values: tuple[float, ...]) -> None:
    found = axis("k", text)
    assert found == values
    assert [*map(type, found)] == [*map(type, values)]


@pytest.mark.parametrize("text", ["1:1e99999999", "-1e99999999:1", f"1:1.{'0' * MOST_DECIMALS}1:1", "1:2:1e-99999999"])
def test_numbers_beyond_any_layer_are_no_axis(text: str) -> None:
    with pytest.raises(ArchError, match=r"E1401|E1402"):
        axis("k", text)


def test_a_figure_of_many_members_holds_what_it_draws(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether rows are added at once or in parts; and the front is that of all rows, not of those that are drawn."""
    pytest.importorskip("matplotlib")
    from archspec.family.sweeps.selection import best
    from archspec.reports.plots._front import Front

    pen = np.random.default_rng(0)
    columns = {"a": pen.integers(0, 10**6, 1_000), "b": pen.integers(0, 10**6, 1_000)}
    monkeypatch.setattr("archspec.reports.plots._front.MOST_POINTS", 100)
    files = []
    for size in (1_000, 77):
        front = Front(["a", "-b"])
        for start in range(0, 1_000, size):
            front.add({name: values[start : start + size] for name, values in columns.items()})
        plot = front.plot()
        assert [*plot.notes] == ["1 of 16 members is drawn, and all of the front"]
        assert plot.data == {"members": 1_000, "front": len(best([columns["a"], -columns["b"]]))}
        files.append(tmp_path / f"{size}.svg")
        plot.save(files[-1])
    assert files[0].read_bytes() == files[1].read_bytes()


def interrupted(_: object) -> None:
    raise KeyboardInterrupt


def test_a_drawn_sweep_resumes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("matplotlib")
    args = ["sweep", WRN, "-p", "depth=10:40:6", "-p", "k=1:9", "--pareto", "params,-k", "--format", "csv"]
    drawn = [*args, "--plot", str(tmp_path / "x.svg"), "-o", str(tmp_path / "x.csv")]
    with monkeypatch.context() as patch:
        patch.setattr("archspec.commands._plotted.Drawing.save", interrupted)
        with pytest.raises(KeyboardInterrupt):
            main(drawn)
    [parts] = [path for path in tmp_path.iterdir() if path.is_dir()]
    assert [*parts.iterdir()]
    monkeypatch.setattr("archspec.family.sweeps.sweep.Plan.part", None)  # nothing is counted again
    assert main(drawn) == 0
    monkeypatch.undo()
    assert main([*args, "-o", str(tmp_path / "y.csv")]) == 0
    assert (tmp_path / "x.csv").read_bytes() == (tmp_path / "y.csv").read_bytes()
    assert not parts.exists()


@pytest.mark.parametrize(
    "args",
    [
        [WRN, "-p", "k=1,2"],
        ["--merge", "a.json"],
        [WRN, "-p", "k=1,2", "--sample", "1"],
        [WRN, "-p", "k=1,2", "--distribution", "params"],
    ],
)
def test_without_numpy_every_sweep_says_what_to_install(
    args: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "numpy", None)
    assert main(["sweep", *args]) == 1
    assert "E1405" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("library", "option", "file", "code"),
    [("pyarrow", "-o", "x.parquet", "E1406"), ("matplotlib", "--plot", "x.svg", "E0903")],
)
def test_a_library_that_is_missing_is_told_before_anything_is_counted(
    library: str,
    option: str,
    file: str,
    code: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    monkeypatch.setattr("archspec.family.sweeps.sweep.Plan.part", None)
    assert main(["sweep", WRN, "-p", "k=1,2", option, str(tmp_path / file)]) == 1
    assert code in capsys.readouterr().err
    assert not [*tmp_path.iterdir()]


@pytest.mark.parametrize(
    "args",
    [
        [WRN, "-p", "k=1,2", "--seed", "4"],
        [WRN, "-p", "k=1,2", "--sample", "1", "--seed", "-1"],
        ["--merge", "a.json", "-p", "k=1"],
        ["--merge", "a.json", "--of", "params"],
        ["--merge", "a.json", "--convention", "torch"],
        ["--merge", "a.json", "--shard", "1/2"],
    ],
)
def test_options_without_effect_are_refused(args: list[str]) -> None:
    assert main(["sweep", *args]) == 2


@pytest.mark.parametrize("name", ["a.csv", "a.json"])
def test_a_file_is_not_merged_with_itself(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = str(tmp_path / name)
    assert main(["sweep", WRN, "-p", "k=1,2", "-o", out]) == 0
    assert main(["sweep", "--merge", out, out]) == 1
    assert "two files have the same rows" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("args", "place"), [(["-p", "nope=1"], "-p"), (["-p", "k=1", "--distribution", "size"], "--distribution")]
)
def test_what_is_wrong_stands_at_its_option(args: list[str], place: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sweep", WRN, *args]) == 1
    assert f"--> {place}\n" in capsys.readouterr().err


def test_a_distribution_that_is_written_counts_values(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "d.csv"
    assert main(["sweep", WRN, "-p", "depth=16,17,22", "-p", "k=1,2", "--distribution", "params", "-o", str(out)]) == 0
    said = capsys.readouterr().err
    assert "4 members, 4 values, exact" in said
    assert "kept" not in said
    assert "2 do not hold, E0202" in said
    assert len(out.read_text().splitlines()) == 5
