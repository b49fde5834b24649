"""How operations of torch become layers: a file for each family of them, an entry for each operation."""

from __future__ import annotations

from archspec.importing.torch.rules import (
    activations,
    channels,
    convolutions,
    joins,
    norms,
    passing,
    pools,
    resizing,
    views,
)
from archspec.importing.torch.rules.registry import RULES, Rule

FAMILIES = (activations, channels, convolutions, joins, norms, passing, pools, resizing, views)

__all__ = ["FAMILIES", "RULES", "Rule"]
