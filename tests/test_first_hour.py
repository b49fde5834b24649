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
        ("specs/vgg", "write `archspec count specs/vgg`"),
        ("", "there is no command ``"),
        ("zzz", "the commands are compile, count, check"),
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
