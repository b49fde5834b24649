"""The sum of its inputs, as at the end of a residual block (He et al. 2015, equation 1): ``add``."""

from __future__ import annotations

from typing import ClassVar

from archspec.ops._join import Broadcast


class Add(Broadcast):
    """a + b."""

    elsewhere: ClassVar[tuple[str, ...]] = ("sum", "plus", "eltwise", "elementwise-add")
    label: ClassVar[str] = "Add"
    joins_residual: ClassVar[bool] = True
    noun: ClassVar[str] = "sum"
    sign: ClassVar[str] = "+"
    sums: ClassVar[bool] = True
