"""archspec: the compiler for neural-network architecture tables.

``load("specs/vgg_D.arch")`` compiles a spec; ``build("specs/vgg_D.arch")`` gives its torch module. The names are
looked up when they are first used: ``import archspec`` needs no torch and takes no time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.3.0"
__all__ = ["ArchError", "Compiled", "Diagnostic", "build", "from_torch", "load", "loads"]

if TYPE_CHECKING:
    from archspec.api import build, from_torch, load, loads
    from archspec.compiled import Compiled
    from archspec.diagnostics import ArchError, Diagnostic

_HOMES = {
    "ArchError": "diagnostics",
    "Compiled": "compiled",
    "Diagnostic": "diagnostics",
    "build": "api",
    "from_torch": "api",
    "load": "api",
    "loads": "api",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'archspec' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"archspec.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
