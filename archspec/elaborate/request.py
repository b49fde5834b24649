"""What the caller asks for beside the file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from archspec.diagnostics import Source
from archspec.ir.network import Value


class Request(NamedTuple):
    """What the caller asks for beside the file: a variant, values of parameters, another input."""

    variant: str | None = None
    parameters: Mapping[str, Value] = {}
    input: tuple[int, ...] | None = None
    reader: Callable[[Source, str], Source] | None = None
    """Reads a file that the spec names; without one a spec can name none."""

    @property
    def overrides(self) -> bool:
        """Whether it sets parameters or the input, so that the printed figures of the file do not apply."""
        return bool(self.parameters or self.input)
