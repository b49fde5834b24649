"""One printed figure, and how it stands against the arithmetic."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from math import prod
from typing import NamedTuple

from archspec.analysis.checked import Checked
from archspec.counting.printed import dims_of, value_of
from archspec.ir.network import UNEXPLAINED, UNPRINTED, WRONG, Mark, Paper

AGREES = ("exact", "rounds", "cut", "coarse")
"""How a figure may agree, best first."""
MARKED: Mapping[Mark | None, str] = {WRONG: "erratum", UNEXPLAINED: "unexplained"}
"""How a figure stands that is marked and disagrees."""
STANDINGS = (*AGREES, *MARKED.values(), "wrong", "reported")
UNCHECKED = "unchecked"
"""How a figure stands that nothing checks, as layers of its network are not known."""


class Figure(NamedTuple):
    """One printed figure: a cell of a row or a claim, with all networks that it is printed for."""

    check: Checked
    spec: str
    network: str
    variants: tuple[str, ...]
    """The variants of the family that it holds for; none where it holds for every one."""
    of_row: bool
    paper: Paper
    """Where it is printed."""
    quoted: bool = False
    """Whether that is another paper than the spec's."""
    origin: str = ""
    """The title of the paper of the network, where another one quotes it."""
    proof: tuple[str, ...] = ()
    comment: str = ""
    tried: tuple[str, ...] | None = None
    """What else would give it, of a figure that is marked or disagrees; None where nothing was tried."""
    label: str = ""
    """What a wrong number of layers is instead, where that is known."""
    copies: tuple[str, ...] = ()
    """Other specs that have the same print."""

    @property
    def standing(self) -> str:
        """How it agrees; ``erratum`` or ``unexplained`` (disagrees and is marked), ``wrong``, or not looked at:
        ``reported``, and ``unchecked`` where a layer is not known.
        """
        if self.check.verdict == "reported":
            return "reported"
        if not self.check.holds:
            return "wrong"
        if self.check.unchecked:
            return UNCHECKED
        return MARKED.get(self.check.mark, self.check.verdict)

    @property
    def of_print(self) -> bool:
        """Whether somebody prints it: a program's count and a check that the author added are not prints."""
        return self.check.taken_from not in UNPRINTED

    @property
    def quotes(self) -> bool:
        """Whether it is a figure of another paper that no network gives, such as a setting of its training."""
        return bool(self.origin and self.check.figure and not self.check.counted)

    @property
    def difference(self) -> float | None:
        """How much the print is larger than the arithmetic, in percent; None where it is not a number."""
        check = self.check
        if not isinstance(check.value, int) or check.verdict in ("reported", UNCHECKED) or not check.value:
            return None
        return 100 * (value_of(check.printed, check.units) - check.value) / check.value

    @property
    def value(self) -> str:
        """What the arithmetic gives, also in the unit of the print where that is no power of ten."""
        value, units = self.check.value, self.check.units
        unit = self.check.printed[-1:]
        worth = units.get(unit.lower())
        if not isinstance(value, int):
            return str(value)
        return f"{value:,} ({value / worth:,.1f}{unit} with {unit}={worth})" if worth else f"{value:,}"

    @property
    def names(self) -> str:
        """``vgg``, ``vgg_A, vgg_B``."""
        return names_of(self.network, self.variants)


def names_of(network: str, variants: Sequence[str]) -> str:
    """What networks are called: the variants of a family that are meant, or all of it where none is named."""
    return ", ".join(f"{network}_{variant}" for variant in variants) or network


def some_of(used: Sequence[str | None], all: int) -> tuple[str, ...]:
    """The variants to name of a family of so many networks; none where what is said holds for every one."""
    return tuple(name for name in used if name) if len(used) < all or all == 1 else ()


def shape_off(printed: str, made: str) -> float:
    """How many more elements a printed shape has than another, as a part of it; a print may leave out channels."""
    dims, others = dims_of(printed), dims_of(made)
    return _elements(dims) / _elements(others[: len(dims)]) - 1


def _elements(dims: Iterable[int]) -> int:
    return prod(max(dim, 1) for dim in dims)


def counts_of(figures: Iterable[Figure]) -> Mapping[str, int]:
    """How many figures stand how; of those that nothing checks, where there are any."""
    found = Counter(figure.standing for figure in figures)
    return {standing: found[standing] for standing in (*STANDINGS, *[UNCHECKED] * bool(found[UNCHECKED]))}
