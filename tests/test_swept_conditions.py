"""What is kept of a sweep, by conditions and by order, and the files that are read again: as the language has it."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import archspec
from archspec import ArchError
from archspec.cli import main
from archspec.expressions import Unfit, evaluate
from archspec.expressions.read import read as read_expression
from archspec.family.sweeps.conditions import Condition
from archspec.family.sweeps.files import merged, read
from archspec.family.sweeps.selection import selection
from archspec.family.sweeps.sweep import Sweep

WRN = Path(__file__).parent.parent / "specs" / "wrn.arch"
SPEC = "network n(a=1, kind=plain)\ninput 8x8x2\n| fc a*4 |\n| relu if kind == plain |\n"
COLUMNS: dict[str, Any] = {
    "a": np.asarray([0, 1, 2, 3, 7, 1000]),
    "b": np.asarray([0.1, 0.3, 0.7, 1.0, 2.5, 1e6]),
    "word": np.asarray(["A", "B", "A", "C", "yes", "no"]),
    "flag": np.asarray([True, False, True, False, True, False]),
    "huge": np.asarray([10**20, 2**63, 2**64, 5, 10**20 + 1, 0], dtype=object),
}
ROWS = [dict(zip(COLUMNS, row, strict=True)) for row in zip(*(c.tolist() for c in COLUMNS.values()), strict=True)]
CONDITIONS = [
    "b*10 == 7", "b*10 <= 1", "b*3 < 0.9", "a/3 == 1", "b/0.1 == 3", "a != b", "a == 1000 and b*a == 1e9",
    "round_to(a, 8) == 8", "round_to(b*100, 8) == 32", "round_to(a, 8) > a", "floor(b*10) == 7", "ceil(b*10) == 7",
    "min(a, b, 2) == 2", "max(a, b*10) > 7", "(a if flag else b) > 1", "(2 if word == B else a) == 2", "-a < 0",
    "flag", "not flag", "flag == yes", "flag == no and a > 0", "word == A", "word != A", "word == 3", "a == word",
    "not (word == A or a > 2)", "a", "a and b", "b - a < 0.3 or a*a > 9", "a != 0 and 6/a >= 3", "a == 0 or 6/a < 1",
    "(3 if a == 0 else 6/a) == 3", "a - 0.1 == b", "a + b == 1.3",
]  # fmt: skip
"""Those of columns that the language bounds no further."""
OF_HUGE = {
    "huge > 10000000000*10000000000": [False, False, False, False, True, False],
    "huge*huge - huge*huge == 0": [True] * 6,
    "huge/2 > 4.9e19": [True, False, False, False, True, False],
    "min(huge, 7) == 7": [True, True, True, False, True, False],
    "huge == a": [False] * 6,
}
WITHOUT = [
    "6/a > 1",
    "a/(b - b) > 1",
    "round_to(a, a) > 1",
    "word < 3",
    "word + 1 > 2",
    "-flag < 0",
    "min(flag, 1) < 2",
]


@pytest.mark.parametrize("text", CONDITIONS)
def test_a_condition_is_what_the_language_makes_of_each_row(text: str) -> None:
    tree = read_expression(text)
    words = {name: name for name in tree.names - COLUMNS.keys()} | {"yes": True, "no": False}
    expected = [bool(evaluate(tree, words | row)) for row in ROWS]
    assert Condition(text, [*COLUMNS], ["word"]).holds(COLUMNS).tolist() == expected


@pytest.mark.parametrize("text", OF_HUGE)
def test_whole_numbers_beyond_64_bits_are_compared_exactly(text: str) -> None:
    assert Condition(text, [*COLUMNS]).holds(COLUMNS).tolist() == OF_HUGE[text]


@pytest.mark.parametrize("text", WITHOUT)
def test_a_condition_without_a_value_says_so(text: str) -> None:
    with pytest.raises(ArchError, match="E1412"):
        Condition(text, [*COLUMNS], ["word"]).holds(COLUMNS)
    with pytest.raises(Unfit):
        [evaluate(read_expression(text), row) for row in ROWS]


@pytest.mark.parametrize("budget", ["", "params <", "parms < 3", "params/(k - k) < 3"])
def test_a_budget_is_said_to_be_one(budget: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["solve", str(WRN), "--for", "k", "--budget", budget, "-p", "k=1,2"]) == 1
    assert "--> --budget" in capsys.readouterr().err


@pytest.mark.parametrize("count", ["1e999999999", "1/0", "-1", "1.2.3", "9" * 5_000, "nan", ""])
def test_what_a_count_is_near_to_is_a_number(count: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["solve", str(WRN), "--for", "k", "--near", f"params = {count}", "-p", "k=1,2"]) == 1
    assert "error[E14" in capsys.readouterr().err


def test_a_choice_is_of_words_or_of_numbers() -> None:
    with pytest.raises(ArchError, match="E1412"):
        Condition("(word if flag else 3) == word", [*COLUMNS], ["word"]).holds(COLUMNS)


def test_what_is_too_large_for_floats_says_so() -> None:
    with pytest.raises(ArchError, match="too large"):
        Condition(f"{'*'.join(['huge'] * 20)}/3 > 1", [*COLUMNS]).holds(COLUMNS)


@pytest.mark.parametrize("name", COLUMNS)
def test_rows_are_sorted_by_any_column(name: str) -> None:
    values = COLUMNS[name].tolist()
    for sort, downwards in ((name, False), (f"-{name}", True)):
        kept = selection([*COLUMNS], ["word"], sort=sort).of(COLUMNS)
        assert kept[name].tolist() == sorted(values, reverse=downwards)


def test_a_front_is_exact_where_floats_are_not() -> None:
    columns = {"b": np.asarray([0.5, 0.5, 1.5]), "huge": np.asarray([2**63 + 1, 2**63, 2**63 + 2], dtype=object)}
    assert selection([*columns], [], pareto=["b", "huge"]).of(columns)["huge"].tolist() == [2**63]
    assert selection([*columns], [], pareto=["b", "-huge"]).of(columns)["b"].tolist() == [0.5, 1.5]


@pytest.mark.parametrize("args", [["--top", "0"], ["--top=-1"], ["--jobs", "0"], ["--jobs=-1"]])
def test_the_command_takes_whole_numbers_of_at_least_one(args: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sweep", str(WRN), "-p", "k=1,2", *args]) == 1
    assert "E1409" in capsys.readouterr().err


@pytest.mark.parametrize("values", ["1:1e5000", "1:1e999999:1e-999999", "1:2:1e-400", "1e999999:1e999999", "-1e13:0"])
def test_ranges_of_any_numbers_are_refused_at_once(values: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sweep", str(WRN), "-p", f"k={values}"]) == 1
    assert "E140" in capsys.readouterr().err


def test_what_does_not_hold_is_said_as_a_spec_writes_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "n.arch").write_text(SPEC)
    assert main(["sweep", str(tmp_path / "n.arch"), "-p", "a=yes,3x3"]) == 0
    said = capsys.readouterr().err
    assert "first: a=yes)" in said
    assert "first: a=3x3)" in said


def written(tmp_path: Path, end: str) -> Sweep:
    """Columns of all kinds, written and read again."""
    columns = {
        "=cmd": np.asarray(["=1+1", "@x", "-A", "b"]),
        "n": np.asarray([-1, 2, -3, 4]),
        "f": np.asarray([-0.5, 1.0, 2.0, 3.0]),
        "large": np.asarray([2**63, -1, 10**30, 0], dtype=object),
    }
    Sweep(columns, [], 4, 4).save(tmp_path / f"x{end}")
    return read(str(tmp_path / f"x{end}"))


@pytest.mark.parametrize("end", [".csv", ".json", ".parquet"])
def test_files_hold_every_number_and_word(end: str, tmp_path: Path) -> None:
    if end == ".parquet":
        pytest.importorskip("pyarrow")
    found = {name: values.tolist() for name, values in written(tmp_path, end).columns.items()}
    assert found == {
        "=cmd": ["=1+1", "@x", "-A", "b"],
        "n": [-1, 2, -3, 4],
        "f": [-0.5, 1.0, 2.0, 3.0],
        "large": [2**63, -1, 10**30, 0],
    }


def test_no_cell_of_a_sweep_is_a_formula(tmp_path: Path) -> None:
    written(tmp_path, ".csv")
    rows = [*csv.reader((tmp_path / "x.csv").read_text("utf-8").splitlines())]
    assert rows[0] == ["'=cmd", "n", "f", "large"]
    assert [row[0] for row in rows[1:]] == ["'=1+1", "'@x", "'-A", "b"]
    assert [row[1] for row in rows[1:]] == ["-1", "2", "-3", "4"]


def test_no_word_of_a_file_moves_the_cursor(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.csv").write_text("word\n\x1b[31m\n\u202e\n\x7f\n", "utf-8")
    for form in ("text", "csv", "json"):
        assert main(["sweep", "--merge", str(tmp_path / "a.csv"), "--format", form]) == 0
        assert capsys.readouterr().out.replace("\n", "").isprintable()


def test_shards_of_64_bits_and_more_are_joined_exactly(tmp_path: Path) -> None:
    for name, value in (("a", 2**63), ("b", 2**63 - 1)):
        (tmp_path / f"{name}.csv").write_text(f"params\n{value}\n")
    found = merged([read(str(tmp_path / f"{name}.csv")) for name in "ab"])
    assert found["params"].tolist() == [2**63, 2**63 - 1]


HOSTILE = {
    "a.json": ["[]", "{}", '{"columns": []}', '{"columns": {}}', '{"columns": {"a": 3}}', '{"columns": {"a": [1], "b": []}}',
               '{"columns": {"a": [1, "x"]}}', '{"columns": {"a": [[1], [2]]}}', '{"columns": {"a": [NaN]}}',
               '{"columns": {"a": [1]}, "size": "x"}', '{"columns": {"a": [1]}, "size": null}', "[" * 100_000,
               '{"columns": {"a": [1]}, "refused": [3]}', '{"columns": {"a": [1]}, "refused": [{"first": 3}]}',
               '{"columns": {"a": [1]}, "refused": {"x": 1}}', "\0", "\xff", "9" * 5_000, '{"columns": {"a": [1e999]}}'],
    "a.csv": ["", "\n", "a,b\n1\n", "a,a\n1,2\n", '"' + "x" * 200_000, "a\nnan\n", "a\ninf\n", "\xff\n"],
    "a.parquet": ["", "PAR1", "x" * 100],
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_merged_may_hold_anything(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / name
    for text in HOSTILE[name]:
        path.write_bytes(text.encode("latin-1"))
        code = main(["sweep", "--merge", str(path), str(path)])
        said = capsys.readouterr().err
        assert code == 1, repr(text[:50])
        assert "E1408" in said or "E1406" in said


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes that have names")
def test_a_pipe_is_not_merged(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    os.mkfifo(tmp_path / "a.csv")
    assert main(["sweep", "--merge", str(tmp_path / "a.csv")]) == 1
    assert "it is not a file" in capsys.readouterr().err


def test_a_directory_is_refused_before_anything_is_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.csv").mkdir()
    for out in ("a.csv", "b.csv/"):
        assert main(["sweep", str(WRN), "-p", "k=1,2", "-o", f"{tmp_path}/{out}"]) == 2
    assert [path.name for path in tmp_path.iterdir()] == ["a.csv"]
    assert "a sweep is one file" in capsys.readouterr().err


def begun(tmp_path: Path) -> Path:
    """A sweep that was killed after its first part, and the folder of its parts."""
    program = (
        "import os, signal, sys\nfrom archspec.cli import main\nfrom archspec.family.sweeps import files, sweep\n"
        "keep = files.Parts.keep\n"
        "def kept(parts, columns, batch):\n    keep(parts, columns, batch)\n    os.kill(os.getpid(), signal.SIGKILL)\n"
        "files.Parts.keep = kept\nsweep.CHUNK = 2\nmain(sys.argv[1:])\n"
    )
    env = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    args = ["sweep", "n.arch", "-p", "a=1:5", "-o", "x.json"]
    done = subprocess.run([sys.executable, "-c", program, *args], cwd=tmp_path, env=env, check=False)
    assert done.returncode != 0
    [folder] = tmp_path.glob("x.json.parts-*")
    return folder


@pytest.mark.skipif(sys.platform == "win32", reason="signals as Unix has them")
@pytest.mark.parametrize("change", ["nothing", "a part that is torn", "another text", "parts that vanish"])
def test_a_sweep_resumes_only_what_is_of_the_same_text(
    change: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = tmp_path / "n.arch"
    spec.write_text(SPEC)
    folder = begun(tmp_path)
    [part] = folder.iterdir()
    if change == "a part that is torn":
        part.write_bytes(part.read_bytes()[:100])
    elif change == "another text":
        spec.write_text(SPEC.replace("a*4", "a*8"))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("archspec.family.sweeps.sweep.CHUNK", 2)
    if change == "parts that vanish":
        monkeypatch.setattr("archspec.family.sweeps.files.Parts.lacking", lambda parts, numbers: [*numbers][1:])
        part.unlink()
    assert main(["sweep", "n.arch", "-p", "a=1:5", "-o", "x.json"]) == 0
    found = json.loads((tmp_path / "x.json").read_text())["columns"]
    assert found["params"] == [archspec.load(spec, a=a).params for a in range(1, 6)]
    assert folder.exists() == (change == "another text")
