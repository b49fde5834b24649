"""Small modules of torch, each with the layers that it is read as: what no library happens to write is here too."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class Case(NamedTuple):
    """A module, what enters it as H x W x C, and the layers that it is, with what each says beside its defaults."""

    make: Callable[[], nn.Module]
    input: tuple[int, ...]
    layers: str


class By(nn.Module):
    """A module whose forward is a function of the input and the modules that it holds."""

    def __init__(self, forward: Callable[..., Tensor], **held: nn.Module) -> None:
        super().__init__()
        self.says = forward
        for name, module in held.items():
            self.add_module(name, module)

    def forward(self, x: Tensor) -> Tensor:
        return self.says(x, *self.children())


class Standardized(nn.Conv2d):
    """A convolution by standardized kernels, as timm writes it."""

    def forward(self, input: Tensor) -> Tensor:
        kernels = self.weight.reshape(1, self.out_channels, -1)
        weight = F.batch_norm(kernels, None, None, training=True, momentum=0.0, eps=1e-6).reshape_as(self.weight)
        return F.conv2d(input, weight, self.bias, self.stride, self.padding, self.dilation, self.groups)


class ScaledStandardized(nn.Conv2d):
    """A convolution by scaled standardized kernels, as timm writes it."""

    def __init__(self, inputs: int, outputs: int, kernel: int) -> None:
        super().__init__(inputs, outputs, kernel)
        self.gain = nn.Parameter(torch.ones(outputs, 1, 1, 1))
        self.scale = 1.7 * self.weight[0].numel() ** -0.5

    def forward(self, input: Tensor) -> Tensor:
        kernels, gains = self.weight.reshape(1, self.out_channels, -1), (self.gain * self.scale).view(-1)
        weight = F.batch_norm(kernels, None, None, gains, training=True, momentum=0.0, eps=1e-6)
        return F.conv2d(input, weight.reshape_as(self.weight), self.bias)


class ResidualOverwritten(nn.Module):
    """The shortcut is what the activation has written over."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1, self.conv2, self.relu = nn.Conv2d(3, 3, 1), nn.Conv2d(3, 3, 1), nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        y = self.conv1(x)
        found: Tensor = self.conv2(self.relu(y)) + y
        return found


class Gained(nn.Module):
    """A learned factor for each channel, channels last, as ConvNeXt has it."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.gamma = nn.Conv2d(6, 6, 1), nn.Parameter(torch.full((6,), 1e-5))

    def forward(self, x: Tensor) -> Tensor:
        found: Tensor = x + (self.conv(x).permute(0, 2, 3, 1) * self.gamma).permute(0, 3, 1, 2)
        return found


class GlobalResponseNorm(nn.Module):
    """Channels that respond by their lengths, channels last, as timm writes it."""

    channels_last, eps = True, 1e-5

    def __init__(self) -> None:
        super().__init__()
        self.weight, self.bias = nn.Parameter(torch.rand(6)), nn.Parameter(torch.rand(6))

    def forward(self, x: Tensor) -> Tensor:
        length = x.norm(p=2, dim=(1, 2), keepdim=True)
        share = length / (length.mean(-1, keepdim=True) + self.eps)
        return x + torch.addcmul(self.bias, self.weight, x * share)


class BlurPool2d(nn.Module):
    """A blur by binomial coefficients, as timm writes it."""

    def __init__(self, stride: int = 2) -> None:
        super().__init__()
        self.filt_size, self.stride, self.pad_mode, self.padding = 3, stride, "reflect", [1] * 4
        row = torch.tensor([0.25, 0.5, 0.25])
        self.register_buffer("filt", torch.outer(row, row).repeat(6, 1, 1, 1), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        x = F.pad(x, self.padding, mode=self.pad_mode)
        return F.conv2d(x, self.filt, stride=self.stride, groups=6)  # type: ignore[arg-type]


def channel_attention(x: Tensor, along: nn.Module) -> Tensor:
    """ECA-Net's gate."""
    y: Tensor = along(x.mean((2, 3)).view(len(x), 1, -1)).sigmoid()
    return x * y.view(len(x), -1, 1, 1).expand_as(x)


def gate(x: Tensor, squeeze: nn.Module, excite: nn.Module) -> Tensor:
    """Squeeze and excitation by fully connected layers."""
    y = x.mean((2, 3))
    return x * torch.sigmoid(excite(F.relu(squeeze(y)))).view(1, -1, 1, 1)


def shuffled(x: Tensor) -> Tensor:
    """ShuffleNet's shuffle."""
    n, c, h, w = x.shape
    return x.view(n, 3, c // 3, h, w).transpose(1, 2).contiguous().view(n, c, h, w)


def space_to_depth(x: Tensor) -> Tensor:
    """Positions become channels, the positions of a square first, as TensorFlow orders them."""
    n, c, h, w = x.shape
    return x.view(n, c, h // 2, 2, w // 2, 2).permute(0, 3, 5, 1, 2, 4).reshape(n, 4 * c, h // 2, w // 2)


def last(x: Tensor, norm: nn.Module, first: nn.Module, second: nn.Module) -> Tensor:
    """ConvNeXt's channels last."""
    y = norm(x.permute(0, 2, 3, 1))
    found: Tensor = x + second(F.gelu(first(y))).permute(0, 3, 1, 2)
    return found


def tokens(x: Tensor, norm: nn.Module, linear: nn.Module) -> Tensor:
    """Positions in a row."""
    y = linear(norm(x.flatten(2).transpose(1, 2)))
    found: Tensor = y.transpose(1, 2).reshape(1, -1, 4, 6)
    return found


def conv(*args: object, **more: object) -> Callable[[], nn.Module]:
    return lambda: nn.Conv2d(*args, **more)  # type: ignore[arg-type]


def layer(kind: type[nn.Module], *args: object, **more: object) -> Callable[[], nn.Module]:
    return lambda: kind(*args, **more)


def by(forward: Callable[..., Tensor], **held: Callable[[], nn.Module]) -> Callable[[], nn.Module]:
    return lambda: By(forward, **{name: make() for name, make in held.items()})


MAP, WIDE, VECTOR = (8, 8, 6), (4, 6, 12), (12,)
CASES: dict[str, Case] = {
    "conv": Case(conv(6, 8, 3), MAP, "conv 3x3, 8, pad=0"),
    "conv, padded": Case(conv(6, 8, 3, 2, 1, bias=False), MAP, "conv 3x3, 8, /2, no bias"),
    "conv, padded by words": Case(conv(6, 8, (3, 4), padding="same"), MAP, "conv 3x4, 8, pad=same"),
    "conv, even": Case(conv(6, 8, (4, 1), (2, 1), (1, 0)), MAP, "conv 4x1, 8, /2x1, pad=1x0"),
    "conv, grouped": Case(conv(6, 8, 3, 1, 2, 2, 2), MAP, "conv 3x3, 8, groups=2, dilation=2"),
    "conv behind its padding": Case(
        lambda: nn.Sequential(nn.ZeroPad2d(2), nn.Conv2d(6, 4, 3, padding=1)), MAP, "conv 3x3, 4, pad=3"
    ),
    "conv, padded as in TensorFlow": Case(
        lambda: nn.Sequential(nn.ZeroPad2d((0, 1, 0, 1)), nn.Conv2d(6, 6, 3, 2, groups=6)),
        MAP,
        "dwconv 3x3, /2, pad=tf_same",
    ),
    "conv, padded unevenly": Case(
        lambda: nn.Sequential(nn.ZeroPad2d((1, 0, 1, 0)), nn.Conv2d(6, 4, 3, 2)),
        MAP,
        "pad 1x1, after=0; conv 3x3, 4, /2, pad=0",
    ),
    "dwconv": Case(conv(6, 12, 3, 1, 1, groups=6), MAP, "dwconv 3x3, multiplier=2"),
    "ws-conv, scaled": Case(
        layer(ScaledStandardized, 6, 8, 3), MAP, "ws-conv 3x3, 8, eps=1e-06, gamma=1.7, pad=0, scaled"
    ),
    "layernorm without a shift": Case(layer(nn.LayerNorm, 12, bias=False), VECTOR, "layernorm no shift"),
    "ws-conv": Case(layer(Standardized, 6, 8, 3), MAP, "ws-conv 3x3, 8, eps=1e-06, pad=0"),
    "transposed-conv": Case(
        layer(nn.ConvTranspose2d, 6, 4, 3, 2, 1, 1, 2), MAP, "transposed-conv 3x3, 4, /2, pad=1, output_pad=1, groups=2"
    ),
    "fc": Case(layer(nn.Linear, 12, 5), VECTOR, "fc 5"),
    "fc of a map": Case(
        lambda: nn.Sequential(nn.Flatten(), nn.Dropout(0.3), nn.Linear(384, 5, bias=False)),
        MAP,
        "dropout 0.3; fc 5, no bias",
    ),
    "bn": Case(layer(nn.BatchNorm2d, 6, eps=1e-3, momentum=0.2), MAP, "bn eps=0.001, momentum=0.2"),
    "bn of a vector": Case(layer(nn.BatchNorm1d, 12, affine=False), VECTOR, "bn no affine"),
    "groupnorm": Case(layer(nn.GroupNorm, 3, 6), MAP, "groupnorm 3"),
    "layernorm of a vector": Case(layer(nn.LayerNorm, 12, eps=1e-6), VECTOR, "layernorm eps=1e-06"),
    "instancenorm": Case(layer(nn.InstanceNorm2d, 6, affine=True), MAP, "instancenorm affine"),
    "lrn": Case(layer(nn.LocalResponseNorm, 4, alpha=2e-3, k=1), MAP, "lrn 4, k=1, alpha=0.0005"),
    "channels last": Case(
        by(last, norm=layer(nn.LayerNorm, 6), first=layer(nn.Linear, 6, 24), second=layer(nn.Linear, 24, 6)),
        MAP,
        "layernorm; conv 1x1, 24; gelu; conv 1x1, 6; add",
    ),
    "tokens": Case(
        by(tokens, norm=layer(nn.LayerNorm, 12), linear=layer(nn.Linear, 12, 5)), WIDE, "layernorm; conv 1x1, 5"
    ),
    "maxpool": Case(layer(nn.MaxPool2d, 3, 2, 1, ceil_mode=True), MAP, "maxpool 3x3, /2, pad=1, ceil"),
    "maxpool, usual": Case(layer(nn.MaxPool2d, 2), MAP, "maxpool"),
    "avgpool": Case(
        layer(nn.AvgPool2d, 3, 1, 1, count_include_pad=False), MAP, "avgpool 3x3, /1, pad=1, no count_include_pad"
    ),
    "global-avgpool": Case(layer(nn.AdaptiveAvgPool2d, 1), MAP, "global-avgpool"),
    "global-maxpool": Case(by(lambda x: x.amax((2, 3), keepdim=True)), MAP, "global-maxpool"),
    "adaptive-avgpool": Case(layer(nn.AdaptiveAvgPool2d, (3, None)), MAP, "adaptive-avgpool 3x8"),
    "adaptive-maxpool": Case(layer(nn.AdaptiveMaxPool2d, 3), MAP, "adaptive-maxpool 3x3"),
    "lp-pool": Case(layer(nn.LPPool2d, 2, 3, 2), MAP, "lp-pool 3x3, /2"),
    "activations": Case(
        lambda: nn.Sequential(
            nn.Sigmoid(), nn.Tanh(), nn.SiLU(), nn.Mish(), nn.Hardswish(), nn.Hardsigmoid(), nn.SELU(), nn.Softsign()
        ),
        MAP,
        "sigmoid; tanh; silu; mish; hard-swish; hard-sigmoid; selu; softsign",
    ),
    "activations with arguments": Case(
        lambda: nn.Sequential(
            nn.LeakyReLU(0.1), nn.ELU(0.5), nn.CELU(2), nn.GELU("tanh"), nn.Softplus(2), nn.Hardtanh(0.5, 2), nn.PReLU()
        ),
        MAP,
        "leaky-relu 0.1; elu 0.5; celu 2; gelu tanh; softplus 2; hard-tanh low=0.5, high=2; prelu shared",
    ),
    "prelu": Case(layer(nn.PReLU, 6, init=0.1), MAP, "prelu 0.1"),
    "relu6": Case(lambda: nn.Sequential(nn.ReLU6(), nn.ReLU(inplace=True)), MAP, "relu6; relu"),
    "cut": Case(by(lambda x: x.clamp(min=0).clamp(-1, 6)), MAP, "relu; hard-tanh high=6"),
    "softmax": Case(by(lambda x: x.softmax(1) + x), MAP, "softmax; add"),
    "add": Case(
        by(lambda x, a, b: a(x) + b(x), a=conv(6, 4, 1), b=conv(6, 4, 1)), MAP, "conv 1x1, 4; conv 1x1, 4; add"
    ),
    "concat": Case(
        by(lambda x, a, b: torch.cat([b(x), x, a(x)], 1), a=conv(6, 4, 1), b=conv(6, 5, 1)),
        MAP,
        "conv 1x1, 5; conv 1x1, 4; concat",
    ),
    "sum of Python": Case(by(lambda x, a: sum([a(x), -x]), a=conv(6, 6, 1)), MAP, "conv 1x1, 6; scale -1; add"),
    "difference": Case(by(lambda x, a: a(x).sub(x, alpha=2), a=conv(6, 6, 1)), MAP, "conv 1x1, 6; scale -2; add"),
    "scale": Case(by(lambda x: 0.25 * x / 2), MAP, "scale 0.25; scale 0.5"),
    "layer-scale": Case(layer(Gained), MAP, "conv 1x1, 6; layer-scale 1e-05; add"),
    "grn": Case(
        by(lambda x, norm: norm(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2), norm=layer(GlobalResponseNorm)),
        MAP,
        "grn eps=1e-05",
    ),
    "blurpool": Case(layer(BlurPool2d), MAP, "blurpool"),
    "blurpool, of one step": Case(layer(BlurPool2d, 1), MAP, "blurpool /1"),
    "channel-conv": Case(
        by(channel_attention, along=layer(nn.Conv1d, 1, 1, 5, padding=2, bias=False)),
        MAP,
        "global-avgpool; channel-conv 5; sigmoid; multiply",
    ),
    "gate": Case(
        by(gate, squeeze=layer(nn.Linear, 6, 3), excite=layer(nn.Linear, 3, 6)),
        MAP,
        "global-avgpool; fc 3; relu; fc 6; sigmoid; multiply",
    ),
    "gate, stretched": Case(
        by(lambda x, a: x * a(x.mean((2, 3), keepdim=True)).expand_as(x), a=conv(6, 6, 1)),
        MAP,
        "global-avgpool; conv 1x1, 6; multiply",
    ),
    "written over": Case(ResidualOverwritten, (8, 8, 3), "conv 1x1, 3; relu; conv 1x1, 3; add"),
    "chunk": Case(
        by(lambda x: torch.cat(x.chunk(3, 1)[::-1], 1)),
        MAP,
        "channel-split 1, 3; channel-split 2, 3; channel-split 3, 3; concat",
    ),
    "split": Case(
        by(lambda x: torch.cat(x.split([1, 5], 1)[::-1], 1)), MAP, "channel-split 1, 6; channels 2..6; concat"
    ),
    "channel-shuffle": Case(by(shuffled), MAP, "channel-shuffle 3"),
    "channel-shuffle of torch": Case(layer(nn.ChannelShuffle, 2), MAP, "channel-shuffle 2"),
    "pixel-shuffle": Case(layer(nn.PixelShuffle, 2), WIDE, "pixel-shuffle 2"),
    "pixel-unshuffle": Case(layer(nn.PixelUnshuffle, 2), WIDE, "pixel-unshuffle 2"),
    "space to depth": Case(by(space_to_depth), WIDE, "pixel-unshuffle 2; channel-shuffle 12"),
    "pad": Case(
        lambda: nn.Sequential(nn.ZeroPad2d((1, 2, 3, 0)), nn.ReflectionPad2d(1)),
        MAP,
        "pad 3x1, after=0x2; pad 1x1, mode=reflect",
    ),
    "pad-channels": Case(by(lambda x: F.pad(x[:, :, ::2, ::2], (0, 0, 0, 0, 0, 4))), MAP, "pad-channels 10, /2"),
    "crop": Case(by(lambda x: x[:, :, 1:-1, 2:-2]), MAP, "crop by=1x2"),
    "upsample": Case(layer(nn.Upsample, scale_factor=2), MAP, "upsample"),
    "upsample, bilinear": Case(
        by(lambda x: F.interpolate(x, (24, 24), mode="bilinear")), MAP, "upsample 3, mode=bilinear"
    ),
}
