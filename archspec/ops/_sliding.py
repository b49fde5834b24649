"""The arithmetic of sliding windows, shared by convolutions and pools; torch's own to the last corner."""

from __future__ import annotations

from collections.abc import Iterator

from archspec.expressions.numeric import ceil_div, greatest, least, same
from archspec.op import Op, Refused, Requirement, Shape, leaves_some

Sides = tuple[tuple[int, int], tuple[int, int]]
"""Padding before and after, for rows and for columns."""


def positions(n: int, kernel: int, stride: int, before: int, after: int, dilation: int = 1, ceil: bool = False) -> int:
    """How many windows fit along one axis of ``n`` elements.

    With ``ceil`` a window may hang over the end, but must start inside the input or the padding before it.
    """
    reach = n + before + after - dilation * (kernel - 1) - 1
    if not ceil:
        return reach // stride + 1
    return least(ceil_div(reach, stride) + 1, (n + before - 1) // stride + 1)


def arithmetic(n: int, kernel: int, stride: int, before: int, after: int, dilation: int = 1, ceil: bool = False) -> str:
    """The same, written out: ``(14 + 2*0 - 2) // 2 + 1 = 7``."""
    pads = f"2*{before}" if before == after else f"{before} + {after}"
    extent = f"{dilation}*({kernel} - 1) - 1" if dilation > 1 else f"{kernel}"
    inner = f"{n} + {pads} - {extent}"
    out = positions(n, kernel, stride, before, after, dilation, ceil)
    return f"ceil(({inner}) / {stride}) + 1 = {out}" if ceil else f"({inner}) // {stride} + 1 = {out}"


def even(sides: Sides) -> bool:
    """Whether each axis is padded alike before and after, as torch's own padding is."""
    return all(same(before, after) for before, after in sides)


def around(sides: Sides) -> tuple[int, int, int, int]:
    """Sides in torch's order: left, right, top, bottom."""
    rows, columns = sides
    return (*columns, *rows)


def both(lines: list[str]) -> str:
    """One line for the two axes: said once where they are the same."""
    height, width = lines
    return f"{height} on each side" if height == width else f"{height} high, {width} wide"


def tf_same(n: int, kernel: int, stride: int, dilation: int = 1) -> tuple[int, int]:
    """TensorFlow's SAME padding along one axis, (before, after): ceil(n / stride) windows, the odd one after."""
    out = ceil_div(n, stride)
    total = greatest((out - 1) * stride + dilation * (kernel - 1) + 1 - n, 0)
    return total // 2, total - total // 2


def widest(kernel: tuple[int, int], dilation: tuple[int, int]) -> tuple[int, int]:
    """Height and width of a window whose elements are ``dilation`` steps apart."""
    rows, columns = (d * (k - 1) + 1 for k, d in zip(kernel, dilation, strict=True))
    return rows, columns


def starts(sides: Sides) -> tuple[int, int]:
    """How many positions before the first the first window starts, on each axis."""
    rows, columns = sides
    return rows[0], columns[0]


def mirrors(n: int, pad: int, param: str, help: str) -> Requirement:
    """Reflection pads an axis of ``n`` elements by fewer than these."""
    message = f"reflection pads by less than the side of the map: {pad} of {n}"
    return Requirement(pad < n, lambda: Refused(message, param=param, help=help))


def sees_all(x: Shape, kernel: tuple[int, int], sides: Sides, dilation: tuple[int, int]) -> bool:
    """Whether one window is the whole map, without padding."""
    return x.is_map and kernel == x.extent and dilation == (1, 1) and sides == ((0, 0), (0, 0))


def split_evenly(groups: int, **channels: int) -> Iterator[Requirement]:
    """Channels split into groups without a rest, those of the ``input`` and those of the ``output``."""
    return (_splits(n, what, groups) for what, n in channels.items())


def _splits(n: int, what: str, groups: int) -> Requirement:
    return Requirement(
        n % groups == 0,
        lambda: Refused(
            f"{n} {what} channels do not split into {groups} groups",
            param="groups",
            why=f"{n} = {groups}*{n // groups} + {n % groups}",
        ),
    )


def leaves_positions(op: Op, x: Shape) -> Requirement:
    """Something is left: no window is larger than the padded input."""
    return leaves_some(op, x, lambda: op.why(x) or "", "use a smaller kernel, or pad the input")
