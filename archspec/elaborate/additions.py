"""Arguments that statements give to rows, ``at conv5: pad=0, no relu``, as the text says them beside a table."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence, Set

from archspec import ops
from archspec.budget import spend
from archspec.elaborate import addition_messages as say
from archspec.elaborate.layers import Layers
from archspec.elaborate.printed import argument
from archspec.elaborate.scope import Wrong
from archspec.elaborate.stride_messages import several_strided_rows, unknown_strided_row
from archspec.elaborate.target import STRIDES, Target, name_of, parameters_of, stride_of, switch
from archspec.language import syntax as s
from archspec.naming import Names
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

    def _has(self, layer: s.Layer, arg: s.Arg, columns: Set[str]) -> bool:
        """Whether a layer is given an argument of that name or form already, in its cell or in a column."""
        plain = argument(arg, layer, self._layers)
        if isinstance(plain, s.Named):
            named = any(isinstance(given, s.Named) and given.name == plain.name for given in layer.args)
            return named or plain.name in columns
        strided = isinstance(plain, s.Stride) and bool(columns & {*STRIDES})
        return strided or any(type(given) is type(plain) for given in layer.args)

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
        steps = [(i, x.unit) for i, x in enumerate(chain) if isinstance(x.unit, s.Layer)]
        takers = [(i, layer) for i, layer in steps if _takes(layer, arg, self._layers)]
        if anew and (len(takers) != 1 or self._has(takers[0][1], arg, columns)):
            return chain
        if len(takers) != 1 and len(chain) == len(steps) == 1:
            takers = steps  # what is wrong with it is said where the step is read
        if len(takers) != 1:
            inside = any(isinstance(step.unit, s.Bracket) for step in chain)
            self._report.add(say.no_one_step(arg.span, arg.span.text, row.text, len(takers), inside))
            return None
        i, layer = takers[0]
        try:
            plain = argument(arg, layer, self._layers)
        except Wrong as wrong:
            self._report.add(wrong.diagnostic)
            return None
        made = chain[i].replaced(unit=layer.replaced(args=(*layer.args, plain)))
        return (*chain[:i], made, *chain[i + 1 :])


def _takes(layer: s.Layer, given: s.Arg, layers: Layers) -> bool:
    """Whether a layer takes an argument of that form or name."""
    target = layers.target(layer)
    if target is None:
        return False
    try:
        arg = argument(given, layer, layers)
    except Wrong:
        return False
    names = parameters_of(target)
    if isinstance(arg, s.Named):
        return arg.name in names
    if isinstance(arg, s.Stride):
        return stride_of(names) is not None
    if isinstance(arg, s.Without):
        return switch(target, arg.name) or _step_of(arg.name, layers) in _steps_beside(target, layers)
    if isinstance(arg, s.Plain) and isinstance(arg.value, s.Name) and switch(target, arg.value.id):
        return True
    if not isinstance(target, type):
        return isinstance(arg, s.Plain)
    return target.sized is not None if isinstance(getattr(arg, "value", None), s.Size) else bool(target.bare)


def _step_of(word: str, layers: Layers) -> str:
    found = layers.blocks.find(word) or ops.find(word)
    return name_of(found) if found is not None else word


def _steps_beside(target: Target, layers: Layers) -> Iterator[str]:
    """The steps of the rule for a layer, which a use may be without."""
    for step in layers.rules.get(name_of(target), ()):
        found = layers.target(step.unit)
        if found is not None and found is not target:
            yield name_of(found)
