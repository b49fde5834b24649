"""A second witness of what a network computes: the IR run step by step on tensors, with the weights of its module.

It shares nothing with the emission. Weights are taken one after the other in the order in which the module registers
them: rows as in the table, branches in their order, then what follows the join.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from interpreter_arithmetic import value_of
from interpreter_layers import LAYERS, joined
from torch import Tensor

from archspec.ir.network import Apply, Branches, Graph, Group, Instance, Network, Repeat, Row, Step, When
from archspec.ir.walking import steps_of

Values = Mapping[str, Any]
IN = "in"


class Mismatch(AssertionError):
    """The module's weights are not those of the network."""


@dataclass
class Ran:
    """What one run gave."""

    logits: Tensor
    heads: tuple[Tensor, ...]
    rows: list[tuple[str, Tensor]] = field(default_factory=list)
    """What each row of the table gave, with its name; without the soft-max that belongs to the loss."""
    last: int | None = None
    """The place of the last row that has layers."""
    predicted: Tensor | None = None
    """What ``predict`` gives beside ``forward``, where the network ends in a soft-max."""


class Interpreter:
    """Runs a network on the tensors of a module's state, by their names."""

    def __init__(self, network: Network, state: Mapping[str, Tensor], training: bool = False) -> None:
        self.training = training
        self._network, self._state = network, state
        self._left: Iterator[str] = iter(())
        self._places, self._dropping = 0, 0
        self._layers = 0
        self._loss: Row | None = None

    def run(self, x: Tensor) -> Ran:
        """One run; raises Mismatch where the tensors of the state are others than the layers need."""
        if any(step.op == "softmax" or "linear" in step.args for step in self._applied()):
            self._look(x)
        return self._once(x)

    def _look(self, x: Tensor) -> None:
        """A first run, to know what stands last and how many branches are dropped by the linear rule."""
        state, training = self._state, self.training
        self._state = {name: tensor.detach().clone() for name, tensor in state.items()}
        self.training = False
        found = self._once(x.detach())
        row = self._network.rows[found.last] if found.last is not None else None
        last = row.steps[-1] if row is not None and row.steps else None
        self._loss = row if isinstance(last, Apply) and last.op == "softmax" else None
        self._state, self.training, self._dropping = state, training, self._places

    def _applied(self) -> Iterator[Apply]:
        return (step for step in steps_of(self._network) if isinstance(step, Apply))

    def _once(self, x: Tensor) -> Ran:
        self._left, self._places = iter(self._state), 0
        network, found = self._network, Ran(x, ())
        ends: dict[str, Tensor] = {}
        before = self._layers
        for i, (row, y) in enumerate(self._rows(network.rows, x, network.parameters, ends)):
            found.rows.append((row.layer, y))
            if self._layers > before:
                found.last = i
            found.logits, before = y, self._layers
        found.heads = tuple(self._last(head.rows, ends[head.source]) for head in network.heads)
        if self._loss is not None:
            found.predicted = LAYERS["softmax"](None, found.logits, self)
        unused = list(self._left)
        if unused:
            raise Mismatch(f"no layer has {', '.join(unused)}")
        return found

    def take(self, name: str, *size: int) -> Tensor:
        """The next tensor of the state."""
        full = next(self._left, None)
        if full is None:
            raise Mismatch(f"the module has no {name} of {size}")
        tensor = self._state[full]
        if full.rpartition(".")[2] != name or tuple(tensor.shape) != size:
            raise Mismatch(f"{full} of {tuple(tensor.shape)} stands where {name} of {size} is due")
        return tensor

    def place(self) -> tuple[int, int]:
        """Which of how many branches dropped by the linear rule this one is."""
        self._places += 1
        return self._places, max(self._dropping, self._places)

    def _last(self, rows: Sequence[Row], x: Tensor) -> Tensor:
        for _, y in self._rows(rows, x, self._network.parameters, {}):
            x = y
        return x

    def _rows(
        self, rows: Sequence[Row], x: Tensor, values: Values, ends: dict[str, Tensor]
    ) -> Iterator[tuple[Row, Tensor]]:
        """Named rows, each with what it gives; ``ends`` has them by name."""
        ends[IN] = x
        for row in rows:
            xs = [ends[source] for source in row.sources] or [x]
            steps = list(row.steps or ())
            if row is self._loss:
                steps.pop()
            while len(xs) > 1 and isinstance(steps[0], Group):
                steps[:1] = steps[0].steps
            if len(xs) > 1:
                join = steps.pop(0)
                assert isinstance(join, Apply)
                self._layers += 1
                xs = [joined(join.op, xs)]
            x = self._steps(steps, xs[0], {**values, IN: xs[0].shape[1]})
            ends[row.layer] = x
            yield row, x

    def _steps(self, steps: Sequence[Step], x: Tensor, values: Values) -> Tensor:
        for step in steps:
            x = self._step(step, x, values)
        return x

    def _step(self, step: Step, x: Tensor, values: Values) -> Tensor:
        match step:
            case Apply():
                self._layers += 1
                op = step.layer({name: value_of(arg, values) for name, arg in step.args.items()})
                return LAYERS[step.op](op, x, self)
            case Group():
                return self._steps(step.steps, x, values)
            case Repeat():
                return self._repeat(step, x, values)
            case When():
                return self._steps(step.steps, x, values) if value_of(step.condition, values) else x
            case Instance():
                return self._instance(step, x, values)
            case Branches():
                return self._branches(step, x, values)
            case Graph():
                for _, y in self._rows(step.rows, x, values, {}):
                    x = y
                return x

    def _repeat(self, step: Repeat, x: Tensor, values: Values) -> Tensor:
        for i in range(value_of(step.times, values)):
            body = step.first if i == 0 and step.first is not None else step.steps
            x = self._steps(body, x, {**values, IN: x.shape[1]})
        return x

    def _instance(self, step: Instance, x: Tensor, values: Values) -> Tensor:
        block = self._network.blocks[step.block]
        bound: dict[str, Any] = {**self._network.parameters, IN: x.shape[1]}
        for name, default in block.parameters.items():
            given = step.args.get(name)
            bound[name] = value_of(given, values) if given is not None else value_of(default, bound)
        return self._steps(block.steps, x, bound)

    def _branches(self, step: Branches, x: Tensor, values: Values) -> Tensor:
        inner = {**values, IN: x.shape[1]}
        left = [branch for branch in step.branches if _stays(branch.steps, inner)]
        ends = [self._steps(branch.steps, x, inner) for branch in left]
        return joined(step.join.op, ends) if len(ends) > 1 else ends[0]


def _stays(steps: Sequence[Step], values: Values) -> bool:
    """Whether something is left of a branch: a step without a condition, one whose condition holds, or a shortcut."""
    return any(not isinstance(step, When) or step.bypass or value_of(step.condition, values) for step in steps)
