"""Torch modules as they are written: under names that are free, and as the rule that they belong to."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any

from archspec.expressions import Expression
from archspec.expressions.symbols import Ledger, Symbol
from archspec.ir import network as ir
from archspec.ir.walking import opened
from archspec.op import Call, Join, Op, Shape
from archspec.targets.torch.bindings import Bindings
from archspec.targets.torch.decisions import Decisions
from archspec.targets.torch.items import Item, Leaf, Needs, Ruled
from archspec.targets.torch.places import Place, plain


def ops_of(step: ir.Apply, names: Bindings, decisions: Decisions) -> tuple[Op, Op, Op]:
    """The op in numbers, with symbols in all that shapes hang on, and with symbols wherever numbers depend on some.

    What decides heights and widths stays a number where shapes are concerned, as these do.
    """
    known = {name: names.number(arg) for name, arg in step.args.items()}
    op = step.layer(known)
    symbols: dict[str, Any] = {}
    for name, arg in step.args.items():
        if not names.depends(arg) or (decisions.fixed and name in op.fixed):
            continue
        kept = getattr(op, name)
        if isinstance(kept, tuple) and not isinstance(known[name], tuple):
            symbols[name] = (names.symbol(arg, known[name], int),) * 2
        elif op.arguments[name].numeric is not None:
            symbols[name] = names.symbol(arg, kept, op.arguments[name].numeric or int)
        else:
            decisions.decide(names, arg)  # a size, a word or a truth value: code has the one that it is here
    if not symbols:
        return op, op, op
    shaping = {name: value for name, value in symbols.items() if name not in op.fixed}
    return op, op.replaced(**shaping), op.replaced(**symbols)


def joined(
    row: ir.Row, inputs: Sequence[Place], names: Bindings, decisions: Decisions
) -> tuple[Join | None, Sequence[ir.Step], Place]:
    """The join that a row starts with, the other steps, and what enters them."""
    steps = row.steps or ()
    if len(inputs) == 1:
        return None, steps, inputs[0]._replace(fresh=inputs[0].fresh and not row.sources)
    first, rest = opened(steps)
    assert first is not None
    _, _, op = ops_of(first, names, decisions)
    assert isinstance(op, Join)
    return op, rest, Place(plain(op.infer(*(place.shape for place in inputs))), fresh=True)


def needs_of(op: Op, shapes: Sequence[Shape], ledger: Ledger) -> Needs:
    """What a layer needs of numbers that depend on names, where no module of torch looks after it.

    A requirement that holds here by one comparison and not by another is left out: it says nothing of either.
    """
    if op.torch_refuses:
        return ()
    found: dict[Expression, bool] = {}
    noted, ledger.decided = ledger.decided, {}
    try:
        for holds in chain(_within(op), (requirement.holds for requirement in op.requires(*shapes))):
            if holds and all(ledger.decided.values()):
                found |= ledger.decided
            ledger.decided = {}
    finally:
        ledger.decided = noted
    return tuple(found)


def _within(op: Op) -> Iterator[bool]:
    """Whether the numbers of an op lie within their bounds, those that depend on names and are no width."""
    for name, argument in op.arguments.items():
        value, (least, most) = getattr(op, name), argument.bounds
        if isinstance(value, Symbol) and name != op.makes:
            yield (least is None or value >= least) and (most is None or value <= most)


def named(call: Call, fresh: bool, taken: frozenset[str]) -> Call:
    """The call under a name that is free, and in place only where nobody else needs the input."""
    if call.options.get("inplace") and not fresh:
        call = call._replace(options={**call.options, "inplace": False})
    return _apart(call, taken)


def _apart(call: Call, taken: frozenset[str]) -> Call:
    """The call; a class that emission copies in gives way where the network's own names take its name."""
    name = call.target
    while call.module and name in taken:
        name = f"{name}Layer"
    if name == call.target or call.module is None:
        return call
    module = call.module.replace(f"class {call.target}(", f"class {name}(")
    closing = call.closing and re.sub(rf"\b{call.target}\b", name, call.closing)
    return call._replace(target=name, module=module, closing=closing)


def ruled(group: ir.Group, items: Sequence[Item]) -> Item:
    """The modules of a layer with its `every` rule."""
    leaves = [item for item in items if isinstance(item, Leaf)]
    label = ""
    for leaf, after in zip(leaves, [*leaves[1:], None], strict=True):
        # A module before an op's own, such as padding, is named after its target.
        own = after is None or after.op is not leaf.op
        target = leaf.call.target.removeprefix("nn.").removesuffix("2d")
        label += (leaf.op.label or type(leaf.op).__name__) if own else target
    calls, ops = (leaf.call for leaf in leaves), (leaf.op for leaf in leaves)
    needs = tuple(dict.fromkeys(need for leaf in leaves for need in leaf.needs))
    return Ruled(label, group.rule, tuple(calls), tuple(ops), needs)
