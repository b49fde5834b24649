"""Other arguments of the layers of a row: how a spec writes them, and the row or the blocks with one changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from archspec.analysis.inferred import Use
from archspec.analysis.mends.written import Places, Written
from archspec.arguments import Misfit
from archspec.budget import spend
from archspec.elaborate.target import stride_of
from archspec.ir.network import Apply, Arg, Instance, Network, Repeat, Row
from archspec.ir.rewriting import Rewriting
from archspec.ir.walking import applied
from archspec.op import Op
from archspec.support.limits import MADE, WALKED
from archspec.support.terminal import clipped

SMALL = 3
"""The kernel for which values of a block's parameter are tried, as that of its layers may be a parameter too."""
MOST_SHOWN_OF = 60
"""Columns of a layer's text that a line shows: no paper's layer has more."""
ORDINALS = ("first", "second", "third", "fourth", "fifth")


class Change(Rewriting):
    """One argument of one layer with another value."""

    def __init__(self, written: Written, name: str, value: Any) -> None:
        self.written, self.name, self.value = written, name, value
        step = written.step
        keeps = isinstance(step, Apply) and step.kind_of_layer.keeps_stride
        self._first = stride_of(written.arguments) == name and not keeps and step.place is not None
        """Whether the argument stays in the first of several repetitions, as a written stride does."""

    @property
    def says(self) -> str:
        """``pad=1``, ``no bias``, as a spec writes it."""
        if isinstance(self.value, bool):
            return self.name if self.value else f"no {self.name}"
        return f"{self.name}={self.value}"

    def layer(self, step: Apply | Instance) -> Apply | Instance:
        spend(WALKED, step.place)
        if not self.written.means(step):
            return step
        known = step.args.get(self.name)
        arg = Arg(value=self.value, span=known.span if known else step.span)
        return step.replaced(args={**step.args, self.name: arg})

    def repeat(self, step: Repeat) -> Repeat:
        if not self._first or self.value == 1:
            return super().repeat(step)
        before = step.first if step.first is not None else step.steps
        first = self.steps(before)
        if first is before:
            return step
        return step.replaced(first=first, steps=Change(self.written, self.name, 1).steps(step.steps))

    def row_of(self, network: Network, row: Row) -> tuple[Network, Row]:
        """The blocks of a network, and a row of it, with the change."""
        spend(WALKED * len(network.blocks))
        if self.written.block is None:
            return network, self.row(row)
        made = {key: self.block(b) if b.name == self.written.block else b for key, b in network.blocks.items()}
        return network.replaced(blocks=made), row

    def network(self, network: Network, at: int) -> Network:
        """A network with the change, of a layer of its row at a position or of a block."""
        network, row = self.row_of(network, network.rows[at])
        return network.replaced(rows=(*network.rows[:at], row, *network.rows[at + 1 :]))


class Layers:
    """The layers of a row that a spec writes, also in the blocks that it uses, with what they come to."""

    def __init__(self, network: Network, row: Row, uses: Sequence[Use]) -> None:
        self._network, self._uses = network, uses
        self._places = Places(network, row)

    def changes(self) -> Iterator[tuple[Change, list[tuple[Op, Use]]]]:
        """Every change of one argument that is worth trying, with what it makes of layers that are there, if known."""
        for written in self._places.written:
            step = written.step
            tried: Iterator[tuple[Change, list[tuple[Op, Use]]]]
            if isinstance(step, Instance):
                tried = ((change, []) for change in self._of_use(written, step))
            else:
                tried = self._of_layer(written, step)
            yield from (pair for pair in tried if self._places.of(written, pair[0].name))

    def _of_layer(self, written: Written, step: Apply) -> Iterator[tuple[Change, list[tuple[Op, Use]]]]:
        uses = [use for use in self._uses if _is_of(use.op, step)]
        for name, value in dict.fromkeys(pair for use in uses for pair in use.op.tries()):
            spend(MADE * (1 + len(uses)))
            made = [(op, use) for use in uses if (op := _with(use.op, name, value)) and op != use.op]
            if made:
                yield Change(written, name, value), made

    def _of_use(self, written: Written, step: Instance) -> Iterator[Change]:
        """Other numbers for a parameter of a block that is an argument of a layer in it, as a stride often is."""
        block = self._network.blocks[step.block]
        for inner in applied(block.steps):
            spend(WALKED, inner.place)
            for name, arg in inner.args.items():
                own = arg.text or ""
                if own in block.parameters:
                    known = step.args[own].value if own in step.args else None
                    values = inner.kind_of_layer.arguments[name].tries(SMALL)
                    yield from (Change(written, own, n) for n in values if type(n) is int and n != known)

    def says(self, change: Change) -> str:
        """A change as a spec writes it, behind which layer, where several take the argument, or for which row."""
        if self._places.of(change.written, change.name) == "row":
            return f"`at {self._places.row_name}: {change.says}`"
        return f"`{change.says}`{self._where(change)}"

    def _where(self, change: Change) -> str:
        """Which layer a change is of, where several take the argument."""
        text, block = change.written.text, change.written.block
        taking = [each for each in self._places.written if change.name in each.arguments]
        inside = f" of the block `{block}`" if block else ""
        if len(taking) < 2:
            return inside and f" in{inside[3:]}"
        alike = [each for each in taking if each.text == text and each.block == block]
        place = next(i for i, each in enumerate(alike) if each is change.written)  # nodes are equal wherever they stand
        nth = f"the {ORDINALS[place]} " if alike[1:] and place < len(ORDINALS) else ""
        return f" in {nth}`{clipped(text, MOST_SHOWN_OF)}`{inside}"


def _is_of(op: Op, step: Apply) -> bool:
    """Whether an op may be what a layer comes to: its arguments are those that are known."""
    kind = step.kind_of_layer
    known = {name: arg.value for name, arg in step.args.items() if arg.value is not None}
    return type(op) is kind and all(getattr(op, n) == kind.arguments[n].accept(v) for n, v in known.items())


def _with(op: Op, name: str, value: Any) -> Op | None:
    """An op with another value of an argument, or None where it cannot take that."""
    try:
        return op.replaced(**{name: op.arguments[name].accept(value)})
    except Misfit:
        return None
