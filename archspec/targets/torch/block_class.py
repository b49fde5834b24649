"""One class of the emitted file: a block for all its uses that read the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from functools import cached_property
from typing import Any, NamedTuple

from archspec.analysis.inferred import Key
from archspec.expressions import Binary, Choice, Expression, Function, Name, every_part
from archspec.expressions.symbolic import over
from archspec.expressions.symbols import Ledger, Symbol, value_of
from archspec.ir.network import Block
from archspec.ir.node import IN
from archspec.op import Shape
from archspec.targets.torch.influence import NOTHING
from archspec.targets.torch.items import (
    Item,
    Made,
    Place,
    every_item,
    names_in,
    remaining,
    renamed,
    unconditional,
    values_in,
)
from archspec.targets.torch.merging import bared, merged, written
from archspec.targets.torch.names import USED, Names


class Body(NamedTuple):
    """The body of a block at one of its uses."""

    formals: Mapping[str, Any]
    """The symbols of the constructor's arguments: of ``in``, of the block's and of the network's parameters."""
    items: list[Item]
    end: Place
    decided: Mapping[Expression, bool]
    """What the values of this use decided: the code holds only where they decide alike."""

    @property
    def skeleton(self) -> tuple[object, ...]:
        """What bodies that can be one class have in common."""
        channels = self.end.shape.channels
        output = channels.polynomial if isinstance(channels, Symbol) else channels
        return output, frozenset(self.decided.items()), *written(bared(self.items))


class BlockClass:
    """One class of the emitted file: a block for all its uses that read the same."""

    def __init__(self, block: Block, key: Key, body: Body, program: int) -> None:
        self.block, self.items = block, body.items
        self.program = program
        """The place in the file of the network that the block is of."""
        self.name = ""
        """Given once it is known which classes the file has."""
        self._formals, self._end = body.formals, body.end
        self._keys = {key: body.end}
        self.locals: dict[str, Expression] = {}
        """Names of the constructor for expressions that stand in it more than once."""
        self.arguments: list[str] = []
        """The names of the spec that the constructor takes, those with defaults last."""

    def joins(self, key: Key, body: Body) -> bool:
        """Whether a use reads like those of this class, which then holds for it too."""
        both = merged(self.items, body.items)  # equal in their skeletons already
        if both is None:
            return False
        self.items = both
        self._keys[key] = body.end
        return True

    def settle(self) -> None:
        """Find the arguments, once all uses are known."""
        names = names_in(self.items)
        used = [name for name in self._formals if self.identifier(name) in names]
        self.arguments = sorted(used, key=lambda name: self.default(name) is not None)
        self._name_long_expressions()

    def _name_long_expressions(self) -> None:
        """Give names to expressions that stand more than once: ``width = round(alpha * c)``.

        One that a condition guards alone may have no value elsewhere, and one over a loop's index has none outside.
        """
        names = Names(USED | {self.identifier(name) for name in self._formals})
        own = frozenset(self.identifier(name) for name in self._formals)
        counted, always = (
            Counter(value.code for value in values_in(items) if isinstance(value, Symbol) and value.whole)
            for items in (self.items, unconditional(self.items))
        )
        wanted = [code for code in always if counted[code] > 1 and _involved(code) and code.names <= own]
        long = {code: names.identifier("width") for code in wanted}
        self.locals = {name: code for code, name in long.items()}
        if long:
            self.items = renamed(self.items, long)

    def demands(self, name: str) -> bool:
        """Whether an argument must be whole whatever it is: something takes it as it is where a whole number is due."""
        own = Name(self.identifier(name), isinstance(value_of(self._formals[name]), int))
        values = (v for v in values_in(unconditional(self.items), passed=False) if isinstance(v, Symbol) and v.whole)
        if any(value.polynomial.tree == own for value in values):
            return True
        return any(
            made.of.demands(inner)
            for made in every_item(unconditional(self.items))
            if isinstance(made, Made)
            for inner in made.of.arguments
            if isinstance(made.values[inner], Symbol) and made.values[inner].polynomial.tree == own
        )

    @property
    def names(self) -> frozenset[str]:
        """The names inside its constructor."""
        return frozenset((*(self.identifier(name) for name in self._formals), *self.locals))

    def identifier(self, name: str) -> str:
        """What a name of the spec is called in the class."""
        return str(self._formals[name].text)

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

    @property
    def uses(self) -> list[Key]:
        """The uses, by their numbers."""
        return list(self._keys)

    def absorb(self, other: BlockClass) -> None:
        """Take over the uses of a class that reads like this one."""
        self._keys |= other._keys

    def kind(self, name: str) -> str:
        """``int``, or ``float`` where a use has a fraction."""
        values = [self.default(name), *(dict(key.args).get(name, value_of(self._formals[name])) for key in self._keys)]
        return "float" if any(isinstance(value, float) for value in values) else "int"

    def default(self, name: str) -> Any:
        """The default of an argument that has one of its own, which is a number."""
        arg = self.block.parameters.get(name)
        return arg.value if arg is not None and arg.expression is None else None

    def bound(self, values: Mapping[str, Any], x: Shape, outer: Mapping[str, Any]) -> dict[str, Any]:
        """The values of all arguments for one use; those of the network are what they are outside."""
        return {name: values.get(name, outer.get(name)) if name != IN else x.channels for name in self._formals}

    def end(self, key: Key) -> Place:
        """What one use gives."""
        return self._keys[key]

    def output(self, values: Mapping[str, Any], key: Key, ledger: Ledger) -> Any:
        """The channels of the output, written over the symbols of one use."""
        channels = self._end.shape.channels
        number = value_of(self._keys[key].shape.channels)
        if not isinstance(channels, Symbol):
            return number
        return over(channels, {self.identifier(name): value for name, value in values.items()}, number, ledger)


def _involved(code: Expression) -> bool:
    """Whether an expression is worth a name of its own."""
    return any(
        isinstance(part, Function | Choice) or (isinstance(part, Binary) and _grouped(part))
        for part in every_part(code)
    )


def _grouped(part: Binary) -> bool:
    sums = [isinstance(side, Binary) and side.operator in "+-" for side in part.parts]
    return part.operator == "//" or (part.operator in "*/" and any(sums))
