"""When two specs quote one print: a figure of a paper counts once, however many files have it."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Mapping, Sequence

from archspec.analysis.checked import Checked
from archspec.api import named_by
from archspec.counting.printed import dims_of, value_of
from archspec.counting.quantities import SHAPES
from archspec.ir.network import QUOTED, Paper, table_of
from archspec.reports.audit.figure import Figure

Key = tuple[str, ...]
Place = tuple[str, int, int, str]


class Prints:
    """Tells the figures of a file that another file has as well: the file to count them for is one.

    Specs of one paper that have the same figure of the same table print it once, and one that quotes another paper
    prints none where a spec of that paper has it. Cells of rows are the same by what they print, in the order of the
    table, as specs call rows differently.
    """

    def __init__(self, found: Mapping[str, Sequence[Figure]], papers: Mapping[str, Paper]) -> None:
        self._titles = titles = {spec: paper.title for spec, paper in papers.items()}
        self._cells = _first_cells(found, papers)
        self._files = {_file(spec) for spec in found}
        self._places: dict[Place, str] = {}
        self._claims: dict[tuple[object, ...], str] = {}
        self._own: dict[Key, dict[str, str]] = {}
        self._specs: dict[Key, dict[str, None]] = {}
        for spec, figures in found.items():
            for figure in figures:
                if _is_number(figure):
                    self._specs.setdefault(_key(figure.check), {})[spec] = None
                    if not figure.quoted:
                        self._own.setdefault(_key(figure.check), {}).setdefault(titles[spec], spec)

    def new(self, figure: Figure, spec: str) -> bool:
        """Whether this is the file to count it for: where it is written, and the first that prints it."""
        check = figure.check
        if check.span is None:  # of a network in JSON, which no other file shares
            return True
        at = check.span
        file = os.path.realpath(at.source.name)
        if file != _file(spec) and file in self._files and figure.standing != "wrong":
            return False
        if self._cells.get((file, at.line, at.start, check.quantity), spec) != spec:
            return False
        first = self._places.setdefault((file, at.line, at.start, check.quantity), spec)
        if first == spec and not figure.of_row and not figure.variants[1:]:
            settings = tuple(check.parameters.items())
            claim = figure.names, check.source, check.what, check.printed, check.counted, settings
            first = self._claims.setdefault(claim, spec)
        return first == spec == self._owner(figure, spec)

    def copies(self, figure: Figure, spec: str) -> tuple[str, ...]:
        """The other specs that have the print of a claim."""
        return tuple(other for other in self._specs.get(_key(figure.check), ()) if other != spec)

    def _owner(self, figure: Figure, spec: str) -> str:
        """The spec to count a claim for, as far as it is one print with those of others."""
        if not _is_number(figure):
            return spec
        own = self._own.get(_key(figure.check), {})
        if not figure.quoted:
            return own[self._titles[spec]]
        if figure.paper.title in own:
            return own[figure.paper.title]
        return next(iter(own.values()), next(iter(self._specs[_key(figure.check)])))


def _first_cells(found: Mapping[str, Sequence[Figure]], papers: Mapping[str, Paper]) -> dict[Place, str]:
    """The spec that first prints each cell of rows, by the places where specs of the same table have it."""
    first: dict[Key, str] = {}
    cells: dict[Place, str] = {}
    for spec, figures in found.items():
        paper, file, seen = papers[spec], _file(spec), Counter[Key]()
        table = _table(paper)
        for figure in figures:
            at = figure.check.span
            if at is None or not (figure.of_row and figure.of_print) or figure.standing == "wrong":
                continue
            if os.path.realpath(at.source.name) != file:
                continue  # of the network that this is like, whose cell it is
            key = paper.title, table, figure.check.quantity, figure.standing, _cell(figure.check)
            seen[key] += 1
            owner = first.setdefault((*key, str(seen[key])), spec)
            cells.setdefault((file, at.line, at.start, figure.check.quantity), owner)
    return cells


def _table(paper: Paper) -> str:
    """The table of layers among the references of a paper: of ``Tables 1 to 4``, ``Table 1``."""
    named = re.search(r"(Table|Figure|section)s? ([\w.]+)", ", ".join(paper.references))
    return " ".join(named.groups()) if named else ""


def _cell(check: Checked) -> str:
    """What a cell prints, however it is written."""
    return str(dims_of(check.printed)) if check.quantity in SHAPES else re.sub(r"\s", "", check.printed).lower()


def _is_number(figure: Figure) -> bool:
    return not figure.of_row and isinstance(figure.check.value, int)


def _key(check: Checked) -> Key:
    """What one print is known by: its table, its number, and the arithmetic that it is compared with."""
    quoted = QUOTED.match(check.source)
    table = table_of(check.source)[quoted.end() if quoted else 0 :]
    number = value_of(check.printed, check.units) if isinstance(check.value, int) else check.printed
    return table, check.what, str(number), str(check.value)


def _file(spec: str) -> str:
    return os.path.realpath(named_by(spec).file)
