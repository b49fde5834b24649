"""The tables that `count` prints of several specs, opened, side by side and in units; and what shells complete."""

from __future__ import annotations

import json
import subprocess
from bisect import bisect_left
from pathlib import Path

import jsonschema  # type: ignore[import-untyped]
import pytest
from commands import FAMILY, TINY, Run, runner

from archspec import load
from archspec.api import variants
from archspec.commands import _shells, completion, names
from archspec.render.side_by_side import side_by_side_text
from archspec.render.units import in_units
from archspec.reports.opened import parts
from archspec.support.terminal import Style

run = pytest.fixture(runner)
ROOT = Path(__file__).parent.parent
SCHEMA = json.loads((ROOT / "docs" / "counts.schema.json").read_text("utf-8"))
DEEP = """network deep(n=3)
input 8x8x4
every conv: conv no bias; bn; relu
block basic(c, stride=1) = add of
| residual | conv 3x3, c, /stride; conv 3x3, c, no relu |
| shortcut | shortcut c, /stride                        |
then relu
block two(c) = concat of
| one   | basic c       |
| other | maxpool 3x3, /1, pad=1 |
block may(c) = add of
| main | conv 3x3, c          |
| skip | identity if in == c  |

| layer | op             |
|------|-----------------|
| a    | conv3-8         |
| b    | basic 16, /2 x n |
| c    | two 8           |
| d    | may 8           |
| fc   | fc 10; soft-max |
"""

# Several specs.


@pytest.mark.parametrize("specs", [["tiny.arch", "two.arch"], ["two.arch:B", "tiny.arch"], ["tiny.arch", "tiny.arch"]])
def test_several_specs_are_one_after_the_other(run: Run, specs: list[str]) -> None:
    done = run("count", *specs)
    assert (done.code, done.err) == (0, "")
    assert done.out == "\n\n".join(run("count", spec).out for spec in specs)
    found = json.loads(run("count", *specs, "--format", "json").out)
    alone = [json.loads(run("count", spec, "--format", "json").out) for spec in specs]
    assert found == [network for each in alone for network in (each if isinstance(each, list) else [each])]
    jsonschema.validate(found, SCHEMA)
    lines = run("count", *specs, "--format", "csv").out.splitlines()
    assert lines[1:] == [line for spec in specs for line in run("count", spec, "--format", "csv").out.splitlines()[1:]]


@pytest.mark.parametrize("command", ["count", "compile"])
def test_a_wrong_spec_hides_no_other(run: Run, command: str) -> None:
    done = run(command, "tiny.arch", "broken.arch", "nope.arch", "two.arch:A")
    assert done.code == 1
    assert done.out.count("\ntotal ") == 2
    assert [line[:12] for line in done.err.splitlines() if line.startswith("error")] == ["error[E0601]", "error[E0001]"]
    found = json.loads(run(command, "tiny.arch", "broken.arch", "two.arch:A", "--format", "json").out)
    assert [each.get("network", each.get("spec")) for each in found] == ["tiny", "broken.arch", "two"]
    assert [d["code"] for d in found[1]["diagnostics"]] == ["E0601"]
    jsonschema.validate(found, SCHEMA)


def test_each_spec_has_a_budget_of_its_own(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = "".join(f"| a{i} | conv 3x3, {8 + i % 2} |\n" for i in range(100))
    for name in ("one", "other"):
        Path(f"{name}.arch").write_text(f"network {name}\ninput 8x8x4\n| layer | op |\n|---|---|\n{rows}")
    most = bisect_left(range(1_000_000), True, key=lambda n: _holds(run, monkeypatch, n))
    assert 1_000 < most < 1_000_000
    monkeypatch.setattr("archspec.budget.Budget.__init__.__defaults__", (most,))
    assert run("count", "one.arch", "other.arch", "one.arch").code == 0


def _holds(run: Run, monkeypatch: pytest.MonkeyPatch, most: int) -> bool:
    monkeypatch.setattr("archspec.budget.Budget.__init__.__defaults__", (most,))
    return run("count", "one.arch").code == 0


def test_code_of_several_specs_is_written_where_it_holds(run: Run) -> None:
    Path("wrong.arch").write_text(TINY.replace("148", "149").replace("network tiny", "network wrong"))
    done = run("compile", "tiny.arch", "wrong.arch", "two.arch", "-o", "out/")
    assert done.code == 1
    assert "archspec: nothing was written of wrong.arch\n" in done.err
    assert sorted(path.name for path in Path("out").iterdir()) == ["tiny.py", "two_A.py", "two_B.py"]


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["tiny.arch", "tiny.arch"], "tiny and tiny would both be tiny.py"),
        (["tiny.arch", "wrong.arch"], "tiny of tiny.arch and tiny of wrong.arch would both be tiny.py"),
        (["two.arch", "two.arch:B"], "two_B of two.arch and two_B of two.arch:B would both be two_B.py"),
        (["tiny.arch", "two.arch:B", "-o", "x.py"], "these are 2 networks: give `-o` a directory, or pick one"),
        (["tiny.arch", "two.arch:B", "-o", "-"], "these are 2 networks: pick one for standard output"),
        (
            ["train.arch", "tiny.arch", "--train"],
            "train_tiny of train.arch and the training program of tiny of tiny.arch would both be",
        ),
    ],
)
def test_code_that_would_be_one_file_is_refused_before_anything_is_written(
    run: Run, args: list[str], said: str
) -> None:
    Path("train.arch").write_text(TINY.replace("network tiny", "network train_tiny"))
    done = run("compile", *args)
    assert (done.code, done.out) == (2, "")
    assert said in done.err
    assert [path.name for path in Path().rglob("*") if path.suffix != ".arch"] == []


# Opened rows.


@pytest.mark.parametrize("convention", ["paper", "fvcore", "ptflops", "paper, no fc, with add"])
@pytest.mark.parametrize("spec", ["resnet.arch", "mobilenet_v3_small.arch", "densenet.arch", "googlenet.arch", ""])
def test_what_is_inside_costs_what_the_row_costs(convention: str, spec: str, tmp_path: Path) -> None:
    path = ROOT / "specs" / spec if spec else tmp_path / "deep.arch"
    if not spec:
        path.write_text(DEEP)
    for compiled in [each.under(convention) for each in variants(str(path))[:2]]:
        result = compiled.result
        for depth in (2, 3, 9):
            found = parts(result.network, result.inferred, result.counting, depth)
            for row, lines in zip(result.rows, found, strict=True):
                assert_sums(row.params, [(line.level, line.params) for line in lines])
                assert_sums(row.mult_adds, [(line.level, line.mult_adds) for line in lines])
                assert not lines or [line.output for line in lines if line.level == 1][-1] == row.output


def assert_sums(whole: int, lines: list[tuple[int, int]], level: int = 1) -> None:
    """What stands right inside something adds up to it, on each level."""
    starts = [i for i, line in enumerate(lines) if line[0] == level]
    assert not starts or sum(lines[i][1] for i in starts) == whole
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=False):
        assert_sums(lines[start][1], lines[start + 1 : end], level + 1)


def test_blocks_are_opened_to_a_depth(run: Run) -> None:
    Path("deep.arch").write_text(DEEP)
    lines = [line[:61].rstrip() for line in run("count", "deep.arch", "--depth", "2").out.split("\n\n")[1].splitlines()]
    assert lines == [
        "layer         op                                       output",
        "a             conv3-8                                  8x8x8",
        "                conv 3x3, 8, no bias                   8x8x8",
        "                bn                                     8x8x8",
        "                relu                                   8x8x8",
        "b             basic 16, /2 x n                         4x4x16",
        "  1             basic 16, /2                           4x4x16",
        "    residual      conv 3x3, 16, /2, no bias; bn; relu  4x4x16",
        "                  conv 3x3, 16, no bias; bn            4x4x16",
        "    shortcut      conv 1x1, 16, /2, no bias; bn        4x4x16",
        "                  add                                  4x4x16",
        "                  relu                                 4x4x16",
        "  2 to 3        basic 16                               4x4x16",
        "    residual      conv 3x3, 16, no bias; bn; relu      4x4x16",
        "                  conv 3x3, 16, no bias; bn            4x4x16",
        "    shortcut      identity                             4x4x16",
        "                  add                                  4x4x16",
        "                  relu                                 4x4x16",
        "c             two 8                                    4x4x24",
        "  one           basic 8                                4x4x8",
        "  other         maxpool 3x3, /1, pad=1                 4x4x16",
        "                concat                                 4x4x24",
        "d             may 8                                    4x4x8",
        "  main          conv 3x3, 8, no bias; bn; relu         4x4x8",
        "fc            fc 10; soft-max                          10",
        "                fc 10                                  10",
        "                softmax                                10",
        "total",
    ]
    deeper = run("count", "deep.arch", "--depth", "3").out
    assert "  one           basic 8 " in deeper
    assert "    shortcut      conv 1x1, 8, no bias; bn " in deeper
    assert run("count", "deep.arch", "--depth", "1").out == run("count", "deep.arch").out


def test_a_branch_that_drops_out_has_no_line(run: Run) -> None:
    Path("deep.arch").write_text(DEEP.replace("| may 8 ", "| may 9 "))
    assert "skip" not in run("count", "deep.arch", "--depth", "2").out


def test_opened_rows_stand_in_markdown(run: Run) -> None:
    Path("deep.arch").write_text(DEEP)
    done = run("count", "deep.arch", "--depth", "2", "--format", "markdown")
    assert "| · · residual | · · conv 3x3, 16, /2, no bias; bn; relu " in done.out


# Units, side by side.


@pytest.mark.parametrize(
    ("number", "unit", "said"),
    [
        (25_557_032, "M", "25.6M"),
        (25_557_032, "auto", "25.6M"),
        (4_089_184_256, "auto", "4.09G"),
        (4_089_184_256, "M", "4,089M"),
        (138_357_544, "auto", "138M"),
        (9_408, "M", "0.01M"),
        (9_408, "auto", "9.41K"),
        (999, "auto", "999"),
        (999_499, "auto", "999K"),
        (999_950, "auto", "1.00M"),
        (9_996, "auto", "10.0K"),
        (99_950, "auto", "100K"),
        (0, "M", "0"),
        (5 * 10**15, "auto", "5,000,000G"),
        (1_005, "auto", "1.01K"),
        (999_499_999, "auto", "999M"),
        (999_500_000, "auto", "1.00G"),
        (8_991_000_000_001_027_123_456_789_012, "auto", "8,991,000,000,001,027,123G"),
        (10**400, "G", f"{10**391:,}G"),
    ],
)
def test_units(number: int, unit: str, said: str) -> None:
    assert in_units(number, unit) == said


def test_a_family_side_by_side(run: Run) -> None:
    more = FAMILY.replace("| fc    |", "| more  |            | maxpool             |\n| fc    |")
    Path("two.arch").write_text(more.replace("variants", 'paper "Own"\npaper "Other", quoted as Table 1\nvariants'))
    done = run("count", "two.arch", "--side-by-side", "--units", "K")
    assert done.out.split("\n\n")[0].splitlines() == ["two", "Own"]
    assert done.out.split("\n\n")[1].splitlines() == [
        "layer      output  A           B",
        "conv       8x8x4   conv3-4     conv3-4 x 2",
        "more       4x4x4               maxpool",
        "fc         10      fc classes  fc classes",
        "params             2.72K       0.95K",
        "mult-adds          11.8K       19.1K",
    ]
    table = run("count", "two.arch", "--side-by-side", "--format", "csv").out.splitlines()
    assert table[0] == "layer,output,A,B"
    assert "| more " in run("count", "two.arch", "--side-by-side", "--format", "markdown").out


@pytest.mark.parametrize(
    "options",
    [
        ["--depth", "2", "--details"],
        ["--side-by-side", "--depth", "2"],
        ["--details", "--units", "M"],
        ["--depth", "2", "--format", "csv"],
        ["--units", "M", "--format", "json"],
        ["--side-by-side", "--format", "json"],
        ["two.arch", "--side-by-side", "--format", "csv"],
        ["--depth", "0"],
        ["--depth", "41"],
        ["--depth", "two"],
        ["--units", "B"],
    ],
)
def test_options_without_effect_are_refused(run: Run, options: list[str]) -> None:
    done = run("count", "tiny.arch", *options)
    assert (done.code, done.out) == (2, "")
    assert done.err


@pytest.mark.parametrize(
    ("given", "name"),
    [
        (["paper, no fc"], "paper, no fc"),
        (["no FC"], "paper, no fc"),
        (["no fc", "fvcore"], "fvcore, no fc"),
        (["fvcore,\n no fc"], "fvcore, no fc"),
    ],
)
def test_rules_are_read_as_those_of_claims(run: Run, given: list[str], name: str) -> None:
    options = [word for each in given for word in ("--convention", each)]
    assert f"; convention: {name}\n" in run("count", "tiny.arch", *options).out


def test_rules_without_a_comma_say_where_it_belongs(run: Run) -> None:
    done = run("count", "tiny.arch", "--convention", "fvcore no fc")
    assert done.code == 1
    assert "help: write a `,` before `no`" in done.err


# Completion.


def completed(*words: str, apart: str | None = None) -> list[str]:
    """What bash completes the last of some words to, in order."""
    script = completion.WRITES["bash"]([completion._command(name) for name in ("help", *names())])
    ask = f"{script}\nCOMP_WORDS=({' '.join(map(repr, words))}); COMP_CWORD={len(words) - 1}; _archspec"
    ask += '\nprintf "%s\\n" "${COMPREPLY[@]}"'
    done = subprocess.run(["bash", "-c", ask], capture_output=True, text=True, check=True, timeout=60)
    return sorted(done.stdout.strip().split(apart))


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["archspec", "co"], ["compile", "completion", "count"]),
        (["archspec", "count", "ti"], ["tiny.arch"]),
        (["archspec", "count", "--si"], ["--side-by-side"]),
        (["archspec", "count", "--format", "m"], ["markdown"]),
        (["archspec", "compile", "tiny.arch", "-o", "RE"], ["README.md"]),
        (["archspec", "count", "RE"], []),
        (["archspec", "explain", "E030"], [f"E030{i}" for i in range(1, 10)]),
        (["archspec", "explain", "ma"], ["marks", "maxpool"]),
        (["archspec", "help", "wh"], ["why"]),
        (["archspec", "completion", ""], ["bash", "fish", "zsh"]),
    ],
)
def test_bash_completes(run: Run, words: list[str], found: list[str]) -> None:
    Path("README.md").write_text("")
    assert completed(*words) == found


def test_bash_takes_names_as_they_are(run: Run) -> None:
    for name in ("s*r.arch", "star.arch", "a b.arch", "$(touch made).arch", "o'ne\".arch"):
        Path(name).write_text("")
    assert completed("archspec", "count", "s", apart="\n") == ["s*r.arch", "star.arch"]
    assert completed("archspec", "count", "a", apart="\n") == ["a b.arch"]
    assert completed("archspec", "count", "$(", apart="\n") == ["$(touch made).arch"]
    assert completed("archspec", "count", "o", apart="\n") == ["o'ne\".arch"]
    assert not Path("made").exists()


@pytest.mark.parametrize("shell", sorted(completion.WRITES))
def test_every_command_and_option_is_completed(run: Run, shell: str) -> None:
    done = run("completion", shell)
    assert done.code == 0
    for name in names():
        for option in completion._command(name).options:
            for flag in option.flags:
                spelled = flag if shell != "fish" else f"-{'l' if flag[:2] == '--' else 's'} {flag.lstrip('-')} "
                assert spelled.strip() in done.out, f"{name} {flag}"


def test_every_value_is_of_a_known_kind() -> None:
    known = {
        "8.5cm",
        "ENDING",
        "NETWORK",
        "STYLE",
        "SPEC",
        "A",
        "B",
        "A B",
        "WORD",
        "RULES",
        "NAME",
        "NAME=VALUE",
        "HxWxC",
        "N",
        "SHELL",
        "COLUMNS",
        "KEY",
        "LENGTH",
        "NAME=VALUES",
        "NAME,NAME",
        "CONDITION",
        "COUNT",
        "I/N",
        "",
        *completion.FILES,
    }
    values = [x.value for name in names() for x in completion._command(name).options if x.value is not None]
    values += [x for name in names() if (x := completion._command(name).argument) is not None]
    assert {value.said for value in values} <= known
    assert all(value.words or value.said for value in values)


def test_texts_are_quoted_for_each_shell() -> None:
    odd = _shells.Command("odd", "it's [a]: `b`", [_shells.Option(("--odd",), "it's [a]: \\b")], None)
    assert "'it\\'s [a]: \\\\b'" in _shells.fish([odd])
    assert "[it'\"'\"'s \\[a\\]\\: \\\\b]" in _shells.zsh([odd])
    assert load(ROOT / "examples" / "tiny.arch").holds


@pytest.mark.parametrize("limit", [20, 40, 80, 120])
def test_side_by_side_no_total_is_cut(limit: int) -> None:
    results = [each.result for each in variants(str(ROOT / "specs" / "resnet.arch"))]
    text = side_by_side_text(results, Style(), limit)
    assert all(f"{result.totals.mult_adds:,}" in text for result in results)
    assert all(f"{result.totals.params:,}" in text for result in results)
    assert all(len(line) <= limit for line in text.split("\n\n")[1].splitlines()) or limit < 40
