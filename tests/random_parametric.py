"""Random networks in which parameters stand wherever a number may: kernels, pads, strides, groups, slices, sizes."""

from __future__ import annotations

import re
from random import Random
from typing import Any

NAMES = "abcd"
LAYERS = (
    "conv kernel={k}, {c}",
    "conv kernel={k}, {c}, pad={p}",
    "conv 3x3, {c}, stride={s}",
    "conv kernel={k}, {c}, pad={p}, stride={s}, dilation={d}",
    "conv kernel={k}, {c}, pad=tf_same, stride={s}",
    "conv kernel={k}, {c}, pad=same",
    "conv 3x3, {c}, groups={g}",
    "dwconv kernel={k}, stride={s}",
    "maxpool kernel={k}, stride={s}",
    "maxpool kernel={k}, stride={s}, pad={p}",
    "avgpool kernel={k}, stride={s}, ceil",
    "channel-split 1, {g}",
    "channels 1..{c}",
    "channels {g}..{c}",
    "channel-shuffle {g}",
    "transposed-conv 3x3, {c}, stride={s}, output_pad={p}",
    "transposed-conv kernel={k}, {c}, stride={s}, pad={p}",
    "pad {p}",
    "crop by={p}",
    "upsample {g}",
    "pixel-shuffle {g}",
    "pixel-unshuffle {g}",
    "groupnorm {g}",
    "adaptive-avgpool size={k}",
    "conv 3x3, in x {n}",
    "conv 3x3, in + {c} x {n}",
    "conv 1x1, {c} if {n} > 2",
    "relu; conv kernel={k}, {c} if {g} == {p} or {s} < {n}",
    "conv 1x1, {c} if {n}",
    "global-avgpool; fc {c}",
)
SMALL = ("{}", "{}", "{}", "{} + 1", "2*{}", "{} - 1", "{}/2", "max({}, 2)", "min({}, 3)", "floor({}/2)", "ceil({}/2)")
WIDE = (
    "{}",
    "4*{}",
    "{}/2",
    "16*{}",
    "8 - {}",
    "round_to(5*{}, 4)",
    "max(8*{}, 16)",
    "min(8*{}, 24)",
    "{}*{}",
    "24/{}",
)
POINTS: tuple[Any, ...] = (-2, -1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 16, 20, 33, 0.5, 1.5, 2.5, 0.75)


class Drawn:
    """A network of some rows, as text, with its parameters; it may not hold."""

    def __init__(self, seed: object) -> None:
        self._pen = pen = Random(f"parametric {seed}")
        self.names = tuple(NAMES[: pen.randint(1, 3)])
        choose = pen.random() < 0.2
        side = self.names[0] if pen.random() < 0.3 else str(pen.choice([8, 9, 16]))
        rows = [pen.choice(LAYERS) for _ in range(pen.randint(1, 3))]
        body = "".join(f"| {self._filled(row)} |\n" for row in rows)
        self.names = tuple(name for name in self.names if re.search(rf"\b{name}\b", side + body))
        chosen = f"choose z = one of {pen.choice(['4, 2, 8', '1, 3', '0.5, 1.5'])}\n" if choose else ""
        last = "| conv 1x1, 8*z |\n" if choose else ""
        self._rest = f"\ninput {side} x {side} x 8\n{chosen}{body}{last}"
        self.over = (*self.names, *("z" if choose else ""))
        self.text = self.again()

    def again(self) -> str:
        """The same network with other values of its parameters."""
        header = ", ".join(f"{name}={self._pen.choice([1, 2, 3, 4, 8])}" for name in self.names)
        self.text = f"network n{f'({header})' if header else ''}{self._rest}"
        return self.text

    def points(self, count: int) -> list[dict[str, Any]]:
        """Settings of all parameters, of which some are close to one another and to the bounds of most layers."""
        return [{name: self._pen.choice(POINTS) for name in self.over} for _ in range(count)]

    def _filled(self, row: str) -> str:
        small = {name: self._number(SMALL) for name in "kpsgnd"}
        return row.format(c=self._number(WIDE), **small)

    def _number(self, forms: tuple[str, ...]) -> str:
        if self._pen.random() < 0.45:
            return str(self._pen.choice([4, 8, 12] if forms is WIDE else [1, 2, 3]))
        form = self._pen.choice(forms)
        return form.format(*(self._pen.choice(self.names) for _ in range(form.count("{}"))))
