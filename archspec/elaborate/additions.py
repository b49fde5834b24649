"""Arguments that statements give to rows, ``at conv5: pad=0, no relu``, as the text says them beside a table."""

from __future__ import annotations

from collections.abc import Collection, Sequence, Set

from archspec.arguments import STRIDES, meant
from archspec.budget import spend
from archspec.elaborate import addition_messages as say
from archspec.elaborate.layers import Layers
from archspec.elaborate.printed import argument
from archspec.elaborate.scope import Wrong
from archspec.elaborate.stride_messages import several_strided_rows, unknown_strided_row
from archspec.elaborate.target import Definition, Target, parameters_of, stride_of, switch
from archspec.language import syntax as s
from archspec.naming import Names, closest
from archspec.support.limits import ARGUMENT, STEP


class Additions:
    """What the statements of a file add to the layers of rows."""

    def __init__(self, statements: Sequence[s.Statement], layers: Layers) -> None:
        self._layers, self._report = layers, layers.report
        self._at: dict[str, list[tuple[s.Text, s.At]]] = {}
        for statement in (x for x in statements if isinstance(x, s.At)):
            spend(ARGUMENT * (len(statement.rows) + len(statement.args)), statement.span)
            for row in statement.rows:
                self._at.setdefault(row.text, []).append((row, statement))

    def __bool__(self) -> bool:
        return bool(self._at)

    def given(self, chain: s.Chain, name: str, columns: Set[str]) -> s.Chain | None:
        """The chain of a row with what statements give to it; None where that is wrong, which is reported."""
        found: s.Chain | None = chain
        for row, statement in self._at.get(name, ()):
            anew = statement.inherited and bool(chain) and chain[0].span.source is not row.span.source
            for arg in statement.args:
                found = found and self._with(found, row, arg, columns, anew)
        return found

    def sizes(self, name: str) -> bool:
        """Whether statements give a size to a row."""
        args = [arg for _, statement in self._at.get(name, ()) for arg in statement.args]
        return any(isinstance(getattr(arg, "value", None), s.Size) for arg in args)

    def said(self, name: str) -> list[str]:
        """What statements give to a row, as it is written."""
        return [arg.span.text for _, statement in self._at.get(name, ()) for arg in statement.args]

    def complain_of_names(self, rows: Names, known: Collection[str]) -> None:
        """Complain of names that no row has, or several; ``known`` are those of all variants."""
        there = Names([*rows, *known]) if self._at else rows
        for name, given in self._at.items():
            at = given[0][0].span
            if rows.count(name) > 1:
                self._report.add(several_strided_rows(at, name))
            elif name not in there:
                self._report.add(unknown_strided_row(at, name, there))

    def _with(self, chain: s.Chain, row: s.Text, arg: s.Arg, columns: Set[str], anew: bool) -> s.Chain | None:
        """The chain with an argument at the one step that takes it; a row that is given anew need not take it."""
        spend(STEP * len(chain), row.span)
        units = [(i, step.unit) for i, step in enumerate(chain) if isinstance(step.unit, s.Layer)]
        if not all(self._layers.target(unit) for _, unit in units):
            return chain  # what is not a layer is said where the step is read
        takers = [(i, unit, plain) for i, unit in units if (plain := taken(unit, arg, self._layers))]
        if anew and (len(takers) != 1 or _has(takers[0][1], takers[0][2], columns)):
            return chain
        try:
            if not takers and len(chain) == len(units) == 1:  # what is wrong with it is said where the step is read
                takers = [(i, unit, argument(arg, unit, self._layers)) for i, unit in units]
        except Wrong as wrong:
            self._report.add(wrong.diagnostic)
            return None
        if len(takers) == 1 and (block := _beyond(takers[0][1], takers[0][2], self._layers)) is not None:
            self._report.add(say.inside_block(arg.span, arg.span.text, row.text, block.name, parameters_of(block)))
            return None
        if len(takers) != 1:
            inside = any(isinstance(step.unit, s.Bracket) for step in chain)
            self._report.add(say.no_one_step(arg.span, arg.span.text, row.text, len(takers), inside))
            return None
        [(i, unit, plain)] = takers
        return (*chain[:i], chain[i].replaced(unit=unit.replaced(args=(*unit.args, plain))), *chain[i + 1 :])


def _beyond(layer: s.Layer, plain: s.Arg, layers: Layers) -> Definition | None:
    """The block whose layers an argument may be meant for, where it is none of the block itself."""
    target = layers.target(layer)
    if not isinstance(target, Definition):
        return None
    if isinstance(plain, s.Named) and (meant(plain.name, own := parameters_of(target)) or closest(plain.name, own)):
        return None  # a slip of one of its own
    filled = isinstance(plain, s.Plain) and len(layer.args) >= len(target.formals)
    return target if filled or not _takes(target, plain, layers) else None


def _has(layer: s.Layer, plain: s.Arg, columns: Set[str]) -> bool:
    """Whether a layer is given an argument of that name or form already, in its cell or in a column."""
    if isinstance(plain, s.Named):
        named = any(isinstance(given, s.Named) and given.name == plain.name for given in layer.args)
        return named or plain.name in columns
    strided = isinstance(plain, s.Stride) and bool(columns & {*STRIDES})
    return strided or any(type(given) is type(plain) for given in layer.args)


def taken(layer: s.Layer, given: s.Arg, layers: Layers) -> s.Arg | None:
    """An argument in the forms of the language, where a layer takes one of that form or name."""
    target = layers.target(layer)
    if target is None:
        return None
    try:
        plain = argument(given, layer, layers)
    except Wrong:
        return None
    return plain if _takes(target, plain, layers) else None


def _takes(target: Target, arg: s.Arg, layers: Layers) -> bool:
    names = parameters_of(target)
    if isinstance(arg, s.Named):
        return arg.name in names
    if isinstance(arg, s.Stride):
        return stride_of(names) is not None
    if isinstance(arg, s.Without):
        return {arg.name, layers.canonical(arg.name)} & {*layers.choices(target)} != set()
    if isinstance(arg, s.Plain) and isinstance(arg.value, s.Name) and switch(target, arg.value.id):
        return True
    if not isinstance(target, type):
        return isinstance(arg, s.Plain)
    value = getattr(arg, "value", None)
    if isinstance(value, s.Text):
        return target.texted is not None
    return target.sized is not None if isinstance(value, s.Size) else bool(target.bare)
