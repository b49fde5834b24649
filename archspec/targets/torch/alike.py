"""Networks of a family whose tables differ in numbers alone, as one table over parameters for these numbers.

Parameters for several numbers of a kind are one argument in the code: ``depths[0]``, ``widths[2]``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence, Set
from typing import NamedTuple, TypeAlias

from archspec.expressions import Name
from archspec.ir.network import Apply, Arg, Block, Instance, Network, Repeat
from archspec.ir.rewriting import Rewriting
from archspec.ir.walking import every_step
from archspec.targets.torch.names import USED, Names
from archspec.targets.torch.parameters import Parameter, arguments_of

RUNS = "depths"
WIDTHS = {"channels": "widths", "units": "widths"}
"""What numbers are called in the code that an op has for its channels."""
Kind: TypeAlias = str
"""What an argument for numbers is called."""


class Literal(NamedTuple):
    """A number as it is written in the rows of a table, and what it is."""

    kind: Kind
    value: int | float


class Common(NamedTuple):
    """A network over parameters for numbers, by the places of these numbers."""

    network: Network
    arguments: Mapping[str, Parameter]
    """All of its parameters that code may keep."""
    places: Mapping[int, str]
    """The parameters in the place of numbers."""


class Table:
    """The rows of a network without their numbers, and these."""

    def __init__(self, network: Network) -> None:
        self.network = network
        found = _Literals(network)
        rows = tuple(row.replaced(op="") for row in found.each(network.rows, found.row))
        heads = tuple(
            head.replaced(rows=tuple(row.replaced(op="") for row in found.each(head.rows, found.row)))
            for head in network.heads
        )
        self.literals = found.literals
        init = network.recipe.settings.get("init") if network.recipe else None
        kinds = tuple((name, type(value)) for name, value in network.parameters.items())
        blocks = {name: _VALUELESS.block(block) for name, block in network.blocks.items()}
        outline = (len(network.input), network.input[-1], kinds, init)
        self.skeleton = repr((*outline, rows, heads, blocks))  # nodes that hold dictionaries have no hash
        """What tables have in common that differ in numbers alone."""
        every = (network.rows, *(head.rows for head in network.heads))
        names = [[(row.layer, row.sources) for row in each] for each in every]
        self.outline = repr((*outline, names, [literal.kind for literal in self.literals]))
        """What tables have in common that differ in words beside numbers."""

    def over(self, names: Mapping[int, str]) -> Network:
        """The network with parameters in the place of numbers."""
        network = self.network
        put = _Put(names)
        values = {name: self.literals[place].value for place, name in names.items()}
        return network.replaced(
            rows=put.each(network.rows, put.row),
            heads=put.each(network.heads, put.head),
            parameters=network.parameters | values,
        )


def common(tables: Sequence[Table], without: Set[int]) -> list[Common]:
    """Tables of one skeleton over the same parameters for what differs, but for numbers at some places."""
    numbers = [[table.literals[i] for table in tables] for i in range(len(tables[0].literals))]
    places = [i for i, each in enumerate(numbers) if i not in without and _is_argument(each, numbers)]
    own: dict[tuple[Literal | int, ...], list[int]] = {}
    for i in places:
        key = (i,) if numbers[i][0].kind == RUNS else tuple(numbers[i])
        own.setdefault(key, []).append(i)
    taken = frozenset(name for table in tables for name in table.network.parameters)
    called = _called([numbers[same[0]][0].kind for same in own.values()], Names(USED | taken))
    names = {i: name for name, same in zip(called, own.values(), strict=True) for i in same}
    return [_common(table.over(names), names) for table in tables]


def _common(network: Network, names: Mapping[int, str]) -> Common:
    kept = arguments_of(network)
    arguments = {
        name: _listed(parameter, name) if name in names.values() else parameter for name, parameter in kept.items()
    }
    return Common(network, arguments, names)


def _listed(parameter: Parameter, name: str) -> Parameter:
    return parameter._replace(identifier=name, own=False, among=name.partition("[")[0] if "[" in name else "")


def _is_argument(numbers: Sequence[Literal], every: Sequence[Sequence[Literal]]) -> bool:
    """Whether numbers are an argument: they differ, or count runs as others do that differ.

    What runs once is no list in a network alone, and so is none here: its weights would have other names.
    """
    if numbers[0].kind != RUNS:
        return len({*numbers}) > 1
    differs = any(each[0].kind == RUNS and len({*each}) > 1 for each in every)
    return differs and all(number.value > 1 for number in numbers)


def _called(kinds: Sequence[Kind], names: Names) -> list[str]:
    """A name for each argument, in order: those of a kind are of one list."""
    counts = Counter(kinds)
    lists = {kind: names.identifier(kind if count > 1 else kind.removesuffix("s")) for kind, count in counts.items()}
    seen = Counter[str]()
    found = []
    for kind in kinds:
        found.append(f"{lists[kind]}[{seen[kind]}]" if counts[kind] > 1 else lists[kind])
        seen[kind] += 1
    return found


class _Literals(Rewriting):
    """Notes the numbers of rows in order, and leaves nothing in their places."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self.literals: list[Literal] = []

    def layer(self, step: Apply | Instance) -> Apply | Instance:
        args = {name: self._noted(arg, self._kind(step, name)) for name, arg in step.args.items()}
        return step.replaced(args=args)

    def argument(self, arg: Arg) -> Arg:
        return self._noted(arg, RUNS)

    def _noted(self, arg: Arg, kind: Kind) -> Arg:
        if _is_number(arg):
            assert isinstance(arg.value, int | float)
            self.literals.append(Literal(kind, arg.value))
            return Arg(value=None)
        return _without_value(arg)

    def _kind(self, step: Apply | Instance, name: str) -> Kind:
        """What a number is called: after the argument of the layer that takes it, or of the first in a block."""
        if isinstance(step, Instance):
            name = _use(self._network.blocks[step.block], name, self._network.blocks)
        return WIDTHS.get(name, name if name.endswith("s") else f"{name}s")


def _use(block: Block, name: str, blocks: Mapping[str, Block]) -> str:
    for step in every_step(block.steps):
        if isinstance(step, Repeat) and name in step.times.names:
            return RUNS
        for inner, arg in step.args.items() if isinstance(step, Apply | Instance) else ():
            if name in arg.names:
                return _use(blocks[step.block], inner, blocks) if isinstance(step, Instance) else inner
    return name


class _Arguments(Rewriting):
    """Walks over the arguments of layers too."""

    def layer(self, step: Apply | Instance) -> Apply | Instance:
        return self.with_(step, args=self.values_of(step.args, self.argument))


class _Put(_Arguments):
    """Puts parameters in the places of numbers, in the order in which these were noted."""

    def __init__(self, names: Mapping[int, str]) -> None:
        self._names = names
        self._place = -1

    def argument(self, arg: Arg) -> Arg:
        if not _is_number(arg):
            return arg
        self._place += 1
        name = self._names.get(self._place)
        return arg if name is None else arg.replaced(expression=Name(name, isinstance(arg.value, int)))


class _Valueless(_Arguments):
    """Leaves expressions without their values, which parameters of the network decide."""

    def argument(self, arg: Arg) -> Arg:
        return _without_value(arg)


_VALUELESS = _Valueless()


def _without_value(arg: Arg) -> Arg:
    return arg if arg.expression is None or arg.value is None else arg.replaced(value=None)


def _is_number(arg: Arg) -> bool:
    return arg.expression is None and type(arg.value) in (int, float)
