"""Expressions over parameters as trees: what the parser reads, the IR keeps and emission writes.

Nodes are frozen, and two are equal wherever they were written. ``str()`` writes one as a spec would, ``python()`` as
Python does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Self, TypeAlias

from archspec.support.frozen import Frozen, keyword, lazy

SIZE, CHOICE, OR, AND, NOT, COMPARED, SUM, PRODUCT, SIGN, ATOM = range(-1, 9)
"""How closely nodes bind, the loosest first, as in Python."""
BINDING = {"+": SUM, "-": SUM, "*": PRODUCT, "/": PRODUCT, "//": PRODUCT, "%": PRODUCT, "or": OR, "and": AND}


NO_NAMES: frozenset[str] = frozenset()


def joined(sets: Sequence[frozenset[str]]) -> frozenset[str]:
    """The names of all sets, without another set where one of them has them all."""
    sets = [names for names in sets if names]
    return sets[0] if len(sets) == 1 else NO_NAMES.union(*sets) if sets else NO_NAMES


class Expression(Frozen):
    """A node of a tree, and where it was written."""

    span: Any = keyword(default=None, kw_only=True)

    def placed(self, span: Any) -> Self:
        """The same, written elsewhere."""
        return type(self)(*self._values, span=span)

    @property
    def parts(self) -> tuple[Expression, ...]:
        """The expressions right inside it."""
        return ()

    @lazy
    def depth(self) -> int:
        """How deep nodes stand in one another; 1 for a number or a name."""
        return 1 + max((part.depth for part in self.parts), default=0)

    @lazy
    def names(self) -> frozenset[str]:
        """The parameters that it names; ``in`` is one."""
        return joined([part.names for part in self.parts])

    def __str__(self) -> str:
        return self._spelled

    @lazy
    def _spelled(self) -> str:
        return self.written(SIZE, spec=True)

    @lazy
    def _as_spec(self) -> tuple[int, str]:
        return self._written(spec=True)

    def python(self) -> str:
        """As Python writes it."""
        return self.written(CHOICE, spec=False)

    def written(self, least: int, spec: bool) -> str:
        """The text, in parentheses where the node binds less closely than ``least``."""
        binds, text = self._as_spec if spec else self._written(spec)
        return f"({text})" if binds < least else text

    def _written(self, spec: bool) -> tuple[int, str]:
        """How closely the node binds, and its text. In a spec, choices and conditions stand in parentheses."""
        raise NotImplementedError


class Number(Expression):
    """``64``, ``0.25``; never negative."""

    value: int | float

    def _written(self, spec: bool) -> tuple[int, str]:
        return ATOM, str(self.value)


class Truth(Expression):
    """``yes`` or ``no``."""

    value: bool

    def _written(self, spec: bool) -> tuple[int, str]:
        return ATOM, str(self.value)


class Quoted(Expression):
    """A word that something is compared with, ``"relu"``."""

    word: str

    def _written(self, spec: bool) -> tuple[int, str]:
        return ATOM, f'"{self.word}"'


class Name(Expression):
    """A parameter. In emitted code, ``whole`` says that it only ever holds whole numbers."""

    id: str
    whole: bool = True

    @lazy
    def names(self) -> frozenset[str]:
        return frozenset({self.id})

    def _written(self, spec: bool) -> tuple[int, str]:
        return ATOM, self.id


class Negative(Expression):
    """``-inner``."""

    inner: Expression

    @property
    def parts(self) -> tuple[Expression, ...]:
        return (self.inner,)

    def _written(self, spec: bool) -> tuple[int, str]:
        return SIGN, f"-{self.inner.written(ATOM if isinstance(self.inner, Negative) else SIGN, spec)}"


class Pair(Expression):
    """Two sides under an operator."""

    operator: str
    left: Expression
    right: Expression

    @property
    def parts(self) -> tuple[Expression, ...]:
        return self.left, self.right

    def _joined(self, left: int, right: int, spec: bool) -> str:
        return f"{self.left.written(left, spec)} {self.operator} {self.right.written(right, spec)}"


class Binary(Pair):
    """Two numbers under ``+ - * /``; in emitted code under ``//`` and ``%`` too."""

    def _written(self, spec: bool) -> tuple[int, str]:
        binds = BINDING[self.operator]
        return binds, self._joined(binds, binds + 1, spec)


class Comparison(Pair):
    """Two values under ``== != < <= > >=``."""

    def _written(self, spec: bool) -> tuple[int, str]:
        return COMPARED, self._joined(SUM, SUM, spec)


class Logic(Pair):
    """Two conditions under ``and`` or ``or``."""

    def _written(self, spec: bool) -> tuple[int, str]:
        binds = BINDING[self.operator]
        text = self._joined(binds, binds + 1, spec)
        return (ATOM, f"({text})") if spec else (binds, text)


class Negation(Expression):
    """``not inner``."""

    inner: Expression

    @property
    def parts(self) -> tuple[Expression, ...]:
        return (self.inner,)

    def _written(self, spec: bool) -> tuple[int, str]:
        return NOT, f"not ({self.inner.written(CHOICE, spec)})" if spec else f"not {self.inner.written(NOT, spec)}"


class Function(Expression):
    """``round_to(alpha*32, 8)``."""

    name: str
    args: tuple[Expression, ...]

    @property
    def parts(self) -> tuple[Expression, ...]:
        return self.args

    def _written(self, spec: bool) -> tuple[int, str]:
        return ATOM, f"{self.name}({', '.join(arg.written(CHOICE, spec) for arg in self.args)})"


class Choice(Expression):
    """``(yes if condition else no)``."""

    yes: Expression
    condition: Expression
    no: Expression

    @property
    def parts(self) -> tuple[Expression, ...]:
        return self.yes, self.condition, self.no

    def _written(self, spec: bool) -> tuple[int, str]:
        yes, condition = self.yes.written(OR, spec), self.condition.written(OR, spec)
        text = f"{yes} if {condition} else {self.no.written(CHOICE, spec)}"
        return (ATOM, f"({text})") if spec else (CHOICE, text)


class Size(Expression):
    """``3x3``, or the sides of ``resolution x resolution x 3``."""

    sides: tuple[Expression, ...]

    @property
    def parts(self) -> tuple[Expression, ...]:
        return self.sides

    def _written(self, spec: bool) -> tuple[int, str]:
        return SIZE, " x ".join(side.written(SUM, spec) for side in self.sides)


Expr: TypeAlias = Expression
"""What is to give a number."""
Condition: TypeAlias = Expression
"""What is to give a truth value."""


def constant(value: bool | int | float | str) -> Expression:
    """The expression that has this value."""
    if isinstance(value, bool):
        return Truth(value)
    if isinstance(value, str):
        return Quoted(value)
    return Number(value) if value >= 0 else Negative(Number(-value))


def every_part(expression: Expression) -> Iterator[Expression]:
    """Every node of an expression, outer ones first."""
    yield expression
    for part in expression.parts:
        yield from every_part(part)


def rebuilt(expression: Expression, change: Callable[[Expression], Expression]) -> Expression:
    """The node with its parts changed."""
    if not expression.parts:
        return expression
    return type(expression)(*(_changed(value, change) for value in expression._values))


def _changed(value: Any, change: Callable[[Expression], Expression]) -> Any:
    if isinstance(value, tuple):
        return tuple(change(part) for part in value)
    return change(value) if isinstance(value, Expression) else value
