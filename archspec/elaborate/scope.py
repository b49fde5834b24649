"""Names and arithmetic: expressions over parameters and `let` names to values, with their text kept."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from archspec import ops
from archspec import syntax as s
from archspec.diagnostics import Diagnostic, Span, explained, suggest
from archspec.expressions import (
    FUNCTIONS,
    LARGEST,
    LONGEST,
    Unfit,
    bounded,
    call,
    compared,
    compute,
    names_in,
    number_of,
    within_bounds,
)
from archspec.ir import Arg, Value
from archspec.parse import text_of

__all__ = ["LARGEST", "RESERVED", "Scope", "Wrong", "within_bounds"]

WORDS: Mapping[str, bool] = {"yes": True, "no": False, "true": True, "false": False}
# `variant` and `input` are what `archspec.load` takes beside the parameters of a network.
RESERVED = frozenset(
    {"x", "no", "yes", "true", "false", "with", "like", "if", "else", "and", "or", "not", "in", "from", "then"}
    | {"variant", "input", "True", "False", *FUNCTIONS}
)
IN = "in"
"""The number of channels that enter the row or the block."""


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
        self.spoilt: dict[str, Diagnostic] = {}
        """Names whose definition is wrong, each with the mistake: a use of one is no second mistake."""
        self.inner = False
        """Whether expressions stand in rows, where ``in`` has a meaning."""
        self._formals: frozenset[str] = frozenset()
        self._above: Scope | None = None
        self.blocks: frozenset[str] = frozenset()
        """The names of blocks, which are words as the names of layers are."""

    def within(self, formals: Mapping[str, Arg]) -> Scope:
        """The scope inside a block: its parameters hide names outside."""
        child = Scope()
        child.args = {**self.args, **formals}
        child.structural, child.blocks, child.inner = self.structural, self.blocks, True
        child.spoilt = {name: wrong for name, wrong in self.spoilt.items() if name not in formals}
        child._formals, child._above = frozenset(formals), self
        return child

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
            return Arg(value=None, text=IN, span=name.span)
        if name.id not in self.args:
            raise Wrong(unknown_name(name.span, name.id, self.args))
        self._use(name.id)
        arg = self.args[name.id]
        hidden = self._formals & (arg.names - {name.id})
        if hidden and name.id not in self._formals:
            raise Wrong(name_hidden(name.span, name.id, min(hidden)))
        return arg

    def _use(self, name: str) -> None:
        self.used.add(name)
        if self._above is not None and name not in self._formals:
            self._above._use(name)

    def spoil(self, name: str, reason: Diagnostic) -> None:
        """Note that a name was meant to be defined and is not."""
        if name not in self.args:
            self.spoilt[name] = reason

    def knows(self, value: s.Value) -> bool:
        """Whether the value is the name of a parameter or of a `let`."""
        return isinstance(value, s.Name) and (value.id in self.args or value.id in self.spoilt)

    def value(self, value: s.Value) -> Arg:
        """A size, a text, a word or an expression; a bare unknown name is a word, for the op to judge."""
        if isinstance(value, s.Size):
            return self.size(value)
        if isinstance(value, s.Text):
            return Arg(value=value.text, span=value.span)
        if isinstance(value, s.Name) and not self.knows(value) and value.id != IN:
            return Arg(value=WORDS.get(value.id, value.id), span=value.span)
        if isinstance(value, s.Binary) and value.operator == "-" and ops.find(text_of(value.span)):
            return Arg(value=text_of(value.span), span=value.span)  # hard-swish
        return self.expression(value)

    def size(self, size: s.Size) -> Arg:
        """The parts of a size as whole numbers, a tuple unless there is one part alone."""
        parts = [self.whole(part) for part in size.parts]
        text = " x ".join(part.text or str(part.value) for part in parts)
        value = tuple(part.value for part in parts if isinstance(part.value, int))
        depends = any(part.text for part in parts)
        return Arg(value=value, text=text if depends else None, span=size.span)

    def whole(self, expr: s.Expr) -> Arg:
        """An expression that has to come out as a whole number, where it is known already."""
        arg = self.expression(expr)
        if arg.value is not None and type(arg.value) is not int:
            raise Wrong(not_whole(expr.span, arg))
        return arg

    def expression(self, expr: s.Condition) -> Arg:
        """The value of an expression; its text too where it depends on a parameter."""
        try:
            value, text = self._evaluate(expr)
        except Unfit as unfit:
            raise Wrong(unfit_expression(expr.span, unfit)) from None
        return Arg(value=value, text=text if names_in(text) else None, span=expr.span)

    def _evaluate(self, expr: s.Condition) -> tuple[Value | None, str]:
        """The value and the text; the value is None where it depends on what is not known yet."""
        if isinstance(expr, s.Number):
            return self._checked(bounded, expr.span, expr.value), str(expr.value)
        if isinstance(expr, s.Name):
            return self._named(expr)
        if isinstance(expr, s.Negative):
            value, text = self._evaluate(expr.inner)
            negative = None if value is None else -_number(value, expr.inner.span)
            return negative, f"-({text})" if _outside(text) or text[0] == "-" else f"-{text}"
        if isinstance(expr, s.Binary):
            return self._operation(expr)
        if isinstance(expr, s.Function):
            return self._function(expr)
        if isinstance(expr, s.Choice):
            return self._choice(expr)
        return self._condition(expr)

    def _named(self, name: s.Name) -> tuple[Value | None, str]:
        if name.id in WORDS and name.id not in self.args:
            return WORDS[name.id], str(WORDS[name.id])
        arg = self.lookup(name)
        if arg.text is None:
            return arg.value, _quoted(arg.value)
        return arg.value, arg.text

    def _operation(self, expr: s.Binary) -> tuple[Value | None, str]:
        (left, left_text), (right, right_text) = self._evaluate(expr.left), self._evaluate(expr.right)
        text = self._bounded(_joined(left_text, expr.operator, right_text), expr.span)
        sides = [v if v is None else _number(v, e.span) for v, e in ((left, expr.left), (right, expr.right))]
        if sides[1] == 0 and expr.operator == "/":
            raise Wrong(division_by_zero(expr.right.span, right_text))
        if sides[0] is None or sides[1] is None:
            return None, text
        return self._checked(compute, expr.span, expr.operator, *sides), text

    def _function(self, expr: s.Function) -> tuple[Value | None, str]:
        if expr.name not in FUNCTIONS:
            raise Wrong(unknown_function(expr.span, expr.name))
        least, most, _ = FUNCTIONS[expr.name]
        if not least <= len(expr.args) <= most:
            raise Wrong(wrong_arity(expr.span, expr.name, len(expr.args), least, most))
        pairs = [self._evaluate(arg) for arg in expr.args]
        text = self._bounded(f"{expr.name}({', '.join(text for _, text in pairs)})", expr.span)
        if any(value is None for value, _ in pairs):
            return None, text
        numbers = [
            _number(value, arg.span) for (value, _), arg in zip(pairs, expr.args, strict=True) if value is not None
        ]
        return self._checked(call, expr.span, expr.name, numbers), text

    def _choice(self, expr: s.Choice) -> tuple[Value | None, str]:
        condition, yes, no = (self._evaluate(part) for part in (expr.condition, expr.yes, expr.no))
        text = self._bounded(f"({yes[1]} if {condition[1]} else {no[1]})", expr.span)
        if condition[0] is None:
            return None, text
        return (yes if condition[0] else no)[0], text

    def _condition(self, expr: s.Comparison | s.Logic | s.Negation) -> tuple[Value | None, str]:
        if isinstance(expr, s.Negation):
            value, text = self._evaluate(expr.inner)
            return None if value is None else not value, f"not ({text})"
        (left, left_text), (right, right_text) = self._sides(expr)
        if isinstance(expr, s.Comparison):
            text = self._bounded(f"{left_text} {expr.operator} {right_text}", expr.span)
            if expr.operator not in ("==", "!="):
                for value, side in ((left, expr.left), (right, expr.right)):
                    if value is not None:
                        _number(value, side.span)
            known = left is not None and right is not None
            return (self._checked(compared, expr.span, expr.operator, left, right) if known else None), text
        text = self._bounded(f"({left_text} {expr.operator} {right_text})", expr.span)
        decided = [bool(v) for v in (left, right) if v is not None]
        either = expr.operator == "or"
        if either in decided or len(decided) == 2:
            return any(decided) if either else all(decided), text
        return None, text

    def _sides(self, expr: s.Comparison | s.Logic) -> list[tuple[Value | None, str]]:
        """Both sides; beside what has a value, a name that has none is a word: ``option == A``."""
        pair = (expr.left, expr.right)
        words = [x for x in pair if isinstance(x, s.Name) and not (self.knows(x) or x.id in (IN, *WORDS))]
        if not isinstance(expr, s.Comparison) or expr.operator not in ("==", "!=") or len(words) > 1:
            words = []
        return [(x.id, _quoted(x.id)) if isinstance(x, s.Name) and x in words else self._evaluate(x) for x in pair]

    def _bounded(self, text: str, span: Span) -> str:
        if len(text) > LONGEST:
            raise Wrong(too_long(span))
        return text

    def _checked(self, function: Any, span: Span, *args: Any) -> Any:
        """What a function of the arithmetic gives; its complaint gets the place."""
        try:
            return function(*args)
        except Unfit as unfit:
            raise Wrong(unfit_expression(span, unfit)) from None


def _quoted(value: Value | None) -> str:
    return f'"{value}"' if isinstance(value, str) else str(value)


def _joined(left: str, operator: str, right: str) -> str:
    """Two texts under an operator, in parentheses only where it binds closer than theirs."""
    if operator in "*/":
        left = f"({left})" if _outside(left) & {"+", "-"} else left
        right = f"({right})" if _outside(right) else right
    elif operator == "-":
        right = f"({right})" if _outside(right) & {"+", "-"} else right
    return f"{left} {operator} {right}"


def _outside(text: str) -> set[str]:
    """The operators of a text that stand outside its parentheses."""
    found, depth = set(), 0
    for word in re.findall(r"[()]|(?<= )[-+*/](?= )", text):
        depth += {"(": 1, ")": -1}.get(word, 0)
        found |= {word} - {")"} if depth == 0 else set()
    return found


def _number(value: Value, span: Span) -> float:
    try:
        return number_of(value, "")
    except Unfit:
        raise Wrong(not_a_number(span, value)) from None


def unfit_expression(span: Span | None, unfit: Unfit) -> Diagnostic:
    """The diagnostic for an expression that has no value."""
    if unfit.problem == "zero":
        return division_by_zero(span, unfit.part or "0")
    if unfit.problem == "number":
        return not_a_number(span, unfit.value)
    return too_large(span)


@explained("E0201")
def unknown_name(span: Span, name: str, known: Mapping[str, object]) -> Diagnostic:
    """An expression uses a name that is neither a parameter of the network nor a `let`.

    Parameters stand in the first line, `network vgg_D(classes=1000)`; `let N = ...` names a value. A repetition's `x`
    stands between blanks, `conv3-64 x 2`, and is a part of a name otherwise.
    """
    repeats = name[0] == "x" and name[1:].isdecimal()
    help = f"write `x {name[1:]}` to repeat the layer" if repeats else suggest(name, known)
    return Diagnostic("E0201", f"there is no parameter `{name}`", span, "unknown name", help=help)


@explained("E0202")
def not_whole(span: Span | None, arg: Arg) -> Diagnostic:
    """A number of channels, units, repetitions or pixels must be whole, and the arithmetic gives a fraction.

    A division must come out whole: `let n = (depth - 2) / 6` holds for depth 20 and not for depth 21.
    """
    value = f"{arg.value:.12g}" if isinstance(arg.value, float) else arg.value
    shown = f"{arg.text} = {value}" if arg.text else f"{value}"
    notes = (shown,) if arg.text else ()
    return Diagnostic("E0202", f"a whole number is needed here, not {value}", span, "not whole", notes=notes)


@explained("E0208")
def default_depends(span: Span, name: str, others: list[str]) -> Diagnostic:
    """The default of a parameter is computed from another parameter, so that it would not follow when that is set."""
    listed = ", ".join(f"`{other}`" for other in others)
    message = f"the default of `{name}` depends on {listed}"
    return Diagnostic("E0208", message, span, "depends", help=f"name it with `let {name} = ...` instead")


@explained("E0209")
def too_long(span: Span) -> Diagnostic:
    """An expression, with all `let` names in it written out, is longer than 2,000 characters."""
    return Diagnostic("E0209", "this expression is too long with its `let` names written out", span, "too long")


@explained("E0203")
def not_a_number(span: Span | None, value: object) -> Diagnostic:
    """Arithmetic works on numbers; a size, a truth value or a word cannot be added or multiplied."""
    shown = "x".join(map(str, value)) if isinstance(value, tuple) else value
    shown = {True: "yes", False: "no"}[value] if isinstance(value, bool) else shown
    return Diagnostic("E0203", f"a number is needed here, not `{shown}`", span, "no number")


@explained("E0204")
def division_by_zero(span: Span | None, divisor: str) -> Diagnostic:
    """The right side of a division is zero for these parameters."""
    notes = (f"{divisor} = 0",) if divisor != "0" else ()
    return Diagnostic("E0204", "division by zero", span, "the divisor is 0", notes=notes)


@explained("E0205")
def too_large(span: Span | None) -> Diagnostic:
    """A number is larger than a million million, which no layer has; most likely a slip."""
    return Diagnostic("E0205", "this number is too large", span, notes=(f"at most {LARGEST:,}",))


@explained("E0206")
def name_taken(span: Span, name: str, first: Span | None) -> Diagnostic:
    """Two parameters or `let` names are the same."""
    second = (first, "first definition") if first else None
    message = f"`{name}` is defined twice"
    return Diagnostic("E0206", message, span, "second definition", help="give it another name", second=second)


@explained("E0207")
def name_reserved(span: Span, name: str) -> Diagnostic:
    """A parameter or `let` has a name that the language uses itself: `x` repeats, `no` leaves out, and so on."""
    return Diagnostic("E0207", f"`{name}` is a word of the language", span, "reserved", help="give it another name")


@explained("E0210")
def in_outside(span: Span) -> Diagnostic:
    """`in` is the number of channels that enter the row or the block; outside of rows nothing enters."""
    return Diagnostic("E0210", "`in` has a meaning in rows and blocks alone", span, "nothing enters here")


@explained("E0211")
def unknown_function(span: Span, name: str) -> Diagnostic:
    """An expression calls a function that the language does not have."""
    return Diagnostic("E0211", f"there is no function `{name}`", span, "unknown", help=suggest(name, FUNCTIONS))


@explained("E0212")
def wrong_arity(span: Span, name: str, given: int, least: int, most: int) -> Diagnostic:
    """A function is given too few values or too many: `round_to(x, 8)` takes two, `floor(x)` one."""
    values = "1 value" if given == 1 else f"{given} values"
    takes = f"{least}" if least == most else f"{least} to {most}"
    return Diagnostic("E0212", f"`{name}` cannot take {values}", span, f"`{name}` takes {takes}")


@explained("E0213")
def name_hidden(span: Span, name: str, hidden: str) -> Diagnostic:
    """A `let` is used in a block whose own parameter hides a name that the `let` is computed from."""
    message = f"`{name}` is computed from `{hidden}`, which means something else in this block"
    return Diagnostic("E0213", message, span, "hidden", help=f"give the block's parameter another name than `{hidden}`")
