"""What a compiled network gives as a table for a paper or a page, in Python."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING

from archspec.budget import asked
from archspec.diagnostics import ArchError, text_span
from archspec.render.messages import no_key, unknown_word
from archspec.render.units import CHOICES
from archspec.support.takes import FLAG, TEXT, TEXTS, takes

if TYPE_CHECKING:
    from archspec.analysis.result import Result
    from archspec.render.sheet import Sheet

Columns = str | Sequence[str]
OPTIONS = {"columns": TEXTS | None, "units": TEXT | None, "side_by_side": FLAG}


class Exports:
    """Tables that stand by themselves.

    ``columns`` are names as ``count --columns`` takes them, ``"layer, params, %"`` or a list of them, and ``units``
    is the unit of all counts, ``"M"``, or ``"auto"``. ``side_by_side`` puts the networks of the family in one table, a
    column for each, whose columns are its own. All raise ArchError where an option says what there is not.
    """

    @abstractmethod
    def _tabled(self, together: bool) -> Sequence[Result]:
        """The network as plain data, or all of its family."""

    @takes(**OPTIONS, cite=TEXT | None)
    @asked
    def to_latex(
        self,
        columns: Columns | None = None,
        *,
        units: str | None = None,
        side_by_side: bool = False,
        cite: str | None = None,
    ) -> str:
        """The table as TeX with booktabs and siunitx; ``cite`` is the key of its paper in place of one made for it."""
        return as_markup("latex", self._sheet(columns, units, side_by_side), _key(cite))

    @takes(**OPTIONS, cite=TEXT | None)
    @asked
    def to_typst(
        self,
        columns: Columns | None = None,
        *,
        units: str | None = None,
        side_by_side: bool = False,
        cite: str | None = None,
    ) -> str:
        """The table as a figure of Typst, which names its paper, or cites it by a key."""
        return as_markup("typst", self._sheet(columns, units, side_by_side), _key(cite))

    @takes(**OPTIONS)
    @asked
    def to_html(self, columns: Columns | None = None, *, units: str | None = None, side_by_side: bool = False) -> str:
        """The table as HTML, for a page of any encoding."""
        return as_markup("html", self._sheet(columns, units, side_by_side))

    def _sheet(self, columns: Columns | None, units: str | None, side_by_side: bool) -> Sheet:
        from archspec.render.columns import chosen
        from archspec.render.sheet import family_of, sheet_of

        if units is not None and units not in CHOICES:
            raise ArchError([unknown_word(text_span("units", str(units)), "unit", str(units), CHOICES)])
        if side_by_side:
            return family_of(self._tabled(True), units)
        return sheet_of(self._tabled(False)[0], chosen(columns), units)


def as_markup(form: str, sheet: Sheet, cite: str | None = None) -> str:
    """A table in one of the formats."""
    if form == "latex":
        from archspec.render.latex import as_latex

        return as_latex(sheet, cite)
    if form == "typst":
        from archspec.render.typst import as_typst

        return as_typst(sheet, cite)
    from archspec.render.html import as_html

    return as_html(sheet)


def _key(cite: str | None) -> str | None:
    """A key that is asked for; raises ArchError where it is none."""
    from archspec.render.citation import is_key

    if cite is not None and not is_key(cite):
        raise ArchError([no_key(text_span("cite", str(cite)), str(cite))])
    return cite
