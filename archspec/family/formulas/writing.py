"""Formulas as text, LaTeX and Python."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from math import lcm

from archspec.expressions.tree import (
    Binary,
    Choice,
    Comparison,
    Expression,
    Function,
    Logic,
    Name,
    Negation,
    Quoted,
    Truth,
)
from archspec.family.formulas.normal import ONE_OF, WHOLE, Exact, is_integral, polynomial_of
from archspec.support.frozen import Frozen

GREEK = frozenset(
    [
        "alpha",
        "beta",
        "gamma",
        "delta",
        "epsilon",
        "eta",
        "theta",
        "kappa",
        "lambda",
        "mu",
        "nu",
        "rho",
        "sigma",
        "tau",
        "phi",
        "chi",
        "psi",
        "omega",
    ]
)


GROUP = "\0"
"""What marks a side of a quotient that some notations put in parentheses."""


class Style(Frozen):
    """How a notation writes what formulas are made of; each takes and gives text."""

    times: str
    name: Callable[[str], str]
    power: Callable[[str, int], str]
    quotient: Callable[[str, str], str]
    call: Callable[[str, Sequence[str]], str]
    grouped: Callable[[str], str]
    choice: Callable[[str, str, str], str]
    compared: Mapping[str, str]
    whole: Callable[[str], str]
    one_of: Callable[[str, Sequence[Fraction]], str]
    joined: Mapping[str, str]
    negated: Callable[[str], str]
    word: Callable[[Quoted | Truth], str]


def written(formula: Exact, style: Style) -> str:
    """A polynomial; where it has fractions, as one fraction of whole numbers."""
    above, below = formula.settled.fraction()
    numerator = _sum(above, style)
    if below.constant == 1:
        return numerator
    factors = sum(len(powers) + (c != 1) for c, powers in below.terms)
    return style.quotient(_group(numerator, len(above.terms) > 1), _group(_sum(below, style), factors > 1))


def condition_text(condition: Expression, style: Style) -> str:
    """A condition; that a number is whole, or one of some, is said in words."""
    match condition:
        case Function(name, (inner, *values)) if name == ONE_OF:
            return style.one_of(written(polynomial_of(inner), style), [_constant(value) for value in values])
        case Function(name, (inner,)) if name == WHOLE:
            return style.whole(written(polynomial_of(inner), style))
        case Comparison(operator, left, Quoted() | Truth() as right):
            return f"{left} {style.compared[operator]} {style.word(right)}"
        case Comparison(operator, left, right):
            one, other = (written(side, style) for side in _sides(polynomial_of(left), polynomial_of(right)))
            return f"{one} {style.compared[operator]} {other}"
        case Logic(operator, left, right):
            sides = (condition_text(side, style) for side in (left, right))
            return style.grouped(f" {style.joined[operator]} ".join(sides))
        case Negation(inner):
            return style.negated(condition_text(inner, style))
    return str(condition)


def _sides(left: Exact, right: Exact) -> tuple[Exact, Exact]:
    """The sides of a comparison: two numbers are compared, and not how far they are apart with 0."""
    if right.constant == 0 and len(left.terms) > 1:
        taken = Exact(term for term in left.terms if term[0] < 0)
        return left + -taken, -taken
    return left, right


def _constant(value: Expression) -> Fraction:
    return Fraction(polynomial_of(value).constant or 0)


def _group(side: str, several: bool) -> str:
    """One side of a quotient, marked as a group where it is more than one factor."""
    return f"{GROUP}{side}{GROUP}" if several else side


def _sum(formula: Exact, style: Style) -> str:
    terms = formula.settled.terms
    if not terms:
        return "0"
    text = ""
    for coefficient, powers in terms:
        product = style.times.join(_factors(abs(Fraction(coefficient)), powers, style))
        sign = (" - " if coefficient < 0 else " + ") if text else ("-" if coefficient < 0 else "")
        text += sign + product
    return text


def _factors(coefficient: Fraction, powers: Sequence[tuple[Expression, int]], style: Style) -> Iterator[str]:
    if coefficient != 1 or not powers:
        yield str(coefficient)
    for factor, power in powers:
        text = _atom(factor, style)
        yield style.power(text, power) if power > 1 else text


def _atom(factor: Expression, style: Style) -> str:
    match factor:
        case Name(id):
            return style.name(id)
        case Function("floor", (inner,)):
            return _rounded(polynomial_of(inner), style)
        case Function(name, args):
            return style.call(name, [written(polynomial_of(arg), style) for arg in args])
        case Choice(yes, condition, no):
            one, other = (written(polynomial_of(side), style) for side in (yes, no))
            return style.choice(one, other, condition_text(condition, style))
        case Binary("/", left, right):
            one, other = (written(polynomial_of(side), style) for side in (left, right))
            return style.grouped(style.quotient(_group(one, True), _group(other, True)))
    return style.grouped(str(factor))


def _rounded(inner: Exact, style: Style) -> str:
    """A number rounded down, or up where ``(x + d - 1) / d`` of a whole x is rounded down."""
    below = lcm(*(Fraction(c).denominator for c, _ in inner.terms))
    shift = sum((Fraction(c) for c, powers in inner.terms if not powers), start=Fraction(0))
    of_whole = all(is_integral(powers) for _, powers in inner.terms)
    if below > 1 and of_whole and shift == Fraction(below - 1, below):
        return style.call("ceil", [written(Exact(term for term in inner.terms if term[1]), style)])
    return style.call("floor", [written(inner, style)])


def _plain_quotient(above: str, below: str) -> str:
    return f"{_in_parentheses(above)}/{_in_parentheses(below)}"


def _in_parentheses(side: str) -> str:
    inner = side.strip(GROUP)
    return f"({inner})" if side != inner else side


def _latex_name(name: str) -> str:
    stem, _, index = name.partition("_")
    stem = f"\\{stem}" if stem in GREEK else stem if len(stem) == 1 else f"\\mathit{{{stem}}}"
    return stem + (f"_{{{index.replace('_', chr(92) + '_')}}}" if index else "")


def _latex_call(name: str, args: Sequence[str]) -> str:
    if name in ("floor", "ceil"):
        return f"\\left\\l{name} {args[0]} \\right\\r{name}"
    head = f"\\{name}" if name in ("min", "max") else f"\\operatorname{{{name.replace('_', chr(92) + '_')}}}"
    return f"{head}\\left({', '.join(args)}\\right)"


def _word(value: Quoted | Truth) -> str:
    return value.word if isinstance(value, Quoted) else "yes" if value.value else "no"


def _call(name: str, args: Sequence[str]) -> str:
    return f"{name}({', '.join(args)})"


def _decimal(value: Fraction) -> str:
    return str(value.numerator if value.denominator == 1 else float(value))


def _python_one_of(text: str, values: Sequence[Fraction]) -> str:
    """One of whole numbers, as no float is one of decimal fractions."""
    below = lcm(*(value.denominator for value in values))
    numbers = ", ".join(str(value * below) for value in values)
    return f"{text}{f' * {below}' if below > 1 else ''} in ({numbers})"


TEXT = Style(
    times="*",
    name=lambda name: name,
    power=lambda base, power: f"{base}^{power}",
    quotient=_plain_quotient,
    call=_call,
    grouped=lambda text: f"({text})",
    choice=lambda yes, no, condition: f"({yes} if {condition} else {no})",
    compared={"==": "=", "!=": "!=", "<=": "<=", ">=": ">=", "<": "<", ">": ">"},
    whole=lambda text: f"{text} is whole",
    one_of=lambda text, values: f"{text} in {{{', '.join(map(_decimal, values))}}}",
    joined={"and": "and", "or": "or"},
    negated=lambda text: f"not ({text})",
    word=_word,
)
LATEX = Style(
    times=r" \, ",
    name=_latex_name,
    power=lambda base, power: f"{base}^{{{power}}}",
    quotient=lambda above, below: f"\\frac{{{above.strip(GROUP)}}}{{{below.strip(GROUP)}}}",
    call=_latex_call,
    grouped=lambda text: f"\\left({text}\\right)",
    choice=lambda yes, no, condition: f"\\begin{{cases}}{yes} & {condition}\\\\{no} & \\text{{else}}\\end{{cases}}",
    compared={"==": "=", "!=": "\\neq", "<=": "\\leq", ">=": "\\geq", "<": "<", ">": ">"},
    whole=lambda text: f"{text} \\in \\mathbb{{Z}}",
    one_of=lambda text, values: f"{text} \\in \\{{{', '.join(map(_decimal, values))}\\}}",
    joined={"and": "\\wedge", "or": "\\vee"},
    negated=lambda text: f"\\neg\\left({text}\\right)",
    word=lambda value: f"\\text{{{_word(value)}}}",
)
PYTHON = TEXT.replaced(
    times=" * ",
    power=lambda base, power: f"{base}**{power}",
    quotient=lambda above, below: " / ".join(map(_in_parentheses, (above, below))),
    compared={operator: operator for operator in ("==", "!=", "<=", ">=", "<", ">")},
    whole=lambda text: f"is_whole({text})",
    one_of=_python_one_of,
    word=lambda value: repr(value.word if isinstance(value, Quoted) else value.value),
)
