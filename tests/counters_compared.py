"""A convention beside the counter that it is named after: what both say of the emitted code of one spec."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from copy import deepcopy
from functools import lru_cache

from popular_counters import PRINTED, printed, with_a_parameter
from torch import nn
from witness import size

from archspec import loads
from archspec.reports.why import totals

WITHOUT_A_TOOL = {
    "timm": "publishes what fvcore prints, and has the same table",
    "torchvision": "publishes multiply-accumulates beside its weights: test_counters_on_torchvision.py",
    "darknet": "is a program in C: test_counter_of_darknet.py has lines of its logs",
    "darknet-alexeyab": "is a program in C: test_counter_of_darknet.py has lines of its logs",
}
"""The conventions that are not run on emitted code, and what else they are held to."""


@lru_cache(100)
def _counted(text: str) -> tuple[dict[str, int], nn.Module, tuple[int, ...]]:
    """What the conventions count, the module, and the size of its input."""
    compiled = loads(text)
    return totals(compiled), compiled.build(), size(compiled.network.input_shape, 1)[1:]


def differences(text: str, counters: Iterable[str] = tuple(PRINTED)) -> Iterator[str]:
    """A line for each counter that prints another number than its convention, or none at all."""
    ours, model, x = _counted(text)
    for counter in counters:
        try:
            theirs = printed(counter, with_a_parameter([deepcopy(model)]), x)
        except Exception as error:  # which a counter that has no rule for a layer may raise
            yield f"{counter} raises {type(error).__name__}: {error}"
            continue
        if theirs != ours[counter]:
            yield f"{counter} prints {theirs:,}, and its convention counts {ours[counter]:,}"
