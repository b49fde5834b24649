"""Pieces of random programs: choices, widths, conditions, layers and chains, written over whatever names there are.

Nothing here is sure to hold: a program is kept or refused as a whole. What a chain ends with is promised all the same,
so that most programs hold: the channels that it was asked for, and a map of the same size unless it strides.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

T = TypeVar("T")

IN_PLACE = ["relu", "leaky-relu 0.1", "relu", "silu", "prelu", "sigmoid", "tanh"]
VIEWS = ["identity", "channel-shuffle 1", "pixel-shuffle 1", "dropout 0.3", "drop-path 0.2", "channel-split 1, 1",
         "dropout 0", "upsample 1", "scale 1", "maxpool 1x1", "avgpool 1x1, /1", "channels 1..in",
         "crop by=0", "pad 0", "pixel-unshuffle 1"]  # fmt: skip
KEEPING = ["bn", "bn no affine", "relu6", "hard-swish", "hard-sigmoid", "gelu", "gelu tanh", "layernorm", "layernorm no shift", "l2norm",
           "layer-scale 0.5", "groupnorm 1", "lrn n=3", "prelu shared", "scale 0.5", "tanh amplitude=1.5, slope=0.5", "softmax",
           "elu", "celu 0.5", "selu", "mish", "softplus 2", "softsign", "hard-tanh low=-2",
           "instancenorm", "instancenorm affine", "lp-pool 1x1", "upsample 2; lp-pool",
           "pad 1; crop by=1", 'opaque "own"', "pad 1, mode=replicate; maxpool 3x3, /1", "pad 0, after=1; crop by=0; maxpool 2x2, /1",
           "upsample 2; pixel-unshuffle 2; channels in/4 + 1..in/2",
           "maxpool 3x3, /1, pad=1", "avgpool 3x3, /1, pad=1, count_include_pad=no", "avgpool 3x3, /1, pad=1",
           "drop-path 0.4, linear", "drop-path 0.4, linear, per_block=2", "maxpool 3x3, /1, pad=tf_same", "avgpool 3x3, /1, pad=tf_same",
           "subsample 1x1", "blurpool /1, mode=zero", "grn", "upsample 2; blurpool 2x2, mode=replicate", "upsample 2, mode=bilinear; avgpool", "upsample 2; maxpool"]  # fmt: skip
KERNELS = ["1x1", "3x3", "1x1", "3x3", "1x3", "5x5"]
OPTIONS = ["", "", "", ", no bias", ", pad=same", ", pad=tf_same", ", dilation=1"]


class Pen:
    """Makes choices, which its seed and its index decide."""

    def __init__(self, *seed: object) -> None:
        self._random = random.Random("/".join(map(str, seed)))

    def pick(self, choices: Sequence[str]) -> str:
        return self._random.choice(choices)

    def one_of(self, values: Sequence[T]) -> T:
        return self._random.choice(values)

    def number(self, low: int, high: int) -> int:
        return self._random.randint(low, high)

    def chance(self, percent: int) -> bool:
        return self._random.random() * 100 < percent

    def some(self, choices: Sequence[str], least: int, most: int) -> list[str]:
        return self._random.sample(choices, min(self.number(least, most), len(choices)))

    def shuffled(self, choices: Sequence[str]) -> list[str]:
        return self._random.sample(choices, len(choices))


@dataclass(frozen=True)
class Names:
    """What expressions may name where a piece stands."""

    whole: tuple[str, ...]
    """Names of whole numbers; ``in`` may be one."""
    fractions: tuple[str, ...] = ()
    truths: tuple[str, ...] = ()
    divisors: tuple[str, ...] = ("2",)
    kernels: tuple[str, ...] = ()
    activations: tuple[str, ...] = ()
    stride: str = ""
    """The parameter that is the stride; empty where there is none."""
    without: tuple[str, ...] = ()
    """What a use of a convolution may leave out of its rule."""

    def plus(self, *names: str) -> Names:
        return replace(self, whole=(*self.whole, *names))


@dataclass
class Unit:
    """A block that is written, and what its uses have to know."""

    name: str
    width: str
    """The parameter that sets the channels of the output; empty where it keeps those of the input."""
    strided: bool = False
    others: dict[str, list[str]] = field(default_factory=dict)
    """The other parameters that a use may give, each with values."""
    needed: frozenset[str] = frozenset()
    """Those of them without a default."""
    exact: bool = True
    """Whether the output has the channels that were asked for, whatever enters."""
    grows: bool = False
    """Whether the width must not be less than what enters."""
    rare: bool = False
    """Whether it may not hold where it stands, so that its uses have conditions."""


def repeated(unit: str, times: str) -> str:
    """A unit so many times; a repetition of its own or a last number would run into it: ``e=3 x 3``."""
    return f"[{unit}]{times}" if unit[-1].isdigit() or " x " in unit or ";" in unit else f"{unit}{times}"


class Expressions:
    """Writes numbers and conditions."""

    def __init__(self, pen: Pen) -> None:
        self.pen = pen

    def width(self, names: Names, deep: int = 2) -> str:
        """A number of channels."""
        pen = self.pen
        name = pen.pick(names.whole)
        if deep == 0 or pen.chance(35):
            return pen.pick([name, name, str(pen.number(1, 9))])
        a, b = self.width(names, deep - 1), pen.pick([name, *names.whole, str(pen.number(1, 9))])
        d = pen.pick([*names.divisors, "2", "2"])
        forms = [
            f"2*{name}", f"{name} + {pen.number(1, 4)}", f"{name} + {b}", f"{name}*{b}", f"{pen.number(9, 20)} - {name}",
            f"max({a}, {b})", f"min({a}, {b})", f"round_to({a}, {pen.pick(['2', '4', '8', '3'])})", f"ceil({name}/{d})",
            f"max(floor({name}/{d}), 1)", f"{name}/{d}" if pen.chance(30) else name, f"2*{name}/{d}", f"{d}*{name}/{d}", f"({a} if {self.condition(names)} else {b})",
            f"({name}/{d} if {self.condition(names)} else {b})", f"({name} if {name} > {b} else {b})", f"{a} + (1 if {self.condition(names)} else {b})",
        ]  # fmt: skip
        for f in names.fractions:
            forms += [
                f"{f}*8",
                f"{f}*{name}",
                f"round_to({f}*50, 1)",
                f"round_to({f}*{name}, 2)",
                f"ceil({f}*{name})",
                f"max(floor({f}*{name}), 1)",
            ]
        return pen.pick(forms)

    def condition(self, names: Names, deep: int = 1) -> str:
        """A condition, which may hold at some uses and not at others."""
        pen = self.pen
        a, b = pen.pick(names.whole), pen.pick(names.whole)
        if deep and pen.chance(20):
            one, two = (self.condition(names, deep - 1) for _ in range(2))
            return pen.pick([f"{one} and {two}", f"{one} or {two}", f"not ({one})"])
        forms = [f"{a} > {pen.number(2, 9)}", f"{a} < {pen.number(2, 9)}", f"{a} == {pen.number(2, 8)}"]
        forms += [f"{a} != {b}", f"{a} == {b}", f"{a} <= {b}", f"2*{a} > {b} + 1"] if a != b else []
        forms += [f"in == {a}", f"in != {a}", f"{a} > in"] * 2 if "in" in names.whole and a != "in" else []
        forms += [f"max({a}, {b}) < 8", *names.truths, *(f"not {t}" for t in names.truths)]
        forms += [f"{n} == relu" for n in names.activations] + [f"{a}*0.3 > 1.2", f"0.1*{a} == 0.3"]
        forms += [form for f in names.fractions for form in (f"{f}*4 > 3", f"{f} == 0.5", f"{f} >= 0.1 + 0.4")]
        forms += [f"{t} == 1" for t in names.truths]
        forms += [f"{names.stride} > 1", f"{names.stride} == 1"] if names.stride else []
        return pen.pick(forms)

    def entering(self, names: Names) -> str:
        """A condition on what enters, which is known where the step stands and not before."""
        pen = self.pen
        return pen.pick([f"in > {pen.number(3, 9)}", f"in < {pen.number(3, 9)}", f"in == {pen.pick(names.whole)} + 1",
                         f"in != {pen.pick(['4', '8'])}", f"in == {pen.pick(['2', '4', '8'])}"])  # fmt: skip


class Chains(Expressions):
    """Writes chains of layers and of uses of blocks."""

    def __init__(self, pen: Pen) -> None:
        super().__init__(pen)
        self.units: list[Unit] = []

    def chain(self, names: Names, width: str, slow: str = "", least: int = 0) -> str:
        """A chain over maps that ends with so many channels; it keeps what enters where ``width`` is empty."""
        count = max(self.pen.number(0, 2) - self.pen.number(0, 1), least)
        steps = [self.step(names, keep=not width) for _ in range(count)]
        if width:
            steps.append(self.widening(names, width, slow))
            steps += [self.step(names, keep=True) for _ in range(self.pen.number(1, 2) if self.pen.chance(30) else 0)]
        return "; ".join(steps) or "identity"

    def step(self, names: Names, keep: bool) -> str:
        """One step, perhaps repeated, perhaps under a condition; it keeps the channels if it must."""
        pen, unit = self.pen, self.keeping(names)
        if not keep and pen.chance(60):
            unit = self.widening(names, self.width(names), "")
        times = [" x 2", " x 2", " x depth"]
        text = repeated(unit, pen.pick(times)) if pen.chance(12) else unit
        if any(each.rare and each.name in text for each in self.units):
            return f"{text} if {self.entering(names)}"
        return text + (f" if {self.condition(names)}" if pen.chance(35) else "")

    def keeping(self, names: Names) -> str:
        """A step that keeps the shape of its map."""
        pen = self.pen
        found = [unit for unit in self.units if not unit.width]
        kinds: list[Callable[[], str]] = [
            lambda: pen.pick(IN_PLACE), lambda: pen.pick(IN_PLACE), lambda: pen.pick(VIEWS), lambda: pen.pick(KEEPING),
            lambda: pen.pick(KEEPING), lambda: f"{pen.pick(VIEWS)}; {pen.pick(IN_PLACE)}",
            lambda: pen.pick([*names.activations, "relu"]), lambda: f"dwconv {pen.pick(KERNELS)}",
            lambda: f"[{pen.pick(VIEWS)}; {pen.pick(IN_PLACE)}]",
        ]  # fmt: skip
        scales = [form for f in names.fractions for form in (f"scale {f}", f"leaky-relu {f}/4")]
        kinds += [lambda: pen.pick(scales)] * bool(scales)
        kinds += [lambda: self.use(found[pen.number(0, len(found) - 1)], names, "")] * (3 * len(found[:2]))
        return kinds[pen.number(0, len(kinds) - 1)]()

    def widening(self, names: Names, width: str, slow: str) -> str:
        """Steps that end with so many channels, and stride as they are told."""
        pen = self.pen
        kernel = pen.pick([*names.kernels, *names.kernels, *KERNELS])
        plain = pen.pick(OPTIONS) if not slow else pen.pick(["", "", ", no bias", ", pad=tf_same"])
        inner = self.width(names, 1)
        kinds = [
            f"conv {kernel}, {width}{slow}{plain}{self.less(names)}", f"conv {kernel}, {width}{slow}{self.less(names)}",
            f"conv 1x1, {inner}{self.less(names)}; conv {kernel}, {width}{slow}", f"dwconv {kernel}{slow}; conv 1x1, {width}",
            f"conv 1x1, 2*{pen.pick(names.whole)}; channel-shuffle 2; conv {kernel}, {width}{slow}",
            f"conv {kernel}, {inner} if {self.condition(names)}; conv 3x3, {width}{slow}",
            f"maxpool 3x3, pad=1{slow or ', /1'}; conv 1x1, {width}",
            f"conv 1x1, 1; pad-channels {width}{slow}",
            f"conv 1x1, 2*{pen.pick(names.whole)}; channel-split {pen.pick(['1', '2'])}, 2; conv {kernel}, {width}{slow}",
            f"conv 1x1, {inner}; channels 1..{pen.pick(['in', '1', 'ceil(in/2)'])}; conv {kernel}, {width}{slow}",
            f"ws-conv 3x3, {width}{slow}{plain}", f"ws-conv 3x3, {width}{slow}{plain}, scaled, gamma=1.7",
            f"conv 1x1, 4*{pen.pick(names.whole)}; pixel-shuffle 2; {pen.pick(['avgpool', 'maxpool'])}; conv {kernel}, {width}{slow}",
        ]  # fmt: skip
        if not slow:
            kinds += [
                f"transposed-conv 3x3, {width}, pad=1",
                f"pad-channels in + {pen.pick(names.whole)}; sigmoid if {self.entering(names)}; conv {kernel}, {width}",
                f'partial-conv 1x1, maps="0, 0, 0"; conv {kernel}, {width}',
            ]
            kinds += [
                f"conv 3x3, {width} x {pen.pick(['2', 'depth'])}",
                f"[conv 1x1, {inner}; {pen.pick(IN_PLACE)}; conv 1x1, {width}] x 2",
            ]
            size, other = pen.pick([*names.kernels, ""]), pen.pick([*names.kernels, ""])
            kinds += (
                [f"conv kernel=({size} if {self.entering(names)} else {other}), {width}"] * 2 * bool(size and other)
            )
            kinds += [
                f"conv {kernel}, {width}, bias=(yes if {self.entering(names)} else {pen.pick([*names.truths, 'no'])})"
            ]
        usable = [u for u in self.units if u.width and u.exact and not u.grows and (u.strided or not slow)]
        if usable:
            unit = usable[pen.number(0, len(usable) - 1)]
            kinds += [self.use(unit, names, width) + slow] * 3
            kinds += [f"{self.use(unit, names, inner)} if {self.condition(names)}; conv 1x1, {width}{slow}"] * 2
        rare = [self.use(unit, names, "") for unit in self.units if unit.rare]
        kinds += [f"{one} if in == {width}; conv {kernel}, {width}{slow}" for one in rare] * 2
        kinds += [f"conv 1x1, {inner}; {one} if {self.entering(names)}; conv {kernel}, {width}{slow}" for one in rare]
        return pen.pick(kinds)

    def less(self, names: Names) -> str:
        """What a use leaves out of its rule."""
        return f", no {self.pen.pick(names.without)}" if names.without and self.pen.chance(25) else ""

    def use(self, unit: Unit, names: Names, width: str) -> str:
        """The use of a block."""
        given = [f"{name}={self.pen.pick(self.values(unit, name, names))}" for name in unit.others
                 if name in unit.needed or self.pen.chance(50)]  # fmt: skip
        args = [width] * bool(unit.width) + given
        return f"{unit.name} {', '.join(args)}".strip()

    def values(self, unit: Unit, name: str, names: Names) -> Sequence[str]:
        """What a use may give a parameter: plain values, or a name of its own of the same kind."""
        plain = unit.others[name]
        own = {"1x1": names.kernels, "relu": names.activations, "no": names.truths}.get(plain[0], names.divisors)
        return [*plain, *own]
