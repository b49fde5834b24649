"""What recipes ask of networks: to see images of any size, and which layers are depthwise."""

from __future__ import annotations

import copy

import torch
from torch import nn


def dense(model: nn.Module, maps: dict[str, tuple[int, int]]) -> nn.Module:
    """Rows of layers by their names, each with the H x W of the map that enters it."""
    tensors = [*model.parameters(), *model.buffers()]
    twin = copy.deepcopy(model, {id(tensor): tensor for tensor in tensors})
    for name, module in list(twin.named_modules()):
        row = name.partition(".")[0]
        if row in maps and isinstance(module, nn.Flatten):
            twin.set_submodule(name, nn.Identity())
        elif row in maps and isinstance(module, nn.Linear):
            twin.set_submodule(name, as_convolution(module, *maps[row]))
            maps[row] = (1, 1)  # what comes out of the first layer of a row
    return nn.Sequential(twin, nn.AdaptiveAvgPool2d(1), nn.Flatten()).eval()


def as_convolution(layer: nn.Linear, height: int, width: int) -> nn.Conv2d:
    """The convolution that does to each window what a layer does to one flat map."""
    with torch.device("meta"):
        bias = layer.bias is not None
        channels = layer.in_features // (height * width)
        twin = nn.Conv2d(channels, layer.out_features, (height, width), bias=bias)
    twin.weight = nn.Parameter(layer.weight.view(twin.weight.shape))
    twin.bias = layer.bias
    return twin


def is_depthwise(module: nn.Module) -> bool:
    """Whether it is a convolution with a filter for each channel."""
    return isinstance(module, nn.Conv2d) and module.groups == module.in_channels > 1
