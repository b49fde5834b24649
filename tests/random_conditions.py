"""Random networks in which conditions on parameters of the network stand around layers: in blocks, and in rows."""

from __future__ import annotations

import re
from random import Random
from typing import Any

VALUES: dict[str, tuple[Any, ...]] = {
    "w": (4, 6, 8, 10, 12),
    "t": (1, 2, 3, 4),
    "p": (0.0, 0.1, 0.5),
    "a": (0.5, 1.0, 1.5),
    "n": (1, 2, 3),
}
WIDTHS = ("c", "in", "t*in", "2*in", "round_to(t*in, 4)", "round_to(a*c, 4)", "in/2", "c + in", "w", "8")
CONDITIONS = (
    "t != 1", "t > 1", "t == 1", "t > 2 or in > 8", "in != c", "in == c", "in > 8", "c > in", "w > 8", "t*in > 16",
    "p > 0", "p == 0", "a > 1", "a != 1", "not (t == 2)", "in > c and t > 1",
)  # fmt: skip
LAYERS = (
    "conv 1x1, {width}", "conv 3x3, {width}, no relu", "dropout p", "bn", "relu", "dwconv 3x3", "drop-path p",
    "[conv 1x1, {width}; bn]", "conv 1x1, {width}; conv 3x3, in", "channel-split 1, 2", "scale a", "squeeze t",
)  # fmt: skip
FORMALS = (("c, t", ", {}"), ("c, t=2", ", {}"), ("c, t=2", ""), ("c, p, t=1", ", p, {}"), ("c", ""), ("c, t=w/2", ""))
"""The parameters of blocks, and what a use gives them."""
RULES = ("", "every conv: conv no bias; bn; relu\n", "every conv: conv; relu\n")
SQUEEZE = """block squeeze(r) = multiply of
| identity                                                   |
| global-avgpool; fc max(in/2, r); relu; fc in; sigmoid      |
"""


class Drawn:
    """One network as text, and values of its parameters to try; it may not hold."""

    def __init__(self, seed: object) -> None:
        self._pen = Random(f"conditions {seed}")
        self._given: dict[str, str] = {}
        rule = self._pick(RULES)
        blocks = [self._block(name) for name in ("one", "two")[: self._pen.randint(1, 2)]]
        rows = [
            f"conv 3x3, {self._pick(('w', '2*w', '8'))}",
            *(self._row(len(blocks)) for _ in range(self._pen.randint(1, 3))),
        ]
        rows.append(f"global-avgpool; {self._pick(('', '', 'fc 12; dropout p if p > 0; ', 'fc 12 if t > 1; '))}fc 5")
        header = ", ".join(f"{name}={value}" for name, value in self.values().items())
        text = "".join(blocks) + SQUEEZE + "\n" + "".join(f"| {row} |\n" for row in rows)
        if "relu" not in rule:
            text = text.replace(", no relu", "")
        self.text = f"network n({header})\ninput 8x8x4\n{rule}\n{text}"

    def values(self) -> dict[str, Any]:
        """A value for every parameter."""
        return {name: self._pick(values) for name, values in VALUES.items()}

    def _pick(self, values: tuple[Any, ...]) -> Any:
        return values[self._pen.randrange(len(values))]

    def _layer(self, chance: float) -> str:
        layer = self._pick(LAYERS).format(width=self._pick(WIDTHS))
        if self._pen.random() > chance:
            return str(layer)
        return f"{f'[{layer}]' if ';' in layer and layer[0] != '[' else layer} if {self._pick(CONDITIONS)}"

    def _block(self, name: str) -> str:
        chain = "; ".join([*(self._layer(0.6) for _ in range(self._pen.randint(1, 3))), "conv 1x1, c"])
        kind = self._pen.random()
        formals, given = self._pick(FORMALS)
        self._given[name] = given
        if kind < 0.4:
            return f"block {name}({formals})\n| {chain} |\n\n"
        if kind < 0.75:
            shortcut = self._pick(
                (
                    "identity if in == c",
                    "conv 1x1, c if in != c; identity if in == c",
                    "dropout p if t > 1",
                    "conv 1x1, c",
                )
            )
            return f"block {name}({formals}) = add of\n| {chain} |\n| {shortcut} |\n\n"
        other = self._pick(
            ("identity", "conv 1x1, 2*in if t > 1; identity if t <= 1", "conv 3x3, 4 if p > 0", "channel-split 2, 2")
        )
        return f"block {name}({formals}) = concat of\n| {chain} |\n| {other} |\n\n"

    def _row(self, blocks: int) -> str:
        chance = self._pen.random()
        if chance < 0.25:
            return re.sub(r"\bc\b", "w", self._layer(0.7))
        name = self._pick(("one", "two")[:blocks])
        given = self._pick(("t", "t", "2", "t + 1", "1"))
        width = self._pick(("w", "2*w", "8", "in", "12"))
        return f"{name} {width}{self._given[name].format(given)}{self._pick(('', '', ' x 2', ' x n'))}"
