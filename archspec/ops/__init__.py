"""The layer types, one file each. The name of the file is the name of the layer in a spec.

A name is looked up without regard to case and hyphens, so ``soft-max``, ``softmax`` and ``SoftMax`` are one.
A file is imported when a spec first uses it; files that start with an underscore are shared arithmetic.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from functools import cache, lru_cache
from importlib import import_module
from pkgutil import iter_modules

from archspec.naming import closest
from archspec.op import Op
from archspec.support.limits import MOST_WORDS_KNOWN


@lru_cache(MOST_WORDS_KNOWN)
def find(name: str) -> type[Op] | None:
    """The layer type of that name, or None."""
    module = _files().get(_fold(name))
    return _load(module) if module else None


@cache
def names() -> tuple[str, ...]:
    """The canonical names of all layer types."""
    return tuple(module.replace("_", "-") for module in _files().values())


def every() -> Iterator[type[Op]]:
    """All layer types; imports every file."""
    return (_load(module) for module in _files().values())


def near(word: str) -> str | None:
    """The layer that an unknown word most likely means: by its name elsewhere, or by a slip of the fingers."""
    match = re.fullmatch(r"(?P<name>[^\W\d][^\W\d-]*(?:-[^\W\d]+)*)(?P<rest>[\d-].*)?", word)
    name, rest = (match["name"], match["rest"] or "") if match else (word, "")
    elsewhere = _elsewhere()
    whole_word = elsewhere.get(_fold(word))
    if whole_word is not None:
        return whole_word
    found = elsewhere.get(_fold(name)) or closest(name, names())
    if found is None or found == word:
        return None
    whole = found + re.sub(r"(?<=\d)x(\d+)$", r" x \1", rest)
    return None if whole == word else whole


@cache
def _elsewhere() -> dict[str, str]:
    return {_fold(alias): op.spelled() for op in every() for alias in op.elsewhere}


@cache
def nameless() -> type[Op] | None:
    """The op that a step without a name means, as in ``[3x3, 64; 3x3, 64] x 3``."""
    return next((op for op in every() if op.nameless), None)


def _fold(name: str) -> str:
    return name.lower().replace("-", "").replace("_", "")


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
