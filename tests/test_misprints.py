"""Cells of layers that are printed wrong: in families, in JSON, under other parameters, in every report."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from commands import Run, runner

import archspec
from archspec.api import variants
from archspec.diagnostics import ArchError
from archspec.ir.json import from_json, to_json

run = pytest.fixture(runner)
ROOT = Path(__file__).parent.parent
SPEC = """network n(width=8)
paper "A Table", Table 1
input 32x32x3

# The second stride is printed as 2.
| layer | op                       | output      |
|-------|--------------------------|-------------|
| a     | conv 3x3, width, /2      | 16x16x8     |
| b     | conv 3x3, width, /2 ! /1 | 16x16x8     |
| fc    | fc 10                    | 10          |
"""
SHOWN = "with the printed `/2`, `b` gives 8x8x8 where 16x16x8 is printed"
FAMILY = """network n
input 32x32x3
variants A, B

| layer | A     | B     | output |
|-------|-------|-------|--------|
| a     | {cells} | |
| fc    | fc 10 | fc 10 | 10     |

claims
| source  | quantity | A      | B |
|---------|----------|--------|---|
| Table 1 | params   | {count} |   |
"""


def test_a_network_has_what_works_and_keeps_what_is_printed() -> None:
    net = archspec.loads(SPEC)
    [misprint] = net.network.misprints
    assert (misprint.row, misprint.column, misprint.printed, misprint.works) == (1, "op", "/2", "/1")
    assert [str(row.output) for row in net.rows] == ["16x16x8", "16x16x8", "10"]
    assert net.rows[1].op == "conv 3x3, width, /1"
    assert "stride=2" in net.source().split("self.a")[1]
    assert "stride=2" not in net.source().split("self.b")[1]
    assert net.source() == archspec.loads(SPEC.replace("/2 ! /1", "/1     ")).source()
    assert [each.shown for each in net.misprints] == [SHOWN]


def test_json_keeps_marks_and_checks_them() -> None:
    network = archspec.loads(SPEC).network
    assert from_json(to_json(network)) == network
    assert [each.shown for each in archspec.loads(to_json(network)).misprints] == [SHOWN]
    data = json.loads(to_json(network))
    data["misprints"][0]["steps"][0]["args"]["stride"]["value"] = 1
    wrong = archspec.loads(json.dumps(data))
    assert [d.code for d in wrong.diagnostics] == ["E0315"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda each: each.update(row=3), "a misprint is in row 3, and the rows are 0 to 2"),
        (lambda each: each["steps"][0].update(op="konv"), "there is no layer `konv`"),
        (lambda each: each.update(steps=[{"kind": "instance", "block": "x"}]), "there is no block `x`"),
        (lambda each: each["steps"][0]["args"]["channels"].update(value=9), "`width` is not 9"),
    ],
)
def test_json_that_does_not_keep_the_promises_of_a_mark(change, said: str) -> None:  # type: ignore[no-untyped-def]
    data = json.loads(to_json(archspec.loads(SPEC).network))
    change(data["misprints"][0])
    with pytest.raises(ArchError, match="misprints") as caught:
        archspec.loads(json.dumps(data))
    assert any(said in each.message for each in caught.value.diagnostics)


def test_under_other_parameters_the_figures_do_not_apply_and_neither_do_marks() -> None:
    net = archspec.loads(SPEC)
    wide = net(width=16)
    assert wide.misprints == []
    assert wide.holds
    [misprint] = wide.network.misprints
    assert misprint.steps[0].args["channels"].value == 16  # type: ignore[union-attr]
    assert wide.network.misprints == archspec.loads(SPEC.replace("width=8", "width=16"), width=16).network.misprints


WORKS, RESTS = "conv 3x3, 8 ! conv 5x5, 8", "conv 3x3, 8 ! conv 3x3, 8, pad=1"


@pytest.mark.parametrize(
    ("cells", "size", "codes"),
    [
        (WORKS, 5, []),  # one cell for both variants, and A alone has a figure that shows it
        (f"{WORKS} | {WORKS}", 5, ["E0316"]),  # that of B shows nothing
        (f"{WORKS} | conv 3x3, 8", 5, []),
        (RESTS, 3, ["E0316"]),
    ],
)
def test_in_a_family_a_mark_is_shown_by_one_of_the_variants_that_have_it(
    tmp_path: Path, cells: str, size: int, codes: list[str]
) -> None:
    params = 8 * size * size * 3 + 8 + 10 * 8192 + 10
    (tmp_path / "n.arch").write_text(FAMILY.replace("{cells}", cells).replace("{count}", str(params)))
    found = variants(str(tmp_path / "n.arch"))
    assert [d.code for c in found for d in c.diagnostics] == codes
    assert all(c.holds for c in found) == (not codes)


def test_check_and_count_name_the_figure(run: Run, tmp_path: Path) -> None:
    spec = tmp_path / "n.arch"
    spec.write_text(SPEC)
    line = f"b: /2 ! /1: {SHOWN}"
    checked = run("check", str(spec)).out
    assert line in checked
    assert "3 figures: 3 agree, 1 cell of layers is wrong in print, as marked" in checked
    assert line in run("count", str(spec)).out
    assert SHOWN in run("count", "--format", "markdown", str(spec)).out
    assert SHOWN in run("check", "--format", "markdown", str(spec)).out
    data = {"row": "b", "column": "op", "printed": "/2", "works": "/1", "holds": True, "shown": SHOWN}
    assert json.loads(run("check", "--format", "json", str(spec)).out)["specs"][0]["misprints"] == [data]
    assert json.loads(run("count", "--format", "json", str(spec)).out)["misprints"] == [data]


def test_audit_has_the_cell_as_a_finding_and_no_figure(run: Run, tmp_path: Path) -> None:
    spec = tmp_path / "n.arch"
    spec.write_text(SPEC)
    text = run("audit", str(spec)).out
    assert "`b` of n: /2 in print; the printed figures are those of /1" in text
    assert SHOWN in text
    assert "1 cell of layers is printed wrong" in text
    data = json.loads(run("audit", "--format", "json", str(spec)).out)
    assert (data["counts"]["exact"], data["counts"]["erratum"]) == (3, 0)
    [paper] = data["papers"]
    [found] = paper["misprints"]
    assert (found["class"], found["certainty"], found["anchor"]) == ("table against itself", "likely", "n-b-op-2")
    assert found["comment"] == "The second stride is printed as 2."
    copy = tmp_path / "copy.arch"
    copy.write_text('network copy like "n.arch"\ntitle "Copy"\n\n| layer | op |\n|---|---|\n| fc | fc 5 |\n')
    both = json.loads(run("audit", "--format", "json", str(spec), str(copy)).out)
    assert sum(len(each["misprints"]) for each in both["papers"]) == 1


def test_a_lecture_slips_in_a_cell_too(run: Run, tmp_path: Path) -> None:
    spec = tmp_path / "n.arch"
    spec.write_text(SPEC.replace("Table 1", "lecture 1"))
    [paper] = json.loads(run("audit", "--format", "json", str(spec)).out)["papers"]
    assert [each["class"] for each in paper["misprints"]] == ["lecture slip"]


@pytest.mark.parametrize(
    ("spec", "row", "shown"),
    [
        ("mobilenet", "dw13", "with the printed `/2`, `pw13` gets 4x4x1024 where 7x7x1024 is printed, "),
        ("googlenet", "conv1", "with the printed `conv 7x7, 64, /2`, `conv1` has 9,472 params where 2.7K is printed, "),
        (
            "inception_v3",
            "conv7",
            "with the printed `pad=0`, `inception_a` gets 33x33x288 where 35x35x288 is printed, ",
        ),
    ],
)
def test_marks_of_the_corpus(spec: str, row: str, shown: str) -> None:
    net = archspec.load(ROOT / "specs" / f"{spec}.arch")
    assert [(each.source, each.shown) for each in net.misprints] == [(row, f"{shown}and other figures fail")]


def test_released_networks_are_those_of_before() -> None:
    counts = {"googlenet": (6_998_552, 1_582_671_872), "inception_v3": (23_834_568, 5_713_216_096)}
    for name, (params, mult_adds) in counts.items():
        net = archspec.load(ROOT / "specs" / f"{name}_released.arch")
        assert (net.params, net.mult_adds) == (params, mult_adds)
        assert net.network.misprints == ()


@pytest.mark.dear
def test_many_marks_end_within_the_budget() -> None:
    rows = "\n".join(f"| r{i} | conv 3x3, {i % 7 + 2} ! {i % 7 + 1} | 32x32x{i % 7 + 1} |" for i in range(1400))
    table = f"| layer | op | output |\n|---|---|---|\n{rows}\n| fc | fc 10 | 10 |\n"
    with pytest.raises(ArchError) as caught:
        _ = archspec.loads(f"network n\ninput 32x32x3\n\n{table}").diagnostics
    assert [d.code for d in caught.value.diagnostics] == ["E0704"]


PARTS = """network n(width=8)
input 28x28x3

| layer | op                                | output   | params |
|-------|-----------------------------------|----------|--------|
| a     | conv 3x3, width, /2, no bias ! {} | 28x28x8  | 224    |
| fc    | fc 10                             | 10       |        |

claims
| source | width | params |
|--------|-------|--------|
| text   | 16    | 126K   |
"""


@pytest.mark.parametrize(
    ("works", "wrong"),
    [
        ("/1, bias", []),
        ("bias, /1", []),
        ("/1, bias, pad=1", ["E0316: every printed figure that holds with `pad=1` holds without it too"]),
        ("/1, bias, dilation=1", ["E0316: every printed figure that holds with `dilation=1` holds without it too"]),
        ("/1, bias, 3x3", ["E0315: the cell is the same without `3x3`"]),
    ],
)
def test_each_argument_behind_a_mark_is_needed(tmp_path: Path, works: str, wrong: list[str]) -> None:
    spec = tmp_path / "n.arch"
    spec.write_text(PARTS.format(works))
    [found] = variants(str(spec))
    assert [f"{d.code}: {d.message}" for d in found.diagnostics] == wrong
    assert [m.works for m in found.misprints] == [works]
    again = from_json(to_json(found.network))
    assert again.misprints == found.network.misprints


def test_only_marks_that_show_something_are_counted(run: Run, tmp_path: Path) -> None:
    spec = tmp_path / "n.arch"
    spec.write_text(SPEC.replace("/2 ! /1", "/1 ! /1"))
    assert "wrong in print, as marked" not in run("check", str(spec)).out
