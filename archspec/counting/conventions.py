"""What counts as a parameter, a mult-add, an activation: rules with names, each itemised.

The default, ``paper``, is the papers' own: one image, one mult-add for each multiply-accumulate of convolutions and
fully connected layers; bias, normalisation, activations and pooling not counted; parameters with biases and
normalisation's scale and shift, without running statistics; activations without the input. Popular counters are
conventions as well: they count other work, and parameters and activations as papers do.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import prod

from archspec import ops
from archspec.counting.counters import BIAS, COUNTERS, JOINS, MACS, UNKNOWN, Counter
from archspec.counting.formulas import seen, whole
from archspec.op import Free, Join, Op, Shape, Tensor, Weighted
from archspec.support.bound import AtLeast, at_least, is_known

CONVENTIONS: Mapping[str, tuple[str, ...]] = {
    "paper": (),
    "cs231n": ("no bias", "with input"),
    **dict.fromkeys(COUNTERS, ()),
}
PAPERS = Counter("multiply-accumulates of convolutions and fully connected layers, for one image", (MACS,))
EXTRAS: Mapping[str, str] = {
    "no bias": "parameters without the biases of convolutions and fully connected layers",
    "with bias": "one more mult-add for each output of a layer that has a bias",
    "with statistics": "parameters with running statistics",
    "with input": "activations with the input",
    "with heads": "with the heads that training adds",
}

STORED: Mapping[str, str] = {
    "params": "weights, biases, normalisation's scale and shift",
    "activations": "stored outputs",
}
"""What every rule counts as the quantities that are kept in memory, but for its changes."""


def is_rule(rule: str) -> bool:
    """Whether a text is a counting rule in its one spelling: a name of the above, ``no fc`` or ``no fc weights``."""
    name = rule.removeprefix("no ").removesuffix(" weights")
    found = ops.find(name)
    if rule in {*EXTRAS, *CONVENTIONS}:
        return True
    joined = ops.find(rule.removeprefix("with "))
    if rule.startswith("with ") and joined is not None:
        return issubclass(joined, Join) and joined.spelled() == rule.removeprefix("with ")
    return found is not None and rule.startswith("no ") and found.spelled() == name


def further_convention(rules: Sequence[str]) -> tuple[int, str] | None:
    """Which of some rules is a second convention, and the first, which it would replace; None where there is none."""
    named = [(i, rule) for i, rule in enumerate(rules) if rule in CONVENTIONS]
    return next(((i, named[0][1]) for i, rule in named if rule != named[0][1]), None)


class Counting:
    """One counting rule: the papers' default with the given changes."""

    def __init__(self, rules: Iterable[str] = ()) -> None:
        self.rules = tuple(rules)
        self._changes = {change for rule in self.rules for change in CONVENTIONS.get(rule, (rule,))}
        self._counter = next((COUNTERS[rule] for rule in reversed(self.rules) if rule in COUNTERS), PAPERS)
        self._items = self._counter.items
        if "with bias" in self._changes and BIAS.name not in {item.name for item in self._items}:
            self._items = (*self._items, BIAS)
        self._plain = {MACS, BIAS}.issuperset(self._items)

    @property
    def name(self) -> str:
        """``paper``, ``cs231n``, ``paper, no fc``."""
        named = [rule for rule in self.rules if rule in CONVENTIONS]
        rest = [rule for rule in self.rules if rule not in CONVENTIONS]
        return ", ".join([*(named or ["paper"]), *rest])

    @property
    def with_input(self) -> bool:
        """Whether the input counts among the activations."""
        return "with input" in self._changes

    @property
    def with_heads(self) -> bool:
        """Whether the heads that training adds are part of the totals."""
        return "with heads" in self._changes

    @property
    def runs(self) -> bool:
        """Whether it counts what is run, which ends before a soft-max that belongs to the loss."""
        return self._counter is not PAPERS

    def works_as(self, other: Counting) -> bool:
        """Whether both count the same work of every layer that neither leaves out."""
        return self.factor == other.factor and self._items == other._items

    @property
    def factor(self) -> int:
        """2 where figures are FLOPs, a multiplication and an addition apart, and otherwise 1."""
        return self._counter.factor

    def params(self, op: Op, *xs: Shape) -> int:
        """Trainable parameters: the sizes of the op's weights, and what is known of others."""
        told = sum(map(prod, self.tensors(op, *xs).values()))
        return told if op.known else told + self._untold(op, *xs)

    def _untold(self, op: Op, *xs: Shape) -> int:
        """The parameters of a layer that is not known; nobody knows which of them are biases, or what it stores."""
        if self.drops(op, "weights"):
            return 0
        count = op.untold(*xs)
        if "no bias" in self._changes and (count or not is_known(count)):
            count = AtLeast(0)
        return at_least(count) if "with statistics" in self._changes else count

    def tensors(self, op: Op, *xs: Shape) -> dict[str, Tensor]:
        """The tensors whose numbers count as parameters, by torch's own names."""
        if self.drops(op, "weights") or (isinstance(op, Free) and self.drops(op)):
            return {}
        biased = not ("no bias" in self._changes and isinstance(op, Weighted))
        tensors = {name: shape for name, shape in op.weights(*xs).items() if biased or name != "bias"}
        stored = op.buffers(*xs).items() if "with statistics" in self._changes else ()
        return tensors | {name: shape for name, shape in stored if name.startswith("running_")}

    def mult_adds(self, op: Op, y: Shape, *xs: Shape) -> int:
        """The work for one image, in the unit of the convention."""
        return self.factor * sum(self._amounts(op, y, *xs).values())

    def items(self, op: Op, y: Shape, *xs: Shape) -> dict[str, int]:
        """The work for one image by its kind, in mult-adds: what is not counted is not there."""
        return {name: amount for name, amount in self._amounts(op, y, *xs).items() if amount or not is_known(amount)}

    def _amounts(self, op: Op, y: Shape, *xs: Shape) -> dict[str, int]:
        if self.drops(op):
            return {}
        if not op.known:
            return {UNKNOWN: AtLeast(0)}
        modules = [whole(op, y, *xs)] if self._plain else list(seen(op, y, *xs))
        amounts = {item.name: sum(map(item.formula, modules)) for item in self._items}
        if (
            self._changes and f"with {op.spelled()}" in self._changes
        ):  # one for each element and each input after the first
            amounts[JOINS] = y.size * (len(xs) - 1)
        return amounts

    def why(self, name: str) -> str | None:
        """How one kind of work is counted, in words that follow the convention's name; None where it is not."""
        own = next((item.why for item in self._items if item.name == name), None)
        joined = any(rule.startswith("with ") and rule not in EXTRAS for rule in self._changes)
        return "counts one for each element of each input after the first" if name == JOINS and joined else own

    def activations(self, op: Op, y: Shape) -> int:
        """Elements that a layer stores; one that works in place stores none, an unknown one its output at least."""
        if op.in_place or self.drops(op):
            return 0
        return y.size if op.known else at_least(y.size)

    def connections(self, op: Op, y: Shape, *xs: Shape) -> int:
        """Incoming connections of all units, bias included."""
        return 0 if self.drops(op) else op.connections(y, *xs)

    def describe(self) -> list[str]:
        """The rule in words, one sentence a line."""
        says, *more = [f"{name}: {text}" if name else text for name, text in self.sentences()]
        lines = [says]
        lines += [f"{item.name}: {item.why}" for item in self._items if self._counter is not PAPERS]
        stored = len(STORED)
        return [*lines, "; ".join(more[:stored]), *more[stored:]]

    def sentences(self) -> list[tuple[str, str]]:
        """What it counts as each quantity, and without the name of one what its rules change."""
        named = [f"{rule}: {', '.join(CONVENTIONS[rule])}" for rule in self.rules if CONVENTIONS.get(rule)]
        extras = [f"{rule}: {EXTRAS[rule]}" for rule in self.rules if rule in EXTRAS]
        joined = [rule for rule in self.rules if rule.startswith("with ") and rule not in EXTRAS]
        joins = [f"{rule}: one mult-add for each element of each input after the first" for rule in joined]
        return [("mult-adds", self._counter.says), *STORED.items(), *(("", line) for line in named + extras + joins)]

    def drops(self, op: Op, what: str = "") -> bool:
        """Whether a rule such as ``no fc`` leaves out the work of a layer, or ``no fc weights`` its weights."""
        return bool(self._changes) and f"no {op.spelled()} {what}".rstrip() in self._changes
