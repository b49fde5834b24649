"""`why` and counts by other conventions: rules, figures and bridges between them, as somebody types them."""

from __future__ import annotations

from typing import NamedTuple

from slips import changed

from archspec import ArchError, loads
from archspec.commands.why import _answer
from archspec.counting.conventions import CONVENTIONS
from fuzz.choices import Choices
from fuzz.judge import demand, demand_plain
from fuzz.texts import HOSTILE, spec, words

NEEDS: tuple[str, ...] = ()
RULES = ["no bn", "with bias", "no fc", "with heads", "with relu", "no nothing", "fvcore, no bn", "paper, fvcore", ","]
SIDES = ["3.4M", "528MB", "1,234", "0", "0.5K", "99999999999T", "paper(w=2)", "thop(classes=)", "(", "1.8 GFLOPs", " "]


class Asked(NamedTuple):
    """A spec, a convention to count by, and the sides of a bridge."""

    text: str
    rule: str
    sides: tuple[str, ...]


def given(pen: Choices) -> Asked:
    """A spec, and what is asked of it, with slips."""
    typed = [_typed(pen) for _ in range(pen.number(1, 3))]
    return Asked(spec(pen), typed[0], tuple(typed[1:]))


def _typed(pen: Choices) -> str:
    text = pen.one_of([*CONVENTIONS, *RULES, *SIDES, *HOSTILE])
    return changed(text, pen.drawn, words()) if pen.chance(30) else text


def ask(given: Asked) -> None:
    """Count by the rule, and answer; a wrong rule does not keep the answer back."""
    compiled = loads(given.text).checked()
    try:
        counted = compiled.under(given.rule)
        demand(counted.params >= 0 and counted.mult_adds >= 0, "a count is negative")
        demand(counted.convention, "a convention without a name")
    except ArchError as error:
        demand(str(error), "a refusal without a word")
    for line in _answer(compiled, given.sides).lines:
        demand_plain(line, "an answer")
