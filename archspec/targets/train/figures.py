"""What the paper reports about the trained network: the errors that a training run is held beside."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from archspec.ir.network import Claim, Network
from archspec.recipe.data import Data


class Reported(NamedTuple):
    """An error of held-out images in percent, as the paper prints it."""

    percent: float
    source: str


def top1_errors(network: Network, data: Data) -> Iterator[Reported]:
    """The top-1 errors that are claimed for the network as it is, for this data, in the order of the file."""
    for claim in network.claims:
        if claim.figure is not None or not _holds(claim, network):
            continue
        for names, sign in ((_errors(data), 1), (_accuracies(data), -1)):
            if claim.quantity in names:
                printed = float(claim.printed.rstrip("% "))
                yield Reported(round(printed if sign > 0 else 100 - printed, 4), claim.source)


def _holds(claim: Claim, network: Network) -> bool:
    """Whether a claim is about the network with its present parameters; one without any is about the defaults."""
    if not claim.parameters:
        return not network.overridden
    return all(network.parameters.get(name) == value for name, value in claim.parameters.items())


def _errors(data: Data) -> tuple[str, ...]:
    return "top-1 error", "test error", f"{data.title.lower()} error"


def _accuracies(data: Data) -> tuple[str, ...]:
    return "top-1 accuracy", "test accuracy", f"{data.title.lower()} accuracy"
