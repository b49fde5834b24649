"""Steps under a condition as an item, and what follows them whatever it comes to."""

from __future__ import annotations

from typing import NamedTuple

from archspec.expressions import Expression
from archspec.targets.torch.bindings import Decides
from archspec.targets.torch.decisions import Decisions
from archspec.targets.torch.items import Item, Maybe
from archspec.targets.torch.places import Place, bare


class Guarded(NamedTuple):
    """A condition, what it comes to at this use, and the arguments of the network that decide it."""

    condition: Expression
    holds: bool
    deciding: frozenset[str]
    bypass: bool
    """Whether the input itself stands for the steps where it fails."""
    adds: bool
    """Whether what bypasses the steps is added to others, so that the sum has their shape."""


def under(guarded: Guarded, at: Place, done: tuple[list[Item], Place] | None, here: Decisions) -> tuple[Maybe, Place]:
    """The item of steps, None where they cannot be walked here, and what follows."""
    condition, holds, deciding, bypass, adds = guarded
    after = done and here.after(condition, holds, at.shape, done[1].shape)
    summed = bypass and adds
    if deciding and not (done and (summed or after)):
        raise Decides(deciding)  # what follows depends on what the condition comes to
    maybe = Maybe(condition, frozenset({True, False} if deciding else {holds}), done and done[0], bypass)
    if done is None:
        return maybe, at
    end = done[1]
    if after and not summed and (deciding or condition in here.chosen):
        here.chosen.add(condition)
        return maybe, Place(after, end.fresh and at.fresh)
    # What is joined is written as it would be where the condition holds, and so is what is equal where it does not.
    passes = bare(end.shape) == bare(at.shape) and (
        bypass or here.unless_equal(condition, at.shape, end.shape) or here.equal(at.shape, end.shape)
    )
    # Where it does not hold, the next layer gets the input, which others may need.
    return maybe, Place(end.shape if holds or passes else at.shape, end.fresh and at.fresh)
