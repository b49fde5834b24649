"""A plot that is drawn, ``archspec.plot``: what is in it, its figure, and its bytes in each format."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from archspec.api import variants
from archspec.budget import asked
from archspec.compiled import Compiled
from archspec.counting.quantities import MULT_ADDS, PARAMS
from archspec.diagnostics import ArchError, text_span
from archspec.files import write_by
from archspec.render.messages import unknown_word
from archspec.reports.plots import FIRST, MOST, Asked, kind, kinds, specs_of
from archspec.reports.plots._canvas import FORMATS, Canvas, settings
from archspec.reports.plots._messages import no_width, too_many
from archspec.support.takes import PATH, TEXT, TEXTS, Kind, takes

WIDTH = "8.5cm"
"""That of one column of most papers."""
LENGTH = re.compile(r"\s*(\d{1,4}(?:\.\d{1,4})?)\s*(cm|mm|in|pt)\s*", re.ASCII)
CENTIMETRES = {"cm": 1.0, "mm": 0.1, "in": 2.54, "pt": 2.54 / 72.27}
NARROWEST, WIDEST = 3.0, 100.0
AGAINST = (MULT_ADDS.name, PARAMS.name)
SPEC = Kind("a network", (Compiled,)) | PATH


class Plot:
    """A plot: ``figure`` is matplotlib's, ``data`` what is in it; a notebook shows it."""

    def __init__(self, data: Any, canvas: Canvas, notes: Sequence[str] = ()) -> None:
        self.data = data
        self.notes = tuple(notes)
        """What of the networks is not shown, a line each."""
        self._canvas = canvas

    @property
    def figure(self) -> Any:
        """The figure, to be changed before it is saved."""
        return self._canvas.figure

    @takes(form=TEXT)
    def to_bytes(self, form: str = "svg") -> bytes:
        """It as ``svg``, ``png`` or ``pdf``: the same bytes for the same networks and the same matplotlib."""
        if form not in FORMATS:
            raise ArchError([unknown_word(text_span("format", form), "format", form, FORMATS)])
        return self._canvas.save(form)

    @takes(path=PATH)
    def save(self, path: str | os.PathLike[str]) -> None:
        """Write it whole or not at all, in the format that the name ends with."""
        name = os.fsdecode(path)
        form = format_of(name)
        write_by(Path(name), lambda beside: beside.write_bytes(self.to_bytes(form)))

    def _repr_svg_(self) -> str:
        return self.to_bytes("svg").decode()


@takes(networks=SPEC, kind=TEXT, width=TEXT, quantity=TEXT | None, source=TEXTS, against=TEXT)
@asked
def plot(
    *networks: Compiled | str | os.PathLike[str],
    kind: str = FIRST,
    width: str = WIDTH,
    quantity: str | None = None,
    source: str | Sequence[str] = (),
    against: str = MULT_ADDS.name,
) -> Plot:
    """Networks as a plot for a paper: ``tradeoff``, ``stages`` or ``accuracy``; each is compiled, or a spec.

    A spec of a family is all of its networks. ``quantity``, ``source`` and ``against`` say for ``accuracy`` which error
    is shown, by whom, and against ``mult-adds`` or ``params``. Raises ArchError where a spec is wrong, where there is
    nothing to show, and where matplotlib is not installed.
    """
    sources = (source,) if isinstance(source, str) else tuple(source)
    groups = [[each.checked()] if isinstance(each, Compiled) else variants(os.fsdecode(each)) for each in networks]
    return drawn(groups, kind, width, Asked(quantity, sources, against))


def drawn(groups: Sequence[Sequence[Compiled]], name: str, width: str, options: Asked) -> Plot:
    """The networks of specs as a plot; raises ArchError."""
    if name not in kinds():
        raise ArchError([unknown_word(text_span("kind", name), "kind of plot", name, kinds())])
    if options.against not in AGAINST:
        raise ArchError([unknown_word(text_span("against", options.against), "cost", options.against, AGAINST)])
    number = sum(map(len, groups))
    if not 0 < number <= MOST:
        raise ArchError([too_many("networks", number, MOST)])
    canvas, shown = Canvas(centimetres(width)), kind(name)
    data = shown.of(specs_of(groups), options)
    with settings():
        shown.draw(canvas, data)
        canvas.settle()
    return Plot(data, canvas, shown.notes(data))


def centimetres(text: str) -> float:
    """A length, ``8.5cm``, in centimetres; raises ArchError where it is none that a plot may have."""
    match = LENGTH.fullmatch(text)
    length = float(match[1]) * CENTIMETRES[match[2]] if match else 0.0
    if not NARROWEST <= length <= WIDEST:
        raise ArchError([no_width(text_span("width", text), text)])
    return length


def format_of(name: str) -> str:
    """The format that the name of a file ends with; raises ArchError where there is no such format."""
    form = Path(name).suffix[1:].lower()
    if form not in FORMATS:
        raise ArchError([unknown_word(text_span("format", form or name), "format", form or name, FORMATS)])
    return form
