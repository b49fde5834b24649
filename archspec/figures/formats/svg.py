"""SVG: text is text, groups carry the names of the table, and what things look like stands in classes.

Looks are written as attributes too, because programs that make PDF of SVG read those best; a style sheet around the
figure overrides them.
"""

from __future__ import annotations

from collections.abc import Iterator
from xml.sax.saxutils import escape, quoteattr

from archspec.figures.palette import Look, look
from archspec.figures.scene import Box, Group, Item, Line, Point, Scene, Text
from archspec.figures.strokes import head, pieces, shaft
from archspec.support.terminal import printable

FONTS = "Helvetica, Arial, 'Liberation Sans', 'Nimbus Sans', 'TeX Gyre Heros', sans-serif"


def written(scene: Scene, fonts: str = FONTS, unit: str = "pt") -> str:
    """The text of an SVG file; ``unit`` is that of its width and height."""
    wide, tall = _n(scene.width), _n(scene.height)
    size = f'width="{wide}{unit}" height="{tall}{unit}" viewBox="0 0 {wide} {tall}"'
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family={quoteattr(fonts)} role="img"'
        f" aria-label={quoteattr(clean(scene.title))}>",  # no ids: a page may hold several figures
        f"<title>{_text(scene.title)}</title>",
        f"<desc>{_text(scene.description)}</desc>",
    ]
    for item in scene.items:
        lines += _item(item)
    return "\n".join([*lines, "</svg>", ""])


def _item(item: Item) -> Iterator[str]:
    if isinstance(item, Group):
        yield f'<g class="{item.role}" data-name={quoteattr(printable(item.name))}>'
        if item.tip:
            yield f"<title>{_text(item.tip)}</title>"
        for each in item.items:
            yield from _item(each)
        yield "</g>"
    elif isinstance(item, Box):
        radius = f' rx="{_n(item.radius)}"' if item.radius else ""
        at = f'x="{_n(item.x)}" y="{_n(item.y)}" width="{_n(item.width)}" height="{_n(item.height)}"'
        yield f"<rect {at}{radius}{_look(item.look)}/>"
    elif isinstance(item, Line):
        yield from _line(item)
    else:
        yield _words(item)


def _words(item: Text) -> str:
    anchor = f' text-anchor="{item.anchor}"' if item.anchor != "start" else ""
    bold = ' font-weight="bold"' if item.bold else ""
    turn = f' transform="rotate(-90 {_n(item.x)} {_n(item.y)})"' if item.upward else ""
    at = f'x="{_n(item.x)}" y="{_n(item.y)}" font-size="{_n(item.size)}"'
    return f"<text {at}{anchor}{bold}{turn}{_look(item.look)}>{_text(item.text)}</text>"


def _line(item: Line) -> Iterator[str]:
    yield f'<path d="{_path(shaft(item), item.radius, item.closed)}"{_look(item.look)}/>'
    if item.arrow:
        yield f'<path d="{_path(head(item), 0, True)}"{_filled(item.look)}/>'


def _path(points: tuple[Point, ...], radius: float, closed: bool) -> str:
    steps = [f"M{_at(points[0])}"]
    for end, corner, bent in pieces(points, radius):
        steps.append(f"L{_at(end)}")
        if corner is not None and bent is not None:
            steps.append(f"Q{_at(corner)} {_at(bent)}")
    return "".join([*steps, "Z" * closed])


def _look(name: str) -> str:
    shown = look(name)
    return f' class="{name.replace(".", " ")}"{_painted(shown)}'


def _painted(shown: Look) -> str:
    parts = f' fill="{shown.fill or "none"}"'
    if shown.stroke:
        parts += f' stroke="{shown.stroke}" stroke-width="{_n(shown.width)}"'
    if shown.dash:
        parts += f' stroke-dasharray="{" ".join(map(_n, shown.dash))}"'
    return parts


def _filled(name: str) -> str:
    return f' class="{name.replace(".", " ")} head" fill="{look(name).stroke}"'


def _at(point: Point) -> str:
    return f"{_n(point[0])} {_n(point[1])}"


def _n(number: float) -> str:
    """A number with at most two places."""
    return f"{number:.2f}".rstrip("0").rstrip(".") if round(number, 2) else "0"


def _text(text: str) -> str:
    return escape(clean(text))


def clean(text: str) -> str:
    """The text without characters that XML cannot hold."""
    return "".join(
        c if c in "\t\n" or (c >= " " and not "\ud800" <= c <= "\udfff" and c not in "\ufffe\uffff") else "\ufffd"
        for c in text
    )
