"""Random examples in two measures: a few in every run, and many in a test that is marked `slow`."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings

Test = Callable[..., None]


def drawn(*strategies: Any, few: int, many: int, **more: Any) -> Callable[[Test], Test]:
    """`given` for two tests: the one of a few examples, and the same `..._at_length` of many in the same module."""

    given_them: Any = given(*strategies)

    def measured(test: Test, examples: int) -> Test:
        made: Test = settings(max_examples=examples, **more)(given_them(test))
        return made

    def both(test: Test) -> Test:
        long = measured(test, many)
        long.__name__ = f"{test.__name__}_at_length"
        vars(sys.modules[test.__module__])[long.__name__] = pytest.mark.slow(long)
        return measured(test, few)

    return both


each_share = pytest.mark.parametrize(
    "share", [pytest.param(6, id="few"), pytest.param(1, id="many", marks=pytest.mark.slow)]
)
"""For a test that draws examples inside: it divides their number by its argument `share`."""
