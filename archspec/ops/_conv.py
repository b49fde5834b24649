"""What convolutions share: the window, its padding, and the torch module."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from archspec.arguments import extent, padding, step
from archspec.op import Call, Fans, Refused, Requirement, Shape, Tensor, Weighted, Window, needs_map, square
from archspec.ops._sliding import (
    Sides,
    arithmetic,
    both,
    even,
    leaves_positions,
    positions,
    split_evenly,
    starts,
    tf_same,
    widest,
)
from archspec.support.sources import beside

SOURCE = beside(__name__)


class Convolution(Weighted):
    """Kernels of H x W over groups of the input's channels; pads ``k // 2`` unless told otherwise."""

    torch_refuses: ClassVar[bool] = True
    drawn_as: ClassVar[str] = "conv"
    sized: ClassVar[str | None] = "kernel"
    fixed: ClassVar[frozenset[str]] = frozenset({"kernel", "stride", "pad", "dilation"})
    keeps: ClassVar[frozenset[str]] = frozenset({"input"})
    words_elsewhere: ClassVar[Mapping[str, str]] = {"same": "tf_same"}

    kernel = extent()
    stride = step()
    pad = padding(None, "same", "valid", "tf_same")
    dilation = step()

    @classmethod
    def implied(cls, values: Mapping[str, Any]) -> Mapping[str, Any]:
        sides = zip(values["kernel"], values["dilation"], strict=True)
        return {"pad": tuple(kernel // 2 * dilation for kernel, dilation in sides)}

    @abstractmethod
    def outputs(self, x: Shape) -> int:
        """The number of output channels."""

    @abstractmethod
    def splits(self, x: Shape) -> int:
        """The number of groups that the channels fall into."""

    def requires(self, x: Shape) -> Iterator[Requirement]:
        yield needs_map(self, x)
        yield from split_evenly(self.splits(x), input=x.channels, output=self.outputs(x))
        yield Requirement(self.pad != "same" or self.stride == (1, 1), _same_has_no_stride)
        yield leaves_positions(self, x)

    def infer(self, x: Shape) -> Shape:
        height, width = (positions(*axis) for axis in self._axes(x))
        return Shape(self.outputs(x), height, width)

    def weights(self, x: Shape) -> dict[str, Tensor]:
        kernels = {"weight": (self.outputs(x), x.channels // self.splits(x), *self.kernel)}
        return kernels | ({"bias": (self.outputs(x),)} if self.bias else {})

    def macs(self, y: Shape, x: Shape) -> int:
        return y.size * self.kernel[0] * self.kernel[1] * (x.channels // self.splits(x))

    def filters(self, x: Shape) -> str:
        return "x".join(map(str, (*self.kernel, x.channels // self.splits(x), self.outputs(x))))

    def window(self, x: Shape) -> Window:
        return Window(widest(self.kernel, self.dilation), self.stride, starts(self._sides(x)))

    def keeping(self, x: Shape) -> frozenset[str]:
        # torch keeps what it pads before it convolves in the place of the input, also where it pads by nothing.
        by_word = self.pad in ("same", "tf_same") and self._padded(x) != x.extent
        return frozenset({"mask"}) if self._follows_input or by_word else self.keeps

    def masks(self, y: Shape, x: Shape) -> int:
        height, width = self._padded(x)
        return x.channels * height * width

    def _padded(self, x: Shape) -> tuple[int, int]:
        """Height and width of what the convolution itself gets: its own padding is the same on both sides."""
        rows, columns = (
            n + (before + after if self._follows_input else after - before)
            for n, (before, after) in zip(x.extent, self._sides(x), strict=True)
        )
        return rows, columns

    def why(self, x: Shape) -> str:
        return both([arithmetic(*axis) for axis in self._axes(x)])

    def torch(self, x: Shape) -> tuple[Call, ...]:
        args = {"in_channels": x.channels, "out_channels": self.outputs(x), "kernel_size": square(self.kernel)}
        options = {
            "stride": square(self.stride),
            "padding": self._padding(x),
            "dilation": square(self.dilation),
            "groups": self.splits(x),
            "bias": self.bias,
        }
        defaults = {"stride": 1, "padding": 0, "dilation": 1, "groups": 1, "bias": True}
        if self._follows_input:
            module = SOURCE.definition("Conv2dSame")
            return (Call("Conv2dSame", args, options, defaults, module, base="nn.Conv2d", fans=Fans.RIGHT),)
        return (Call("nn.Conv2d", args, options, defaults, fans=Fans.RIGHT),)

    @property
    def _follows_input(self) -> bool:
        """Whether the padding depends on the size of the map, so that it is found when the network runs."""
        return self.pad == "tf_same" and self.stride != (1, 1)

    def _padding(self, x: Shape) -> Any:
        """torch's argument: at stride 1, TensorFlow's padding is torch's "same"."""
        if self._follows_input:
            return 0
        rows, columns = self._sides(x)
        return square((rows[0], columns[0])) if even((rows, columns)) else "same"

    def _axes(self, x: Shape) -> list[tuple[int, int, int, int, int, int]]:
        sides = self._sides(x)
        return [
            (n, k, s, before, after, d)
            for n, k, s, (before, after), d in zip(
                x.extent, self.kernel, self.stride, sides, self.dilation, strict=True
            )
        ]

    def _sides(self, x: Shape) -> Sides:
        rows, columns = (self._side(axis, x.extent[axis]) for axis in (0, 1))
        return rows, columns

    def _side(self, axis: int, n: int) -> tuple[int, int]:
        kernel, stride, dilation = self.kernel[axis], self.stride[axis], self.dilation[axis]
        if self.pad == "tf_same":
            return tf_same(n, kernel, stride, dilation)
        if self.pad == "valid":
            return 0, 0
        if self.pad == "same":
            total = dilation * (kernel - 1)
            return total // 2, total - total // 2
        pad = dilation * (kernel // 2) if self.pad is None else self.pad[axis]
        return pad, pad


def _same_has_no_stride() -> Refused:
    return Refused(
        "`pad=same` is not defined for a strided convolution",
        param="pad",
        help="leave `pad` out for k // 2 on each side, or use `pad=tf_same`",
    )
