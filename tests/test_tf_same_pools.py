"""TensorFlow's padding of pools: padding never wins a maximum and never counts in a mean."""

from __future__ import annotations

from itertools import product
from math import ceil
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from archspec import ops
from archspec.op import Op, Refused, Shape
from archspec.targets.torch.layout import flat
from archspec.targets.torch.rules import call_doc

pytestmark = pytest.mark.torch

Sides = tuple[int, int]


def pool(name: str, **arguments: Any) -> Op:
    found = ops.find(name)
    assert found is not None
    return found(pad="tf_same", **arguments)


def emitted(op: Op, x: Shape) -> nn.Module:
    return nn.Sequential(*[eval(flat(call_doc(call)), {"nn": nn}) for call in op.torch(x)])


def sides(n: int, kernel: int, stride: int) -> Sides:
    """Before and after, by TensorFlow's documentation: the output is ceil(n / stride) and the odd one comes after."""
    total = max((ceil(n / stride) - 1) * stride + kernel - n, 0)
    return total // 2, total - total // 2


def expected(name: str, image: Tensor, kernel: int, stride: int) -> Tensor:
    height, width = image.shape[2:]
    around = (*sides(width, kernel, stride), *sides(height, kernel, stride))
    if name == "maxpool":
        return F.max_pool2d(F.pad(image, around, value=float("-inf")), kernel, stride)
    sums = F.avg_pool2d(F.pad(image, around), kernel, stride, divisor_override=1)
    return sums / F.avg_pool2d(F.pad(torch.ones_like(image), around), kernel, stride, divisor_override=1)


CASES = list(product(("maxpool", "avgpool"), range(1, 6), range(1, 4), (4, 5, 8, 9)))


@pytest.mark.parametrize(("name", "kernel", "stride", "n"), CASES)
def test_pools_give_what_tensorflow_gives(name: str, kernel: int, stride: int, n: int) -> None:
    op, x = pool(name, kernel=kernel, stride=stride), Shape(2, n, n + 1)
    if name == "avgpool" and stride == 1 and kernel % 2 == 0:
        with pytest.raises(Refused):
            op.accept(x)
        return
    image = torch.randn(1, 2, n, n + 1) - 3  # below zero, so that a padded zero would win
    actual = emitted(op, x)(image)
    assert tuple(actual.shape[2:]) == op.infer(x).extent
    torch.testing.assert_close(actual, expected(name, image, kernel, stride))
