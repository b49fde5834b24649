"""The network that a claim is about: what its settings make of this one, and which claims can be checked at all."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from typing import Generic, Protocol, TypeVar

from archspec.analysis.cost import Totals
from archspec.analysis.figure_messages import not_there
from archspec.analysis.inferred import Inferred
from archspec.analysis.messages import too_many_settings
from archspec.counting.conventions import CONVENTIONS, Counting
from archspec.counting.printed import is_reported
from archspec.diagnostics import Diagnostic, Report
from archspec.elaborate import Request
from archspec.elaborate.rebinding import differing
from archspec.ir.figure import Beside
from archspec.ir.network import Claim, Network, Value
from archspec.ir.walking import applied
from archspec.support.limits import MOST_APPLICATIONS, MOST_LIKE

Measure = Callable[[Mapping[str, Value], Counting], Totals | Diagnostic]
"""The totals of the network for other parameters and another counting rule, or why it does not hold for them."""
Settings = tuple[tuple[str, Value], ...]


class Member(Protocol):
    """One network of a family."""

    request: Request
    failed: bool

    @property
    def inferred(self) -> Inferred:
        """The network with its shapes."""

    @property
    def wrong(self) -> Diagnostic | None:
        """The first thing for which the network does not hold."""

    @property
    def architecture(self) -> Network:
        """The network without its claims and its recipe."""

    def totals_by(self, counting: Counting) -> Totals:
        """What it costs by another rule."""


M = TypeVar("M", bound=Member)


class Measured(Generic[M]):
    """The totals of a network under the parameters of its claims, each member made of the one that is most like it.

    ``find`` gives the member that is asked for, of one that has most of it; ``of_file`` that of a file that a claim
    names.
    """

    def __init__(
        self,
        member: M,
        find: Callable[[Request, M], M],
        of_file: Callable[[str, Request], M | None] = lambda file, request: None,
    ) -> None:
        self._member, self._find, self._of_file = member, find, of_file
        self._last: deque[tuple[frozenset[object], M]] = deque(maxlen=MOST_LIKE)

    def __call__(self, parameters: Mapping[str, Value], counting: Counting) -> Totals | Diagnostic:
        """The totals by a rule, or why the network does not hold for these parameters."""
        member = self.member(parameters)
        return member if isinstance(member, Diagnostic) else member.totals_by(counting)

    def member(self, parameters: Mapping[str, Value]) -> M | Diagnostic:
        """The network for these parameters, or why it does not hold for them."""
        member = self.under(parameters)
        return member if member.wrong is None else member.wrong

    def beside(self, figure: Beside, parameters: Mapping[str, Value]) -> M | Diagnostic:
        """The network that a figure is compared with, or why there is none; ``parameters`` are those of the claim."""
        if figure.file is not None:
            found = self._of_file(figure.file, Request(figure.variant, figure.parameters))
            if found is None:
                return not_there(figure.place, figure.file)
        elif figure.variant is None:
            return self.member({**parameters, **figure.parameters})
        else:
            found = self._find(Request(figure.variant, {**parameters, **figure.parameters}), self._member)
        return found if found.wrong is None else found.wrong

    def under(self, parameters: Mapping[str, Value]) -> M:
        """The network for these parameters, whether it holds or not."""
        return self._under(self._other(parameters))

    def _other(self, parameters: Mapping[str, Value]) -> Mapping[str, Value]:
        """Those of the parameters that the network does not have already: a table often repeats the defaults."""
        if self._member.request.overrides:
            return parameters
        own = self._member.architecture.parameters
        given = {name: _as(own[name], value) for name, value in parameters.items()}
        return {name: given[name] for name in differing(own, given)}

    def _under(self, parameters: Mapping[str, Value]) -> M:
        if not parameters:
            return self._member
        settings = frozenset((name, repr(value)) for name, value in parameters.items())
        known = [(frozenset[object](), self._member), *self._last]
        _, like = min(known, key=lambda each: len(each[0] ^ settings))
        found = self._find(Request(self._member.request.variant, parameters), like)
        if not found.failed:
            self._last.append((settings, found))
        return found


def rules_of(network: Network, claim: Claim) -> tuple[str, ...]:
    """A claim's rules add to the network's; the name of a convention, such as `paper`, stands in their place."""
    named = any(rule in CONVENTIONS for rule in claim.counted)
    return tuple(dict.fromkeys((*(() if named else network.counted), *claim.counted)))


def _as(own: Value, value: Value) -> Value:
    """A value as its parameter takes it: a whole number may stand for a fraction."""
    return float(value) if isinstance(own, float) and type(value) is int else value


def affordable(network: Network, report: Report) -> list[Claim]:
    """The claims to check: without those that set parameters, where the settings are more than can be analysed."""
    claims = [claim for claim in network.claims if claim.parameters or not network.overridden]
    settings: dict[Settings, Claim] = {}
    for claim in claims:
        of_other = claim.figure.parameters if isinstance(claim.figure, Beside) and claim.figure.file is None else {}
        if (claim.parameters and not is_reported(claim.quantity)) or of_other:
            settings.setdefault(tuple({**claim.parameters, **of_other}.items()), claim)
    layers = sum(max(sum(1 for _ in applied(row.steps or ())), 1) for row in network.rows)
    if len(settings) * layers <= MOST_APPLICATIONS:
        return claims
    beyond = list(settings.values())[MOST_APPLICATIONS // layers]
    report.add(too_many_settings(beyond.place, len(settings), layers))
    return [claim for claim in claims if not claim.parameters or is_reported(claim.quantity)]
