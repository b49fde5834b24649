"""Sweeps on many machines, as the page about sweeps has them: Ray and Dask run its programs on this one."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

import archspec
from archspec.cli import main

ROOT = Path(__file__).parent.parent
WRN = str(ROOT / "specs" / "wrn.arch")
AXES = ["-p", "depth=10:100:6", "-p", "k=1:12"]


def shards(folder: Path, *numbers: int, of: int = 3, form: str = "json") -> list[str]:
    names = [str(folder / f"{place}.{form}") for place in range(len(numbers))]
    for name, number in zip(names, numbers, strict=True):
        archspec.sweep(WRN, depth="10:100:6", k="1:12", shard=(number, of)).save(name)
    return names


def test_shards_are_put_in_their_order(tmp_path: Path) -> None:
    names = shards(tmp_path, 3, 1, 2)
    assert main(["sweep", "--merge", *names, "-o", str(tmp_path / "all.json")]) == 0
    assert main(["sweep", WRN, *AXES, "-o", str(tmp_path / "whole.json")]) == 0
    assert (tmp_path / "all.json").read_text() == (tmp_path / "whole.json").read_text()


@pytest.mark.parametrize(
    ("numbers", "said"), [((1, 3), "shard 2 of 3 is missing"), ((1, 2, 3, 2), "shard 2 of 3 is given more than once")]
)
def test_what_is_missing_or_there_twice_is_said(
    numbers: tuple[int, ...], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["sweep", "--merge", *shards(tmp_path, *numbers)]) == 1
    assert said in capsys.readouterr().err


def test_shards_of_two_sweeps_are_not_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    [one] = shards(tmp_path, 1)
    archspec.sweep(WRN, depth="10:100:6", k="1:13", shard=(2, 3)).save(tmp_path / "other.json")
    archspec.sweep(WRN, depth="10:100:6", k="1:12", shard=(2, 2)).save(tmp_path / "half.json")
    for other in ("other.json", "half.json"):
        assert main(["sweep", "--merge", one, str(tmp_path / other)]) == 1
        assert "other specs, settings or numbers of shards" in capsys.readouterr().err


def test_that_csv_says_less_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sweep", "--merge", *shards(tmp_path, 1, 3, form="csv")]) == 0
    assert "do not say which shards they are" in capsys.readouterr().err


@pytest.mark.parametrize("shard", [(0, 3), (4, 3), (1,), "1/3"])
def test_a_shard_is_one_of_several(shard: object) -> None:
    with pytest.raises(archspec.ArchError, match="E1409"):
        archspec.sweep(WRN, k=[1, 2], shard=shard)  # type: ignore[arg-type]


def test_the_job_array_of_the_page_runs(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "sweeps.md").read_text("utf-8")
    [script] = re.findall(r"```slurm\n(.*?)```", page, re.DOTALL)
    (tmp_path / "specs").symlink_to(ROOT / "specs")
    plain = f'archspec() {{ {shlex.quote(sys.executable)} -m archspec "$@"; }}\n{script}'
    for task in ("1", "2"):
        array = {"SLURM_ARRAY_TASK_ID": task, "SLURM_ARRAY_TASK_COUNT": "2", "PYTHONPATH": str(ROOT)}
        subprocess.run(["bash", "-e", "-c", plain], cwd=tmp_path, env={**os.environ, **array}, check=True)
    front = ["--pareto", "params,-depth"]
    parts = [str(tmp_path / f"part{task}.json") for task in ("1", "2")]
    assert main(["sweep", "--merge", *parts, *front, "-o", str(tmp_path / "front.csv")]) == 0
    assert main(["sweep", WRN, *AXES, *front, "-o", str(tmp_path / "whole.csv")]) == 0
    assert (tmp_path / "front.csv").read_text() == (tmp_path / "whole.csv").read_text()


@pytest.mark.parametrize("library", ["ray", "dask"])
def test_programs_of_the_page_run(library: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip(library)
    page = (ROOT / "docs" / "sweeps.md").read_text("utf-8")
    program = re.search(rf"<!-- file: {library}_sweep.py -->\n```python\n(.*?)```", page, re.DOTALL)
    assert program is not None
    (tmp_path / "specs").symlink_to(ROOT / "specs")
    (tmp_path / "program.py").write_text(program[1].replace("ray.init()", 'ray.init("local", num_cpus=2)'))
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "RAY_ENABLE_UV_RUN_RUNTIME_ENV": "0"}
    done = subprocess.run(
        [sys.executable, "program.py"], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=300
    )
    assert done.stdout.split("\n")[-2] == "[5, 5, 5, 5]", done.stderr
    parts = [*map(str, sorted(tmp_path.glob("part*.json")))]
    capsys.readouterr()
    assert main(["sweep", "--merge", *parts, "--sort", "mult_adds", "--top", "5", "--format", "json"]) == 0
    merged = json.loads(capsys.readouterr().out)["columns"]
    assert main(["sweep", WRN, *AXES, "--sort", "mult_adds", "--top", "5", "--format", "json"]) == 0
    assert merged == json.loads(capsys.readouterr().out)["columns"]
