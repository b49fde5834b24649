"""A network under the values of its parameters that show what its arguments do.

One run of a repetition does not show what the next would be. Two do, and the code then holds for any number of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from archspec.analysis.inferred import Inferred
from archspec.analysis.shapes import infer
from archspec.diagnostics import Report
from archspec.elaborate.rebinding import Rebinding, mentioned
from archspec.expressions import Expression, Unfit, evaluate
from archspec.ir.network import Network, Value
from archspec.ir.walking import args_of, every_step
from archspec.targets.torch.parameters import Parameter, counts_of

MOST_TRIED = 64
"""Values of a parameter that are tried for a second run: ``(depth - 4) / 6`` needs one in six."""


class Seen(NamedTuple):
    """A network as its code is found: with these values of its parameters, and their shapes."""

    network: Network
    inferred: Inferred


def seen(network: Network, inferred: Inferred, kept: Mapping[str, Parameter]) -> Seen:
    """The network with values that show what its arguments do.

    Every repetition that an argument counts runs twice or more, also behind a first run, but for numbers of a table,
    which are written as they are in a network alone. What may be a fraction is a float, so that no block takes it for a
    whole number.
    """
    floats = {name: float(p.default) for name, p in kept.items() if p.kind is float and type(p.default) is int}
    values = network.parameters | floats
    own = {name for name, parameter in kept.items() if parameter.own}
    raised = {n: value for n in counts_of(network) & own if (value := _raised(network, n, values)) is not None}
    changed = floats | raised
    if not changed:
        return Seen(network, inferred)
    report = Report()
    try:
        more = Rebinding(changed.keys(), network.parameters | changed).network(network, mentioned(network))
    except Unfit:
        return Seen(network, inferred)
    found = infer(more, report)
    return Seen(network, inferred) if report.failed or not found.whole else Seen(more, found)


def _raised(network: Network, name: str, values: Mapping[str, Value]) -> int | float | None:
    """A value of a parameter that makes three runs or more of all that it counts; None where it does already."""
    counts = [*_counts(network, name)]
    default = values[name]
    assert isinstance(default, int | float)
    for more in range(MOST_TRIED):
        if all(_runs(count, {**values, name: default + more}) for count in counts):
            return default + more if more else None
    return None


def _counts(network: Network, name: str) -> Iterator[Expression]:
    """What rows say of how often something repeats, over a parameter that is nothing else there."""
    rows = (*network.rows, *(row for head in network.heads for row in head.rows))
    for step in every_step(step for row in rows for step in row.steps or ()):
        for arg in args_of(step).values():
            if arg.expression is not None and name in arg.names:
                yield arg.expression


def _runs(count: Expression, values: Mapping[str, Value]) -> bool:
    """Whether it is a whole number of at least three: the first run may be another, with a stride."""
    try:
        found = evaluate(count, values)
    except Unfit:
        return False
    return type(found) is int and found >= 3
