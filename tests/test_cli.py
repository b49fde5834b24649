"""The command line: what each command prints and writes, and its exit code: 0 holds, 1 wrong, 2 wrong usage."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from commands import FAMILY, TINY, Done, Run, runner

from archspec import __version__
from archspec.commands.explain import explanations

run = pytest.fixture(runner)
ROOT = Path(__file__).parent.parent


def files() -> list[str]:
    """What the folder holds beside the specs."""
    return sorted(str(p) for p in Path().rglob("*") if p.is_file() and p.suffix != ".arch")


def test_a_spec_without_printed_figures_says_so(run: Run) -> None:
    Path("bare.arch").write_text("network bare\ninput 8x8x3\n\n| conv3-8 |\n")
    assert run("check", "bare.arch").out.strip() == "bare.arch: bare: no figures to check"


def test_compile_prints_the_table_and_writes_the_code(run: Run) -> None:
    done = run("compile", "tiny.arch")
    assert (done.code, done.err) == (0, "")
    assert "total" in done.out
    assert "Table 1" in done.out
    assert "wrote generated/tiny.py" in done.out
    assert files() == ["generated/tiny.py"]
    assert Path("generated/tiny.py").read_text() == run("emit", "tiny.arch").out


@pytest.mark.parametrize(
    ("out", "written"),
    [
        ("x.py", ["x.py"]),
        ("deep/er/x.py", ["deep/er/x.py"]),
        ("there/", ["there/tiny.py"]),
        ("here", ["here/tiny.py"]),
        ("new", ["new/tiny.py"]),
        ("new.d/", ["new.d/tiny.py"]),
        ("plain", ["plain"]),
        ("-", []),
    ],
)
def test_o_is_a_file_a_folder_or_standard_output(run: Run, out: str, written: list[str]) -> None:
    Path("here").mkdir()
    if out == "plain":
        Path(out).write_text("a file without a suffix stays one")
    done = run("compile", "tiny.arch", "-o", out)
    assert done.code == 0
    assert files() == written
    if out == "-":
        assert done.out == run("emit", "tiny.arch").out
        assert "total" in done.err


def test_compile_of_a_family_writes_every_variant(run: Run) -> None:
    done = run("compile", "two.arch", "-o", "out/")
    assert done.code == 0
    assert files() == ["out/two_A.py", "out/two_B.py"]
    assert run("compile", "two.arch:B", "-o", "b.py").code == 0
    assert Path("b.py").read_text() == Path("out/two_B.py").read_text()


@pytest.mark.parametrize("out", ["x.py", "-"])
def test_a_family_does_not_fit_into_one_file(run: Run, out: str) -> None:
    done = run("compile", "two.arch", "-o", out)
    assert (done.code, done.out, files()) == (2, "", [])
    assert "2 variants" in done.err


def test_variants_whose_files_would_have_one_name_are_refused(run: Run) -> None:
    Path("same.arch").write_text(
        FAMILY.replace("A, B", "A-1, A_1").replace("| A   ", "| A-1 ").replace("| B   ", "| A_1 ")
    )
    done = run("compile", "same.arch")
    assert (done.code, files()) == (2, [])
    assert "two_A_1.py" in done.err


@pytest.mark.parametrize("spec", ["wrong.arch", "broken.arch", "missing.arch", "two.arch:C"])
@pytest.mark.parametrize("form", ["text", "json", "csv", "markdown"])
def test_a_compile_that_fails_writes_nothing(run: Run, spec: str, form: str) -> None:
    Path("x.py").write_text("mine")
    done = run("compile", spec, "-o", "x.py", "--format", form)
    assert done.code == 1
    assert "error[E" in done.err
    assert files() == ["x.py"]
    assert Path("x.py").read_text() == "mine"


def test_a_family_with_one_wrong_variant_writes_none(run: Run) -> None:
    Path("two.arch").write_text(FAMILY.replace("2,866", "2,867"))
    done = run("compile", "two.arch")
    assert (done.code, files()) == (1, [])
    assert done.err.count("error[E0303]") == 1


@pytest.mark.parametrize("out", ["tiny.arch/x.py", "tiny.arch/"])
def test_what_cannot_be_written_is_said(run: Run, out: str) -> None:
    before = Path("tiny.arch").read_text()
    done = run("compile", "tiny.arch", "-o", out)
    assert done.code == 1
    assert "error[E0002]" in done.err
    assert Path("tiny.arch").read_text() == before


def test_a_parameter_and_an_input_are_set(run: Run) -> None:
    done = run("count", "tiny.arch", "-p", "classes=20", "--input", "4x4x4", "--format", "json")
    data = json.loads(done.out)
    assert (done.code, data["parameters"], data["input"]) == (0, {"classes": 20}, [4, 4, 4])
    assert data["params"] == 148 + 20 * 65
    assert "def tiny(classes: int = 20)" in run("emit", "tiny.arch", "-p", "classes=20").out


def test_printed_figures_are_not_checked_for_other_parameters_and_that_is_said(run: Run) -> None:
    done = run("count", "wrong.arch", "-p", "classes=20")
    assert done.code == 0
    assert "not checked" in done.out
    assert run("count", "wrong.arch").code == 1


def test_a_claim_with_parameters_of_its_own_is_always_checked(run: Run) -> None:
    data = json.loads(run("count", "tiny.arch", "--format", "json").out)
    found = [(claim["parameters"], claim["value"], claim["verdict"]) for claim in data["claims"]]
    assert found == [({}, 2718, "rounds"), ({}, None, "reported"), ({"classes": 20}, 5288, "exact")]
    Path("tiny.arch").write_text(TINY.replace("5,288", "5,289"))
    done = run("check", "tiny.arch")
    assert (done.code, done.err.count("error[")) == (1, 1)
    assert "claims 5,289 params for classes=20; the network has 5,288" in done.err


@pytest.mark.parametrize(
    ("args", "code"),
    [(["-p", "clases=3"], "E0406"), (["-p", "classes=2.5"], "E0606"), (["-p", "classes=ten"], "E0411")],
)
@pytest.mark.parametrize("command", ["count", "emit", "compile"])
def test_a_setting_that_the_network_cannot_take_is_a_diagnostic(
    run: Run, command: str, args: list[str], code: str
) -> None:
    done = run(command, "tiny.arch", *args)
    assert (done.code, files()) == (1, [])
    assert done.err.startswith(f"error[{code}]")
    assert done.err.count("error[") == 1


@pytest.mark.parametrize(
    ("args", "code", "help"),
    [
        (["-p", "classes"], "E0101", "write `-p NAME=VALUE`"),
        (["-p", "=3"], "E0101", "write `-p NAME=VALUE`"),
        (["-p", ""], "E0101", "write `-p NAME=VALUE`"),
        (["-p", "classes=3 4"], "E0101", "write `-p NAME=VALUE`"),
        (["-p", "classes=1e400"], "E0205", "write `-p NAME=VALUE`"),
        (["-p", "classes=1/0"], "E0204", "write `-p NAME=VALUE`"),
        (["-p", "classes=1,b=2"], "E0101", "repeat `-p` for a second one: `-p NAME=VALUE -p NAME=VALUE`"),
        (["--input", "8x8"], "E0405", "write `--input 224x224x3`"),
        (["--input", "0x8x4"], "E0405", "write `--input 224x224x3`"),
        (["--input", "big"], "E0201", "write `--input 224x224x3`"),
        (["--input", "8x"], "E0101", "write `--input 8`"),
        (["--input", "32,32,3"], "E0101", "write `--input 32x32x3`"),
        (["--input", " "], "E0101", "write `--input 224x224x3`"),
        (["--input", ""], "E0101", "write `--input 224x224x3`"),
    ],
)
@pytest.mark.parametrize("command", ["count", "emit", "compile"])
def test_an_option_that_cannot_be_read_is_wrong_usage_and_says_how_it_is_written(
    run: Run, command: str, args: list[str], code: str, help: str
) -> None:
    done = run(command, "tiny.arch", *args)
    assert (done.code, done.out, files()) == (2, "", [])
    assert done.err.startswith(f"error[{code}]")
    assert done.err.count("error[") == 1
    assert "^" in done.err
    assert done.err.endswith(f"= help: {help}\n\n")


@pytest.mark.parametrize("command", ["count", "emit", "compile"])
def test_a_parameter_that_is_set_twice_is_wrong_usage(run: Run, command: str) -> None:
    done = run(command, "tiny.arch", "-p", "classes=5", "-p", "classes=6")
    assert (done.code, done.out, files()) == (2, "", [])
    assert done.err == "archspec: `-p` sets `classes` more than once\n"


def test_the_x_of_an_input_may_be_a_capital(run: Run) -> None:
    assert run("count", "tiny.arch", "--input", "4X4X4").out == run("count", "tiny.arch", "--input", "4x4x4").out


@pytest.mark.parametrize("rules", ["no", "with", "no, no fc", "no bias, with"])
def test_a_counting_word_alone_is_no_rule(run: Run, rules: str) -> None:
    Path("rule.arch").write_text(TINY.replace("input", f"counted {rules}\ninput"))
    Path("claim.arch").write_text(
        TINY.replace("classes | params |", "counted | params |").replace("20      |", f"{rules} |")
    )
    for spec in ("rule.arch", "claim.arch"):
        done = run("count", spec)
        assert (done.code, done.err.count("error["), done.err[:12]) == (1, 1, "error[E0506]")


def test_variants_are_picked_behind_a_colon(run: Run) -> None:
    assert json.loads(run("count", "two.arch:B", "--format", "json").out)["variant"] == "B"
    done = run("count", "two.arch:C")
    assert done.code == 1
    assert "error[E0407]" in done.err
    assert run("emit", "two.arch:A").out.count("class Two") == 1


@pytest.mark.parametrize(("side", "code"), [("((", "E0801"), ("3.3G", "E0802")])
def test_a_side_of_a_bridge_that_means_nothing_is_a_diagnostic(run: Run, side: str, code: str) -> None:
    done = run("why", "tiny.arch", "paper", side)
    assert (done.code, done.out, done.err[:12]) == (1, "", f"error[{code}]")


def test_emit_of_a_family_is_one_file_with_a_function_for_each_variant(run: Run) -> None:
    done = run("emit", "two.arch")
    assert (done.code, done.err) == (0, "")
    assert re.findall(r"^def (two_\w+)", done.out, re.MULTILINE) == ["two_A", "two_B"]
    assert run("compile", "two.arch", "--together", "-o", "-").out == done.out
    assert run("compile", "two.arch", "--together").code == 0
    assert files() == ["generated/two.py"]
    assert Path("generated/two.py").read_text() == done.out


def test_the_training_program_of_a_family_asks_for_a_variant(run: Run) -> None:
    done = run("emit", "two.arch", "--train")
    assert (done.code, done.out) == (1, "")
    assert "error[E0408]" in done.err
    done = run("compile", "two.arch", "--together", "--train")
    assert (done.code, files()) == (2, [])
    assert "leave out `--together`" in done.err


@pytest.mark.parametrize("out", ["x.py", "-"])
def test_files_of_several_families_do_not_fit_into_one(run: Run, out: str) -> None:
    done = run("compile", "two.arch", "tiny.arch", "--together", "-o", out)
    assert (done.code, done.out, files()) == (2, "", [])
    assert "these are 2 files" in done.err


def test_emit_shows_the_code_and_what_disagrees(run: Run) -> None:
    done = run("emit", "wrong.arch")
    assert done.code == 1
    compile(done.out, "tiny.py", "exec")
    assert "error[E0302]" in done.err


def test_check_runs_all_variants_of_all_specs(run: Run) -> None:
    done = run("check", "two.arch", "tiny.arch", "wrong.arch", "broken.arch", "missing.arch")
    assert done.code == 1
    lines = [line for line in done.out.splitlines() if ".arch: " in line]
    assert lines == [
        "two.arch: two_A: 1 figure: 1 agrees",
        "two.arch: two_B: 1 figure: 1 agrees",
        "tiny.arch: tiny: 5 figures: 5 agree, 1 reported",
        "wrong.arch: tiny: 5 figures: 4 agree, 1 does not hold, 1 reported",
        "broken.arch: not a valid spec",
        "missing.arch: not a valid spec",
    ]
    assert [word for word in ("E0302", "E0601", "E0001") if word in done.err] == ["E0302", "E0601", "E0001"]
    assert run("check", "two.arch", "tiny.arch").code == 0


def test_explain_prints_what_a_code_means(run: Run) -> None:
    for code, text in explanations().items():
        done = run("explain", code.lower())
        assert (done.code, done.out) == (0, f"{code}\n\n{text}\n")


@pytest.mark.parametrize("code", ["E9999", "e03"])
def test_explain_of_an_unknown_code_is_wrong_usage(run: Run, code: str) -> None:
    done = run("explain", code)
    assert (done.code, done.out) == (2, "")
    assert "error[E0007]" in done.err


@pytest.mark.parametrize(
    "args",
    [
        ["count"],
        ["count", "tiny.arch", "--fromat", "json"],
        ["count", "tiny.arch", "--format", "yaml"],
        ["check"],
        ["explain"],
        ["emit", "tiny.arch", "-o", "x.py"],
    ],
)
def test_wrong_usage_is_exit_code_2(run: Run, args: list[str]) -> None:
    done = run(*args)
    assert (done.code, done.out, files()) == (2, "", [])
    assert "usage: archspec" in done.err


def test_help_and_version(run: Run) -> None:
    assert run("--version").out == f"archspec {__version__}\n"
    for command in ("compile", "count", "check", "audit", "diff", "emit", "explain"):
        done = run(command, "--help")
        assert done.code == 0
        assert f"usage: archspec {command}" in done.out


def process(*args: str, stdin: str = "") -> Done:
    """A command as a process of its own, in the folder of the project."""
    env = {name: value for name, value in os.environ.items() if name not in ("FORCE_COLOR", "NO_COLOR")}
    command = [sys.executable, "-m", "archspec", *args]
    done = subprocess.run(command, cwd=ROOT, env=env, input=stdin, capture_output=True, text=True, check=False)
    return Done(done.returncode, done.stdout, done.stderr)


def test_standard_input_is_a_spec() -> None:
    done = process("count", "-", stdin=TINY)
    assert (done.code, done.err) == (0, "")
    assert "2,718" in done.out
    assert "<stdin>:5:" in process("count", "-", stdin=TINY.replace("conv3-4", "cnov3-4")).err
    assert process("emit", "--", "-:B", stdin=FAMILY).out.startswith('"""two')
    both = process("count", "--format", "csv", "-:A", "-:B", stdin=FAMILY)
    assert (both.code, both.err) == (0, "")
    assert {line.partition(",")[0] for line in both.out.splitlines()} == {"network", "two_A", "two_B"}


ACCENTS = TINY.replace("input", 'title "Réseau 😀"\ninput')


@pytest.mark.parametrize(
    "env", [{"PYTHONIOENCODING": "ascii"}, {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}]
)
@pytest.mark.parametrize("command", [["count"], ["emit"], ["count", "--format", "json"]], ids=" ".join)
def test_a_stream_takes_characters_that_its_encoding_lacks(
    command: list[str], env: dict[str, str], tmp_path: Path
) -> None:
    path = tmp_path / "t.arch"
    path.write_text(ACCENTS.replace("Table 1", "Tableau é😀"), "utf-8")
    words = [sys.executable, "-m", "archspec", *command, str(path)]
    done = subprocess.run(words, cwd=ROOT, env=os.environ | env, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    out = done.stdout.decode("ascii")
    if "json" in command:
        assert json.loads(out)["claims"][0]["source"] == "Tableau é😀"
    else:
        assert "R\\xe9seau" in out


@pytest.mark.skipif(sys.platform == "win32", reason="a shell closes the streams")
@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ("count - <&-", 1, "error[E0001]: cannot read `<stdin>`: standard input is closed\n\n"),
        ("count specs/lenet5.arch >&-", 1, "archspec: standard output is closed\n"),
        ("check specs/lenet5.arch >&-", 1, "archspec: standard output is closed\n"),
        ("emit specs/lenet5.arch >&-", 1, "archspec: standard output is closed\n"),
        ("count specs/lenet5.arch 2>&- >/dev/null", 0, ""),
        ("count nothing.arch 2>&-", 1, ""),
    ],
)
def test_a_closed_stream_is_said_in_one_line(words: str, code: int, said: str) -> None:
    command = f"{sys.executable} -m archspec {words}"
    done = subprocess.run(["bash", "-c", command], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (code, "", said)


def test_a_reader_that_goes_away_is_no_error(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "longer_than_a_pipe_holds.arch"
    path.write_text("network n\ninput 9\n" + "| fc 9 |\n" * 3_000)
    assert len(run("count", str(path)).out) > 2**17
    command = f"{sys.executable} -m archspec count {path} | head -n 1; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert done.stdout.splitlines()[-1] == "0"


def test_colour_in_a_pipe_is_asked_for() -> None:
    env = os.environ | {"FORCE_COLOR": "1"}
    command = [sys.executable, "-m", "archspec", "count", "specs/lenet5.arch"]
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=True)
    assert "\033[1m" in done.stdout
    assert "\033" not in process("count", "specs/lenet5.arch").out


MARKED = """network odd
input 8x8x3

| layer | op      | output  | params |
|-------|---------|---------|--------|
| a     | conv3-4 | 8x8x4   | 114 !  |
| b     | conv3-4 | 9x8x4 ? | 149    |
"""


def test_a_figure_that_disagrees_as_it_is_marked_is_not_said_to_agree(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("odd.arch").write_text(MARKED)
    summary = "4 figures: 1 agrees, 1 is wrong in print, as marked, 1 has no rule found, as marked, 1 does not hold"
    assert f"odd.arch: odd: {summary}\n" in run("check", "odd.arch").out
    monkeypatch.setenv("FORCE_COLOR", "1")
    lines = run("check", "odd.arch").out.splitlines()
    colours = {"a output": "32", "a params": "33", "b output": "33", "b params": "31"}
    for what, colour in colours.items():
        [line] = [each for each in lines if re.match(rf"\S+?m{what[0]} +{what[2:]} ", each)]
        assert line.startswith(f"\x1b[{colour}m"), line
