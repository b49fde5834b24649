"""What the parts of a figure look like: colours that the colour-blind tell apart, and that stay apart in grey.

The hues are those of Okabe and Ito (2008), lightened for areas with text on them, each kind of layer to a lightness of
its own: they stay apart in grey, and for those who do not see the hues.
"""

from __future__ import annotations

from typing import NamedTuple


class Look(NamedTuple):
    """How an item is painted: ``#rrggbb`` or none for its area and its line, and its line's width in points."""

    fill: str | None = None
    stroke: str | None = None
    width: float = 0.6
    dash: tuple[float, ...] = ()


INK, SOFT, PAPER = "#1a1a1a", "#6b6b6b", "#ffffff"
LOOKS = {
    "page": Look(PAPER),
    "box.conv": Look("#c5ddef", "#2b6ea3"),
    "box.pool": Look("#f2c57a", "#a86a00"),
    "box.norm": Look("#e4e4e4", "#6b6b6b"),
    "box.activation": Look("#f9f7e1", "#8a8300"),
    "box.fc": Look("#b59cd4", "#6a4a94"),
    "box.join": Look("#ffffff", "#1a1a1a"),
    "box.other": Look("#e2f3ea", "#1f7a5c"),
    "box.block": Look("#90d1b8", "#00694c"),
    "box.input": Look("#ffffff", "#6b6b6b"),
    "plate": Look("#f7f7f7", "#9a9a9a", 0.5, (2.5, 1.5)),
    "inset": Look("#ffffff", "#9a9a9a", 0.5),
    "bar.params": Look("#6a4a94"),
    "bar.mult_adds": Look("#2b6ea3"),
    "bar.ground": Look("#eeeeee"),
    "line.flow": Look(None, "#1a1a1a", 0.7),
    "line.shortcut": Look(None, "#b3411b", 0.9),
    "line.thin": Look(None, "#9a9a9a", 0.4),
    "line.sight": Look(None, "#1a1a1a", 0.35),
    "window": Look(None, "#1a1a1a", 0.35),
    "text": Look(INK),
    "text.soft": Look(SOFT),
    "text.wrong": Look("#b3001b"),
    "box.wrong": Look("#fde3e3", "#b3001b", 0.9),
    "same": Look("#ffffff", "#8a8a8a", 0.5),
    "changed": Look("#f6e1ec", "#8f2f6b", 1.1),
    "only.left": Look("#fbe3c8", "#a86a00", 1.1, (3, 1.5)),
    "only.right": Look("#cfe3f2", "#2b6ea3", 1.1),
}
"""By what each part of a figure is: a format refers to these names, so that a reader of the file can restyle it."""


def _mixed(colour: str, other: str, share: float) -> str:
    """A colour with a share of another in it."""
    pairs = ((int(colour[i : i + 2], 16), int(other[i : i + 2], 16)) for i in (1, 3, 5))
    return "#" + "".join(f"{round(one + (two - one) * share):02x}" for one, two in pairs)


for _name, _box in [(name, shown) for name, shown in LOOKS.items() if name.startswith("box.") and shown.fill]:
    _kind = _name.removeprefix("box.")
    assert _box.fill is not None
    LOOKS[f"face.{_kind}"] = _box._replace(width=0.4)
    LOOKS[f"side.{_kind}"] = Look(_mixed(_box.fill, _box.stroke or INK, 0.28), _box.stroke, 0.4)
    LOOKS[f"roof.{_kind}"] = Look(_mixed(_box.fill, PAPER, 0.5), _box.stroke, 0.4)


def look(name: str) -> Look:
    """How a part of this name is painted."""
    return LOOKS[name]
