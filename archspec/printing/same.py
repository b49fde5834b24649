"""When two networks are the same, for a text that holds one: what no text holds, or says otherwise, does not count.

These are: places; the words of cells, of which the steps are what counts; the order of the figures of a row; the names
of blocks and the values that are fixed in them, as one text may have a block for each value where another has one with
a parameter; and all that ``alone`` takes from a network. A group that no rule gives is compared as its steps.
"""

from __future__ import annotations

from archspec import ops
from archspec.ir.network import Apply, Block, Group, Instance, Misprint, Network, Row, Step
from archspec.ir.rewriting import Rewriting


class _Nameless(Rewriting):
    """Gives each block the number in which it is first used; blocks that read the same are one."""

    def __init__(self, network: Network) -> None:
        self._blocks = network.blocks
        self._keys: dict[str, str] = {}
        self._numbers: dict[str, str] = {}
        self.made: dict[str, Block] = {}

    def key(self, key: str) -> str:
        """What a block is called."""
        if key not in self._keys:
            block = self.block(self._blocks[key]).replaced(name="block", fixed={})
            said = repr(block)
            number = self._numbers.setdefault(said, f"block{len(self._numbers)}")
            self._keys[key] = number
            self.made[number] = block
        return self._keys[key]

    def layer(self, step: Apply | Instance) -> Apply | Instance:
        args = dict(sorted(step.args.items()))
        return (
            step.replaced(args=args)
            if isinstance(step, Apply)
            else step.replaced(args=args, block=self.key(step.block))
        )

    def row(self, row: Row) -> Row:
        return super().row(row).replaced(op="")

    def _step(self, step: Step) -> Step:
        if isinstance(step, Group) and ops.find(step.rule) is None:
            step = step.replaced(rule="block")
        return super()._step(step)


def plain(network: Network) -> Network:
    """A network that stands alone without names of its own making."""
    naming = _Nameless(network)
    rows = tuple(map(naming.row, network.rows))
    heads = tuple(map(naming.head, network.heads))
    misprints = tuple(
        Misprint(row=x.row, column="op", printed="", works="", steps=naming.steps(x.steps)) for x in network.misprints
    )
    recipe = network.recipe
    if recipe is not None:
        settings = {name: recipe.settings[name].replaced(text="") for name in sorted(recipe.settings)}
        recipe = recipe.replaced(settings=settings, names=())
    cells = tuple(sorted(network.cells, key=lambda cell: (cell.row, cell.quantity)))
    return network.replaced(rows=rows, heads=heads, cells=cells, misprints=misprints, blocks=naming.made, recipe=recipe)


def difference(one: Network, other: Network) -> str | None:
    """Where two plain networks are not the same, in words; None where they are."""
    fields = [name for name in one.__match_args__ if getattr(one, name) != getattr(other, name)]
    if not fields:
        return None
    if "rows" in fields and len(one.rows) == len(other.rows):
        return next(f"the row `{row.layer}`" for row, also in zip(one.rows, other.rows, strict=True) if row != also)
    return f"its {fields[0].replace('_', ' ')}"
