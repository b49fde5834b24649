"""Cells of layers and arguments that are printed wrong: ``dwconv 3x3, /2 ! /1`` is what is printed, and what works.

Behind the mark stand arguments, which take the place of those of the printed layer, or layers, which take the place of
all that is printed in the cell. The network has what works.
"""

from __future__ import annotations

import re
from collections.abc import Sequence, Set
from copy import copy
from typing import NamedTuple

from archspec.budget import spend
from archspec.diagnostics import Report, Span
from archspec.elaborate import misprint_messages as say
from archspec.elaborate.additions import taken
from archspec.elaborate.arguments import read_arguments
from archspec.elaborate.cells import BLANK
from archspec.elaborate.headers import FORM
from archspec.elaborate.layers import Layers
from archspec.elaborate.printed import plainly
from archspec.elaborate.target import name_of, switch
from archspec.language import syntax as s
from archspec.language.parse import parse_cell
from archspec.support.limits import ARGUMENT, CELL, MADE, ROW, STEP

SIGN = re.compile(r'"[^"]*"|!(?!=)')
"""The mark, where it stands in no text and in no `!=`."""
LAYERS = "op"
"""What the cell of layers is called, whatever its column."""
REPEAT = "repeat"


class Marked(NamedTuple):
    """A cell that is printed wrong."""

    column: str
    """`op`, or the column of an argument."""
    cell: s.Cell
    """What is printed, in the place of what works."""
    printed: str
    works: str
    """How the two are called."""
    span: Span
    parts: tuple[tuple[s.Arg, s.Cell], ...] = ()
    """Of several arguments behind the mark each, with the cell in which it alone is as printed."""


class Edit(NamedTuple):
    """Characters of a line, and what stands in their place."""

    start: int
    end: int
    text: str


class Working(NamedTuple):
    """The cells of a row as they work, and those of them that are printed wrong."""

    op: s.Cell | None
    cells: dict[str, s.Cell]
    marked: tuple[Marked, ...] = ()


def is_marked(cell: s.Cell) -> bool:
    """Whether a cell has the mark."""
    return cell.read_as is None and "!" in cell.text and _sign(cell) is not None


def working(
    op: s.Cell | None, cells: dict[str, s.Cell], columns: Sequence[str], layers: Layers, block: bool
) -> Working | None:
    """The cells of a row as they work; None where a mark is wrong, which is reported.

    ``columns`` are those of arguments.
    """
    wrong = [(name, cells[name]) for name in (*columns, *(FORM, REPEAT)) if name in cells and is_marked(cells[name])]
    wrong = [*dict(wrong).items()]
    if not wrong and (op is None or not is_marked(op)):
        return Working(op, cells)
    found: list[Marked] = []
    for name, cell in wrong:
        parts = _parted(cell, layers, block)
        if parts is None:
            return None
        printed, works = parts
        cells = cells | {name: works}
        found.append(Marked(name, printed, _called(name, printed), _called(name, works), cell.span))
    if op is not None and is_marked(op):
        parts = _parted(op, layers, block)
        elsewhere = {name for name in columns if name in cells}
        marked = parts and _of_layers(op, *parts, layers, elsewhere)
        if not marked:
            return None
        op, mark = marked
        found.append(mark)
    return Working(op, cells, tuple(found))


def _of_layers(
    whole: s.Cell, printed: s.Cell, works: s.Cell, layers: Layers, columns: Set[str]
) -> tuple[s.Cell, Marked] | None:
    """The cell of layers that works, and the mark; None where what works is not known, which is reported."""
    spend(ROW, whole.span)
    mark = Marked(LAYERS, printed, printed.text, works.text, whole.span)
    if works.text in BLANK or _are_layers(works, layers):
        return works, mark
    args: tuple[s.Arg, ...] | None = parse_cell(works, "arguments", layers.report)
    chain = parse_cell(printed, "chain", layers.report)
    chain = plainly(chain, layers, columns) if chain else None
    if args is None or chain is None:
        return None
    if not all(isinstance(step.unit, s.Bracket) or layers.target(step.unit) for step in chain):
        layers.plain_chain(chain)  # what is wrong with it is said where it is read
        return None
    made = _given(chain, args, layers)
    if made is None:
        return None
    if made.gone:
        mark = mark._replace(printed=_together([arg.span for arg in made.gone], printed.span))
    if args[1:]:
        others = [(arg, _given(chain, [each for each in args if each is not arg], layers)) for arg in args]
        mark = mark._replace(parts=tuple((arg, whole.replaced(read_as=m.chain)) for arg, m in others if m is not None))
    return s.Cell(whole.span, _edited(printed, made.edits) or whole.text, read_as=made.chain), mark


class _Given(NamedTuple):
    """A chain that was given arguments, those that are gone for them, and how the cell is edited so."""

    chain: s.Chain
    gone: list[s.Arg]
    edits: list[Edit | None]


def _given(chain: s.Chain, args: Sequence[s.Arg], layers: Layers) -> _Given | None:
    """A chain with the arguments that work; None where it is not known what takes one, which is reported."""
    gone: list[s.Arg] = []
    edits: list[Edit | None] = []
    for arg in args:
        place = _taker(chain, arg, layers)
        if place is None:
            return None
        i, unit, plain, old = place
        edits.append(_edit(unit, arg, old))
        chain = (*chain[:i], chain[i].replaced(unit=_replaced(unit, plain, old, layers)), *chain[i + 1 :])
        gone += old
    return _Given(chain, gone, edits)


def _taker(chain: s.Chain, arg: s.Arg, layers: Layers) -> tuple[int, s.Layer, s.Arg, list[s.Arg]] | None:
    """The one layer of a chain that takes an argument, of several the one that is given it; else it is reported.

    With the argument in the forms of the language, and those in whose place it stands.
    """
    spend(STEP * len(chain), arg.span)
    units = [(i, step.unit) for i, step in enumerate(chain) if isinstance(step.unit, s.Layer)]
    taking = [(i, unit, plain) for i, unit in units if (plain := taken(unit, arg, layers))]
    found = [(i, unit, plain, _same(unit, plain, layers)) for i, unit, plain in taking]
    given = [each for each in found if each[3]]
    if len(given) != 1 and len(found) != 1:
        inside = any(isinstance(step.unit, s.Bracket) for step in chain)
        layers.report.add(say.which_layer_works(arg.span, arg.span.text, len(found), inside))
        return None
    return (given if len(given) == 1 else found)[0]


def _same(unit: s.Layer, plain: s.Arg, layers: Layers) -> list[s.Arg]:
    """The arguments of a layer that say what another one says in their place."""
    target = layers.target(unit)
    assert target is not None
    written = [*layers.short(unit, target), *unit.args]
    if isinstance(plain, s.Without) and not switch(target, plain.name):
        return []  # a step of its rule, which no argument gives
    spend(MADE + ARGUMENT * len(written), plain.span)
    apart = copy(layers)
    apart.report = Report()
    steps = [arg for arg in written if isinstance(arg, s.Without) and not switch(target, arg.name)]
    read = read_arguments(target, [arg for arg in written if arg not in steps], unit.span, apart) or {}
    names = read_arguments(target, [plain], unit.span, apart) or {}
    places = [place for name in names if name in read and (place := read[name].place) is not None]
    return [arg for arg in written if any(_within(place, arg.span) for place in places)]


def _replaced(unit: s.Layer, plain: s.Arg, old: Sequence[s.Arg], layers: Layers) -> s.Layer:
    """A layer with an argument in the place of those that say something else; of a short form the long one."""
    target = layers.target(unit)
    assert target is not None
    op, gone = unit.op, {arg.span for arg in old}
    written = [*unit.args]
    short = layers.short(unit, target)
    if op is not None and any(arg.span in gone for arg in short):
        written, op = [*short, *written], op.replaced(text=name_of(target))
    at = next((i for i, arg in enumerate(written) if arg.span in gone), len(written))
    kept = [arg for arg in written[at:] if arg.span not in gone]
    return unit.replaced(op=op, args=(*written[:at], plain, *kept))


def _edit(unit: s.Layer, arg: s.Arg, old: Sequence[s.Arg]) -> Edit | None:
    """What stands in the place of which characters of a printed cell; None where that is not one word for another."""
    text = arg.span.text
    if not old:
        return Edit(unit.span.end, unit.span.end, f", {text}")
    at = old[0].span
    inside = unit.op is not None and _within(at, unit.op.span)
    if old[1:] or (inside and not re.fullmatch(r"\w+", text)):
        return None
    return Edit(at.start, at.end, text)


def _edited(printed: s.Cell, edits: Sequence[Edit | None]) -> str:
    """A printed cell as it would be typed with what works; nothing where it cannot be said so."""
    text, first = printed.text, printed.span.start
    if None in edits or len(text) != printed.span.end - first:
        return ""
    for start, end, new in sorted((edit for edit in edits if edit is not None), reverse=True):
        text = text[: start - first] + new + text[end - first :]
    return text


def _are_layers(works: s.Cell, layers: Layers) -> bool:
    """Whether what stands behind a mark are layers: it begins with a bracket, or with the name of one."""
    said = Report()
    chain = parse_cell(works, "chain", said)
    chain = plainly(chain, layers, report=said) if chain else None
    if not chain:
        return False
    first = chain[0].unit
    return isinstance(first, s.Bracket) or (first.op is not None and layers.target(first) is not None)


def _parted(cell: s.Cell, layers: Layers, block: bool) -> tuple[s.Cell, s.Cell] | None:
    """What is printed in a cell, and what works; None where the mark is wrong, which is reported."""
    spend(CELL, cell.span)
    at = _sign(cell)
    assert at is not None
    text, mark = cell.span.text, cell.span.within(at, at + 1)
    if block:
        layers.report.add(say.marked_in_block(mark))
        return None
    printed, works = text[:at].rstrip(), text[at + 1 :].strip()
    if not printed or not works:
        layers.report.add(say.half_a_mark(mark, cell.text.replace("!", "").strip()))
        return None
    start = len(text) - len(text[at + 1 :].lstrip())
    return (
        s.Cell(cell.span.within(0, len(printed)), printed),
        s.Cell(cell.span.within(start, start + len(works)), works),
    )


def _sign(cell: s.Cell) -> int | None:
    """Where the mark stands in a cell."""
    return next((match.start() for match in SIGN.finditer(cell.span.text) if match[0] == "!"), None)


def _together(places: Sequence[Span], whole: Span) -> str:
    """What stands at places of a cell, as it is written where nothing else stands between them."""
    places = sorted(places, key=lambda place: place.start)
    start, end = places[0].start - whole.start, places[-1].end - whole.start
    rest = whole.text[start:end]
    for place in places:
        rest = rest.replace(place.text, "", 1)
    return ", ".join(place.text for place in places) if rest.strip(", ") else whole.text[start:end]


def _called(column: str, cell: s.Cell) -> str:
    """What stands in a cell, with its column."""
    return cell.text if column == FORM else f"x {cell.text}" if column == REPEAT else f"{column}={cell.text}"


def _within(inner: Span, outer: Span) -> bool:
    same = inner.source is outer.source and inner.line == outer.line
    return same and outer.start <= inner.start and inner.end <= outer.end
