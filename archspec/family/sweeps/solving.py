"""The largest member of a family that meets a budget, or the nearest to a count, by counting all that may be it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import prod
from typing import NamedTuple

from archspec.diagnostics import ArchError
from archspec.family.formulas.formula import QUANTITIES
from archspec.family.sweeps.answers import Answers, Asked
from archspec.family.sweeps.conditions import plain_units
from archspec.family.sweeps.messages import no_near, nothing_meets
from archspec.family.sweeps.searched import Searched, first_piece
from archspec.family.sweeps.sweep import Sweep

TRIED, MORE = 2_000, 8
"""Values of a parameter that are tried where none are given, and how many times as many where the last is best."""
MOST_TRIED, MOST_ROUNDED = 128_000, 16_000
MOST_TOGETHER = 4_000_000
"""Settings of several parameters for which no values are given: an eighth of these, before one is tried further."""
ROUNDS = 16
"""How often pieces that were found may show that a family changes elsewhere too."""
NEAR = re.compile(r"\s*(\w+)\s*==?\s*(\S.*?)\s*")
COUNT = re.compile(r"[\d.]+(e\+?\d{1,2})?", re.ASCII)
"""A count, of which no exponent makes more digits than memory holds."""


class Solved(NamedTuple):
    """What was found, and how far was looked for it."""

    found: Sweep
    said: tuple[str, ...]
    """What was tried of each parameter that was searched, whether that proves the answers, and what has none."""


def solve(asked: Asked) -> Solved:
    """For each setting of the other axes the best member; raises ArchError where none meets the budget.

    Where the last value that was tried is an answer, more are tried.
    """
    searched = [Searched(asked.member, name) for name in asked.searched]
    pieces = first_piece(asked.member, searched, asked.fixed) if searched else []
    for each in searched:
        each.add(pieces, asked.fixed)
    most = TRIED if len(searched) < 2 else int((MOST_TOGETHER // MORE) ** (1 / len(searched)))
    numbers = {each.name: most for each in searched}
    while True:
        answers = _settled(asked, searched, numbers)
        lattices = {each.name for each in searched if each.is_lattice}
        open_ = [each.name for each in searched if not each.has_end and answers.is_last(each)]
        more = {name: _more(count, name in lattices) if name in open_[:1] else count for name, count in numbers.items()}
        if more == numbers or (len(searched) > 1 and prod(more.values()) > MOST_TOGETHER):
            return Solved(answers.found, (*answers.said(searched),))
        numbers = more


def _more(count: int, is_lattice: bool) -> int:
    """How many values are tried after so many; of rounded numbers fewer, as their breakpoints are worked out."""
    return max(count, min(count * MORE, MOST_TRIED if is_lattice else MOST_ROUNDED))


def _settled(asked: Asked, searched: Sequence[Searched], numbers: Mapping[str, int]) -> Answers:
    """The answers, once no piece of the family that was met changes where no value was tried."""
    for _ in range(ROUNDS):
        answers = Answers(asked, {each.name: each.values(numbers[each.name]) for each in searched})
        grown = [each.add(answers.met, asked.fixed) for each in searched]
        dropped = [each.drop(answers.held[each.name]) for each in searched]
        if not any(grown + dropped):
            answers.is_settled = True
            break
    if not len(answers.found):
        budget = asked.budget if asked.budget is not None else ""
        tried = [line for each in searched for line in answers.tried(each)]
        raise ArchError(
            [
                nothing_meets(
                    "--budget" if budget else "--near", budget, answers.found.held, [*tried, *answers.lacking()]
                )
            ]
        )
    return answers


def near_of(text: str | None) -> tuple[str, Fraction] | None:
    """A quantity and its count, ``params = 36.5M``; raises ArchError where a text is no such thing."""
    if text is None:
        return None
    match = NEAR.fullmatch(text)
    if match is None or match[1] not in QUANTITIES:
        raise ArchError([no_near(text)])
    count = plain_units(match[2]).replace(",", "")
    try:
        if COUNT.fullmatch(count):
            return match[1], Fraction(count)
    except ValueError:  # several points, or more digits than Python reads
        pass
    raise ArchError([no_near(text)])
