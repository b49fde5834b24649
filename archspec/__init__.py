"""archspec: the compiler for neural-network architecture tables.

``load("specs/vgg_D.arch")`` compiles a spec; ``build("specs/vgg_D.arch")`` gives its torch module. The names are
looked up when they are first used: ``import archspec`` needs no torch and takes no time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.3.0"
__all__ = [
    "ArchError",
    "Compiled",
    "Diagnostic",
    "audit",
    "build",
    "diff",
    "from_torch",
    "load",
    "loads",
    "plot",
    "sweep",
]

if TYPE_CHECKING:
    from archspec.api import build, from_torch, load, loads, sweep
    from archspec.compiled import Compiled
    from archspec.diagnostics import ArchError, Diagnostic

_HOMES = {
    "ArchError": "diagnostics",
    "Compiled": "compiled",
    "Diagnostic": "diagnostics",
    "audit": "reports.studied",
    "build": "api",
    "diff": "reports.studied",
    "from_torch": "api",
    "load": "api",
    "loads": "api",
    "plot": "reports.plots._plot",
    "sweep": "api",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'archspec' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"archspec.{_HOMES[name]}"), name)


def load_ipython_extension(shell: Any) -> None:
    """What ``%load_ext archspec`` calls: cells of the notebook may begin with ``%%arch NAME`` then."""
    from importlib import import_module

    import_module("archspec.commands._notebook").extend(shell)


def __dir__() -> list[str]:
    return sorted(__all__)
