"""The files that commands write: none hides a module, none takes the place of another, and what is said of them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from commands import FAMILY, RECIPE, TINY, Run, runner

from archspec import load
from archspec.targets.torch import module_name

run = pytest.fixture(runner)
HIDDEN = ["json", "random", "typing", "re", "math", "numpy", "torch", "torchvision", "archspec", "types", "enum"]


def network(name: str, channels: int = 4) -> str:
    return TINY.replace("network tiny", f"network {name}").replace("8x8x4\n|", f"8x8x{channels}\n|")


@pytest.mark.parametrize("name", HIDDEN)
def test_no_file_of_code_hides_a_module(run: Run, name: str) -> None:
    Path("n.arch").write_text(network(name))
    done = run("compile", "n.arch", "-o", "out/")
    assert done.code == 0, done.err
    assert [path.name for path in Path("out").iterdir()] == [f"{name}_net.py"]
    assert f"wrote out/{name}_net.py ({name}.py would hide the module `{name}`), which needs torch" in done.out
    assert f"`python out/{name}_net.py` runs it" in done.out


@pytest.mark.torch
@pytest.mark.parametrize("name", ["json", pytest.param("torch", marks=pytest.mark.slow)])
def test_code_that_is_called_otherwise_runs(run: Run, name: str) -> None:
    Path("n.arch").write_text(network(name))
    assert run("compile", "n.arch", "-o", "out/").code == 0
    done = subprocess.run([sys.executable, f"out/{name}_net.py"], capture_output=True, text=True, check=False)
    assert ": 2,718 parameters, output (1, 10)" in done.stdout, done.stderr


@pytest.mark.parametrize("name", ["tiny", "jsons", "train", "model", "x"])
def test_any_other_network_keeps_its_name(run: Run, name: str) -> None:
    Path("n.arch").write_text(network(name))
    assert module_name(load("n.arch").network).startswith(name)
    assert "hide" not in run("compile", "n.arch", "-o", "out/").out


def test_a_file_that_is_named_may_not_hide_a_module_either(run: Run) -> None:
    done = run("compile", "tiny.arch", "-o", "out/json.py")
    assert (done.code, done.out) == (2, "")
    assert "a file `json.py` would hide the module `json`" in done.err
    assert "write `json_net.py`" in done.err
    assert not Path("out").exists()


def test_a_program_and_a_module_of_one_path_are_an_error_before_anything_is_written(run: Run) -> None:
    text = FAMILY.replace("network two", "network train").replace("8x8x4", "8x8x1").partition("\nclaims")[0]
    Path("t.arch").write_text(text.replace("A, B", "A, train_A").replace("| B  ", "| train_A") + RECIPE)
    for train in ("full", "short"):
        done = run("compile", "t.arch", "--train", train, "-o", "out/")
        assert (done.code, done.out) == (2, "")
        assert "the training program of train_A and train_train_A would both be train_train_A.py" in done.err
        assert not Path("out").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
@pytest.mark.parametrize(("command", "ending"), [("compile", "py"), ("draw", "svg")])
def test_paths_that_a_link_makes_one_are_one(run: Run, command: str, ending: str) -> None:
    Path("out").mkdir()
    Path(f"out/two_A.{ending}").symlink_to(f"two_B.{ending}")
    done = run(command, "two.arch", "-o", "out/")
    assert done.code == 2
    assert f"two_A and two_B would both be two_B.{ending}" in done.err
    assert not Path(f"out/two_B.{ending}").exists()


OVER = [
    ["draw", "in.svg", "-o", "in.svg"],
    ["draw", "in.svg"],
    ["draw", "in.svg", "tiny.arch", "-o", "in.svg"],
    ["plot", "in.svg", "-o", "./in.svg"],
    ["view", "in.html"],
    ["view", "in.html", "-o", "in.html"],
    ["ir", "tiny.arch", "-o", "tiny.arch"],
    ["ir", "tiny.arch", "--to-arch", "-o", "../here/tiny.arch"],
    ["compile", "in.py", "-o", "in.py"],
    ["sweep", "tiny.arch", "-p", "classes=1,2", "-o", "tiny.arch"],
    ["sweep", "--merge", "tiny.arch", "in.py", "-o", "in.py"],
    ["weights", "tiny.arch", "--from", "w.pt", "-o", "tiny.arch"],
    ["import", "in.py:net", "--run", "-o", "in.py"],
]


@pytest.mark.parametrize("args", OVER, ids=" ".join)
def test_a_spec_that_is_read_is_never_written_over(
    run: Run, args: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    for name in ("in.svg", "in.html", "in.py", "tiny.arch"):
        Path(name).write_text(TINY.replace("network tiny", "network in_"))
    Path("in_.svg").symlink_to("in.svg")
    done = run(*args)
    assert (done.code, done.out) == (2, "")
    assert "is read, and would be written over: choose another place with `-o`" in done.err
    assert all(Path(name).read_text().startswith("network") for name in ("in.svg", "in.html", "in.py", "tiny.arch"))


@pytest.mark.parametrize("ending", [".arch", ".json"])
def test_code_is_not_written_as_a_spec(run: Run, ending: str) -> None:
    done = run("compile", "tiny.arch", "-o", f"other{ending}")
    assert (done.code, done.out) == (2, "")
    assert f"`{ending}` is how a spec is called: give `-o` a name that ends in `.py`" in done.err


CONTROL = "\x1b[31m\x07\u202e"
SAYS = [
    ["compile", "{}/tiny.arch", "-o", "{}/x.py"],
    ["compile", "{}/tiny.arch", "-o", "{}/out/"],
    ["compile", "{}/no.arch", "{}/no.arch"],
    ["draw", "{}/tiny.arch", "-o", "{}/x.svg"],
    ["draw", "{}/tiny.arch", "--dpi", "{}"],
    ["view", "{}/tiny.arch", "-o", "{}/x.html"],
    ["view", "{}", "-o", "{}/site/"],
    ["ir", "{}/tiny.arch", "-o", "{}/x.json"],
    ["new", "{}/mine"],
    ["new", "{}/tiny"],
    ["count", "{}/tiny.arch", "--{}"],
    ["count", "{}/tiny.arch", "-p", "{}=1"],
    ["count", "{}/tiny.arch:{}"],
    ["count", "{}/tiny.arch", "--format", "json"],
    ["count", "{}/tiny.arch", "--format", "csv"],
    ["check", "{}/tiny.arch"],
    ["check", "{}/tiny.arch", "--format", "json"],
    ["audit", "{}/tiny.arch", "--finding", "{}"],
    ["diff", "{}/tiny.arch", "tiny.arch"],
    ["why", "{}/tiny.arch", "{}"],
    ["weights", "{}/tiny.arch", "--from", "{}/w.pt"],
    ["import", "{}/x.py:net"],
    ["explain", "{}"],
    ["{}"],
]


@pytest.mark.parametrize("args", SAYS, ids=" ".join)
def test_nothing_that_is_given_moves_the_cursor(run: Run, args: list[str]) -> None:
    Path(CONTROL).mkdir()
    Path(CONTROL, "tiny.arch").write_text(TINY.replace("Table 1", CONTROL).replace("| a ", f"| a{CONTROL} "))
    done = run(*(arg.replace("{}", CONTROL) for arg in args))
    said = (done.out + done.err).replace("\n", "")
    assert said
    assert [character for character in said if not character.isprintable()] == []
