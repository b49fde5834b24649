"""The parser of the grammar. Its tables are made once: in the wheel, or beside the grammar of a checkout.

lark takes half a second to make them; to load them takes a few thousandths of a second, and no lark.
"""

from __future__ import annotations

import os
import pickle
from contextlib import suppress
from functools import cache
from pathlib import Path

from archspec.language.automaton import Parser, Tables

FOLDER = Path(__file__).parent
TABLES = FOLDER / "grammar.tables"
STATEMENTS = {
    name: {
        "counted": "counted_by",
        "stride": "stride_at",
        "strides": "strides_from",
        "without": "taken_out",
        "taken": "taken_from",
    }.get(name, name)
    for name in (
        *("network", "title", "paper", "input", "every", "let", "choose", "variants", "counted", "claims"),
        *("block", "then", "head", "brackets", "units", "ignore", "use", "train", "stride", "strides", "at", "without"),
        "taken",
    )
}
"""The rules of statements, by the words that begin them."""
STARTS = [*STATEMENTS.values(), "chain", "counted", "value", "expr", "size", "recipe", "figure", "arguments"]


@cache
def parser() -> Parser:
    """The parser: from tables that were made of this grammar, where there are any."""
    grammar = (FOLDER / "grammar.lark").read_text("utf-8")
    with suppress(Exception):  # whatever is wrong with them, they are made again
        origin, made = pickle.loads(TABLES.read_bytes())
        if origin == _origin(grammar):
            return Parser(made)
    made = _made(grammar)
    if (FOLDER.parent.parent / "pyproject.toml").exists():  # an installed package is never written to
        with suppress(OSError):
            write(_saved(made, grammar))
    return Parser(made)


def tables() -> bytes:
    """The tables with what they were made of, as ``grammar.tables`` holds them."""
    grammar = (FOLDER / "grammar.lark").read_text("utf-8")
    return _saved(_made(grammar), grammar)


def _made(grammar: str) -> Tables:
    from archspec.language.generate import generated

    return generated(grammar, STARTS)


def _saved(made: Tables, grammar: str) -> bytes:
    return pickle.dumps((_origin(grammar), made), pickle.HIGHEST_PROTOCOL)


def _origin(grammar: str) -> tuple[str, ...]:
    """What tables depend on: the rules to start with, what makes tables and runs them, and the grammar."""
    makers = ((FOLDER / name).read_text("utf-8") for name in ("generate.py", "automaton.py"))
    return (*STARTS, *makers, grammar)


def write(data: bytes) -> None:
    """Put tables in their place at once: other processes may read them, or make them too."""
    beside = TABLES.with_name(f"{TABLES.name}.{os.getpid()}")
    try:
        beside.write_bytes(data)
        beside.replace(TABLES)
    finally:
        beside.unlink(missing_ok=True)
