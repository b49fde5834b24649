"""What emitted classes and functions say of themselves, in a line that tells a reader what is inside."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby

from archspec.targets.torch.block_class import BlockClass
from archspec.targets.torch.items import Fork, Item, Leaf, Made, Ruled, settled
from archspec.targets.torch.layout import WIDTH, docstring, enumerated
from archspec.targets.torch.rules import Use

INDENT = 4
LONGEST = WIDTH - INDENT - len('""""""')
"""Characters of a docstring that is one line."""


def of_rule(layers: Sequence[str], use: Use) -> list[str]:
    """Of the class of an `every` rule: ``Conv2d, BatchNorm2d and ReLU: `conv` in the spec.``"""
    written = " or ".join(f"`{layer}`" for layer in layers)
    return docstring(f"{enumerated([_bare(call.target) for call in use])}: {written} in the spec.", INDENT)


def of_block(of: BlockClass, class_of: Callable[[Ruled], str | None]) -> list[str]:
    """Of the class of a block: ``Block `basic`: sum of residual and shortcut, then ReLU.``"""
    items = settled(of.items)
    texts = _joined(items[0], items[1:]) if items and isinstance(items[0], Fork) else _chained(items, class_of)
    block = f"Block `{of.block.name}`"
    whole = (f"{block}: {text}." for text in texts if text)
    return docstring(next((text for text in whole if len(text) <= LONGEST), f"{block}."), INDENT)


def of_networks(class_name: str, titles: Sequence[str]) -> list[str]:
    """Of the class of networks: ``ResNet-50, one attribute for each row of its table.``"""
    if len(titles) == 1:
        return docstring(f"{titles[0]}, one attribute for each row of its table.", INDENT)
    whole = f"{enumerated(titles)}, one attribute for each row of the table."
    if len(whole) <= LONGEST:
        return docstring(whole, INDENT)
    first = f"{class_name}, one attribute for each row of the table."
    return docstring(first, INDENT, [f"Its networks are {enumerated(titles)}."])


def of_entry(title: str, sentences: Sequence[str], settled: Sequence[str]) -> list[str]:
    """Of an entry function, with the parameters of the spec that its code holds for one value of each."""
    fixed = [f"Fixed here to {enumerated([f'`{each}`' for each in settled])}."] if settled else []
    return docstring(f"{title} with fresh weights.", INDENT, [*sentences, *fixed])


def _joined(fork: Fork, then: Sequence[Item]) -> list[str]:
    """What a join makes of branches, by their names and by how many they are."""
    names = [branch.title for branch in fork.branches if True in branch.left]
    if len(names) == 1:
        return [f"{names[0]} alone"]
    layers = [_bare(item.call.target) for item in then if isinstance(item, Leaf)]
    behind = f", then {enumerated(layers)}" if layers and len(layers) == len(then) else ""
    return [f"{fork.join.noun} of {what}{behind}" for what in (enumerated(names), f"{len(names)} branches")]


def _chained(items: Sequence[Item], class_of: Callable[[Ruled], str | None]) -> list[str]:
    """The layers of a chain, where each always stands in it."""
    names: list[str | None] = []
    for item in items:
        match item:
            case Leaf():
                names.append(_bare(item.call.target))
            case Made():
                names.append(item.of.name)
            case Ruled():
                names.append(class_of(item))
            case _:
                return []
    if None in names:
        return []
    return [enumerated([_often(name, len([*run])) for name, run in groupby(names)])]


def _often(name: str | None, times: int) -> str:
    """``ConvReLU twice``."""
    return f"{name}" if times == 1 else f"{name} twice" if times == 2 else f"{name} {times} times"


def _bare(target: str) -> str:
    return target.removeprefix("nn.")
