"""The network of a JSON, under its own parameters and under others as far as the JSON says what those change.

What a parameter decides while a spec is read, which layers there are and what recipe, JSON does not hold: such a
parameter can be set in the spec alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from archspec.counting.printed import is_reported
from archspec.diagnostics import Diagnostic, Report, Source, Span, explained
from archspec.elaborate.messages import unknown_parameter, unknown_variant
from archspec.elaborate.rebinding import Rebinding, differing
from archspec.elaborate.request import Request
from archspec.expressions import Unfit
from archspec.family.members import Family
from archspec.ir.json import from_json, mistakes_of
from archspec.ir.messages import unfit_expression
from archspec.ir.network import Claim, Network, Value
from archspec.ir.walking import args_of, steps_of


class Given(Family):
    """The network of a JSON."""

    def __init__(self, network: Network, source: Source) -> None:
        super().__init__((), len(source.text))
        self._network, self._source = network, source
        self._fixed = _fixed(network)

    @classmethod
    def read(cls, source: Source) -> Given:
        """The network of a JSON; raises ArchError where it is none."""
        return cls(from_json(source), source)

    def __reduce__(self) -> tuple[Any, ...]:
        return Given, (self._network, self._source)

    def elaborate(self, request: Request, report: Report) -> Whole | None:
        """The network that is asked for, or None where the JSON does not say what it is, which is reported."""
        network = self._network
        if request.variant not in (None, network.variant):
            known = [network.variant] if network.variant else []
            report.add(unknown_variant(_at("variant", request.variant), request.variant, known))
            return None
        values = self._values(request, report)
        changed = differing(network.parameters, values)
        if changed and not report.failed:
            network = self._under(network, changed, values, report)
        if report.failed:
            return None
        size = {"input": request.input, "input_names": ()} if request.input else {}
        return Whole(network.replaced(overridden=network.overridden or request.overrides, **size), self._fixed)

    def _values(self, request: Request, report: Report) -> dict[str, Value]:
        """The values of all parameters; what cannot be set is reported."""
        own = self._network.parameters
        found = dict(own)
        for name, value in request.parameters.items():
            at = _at("parameter", f"{name}={value}")
            if name not in own:
                report.add(unknown_parameter(at, name, own))
                continue
            found[name] = float(value) if isinstance(own[name], float) and type(value) is int else value
            if differing({name: own[name]}, {name: found[name]}) and not self._free(name, found[name], request):
                report.add(set_in_the_spec(at, name))
        return found

    def _free(self, name: str, value: Value, request: Request) -> bool:
        """Whether JSON holds all that a parameter decides."""
        network = self._network
        numbers = all(type(x) in (int, float) for x in (value, network.parameters[name]))
        of_input = name in network.input_names and not request.input
        return numbers and name not in self._fixed and not of_input

    def _under(self, network: Network, changed: frozenset[str], values: Mapping[str, Value], report: Report) -> Network:
        try:
            found = Rebinding(changed, values).network(network).replaced(recipe=None)
        except Unfit as unfit:
            report.add(
                unfit_expression(_at("parameter", ", ".join(f"{n}={values[n]}" for n in sorted(changed))), unfit)
            )
            return network
        for wrong in mistakes_of(found, self._source):
            report.add(wrong)
        return found


class Whole(NamedTuple):
    """A network that holds its claims and its recipe already."""

    network: Network
    fixed: frozenset[str]

    def complete(self, report: Report) -> Network:
        """The network without the claims for which JSON does not say what the network is."""
        network = self.network
        kept = tuple(claim for claim in network.claims if self._checkable(claim))
        if len(kept) < len(network.claims):
            report.add(claims_left_out(len(network.claims) - len(kept)))
        return network.replaced(claims=kept)

    def under(self, request: Request, report: Report) -> None:
        """Nothing is gained by it: another member is as near to the JSON as this one."""

    def _checkable(self, claim: Claim) -> bool:
        if is_reported(claim.quantity):
            return True
        own = self.network.parameters
        known = {name: value for name, value in claim.parameters.items() if name in own}
        same = {name: own[name] for name in known}
        names = differing(same, known) if len(known) == len(claim.parameters) else claim.parameters.keys()
        return names.isdisjoint(self.fixed | {*self.network.input_names}) and all(
            type(claim.parameters[name]) in (int, float) for name in names
        )


def _fixed(network: Network) -> frozenset[str]:
    """The parameters whose values stand in the JSON in other ways than as those of expressions over parameters."""
    own = network.parameters.keys()
    by_chance = (
        arg.names & own
        for step in steps_of(network)
        for arg in args_of(step).values()
        if arg.value is not None and not arg.names <= own
    )
    return frozenset(network.structural).union(*by_chance)


def _at(what: str, text: str | None) -> Span:
    return Span(Source(what, text or ""), 1, 0, max(len(text or ""), 1))


@explained("E0412")
def set_in_the_spec(span: Span, name: str) -> Diagnostic:
    """A network in JSON is asked for with another value of a parameter that decides what its layers are.

    JSON holds the network that the spec gives for one value of it; numbers that are arguments of layers alone can be
    set. `archspec ir SPEC -p NAME=VALUE` prints the JSON for another value.
    """
    message = f"`{name}` decides what the layers are, and JSON holds those for one value of it"
    return Diagnostic("E0412", message, span, "set here", help=f"set `{name}` where the JSON is made, from the spec")


@explained("E0309")
def claims_left_out(count: int) -> Diagnostic:
    """A network in JSON has claims that set parameters of which JSON holds one value alone; they are not checked."""
    message = f"{count} figures are not checked: they set parameters that JSON holds one value of"
    return Diagnostic("E0309", message, help="check them in the spec", severity="warning")
