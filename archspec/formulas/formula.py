"""Formulas of a network: each quantity over some parameters, a piece for each way in which settings are decided."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from functools import cached_property

from archspec.counting.conventions import Counting
from archspec.diagnostics import ArchError, Diagnostic
from archspec.expressions.polynomial import TooLong
from archspec.expressions.tree import Comparison, Expression, Function, Name
from archspec.family.member import Member
from archspec.formulas.facts import decided, demanded
from archspec.formulas.messages import decides_layers, no_rule, no_variable, not_closed, nothing_varies, too_long
from archspec.formulas.normal import WHOLE, Exact, atom, constant, normal, polynomial_of, settled, substituted
from archspec.formulas.pieces import SIDES, Piece, member_at, piece_of, value_of
from archspec.formulas.trace import Forgotten
from archspec.formulas.writing import TEXT, condition_text
from archspec.ir.network import Network, Value

MOST_PIECES = 12
"""Pieces of a formula that are looked for: more are not read."""
QUANTITIES = ("params", "mult_adds", "activations", "connections", "weight_layers", "kept")
"""What there are formulas of, by the names of the totals of a network."""


class Case:
    """A piece of a formula, as it is read: what it holds for, and its polynomials."""

    def __init__(self, piece: Piece, lets: Mapping[str, Expression]) -> None:
        self.piece = piece
        self.decided: Sequence[Expression] = decided(piece)
        """What was decided, and may be decided otherwise elsewhere: ``k != 1``."""
        self._equal = _equal(self.decided)
        self.demanded: Sequence[Expression] = [x for x in demanded(piece) if x.names.isdisjoint(self._equal)]
        """What any setting has to meet: that numbers are whole, and large enough."""
        self._lets = lets

    def polynomial(self, quantity: str) -> Exact:
        """A quantity of the network over the parameters; raises ArchError where it is too long."""
        return self.of(self.piece.totals[quantity])

    def of(self, number: object) -> Exact:
        """A number of the piece over the parameters, of which those that must have one value have that."""
        found = _normal(number)
        for name, value in self._equal.items():
            found = substituted(found, name, constant(value)) or found
        return found

    @cached_property
    def named(self) -> Mapping[str, Exact]:
        """Numbers of repetitions by a name, as formulas over them are shorter: ``N = (depth - 4)/6``."""
        found: dict[str, Exact] = {}
        taken = {name for each in (*self.decided, *self.demanded) for name in each.names}
        for each in self.demanded:
            match each:
                case Function(name, (inner,)) if name == WHOLE and len(inner.names) == 1:
                    value = polynomial_of(inner)
                    if _is_line(value) and value.fraction()[1].constant != 1 and not any(inner.names & settled(known).names for known in found.values()):
                        found[self._name(value, taken | {*found})] = value
        return found

    def short(self, polynomial: Exact) -> Exact:
        """A polynomial over numbers of repetitions by their names, where that leaves fewer fractions."""
        for name, value in self.named.items():
            [(_, ((factor, _),)), *_] = value.settled.terms
            assert isinstance(factor, Name)
            slope = next(Fraction(c) for c, powers in value.terms if powers)
            rest = sum((Fraction(c) for c, powers in value.terms if not powers), start=Fraction(0))
            through = (atom(Name(name)) - constant(rest)) * constant(1 / slope)
            found = substituted(polynomial, factor.id, through)
            polynomial = polynomial if found is None else found
        return polynomial

    def _name(self, value: Exact, taken: set[str]) -> str:
        for name, expression in self._lets.items():
            if polynomial_of(expression).settled == _plain(value):
                return name
        return next(name for name in "nmijN" if name not in taken)


class Formulas:
    """The quantities of a network over some of its parameters."""

    def __init__(self, member: Member, names: Sequence[str], counting: Counting) -> None:
        self.member, self.names, self.counting = member, tuple(names), counting

    @cached_property
    def cases(self) -> list[Case]:
        """The pieces, that of the network's own setting first; raises ArchError where there is no formula."""
        lets = self.member.elaborated.lets
        return [Case(piece, lets) for piece in _pieces(self.member, self.names, self.counting)]

    @property
    def network(self) -> Network:
        """The network."""
        return self.member.architecture

    @property
    def setting(self) -> Mapping[str, Value]:
        """The values that the parameters have in the network."""
        return {name: value_of(self.network, name) for name in self.names}

    @property
    def fixed(self) -> Mapping[str, Value]:
        """The parameters that formulas are not over, with their values."""
        return {name: value for name, value in self.network.parameters.items() if name not in self.names}

    @property
    def diagnostics(self) -> list[Diagnostic]:
        """What has no closed form, so that the first piece holds for one value of it."""
        pinned = self.cases[0].piece.trace.pinned
        return [not_closed(condition_text_of(number), int(number.value), why) for number, why in pinned]

    def at(self, values: Mapping[str, Value]) -> dict[str, int]:
        """All quantities at a setting; raises ArchError where the network does not hold there.

        A setting that no piece holds for is counted.
        """
        given = {**self.setting, **values}
        for case in self.cases:
            if (found := case.piece.at(given)) is not None:
                return found
        other = member_at(self.member, given)
        other.raise_if_failed()
        return {**other.totals_by(self.counting)._asdict()}


def condition_text_of(number: object) -> str:
    """A number as text."""
    return condition_text(Comparison("==", settled(_normal(number)), settled(constant(0))), TEXT).removesuffix(" = 0")


def formulas_of(member: Member, over: Sequence[str] | None, counting: Counting) -> Formulas:
    """The formulas of a network that holds, over these names, or over all numbers among its parameters.

    Raises ArchError where there are none.
    """
    return Formulas(member, names_of(member, over), counting)


def names_of(member: Member, over: Sequence[str] | None) -> list[str]:
    """The parameters and sides of the input that formulas are over; raises ArchError where there are none."""
    network, pinned = member.architecture, member.elaborated.record.pinned
    free = [name for name, value in network.parameters.items() if type(value) in (int, float) and name not in pinned]
    sides = [name for name in SIDES if name not in network.parameters and len(network.input) == 3]
    if over is None:
        if not free:
            raise ArchError([nothing_varies(network.label)])
        return free
    wrong: list[Diagnostic] = []
    for name in over:
        if name in network.parameters and name not in free:
            wrong.append(decides_layers(name, "archspec formula SPEC"))
        elif name not in (*free, *sides):
            wrong.append(no_variable(name, (*network.parameters, *sides)))
    if wrong:
        raise ArchError(wrong)
    return list(dict.fromkeys(over))


def _pieces(member: Member, names: Sequence[str], counting: Counting) -> list[Piece]:
    """The piece of a member, and those on the other sides of what was decided for it."""
    found = [_piece(member, names, counting)]
    setting = {name: value_of(member.architecture, name) for name in names}
    waiting = [*found]
    while waiting and len(found) < MOST_PIECES:
        for values in _beside(waiting.pop(0), setting):
            other = member_at(member, values)
            if len(found) == MOST_PIECES or other.failed or any(piece.at(values) for piece in found):
                continue
            found.append(_piece(other, names, counting))
            waiting.append(found[-1])
    return found


def _piece(member: Member, names: Sequence[str], counting: Counting) -> Piece:
    try:
        return piece_of(member, names, counting)
    except Forgotten:
        raise ArchError([no_rule(counting.name)]) from None
    except TooLong:
        raise ArchError([too_long()]) from None


def _beside(piece: Piece, setting: Mapping[str, Value]) -> Iterator[dict[str, Value]]:
    """Settings that may be on the other side of what was decided: one parameter where both sides are equal, or near."""
    for condition in decided(piece):
        if not isinstance(condition, Comparison):
            continue
        apart = polynomial_of(condition.left) - polynomial_of(condition.right)
        for name in sorted(condition.names):
            for value in _roots(apart, name, setting):
                yield {**setting, name: value}


def _roots(apart: Exact, name: str, setting: Mapping[str, Value]) -> Iterator[Value]:
    """Where a line in one parameter is 0, the others as they are set, and one to each side."""
    line = apart
    for other in {n for _, powers in apart.terms for f, _ in powers for n in f.names} - {name}:
        value = setting[other]
        assert isinstance(value, int | float)
        found = substituted(line, other, constant(value))
        if found is None:
            return
        line = found
    slope = [Fraction(c) for c, powers in line.terms if powers]
    if len(slope) != 1 or not _is_line(line):
        return
    root = -sum((Fraction(c) for c, powers in line.terms if not powers), start=Fraction(0)) / slope[0]
    for value in (root, root + 1, root - 1):
        if value > 0:
            yield float(value) if isinstance(setting[name], float) or value.denominator > 1 else int(value)


def _equal(conditions: Sequence[Expression]) -> dict[str, Fraction]:
    """The parameters that have to be a number."""
    found: dict[str, Fraction] = {}
    for each in conditions:
        match each:
            case Comparison("==", Name(id), right) if (value := polynomial_of(right).constant) is not None:
                found[id] = Fraction(value)
    return found


def _is_line(value: Exact) -> bool:
    steps = [powers for _, powers in value.terms if powers]
    return len(steps) == 1 and len(steps[0]) == 1 and steps[0][0][1] == 1 and isinstance(steps[0][0][0], Name)


def _plain(value: Exact) -> Exact:
    """The polynomial with names as they stand in a spec."""
    return Exact((c, tuple((Name(f.id) if isinstance(f, Name) else f, p) for f, p in powers)) for c, powers in value.terms)


def _normal(number: object) -> Exact:
    try:
        return normal(number)
    except TooLong:
        raise ArchError([too_long()]) from None
