"""Modules of torch, read as specs: those that emitted code makes, and what people write by hand."""

from __future__ import annotations

import torch
from modules_to_import import CASES
from random_programs import written
from second_witness import MOST_PARAMETERS

import archspec
from archspec import loads
from archspec.support.bound import is_known
from fuzz.choices import Choices
from fuzz.judge import demand

NEEDS: tuple[str, ...] = ("torch",)


def given(pen: Choices) -> str:
    """A program, or the name of a module of the tests."""
    return pen.one_of([*CASES]) if pen.chance(15) else written(pen)


def ask(given: str) -> None:
    """What is read of emitted code has its parameters and its work, unless parts of it are opaque."""
    torch.set_num_threads(1)
    if given in CASES:
        model, input = CASES[given].make(), CASES[given].input
        archspec.from_torch(model, input)
        return
    compiled = loads(given)
    if compiled.params > MOST_PARAMETERS:
        return
    x = compiled.network.input_shape
    input = (x.channels,) if x.height is None or x.width is None else (x.height, x.width, x.channels)
    found = archspec.from_torch(compiled.build(), input)
    heads = sum(cost.params for rows in compiled.heads.values() for cost in rows)
    if is_known(found.params) and is_known(found.mult_adds):
        demand(
            found.params in (compiled.params, compiled.params - heads),
            f"parameters: {found.params} of {compiled.params}",
        )
        demand(found.mult_adds == compiled.mult_adds, f"mult-adds: {found.mult_adds} of {compiled.mult_adds}")
