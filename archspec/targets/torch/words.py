"""Networks of a family that differ in words, truth values and sizes, as one class with these as arguments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from archspec.expressions import Logic
from archspec.expressions.polynomial import TooLong
from archspec.ir.aligned import Differ
from archspec.ir.node import Value
from archspec.targets.torch.fixed_arguments import demand
from archspec.targets.torch.items import Graph, Node
from archspec.targets.torch.names import MODULE_ATTRIBUTES, USED, Names
from archspec.targets.torch.parts import Parts, Word
from archspec.targets.torch.refusals import Check, statement
from archspec.targets.torch.side_by_side import SideBySide


def together(members: Sequence[Parts], words: Sequence[Mapping[str, Value]]) -> list[Parts]:
    """Networks with the same items, over arguments for their words; raises Differ where there is no such code."""
    demand({_frame(parts) for parts in members})
    alone = [frozenset({i}) for i, _ in enumerate(members)]
    laid = SideBySide(words, Names(USED | MODULE_ATTRIBUTES | members[0].names), alone)
    nodes = _merged(laid, [parts.nodes for parts in members])
    losses = _merged(laid, [[parts.loss] if parts.loss else [] for parts in members])
    heads = {head: _merged(laid, [parts.heads[head] for parts in members]) for head in members[0].heads}
    checks = _checks(laid, members, words)
    found = []
    for i, (parts, own) in enumerate(zip(members, words, strict=True)):
        passed = {n: Word(f.identifier, f.kind, f.passed[own[n]]) for n, f in laid.arguments.items()}
        found.append(
            parts._replace(
                nodes=nodes[i],
                loss=losses[i][0] if parts.loss else None,
                heads={head: each[i] for head, each in heads.items()},
                words=passed,
                checks=checks,
            )
        )
    return found


def _merged(laid: SideBySide, rows: Sequence[Sequence[Node]]) -> list[list[Node]]:
    """Rows of each network, which keep their shapes, with the same items in all."""
    graph = laid.graph([Graph([*nodes]) for nodes in rows])
    return [[n._replace(items=one.items) for n, one in zip(nodes, graph.nodes, strict=True)] for nodes in rows]


def _checks(laid: SideBySide, members: Sequence[Parts], words: Sequence[Mapping[str, Value]]) -> list[Check]:
    """The checks of all networks, those under a condition that only some words need."""
    found: list[Check] = []
    for check in dict.fromkeys(check for parts in members for check in parts.checks):
        needing = [own for own, parts in zip(words, members, strict=True) if check in parts.checks]
        slot = {i: check for i, own in enumerate(words) if own in needing}
        if len(slot) < len(words):
            condition = laid.telling(slot, dict(enumerate(words)))
            check = check._replace(where=condition if check.where is None else Logic("and", condition, check.where))
        try:
            statement(check)
        except TooLong:
            raise Differ from None
        found.append(check)
    return found


def _frame(parts: Parts) -> str:
    """What networks of one class have in common beside the items of their rows."""
    arguments = [(p.identifier, p.kind, p.among) for p in parts.arguments.values()]
    return repr((arguments, [*parts.heads], parts.loss is None))
