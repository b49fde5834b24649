"""Tables of networks in every format, for terminals, programs, papers and pages."""

from __future__ import annotations

import csv
import io
import json
import re

from archspec import loads
from archspec.render import details, table
from archspec.support.terminal import Style
from fuzz.choices import Choices
from fuzz.judge import demand, demand_no_evil, demand_plain
from fuzz.texts import spec

NEEDS: tuple[str, ...] = ()
READ_IN = re.compile(r'(?<!\\)#read\("evil"\)')
"""A call of Typst that is not in a string; `\\input` of TeX is one where no letter of its escape stands before it."""


def given(pen: Choices) -> str:
    """A spec."""
    return spec(pen)


def ask(given: str) -> None:
    """Write its table in every format; each can be read as what it is."""
    result = loads(given).result
    for text in (table.as_text([result][0], Style(False), None), details.details_text(result, Style(False))):
        demand_plain(text, "a table")
    compiled = loads(given)
    json.loads(compiled.to_json())
    rows = [*csv.reader(io.StringIO(table.as_csv([result])))]
    demand(len({len(row) for row in rows}) <= 1, f"CSV with rows of several lengths: {rows}")
    demand_no_evil(compiled.to_html(), "a table")
    demand("\\input{evil}" not in compiled.to_latex(), "a command of the spec's in TeX")
    demand(not READ_IN.search(compiled.to_typst()), "a call of the spec's in Typst")
    table.as_markdown(result)
    details.details_markdown(result)
