"""The work of one request: every pass spends for the steps that it makes, and where nothing is left the request ends.

A request is one command, or one question that a program asks. Whatever it leads to shares its budget: variants,
settings of claims, files that are used. What is remembered from an earlier request is spent again, so that an answer
does not depend on what was asked before: ``Budget.spent`` before and after says how much.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import ParamSpec, TypeVar

from archspec.diagnostics import ArchError, Diagnostic, Span, explained
from archspec.limits import MOST_SUGGESTIONS, MOST_WORK

P = ParamSpec("P")
T = TypeVar("T")
STOPPED = "E0704"
"""The code of what is said where a request has taken all its budget."""


class Exhausted(ArchError):
    """Nothing is left of the budget of the request. Who has found something so far adds it; nobody goes on."""


class Budget:
    """How much work a request may still make."""

    def __init__(self, units: float = MOST_WORK) -> None:
        self.units = units
        self.spent = 0.0
        self._place: Span | None = None
        self._suggestions = 0
        self._stopped: Exhausted | None = None

    def spend(self, units: float, place: Span | None = None) -> None:
        """Note some work; raises Exhausted where it is too much, and then again whatever is tried."""
        self.spent += units
        if place is not None:
            self._place = place
        if self.spent > self.units:
            self._stopped = self._stopped or Exhausted([too_much_work(self._place, self.units)])
            raise self._stopped

    def may_suggest(self) -> bool:
        """Whether one more name that comes near may be looked for."""
        self._suggestions += 1
        return self._suggestions <= MOST_SUGGESTIONS


_open: ContextVar[Budget | None] = ContextVar("archspec.budget", default=None)


def spend(units: float, place: Span | None = None) -> None:
    """Note some work of the request that is open; a pass that is called by itself has no limit."""
    budget = _open.get()
    if budget is not None:
        budget.spend(units, place)


def current() -> Budget | None:
    """The budget of the request that is open."""
    return _open.get()


def exhausted() -> bool:
    """Whether nothing is left of the budget of the request that is open."""
    budget = _open.get()
    return budget is not None and budget.spent > budget.units


@contextmanager
def request() -> Iterator[Budget]:
    """One request, with a budget of its own unless it is part of one that is open."""
    budget = _open.get()
    if budget is not None:
        yield budget
        return
    budget = Budget()
    token = _open.set(budget)
    try:
        yield budget
    finally:
        _open.reset(token)


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
    counted or written, for each variant and each setting of a claim: about a microsecond each unit. What repeats and
    keeps its shape costs nothing. No network of a paper takes a fifth of what is allowed; `archspec` stops so that any
    file has an answer within seconds.
    """
    help = "ask for one variant, or split the file; repeat by `x` or a block what is equal"
    notes = (f"more than {most:,.0f} units of work",)
    return Diagnostic("E0704", "this takes too much work", place, "stopped here", notes=notes, help=help)
