"""Write again docs/library_vs_paper.md: what torchvision and timm run otherwise than the tables of papers say.

It needs both libraries, as tests/witnesses.txt has them, and some ten minutes.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from contextlib import chdir
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

from archspec.api import one
from archspec.compiled import Compiled
from archspec.importing import LIBRARIES
from archspec.render.formats import escaped, markdown
from archspec.reports.diff.compare import COUNTED, Difference, compare
from archspec.reports.diff.report import setting_lines
from archspec.reports.diff.running import sentences, signed

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "library_vs_paper.md"
NAMES = ROOT / "tools" / "libraries.toml"
QUANTITIES = ("params", "mult-adds")
HEADER = ("network", "library", *QUANTITIES, "what the library runs")
INTRODUCTION = """# Libraries against papers

What {versions} run otherwise than the tables of papers say: every network of [specs/](../specs)
that one of them has. `archspec diff specs/resnet.arch:50 timm:resnet50` says the same of one, and which rows it is in.
Costs are how much more the library has, for one image. What runs in training alone, such as dropout, counts as a
difference too; a soft-max that belongs to the loss does not. `python tools/versus.py` writes this page again, from the
names in [tools/libraries.toml](../tools/libraries.toml).
"""


class Found(NamedTuple):
    """One network of the corpus beside those of libraries that differ from it in the same way."""

    spec: str
    libraries: tuple[str, ...]
    totals: tuple[str, ...]
    """How much more the libraries have of each quantity."""
    differences: tuple[str, ...]
    """None where they run the same."""


def names() -> dict[str, list[str]]:
    """The networks of the corpus that libraries have, by the files of specs/, with their names there."""
    found: dict[str, list[str]] = tomllib.loads(NAMES.read_text("utf-8"))["names"]
    return found


def of_network(spec: str, libraries: Sequence[str]) -> list[Found]:
    """What libraries run otherwise than a spec says."""
    found: dict[tuple[tuple[str, ...], tuple[str, ...]], list[str]] = {}
    paper = one(f"specs/{spec}")
    for library in libraries:
        compared = compare(paper, _imported(library), (spec, library))
        by_name = {total.quantity: signed(total.difference) for total in compared.totals}
        key = tuple(by_name[quantity] for quantity in QUANTITIES), tuple(_differences(compared))
        found.setdefault(key, []).append(library)
    return [Found(spec, tuple(own), *key) for key, own in found.items()]


@cache
def _imported(library: str) -> Compiled:
    return one(library)


def _differences(compared: Difference) -> Iterator[str]:
    own = (name for name, _, _ in compared.settings)
    yield from (
        line for name, line in zip(own, setting_lines(compared, "paper"), strict=True) if name in ("input", COUNTED)
    )
    if not compared.work.is_none:
        yield from sentences(compared.work, ("paper", "library"))


def page(every: Sequence[Found]) -> str:
    """The page: a line for each network, and below what they differ in."""
    versions = " and ".join(f"{library} {version(library)}" for library in sorted(LIBRARIES, reverse=True))
    rows = [HEADER, *map(line, every)]
    differ = [details(each) for each in every if each.differences]
    table = markdown(rows, (False, False, True, True, False))
    return "\n".join([INTRODUCTION.format(versions=versions), table, "", "## What differs", "", *differ])


def line(found: Found) -> tuple[str, ...]:
    """One network in the table."""
    first, *others = found.differences or ("the same",)
    more = f"; {len(others)} more below" * bool(others)
    return found.spec, ", ".join(found.libraries), *found.totals, first + more


def details(found: Found) -> str:
    """What one network differs in."""
    head = f"**{escaped(found.spec)}** and {escaped(', '.join(found.libraries))}:\n\n"
    return head + "".join(f"- {escaped(each)}\n" for each in found.differences)


def main() -> None:
    """Write the page."""
    with chdir(ROOT):
        every = [found for spec, libraries in names().items() for found in of_network(spec, libraries)]
    PAGE.write_text(page(every), "utf-8", newline="\n")


if __name__ == "__main__":
    main()
