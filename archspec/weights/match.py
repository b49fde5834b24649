"""Which tensor of a state dict belongs where in a network, by structure and shape; names are never looked up.

Blocks that hold the same layers are matched first, the largest before the smaller, then what is inside each pair, down
to single layers. Among equals the order decides; where the order says nothing, the match is `ambiguous`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from archspec.weights.state_tree import DEEPEST, Node, Shapes, is_alphabetical, split_number, tree


@dataclass(frozen=True)
class Placed:
    """One tensor of the network, and the tensor of the state dict that it takes."""

    target: str
    source: str
    shape: tuple[int, ...]
    source_shape: tuple[int, ...]

    @property
    def reshaped(self) -> bool:
        return self.shape != self.source_shape

    @property
    def text(self) -> str:
        """``reshaped: fc.weight 10x64 from conv.weight 10x64x1x1``."""
        return f"reshaped: {self.target} {dims(self.shape)} from {self.source} {dims(self.source_shape)}"


@dataclass(frozen=True)
class Ambiguity:
    """Parts of the network that could change places with one another, and what they took, in order."""

    targets: tuple[str, ...]
    sources: tuple[str, ...]

    @property
    def text(self) -> str:
        """``ambiguous: branch1, branch4 from conv_a, conv_b, in order``."""
        shown = [names if len(names) <= 4 else (*names[:3], "...") for names in (self.targets, self.sources)]
        return f"ambiguous: {', '.join(shown[0])} from {', '.join(shown[1])}, in order"


@dataclass
class Matching:
    """What was placed, and what was left over on both sides."""

    placed: list[Placed] = field(default_factory=list)
    missing: dict[str, tuple[int, ...]] = field(default_factory=dict)
    unused: dict[str, tuple[int, ...]] = field(default_factory=dict)
    ambiguities: list[Ambiguity] = field(default_factory=list)


def match(target: Shapes, source: Shapes, heads: Collection[str] = ()) -> Matching:
    """Match the tensors of a network with those of a state dict; ``heads`` are the rows for training alone."""
    ours, theirs = tree(target), tree(source)
    matcher = _Matcher(ours, frozenset(heads), is_alphabetical([*source]))
    matcher.inside(ours, theirs)
    matcher.leftovers([*ours.units()], [*theirs.units()])
    return _result(target, source, matcher)


class _Matcher:
    """Pairs of layers, as they are found."""

    def __init__(self, network: Node, heads: frozenset[str], alphabetical: bool) -> None:
        self.layers = {unit.index: unit for unit in network.units()}
        self.heads, self.alphabetical = heads, alphabetical
        self.pairs: dict[Node, Node] = {}
        self.ambiguities: list[Ambiguity] = []
        self._taken: set[Node] = set()

    def inside(self, ours: Node, theirs: Node) -> None:
        """Match what is inside two nodes that belong together."""
        if not (ours.children and theirs.children):
            return self._pair(ours, theirs)
        mine, others = _by_content(ours), _by_content(theirs)
        # Larger parts first: what is inside a pair is decided by the pair, while layers alone have many equals. A
        # content that order does not decide waits until its neighbours are matched, which may then tell it apart.
        unsure: list[Hashable] = []
        for content in sorted(mine.keys() & others.keys(), key=lambda c: (-mine[c][0][1].size, mine[c][0][1].index)):
            if not self._equals(mine[content], others[content], layers=False):
                unsure.append(content)
        for content in unsure:
            self._equals(mine[content], others[content])
        return None

    def leftovers(self, ours: Sequence[Node], theirs: Sequence[Node]) -> None:
        """Match single layers that hold the same numbers in other shapes: a convolution over its whole input."""
        mine = _grouped(((0, n) for n in ours if n not in self._taken), lambda n: (n.flat, n.is_flat))
        others = _grouped(((0, n) for n in theirs if n not in self._taken), lambda n: (n.flat, not n.is_flat))
        for content in mine.keys() & others.keys():
            self._equals(mine[content], others[content])

    def _equals(self, ours: list[tuple[int, Node]], theirs: list[tuple[int, Node]], layers: bool = True) -> bool:
        """Match nodes of one content in order; where one side has more, those that lie deepest are left over.

        With ``layers`` false, single layers that order does not tell apart are left for later: whether they were.
        """
        # Heads for training alone count as deeper than anything, so that they are what another library may lack.
        ours = [(depth + DEEPEST * self._is_head(n), n) for depth, n in ours if n not in self._taken]
        theirs = [(depth, n) for depth, n in theirs if n not in self._taken]
        count = min(len(ours), len(theirs))
        if not count:
            return True
        targets, sources = _shallowest(ours, count), _shallowest(theirs, count)
        sure = self._decided(targets, sources) and _separate(ours, count) and _separate(theirs, count)
        if not sure and not (layers or targets[0].children):
            return False
        if not sure and (beside := self._beside(targets, [n for _, n in theirs])):
            sure, sources = True, beside
        if not sure:
            self.ambiguities.append(Ambiguity(tuple(n.name for n in targets), tuple(n.name for n in sources)))
        for one, other in zip(targets, sources, strict=True):
            self.inside(one, other)
            self._taken.update((one, other), (n for _, n in one.below()), (n for _, n in other.below()))
        return True

    def _beside(self, targets: Sequence[Node], sources: Sequence[Node]) -> list[Node]:
        """For each layer the one that lies nearest to what the layer before it took, such as a convolution's `bn`."""
        chosen: list[Node] = []
        for target in targets:
            before = self.layers.get(target.index - 1)
            if target.children or before not in self.pairs or not self._runs_before(before, target):
                return []
            # Two at the same distance tell nothing: a guess here would place weights wrongly without a word.
            ways = sorted((_distance(self.pairs[before], source), source.index, source) for source in sources)
            if len(ways) > 1 and ways[0][0] == ways[1][0]:
                return []
            chosen.append(ways[0][2])
        return chosen if len({*chosen}) == len(chosen) else []

    def _pair(self, ours: Node, theirs: Node) -> None:
        self._taken.update((ours, theirs))
        self.pairs[ours] = theirs

    def _decided(self, targets: Sequence[Node], sources: Sequence[Node]) -> bool:
        """Whether order says which is which: the network runs one after the other, and so were the others written."""
        in_order = all(self._runs_before(a, b) for a, b in pairwise(targets))
        return in_order and not (self.alphabetical and any(not _numbered(a, b) for a, b in pairwise(sources)))

    def _runs_before(self, a: Node, b: Node) -> bool:
        """Whether one follows on the other: both are rows, or numbered parts of a chain, and not branches of a join."""
        above, one, other = _parting(a, b)
        if not above:
            return not (self._is_head(a) or self._is_head(b))
        return one.isdecimal() and other.isdecimal()

    def _is_head(self, node: Node) -> bool:
        return bool(node.path) and node.path[0] in self.heads


def _by_content(node: Node) -> dict[Hashable, list[tuple[int, Node]]]:
    return _grouped(node.below(), lambda n: n.content)


def _grouped(
    nodes: Iterable[tuple[int, Node]], key: Callable[[Node], Hashable]
) -> dict[Hashable, list[tuple[int, Node]]]:
    groups: dict[Hashable, list[tuple[int, Node]]] = {}
    for depth, node in nodes:
        groups.setdefault(key(node), []).append((depth, node))
    return groups


def _shallowest(nodes: list[tuple[int, Node]], count: int) -> list[Node]:
    chosen = sorted(nodes, key=lambda found: (found[0], found[1].index))[:count]
    return sorted((node for _, node in chosen), key=lambda node: node.index)


def _separate(nodes: list[tuple[int, Node]], count: int) -> bool:
    """Whether those that are left over lie deeper than all that were chosen."""
    depths = sorted(depth for depth, _ in nodes)
    return len(depths) == count or depths[count - 1] < depths[count]


def _parting(a: Node, b: Node) -> tuple[tuple[str, ...], str, str]:
    """The path that two nodes share, and where each goes from there."""
    shared = next((i for i, (x, y) in enumerate(zip(a.path, b.path, strict=False)) if x != y), 0)
    rest = (a.path[shared:], b.path[shared:])
    return a.path[:shared], *((path[0] if path else "") for path in rest)  # type: ignore[return-value]


def _distance(a: Node, b: Node) -> int:
    return len(a.path) + len(b.path) - 2 * len(_parting(a, b)[0])


def _numbered(a: Node, b: Node) -> bool:
    """Whether names alone put two nodes in order: they part at a number, as `layer1` and `layer2` do."""
    _, one, other = _parting(a, b)
    stems, numbers = zip(split_number(one), split_number(other), strict=True)
    return stems[0] == stems[1] and all(numbers)


def dims(shape: tuple[int, ...]) -> str:
    """``10x64``; a tensor of one number without a shape is a scalar."""
    return "x".join(map(str, shape)) or "scalar"


def _result(target: Shapes, source: Shapes, matcher: _Matcher) -> Matching:
    result = Matching(ambiguities=matcher.ambiguities)
    counters: set[str] = set()
    for ours, theirs in matcher.pairs.items():
        for role, (name, shape) in ours.tensors.items():
            if role in theirs.tensors:
                result.placed.append(Placed(name, theirs.tensors[role][0], shape, theirs.tensors[role][1]))
        for role, (name, shape) in theirs.tensors.items():
            if not shape and role not in ours.tensors:
                counters.add(name)
    order = {name: i for i, name in enumerate(target)}
    result.placed.sort(key=lambda placed: order[placed.target])
    filled, used = {p.target for p in result.placed}, {p.source for p in result.placed} | counters
    result.missing = {name: shape for name, shape in target.items() if name not in filled}
    result.unused = {name: shape for name, shape in source.items() if name not in used}
    return result
