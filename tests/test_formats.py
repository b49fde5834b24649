"""JSON, CSV and Markdown: they say what the text says, and JSON follows docs/counts.schema.json."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
from commands import FAMILY, Run, runner
from networks import SPECS, named, statements

from archspec.elaborate import variants_of
from archspec.render.formats import csv_text

run = pytest.fixture(runner)
ROOT = Path(__file__).parent.parent
SCHEMA = json.loads((ROOT / "docs" / "counts.schema.json").read_text("utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)


def test_check_as_json_says_it_all(run: Run) -> None:
    done = run("check", "two.arch", "broken.arch", "--format", "json")
    data = json.loads(done.out)
    assert (done.code, data["holds"]) == (1, False)
    assert [(spec["network"], spec["holds"], len(spec["checks"])) for spec in data["specs"]] == [
        ("two_A", True, 1),
        ("two_B", True, 1),
        ("", False, 0),
    ]
    assert data["specs"][2]["diagnostics"][0]["code"] == "E0601"


def test_check_as_csv_and_markdown(run: Run) -> None:
    rows = list(csv.DictReader(io.StringIO(run("check", "tiny.arch", "--format", "csv").out)))
    assert [(row["quantity"], row["arithmetic"]) for row in rows if row["printed in"] == "a"] == [
        ("output", "8x8x4"),
        ("params", "148"),
    ]
    assert "| Table 1    |" in run("check", "tiny.arch", "--format", "markdown").out


def test_a_reported_figure_has_no_arithmetic_in_csv(run: Run) -> None:
    spec = str(Path(__file__).parent.parent / "specs" / "vgg_D.arch")
    rows = list(csv.DictReader(io.StringIO(run("check", spec, "--format", "csv").out)))
    reported = [row["arithmetic"] for row in rows if row["verdict"] == "reported"]
    assert reported == ["", ""]


def test_counts_as_csv_add_up(run: Run) -> None:
    rows = list(csv.DictReader(io.StringIO(run("count", "two.arch", "--format", "csv").out)))
    assert [row["network"] for row in rows] == ["two_A", "two_A", "two_B", "two_B"]
    assert sum(int(row["params"]) for row in rows) == 2718 + 2866


def test_counts_as_markdown_are_a_table(run: Run) -> None:
    lines = run("count", "tiny.arch", "--format", "markdown").out.splitlines()
    table = [line for line in lines if line.startswith("|")]
    assert {line.count("|") for line in table[:5]} == {8}
    assert "**2,718**" in table[4]


@pytest.mark.parametrize("start", ["=1+1", "+1+1", "-2+3", "@SUM(1)", "\uff1d1+1"])
@pytest.mark.parametrize("command", [["count"], ["check"], ["count", "--side-by-side"]])
def test_no_cell_of_csv_is_a_formula(run: Run, start: str, command: list[str]) -> None:
    Path("odd.arch").write_text(FAMILY.replace("| conv  |", f"| {start} |").replace("Table 1", start))
    done = run(*command, "odd.arch", "--format", "csv")
    assert done.code == 0, done.err
    cells = [cell for row in csv.reader(io.StringIO(done.out)) for cell in row]
    assert f"'{start}" in cells
    assert start not in cells


def test_numbers_of_csv_stay_numbers() -> None:
    assert csv_text([[-1, "+2.5", "-3,000", "-4%", "-5+5", "\t=6"]]) == "-1,+2.5,\"-3,000\",-4%,'-5+5,' =6"


def test_markdown_takes_what_a_spec_says_literally(run: Run) -> None:
    bad = "[a](http://x) ![b](http://y) [c][d] <b>e</b> &lt;f&gt; g"
    spec = "\n".join(
        [
            "network odd(classes=10)",
            f'paper "P: {bad}", ~~~ {bad}',
            "input 32x32x3",
            f"| layer | op | params |\n|---|---|---|\n| {bad} | FC-classes | 30,730 |",
            f"\n# ~~~ [a]: http://x {bad}\nclaims\n| source | params |\n|---|---|\n| {bad} | 24M ! |\n",
        ]
    )
    for name in ("odd", "more"):
        Path(f"{name}.arch").write_text(spec.replace("network odd", f"network {name}").replace('"P:', f'"{name}:'))
    forms = [["count", "odd.arch"], ["check", "odd.arch"], ["audit", "odd.arch"], ["audit", "odd.arch", "more.arch"]]
    for command in forms:
        out = run(*command, "--format", "markdown").out
        assert "http://x" in out or "http-x" in out
        assert not re.search(r"&amp;(amp|lt;b)", out)
        ours = re.sub(
            r"(?<!\\)\]\((audit/[\w-]+|counting)\.md(#[\w-]+)?\)", "", re.sub(r'<a id="[\w-]+"></a>', "", out)
        )
        assert not re.search(
            r"(?<!\\)\][(\[:]|<|&[lg]t;(?=f)|&gt;|^(> )?~~~", ours.replace("&lt;b>", ""), re.MULTILINE
        ), ours


def check_counts(data: dict[str, Any]) -> None:
    for total in ("params", "mult_adds"):
        assert data[total] == sum(row[total] for row in data["rows"])
    assert data["activations"] == sum(row["activations"] for row in data["rows"])
    assert not data["diagnostics"]


@named(path.name for path in SPECS)
def test_json_of_the_corpus_follows_the_schema_and_adds_up(run: Run, name: str) -> None:
    done = run("count", str(ROOT / "specs" / name), "--format", "json")
    assert done.code == 0
    data = json.loads(done.out)
    VALIDATOR.validate(data)
    networks = data if isinstance(data, list) else [data]
    assert isinstance(data, list) == bool(variants_of(statements(name)))
    assert [network["variant"] for network in networks] == list(variants_of(statements(name)) or [None])
    for network in networks:
        check_counts(network)


def test_the_schema_is_one_and_refuses_what_is_not_in_it(run: Run) -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    data = json.loads(run("count", "wrong.arch", "--format", "json").out)
    jsonschema.validate(data, SCHEMA)
    assert data["diagnostics"][0]["place"]["line"] == 5
    wrong: object
    for wrong in (data | {"more": 1}, data | {"params": -1}, data | {"input": [1, 2]}, {}, []):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(wrong, SCHEMA)


def test_a_family_of_one_variant_is_an_array_as_well(run: Run) -> None:
    Path("one.arch").write_text("network one\ninput 8x8x4\nvariants A\n| A |\n|---|\n| fc 10 |\n")
    data = json.loads(run("count", "one.arch", "--format", "json").out)
    assert [network["variant"] for network in data] == ["A"]
    assert json.loads(run("count", "one.arch:A", "--format", "json").out)["variant"] == "A"


def test_diagnostics_as_json(run: Run) -> None:
    done = run("count", "broken.arch", "--format", "json")
    assert done.code == 1
    assert [d["code"] for d in json.loads(done.out)["diagnostics"]] == ["E0601"]
