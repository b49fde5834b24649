"""Emitted source, loaded as a module: what ``build`` returns is the code that ``emit`` prints."""

from __future__ import annotations

import linecache
import sys
from collections.abc import Mapping
from hashlib import sha256
from types import ModuleType
from typing import TYPE_CHECKING, Any, NamedTuple

from archspec.analysis.bulk import not_made
from archspec.analysis.given import modules_do_not_fit
from archspec.diagnostics import ArchError, Span

if TYPE_CHECKING:
    from torch import nn


class Code(NamedTuple):
    """Emitted code: its entry function, what that is given, and where the spec of the network begins."""

    source: str
    function: str
    given: Mapping[str, Any] = {}
    place: Span | None = None


def build(code: Code) -> nn.Module:
    """The network of emitted code with the spec's defaults; imports torch. Raises ArchError where torch cannot make it.

    The source is known to ``linecache``, so that tracebacks and ``inspect.getsource`` show it.
    """
    try:
        import torch  # noqa: F401
    except ModuleNotFoundError:
        raise _no_torch() from None
    return _made(code)


def skeleton(code: Code) -> tuple[dict[str, tuple[int, ...]], set[str]]:
    """The shapes of the network's state dict, for which nothing is allocated, and which of them no training changes."""
    try:
        import torch
    except ModuleNotFoundError:
        raise _no_torch() from None
    load(code.source, code.function)  # first, for what the file makes once is to have its numbers
    with torch.device("meta"):
        module = _made(code)
    learned = {name for name, _ in module.named_parameters()}
    shapes = {name: tuple(tensor.shape) for name, tensor in module.state_dict().items()}
    statistics = ("running_mean", "running_var")
    return shapes, {name for name in shapes if name not in learned and not name.endswith(statistics)}


def _made(code: Code) -> nn.Module:
    make = load(code.source, code.function).__dict__[code.function]
    try:
        made: nn.Module = make(**code.given)
    except Exception as error:  # torch raises many kinds, and most where there is no memory
        why = (str(error) or type(error).__name__).partition("\n")[0]
        unfit = bool(code.given) and isinstance(error, TypeError | ValueError)
        raise ArchError([(modules_do_not_fit if unfit else not_made)(code.place, why)]) from error
    return made


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
