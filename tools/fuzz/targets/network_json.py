"""Networks as JSON, which takes the place of a spec: read, asked everything, and written as the text of a spec."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from archspec import ArchError, loads
from archspec.api import variants
from archspec.diagnostics import Source
from archspec.ir.json import to_json
from archspec.pipeline import compile_text
from archspec.printing import same
from fuzz.choices import Choices
from fuzz.judge import demand
from fuzz.targets.text import ask_all
from fuzz.texts import HOSTILE, ROOT, plain, words

NEEDS: tuple[str, ...] = ()
VALUES: list[Any] = [
    None,
    True,
    False,
    0,
    1,
    -1,
    2,
    3.5,
    10**12,
    1e308,
    float("nan"),
    "",
    [],
    {},
    [[]],
    "in",
    "c",
    "x" * 500,
    2**70,
]


@cache
def _known() -> list[str]:
    """Networks of the corpus with claims and recipes."""
    specs = sorted((ROOT / "specs").glob("*.arch"), key=lambda path: path.stat().st_size)
    return [to_json(variants(str(path))[0].network) for path in specs[:4]]


def given(pen: Choices) -> str:
    """The JSON of a network in which values were put in others' places, or its text with some characters changed."""
    changes, raw = pen.one_of((0, 1, 1, 2, 4)), pen.chance(15)
    places = Choices(bytes(pen.number(0, 255) for _ in range(24 * changes)))
    try:
        text = pen.one_of(_known()) if pen.chance(50) else to_json(loads(plain(pen)).network)
    except ArchError:
        text = _known()[0]
    for _ in range(changes):
        text = _cut(text, places) if raw else json.dumps(_changed(json.loads(text), places))
    return text


def _cut(text: str, pen: Choices) -> str:
    at = pen.number(0, len(text))
    return text[:at] + pen.one_of(HOSTILE) + text[at + pen.number(0, 3) :]


def _changed(data: Any, pen: Choices) -> Any:
    """The data with a value somewhere that is another: a copy of one that stands elsewhere, a word, or a number."""
    places = list(_places(data))
    holder, key = pen.one_of(places)
    kind = pen.number(0, 4)
    if kind == 0:
        other, where = pen.one_of(places)
        holder[key] = json.loads(json.dumps(other[where]))
    elif kind == 1 and isinstance(holder, list):
        holder.insert(key, json.loads(json.dumps(holder[key])))
    elif kind == 1:
        del holder[key]
    elif kind == 2:
        holder[key] = pen.one_of(words())
    else:
        holder[key] = pen.one_of(VALUES)
    return data


def _places(data: Any) -> Any:
    """Every value in data, by what holds it and where."""
    for key, value in data.items() if isinstance(data, dict) else enumerate(data):
        yield data, key
        if isinstance(value, dict | list):
            yield from _places(value)


def ask(given: str) -> None:
    """Read it, ask all of it, and read it again as a spec."""
    compiled = compile_text(Source("fuzz.json", given))
    ask_all(compiled)
    text = compiled.to_arch()
    demand(same(loads(text).network, compiled.network), f"the text is another network: {text}")
