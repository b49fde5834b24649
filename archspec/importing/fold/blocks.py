"""Modules whose branches meet become blocks: all of one kind are one block, where they have enough in common."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from graphlib import TopologicalSorter
from typing import NamedTuple

from archspec.importing.fold.alike import Overlay, overlaid, own_name
from archspec.importing.fold.layers import idle_biases, needless, token
from archspec.importing.fold.names import Names, block_name
from archspec.importing.fold.parts import is_container
from archspec.importing.fold.solve import Solved, solved
from archspec.importing.fold.tokens import Body, Token
from archspec.importing.fold.tree import Chain, Fork, Item, Leaf, Part, Tangle, inner, layers_of
from archspec.importing.graph import INPUT, Graph, Scope
from archspec.ir.node import Value

WRAP = "Branches"
"""What the kind of a part ends in that was put around a fork, as no module holds it alone."""
MOST_SWITCHES = 3
"""How many parameters of a block may say whether a step is there; uses that differ in more are different blocks."""

MOST_PARAMETERS = 9
"""How many parameters a block has at most, if its uses can also be several blocks."""


class Block(NamedTuple):
    """A block of the spec, with what its uses give for its parameters."""

    name: str
    solved: Solved


class Kind(NamedTuple):
    """What uses must share to be one block: the kind of their module."""

    name: str
    level: int
    """How deep blocks stand in it, where modules of the kind hold others of it, also by way of others; else 0."""


class Use(NamedTuple):
    """One use of a block: the tokens of its body."""

    part: Part
    body: Body


class Blocks:
    """The blocks of a graph; ``token`` gives what stands for an item in a chain."""

    def __init__(self, graph: Graph, chain: Chain) -> None:
        self._graph = graph
        self._idle = idle_biases(graph)
        self._names = Names()
        self.found: list[Block] = []
        self._tokens: dict[int, Token] = {}
        self._kinds = _forking(chain)
        uses: dict[Kind, list[Part]] = {}
        inside = self._inside(chain)
        nested = {kind for kind in inside if _reaches(inside, kind)}
        kinds = {id(part): self._kind(part, nested) for part in self._parts(chain)}
        before: dict[Kind, set[Kind]] = {}
        for part in self._parts(chain):
            kind = kinds[id(part)]
            uses.setdefault(kind, []).append(part)
            before.setdefault(kind, set()).update(kinds[id(each)] for each in self._parts(part.chain))
        for kind in TopologicalSorter(before).static_order():
            self._add(kind, uses[kind])

    def is_block(self, item: Item) -> bool:
        """Whether an item is a use of a block."""
        return isinstance(item, Part) and item.scope.kind in self._kinds

    def tokens(self, chain: Chain, within: str = "") -> Iterator[Token]:
        """A chain with its modules opened, but for those that are blocks."""
        for item in chain:
            if isinstance(item, Leaf):
                yield token(self._graph.layers[item.layer], within, item.layer in self._idle)
            elif self.is_block(item):
                yield self._tokens[id(item)]
            elif isinstance(item, Part):
                yield from self.tokens(item.chain, within)

    def _parts(self, chain: Chain) -> Iterator[Part]:
        for item in chain:
            for each in inner(item):
                yield from self._parts(each)
            if isinstance(item, Part) and self.is_block(item):
                yield item

    def _inside(self, chain: Chain) -> dict[str, set[str]]:
        """The kinds of blocks that stand in each kind."""
        found: dict[str, set[str]] = {}
        for part in self._parts(chain):
            found.setdefault(part.scope.kind, set()).update(each.scope.kind for each in self._parts(part.chain))
        return found

    def _kind(self, part: Part, nested: Collection[str]) -> Kind:
        return Kind(part.scope.kind, self._height(part) if part.scope.kind in nested else 0)

    def _height(self, item: Item) -> int:
        inside = [self._height(each) for chain in inner(item) for each in chain]
        return max(inside, default=0) + self.is_block(item)

    def _add(self, kind: Kind, parts: Sequence[Part]) -> None:
        uses = [Use(part, self._body(part)) for part in parts]
        for group, block in _groups(uses):
            name = self._names.free(block_name(kind.name))
            self.found.append(Block(name, block))
            for at, use in enumerate(group):
                given = {each.name: each.values[at] for each in block.parameters}
                path = use.part.scope.path
                self._tokens[id(use.part)] = Token(name, given, path, of_block=True)

    def _body(self, part: Part) -> Body:
        graph, path = self._graph, part.scope.path
        if part.scope.kind.endswith(WRAP):  # which is no module
            path = path.rpartition(".")[0]
        layers = [layer for item in part.chain for layer in layers_of(item)]
        first, last = min(layers), max(layers)
        source = graph.layers[first].sources[0]
        enters = (graph.input if source == INPUT else graph.layers[source].output).channels
        leaves = graph.layers[last].output.channels
        if any(isinstance(item, Tangle) for item in part.chain):
            rows = list(self._strands(part.chain, path))
            return Body(tuple(row for _, row in rows), None, (), enters, leaves, tuple(sources for sources, _ in rows))
        head = part.chain[0]
        if isinstance(head, Fork):
            branches = tuple(tuple(self.tokens(branch, path)) for branch in head.branches)
            join = token(graph.layers[head.join], path)
            return Body(branches, join, tuple(self.tokens(part.chain[1:], path)), enters, leaves)
        return Body((tuple(self.tokens(part.chain, path)),), None, (), enters, leaves)

    def _strands(self, chain: Chain, path: str) -> Iterator[tuple[tuple[int, ...], tuple[Token, ...]]]:
        """A chain that holds tangles as rows, each with those that it takes."""
        last, count, plain = -1, 0, []
        for item in [*chain, None]:
            if item is not None and not isinstance(item, Tangle):
                plain.append(item)
                continue
            if plain:
                yield (last,), tuple(self.tokens(tuple(plain), path))
                last, count, plain = count, count + 1, []
            if isinstance(item, Tangle):
                for strand in item.strands:
                    sources = tuple(last if each < 0 else count + each for each in strand.sources)
                    yield sources, tuple(self.tokens(strand.chain, path))
                count += len(item.strands)
                last = count - 1

    def parameters(self, name: str) -> dict[str, Value | None]:
        """The parameters of a block with their defaults."""
        block = next(each for each in self.found if each.name == name)
        return {each.name: each.default for each in block.solved.parameters}


def _reaches(inside: Mapping[str, set[str]], kind: str) -> bool:
    """Whether a kind stands in itself, perhaps by way of others."""
    found: set[str] = set()
    waiting = [*inside[kind]]
    while waiting:
        each = waiting.pop()
        if each not in found:
            found.add(each)
            waiting += inside[each]
    return kind in found


def _forking(chain: Chain) -> set[str]:
    """The kinds of modules that are blocks: those of which one holds a fork that no module inside it holds."""
    found = set()
    for item in chain:
        for each in inner(item):
            found |= _forking(each)
        if isinstance(item, Part) and any(map(_is_forking, item.chain)) and not is_container(item.scope.kind):
            found.add(item.scope.kind)
    return found


def _is_forking(item: Item) -> bool:
    """Whether an item is a fork or a tangle, perhaps in a part that was put around it."""
    return isinstance(item, Fork | Tangle) or (isinstance(item, Part) and item.scope.kind.endswith(WRAP))


def _groups(uses: Sequence[Use]) -> list[tuple[Sequence[Use], Solved]]:
    """Uses that make one block, with it: all of them, or else those with equal steps."""
    block = _block_of(uses)
    if block is not None and _switches(block) <= MOST_SWITCHES and len(block.parameters) <= MOST_PARAMETERS:
        return [(uses, block)]
    by_form: dict[object, list[Use]] = {}
    for use in uses:
        by_form.setdefault(_form(use.body), []).append(use)
    found: list[tuple[Sequence[Use], Solved]] = []
    for group in by_form.values():
        block = _block_of(group)
        assert block is not None  # of equal steps
        found.append((group, block))
    return found


def _block_of(uses: Sequence[Use]) -> Solved | None:
    """The block that stands for uses; None where they have not enough in common."""
    overlay = overlaid([use.body for use in uses])
    return None if overlay is None else solved(_trimmed(overlay))


def _form(body: Body) -> object:
    def names(tokens: Sequence[Token]) -> tuple[tuple[str, str], ...]:
        return tuple((each.name, own_name(each)) for each in tokens)

    return tuple(map(names, body.branches)), body.join and body.join.name, names(body.then), body.sources


def _switches(block: Solved) -> int:
    """How many of its parameters say whether something is there."""
    return sum(isinstance(each.values[0], bool) for each in block.parameters)


def _trimmed(overlay: Overlay) -> Overlay:
    """Without arguments that need not be written."""
    for step in [*overlay.steps, *([overlay.join] if overlay.join else [])]:
        if not step.of_block:
            for name in [name for name in step.args if needless(step, name)]:
                del step.args[name]
    return overlay


def wrapped(chain: Chain, outer: Scope | None = None, is_branch: bool = False) -> Chain:
    """A chain in which each fork is the first item of a part, so that a block can say it; in a branch, and in the rows
    of a tangle, each tangle is one too."""
    alone = outer is not None and not is_container(outer.kind) and not any(isinstance(item, Tangle) for item in chain)
    found: list[Item] = []
    for at, item in enumerate(chain):
        if isinstance(item, Part):
            found.append(Part(_named(item, outer), wrapped(item.chain, item.scope)))
        elif isinstance(item, Fork):
            fork = Fork(item.join, tuple(wrapped(branch, is_branch=True) for branch in item.branches))
            found.append(fork if at == 0 and alone else _wrap(fork, outer))
        elif isinstance(item, Tangle):
            strands = tuple(each._replace(chain=wrapped(each.chain, is_branch=True)) for each in item.strands)
            found.append(_wrap(Tangle(strands), outer) if is_branch else Tangle(strands))
        else:
            found.append(item)
    return tuple(found)


def _wrap(item: Item, outer: Scope | None) -> Part:
    kind = f"{outer.kind if outer else ''}{WRAP}"
    return Part(Scope(f"{outer.path}.{kind}" if outer else kind, kind), (item,))


def _named(part: Part, outer: Scope | None) -> Scope:
    """A module as a block is called after it: what only contains others and holds a tangle is of the kind around it."""
    if not is_container(part.scope.kind) or not any(isinstance(item, Tangle) for item in part.chain):
        return part.scope
    return Scope(part.scope.path, f"{outer.kind if outer else ''}{WRAP}")
