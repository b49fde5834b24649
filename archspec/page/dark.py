"""The colours of figures on dark pages: those of the palette, mirrored, as rules of a style sheet."""

from __future__ import annotations

import re
from collections.abc import Iterator
from colorsys import hls_to_rgb, rgb_to_hls
from functools import cache

from archspec.figures.palette import LOOKS, Look

WHERE = (":root[data-theme='dark']", ":root:not([data-theme='light'])")
"""Where a page is dark: by the choice of its reader, or, inside a query, by the system."""
GROUND, DEEPEST, PALEST = 0.12, 0.28, 0.7
"""The lightness of what was white, that of the darkest area behind text, and the least of what is drawn on it."""


@cache
def rules() -> str:
    """All rules, for both ways in which a page is dark."""
    chosen = "\n".join(_rules(WHERE[0]))
    system = "\n".join(_rules(WHERE[1]))
    return f"{chosen}\n@media (prefers-color-scheme: dark) {{\n{system}\n}}\n"


def _rules(where: str) -> Iterator[str]:
    for name, look in LOOKS.items():
        if name == "page":
            continue
        shown = dark(name, look)
        parts = [f"{key}: {value}" for key, value in (("fill", shown.fill), ("stroke", shown.stroke)) if value]
        selector = f"{where} svg .{name}"
        yield f"{selector} {{ {'; '.join(parts)} }}"
        if look.stroke and not look.fill:
            yield f"{selector}.head {{ fill: {shown.stroke}; stroke: none }}"


def dark(name: str, look: Look) -> Look:
    """What a part of a figure looks like on a dark page."""
    behind = name.startswith(("box", "plate", "inset", "only")) or name.endswith("ground")
    return look._replace(
        fill=look.fill and (_deep(look.fill) if behind else _pale(look.fill)),
        stroke=look.stroke and _pale(look.stroke),
    )


def _deep(colour: str) -> str:
    """An area that stands behind text: the lighter it was, the darker."""
    hue, light, full = _parts(colour)
    return _hex(hue, GROUND + (1 - light) * (DEEPEST - GROUND), full * 0.55)


def _pale(colour: str) -> str:
    """What stands on such an area."""
    hue, light, full = _parts(colour)
    return _hex(hue, min(max(1 - light, PALEST), 0.9), full * 0.8)


def _parts(colour: str) -> tuple[float, float, float]:
    red, green, blue = (int(part, 16) / 255 for part in re.findall("[0-9a-f]{2}", colour))
    return rgb_to_hls(red, green, blue)


def _hex(hue: float, light: float, full: float) -> str:
    return "#" + "".join(f"{round(255 * part):02x}" for part in hls_to_rgb(hue, light, full))
