"""A scene with all kinds of items and looks, and texts that mean something to every format that they are written in."""

from __future__ import annotations

from archspec.figures.palette import LOOKS
from archspec.figures.scene import Box, Group, Item, Line, Scene, Text

HOSTILE = {
    "tex": r"\input{/etc/passwd} \write18{ls} % ^^5c {}{ }}} $x$ & # _ ~ \end{document}",
    "quotes": "\"--\" ``,, ?` !` '' <<a>> [b] (c) |d| `e` *f* #g; h %% i",
    "xml": "]]> &amp; </svg></text><script>alert(1)</script><!-- -->",
    "letters": "RésNet × 2 → 7×7 ≤ 8 … – — α ß ł ő ę 中文 😀",
    "controls": "a\nb\rc\x00d\x07e\u2028f\u202eg\x85h\x7fi",
    "lines": 'x"]\n}\nend\nclick a "javascript:alert(1)"\n---\n%%{init: {}}%%',
}


def all_looks() -> Scene:
    """Boxes, plates and lines of every look, an area, and texts at every anchor."""
    items: list[Item] = [Box(0, 0, 330, 290, "page")]
    boxes = [name for name in LOOKS if not name.startswith(("line", "text", "page"))]
    for place, name in enumerate(boxes):
        across, down = 10 + place % 5 * 62, 10 + place // 5 * 28
        box = Box(across, down, 56, 22, name, radius=place % 3)
        text = Text(across + 28, down + 13, "conv 3×3, 64", "text", 8, "middle", bold=place % 2 == 1)
        items.append(Group((box, text), "row", f"{name}: {HOSTILE['tex']}", HOSTILE["xml"]))
    for place, name in enumerate(name for name in LOOKS if name.startswith("line")):
        down = 130 + place * 12
        items.append(Line(((10, down), (100, down), (100, down + 20), (200, down + 20)), name, 4, arrow=place < 2))
    items.append(Line(((220, 130), (270, 130), (250, 150), (220, 150)), "only.left", closed=True))
    items.append(Text(320, 190, "turned", "text.soft", 8, "end", upward=True))
    items += [Text(10, 200 + 14 * place, text, "text.wrong", 6) for place, text in enumerate(HOSTILE.values())]
    return Scene(330, 290, tuple(items), " ".join(HOSTILE.values()), HOSTILE["xml"])
