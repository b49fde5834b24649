"""What a join gives of branches that were walked, of which conditions may leave some out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from archspec.expressions.symbols import Ledger
from archspec.op import Join
from archspec.targets.torch.bindings import Decides
from archspec.targets.torch.influence import NOTHING
from archspec.targets.torch.items import Branch, Fork
from archspec.targets.torch.leaves import needs_of
from archspec.targets.torch.merging import can_ask
from archspec.targets.torch.places import Place, bare, joint, stretches


class Walked(NamedTuple):
    """A branch with what it gives at this use."""

    branch: Branch
    end: Place
    left: bool
    """Whether anything of it is, at this use."""
    conditional: bool
    """Whether all of it stands under conditions."""
    asked: frozenset[str]
    """The arguments of the network that decide whether anything is left."""


def fork_of(op: Join, at: Place, walked: Sequence[Walked], ledger: Ledger) -> tuple[Fork, Place]:
    """The fork of branches, of which one is left at least, and what comes out."""
    branches = [each.branch for each in walked]
    ends = [each.end for each in walked if each.left]
    end = joint(op, ends)
    sure = [each.end for each in walked if not each.conditional]
    sure = sure or [Place(branch.shape) for branch in branches if branch.left == {True}]
    if op.sums and sure and bare((least := joint(op, sure)).shape) == bare(end.shape):
        end = end._replace(shape=least.shape)  # as it is written where the others are left out
    deciding = NOTHING.union(*(each.asked for each in walked))
    if deciding:
        if not (op.sums and can_ask(branches)) or stretches(at, joint(op, sure), end):
            raise Decides(deciding)  # what the join gives depends on it
        end = end._replace(fresh=False)
    shapes = [place.shape for place in (sure if deciding else ends)]
    needs = needs_of(op, shapes, ledger) if len(shapes) > 1 else ()
    return Fork(op, branches, needs), end
