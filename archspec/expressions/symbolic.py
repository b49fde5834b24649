"""Expressions over symbols: what their names stand for where a step is emitted, in exact arithmetic."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any

from archspec.expressions.functions import called, comparison
from archspec.expressions.polynomial import Polynomial, TooLong, atom, number
from archspec.expressions.symbols import Ledger, Symbol, is_number, polynomial_of, symbol_or_number, variable
from archspec.expressions.tree import (
    Binary,
    Choice,
    Comparison,
    Expression,
    Function,
    Logic,
    Name,
    Negation,
    Negative,
    Number,
    Quoted,
    Truth,
    every_part,
    rebuilt,
)
from archspec.expressions.values import Unfit


def over(symbol: Symbol, names: Mapping[str, Any], value: int | float, ledger: Ledger) -> Any:
    """A symbol over other names, for what its own stand for where ``names`` are known."""
    try:
        found = symbolic(symbol.polynomial.tree, names)
    except Unfit:  # in a part that is not chosen here
        raise TooLong from None
    return symbol_or_number(value, found, ledger, symbol.whole)


def symbolic(expression: Expression, names: Mapping[str, Any]) -> Polynomial:
    """An expression over what its names stand for: numbers and symbols, in exact arithmetic."""
    match expression:
        case Number(value):
            return number(value)
        case Name(id):
            if not is_number(names[id]):
                raise Unfit("number", id, names[id])
            return polynomial_of(names[id])
        case Binary(symbol, left, right):
            return _OPERATIONS[symbol](symbolic(left, names), symbolic(right, names))
        case Function(name, args):
            return called(name)(*(symbolic(arg, names) for arg in args))
        case Choice(yes, condition, no):
            holds = decided(condition, names)
            if isinstance(holds, bool):
                return symbolic(yes if holds else no, names)
            return chosen(holds, symbolic(yes, names), symbolic(no, names))
        case Negative(inner):
            return -symbolic(inner, names)
    raise Unfit("number", str(expression))


def chosen(condition: Expression, yes: Polynomial, no: Polynomial) -> Polynomial:
    """One of two numbers under a condition that is open; what depends on it inside them is known there."""
    yes, no = _where(condition, True, yes), _where(condition, False, no)
    return yes if yes == no else atom(Choice(yes.tree, condition, no.tree))


def with_known(value: Polynomial, known: Mapping[str, Expression]) -> Polynomial:
    """A number with what is known of its names in their place."""
    ledger = Ledger()
    parts = [part for tree in (value.tree, *known.values()) for part in every_part(tree)]
    own = {part.id: variable(part.id, 1 if part.whole else 1.0, ledger) for part in parts if isinstance(part, Name)}
    there = {name: Symbol(1, symbolic(other, own), ledger) for name, other in known.items()}
    return symbolic(value.tree, {**own, **there})


def cases(value: Polynomial) -> list[tuple[Polynomial, Expression | None]]:
    """A number without the choice that it hangs on: what it is where the condition of that holds, and where not."""
    condition = next((part.condition for part in every_part(value.tree) if isinstance(part, Choice)), None)
    if condition is None:
        return [(value, None)]
    return [(_where(condition, True, value), condition), (_where(condition, False, value), Negation(condition))]


def _where(condition: Expression, holds: bool, value: Polynomial) -> Polynomial:
    """A number where a condition holds, or where it fails."""
    if not any(isinstance(part, Choice) and part.condition == condition for part in every_part(value.tree)):
        return value
    return with_known(atom(_settled(condition, holds, value.tree)), {})


def _settled(condition: Expression, holds: bool, tree: Expression) -> Expression:
    match tree:
        case Choice(yes, asked, no) if asked == condition:
            return _settled(condition, holds, yes if holds else no)
    return rebuilt(tree, lambda part: _settled(condition, holds, part))


def decided(condition: Expression, names: Mapping[str, Any]) -> Expression | bool:
    """A condition over what its names stand for: what it comes to, or what it still depends on."""
    match condition:
        case Truth(value):
            return value
        case Name(id) if isinstance(names[id], bool | str | tuple):
            return bool(names[id])
        case Negation(inner):
            found = decided(inner, names)
            return Negation(found) if isinstance(found, Expression) else not found
        case Logic(symbol, left, right):
            return _both(symbol, decided(left, names), decided(right, names))
        case Comparison(symbol, left, right):
            words = [_word(side, names) for side in (left, right)]
            if any(isinstance(word, str | tuple) for word in words):  # which is equal to no number
                return (words[0] == words[1]) == (symbol == "==")
            return comparison(symbol, _counted(left, words[0], names), _counted(right, words[1], names))
    return comparison("!=", symbolic(condition, names), number(0))


def _word(side: Expression, names: Mapping[str, Any]) -> bool | str | tuple[int, ...] | None:
    """The word, the size or the truth value that a side of a comparison is, or None where it is a number."""
    if isinstance(side, Name):
        return names[side.id] if isinstance(names[side.id], bool | str | tuple) else None
    return side.word if isinstance(side, Quoted) else side.value if isinstance(side, Truth) else None


def _counted(side: Expression, word: object, names: Mapping[str, Any]) -> Polynomial:
    """A side of a comparison as a number; yes and no are 1 and 0, as Python has it."""
    return symbolic(side, names) if word is None else number(1 if word else 0)


def _both(symbol: str, left: Expression | bool, right: Expression | bool) -> Expression | bool:
    either = symbol == "or"
    if left is either or right is either:
        return either
    if isinstance(left, Expression) and isinstance(right, Expression):
        return Logic(symbol, left, right)
    return left if isinstance(left, Expression) else right


_OPERATIONS: Mapping[str, Callable[[Polynomial, Polynomial], Polynomial]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
}
