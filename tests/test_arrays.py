"""Numpy: ops on arrays of a thousand widths at once, against a thousand runs on numbers; and numbers of a sweep."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from math import prod
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

from archspec import ArchError, load, ops
from archspec.ir.json import to_json
from archspec.op import Op, Shape

MOBILENET = Path(__file__).parent.parent / "specs" / "mobilenet.arch"
WIDTHS: Any = 1 + np.arange(1000)
EVEN: Any = 4 * WIDTHS
SIDES: Any = 7 + WIDTHS % 250


class Case(NamedTuple):
    """An op with its arguments and its inputs, among which are arrays."""

    name: str
    args: dict[str, Any]
    xs: tuple[Shape, ...]


WIDE = [
    Case("conv", {"kernel": 3, "channels": 2 * WIDTHS}, (Shape(WIDTHS, 9, 8),)),
    Case("conv", {"kernel": 3, "channels": EVEN, "groups": 2, "stride": 2, "pad": "tf_same"}, (Shape(EVEN, 9, 8),)),
    Case("conv", {"kernel": 1, "channels": EVEN, "groups": WIDTHS, "bias": False}, (Shape(EVEN, 9, 8),)),
    Case("conv", {"kernel": 3, "channels": EVEN, "groups": 8, "pad": "same"}, (Shape(WIDTHS, 9, 8),)),
    Case("dwconv", {"kernel": 5, "multiplier": 2}, (Shape(WIDTHS, 9, 8),)),
    Case("dwconv", {"kernel": 3, "channels": EVEN}, (Shape(EVEN, 9, 8),)),
    Case("transposed-conv", {"kernel": 4, "channels": WIDTHS, "stride": 2, "pad": 1}, (Shape(EVEN, 9, 8),)),
    Case("partial-conv", {"kernel": 3, "maps": "0 1, 2 3 7"}, (Shape(WIDTHS, 9, 8),)),
    Case("maxpool", {"kernel": 3, "stride": 2, "ceil": True}, (Shape(WIDTHS, 9, 8),)),
    Case("adaptive-avgpool", {"size": 7}, (Shape(WIDTHS, 9, 8),)),
    Case("bn", {}, (Shape(WIDTHS, 9, 8),)),
    Case("groupnorm", {"groups": 32}, (Shape(WIDTHS, 1, 1),)),
    Case("instancenorm", {"affine": True}, (Shape(WIDTHS, 9, 8),)),
    Case("grn", {}, (Shape(WIDTHS, 9, 8),)),
    Case("channel-conv", {"kernel": 5}, (Shape(WIDTHS, 1, 1),)),
    Case("blurpool", {}, (Shape(WIDTHS, 9, 8),)),
    Case("l2norm", {}, (Shape(WIDTHS, 9, 8),)),
    Case("layer-scale", {}, (Shape(WIDTHS, 9, 8),)),
    Case("lrn", {}, (Shape(WIDTHS, 9, 8),)),
    Case("prelu", {}, (Shape(WIDTHS, 9, 8),)),
    Case("pad-channels", {"channels": 2 * WIDTHS, "stride": 2}, (Shape(WIDTHS + 9, 9, 8),)),
    Case("pixel-shuffle", {"factor": 2}, (Shape(WIDTHS, 9, 8),)),
    Case("channel-split", {"part": 2, "of": 2}, (Shape(WIDTHS, 9, 8),)),
    Case("pixel-unshuffle", {"factor": 2}, (Shape(WIDTHS, 10, 8),)),
    Case("channels", {"first": WIDTHS, "last": 2 * WIDTHS + 9}, (Shape(WIDTHS + 200, 9, 8),)),
    Case("ws-conv", {"kernel": 1, "channels": EVEN, "groups": 4, "pad": "same"}, (Shape(WIDTHS, 9, 8),)),
    Case("channel-shuffle", {"groups": 3}, (Shape(WIDTHS, 9, 8),)),
    Case("fc", {"units": 3 * WIDTHS}, (Shape(EVEN, 9, 8),)),
    Case("fc", {"units": 10}, (Shape(WIDTHS),)),
    Case("flatten", {}, (Shape(WIDTHS, 9, 8),)),
    Case("add", {}, (Shape(WIDTHS, 1, 1), Shape(WIDTHS, 9, 8))),
    Case("multiply", {}, (Shape(EVEN, 9, 8), Shape(WIDTHS + 9))),
    Case("concat", {}, (Shape(WIDTHS, 9, 8), Shape(EVEN, 9, 8), Shape(3, 9, 8))),
]
LARGE = [
    Case("conv", {"kernel": 11, "channels": 8, "stride": 4, "pad": 0}, (Shape(3, SIDES, SIDES + 1),)),
    Case("conv", {"kernel": 3, "channels": 8, "stride": 2, "pad": "tf_same"}, (Shape(3, SIDES, SIDES + 1),)),
    Case("transposed-conv", {"kernel": 3, "channels": 8, "stride": 2, "pad": 8}, (Shape(3, SIDES, SIDES),)),
    Case("maxpool", {"kernel": 3, "stride": 2, "pad": 1, "ceil": True}, (Shape(3, SIDES, SIDES + 1),)),
    Case("blurpool", {"kernel": 4, "stride": 3}, (Shape(3, SIDES + 2, SIDES + 3),)),
    Case("avgpool", {"kernel": (1, 2), "stride": 3, "ceil": True}, (Shape(3, SIDES, SIDES + 1),)),
    Case("avgpool", {"kernel": 3, "stride": 2, "pad": "tf_same"}, (Shape(3, SIDES, SIDES + 1),)),
    Case("adaptive-maxpool", {"size": 7}, (Shape(3, SIDES, SIDES + 1),)),
    Case("global-avgpool", {}, (Shape(3, SIDES, SIDES + 1),)),
    Case("global-maxpool", {}, (Shape(3, SIDES, SIDES + 1),)),
    Case("instancenorm", {}, (Shape(3, SIDES % 2 + 1, 1),)),
    Case("lp-pool", {"kernel": 9, "stride": 2}, (Shape(3, SIDES, SIDES + 1),)),
    Case("subsample", {"kernel": 9}, (Shape(3, SIDES, SIDES + 1),)),
    Case("crop", {"size": 100}, (Shape(3, SIDES, SIDES + 1),)),
    Case("crop", {"by": 9}, (Shape(3, SIDES, SIDES + 1),)),
    Case("pad", {"by": 9, "after": 20, "mode": "reflect"}, (Shape(3, SIDES, SIDES + 1),)),
    Case("pixel-unshuffle", {"factor": 3}, (Shape(3, SIDES, SIDES + 3),)),
    Case("upsample", {"factor": 2, "mode": "bilinear"}, (Shape(3, SIDES, SIDES + 1),)),
    Case("pad-channels", {"channels": 8, "stride": 3}, (Shape(3, SIDES, SIDES + 1),)),
    Case("groupnorm", {"groups": 4}, (Shape(4, SIDES % 3 + 1, 1),)),
    Case("fc", {"units": 10}, (Shape(3, SIDES, SIDES + 1),)),
    Case("add", {}, (Shape(3, SIDES % 2 + 1, 1), Shape(3), Shape(3, 2, 1))),
    Case("concat", {}, (Shape(3, SIDES, 8), Shape(4, SIDES, 8))),
]


def at(value: Any, i: int) -> Any:
    """One number of an array, and whatever is not an array itself."""
    return value.item(i) if isinstance(value, np.ndarray) else value


def on_numbers(case: Case, i: int) -> tuple[Op, tuple[Shape, ...]]:
    found = ops.find(case.name)
    assert found is not None
    op = found(**{name: at(value, i) for name, value in case.args.items()})
    return op, tuple(Shape(*(at(side, i) for side in x)) for x in case.xs)


def on_arrays(case: Case) -> tuple[Op, tuple[Shape, ...]]:
    arrays = {name: value for name, value in case.args.items() if isinstance(value, np.ndarray)}
    return on_numbers(case, 0)[0].replaced(**arrays), case.xs


def figures(op: Op, xs: tuple[Shape, ...]) -> Iterator[Any]:
    """All that is counted of one use of an op."""
    y = op.infer(*xs)
    yield from (y.channels, y.height or 0, y.width or 0) if not y.is_map else y
    yield sum(prod(tensor) for tensor in op.weights(*xs).values())
    yield sum(prod(tensor) for tensor in op.buffers(*xs).values())
    yield from (op.macs(y, *xs), y.size, op.connections(y, *xs), op.masks(y, *xs))
    yield from (number for pair in op.window(*xs) for number in pair)


def columns(rows: Any) -> list[list[Any]]:
    return [np.broadcast_to(row, len(WIDTHS)).tolist() for row in rows]


@pytest.mark.parametrize("case", [*WIDE, *LARGE], ids=lambda case: case.name)
def test_a_thousand_uses_at_once_are_a_thousand_uses(case: Case) -> None:
    runs = [on_numbers(case, i) for i in range(len(WIDTHS))]
    met = [all(holds for holds, _ in op.requires(*xs)) for op, xs in runs]
    op, xs = on_arrays(case)
    assert any(met)
    assert np.all([*columns(holds for holds, _ in op.requires(*xs)), [True] * len(met)], axis=0).tolist() == met
    expected = [list(figures(*run)) for run, holds in zip(runs, met, strict=True) if holds]
    found = [row for row, holds in zip(zip(*columns(figures(op, xs)), strict=True), met, strict=True) if holds]
    assert found == [tuple(row) for row in expected]


def test_some_widths_are_refused_and_others_are_not() -> None:
    """Else nothing above would tell a requirement that depends on widths from one that does not."""
    op, xs = on_arrays(WIDE[3])
    first: Any
    first, *_ = [holds for holds, _ in op.requires(*xs) if isinstance(holds, np.ndarray)]
    assert first.sum() == len(WIDTHS) // 8


SWEPT: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"classes": np.int64(10), "alpha": np.float32(0.5)}, {"classes": 10, "alpha": 0.5}),
    ({"alpha": Fraction(1, 2), "shallow": np.True_}, {"alpha": 0.5, "shallow": True}),
    ({"input": [np.int32(160), 160, 3]}, {"input": "160x160x3"}),
]


@pytest.mark.parametrize(("swept", "plain"), SWEPT)
def test_values_of_a_sweep_are_pythons_own(swept: dict[str, Any], plain: dict[str, Any]) -> None:
    net = load(MOBILENET)
    assert net(**swept).totals == net(**plain).totals == load(MOBILENET, **swept).totals
    assert to_json(net(**swept).network) == to_json(net(**plain).network)


def test_an_array_is_no_input() -> None:
    with pytest.raises(ArchError, match="is not an input"):
        load(MOBILENET, input=np.zeros(3))  # type: ignore[arg-type]
