"""What of a quantity a claim prints, where that is not a plain total: a share, bytes, a ratio to another network.

Each says of which quantities there is such a figure, and which prints are read for it.
"""

from __future__ import annotations

import re
from typing import Annotated, Literal, NamedTuple, TypeAlias

from archspec import ops
from archspec.arguments import Misfit
from archspec.counting.quantities import CLAIMS, RECEPTIVE_FIELD, STORED, SUMS
from archspec.counting.stated import PERCENT, TIMES, stated
from archspec.diagnostics import Report, text_span
from archspec.expressions import Expression
from archspec.ir.node import AsText, ByKind, Node, Value
from archspec.language import syntax as s
from archspec.language.parse import parse_cell
from archspec.op import Op, Refused, Shape, Window, made
from archspec.support.frozen import NOTHING, keyword
from archspec.support.limits import SHORT_CELL

LARGEST_ELEMENT = 64
"""Bytes of an element: no number that a network stores takes more."""
SEEN = (Shape(1, 199, 199), Shape(1, 224, 224))
"""Two maps of which a layer sees as much, unless what it sees depends on the map."""


class Figured(Node):
    """A figure as the spec says it."""

    text: str

    def of(self, quantity: str) -> bool:
        """Whether there is such a figure of a quantity."""
        raise NotImplementedError

    def reads(self, quantity: str, printed: str) -> bool:
        """Whether a text can be its print."""
        said = stated(printed)
        return said is not None and not said.sized


class Layer(Node):
    """A layer by its name and the arguments that are given, and how often it stands in a chain."""

    op: str
    args: dict[str, Value] = keyword(default=NOTHING)
    times: int = 1

    def like(self, op: Op) -> bool:
        """Whether a layer of a network is of this kind and has these arguments."""
        if op.spelled() != self.op:
            return False
        return all(getattr(op, name) == op.arguments[name].accept(value) for name, value in self.args.items())

    @property
    def window(self) -> Window | None:
        """What one of its positions sees; None where that depends on what enters or nobody knows it.

        Channels do not matter: what is required and not given is one.
        """
        kind = ops.find(self.op)
        if kind is None or kind.arity != 1 or not kind.known:
            return None
        rest = {name: 1 for name, argument in kind.arguments.items() if argument.required and name not in self.args}
        try:
            op = made(kind, rest | self.args)
            one, other = (op.window(shape) for shape in SEEN)
        except (Misfit, Refused):
            return None
        return one if one._replace(before=other.before) == other else None


class Total(Figured):
    """The whole quantity, where its print is a bound or a receptive field."""

    kind: Literal["total"] = "total"

    def of(self, quantity: str) -> bool:
        return quantity in (*CLAIMS, RECEPTIVE_FIELD.name)

    def reads(self, quantity: str, printed: str) -> bool:
        if quantity == RECEPTIVE_FIELD.name:
            return RECEPTIVE_FIELD.form.readable(printed)
        said = stated(printed)
        return said is not None and not said.unit and not said.direction


class Share(Figured):
    """What layers of one kind, or rows, have of the whole."""

    kind: Literal["share"] = "share"
    layer: Layer | None = None
    rows: tuple[str, ...] = ()

    def of(self, quantity: str) -> bool:
        return quantity in [each.name for each in SUMS]

    def reads(self, quantity: str, printed: str) -> bool:
        said = stated(printed)
        return said is not None and said.unit in ("", PERCENT) and not said.direction


class Each(Figured):
    """Numbers that are stored, in bytes."""

    kind: Literal["bytes"] = "bytes"
    each: int

    def of(self, quantity: str) -> bool:
        return quantity in [stored.name for stored in STORED]

    def reads(self, quantity: str, printed: str) -> bool:
        said = stated(printed)
        return said is not None and said.sized and not said.direction


class Chain(Figured):
    """What layers one behind the other see."""

    kind: Literal["chain"] = "chain"
    layers: tuple[Layer, ...]

    def of(self, quantity: str) -> bool:
        return quantity == RECEPTIVE_FIELD.name

    def reads(self, quantity: str, printed: str) -> bool:
        return RECEPTIVE_FIELD.form.readable(printed)


class Beside(Figured):
    """The quantity beside that of another network: this one over it, or less it.

    ``file`` is None where it is this network, under other parameters or another variant.
    """

    kind: Literal["beside"] = "beside"
    relation: Literal["ratio", "difference"]
    file: str | None = None
    variant: str | None = None
    parameters: dict[str, Value] = keyword(default=NOTHING)

    def of(self, quantity: str) -> bool:
        return quantity in CLAIMS

    def reads(self, quantity: str, printed: str) -> bool:
        said = stated(printed)
        if said is None or said.sized:
            return False
        if self.relation == "ratio":
            return bool(said.unit) or not said.direction
        return not said.unit


class Formula(Figured):
    """Arithmetic that is printed beside its result, over numbers, parameters and names that cancel."""

    kind: Literal["formula"] = "formula"
    arithmetic: Annotated[Expression, AsText()]

    def of(self, quantity: str) -> bool:
        return True

    def reads(self, quantity: str, printed: str) -> bool:
        said = stated(printed)
        if said is None:
            return formula_of(printed) is not None
        return not said.sized and (said.unit in (PERCENT, TIMES) or not said.direction)


class Printed(NamedTuple):
    """Arithmetic in the place of a result, ``2/(n_in + n_out)``, or its root, ``sqrt(2/n_in)``."""

    arithmetic: Expression
    root: bool


def formula_of(printed: str) -> Printed | None:
    """What a print says that is a formula and no number; None where it is none."""
    root = re.fullmatch(r"sqrt\((.*)\)", printed) if len(printed) <= SHORT_CELL else None
    text = root[1] if root else printed
    at = text_span("print", text)
    found = parse_cell(s.Cell(at, text), "figure", Report()) if len(text) <= SHORT_CELL else None
    if not isinstance(found, s.Formula) or (found.value.depth == 1 and not root):
        return None
    return Printed(found.value, root is not None)


Figure: TypeAlias = Annotated[Total | Share | Each | Chain | Beside | Formula, ByKind()]
