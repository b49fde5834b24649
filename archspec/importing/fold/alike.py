"""Uses of one block, laid over each other: which step of one is which of another, and what only some of them have."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from archspec import ops
from archspec.budget import spend
from archspec.importing.fold.tokens import Body, Quoted, Step, Token
from archspec.op import Activation
from archspec.support.limits import COUNTED

IDENTITY = Token(ops.passing_on().spelled(), {})
"""A path on which nothing is done."""
LAYERS_OF_BLOCK = 4


class Overlay(NamedTuple):
    """The bodies of all uses as one: its branches, the join if there is one, what follows, and the bodies."""

    tracks: list[list[Step]]
    join: Step | None
    then: list[Step]
    bodies: Sequence[Body]

    @property
    def steps(self) -> list[Step]:
        """All of its steps in order."""
        return [step for track in self.tracks for step in track] + self.then


def overlaid(bodies: Sequence[Body]) -> Overlay | None:
    """Bodies of one kind of module as one; None where they have not enough in common."""
    if any(body.sources is not None for body in bodies):
        return _tangled(bodies)
    forks = [body for body in bodies if body.join is not None]
    if not forks:
        return Overlay([_aligned([body.branches[0] for body in bodies])], None, [], bodies)
    joins = {body.join.name for body in forks if body.join}
    widths = {len(body.branches) for body in forks}
    if len(joins) > 1 or len(widths) > 1:
        return None
    width = widths.pop()
    if len(forks) < len(bodies) and width != 2:
        return None
    after = max((body.then for body in forks), key=len)
    bodies = [body if body.join is not None else _split(body, after) for body in bodies]
    if not any(kind is not None and kind.joins_dense for kind in map(ops.find, joins)):
        bodies = [_longest_first(body) for body in bodies]
    tracks: list[list[Step]] = []
    for at in range(width):
        chains = [body.branches[at] if at < len(body.branches) else None for body in bodies]
        tracks += _branch(chains)
    join = Step(len(bodies))
    for use, body in enumerate(bodies):
        if body.join is not None:
            join.put(use, body.join)
        else:
            join.names[use] = next(iter(joins))
    return Overlay(tracks, join, _aligned([body.then for body in bodies]), bodies)


def _tangled(bodies: Sequence[Body]) -> Overlay | None:
    """Bodies of named rows as one, where they have the same rows."""
    if len({body.sources for body in bodies}) > 1:
        return None
    tracks = [_aligned([body.branches[at] for body in bodies]) for at in range(len(bodies[0].branches))]
    return Overlay(tracks, None, [], bodies) if all(step.always for track in tracks for step in track) else None


def _branch(chains: Sequence[tuple[Token, ...] | None]) -> list[list[Step]]:
    """A branch that is a path on which nothing is done in some uses and layers in others is two."""
    idle = [chain is not None and not chain for chain in chains]
    busy = [bool(chain) for chain in chains]
    found = []
    if any(busy):
        found.append(_aligned([chain if chain else None for chain in chains]))
    if any(idle):
        found.append(_aligned([(IDENTITY,) if is_idle else None for is_idle in idle]))
    return found


def _longest_first(body: Body) -> Body:
    return body._replace(branches=tuple(sorted(body.branches, key=_length, reverse=True)))


def _length(branch: Sequence[Token]) -> int:
    """How long a branch is, in which a block counts as several layers."""
    return sum(LAYERS_OF_BLOCK if token.of_block else 1 for token in branch)


def _split(body: Body, after: Sequence[Token]) -> Body:
    """A chain as the one branch of a join, with what would follow that in other uses."""
    chain = body.branches[0]
    many = len(after) if [token.name for token in chain[len(chain) - len(after) :]] == [t.name for t in after] else 0
    cut = len(chain) - many
    return body._replace(branches=(chain[:cut],), then=chain[cut:])


def _aligned(chains: Sequence[tuple[Token, ...] | None]) -> list[Step]:
    """Chains as one list of steps, in which as many of their tokens as can be share a step."""
    steps: list[Step] = []
    last: list[Token] = []
    order = sorted(range(len(chains)), key=lambda use: -len(chains[use] or ()))
    for use in order:
        chain = chains[use] or ()
        merged, tokens = [], []
        for step_at, token_at in _matched(tuple(last), tuple(chain)):
            step = steps[step_at] if step_at is not None else Step(len(chains))
            token = chain[token_at] if token_at is not None else last[step_at or 0]
            if token_at is not None:
                step.put(use, chain[token_at])
            merged.append(step)
            tokens.append(token)
        steps, last = merged, tokens
    return steps


def _matched(one: tuple[Token, ...], other: tuple[Token, ...]) -> list[tuple[int | None, int | None]]:
    """The pairs of an alignment with the highest worth, in order; None where one side has nothing."""
    spend(COUNTED * (1 + len(one) * len(other)))
    best = [[0.0] * (len(other) + 1) for _ in range(len(one) + 1)]
    for i in range(len(one) - 1, -1, -1):
        for j in range(len(other) - 1, -1, -1):
            worth = _worth(one[i], other[j])
            both = best[i + 1][j + 1] + worth if worth else -1.0
            best[i][j] = max(both, best[i + 1][j], best[i][j + 1])
    found: list[tuple[int | None, int | None]] = []
    i = j = 0
    while i < len(one) or j < len(other):
        worth = _worth(one[i], other[j]) if i < len(one) and j < len(other) else 0
        if worth and best[i][j] == best[i + 1][j + 1] + worth:
            found.append((i, j))
            i, j = i + 1, j + 1
        elif j == len(other) or (i < len(one) and best[i][j] == best[i + 1][j]):
            found.append((i, None))
            i += 1
        else:
            found.append((None, j))
            j += 1
    return found


def _worth(one: Token, other: Token) -> float:
    """How much speaks for two tokens being one step; 0 where they cannot be."""
    if own_name(one) != own_name(other):
        return 0
    # An argument that one has and the other lacks has no value that both could have.
    if one.name == other.name and one.of_block == other.of_block and one.args.keys() == other.args.keys():
        same = sum(other.args.get(name) == value for name, value in one.args.items())
        share = same / max(len(one.args), len(other.args), 1)
        return 4 + (one.path == other.path) + 0.5 * share
    if not one.args and not other.args and _is_activation(one) and _is_activation(other):
        return 2 + (one.path == other.path)
    return 0


def own_name(token: Token) -> str:
    """The last part of the text that names a layer, if one does."""
    return next((value.rpartition(".")[2] for value in token.args.values() if isinstance(value, Quoted)), "")


def _is_activation(token: Token) -> bool:
    kind = ops.find(token.name)
    return not token.of_block and kind is not None and issubclass(kind, Activation)
