"""One class of the emitted file: a block for all its uses that read the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from copy import copy
from functools import cached_property
from typing import Any, NamedTuple

from archspec.expressions import Binary, Choice, Expression, Function, Name, every_part
from archspec.expressions.symbolic import over
from archspec.expressions.symbols import Ledger, Symbol, alike, value_of
from archspec.ir.aligned import Differ
from archspec.ir.network import Block
from archspec.ir.node import IN, Value
from archspec.op import Shape
from archspec.targets.torch.branch_names import titles
from archspec.targets.torch.fixed_arguments import Fixed
from archspec.targets.torch.influence import NOTHING
from archspec.targets.torch.item_values import names_in, renamed, values_in
from archspec.targets.torch.items import Item, Made, Placed, every_item
from archspec.targets.torch.local_widths import name_of
from archspec.targets.torch.merging import bared, merged, written
from archspec.targets.torch.names import USED, Names
from archspec.targets.torch.places import Place
from archspec.targets.torch.side_by_side import SideBySide
from archspec.targets.torch.under_conditions import remaining, unconditional, with_outcome


class Body(NamedTuple):
    """The body of a block at one of its uses."""

    formals: Mapping[str, Any]
    """The symbols of the constructor's arguments: of ``in``, of the block's and of the network's parameters."""
    items: list[Item]
    end: Place
    decided: Mapping[Expression, bool]
    """What the values of this use decided: the code holds only where they decide alike."""
    chosen: frozenset[Expression]
    """The conditions on which widths in the code hang."""

    @property
    def skeleton(self) -> tuple[object, ...]:
        """What bodies that can be one class have in common."""
        channels = self.end.shape.channels
        output = channels.polynomial if isinstance(channels, Symbol) else channels
        return output, frozenset(self.decided.items()), *written(bared(self.items))


class BlockClass:
    """One class of the emitted file: a block for all its uses that read the same."""

    def __init__(self, block: Block, use: Placed, body: Body, words: Mapping[str, Value]) -> None:
        self.block, self.items = block, body.items
        self.program, _ = use
        """The place in the file of the network that the block is of."""
        self.name = ""
        """Given once it is known which classes the file has."""
        self._formals, self._end = body.formals, body.end
        self._ends = {use: body.end}
        self._fixed_in = {use: {**words, **block.fixed}}
        """The sizes, words and truth values of each use, and those of its network."""
        self.fixed: dict[str, Fixed] = {}
        """The arguments that stand for those, where uses that differ in them share the class."""
        self.locals: dict[str, Expression] = {}
        """Names of the constructor for expressions that stand in it more than once."""
        self.named: dict[str, Symbol] = {}
        """The same names with the numbers that they are for."""
        self.arguments: list[str] = []
        """The names of the spec that the constructor takes, those with defaults last."""

    def joins(self, use: Placed, block: Block, body: Body, words: Mapping[str, Value]) -> bool:
        """Whether a use reads like those of this class, which then holds for it too."""
        if self.block.parameters != block.parameters:
            return False
        both = merged(self.items, body.items)  # equal in their skeletons already
        if both is None:
            return False
        self.items = both
        self._ends[use], self._fixed_in[use] = body.end, {**words, **block.fixed}
        return True

    @classmethod
    def of_all(cls, classes: Sequence[BlockClass]) -> BlockClass:
        """One class for several of one block, with arguments for what is fixed in each; raises Differ where none is."""
        first = classes[0]
        if any(other.block.parameters != first.block.parameters or not first._fits(other) for other in classes):
            raise Differ
        names = Names(USED | {first.identifier(name) for name in first._formals})
        laid = SideBySide([of._always_fixed for of in classes], names, [of._programs for of in classes])
        items = laid.items([of.items for of in classes])
        if len({of._programs for of in classes}) > 1 and any(titles(of.items) - titles(items) for of in classes):
            raise Differ  # a network alone would have other names for its weights
        made = copy(first)
        made.items = items
        made.fixed = {name: laid.arguments[name] for name in first._always_fixed if name in laid.arguments}
        made._ends = {use: end for of in classes for use, end in of._ends.items()}
        made._fixed_in = {use: fixed for of in classes for use, fixed in of._fixed_in.items()}
        return made

    def _fits(self, other: BlockClass) -> bool:
        """Whether another class has the same names for its arguments, and gives the same channels."""
        mine, theirs = self._end.shape.channels, other._end.shape.channels
        same = alike(mine, theirs) or not (isinstance(mine, Symbol) or isinstance(theirs, Symbol))
        return same and self._called == other._called

    @property
    def _programs(self) -> frozenset[int]:
        return frozenset(program for program, _ in self._ends)

    @property
    def _called(self) -> dict[str, str]:
        return {name: self.identifier(name) for name in self._formals}

    @property
    def _always_fixed(self) -> dict[str, Value]:
        """What is fixed to one value in all uses."""
        first, *others = self._fixed_in.values()
        return {n: v for n, v in first.items() if all(n in other and other[n] == v for other in others)}

    def settle(self) -> None:
        """Find the arguments, once all uses are known."""
        names = names_in(self.items)
        used = [name for name in self._formals if self.identifier(name) in names]
        self.arguments = sorted(used, key=lambda name: self.default(name) is not None) + list(self.fixed)
        self._name_long_expressions()

    def _name_long_expressions(self) -> None:
        """Give names to expressions that stand more than once: ``width = round(alpha * c)``.

        One that a condition guards alone may have no value elsewhere, and one over a loop's index has none outside.
        """
        names = Names(USED | {self.identifier(name) for name in (*self._formals, *self.fixed)})
        own = frozenset(self.identifier(name) for name in self._formals)
        counted, always = (
            Counter(value.code for value in values_in(items) if isinstance(value, Symbol) and value.whole)
            for items in (self.items, unconditional(self.items))
        )
        wanted = [code for code in always if counted[code] > 1 and _involved(code) and code.names <= own]
        long = {code: names.identifier(name_of(code)) for code in wanted}
        self.locals = {name: code for code, name in long.items()}
        if long:
            values = [v for v in values_in(self.items) if isinstance(v, Symbol) and v.code in long]
            self.named = {long[value.code]: value for value in values}
            self.items = renamed(self.items, long, {v.polynomial.tree: long[v.code] for v in values})

    def demands(self, name: str) -> bool:
        """Whether an argument must be whole whatever it is: something takes it as it is where a whole number is due."""
        if name in self.fixed:
            return True
        own = Name(self.identifier(name), isinstance(value_of(self._formals[name]), int))
        if self._demanded(own, self.items):
            return True
        words = frozenset(each.identifier for each in self.fixed.values())
        # Where a word says that all of its uses are skipped, what it is does not matter.
        return self.identifier(name) not in names_in(with_outcome(self.items, words, False)) and self._demanded(
            own, with_outcome(self.items, words, True)
        )

    def _demanded(self, own: Name, items: Sequence[Item]) -> bool:
        """Whether items take an argument as it is where a whole number is due, whatever conditions come to."""
        values = (v for v in values_in(unconditional(items), passed=False) if isinstance(v, Symbol) and v.whole)
        if any(value.polynomial.tree == own for value in values):
            return True
        return any(
            made.of.demands(inner)
            for made in every_item(unconditional(items))
            if isinstance(made, Made)
            for inner in made.of.arguments
            if isinstance(made.values[inner], Symbol) and made.values[inner].polynomial.tree == own
        )

    @property
    def names(self) -> frozenset[str]:
        """The names inside its constructor."""
        return frozenset((*map(self.identifier, (*self._formals, *self.fixed)), *self.locals))

    def identifier(self, name: str) -> str:
        """What a name of the spec is called in the class."""
        return self.fixed[name].identifier if name in self.fixed else str(self._formals[name].text)

    @cached_property
    def reading(self) -> tuple[object, ...]:
        """The code without the name of the class: one of two classes with equal readings stands for both."""
        channels = self._end.shape.channels
        names = names_in(self.items) | (channels.names if isinstance(channels, Symbol) else NOTHING)
        names = names.union(*(code.names for code in self.locals.values()))
        needed = [(name, self.identifier(name)) for name in self._formals if self.identifier(name) in names]
        arguments = [(self.identifier(name), self.kind(name), self.default(name)) for name in self.arguments]
        output = channels.polynomial if isinstance(channels, Symbol) else channels
        body = written(remaining(self.items))
        return (*needed, *arguments, *self.locals.items(), *body, output)

    def absorb(self, other: BlockClass) -> None:
        """Take over the uses of a class that reads like this one."""
        self._ends |= other._ends
        self._fixed_in |= other._fixed_in

    def kind(self, name: str) -> str:
        """``int``, or ``float`` where a use has a fraction; the type of what is not a number."""
        if name in self.fixed:
            return self.fixed[name].kind
        values = [
            self.default(name),
            *(dict(key.args).get(name, value_of(self._formals[name])) for _, key in self._ends),
        ]
        return "float" if any(isinstance(value, float) for value in values) else "int"

    def default(self, name: str) -> Any:
        """The default of an argument that has one of its own, or of one that is not a number: what it is most often."""
        if name in self.fixed:
            passed = self.fixed[name].passed
            counts = Counter(fixed[name] for fixed in self._fixed_in.values() if fixed.get(name) in passed)
            return passed[counts.most_common(1)[0][0]]
        arg = self.block.parameters.get(name)
        return arg.value if arg is not None and arg.expression is None else None

    def bound(self, use: Placed, values: Mapping[str, Any], x: Shape, outer: Mapping[str, Any]) -> dict[str, Any]:
        """The values of all arguments for one use; those of the network are what they are outside."""
        found = {name: values.get(name, outer.get(name)) if name != IN else x.channels for name in self._formals}
        own = self._fixed_in[use]
        return found | {name: fixed.passed.get(own[name], self.default(name)) for name, fixed in self.fixed.items()}

    def end(self, use: Placed) -> Place:
        """What one use gives."""
        return self._ends[use]

    def output(self, values: Mapping[str, Any], use: Placed, ledger: Ledger) -> Any:
        """The channels of the output, written over the symbols of one use."""
        channels = self._end.shape.channels
        number = value_of(self._ends[use].shape.channels)
        if not isinstance(channels, Symbol):
            return number
        own = {self.identifier(name): value for name, value in values.items() if name not in self.fixed}
        return over(channels, own, number, ledger)


def _involved(code: Expression) -> bool:
    """Whether an expression is worth a name of its own."""
    return any(
        isinstance(part, Function | Choice) or (isinstance(part, Binary) and _grouped(part))
        for part in every_part(code)
    )


def _grouped(part: Binary) -> bool:
    sums = [isinstance(side, Binary) and side.operator in "+-" for side in part.parts]
    return part.operator == "//" or (part.operator in "*/" and any(sums))
