"""The totals of a network for the parameters and the counting rules of its claims, each found once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from archspec import syntax as s
from archspec.conventions import Counting
from archspec.cost import Totals, totals_of
from archspec.diagnostics import Diagnostic, Report, Source
from archspec.elaborate import Request, elaborate
from archspec.flows import Inferred, too_many_settings
from archspec.ir import Claim, Network, Value, applied
from archspec.limits import MOST_APPLICATIONS
from archspec.printed import is_reported
from archspec.shapes import infer

Settings = tuple[tuple[str, Value], ...]


class Measured:
    """Measures a network, as it is and for other parameters."""

    def __init__(
        self,
        statements: Sequence[s.Statement],
        variant: str | None,
        source: Source,
        network: Network,
        inferred: Inferred,
    ) -> None:
        # Claims and recipes are no part of what a claim is measured by; every setting would read them all again.
        self._statements = [statement for statement in statements if not isinstance(statement, s.Claims | s.Train)]
        self._variant, self._source = variant, source
        self._networks: dict[Settings, tuple[Network, Inferred] | Diagnostic] = {(): (network, inferred)}
        self._totals: dict[tuple[Settings, tuple[str, ...]], Totals | Diagnostic] = {}

    def __call__(self, parameters: Mapping[str, Value], counting: Counting) -> Totals | Diagnostic:
        """The totals for these parameters by this rule, or why the network does not hold for them."""
        key = tuple(parameters.items()), counting.rules
        if key not in self._totals:
            found = self._shaped(key[0])
            self._totals[key] = found if isinstance(found, Diagnostic) else totals_of(*found, counting)
        return self._totals[key]

    def _shaped(self, settings: Settings) -> tuple[Network, Inferred] | Diagnostic:
        if settings not in self._networks:
            self._networks[settings] = self._elaborated(dict(settings))
        return self._networks[settings]

    def _elaborated(self, parameters: Mapping[str, Value]) -> tuple[Network, Inferred] | Diagnostic:
        quiet = Report()
        network = elaborate(self._statements, Request(self._variant, parameters), self._source, quiet)
        inferred = infer(network, quiet) if network else None
        wrong = next((diagnostic for diagnostic in quiet if diagnostic.severity == "error"), None)
        if wrong is not None:
            return wrong
        assert network is not None
        assert inferred is not None
        return network, inferred


def affordable(network: Network, report: Report) -> list[Claim]:
    """The claims to check: without those that set parameters, where the settings are more than can be analysed."""
    claims = [claim for claim in network.claims if claim.parameters or not network.overridden]
    settings: dict[Settings, Claim] = {}
    for claim in claims:
        if claim.parameters and not is_reported(claim.quantity):
            settings.setdefault(tuple(claim.parameters.items()), claim)
    layers = sum(max(sum(1 for _ in applied(row.steps or ())), 1) for row in network.rows)
    if len(settings) * layers <= MOST_APPLICATIONS:
        return claims
    beyond = list(settings.values())[MOST_APPLICATIONS // layers]
    report.add(too_many_settings(beyond.place, len(settings), layers))
    return [claim for claim in claims if not claim.parameters or is_reported(claim.quantity)]
