"""One printed figure, and how it stands against the arithmetic."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from archspec.analysis.checked import Checked
from archspec.counting.printed import value_of
from archspec.ir.network import QUOTED, UNEXPLAINED, WRONG, Mark

AGREES = ("exact", "rounds", "cut", "coarse")
"""How a figure may agree, best first."""
MARKED: Mapping[Mark | None, str] = {WRONG: "erratum", UNEXPLAINED: "unexplained"}
"""How a figure stands that is marked and disagrees."""
APART = ("program", "author")
"""From where figures are taken that nobody prints."""
STANDINGS = (*AGREES, *MARKED.values(), "wrong", "reported")


class Figure(NamedTuple):
    """One printed figure: a cell of a row or a claim, with all networks that it is printed for."""

    check: Checked
    spec: str
    network: str
    variants: tuple[str, ...]
    """The variants of the family that it holds for; none where it holds for every one."""
    of_row: bool
    proof: tuple[str, ...] = ()
    comment: str = ""
    tried: tuple[str, ...] = ()
    """What else would give it, of a figure that is marked or disagrees."""
    copies: tuple[str, ...] = ()
    """Other specs that have the same print."""

    @property
    def standing(self) -> str:
        """How it agrees; ``erratum`` or ``unexplained`` (disagrees and is marked), ``wrong`` or ``reported``."""
        if self.check.verdict == "reported":
            return "reported"
        if not self.check.holds:
            return "wrong"
        return MARKED.get(self.check.mark, self.check.verdict)

    @property
    def of_print(self) -> bool:
        """Whether somebody prints it: a program's count and a check that the author added are no prints."""
        return self.check.taken_from not in APART

    @property
    def quoted(self) -> bool:
        """Whether its source is in another paper than the spec's."""
        return not self.of_row and QUOTED.match(self.check.source) is not None

    @property
    def difference(self) -> float | None:
        """How much the print is larger than the arithmetic, in percent; None where it is no number."""
        check = self.check
        if not isinstance(check.value, int) or check.verdict == "reported" or not check.value:
            return None
        return 100 * (value_of(check.printed, check.units) - check.value) / check.value

    @property
    def names(self) -> str:
        """``vgg``, ``vgg_A, vgg_B``."""
        return ", ".join(f"{self.network}_{variant}" for variant in self.variants) or self.network


def counts_of(figures: Iterable[Figure]) -> Mapping[str, int]:
    """How many figures stand how."""
    found = Counter(figure.standing for figure in figures)
    return {standing: found[standing] for standing in STANDINGS}
