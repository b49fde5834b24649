"""Choices that bytes decide, so that what is drawn by them can be changed a little at a time."""

from __future__ import annotations

import random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from random_pieces import Pen


class Bytes(random.Random):
    """Random numbers that are bytes in their order, and 0 once those are used up."""

    def __init__(self, data: bytes) -> None:
        super().__init__(0)
        self.data, self.at = data, 0

    def random(self) -> float:
        """From 0 to below 1."""
        return self.getrandbits(16) / 2**16

    def getrandbits(self, k: int, /) -> int:
        """So many bits, from bytes of their own."""
        end = self.at + (k + 7) // 8
        taken = self.data[self.at : end].ljust(end - self.at, b"\0")
        self.at = end
        return int.from_bytes(taken, "little") & ((1 << k) - 1)


class Choices(Pen):
    """The pen of the tests, whose choices bytes make."""

    def __init__(self, data: bytes) -> None:
        super().__init__()
        self._random = self.drawn = Bytes(data)

    def rest(self) -> bytes:
        """The bytes that no choice has used."""
        return self.drawn.data[self.drawn.at :]

    def of(self, strategy: st.SearchStrategy[Any]) -> Any:
        """What a strategy of Hypothesis draws from the rest; None where these bytes give nothing."""
        found: list[Any] = []

        def keep(drawn: Any) -> None:
            found.append(drawn)

        ask: Any = settings(database=None)(given(strategy)(keep))
        ask.hypothesis.fuzz_one_input(self.rest())
        return found[0] if found else None
