"""Widths of rows that are long to write have names in the constructor: ``width = 3 * w // 2``, ``half = c // 2``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from archspec.expressions import Binary, Choice, Expression, Function, Name, Number, every_part, rebuilt
from archspec.expressions.symbolic import symbolic
from archspec.expressions.symbols import Symbol, variable
from archspec.targets.torch.item_values import values_in, with_values
from archspec.targets.torch.items import Node
from archspec.targets.torch.layout import local_variable
from archspec.targets.torch.names import Names
from archspec.targets.torch.running import Run, Steps
from archspec.targets.torch.scaled import scaled
from archspec.targets.torch.under_conditions import unconditional

LONG = 5
"""Names and numbers of a width that is written once, where it stands more often."""


def name_of(code: Expression) -> str:
    """What a local variable is called that holds a width, by how it is found."""
    match code:
        case Binary("/" | "//", Name(), Number(2)):
            return "half"
        case Binary("/" | "//", _, below) if below != Number(2):
            return "hidden"
        case Function("round", (inner,)):
            return name_of(inner)
    return "width"


def with_locals(run: Run, arguments: Mapping[str, Symbol], taken: frozenset[str]) -> Run:
    """Rows with names for widths that others are rounded from, and for long ones that stand more than once."""
    widths = [[*_widths(node, arguments)] for node in run.nodes]
    every = [width for each in widths for width in each]
    names = Names(taken)
    wanted, scales = _wanted(every), scaled(every, names)
    if not wanted and not scales.calls:
        return run
    known = dict(scales.calls)
    steps = dict(run.steps)
    first = next((i for i, each in enumerate(widths) if any(width.polynomial.tree in known for width in each)), None)
    nodes: list[Node] = []
    for i, (node, each) in enumerate(zip(run.nodes, widths, strict=True)):
        before = [*scales.statements] if i == first else []
        for width in each:
            tree = width.polynomial.tree
            if tree in wanted and tree not in known:
                short = _over(width, known, arguments)
                name = names.identifier(name_of(short.code))
                before += local_variable(name, short.code)
                known[tree] = variable(name, width.value, width.ledger)
        nodes.append(node._replace(items=with_values(node.items, lambda value: _written(value, known, arguments))))
        if before:
            step = steps.get(i, Steps())
            steps[i] = step._replace(before=(*before, *step.before))
    return Run(nodes, steps)


def _widths(node: Node, arguments: Mapping[str, Symbol]) -> Iterator[Symbol]:
    """The whole numbers of a row over arguments alone, whatever conditions there come to."""
    for value in values_in(unconditional(node.items)):
        if isinstance(value, Symbol) and value.whole and value.names <= arguments.keys():
            yield value


def _wanted(widths: Sequence[Symbol]) -> frozenset[Expression]:
    counts = Counter(width.polynomial.tree for width in widths)
    inner = {
        part
        for tree in counts
        for call in every_part(tree)
        if isinstance(call, Function)
        for arg in call.args
        for part in every_part(arg)
    }
    long = {
        tree
        for tree, count in counts.items()
        if count > 2 and _rounds(tree) and sum(not part.parts for part in every_part(tree)) >= LONG
    }
    chosen = {tree for tree, count in counts.items() if count > 1 and _chooses(tree)}
    return frozenset(tree for tree in counts if (tree in inner and _rounds(tree)) or tree in long | chosen)


def _rounds(tree: Expression) -> bool:
    return any(isinstance(part, Function) for part in every_part(tree))


def _chooses(tree: Expression) -> bool:
    return any(isinstance(part, Choice) for part in every_part(tree))


def _written(value: Any, known: Mapping[Expression, Symbol], arguments: Mapping[str, Symbol]) -> Any:
    if not isinstance(value, Symbol) or not value.names <= arguments.keys():
        return value
    return _over(value, known, arguments)


def _over(value: Symbol, known: Mapping[Expression, Symbol], arguments: Mapping[str, Symbol]) -> Symbol:
    """A number over the names that are known for its parts."""
    tree = _replaced(value.polynomial.tree, {tree: Name(symbol.text) for tree, symbol in known.items()})
    if tree == value.polynomial.tree:
        return value
    names = {**arguments, **{symbol.text: symbol for symbol in known.values()}}
    return Symbol(value.value, symbolic(tree, names), value.ledger, value.whole)


def _replaced(tree: Expression, names: Mapping[Expression, Name]) -> Expression:
    return names.get(tree) or rebuilt(tree, lambda part: _replaced(part, names))
