"""One class of the emitted file: a block for all its uses that read the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from functools import cached_property
from typing import Any, NamedTuple

from archspec.elaborate.scope import IN
from archspec.expressions import Binary, Choice, Expression, Function, every_part
from archspec.expressions.symbolic import over
from archspec.expressions.symbols import Ledger, Symbol, alike, value_of
from archspec.flows import Key
from archspec.ir import Block
from archspec.op import Shape
from archspec.targets.torch.influence import NOTHING
from archspec.targets.torch.items import Item, names_in, remaining, renamed, values_in
from archspec.targets.torch.merging import merged, written
from archspec.targets.torch.names import USED, Names
from archspec.targets.torch.walk import Place


class Body(NamedTuple):
    """The body of a block at one of its uses."""

    formals: Mapping[str, Any]
    """The symbols of the constructor's arguments: of ``in``, of the block's and of the network's parameters."""
    items: list[Item]
    end: Place
    decided: Mapping[Expression, bool]
    """What the values of this use decided: the code holds only where they decide alike."""


class BlockClass:
    """One class of the emitted file: a block for all its uses that read the same."""

    def __init__(self, block: Block, key: Key, body: Body) -> None:
        self.block, self.items = block, body.items
        self.name = ""
        """Given once it is known which classes the file has."""
        self.fresh = body.end.fresh
        self._formals, self._end, self._decided = body.formals, body.end, body.decided
        self._keys = {key: body.end}
        self.locals: dict[str, Expression] = {}
        """Names of the constructor for expressions that stand in it more than once."""
        self.arguments: list[str] = []
        """The names of the spec that the constructor takes, those with defaults last."""

    def joins(self, key: Key, body: Body) -> bool:
        """Whether a use reads like those of this class, which then holds for it too."""
        both = merged(self.items, body.items)
        same = self._decided == body.decided and alike(self._end.shape.channels, body.end.shape.channels)
        if both is None or not same:
            return False
        self.items, self.fresh = both, self.fresh and body.end.fresh
        self._keys[key] = body.end
        return True

    def settle(self) -> None:
        """Find the arguments, once all uses are known."""
        names = names_in(self.items)
        used = [name for name in self._formals if self.identifier(name) in names]
        self.arguments = sorted(used, key=lambda name: self.default(name) is not None)
        self._name_long_expressions()

    def _name_long_expressions(self) -> None:
        """Give names to expressions that stand more than once: ``width = round(alpha * c)``."""
        names = Names(USED | {self.identifier(name) for name in self._formals})
        counted = Counter(value.code for value in values_in(self.items) if isinstance(value, Symbol) and value.whole)
        long = {code: names.identifier("width") for code, count in counted.items() if count > 1 and _involved(code)}
        self.locals = {name: code for code, name in long.items()}
        if long:
            self.items = renamed(self.items, long)

    def identifier(self, name: str) -> str:
        """What a name of the spec is called in the class."""
        return str(self._formals[name].text)

    @cached_property
    def reading(self) -> tuple[object, ...]:
        """What its code reads like but for its name; equal for classes of which one can stand for both."""
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

    def shape(self, key: Key) -> Shape:
        """What one use gives."""
        return self._keys[key].shape

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
