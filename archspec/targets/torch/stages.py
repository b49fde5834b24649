"""How many blocks stages have, where several have as many: ``blocks = (depth - 4) // 6``, ``range(blocks - 1)``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from archspec.expressions import Name
from archspec.expressions.symbols import Symbol, variable
from archspec.targets.torch.items import Again, Made, Node, settled
from archspec.targets.torch.layout import local_variable
from archspec.targets.torch.names import Names
from archspec.targets.torch.running import Run, Steps

BLOCKS = "blocks"


def with_blocks(run: Run, arguments: Mapping[str, Symbol], taken: frozenset[str]) -> Run:
    """Rows with a variable for the number of blocks that most of their stages have."""
    counts = [_blocks(node, arguments) for node in run.nodes]
    often = Counter(count.polynomial for count in counts if count is not None).most_common(1)
    if not often or often[0][1] < 2:
        return run
    places = [i for i, count in enumerate(counts) if count is not None and count.polynomial == often[0][0]]
    count = counts[places[0]]
    assert count is not None
    name = Names(taken).identifier(BLOCKS)
    known = variable(name, count.value, count.ledger)
    nodes = [_counted(node, known) if i in places else node for i, node in enumerate(run.nodes)]
    step = run.steps.get(places[0], Steps())
    before = (*local_variable(name, count.code), *step.before)
    return Run(nodes, {**run.steps, places[0]: step._replace(before=before)})


def _blocks(node: Node, arguments: Mapping[str, Symbol]) -> Symbol | None:
    """The blocks of a stage, in its loop and beside it, where they are computed from arguments."""
    items = settled(node.items)
    times = [item.times for item in items if isinstance(item, Again)]
    if len(times) != 1 or not isinstance(times[0], Symbol) or not times[0].names <= arguments.keys():
        return None
    count = times[0] + _beside(items)
    return None if isinstance(count.polynomial.tree, Name) else count


def _beside(items: Sequence[Any]) -> int:
    return sum(isinstance(item, Made) for item in items)


def _counted(node: Node, blocks: Symbol) -> Node:
    items = settled(node.items)
    times = blocks - _beside(items)
    return node._replace(items=[item._replace(times=times) if isinstance(item, Again) else item for item in items])
