"""The arguments of ops: what each accepts, in the words that a diagnostic says it with.

An op lists its arguments as class attributes, ``kernel = extent()``, and an instance holds their values:

    class Conv(Op):
        kernel = extent()
        channels = count()
        stride = extent((1, 1))
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, ClassVar, Generic, TypeVar, overload

from archspec.expressions.numeric import is_open

MOST_STEPS = 4
"""Up to where strides and dilations are tried where a figure disagrees: no table has larger ones by a slip."""

T = TypeVar("T")
Pair = tuple[int, int]
"""Height and width."""
Tries = Callable[[int], Iterable[Any]]
"""The values that are worth trying where a printed figure disagrees, for a kernel of so many positions."""


class Misfit(Exception):
    """Arguments that an op cannot take: what is expected instead, by name."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__("; ".join(f"{name}: {expected}" for name, expected in problems.items()))
        self.problems = dict(problems)


class Argument(Generic[T]):
    """One argument of an op: its name, its default (or none) and what it accepts."""

    name: str

    def __init__(
        self,
        read: Callable[[Any], T | None],
        expects: str,
        default: Any = ...,
        words: tuple[str, ...] = (),
        numeric: type | None = None,
        tries: Tries = lambda kernel: (),
        bounds: tuple[float | None, float | None] = (None, None),
    ) -> None:
        self.read = read
        """The value as the op keeps it, or None where it cannot be taken."""
        self.expects = expects
        self.default = default
        self.words = words
        self.numeric = numeric
        """``int`` or ``float`` where it is one number, which emitted code may write as an expression."""
        self.bounds = bounds
        """The least and the most that a number may be, where it has bounds."""
        self.tries = tries
        """What may have been meant where a figure disagrees that depends on it; a size is one number for both sides."""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    @overload
    def __get__(self, op: None, owner: type) -> Argument[T]: ...
    @overload
    def __get__(self, op: object, owner: type) -> T: ...
    def __get__(self, op: object | None, owner: type) -> Argument[T] | T:
        # Reached on the class alone: an instance holds its own value of every argument.
        return self

    @property
    def required(self) -> bool:
        """Whether it must be given."""
        return self.default is ...

    @property
    def is_switch(self) -> bool:
        """Whether ``no NAME`` switches it off."""
        return self.read is _flag

    def accept(self, value: object) -> T:
        """The value as the op keeps it; raises Misfit where it cannot be taken. None stands for a default of None."""
        read = self.read(value)
        if read is None and not (value is None and self.default is None):
            raise Misfit({self.name: self.expects})
        return read  # type: ignore[return-value]

    def accepts(self, value: object) -> bool:
        """Whether a value can be taken."""
        return self.read(value) is not None


class Declared:
    """What holds the values of the arguments that its class declares, and is never changed.

    Making one raises Misfit, which names every argument that is missing, unknown or out of bounds.
    """

    __slots__ = ("__dict__", "_hash")  # the hash is not part of the values, which are the dictionary
    arguments: ClassVar[Mapping[str, Argument[Any]]] = {}
    _hash: int

    def __init_subclass__(cls) -> None:
        own = {name: value for name, value in vars(cls).items() if isinstance(value, Argument)}
        cls.arguments = own | {name: value for name, value in cls.arguments.items() if name not in own}

    def __init__(self, **given: Any) -> None:
        problems = {name: "an argument of this layer" for name in given if name not in self.arguments}
        for name, argument in self.arguments.items():
            try:
                self.__dict__[name] = argument.accept(given[name]) if name in given else argument.default
                if name not in given and argument.required:
                    problems[name] = argument.expects
            except Misfit as misfit:
                problems |= misfit.problems
        if problems:
            raise Misfit(problems)

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.__dict__ == other.__dict__

    def __hash__(self) -> int:
        try:
            return self._hash
        except AttributeError:  # asked for again and again, by every use of a block
            self._hash = hash((type(self), *self.__dict__.items()))
            return self._hash

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__  # hashes of texts differ from process to process

    def __repr__(self) -> str:
        values = ", ".join(f"{name}={value!r}" for name, value in self.__dict__.items())
        return f"{type(self).__name__}({values})"


def count(default: Any = ..., least: int = 1) -> Argument[int]:
    """A whole number: channels, units, groups."""
    expects = f"a whole number of at least {least}"
    read = lambda value: value if _whole(value) and value >= least else None  # noqa: E731
    return Argument(read, expects, default, numeric=int, bounds=(least, None))


def number(default: Any = ..., least: float | None = None, most: float | None = None) -> Argument[float]:
    """A number, within bounds if there are any."""
    bounds = [f"at least {least}"] * (least is not None) + [f"at most {most}"] * (most is not None)

    def read(value: Any) -> float | None:
        plain = isinstance(value, int | float) and not isinstance(value, bool)
        if not (plain or is_open(value)) or abs(value) > 1e300:
            return None
        inside = (least is None or value >= least) and (most is None or value <= most)
        return (float(value) if plain else value) if inside else None

    expects = " of ".join(["a number", " and ".join(bounds)][: 1 + bool(bounds)])
    return Argument(read, expects, default, numeric=float, bounds=(least, most))


def flag(default: bool) -> Argument[bool]:
    """Yes or no."""
    return Argument(_flag, "yes or no", default, tries=lambda kernel: (True, False))


def extent(default: Any = ..., least: int = 1, tries: Tries = lambda kernel: ()) -> Argument[Pair]:
    """Height and width; one whole number stands for both."""
    return Argument(_pairs(least), f"a whole number or a size such as 3x3, of at least {least}", default, tries=tries)


def step(default: Any = (1, 1)) -> Argument[Pair]:
    """How far apart things are on each side, strides and dilations: figures often say which was meant."""
    return extent(default, tries=lambda kernel: range(1, MOST_STEPS + 1))


def padding(default: Any, *words: str) -> Argument[Any]:
    """Rows and columns on each side, or one of some words."""
    pairs = _pairs(0)
    expects = ", ".join(["a whole number or a size such as 1x1", *(f"`{word}`" for word in words)])

    def read(value: Any) -> Any:
        return value if isinstance(value, str) and value in words else pairs(value)

    return Argument(read, expects, default, words, tries=lambda kernel: (*range(kernel + 1), *words))


def word(*words: str) -> Argument[str]:
    """One of some words, the first unless given."""
    expects = " or ".join(f"`{each}`" for each in words)
    return Argument(lambda value: value if value in words else None, expects, words[0], words)


def text(expects: str) -> Argument[str]:
    """Any text but an empty one."""
    return Argument(lambda value: value if isinstance(value, str) and value else None, expects)


def optional(argument: Argument[T]) -> Argument[T | None]:
    """The same, with None as its default."""
    own = argument.bounds
    return Argument(
        argument.read, argument.expects, None, argument.words, argument.numeric, tries=argument.tries, bounds=own
    )


STRIDES = ("stride", "s")
KERNEL = "kernel"
CHANNELS = "channels"
KIN = (STRIDES, (CHANNELS, "c", "units"), (KERNEL, "k"))
"""Names of one argument, of layers and of blocks."""
ELSEWHERE: Mapping[str, tuple[str, ...]] = {
    "padding": ("pad", "by"),
    "paddings": ("pad",),
    "border": ("pad",),
    "filters": ("channels",),
    "filter": ("channels",),
    "nfilters": ("channels",),
    "outchannels": ("channels",),
    "outputchannels": ("channels",),
    "outplanes": ("channels",),
    "numoutput": ("channels", "units"),
    "outdim": ("channels", "units"),
    "features": ("units", "channels"),
    "outfeatures": ("units", "channels"),
    "neurons": ("units",),
    "width": ("channels", "units"),
    "strides": ("stride", "s"),
    "step": ("stride",),
    "subsample": ("stride",),
    "kernelsize": ("kernel",),
    "ksize": ("kernel",),
    "filtersize": ("kernel",),
    "poolsize": ("kernel",),
    "window": ("kernel",),
    "windowsize": ("kernel",),
    "size": ("kernel", "factor", "n"),
    "outputsize": ("size",),
    "dilationrate": ("dilation",),
    "dilations": ("dilation",),
    "rate": ("dilation", "p"),
    "group": ("groups",),
    "numgroups": ("groups",),
    "ngroups": ("groups",),
    "cardinality": ("groups",),
    "usebias": ("bias",),
    "biasterm": ("bias",),
    "withbias": ("bias",),
    "epsilon": ("eps",),
    "negativeslope": ("slope",),
    "alpha": ("slope",),
    "leak": ("slope",),
    "leakiness": ("slope",),
    "prob": ("p",),
    "probability": ("p",),
    "droprate": ("p",),
    "dropprob": ("p",),
    "dropoutratio": ("p",),
    "ceilmode": ("ceil",),
    "depthmultiplier": ("multiplier",),
    "scale": ("factor",),
    "scalefactor": ("factor",),
    "upscalefactor": ("factor",),
    "downscalefactor": ("factor",),
    "blocksize": ("factor",),
    "interpolation": ("mode",),
    "minval": ("low",),
    "maxval": ("high",),
    "normtype": ("p",),
    "localsize": ("n",),
}
"""Names that arguments have elsewhere, without case, hyphens and underscores, and what they may be here."""


CAPITAL: Mapping[str, tuple[str, ...]] = {"C": ("groups",)}
"""Letters that mean something other than the same in lower case: ``C`` is the cardinality of ResNeXt."""


def meant(name: str, known: Collection[str]) -> str | None:
    """The argument that a name stands for elsewhere, if it is one of these."""
    folded = name.lower().replace("_", "").replace("-", "")
    names = (*CAPITAL.get(name, ()), *ELSEWHERE.get(folded, ()), *kin_of(folded)[1:])
    return next((each for each in names if each in known), None)


def kin_of(name: str) -> tuple[str, ...]:
    """The names that an argument may have, its own first."""
    return (name, *(other for names in KIN if name in names for other in names if other != name))


def _flag(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


def _whole(value: Any) -> bool:
    if isinstance(value, int):
        return not isinstance(value, bool)
    return is_open(value) and bool(value.is_whole())


def _pairs(least: int) -> Callable[[Any], Pair | None]:
    def read(value: Any) -> Pair | None:
        pair = (value, value) if _whole(value) else value
        fits = isinstance(pair, tuple) and len(pair) == 2 and all(_whole(n) and n >= least for n in pair)
        return pair if fits else None

    return read
