"""What a use that cannot be read most likely means: names that other libraries use, and slips, all mended at once.

A line that is written out was tried: it can be read where it would stand.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from archspec import ops
from archspec.arguments import STRIDES, meant
from archspec.diagnostics import Diagnostic, Span
from archspec.elaborate.target import Reader, Target, parameters_of, switch
from archspec.elaborate.words import find_op
from archspec.ir.node import IN
from archspec.language import syntax as s
from archspec.language.calls import as_cell
from archspec.naming import Names, closest
from archspec.op import Op
from archspec.support.limits import MOST_COMPARED

MISNAMED = ("E0602", "E0201", "E0606")
"""What is said of names and words that mean nothing here, and most likely something elsewhere."""
FOLLOWING = ("activation", "nonlinearity", "act", "norm")
"""How arguments elsewhere begin that say which layer follows."""
TRUTHS = {"True": "yes", "False": "no"}


class Edit(NamedTuple):
    """A part of a line, and what takes its place; ``said`` is how it is named where it is all that is wrong."""

    span: Span
    text: str
    said: str = ""


def of_op(layer: s.Layer, layers: Reader, more: Collection[str] = ()) -> str | None:
    """How to mend a use whose layer is unknown, where it most likely means another; ``more`` is known beside blocks."""
    assert layer.op is not None
    called = as_cell(layer.span.text) if "(" in layer.span.text else None
    if called is not None and layers.reads(called):
        return f"write `{called}`"
    if lacking := _without_channels(layer, layer.op.text, layers):
        return lacking
    near = _near(layer.op.text, layers, more)
    return near and (_whole(layer, layer.op, near, layers) or _alone(near))


def of_word(word: str, layers: Reader, more: Collection[str] = ()) -> str | None:
    """How to mend the name of a layer that stands alone, as in a rule."""
    near = _near(word, layers, more)
    return near and _alone(near)


def mended(
    said: Sequence[Diagnostic], use: Span, target: Target, args: Iterable[s.Arg], layers: Reader
) -> Iterator[Diagnostic]:
    """What is said of a use, the first of what its words explain with a mend of all of them."""
    first = next((each for each in said if each.code in MISNAMED), None)
    inside = [arg for arg in args if _covers(use, arg.span)]
    mend = first and _of_use(use, target, inside, layers)
    if first is None and isinstance(target, type) and (mend := _with_channels(use, target, layers)):
        first = next((each for each in said if each.code == "E0605" and each.label == f"no `{target.makes}`"), None)
    yield from (replace(each, help=mend) if mend and each is first else each for each in said)


def _without_channels(layer: s.Layer, word: str, layers: Reader) -> str | None:
    """How to mend a short form that lacks its channels, ``conv3``: those of the output where it is alone."""
    match = re.fullmatch(r"(?P<name>[^\W\d]+(?:-[^\W\d]+)*)\d{1,3}", word)
    op = ops.find(match["name"]) if match else None
    if op is None or len(op.short) != 2 or op.short[0] != op.makes or layer.args:
        return None
    known = layers.made is not None and layers.made[0] == layer.span.text
    line = f"{word}-{layers.made[1] if known and layers.made else 64}"
    said = "write its channels as well: " if known else "write its channels as well, as in "
    return f"{said}`{line}`" if layers.reads(line) else None


def _with_channels(use: Span, op: type[Op], layers: Reader) -> str | None:
    """How to mend a layer that lacks its channels and is alone in its row: those of the printed output."""
    if layers.made is None or layers.made[0] != use.text or not op.makes or op.makes not in op.bare:
        return None
    line = f"{use.text}{',' if ' ' in use.text else ''} {layers.made[1]}"
    return f"write `{line}`" if layers.reads(line) else None


def _of_use(use: Span, target: Target, args: list[s.Arg], layers: Reader) -> str | None:
    """How to mend the words of a use: its names, what it says twice, and layers that follow, ``activation=relu``."""
    known, moved = parameters_of(target), _moved(use, args)
    others = [arg for arg in args if not _follows(arg)]
    if mend := _help(use, [*_of_arguments(target, others, layers), *moved], layers):
        return mend
    for arg in others:
        again = meant(arg.name, known) if isinstance(arg, s.Named) and arg.name not in known else None
        if again is None:
            continue
        kept = _of_arguments(target, [x for x in others if x is not arg], layers)
        if line := _edited(use, [*kept, _cut(use, arg), *moved], layers):
            return f"`{arg.span.text}` says `{again}` a second time: write `{line}`"
    return None


def _moved(use: Span, args: Iterable[s.Arg]) -> list[Edit]:
    """The arguments that name layers that follow, behind the use."""
    end, following = use.within(len(use.text), len(use.text)), [arg for arg in args if _follows(arg)]
    return [*(_cut(use, arg) for arg in following), *(Edit(end, f"; {_worded_as(arg)}") for arg in following)]


def _follows(arg: s.Arg) -> bool:
    """Whether an argument names a layer that follows."""
    return isinstance(arg, s.Named) and arg.name.lower().startswith(FOLLOWING) and ops.find(_worded_as(arg)) is not None


def _worded_as(arg: s.Arg) -> str:
    """The word that a named argument has."""
    return arg.value.id if isinstance(arg, s.Named) and isinstance(arg.value, s.Name) else ""


def _cut(use: Span, arg: s.Arg) -> Edit:
    """An argument taken out, with the comma before it."""
    before = use.text[: arg.span.start - use.start].rstrip().removesuffix(",")
    return Edit(use.within(len(before), arg.span.end - use.start), "")


def _near(word: str, layers: Reader, more: Collection[str]) -> ops.Meant | None:
    """What a word means elsewhere; else a slip of a block's name, of another that is known, or of a layer's."""
    if (elsewhere := ops.meant(word)) or ops.foreign(word) is not None:
        return elsewhere
    blocks = layers.blocks.names
    names = Names(sorted((*blocks, *more))) if len(blocks) + len(more) <= MOST_COMPARED else blocks
    own = closest(word, names)
    return ops.Meant(own) if own else ops.near(word)


def _alone(near: ops.Meant) -> str | None:
    """What was not tried with the arguments of a use; a short form only if there is one of that layer."""
    form = near.op.split(" ")[0]
    known = find_op(form) or form.isidentifier()
    return f"did you mean `{near.text}`?" if known else None


def _whole(layer: s.Layer, op: s.Text, near: ops.Meant, layers: Reader) -> str | None:
    """The whole use with all of its names mended; None if that cannot be read."""
    target = layers.target(layer.replaced(op=op.replaced(text=near.op)))
    edits = [Edit(op.span, near.op, near.op)]
    if near.first:
        apart = layer.args and not layer.span.text[len(op.text) :].lstrip().startswith(",")
        edits = [Edit(op.span, f"{near.op} {near.first}{',' if apart else ''}")]
    if target is not None:
        edits += _of_arguments(target, [arg for arg in layer.args if not _follows(arg)], layers)
        edits += [] if near.last else _moved(layer.span, layer.args)
    if near.last:
        end = layer.span.within(len(layer.span.text), len(layer.span.text))
        edits.append(Edit(end, f"{', ' if layer.args else ' '}{near.last}"))
    return _help(layer.span, edits, layers)


def _of_arguments(target: Target, args: Iterable[s.Arg], layers: Reader) -> Iterator[Edit]:
    args = [*args]
    known = parameters_of(target)
    strided = any(_strides(arg) for arg in args)
    for arg in args:
        if isinstance(arg, s.Named):
            yield from _of_named(target, arg, known, strided)
        elif isinstance(arg, s.Plain) and isinstance(arg.value, s.Name) and isinstance(target, type):
            word = _worded(target, arg.value, strided, layers)
            if word is not None:
                yield Edit(arg.span, word, word)


def _strides(arg: s.Arg) -> bool:
    """Whether an argument is a stride, which may be none of one step."""
    named = isinstance(arg, s.Named) and (meant(arg.name, STRIDES) or arg.name) in STRIDES
    return (named or isinstance(arg, s.Stride)) and arg.span.text.rpartition("=")[2].strip("/ ") != "1"


def _of_named(target: Target, arg: s.Named, known: Collection[str], strided: bool) -> Iterator[Edit]:
    name = arg.name
    if name not in known:
        name = meant(name, known) or closest(name, known) or name
        yield Edit(arg.name_span, name, name)
    value = arg.value
    if isinstance(value, s.Name) and value.id in TRUTHS and switch(target, name):
        yield Edit(value.span, TRUTHS[value.id])
    if isinstance(target, type) and name in target.arguments and isinstance(value, s.Name | s.Text):
        word = _word(target, name, value.id if isinstance(value, s.Name) else value.text, strided)
        if word is not None and word != value.span.text:
            yield Edit(value.span, word)


def _word(op: type[Op], name: str, said: str, strided: bool) -> str | None:
    """The word of an argument that a word most likely means; None where it is none."""
    word, words = said.lower(), op.arguments[name].words
    if word not in words or strided:
        word = op.words_elsewhere.get(word, word)
    return word if word in words else None


def _worded(op: type[Op], value: s.Name, strided: bool, layers: Reader) -> str | None:
    """``pad=same`` for the bare word ``same``: what it is the word of, where it is that of one argument alone."""
    if layers.scope.knows(value) or value.id == IN or switch(op, value.id):
        return None
    found = {name: word for name in op.arguments if (word := _word(op, name, value.id, strided))}
    return "=".join(*found.items()) if len(found) == 1 else None


def _help(use: Span, edits: list[Edit], layers: Reader) -> str | None:
    line = _edited(use, edits, layers) if edits else None
    if line is None:
        return None
    return f"did you mean `{edits[0].said}`?" if len(edits) == 1 and edits[0].said else f"write `{line}`"


def _edited(use: Span, edits: list[Edit], layers: Reader) -> str | None:
    """A use with all of its edits; None if that cannot be read."""
    line, at = "", 0
    for edit in sorted(edits, key=lambda edit: edit.span.start):
        line += use.text[at : edit.span.start - use.start] + edit.text
        at = edit.span.end - use.start
    line += use.text[at:]
    return line if layers.reads(line) else None


def _covers(use: Span, part: Span) -> bool:
    return use.source is part.source and use.line == part.line and use.start <= part.start and part.end <= use.end
