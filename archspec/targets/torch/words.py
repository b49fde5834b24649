"""Networks of a family that differ in words, truth values and sizes, as one class with these as arguments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from archspec.expressions import Logic
from archspec.expressions.polynomial import TooLong
from archspec.ir.aligned import Differ
from archspec.ir.node import Value
from archspec.targets.torch.classes import MOST_KINDS
from archspec.targets.torch.fixed_arguments import Fixed, demand
from archspec.targets.torch.items import Graph
from archspec.targets.torch.merging import written
from archspec.targets.torch.names import MODULE_ATTRIBUTES, USED, Names
from archspec.targets.torch.parts import Parts, Word
from archspec.targets.torch.refusals import Check, statement
from archspec.targets.torch.side_by_side import SideBySide


def together(members: Sequence[Parts], words: Sequence[Mapping[str, Value]]) -> list[Parts]:
    """Networks with the same items, over arguments for their words; raises Differ where there is no such code."""
    kinds = _kinds(members, words)
    names = Names(USED | MODULE_ATTRIBUTES | members[0].names)
    laid = SideBySide([words[i] for i in kinds], names, [frozenset({i}) for i in kinds])
    graph = laid.graph([Graph(members[i].rows) for i in kinds])
    checks = _checks(laid, members, words)
    return [
        _over(graph, parts)._replace(words={n: _word(f, own[n]) for n, f in laid.arguments.items()}, checks=checks)
        for parts, own in zip(members, words, strict=True)
    ]


def _word(fixed: Fixed, value: Value) -> Word:
    """What one network passes; where it has nothing that asks for the argument, what others do."""
    return Word(fixed.identifier, fixed.kind, fixed.passed.get(value, next(iter(fixed.passed.values()))))


def _kinds(members: Sequence[Parts], words: Sequence[Mapping[str, Value]]) -> list[int]:
    """The places of the first networks with their words; those with the same words must read the same."""
    demand({_frame(parts) for parts in members})
    first = [words.index(own) for own in words]
    kinds = [*dict.fromkeys(first)]
    same = (reading(members[i]) == reading(parts) for i, parts in zip(first, members, strict=True))
    if len(kinds) > MOST_KINDS or not all(same):
        raise Differ
    return kinds


def _over(graph: Graph, parts: Parts) -> Parts:
    """A network whose rows keep their shapes, with the items that are those of all."""
    rows = (own._replace(items=one.items) for own, one in zip(parts.rows, graph.nodes, strict=True))
    nodes = [next(rows) for _ in parts.nodes]
    loss = next(rows) if parts.loss else None
    return parts._replace(
        nodes=nodes, loss=loss, heads={name: [next(rows) for _ in head] for name, head in parts.heads.items()}
    )


def reading(parts: Parts) -> object:
    """The code of a network: what two of one class have in common."""
    nodes = [(*node.frame, written(node.items)) for node in parts.rows]
    return nodes, sorted(parts.steps.items()), [*parts.heads], _arguments(parts)


def _checks(laid: SideBySide, members: Sequence[Parts], words: Sequence[Mapping[str, Value]]) -> list[Check]:
    """The checks of all networks, those under a condition that only some words need."""
    kinds = [own for i, own in enumerate(words) if words.index(own) == i]
    found: list[Check] = []
    for check in dict.fromkeys(check for parts in members for check in parts.checks):
        needing = [own for own, parts in zip(words, members, strict=True) if check in parts.checks]
        slot = {i: check for i, own in enumerate(kinds) if own in needing}
        if len(slot) < len(kinds):
            condition = laid.telling(slot, dict(enumerate(kinds)))
            check = check._replace(where=condition if check.where is None else Logic("and", condition, check.where))
        try:
            statement(check)
        except TooLong:
            raise Differ from None
        found.append(check)
    return found


def _frame(parts: Parts) -> str:
    """What networks of one class have in common beside the items of their rows."""
    heads = [(name, len(rows)) for name, rows in parts.heads.items()]
    return repr((_arguments(parts), len(parts.nodes), heads, parts.loss is None))


def _arguments(parts: Parts) -> list[tuple[str, type, str]]:
    """The arguments of a network but for their values."""
    return [(p.identifier, p.kind, p.among) for p in parts.arguments.values()]
