"""Symbols: every operator and built-in of Python gives what numbers give, or raises; nothing forgets a name in silence."""

from __future__ import annotations

import builtins
import math
import operator
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archspec.expressions import Unfit, evaluate
from archspec.expressions.numeric import ceil_div, greatest, least, total
from archspec.expressions.polynomial import TooLong
from archspec.expressions.read import read
from archspec.expressions.symbolic import over, symbolic
from archspec.expressions.symbols import Ledger, Symbol, alike, series, symbol_or_number, value_of, variable
from archspec.targets.torch._emitted.view import near, round_to

ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "add": operator.add, "sub": operator.sub, "mul": operator.mul, "floordiv": operator.floordiv, "mod": operator.mod,
    "truediv": operator.truediv, "divmod": lambda a, b: divmod(a, b)[0], "divmod rest": lambda a, b: divmod(a, b)[1],
    "iadd": operator.iadd, "isub": operator.isub, "imul": operator.imul, "ifloordiv": operator.ifloordiv,
    "imod": operator.imod, "itruediv": operator.itruediv,
    "least": least, "greatest": greatest, "ceil_div": ceil_div, "sum": lambda a, b: sum([a, b]),
    "total": lambda a, b: total([a, b]), "product": lambda a, b: math.prod([a, b]), "negative": lambda a, b: -a - b,
    "positive": lambda a, b: +a + b, "abs": lambda a, b: abs(a - b), "square": lambda a, b: a**2 + b,
    "cube": lambda a, b: a**3 * b, "power 0": lambda a, b: a**0 + b,
}  # fmt: skip
COMPARISONS: dict[str, Callable[[Any, Any], Any]] = {
    "eq": operator.eq, "ne": operator.ne, "lt": operator.lt, "le": operator.le, "gt": operator.gt, "ge": operator.ge,
    "min": min, "max": max, "sorted": lambda a, b: sorted([a, b])[0], "in": lambda a, b: a in [b],
    "index": lambda a, b: [b, a, a + 1].index(a),
}  # fmt: skip
"""What Python decides by comparing."""
REFUSED: dict[str, Callable[[Any], Any]] = {
    "int": int, "float": float, "complex": complex, "bool": bool, "range": range, "index": operator.index,
    "indexing": lambda w: [1, 2, 3][w], "slice": lambda w: [1, 2, 3][:w], "hash": hash, "set": lambda w: {w},
    "key": lambda w: {w: 1}, "round": round, "floor": math.floor, "ceil": math.ceil, "trunc": math.trunc,
    "if": lambda w: 1 if w else 0, "and": lambda w: w and 1, "not": operator.not_, "any": lambda w: any([w]),
    "all": lambda w: all([w]), "repeat": lambda w: [0] * w, "bin": bin, "chr": chr, "iter": iter, "len": len, "sqrt": math.sqrt,
    "gcd": lambda w: math.gcd(w, 4), "shift left": lambda w: w << 1, "shift right": lambda w: 8 >> w,
    "bitwise and": lambda w: w & 1, "bitwise or": lambda w: w | 1, "xor": lambda w: w ^ 1, "invert": operator.invert,
    "matmul": lambda w: w @ w, "power of a symbol": lambda w: 2**w, "power of symbols": lambda w: w**w,
    "fraction of a power": lambda w: w**0.5, "power under": lambda w: pow(w, 2, 7), "negative power": lambda w: w**-1,
    "getitem": lambda w: w[0], "contains": lambda w: 1 in w, "call": lambda w: w(), "bytes": bytes, "enumerate": enumerate,
    "isfinite": math.isfinite, "isclose": lambda w: math.isclose(w, 1), "format": lambda w: f"{w:d}", "log": math.log,
    "float format": lambda w: f"{w:.3f}", "join": lambda w: "".join(w),
    "plus a text": lambda w: w + "a", "plus a list": lambda w: operator.add([1], w), "plus nothing": lambda w: w + None,
    "less than a text": lambda w: w < "a", "truth": lambda w: w + True,
}  # fmt: skip
"""What would forget the names."""
NUMBERS = st.integers(1, 60)


def two(a: int, b: int) -> tuple[Symbol, Symbol, Ledger]:
    ledger = Ledger()
    return variable("a", a, ledger), variable("b", b, ledger), ledger


def run(symbol: Any, **values: int) -> Any:
    """What the code of a symbol comes to in Python for other values of its names."""
    return eval(symbol.text, {}, values) if isinstance(symbol, Symbol) else symbol


@pytest.mark.parametrize("name", ARITHMETIC)
@pytest.mark.parametrize("sides", ["both", "left", "right", "sum"])
@given(a=NUMBERS, b=NUMBERS, other_a=NUMBERS, other_b=NUMBERS)
@settings(max_examples=15, deadline=None)
def test_arithmetic_is_that_of_numbers(name: str, sides: str, a: int, b: int, other_a: int, other_b: int) -> None:
    function = ARITHMETIC[name]
    one, other, ledger = two(a, b)
    args = {"both": (one, other), "left": (one, 7), "right": (7, other), "sum": (one + other, other - 3)}[sides]
    plain = [(value if isinstance(value, int) else run(value, a=a, b=b)) for value in args]
    moved = [(value if isinstance(value, int) else run(value, a=other_a, b=other_b)) for value in args]
    if 0 in (plain[1], moved[1]) or min(plain + moved) < 0:
        return  # no width
    try:
        found = function(*args)
    except TooLong:  # a number takes its place
        return
    assert value_of(found) == pytest.approx(function(*plain))
    assert run(found, a=other_a, b=other_b) == pytest.approx(function(*moved))
    assert not ledger.decided, "arithmetic decides nothing"


@pytest.mark.parametrize("name", COMPARISONS)
@given(a=NUMBERS, b=NUMBERS)
@settings(max_examples=15, deadline=None)
def test_comparisons_are_decided_by_the_values_and_noted(name: str, a: int, b: int) -> None:
    function = COMPARISONS[name]
    one, other, ledger = two(a, b)
    assert value_of(function(one, other)) == function(a, b)
    assert ledger.decided, "a comparison is noted"
    for comparison, holds in ledger.decided.items():
        assert eval(comparison.python(), {}, {"a": a, "b": b}) == holds


@pytest.mark.parametrize("name", REFUSED)
def test_what_would_forget_the_names_raises(name: str) -> None:
    one, _, ledger = two(2, 3)
    with pytest.raises((TypeError, ValueError)):
        REFUSED[name](one)
    assert not ledger.decided


HARMLESS = """abs anext aiter ascii bool breakpoint callable classmethod copyright credits dir display exit help id input
license max min object print property quit repr reversed staticmethod str super type vars format __build_class__
__import__ __loader__ __debug__ execfile open runfile exit frozendict slice"""
"""Built-ins that keep the symbol, say what it is, or have nothing to do with numbers."""


def test_no_function_of_python_takes_a_symbol_for_a_number() -> None:
    one, _, ledger = two(2, 3)
    took: list[str] = []
    for name in set(dir(builtins)) - set(HARMLESS.split()):
        function = getattr(builtins, name)
        if not callable(function) or (isinstance(function, type) and issubclass(function, BaseException)):
            continue
        try:
            function(one)
        except (TypeError, ValueError, AttributeError):
            continue
        took.append(name)
    assert took == []
    assert not ledger.decided


def test_what_is_the_same_for_all_values_is_not_noted() -> None:
    one, other, ledger = two(8, 3)
    assert one + other == other + one
    assert one - one == 0
    assert one < one + 1
    assert (one * other) // other == one
    assert one == 2 * one - one
    assert not ledger.decided


@pytest.mark.parametrize(
    ("made", "text"),
    [
        (lambda a, b: 64 - a, "64 - a"),
        (lambda a, b: -a, "-a"),
        (lambda a, b: a % 3, "a - 3 * (a // 3)"),
        (lambda a, b: 64 // a, "64 // a"),
        (lambda a, b: a**2, "a * a"),
        (lambda a, b: greatest(a, 8), "max(a, 8)"),
        (lambda a, b: sum([a, a]), "2 * a"),
        (lambda a, b: a + 2 * (b + a), "3 * a + 2 * b"),
        (lambda a, b: 2 * (a + b), "2 * (a + b)"),
        (lambda a, b: (a + b) * a, "a * (a + b)"),
        (lambda a, b: -(a + b), "-(a + b)"),
        (lambda a, b: 16 * a // 4, "4 * a"),
        (lambda a, b: (a + b) // 2 * 2, "2 * ((a + b) // 2)"),
        (lambda a, b: -(-a // 2), "-(-a // 2)"),
        (lambda a, b: a * 4 * 49, "196 * a"),
        (lambda a, b: b - a, "b - a"),
        (lambda a, b: 0 * a, None),
        (lambda a, b: a - a, None),
    ],
)
def test_what_symbols_read_like(made: Callable[[Any, Any], Any], text: str | None) -> None:
    one, other, _ = two(8, 3)
    assert getattr(made(one, other), "text", None) == text


def test_a_series_is_written_over_an_index() -> None:
    one, other, _ = two(8, 3)
    found = series([one, one + other, one + 2 * other], "i")
    assert found.text == "a + b * i"
    assert series([one, one + 32, one + 64], "i").text == "a + 32 * i"
    assert series([64, 96, 128], "j").text == "64 + 32 * j"
    assert alike(series([one, one, one], "i"), one)
    assert series([one, one + other, one + 3 * other], "i") is None
    assert series([one, one + 3, one + other], "i") is None, "equal by chance"


LEAVES = st.sampled_from(["a", "b", "2", "3", "0.5", "0.75", "1.5", "7"])


def _wider(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    pair = st.tuples(inner, inner)
    compared = st.tuples(inner, st.sampled_from(["==", "!=", "<", "<=", ">", ">="]), inner).map(" ".join)
    condition = st.one_of(compared, st.tuples(compared, compared).map(" or ".join), compared.map("not ({})".format))
    return st.one_of(
        st.tuples(inner, st.sampled_from("+-*/"), inner).map(lambda t: f"({' '.join(t)})"),
        pair.map(lambda t: f"min({t[0]}, {t[1]})"),
        pair.map(lambda t: f"max({t[0]}, {t[1]})"),
        inner.map("floor({})".format),
        inner.map("ceil({})".format),
        inner.map("-({})".format),
        inner.map("round_to({}, 4)".format),
        st.tuples(inner, condition, inner).map(lambda t: f"({t[0]} if {t[1]} else {t[2]})"),
    )


EXPRESSIONS = st.recursive(LEAVES, _wider, max_leaves=7)


HELPERS: dict[str, Any] = {"math": math, "near": near, "round_to": round_to}


@given(text=EXPRESSIONS, a=NUMBERS, b=NUMBERS, other_a=NUMBERS, other_b=NUMBERS)
@settings(max_examples=400, deadline=None)
def test_the_code_of_an_expression_has_its_value(text: str, a: int, b: int, other_a: int, other_b: int) -> None:
    expression = read(text)
    assert read(str(expression)) == expression
    one, other, ledger = two(a, b)
    try:
        value, moved = (evaluate(expression, values) for values in ({"a": a, "b": b}, {"a": other_a, "b": other_b}))
        symbol = symbol_or_number(value, symbolic(expression, {"a": one, "b": other}), ledger, whole=False)
    except (Unfit, TooLong):
        return
    names = {"a": other_a, "b": other_b, **HELPERS}
    assert eval(symbol.text if isinstance(symbol, Symbol) else repr(symbol), {}, names) == pytest.approx(
        moved, rel=1e-9
    )
    if isinstance(symbol, Symbol) and type(value) is type(moved) is int:
        whole = Symbol(value, symbol.polynomial, ledger)
        assert eval(whole.text, {}, names) == moved
        assert type(eval(whole.text, {}, names)) is int


@given(text=EXPRESSIONS, inner=EXPRESSIONS, a=NUMBERS, b=NUMBERS)
@settings(max_examples=200, deadline=None)
def test_a_symbol_over_other_symbols_has_the_value_of_both(text: str, inner: str, a: int, b: int) -> None:
    one, other, ledger = two(a, b)
    try:
        middle = evaluate(read(inner), {"a": a, "b": b})
        value = evaluate(read(text), {"a": middle, "b": b})
        through = symbol_or_number(middle, symbolic(read(inner), {"a": one, "b": other}), ledger, whole=False)
        outer = variable("a", middle, Ledger())
        symbol = symbol_or_number(value, symbolic(read(text), {"a": outer, "b": b}), ledger, whole=False)
        found = over(symbol, {"a": through}, value, ledger) if isinstance(symbol, Symbol) else symbol
    except (Unfit, TooLong):
        return
    names = {"a": a, "b": b, **HELPERS}
    assert (eval(found.text, {}, names) if isinstance(found, Symbol) else found) == pytest.approx(value, rel=1e-9)
