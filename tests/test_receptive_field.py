"""Receptive fields: a repetition sees what the same layers see written out, however often it repeats."""

from __future__ import annotations

import time

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from witness import corpus

from archspec.diagnostics import ArchError, Source
from archspec.pipeline import compile_text
from archspec.shapes import FARTHEST, Lens

# Pools keep their stride in every repetition, so their order in the body matters.
LAYERS = [
    "conv3-3", "conv 5x5, 3", "conv 1x1, 3", "conv 3x3, 3, pad=1, dilation=2", "conv 3x1, 3", "relu",
    "maxpool 2x2, pad=1", "maxpool 3x3, /2, pad=1", "maxpool 2x1, /2, pad=1x0", "avgpool 3x3, /1, pad=1",
]  # fmt: skip
SIDES = st.tuples(st.integers(1, 9), st.integers(1, 9))
BODIES = st.lists(st.sampled_from(LAYERS), min_size=1, max_size=4)
LENSES = st.builds(Lens, *[st.tuples(*[st.integers(low, 10**9)] * 2) for low in (0, 1)])


def field(op: str, sides: tuple[int, int] = (32, 32)) -> tuple[int, int]:
    text = f"network n\ninput {sides[0]}x{sides[1]}x3\n\n| layer | op |\n|-|-|\n| a | {op} |\n"
    return compile_text(Source("field.arch", text)).rows[-1].receptive_field


def test_a_body_whose_pool_repeats_at_one_shape_keeps_its_order() -> None:
    body = "maxpool 2x2, pad=1; conv3-3"
    # Steps of 1, 2 and 4 for the pools, of 2, 4 and 8 for the convolutions: 1 + (1 + 2 + 4) + 2 * (2 + 4 + 8).
    assert field(f"[{body}] x 3", (2, 2)) == field("; ".join([body] * 3), (2, 2)) == (36, 36)


@settings(max_examples=80, deadline=None)
@given(BODIES, BODIES, st.integers(1, 4), st.integers(1, 3), SIDES)
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


@given(LENSES, LENSES, LENSES)
def test_composition_is_associative_also_where_it_stops_growing(a: Lens, b: Lens, c: Lens) -> None:
    assert a.then(b).then(c) == a.then(b.then(c))
    assert Lens().then(a) == a.then(Lens()) == a


@given(LENSES, st.integers(0, 9))
def test_a_power_is_what_it_is_written_out(lens: Lens, times: int) -> None:
    expected = Lens()
    for _ in range(times):
        expected = expected.then(lens)
    assert lens.power(times) == expected


@pytest.mark.parametrize("body", ["conv3-3", "maxpool 2x2, pad=1", "maxpool 2x2, pad=1; conv3-3"])
def test_a_billion_repetitions_cost_nothing(body: str) -> None:
    start = time.perf_counter()
    height, width = field(f"[{body}] x 1000000000", (2, 2))
    assert height == width <= FARTHEST + 1
    assert time.perf_counter() - start < 2


def test_the_fields_of_vgg() -> None:
    fields = {row.layer: row.receptive_field for row in corpus()["vgg_D.arch"].rows}
    assert fields["conv5"] == (196, 196)
    assert fields["pool5"] == (212, 212)
