r"""TikZ: a picture that compiles by itself and by ``\input`` in a document, in whose fonts its texts are then set.

What the parts look like stands in styles and colours that a document may define before the figure:
``\tikzset{archspec/box.conv/.style={fill=gray}}``, ``\definecolor{archspecConvFill}{HTML}{FFFFFF}``.
"""

from __future__ import annotations

from collections.abc import Iterator

from archspec.figures.formats._tex_text import commented, tex
from archspec.figures.palette import look
from archspec.figures.room import rooms
from archspec.figures.scene import Box, Group, Item, Line, Point, Scene, Text, leaves
from archspec.figures.strokes import head, pieces, shaft

STARTS = r"""% pdflatex and lualatex compile this file by itself. A document has \usepackage{tikz} in its preamble and
% \input{this file} where the figure stands, which then has the fonts of the document. What the document defines before
% holds instead of what stands here: the colours (archspecConvFill), the styles (archspec/box.conv), and the macros
% \archspecfont, \archspecbold, \archspecfit and \archspecunicode.
\expandafter\ifx\csname @classoptionslist\endcsname\relax % no document has begun
  \documentclass[border=0bp]{standalone}
  \ifdefined\Umathcode\else
    \usepackage[T1]{fontenc}
    \IfFileExists{helvet.sty}{\usepackage{helvet}\renewcommand\familydefault{\sfdefault}}{}
  \fi
  \usepackage{tikz}
  \begin{document}%
  \def\archspecend{\endgroup\end{document}}%
\else
  \def\archspecend{\endgroup}%
\fi
\ifdefined\tikzset\else
  \PackageError{archspec}{The figure needs TikZ}{Write \string\usepackage{tikz} in the preamble.}%
\fi
\begingroup%"""
MACROS = r"""\providecommand\archspecfont[1]{\fontsize{#1}{#1}\selectfont}% a size in points
\providecommand\archspecbold{\bfseries}%
\providecommand\archspecfit[2]{% a text, made smaller where it is wider than its room
  \setbox0\hbox{#2}\ifdim\wd0>#1\relax\resizebox{#1}{!}{\box0}\else\box0\fi}%
\providecommand\archspecunicode[1]{% a letter that pdflatex does not know
  \ifdefined\Umathcode\iffontchar\font"#1\relax\char"#1\relax\else U+#1\fi\else U+#1\fi}%
\def\archspecstyle#1#2{\pgfkeysifdefined{/tikz/archspec/#1/.@cmd}{}{\tikzset{archspec/#1/.style={#2}}}}%"""
ACTIVE = "!\"'()*+,-./:;<=>?@[]`|"
"""What the languages of babel make active, each as they need it; here each is itself."""
ANCHORS = {"start": "base west", "middle": "base", "end": "base east"}


def written(scene: Scene) -> str:
    """The text of a TeX file."""
    spaces = iter(rooms(scene))
    lines = [
        f"% {commented(scene.title)}",
        STARTS,
        "".join(rf"\catcode{ord(sign)} 12 " for sign in ACTIVE) + "%",
        MACROS,
        *_looks(scene),
        r"\begin{tikzpicture}[x=1bp,y=-1bp,baseline=(current bounding box.south)]",
        rf"\path[use as bounding box] (0,0) rectangle {_at((scene.width, scene.height))};",
    ]
    for item in scene.items:
        lines += _item(item, spaces)
    return "\n".join([*lines, r"\end{tikzpicture}\archspecend", ""])


def _looks(scene: Scene) -> Iterator[str]:
    """The colours and styles of what stands in the scene."""
    names = sorted({item.look for item in leaves(scene.items)})
    for name in names:
        shown = look(name)
        for colour, part in ((shown.fill, "Fill"), (shown.stroke, "Line")):
            if colour:
                yield rf"\providecolor{{{_colour(name, part)}}}{{HTML}}{{{colour[1:].upper()}}}%"
    for name in names:
        yield rf"\archspecstyle{{{name}}}{{{','.join(_style(name))}}}%"
    yield from (rf"\archspecstyle{{{role}}}{{}}%" for role in sorted(set(_roles(scene.items))))


def _style(name: str) -> Iterator[str]:
    shown = look(name)
    if name.partition(".")[0] == "text":
        yield f"text={_colour(name, 'Fill')},inner sep=0bp,outer sep=0bp"
        return
    if shown.fill:
        yield f"fill={_colour(name, 'Fill')}"
    if shown.stroke:
        yield f"draw={_colour(name, 'Line')},line width={_n(shown.width)}bp"
    if shown.dash:
        on_off = " ".join(f"{word} {_n(long)}bp" for word, long in zip(("on", "off") * 4, shown.dash, strict=False))
        yield f"dash pattern={on_off}"


def _item(item: Item, spaces: Iterator[float]) -> Iterator[str]:
    if isinstance(item, Group):
        yield rf"\begin{{scope}}[archspec/{item.role}] % {commented(item.name)}"
        for each in item.items:
            yield from _item(each, spaces)
        yield r"\end{scope}"
    elif isinstance(item, Box):
        corners = f",rounded corners={_n(item.radius)}bp" if item.radius else ""
        end = (item.x + item.width, item.y + item.height)
        yield rf"\path[archspec/{item.look}{corners}] {_at((item.x, item.y))} rectangle {_at(end)};"
    elif isinstance(item, Line):
        yield from _line(item)
    else:
        yield _words(item, next(spaces))


def _words(item: Text, room: float) -> str:
    font = rf"\archspecfont{{{_n(item.size)}}}" + r"\archspecbold" * item.bold
    turned = ",rotate=90" * item.upward
    options = f"archspec/{item.look},anchor={ANCHORS[item.anchor]}{turned},font={font}"
    return rf"\node[{options}] at {_at((item.x, item.y))} {{\archspecfit{{{_n(room)}bp}}{{{tex(item.text)}}}}};"


def _line(item: Line) -> Iterator[str]:
    yield rf"\path[archspec/{item.look}] {_path(shaft(item), item.radius, item.closed)};"
    if item.arrow:
        yield rf"\fill[{_colour(item.look, 'Line')}] {_path(head(item), 0, True)};"


def _path(points: tuple[Point, ...], radius: float, closed: bool) -> str:
    steps = [_at(points[0])]
    for end, corner, bent in pieces(points, radius):
        steps.append(f"-- {_at(end)}")
        if corner is not None and bent is not None:
            steps.append(f".. controls {_at(corner)} .. {_at(bent)}")
    return " ".join([*steps, *["-- cycle"] * closed])


def _roles(items: tuple[Item, ...]) -> Iterator[str]:
    for item in items:
        if isinstance(item, Group):
            yield item.role
            yield from _roles(item.items)


def _colour(name: str, part: str) -> str:
    """What a colour is called: ``archspecConvFill`` for the area of ``box.conv``."""
    return "archspec" + "".join(word.capitalize() for word in name.removeprefix("box.").split(".")) + part


def _at(point: Point) -> str:
    return f"({_n(point[0])},{_n(point[1])})"


def _n(number: float) -> str:
    """A number with at most two places."""
    return f"{number:.2f}".rstrip("0").rstrip(".") if round(number, 2) else "0"
