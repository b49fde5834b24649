"""The product of its inputs, as where squeeze-and-excitation scales a map (Hu et al. 2018): ``multiply``."""

from __future__ import annotations

from typing import ClassVar

from archspec.ops._join import Broadcast


class Multiply(Broadcast):
    """a * b."""

    elsewhere: ClassVar[tuple[str, ...]] = ("mul", "times", "product")
    label: ClassVar[str] = "Multiply"
    keeps: ClassVar[frozenset[str]] = frozenset({"input"})
    sign: ClassVar[str] = "*"
