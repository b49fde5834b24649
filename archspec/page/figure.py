"""The figure of a network inside a page: SVG that takes its colours from the page."""

from __future__ import annotations

import re

from archspec.budget import Exhausted, spend
from archspec.compiled import Compiled
from archspec.diagnostics import ArchError
from archspec.support.limits import SHOWN

ROOT = re.compile(
    r'<svg xmlns="[^"]*" (?P<size>width="[^"]*" height="[^"]*" viewBox="[^"]*")[^>]*>\n'
    r"<title>(?P<title>.*?)</title>\n<desc>(?P<says>.*?)</desc>\n",
    re.DOTALL,
)


def figure_of(compiled: Compiled, key: str = "figure") -> str | None:
    """The figure as SVG; None where it would be too large to be read. ``key`` is part of its names."""
    try:
        text = compiled.draw().svg
    except Exhausted:
        raise
    except ArchError:
        return None
    spend(SHOWN * len(text))
    return inline(text, key)


def inline(svg: str, key: str) -> str:
    """The text of an SVG file as a part of a page: what is pointed at are its rows, so that it is a group of them."""
    root = ROOT.match(svg)
    assert root
    names = f'aria-labelledby="{key}-title" aria-describedby="{key}-says"'
    head = f'<svg {root["size"]} role="group" {names}>'
    title = f'<title id="{key}-title">{root["title"]}</title><desc id="{key}-says">{root["says"]}</desc>'
    return head + title + svg[root.end() :]
