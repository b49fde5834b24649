"""The layer types, one file each. The name of the file is the name of the layer in a spec.

A name is looked up without regard to case and hyphens, so ``soft-max``, ``softmax`` and ``SoftMax`` are one.
A file is imported when a spec first uses it; files that start with an underscore are shared arithmetic.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Iterator
from functools import cache, lru_cache
from importlib import import_module
from pkgutil import iter_modules
from typing import NamedTuple

from archspec.naming import closest
from archspec.op import Op
from archspec.ops._foreign import DIMENSIONS, FOREIGN
from archspec.support.limits import MOST_WORDS_KNOWN

ENDS = ("", "2d", "layer", "ing", "ing2d")
"""What may follow the name of a layer elsewhere: ``Conv2D``, ``fc-layer``, ``MaxPooling2D``."""


class Meant(NamedTuple):
    """A layer by its name here, and an argument that its name elsewhere says, which is printed first or last."""

    op: str
    first: str = ""
    last: str = ""

    @property
    def text(self) -> str:
        """The layer with its argument, as it stands alone in a cell."""
        return " ".join(filter(None, self))


@lru_cache(MOST_WORDS_KNOWN)
def find(name: str) -> type[Op] | None:
    """The layer type of that name, or None."""
    module = _files().get(_fold(name))
    return _load(module) if module else None


def printed(words: str) -> type[Op] | None:
    """The layer type that papers print these words for, or None. Imports every file."""
    found = _printed().get(_fold(words))
    return find(found) if found else None


@cache
def names() -> tuple[str, ...]:
    """The canonical names of all layer types."""
    return tuple(module.replace("_", "-") for module in _files().values())


def every() -> Iterator[type[Op]]:
    """All layer types; imports every file."""
    return (_load(module) for module in _files().values())


def meant(word: str) -> Meant | None:
    """The layer that a word stands for elsewhere or in print: ``linear`` is ``fc``, ``MaxPool2d`` is ``maxpool``."""
    name, known = _fold(word), _elsewhere()
    if name in FOREIGN:
        return None
    for end in ENDS:
        short = name.removesuffix(end)
        if short in known:
            return known[short]
        if short != name and short in _files():
            return Meant(_load(_files()[short]).spelled())
    return None


def foreign(word: str) -> str | None:
    """What a layer does that archspec lacks, as the rest of a sentence; None where the word is not known to be one."""
    name = _fold(word)
    for end, says in DIMENSIONS.items():
        short = name.removesuffix(end)
        if short != name and (short in _files() or meant(short)):
            return says
    stem = _fold(_parted(word)[0])
    return next((FOREIGN[each] for each in (name, name.removesuffix("2d"), stem) if each in FOREIGN), None)


def near(word: str) -> Meant | None:
    """The layer that an unknown word most likely means, by its name elsewhere or by a slip of the fingers.

    A name of a layer that archspec lacks is not a slip of another.
    """
    whole = meant(word)
    if whole is not None or foreign(word) is not None:
        return whole
    name, rest = _parted(word)
    found = meant(name)
    if found is None and (spelled := _spelled(name)):
        found = Meant(spelled)
    if found is None or found.op == word:
        return None
    if re.fullmatch(r"\d+x\d+", rest):
        return found._replace(first=rest)
    text = found.op + re.sub(r"(?<=\d)x(\d+)$", r" x \1", rest)
    if text != word:
        return found._replace(op=text)
    slip = closest(word, names())
    return Meant(slip) if slip else None


def _parted(word: str) -> tuple[str, str]:
    """A name and the numbers behind it: ``cnov`` and ``3-64x2``."""
    match = re.fullmatch(r"(?P<name>[^\W\d][^\W\d-]*(?:-[^\W\d]+)*)(?P<rest>[\d-].*)?", word)
    return (match["name"], match["rest"] or "") if match else (word, "")


def _spelled(name: str) -> str | None:
    """A layer by its own name, or the one that comes nearest."""
    module = _files().get(_fold(name))
    return _load(module).spelled() if module else closest(name, names())


def steps_by_kernel(words: str) -> bool:
    """Whether a layer of these words steps by its kernel where no stride is written."""
    op = printed(words)
    return op is not None and _fold(words) in map(_fold, op.steps_by_kernel)


@cache
def _printed() -> dict[str, str]:
    return {_fold(words): op.spelled() for op in every() for words in (*op.printed_as, *op.steps_by_kernel)}


@cache
def _elsewhere() -> dict[str, Meant]:
    found = {_fold(alias): Meant(op.spelled()) for op in every() for alias in (*op.elsewhere, *op.printed_as)}
    for op in every():
        found |= {_fold(alias): Meant(op.spelled(), *_placed(more)) for alias, more in op.phrased.items()}
    return found


def _placed(more: str) -> tuple[str, str]:
    """An argument in the place where it is printed: a size first, others last."""
    return ("", more) if "=" in more else (more, "")


def nameless() -> type[Op]:
    """The op that a step without a name means, as in ``[3x3, 64; 3x3, 64] x 3``."""
    return _the("nameless")


def passing_on() -> type[Op]:
    """The op of a path on which nothing is done."""
    return _the("passes_on")


def padding_channels() -> type[Op]:
    """The op of a shortcut without parameters between shapes that differ."""
    return _the("pads_channels")


def joining_residual() -> type[Op]:
    """The op that joins the paths of a residual block."""
    return _the("joins_residual")


def joining_dense() -> type[Op]:
    """The op that joins what enters a dense block with what the block makes of it."""
    return _the("joins_dense")


@cache
def standing_in() -> type[Op]:
    """The op that stands for a layer of which nothing is known. Imports every file."""
    return next(op for op in every() if not op.known)


@cache
def _the(flag: str) -> type[Op]:
    """The op whose class says so of itself. Files that are imported already come first, which mostly spares others."""
    modules = sorted(_files().values(), key=lambda module: f"{__name__}.{module}" not in sys.modules)
    return next(op for op in map(_load, modules) if getattr(op, flag))


def _fold(name: str) -> str:
    return name.lower().replace("-", "").replace("_", "").replace(" ", "")


@cache
def _files() -> dict[str, str]:
    return {_fold(m.name): m.name for m in iter_modules(__path__) if not m.name.startswith("_")}


@cache
def _load(module: str) -> type[Op]:
    full = f"{__name__}.{module}"
    found = [
        value
        for value in vars(import_module(full)).values()
        if inspect.isclass(value) and issubclass(value, Op) and value.__module__ == full
    ]
    assert len(found) == 1, f"{full} must define one Op and defines {len(found)}"
    return found[0]
