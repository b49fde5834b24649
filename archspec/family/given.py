"""The network of a JSON, under its own parameters and under others as far as the JSON says what those change.

What a parameter decides while a spec is read, which layers there are and what recipe, JSON does not hold: such a
parameter can be set in the spec alone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any, NamedTuple

from archspec.counting.printed import is_reported
from archspec.diagnostics import Diagnostic, Report, Source, Span, explained, text_span
from archspec.elaborate.messages import as_written, unknown_parameter, unknown_variant, wrong_kind
from archspec.elaborate.rebinding import Rebinding, differing, mentioned
from archspec.elaborate.record import Record
from archspec.elaborate.request import Request
from archspec.expressions import Expression, Number, Unfit
from archspec.family.members import Family
from archspec.ir.figure import Beside
from archspec.ir.json import from_json, mistakes_of
from archspec.ir.messages import unfit_expression
from archspec.ir.network import Claim, Network, Step, Value
from archspec.ir.walking import args_of, every_step, steps_of


class Given(Family):
    """The network of a JSON."""

    def __init__(self, network: Network, source: Source) -> None:
        super().__init__((), [source])
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
            report.add(unknown_variant(text_span("variant", request.variant or ""), request.variant, known))
            return None
        values = self._values(request, report)
        changed = differing(network.parameters, values)
        if changed and not report.failed:
            network = self._under(network, changed, values, report)
        if report.failed:
            return None
        size = {"input": request.input, "input_names": ()} if request.input else {}
        overridden = self._network.overridden or request.overrides
        both = tuple(sorted(changed.union(self._network.changed)))
        return Whole(
            network.replaced(overridden=overridden, changed=both, **size), self._fixed, not self._network.overridden
        )

    def _values(self, request: Request, report: Report) -> dict[str, Value]:
        """The values of all parameters; what cannot be set is reported."""
        own = self._network.parameters
        found = dict(own)
        for name, value in request.parameters.items():
            at = text_span("parameter", f"{name}={as_written(value)}")
            if name not in own:
                report.add(unknown_parameter(at, name, own))
                continue
            if (wrong := wrong_kind(at, name, value, own[name])) is not None:
                report.add(wrong)
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
            found = Rebinding(changed, values).network(network, mentioned(network))
        except Unfit as unfit:
            report.add(
                unfit_expression(
                    text_span("parameter", ", ".join(f"{n}={as_written(values[n])}" for n in sorted(changed))), unfit
                )
            )
            return network
        for wrong in mistakes_of(found, self._source):
            report.add(wrong)
        return found


class Whole(NamedTuple):
    """A network that holds its claims and its recipe already."""

    network: Network
    fixed: frozenset[str]
    """The parameters that cannot be set."""
    at_home: bool
    """Whether the JSON was made for the file's own parameters and input, which the claims are about."""

    @property
    def mentioned(self) -> list[frozenset[str]]:
        """For each row the names that its expressions hold."""
        return mentioned(self.network)

    @property
    def record(self) -> Record:
        """What JSON holds for one value of parameters alone is pinned to that."""
        found = Record()
        found.pinned |= self.fixed | {*self.network.input_names}
        return found

    @property
    def lets(self) -> Mapping[str, Expression]:
        """None: JSON has `let` names written out."""
        return {}

    @property
    def choices(self) -> dict[str, tuple[str, tuple[Value, ...]]]:
        """None: what may be chosen is said by the spec alone."""
        return {}

    def reach(self, names: Collection[str]) -> None:
        """Not known: JSON does not hold the text of rows."""

    @property
    def sides(self) -> tuple[Expression, ...]:
        """The sides of the input."""
        return tuple(map(Number, self.network.input))

    def complete(self, report: Report) -> Network:
        """The network without the claims for which JSON does not say what the network is."""
        network = self.network
        kept = tuple(claim for claim in network.claims if _of_experiment(claim) or self._checkable(claim))
        if len(kept) < len(network.claims):
            report.add(claims_left_out(len(network.claims) - len(kept)))
        return network.replaced(claims=kept)

    def under(self, request: Request, report: Report) -> None:
        """Nothing is gained by it: another member is as near to the JSON as this one."""

    def _checkable(self, claim: Claim) -> bool:
        """Whether JSON says what network a claim is about: the file's own values, and numbers of layers set."""
        own, set_to = self.network.parameters, dict(claim.parameters)
        if isinstance(claim.figure, Beside):
            if claim.figure.file is not None or claim.figure.variant not in (None, self.network.variant):
                return False
            set_to |= claim.figure.parameters
        names = differing({name: own[name] for name in set_to}, set_to)
        numbers = all(type(set_to[name]) in (int, float) for name in names)
        return self.at_home and numbers and names.isdisjoint(self.fixed | {*self.network.input_names})


def _of_experiment(claim: Claim) -> bool:
    """Whether no arithmetic checks a claim."""
    return is_reported(claim.quantity) and claim.figure is None


def _as_printed(network: Network) -> Iterator[tuple[Step, ...]]:
    """The layers of rows with what is printed wrong in them."""
    for misprint in network.misprints:
        yield misprint.steps
        yield from (part.steps for part in misprint.parts)


def _fixed(network: Network) -> frozenset[str]:
    """The parameters whose values stand in the JSON in other ways than as those of expressions over parameters."""
    own = network.parameters.keys()
    by_chance = (
        arg.names & own
        for step in (*steps_of(network), *every_step(step for steps in _as_printed(network) for step in steps))
        for arg in args_of(step).values()
        if arg.value is not None and not arg.names <= own
    )
    of_recipe = network.recipe.names if network.recipe else ()
    return frozenset((*network.structural, *of_recipe)).union(*by_chance)


@explained("E0412")
def set_in_the_spec(span: Span, name: str) -> Diagnostic:
    """A network in JSON is asked for with another value of a parameter that decides more than numbers of its layers.

    Which layers there are, the input, the weight of a head and the recipe stand in JSON as they are for one value of
    it. `archspec ir SPEC -p NAME=VALUE` prints the JSON for another value.
    """
    message = f"JSON holds what `{name}` decides for one value of it alone"
    return Diagnostic("E0412", message, span, "set here", help=f"set `{name}` where the JSON is made, from the spec")


@explained("E0309")
def claims_left_out(count: int) -> Diagnostic:
    """A network in JSON has claims about other networks of its spec than JSON holds; they are not checked.

    They set parameters of which JSON holds one value alone, or the JSON was made for other values than the spec's own.
    """
    figures = "1 figure is" if count == 1 else f"{count} figures are"
    message = f"{figures} not checked: JSON does not hold the networks that they are about"
    return Diagnostic("E0309", message, help="check them in the spec", severity="warning")
