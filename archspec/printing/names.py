"""What the blocks of a text are called: each by its own name as far as that is free and means nothing else."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from itertools import count

from archspec import ops
from archspec.elaborate.shortcut import SHORTCUT
from archspec.ir.network import Instance, Network, Step
from archspec.ir.node import Value
from archspec.ir.walking import every_step
from archspec.language.syntax import RESERVED


def used_blocks(network: Network) -> list[str]:
    """The keys of the blocks that rows, heads and misprints use, those first that others use."""
    found: dict[str, None] = {}

    def add(steps: Iterable[Step]) -> None:
        for step in every_step(steps):
            if isinstance(step, Instance) and step.block not in found:
                add(network.blocks[step.block].steps)
                found[step.block] = None

    for row in (*network.rows, *(row for head in network.heads for row in head.rows)):
        add(row.steps or ())
    for misprint in network.misprints:
        add(misprint.steps)
    return [*found]


def named(wanted: Mapping[str, str], taken: Collection[str]) -> dict[str, str]:
    """A name for each key, near to what is wanted of it, that no layer, parameter or other block has."""
    found: dict[str, str] = {}
    for key, name in wanted.items():
        base = re.sub(r"\W", "_", name)
        base = base if re.match(r"[^\W\d]", base) else f"block_{base}"
        others = {_folded(each) for each in (*found.values(), *taken)}
        names = (base if i == 1 else f"{base}_{i}" for i in count(1))
        found[key] = next(each for each in names if not _means_more(each) and _folded(each) not in others)
    return found


def described(name: str, fixed: Mapping[str, Value]) -> str:
    """A name for a block with some of its values: ``bneck_5x5_relu``."""
    said = [
        name if value is True else f"no_{name}" if value is False else _text(value) for name, value in fixed.items()
    ]
    return "_".join([name, *said])


def _text(value: Value) -> str:
    return "x".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _means_more(name: str) -> bool:
    """Whether a name is that of a layer, or a word of the language."""
    return name in (SHORTCUT, *RESERVED) or ops.find(name) is not None


def _folded(name: str) -> str:
    return name.lower().replace("-", "").replace("_", "")
