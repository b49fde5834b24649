"""What figures of claims promise: their layers, rows and parameters exist, and their arithmetic is plain."""

from __future__ import annotations

from collections.abc import Iterator

from archspec import ops
from archspec.arguments import Misfit
from archspec.budget import spend
from archspec.expressions import Binary, Name, Negative, Number, Unfit, bounded, every_part
from archspec.ir.figure import LARGEST_ELEMENT, Beside, Chain, Each, Figure, Formula, Layer, Share
from archspec.ir.network import Network
from archspec.ir.verify import Mistake, Path, of_size
from archspec.support.limits import MOST_LAYERS, WALKED

PLAIN = (Number, Name, Negative, Binary)
"""What arithmetic is made of."""


def of_figures(network: Network) -> Iterator[Mistake]:
    """What is wrong with the figures of claims that are not plain totals."""
    rows = frozenset(row.layer for row in network.rows)
    for i, claim in enumerate(network.claims):
        if claim.figure is not None:
            yield from _of_figure(claim.figure, network, rows, ("claims", i, "figure"))


def _of_figure(figure: Figure, network: Network, rows: frozenset[str], at: Path) -> Iterator[Mistake]:
    if isinstance(figure, Share):
        yield from _of_share(figure, rows, at)
    elif isinstance(figure, Each) and not 1 <= figure.each <= LARGEST_ELEMENT:
        yield Mistake((*at, "each"), f"an element takes 1 to {LARGEST_ELEMENT} bytes")
    elif isinstance(figure, Chain):
        for i, layer in enumerate(figure.layers):
            yield from _of_layer(layer, (*at, "layers", i), seen=True)
    elif isinstance(figure, Beside):
        for name, value in figure.parameters.items():
            if figure.file is None and name not in network.parameters:
                yield Mistake((*at, "parameters", name), f"`{name}` is not a parameter of the network")
            yield from of_size(value, (*at, "parameters", name))
    elif isinstance(figure, Formula):
        yield from _of_arithmetic(figure, (*at, "arithmetic"))


def _of_share(figure: Share, rows: frozenset[str], at: Path) -> Iterator[Mistake]:
    if (figure.layer is None) == (not figure.rows):
        yield Mistake(at, "a share is that of either a layer or rows")
    elif figure.layer is not None:
        yield from _of_layer(figure.layer, (*at, "layer"))
    for i, row in enumerate(figure.rows):
        if row not in rows:
            yield Mistake((*at, "rows", i), f"there is no row `{row}`")


def _of_layer(layer: Layer, at: Path, seen: bool = False) -> Iterator[Mistake]:
    spend(WALKED)
    kind = ops.find(layer.op)
    if kind is None or kind.spelled() != layer.op:
        yield Mistake((*at, "op"), f"there is no layer `{layer.op}`")
        return
    if not 1 <= layer.times <= MOST_LAYERS:
        yield Mistake((*at, "times"), f"a layer stands 1 to {MOST_LAYERS:,} times")
    wrong = False
    for name, value in layer.args.items():
        argument = kind.arguments.get(name)
        try:
            problem = f"`{layer.op}` has no argument `{name}`" if argument is None else None
            _ = argument and argument.accept(value)
        except Misfit as misfit:
            problem = f"`{name}` of `{layer.op}` is {misfit.problems[name]}"
        if problem:
            wrong = True
            yield Mistake((*at, "args", name), problem)
    if seen and not wrong and layer.window is None:
        why = "depends on the map that enters it" if kind.known else "is not known"
        yield Mistake(at, f"what `{layer.op}` sees {why}")


def _of_arithmetic(figure: Formula, at: Path) -> Iterator[Mistake]:
    for part in every_part(figure.arithmetic):
        spend(WALKED)
        if not isinstance(part, PLAIN):
            yield Mistake(at, f"`{part}` is not plain arithmetic")
            return
        if isinstance(part, Number):
            try:
                bounded(part.value)
            except Unfit:
                yield Mistake(at, "a number is too large")
                return
