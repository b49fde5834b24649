"""Modules without their weights: made in no time and no memory, whatever their size."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import prod
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import nn


SMALL = 2**16
"""Numbers up to which a tensor is filled: more than any layer has channels."""
STARTS = "archspec_starts"
"""Where a module without numbers remembers those that are worth it."""


def skeleton(make: Callable[[], nn.Module]) -> nn.Module:
    """The module that a function makes, on torch's device ``meta``.

    Numbers that it works out by tensors while it is made, such as widths, are there, and so are those that a factor for
    each channel starts as: large parameters alone have no storage.
    """
    import torch
    from torch.overrides import TorchFunctionMode

    class Empty(TorchFunctionMode):
        """What is allotted and not filled, as parameters are, is on ``meta``, unless it is small."""

        def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            options = dict(kwargs or {})
            if func is torch.empty and options.get("device") is None and _numel(args, options) > SMALL:
                options["device"] = "meta"
            return func(*args, **options)

    try:
        with Empty(), torch.no_grad():
            made = make()
    except RuntimeError:  # it reads numbers of its parameters while it is made
        made = make()
    made.__dict__[STARTS] = starts_of(made)
    return made.to("meta")


def _numel(args: Sequence[Any], options: Mapping[str, Any]) -> int:
    """How many numbers ``torch.empty`` is asked for."""
    given = options.get("size", args)
    sides = given[0] if len(given) == 1 and isinstance(given[0], Sequence) else given
    return prod(int(side) for side in sides)


def starts_of(module: nn.Module) -> Mapping[str, float]:
    """The parameters of one number for each channel that all start as the same, with that number to six digits."""
    if STARTS in module.__dict__:
        known: Mapping[str, float] = module.__dict__[STARTS]
        return known
    found: dict[str, float] = {}
    for name, tensor in module.named_parameters():
        if tensor.device.type != "meta" and 0 < tensor.numel() == max(tensor.shape, default=1):
            first = tensor.detach().flatten()[0]
            if bool((tensor == first).all()):
                found[name] = float(f"{float(first):.6g}")
    return found
