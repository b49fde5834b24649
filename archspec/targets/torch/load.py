"""Emitted source, loaded as a module: what ``build`` returns is the code that ``emit`` prints."""

from __future__ import annotations

import linecache
import sys
from collections.abc import Mapping
from hashlib import sha256
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import nn


def build(source: str, function: str, given: Mapping[str, Any] = {}) -> nn.Module:
    """The network of emitted source, by its entry function with the spec's defaults and what is given; imports torch.

    The source is known to ``linecache``, so that tracebacks and ``inspect.getsource`` show it.
    """
    try:
        import torch  # noqa: F401
    except ModuleNotFoundError:
        raise _no_torch() from None
    made: nn.Module = load(source, function).__dict__[function](**given)
    return made


def skeleton(source: str, function: str, given: Mapping[str, Any] = {}) -> tuple[dict[str, tuple[int, ...]], set[str]]:
    """The shapes of the network's state dict, for which nothing is allocated, and which of them no training changes."""
    try:
        import torch
    except ModuleNotFoundError:
        raise _no_torch() from None
    make = load(source, function).__dict__[function]  # first, for what the file makes once is to have its numbers
    with torch.device("meta"):
        module: nn.Module = make(**given)
    learned = {name for name, _ in module.named_parameters()}
    shapes = {name: tuple(tensor.shape) for name, tensor in module.state_dict().items()}
    statistics = ("running_mean", "running_var")
    return shapes, {name for name in shapes if name not in learned and not name.endswith(statistics)}


def _no_torch() -> ModuleNotFoundError:
    return ModuleNotFoundError("building a module needs torch: pip install 'archspec-nn[torch]'", name="torch")


def load(source: str, name: str) -> ModuleType:
    """A module from source, under a name of its own for each source; the same source is loaded once."""
    digest = sha256(source.encode()).hexdigest()[:12]
    full = f"archspec_built_{name}_{digest}"
    if full not in sys.modules:
        file = f"<archspec {name} {digest}>"
        linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
        module = ModuleType(full)
        module.__file__ = file
        sys.modules[full] = module
        try:
            exec(compile(source, file, "exec", dont_inherit=True), module.__dict__)
        except BaseException:
            del sys.modules[full]
            raise
    return sys.modules[full]
