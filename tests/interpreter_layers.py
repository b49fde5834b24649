"""Each layer as a function of torch, by docs/language.md: no module, no class and no shape of the compiler's."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import comb
from typing import Any, Protocol

import torch
from torch import Tensor
from torch.nn import functional as F

Pair = tuple[int, int]


class Around(Protocol):
    """What a layer has beside its input: its weights, in order, and whether the network is in training."""

    training: bool

    def take(self, name: str, *size: int) -> Tensor:
        """The next tensor of the state, which must have that name and that size."""

    def place(self) -> tuple[int, int]:
        """Which of how many branches dropped by the linear rule this one is."""


Layer = Callable[[Any, Tensor, Around], Tensor]
"""A layer: its arguments by name, its input, and what is around it."""


def before_and_after(a: Any, axis: int, n: int, kernel: int, dilation: int) -> Pair:
    """The padding of a window along one axis, by the words of ``pad``."""
    reach = dilation * (kernel - 1) + 1
    if a.pad == "valid":
        return 0, 0
    if a.pad in ("same", "tf_same"):
        stride = (a.stride or a.kernel)[axis]
        rest = n % stride or stride
        total = max(reach - rest, 0) if a.pad == "tf_same" else reach - 1
        return total // 2, total - total // 2
    one: int = dilation * (kernel // 2) if a.pad is None else a.pad[axis]
    return one, one


def padded(a: Any, x: Tensor, value: float = 0.0) -> Tensor:
    """The map with its padding around it."""
    steps: Pair = getattr(a, "dilation", (1, 1))
    sides = [before_and_after(a, i, x.shape[2 + i], a.kernel[i], steps[i]) for i in (0, 1)]
    return F.pad(x, (*sides[1], *sides[0]), value=value)


def convolved(a: Any, x: Tensor, around: Around, channels: int, groups: int) -> Tensor:
    weight = around.take("weight", channels, x.shape[1] // groups, *a.kernel)
    bias = around.take("bias", channels) if a.bias else None
    return F.conv2d(padded(a, x), weight, bias, a.stride, 0, a.dilation, groups)


def conv(a: Any, x: Tensor, around: Around) -> Tensor:
    return convolved(a, x, around, a.channels, a.groups)


def ws_conv(a: Any, x: Tensor, around: Around) -> Tensor:
    weight = around.take("weight", a.channels, x.shape[1] // a.groups, *a.kernel)
    bias = around.take("bias", a.channels) if a.bias else None
    standard = F.layer_norm(weight, weight.shape[1:], eps=a.eps)
    if a.scaled:
        gain = around.take("gain", a.channels, 1, 1, 1)
        standard = standard * gain * a.gamma / weight[0].numel() ** 0.5
    return F.conv2d(padded(a, x), standard, bias, a.stride, 0, a.dilation, a.groups)


def dwconv(a: Any, x: Tensor, around: Around) -> Tensor:
    return convolved(a, x, around, x.shape[1] * a.multiplier, x.shape[1])


def transposed_conv(a: Any, x: Tensor, around: Around) -> Tensor:
    weight = around.take("weight", x.shape[1], a.channels // a.groups, *a.kernel)
    bias = around.take("bias", a.channels) if a.bias else None
    return F.conv_transpose2d(x, weight, bias, a.stride, a.pad, a.output_pad, a.groups, a.dilation)


def partial_conv(a: Any, x: Tensor, around: Around) -> Tensor:
    links = [(i, o) for o, row in enumerate(a.maps) for i in row]
    weight = around.take("weight", len(links), 1, *a.kernel)
    bias = around.take("bias", len(a.maps)) if a.bias else None
    around.take("inputs", len(links))
    around.take("outputs", len(links))
    dense = torch.zeros(len(a.maps), x.shape[1], *a.kernel, dtype=x.dtype)
    outputs, inputs = torch.tensor([o for _, o in links]), torch.tensor([i for i, _ in links])
    return F.conv2d(x, dense.index_put((outputs, inputs), weight[:, 0]), bias)


def fc(a: Any, x: Tensor, around: Around) -> Tensor:
    flat = x.flatten(1)
    weight = around.take("weight", a.units, flat.shape[1])
    return F.linear(flat, weight, around.take("bias", a.units) if a.bias else None)


def rbf(a: Any, x: Tensor, around: Around) -> Tensor:
    flat = x.flatten(1)
    codes = around.take("codes", a.units, flat.shape[1])
    return -((flat[:, None] - codes) ** 2).sum(2)


def maxpool(a: Any, x: Tensor, around: Around) -> Tensor:
    stride = a.stride or a.kernel
    if isinstance(a.pad, str):
        return F.max_pool2d(padded(a, x, float("-inf")), a.kernel, stride, 0, a.dilation, a.ceil and a.pad == "valid")
    return F.max_pool2d(x, a.kernel, stride, a.pad, a.dilation, a.ceil)


def avgpool(a: Any, x: Tensor, around: Around) -> Tensor:
    stride = a.stride or a.kernel
    if a.pad != "tf_same":
        pad = (0, 0) if a.pad == "valid" else a.pad
        return F.avg_pool2d(x, a.kernel, stride, pad, a.ceil, a.count_include_pad)
    sums, seen = (F.avg_pool2d(padded(a, t), a.kernel, stride, divisor_override=1) for t in (x, torch.ones_like(x)))
    return sums / seen


def lp_pool(a: Any, x: Tensor, around: Around) -> Tensor:
    sums = F.avg_pool2d(x**a.p, a.kernel, a.stride or a.kernel, divisor_override=1)
    return sums.pow(1 / a.p)


def subsample(a: Any, x: Tensor, around: Around) -> Tensor:
    weight, bias = around.take("weight", x.shape[1]), around.take("bias", x.shape[1])
    sums = F.avg_pool2d(x, a.kernel, divisor_override=1)
    return sums * weight.reshape(1, -1, 1, 1) + bias.reshape(1, -1, 1, 1)


def affine(a: Any, x: Tensor, around: Around) -> tuple[Tensor | None, Tensor | None]:
    return (around.take("weight", x.shape[1]), around.take("bias", x.shape[1])) if a.affine else (None, None)


def bn(a: Any, x: Tensor, around: Around) -> Tensor:
    weight, bias = affine(a, x, around)
    mean, variance = around.take("running_mean", x.shape[1]), around.take("running_var", x.shape[1])
    around.take("num_batches_tracked").add_(int(around.training))
    return F.batch_norm(x, mean, variance, weight, bias, around.training, a.momentum, a.eps)


def layernorm(a: Any, x: Tensor, around: Around) -> Tensor:
    weight = around.take("weight", x.shape[1]) if a.affine else None
    bias = around.take("bias", x.shape[1]) if a.affine and a.shift else None
    return F.layer_norm(x.movedim(1, -1), (x.shape[1],), weight, bias, a.eps).movedim(-1, 1)


def groupnorm(a: Any, x: Tensor, around: Around) -> Tensor:
    return F.group_norm(x, a.groups, *affine(a, x, around), a.eps)


def instancenorm(a: Any, x: Tensor, around: Around) -> Tensor:
    weight, bias = affine(a, x, around)
    return F.instance_norm(x, None, None, weight, bias, eps=a.eps)


def l2norm(a: Any, x: Tensor, around: Around) -> Tensor:
    weight = around.take("weight", x.shape[1]).reshape(1, -1, 1, 1)
    length: Tensor = torch.linalg.vector_norm(x, dim=1, keepdim=True)
    return x / length.clamp(min=1e-12) * weight


def blurpool(a: Any, x: Tensor, around: Around) -> Tensor:
    for axis, (k, stride) in enumerate(zip(a.kernel, a.stride, strict=True), 2):
        sides = [0, 0, 0, 0]
        sides[6 - 2 * axis : 8 - 2 * axis] = [k // 2, k // 2]
        padded = F.pad(x, sides, mode="constant" if a.mode == "zero" else a.mode)
        shares = [comb(k - 1, i) / 2 ** (k - 1) for i in range(k)]
        windows = padded.unfold(axis, k, stride)
        x = windows @ torch.tensor(shares, dtype=x.dtype)
    return x


def channel_conv(a: Any, x: Tensor, around: Around) -> Tensor:
    kernel = around.take("weight", 1, 1, a.kernel)
    return F.conv1d(x.reshape(len(x), 1, -1), kernel, padding=a.kernel // 2).reshape(x.shape)


def grn(a: Any, x: Tensor, around: Around) -> Tensor:
    weight, bias = (around.take(name, x.shape[1]).reshape(1, -1, 1, 1) for name in ("weight", "bias"))
    length: Tensor = x.square().sum((2, 3), keepdim=True).sqrt()
    y: Tensor = x + weight * x * length / (length.mean(1, keepdim=True) + a.eps) + bias
    return y


def prelu(a: Any, x: Tensor, around: Around) -> Tensor:
    return F.prelu(x, around.take("weight", 1 if a.shared else x.shape[1]))


def drop_path(a: Any, x: Tensor, around: Around) -> Tensor:
    place, of = around.place() if a.linear else (1, 1)
    block, blocks = ((n + a.per_block - 1) // a.per_block for n in (place, of))
    p = a.p * (block / blocks)
    if not around.training or p == 0:
        return x
    kept = torch.empty(x.shape[0], *[1] * (x.dim() - 1), dtype=x.dtype).bernoulli_(1 - p)
    return x * kept / (1 - p) if p < 1 else x * kept


def channel_shuffle(a: Any, x: Tensor, around: Around) -> Tensor:
    wide = x.shape[1] // a.groups
    order = [row * wide + column for column in range(wide) for row in range(a.groups)]
    return x[:, order]


def channel_split(a: Any, x: Tensor, around: Around) -> Tensor:
    wide = x.shape[1] // a.of
    return x[:, list(range((a.part - 1) * wide, a.part * wide))]


def pad_channels(a: Any, x: Tensor, around: Around) -> Tensor:
    kept = x[:, :, :: a.stride[0], :: a.stride[1]]
    zeros = torch.zeros(kept.shape[0], a.channels - x.shape[1], *kept.shape[2:], dtype=x.dtype)
    return torch.cat([kept, zeros], 1)


def crop(a: Any, x: Tensor, around: Around) -> Tensor:
    for axis in (2, 3):
        n = x.shape[axis]
        kept = n - 2 * a.by[axis - 2] if a.size is None else a.size[axis - 2]
        x = x.narrow(axis, (n - kept) // 2, kept)
    return x


def pad(a: Any, x: Tensor, around: Around) -> Tensor:
    (top, left), (bottom, right) = a.by, a.after or a.by
    return F.pad(x, (left, right, top, bottom), mode="constant" if a.mode == "zero" else a.mode)


def upsample(a: Any, x: Tensor, around: Around) -> Tensor:
    if a.mode == "nearest":
        return x.repeat_interleave(a.factor, 2).repeat_interleave(a.factor, 3)
    return F.interpolate(x, scale_factor=float(a.factor), mode=a.mode)


def opaque(a: Any, x: Tensor, around: Around) -> Tensor:
    """One of the two modules that the witness gives to the code."""
    return torch.tanh(around.take("weight", 1) * x) if a.name == "own" else x.mean((2, 3))


LAYERS: Mapping[str, Layer] = {
    "adaptive-avgpool": lambda a, x, _: F.adaptive_avg_pool2d(x, a.size),
    "adaptive-maxpool": lambda a, x, _: F.adaptive_max_pool2d(x, a.size),
    "avgpool": avgpool,
    "blurpool": blurpool,
    "bn": bn,
    "celu": lambda a, x, _: F.celu(x, a.alpha),
    "channel-conv": channel_conv,
    "channel-shuffle": channel_shuffle,
    "channel-split": channel_split,
    "channels": lambda a, x, _: x[:, list(range(a.first - 1, a.last))],
    "conv": conv,
    "crop": crop,
    "drop-path": drop_path,
    "dropout": lambda a, x, around: F.dropout(x, a.p, around.training),
    "dwconv": dwconv,
    "elu": lambda a, x, _: F.elu(x, a.alpha),
    "fc": fc,
    "flatten": lambda a, x, _: x.flatten(1),
    "gelu": lambda a, x, _: F.gelu(x, approximate="tanh" if a.tanh else "none"),
    "global-avgpool": lambda a, x, _: x.mean((2, 3), keepdim=True),
    "global-maxpool": lambda a, x, _: x.amax((2, 3), keepdim=True),
    "grn": grn,
    "groupnorm": groupnorm,
    "hard-sigmoid": lambda a, x, _: F.hardsigmoid(x),
    "hard-swish": lambda a, x, _: F.hardswish(x),
    "hard-tanh": lambda a, x, _: x.clamp(a.low, a.high),
    "identity": lambda a, x, _: x,
    "instancenorm": instancenorm,
    "l2norm": l2norm,
    "layer-scale": lambda a, x, around: x * around.take("weight", x.shape[1]).reshape(1, -1, 1, 1),
    "layernorm": layernorm,
    "leaky-relu": lambda a, x, _: F.leaky_relu(x, a.slope),
    "lrn": lambda a, x, _: F.local_response_norm(x, a.n, a.n * a.alpha, a.beta, a.k),
    "lp-pool": lp_pool,
    "maxpool": maxpool,
    "mish": lambda a, x, _: F.mish(x),
    "opaque": opaque,
    "pad-channels": pad_channels,
    "pad": pad,
    "partial-conv": partial_conv,
    "pixel-shuffle": lambda a, x, _: F.pixel_shuffle(x, a.factor),
    "pixel-unshuffle": lambda a, x, _: F.pixel_unshuffle(x, a.factor),
    "prelu": prelu,
    "rbf": rbf,
    "relu": lambda a, x, _: F.relu(x),
    "relu6": lambda a, x, _: F.relu6(x),
    "scale": lambda a, x, _: x * a.factor,
    "selu": lambda a, x, _: F.selu(x),
    "sigmoid": lambda a, x, _: torch.sigmoid(x),
    "silu": lambda a, x, _: F.silu(x),
    "softmax": lambda a, x, _: torch.softmax(x, 1),
    "softplus": lambda a, x, _: F.softplus(x, a.beta),
    "softsign": lambda a, x, _: F.softsign(x),
    "subsample": subsample,
    "tanh": lambda a, x, _: a.amplitude * torch.tanh(a.slope * x),
    "transposed-conv": transposed_conv,
    "upsample": upsample,
    "ws-conv": ws_conv,
}


def joined(name: str, xs: Sequence[Tensor]) -> Tensor:
    """What a join gives; a vector goes to every position of a map."""
    if name == "concat":
        return torch.cat(list(xs), 1)
    over_map = any(x.dim() == 4 for x in xs)
    spread = [x.reshape(*x.shape, 1, 1) if over_map and x.dim() == 2 else x for x in xs]
    y = spread[0]
    for x in spread[1:]:
        y = y + x if name == "add" else y * x
    return y
