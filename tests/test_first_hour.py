"""What somebody meets who has just installed archspec: the start, a first spec, the layers, and words that are slips."""

from __future__ import annotations

from pathlib import Path

import pytest
from commands import Run, runner

from archspec import loads, ops
from archspec.commands import names
from archspec.reports.reference import about, topics

run = pytest.fixture(runner)


def test_archspec_alone_shows_where_to_start(run: Run) -> None:
    done = run()
    assert done.code == 0
    assert "archspec new mynet " in done.out
    assert all(word in names() for word in ("new", "count", "check", "compile", "layers", "explain"))


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("coutn", "there is no command `coutn`; did you mean `count`?"),
        ("tiny.arch", "`tiny.arch` is not a command: write `archspec count tiny.arch`"),
        ("tiny", "`tiny` is not a command: write `archspec count tiny.arch`"),
        ("two:b", "write `archspec count two.arch:b`"),
        ("specs/vgg", "write `archspec count specs/vgg`"),
        ("", "there is no command ``"),
        ("zzz", "the commands are compile, count, check"),
        ("conv", "`conv` is not a command: `archspec explain conv` says what it is"),
        ("E0301", "`E0301` is not a command: `archspec explain E0301` says what it is"),
        ("E9999", "there is no command `E9999`; the commands are"),
        ("!", "`!` is not a command: `archspec explain '!'` says what it is"),
        ("a\x1b[31m", "there is no command `a\ufffd[31m`"),
    ],
)
def test_a_first_word_that_is_no_command(run: Run, word: str, said: str) -> None:
    done = run(word)
    assert done.code == 2
    assert said in done.err
    assert done.out == ""


@pytest.mark.parametrize("name", ["mine", "class", "input", "block", "conv", "torch", "deep/mine", "mine.arch"])
def test_a_new_spec_holds_and_says_what_it_has(run: Run, name: str) -> None:
    done = run("new", name)
    path = Path(f"{name.removesuffix('.arch')}.arch")
    assert done.code == 0
    assert f"wrote {path}:" in done.out
    network = loads(path.read_text("utf-8"))
    assert network.holds
    assert network.diagnostics == ()
    assert {check.quantity for check in network.claims} == {"params", "mult-adds"}


def test_a_spec_that_exists_is_left_alone(run: Run) -> None:
    Path("mine.arch").write_text("mine")
    assert run("new", "mine").code == 2
    assert Path("mine.arch").read_text() == "mine"


@pytest.mark.parametrize("name", ["3x", "a b", "a-b", "", "ö", "a\n", "."])
def test_a_name_that_no_network_has_writes_nothing(run: Run, name: str) -> None:
    assert run("new", name).code == 2
    assert {path.name for path in Path.cwd().iterdir()} == {"tiny.arch", "two.arch", "wrong.arch", "broken.arch"}


@pytest.mark.parametrize("layer", ops.names())
def test_every_layer_is_explained_with_its_arguments_and_an_example(layer: str) -> None:
    op = ops.find(layer)
    assert op is not None
    text = about(layer)
    assert text is not None
    lines = text.splitlines()
    listed = {line.split()[0] for line in lines if line.startswith("  ") and line.strip()}
    assert set(op.arguments) <= listed
    assert "<!--" not in text
    assert "](" not in text
    assert "| " not in "\n".join(line for line in lines if not line.startswith("    "))


def test_statements_are_explained(run: Run) -> None:
    done = run("explain", "every")
    assert done.code == 0
    assert "    every conv:    conv no bias; bn; relu\n" in done.out
    assert "every" in topics()


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("block", "The line is `block NAME`"),
        ("claims", "The table below `claims` holds figures of the whole network."),
        ("!", "the print is wrong: other figures of its source contradict it"),
        ("?", "no counting rule was found that gives it"),
        ("counting rules", "`counted`"),
        ("Expressions", "Expressions\n"),
        ("from", "Rows by name: from\n"),
        ("output", "Tables of layers\n"),
        ("params", "Printed figures\n"),
    ],
)
def test_what_the_language_is_made_of_is_explained(run: Run, word: str, said: str) -> None:
    done = run("explain", word)
    assert (done.code, done.err) == (0, "")
    assert said in done.out


def test_a_command_is_explained_by_its_help(run: Run) -> None:
    assert "it is a command: `archspec help count` says what it takes" in run("explain", "count").err


def test_a_name_that_no_network_can_have_is_mended(run: Run) -> None:
    assert "`archspec new deep/resnet_50` would do" in run("new", "deep/resnet-50").err
    assert "write letters, digits and `_`" in run("new", "50").err


@pytest.mark.parametrize("name", names())
def test_help_of_a_command(run: Run, name: str) -> None:
    done = run("help", name)
    assert (done.code, done.err) == (0, "")
    assert done.out == run(name, "--help").out
    assert done.out.startswith(f"usage: archspec {name} ")


def test_help_alone_and_of_what_is_no_command(run: Run) -> None:
    assert run("help").out == run("--help").out != ""
    assert "there is no command `zzz`" in run("help", "zzz").err


@pytest.mark.parametrize(
    "words",
    [
        ["why", "tiny.arch", "-p", "classes=20", "5,288"],
        ["why", "-p", "classes=20", "tiny.arch", "5,288"],
        ["why", "tiny.arch", "5,288", "-p", "classes=20"],
    ],
)
def test_options_stand_anywhere(run: Run, words: list[str]) -> None:
    done = run(*words)
    assert done.code == 0
    assert done.out.startswith("5,288 holds under `paper`")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["count"], "the following arguments are required: SPEC"),
        (["why"], "the following arguments are required: SPEC\n"),
        (["why", "tiny.arch", "--odd", "1M"], "unrecognized arguments: --odd"),
        (["diff", "tiny.arch", "--all"], "the following arguments are required: B"),
    ],
)
def test_what_is_missing_or_unknown_is_said(run: Run, words: list[str], said: str) -> None:
    done = run(*words)
    assert done.code == 2
    assert said in done.err


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ("tiny", "did you mean `tiny.arch`?"),
        ("tiny:A", "did you mean `tiny.arch`?"),
        ("mine", "did you mean `nets/mine.arch`?"),
        ("mien", "did you mean `nets/mine.arch`?"),
        ("nest/mine.arch", "did you mean `nets/mine.arch`?"),
        ("nets/mien.arch", "did you mean `nets/mine.arch`?"),
        ("nets", "name a spec in it, such as `nets/mine.arch`; `archspec audit nets` checks all of them"),
        ("tiny.arch:A", "there is no variant `A`: this is one network, not a family"),
        ("tiny.arch:A", "help: ask for it without a variant"),
    ],
)
def test_a_name_that_is_no_spec_says_which_is_meant(run: Run, spec: str, said: str) -> None:
    Path("nets").mkdir()
    Path("nets/mine.arch").write_bytes(Path("tiny.arch").read_bytes())
    done = run("count", spec)
    assert (done.code, done.err.count("error[")) == (1, 1)
    assert said in done.err


README = "# A project\n\nIt has text.\nAnd more text.\n\n```arch\nnetwork n\ninput 8x8x3\n```\n\nSo it goes, on and on.\nEnd.\n"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("README.md", README),
        ("setup.py", "import os\n\n\ndef main():\n    print(os.getcwd())\n"),
        ("odd.arch", "layer, op\nconv1, conv3-8\nfc, fc 10\n"),
    ],
)
def test_a_file_that_is_no_spec_is_one_error(run: Run, name: str, text: str) -> None:
    Path(name).write_text(text)
    done = run("count", name)
    assert (done.code, done.err.count("error["), done.out) == (1, 1, "")
    assert f"error[E0013]: `{name}` is not a spec" in done.err


@pytest.mark.parametrize("text", ["network n\nan odd line\none more\nand one\n", "netwrok n\ninputt 8x8x3\n"])
def test_a_spec_with_mistakes_stays_one(run: Run, text: str) -> None:
    Path("odd.arch").write_text(text)
    done = run("count", "odd.arch")
    assert "E0013" not in done.err
    assert "error[E0102]" in done.err


@pytest.mark.parametrize("word", ["", "0301", "the", "[", "./conv", "x" * 5000])
def test_what_nothing_explains_is_wrong_usage(run: Run, word: str) -> None:
    done = run("explain", word)
    assert (done.code, done.out) == (2, "")
    assert "error[E0012]" in done.err


def test_a_word_that_nothing_explains(run: Run) -> None:
    done = run("explain", "convv")
    assert done.code == 2
    assert "error[E0012]: there is no layer or statement `convv`\n = help: did you mean `conv`?" in done.err


def test_all_layers_are_listed(run: Run) -> None:
    done = run("layers")
    assert [line.split()[0] for line in done.out.splitlines()] == sorted(ops.names())
    assert done.code == 0
