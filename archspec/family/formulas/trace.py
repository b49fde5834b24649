"""Numbers that note how they were computed: the rules of ops run on them, and leave what a network costs as arithmetic.

A number of a trace holds its value at one setting of the parameters, and the operation that made it, of which every
other setting has the same as long as all decisions come to the same. So a trace is the count itself, step by step: it
is evaluated again for other settings, on arrays of them at once, or written as a formula. Equal operations on equal
operands are one object.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from archspec.budget import spend
from archspec.expressions.polynomial import TooLong
from archspec.family.formulas.normal import DECIDED_APART, Exact, normal, primitive
from archspec.family.formulas.operations import COMPUTED, DECIDED, WHOLE_OF_WHOLE, is_one, is_zero
from archspec.support.limits import LARGEST, TRACED


class Forgotten(TypeError):
    """A rule took a number of a trace for one number, and would have forgotten how it was computed."""


class Trace:
    """The numbers that were computed, and the conditions by which it was decided what is computed."""

    def __init__(self) -> None:
        self._numbers: dict[tuple[Any, ...], Number] = {}
        self._truths: dict[tuple[Any, ...], Truth] = {}
        self._compared: dict[tuple[Any, ...], Any] = {}
        self.decisions: dict[Truth, bool] = {}
        """The conditions in the order in which they were asked, and whether what does not meet one is refused."""
        self.pinned: list[tuple[Number, str]] = []
        """The numbers of which the trace holds for one value alone, as there is no closed form, and why."""
        self._demanding = False
        self._indices = 0

    def name(self, name: str, value: int | float, whole: bool) -> Number:
        """A parameter; ``whole`` where every setting has a whole number for it."""
        return Number(self, "name", (name,), value, whole)

    def number(self, op: str, *args: Any) -> Any:
        """The result of an operation; a plain number where no operand depends on a parameter."""
        if not any(isinstance(arg, Number | Truth) for arg in args):
            return COMPUTED[op](*args)
        whole = _is_whole_of(op, args)

        def made() -> Number:
            return Number(self, op, args, COMPUTED[op](*map(value_of, args)), whole)

        return self._known(self._numbers, (op, *map(_key, args)), made)

    def truth(self, op: str, *args: Any) -> Any:
        """A condition; a plain truth value where it is the same for every setting."""
        if not any(isinstance(arg, Number | Truth) for arg in args):
            return DECIDED[op](*args)

        def made() -> Truth:
            return Truth(self, op, args, bool(DECIDED[op](*map(value_of, args))))

        return self._known(self._truths, (op, *map(_key, args)), made)

    def compare(self, op: str, one: Any, other: Any) -> Any:
        """Two numbers under ``==`` or ``<=``; those that are apart by the same numbers are one condition."""
        key = (op, _key(one), _key(other))
        if key not in self._compared:
            found = self._compared[key] = self._comparison(op, one, other)
            if isinstance(found, Truth):
                found.of_size &= any(not isinstance(x, Number) and abs(x) >= LARGEST for x in (one, other))
        return self._compared[key]

    def _comparison(self, op: str, one: Any, other: Any) -> Any:
        if any(isinstance(side, Number) and side.op == "%" for side in (one, other)):
            return self.truth(op, one, other)  # whose own form depends on whether there is a rest
        try:
            apart = normal(one) - normal(other)
        except TooLong:
            return self.truth(op, one, other)
        if apart.constant is not None:
            return DECIDED_APART[op](apart.constant)
        form = primitive(apart, signed=op == "<=")
        return self._known(self._truths, (op, form), lambda: self.truth(op, one, other))

    def decide(self, truth: Truth) -> bool:
        """What a condition comes to, which is noted: the trace holds for settings where it comes to the same."""
        if truth.op == "not":
            return not self.decide(truth.args[0])
        if (truth.op, truth.value) in (("and", True), ("or", False)):  # then each side is known
            _ = [bool(side) for side in truth.args]
            return truth.value
        self.decisions.setdefault(truth, self._demanding)
        if truth.op == "whole" and truth.value:
            truth.args[0].whole = True
        return truth.value

    def index(self, times: Number) -> Number:
        """The index of a repetition, which is like no other; at its second value, as the first may be special."""
        self._indices += 1
        return Number(self, "index", (f"i{self._indices}", times), min(1, int(times.value) - 1), whole=True)

    def pin(self, number: Number, why: str) -> None:
        """Let the trace hold for this value of a number alone."""
        _ = bool(number == int(number.value))
        self.pinned.append((number, why))

    def noted_since(self, before: Collection[Truth]) -> dict[Truth, bool]:
        """The conditions that were noted since there were those alone."""
        return {truth: asked for truth, asked in self.decisions.items() if truth not in before}

    def forget_since(self, before: Collection[Truth]) -> None:
        """Take back that conditions were noted, so that they are noted anew where they are asked again."""
        for truth in self.noted_since(before):
            del self.decisions[truth]
            if truth.op == "whole" and truth.value:
                truth.args[0].whole = False

    def put_before(self, later: Mapping[Truth, bool], condition: Any) -> None:
        """Decide a condition before some that were noted already."""
        for truth in later:
            del self.decisions[truth]
        _ = bool(condition)
        self.decisions.update(later)

    @contextmanager
    def demanding(self) -> Iterator[None]:
        """Conditions that are decided inside are demanded: a setting that does not meet one is refused."""
        before, self._demanding = self._demanding, True
        try:
            yield
        finally:
            self._demanding = before

    def divides(self, number: Any, by: Any) -> bool:
        """Whether it was noted that a division leaves no rest."""
        rest = self.number("%", number, by)
        found = self._truths.get(("==", _key(rest), _key(0)))
        return found is not None and found in self.decisions and found.value

    @staticmethod
    def _known(known: dict[tuple[Any, ...], Any], key: tuple[Any, ...], made: Callable[[], Any]) -> Any:
        if key not in known:
            spend(TRACED)
            known[key] = made()
        return known[key]


class Number:
    """A number that depends on parameters. Two are one key of a dictionary where they are the same object."""

    __slots__ = ("args", "normal_form", "op", "trace", "value", "whole")
    __array_ufunc__ = None  # an array is not to take one for one of its elements

    def __init__(self, trace: Trace, op: str, args: tuple[Any, ...], value: int | float, whole: bool) -> None:
        self.trace, self.op, self.args, self.value = trace, op, args, value
        self.whole = whole
        """Whether it is a whole number wherever the trace holds."""
        self.normal_form: Exact | None = None
        """The polynomial, once it is asked for."""

    def __repr__(self) -> str:
        return f"Number({self.value}, {self.op})"

    def __hash__(self) -> int:
        return object.__hash__(self)

    def __add__(self, other: Any) -> Any:
        return self if is_zero(other) else self._with("+", other)

    def __radd__(self, other: Any) -> Any:
        return self if is_zero(other) else self._with("+", other)

    def __sub__(self, other: Any) -> Any:
        return self if is_zero(other) else self._with("-", other)

    def __rsub__(self, other: Any) -> Any:
        return self._after("-", other)

    def __mul__(self, other: Any) -> Any:
        return self._times(other)

    def __rmul__(self, other: Any) -> Any:
        return self._times(other)

    def __floordiv__(self, other: Any) -> Any:
        if is_one(other) and self.whole:
            return self
        return 1 if other is self else self._with("//", other)

    def __rfloordiv__(self, other: Any) -> Any:
        return self._after("//", other)

    def __mod__(self, other: Any) -> Any:
        return 0 if (is_one(other) and self.whole) or other is self else self._with("%", other)

    def __rmod__(self, other: Any) -> Any:
        return self._after("%", other)

    def __neg__(self) -> Any:
        return 0 - self

    def __abs__(self) -> Any:
        return self.greatest(-self)

    def __eq__(self, other: object) -> Any:
        return self._equal(other)

    def __ne__(self, other: object) -> Any:
        found = self._equal(other)
        return found if found is NotImplemented else negated(found)

    def __le__(self, other: Any) -> Any:
        return self._at_most(self, other)

    def __ge__(self, other: Any) -> Any:
        return self._at_most(other, self)

    def __lt__(self, other: Any) -> Any:
        return negated(self._at_most(other, self))

    def __gt__(self, other: Any) -> Any:
        return negated(self._at_most(self, other))

    def __bool__(self) -> bool:
        return bool(self != 0)

    def __int__(self) -> int:
        raise Forgotten("a number of a trace is not one number")

    __index__ = __float__ = __round__ = __trunc__ = __floor__ = __ceil__ = __int__

    def least(self, other: Any) -> Any:
        """The lesser of two numbers."""
        return self._chosen("min", other)

    def greatest(self, other: Any) -> Any:
        """The greater of two numbers."""
        return self._chosen("max", other)

    def is_whole(self) -> Any:
        """Whether it is a whole number, as a condition where that depends on the setting."""
        return True if self.whole else self.trace.truth("whole", self)

    def _with(self, op: str, other: Any) -> Any:
        return self.trace.number(op, self, other) if is_number(other) else NotImplemented

    def _after(self, op: str, other: Any) -> Any:
        return self.trace.number(op, other, self) if is_number(other) else NotImplemented

    def _times(self, other: Any) -> Any:
        if is_one(other):
            return self
        return 0 if is_zero(other) else self._with("*", other)

    def _chosen(self, op: str, other: Any) -> Any:
        if not is_number(other):
            return NotImplemented
        apart = difference(self, other)
        if apart is not None:
            return self if (apart <= 0) == (op == "min") else other
        return self.trace.number(op, self, other)

    def _equal(self, other: object) -> Any:
        if not is_number(other):
            return NotImplemented
        return self.trace.compare("==", self, other)

    def _at_most(self, one: Any, other: Any) -> Any:
        if not (is_number(one) and is_number(other)):
            return NotImplemented
        return self.trace.compare("<=", one, other)


class Truth:
    """A condition that depends on parameters. Asked whether it is true, it says so for the setting, and is noted."""

    __slots__ = ("args", "of_size", "op", "trace", "value")

    def __init__(self, trace: Trace, op: str, args: tuple[Any, ...], value: bool) -> None:
        self.trace, self.op, self.args, self.value = trace, op, args, value
        self.of_size = op in ("<=", "==")
        """Whether it says no more than that a number is none too large to be counted; no comparison known says else."""

    def __bool__(self) -> bool:
        return self.trace.decide(self)

    def __and__(self, other: Any) -> Any:
        if isinstance(other, bool) or other is self:
            return self if other is self or other else False
        return False if other is negated(self) else self.trace.truth("and", self, other)

    __rand__ = __and__

    def __or__(self, other: Any) -> Any:
        if isinstance(other, bool) or other is self:
            return self if other is self or not other else True
        return True if other is negated(self) else self.trace.truth("or", self, other)

    __ror__ = __or__

    def __gt__(self, other: Any) -> Any:
        return self & negated(other)  # yes is more than no

    def __lt__(self, other: Any) -> Any:
        return negated(self) & other

    def select(self, yes: Any, no: Any) -> Any:
        """One number where it is true, and another elsewhere."""
        return yes if yes is no else self.trace.number("choice", self, yes, no)

    def all(self) -> Truth:
        """Itself, as of an array of one."""
        return self

    def __repr__(self) -> str:
        return f"Truth({self.value}, {self.op})"


def negated(truth: Any) -> Any:
    """The opposite of a condition."""
    if truth is NotImplemented or isinstance(truth, bool):
        return truth if truth is NotImplemented else not truth
    return truth.args[0] if truth.op == "not" else truth.trace.truth("not", truth)


def value_of(operand: Any) -> Any:
    """What an operand comes to at the setting of the trace."""
    return operand.value if isinstance(operand, Number | Truth) else operand


def is_number(value: object) -> bool:
    """Whether a value is a plain number or one of a trace; a truth value is neither."""
    return isinstance(value, Number | int | float) and not isinstance(value, bool)


def difference(one: Any, other: Any) -> Any:
    """How much more one number is than another for every setting; None where that depends on it."""
    if one is other:
        return 0
    try:
        return (normal(one) - normal(other)).constant
    except TooLong:
        return None


def _is_whole_of(op: str, args: tuple[Any, ...]) -> bool:
    """Whether an operation gives a whole number for any setting."""
    if op in ("floor", "ceil"):
        return True
    judged = args[1:] if op in ("round_to", "choice") else args
    whole = all(arg.whole if isinstance(arg, Number) else isinstance(arg, int) for arg in judged)
    return whole and (op in WHOLE_OF_WHOLE or op in ("round_to", "choice"))


def _key(operand: Any) -> Any:
    """What tells operands apart: 1, 1.0 and yes are three."""
    return operand if isinstance(operand, Number | Truth | str) else (type(operand), repr(operand))
