"""The figure of a network inside a page."""

from __future__ import annotations

from archspec.compiled import Compiled


def figure_of(compiled: Compiled) -> str | None:
    """The figure as SVG."""
    return None
