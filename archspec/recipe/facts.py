"""What the parts of a recipe have to know of the network that is trained."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from archspec.op import Fans, Shape


class Facts(NamedTuple):
    """A network as its recipe sees it. Attributes and classes are those of its emitted module."""

    input: Shape
    classes: int
    rows: Mapping[str, tuple[str, ...]] = {}
    """The attributes of the rows of its table, by the name of the row; a name may recur."""
    dense: Mapping[str, tuple[int, int]] = {}
    """The attributes of the rows that flatten or are fully connected, and the H x W that enters: 1 x 1 of a vector."""
    branches: tuple[tuple[str, str], ...] = ()
    """Classes of blocks and the attribute of a branch that is added to another and ends with a norm."""
    norms: tuple[str, ...] = ("nn.BatchNorm2d",)
    """The classes of its normalisations; one without ``nn.`` is the emitted module's own."""
    biased: frozenset[str] = frozenset()
    """The rows that have a layer with a bias."""
    drawn: Mapping[str, Fans] = {}
    """The classes of the modules whose weights are drawn, and what torch takes for their fans."""
    resets: tuple[str, ...] = ()
    """The classes of all others that have parameters or statistics."""
    resets_too: tuple[str, ...] = ()
    """The classes of modules that have more than what is drawn."""
    grouped: tuple[str, ...] = ()
    """The classes of drawn modules that have groups."""
    model: str = "model"
    """What the code calls the network."""
