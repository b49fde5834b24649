"""Where each window starts and ends, against torch: a row of the input is changed, and some rows of the output follow."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from hypothesis import assume, given, settings
from reference_layers import MAPS, STRATEGIES
from torch import Tensor, nn
from witness import modules_of, size

from archspec import ops
from archspec.arguments import Misfit
from archspec.op import Op, Refused, Shape

pytestmark = pytest.mark.torch

SLIDING = ["avgpool", "conv", "crop", "dwconv", "lp-pool", "maxpool", "pad", "pad-channels", "partial-conv",
           "pixel-unshuffle", "subsample", "ws-conv"]  # fmt: skip
GROWING = ["pixel-shuffle", "transposed-conv", "upsample"]


def seen(op: Op, x: Shape, axis: int) -> list[list[int]]:
    """For each position of the output along an axis, the positions of the input that it depends on."""
    model = nn.Sequential(*modules_of(op.torch(x))).eval()
    random = torch.Generator().manual_seed(0)  # of its own, because seeding all of torch takes long
    for parameter in model.parameters():
        nn.init.uniform_(parameter, 0.5, 1, generator=random)
    data = torch.rand(size(x, 1), generator=random)
    with torch.no_grad():
        before: Tensor = model(data)
        found: list[list[int]] = [[] for _ in range(before.shape[2 + axis])]
        for i in range(data.shape[2 + axis]):
            changed = data.clone()
            changed.select(2 + axis, i).add_(100)
            differs = (model(changed) != before).movedim(2 + axis, 0).flatten(1).any(1)
            for o in differs.nonzero():
                found[int(o)].append(i)
    return found


def made(name: str, args: dict[str, Any], x: Shape) -> Op:
    found = ops.find(name)
    assert found is not None
    try:
        op = found(**args)
        op.accept(x)
    except (Misfit, Refused):
        assume(False)
    return op


@pytest.mark.parametrize("name", SLIDING)
def test_a_window_starts_and_ends_where_torch_s_does(name: str) -> None:
    @settings(max_examples=25)
    @given(STRATEGIES[name], MAPS)
    def agree(args: dict[str, Any], x: Shape) -> None:
        assume("mode" not in args)  # beyond the edge lies what stands elsewhere in the map
        op = made(name, args, x)
        window = op.window(x)
        for axis in (0, 1):
            n, extent, stride, before = x.extent[axis], window.extent[axis], window.stride[axis], window.before[axis]
            for o, positions in enumerate(seen(op, x, axis)):
                first, last = o * stride - before, o * stride - before + extent - 1
                inside = [i for i in range(first, last + 1) if 0 <= i < n]
                assert set(positions) <= set(inside)
                if first >= 0:
                    assert positions[:1] == [first] or first >= n
                if first >= 0 and last < n:
                    assert positions[-1] == last

    agree()


@pytest.mark.parametrize("name", GROWING)
def test_the_widest_window_of_an_upsampling_is_as_wide_as_torch_s(name: str) -> None:
    @settings(max_examples=25)
    @given(STRATEGIES[name], MAPS)
    def agree(args: dict[str, Any], x: Shape) -> None:
        op = made(name, args, x)
        window = op.window(x)
        assert window.stride == (1, 1)
        for axis in (0, 1):
            n, grows, extent = x.extent[axis], window.grows[axis], window.extent[axis]
            found = seen(op, x, axis)
            widest = max((positions[-1] - positions[0] + 1 for positions in found if positions), default=0)
            assert widest <= extent
            if n > 3 * extent and len(found) > 3 * grows * extent:
                assert widest == extent
            if found[0] and found[0][0] > 0:  # its first rows are cut off
                assert window.before[axis] == 0

    agree()


def test_an_upsampling_starts_before_the_first_position_where_its_kernel_hangs_over() -> None:
    def window(name: str, **args: Any) -> tuple[tuple[int, int], tuple[int, int], tuple[int, int]]:
        extent, _, before, grows = made(name, args, Shape(4, 8, 8)).window(Shape(4, 8, 8))
        return extent, before, grows

    assert window("transposed-conv", kernel=2, channels=4, stride=2) == ((1, 1), (0, 0), (2, 2))
    assert window("transposed-conv", kernel=4, channels=4, stride=2, pad=1) == ((2, 2), (1, 1), (2, 2))
    assert window("transposed-conv", kernel=3, channels=4) == ((3, 3), (2, 2), (1, 1))
    assert window("upsample", factor=4) == ((1, 1), (0, 0), (4, 4))
    assert window("upsample", mode="bilinear") == ((2, 2), (1, 1), (2, 2))
    assert window("pixel-shuffle", factor=2) == ((1, 1), (0, 0), (2, 2))


@pytest.mark.parametrize(
    ("name", "args"),
    [("fc", {"units": 3}), ("rbf", {"units": 3}), ("flatten", {}), ("global-avgpool", {}), ("global-maxpool", {})],
)
def test_what_sees_the_whole_map_starts_at_its_corner(name: str, args: dict[str, Any]) -> None:
    x = Shape(3, 5, 4)
    window = made(name, args, x).window(x)
    assert (window.extent, window.before) == ((5, 4), (0, 0))
