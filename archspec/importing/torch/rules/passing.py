"""What changes nothing at test time."""

from __future__ import annotations

from typing import Any

from archspec.importing.graph import exact
from archspec.importing.torch.building import Building
from archspec.importing.torch.rules.registry import rule
from archspec.importing.torch.values import Unsaid, Value


@rule("contiguous", "clone", "alias", "lift_fresh_copy", "_assert_tensor_metadata")
def same(at: Building, x: Value, **more: Any) -> Value:
    """The same tensor."""
    return x


@rule("to", "_to_copy", "type_as", "float")
def converted(at: Building, x: Value, *more: Any, **options: Any) -> Value:
    """The same numbers, to whatever precision; whole numbers are refused for all operations."""
    return x


@rule("detach")
def detached(at: Building, x: Value) -> Value:
    """The same numbers, but other gradients."""
    raise Unsaid("it stops the gradient")


@rule("dropout")
def dropout(at: Building, x: Value, p: float, train: bool) -> Value:
    """``dropout``; with a probability of 0, nothing."""
    if train and not at.trains:
        raise Unsaid("dropout at test time as well")
    return x if p == 0 else at.elementwise("dropout", x, {"p": float(p)})


@rule("feature_dropout", "alpha_dropout", "feature_alpha_dropout")
def other_dropout(at: Building, x: Value, p: float, train: bool) -> Value:
    """With a probability of 0, nothing."""
    if p == 0:
        return x
    raise Unsaid("dropout of whole channels, or one that keeps mean and variance")


@rule("drop_path")
def drop_path(at: Building, x: Value, p: float) -> Value:
    """``drop-path``, where the module tree says so."""
    return at.elementwise("drop-path", x, {"p": exact(p)})


@rule("getitem")
def getitem(at: Building, x: Any, place: int) -> Any:
    """One of several results."""
    return x[place]
