"""The work of one request: every pass spends for the steps that it makes, and where nothing is left the request ends.

A request is one command, or one question that a program asks. Whatever it leads to shares its budget: variants,
settings of claims, files that are used. What is remembered from an earlier request is spent again (`Remembered`), so
that an answer does not depend on what was asked before.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from math import inf
from typing import Any, Generic, NamedTuple, NoReturn, ParamSpec, Self, TypeVar, overload

from archspec.diagnostics import ArchError, Diagnostic, Report, Span, explained
from archspec.support.collector import resting
from archspec.support.limits import MOST_MENDED, MOST_SUGGESTIONS, MOST_WORK
from archspec.support.memo import Memo

P = ParamSpec("P")
S = TypeVar("S")
T = TypeVar("T")


class Exhausted(ArchError):
    """Nothing is left of the budget of the request. Who has found something so far adds it; nobody goes on."""


class Work(NamedTuple):
    """What a result took: units, and words for which a name that comes near was looked for."""

    units: float = 0.0
    suggestions: int = 0

    def plus(self, other: Work) -> Work:
        """Both together."""
        return Work(self.units + other.units, self.suggestions + other.suggestions)

    def less(self, other: Work) -> Work:
        """This without the other."""
        return Work(self.units - other.units, self.suggestions - other.suggestions)


class Budget:
    """How much work a request may still make."""

    def __init__(self, units: float = MOST_WORK) -> None:
        self.units = units
        self.spent = 0.0
        self.remembered = Work()
        """What of it was spent for results that are remembered, each by itself."""
        self.parts: list[Remembered[Any]] = []
        """The results that what is being worked out uses."""
        self.paid: set[Remembered[Any]] = set()
        """The remembered results for which was spent."""
        self.place: Span | None = None
        """Where work was last spent that has a place."""
        self._suggestions = 0
        self._mended = 0
        self._stopped: Exhausted | None = None

    def spend(self, units: float, place: Span | None = None) -> None:
        """Note some work; raises Exhausted where it is too much, and then again whatever is tried."""
        self.spent += units
        if place is not None:
            self.place = place
        if self.spent > self.units:
            self.stop()

    def stop(self) -> NoReturn:
        """Raises Exhausted, the same whoever asks."""
        self._stopped = self._stopped or Exhausted([too_much_work(self.place, self.units)])
        raise self._stopped

    def affords(self, units: float) -> bool:
        """Whether so much work is left."""
        return self.spent + units <= self.units

    @property
    def own(self) -> Work:
        """What was spent so far, but for results that are remembered."""
        return Work(self.spent, self._suggestions).less(self.remembered)

    def pay(self, result: Remembered[Any]) -> None:
        """Note that a result that is remembered was spent for."""
        self.paid.add(result)
        self.remembered = self.remembered.plus(result.work)

    def take(self, work: Work) -> None:
        """Note work that was made before."""
        self._suggestions += work.suggestions
        self.spend(work.units)

    def may_suggest(self) -> bool:
        """Whether one more name that comes near may be looked for."""
        self._suggestions += 1
        return self._suggestions <= MOST_SUGGESTIONS

    def may_mend(self) -> bool:
        """Whether mends may be tried for one more figure."""
        self._mended += 1
        return self._mended <= MOST_MENDED


_open: ContextVar[Budget | None] = ContextVar("archspec.budget", default=None)


def spend(units: float, place: Span | None = None) -> None:
    """Note some work of the request that is open; a pass that is called by itself has no limit."""
    budget = _open.get()
    if budget is None:
        return
    budget.spent += units  # what `Budget.spend` does, without a call: this is asked for every step of every network
    if place is not None:
        budget.place = place
    if budget.spent > budget.units:
        budget.stop()


def current() -> Budget | None:
    """The budget of the request that is open."""
    return _open.get()


def spent() -> float:
    """What the request that is open has spent so far, without what is remembered by itself."""
    budget = _open.get()
    return 0.0 if budget is None else budget.own.units


def affords(units: float) -> bool:
    """Whether the request that is open has so much work left."""
    budget = _open.get()
    return budget is None or budget.affords(units)


@contextmanager
def free() -> Iterator[None]:
    """What is spent inside is taken back, but for results that are remembered."""
    budget = _open.get()
    before = budget.own if budget is not None else Work()
    yield
    if budget is not None:
        budget.take(before.less(budget.own))


@contextmanager
def portion(budget: Budget | None, units: float) -> Iterator[None]:
    """So much of what is left of a budget, for what its request can do without: it raises Exhausted beyond that.

    The request may be over: what it found is worked out further when somebody asks.
    """
    part = Budget(units if budget is None else max(min(units, budget.units - budget.spent), 0))
    if budget is not None:
        part.paid |= budget.paid
    token = _open.set(part)
    try:
        yield
    finally:
        _open.reset(token)
        if budget is not None:
            budget.spent += min(part.spent, part.units)


@contextmanager
def apart(units: float) -> Iterator[None]:
    """A budget of its own for what is worked out beside the request that is open: it raises Exhausted beyond that."""
    token = _open.set(Budget(units))
    try:
        yield
    finally:
        _open.reset(token)


@contextmanager
def request(left: Budget | None = None) -> Iterator[Budget]:
    """One request, with a budget of its own unless it is part of one that is open; or with what is ``left`` of one."""
    budget = _open.get()
    if budget is not None:
        yield budget
        return
    budget = left or Budget()
    token = _open.set(budget)
    try:
        with resting():
            yield budget
    finally:
        _open.reset(token)


class Remembered(Generic[T]):
    """A result that may be asked for again: every request spends what it takes, once, as if it were worked out anew.

    Where a request cannot afford it, it is worked out anew indeed, to end where and as it would have ended.
    """

    def __init__(self, compute: Callable[[], T]) -> None:
        self._compute = compute
        budget = _open.get()
        if budget is not None:
            self._measure(budget)
            return
        token = _open.set(budget := Budget(inf))  # without a limit, but what it takes is to be known
        try:
            self._measure(budget)
        finally:
            _open.reset(token)

    def _measure(self, budget: Budget) -> None:
        outer, budget.parts = budget.parts, []
        before = budget.own
        try:
            self._result = self._compute()
        finally:
            self._parts, budget.parts = tuple(dict.fromkeys(budget.parts)), outer
        self.work = budget.own.less(before)
        """What it takes, without the results that it uses."""
        budget.pay(self)
        outer.append(self)

    def get(self) -> T:
        """The result."""
        budget = _open.get()
        if budget is None:
            return self._result
        budget.parts.append(self)
        if self in budget.paid:
            return self._result
        unpaid = dict.fromkeys(self._unpaid(budget))
        if not budget.affords(sum(each.work.units for each in unpaid)):
            return self._compute()
        for each in unpaid:
            budget.pay(each)
            budget.take(each.work)
        return self._result

    def again(self) -> None:
        """Spend for something that takes as much and uses the same results, though it is worked out otherwise."""
        budget = _open.get()
        if budget is not None:
            budget.take(self.work)
            for part in self._parts:
                part.get()

    def affordable(self) -> bool:
        """Whether that much is left."""
        budget = _open.get()
        return budget is None or budget.affords(
            self.work.units + sum(each.work.units for part in self._parts for each in part._unpaid(budget))
        )

    @property
    def weight(self) -> float:
        """Units of work of it and of the results that it uses right away."""
        return self.work.units + sum(part.work.units for part in self._parts)

    def _unpaid(self, budget: Budget) -> Iterator[Remembered[Any]]:
        """What the request has not spent for yet."""
        if self not in budget.paid:
            yield self
            for part in self._parts:
                yield from part._unpaid(budget)


class once(Generic[S, T]):
    """A property that is worked out when it is first asked for, and for which every request spends what it takes."""

    def __init__(self, function: Callable[[S], T]) -> None:
        self._function, self._name = function, function.__name__
        self.__doc__ = function.__doc__

    @overload
    def __get__(self, instance: None, owner: type) -> Self: ...
    @overload
    def __get__(self, instance: S, owner: type) -> T: ...
    def __get__(self, instance: S | None, owner: type) -> Self | T:
        if instance is None:
            return self
        known: dict[str, Any] = instance.__dict__
        found = known.get(f"once {self._name}")
        if found is None:
            found = known[f"once {self._name}"] = Remembered(lambda: self._function(instance))
        result: T = found.get()
        return result


def recall(memo: Memo[Remembered[T]], key: Hashable, compute: Callable[[], T], text: int) -> T:
    """The result of a key, worked out where a memo lacks it; either way the request spends what it takes.

    It weighs as many units as it takes, and as many as the text has characters that it keeps alive.
    """
    return memo.get(key, lambda: Remembered(compute), lambda found: int(found.weight) + text).get()


@contextmanager
def adding(report: Report) -> Iterator[None]:
    """Where the budget of the request runs out, it ends with what was found so far."""
    try:
        yield
    except Exhausted as spent:
        raise Exhausted([*spent.diagnostics, *report]) from None


def asked(function: Callable[P, T]) -> Callable[P, T]:
    """A function that is a request, or a part of one that is open."""

    @wraps(function)
    def answer(*args: P.args, **kwargs: P.kwargs) -> T:
        with request():
            return function(*args, **kwargs)

    return answer


@explained("E0704")
def too_much_work(place: Span | None, most: float) -> Diagnostic:
    """The answer takes more work than one request may, so that it stops, with what it has found so far.

    Work is what is read, every layer that a rule, a block or a repetition brings up, and every layer that is analysed,
    counted or written, for each variant and each setting of a claim; a unit takes up to a microsecond. What repeats
    and keeps its shape costs nothing. No network of a paper takes a tenth of what is allowed, and 2,500 different rows
    take all of it; `archspec` stops so that any file has an answer within seconds.
    """
    help = "ask for one variant, or split the file; write equal rows as a repetition or a block"
    notes = (f"more than {most:,.0f} units of work",)
    return Diagnostic("E0704", "this takes too much work", place, "stopped here", notes=notes, help=help)
