"""Two layers in a row that one says: torch pads apart from its convolutions, and cuts rows apart from columns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from archspec import ops
from archspec.arguments import Misfit
from archspec.importing.graph import INPUT, Layer, Output
from archspec.importing.torch.building import Building, differing
from archspec.op import Op, Refused, Shape, made

Args = Mapping[str, Any]
Merge = Callable[[Op, Op, Shape], Args | None]
"""The arguments of the one layer for those of two in a row and what enters them; None where it does not say them."""


def merged(at: Building, outputs: Sequence[Output]) -> tuple[tuple[Layer, ...], tuple[Output, ...]]:
    """The layers that are needed, those in a row merged, and the outputs at their new positions."""
    needed = _needed(at.layers, outputs)
    layers: list[Layer | None] = [layer if place in needed else None for place, layer in enumerate(at.layers)]
    uses = Counter(source for layer in layers if layer for source in layer.sources)
    uses.update(output.layer for output in outputs)
    for place in sorted(needed):
        layer = at.layers[place]
        if len(layer.sources) != 1 or (first := layer.sources[0]) == INPUT or uses[first] != 1:
            continue
        before, here = layers[first], layers[place]
        one = _one(at, before, here) if before is not None and here is not None else None
        if one is not None:
            layers[first], layers[place] = None, one
            at.layers[place] = one
    return _renumbered(layers, outputs)


def _needed(layers: Sequence[Layer], outputs: Sequence[Output]) -> set[int]:
    """The layers that reach an output: of a split in two, one half may be taken alone."""
    found: set[int] = set()
    waiting = [output.layer for output in outputs]
    while waiting:
        here = waiting.pop()
        if here != INPUT and here not in found:
            found.add(here)
            waiting += layers[here].sources
    return found


def _one(at: Building, before: Layer, after: Layer) -> Layer | None:
    merge = MERGES.get((before.op, after.op))
    first, second = ops.find(before.op), ops.find(after.op)
    if merge is None or first is None or second is None:
        return None
    enters = at.shape(before.sources[0])
    args = merge(made(first, before.args), made(second, after.args), enters)
    if args is None:
        return None
    try:
        output = made(second, args).accept(enters)
    except (Misfit, Refused):
        return None
    return after._replace(args=differing(second, args), sources=before.sources) if output == after.output else None


def _renumbered(
    layers: Sequence[Layer | None], outputs: Sequence[Output]
) -> tuple[tuple[Layer, ...], tuple[Output, ...]]:
    places, kept = {INPUT: INPUT}, list[Layer]()
    for place, layer in enumerate(layers):
        if layer is not None:
            places[place] = len(kept)
            kept.append(layer._replace(sources=tuple(places[source] for source in layer.sources)))
    return tuple(kept), tuple(output._replace(layer=places[output.layer]) for output in outputs)


def _values(op: Op) -> dict[str, Any]:
    return {name: value for name in op.arguments if (value := getattr(op, name)) is not None}


def _padded(pad: Any, conv: Any, x: Shape) -> Args | None:
    """The padding of a convolution that is padded by a layer before it."""
    if pad.mode != "zero":
        return None
    own = conv._sides(pad.infer(x))
    sides = [(b + mine[0], a + mine[1]) for b, a, mine in zip(pad.by, pad.after or pad.by, own, strict=True)]
    if all(before == after for before, after in sides):
        return _as_usual(conv, tuple(before for before, _ in sides))
    for word in ("same", "tf_same"):
        if (word == "tf_same" or conv.stride == (1, 1)) and list(conv.replaced(pad=word)._sides(x)) == sides:
            return _values(conv) | {"pad": word}
    return None


def _as_usual(conv: Any, pad: tuple[int, ...]) -> Args:
    """The arguments with a padding, which is left out where it is the one that a convolution has."""
    usual = tuple(d * (k // 2) for k, d in zip(conv.kernel, conv.dilation, strict=True))
    rest = _values(conv)
    rest.pop("pad", None)
    return rest if pad == usual else rest | {"pad": pad}


def _cut_twice(one: Any, other: Any, x: Shape) -> Args | None:
    if one.by is None or other.by is None:
        return None
    return {"by": tuple(a + b for a, b in zip(one.by, other.by, strict=True))}


def _strided_twice(one: Any, other: Any, x: Shape) -> Args | None:
    return {"channels": other.channels, "stride": tuple(a * b for a, b in zip(one.stride, other.stride, strict=True))}


MERGES: Mapping[tuple[str, str], Merge] = {
    **{("pad", name): _padded for name in ("conv", "dwconv", "ws-conv")},
    ("crop", "crop"): _cut_twice,
    ("pad-channels", "pad-channels"): _strided_twice,
}
"""By the layer and the one behind it."""
