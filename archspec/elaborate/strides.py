"""Strides that statements give to rows: ``stride 2 at conv3_x`` as a caption says it, or what resolutions say.

A stride goes to the one step of a row that takes it, as if it were written there: a layer or a block with an argument
for it, or a bracket, whose first such layer gets it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from copy import copy
from typing import NamedTuple

from archspec.budget import spend
from archspec.counting.quantities import CHECKS, OUTPUT
from archspec.diagnostics import Diagnostic, Report, Span
from archspec.elaborate import stride_messages as say
from archspec.elaborate.arguments import read_arguments
from archspec.elaborate.brackets import takes_no_stride
from archspec.elaborate.headers import folded, header_of
from archspec.elaborate.layers import Layers
from archspec.elaborate.messages import said_twice
from archspec.elaborate.resolutions import Following, Printed, followed
from archspec.elaborate.scope import Wrong
from archspec.elaborate.target import Columns, Target, parameters_of, stride_of
from archspec.ir.network import Arg
from archspec.language import syntax as s
from archspec.naming import Names
from archspec.support.limits import CELL, MISTAKE, STEP

MOST_PROPOSED = 2
"""Cells that a diagnostic proposes for one row."""


class Line(NamedTuple):
    """A row while its layers are read: its name if it has one, its cell of layers, and the arguments of columns."""

    name: str
    op: s.Cell
    columns: Columns

    @property
    def label(self) -> str:
        """What it is called in a diagnostic."""
        return self.name or self.op.text


class Strides:
    """The strides that the statements of a file give to the rows of its tables."""

    def __init__(self, statements: Sequence[s.Statement], layers: Layers) -> None:
        self._layers, self._report = layers, layers.report
        found = [x for x in statements if isinstance(x, s.StridesFrom)]
        self.column = found[0].column if found else None
        """The column of resolutions from which strides follow."""
        for extra in found[1:]:
            self._report.add(said_twice(extra.span, "strides from", found[0].span))
        self._has_column = False
        self._wrong: list[tuple[str, Diagnostic]] = []
        """Rows that cannot have the stride that a statement names them for."""
        self._at: dict[str, tuple[s.Text, s.StrideAt]] = {}
        self.following: Mapping[Span, Following] = {}
        """What resolutions say of rows, by their places."""
        self.checked: frozenset[Span] = frozenset()
        """The places of rows whose resolution is a check."""
        self.unclear = any(isinstance(x, s.Broken) and x.keyword in ("stride", "strides") for x in statements)
        """Whether a row has another stride than was meant, which was reported, so that its shapes say nothing."""
        for statement in (x for x in statements if isinstance(x, s.StrideAt)):
            for row in statement.rows:
                self._add(row, statement)

    def _add(self, row: s.Text, statement: s.StrideAt) -> None:
        spend(CELL, row.span)
        if row.text in self._at:
            self.complain(say.second_stride(row.span, row.text, self._at[row.text][0].span))
        else:
            self._at[row.text] = row, statement

    def __bool__(self) -> bool:
        return bool(self._at)

    def apart(self) -> Strides:
        """The same for what is printed wrong, with what is said of that alone."""
        found = copy(self)
        found._report, found._wrong = Report(), []
        return found

    @property
    def refused(self) -> str | None:
        """What is said first."""
        return next((diagnostic.message for diagnostic in self._report), None)

    def follow(self, rows: Sequence[Printed], tables: Sequence[s.Table]) -> None:
        """Take the strides of rows from their resolutions; the rows of ``tables`` are read for these before."""
        if self.has_column(tables):
            self.following, self.checked = followed(rows, self.complain)

    def given(self, chain: s.Chain, line: Line, place: Span) -> tuple[s.Chain, s.Stride | None]:
        """The chain of a row with the stride that is given to it, and that stride, where one is."""
        following = self.following.get(place)
        if line.name not in self._at and following is None:
            return chain, None
        if not _understood(chain, self._layers):
            return chain, None
        taking = _Taking(chain, line, self._layers)
        if line.name in self._at:
            return self._named(taking, following)
        assert following is not None
        return self._followed(taking, following)

    def _named(self, taking: _Taking, following: Following | None) -> tuple[s.Chain, s.Stride | None]:
        row, statement = self._at[taking.line.name]
        value = statement.value
        stride = s.Stride(value.span, value)
        if statement.inherited and taking.place.source is not row.span.source and (taking.written or not taking.takers):
            return taking.chain, None  # a row that is given anew says its own
        if not taking.takers:
            wrong = say.no_strided_step(row.span, row.text, taking.place)
        elif taking.written:
            wrong = say.second_stride(row.span, row.text, taking.written[0].place, statements=False)
        elif len(taking.takers) > 1:
            cells = taking.proposals(stride)
            wrong = say.which_strided_step(row.span, row.text, len(taking.takers), taking.place, cells)
        else:
            with suppress(Wrong):  # said where the stride is read
                self._compare(self._layers.scope.value(value), taking, following)
            return taking.with_stride(stride), stride
        self._wrong.append((row.text, wrong))
        return taking.chain, None

    def _followed(self, taking: _Taking, following: Following) -> tuple[s.Chain, s.Stride | None]:
        """The stride that follows from resolutions; one that is written stays, and must not contradict them."""
        stride, name, at = following.stride, taking.line.label, following.below.span
        if following.lent:
            if following.sides[0] != following.sides[1] and taking.takers and not taking.written:
                above, below = following.texts
                self.complain(say.resolution_missing(taking.place, name, above, below, following.above.span))
        elif taking.written:
            if len(taking.takers) == 1:
                self._compare(taking.written[0], taking, following)
        elif stride is not None and set(stride.known) == {1} and taking.without_stride():
            pass
        elif taking.enlarges:
            self.complain(say.stride_that_enlarges(taking.place, name, following.why))
        elif not taking.takers:
            self.complain(say.no_strided_step(at, name, taking.place, following.why))
        elif stride is None:
            above, below = following.texts
            self.complain(say.no_whole_stride(at, name, above, below, following.why, following.above.span))
        elif len(taking.takers) > 1:
            cells = taking.proposals(stride.syntax, alone=True)
            self.complain(say.which_strided_step(at, name, len(taking.takers), taking.place, cells, following.why))
        else:
            return taking.with_stride(stride.syntax), stride.syntax
        return taking.chain, None

    def _compare(self, own: Arg, taking: _Taking, following: Following | None) -> None:
        """Hold a stride that is said against that which follows from resolutions."""
        if following is None or following.lent or following.stride is None or not isinstance(own.value, int | tuple):
            return
        self._layers.scope.record.pinned |= own.names
        sides = own.value if isinstance(own.value, tuple) else (own.value, own.value)
        if sides != following.stride.known:
            said = "x".join(map(str, own.value)) if isinstance(own.value, tuple) else str(own.value)
            at = following.below.span
            self.complain(say.other_stride(at, taking.line.label, said, following.why, own.place))

    def complain_of_names(self, rows: Names, known: Collection[str]) -> None:
        """Complain of rows that cannot have a stride, of names that no row has, and of those that several have.

        ``known`` are the names of rows in all variants.
        """
        for name, wrong in self._wrong:
            if rows.count(name) == 1:
                self.complain(wrong)
        there = Names([*rows, *known]) if self._at else rows
        for name, (row, _) in self._at.items():
            if rows.count(name) > 1:
                self.complain(say.several_strided_rows(row.span, name))
            elif name not in there:
                self.complain(say.unknown_strided_row(row.span, name, there))

    def follow_from(self, header: s.Cell) -> bool:
        """Whether strides follow from the column of that header, which a table then has."""
        found = self.column is not None and folded(header.text) == folded(self.column.text)
        self._has_column |= found
        return found

    def has_column(self, tables: Sequence[s.Table]) -> bool:
        """Whether a table has the column of resolutions, and it says what enters its rows; reported where it is not."""
        assert self.column is not None
        at, name = self.column.span, self.column.text
        headers = {folded(cell.text): None for table in tables for cell in table.header or ()}
        if not self._has_column:
            self.complain(say.no_resolutions(at, name, headers))
        elif header_of(name, (), CHECKS).name == OUTPUT.name:
            self.complain(say.strides_of_outputs(at, name))
        else:
            return True
        return False

    def complain(self, diagnostic: Diagnostic) -> None:
        """Note a mistake for which rows have other strides than were meant."""
        spend(MISTAKE, diagnostic.span)
        self._report.add(diagnostic)
        self.unclear = True


class _Taking:
    """Which steps of a row take a stride, and which of them have one."""

    def __init__(self, chain: s.Chain, line: Line, layers: Layers) -> None:
        self.chain, self.line, self._layers = chain, line, layers
        self.takers = _takers(chain, layers)
        self.written = [arg for i in self.takers for arg in _written(chain[i], line.columns, layers)]

    @property
    def enlarges(self) -> bool:
        """Whether the stride of a step makes its output larger, as that of a transposed convolution."""
        targets = [self._layers.target(layer) for i in self.takers for layer in _inside(self.chain[i], self._layers)]
        return any(isinstance(target, type) and target.enlarges for target in targets)

    @property
    def place(self) -> Span:
        return self.line.op.span

    def with_stride(self, stride: s.Stride) -> s.Chain:
        """The chain with a stride at the first step that takes it."""
        return _with_stride(self.chain, self.takers[0], stride, self._layers)

    def without_stride(self) -> bool:
        """Whether no step has a stride of more than 1 by its default."""
        return all(map(self._has_none, self.takers))

    def _has_none(self, i: int) -> bool:
        targets = (self._layers.target(layer) for layer in _inside(self.chain[i], self._layers))
        return all(map(_default_is_one, targets))

    def proposals(self, stride: s.Stride, alone: bool = False) -> list[str]:
        """What the cell may be instead: with the stride at each of the steps that take it.

        ``alone`` leaves out what has another stride beside it, as a pool has by its default.
        """
        text, base = self.line.op.text, self.line.op.span.start
        others = [i for i in self.takers if not self._has_none(i)] if alone else []
        found = []
        for i in [i for i in self.takers if others in ([], [i])][:MOST_PROPOSED]:
            end = next(_inside(self.chain[i], self._layers)).span.end - base
            found.append(f"{text[:end]}, /{spelled(stride.value)}{text[end:]}")
        return found


def _understood(chain: s.Chain, layers: Layers) -> bool:
    """Whether every step means something; what is wrong with the others is said where they are read."""
    return all(
        _understood(step.unit.chain, layers) if isinstance(step.unit, s.Bracket) else layers.target(step.unit)
        for step in chain
    )


def _takers(chain: s.Chain, layers: Layers) -> list[int]:
    """The steps of a chain that take a stride: not those whose condition does not hold."""
    spend(STEP * len(chain))
    standing = (i for i, x in enumerate(chain) if x.condition is None or not layers.failing(x.condition))
    return [i for i in standing if any(True for _ in _inside(chain[i], layers))]


def _inside(step: s.Step, layers: Layers) -> Iterator[s.Layer]:
    """The layers of a step that take a stride: of a bracket all of them."""
    if isinstance(step.unit, s.Bracket):
        if takes_no_stride(step.unit, layers):
            return
        for i in _takers(step.unit.chain, layers):
            yield from _inside(step.unit.chain[i], layers)
    elif stride_of(parameters_of(layers.target(step.unit))):
        yield step.unit


def _written(step: s.Step, columns: Columns, layers: Layers) -> Iterator[Arg]:
    """The strides that the layers of a step are given, by whatever form."""
    bracket = isinstance(step.unit, s.Bracket)
    for layer in _inside(step, layers):
        target = layers.target(layer)
        assert target is not None
        name = stride_of(parameters_of(target))
        assert name is not None
        given = [*layer.args, *([] if bracket else [arg for key, arg in columns.items() if key == name])]
        apart = copy(layers)
        apart.report = Report()
        found = read_arguments(target, [arg for arg in given if _may_be_stride(arg)], layer.span, apart)
        if found and name in found:
            yield found[name]


def _may_be_stride(arg: s.Arg) -> bool:
    """Whether an argument counts: what a rule's steps are left out by does not."""
    return not isinstance(arg, s.Without)


def _with_stride(chain: s.Chain, i: int, stride: s.Stride, layers: Layers) -> s.Chain:
    step = chain[i]
    unit: s.Layer | s.Bracket
    if isinstance(step.unit, s.Bracket):
        inner = step.unit.chain
        unit = step.unit.replaced(chain=_with_stride(inner, _takers(inner, layers)[0], stride, layers))
    else:
        unit = step.unit.replaced(args=(*step.unit.args, stride))
    return (*chain[:i], step.replaced(unit=unit), *chain[i + 1 :])


def _default_is_one(target: Target | None) -> bool:
    """Whether a layer or a block has the stride 1 where none is given."""
    name = stride_of(parameters_of(target))
    if target is None or name is None:
        return True
    if isinstance(target, type):
        return target.arguments[name].default in (1, (1, 1))
    default = target.default(name)
    return isinstance(default, s.Number) and default.value == 1


def spelled(value: s.Value) -> str:
    """A stride as an argument holds it: ``2``, ``2x1``, ``(k + 1)``."""
    if isinstance(value, s.Size):
        return "x".join(map(str, value.parts))
    return str(value) if isinstance(value, s.Number | s.Name) else f"({value})"
