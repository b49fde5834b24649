"""Sums over the repetitions of a body in closed form (Faulhaber): what each has is a polynomial in its index."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest
from typing import Any

from archspec.family.formulas.trace import Number, Trace, Truth, is_number, negated

MOST_POWERS = 6
"""The power of an index up to which is summed: a layer multiplies two numbers of channels, each sum adds one."""


class NotClosed(Exception):
    """A count has no closed form: why."""


class Index:
    """The index of a repetition: 0, 1 and so on, as often as it is repeated."""

    def __init__(self, trace: Trace, times: Number) -> None:
        self.times = times
        self._trace = trace
        self.number = trace.index(times)

    def settle(self, decisions: Sequence[Truth]) -> None:
        """Let what was decided for one value of the index hold for all of them; raises NotClosed where it may not.

        What is linear in the index holds for all where it holds for the first and the last.
        """
        for truth in decisions:
            if not depends(truth, self.number):
                continue
            demanded = self._trace.decisions.pop(truth)
            if truth.op != "<=":
                raise NotClosed("it is decided anew for each repetition")
            lines = [coefficients(side, self.number) for side in truth.args]
            if max(map(len, lines)) > 2:
                raise NotClosed("it is decided by more than a line")
            for at in (0, self.times - 1):
                one, other = (_at(line, at) for line in lines)
                self._demand(one <= other if truth.value else negated(one <= other), demanded)

    def _demand(self, truth: Any, demanded: bool) -> None:
        if isinstance(truth, bool):
            holds = truth
        elif demanded:
            with self._trace.demanding():
                holds = bool(truth)
        else:
            holds = bool(truth)
        if not holds:
            raise NotClosed("it is not the same for every repetition")


def depends(operand: Any, on: Number) -> bool:
    """Whether a number or a condition depends on another number."""
    seen: set[int] = set()
    waiting = [operand]
    while waiting:
        each = waiting.pop()
        if each is on:
            return True
        if isinstance(each, Number | Truth) and id(each) not in seen:
            seen.add(id(each))
            waiting += each.args
    return False


def summed(amount: Any, index: Index) -> Any:
    """The sum of an amount over all values of an index; raises NotClosed where it has no closed form."""
    found = coefficients(amount, index.number)
    if len(found) > MOST_POWERS + 1:
        raise NotClosed("it grows by too high a power")
    total: Any = 0
    for power, factor in enumerate(found):
        total = total + factor * _sum_of_powers(index, power)
    return total


def _sum_of_powers(index: Index, power: int) -> Any:
    """0^p + 1^p + ... + (n - 1)^p, by falling powers, of which each is a product without a rest."""
    total: Any = 0
    falling: Any = 1
    for j in range(power + 1):
        falling = falling * (index.times - j)  # n (n - 1) ... (n - j)
        if times := _partitions(power, j):
            total = total + times * index.times.trace.number("exact", falling, j + 1)
    return total


def _partitions(n: int, k: int) -> int:
    """In how many ways n things fall into k parts that are not empty (Stirling numbers of the second kind)."""
    if n == k:
        return 1
    return 0 if k == 0 or k > n else k * _partitions(n - 1, k) + _partitions(n - 1, k - 1)


def coefficients(operand: Any, index: Number) -> list[Any]:
    """A number as a polynomial in an index, its coefficients from that of 1; raises NotClosed where it is none."""
    if operand is index:
        return [0, 1]
    if not isinstance(operand, Number) or not depends(operand, index):
        return [operand]
    sides = [coefficients(arg, index) for arg in operand.args if is_number(arg)]
    if operand.op in ("+", "-"):
        pairs = zip_longest(*sides, fillvalue=0)
        return [one + other if operand.op == "+" else one - other for one, other in pairs]
    if operand.op == "*":
        return _product(*sides)
    raise NotClosed("it is rounded, or chosen, anew for each repetition")


def _product(one: Sequence[Any], other: Sequence[Any]) -> list[Any]:
    found: list[Any] = [0] * (len(one) + len(other) - 1)
    for i, a in enumerate(one):
        for j, b in enumerate(other):
            found[i + j] = found[i + j] + a * b
    return found


def _at(line: Sequence[Any], index: Any) -> Any:
    return line[0] + line[1] * index if len(line) > 1 else line[0]
