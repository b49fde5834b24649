"""Random arguments for every layer type, and each layer written by hand in torch, by the paper's formula."""

from __future__ import annotations

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
    "bn": bn,
    "conv": conv,
    "dropout": lambda a, x: nn.Dropout(**a),
    "fc": fc,
    "flatten": lambda a, x: nn.Flatten(),
    "global-avgpool": lambda a, x: nn.AdaptiveAvgPool2d(1),
    "identity": lambda a, x: nn.Identity(),
    "leaky-relu": lambda a, x: nn.LeakyReLU(a.get("slope", 0.01)),
    "lrn": lambda a, x: PaperLRN(a),
    "maxpool": pool(nn.MaxPool2d, ceil="ceil_mode", dilation="dilation"),
    "partial-conv": partial_conv,
    "prelu": prelu,
    "rbf": lambda a, x: LoopedRBF(a["units"], x.size),
    "relu": lambda a, x: nn.ReLU(),
    "sigmoid": lambda a, x: nn.Sigmoid(),
    "softmax": lambda a, x: nn.Softmax(1),
    "subsample": lambda a, x: UnfoldedSubsample(x.channels, pair(a.get("kernel", 2))),
    "tanh": lambda a, x: PaperTanh(a),
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
    "bn": some(eps=st.floats(1e-6, 1.0), momentum=st.floats(0, 1), affine=BIT),
    "conv": some(
        {"kernel": EXTENT, "channels": COUNT},
        stride=STEP, pad=PADS, dilation=STEP, groups=st.sampled_from([1, 2, 3, 4, 0]), bias=BIT,
    ),
    "dropout": some(p=st.floats(-0.5, 1.5)),
    "fc": some({"units": COUNT}, bias=BIT),
    "flatten": some(),
    "global-avgpool": some(),
    "identity": some(),
    "leaky-relu": some(slope=NUMBER),
    "lrn": some(n=st.integers(0, 9), k=st.floats(0.5, 4), alpha=st.floats(1e-5, 1), beta=st.floats(0.1, 2)),
    "maxpool": some(**POOLS, dilation=STEP),
    "partial-conv": some({"kernel": EXTENT, "maps": TABLE}, bias=BIT),
    "prelu": some(shared=BIT, init=NUMBER),
    "rbf": some({"units": COUNT}),
    "relu": some(),
    "sigmoid": some(),
    "softmax": some(),
    "subsample": some(kernel=EXTENT),
    "tanh": some(amplitude=NUMBER, slope=NUMBER),
}  # fmt: skip

SIDE = st.integers(1, 17)
MAPS = st.tuples(COUNT, SIDE, SIDE).map(lambda dims: Shape(*dims))
VECTORS = COUNT.map(Shape)
INPUTS = st.one_of(MAPS, MAPS, MAPS, MAPS, VECTORS)
