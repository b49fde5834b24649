"""Names and arithmetic: expressions over parameters and `let` names to values, with their text kept."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from typing import Any, TypeVar

from archspec import ops
from archspec.budget import spend
from archspec.diagnostics import Diagnostic, Span
from archspec.elaborate.arithmetic import (
    in_outside,
    name_hidden,
    name_reserved,
    name_taken,
    too_long,
    unknown_function,
    unknown_name,
    wrong_arity,
)
from archspec.elaborate.record import Record
from archspec.expressions import (
    FUNCTIONS,
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
    Size,
    Truth,
    Unfit,
    bounded,
    call,
    compared,
    compute,
    constant,
    number_of,
    within_bounds,
)
from archspec.ir.messages import division_by_zero, not_a_number, not_whole, unfit_expression
from archspec.ir.network import Arg, Value
from archspec.ir.node import IN
from archspec.language import syntax as s
from archspec.language.syntax import RESERVED
from archspec.naming import Names
from archspec.support.limits import ARGUMENT, DEEPEST_EXPRESSION, LONGEST_EXPRESSION, NAME

__all__ = ["Scope", "Wrong", "within_bounds"]

WORDS: Mapping[str, bool] = {"yes": True, "no": False, "true": True, "false": False}
E = TypeVar("E", bound=Expression)


class Wrong(Exception):
    """Carries one diagnostic out of an expression."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(diagnostic.message)
        self.diagnostic = diagnostic


class Scope:
    """The names that an expression may use, and which of them were used."""

    def __init__(self) -> None:
        self.args: dict[str, Arg] = {}
        self.used: set[str] = set()
        self.structural: set[str] = set()
        """The parameters by which it was decided what the rows are."""
        self.record = Record()
        """What was worked out with the values of parameters."""
        self.spoilt: dict[str, Diagnostic] = {}
        """Names whose definition is wrong, each with the mistake: using one is not a second mistake."""
        self.unlike: dict[str, Diagnostic] = {}
        """Numbers that are set to something else, each with what is said where it is computed with."""
        self.of_rows: Mapping[Span, Mapping[str, str]] = {}
        """For a row, by the place of its first cell, the parameters that names stand for in it."""
        self._own: Mapping[str, str] = {}
        """Those of the row that is read."""
        self.inner = False
        """Whether expressions stand in rows, where ``in`` has a meaning."""
        self._formals: frozenset[str] = frozenset()
        self._above: Scope | None = None
        self._known: Names | None = None

    def within(self, formals: Mapping[str, Arg]) -> Scope:
        """The scope inside a block: its parameters hide names outside."""
        spend(NAME * (len(self.args) + len(self.spoilt) + len(formals)))
        child = Scope()
        known = {name: arg for name, arg in self.args.items() if name not in self._own} if self._own else self.args
        child.args = {**known, **formals}
        child.structural, child.record, child.inner = self.structural, self.record, True
        child.unlike = {name: wrong for name, wrong in self.unlike.items() if name not in formals}
        child.spoilt = {name: wrong for name, wrong in self.spoilt.items() if name not in formals}
        child._formals, child._above = frozenset(formals), self
        return child

    @property
    def formals(self) -> frozenset[str]:
        """The parameters of the block inside which it is."""
        return self._formals

    def take_over(self, other: Scope, used: frozenset[str]) -> None:
        """What another scope of the same names noted, for other values of them."""
        self.used, self.structural, self.record = {*used}, other.structural, other.record
        self.inner, self.of_rows = other.inner, other.of_rows

    def apart(self) -> Scope:
        """A scope of the same names that notes by itself what is done with them."""
        made = copy(self)
        made.used, made.record = set(), Record()
        return made

    def enter(self, row: Span) -> None:
        """Let names stand for the parameters that a row has of its own."""
        if self.of_rows:
            for name in self._own:
                self.args.pop(name, None)
            self._own = self.of_rows.get(row, {})
            self.args |= {name: self.args[own] for name, own in self._own.items() if own in self.args}

    def define(self, name: s.Text, arg: Arg) -> None:
        """Bind a name; raises Wrong for one that is taken or has a meaning of its own."""
        if name.text in self.args:
            raise Wrong(name_taken(name.span, name.text, self.args[name.text].place))
        if name.text in RESERVED:
            raise Wrong(name_reserved(name.span, name.text))
        self.args[name.text] = arg

    def lookup(self, name: s.Name) -> Arg:
        """The value of a name; raises Wrong where there is none."""
        if name.id in self.spoilt:
            raise Wrong(self.spoilt[name.id])
        if name.id == IN:
            if not self.inner:
                raise Wrong(in_outside(name.span))
            return Arg(value=None, expression=Name(IN), span=name.span)
        if name.id not in self.args:
            raise Wrong(unknown_name(name.span, name.id, self._names()))
        self._use(name.id)
        arg = self.args[name.id]
        if self._formals and name.id not in self._formals:
            hidden = self._formals & (arg.names - {name.id})
            if hidden:
                raise Wrong(name_hidden(name.span, name.id, min(hidden)))
        return arg

    def _names(self) -> Names:
        """The names that there are, for a slip to be compared with."""
        if self._known is None or len(self._known) != len(self.args):
            self._known = Names(self.args)
        return self._known

    def _use(self, name: str) -> None:
        self.used.add(self._own.get(name, name))
        if self._above is not None and name not in self._formals:
            self._above._use(name)

    def spoil(self, name: str, reason: Diagnostic) -> None:
        """Note that a name was meant to be defined and is not."""
        if name not in self.args:
            self.spoilt[name] = reason

    def knows(self, value: s.Value) -> bool:
        """Whether the value is the name of a parameter or of a `let`."""
        return isinstance(value, Name) and (value.id in self.args or value.id in self.spoilt)

    def value(self, value: s.Value) -> Arg:
        """A size, a text, a word or an expression; a bare unknown name is a word, for the op to judge."""
        if isinstance(value, Size):
            return self.size(value)
        if isinstance(value, s.Text):
            return Arg(value=value.text, span=value.span)
        if isinstance(value, Name) and not self.knows(value) and value.id != IN:
            return Arg(value=WORDS.get(value.id, value.id), span=value.span)
        if isinstance(value, Binary) and value.operator == "-" and ops.find(value.span.text):
            return Arg(value=value.span.text, span=value.span)  # hard-swish
        return self.expression(value)

    def size(self, size: s.Size) -> Arg:
        """The parts of a size as whole numbers, a tuple unless there is one part alone."""
        parts = [self.whole(part) for part in size.parts]
        sides = tuple(part.expression or _constant(part.known) for part in parts)
        value = tuple(part.value for part in parts if isinstance(part.value, int))
        depends = any(part.expression for part in parts)
        return Arg(value=value, expression=Size(sides) if depends else None, span=size.span)

    def whole(self, expr: s.Expr) -> Arg:
        """An expression that has to come out as a whole number, where it is known already."""
        arg = self.expression(expr)
        if arg.value is not None and type(arg.value) is not int:
            raise Wrong(not_whole(expr.span, arg))
        if arg.value is not None and arg.expression is not None:
            self.record.must_be_whole(arg.expression)
        return arg

    def expression(self, expr: s.Condition) -> Arg:
        """The value of an expression; itself too where it depends on a parameter, with all `let` names written out."""
        if type(expr) is Number:  # most arguments are; it depends on nothing
            return Arg(value=self._checked(bounded, expr.span, expr.value), span=expr.span)
        try:
            value, resolved = self._evaluate(expr)
        except Unfit as unfit:
            raise Wrong(unfit_expression(expr.span, unfit)) from None
        return Arg(value=value, expression=resolved if resolved.names else None, span=expr.span)

    def _evaluate(self, expr: s.Condition) -> tuple[Value | None, Expression]:
        """The value, None where it depends on what is not known yet, and the expression over parameters."""
        value, made = self._evaluated(expr)
        if value is not None and made.names:
            if made.names.isdisjoint(self._formals) and IN not in made.names:
                self.record.evaluated(made, value)
            else:  # known by chance: other values may leave it open
                self.record.pinned |= made.names
        return value, made

    def _evaluated(self, expr: s.Condition) -> tuple[Value | None, Expression]:
        if isinstance(expr, Number):
            return self._checked(bounded, expr.span, expr.value), constant(expr.value)
        if isinstance(expr, Name):
            return self._named(expr)
        if isinstance(expr, Negative):
            value, inner = self._evaluate(expr.inner)
            made = self._bounded(Negative(inner), expr.span)
            return (None if value is None else -self._number(value, expr.inner)), made
        if isinstance(expr, Binary):
            return self._operation(expr)
        if isinstance(expr, Function):
            return self._function(expr)
        if isinstance(expr, Choice):
            return self._choice(expr)
        assert isinstance(expr, Comparison | Logic | Negation)
        return self._condition(expr)

    def _named(self, name: Name) -> tuple[Value | None, Expression]:
        if name.id in WORDS and name.id not in self.args:
            return WORDS[name.id], Truth(WORDS[name.id])
        arg = self.lookup(name)
        if arg.expression is not None:
            return arg.value, arg.expression
        return arg.value, _constant(arg.known)

    def _operation(self, expr: Binary) -> tuple[Value | None, Expression]:
        (left, one), (right, other) = self._evaluate(expr.left), self._evaluate(expr.right)
        made = self._bounded(Binary(expr.operator, one, other), expr.span)
        sides = [v if v is None else self._number(v, e) for v, e in ((left, expr.left), (right, expr.right))]
        if sides[1] == 0 and expr.operator == "/":
            raise Wrong(division_by_zero(expr.right.span, str(other)))
        if sides[0] is None or sides[1] is None:
            return None, made
        return self._checked(compute, expr.span, expr.operator, *sides), made

    def _function(self, expr: Function) -> tuple[Value | None, Expression]:
        if expr.name not in FUNCTIONS:
            raise Wrong(unknown_function(expr.span, expr.name))
        least, most, _ = FUNCTIONS[expr.name]
        if not least <= len(expr.args) <= most:
            raise Wrong(wrong_arity(expr.span, expr.name, len(expr.args), least, most))
        pairs = [self._evaluate(arg) for arg in expr.args]
        made = self._bounded(Function(expr.name, tuple(arg for _, arg in pairs)), expr.span)
        if any(value is None for value, _ in pairs):
            return None, made
        numbers = [
            self._number(value, arg) for (value, _), arg in zip(pairs, expr.args, strict=True) if value is not None
        ]
        return self._checked(call, expr.span, expr.name, numbers), made

    def _choice(self, expr: Choice) -> tuple[Value | None, Expression]:
        condition, yes, no = (self._evaluate(part) for part in (expr.condition, expr.yes, expr.no))
        made = self._bounded(Choice(yes[1], condition[1], no[1]), expr.span)
        if condition[0] is None:
            return None, made
        return (yes if condition[0] else no)[0], made

    def _condition(self, expr: Comparison | Logic | Negation) -> tuple[Value | None, Expression]:
        if isinstance(expr, Negation):
            value, inner = self._evaluate(expr.inner)
            return None if value is None else not value, self._bounded(Negation(inner), expr.span)
        (left, one), (right, other) = self._sides(expr)
        if isinstance(expr, Comparison):
            compared_ = self._bounded(Comparison(expr.operator, one, other), expr.span)
            if expr.operator not in ("==", "!="):
                for value, side in ((left, expr.left), (right, expr.right)):
                    if value is not None:
                        self._number(value, side)
            known = left is not None and right is not None
            return (self._checked(compared, expr.span, expr.operator, left, right) if known else None), compared_
        made = self._bounded(Logic(expr.operator, one, other), expr.span)
        decided = [bool(v) for v in (left, right) if v is not None]
        either = expr.operator == "or"
        if either in decided or len(decided) == 2:
            return any(decided) if either else all(decided), made
        return None, made

    def _sides(self, expr: Comparison | Logic) -> list[tuple[Value | None, Expression]]:
        """Both sides; beside what has a value, a name that has none is a word: ``option == A``."""
        pair = (expr.left, expr.right)
        words = [x for x in pair if isinstance(x, Name) and not (self.knows(x) or x.id in (IN, *WORDS))]
        numbers = any(isinstance(x, Number | Binary | Negative) for x in pair)  # no word is equal to one
        if not isinstance(expr, Comparison) or expr.operator not in ("==", "!=") or len(words) > 1 or numbers:
            words = []
        return [(x.id, Quoted(x.id)) if isinstance(x, Name) and x in words else self._evaluate(x) for x in pair]

    def _bounded(self, made: E, span: Span) -> E:
        spend(2 * ARGUMENT + NAME * len(str(made)), span)
        if len(str(made)) > LONGEST_EXPRESSION or made.depth > DEEPEST_EXPRESSION:
            raise Wrong(too_long(span))
        return made

    def _number(self, value: Value, expr: s.Condition) -> float:
        try:
            return number_of(value, "")
        except Unfit:
            set_to = self.unlike.get(expr.id) if isinstance(expr, Name) else None
            raise Wrong(set_to or not_a_number(expr.span, value)) from None

    def _checked(self, function: Any, span: Span, *args: Any) -> Any:
        """What a function of the arithmetic gives; its complaint gets the place."""
        try:
            return function(*args)
        except Unfit as unfit:
            raise Wrong(unfit_expression(span, unfit)) from None


def _constant(value: Value) -> Expression:
    return Size(tuple(map(Number, value))) if isinstance(value, tuple) else constant(value)
