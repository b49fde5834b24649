"""The layer types, one file each. The name of the file is the name of the layer in a spec.

A name is looked up without regard to case and hyphens, so ``soft-max``, ``softmax`` and ``SoftMax`` are one.
A file is imported when a spec first uses it; files that start with an underscore are shared arithmetic.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from archspec.op import Op


def find(name: str) -> type[Op] | None:
    """The layer type of that name, or None."""
    module = _files().get(_fold(name))
    return _load(module) if module else None


def names() -> list[str]:
    """The canonical names of all layer types."""
    return [module.replace("_", "-") for module in _files().values()]


def every() -> Iterator[type[Op]]:
    """All layer types; imports every file."""
    return (_load(module) for module in _files().values())


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
