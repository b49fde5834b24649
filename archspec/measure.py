"""Which claims can be checked: how much work their settings are."""

from __future__ import annotations

from archspec.diagnostics import Report
from archspec.flows import too_many_settings
from archspec.ir import Claim, Network, Value, applied
from archspec.limits import MOST_APPLICATIONS
from archspec.printed import is_reported

Settings = tuple[tuple[str, Value], ...]


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
