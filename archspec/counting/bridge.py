"""From one convention's total to another's, step by step: what one counts and the other does not, with its reason.

Pure arithmetic over the uses of a network's ops. The steps always add up: from the start, by each amount, to the end.
"""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Iterable
from typing import NamedTuple, Protocol

from archspec.budget import spend
from archspec.counting.conventions import Counting
from archspec.counting.counters import UNKNOWN
from archspec.op import Op, Shape
from archspec.support.bound import is_known
from archspec.support.limits import COUNTED


class Used(Protocol):
    """One op on its inputs, and how many layers of the network it stands for."""

    @property
    def op(self) -> Op:
        """The layer type with its arguments."""

    @property
    def xs(self) -> tuple[Shape, ...]:
        """What flows in."""

    @property
    def y(self) -> Shape:
        """What flows out."""

    @property
    def times(self) -> int:
        """How many layers it stands for."""


class Kind(NamedTuple):
    """What one step sums up: one kind of work, of one layer type alone where a rule such as ``no fc`` names it."""

    name: str
    op: str = ""

    def __str__(self) -> str:
        return f"{self.name} of {self.op}" if self.op else self.name


class Step(NamedTuple):
    """One difference between two conventions: of what, how much more the second counts, and why."""

    name: str
    amount: int
    why: str
    known: bool = True
    """Whether it is so much; of layers that are not known, nobody knows."""

    @property
    def said(self) -> str:
        """How much it is, with its sign: ``+1,234``."""
        return f"{self.amount:+,}" if self.known else "?"


class Bridge(NamedTuple):
    """The way from one total to another; ``a`` and ``b`` name the conventions that give the start and the end."""

    a: str
    b: str
    start: int
    steps: tuple[Step, ...]
    end: int


def bridge(uses: Iterable[Used], a: Counting, b: Counting) -> Bridge:
    """The itemised way from the total of all uses under one convention to that under another."""
    uses = list(uses)
    ours, theirs = tally(uses, a, b), tally(uses, b, a)
    start, end = a.factor * ours.total(), b.factor * theirs.total()
    common = min(a.factor, b.factor)
    alike = a.works_as(b)
    kinds = [kind for kind in dict.fromkeys((*ours, *theirs)) if _differs(ours[kind], theirs[kind], alike)]
    steps = [
        Step(str(kind), common * (theirs[kind] - ours[kind]), _why(kind, a, b), kind.name != UNKNOWN) for kind in kinds
    ]
    if a.factor > b.factor:
        steps.insert(0, Step("unit", start * common // a.factor - start, _units(a, b)))
    if a.factor < b.factor:
        steps.append(Step("unit", end - end * common // b.factor, _units(a, b)))
    assert start + sum(step.amount for step in steps) == end
    return Bridge(a.name, b.name, start, tuple(steps), end)


def _differs(ours: int, theirs: int, alike: bool) -> bool:
    """Whether two amounts differ, or may: lower bounds do not where both conventions count ``alike``."""
    known = is_known(ours), is_known(theirs)
    return ours != theirs or not (all(known) or (alike and not any(known)))


def tally(uses: Iterable[Used], counting: Counting, other: Counting) -> Tally[Kind]:
    """The work of all uses by kind, in mult-adds; layers that either convention leaves out stand apart."""
    amounts: Tally[Kind] = Tally()
    for use in uses:
        spend(COUNTED)
        apart = use.op.spelled() if counting.drops(use.op) or other.drops(use.op) else ""
        for name, amount in counting.items(use.op, use.y, *use.xs).items():
            amounts[Kind(name, apart)] += use.times * amount
    return amounts


def lines(found: Bridge) -> list[str]:
    """The bridge as plain text: an amount, what it is of, and the reason, one step a line."""
    ends = (f"{found.start:,}", f"{found.end:,}")
    amounts = [step.said for step in found.steps]
    width = max(len(text) for text in (*ends, *amounts))
    names = max((len(step.name) for step in found.steps), default=0)
    steps = [
        f"{amount:>{width}}  {step.name:<{names}}  {step.why}"
        for amount, step in zip(amounts, found.steps, strict=True)
    ]
    return [f"{ends[0]:>{width}}  {found.a}", *steps, f"{ends[1]:>{width}}  {found.b}"]


def _why(kind: Kind, a: Counting, b: Counting) -> str:
    """The reason of one step, in the words of both conventions."""
    if kind.name == UNKNOWN and not kind.op:
        return "each counts them, and nobody knows how much"
    dropping = [counting.name for counting in (a, b) if f"no {kind.op}" in counting.rules]
    if dropping:
        return f"{dropping[0]} leaves out every {kind.op}"
    reasons = {c.name: c.why(kind.name) for c in (a, b)}
    said = [f"{name} {why}" for name, why in reasons.items() if why]
    return "; ".join([*said, *(f"{name} counts nothing here" for name, why in reasons.items() if not why)])


def _units(a: Counting, b: Counting) -> str:
    words = {1: "once", 2: "twice, as a multiplication and an addition"}
    return f"{a.name} counts each multiply-accumulate {words[a.factor]}; {b.name} {words[b.factor]}"
