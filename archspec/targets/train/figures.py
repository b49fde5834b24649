"""What the paper reports about the trained network: the errors that a training run is held beside."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from archspec.ir.network import Claim, Network, names_of
from archspec.ir.walking import args_of, every_step
from archspec.recipe.data import Data


class Reported(NamedTuple):
    """An error of held-out images in percent, as the paper prints it."""

    percent: float
    source: str


def top1_errors(network: Network, data: Data) -> Iterator[Reported]:
    """The top-1 errors that are claimed for the network as it is, for this data, in the order of the file."""
    for claim in network.claims:
        if claim.figure is not None or not _holds(claim, network, data):
            continue
        for names, sign in ((_errors(data), 1), (_accuracies(data), -1)):
            if claim.quantity in names:
                printed = float(claim.printed.rstrip("% "))
                yield Reported(round(printed if sign > 0 else 100 - printed, 4), claim.source)


def _holds(claim: Claim, network: Network, data: Data) -> bool:
    """Whether a claim is about the network with its present parameters; those that it does not name are the file's."""
    if not claim.parameters and network.overridden:
        return False  # under another input too
    named = {*claim.parameters, *(_of_classes(network, data) if claim.quantity.startswith(data.title.lower()) else ())}
    return named >= set(network.changed) and all(
        network.parameters.get(name) == value for name, value in claim.parameters.items()
    )


def _of_classes(network: Network, data: Data) -> Iterator[str]:
    """The parameters that an error of data speaks of by the data's name: those that set its number of classes."""
    steps = reversed([*every_step(step for row in network.rows for step in row.steps or ())])
    last = next((names for step in steps if (names := names_of(args_of(step)))), frozenset())
    return (name for name in last if network.parameters.get(name) == data.classes)


def _errors(data: Data) -> tuple[str, ...]:
    return "top-1 error", "test error", f"{data.title.lower()} error"


def _accuracies(data: Data) -> tuple[str, ...]:
    return "top-1 accuracy", "test accuracy", f"{data.title.lower()} accuracy"
