"""What a counter that runs the emitted code sees of one layer, and the formulas by which such counters count.

Popular counters know nothing of layers: they meet torch modules, or the functions that these call. So their formulas go
by torch's names, which every op gives already for emission, and a new op needs no line here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from math import gcd, prod
from typing import Any, NamedTuple

from archspec.op import Call, Join, Op, Shape, Tensor, Weighted

EXPRESSION = Call("")
"""What joins are emitted as: ``a + b`` is not a module, and Python's operators are what no counter listens to."""


TRANSPOSED = "nn.ConvTranspose2d"
"""The convolution whose multiply-accumulates go by its inputs, where those of others go by their outputs."""
ALONG = "nn.Conv1d"
"""The convolution along the channels of one position."""


class Seen(NamedTuple):
    """One torch module at work: the call that makes it, what flows in and out, and what the layer does in it."""

    call: Call
    x: Shape
    y: Shape
    macs: int = 0
    biased: int = 0
    """The outputs to which a bias is added."""
    weights: Mapping[str, Tensor] = {}
    added: int = 0
    """The elements of the inputs that are added to the first."""

    @property
    def module(self) -> str:
        """The torch module that it is, or is derived from."""
        return self.call.base or self.call.target

    @property
    def affine(self) -> bool:
        """Whether a normalisation has a scale of its own."""
        return "weight" in self.weights


Formula = Callable[[Seen], int]


def seen(op: Op, y: Shape, *xs: Shape) -> Iterator[Seen]:
    """The torch modules of one layer; its weights and its multiply-accumulates are in the last."""
    *before, last = op.torch(*xs) or (EXPRESSION,)
    x = xs[0]
    for call in before:
        yield Seen(call, x, x := _padded(call, x))
    yield whole(op, y, *xs)._replace(call=last, x=x, weights=op.weights(*xs))
    yield from (Seen(child, x, y) for child in last.children)


def whole(op: Op, y: Shape, *xs: Shape) -> Seen:
    """One layer as a whole, for what is counted without a look at its torch modules."""
    macs = op.macs(y, *xs)
    biased = op.connections(y, *xs) - macs if isinstance(op, Weighted) else 0
    added = y.size * (len(xs) - 1) if isinstance(op, Join) and op.sums else 0
    return Seen(EXPRESSION, xs[0], y, macs, biased, added=added)


def macs(seen: Seen) -> int:
    """Multiply-accumulates."""
    return seen.macs


def bias(seen: Seen) -> int:
    """One addition for each output that has a bias."""
    return seen.biased


def inputs(times: Mapping[str, int]) -> Formula:
    """So many for each element that flows into modules of these names."""
    return lambda seen: times.get(seen.module, 0) * seen.x.size


def norms(modules: Mapping[str, tuple[int, int]]) -> Formula:
    """So many for each element of a normalisation: with a scale, and without."""

    def formula(seen: Seen) -> int:
        affine, plain = modules.get(seen.module, (0, 0))
        return seen.x.size * (affine if seen.affine else plain)

    return formula


def upsampled(times: Mapping[str, int]) -> Formula:
    """So many for each output of an interpolation, by its mode."""

    def formula(seen: Seen) -> int:
        mode = seen.call.options.get("mode", "nearest")
        return times.get(mode, 0) * seen.y.size if seen.module == "nn.Upsample" else 0

    return formula


def torchs_own(formula: Formula) -> Formula:
    """The formula where a counter goes by the exact type: a class that is derived from torch's counts nothing."""
    return lambda seen: 0 if seen.call.module else formula(seen)


def within(formula: Formula, *modules: str) -> Formula:
    """The formula where a counter knows these modules alone, and those that are derived from them."""
    return lambda seen: formula(seen) if seen.module in modules else 0


def twice(formula: Formula) -> Formula:
    """The formula where a counter counts a multiplication and an addition apart, and other work once."""
    return lambda seen: 2 * formula(seen)


def derived_too(formula: Formula) -> Formula:
    """The formula where a counter goes by the type and those that it is derived from."""
    return lambda seen: formula(seen) if seen.call.base or not seen.call.module else 0


def numeric_padding(formula: Formula) -> Formula:
    """The formula where a counter misses convolutions whose padding is torch's word "same"."""
    return lambda seen: 0 if seen.call.options.get("padding") == "same" else formula(seen)


def halved_padding(formula: Formula) -> Formula:
    """The formula where the odd one of torch's "same" padding is forgotten, and with it one output."""
    return lambda seen: _kept(seen, formula(seen))


def _kept(seen: Seen, amount: int) -> int:
    if seen.call.options.get("padding") != "same":
        return amount
    kernels, dilations = _pair(seen.call.args["kernel_size"]), _pair(seen.call.options["dilation"])
    lost = [d * (k - 1) % 2 for k, d in zip(kernels, dilations, strict=True)]
    kept = [n - one for n, one in zip(seen.y.extent, lost, strict=True)]
    return amount // prod(seen.y.extent) * prod(kept)


def grouped_twice(seen: Seen) -> int:
    """Multiply-accumulates where the outputs of a group of a transposed convolution are divided by the groups again."""
    if seen.module != TRANSPOSED:
        return seen.macs
    _, outputs, *kernel = seen.weights["weight"]
    return seen.x.size * prod(kernel) * (outputs // int(seen.call.options["groups"]))


def at_outputs(seen: Seen) -> int:
    """Each weight at each position of the output: more than a transposed convolution has, less than one along the
    channels, whose steps are no positions, and nothing where no weight is trained.
    """
    if not seen.weights:
        return 0
    if seen.module not in (TRANSPOSED, ALONG):
        return seen.macs
    return prod(seen.weights["weight"]) * (prod(seen.y.extent) if seen.y.is_map else 1)


def parameters(seen: Seen) -> int:
    """The parameters of a module that neither multiplies matrices nor has children: each is taken for one mult-add."""
    if seen.macs or seen.call.children:
        return 0
    return sum(prod(shape) for name, shape in seen.weights.items() if name in ("weight", "bias"))


def across_maps(seen: Seen) -> int:
    """Local response normalisation through the functions that torch's own calls.

    It squares, pools the squares and the n - 1 maps of zeros around them, multiplies by alpha and adds k.
    """
    if seen.module != "nn.LocalResponseNorm":
        return 0
    height, width = seen.x.extent
    maps = seen.x.channels + int(seen.call.args["size"]) - 1
    return 3 * seen.x.size + maps * height * width


def powers(seen: Seen) -> int:
    """Pooling by a p-norm through the functions that torch's own calls: an average pool, and a rectifier twice."""
    return seen.x.size + 2 * seen.y.size if seen.module == "nn.LPPool2d" else 0


def softmax(seen: Seen) -> int:
    """An exponential and a division for each element, an addition between any two."""
    return 3 * seen.x.size - seen.x.size // seen.x.channels if seen.module == "nn.Softmax" else 0


def means(seen: Seen) -> int:
    """Average pooling: an addition for each element of each window, a division for each output."""
    covered = {"nn.AvgPool2d": _windows, "nn.AdaptiveAvgPool2d": _shares}.get(seen.module)
    if covered is None:
        return 0
    rows, columns = (covered(seen.call, axis, seen.x.extent[axis], seen.y.extent[axis]) for axis in (0, 1))
    return rows * columns * seen.x.channels + seen.y.size


def _windows(call: Call, axis: int, size: int, out: int) -> int:
    """How many elements all windows cover along one axis: of each, those before its end less those before its start."""
    kernel = _pair(call.args["kernel_size"])[axis]
    stride = _pair(call.options.get("stride", kernel))[axis]
    pad = _pair(call.options.get("padding", 0))[axis]
    low, high = (-pad, size + pad) if call.options.get("count_include_pad", True) else (0, size)
    before = (_positive(end - pad - low, stride, out) - _positive(end - pad - high, stride, out) for end in (kernel, 0))
    ends, starts = before
    return ends - starts


def _positive(first: int, step: int, count: int) -> int:
    """The sum of what is above 0 of ``first``, ``first + step`` and so on, as an arithmetic series."""
    below = min(max(-(first // step), 0), count)
    left = count - below
    return left * (first + below * step) + step * (left * (left - 1) // 2)


def _shares(call: Call, axis: int, size: int, out: int) -> int:
    """The same where windows share out the input: from floor(i * n / m) up to ceil((i + 1) * n / m).

    All but every ``m / gcd``-th of them end within an element, which the next one has too.
    """
    return size + out - gcd(size, out)


def sizes_of_windows(seen: Seen) -> int:
    """The positions of the window of each output, those that lie outside of the map as well."""
    return prod(_pair(seen.call.args["kernel_size"])) * seen.y.size


def added(seen: Seen) -> int:
    """One addition for each element of each input after the first."""
    return seen.added


def _padded(call: Call, x: Shape) -> Shape:
    """What leaves a module that stands before the layer's own: padding alone changes the number of elements."""
    if "padding" not in call.args:
        return x
    left, right, top, bottom = call.args["padding"]
    height, width = x.extent
    return Shape(x.channels, height + top + bottom, width + left + right)


def _pair(value: Any) -> tuple[int, int]:
    return value if isinstance(value, tuple) else (value, value)
