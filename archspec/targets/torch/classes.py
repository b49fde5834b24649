"""Blocks to classes: the uses of a block that read the same in Python share one class, whatever their numbers."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from archspec.elaborate.scope import IN
from archspec.flows import Inferred, Key
from archspec.ir import Block, Network
from archspec.op import Shape
from archspec.targets.torch.items import (
    Again,
    Fork,
    Graph,
    Item,
    Maybe,
    every_item,
    merged,
    renamed,
    texts_in,
    values_in,
)
from archspec.targets.torch.names import USED, Names
from archspec.targets.torch.symbols import Decides, FloatSymbol, IntSymbol, TooLong, computed
from archspec.targets.torch.walk import Place, Walk

CHANNELS = "in_channels"
WORD = re.compile(r"[^\W\d]\w*")


class BlockClass:
    """One class of the emitted file: a block for all its uses that read the same."""

    def __init__(self, name: str, block: Block, formals: Mapping[str, Any], items: list[Item], end: Place) -> None:
        self.name, self.block, self.items = name, block, items
        self.fresh = end.fresh
        self._formals = formals
        """The symbols of the constructor's arguments: of ``in``, of the block's and of the network's parameters."""
        self._end = end
        self._keys: dict[Key, Place] = {}
        self.locals: dict[str, str] = {}
        """Names of the constructor for expressions that stand in it more than once."""
        self.arguments: list[str] = []
        """The names of the spec that the constructor takes, those with defaults last."""

    def add(self, key: Key, end: Place) -> None:
        """Note a use."""
        self._keys[key] = end

    @property
    def uses(self) -> list[Key]:
        """The uses, by their numbers."""
        return list(self._keys)

    def settle(self) -> None:
        """Find the arguments, once all uses are known."""
        words = {word for text in texts_in(self.items) for word in WORD.findall(text)}
        words |= set(WORD.findall(getattr(self._end.shape.channels, "text", "")))
        used = [name for name, symbol in self._formals.items() if symbol.text in words]
        self.arguments = sorted(used, key=lambda name: self.default(name) is not None)
        self._name_long_texts()

    def _name_long_texts(self) -> None:
        """Give names to expressions that stand more than once: ``width = round(alpha * c)``."""
        names = Names(USED | {symbol.text for symbol in self._formals.values()})
        counted = Counter(value.text for value in values_in(self.items) if isinstance(value, IntSymbol))
        long = [text for text, count in counted.items() if count > 1 and ("(" in text or "//" in text)]
        self.locals = {text: names.identifier("width") for text in long}
        if self.locals:
            self.items = [renamed(item, self.locals) for item in self.items]

    def identifier(self, name: str) -> str:
        """What a name of the spec is called in the class."""
        return str(self._formals[name].text)

    def kind(self, name: str) -> str:
        """``int``, or ``float`` where a use has a fraction."""
        values = [self.default(name), *(dict(key.args).get(name, self._formals[name]) for key in self._keys)]
        return "float" if any(isinstance(value, float) for value in values) else "int"

    def default(self, name: str) -> Any:
        """The default of an argument that has one of its own, which is a number."""
        arg = self.block.parameters.get(name)
        return arg.value if arg is not None and arg.text is None else None

    def bound(self, values: Mapping[str, Any], x: Shape, outer: Mapping[str, Any]) -> dict[str, Any]:
        """The values of all arguments for one use; those of the network are what they are outside."""
        return {name: values.get(name, outer.get(name)) if name != IN else x.channels for name in self._formals}

    def shape(self, key: Key) -> Shape:
        """What one use gives."""
        return self._keys[key].shape

    def channels(self, key: Key) -> int:
        """The channels of what one use gives."""
        return int(self._keys[key].shape.channels)

    def output(self, values: Mapping[str, Any], x: Shape, number: int) -> int:
        """The channels of the output, written over the symbols of one use."""
        text = getattr(self._end.shape.channels, "text", None)
        symbols = {self.identifier(name): value for name, value in values.items()}
        if text is None or not any(hasattr(symbols.get(word), "text") for word in WORD.findall(text)):
            return number
        found = computed(text, symbols)
        if found is not None:
            return found
        parts = {word: getattr(symbols[word], "text", str(symbols[word])) for word in symbols}
        whole = WORD.sub(lambda m: f"({parts.get(m[0], m[0])})" if m[0] in parts else m[0], text)
        return IntSymbol(number, ast.unparse(ast.parse(whole, mode="eval")))  # with the parentheses that it needs


class Classes:
    """All classes of a network's blocks, in the order in which they need each other."""

    def __init__(
        self,
        network: Network,
        inferred: Inferred,
        kept: Mapping[str, Any],
        taken: frozenset[str],
        names: Names,
        flowing: frozenset[str],
    ) -> None:
        self._network, self._kept, self._taken, self._names = network, kept, taken, names
        self._flowing = flowing
        """The arguments of the network that flow into blocks: conditions are kept although all uses agree now."""
        self._keys: dict[str, list[Key]] = {}
        for key in inferred.inside:
            self._keys.setdefault(key.block, []).append(key)
        self.made: list[BlockClass] = []
        self._counts: dict[str, int] = {}
        self._of: dict[Key, BlockClass] = {}

    def find(self, key: Key) -> BlockClass:
        """The class of one use."""
        if key not in self._of:
            self._make(key.block, key)
        return self._of[key]

    def _make(self, block: str, asked: Key) -> None:
        keys = list(dict.fromkeys([*self._keys.get(block, []), asked]))
        found: list[BlockClass] = []
        for key in keys:
            if key in self._of:
                continue
            formals, items, end = self._walked(key)
            of = next((c for c in found if self._joins(c, items, end)), None)
            if of is None:
                name = self._names.class_name(self._lettered(self._network.blocks[block].name), "Block")
                of = BlockClass(name, self._network.blocks[block], formals, items, end)
                found.append(of)
            of.add(key, end)
            self._of[key] = of
        for of in found:
            of.settle()
        self.made += found

    def _lettered(self, name: str) -> str:
        """The name of a block as that of a class: ``Inception``, and ``InceptionB`` for one of other layers."""
        self._counts[name] = count = self._counts.get(name, 0) + 1
        title = name.upper() if len(name) == 2 else name  # the abbreviation `se` in capitals
        return title + (chr(ord("A") + count - 1) if 1 < count <= 26 else "")

    def _joins(self, of: BlockClass, items: Sequence[Item], end: Place) -> bool:
        """Whether a use reads like those of a class, which then holds for it too."""
        both = merged(of.items, items)
        alike = (
            both is not None and of.fresh == end.fresh and _text(of._end.shape.channels) == _text(end.shape.channels)
        )
        if alike and both is not None:
            of.items = both
        return alike

    def _walked(self, key: Key) -> tuple[dict[str, Any], list[Item], Place]:
        """The items of a block's body over symbols of its parameters; over numbers where those grow too long."""
        try:
            return self._over(key, *self._symbols(key))
        except Decides:
            raise
        except TooLong:
            if self._kept:  # which would not reach the numbers
                raise TooLong(" ".join(value.text for value in self._kept.values())) from None
            return self._over(key, {}, key.x.channels)

    def _symbols(self, key: Key) -> tuple[dict[str, Any], int]:
        """Symbols for what the constructor may take, and for the channels that enter."""
        names = Names(USED | {CHANNELS})
        formals: dict[str, Any] = {IN: IntSymbol(key.x.channels, CHANNELS)}
        for name, value in key.args:
            text = names.identifier(name, "parameter")
            formals[name] = FloatSymbol(value, text) if isinstance(value, float) else IntSymbol(value, text)
        for name, value in self._kept.items():
            if name not in formals:
                text = names.identifier(name, "parameter")
                formals[name] = type(value)(value, text)
        return formals, formals[IN]

    def _over(self, key: Key, formals: dict[str, Any], channels: int) -> tuple[dict[str, Any], list[Item], Place]:
        block = self._network.blocks[key.block]
        values = {**self._network.parameters, **dict(key.args), **formals}
        walk = Walk(self._network, values, self._taken, self.find, fixed=False)
        items, end = walk.steps(block.steps, Place(key.x._replace(channels=channels)))
        if self._flowing:
            if any(_may_drop(item) for item in every_item(items)):
                raise Decides(" ".join(self._flowing))
            items = [_opened(item) for item in items]
        return formals, items, end


def _opened(item: Item) -> Item:
    """The item with every condition kept in the code."""
    if isinstance(item, Maybe):
        open_ = item.holds if item.condition in ("True", "False") else frozenset({True, False})
        return item._replace(holds=open_, items=[_opened(inner) for inner in item.items])
    if isinstance(item, Again):
        return item._replace(items=[_opened(inner) for inner in item.items])
    if isinstance(item, Fork):
        branches = [branch._replace(items=[_opened(inner) for inner in branch.items]) for branch in item.branches]
        return item._replace(branches=branches)
    if isinstance(item, Graph):
        return Graph([node._replace(items=[_opened(inner) for inner in node.items]) for node in item.nodes])
    return item


def _may_drop(item: Item) -> bool:
    """Whether a branch may drop out of its join, which Python's classes cannot ask: then its widths are numbers."""
    return isinstance(item, Fork) and any(
        branch.items and all(isinstance(inner, Maybe) and not inner.bypass for inner in branch.items)
        for branch in item.branches
    )


def _text(value: object) -> str:
    return str(getattr(value, "text", value))
