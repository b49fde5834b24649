"""What one position of the output sees, against gradients of torch, in chains and in graphs; and without end."""

from __future__ import annotations

import pytest
import torch
from hypothesis import HealthCheck, assume, given
from hypothesis import strategies as st
from random_examples import drawn
from torch import nn
from witness import corpus

from archspec.analysis.cost import RowCost
from archspec.analysis.receptive_field import Axis, Lens
from archspec.compiled import Compiled
from archspec.diagnostics import ArchError, Source
from archspec.pipeline import compile_text
from archspec.support.limits import FARTHEST

pytestmark = pytest.mark.torch

# Pools keep their stride in every repetition, so their order in the body matters.
LAYERS = [
    "conv3-3", "conv 5x5, 3", "conv 1x1, 3", "conv 3x3, 3, pad=1, dilation=2", "conv 3x1, 3", "relu",
    "maxpool 2x2, pad=1", "maxpool 3x3, /2, pad=1", "maxpool 2x1, /2, pad=1x0", "avgpool 3x3, /1, pad=1",
]  # fmt: skip
SIDES = st.tuples(st.integers(1, 9), st.integers(1, 9))
BODIES = st.lists(st.sampled_from(LAYERS), min_size=1, max_size=4)
AXES = st.builds(lambda first, extent, stride: Axis(first, first + extent, stride), *[st.integers(0, 10**4)] * 3)
LENSES = st.builds(Lens, AXES, AXES)


def compiled(op: str, sides: tuple[int, int] = (32, 32), before: str = "") -> Compiled:
    text = f"network n\ninput {sides[0]}x{sides[1]}x3\n{before}\n| layer | op |\n|-|-|\n| a | {op} |\n"
    return compile_text(Source("field.arch", text))


def field(op: str, sides: tuple[int, int] = (32, 32)) -> tuple[int, int]:
    found = compiled(op, sides).rows[-1].receptive_field
    assert found is not None
    return found


def test_a_body_whose_pool_repeats_at_one_shape_keeps_its_order() -> None:
    body = "maxpool 2x2, pad=1; conv3-3"
    # Steps of 1, 2 and 4 for the pools, of 2, 4 and 8 for the convolutions: 1 + (1 + 2 + 4) + 2 * (2 + 4 + 8).
    assert field(f"[{body}] x 3", (2, 2)) == field("; ".join([body] * 3), (2, 2)) == (36, 36)


@drawn(BODIES, BODIES, st.integers(1, 4), st.integers(1, 3), SIDES, few=20, many=80)
def test_repetitions_see_what_they_see_written_out(
    inner: list[str], outer: list[str], times: int, again: int, sides: tuple[int, int]
) -> None:
    short = f"[{'; '.join(outer)}; [{'; '.join(inner)}] x {times}] x {again}"
    long = "; ".join([*outer, *inner * times] * again)
    try:
        expected = field(long, sides)
    except ArchError:
        assume(False)
    assert field(short, sides) == expected


# Averages in the place of maxima: a gradient goes through every element of a window then.
SEEN = [
    "conv 3x3, 3", "conv 5x5, 3, /2", "conv 1x1, 3", "conv 3x3, 3, dilation=2", "conv 3x1, 3, pad=0", "relu",
    "avgpool 2x2", "avgpool 3x3, /2, pad=1", "avgpool 3x3, /1, pad=1", "conv 7x7, 3, /3, pad=2",
]  # fmt: skip
SAME = ["conv 3x3, 3", "conv 1x1, 3", "conv 5x5, 3", "conv 3x3, 3, dilation=2", "avgpool 3x3, /1, pad=1", "identity"]
BRANCHES = st.lists(st.lists(st.sampled_from(SAME), min_size=1, max_size=3), min_size=2, max_size=3)


@st.composite
def chains(draw: st.DrawFn) -> tuple[str, str]:
    """A definition of blocks and a chain with uses of them."""
    joins = [draw(BRANCHES) for _ in range(2)]
    blocks = [
        "\n".join([f"block b{i} = {draw(st.sampled_from(['add', 'concat']))} of", *rows, "then conv 1x1, 3\n"])
        for i, join in enumerate(joins)
        for rows in [[f"| {'; '.join(branch)} |" for branch in join]]
    ]
    skip = draw(st.sampled_from(["/2", "/1"]))
    blocks.append(f"block s = add of\n| conv 3x3, 3, {skip}; conv 5x5, 3 |\n| shortcut 3, {skip} |\n")
    blocks.append(
        "block r\n| layer | op | from |\n|-|-|-|\n| a | conv 3x3, 3 | |\n| b | conv 5x5, 3 | a |\n| c | add | a, b |\n"
    )
    steps = draw(st.lists(st.sampled_from([*SEEN, "b0", "b1 x 2", "s", "r", "r x 3"]), min_size=1, max_size=5))
    return "\n".join(blocks), "; ".join(steps)


@drawn(chains(), few=10, many=40, suppress_health_check=[HealthCheck.too_slow])
def test_one_position_sees_what_its_gradient_reaches(chain: tuple[str, str]) -> None:
    blocks, steps = chain
    try:
        found = compiled(steps, (101, 95), blocks)
    except ArchError:
        assume(False)
    row, model = found.rows[-1], opened(found.build())
    assert row.receptive_field is not None
    assert row.stride is not None
    assert row.centre is not None
    assume(max(row.receptive_field) < 60)
    for axis in (0, 1):
        rows = row.output.extent[axis]
        middle = rows // 2
        first, last = reached(model, axis, middle)
        stride, extent = row.stride[axis], row.receptive_field[axis]
        # Where padding cuts nothing off, the gradient has the extent and the place that the arithmetic gives.
        start = row.centre[axis] + middle * stride - (extent - 1) / 2
        assert max(start, 0) == first
        assert min(start + extent, row_of(found, axis)) == last + 1


def row_of(found: Compiled, axis: int) -> int:
    return found.network.input_shape.extent[axis]


def opened(model: nn.Module) -> nn.Module:
    """The network with weights of one sign and without dead ends, so that no gradient is lost on its way."""
    for name, parameter in model.named_parameters():
        nn.init.constant_(parameter, 0.0 if name.endswith("bias") else 0.01)
    return model.double().eval()


def reached(model: nn.Module, axis: int, position: int) -> tuple[int, int]:
    """The first and the last place of the input that one position of the output depends on."""
    x = torch.ones(1, 3, 101, 95, dtype=torch.float64, requires_grad=True)
    y = model(x)
    y.select(axis + 2, position).sum().backward()
    assert x.grad is not None
    places = x.grad.abs().sum(dim=(0, 1, 3 - axis)).nonzero().flatten()
    return int(places[0]), int(places[-1])


def test_a_join_sees_what_the_widest_of_its_branches_sees() -> None:
    block = "block b = add of\n| conv 3x3, 3; conv 3x3, 3 |\n| conv 7x7, 3, pad=3 |\n| identity |\n"
    row: RowCost = compiled("b; conv 3x3, 3, /2", before=block).rows[-1]
    assert (row.receptive_field, row.stride, row.centre) == ((9, 9), (2, 2), (0, 0))


def test_upsampling_steps_by_less_than_a_pixel() -> None:
    row = compiled("conv 3x3, 3, /2; upsample 4").rows[-1]
    assert row.stride == (0.5, 0.5)


@given(LENSES, LENSES, LENSES)
def test_composition_is_associative(a: Lens, b: Lens, c: Lens) -> None:
    assert a.then(b).then(c).field == a.then(b.then(c)).field
    assert Lens().then(a) == a.then(Lens()) == a


SMALL = st.builds(lambda first, extent, stride: Axis(first, first + extent, stride), *[st.integers(0, 9)] * 3)


@given(st.builds(Lens, SMALL, SMALL), st.integers(0, 9))
def test_a_power_is_what_it_is_written_out(lens: Lens, times: int) -> None:
    expected = Lens()
    for _ in range(times):
        expected = expected.then(lens)
    assert lens.power(times) == expected


@pytest.mark.parametrize("body", ["conv3-3", "maxpool 2x2, pad=1", "maxpool 2x2, pad=1; conv3-3"])
def test_a_billion_repetitions_stop_growing(body: str) -> None:
    height, width = field(f"[{body}] x 1000000000", (2, 2))
    assert height == width <= 2 * FARTHEST + 1


def test_the_fields_of_vgg() -> None:
    fields = {row.layer: row.receptive_field for row in corpus()["vgg_D.arch"].rows}
    assert fields["conv5"] == (196, 196)
    assert fields["pool5"] == (212, 212)
