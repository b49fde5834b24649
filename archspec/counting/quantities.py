"""The quantities that papers print, a row each: where costs hold one, what a layer has of it, how its print is read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from archspec.counting import products
from archspec.counting.conventions import Counting
from archspec.counting.printed import (
    FIGURE,
    PERCENT,
    SIZE,
    Verdict,
    compare,
    dims_of,
    filters_of,
    is_filters,
    is_reported,
    same_shape,
)
from archspec.op import Op, Shape
from archspec.support.frozen import Frozen

OfUse = Callable[[Counting, Op, Shape, tuple[Shape, ...]], int]
"""What one layer has of a quantity by a rule, for its output and its inputs."""
Product = Callable[[Op, Shape, tuple[Shape, ...], int], str]
"""What one layer has of it, as the product of the sides that it multiplies."""


class Form(Frozen):
    """How a print is read, and compared with the arithmetic."""

    readable: Callable[[str], bool]
    compared: Callable[[str, Any, Mapping[str, int], int], tuple[int | str, Verdict]]
    """What is shown of a value, and whether a print agrees with it: the mapping says what units mean, the number how
    many digits are significant."""
    example: str
    """How a print looks, for a diagnostic to say."""


class Quantity(NamedTuple):
    """Something that is counted or measured, of a row, of a network or of both."""

    name: str
    """What tables and claims call it, which is also its header."""
    field: str
    """What the costs of rows and of networks call it."""
    unit: str
    form: Form
    of_row: bool = True
    of_network: bool = True
    of_use: OfUse | None = None
    """None where it is not a sum over layers."""
    product: Product = products.of_positions
    of_tensors: bool = False
    """Whether it counts the numbers of tensors."""
    sentence: str = "has {value} {name}"
    """What a row that disagrees with its print does."""
    printed_as: tuple[str, ...] = ()
    """What the headers of papers call it."""
    synonyms: tuple[str, ...] = ()
    """What else columns are called that may mean it, for a diagnostic to recognise."""

    def of(self, cost: Any) -> Any:
        """Its value among the costs of a row or a network."""
        return getattr(cost, self.field)


NOT_KNOWN = "not known"
"""What is shown of a value where a layer hides it."""


def _number(printed: str, value: Any, units: Mapping[str, int], precision: int) -> tuple[int | str, Verdict]:
    return value, compare(printed, value, units, precision)


def _shape(printed: str, value: Any, units: Mapping[str, int], precision: int) -> tuple[int | str, Verdict]:
    return str(value), "exact" if same_shape(printed, value) else "disagrees"


def _sides(printed: str, value: Any, units: Mapping[str, int], precision: int) -> tuple[int | str, Verdict]:
    if value is None:
        return NOT_KNOWN, "unchecked"
    height, width = value
    agrees = dims_of(printed.replace(",", "")) in ([height, width], [height] * (height == width))
    return f"{height}x{width}", "exact" if agrees else "disagrees"


def _filters(printed: str, value: Any, units: Mapping[str, int], precision: int) -> tuple[int | str, Verdict]:
    """A shape of weights alone need not name the pools beside it."""
    if value is None:
        return NOT_KNOWN, "unchecked"
    said = filters_of(printed)
    weights = "; ".join(part for part in value.split("; ") if part[:1].isdigit())
    shown = value if said.count(";") == value.count(";") else weights
    return shown or "none", "exact" if said == shown else "disagrees"


NUMBER = Form(lambda printed: FIGURE.fullmatch(printed) is not None, _number, "`34,944` or `138M`")
SHAPE = Form(lambda printed: SIZE.fullmatch(printed) is not None, _shape, "`224x224x64`")
SIDES = Form(lambda printed: SIZE.fullmatch(printed.replace(",", "")) is not None, _sides, "`7x7`")
SIDES_OF_FILTERS = Form(
    lambda printed: all(is_filters(part.strip()) for part in printed.split(";")),
    _filters,
    "`3x3x64x128` or `3x3x64 dw`",
)

INPUT = Quantity(
    "input",
    "input",
    "elements",
    SHAPE,
    of_network=False,
    printed_as=("input size", "input shape"),
    synonyms=("feature map size", "feature map", "map size"),
)
OUTPUT = Quantity(
    "output",
    "output",
    "elements",
    SHAPE,
    of_network=False,
    printed_as=("output size", "output shape"),
    synonyms=("size", "out", "feature map size", "feature map", "map size"),
)
PARAMS = Quantity(
    "params",
    "params",
    "numbers",
    NUMBER,
    of_use=lambda counting, op, y, xs: counting.params(op, *xs),
    product=products.of_weights,
    of_tensors=True,
    printed_as=(
        *("parameters", "#params", "# params", "#parameters", "# parameters"),
        *("#parameter", "# of weights", "#weights", "#parameter before pruning"),
    ),
    synonyms=("weights",),
)
MULT_ADDS = Quantity(
    "mult-adds",
    "mult_adds",
    "multiplications with their additions",
    NUMBER,
    of_use=lambda counting, op, y, xs: counting.mult_adds(op, y, *xs),
    printed_as=(
        "flops",
        "#flops",
        "macs",
        "madds",
        "mult-add",
        "multadds",
        "mul-adds",
        "multiply-adds",
        "ops",
        "#ops",
        "# ops",
        "operations",
    ),
    synonyms=("flop",),
)
ACTIVATIONS = Quantity(
    "activations",
    "activations",
    "elements",
    NUMBER,
    of_use=lambda counting, op, y, xs: counting.activations(op, y),
    product=products.of_outputs,
    synonyms=("memory", "neurons"),
)
CONNECTIONS = Quantity(
    "connections",
    "connections",
    "connections",
    NUMBER,
    of_use=lambda counting, op, y, xs: counting.connections(op, y, *xs),
    product=products.of_connections,
)
RECEPTIVE_FIELD = Quantity(
    "receptive field",
    "receptive_field",
    "pixels",
    SIDES,
    of_network=False,
    sentence="sees {value} of the input",
)
FILTER_SHAPE = Quantity(
    "filter shape",
    "filters",
    "sides",
    SIDES_OF_FILTERS,
    of_network=False,
    sentence="has filters of {value}",
    printed_as=("kernel shape", "weight shape"),
)
WEIGHT_LAYERS = Quantity(
    "weight layers", "weight_layers", "layers", NUMBER, of_row=False, synonyms=("depth", "layers with weights")
)

QUANTITIES = (INPUT, OUTPUT, PARAMS, MULT_ADDS, ACTIVATIONS, CONNECTIONS, RECEPTIVE_FIELD, FILTER_SHAPE, WEIGHT_LAYERS)
SUMS = tuple(quantity for quantity in QUANTITIES if quantity.of_use is not None)
"""The sums over layers."""
STORED = (PARAMS, ACTIVATIONS)
"""What is kept in memory, number by number."""
SHAPES = tuple(quantity.name for quantity in QUANTITIES if quantity.form is SHAPE)
NUMBERS = tuple(quantity.name for quantity in QUANTITIES if quantity.form is NUMBER)
CHECKS = tuple(quantity.name for quantity in QUANTITIES if quantity.of_row)
"""The columns of a table of layers that are checks."""
CLAIMS = tuple(quantity.name for quantity in QUANTITIES if quantity.of_network)
"""What a claim may be about."""
COLUMNS = {"op": ("layers",)}
"""What other columns of a table may be called elsewhere."""
SYNONYMS = {quantity.name: quantity.synonyms for quantity in QUANTITIES} | COLUMNS
"""The words that columns may be called elsewhere, for a diagnostic to recognise."""
_BY_NAME = {quantity.name: quantity for quantity in QUANTITIES}


def find(name: str) -> Quantity:
    """The quantity of a name."""
    return _BY_NAME[name]


def readable(name: str, printed: str) -> bool:
    """Whether the text is a figure for the quantity."""
    if is_reported(name):
        return PERCENT.fullmatch(printed) is not None
    return find(name).form.readable(printed)
