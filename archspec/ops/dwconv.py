"""Depthwise convolution (Howard et al. 2017, MobileNets, section 3.1): ``dwconv 3x3, /2``, ``dwconv 3x3, 64``.

Papers print the channels that come out beside the kernel, as of any convolution, and others a number of kernels for
each channel. A bare number is taken for channels, and for nothing where as many do not come out.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from archspec.arguments import count, optional
from archspec.op import Refused, Requirement, Shape
from archspec.ops._conv import Convolution


class DWConv(Convolution):
    """``multiplier`` kernels for each input channel, which see that channel alone; pads as ``conv``."""

    printed_as: ClassVar[tuple[str, ...]] = ("conv dw", "dw conv", "depthwise conv", "depthwise convolution")
    elsewhere: ClassVar[tuple[str, ...]] = ("depthwise",)
    filters_as: ClassVar[str] = "{} dw"
    label: ClassVar[str] = "DWConv"
    bare: ClassVar[tuple[str, ...]] = ("channels",)
    makes: ClassVar[str | None] = "channels"
    multiplies: ClassVar[str | None] = "multiplier"
    restates: ClassVar[frozenset[str]] = frozenset({"channels"})

    kernel = Convolution.kernel
    channels = optional(count())
    multiplier = count(1)

    def requires(self, x: Shape) -> Iterator[Requirement]:
        yield from super().requires(x)
        if self.channels is not None:
            yield Requirement(self.channels == self.outputs(x), lambda: self._other_channels(x))

    def outputs(self, x: Shape) -> int:
        return x.channels * self.multiplier

    def splits(self, x: Shape) -> int:
        return x.channels

    def filters(self, x: Shape) -> str:
        several = (self.multiplier,) if self.multiplier > 1 else ()
        return self.filters_as.format("x".join(map(str, (*self.kernel, x.channels, *several))))

    def _other_channels(self, x: Shape) -> Refused:
        """What is said of a bare number that is not the channels: it may stand for kernels for each channel."""
        assert self.channels is not None
        rows, columns = self.stride
        strided = "" if self.stride == (1, 1) else f", /{rows}" if rows == columns else f", /{rows}x{columns}"
        own = f", multiplier={self.multiplier}" if self.multiplier > 1 else ""
        more, left = divmod(self.channels, x.channels)
        more = self.channels if left or more < 2 else more
        written = "dwconv {}x{}".format(*self.kernel)
        return Refused(
            f"this `dwconv` gives {self.outputs(x)} channels, not {self.channels}",
            param="channels",
            why=f"each of {x.channels} channels has {_kernels(self.multiplier)}",
            help=f"write `{written}{own}{strided}`, or, for {_kernels(more)} a channel, "
            f"`{written}, multiplier={more}{strided}`",
        )


def _kernels(n: int) -> str:
    return "1 kernel" if n == 1 else f"{n} kernels"
