"""Networks of torchvision and timm beside the emitted modules: weights that hide nothing, and outputs held to 1e-9."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from math import prod, sqrt
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torchvision_shim import torchvision

Make = Callable[[], nn.Module]
State = dict[str, Tensor]
BOUND = 1e-9


def vision(name: str, **options: Any) -> Make:
    return lambda: getattr(torchvision().models, name)(weights=None, **options)


def timm(name: str, **options: Any) -> Make:
    return partial(made_by_timm, name, **options)


def made_by_timm(name: str, **options: Any) -> nn.Module:
    if find_spec("timm") is None:
        pytest.skip("timm is not installed")
    torchvision()
    made: nn.Module = import_module("timm").create_model(name, **options)
    return made


def random_state(model: nn.Module, images: Tensor) -> State:
    """The state dict of a model in evaluation and float64, after all of it was drawn anew.

    What stands in another's place must show at the logits. So weights are drawn after He et al., and running statistics
    are near those that the images have: else the logits of a deep network are little but its last biases.
    """
    torch.manual_seed(0)
    for name, tensor in model.eval().state_dict().items():
        if tensor.is_floating_point():
            draw(name, tensor)
    measure_statistics(model.double(), images)
    return dict(model.state_dict())


def draw(name: str, tensor: Tensor) -> None:
    """Vectors near one where they scale and near zero where they are added; matrices and kernels by their fan-in."""
    if tensor.numel() > len(tensor):
        tensor.normal_(0, sqrt(2 / prod(tensor.shape[1:])))
    elif name.endswith(("weight", "var", "scale")):
        tensor.uniform_(0.75, 1.25)
    else:
        tensor.normal_(0, 0.1)


@torch.no_grad()
def measure_statistics(model: nn.Module, images: Tensor) -> None:
    """Running statistics near those of a batch, layer by layer in evaluation."""
    norms = [module for module in model.modules() if isinstance(module, nn.BatchNorm2d)]
    hooks = [norm.register_forward_pre_hook(near_those_of) for norm in norms]
    model(images)
    for hook in hooks:
        hook.remove()


def near_those_of(norm: nn.Module, inputs: tuple[Tensor]) -> None:
    assert isinstance(norm, nn.BatchNorm2d)
    assert norm.running_mean is not None
    assert norm.running_var is not None
    std, mean = torch.std_mean(inputs[0], dim=(0, 2, 3))
    norm.running_mean.copy_(mean + std * torch.randn_like(std) / 10)
    norm.running_var.copy_(std.square() * (0.75 + torch.rand_like(std) / 2))


def by_name(state: State) -> State:
    """The state in the order of a file of safetensors."""
    return dict(sorted(state.items()))


def assert_close(found: Tensor, expected: Tensor) -> None:
    """The largest difference is at most a billionth of the largest value."""
    assert found.shape == expected.shape
    largest = float(expected.abs().max())
    assert largest > 0
    assert float((found - expected).abs().max()) <= BOUND * largest
