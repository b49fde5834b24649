"""The contract of a layer type: what every file in ``archspec/ops/`` provides.

An op knows everything about itself and nothing of spans, files or torch objects. Its rules run on numbers, on symbols
and on arrays of numbers alike: their arithmetic is ``+ - * //`` and what ``numeric.py`` gives. What a rule does may
depend on the kind of the input, a map or a vector, and on words and switches among the arguments. It never depends on a
number of channels: what an op demands of numbers it lists in ``requires``, which is asked where numbers are known.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import Enum
from functools import cache, lru_cache
from typing import Any, ClassVar, NamedTuple, Self, final

from archspec.arguments import Declared, flag
from archspec.expressions.numeric import same
from archspec.support.limits import MOST_REMEMBERED
from archspec.support.terminal import clipped, printable

LONGEST_TITLE = 60
"""What is shown of a text that names a layer."""
Tensor = tuple[int, ...]
"""The shape of one tensor, in torch's order."""


class Shape(NamedTuple):
    """What flows between layers, without the batch: a map, or a vector of features.

    It stores the channels first, which a vector has too, and prints H x W x C as papers do.
    """

    channels: int
    height: int | None = None
    width: int | None = None

    @property
    def is_map(self) -> bool:
        return self.height is not None

    @property
    def size(self) -> int:
        """The number of elements."""
        if self.height is None or self.width is None:
            return self.channels
        return self.height * self.width * self.channels

    @property
    def dims(self) -> list[int]:
        """``[H, W, C]`` as papers print it, or ``[N]``."""
        if self.height is None or self.width is None:
            return [int(self.channels)]
        return [int(self.height), int(self.width), int(self.channels)]

    @property
    def extent(self) -> tuple[int, int]:
        """``(H, W)``; asked of a map alone."""
        assert self.height is not None
        assert self.width is not None
        return self.height, self.width

    def __str__(self) -> str:
        return "x".join(str(n) for n in self.dims)


class Refused(Exception):
    """An op's word that torch would not take these arguments or this input; the caller knows the place."""

    def __init__(
        self, message: str, *, param: str | None = None, why: str | None = None, help: str | None = None
    ) -> None:
        super().__init__(message)
        self.message, self.param, self.why, self.help = message, param, why, help


class Requirement(NamedTuple):
    """One thing that an op demands of its arguments and its input: whether it holds, and what is said if not."""

    holds: bool
    refusal: Callable[[], Refused]


class Given(NamedTuple):
    """An argument of the emitted network that its caller has to give, by keyword: what archspec cannot make itself."""

    name: str
    kind: str
    """Its type, as code."""
    imports: str
    """The line that imports what its type names."""
    says: str
    """What it holds, as the end of a sentence."""


class Fans(Enum):
    """What torch takes for the fans of a weight: how many inputs an output has, and how many outputs an input."""

    RIGHT = "those of its layer"
    SWAPPED = "one for the other, as the weight holds the inputs first"
    OWN = "neither: the module has a method ``fans``, which gives both for each element of the weight"


class Call(NamedTuple):
    """One torch module as plain data: ``target(*args.values(), **options)``.

    ``args`` are written positionally and always; ``options`` by name, and only where they differ from
    ``defaults``, which are the target's own. Where torch lacks the target, ``module`` is the source of its
    ``nn.Module``, which emission copies in; ``base`` is the torch module that it is derived from, and ``children`` are
    the torch modules that it calls. ``closing`` are statements for the end of the network's constructor, once however
    often the layer is used; they may read what is ``given``.

    ``fans`` says that its weight is drawn when training starts, and what torch takes for the fans of that weight.
    ``resets`` says that its ``reset_parameters`` sets what is not drawn, such as a scale or running statistics.
    """

    target: str
    args: Mapping[str, Any] = {}
    options: Mapping[str, Any] = {}
    defaults: Mapping[str, Any] = {}
    module: str | None = None
    closing: str | None = None
    base: str = ""
    children: tuple[Call, ...] = ()
    given: Given | None = None
    fans: Fans | None = None
    resets: bool = False

    @property
    def spoken(self) -> dict[str, Any]:
        """The options that have to be written."""
        return {
            name: value
            for name, value in self.options.items()
            if hasattr(value, "text")
            or value != self.defaults.get(name, _UNSET)  # a symbol equals its default by chance
        }


_UNSET = object()


class Window(NamedTuple):
    """How far an op sees on each axis, (H, W) each: extent, stride, and how many positions before the first it starts.

    Upsampling has the stride (1, 1) and ``grows`` by its factor: so many outputs share one position of the input.
    """

    extent: tuple[int, int] = (1, 1)
    stride: tuple[int, int] = (1, 1)
    before: tuple[int, int] = (0, 0)
    grows: tuple[int, int] = (1, 1)


class Op(Declared, ABC):
    """A layer type. One op is one file; the name of the file is the name of the layer in a spec.

    An instance holds the values of its ``arguments`` and is never changed. Making one raises Misfit, which names
    every argument that is missing, unknown or out of bounds.
    """

    arity: ClassVar[int | None] = 1
    """The number of inputs; None for a layer that joins any number of them."""
    label: ClassVar[str] = ""
    """The short name in emitted class names, as in ``ConvReLU``; the class's own name where empty."""
    drawn_as: ClassVar[str] = "other"
    """Its kind in figures: ``conv``, ``pool``, ``norm``, ``activation``, ``fc``, ``join`` or ``other``."""
    bare: ClassVar[tuple[str, ...]] = ()
    """The arguments that bare expressions fill, in order: ``conv 3x3, 64``."""
    texted: ClassVar[str | None] = None
    """The argument that a text in quotes fills."""
    makes: ClassVar[str | None] = None
    """The argument that says how many channels or features come out, where one does: ``channels``."""
    multiplies: ClassVar[str | None] = None
    """The argument by which the channels that enter are multiplied, where one is: ``multiplier``."""
    restates: ClassVar[frozenset[str]] = frozenset()
    """Arguments that say again what the output has, by the names that a ``Shape`` has for it: ``channels``.

    They change nothing, and that they are true stands in ``requires``.
    """
    sized: ClassVar[str | None] = None
    """The argument that a size such as ``3x3`` fills."""
    short: ClassVar[tuple[str, ...]] = ()
    """The arguments that the paper's short form fills, last first: ``conv3-64``, ``FC-4096``."""
    ranged: ClassVar[tuple[str, str] | None] = None
    """The arguments that a range such as ``1..c`` fills, its first and its last."""
    elsewhere: ClassVar[tuple[str, ...]] = ()
    """Names that it has elsewhere, for a diagnostic to recognise."""
    printed_as: ClassVar[tuple[str, ...]] = ()
    """Words that papers print for it, which are understood: ``max pool``. Blanks and hyphens do not matter."""
    filters_as: ClassVar[str] = "{}"
    """How papers print the shape of its filters, which stands for ``{}``: ``pool {}``."""
    without_size: ClassVar[str] = ""
    """The layer that papers mean as well where they print it without a size: ``average pool`` may be global."""
    pools_all: ClassVar[bool] = False
    """Whether its window is the whole map: the size of ``7x7 global average pool`` is that of its input."""
    steps_by_kernel: ClassVar[tuple[str, ...]] = ()
    """Words that papers print for it where its stride is its kernel unless it is written: ``up-conv 2x2``."""
    phrased: ClassVar[Mapping[str, str]] = {}
    """Names that it has elsewhere and that say an argument too, with the argument: ``reflection-pad`` is a mode."""
    words_elsewhere: ClassVar[Mapping[str, str]] = {}
    """Words that its arguments take elsewhere, and here not, or not beside a stride, with what stands for them."""
    called: ClassVar[tuple[str, ...] | None] = None
    """The arguments in the order in which torch's module takes them, empty for one that a table does not say."""
    unless_called_with: ClassVar[Mapping[str, Any]] = {}
    """What torch's module has where it is called without, if that is not what the layer has."""
    enlarges: ClassVar[bool] = False
    """Whether its stride makes the output larger, so that it is not what resolutions are divided by."""
    nameless: ClassVar[bool] = False
    """Whether ``7x7, 64, /2`` without a name means this op, as in the papers' brackets."""
    passes_on: ClassVar[bool] = False
    """Whether this op is a path on which nothing is done, as in the shortcuts of residual and dense blocks."""
    pads_channels: ClassVar[bool] = False
    """Whether this op is the shortcut without parameters between shapes that differ: option A."""
    joins_residual: ClassVar[bool] = False
    """Whether this op joins the paths of a residual block."""
    joins_dense: ClassVar[bool] = False
    """Whether this op joins what enters a dense block with what the block makes of it."""
    fixed: ClassVar[frozenset[str]] = frozenset()
    """Arguments that emitted code keeps as numbers: on them the height and width of the output depend, for one."""
    written_to_repeat: ClassVar[str | None] = None
    """The argument for which ``x 2`` behind the layer may be meant: a repetition is one where it is written as well."""
    keeps_stride: ClassVar[bool] = False
    """Whether a written stride holds in every repetition: a pool is there for its stride."""
    in_place: ClassVar[bool] = False
    """Whether the output takes the place of the input, so that no activation is stored for it.

    No layer after it may write over the output, which may be the input itself or what the backward pass needs. Where it
    is False, every output is a tensor of its own, also where the op has nothing to do.
    """
    keeps: ClassVar[frozenset[str]] = frozenset()
    """What training keeps for the backward pass: ``input``, ``output``, or a ``mask``, which ``masks`` counts."""
    view: ClassVar[bool] = False
    """Whether the output is the input itself, perhaps under another shape, so that it is stored once."""
    normalises: ClassVar[bool] = False
    """Whether it normalises, so that recipes treat its scale and shift apart from other weights."""
    centres: ClassVar[bool] = False
    """Whether it takes the mean of each channel away, and with it whatever a bias before it adds."""
    passes_zero: ClassVar[bool] = False
    """Whether it gives zeros for zeros, and gradients that are not 0 there, so that a scale of 0 before it learns."""
    flattens: ClassVar[bool] = False
    """Whether it reads a map as a vector; a fully convolutional evaluation lets it slide over a larger one."""
    known: ClassVar[bool] = True
    """Whether archspec knows what it does. Where not, all that is counted of it is a lower bound (``AtLeast``), what it
    sees of its input and keeps of it is not said, and nothing writes over its output."""
    torch_refuses: ClassVar[bool] = False
    """Whether torch's own module refuses what does not fit, so that emitted code need not."""
    given: ClassVar[Given | None] = None
    """What the caller of emitted code has to give for it, if anything."""
    grows: ClassVar[tuple[str, str, str] | None] = None
    """A number, the switch under which the l-th of L layers of the kind has l / L of it, and how many layers in
    succession count as one there: ``p``, ``linear`` and ``per_block``."""
    part_of_loss: ClassVar[bool] = False
    """Whether, standing last, it belongs to the loss: ``forward`` returns what comes before it."""

    def replaced(self, **values: Any) -> Self:
        """The op with other values, which are not checked: emission puts symbols in the place of equal numbers."""
        made = object.__new__(type(self))
        made.__dict__ = self.__dict__ | values
        return made

    @classmethod
    @cache
    def spelled(cls) -> str:
        """The name in a spec, which is the name of the file: ``global-avgpool``."""
        return cls.__module__.rpartition(".")[2].replace("_", "-")

    @property
    def title(self) -> str:
        """The name, with the text that tells it from others of its kind."""
        if self.texted is None:
            return self.spelled()
        return (
            f'{self.spelled()} "{clipped(printable(getattr(self, self.texted)[: 2 * LONGEST_TITLE]), LONGEST_TITLE)}"'
        )

    @final
    def tries(self) -> Iterator[tuple[str, Any]]:
        """Other values of one argument each that are worth trying where a printed figure disagrees.

        Padding comes first, then switches, then strides and dilations.
        """
        size = getattr(self, self.sized, None) if self.sized else None
        kernel = max(size) if isinstance(size, tuple) else 1
        every = sorted(self.arguments.values(), key=lambda a: 0 if a.words else 1 if a.is_switch else 2)
        yield from ((argument.name, value) for argument in every for value in argument.tries(kernel))

    @final
    def accept(self, *xs: Shape) -> Shape:
        """The shape of the output for numbers that are checked first; raises Refused where torch would."""
        self.check(*xs)
        return self.infer(*xs)

    @final
    def check(self, *xs: Shape) -> None:
        """Raises Refused for the first requirement that does not hold. All numbers have to be known."""
        for holds, refusal in self.requires(*xs):
            if not holds:
                raise refusal()

    @final
    def restated(self, y: Shape) -> bool:
        """Whether the arguments that say again what the output has are true of it."""
        given = ((getattr(self, name), getattr(y, name)) for name in self.restates)
        return all(value is None or value == found for value, found in given)

    @classmethod
    def implied(cls, values: Mapping[str, Any]) -> Mapping[str, Any]:
        """What arguments whose default is None come to where they are not written, by the values of the others."""
        return {}

    # The rules take the shapes of the inputs, as many as the arity says: most ops write ``(self, x: Shape)``.

    def requires(self, *args: Any, **kwargs: Any) -> Iterator[Requirement]:
        """What it demands, in the order in which that is checked: a requirement may rely on those before it."""
        return iter(())

    @abstractmethod
    def infer(self, *args: Any, **kwargs: Any) -> Shape:
        """The shape of the output, for arguments and inputs that meet the requirements."""

    @abstractmethod
    def macs(self, y: Shape, *args: Any, **kwargs: Any) -> int:
        """Multiply-accumulates for one image, as papers count them; a free op says so by ``Free``."""

    @abstractmethod
    def torch(self, *args: Any, **kwargs: Any) -> tuple[Call, ...]:
        """The torch modules that compute it, in order; none where the output is the input."""

    def function(self, x: str, values: Mapping[str, Any]) -> str | None:
        """The Python expression that computes it of ``x``, for values of its module's arguments; numbers, or code.

        None where a module does: where it has weights or a state, or torch has no function for it.
        """
        return None

    def share(self, values: Mapping[str, Any]) -> tuple[Any, Any] | None:
        """Which of how many equal parts of the channels it takes, where it does nothing else."""
        return None

    @property
    def scales(self) -> bool:
        """Whether what it normalises has a scale of its own, which recipes may start at zero so that it gives zeros."""
        return self.normalises and "weight" in self.weights(Shape(1, 1, 1))

    def weights(self, *args: Any, **kwargs: Any) -> dict[str, Tensor]:
        """Trainable tensors by torch's own names and shapes; parameters are counted from these."""
        return {}

    def untold(self, *args: Any, **kwargs: Any) -> int:
        """How many numbers it learns in tensors that ``weights`` does not tell."""
        return 0

    def buffers(self, *args: Any, **kwargs: Any) -> dict[str, Tensor]:
        """Tensors that are stored but not trained, such as running statistics."""
        return {}

    def keeping(self, *args: Any, **kwargs: Any) -> frozenset[str]:
        """What training keeps, as ``keeps`` says, for these inputs."""
        return self.keeps

    def masks(self, y: Shape, *args: Any, **kwargs: Any) -> int:
        """Elements of the ``mask``: what training keeps beside inputs and output. As many as the output has."""
        return y.size

    def filters(self, *args: Any, **kwargs: Any) -> str | None:
        """The shape of its filters as papers print it, ``3x3x3x32``: H x W x those that enter x those that come out."""
        return None

    def connections(self, y: Shape, *args: Any, **kwargs: Any) -> int:
        """Incoming connections of all output units, bias included, as LeCun and Krizhevsky count them."""
        return self.macs(y, *args, **kwargs)

    def window(self, *args: Any, **kwargs: Any) -> Window:
        """What one output position sees of the input; one position, unless the op says otherwise."""
        return Window()

    def why(self, *args: Any, **kwargs: Any) -> str | None:
        """The arithmetic of the output shape in one line, for diagnostics."""
        return None

    def plainest(self, *args: Any, **kwargs: Any) -> Op:
        """The op that says most plainly what this one computes of these inputs: ``fc`` for a convolution of all."""
        return self


class Weighted(Op):
    """An op that papers count as a weight layer ("16 weight layers"), with a bias for each output channel."""

    bias = flag(True)

    def connections(self, y: Shape, x: Shape) -> int:
        return self.macs(y, x) + (y.size if self.bias else 0)


class Free(Op):
    """An op without multiply-accumulates under the papers' convention: pooling, normalisation, activations, joins."""

    def macs(self, y: Shape, *args: Any, **kwargs: Any) -> int:
        return 0


class Elementwise(Free):
    """An op that changes values and not shapes, and may work in place."""

    in_place: ClassVar[bool] = True

    def infer(self, x: Shape) -> Shape:
        return x


class Activation(Elementwise):
    """A non-linearity: a projection in a shortcut is left without one, and two in a row are most likely a slip."""

    drawn_as: ClassVar[str] = "activation"


class Join(Free):
    """An op of two or more inputs. What flows in is joined by one Python expression, without a module."""

    drawn_as: ClassVar[str] = "join"
    arity: ClassVar[int | None] = None
    computes: ClassVar[bool] = False
    """Whether it makes new elements of those of its inputs, an operation for each, which some papers count."""
    noun: ClassVar[str] = "join"
    """What it makes of its inputs, in a word: ``sum``."""
    sign: ClassVar[str] = ""
    """The operator between its inputs in Python, ``+``; none where it has none."""
    sums: ClassVar[bool] = False
    """Whether it adds its inputs, so that one of them that is zero leaves the others."""
    multiplies_inputs: ClassVar[bool] = False
    """Whether it multiplies its inputs, so that one of them that is zero makes all zero."""

    @abstractmethod
    def infer(self, *xs: Shape) -> Shape:
        """The shape of the output, for inputs that meet the requirements."""

    @abstractmethod
    def combine(self, operands: Sequence[str], *xs: Shape) -> str:
        """The Python expression that joins the operands, which are names or calls: ``a + b``."""

    def torch(self, *xs: Shape) -> tuple[Call, ...]:
        return ()


def made(kind: type[Op], values: Mapping[str, Any]) -> Op:
    """The op with these values of its arguments, the same object for the same; raises Misfit where they do not fit."""
    exact = tuple([repr(value) for value in values.values() if type(value) in (float, tuple)])
    try:
        return _made(kind, tuple(values), exact, *values.values())
    except TypeError:  # what cannot be hashed is not a value of an argument either
        return kind(**values)


@lru_cache(MOST_REMEMBERED, typed=True)
def _made(kind: type[Op], names: tuple[str, ...], exact: tuple[str, ...], *values: Any) -> Op:
    """The op; ``exact`` tells values apart that are equal to Python, (3, 3) and (3.0, 3.0), 0.0 and -0.0."""
    return kind(**dict(zip(names, values, strict=True)))


def needs_map(op: Op, x: Shape) -> Requirement:
    """The input is a map and no vector."""
    return Requirement(
        x.is_map,
        lambda: Refused(f"`{op.spelled()}` needs an input of H x W x C, and gets a vector of {x.channels}"),
    )


def leaves_some(op: Op, x: Shape, why: Callable[[], str], help: str | None = None) -> Requirement:
    """Something is left of a map: each side of the output has a position at least."""
    height, width = op.infer(x).extent
    return Requirement(
        (height > 0) & (width > 0),
        lambda: Refused(f"nothing is left of {x} after this `{op.spelled()}`", why=why(), help=help),
    )


def square(pair: tuple[int, int]) -> Any:
    """A pair as torch's arguments are best written: 3 for (3, 3)."""
    return pair[0] if same(*pair) else pair
