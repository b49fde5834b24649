"""Headers as papers print them: other words for one column, and the unit of its cells, ``Params (M)``."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import NamedTuple

from archspec.arguments import CHANNELS, KERNEL, kin_of
from archspec.counting.printed import FIGURE
from archspec.counting.quantities import NUMBERS, QUANTITIES
from archspec.naming import with_x

UNIT = re.compile(r"(?P<name>.*?)\s*[(\[]\s*(?P<unit>[kmgbt])\s*[)\]]")
REMARK, SLASH = re.compile(r"(?<=\S)\s*\([^()]*\)$"), re.compile(r"\s*/\s*")
NUMBER_OF, OTHER = re.compile(r"#\s*"), re.compile(r"\W+")
COLUMNS = {
    "layer": ("name", "layers", "layer name", "stage", "row", "layer name/type", "layer type", "layer/type"),
    "op": ("operator", "type", "type/stride", "layer type/stride", "operator/stride"),
    "repeat": ("n", "times", "repeats", "# of layers", "#layers", "# layers", "#repeats"),
    "input": ("resolution",),
}
"""Other words for columns, where no layer has an argument of that name."""
ARGUMENTS = {
    CHANNELS: (
        "#out",
        "#channels",
        "# channels",
        "output channels",
        "filters",
        "#filters",
        "# filters",
        "# of filters",
    ),
    KERNEL: ("ksize", "kernel size", "filter size"),
}
"""Words for an argument, by whichever of its names the layers of a row have it."""
NAMES = {word: kin_of(name) for name, words in ARGUMENTS.items() for word in words}
PRINTED = {word: quantity.name for quantity in QUANTITIES for word in quantity.printed_as}
SCALED = {f"{scale}{word}": (PRINTED[word], scale) for word in ("flops", "macs") for scale in "mg"} | {
    "bn ops": (PRINTED["ops"], "b")
}
"""``GFLOPs`` and ``Bn Ops``, whose cells are in units of 10^9."""
FORM = "size/stride"
"""The column of what says by its form what it is: a size, a stride behind it, and bare numbers."""
FORMS = {f"{word}/stride" for word in ("filter size", "patch size", "kernel size", "filter", "patch", "kernel", "size")}
MEANT = PRINTED | {word: name for name, words in COLUMNS.items() for word in words}


class Header(NamedTuple):
    """What a column is, and the unit of its cells where its header says one."""

    name: str
    unit: str = ""


def folded(text: str) -> str:
    """A header without regard to case, blanks and the sign between the sides of a size."""
    return " ".join(with_x(text).lower().split()).rstrip(".")


def header_of(text: str, own: Collection[str], known: Collection[str]) -> Header:
    """What the header of a column says; ``own`` are arguments, variants and parameters, ``known`` all columns.

    A name of the author's own means that. A word that means no column stays as it is.
    """
    word = folded(text)
    if text in own or word in known:
        return Header(text if text in own else word)
    if word in NAMES:
        return Header(next((name for name in NAMES[word] if name in own), word))
    if word in SCALED:
        return Header(*SCALED[word])
    plain = _plain(word)
    if plain in FORMS:
        return Header(FORM)
    names = (plain, _identifier(plain)) if own else ()
    meant = next((name for name in names if name in own), None)
    if meant is not None:
        return Header(meant)
    match = UNIT.fullmatch(word) if word.endswith((")", "]")) else None
    base = match["name"] if match else plain
    name = MEANT.get(base, base)
    if name not in known:
        return Header(word)
    if match is None:
        return Header(name)
    return Header(name, match["unit"]) if name in NUMBERS else Header(word)


def _plain(word: str) -> str:
    """A header without what parentheses say of it: ``filter size/stride (if not a fire layer)``."""
    if word.endswith(")"):
        word = REMARK.sub("", word)
    return SLASH.sub("/", word) if "/" in word else word


def _identifier(plain: str) -> str:
    """A header as a name: ``n3x3_reduce`` for ``#3x3 reduce``, ``pool_proj`` for ``pool proj``."""
    return OTHER.sub("_", NUMBER_OF.sub("n", plain)).strip("_")


def with_unit(printed: str, unit: str) -> str:
    """A figure in the unit of its column, unless it has one of its own."""
    match = FIGURE.fullmatch(printed)
    return f"{printed}{unit.upper()}" if unit and match and not match["unit"] and not match["exp"] else printed
