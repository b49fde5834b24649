"""Figures that nothing can check, because layers are not known, and why."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

from archspec.analysis.checked import Checked
from archspec.analysis.inferred import Shaped, Use

UNCHECKED: Literal["unchecked"] = "unchecked"


def with_reason(checked: Checked, uses: Iterable[Use]) -> Checked:
    """A figure with the layers that hide what it is of, where that is why it is not checked."""
    return checked._replace(working=reason(uses)) if checked.verdict == UNCHECKED else checked


def hiding(shaped: Sequence[Shaped], row: int) -> list[Use]:
    """The layers that hide what a row has: its own, or else those above, which hide what it sees."""
    own = [use for use in shaped[row].uses if not use.op.known]
    return own or [use for item in shaped[:row] for use in item.uses]


def reason(uses: Iterable[Use]) -> str:
    """```opaque "blocks.attn"` and 2 others are not known``."""
    first, *others = dict.fromkeys(use.op.title for use in uses if not use.op.known)
    more = f" and {len(others)} other{'s' * (len(others) > 1)}" if others else ""
    return f"not checked: `{first}`{more} {'are' if others else 'is'} not known"
