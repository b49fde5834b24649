"""What the parts of a recipe have to know of the network that is trained."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from archspec.op import Fans, Shape


class Residual(NamedTuple):
    """A branch that a block adds to another, and that a norm with a scale may end: asked of each module of the class.

    Blocks that are chains are ``nn.Sequential``, and so are branches of several layers.
    """

    block: str
    """The class of the block."""
    branch: str
    """The attribute of the branch."""
    passed: tuple[str, ...] = ()
    """The classes of layers that may stand behind the norm and pass zeros on, such as drop-path."""
    bare: bool = False
    """Whether nothing else may be in the branch."""
    varies: bool = False
    """Whether arguments of the class decide if the norm has a scale."""


class Facts(NamedTuple):
    """A network as its recipe sees it. Attributes and classes are those of its emitted module."""

    input: Shape
    classes: int
    rows: Mapping[str, tuple[str, ...]] = {}
    """The attributes of the rows of its table, by the name of the row; a name may recur."""
    dense: Mapping[str, tuple[int, int]] = {}
    """The attributes of the rows that flatten or are fully connected, and the H x W that enters: 1 x 1 of a vector."""
    branches: tuple[Residual, ...] = ()
    """The residual branches that may end with a norm."""
    norms: tuple[str, ...] = ("nn.BatchNorm2d",)
    """The classes of its normalisations; one without ``nn.`` is the emitted module's own."""
    scaled: tuple[str, ...] = ("nn.BatchNorm2d",)
    """Those that have a scale, perhaps not in every use."""
    unscaled: tuple[str, ...] = ()
    """Those that have none, in some use."""
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
