"""What stands in a text for a use of a block, and for a layer that a parameter names."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from archspec.ir.network import Arg, Instance


class Called(NamedTuple):
    """A use of a block as it is written: the name of the block, and what stands for its parameters."""

    name: str
    args: Mapping[str, Arg]
    of: str = ""
    """The name of the block in the network."""
    formals: Sequence[str] = ()
    """The parameters in order."""
    switches: Collection[str] = ()
    """Those of them that are yes or no."""


class Named(NamedTuple):
    """A parameter that stands for a layer."""

    name: str


class Uses:
    """How the uses of blocks are written."""

    def of(self, step: Instance) -> Called:
        """One use."""
        raise NotImplementedError
