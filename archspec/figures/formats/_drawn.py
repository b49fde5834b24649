"""vl-convert, which draws figures as PDF and PNG, and brings a font, so that a machine needs none.

It is Liberation Sans, whose letters are as wide as those of Helvetica, by which figures are laid out.
"""

from __future__ import annotations

from typing import Any

from archspec.diagnostics import ArchError
from archspec.figures.formats import svg
from archspec.figures.messages import not_installed
from archspec.figures.scene import Scene

FONT = "Liberation Sans"


def library(what: str) -> Any:
    """The library; raises ArchError where it is not installed."""
    try:
        import vl_convert
    except ModuleNotFoundError:
        raise ArchError([not_installed(what)]) from None
    return vl_convert


def source(scene: Scene) -> str:
    """The figure as it is handed over: a point is what the library calls a pixel."""
    return svg.written(scene, fonts=FONT, unit="")
