"""Words that name layers: ``conv``, ``soft-max``, and the short forms ``conv3-64`` and ``FC-classes``."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from functools import lru_cache
from itertools import takewhile

from archspec import ops
from archspec.diagnostics import Report
from archspec.elaborate.printed import MOST_WORDS, SIZED_NAME, plainly
from archspec.elaborate.shortcut import SHORTCUT
from archspec.elaborate.target import Reader
from archspec.ir.node import IN
from archspec.language import syntax as s
from archspec.language.parse import number_of, parse_cell
from archspec.naming import with_x
from archspec.op import Op
from archspec.support.limits import MOST_WORDS_KNOWN

SHORT = re.compile(r"(?P<name>[^\W\d]+(?:-[^\W\d]+)*?)(?P<middle>\d+(?:x\d+)?)?-(?P<tail>\d+|[^\W\d]\w*)")
HEAD = re.compile(
    r"(?:\d+\s*[x×]\s*\d+(?:/\d+)?|\d+-?(?:[dD]|dim|way))?\s*(?P<words>(?!x\d)[^\W\d]\w*(?:[ -][^\W\d]\w*\b(?!\s*=))*)"
)
"""The words that a step begins with, behind a size: ``3x3 max pool``."""


BETWEEN = ";&\v"
"""What stands between steps."""


@lru_cache(MOST_WORDS_KNOWN)
def find_op(word: str) -> type[Op] | None:
    """The op that a word means: ``conv``, ``soft-max``, ``conv3-64``, ``FC-4096``, ``FC-classes``."""
    op = ops.find(word)
    match = SHORT.fullmatch(word)
    if op is None and match:
        short = ops.find(match["name"])
        filled = 2 if match["middle"] else 1
        op = short if short and len(short.short) == filled else None
    return op


def steps_in(cell: str) -> int:
    """How many steps a cell has at most, by a look at its signs alone."""
    return 1 + sum(map(cell.count, BETWEEN))


def find_printed(cell: str, own: Collection[str]) -> Iterator[type[Op]]:
    """The ops that the steps of a cell print in words of their own, ``7x7 conv``, by a look at them alone.

    ``own`` are names that the author gave, which mean nothing else.
    """
    for part in re.split(f"[{BETWEEN}]", with_x(cell.strip("[]"))):
        step = part.strip(" [")
        match = HEAD.match(step)
        words = [*takewhile(lambda word: word not in own, match["words"].split())][:MOST_WORDS] if match else []
        known = find_op(step.split(",")[0].split(" ")[0]) is not None
        for length in range(len(words), int(known), -1):
            whole = "".join(words[:length])
            found = None if whole == SHORTCUT else find_op(whole) or _printed(whole)
            if found is not None:
                yield found
                break


def _printed(word: str) -> type[Op] | None:
    """The op of a printed word, with its size behind it or without: ``Conv3x3``."""
    match = re.fullmatch(SIZED_NAME, word)
    return (find_op(match["name"]) if match else None) or ops.printed(match["name"] if match else word)


def filled(word: s.Text, op: type[Op]) -> Iterator[s.Named]:
    """The arguments inside a short form of an op: 3 and 64 in ``conv3-64``, ``classes`` in ``FC-classes``."""
    match = SHORT.fullmatch(word.text)
    assert match is not None
    numbers = [(match[group], match.span(group)) for group in ("tail", "middle") if match[group]]
    for name, (text, (start, end)) in zip(op.short, numbers, strict=False):
        at = word.span.within(start, end)
        value: s.Value
        if "x" in text and text[0].isdecimal():
            value = s.Size(tuple(s.Number(number_of(n), span=at) for n in text.split("x")), span=at)
        else:
            value = s.Number(number_of(text), span=at) if text.isdecimal() else s.Name(text, span=at)
        yield s.Named(at, name, at, value)


def within(layer: s.Layer, op: type[Op]) -> Iterator[s.Named]:
    """The arguments inside a layer's name where that is a short form."""
    word = layer.op
    is_short = word is not None and ops.find(word.text) is not op and SHORT.fullmatch(word.text)
    return filled(word, op) if word is not None and is_short else iter(())


def arguments_in(layer: s.Layer, op: type[Op], reader: Reader) -> set[str]:
    """The names of the size and the numbers that a layer has, in its short form, by form or by name."""
    found = {arg.name for arg in (*within(layer, op), *layer.args) if isinstance(arg, s.Named)}
    for arg in layer.args:
        if not isinstance(arg, s.Plain) or isinstance(arg.value, s.Text):
            continue
        known = reader.scope.args.get(arg.value.id) if isinstance(arg.value, s.Name) else None
        sized = isinstance(arg.value, s.Size) or (known is not None and isinstance(known.value, tuple))
        word = isinstance(arg.value, s.Name) and known is None and arg.value.id != IN
        free = [op.sized] if sized else [] if word else [name for name in op.bare if name not in found]
        found.update(name for name in free[:1] if name is not None)
    return found


def names_layers(cell: s.Cell, reader: Reader) -> bool:
    """Whether the first cell of a row without a header says layers, which would be taken for the row's name.

    A bare word such as `fc` is a name; `fc 10`, `conv3-64` and `conv 3x3, 16; bn` are layers.
    """
    if not re.search(r"\s|;|-\w", cell.text):
        return False
    said = Report()
    chain = plainly(parse_cell(cell, "chain", said) or (), reader, report=said) or ()
    units = [step.unit for step in chain if isinstance(step.unit, s.Layer)]
    whole = bool(units) and len(units) == len(chain) and all(reader.target(unit) for unit in units)
    bare = len(units) == 1 and units[0].op is not None and not units[0].args and ops.find(units[0].op.text) is not None
    return whole and not bare and not any(_is_word(arg, reader) for unit in units for arg in unit.args)


def _is_word(arg: s.Arg, reader: Reader) -> bool:
    """Whether an argument is a word that means nothing, as in a name: ``conv block``."""
    value = getattr(arg, "value", None)
    return isinstance(arg, s.Plain) and isinstance(value, s.Name) and not reader.scope.knows(value) and value.id != IN
