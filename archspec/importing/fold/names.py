"""Names for what is found: of blocks from kinds of modules, of rows from paths, of parameters from arguments."""

from __future__ import annotations

import re
from string import ascii_lowercase
from typing import TYPE_CHECKING

from archspec import ops
from archspec.arguments import CHANNELS, KIN
from archspec.language.syntax import RESERVED
from archspec.op import Weighted

if TYPE_CHECKING:
    from archspec.importing.fold.alike import Overlay

FACTOR = "t"
"""What MobileNetV2 calls the factor by which a block widens what enters."""
LEAST_BRANCHES = 3
"""Of how many branches side by side the channels are called by their branch."""
WIDTHS = next(names for names in KIN if CHANNELS in names)
"""What channels are called, of layers and of blocks."""

SQUEEZES = frozenset({"squeeze_excitation", "squeeze_excite", "se_module", "se_layer", "seblock", "se_block"})
"""What libraries call the block of squeeze-and-excitation."""

SPELLED_APART = re.compile(r"(Ne|MB)_(?=Xt|Conv)")
"""Words of architectures with capitals inside: ConvNeXt, MBConv."""


class Names:
    """Names that are taken, by a file or a block."""

    def __init__(self, *taken: str, of_rows: bool = False) -> None:
        self._taken = {name.lower() for name in taken}
        self._of_rows = of_rows

    def free(self, wish: str) -> str:
        """The name, or with a number behind it where it is taken."""
        name, count = wish, 1
        while name.lower() in self._taken or (not self._of_rows and is_taken_by_language(name)):
            count += 1
            name = f"{wish}{count}"
        self._taken.add(name.lower())
        return name


def is_taken_by_language(name: str) -> bool:
    """Whether a name means something in a spec."""
    return name.lower() in RESERVED or ops.find(name) is not None


def block_name(kind: str) -> str:
    """``InvertedResidual`` and ``_DenseLayer`` as a spec names blocks: ``inverted_residual``, ``dense_layer``."""
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z][a-z])|(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", kind.strip("_"))
    name = SPELLED_APART.sub(r"\1", re.sub(r"\W+", "_", parted)).strip("_").lower()
    if name in SQUEEZES:
        return "se"
    return name if name and not name[0].isdigit() else f"block_{name}".strip("_")


def one_line(text: str) -> str:
    """A text from outside that may stand in a comment or, between quotes, in a statement."""
    return " ".join("".join(c if c.isprintable() and c != '"' else " " for c in text).split())


def row_name(path: str) -> str:
    """A module's path as the name of a row: ``features.0`` is ``features_0``."""
    return re.sub(r"\W+", "_", path).strip("_") or "row"


def network_name(name: str) -> str:
    """A name that a network can have, which is that of a function of the emitted code."""
    plain = re.sub(r"\W+", "_", name, flags=re.ASCII).strip("_")
    return plain if plain and not plain[0].isdigit() else f"net_{plain}".strip("_")


def parameter_name(argument: str, value: object) -> str:
    """What a block calls a parameter that fills an argument of one of its layers."""
    if isinstance(value, bool):
        return argument
    return next((names[1] for names in KIN if argument in names), argument)


def branch_widths(overlay: Overlay) -> dict[int, str]:
    """What the channels of branches are called that lie side by side, by the ids of the steps: of the second, ``c2a``
    and ``c2b``, or ``c2`` where it has one layer with channels."""
    join = overlay.join and next(filter(None, overlay.join.names))
    kind = ops.find(join) if join else None
    if kind is None or not kind.joins_dense or len(overlay.tracks) < LEAST_BRANCHES:
        return {}
    found = {}
    for at, track in enumerate(overlay.tracks, 1):
        wide = [step for step in track if not step.args.keys().isdisjoint(WIDTHS)]
        for place, step in enumerate(wide):
            found[id(step)] = f"c{at}{ascii_lowercase[place % 26]}" if len(wide) > 1 else f"c{at}"
    return found


def switch_name(step: str, path: str) -> str:
    """What a block calls the parameter that says whether a step is there."""
    if step == "se":
        return step
    kind = ops.find(step)
    parts = path.split(".") if kind is None or issubclass(kind, Weighted) else path.split(".")[-1:]
    named = [part for part in parts if re.fullmatch(r"[a-z_]+[a-z]", part) and ops.find(part) is None]
    name = named[-1] if named else step
    return f"has_{re.sub(r'[^a-z0-9_]', '_', name.lower())}"
