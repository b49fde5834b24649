"""What stands around a figure: its title, by what rule it counts, and what its colours mean."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from archspec.analysis.checked import Checked
from archspec.analysis.result import Result
from archspec.figures.metrics import fitted, width_of
from archspec.figures.node import BAND, HEAD, LEADING, TINY, lines_of
from archspec.figures.palette import look
from archspec.figures.scene import Box, Item, Line, Scene, Text, leaves, moved
from archspec.figures.words import count_text, shape_text, short, title_text
from archspec.ir.network import WRONG
from archspec.support.terminal import printable

PAGE = 17 / 2.54 * 72
"""Text width, in points, where no width is asked for."""
EDGE = 1.0
"""Around all of it, so that no line is cut, in points."""
MEANINGS = {
    "box.conv": "convolution",
    "box.pool": "pooling",
    "box.norm": "normalisation",
    "box.activation": "activation",
    "box.fc": "fully connected",
    "box.block": "block",
    "box.join": "join",
    "box.other": "other",
    "line.shortcut": "shortcut",
}
SWATCH, APART = 8.0, 7.0
"""Of the legend: how wide a sample is, and what is between two entries."""
MOST_NOTES = 4
BANDS = "bands: what its rule adds"


def framed(result: Result, width: float, items: Sequence[Item], height: float) -> Scene:
    """A scene of items that stand between (0, 0) and the width and height, under their title and above their legend."""
    top = [*_title(result, width)]
    down = HEAD * LEADING + TINY * LEADING * (len(top) - 1) + 8
    body = [moved(item, 0, down) for item in items]
    notes = [*_printed_wrong(result, width, down + height + 4)]
    below, deep = legend(items, width, down + height + 8 + len(notes) * TINY * LEADING)
    scene = [*top, *body, *notes, *below]
    whole = deep + EDGE
    page = Box(0, 0, width + 2 * EDGE, whole + EDGE, "page")
    shown = tuple(moved(item, EDGE, EDGE) for item in scene)
    return Scene(width + 2 * EDGE, whole + EDGE, (page, *shown), title_text(result.network), _said(result))


def _title(result: Result, width: float) -> Iterator[Text]:
    name = fitted(title_text(result.network), HEAD, width, True)
    yield Text(0, HEAD * 0.8, name, "text", HEAD, bold=True)
    y = HEAD * 0.8
    for line in lines_of(_counted(result), TINY, width, 2):
        y += TINY * LEADING + 1
        yield Text(0, y, line, "text.soft", TINY)


def _counted(result: Result) -> str:
    """What is counted by which rule, and the parameters that are not the file's."""
    totals, network = result.totals, result.network
    set_here = [f"{name}={network.parameters[name]}" for name in network.changed if name in network.parameters]
    counts = f"{count_text(totals.params)} parameters, {count_text(totals.mult_adds)} mult-adds"
    parts = [f"input {shape_text(network.input_shape)}", *set_here, f"{counts} (rule: {result.convention})"]
    return printable("; ".join(parts))


def _printed_wrong(result: Result, width: float, y: float) -> Iterator[Text]:
    """What the paper prints wrong of the whole network, with what is right; not what others print of it."""
    wrong = [check for check in result.claims if check.mark == WRONG and result.network.quoting(check.source) is None]
    said = [
        f"{short(check.source)}: {check.what}, {check.printed} is printed, {_right(check)} is right" for check in wrong
    ]
    if len(said) > MOST_NOTES:
        said[MOST_NOTES - 1 :] = [f"and {len(said) - MOST_NOTES + 1} others are printed wrong"]
    for i, line in enumerate(said):
        shown = fitted(short(line), TINY, width)
        yield Text(0, y + TINY * (0.8 + LEADING * i), shown, "text.wrong", TINY)


def _right(check: Checked) -> str:
    return check.correction or (f"{check.value:,}" if isinstance(check.value, int) else str(check.value))


def legend(
    items: Sequence[Item], width: float, y: float, meanings: Mapping[str, str] = MEANINGS
) -> tuple[list[Item], float]:
    """A swatch for each kind of box that stands in the figure, in lines; and where they end."""
    used = {item.look for item in leaves(items)}
    found: list[Item] = []
    x, base = 0.0, y + SWATCH * 0.8
    for name, meaning in meanings.items():
        if name not in used:
            continue
        wide = SWATCH + 3 + width_of(meaning, TINY) + APART
        if x and x + wide - APART > width:
            x, base = 0.0, base + TINY * LEADING + 2
        middle = base - 0.36 * TINY
        if look(name).fill is None:
            found.append(Line(((x, middle), (x + SWATCH, middle)), name))
        else:
            found.append(Box(x, middle - 3, SWATCH, 6, name, 1))
        found.append(Text(x + SWATCH + 3, base, meaning, "text.soft", TINY))
        x += wide
    if any(isinstance(item, Box) and item.height == BAND for item in leaves(items)):
        if x and x + width_of(BANDS, TINY) > width:
            x, base = 0.0, base + TINY * LEADING + 2
        found.append(Text(x, base, BANDS, "text.soft", TINY))
    return found, (base + 2 if found else y - 8)


def _said(result: Result) -> str:
    """The figure for those who cannot see it: each row with its output."""
    rows = "; ".join(f"{row.layer}: {row.op} gives {row.output}" for row in result.rows)
    return printable(f"{title_text(result.network)}, input {result.network.input_shape}. {rows}.")
