"""Torch modules as they are written: under names that are free, and as the rule that they belong to."""

from __future__ import annotations

import re
from collections.abc import Sequence

from archspec.ir import network as ir
from archspec.op import Call
from archspec.targets.torch.items import Item, Leaf, Ruled


def apart(call: Call, taken: frozenset[str]) -> Call:
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
    label, said = "", []
    for leaf, after in zip(leaves, [*leaves[1:], None], strict=True):
        # A module before an op's own, such as padding, is named after its target.
        own = after is None or after.op is not leaf.op
        target = leaf.call.target.removeprefix("nn.").removesuffix("2d")
        label += (leaf.op.label or type(leaf.op).__name__) if own else target
        said.append(leaf.op.spelled() if own else target)
    calls, ops = (leaf.call for leaf in leaves), (leaf.op for leaf in leaves)
    return Ruled(label, group.rule, "; ".join(said), tuple(calls), tuple(ops))
