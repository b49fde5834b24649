"""Search spaces: what `choose` lets a network choose from, once or anew in each row, as parameters of the network."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, count

from archspec.budget import spend
from archspec.diagnostics import Diagnostic, Report, Span, explained, text_span
from archspec.elaborate.arithmetic import name_taken
from archspec.elaborate.messages import as_written, unused_parameter
from archspec.elaborate.scope import Scope, Wrong
from archspec.ir.network import Value
from archspec.language import syntax as s
from archspec.language.include import every_table
from archspec.support.limits import ARGUMENT, CELL

WORD = re.compile(r"(?<!\w)[^\W\d]\w*")
IDENTIFIER = re.compile(r"\w+")
OfRows = Mapping[Span, Mapping[str, str]]
"""For a row, by the place of its first cell, the parameters that names stand for in it."""


def with_choices(
    header: s.Network, statements: Sequence[s.Statement], report: Report
) -> tuple[s.Network, dict[Span, dict[str, str]]]:
    """The network with a parameter for each choice, and for each row that a choice by row stands in."""
    choices = [x for x in statements if isinstance(x, s.Choose)]
    if not choices:
        return header, {}
    taken = {p.name: p.span for p in header.parameters} | {
        x.name.text: x.name.span for x in statements if isinstance(x, s.Let)
    }
    kept: dict[str, s.Choose] = {}
    for choice in choices:
        spend(ARGUMENT * len(choice.values), choice.span)
        name = choice.name.text
        if name in taken:
            report.add(name_taken(choice.name.span, name, taken[name]))
        elif (problem := _wrong(choice)) is not None:
            report.add(wrong_choice(choice.span, name, problem))
            plain = s.Parameter(choice.name.span, name, choice.values[0])  # whose uses are not wrong as well
            header = header.replaced(parameters=(*header.parameters, plain))
        else:
            kept[name] = choice
        taken.setdefault(name, choice.name.span)
    return _Rows(kept, taken).with_parameters(header, statements, report)


class _Rows:
    """The rows of a network while the parameters of choices are made."""

    def __init__(self, choices: Mapping[str, s.Choose], taken: Mapping[str, Span]) -> None:
        self._by_row = {name: choice for name, choice in choices.items() if choice.by_row}
        self._order = {name: place for place, name in enumerate(self._by_row)}
        self._choices, self._taken = choices, {*taken}

    def with_parameters(
        self, header: s.Network, statements: Sequence[s.Statement], report: Report
    ) -> tuple[s.Network, dict[Span, dict[str, str]]]:
        """A parameter for each choice of the network, in their order, and then those of rows, row by row."""
        made = [_parameter(name, choice, name) for name, choice in self._choices.items() if not choice.by_row]
        found: dict[Span, dict[str, str]] = {}
        for row, label in _labelled(statements):
            spend(CELL * len(row), row[0].span)
            words = {word for cell in row for word in WORD.findall(cell.text)} if self._by_row else set()
            here = sorted(words & self._by_row.keys(), key=self._order.__getitem__)
            own = {name: self._free(f"{name}_{label}") for name in here}
            made += [_parameter(parameter, self._by_row[name], name) for name, parameter in own.items()]
            if own:
                found[row[0].span] = own
        used = {name for own in found.values() for name in own}
        for name in self._by_row.keys() - used:
            report.add(unused_parameter(self._by_row[name].name.span, name))
        return header.replaced(parameters=(*header.parameters, *made)), found

    def _free(self, name: str) -> str:
        """A name that nothing has: of two rows of one name the second has a number behind it."""
        found = next(n for n in chain([name], (f"{name}_{i}" for i in count(2))) if n not in self._taken)
        self._taken.add(found)
        return found


def _labelled(statements: Sequence[s.Statement]) -> Iterator[tuple[tuple[s.Cell, ...], str]]:
    """The rows of all tables, each with its name, or its number where that is no word."""
    rows = [row for table in every_table(statements) for row in table.rows if row]
    for number, row in enumerate(rows, 1):
        name = row[0].text.replace("-", "_").replace(".", "_")
        yield row, name if len(row) > 1 and IDENTIFIER.fullmatch(name) else str(number)


def _parameter(name: str, choice: s.Choose, chosen: str) -> s.Parameter:
    return s.Parameter(choice.name.span, name, choice.values[0], choice.values, chosen)


def _wrong(choice: s.Choose) -> str | None:
    """Why values are not something to choose from."""
    try:
        values = values_of(choice.values)
    except Wrong as wrong:
        return wrong.diagnostic.message
    if len({as_written(value) for value in values}) < len(values):
        return "a value stands there twice"
    kinds = {float if type(value) is int else type(value) for value in values}
    if len(kinds) > 1 and kinds & {bool, float}:
        return "they are numbers, or yes and no, or sizes and words"
    return None if len(values) > 1 else "there is one value alone"


def values_of(values: Sequence[s.Value]) -> tuple[Value, ...]:
    """What may be chosen, as values; raises Wrong where one depends on something."""
    return tuple(Scope().value(value).known for value in values)


@explained("E0417")
def wrong_choice(span: Span, name: str, why: str) -> Diagnostic:
    """A search space lets a parameter be one of several values, and what stands there is not several of one kind."""
    message = f"`{name}` cannot be chosen from these: {why}"
    return Diagnostic("E0417", message, span, "here", help=f"write `choose {name} = one of 3, 5, 7`")


@explained("E0418")
def not_chosen_from(name: str, value: Value, known: Sequence[Value]) -> Diagnostic:
    """A parameter of a search space is set to a value that the space does not hold."""
    text = f"{name}={as_written(value)}"
    listed = ", ".join(as_written(each) for each in known)
    at = text_span("parameter", text)
    return Diagnostic("E0418", f"`{name}` is one of {listed}", at, "none of these", help=f"write one of {listed}")
