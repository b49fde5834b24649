"""Whether torch can hold a network as a module: how many modules it has, and how many numbers they hold."""

from __future__ import annotations

from math import prod

from archspec.analysis.inferred import Inferred
from archspec.budget import spend
from archspec.diagnostics import ArchError, Diagnostic, Span, explained
from archspec.ir.network import Network
from archspec.support.limits import COUNTED, MOST_MODULES, MOST_NUMBERS


def check_bulk(network: Network, inferred: Inferred) -> None:
    """Raises ArchError for a network that has a count and code, and is too large to be made."""
    modules = numbers = 0
    rows = [*inferred.rows, *(row for head in inferred.heads.values() for row in head)]
    for use in (use for row in rows for use in row.uses):
        spend(COUNTED)
        tensors = (*use.op.weights(*use.xs).values(), *use.op.buffers(*use.xs).values())
        modules += use.times * len(use.op.torch(*use.xs))
        numbers += use.times * sum(map(prod, tensors))
    if modules > MOST_MODULES:
        raise ArchError([too_large_to_build(network.place, f"{modules:,} modules", MOST_MODULES)])
    if numbers > MOST_NUMBERS:
        raise ArchError([too_large_to_build(network.place, f"{numbers:,} parameters", MOST_NUMBERS)])


@explained("E0910")
def not_made(place: Span | None, why: str) -> Diagnostic:
    """torch cannot make the module of a network on this machine, which most often lacks the memory for its parameters.

    The network is counted, and its code is written, all the same.
    """
    help = "`archspec compile` writes its code, which runs on a larger machine"
    return Diagnostic("E0910", f"torch cannot make the network: {why}", place, "not made", help=help)


@explained("E0907")
def too_large_to_build(place: Span | None, what: str, most: int) -> Diagnostic:
    """A network is too large to be made as a module of torch: more than 10,000 modules, or 2^30 parameters.

    Every module of a repetition is an object of its own, and every parameter takes 4 bytes. The network is counted, and
    its code is written, all the same: `archspec compile` says what it has, and whoever has the machine runs the code.
    """
    help = "`archspec compile` writes its code, which makes it of any size"
    notes = (f"at most {most:,}",)
    return Diagnostic("E0907", f"the network has {what}, too many to build", place, "too large", notes=notes, help=help)
