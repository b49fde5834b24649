"""Figures that nothing can check, because layers are not known, and why."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

from archspec.analysis.checked import Checked
from archspec.analysis.inferred import Shaped, Use
from archspec.counting.conventions import Counting
from archspec.counting.quantities import Quantity, find
from archspec.support.bound import is_known
from archspec.support.words import number_of

UNCHECKED: Literal["unchecked"] = "unchecked"


def with_reason(checked: Checked, uses: Iterable[Use], counting: Counting) -> Checked:
    """A figure with the layers that hide what it is of, where that is why it is not checked."""
    if checked.verdict != UNCHECKED:
        return checked
    quantity = find(checked.quantity)
    return checked._replace(working=reason(use for use in uses if _hides(use, quantity, counting)))


def hiding(shaped: Sequence[Shaped], row: int) -> Iterable[Use]:
    """The layers that may hide what a row has: its own, and behind these those above, which hide what it sees."""
    own = [use for use in shaped[row].uses if not use.op.known]
    return own or (use for item in shaped[:row] for use in item.uses)


def reason(uses: Iterable[Use]) -> str:
    """``not checked: `opaque "blocks.attn"` and 2 others are not known``."""
    return f"not checked: {not_known(uses)}"


def not_known(uses: Iterable[Use]) -> str:
    """```opaque "blocks.attn"` and 2 others are not known``, of uses of which one is not."""
    first, *others = dict.fromkeys(use.op.title for use in uses if not use.op.known)
    more = f" and {number_of(len(others), 'other')}" if others else ""
    return f"`{first}`{more} {'are' if others else 'is'} not known"


def _hides(use: Use, quantity: Quantity, counting: Counting) -> bool:
    """Whether nobody knows what a layer has of a quantity: of some, such as parameters, it may be said."""
    if use.op.known or quantity.of_use is None:
        return not use.op.known
    return not is_known(quantity.of_use(counting, use.op, use.y, use.xs))
