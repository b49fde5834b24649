"""What figures of claims come to: shares, bytes, chains, ratios, differences and arithmetic, each exactly."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any, NamedTuple, TypeAlias

from archspec.analysis.claim_totals import Measured, Member
from archspec.analysis.cost import FIELDS, amounts, costs_of, uses_seen
from archspec.analysis.figure_messages import no_such_layer, no_value, open_names, other_fails
from archspec.analysis.rational import Quotient, exact
from archspec.analysis.receptive_field import Lens
from archspec.budget import spend
from archspec.counting.conventions import Counting
from archspec.counting.quantities import RECEPTIVE_FIELD, find
from archspec.diagnostics import Diagnostic
from archspec.expressions import Expression, Unfit
from archspec.expressions.polynomial import TooLong
from archspec.ir.figure import Beside, Chain, Each, Figure, Formula, Share, Total
from archspec.ir.messages import unfit_expression
from archspec.ir.network import Claim
from archspec.support.bound import is_known
from archspec.support.limits import APPLIED, COUNTED, LARGEST, NAME, SORTED

MOST_TERMS = 12
"""A longer sum is not written out."""


Amount: TypeAlias = Fraction | tuple[int, int] | Quotient


class Wrong(Exception):
    """Carries what is said of a figure that has no value."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(diagnostic.message)
        self.diagnostic = diagnostic
        self.warns = diagnostic.severity == "warning"


class Hidden(Exception):
    """Says that a figure has no value because a layer of a network is not known."""

    def __init__(self, member: Member) -> None:
        super().__init__()
        self.member = member


class Found(NamedTuple):
    """A number, a size or a formula, and what it is worked out from; what is ``least`` may be larger."""

    value: Amount
    working: str
    least: bool = False


class About(NamedTuple):
    """What a figure is worked out for: a claim about a network, and how that counts."""

    claim: Claim
    member: Member
    measured: Measured[Any]
    counting: Counting

    @property
    def place(self) -> Any:
        """Where the figure stands, or the claim where it is not written."""
        return (self.claim.figure.place if self.claim.figure else None) or self.claim.place

    @property
    def values(self) -> Mapping[str, float]:
        """The parameters that are numbers."""
        given = self.member.architecture.parameters
        spend(NAME * len(given), self.place)
        return {name: value for name, value in given.items() if type(value) is int or type(value) is float}

    def amount(self, member: Member) -> int:
        """The quantity of a network by the rule of the claim."""
        found: int = find(self.claim.quantity).of(member.totals_by(self.counting))
        return found

    def known(self, member: Member) -> int:
        """The same; raises Hidden where a layer hides it."""
        amount = self.amount(member)
        if not is_known(amount):
            raise Hidden(member)
        return amount


def worked(about: About) -> Found:
    """What the figure of a claim comes to; raises Wrong where it has no value, Hidden where nobody knows it."""
    figure = about.claim.figure
    assert figure is not None
    return _WORKED[type(figure)](figure, about)


def _total(figure: Total, about: About) -> Found:
    if about.claim.quantity != RECEPTIVE_FIELD.name:
        amount = about.amount(about.member)
        return Found(Fraction(amount), "", not is_known(amount))
    last = about.member.inferred.rows[-1].lens
    if last is None:
        raise Wrong(no_value(about.claim.place, "what the last row sees is not known"))
    if not last.known:
        raise Hidden(about.member)
    return Found(last.field, "receptive field")


def _share(figure: Share, about: About) -> Found:
    whole = about.known(about.member)
    part = _of_rows(figure, about) if figure.layer is None else _of_layers(figure, about)
    if whole == 0:
        raise Wrong(no_value(about.claim.place, f"the network has no {about.claim.quantity}"))
    return Found(Fraction(part, whole), f"share: {part:,}/{whole:,}")


def _of_rows(figure: Share, about: About) -> int:
    quantity, names = find(about.claim.quantity), frozenset(figure.rows)
    rows = costs_of(about.member.inferred, about.counting)
    return sum(quantity.of(row) for row in rows if row.layer in names)


def _of_layers(figure: Share, about: About) -> int:
    assert figure.layer is not None
    uses, place = [*uses_seen(about.member.inferred, about.counting)], about.claim.place
    spend(COUNTED * len(uses), place)
    mine = [use for use in uses if figure.layer.like(use.op)]
    if not mine:
        kinds = dict.fromkeys(use.op.spelled() for use in uses)
        raise Wrong(no_such_layer(about.place, figure.text, kinds))
    at = FIELDS.index(find(about.claim.quantity).field)
    return sum(use.times * amounts(about.counting.rules, use.layer)[at] for use in mine)


def _bytes(figure: Each, about: About) -> Found:
    amount = about.amount(about.member)
    return Found(Fraction(amount * figure.each), f"bytes: {amount:,} * {figure.each}", not is_known(amount))


def _chain(figure: Chain, about: About) -> Found:
    """What layers one behind the other see: a window adds what is behind its first position, in steps of its input."""
    lens, terms = Lens(), ["1"]
    for layer in figure.layers:
        spend(APPLIED * (2 + min(layer.times, MOST_TERMS)), about.claim.place)
        window = layer.window
        assert window is not None
        for _ in range(min(layer.times, MOST_TERMS)):
            terms.append(f"{window.extent[0] - 1}*{lens.stride[0]:g}")
            lens = lens.then(Lens.of(window))
        lens = lens.then(Lens.of(window).power(layer.times - min(layer.times, MOST_TERMS)))
        terms += [""] * (layer.times > MOST_TERMS)
    told = len(terms) <= MOST_TERMS and lens.field[0] == lens.field[1]
    return Found(lens.field, "receptive field: " + " + ".join(terms) if told else "receptive field")


def _beside(figure: Beside, about: About) -> Found:
    other = about.measured.beside(figure, about.claim.parameters)
    if isinstance(other, Diagnostic) and other.severity == "warning":
        raise Wrong(other)
    if isinstance(other, Diagnostic):
        raise Wrong(other_fails(about.place, figure, other))
    mine, theirs = about.known(about.member), about.known(other)
    if figure.relation == "difference":
        return Found(Fraction(mine - theirs), f"difference: {mine:,} - {theirs:,}")
    if theirs == 0:
        raise Wrong(no_value(about.place, f"the other network has no {about.claim.quantity}"))
    return Found(Fraction(mine, theirs), f"ratio: {mine:,}/{theirs:,}")


def _formula(figure: Formula, about: About) -> Found:
    return Found(value_of(figure.arithmetic, about, about.place), figure.text)


def value_of(arithmetic: Expression, about: About, place: Any) -> Quotient:
    """Arithmetic with the values of parameters, in which other names stay."""
    try:
        return exact(arithmetic, about.values)
    except Unfit as unfit:
        raise Wrong(unfit_expression(place, unfit)) from None
    except TooLong:
        raise Wrong(no_value(place, "its products are too many")) from None


def number_of(value: Quotient, about: About) -> Fraction:
    """The number that arithmetic comes to; raises Wrong where it depends on names, or is too large."""
    found = value.number
    if found is None:
        known = about.values
        spend(SORTED * len(known), about.place)
        raise Wrong(open_names(about.place, value.names, known))
    if abs(found) > LARGEST**2:
        raise Wrong(unfit_expression(about.place, Unfit("large")))
    return found


_WORKED: Mapping[type[Figure], Callable[[Any, About], Found]] = {
    Total: _total,
    Share: _share,
    Each: _bytes,
    Chain: _chain,
    Beside: _beside,
    Formula: _formula,
}
