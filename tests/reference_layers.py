"""Random arguments for every layer type, and each layer written by hand in torch, by the paper's formula."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Mapping
from typing import Any

import torch
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.nn import functional as F

from archspec.op import Shape

Args = Mapping[str, Any]
Reference = Callable[[Args, Shape], nn.Module]


def pair(value: Any) -> tuple[int, int]:
    """A number for both axes, or one for each."""
    return (value, value) if isinstance(value, int) else value


def same_padding(n: int, kernel: int, stride: int, dilation: int) -> tuple[int, int]:
    """TensorFlow's SAME by the two cases of its own documentation."""
    extent = (kernel - 1) * dilation + 1
    total = max(extent - (n % stride or stride), 0)
    return total // 2, total - total // 2


def conv(a: Args, x: Shape) -> nn.Module:
    kernel, stride, dilation = (pair(a.get(name, 1)) for name in ("kernel", "stride", "dilation"))
    pad = a.get("pad")
    if pad is None:
        pad = tuple(d * (k // 2) for d, k in zip(dilation, kernel, strict=True))
    inside = 0 if pad == "tf_same" else pad if isinstance(pad, str) else pair(pad)
    layer = nn.Conv2d(
        x.channels, a["channels"], kernel, stride, inside, dilation, a.get("groups", 1), a.get("bias", True)
    )
    if pad != "tf_same" or not x.is_map:
        return layer
    rows, columns = (same_padding(*axis) for axis in zip(x.extent, kernel, stride, dilation, strict=True))
    return nn.Sequential(nn.ConstantPad2d((*columns, *rows), 0.0), layer)


def softmax(a: Args, x: Shape) -> nn.Module:
    if a.get("channels", x.channels) != x.channels:
        raise ValueError("other channels enter")
    return nn.Softmax(1)


def dwconv(a: Args, x: Shape) -> nn.Module:
    outputs = x.channels * a.get("multiplier", 1)
    if outputs == 0:
        raise ValueError("nothing comes out")
    if a.get("channels", outputs) != outputs:
        raise ValueError("other channels come out")
    return conv({**a, "channels": outputs, "groups": x.channels}, x)


class ScatteredConv(nn.Module):
    """Each element of the input adds its kernels to the output, one after the other; then the rim is cut off."""

    def __init__(self, a: Args, x: Shape) -> None:
        super().__init__()
        self.kernel, self.stride, self.dilation = (pair(a.get(name, 1)) for name in ("kernel", "stride", "dilation"))
        self.pad, self.more = pair(a.get("pad", 0)), pair(a.get("output_pad", 0))
        self.groups = a.get("groups", 1)
        if min(*self.kernel, *self.stride, *self.dilation, self.groups) < 1 or min(*self.pad, *self.more) < 0:
            raise ValueError("out of bounds")
        if x.channels % self.groups or a["channels"] % self.groups:
            raise ValueError("a group is left over")
        if any(m >= s and m >= d for m, s, d in zip(self.more, self.stride, self.dilation, strict=True)):
            raise ValueError("more rows than a step has")
        self.weight = nn.Parameter(torch.empty(x.channels, a["channels"] // self.groups, *self.kernel))
        self.bias = nn.Parameter(torch.zeros(a["channels"])) if a.get("bias", True) else None

    def forward(self, x: Tensor) -> Tensor:
        batch, _, height, width = x.shape
        rows, columns = (
            (n - 1) * s + d * (k - 1) + 1 + more
            for n, s, d, k, more in zip(
                (height, width), self.stride, self.dilation, self.kernel, self.more, strict=True
            )
        )
        wide = self.weight.shape[1]
        canvas = torch.zeros(batch, wide * self.groups, rows, columns)
        parts = x.reshape(batch, self.groups, -1, height, width)
        kernels = self.weight.reshape(self.groups, -1, wide, *self.kernel)
        for i in range(self.kernel[0]):
            for j in range(self.kernel[1]):
                laid = torch.einsum("bgihw,gio->bgohw", parts, kernels[..., i, j]).flatten(1, 2)
                top, left = i * self.dilation[0], j * self.dilation[1]
                down, right = (height - 1) * self.stride[0] + 1, (width - 1) * self.stride[1] + 1
                canvas[:, :, top : top + down : self.stride[0], left : left + right : self.stride[1]] += laid
        if rows <= 2 * self.pad[0] or columns <= 2 * self.pad[1]:
            raise ValueError("nothing is left")
        y = canvas[:, :, self.pad[0] : rows - self.pad[0], self.pad[1] : columns - self.pad[1]]
        return y if self.bias is None else y + self.bias[:, None, None]


def maps_alone(formula: Callable[[Tensor], Tensor]) -> nn.Module:
    """A formula of maps, which refuses vectors."""
    return Formula(formula, maps=True)


class Formula(nn.Module):
    """A layer without weights, as its paper's formula."""

    def __init__(self, formula: Callable[[Tensor], Tensor], maps: bool = False) -> None:
        super().__init__()
        self.formula, self.maps = formula, maps

    def forward(self, x: Tensor) -> Tensor:
        if self.maps and x.dim() != 4:
            raise ValueError("no map")
        return self.formula(x)


def shuffled(a: Args, x: Shape) -> nn.Module:
    groups = a["groups"]
    if groups < 1 or x.channels % groups:
        raise ValueError("a group is left over")
    order = [row * (x.channels // groups) + column for column in range(x.channels // groups) for row in range(groups)]
    return maps_alone(lambda t: t[:, order])


def split(a: Args, x: Shape) -> nn.Module:
    part, of = a["part"], a["of"]
    if min(part, of) < 1 or part > of or x.channels % of:
        raise ValueError("no such part")
    return Formula(lambda t: torch.stack(t.chunk(of, 1))[part - 1])


def option_a(a: Args, x: Shape) -> nn.Module:
    rows, columns = pair(a.get("stride", 1))
    if min(rows, columns) < 1 or a["channels"] < x.channels:
        raise ValueError("channels cannot be taken away")

    def padded(t: Tensor) -> Tensor:
        kept = t[:, :, range(0, t.shape[2], rows)][:, :, :, range(0, t.shape[3], columns)]
        zeros = torch.zeros(kept.shape[0], a["channels"] - x.channels, *kept.shape[2:])
        return torch.cat([kept, zeros], 1)

    return maps_alone(padded)


def upsampled(a: Args, x: Shape) -> nn.Module:
    factor = a.get("factor", 2)
    if factor < 1:
        raise ValueError("nothing comes out")
    if a.get("mode", "nearest") == "nearest":
        return maps_alone(lambda t: t.repeat_interleave(factor, 2).repeat_interleave(factor, 3))
    if a["mode"] != "bilinear":
        raise ValueError("no such mode")

    def between(t: Tensor, axis: int) -> Tensor:
        n = t.shape[axis]
        places = ((torch.arange(n * factor) + 0.5) / factor - 0.5).clamp(0, n - 1)
        low = places.floor().long()
        high = (low + 1).clamp(max=n - 1)
        share = (places - low).reshape(-1, *[1] * (3 - axis))
        found: Tensor = t.index_select(axis, low) * (1 - share) + t.index_select(axis, high) * share
        return found

    return maps_alone(lambda t: between(between(t, 2), 3))


def sub_pixels(a: Args, x: Shape) -> nn.Module:
    r = a["factor"]
    if r < 1 or x.channels % r**2:
        raise ValueError("no squares")

    def arranged(t: Tensor) -> Tensor:
        y = torch.empty(t.shape[0], x.channels // r**2, t.shape[2] * r, t.shape[3] * r)
        for i in range(r):
            for j in range(r):
                y[:, :, i::r, j::r] = t[:, i * r + j :: r**2]
        return y

    return maps_alone(arranged)


def super_channels(a: Args, x: Shape) -> nn.Module:
    r = a["factor"]
    if r < 1 or not x.is_map or any(n % r for n in x.extent):
        raise ValueError("no squares")
    parts = [(i, j) for i in range(r) for j in range(r)]
    return maps_alone(lambda t: torch.stack([t[:, :, i::r, j::r] for i, j in parts], 2).flatten(1, 2))


def some_channels(a: Args, x: Shape) -> nn.Module:
    first, last = a["first"], a["last"]
    if not 1 <= first <= last <= x.channels:
        raise ValueError("no such channels")
    return Formula(lambda t: torch.stack([t[:, i - 1] for i in range(first, last + 1)], 1))


def cropped(a: Args, x: Shape) -> nn.Module:
    if not x.is_map:
        raise ValueError("no map")
    if a.keys() == {"by"}:
        sides = [(by, n - by) for n, by in zip(x.extent, pair(a["by"]), strict=True)]
    elif a.keys() == {"size"}:
        sizes = zip(x.extent, pair(a["size"]), strict=True)
        sides = [((n - size) // 2, (n - size) // 2 + size) for n, size in sizes]
    else:
        raise ValueError("one of the two")
    if any(not 0 <= start < end <= n for n, (start, end) in zip(x.extent, sides, strict=True)):
        raise ValueError("nothing is left, or more than there is")
    return maps_alone(lambda t: t[:, :, range(*sides[0])][:, :, :, range(*sides[1])])


def rimmed(a: Args, x: Shape) -> nn.Module:
    before, after, mode = pair(a["by"]), pair(a.get("after", a["by"])), a.get("mode", "zero")
    if min(*before, *after) < 0 or mode not in ("zero", "reflect", "replicate") or not x.is_map:
        raise ValueError("no padding")
    if mode == "reflect" and any(max(pads) >= n for n, *pads in zip(x.extent, before, after, strict=True)):
        raise ValueError("nothing to reflect")

    def along(t: Tensor, axis: int) -> Tensor:
        n = t.shape[2 + axis]
        places = torch.arange(-before[axis], n + after[axis])
        inside = places.abs() if mode == "reflect" else places.clamp(0, n - 1)
        inside = torch.where(inside >= n, 2 * (n - 1) - inside, inside)
        y: Tensor = t.index_select(2 + axis, inside).movedim(2 + axis, -1)
        outside = (places < 0) | (places >= n)
        return (y * ~outside if mode == "zero" else y).movedim(-1, 2 + axis)

    return maps_alone(lambda t: along(along(t, 0), 1))


class Standardized(nn.Module):
    """A convolution whose kernels have their mean taken off and are divided by their standard deviation."""

    def __init__(self, a: Args, x: Shape) -> None:
        super().__init__()
        self.inner = conv({name: value for name, value in a.items() if name not in ("eps", "scaled", "gamma")}, x)
        self.eps, self.gamma = a.get("eps", 1e-5), a.get("gamma", 1.0)
        gain = nn.Parameter(torch.ones(a["channels"], 1, 1, 1)) if a.get("scaled") else None
        self.layer.register_parameter("gain", gain)
        if gain is None and self.gamma != 1:
            raise ValueError("gamma of what is not scaled")
        if self.layer.weight[0].numel() == 1:
            raise ValueError("a kernel of one weight")

    @property
    def layer(self) -> nn.Conv2d:
        found = self.inner[1] if isinstance(self.inner, nn.Sequential) else self.inner
        assert isinstance(found, nn.Conv2d)
        return found

    def forward(self, x: Tensor) -> Tensor:
        kept = self.layer.weight.data
        kernels = kept.flatten(1)
        centred = kernels - kernels.mean(1, keepdim=True)
        deviation = (centred.square().mean(1, keepdim=True) + self.eps).sqrt()
        gain = 1 if self.layer.gain is None else self.layer.gain * self.gamma / kernels.shape[1] ** 0.5
        self.layer.weight.data = (centred / deviation).reshape(kept.shape) * gain
        y: Tensor = self.inner(x)
        self.layer.weight.data = kept
        return y


def ws_conv(a: Args, x: Shape) -> nn.Module:
    return Standardized(a, x)


class Normalised(nn.Module):
    """(x - mean) / sqrt(variance + eps) over what ``groups`` and ``positions`` take together, scaled and shifted."""

    def __init__(self, a: Args, x: Shape, groups: int, positions: bool, maps: bool = False) -> None:
        super().__init__()
        if maps and not x.is_map:
            raise ValueError("no map")
        self.eps, self.groups, self.positions = a.get("eps", 1e-5), groups, positions
        if groups < 1 or x.channels % groups or (positions and x.size == groups):
            raise ValueError("a group is left over, or each has one element")
        affine = a.get("affine", True)
        self.weight = nn.Parameter(torch.ones(x.channels)) if affine else None
        shifted = affine and a.get("shift", True)
        self.bias = nn.Parameter(torch.zeros(x.channels)) if shifted else None

    def forward(self, x: Tensor) -> Tensor:
        grouped = x.reshape(x.shape[0], self.groups, -1, *x.shape[2:])
        over = list(range(2, grouped.dim())) if self.positions else [2]
        mean = grouped.mean(over, keepdim=True)
        variance = (grouped - mean).square().mean(over, keepdim=True)
        y: Tensor = ((grouped - mean) / (variance + self.eps).sqrt()).reshape(x.shape)
        for p, how in ((self.weight, torch.mul), (self.bias, torch.add)):
            y = y if p is None else how(y, p.reshape(1, -1, *[1] * (x.dim() - 2)))
        return y


class ScaledL2(nn.Module):
    """x / ||x||_2 over the channels, times a scale for each."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(channels))

    def forward(self, x: Tensor) -> Tensor:
        length = x.square().sum(1, keepdim=True).sqrt().clamp(min=1e-12)
        y: Tensor = torch.einsum("bchw,c->bchw", x / length, self.weight)
        return y


class Responding(nn.Module):
    """x + gamma * x * N(G(x)) + beta, where G is the length of a channel and N its share of the mean length."""

    def __init__(self, channels: int, eps: float) -> None:
        super().__init__()
        self.eps = eps
        self.weight, self.bias = nn.Parameter(torch.empty(channels)), nn.Parameter(torch.empty(channels))

    def forward(self, x: Tensor) -> Tensor:
        length = torch.einsum("bchw,bchw->bc", x, x).sqrt()
        share = length / (length.mean(1)[:, None] + self.eps)
        y: Tensor = torch.einsum("bchw,bc,c->bchw", x, share, self.weight)
        return x + y + self.bias[None, :, None, None]


class AlongChannels(nn.Module):
    """A convolution along the channels, as one over columns of a map with a single row."""

    def __init__(self, kernel: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(1, 1, kernel))

    def forward(self, x: Tensor) -> Tensor:
        kernel = self.weight[:, :, None]
        if x.numel() != x.shape[0] * x.shape[1] or kernel.shape[3] % 2 == 0:
            raise ValueError("several positions, or a kernel without a middle")
        y: Tensor = F.conv2d(x.reshape(len(x), 1, 1, -1), kernel, padding=(0, kernel.shape[3] // 2))
        return y.reshape(x.shape)


def blurred(a: Args, x: Shape) -> nn.Module:
    """A depthwise convolution of what is padded, whose kernel comes from Pascal's triangle."""
    kernel = pair(a.get("kernel", 3))
    rows, columns = (functools.reduce(lambda row, _: pascal(row), range(k - 1), [1.0]) for k in kernel)
    weight = torch.tensor([[one * other for other in columns] for one in rows])
    mode = a.get("mode", "reflect")
    pads = {"zero": nn.ZeroPad2d, "reflect": nn.ReflectionPad2d, "replicate": nn.ReplicationPad2d}

    def blur(x: Tensor) -> Tensor:
        rows, columns = kernel[0] // 2, kernel[1] // 2
        y = pads[mode]((columns, columns, rows, rows))(x)
        channels = x.shape[1]
        filters = weight.to(x).expand(channels, 1, *kernel)
        return F.conv2d(y, filters, stride=pair(a.get("stride", 2)), groups=channels)

    return maps_alone(blur)


def pascal(row: list[float]) -> list[float]:
    """The next row of Pascal's triangle, halved."""
    return [(one + other) / 2 for one, other in zip([0.0, *row], [*row, 0.0], strict=True)]


class ScaledChannels(nn.Module):
    """A scale for each channel of a map."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(channels))

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = torch.einsum("bchw,c->bchw", x, self.weight)
        return y


def gelu(a: Args, x: Shape) -> nn.Module:
    if a.get("tanh"):
        return Formula(lambda t: 0.5 * t * (1 + torch.tanh((2 / math.pi) ** 0.5 * (t + 0.044715 * t**3))))
    return Formula(lambda t: t * 0.5 * (1 + torch.erf(t / 2**0.5)))


def celu(a: Args) -> nn.Module:
    alpha = a.get("alpha", 1.0)
    if alpha < 1e-6:
        raise ValueError("divided by next to nothing")
    return Formula(lambda t: t.clamp(min=0) + (alpha * (torch.exp(t / alpha) - 1)).clamp(max=0))


def softplus(a: Args) -> nn.Module:
    beta = a.get("beta", 1.0)
    if beta < 1e-6:
        raise ValueError("divided by next to nothing")
    return Formula(lambda t: torch.log(1 + torch.exp(beta * t.double())).float() / beta)


def hard_tanh(a: Args, x: Shape) -> nn.Module:
    low, high = a.get("low", -1.0), a.get("high", 1.0)
    if low >= high:
        raise ValueError("nothing between")
    return Formula(lambda t: t.clamp(low, high))


def dropped(a: Args, x: Shape) -> nn.Module:
    if not 0 <= a["p"] <= 1 or a.get("per_block", 1) < 1:
        raise ValueError("no probability, or no branches")
    return nn.Identity()


class DensePartialConv(nn.Module):
    """All pairs of maps convolved, those outside the table with zeros."""

    def __init__(self, maps: list[list[int]], channels: int, kernel: tuple[int, int], bias: bool) -> None:
        super().__init__()
        self.maps, self.channels, self.kernel = maps, channels, kernel
        self.weight = nn.Parameter(torch.empty(sum(map(len, maps)), 1, *kernel))
        self.bias = nn.Parameter(torch.zeros(len(maps))) if bias else None

    def forward(self, x: Tensor) -> Tensor:
        dense = torch.zeros(len(self.maps), self.channels, *self.kernel, device=x.device)
        links = iter(self.weight)
        for output, row in enumerate(self.maps):
            for input in row:
                dense[output, input] += next(links)[0]
        y: Tensor = F.conv2d(x, dense, self.bias)
        return y


def partial_conv(a: Args, x: Shape) -> nn.Module:
    maps = [[int(i) for i in row.split()] for row in a["maps"].split(",")]
    if any(len(set(row)) < len(row) for row in maps):
        raise ValueError("a map is listed twice")
    return DensePartialConv(maps, x.channels, pair(a["kernel"]), a.get("bias", True))


class UnfoldedSubsample(nn.Module):
    """coefficient * (sum of the window) + bias, window by window."""

    def __init__(self, channels: int, kernel: tuple[int, int]) -> None:
        super().__init__()
        self.kernel = kernel
        self.weight = nn.Parameter(torch.empty(channels))
        self.bias = nn.Parameter(torch.zeros(channels))

    def forward(self, x: Tensor) -> Tensor:
        height, width = self.kernel
        windows = x.unfold(2, height, height).unfold(3, width, width)
        return torch.einsum("bchwkl,c->bchw", windows, self.weight) + self.bias[None, :, None, None]


class LoopedRBF(nn.Module):
    """y_i = -(sum over j of (x_j - w_ij)^2), one class after the other."""

    def __init__(self, units: int, features: int) -> None:
        super().__init__()
        self.register_buffer("codes", torch.empty(units, features))

    def forward(self, x: Tensor) -> Tensor:
        assert isinstance(self.codes, Tensor)
        return torch.stack([-((x.flatten(1) - code) ** 2).sum(1) for code in self.codes], 1)


class PaperLRN(nn.Module):
    """b_i = a_i / (k + alpha * sum_j a_j^2)^beta over the n maps around i, cut at the first and the last."""

    def __init__(self, a: Args) -> None:
        super().__init__()
        self.n, self.k, self.alpha, self.beta = (
            a.get("n", 5),
            a.get("k", 2.0),
            a.get("alpha", 1e-4),
            a.get("beta", 0.75),
        )

    def forward(self, x: Tensor) -> Tensor:
        _, channels, _, _ = x.shape
        if self.n < 1:
            raise ValueError("no maps to sum over")
        result = []
        for i in range(channels):
            nearby = x[:, max(0, i - self.n // 2) : i - self.n // 2 + self.n]
            result.append(x[:, i] / (self.k + self.alpha * nearby.square().sum(1)) ** self.beta)
        return torch.stack(result, 1)


class PaperTanh(nn.Module):
    """A * tanh(S * a), the squashing function of LeCun et al. 1998."""

    def __init__(self, a: Args) -> None:
        super().__init__()
        self.amplitude, self.slope = a.get("amplitude", 1), a.get("slope", 1)

    def forward(self, x: Tensor) -> Tensor:
        growth = torch.exp(2 * self.slope * x)
        y: Tensor = self.amplitude * (1 - 2 / (growth + 1))
        return y


def pool(kind: Callable[..., nn.Module], **names: str) -> Reference:
    def make(a: Args, x: Shape) -> nn.Module:
        kernel = a.get("kernel", 2)
        more = {names[name]: value for name, value in a.items() if name in names}
        return kind(kernel, stride=a.get("stride", kernel), padding=a.get("pad", 0), **more)

    return make


def norm_pool(a: Args, x: Shape) -> nn.Module:
    (rows, columns), p = pair(a.get("kernel", 2)), a.get("p", 2.0)
    down, right = pair(a.get("stride", (rows, columns)))
    if p < 1:
        raise ValueError("no norm")
    return Formula(lambda t: (t**p).unfold(2, rows, down).unfold(3, columns, right).sum((4, 5)) ** (1 / p))


def fc(a: Args, x: Shape) -> nn.Module:
    return nn.Sequential(nn.Flatten(), nn.Linear(x.size, a["units"], a.get("bias", True)))


def bn(a: Args, x: Shape) -> nn.Module:
    return (nn.BatchNorm2d if x.is_map else nn.BatchNorm1d)(x.channels, **a)


def prelu(a: Args, x: Shape) -> nn.Module:
    return nn.PReLU(1 if a.get("shared") else x.channels, a.get("init", 0.25))


REFERENCES: dict[str, Reference] = {
    "adaptive-avgpool": lambda a, x: nn.AdaptiveAvgPool2d(a["size"]),
    "adaptive-maxpool": lambda a, x: nn.AdaptiveMaxPool2d(a["size"]),
    "avgpool": pool(nn.AvgPool2d, ceil="ceil_mode", count_include_pad="count_include_pad"),
    "blurpool": blurred,
    "bn": bn,
    "celu": lambda a, x: celu(a),
    "channel-conv": lambda a, x: AlongChannels(a.get("kernel", 3)),
    "channel-shuffle": shuffled,
    "channel-split": split,
    "channels": some_channels,
    "conv": conv,
    "crop": cropped,
    "drop-path": dropped,
    "dropout": lambda a, x: nn.Dropout(**a),
    "dwconv": dwconv,
    "elu": lambda a, x: Formula(lambda t: torch.where(t > 0, t, a.get("alpha", 1.0) * (t.exp() - 1))),
    "fc": fc,
    "flatten": lambda a, x: nn.Flatten(),
    "gelu": gelu,
    "global-avgpool": lambda a, x: nn.AdaptiveAvgPool2d(1),
    "global-maxpool": lambda a, x: maps_alone(lambda t: t.flatten(2).max(2).values[:, :, None, None]),
    "grn": lambda a, x: Responding(x.channels, a.get("eps", 1e-6)),
    "groupnorm": lambda a, x: Normalised(a, x, a.get("groups", 32), positions=True),
    "hard-sigmoid": lambda a, x: Formula(lambda t: (t + 3).clamp(0, 6) / 6),
    "hard-swish": lambda a, x: Formula(lambda t: t * (t + 3).clamp(0, 6) / 6),
    "hard-tanh": hard_tanh,
    "identity": lambda a, x: nn.Identity(),
    "instancenorm": lambda a, x: Normalised({"affine": False, **a}, x, x.channels, positions=True, maps=True),
    "l2norm": lambda a, x: ScaledL2(x.channels),
    "layer-scale": lambda a, x: ScaledChannels(x.channels),
    "layernorm": lambda a, x: Normalised(a, x, 1, positions=False),
    "leaky-relu": lambda a, x: nn.LeakyReLU(a.get("slope", 0.01)),
    "lrn": lambda a, x: PaperLRN(a),
    "lp-pool": norm_pool,
    "maxpool": pool(nn.MaxPool2d, ceil="ceil_mode", dilation="dilation"),
    "mish": lambda a, x: Formula(lambda t: t * torch.tanh(torch.log(1 + t.exp()))),
    "pad-channels": option_a,
    "pad": rimmed,
    "partial-conv": partial_conv,
    "pixel-shuffle": sub_pixels,
    "pixel-unshuffle": super_channels,
    "prelu": prelu,
    "rbf": lambda a, x: LoopedRBF(a["units"], x.size),
    "relu": lambda a, x: nn.ReLU(),
    "relu6": lambda a, x: Formula(lambda t: t.clamp(0, 6)),
    "scale": lambda a, x: Formula(lambda t: t * a["factor"]),
    "selu": lambda a, x: Formula(
        lambda t: 1.0507009873554805 * torch.where(t > 0, t, 1.6732632423543773 * (t.exp() - 1))
    ),
    "sigmoid": lambda a, x: nn.Sigmoid(),
    "silu": lambda a, x: Formula(lambda t: t / (1 + torch.exp(-t))),
    "softmax": softmax,
    "softplus": lambda a, x: softplus(a),
    "softsign": lambda a, x: Formula(lambda t: torch.where(t > 0, t / (1 + t), t / (1 - t))),
    "subsample": lambda a, x: UnfoldedSubsample(x.channels, pair(a.get("kernel", 2))),
    "tanh": lambda a, x: PaperTanh(a),
    "transposed-conv": ScatteredConv,
    "upsample": upsampled,
    "ws-conv": ws_conv,
}


def both(numbers: st.SearchStrategy[int]) -> st.SearchStrategy[Any]:
    """One number, or one for each axis."""
    return numbers | st.tuples(numbers, numbers)


def some(needed: dict[str, Any] | None = None, /, **optional: Any) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(needed or {}, optional=optional)


# Few zeros and negative numbers: those are refused, and most examples should go on.
EXTENT = both(st.sampled_from([1, 2, 3, 4, 5, 1, 2, 3, 7, 3, 2, 0]))
STEP = both(st.sampled_from([1, 2, 3, 1, 2, 1, 4, 1, 2, 1, 1, 0]))
PAD = both(st.sampled_from([0, 1, 2, 0, 1, 3, 0, 1, 0, -1]))
COUNT = st.integers(1, 12)
FEW = st.sampled_from([1, 2, 1, 3, 2, 4, 1, 0])
BIT = st.booleans()
NUMBER = st.floats(-2, 2, allow_nan=False).map(lambda value: round(value, 3))
ONCE = st.lists(st.integers(0, 2), min_size=1, max_size=3, unique=True)
TABLE = st.lists(ONCE, min_size=1, max_size=3).map(lambda rows: ", ".join(" ".join(map(str, row)) for row in rows))
PADS = st.none() | PAD | st.sampled_from(["same", "valid", "tf_same"])
POOLS: dict[str, Any] = {"kernel": EXTENT, "stride": STEP, "pad": PAD, "ceil": BIT}

STRATEGIES: dict[str, st.SearchStrategy[dict[str, Any]]] = {
    "adaptive-avgpool": some({"size": both(COUNT)}),
    "adaptive-maxpool": some({"size": both(COUNT)}),
    "avgpool": some(**POOLS, count_include_pad=BIT),
    "blurpool": some(kernel=EXTENT, stride=STEP, mode=st.sampled_from(["reflect", "zero", "replicate"])),
    "bn": some(eps=st.floats(1e-6, 1.0), momentum=st.floats(0, 1), affine=BIT),
    "celu": some(alpha=NUMBER),
    "channel-conv": some(kernel=FEW),
    "channel-shuffle": some({"groups": FEW}),
    "channel-split": some({"part": FEW, "of": FEW}),
    "channels": some({"first": FEW, "last": FEW}),
    "conv": some(
        {"kernel": EXTENT, "channels": COUNT},
        stride=STEP, pad=PADS, dilation=STEP, groups=st.sampled_from([1, 2, 3, 4, 0]), bias=BIT,
    ),
    "crop": some(size=EXTENT) | some({"by": PAD}) | some(size=EXTENT, by=PAD),
    "drop-path": some({"p": st.floats(-0.5, 1.5)}, linear=BIT, per_block=st.integers(-1, 3)),
    "dropout": some(p=st.floats(-0.5, 1.5)),
    "dwconv": some(
        {"kernel": EXTENT},
        channels=COUNT, multiplier=FEW, stride=STEP, pad=PADS, dilation=STEP, bias=BIT,
    ),
    "elu": some(alpha=NUMBER),
    "fc": some({"units": COUNT}, bias=BIT),
    "flatten": some(),
    "gelu": some(tanh=BIT),
    "global-avgpool": some(),
    "global-maxpool": some(),
    "grn": some(eps=st.floats(1e-6, 1.0)),
    "groupnorm": some({"groups": FEW}, eps=st.floats(1e-6, 1.0), affine=BIT),
    "hard-sigmoid": some(),
    "hard-swish": some(),
    "hard-tanh": some(low=NUMBER, high=NUMBER),
    "identity": some(),
    "instancenorm": some(eps=st.floats(1e-6, 1.0), affine=BIT),
    "l2norm": some(init=NUMBER),
    "layer-scale": some(init=NUMBER),
    "layernorm": some(eps=st.floats(1e-6, 1.0), affine=BIT, shift=BIT),
    "leaky-relu": some(slope=NUMBER),
    "lrn": some(n=st.integers(0, 9), k=st.floats(0.5, 4), alpha=st.floats(1e-5, 1), beta=st.floats(0.1, 2)),
    "lp-pool": some(kernel=EXTENT, stride=STEP, p=st.sampled_from([2, 1, 4, 2, 0.5])),
    "maxpool": some(**POOLS, dilation=STEP),
    "mish": some(),
    "pad-channels": some({"channels": st.integers(0, 20)}, stride=STEP),
    "pad": some({"by": PAD}, after=PAD, mode=st.sampled_from(["zero", "reflect", "replicate", "wrap"])),
    "partial-conv": some({"kernel": EXTENT, "maps": TABLE}, bias=BIT),
    "pixel-shuffle": some({"factor": FEW}),
    "pixel-unshuffle": some({"factor": FEW}),
    "prelu": some(shared=BIT, init=NUMBER),
    "rbf": some({"units": COUNT}),
    "relu": some(),
    "relu6": some(),
    "scale": some({"factor": NUMBER}),
    "selu": some(),
    "sigmoid": some(),
    "silu": some(),
    "softmax": some(channels=COUNT),
    "softplus": some(beta=NUMBER),
    "softsign": some(),
    "subsample": some(kernel=EXTENT),
    "tanh": some(amplitude=NUMBER, slope=NUMBER),
    "transposed-conv": some(
        {"kernel": EXTENT, "channels": COUNT},
        stride=STEP, pad=PAD, output_pad=PAD, dilation=STEP, groups=st.sampled_from([1, 1, 2, 3, 0]), bias=BIT,
    ),
    "upsample": some(factor=FEW, mode=st.sampled_from(["nearest", "bilinear", "bilinear", "cubic"])),
    "ws-conv": some(
        {"kernel": EXTENT, "channels": COUNT},
        stride=STEP, pad=PADS, dilation=STEP, groups=st.sampled_from([1, 2, 3, 1, 0]), bias=BIT, eps=st.floats(1e-6, 1.0),
        scaled=BIT, gamma=st.sampled_from([1.0, 1.0, 1.7]),
    ),
}  # fmt: skip

SIDE = st.integers(1, 17)
MAPS = st.tuples(COUNT, SIDE, SIDE).map(lambda dims: Shape(*dims))
VECTORS = COUNT.map(Shape)
INPUTS = st.one_of(MAPS, MAPS, MAPS, MAPS, VECTORS)
