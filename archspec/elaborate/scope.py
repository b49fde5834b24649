"""Names and arithmetic: expressions over parameters and `let` names to values, with their text kept."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

from archspec import syntax as s
from archspec.diagnostics import Diagnostic, Span, explained, suggest
from archspec.ir import Arg, Value

LARGEST = 10**12
LONGEST = 2_000
WORDS: Mapping[str, bool] = {"yes": True, "no": False, "true": True, "false": False}
# `variant` and `input` are what `archspec.load` takes beside the parameters of a network.
RESERVED = frozenset(
    {"x", "no", "yes", "true", "false", "with", "if", "else", "in", "from", "then", "variant", "input"}
)


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
        self.spoilt: dict[str, Diagnostic] = {}
        """Names whose definition is wrong, each with the mistake: a use of one is no second mistake."""

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
        if name.id not in self.args:
            raise Wrong(unknown_name(name.span, name.id, self.args))
        self.used.add(name.id)
        return self.args[name.id]

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
        if isinstance(value, s.Name) and not self.knows(value):
            return Arg(value=WORDS.get(value.id, value.id), span=value.span)
        return self.expression(value)

    def size(self, size: s.Size) -> Arg:
        """The parts of a size as whole numbers, a tuple unless there is one part alone."""
        parts = [self.whole(part) for part in size.parts]
        text = " x ".join(part.text or str(part.value) for part in parts)
        value = tuple(part.value for part in parts if isinstance(part.value, int))
        depends = any(part.text for part in parts)
        return Arg(value=value, text=text if depends else None, span=size.span)

    def whole(self, expr: s.Expr) -> Arg:
        """An expression that has to come out as a whole number."""
        arg = self.expression(expr)
        if type(arg.value) is not int:
            raise Wrong(not_whole(expr.span, arg))
        return arg

    def expression(self, expr: s.Expr) -> Arg:
        """The value of an expression; its text too where it depends on a parameter."""
        value, text, names = self._evaluate(expr)
        return Arg(value=value, text=text if names else None, span=expr.span)

    def _evaluate(self, expr: s.Expr) -> tuple[Value, str, bool]:
        if isinstance(expr, s.Number):
            return _bounded(expr.value, expr.span), str(expr.value), False
        if isinstance(expr, s.Name):
            arg = self.lookup(expr)
            return arg.value, arg.text or str(arg.value), arg.text is not None
        if isinstance(expr, s.Negative):
            value, text, names = self._evaluate(expr.inner)
            return (
                -_number(value, expr.inner.span),
                f"-({text})" if _outside(text) or text[0] == "-" else f"-{text}",
                names,
            )
        left, left_text, left_names = self._evaluate(expr.left)
        right, right_text, right_names = self._evaluate(expr.right)
        value = _compute(expr, _number(left, expr.left.span), _number(right, expr.right.span), right_text)
        text = _joined(left_text, expr.operator, right_text)
        if len(text) > LONGEST:
            raise Wrong(too_long(expr.span))
        return value, text, left_names or right_names


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


def _number(value: Value, span: Span) -> int | float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Wrong(not_a_number(span, value))
    return value


def _compute(expr: s.Binary, left: int | float, right: int | float, divisor: str) -> int | float:
    if expr.operator == "/" and right == 0:
        raise Wrong(division_by_zero(expr.right.span, divisor))
    results = {"+": left + right, "-": left - right, "*": left * right}
    exact = results[expr.operator] if expr.operator in results else left / right
    return _bounded(exact, expr.span)


def _bounded(value: int | float, span: Span) -> int | float:
    if not within_bounds(value):
        raise Wrong(too_large(span))
    nearest = round(value)
    # 0.7 * 10 is 7 and not 7.000000000000001: widths are written as decimal fractions of whole numbers.
    return nearest if abs(value) >= 0.5 and abs(value - nearest) <= 1e-9 * abs(value) else value


def within_bounds(value: Value) -> bool:
    """Whether every number of a value is finite and no larger than any layer's."""
    numbers = value if isinstance(value, tuple) else (value,)
    return all(math.isfinite(n) and abs(n) <= LARGEST for n in numbers if isinstance(n, int | float))


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
def not_whole(span: Span, arg: Arg) -> Diagnostic:
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
def not_a_number(span: Span, value: Value) -> Diagnostic:
    """Arithmetic works on numbers; a size, a truth value or a word cannot be added or multiplied."""
    shown = "x".join(map(str, value)) if isinstance(value, tuple) else value
    shown = {True: "yes", False: "no"}[value] if isinstance(value, bool) else shown
    return Diagnostic("E0203", f"a number is needed here, not `{shown}`", span, "no number")


@explained("E0204")
def division_by_zero(span: Span, divisor: str) -> Diagnostic:
    """The right side of a division is zero for these parameters."""
    notes = (f"{divisor} = 0",) if divisor != "0" else ()
    return Diagnostic("E0204", "division by zero", span, "the divisor is 0", notes=notes)


@explained("E0205")
def too_large(span: Span) -> Diagnostic:
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
