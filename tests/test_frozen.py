"""Frozen classes: slots, constructors as they are at first and as they are compiled, copies and pickles."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Iterator
from typing import Any, ClassVar

import pytest

from archspec.diagnostics import Source, Span
from archspec.expressions import Binary, Name, Number
from archspec.ir.network import Apply, Cell, Printed
from archspec.ir.node import Arg, Node
from archspec.language import syntax as s
from archspec.support.frozen import MANY, NOTHING, Frozen, keyword, lazy


class Point(Frozen):
    x: int
    y: int = 0
    span: Any = keyword(default=None)
    origin: ClassVar[int] = 5

    @lazy
    def far(self) -> list[int]:
        return [self.x + self.y]


class Higher(Point):
    z: int = 1

    @lazy
    def far(self) -> list[int]:
        return [self.z]


class Named(Node):
    kind: str = "named"
    name: str


@pytest.fixture(params=["at first", "compiled"])
def compiled(request: pytest.FixtureRequest) -> bool:
    """Both constructors of a class: that of Frozen, and its own, which it gets when there are many objects of it."""
    constructor = vars(Frozen)["__init__"]
    kinds: list[Any] = [Point, Higher, Named]
    many = request.param == "compiled"
    for kind in kinds:
        kind.__init__ = constructor
        kind._made[0] = 0
        for _ in range(MANY * many):
            kind(**{"name": "n"} if kind is Named else {"x": 1})
        assert (kind.__init__ is constructor) is not many
    return bool(many)


@pytest.mark.usefixtures("compiled")
def test_fields_are_given_in_order_or_by_name() -> None:
    assert (Point(1).x, Point(1).y, Point(1).span) == (1, 0, None)
    assert Point(1, 2) == Point(y=2, x=1) == Point(1, y=2)
    assert Point(1, span="here").span == "here"
    assert (Higher(1, 2, 3).x, Higher(1, 2, 3).z, Higher(1).z) == (1, 3, 1)
    assert (Named(name="a").kind, Named(name="a", kind="b").kind) == ("named", "b")
    assert Point.origin == Point(1).origin == 5


@pytest.mark.usefixtures("compiled")
@pytest.mark.parametrize(
    ("kind", "values", "named"),
    [
        (Point, (), {}),
        (Point, (1, 2, 3), {}),
        (Point, (1,), {"x": 1}),
        (Point, (1,), {"w": 1}),
        (Point, (), {"y": 1}),
        (Named, (), {}),
        (Named, ("kind", "name"), {}),
        (Named, (), {"name": "a", "other": 1}),
    ],
)
def test_what_does_not_fit_the_fields_is_refused(kind: Any, values: tuple[Any, ...], named: dict[str, Any]) -> None:
    with pytest.raises(TypeError):
        kind(*values, **named)


@pytest.mark.usefixtures("compiled")
def test_objects_are_slotted_and_never_changed() -> None:
    point: Any = Higher(1)
    assert not hasattr(point, "__dict__")
    for name in ("x", "z", "span", "far", "_hash", "other"):
        with pytest.raises(AttributeError, match="Higher is never changed"):
            setattr(point, name, 2)
    assert (point.x, point.z) == (1, 1)


@pytest.mark.usefixtures("compiled")
def test_what_a_node_is_does_not_hang_on_its_place() -> None:
    assert Point(1, span="here") == Point(1, span="there") != Point(2)
    assert hash(Point(1, span="here")) == hash(Point(1)) == hash((Point, 1, 0))
    assert Point(1, 0) != Higher(1, 0)
    assert repr(Higher(1, 2, span="here")) == "Higher(1, 2, 1)"


@pytest.mark.usefixtures("compiled")
def test_copies_and_pickles_hold_the_fields_alone() -> None:
    point = Higher(1, 2, span="here")
    assert (hash(point), point.far) == (hash(Higher(1, 2)), [1])
    for again in (copy.copy(point), copy.deepcopy(point), pickle.loads(pickle.dumps(point)), point.replaced()):
        assert again == point
        assert again.span == "here"
        assert again.far == point.far
        assert again.far is not point.far
    assert point.replaced(y=5) == Higher(1, 5)
    assert point.replaced(span="there").span == "there"


def test_lazy_properties_are_worked_out_once() -> None:
    point = Point(1, 2)
    assert point.far is point.far
    assert (point.far, Higher(1).far) == ([3], [1])
    assert isinstance(Point.far, lazy)


def test_every_node_is_slotted() -> None:
    def derived(kind: Any) -> Iterator[type]:
        for each in kind.__subclasses__():
            yield each
            yield from derived(each)

    kinds = set(derived(Frozen))
    assert {Span, Binary, Number, Apply, Arg, s.Cell, s.Text} <= kinds
    assert not [kind for kind in kinds if "__dict__" in dir(kind) and hasattr(object.__new__(kind), "__dict__")]


def test_a_class_that_is_made_often_leaves_those_derived_from_it() -> None:
    for _ in range(MANY + 1):
        Printed(quantity="params", printed="1")
    cell = Cell(quantity="params", printed="1", row=3)
    assert (cell.row, cell.marked) == (3, False)


def test_the_classes_of_the_compiler() -> None:
    source = Source("a", "b\nc")
    assert source.lines == ["b", "c"]
    assert Span(source, 2, 0, 1).text == "c"
    assert Binary("+", Number(1), Name("k"), span=Span(source, 1, 0, 1)) == Binary("+", Number(1), Name("k"))
    assert Apply(op="relu").args is NOTHING
