"""The joins against torch: they refuse what the rule refuses, and the expression gives the shape that they infer."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from witness import shape_of, size

from archspec import ops
from archspec.op import Join, Refused, Shape

pytestmark = pytest.mark.torch

CHANNELS = st.sampled_from([3, 3, 3, 3, 3, 1, 4])
SIDES = st.sampled_from([(5, 4), (5, 4), (5, 4), (5, 4), (1, 1), (1, 1), (1, 4), (4, 5)])
MAPS = st.builds(lambda channels, sides: Shape(channels, *sides), CHANNELS, SIDES)
INPUTS = st.lists(MAPS | MAPS | CHANNELS.map(Shape), min_size=1, max_size=4)
JOINS: dict[str, Callable[[Tensor, Tensor], Tensor]] = {"add": torch.add, "multiply": torch.multiply}


def join(name: str) -> Join:
    found = ops.find(name)
    assert found is not None
    op = found()
    assert isinstance(op, Join)
    return op


def asked(op: Join, xs: list[Shape]) -> Shape | None:
    try:
        return op.accept(*xs)
    except Refused:
        return None


def evaluated(op: Join, xs: list[Shape], data: list[Tensor]) -> Tensor:
    names = [f"x{i}" for i in range(len(xs))]
    found: Tensor = eval(op.combine(names, *xs), {"torch": torch, **dict(zip(names, data, strict=True))})
    return found


def broadcast(xs: list[Shape]) -> Shape | None:
    """The rule by its words: one shape for all, or one map, and beside it vectors and 1 x 1 of as many channels."""
    if len(xs) < 2 or len({x.channels for x in xs}) > 1:
        return None
    maps = {x for x in xs if x.is_map}
    wide = {x for x in maps if (x.height, x.width) != (1, 1)}
    if len(wide) > 1:
        return None
    return next(iter(wide or maps or xs))


def side_by_side(xs: list[Shape]) -> Shape | None:
    if len(xs) < 2 or len({(x.height, x.width) for x in xs}) > 1:
        return None
    return Shape(sum(x.channels for x in xs), xs[0].height, xs[0].width)


@pytest.mark.parametrize("name", sorted(JOINS))
def test_a_join_by_elements_is_torch_s_where_the_rule_allows_it(name: str) -> None:
    joined = 0

    @settings(max_examples=300)
    @given(INPUTS)
    def agree(xs: list[Shape]) -> None:
        nonlocal joined
        op = join(name)
        y = asked(op, xs)
        assert y == broadcast(xs)
        if y is None:
            return
        joined += 1
        data = [torch.randn(size(x, 2)) for x in xs]
        found = evaluated(op, xs, data)
        assert shape_of(found) == y
        whole = torch.full(size(y, 2), 0.0 if name == "add" else 1.0)
        for x, given_ in zip(xs, data, strict=True):
            spread = given_.reshape(2, -1, 1, 1) if y.is_map and not x.is_map else given_
            whole = JOINS[name](whole, spread.expand(size(y, 2)))
        torch.testing.assert_close(found, whole)

    agree()
    assert joined >= 30


def test_concat_puts_channels_side_by_side() -> None:
    joined = 0

    @settings(max_examples=300)
    @given(INPUTS)
    def agree(xs: list[Shape]) -> None:
        nonlocal joined
        op = join("concat")
        y = asked(op, xs)
        assert y == side_by_side(xs)
        if y is None:
            return
        joined += 1
        data = [torch.randn(size(x, 2)) for x in xs]
        found = evaluated(op, xs, data)
        assert shape_of(found) == y
        assert [row.tolist() for row in found.transpose(0, 1)] == [c.tolist() for d in data for c in d.transpose(0, 1)]

    agree()
    assert joined >= 30


def test_every_join_is_here() -> None:
    assert {op.spelled() for op in ops.every() if op.arity is None} == {*JOINS, "concat"}


@pytest.mark.parametrize("name", [*sorted(JOINS), "concat"])
def test_a_join_says_which_input_does_not_fit(name: str) -> None:
    with pytest.raises(Refused) as refused:
        join(name).accept(Shape(64, 56, 56), Shape(64, 56, 56), Shape(64, 28, 28))
    assert "input 3 is 28x28x64" in refused.value.message
    assert "the others are 56x56" in refused.value.message


@pytest.mark.parametrize("name", [*sorted(JOINS), "concat"])
def test_one_input_is_no_join(name: str) -> None:
    with pytest.raises(Refused, match="two or more"):
        join(name).accept(Shape(64))
