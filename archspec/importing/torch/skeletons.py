"""Modules without their weights: made in no time and no memory, whatever their size."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import nn


def skeleton(make: Callable[[], nn.Module]) -> nn.Module:
    """The module that a function makes, on torch's device ``meta``.

    Numbers that it works out by tensors while it is made, such as widths, are there: parameters alone have no storage.
    """
    import torch
    from torch.overrides import TorchFunctionMode

    class Empty(TorchFunctionMode):
        """What is allotted and not filled, as parameters are, is on ``meta``."""

        def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            options = dict(kwargs or {})
            if func is torch.empty and options.get("device") is None:
                options["device"] = "meta"
            return func(*args, **options)

    with Empty(), torch.no_grad():
        made = make()
    return made.to("meta")
