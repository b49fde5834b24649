"""The pieces of a formula: that of a network's own setting, and those on the other sides of what was decided for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

from archspec.counting.conventions import Counting
from archspec.diagnostics import ArchError
from archspec.expressions.polynomial import TooLong
from archspec.expressions.tree import Comparison, Expression, Name
from archspec.family.formulas.facts import Facts, facts_of, is_whole
from archspec.family.formulas.messages import no_rule, too_long
from archspec.family.formulas.normal import Exact, constant, polynomial_of, substituted
from archspec.family.formulas.pieces import Piece, member_at, piece_of, value_of
from archspec.family.formulas.trace import Forgotten
from archspec.family.member import Member
from archspec.ir.network import Value

MOST_PIECES = 12
"""Pieces of a formula that are looked for: more are not read."""


def pieces_of(member: Member, names: Sequence[str], counting: Counting) -> Iterator[Piece]:
    """The piece of a member, and those on the other sides of what was decided for it."""
    found = [_piece(member, names, counting)]
    yield found[0]
    waiting = [(found[0], {name: value_of(member.architecture, name) for name in names})]
    while waiting and len(found) < MOST_PIECES:
        piece, setting = waiting.pop(0)
        for values in () if piece.trace.pinned else _beside(piece, setting):
            other = member_at(member, values)
            if len(found) == MOST_PIECES or other.failed or any(known.at(values) for known in found):
                continue
            beyond = _piece(other, names, counting)
            if not beyond.refused:
                found.append(beyond)
                yield beyond
                waiting.append((beyond, values))


def _piece(member: Member, names: Sequence[str], counting: Counting) -> Piece:
    try:
        return piece_of(member, names, counting)
    except Forgotten:
        raise ArchError([no_rule(counting.name)]) from None
    except TooLong:
        raise ArchError([too_long()]) from None


def _beside(piece: Piece, setting: Mapping[str, Value]) -> Iterator[dict[str, Value]]:
    """Settings that may be on the other side of what was decided: one parameter where both sides are equal, or near."""
    facts = told(piece)
    steps = steps_of(facts.demanded)
    for condition in facts.decided:
        if not isinstance(condition, Comparison):
            continue
        apart = polynomial_of(condition.left) - polynomial_of(condition.right)
        for name in sorted(condition.names):
            for value in _roots(apart, name, setting, max(steps.get(name, Fraction(1)), Fraction(1))):
                yield {**setting, name: value}


def told(piece: Piece) -> Facts:
    """The conditions of a piece, or none where they are too long to be read."""
    try:
        return facts_of(piece)
    except TooLong:
        return Facts()


def steps_of(demands: Sequence[Expression]) -> dict[str, Fraction]:
    """How far apart values of parameters are of which something must be whole: of a depth 6n + 4 by 6."""
    found: dict[str, Fraction] = {}
    for each in demands:
        if is_whole(each) and is_line(value := polynomial_of(each.parts[0])):
            [name] = each.names
            slope = next(Fraction(c) for c, powers in value.terms if powers)
            found[name] = max(found.get(name, Fraction(0)), 1 / abs(slope))
    return found


def _roots(apart: Exact, name: str, setting: Mapping[str, Value], step: Fraction) -> Iterator[Value]:
    """Where a line in one parameter is 0, the others as they are set, and one step to each side."""
    line = apart
    for other in {n for _, powers in apart.terms for f, _ in powers for n in f.names} - {name}:
        value = setting[other]
        assert isinstance(value, int | float)
        found = substituted(line, other, constant(value))
        if found is None:
            return
        line = found
    slope = [Fraction(c) for c, powers in line.terms if powers]
    if len(slope) != 1 or not is_line(line):
        return
    root = -sum((Fraction(c) for c, powers in line.terms if not powers), start=Fraction(0)) / slope[0]
    for near in (root, root + step, root - step):
        if near >= 0:
            yield float(near) if isinstance(setting[name], float) or near.denominator > 1 else int(near)


def is_line(value: Exact) -> bool:
    """Whether a polynomial is a number of times one parameter, and a number."""
    steps = [powers for _, powers in value.terms if powers]
    return len(steps) == 1 and len(steps[0]) == 1 and steps[0][0][1] == 1 and isinstance(steps[0][0][0], Name)
