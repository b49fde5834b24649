"""The parser: its tables are made once, and it reads texts as lark reads them."""

from __future__ import annotations

import pickle
import random
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import lark
import pytest
from slips import changed

from archspec.language import generate, grammar
from archspec.language.automaton import Parser, Tables, Tree, Unexpected

pytestmark = pytest.mark.dear

ROOT = Path(__file__).parent.parent
GRAMMAR = (grammar.FOLDER / "grammar.lark").read_text("utf-8")


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A place of its own for the tables of a test."""
    monkeypatch.setattr(grammar, "TABLES", tmp_path / "grammar.tables")
    return tmp_path / "grammar.tables"


def parser() -> Parser:
    return grammar.parser.__wrapped__()


@cache
def tables() -> bytes:
    return grammar.tables()


def test_tables_are_written_and_give_the_parser_that_the_grammar_gives(elsewhere: Path) -> None:
    made = parser()._tables
    assert elsewhere.read_bytes() == tables()
    assert [path.name for path in elsewhere.parent.iterdir()] == ["grammar.tables"]
    assert parser()._tables == made


def test_tables_that_are_there_are_loaded(elsewhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere.write_bytes(tables())
    monkeypatch.setattr(grammar, "_made", lambda text: pytest.fail("made again"))
    assert parser().parse("1", "expr").data == "expr"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no pickle",
        pickle.dumps(("0.0", "")),
        pickle.dumps((grammar._origin("another grammar"), None)),
        pickle.dumps((grammar._origin(GRAMMAR), None)),
    ],
    ids=["empty", "no pickle", "another release", "another grammar", "no tables"],
)
def test_tables_of_no_use_are_made_again(elsewhere: Path, data: bytes) -> None:
    elsewhere.write_bytes(data)
    assert parser().parse("1", "expr").data == "expr"
    assert elsewhere.read_bytes() == tables()


def test_tables_that_were_cut_off_are_made_again(elsewhere: Path) -> None:
    elsewhere.write_bytes(tables()[:5000])
    assert parser().parse("1", "expr").data == "expr"


def test_tables_that_cannot_be_written_are_done_without(elsewhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grammar, "TABLES", elsewhere.parent / "missing" / "grammar.tables")
    assert parser().parse("1", "expr").data == "expr"


def test_tables_are_the_same_bytes_whatever_hashes_are() -> None:
    script = (
        "import hashlib; from archspec.language import grammar; print(hashlib.sha256(grammar.tables()).hexdigest())"
    )
    command = [sys.executable, "-c", script]
    seeds = ("1", "2")
    printed = [subprocess.check_output(command, cwd=ROOT, env={"PYTHONHASHSEED": seed}, text=True) for seed in seeds]
    assert printed[0] == printed[1]


# ---- as lark reads --------------------------------------------------------------------------------------------------


def shape(tree: Any) -> Any:
    """A tree of either parser as plain data, with the kinds and the places of its tokens."""
    if isinstance(tree, (lark.Tree, Tree)):
        return (str(tree.data), *map(shape, tree.children))
    return tree and (tree.type, str(tree), tree.start_pos, tree.end_pos)


def read_by_lark(made: lark.Lark, text: str, start: str) -> Any:
    try:
        return shape(made.parse(text, start=start))
    except lark.UnexpectedToken as error:
        at = len(text) if error.token.type == "$END" else error.token.start_pos
        return at, str(error.token), error.accepts
    except lark.UnexpectedCharacters as error:
        at = error.pos_in_stream or 0
        return at, text[at], error.allowed


def read_by_ours(made: Parser, text: str, start: str) -> Any:
    try:
        return shape(made.parse(text, start))
    except Unexpected as error:
        at = len(text) if not error.text else error.start
        return at, error.text, error.expected


def texts() -> Iterator[str]:
    """Statements and cells of the corpus, each once."""
    for path in sorted((ROOT / "specs").rglob("*.arch")):
        for line in path.read_text("utf-8").splitlines():
            yield from line.split("|") if "|" in line else [line.split(" #")[0].strip()]


@cache
def both() -> tuple[lark.Lark, Parser]:
    made = lark.Lark(GRAMMAR, parser="lalr", lexer="contextual", start=grammar.STARTS, maybe_placeholders=True)
    return made, Parser(generate.generated(GRAMMAR, grammar.STARTS))


def test_texts_are_read_as_lark_reads_them() -> None:
    theirs, ours = both()
    drawn = random.Random(7)
    known = sorted(set(texts()))
    read = 0
    for number, text in enumerate(drawn.sample(known, 600)):
        for start in {drawn.choice(grammar.STARTS), "chain", "value", "recipe"}:
            tried = text if number % 3 == 0 else changed(text, drawn)
            found = read_by_ours(ours, tried, start)
            assert found == read_by_lark(theirs, tried, start), (tried, start)
            read += isinstance(found[0], str)
    assert read > 400


def test_tables_are_plain_data() -> None:
    made: Tables = pickle.loads(tables())[1]
    assert b"lark" not in pickle.dumps(made)
    assert len(made.lexers) < len(made.states) / 2
