"""Formulas of a network: each quantity over some parameters, a piece for each way in which settings are decided."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from fractions import Fraction
from functools import cached_property
from itertools import combinations, islice, product

from archspec.budget import Exhausted, current, portion
from archspec.counting.conventions import Counting
from archspec.diagnostics import ArchError, Diagnostic
from archspec.expressions import within_bounds
from archspec.expressions.polynomial import TooLong
from archspec.expressions.tree import Comparison, Expression, Function, Name, Quoted
from archspec.expressions.tree import constant as constant_expression
from archspec.family.formulas.exploring import MOST_PIECES, is_line, pieces_of
from archspec.family.formulas.facts import Facts, facts_of, joined
from archspec.family.formulas.messages import not_closed, too_long
from archspec.family.formulas.normal import WHOLE, Exact, atom, constant, normal, polynomial_of, settled, substituted
from archspec.family.formulas.over import choices_of, numbers_of
from archspec.family.formulas.pieces import Piece, member_at, value_of
from archspec.family.formulas.proving import Known
from archspec.family.formulas.simpler import reduced, with_values
from archspec.family.formulas.writing import TEXT, condition_text
from archspec.family.member import Member
from archspec.ir.network import Network, Value
from archspec.support.limits import MOST_TRACED

QUANTITIES = ("params", "mult_adds", "activations", "connections", "weight_layers", "kept")
"""What there are formulas of, by the names of the totals of a network."""


class Case:
    """A piece of a formula, as it is read: what it holds for, and its polynomials."""

    def __init__(
        self,
        piece: Piece,
        lets: Mapping[str, Expression],
        chosen: Mapping[str, Value],
        facts: Facts | None = None,
    ) -> None:
        self.piece, self.chosen = piece, chosen
        self._lets, self._given = lets, facts

    @property
    def decided(self) -> Sequence[Expression]:
        """What was decided, and may be decided otherwise elsewhere: ``k != 1``."""
        choices = (Comparison("==", Name(name), literal(value)) for name, value in self.chosen.items())
        return [*choices, *self._facts.decided]

    @property
    def demanded(self) -> Sequence[Expression]:
        """What any setting has to meet: that numbers are whole, and large enough."""
        return self._facts.demanded

    def polynomial(self, quantity: str) -> Exact:
        """A quantity of the network over the parameters; raises ArchError where it is too long."""
        return self.of(self.piece.totals[quantity])

    def of(self, number: object) -> Exact:
        """A number of the piece over the parameters, without what the conditions decide."""
        return reduced(with_values(_normal(number), self._facts.equal), self._known)

    def says_as(self, other: Case, quantities: Sequence[str]) -> bool:
        """Whether it comes to the same where the other one holds."""
        return self.chosen == other.chosen and all(
            with_values(self.polynomial(name), other._facts.equal) == other.polynomial(name) for name in quantities
        )

    def joined(self, other: Case, quantities: Sequence[str]) -> Case | None:
        """One for both, where this one holds in the place of the other, or may be said without what parts them."""
        if not self.says_as(other, quantities):
            return None
        if other._facts.implies(self._facts):
            return self
        found = joined(self._facts, other._facts)
        return None if found is None else Case(self.piece, self._lets, self.chosen, found)

    @cached_property
    def _facts(self) -> Facts:
        try:
            return self._given or facts_of(self.piece)
        except TooLong:
            raise ArchError([too_long()]) from None

    @cached_property
    def _known(self) -> Known:
        return Known(self._facts.all)

    @cached_property
    def named(self) -> Mapping[str, Exact]:
        """Numbers of repetitions by a name, as formulas over them are shorter: ``N = (depth - 4)/6``."""
        found: dict[str, Exact] = {}
        taken = {name for each in (*self.decided, *self.demanded) for name in each.names}
        for each in self.demanded:
            match each:
                case Function(name, (inner,)) if name == WHOLE and len(inner.names) == 1:
                    value = polynomial_of(inner)
                    if (
                        is_line(value)
                        and value.fraction()[1].constant != 1
                        and not any(inner.names & settled(known).names for known in found.values())
                    ):
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

    def __init__(self, member: Member, over: Sequence[str] | None, counting: Counting) -> None:
        self.member, self.counting = member, counting
        self.names = numbers_of(member, over)
        """What the formulas are over: parameters that are numbers, and sides of the input."""
        self.choices = choices_of(member, over or ())
        """Parameters that decide what the layers are, with the values for each of which there is a piece."""

    @cached_property
    def cases(self) -> list[Case]:
        """The pieces, that of the network's own setting first; raises ArchError where there is no formula.

        Others are looked for with some of the work alone: of a network of a thousand rows they may lack.
        """
        cases = self._cases()
        found = [*islice(cases, 1)]
        with suppress(Exhausted), portion(current(), MOST_TRACED / 3):
            for case in islice(cases, MOST_PIECES - 1):
                found.append(case)
        return found

    def _cases(self) -> Iterator[Case]:
        lets = self.member.elaborated.lets
        for values in product(*self.choices.values()):
            chosen = dict(zip(self.choices, values, strict=True))
            member = member_at(self.member, chosen) if chosen else self.member
            if not member.failed:
                for piece in pieces_of(member, self.names, self.counting):
                    yield Case(piece, lets, chosen)

    def shown(self, quantities: Sequence[str]) -> list[Case]:
        """The pieces, two of which another one says in one are that one."""
        found: list[Case] = []
        for case in self.cases:
            found.append(case)
            while (pair := _joined(found, quantities)) is not None:
                first, second, both = pair
                found = [both if each is first else each for each in found if each is not second]
        return found

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
        over = {*self.names, *self.choices}
        return {name: value for name, value in self.network.parameters.items() if name not in over}

    @property
    def diagnostics(self) -> list[Diagnostic]:
        """What has no closed form, so that the first piece holds for one value of it."""
        pinned = self.cases[0].piece.trace.pinned
        return [not_closed(condition_text_of(number), int(number.value), why) for number, why in pinned]

    def at(self, values: Mapping[str, Value]) -> dict[str, int]:
        """All quantities at a setting; raises ArchError where the network does not hold there.

        A setting that no piece holds for is counted.
        """
        own = {name: self.network.parameters[name] for name in self.choices}
        given = {**own, **self.setting, **values}
        for case in self.cases if self._is_of_pieces(values) else ():
            fits = all(given[name] == value for name, value in case.chosen.items())
            if fits and (found := case.piece.at(given)) is not None:
                return found
        other = member_at(self.member, values)
        other.raise_if_failed()
        return {**other.totals_by(self.counting)._asdict()}

    def _is_of_pieces(self, values: Mapping[str, Value]) -> bool:
        """Whether pieces may hold for a setting: not where a number is none of any layer, or two sides are unlike."""
        sides = self.member.architecture.input
        unlike = len(sides) == 3 and sides[0] != sides[1] and "resolution" not in self.network.parameters
        if unlike and "resolution" in self.names and "resolution" not in values:
            return False
        return {*values} <= {*self.names, *self.choices} and all(map(within_bounds, values.values()))


def _joined(cases: Sequence[Case], quantities: Sequence[str]) -> tuple[Case, Case, Case] | None:
    """Two of some pieces that are one, and that; the first of them comes before the other."""
    for first, second in combinations(cases, 2):
        both = first.joined(second, quantities) or second.joined(first, quantities)
        if both is not None:
            return first, second, both
    return None


def condition_text_of(number: object) -> str:
    """A number as text."""
    return condition_text(Comparison("==", settled(_normal(number)), settled(constant(0))), TEXT).removesuffix(" = 0")


def literal(value: Value) -> Expression:
    """A value of a parameter, for a condition to hold."""
    return Quoted("x".join(map(str, value))) if isinstance(value, tuple) else constant_expression(value)


def _plain(value: Exact) -> Exact:
    """The polynomial with names as they stand in a spec."""
    return Exact(
        (c, tuple((Name(f.id) if isinstance(f, Name) else f, p) for f, p in powers)) for c, powers in value.terms
    )


def _normal(number: object) -> Exact:
    try:
        return normal(number)
    except TooLong:
        raise ArchError([too_long()]) from None
