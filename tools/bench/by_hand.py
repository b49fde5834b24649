"""Families counted by formulas that one writes by hand with NumPy, each for all members at once, in whole numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import isqrt
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Axes = Mapping[str, Sequence[Any]]
Counts = tuple[Any, Any]
"""Parameters and mult-adds: arrays of all members, or numbers of one."""


class Family(NamedTuple):
    """Members of a spec: the two axes for a number of members, both counts by hand, and a few for other counters."""

    title: str
    spec: str
    axes: Callable[[int], dict[str, list[Any]]]
    by_hand: Callable[..., Counts]
    few: Mapping[str, Sequence[Any]]


def mobilenet(alpha: Array, resolution: Array) -> Counts:
    """MobileNet's table as a script would have it: a 3x3 convolution, 13 pairs of depthwise and 1x1, a classifier."""
    width, side = (32 * alpha).astype(np.int64), -(-resolution // 2)
    params, macs, entering = 29 * width, 27 * width * side**2, width
    for times, stride in ((2, 1), (4, 2), (4, 1), (8, 2), (8, 1), (16, 2), *[(16, 1)] * 5, (32, 2), (32, 1)):
        side, leaving = -(-side // stride), times * width
        params = params + 11 * entering + entering * leaving + 2 * leaving
        macs = macs + (9 * entering + entering * leaving) * side**2
        entering = leaving
    return params + 1000 * entering + 1000, macs + 1000 * entering


def wrn(depth: Array, k: Array) -> Counts:
    """Wide residual networks: the first block of each of three groups, and the others times their number."""
    others, entering = (depth - 4) // 6 - 1, np.asarray(16)
    params, macs = np.asarray(432), np.asarray(432 * 32**2)
    for times, side in ((16, 32), (32, 16), (64, 8)):
        width = times * k
        first = 9 * entering * width + 9 * width**2 + np.where(entering == width, 0, entering * width)
        params = params + first + 2 * (entering + width) + others * (18 * width**2 + 4 * width)
        macs = macs + side**2 * (first + others * 18 * width**2)
        entering = width
    return params + 12 * entering + 10, macs + 10 * entering


def chain(times: Sequence[int], w: Array, resolution: Array) -> Counts:
    """3x3 convolutions with biases, one after the other, on square maps of one size."""
    params, macs, entering = np.asarray(0), np.asarray(0), np.asarray(3)
    for each in times:
        params, macs = params + (9 * entering + 1) * (each * w), macs + 9 * entering * (each * w)
        entering = each * w
    return params, macs * resolution**2


def mobilenets(members: int) -> dict[str, list[Any]]:
    """About so many settings: widths of whole channels, and resolutions."""
    side = isqrt(members)
    return {"alpha": [i / 32 for i in range(1, side + 1)], "resolution": [*range(32, 32 + members // side)]}


def wrns(members: int, first: int = 10) -> dict[str, list[Any]]:
    """About so many settings: depths of whole blocks from the first on, and widths."""
    side = isqrt(members)
    return {"depth": [*range(first - first % 6 + 4, first + 6 * side, 6)][:side], "k": [*range(1, members // side + 1)]}


def chains(members: int) -> dict[str, list[Any]]:
    """About so many settings: widths, and resolutions."""
    side = isqrt(members)
    return {"w": [*range(1, side + 1)], "resolution": [*range(1, members // side + 1)]}


FAMILIES = (
    Family("MobileNet", "mobilenet", mobilenets, mobilenet, {"alpha": [0.25, 1], "resolution": [96, 128]}),
    Family("WRN", "wrn", wrns, wrn, {"depth": [10, 28], "k": [1, 2]}),
)
