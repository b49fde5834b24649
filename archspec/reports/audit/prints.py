"""When two specs quote one print: a figure of a paper counts once, however many files have it."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence

from archspec.analysis.checked import Checked
from archspec.api import named_by
from archspec.counting.printed import value_of
from archspec.reports.audit.figure import Figure

QUOTED = re.compile(r"(?P<paper>[^,]*\((?:[^(),]+ )?\d{4}\)), *(?P<place>.*)")
"""A source that is another paper: ``MobileNets (2017), Table 8``."""
Key = tuple[str, ...]


class Prints:
    """Tells the figures of a file that another file has as well: the file to count them for is one."""

    def __init__(self, found: Mapping[str, Sequence[Figure]]) -> None:
        self._files = {_file(spec) for spec in found}
        self._places: dict[tuple[str, int, int, str], str] = {}
        self._claims: dict[tuple[object, ...], str] = {}
        claims = [(spec, f.check) for spec, figures in found.items() for f in figures if not f.of_row]
        claims = [each for each in claims if isinstance(each[1].value, int)]
        self._prints: dict[Key, str] = {}
        self._quoted_in: dict[Key, dict[str, None]] = {}
        for spec, check in sorted(claims, key=lambda each: QUOTED.fullmatch(each[1].source) is not None):
            self._prints.setdefault(_key(check), spec)  # the paper's own spec before those that quote it
            self._quoted_in.setdefault(_key(check), {})[spec] = None

    def new(self, figure: Figure, spec: str) -> bool:
        """Whether this is the file to count it for: where it is written, and the first that prints it."""
        check = figure.check
        if check.span is None:  # of a network in JSON, which no other file shares
            return True
        at = check.span
        file = os.path.realpath(at.source.name)
        if file != _file(spec) and file in self._files and figure.standing != "wrong":
            return False
        first = self._places.setdefault((file, at.line, at.start, check.quantity), spec)
        if first == spec and not figure.of_row and not figure.variants[1:]:
            settings = tuple(check.parameters.items())
            claim = figure.names, check.source, check.quantity, check.printed, check.counted, settings
            first = self._claims.setdefault(claim, spec)
        if figure.of_row or not isinstance(check.value, int):
            return first == spec
        return first == self._prints[_key(check)] == spec

    def copies(self, figure: Figure, spec: str) -> tuple[str, ...]:
        """The other specs that have the print of a claim."""
        return tuple(other for other in self._quoted_in.get(_key(figure.check), ()) if other != spec)


def _key(check: Checked) -> Key:
    """What one print is known by: its table, its number, and the arithmetic that it is compared with."""
    quoted = QUOTED.fullmatch(check.source)
    table = (quoted["place"] if quoted else check.source).partition(",")[0]
    number = value_of(check.printed, check.units) if isinstance(check.value, int) else check.printed
    return table, check.quantity, str(number), str(check.value)


def _file(spec: str) -> str:
    return os.path.realpath(named_by(spec).file)
