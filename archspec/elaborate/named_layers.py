"""Rows that are named after their layers, in tables that print no others: `fire2` is a use of the block `fire`.

What stands behind the name is a number, `conv1`, `conv1_2`, or a label in parentheses, `inception (3a)`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from archspec import ops
from archspec.arguments import kin_of
from archspec.budget import spend
from archspec.diagnostics import Report
from archspec.elaborate.headers import FORM
from archspec.elaborate.layers import Layers
from archspec.elaborate.messages import form_without_taker, layer_or_number, name_apart, no_form, no_layer_named
from archspec.elaborate.target import name_of, restates
from archspec.elaborate.words import SHORT, filled, find_op
from archspec.language import syntax as s
from archspec.language.parse import number_of, parse_cell
from archspec.naming import closest, with_x
from archspec.support.limits import MISTAKE, NAME

DIGITS = "0123456789"
LABELLED = r"(?i:(?P<layer>[^()]+)\(\s*(?P<label>\d*[a-z]|\d+)\s*\))"
"""``inception (3a)``; ``7x7/2 (x96)`` says how many filters there are, ``dropout (0.4)`` how much."""
NUMBERED = r"(?P<layer>.*\w)\s*(?:\s(?P<number>\d+)|\(\s*(?P<share>\d*\.\d+|\d+(?:\.\d+)?\s*%)\s*\))"
GLOBAL = "global"
"""What stands for the size of a pool over the whole map."""
LEAST = 16
"""What is not a number of a row in a name, ``conv3-16``, unless there are more rows."""
INPUTS = frozenset({"input", "image", "input image", "data"})
"""What the row of the input is called, which holds no layer."""


class NamedLayers:
    """The layers of the rows of one table, by the names of the rows."""

    def __init__(self, layers: Layers) -> None:
        self._layers = layers
        self._above: str | None = None
        """The layer of the row above: an empty name is one that spans several rows."""
        self._wrong = False
        """Whether the name above says none, which was reported."""
        self._first = True

    def any(self, names: Sequence[s.Cell]) -> bool:
        """Whether any row is named after a layer or a block."""
        return any(_meant(name, self._layers) for name in names)

    def cell(self, name: s.Cell) -> s.Cell | None:
        """The cell of layers of a row by its name; None where that says none, which is reported."""
        first, self._first = self._first, False
        if first and name.text.lower() in INPUTS:
            return s.Cell(name.span, "")
        if (numbered := _numbered(name, self._layers)) is not None:
            self._above, self._wrong = numbered.text, False
            return numbered
        if name.text or not (self._above or self._wrong):
            self._above = self._said(name)
            self._wrong = self._above is None
        return None if self._above is None else _holding(name, self._above)

    def contradicts(self, cells: Mapping[str, s.Cell], rows: int) -> bool:
        """Whether the short form that a name is, ``conv3-64``, says otherwise than its columns; reported where it does.

        ``conv3-2`` is the second row of its kind: a number that may count rows is none of the layer's.
        """
        name = cells["layer"]
        match, op = SHORT.fullmatch(name.text), find_op(name.text)
        if match is None or op is None or not match["tail"].isdecimal() or number_of(match["tail"]) < max(rows, LEAST):
            return False
        said = {arg.name: arg.value for arg in filled(s.Text(name.span, name.text), op)}
        columns = {arg: cells[each] for arg in said for each in kin_of(arg) if each in cells and cells[each].text}
        if op.sized in said and FORM in cells:
            columns[op.sized] = cells[FORM]
        other = {arg: cell for arg, cell in columns.items() if _apart(said[arg], cell)}
        if other:
            spend(MISTAKE, name.span)
            first, *_ = other.values()
            texts = [f"{arg}={cell.text}" for arg, cell in other.items()]
            self._layers.report.add(name_apart(name.span, name.text, texts, first.span))
        return bool(other)

    def _said(self, name: s.Cell) -> str | None:
        meant = _meant(name, self._layers)
        if len(meant) == 1:
            return meant[0]
        spend(MISTAKE, name.span)
        if meant:
            wrong = layer_or_number(name.span, name.text, meant)
        else:
            word = unnumbered(name.text)
            near = closest(word, self._layers.blocks.names) or ((op := ops.near(word)) and op.op)
            wrong = no_layer_named(name.span, name.text, word, near and near + name.text[len(word) :])
        self._layers.report.add(wrong)
        return None


def _apart(said: s.Value, cell: s.Cell) -> bool:
    """Whether a number or a size of a name is another than that of a cell, where both are plain."""
    sides = re.fullmatch(r"(\d+)(?:\s*x\s*(\d+))?(?:\s*/.*)?", with_x(cell.text))
    if sides is None:
        return False
    own = [str(part) for part in said.parts] if isinstance(said, s.Size) else [str(said)]
    pair = [each or sides[1] for each in sides.groups()]
    return [own[0], own[-1]] != pair


def unnumbered(name: str) -> str:
    """A name without the number behind it: ``conv`` for ``conv1_2``."""
    while (word := name.rstrip(DIGITS)) != name:
        name = word[:-1] if word.endswith(("_", "-")) else word
    return name


def labelled(op: s.Cell, layers: Layers) -> s.Cell | None:
    """The layers of a cell that is a layer with a label behind it, ``inception (3a)``; None for any other."""
    match = re.fullmatch(LABELLED, with_x(op.text))
    if match is None or match["label"].isdecimal():
        return None  # `groupnorm (8)` says how many groups
    found = _found(match["layer"].rstrip(), op, layers)
    return None if found is None else _holding(op, found)


def formed(chain: s.Chain, cell: s.Cell, layers: Layers) -> s.Chain | None:
    """A chain whose one layer has the arguments of a cell such as ``7x7/2``; None where none has, which is reported."""
    if cell.text.lower() == GLOBAL and (whole := _over_the_map(chain, layers)) is not None:
        return whole
    read: s.Chain = parse_cell(cell, "chain", Report()) or ()
    plain = len(read) == 1 and read[0].times is None and read[0].condition is None
    unit = read[0].unit if plain else None
    if not isinstance(unit, s.Layer) or unit.op is not None:
        layers.report.add(no_form(cell.span, cell.text))
        return None
    targets = [layers.target(step.unit) for step in chain]
    if not all(isinstance(step.unit, s.Bracket) or x for step, x in zip(chain, targets, strict=True)):
        return chain  # what is wrong with it is said where it is read
    takers = [i for i, x in enumerate(targets) if x is not None and (not isinstance(x, type) or x.sized)]
    if len(takers) != 1:
        layers.report.add(form_without_taker(cell.span, len(takers)))
        return None
    step = chain[takers[0]]
    assert isinstance(step.unit, s.Layer)
    made = step.replaced(unit=step.unit.replaced(args=(*step.unit.args, *unit.args)))
    return (*chain[: takers[0]], made, *chain[takers[0] + 1 :])


def _over_the_map(chain: s.Chain, layers: Layers) -> s.Chain | None:
    """A chain whose one pool, which may be one over the whole map, is that; None where it is not one alone."""
    targets = [layers.target(step.unit) for step in chain]
    pools = [(i, x.without_size) for i, x in enumerate(targets) if isinstance(x, type) and x.without_size]
    if len(pools) != 1:
        return None
    [(i, whole)] = pools
    unit = chain[i].unit
    assert isinstance(unit, s.Layer)
    at = unit.op.span if unit.op is not None else unit.span
    return (*chain[:i], chain[i].replaced(unit=unit.replaced(op=s.Text(at, whole))), *chain[i + 1 :])


def _holding(cell: s.Cell, layer: str, *args: s.Arg) -> s.Cell:
    """A cell that is read as one layer."""
    unit = s.Layer(cell.span, s.Text(cell.span, layer), args)
    return cell.replaced(text=layer, read_as=(s.Step(cell.span, unit, None),))


def _numbered(name: s.Cell, layers: Layers) -> s.Cell | None:
    """The layer of a name with a number that is not a row's: one that it says again, ``softmax 1000``, or a fraction.

    Were 1000 the number of the row, the layer would not hold.
    """
    match = re.fullmatch(NUMBERED, name.text)
    found = _found(match["layer"], name, layers) if match else None
    op = (ops.find(found) or ops.printed(found)) if found else None
    if match is None or found is None or op is None or not op.bare:
        return None
    what = "number" if match["number"] else "share"
    fraction = op.arguments[op.bare[0]].numeric is float
    if not (fraction if what == "share" else restates(op, op.bare[0])):
        return None
    at = name.span.within(*match.span(what))
    return _holding(name, found, s.Plain(at, s.Number(number_of(match[what]), span=at)))


def _meant(name: s.Cell, layers: Layers) -> list[str]:
    """The layers or blocks that a name may be: the whole of it, or what stands before its number."""
    match = re.fullmatch(LABELLED, with_x(name.text))
    text = match["layer"].rstrip() if match else name.text
    word = unnumbered(text)
    found = [_found(text, name, layers), _found(word, name, layers) if word != text else None]
    if found[0] is not None and not ops.find(found[0]):
        return [found[0]]  # a block that is called like the row
    return list(dict.fromkeys(layer for layer in found if layer is not None))


def _found(word: str, cell: s.Cell, layers: Layers) -> str | None:
    """The layer or the block of a name, without regard to case and hyphens: ``Max pool``."""
    spend(NAME * len(word), cell.span)
    if not word or word != word.strip():
        return None  # `maxpool 3` may say a size
    word = re.sub(r"\s+", "-", word)
    target = layers.target(s.Layer(cell.span, s.Text(cell.span, word), ()))
    if target is None:
        block = layers.blocks.like(word)
        return word if block is None and ops.printed(word) is not None else block  # `average-pool` says no size
    short = isinstance(target, type) and ops.find(word) is not target
    return None if short and word[-1].isdecimal() else word if short else name_of(target)
