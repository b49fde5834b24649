"""What a file defines before its tables: names, blocks, rules, brackets, libraries; and its heads after them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from archspec.budget import spend
from archspec.counting.printed import UNITS
from archspec.diagnostics import Report
from archspec.elaborate import block_messages as say
from archspec.elaborate.brackets import checked
from archspec.elaborate.headers import folded
from archspec.elaborate.layers import Layers
from archspec.elaborate.like_messages import taken_out_and_needed
from archspec.elaborate.messages import said_twice, unknown_argument
from archspec.elaborate.scope import Scope, Wrong
from archspec.elaborate.tables import Tables
from archspec.ir.network import Head
from archspec.language import syntax as s
from archspec.naming import Names
from archspec.support.limits import ARGUMENT, CELL, MISTAKE, ROW


def define(statements: Sequence[s.Statement], layers: Layers) -> None:
    """The `let` names, the blocks, the brackets and the `every` rules; broken ones are known to be unknown."""
    lets_of(statements, layers.scope, layers.report)
    for statement in statements:
        if isinstance(statement, s.Library):
            _library(statement, layers)
    _brackets(statements, layers)
    for statement in statements:
        if isinstance(statement, s.Ignore):
            spend(CELL * len(statement.columns), statement.span)
            layers.ignored |= {folded(column.text): column for column in statement.columns}
    for statement in statements:
        if isinstance(statement, s.Block):
            spend(ARGUMENT * (1 + len(statement.formals)), statement.span)
            layers.blocks.define(statement, layers)
    for statement in statements:
        if isinstance(statement, s.Every):
            layers.add_rule(statement)
        elif isinstance(statement, s.Broken) and statement.keyword == "every":
            layers.spoil(statement.name)
        elif isinstance(statement, s.Broken) and statement.keyword == "block":
            layers.blocks.broken.add(statement.name)
    layers.scope.inner = True


def heads_of(statements: Sequence[s.Statement], network: Tables, layers: Layers) -> Iterator[Head]:
    """The side branches for training alone, of the rows of a network."""
    above = Names(row.layer for row in network.rows)
    seen: dict[str, s.Head] = {}
    for head in (x for x in statements if isinstance(x, s.Head)):
        spend(ROW, head.span)
        if head.name.text in seen:
            layers.report.add(said_twice(head.span, f"head {head.name.text}", seen[head.name.text].span))
        seen[head.name.text] = head
        if head.source.text not in above and head.source.text in network.taken_out:
            name, taker = network.taken_out[head.source.text], f"the head `{head.name.text}`"
            layers.report.add(taken_out_and_needed(name.span, name.text, taker, head.source.span))
            continue
        if above.count(head.source.text) != 1:
            complain = say.ambiguous_source if head.source.text in above else None
            wrong = complain(head.source.span, head.source.text) if complain else None
            layers.report.add(wrong or say.unknown_source(head.source.span, head.source.text, above))
            continue
        weight, body = _weight(head, layers), Tables(layers, (), None, layers.report, block=True)
        if head.table is None:
            layers.report.add(say.block_without_table(head.name.span, f"head {head.name.text}"))
        elif weight is not None:
            body.add(head.table)
            body.close()
            yield Head(
                name=head.name.text, source=head.source.text, weight=weight, rows=tuple(body.rows), span=head.span
            )


def units_of(statements: Sequence[s.Statement], report: Report) -> dict[str, int]:
    """What units mean in printed cells: ``units K=1024``."""
    found: dict[str, int] = {}
    for statement in (x for x in statements if isinstance(x, s.Units)):
        spend(MISTAKE, statement.span)
        name, value = statement.name.text.lower(), statement.value.value
        if not UNITS.get(name) or not isinstance(value, int) or value < 1 or name in found:
            report.add(
                say.wrong_unit(statement.span, statement.name.text, [unit.upper() for unit in UNITS if len(unit) == 1])
            )
        else:
            found[name] = value
    return found


def _weight(head: s.Head, layers: Layers) -> float | None:
    for setting in head.settings:
        if setting.name != "weight":
            layers.report.add(unknown_argument(setting.name_span, "head", setting.name, ("weight",)))
            return None
    if not head.settings:
        layers.report.add(say.head_without_weight(head.name.span, head.name.text))
        return None
    try:
        found = layers.scope.value(head.settings[-1].value)
    except Wrong as wrong:
        layers.report.add(wrong.diagnostic)
        return None
    value = found.value
    layers.scope.record.pinned |= found.names
    layers.scope.structural |= found.names  # emitted code holds the weight as a number
    if isinstance(value, bool) or not isinstance(value, int | float):
        layers.report.add(say.wrong_weight(head.settings[-1].value.span, value))
        return None
    return float(value)


def lets_of(statements: Sequence[s.Statement], scope: Scope, report: Report) -> None:
    """The names that `let` gives to expressions."""
    for statement in statements:
        if isinstance(statement, s.Let):
            spend(ARGUMENT, statement.span)
            try:
                scope.define(statement.name, scope.expression(statement.value))
            except Wrong as wrong:
                report.add(wrong.diagnostic)
                scope.spoil(statement.name.text, wrong.diagnostic)
        elif isinstance(statement, s.Broken) and statement.keyword == "let":
            scope.spoil(statement.name, statement.reason)


def _library(library: s.Library, layers: Layers) -> None:
    """The blocks of another file, which mean what its own names and rules say."""
    if library.statements is None:
        layers.blocks.missing = True
        return
    home = Layers(Scope(), layers.report, layers.blocks)
    define(library.statements, home)


def _brackets(statements: Sequence[s.Statement], layers: Layers) -> None:
    found = [x for x in statements if isinstance(x, s.Brackets)]
    layers.unclear_brackets = any(isinstance(x, s.Broken) and x.keyword == "brackets" for x in statements)
    for extra in found[1:]:
        layers.report.add(said_twice(extra.span, "brackets", found[0].span))
    for statement in found[:1]:
        if checked(statement, layers):
            layers.brackets = statement
        else:
            layers.unclear_brackets = True
