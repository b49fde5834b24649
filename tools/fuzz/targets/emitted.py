"""Emitted code, run beside the interpreter of the tests, also with other arguments."""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
from random_graphs import graphs
from random_programs import other_values, written
from second_witness import examine

from fuzz.choices import Choices
from fuzz.judge import Wrong

NEEDS: tuple[str, ...] = ("torch",)


class Asked(NamedTuple):
    """A spec, and other values of its parameters."""

    text: str
    others: list[dict[str, Any]]


def given(pen: Choices) -> Asked:
    """A program or a graph."""
    others = [other_values(pen)] * pen.number(0, 1)
    return Asked(written(pen), others) if pen.chance(75) else Asked(pen.of(graphs()) or written(pen), [])


def ask(given: Asked) -> None:
    """Outputs, gradients and statistics are those of the interpreter."""
    torch.set_num_threads(1)
    for fault in examine(given.text, given.others).faults:
        raise Wrong(str(fault))
