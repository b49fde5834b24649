"""Random networks beside themselves with one number changed: a diff is never an exception, and its parts add up."""

from __future__ import annotations

import json
import re
from pathlib import Path
from random import Random

import jsonschema  # type: ignore[import-untyped]
import pytest
from random_programs import program, seed_of_the_day

from archspec import loads
from archspec.compiled import Compiled
from archspec.diagnostics import ArchError
from archspec.render.formats import json_text
from archspec.reports.diff.compare import Difference, compare
from archspec.reports.diff.report import as_data, as_html, as_markdown, as_text
from archspec.reports.diff.rows import Change
from archspec.support.terminal import Style

SCHEMA = jsonschema.Draft202012Validator(
    json.loads((Path(__file__).parent.parent / "docs" / "diff.schema.json").read_text("utf-8"))
)
RULES = ("paper", "cs231n", "fvcore", "paper, no fc", "paper, with heads")
NUMBER = re.compile(r"(?<![\w.])\d+")


def changed(text: str, random: Random) -> str:
    """A spec with one of its numbers a little larger or smaller."""
    at = random.choice([*NUMBER.finditer(text)])
    return f"{text[: at.start()]}{max(int(at[0]) + random.choice((-1, 1, 2, 8)), 0)}{text[at.end() :]}"


def compiled(text: str) -> Compiled | None:
    try:
        return loads(text)
    except ArchError:
        return None


def pairs(seed: str, many: int) -> list[tuple[Compiled, Compiled]]:
    found = []
    for index in range(many):
        random, text = Random(f"{seed} {index}"), program(seed, index)
        one = compiled(text)
        for other in (compiled(changed(text, random)) for _ in range(3)):
            if one is not None and other is not None:
                found.append((one.under(random.choice(RULES)), other.under(random.choice(RULES))))
    return found


def demand_sums(found: Difference, a: Compiled, b: Compiled) -> None:
    """What runs differently comes to the difference of the totals, and with the other rule to that of the counts."""
    totals = {total.quantity: total for total in found.totals}
    recounted = {total.quantity: total.b - total.a for total in found.recounted}
    rows = [row for row in found.rows if isinstance(row, Change)]
    for quantity, field in (("params", "params"), ("mult-adds", "mult_adds")):
        difference = totals[quantity].difference
        if difference is None:  # of a layer that is not known
            continue
        assert sum(getattr(work, field) for work in found.work.changes) == difference
        assert getattr(b, field) - getattr(a, field) == recounted.get(quantity, 0) + difference
        if not b.counting.with_heads:
            assert sum(getattr(row, field) for row in rows) == difference


@pytest.mark.parametrize("many", [12, pytest.param(400, marks=pytest.mark.slow)], ids=["few", "many"])
def test_the_parts_of_a_diff_add_up(many: int) -> None:
    seed = seed_of_the_day()
    every = pairs(seed, many)
    assert len(every) > many / 2
    for i, (a, b) in enumerate(every):
        try:
            found = compare(a, b, ("a", "b"))
            SCHEMA.validate(json.loads(json_text(as_data(found))))
            assert as_text(found, Style())
            assert as_markdown(found)
            assert as_html(found)
            demand_sums(found, a, b)
        except Exception as error:
            raise AssertionError(f"ARCHSPEC_SEED={seed}, pair {i}") from error
