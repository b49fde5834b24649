"""The tables of the parser: made once, made again when the grammar is another, and never needed."""

from __future__ import annotations

import io
import pickle
from pathlib import Path
from typing import Any

import lark
import pytest

from archspec.language import grammar


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A place of its own for the tables of a test."""
    monkeypatch.setattr(grammar, "TABLES", tmp_path / "grammar.tables")
    return tmp_path / "grammar.tables"


def parser() -> lark.Lark:
    return grammar.parser.__wrapped__()


def automaton(parser: Any) -> list[Any]:
    """What a parser does, state by state from the first: lark numbers states in the order of hashes."""
    table = parser.parser.parser._parse_table
    known = [table.start_states[name] for name in sorted(table.start_states)]
    described: list[Any] = sorted((t.name, str(t.pattern), t.priority) for t in parser.terminals)
    for state in known:  # grows below
        moves = sorted(table.states[state].items())
        known += dict.fromkeys(to for _, (act, to) in moves if str(act) == "Shift" and to not in known)
        described.append(
            [(word, str(act), known.index(to) if str(act) == "Shift" else str(to)) for word, (act, to) in moves]
        )
    return described


def test_tables_are_written_and_give_the_parser_that_the_grammar_gives(elsewhere: Path) -> None:
    made = automaton(parser())
    assert elsewhere.exists()
    assert [path.name for path in elsewhere.parent.iterdir()] == ["grammar.tables"]
    assert automaton(parser()) == made


def test_tables_that_are_there_are_loaded(elsewhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere.write_bytes(grammar.tables())
    monkeypatch.setattr(grammar, "_made", lambda text: pytest.fail("made again"))
    assert automaton(parser())


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no pickle",
        pickle.dumps(("0.0", "")),
        grammar.tables()[:5000],
        pickle.dumps(grammar._origin("another grammar")) + b"...",
    ],
    ids=["empty", "no pickle", "another release", "cut off", "another grammar"],
)
def test_tables_of_no_use_are_made_again(elsewhere: Path, data: bytes) -> None:
    elsewhere.write_bytes(data)
    assert automaton(parser())
    assert pickle.load(io.BytesIO(elsewhere.read_bytes()))[0] == lark.__version__


def test_tables_that_cannot_be_written_are_done_without(elsewhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grammar, "TABLES", elsewhere.parent / "missing" / "grammar.tables")
    assert automaton(parser())
