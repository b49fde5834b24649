"""A module as it runs while it is read: as at test time, without a word, and not for ever."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from io import StringIO
from typing import TYPE_CHECKING, Any

from archspec.support.limits import MOST_CALLS

if TYPE_CHECKING:
    from torch import nn

DROPS = ("DropPath", "StochasticDepth")
"""Modules that drop a branch for an image in training, by their classes."""
KEPT: list[Any] = []
"""What is defined lasts as long as the library that defined it."""


@contextmanager
def at_rest(module: nn.Module, heads: bool) -> Iterator[None]:
    """The module as at test time while it is exported, with branches that are dropped in training marked.

    ``eval`` is not called, as a module may do more then. What a module keeps for itself while it runs, such as its last
    output, is gone afterwards.
    """
    before = [(each, dict(each.__dict__)) for each in module.modules()]
    for each, _ in before:
        each.training = heads and any(True for _ in each.children())
        if _drops(each):
            each.forward = _marking(each.forward, _drops(each))
    try:
        yield
    finally:
        for each, held in before:
            each.__dict__.clear()
            each.__dict__.update(held)


def _drops(module: nn.Module) -> float:
    """The probability with which a module drops a branch for an image; 0 for other modules."""
    if type(module).__name__ not in DROPS or getattr(module, "mode", "row") != "row":
        return 0.0
    p = getattr(module, "drop_prob", None) or getattr(module, "p", None)
    return float(p) if isinstance(p, int | float) else 0.0


def _marking(forward: Any, p: float) -> Any:
    """What a module does, marked where it gives what it takes."""
    import torch

    def marked(x: Any, *more: Any, **options: Any) -> Any:
        y = forward(x, *more, **options)
        return torch.ops.archspec_import.drop_path(x, p) if y is x else y

    return marked


def define_drop_path() -> None:
    """An operation that does nothing and stays in the graph."""
    import torch

    if not KEPT:
        library = torch.library.Library("archspec_import", "DEF")  # type: ignore[no-untyped-call]
        library.define("drop_path(Tensor x, float p) -> Tensor")  # type: ignore[no-untyped-call]
        library.impl("drop_path", lambda x, p: x.clone(), "CompositeExplicitAutograd")  # type: ignore[no-untyped-call]
        KEPT.append(library)


@contextmanager
def quiet() -> Iterator[None]:
    """Without what the module prints, and what torch says beside the errors that it raises."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with warnings.catch_warnings(), redirect_stdout(StringIO()), redirect_stderr(StringIO()):
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)


def bounded() -> Any:
    """A mode of torch in which a module stops that calls more of its functions than any that is read."""
    from torch.overrides import TorchFunctionMode

    class Bounded(TorchFunctionMode):
        calls = 0

        def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            self.calls += 1
            if self.calls > MOST_CALLS:
                raise RuntimeError(f"it has called more than {MOST_CALLS:,} functions of torch")
            return func(*args, **(kwargs or {}))

    return Bounded()
