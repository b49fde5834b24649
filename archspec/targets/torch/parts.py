"""Networks as items: their rows, what belongs to the loss, their heads, and the classes that their blocks share."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from typing import Any, NamedTuple

from archspec.analysis.cost import Totals
from archspec.analysis.inferred import Inferred, Key, ends_in_loss
from archspec.expressions.polynomial import TooLong
from archspec.expressions.symbols import Ledger, Symbol, variable
from archspec.ir.network import Apply, Network, Row
from archspec.ir.walking import steps_of
from archspec.support.sources import beside
from archspec.targets.torch.bindings import Decides
from archspec.targets.torch.checks import checks_of
from archspec.targets.torch.classes import Classes, Program, used_by
from archspec.targets.torch.influence import NOTHING, Reach, reach_of
from archspec.targets.torch.item_values import names_in
from archspec.targets.torch.items import Graph, Item, Leaf, Node, calls_in, settled
from archspec.targets.torch.local_widths import with_locals
from archspec.targets.torch.names import USED, Names
from archspec.targets.torch.parameters import Parameter
from archspec.targets.torch.places import Place
from archspec.targets.torch.refusals import Check
from archspec.targets.torch.repetitions import seen
from archspec.targets.torch.running import CHANNELS, Steps, running
from archspec.targets.torch.stages import BLOCKS, with_blocks
from archspec.targets.torch.walk import Walk


class Counted(NamedTuple):
    """A network with its shapes and its totals."""

    network: Network
    inferred: Inferred
    totals: Totals


class Word(NamedTuple):
    """A word, truth value or size in which networks of one class differ, as an argument of that."""

    identifier: str
    kind: str
    """Its type, as code."""
    passed: Any
    """What it is for one network."""


class Parts(NamedTuple):
    """A network as items: its rows without what belongs to the loss, that, and the rows of its heads."""

    function: str
    """The name of its entry function."""
    arguments: Mapping[str, Parameter]
    nodes: list[Node]
    loss: Node | None
    heads: dict[str, list[Node]]
    steps: Mapping[int, Steps] = {}
    """The statements by which a variable holds widths that grow, by the places of the rows."""
    checks: Sequence[Check] = ()
    """The checks of its arguments."""
    used: frozenset[str] = frozenset()
    """The arguments that its items and statements use."""
    words: Mapping[str, Word] = {}
    """The arguments for what it differs in from others of its class beside numbers, by their names in the spec."""

    @property
    def names(self) -> frozenset[str]:
        """The names that its constructor takes."""
        given = {call.given.name for call in calls_in(self.own) if call.given}
        identifiers = {p.among or p.identifier for p in self.arguments.values()}
        return frozenset((*identifiers, *given))

    @property
    def rows(self) -> list[Node]:
        """All rows, also those of the loss and of heads."""
        return [*self.nodes, *([self.loss] if self.loss else []), *(n for head in self.heads.values() for n in head)]

    @property
    def own(self) -> list[Item]:
        """The items of the rows."""
        return [item for node in self.rows for item in node.items]

    @property
    def items(self) -> list[Item]:
        """All items, in the order of the file: those of the classes first that it needs."""
        return [item for of in used_by(self.own) for item in settled(of.items)] + self.own


class Whole(NamedTuple):
    """The networks of a file, with the classes of their blocks."""

    networks: list[Parts]
    classes: Classes
    names: Names
    """Those of the module, of which its classes have taken theirs."""

    @property
    def items(self) -> list[Item]:
        """All items, in the order of the file: those of the classes first."""
        own = [item for parts in self.networks for item in parts.own]
        return [item for of in self.classes.made for item in settled(of.items)] + own

    def only(self, places: Sequence[int]) -> Whole:
        """The same without other networks, which the classes of these stand for."""
        return self._replace(networks=[self.networks[place] for place in places])


def whole_of(
    counted: Sequence[Counted],
    functions: Sequence[str],
    arguments: Sequence[Mapping[str, Parameter]],
    taken: Set[str] = frozenset(),
    joined: Callable[[list[Parts]], list[Parts]] = lambda networks: networks,
) -> Whole:
    """The networks of one file with their arguments, in which names may be taken; ``joined`` lets some have one class.

    A parameter whose expressions grow too long is written as a number in all of them.
    """
    while True:
        try:
            return _whole(counted, functions, arguments, taken, joined)
        except TooLong as long:
            if not any(arguments):
                raise  # a bug: there is no symbol left that could grow
            left = [{n: p for n, p in own.items() if p.identifier not in long.names} for own in arguments]
            arguments = left if left != [*arguments] else [{} for _ in counted]


def _whole(
    counted: Sequence[Counted],
    functions: Sequence[str],
    arguments: Sequence[Mapping[str, Parameter]],
    reserved: Set[str],
    joined: Callable[[list[Parts]], list[Parts]],
) -> Whole:
    """The items of the networks. Where an argument may change a condition inside a block, all conditions are kept."""
    identifiers = (parameter.identifier for own in arguments for parameter in own.values())
    taken = frozenset((*functions, *identifiers, *reserved))
    copied = frozenset[str]().union(*(_copied(each.network) for each in counted))
    reach: list[dict[Key, Reach]] = [{} for _ in counted]
    shown = [seen(each.network, each.inferred, own) for each, own in zip(counted, arguments, strict=True)]
    while True:
        names = Names(USED | taken | copied)
        ledgers = [Ledger() for _ in counted]
        programs = [
            Program(*each, _symbols(each.network, own, ledger), known, _closed(own))
            for each, own, ledger, known in zip(shown, arguments, ledgers, reach, strict=True)
        ]
        classes = Classes(programs, taken, names, copied)
        networks: list[Parts] = []
        before, reach = reach, []
        for i, (program, ledger) in enumerate(zip(programs, ledgers, strict=True)):
            own = {name: frozenset({name}) for name in _open(arguments[i])}
            walk = classes.walk_of(i, {**program.network.parameters, **program.kept}, ledger, fixed=True, reach=own)
            networks.append(Parts(functions[i], arguments[i], *_rows(program.network, walk)))
            if deciding := NOTHING.union(*(each.names for each in ledger.decided)) - program.closed:
                raise Decides(deciding)
            uses = {**classes.uses[i], None: walk.uses}
            reach.append(reach_of(uses, classes.called[i], _open(arguments[i])))
        if reach == before:
            classes.finish([item for parts in networks for item in parts.own])
            symbols = [
                _symbols(program.network, own, Ledger()) for program, own in zip(programs, arguments, strict=True)
            ]
            checked = [_checked(parts, own) for parts, own in zip(networks, symbols, strict=True)]
            run = [_running(parts, own) for parts, own in zip(joined(checked), symbols, strict=True)]
            return Whole(run, classes, names)


def _rows(network: Network, walk: Walk) -> tuple[list[Node], Node | None, dict[str, list[Node]]]:
    """The rows without what belongs to the loss, that, and the rows of the heads."""
    shared = frozenset(head.source for head in network.heads)
    nodes, _ = walk.rows(network.rows, Place(network.input_shape), shared)
    places = {node.name: Place(node.shape) for node in nodes}
    heads = {head.name: walk.rows(head.rows, places[head.source])[0] for head in network.heads}
    return *_without_loss(nodes, network.rows), heads


def _running(parts: Parts, symbols: Mapping[str, Symbol]) -> Parts:
    """With variables for widths that grow, and for those that are long to write."""
    arguments = {symbol.text: symbol for symbol in symbols.values()}
    words = {word.identifier for word in parts.words.values()}
    taken = USED | arguments.keys() | words
    run = running(parts.nodes, taken)
    run = with_blocks(run, arguments, taken)
    run = with_locals(run, arguments, taken | {CHANNELS, BLOCKS})
    return parts._replace(nodes=run.nodes, steps=run.steps, used=names_in(parts.own) | words)


def _checked(parts: Parts, symbols: Mapping[str, Symbol]) -> Parts:
    """With checks of its arguments by what its items demand of them."""
    arguments = {symbol.text: symbol for symbol in symbols.values()}
    return parts._replace(checks=checks_of([Graph(parts.rows)], arguments, _closed(parts.arguments)))


def _closed(arguments: Mapping[str, Parameter]) -> frozenset[str]:
    """The arguments that have the values of known networks alone."""
    return frozenset(parameter.identifier for parameter in arguments.values() if not parameter.own)


def _open(arguments: Mapping[str, Parameter]) -> list[str]:
    """The arguments that may have any value."""
    return [parameter.identifier for parameter in arguments.values() if parameter.own]


def _symbols(network: Network, arguments: Mapping[str, Parameter], ledger: Ledger) -> dict[str, Symbol]:
    """A symbol for each argument, with the value of the parameter."""
    values = network.parameters
    return {name: variable(p.identifier, p.kind(values[name]), ledger) for name, p in arguments.items()}


def _without_loss(nodes: list[Node], rows: Sequence[Row]) -> tuple[list[Node], Node | None]:
    """The rows, and what stands last and belongs to the loss, as a row of its own."""
    place = next((i for i in reversed(range(len(nodes))) if nodes[i].items or nodes[i].join), None)
    if place is None or not ends_in_loss(rows[place]):
        return nodes, None
    node = nodes[place]
    last = node.items[-1]
    assert isinstance(last, Leaf)
    if len(node.items) == 1 and node.join is None:
        return nodes[:place] + nodes[place + 1 :], node
    kept = node._replace(items=node.items[:-1])
    loss = Node(last.op.spelled(), (), None, (node.shape,), [last], node.shape)
    return [*nodes[:place], kept, *nodes[place + 1 :]], loss


def _copied(network: Network) -> frozenset[str]:
    """The names of the classes that ops bring along, which no block may take."""
    kinds = {kind for step in steps_of(network) if isinstance(step, Apply) for kind in step.kind_of_layer.__mro__}
    return frozenset[str]().union(*(beside(kind.__module__).classes() for kind in kinds))
