"""Optimizers that torch lacks."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor


class LARS(torch.optim.Optimizer):
    """SGD with a rate for each tensor, in proportion to its norm over its gradient's.

    You et al. 2017, arXiv:1708.03888, algorithm 1. A tensor or a gradient of zeros has
    the plain rate, and so have the tensors of groups that do not `adapt`.
    """

    def __init__(
        self,
        params: Any,
        lr: float,
        momentum: float = 0.9,
        weight_decay: float = 0.0,
        trust: float = 0.001,
    ) -> None:
        defaults = {"lr": lr, "momentum": momentum, "weight_decay": weight_decay}
        super().__init__(params, {**defaults, "trust": trust, "adapt": True})

    @torch.no_grad()
    def step(self, closure: Any = None) -> Any:
        """One step; the gradients are there already, without a closure."""
        for group in self.param_groups:
            for weight in group["params"]:
                if weight.grad is not None:
                    self._move(weight, weight.grad, group)

    def _move(self, weight: Tensor, gradient: Tensor, group: dict[str, Any]) -> None:
        decay = group["weight_decay"]
        update = gradient.add(weight, alpha=decay)
        if group["adapt"]:
            length, slope = weight.norm(), gradient.norm()
            rate = group["trust"] * length / (slope + decay * length)
            update *= torch.where((length > 0) & (slope > 0), rate, 1.0)
        state = self.state[weight]
        if not state:
            state["velocity"] = torch.zeros_like(weight)
        state["velocity"].mul_(group["momentum"]).add_(update, alpha=group["lr"])
        weight.sub_(state["velocity"])
