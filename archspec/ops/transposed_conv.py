"""Transposed convolution (Zeiler et al. 2010, Deconvolutional Networks): ``transposed-conv 4x4, 64, /2, pad=1``."""

from __future__ import annotations

from collections.abc import Iterator
from math import gcd
from typing import ClassVar

from archspec.arguments import count, extent, step
from archspec.expressions.numeric import greatest
from archspec.op import Call, Fans, Refused, Requirement, Shape, Tensor, Weighted, Window, needs_map, square
from archspec.ops._sliding import both, leaves_positions, split_evenly


class TransposedConv(Weighted):
    """Each position of the input lays its kernels ``stride`` apart into the output, of which ``pad`` is cut off."""

    torch_refuses: ClassVar[bool] = True
    drawn_as: ClassVar[str] = "conv"
    printed_as: ClassVar[tuple[str, ...]] = ("deconv", "deconvolution", "transposed convolution")
    steps_by_kernel: ClassVar[tuple[str, ...]] = ("up-conv", "up-convolution")
    elsewhere: ClassVar[tuple[str, ...]] = ("conv-transpose", "conv2d-transpose", "transpose-conv")
    enlarges: ClassVar[bool] = True
    label: ClassVar[str] = "TransposedConv"
    bare: ClassVar[tuple[str, ...]] = ("channels",)
    makes: ClassVar[str | None] = "channels"
    sized: ClassVar[str | None] = "kernel"
    fixed: ClassVar[frozenset[str]] = frozenset({"kernel", "stride", "pad", "output_pad", "dilation"})
    keeps: ClassVar[frozenset[str]] = frozenset({"input"})

    kernel = extent()
    channels = count()
    stride = step()
    pad = extent((0, 0), least=0, tries=lambda kernel: range(kernel + 1))
    output_pad = extent((0, 0), least=0, tries=lambda kernel: range(kernel))
    dilation = step()
    groups = count(1)

    def requires(self, x: Shape) -> Iterator[Requirement]:
        yield needs_map(self, x)
        yield from split_evenly(self.groups, input=x.channels, output=self.channels)
        for axis in zip(self.output_pad, self.stride, self.dilation, strict=True):
            yield _pads_less_than_a_step(*axis)
        yield leaves_positions(self, x)

    def infer(self, x: Shape) -> Shape:
        height, width = (_grown(*axis) for axis in self._axes(x))
        return Shape(self.channels, height, width)

    def weights(self, x: Shape) -> dict[str, Tensor]:
        kernels = {"weight": (x.channels, self.channels // self.groups, *self.kernel)}
        return kernels | ({"bias": (self.channels,)} if self.bias else {})

    def macs(self, y: Shape, x: Shape) -> int:
        # Each element of the input meets each weight of its kernels once, those that are cut off included.
        return x.size * self.kernel[0] * self.kernel[1] * (self.channels // self.groups)

    def filters(self, x: Shape) -> str:
        return "x".join(map(str, (*self.kernel, x.channels // self.groups, self.channels)))

    def window(self, x: Shape) -> Window:
        rows, columns = (_seen(*axis) for axis in zip(self.kernel, self.stride, self.pad, self.dilation, strict=True))
        return Window((rows[0], columns[0]), (1, 1), (rows[1], columns[1]), self.stride)

    def why(self, x: Shape) -> str:
        return both([_arithmetic(*axis) for axis in self._axes(x)])

    def torch(self, x: Shape) -> tuple[Call, ...]:
        args = {"in_channels": x.channels, "out_channels": self.channels, "kernel_size": square(self.kernel)}
        options = {
            "stride": square(self.stride),
            "padding": square(self.pad),
            "output_padding": square(self.output_pad),
            "groups": self.groups,
            "bias": self.bias,
            "dilation": square(self.dilation),
        }
        defaults = {"stride": 1, "padding": 0, "output_padding": 0, "groups": 1, "bias": True, "dilation": 1}
        return (Call("nn.ConvTranspose2d", args, options, defaults, fans=Fans.SWAPPED),)

    def _axes(self, x: Shape) -> list[tuple[int, int, int, int, int, int]]:
        return list(
            zip(x.extent, self.kernel, self.stride, self.pad, self.dilation, self.output_pad, strict=True),
        )


def _pads_less_than_a_step(more: int, stride: int, dilation: int) -> Requirement:
    most = greatest(stride, dilation)
    return Requirement(
        more < most,
        lambda: Refused(
            f"`output_pad` must be smaller than the stride or the dilation: {more}",
            param="output_pad",
            why=f"max({stride}, {dilation}) = {most}",
        ),
    )


def _grown(n: int, kernel: int, stride: int, pad: int, dilation: int, more: int) -> int:
    """How many positions ``n`` become along one axis."""
    return (n - 1) * stride - 2 * pad + dilation * (kernel - 1) + 1 + more


def _arithmetic(n: int, kernel: int, stride: int, pad: int, dilation: int, more: int) -> str:
    """The same, written out: ``(7 - 1)*2 - 2*1 + 4 = 14``."""
    extent = f"{dilation}*({kernel} - 1) + 1" if dilation > 1 else f"{kernel}"
    rest = f" + {more}" if more else ""
    out = _grown(n, kernel, stride, pad, dilation, more)
    return f"({n} - 1)*{stride} - 2*{pad} + {extent}{rest} = {out}"


def _seen(kernel: int, stride: int, pad: int, dilation: int) -> tuple[int, int]:
    """How much of the input the widest output sees along one axis, and how far before its start the first begins.

    Input i reaches output o where o = i*stride - pad + j*dilation for an element j of the kernel. For one output that
    holds for every ``step``-th j at most.
    """
    step = stride // gcd(stride, dilation)
    reach = (kernel - 1) // step * step * dilation // stride
    return reach + 1, greatest((dilation * (kernel - 1) - pad) // stride, 0)
