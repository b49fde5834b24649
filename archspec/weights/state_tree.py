"""A state dict as a tree of units: which tensors belong to one layer, and which layers to one block or one series."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from math import prod

Shapes = Mapping[str, tuple[int, ...]]
"""The tensors of a state dict by their names, in the order of the state dict."""
Signature = tuple[tuple[str, tuple[int, ...]], ...]
DEEPEST = 32
"""Levels of a tree of names; further ones are one name. State dicts of libraries have up to ten."""
ROLES = {"weight", "bias", "running_mean", "running_var", "num_batches_tracked"}
TAIL = re.compile(r"\d+[a-z]?$")


@dataclass(eq=False)
class Node:
    """A layer with tensors of its own, or what holds several: a block, a stage, a series `conv1, conv2, conv3`."""

    path: tuple[str, ...]
    index: int
    """Its place among all units of the state dict, by the first of its own."""
    tensors: dict[str, tuple[str, tuple[int, ...]]] = field(default_factory=dict)
    """The name and the shape by the role, `weight` or `running_mean`; only a layer has them."""
    children: list[Node] = field(default_factory=list)

    @property
    def name(self) -> str:
        return ".".join(self.path)

    @cached_property
    def signature(self) -> Signature:
        """The shapes of a layer by their roles; a 1x1 convolution and a fully connected layer hold the same data."""
        shapes = ((role, _squeezed(shape)) for role, (_, shape) in self.tensors.items())
        return tuple(sorted((role, shape) for role, shape in shapes if shape))

    @cached_property
    def flat(self) -> Signature:
        """The same, where a convolution over its whole input and a fully connected layer hold the same data."""
        return tuple((role, (*shape[:1], prod(shape[1:]))) for role, shape in self.signature)

    @property
    def is_flat(self) -> bool:
        return self.flat == self.signature

    @cached_property
    def content(self) -> frozenset[tuple[Signature, int]]:
        """The signatures of all units inside, and how often each is there."""
        return frozenset(Counter(unit.signature for unit in self.units()).items())

    @cached_property
    def size(self) -> int:
        """The number of units inside."""
        return sum(child.size for child in self.children) if self.children else 1

    def units(self) -> Iterator[Node]:
        """The layers inside, itself where it is one."""
        if not self.children:
            yield self
        for child in self.children:
            yield from child.units()

    def below(self, depth: int = 1) -> Iterator[tuple[int, Node]]:
        """What is inside, each with its depth."""
        for child in self.children:
            yield depth, child
            yield from child.below(depth + 1)


def _squeezed(shape: tuple[int, ...]) -> tuple[int, ...]:
    return shape[:2] if len(shape) > 2 and prod(shape[2:]) == 1 else shape


def is_alphabetical(names: list[str]) -> bool:
    """Whether the order of a file says nothing: safetensors sorts the tensors by their names."""
    return names == sorted(names)


def tree(shapes: Shapes) -> Node:
    """The tree of a state dict by the dots in its names; numbers in alphabetical names are put in their order.

    What a block holds beside its layers, such as a scale for each channel, is a layer of that block.
    """
    names = list(shapes)
    if is_alphabetical(names):
        names.sort(key=_natural)
    root = Node((), 0)
    inner: dict[tuple[str, ...], Node] = {(): root}
    layers: dict[tuple[str, ...], Node] = {}
    for name in names:
        *path, role = name.split(".", DEEPEST)
        layer = layers.get(tuple(path))
        if layer is None:
            layer = layers[tuple(path)] = Node(tuple(path), len(layers))
            _parent(inner, layer).children.append(layer)
        layer.tensors[role] = (name, shapes[name])
    for layer in layers.values():
        if layer.path and layer.path in inner:
            inner[layer.path[:-1]].children.remove(layer)
            inner[layer.path].children.append(layer)
        layer.tensors = _by_role(layer.tensors)
    return _settled(root)


def _by_role(tensors: dict[str, tuple[str, tuple[int, ...]]]) -> dict[str, tuple[str, tuple[int, ...]]]:
    """A vector that is all a layer has is its weight, whatever it is called: `gamma`, `layer_scale`."""
    if len(tensors) == 1:
        [(role, (name, shape))] = tensors.items()
        if role not in ROLES and prod(shape) == max(shape, default=0):
            return {"weight": (name, shape)}
    return tensors


def _natural(name: str) -> list[tuple[int, int, str]]:
    """A key by which `conv10` comes after `conv2`."""
    return [(1, int(w[:18]), w) if w.isdecimal() and w.isascii() else (0, 0, w) for w in re.split(r"([0-9]+)", name)]


def _parent(inner: dict[tuple[str, ...], Node], layer: Node) -> Node:
    """The node that holds a layer, made with all above it where they are new."""
    for length in range(1, len(layer.path)):
        path = layer.path[:length]
        if path not in inner:
            inner[path] = Node(path, layer.index)
            inner[path[:-1]].children.append(inner[path])
    return inner[layer.path[:-1]]


def _settled(node: Node) -> Node:
    """The tree with every series gathered, and without nodes that hold one other alone."""
    node.children = _gathered([_settled(child) for child in node.children], len(node.path))
    return node.children[0] if len(node.children) == 1 and node.path else node


def _gathered(children: list[Node], depth: int) -> list[Node]:
    """The children, where those that are numbered alike stand as one: a flat block's `conv1, bn1, conv2, bn2`."""
    stems: dict[str, list[tuple[str, Node]]] = {}
    for child in children:
        stem, tail = split_number(child.path[depth] if len(child.path) > depth else "")
        stems.setdefault(stem, []).append((tail, child))
    numbers: dict[tuple[str, ...], list[Node]] = {}
    for stem, found in stems.items():
        tails = tuple(tail for tail, _ in found)
        numbers.setdefault(tails if all(tails) else (stem, *tails), []).append(_series([child for _, child in found]))
    series = [_series(found) for found in numbers.values()]
    return children if len(series) == 1 else series


def split_number(key: str) -> tuple[str, str]:
    """`conv2` as `conv` and `2`, `branch3x3_2a` as `branch3x3_` and `2a`; no number is an empty one."""
    tail = TAIL.search(key)
    return (key[: tail.start()], tail[0]) if tail else (key, "")


def _series(found: list[Node]) -> Node:
    """Nodes of one parent as one node, which has the path of none."""
    return found[0] if len(found) == 1 else Node(found[0].path[:-1], found[0].index, children=found)
