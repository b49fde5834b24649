"""Modules of torch, read as specs: those that emitted code makes, and what people write by hand."""

from __future__ import annotations

import torch
from fuzz.choices import Choices
from fuzz.judge import demand
from modules_to_import import CASES
from random_programs import written
from second_witness import MOST_PARAMETERS

import archspec
from archspec import loads

NEEDS: tuple[str, ...] = ("torch",)


def given(pen: Choices) -> str:
    """A program, or the name of a module of the tests."""
    return pen.one_of([*CASES]) if pen.chance(15) else written(pen)


def ask(given: str) -> None:
    """What is read has the parameters of the module, and where it was emitted, its work."""
    torch.set_num_threads(1)
    if given in CASES:
        model, input = CASES[given].make(), CASES[given].input
        archspec.from_torch(model, input)
        return
    compiled = loads(given)
    if compiled.params > MOST_PARAMETERS:
        return
    x = compiled.network.input_shape
    found = archspec.from_torch(compiled.build(), (x.channels,) if x.height is None else (x.height, x.width or 1, x.channels))
    ours = compiled.params - sum(cost.params for rows in compiled.heads.values() for cost in rows)
    demand(found.params in (compiled.params, ours), f"parameters: {found.params} of {compiled.params}")
    demand(found.mult_adds == compiled.mult_adds, f"mult-adds: {found.mult_adds} of {compiled.mult_adds}")
