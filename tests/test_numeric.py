"""The arithmetic that ops share: on numbers, on what is not decided yet, and on arrays."""

from __future__ import annotations

import subprocess
import sys
from typing import Any, NamedTuple

import numpy as np
import pytest
from networks import ROOT

from archspec.expressions.numeric import ceil_div, everywhere, greatest, least, plain, rounded, same, total, where


class Text(NamedTuple):
    """What stands for a number, and is compared with none."""

    text: str

    def least(self, other: Any) -> Text:
        return Text(f"min({self.text}, {getattr(other, 'text', other)})")

    def greatest(self, other: Any) -> Text:
        return Text(f"max({self.text}, {getattr(other, 'text', other)})")

    def __lt__(self, other: Any) -> bool:
        raise AssertionError("compared")

    def __gt__(self, other: Any) -> bool:
        raise AssertionError("compared")


def test_numbers_are_compared_as_python_does() -> None:
    assert (least(3, 1, 2), greatest(3, 1, 2), least(0.5, 1), greatest(0.5, 1)) == (1, 3, 0.5, 1)
    assert (total([4]), total(iter([1, 2, 3])), ceil_div(7, 2), ceil_div(8, 2)) == (4, 6, 4, 4)
    assert (where(True, 1, 2), where(False, 1, 2), same(2, 2), same(2, 3)) == (1, 2, True, False)


def test_what_is_not_decided_gives_its_own_least_and_greatest() -> None:
    c: Any = Text("c")
    assert least(c, 4) == least(4, c) == Text("min(c, 4)")
    assert greatest(1, 2, c, Text("d")) == Text("max(max(c, 2), d)")
    assert same(c, c)
    assert rounded(c) is c
    assert not plain(c, 1)


def test_arrays_are_compared_element_by_element() -> None:
    n: Any = np.array([1, 5, 9])
    four: Any = 4
    assert least(n, four).tolist() == [1, 4, 4]
    assert greatest(four, n, 6).tolist() == [6, 6, 9]
    assert np.array_equal(total([n, 1, n]), [3, 11, 19])
    assert np.array_equal(ceil_div(n, 2), [1, 3, 5])
    assert where(n > 4, n, 0).tolist() == [0, 5, 9]
    assert (same(n, n.copy()), same(n, 5), everywhere(n > 0)) == (True, False, True)


@pytest.mark.parametrize(("product", "written"), [(5 * 1e-4, 0.0005), (3 * 0.1, 0.3), (7 * 1e-4, 0.0007)])
def test_a_product_of_decimal_fractions_is_rounded_as_by_hand(product: float, written: float) -> None:
    assert rounded(product) == written


def test_numbers_need_no_numpy() -> None:
    script = "import sys; sys.modules['numpy'] = None; from archspec.expressions.numeric import *; least(1, 2); where(1 > 2, 1, 2)"
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True)
