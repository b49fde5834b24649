"""Whether a printed table is counted by one rule: what is chosen for each figure makes almost any figure come out."""

from __future__ import annotations

import re

from archspec.analysis.claim_totals import rules_of
from archspec.counting.counters import COUNTERS
from archspec.counting.quantities import MULT_ADDS, SUMS
from archspec.diagnostics import Diagnostic, Report, explained
from archspec.ir.network import QUOTED, Claim, Network

TABLE = re.compile(r"(?:Table|Figure)\b", re.IGNORECASE)
SUMMED = frozenset(quantity.name for quantity in SUMS)
DEFAULT = "paper"


class OneRule:
    """The rule by which each quantity of each printed table is counted, as its claims say."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._rules: dict[tuple[str, str], tuple[frozenset[str], Claim]] = {}

    def check(self, claim: Claim, report: Report) -> None:
        """Report a claim whose rule differs from that of an earlier claim about its table."""
        quoted = QUOTED.match(claim.source)
        if claim.quantity not in SUMMED or not TABLE.match(claim.source, quoted.end() if quoted else 0):
            return
        rules = self._rules_of(claim)
        first, other = self._rules.setdefault((claim.table, claim.quantity), (rules, claim))
        if first != rules:
            report.add(mixed_rules(claim, rules, other, first))

    def _rules_of(self, claim: Claim) -> frozenset[str]:
        """The rules that change what is counted: the default is none, and counters differ in mult-adds alone."""
        idle = frozenset() if claim.quantity == MULT_ADDS.name else frozenset(COUNTERS)
        return frozenset(rules_of(self._network, claim)) - {DEFAULT} - idle


@explained("E0672")
def mixed_rules(claim: Claim, rules: frozenset[str], other: Claim, first: frozenset[str]) -> Diagnostic:
    """Two claims about one quantity of one printed table count by different rules, and a table counts by one.

    A rule that is chosen for each figure makes almost any figure come out. Name one rule for the table, and mark what
    it does not give with `?`.
    """
    where = f" in line {other.place.line}" if other.place else ""
    said, before = (", ".join(sorted(each)) or DEFAULT for each in (rules, first))
    message = f"{claim.table} counts {claim.quantity} by `{said}` here, and by `{before}`{where}"
    help = "name one rule for all of the table, and mark the figures that it does not give: `?`"
    return Diagnostic("E0672", message, claim.place, "another rule", help=help, severity="warning")
