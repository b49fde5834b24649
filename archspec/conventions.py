"""What counts as a parameter, a mult-add, an activation: rules with names, each itemised.

The default, ``paper``, is the papers' own: one image, one mult-add for each multiply-accumulate of convolutions and
fully connected layers; bias, normalisation, activations and pooling not counted; parameters with biases and
normalisation's scale and shift, without running statistics; activations without the input.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import prod

from archspec import ops
from archspec.op import Free, Op, Shape, Weighted

CONVENTIONS: Mapping[str, tuple[str, ...]] = {
    "paper": (),
    "cs231n": ("no bias", "with input"),
}
EXTRAS: Mapping[str, str] = {
    "no bias": "parameters without the biases of convolutions and fully connected layers",
    "with bias": "one more mult-add for each output of a layer that has a bias",
    "with statistics": "parameters with running statistics",
    "with input": "activations with the input",
    "with heads": "with the heads that training adds",
}


def is_rule(rule: str) -> bool:
    """Whether a text is a counting rule in its one spelling: a name of the above, ``no fc`` or ``no fc weights``."""
    name = rule.removeprefix("no ").removesuffix(" weights")
    found = ops.find(name)
    return rule in {*EXTRAS, *CONVENTIONS} or (found is not None and rule.startswith("no ") and found.spelled() == name)


class Counting:
    """One counting rule: the papers' default with the given changes."""

    def __init__(self, rules: Iterable[str] = ()) -> None:
        self.rules = tuple(rules)
        self._items = {item for rule in self.rules for item in CONVENTIONS.get(rule, (rule,))}

    @property
    def name(self) -> str:
        """``paper``, ``cs231n``, ``paper, no fc``."""
        named = [rule for rule in self.rules if rule in CONVENTIONS]
        rest = [rule for rule in self.rules if rule not in CONVENTIONS]
        return ", ".join([*(named or ["paper"]), *rest])

    @property
    def with_input(self) -> bool:
        """Whether the input counts among the activations."""
        return "with input" in self._items

    @property
    def with_heads(self) -> bool:
        """Whether the heads that training adds are part of the totals."""
        return "with heads" in self._items

    def params(self, op: Op, *xs: Shape) -> int:
        """Trainable parameters: the sizes of the op's weights."""
        if self._drops(op, "weights") or (isinstance(op, Free) and self._drops(op)):
            return 0
        biased = not ("no bias" in self._items and isinstance(op, Weighted))
        tensors = {name: shape for name, shape in op.weights(*xs).items() if biased or name != "bias"}
        stored = op.buffers(*xs).items() if "with statistics" in self._items else ()
        statistics = [shape for name, shape in stored if name.startswith("running_")]
        return sum(prod(shape) for shape in (*tensors.values(), *statistics))

    def mult_adds(self, op: Op, y: Shape, *xs: Shape) -> int:
        """Multiply-accumulates for one image."""
        if self._drops(op):
            return 0
        bias = "with bias" in self._items and isinstance(op, Weighted)
        return op.connections(y, *xs) if bias else op.macs(y, *xs)

    def activations(self, op: Op, y: Shape) -> int:
        """Elements that a layer stores; one that works in place stores none."""
        return 0 if op.in_place or self._drops(op) else y.size

    def connections(self, op: Op, y: Shape, *xs: Shape) -> int:
        """Incoming connections of all units, bias included."""
        return 0 if self._drops(op) else op.connections(y, *xs)

    def describe(self) -> list[str]:
        """The rule in words, one sentence a line."""
        lines = ["mult-adds: multiply-accumulates of convolutions and fully connected layers, for one image"]
        lines.append("params: weights, biases, normalisation's scale and shift; activations: stored outputs")
        named = [f"{rule}: {', '.join(CONVENTIONS[rule])}" for rule in self.rules if CONVENTIONS.get(rule)]
        extras = [f"{rule}: {EXTRAS[rule]}" for rule in self.rules if rule in EXTRAS]
        return lines + named + extras

    def _drops(self, op: Op, what: str = "") -> bool:
        return f"no {op.spelled()} {what}".rstrip() in self._items
