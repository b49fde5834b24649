"""The parser of the grammar. Its tables are made once: in the wheel, or beside the grammar of a checkout.

To make them takes lark half a second, to load them a hundredth of that.
"""

from __future__ import annotations

import io
import os
import pickle
from contextlib import suppress
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import lark

FOLDER = Path(__file__).parent
TABLES = FOLDER / "grammar.tables"
STATEMENTS = {
    name: {
        "counted": "counted_by",
        "stride": "stride_at",
        "strides": "strides_from",
        "without": "taken_out",
    }.get(name, name)
    for name in (
        *("network", "title", "paper", "input", "every", "let", "variants", "counted", "claims"),
        *("block", "then", "head", "brackets", "units", "ignore", "use", "train", "stride", "strides", "at", "without"),
    )
}
"""The rules of statements, by the words that begin them."""
STARTS = [*STATEMENTS.values(), "chain", "counted", "value", "expr", "size", "recipe"]
OPTIONS: Any = {"parser": "lalr", "lexer": "contextual", "start": STARTS, "maybe_placeholders": True}


@cache
def parser() -> lark.Lark:
    """The parser: from tables that this release of lark made of this grammar, where there are any."""
    grammar = (FOLDER / "grammar.lark").read_text("utf-8")
    with suppress(Exception), TABLES.open("rb") as file:  # whatever is wrong with them, they are made again
        if pickle.load(file) == _origin(grammar):
            return lark.Lark.load(file)
    made = _made(grammar)
    if (FOLDER.parent.parent / "pyproject.toml").exists():  # an installed package is never written to
        with suppress(OSError):
            write(_saved(made, grammar))
    return made


def tables() -> bytes:
    """The tables with what they were made by and of, as ``grammar.tables`` holds them."""
    grammar = (FOLDER / "grammar.lark").read_text("utf-8")
    return _saved(_made(grammar), grammar)


def _made(grammar: str) -> lark.Lark:
    return lark.Lark(grammar, **OPTIONS)


def _saved(made: lark.Lark, grammar: str) -> bytes:
    out = io.BytesIO()
    pickle.dump(_origin(grammar), out)
    made.save(out)
    return out.getvalue()


def _origin(grammar: str) -> tuple[str, str]:
    """What tables depend on: their bytes do not tell, for lark numbers what it finds in sets."""
    return lark.__version__, sha256(f"{OPTIONS}\n{grammar}".encode()).hexdigest()


def write(data: bytes) -> None:
    """Put tables in their place at once: other processes may read them, or make them too."""
    beside = TABLES.with_name(f"{TABLES.name}.{os.getpid()}")
    try:
        beside.write_bytes(data)
        beside.replace(TABLES)
    finally:
        beside.unlink(missing_ok=True)
