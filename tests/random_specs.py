"""Random plain networks as text: the forms of the language, put together so that torch takes every layer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from hypothesis import strategies as st

Draw = Callable[[st.SearchStrategy[str]], str]
Axes = tuple[int, int]

CONV_RULES = {
    "conv; relu": ("relu",),
    "conv no bias; bn; relu": ("relu", "bn"),
    "bn; relu; conv": ("bn", "relu"),
    "conv; prelu shared; lrn n=3": ("prelu", "lrn"),
    "conv; tanh amplitude=1.7159, slope=2/3": ("tanh",),
}
FC_RULES = {"fc; relu; dropout 0.5": ("relu", "dropout"), "fc no bias; sigmoid": ("sigmoid",)}
FREE = [
    "bn", "bn eps=1e-3", "bn no affine", "relu", "ReLU", "leaky-relu 0.2", "prelu", "prelu shared", "sigmoid", "tanh",
    "tanh amplitude=1.7159", "dropout", "dropout 0.3", "identity", "bn; relu", "relu; dropout 0.1; identity",
]  # fmt: skip
POOLS = [  # text, kernel, stride, pad, and what rounding up adds
    ("maxpool", 2, 2, 0, 0),
    ("max-pool 3x3, /2, ceil", 3, 2, 0, 1),
    ("maxpool 3x3, /2, pad=1", 3, 2, 1, 0),
    ("maxpool 2x2, /1, dilation=2", 3, 1, 0, 0),
    ("avgpool", 2, 2, 0, 0),
    ("avgpool 3x3, /1, pad=1, count_include_pad=no", 3, 1, 1, 0),
    ("AvgPool kernel=3, stride=2, ceil=yes", 3, 2, 0, 1),
    ("subsample", 2, 2, 0, 0),
]


@dataclass
class Sketch:
    """A network that is being written: what it says so far, and the shape that its next layer gets."""

    draw: st.DrawFn
    channels: int
    axes: Axes
    names: dict[str, int]
    leaves_out: dict[str, tuple[str, ...]]
    rows: list[list[str]] = field(default_factory=list)

    def pick(self, choices: list[str]) -> str:
        return self.draw(st.sampled_from(choices))

    def number(self, low: int, high: int) -> int:
        return self.draw(st.integers(low, high))

    def width(self, short: bool = False, multiple: int = 1) -> tuple[str, int]:
        """A number of channels or units, written as a number or over the network's parameters."""
        named = {
            **{name: value for name, value in self.names.items() if value % multiple == 0},
            **({} if short else {f"{multiple}*w": multiple * self.names["w"]}),
            **({} if short or multiple > 1 else {"(w + 1)*2": 2 * self.names["w"] + 2, "alpha*16": 8, "w - 1": self.names["w"] - 1}),
        }  # fmt: skip
        value = multiple * self.number(1, 9)
        return self.draw(st.sampled_from([(str(value), value), *named.items()]))

    def conv(self, nameless: bool = False) -> str:
        """One convolution, in any of its forms."""
        kernel = (self.number(1, 5), self.number(1, 5))
        if not nameless and self.draw(st.booleans()):
            text, channels = self.width(short=True)
            square = self.draw(st.booleans())
            kernel = (kernel[0], kernel[0] if square else kernel[1])
            self._slide(kernel, (kernel[0] // 2, kernel[1] // 2), 1, 1)
            self.channels = channels
            return f"conv{kernel[0]}{'' if square else f'x{kernel[1]}'}-{text}" + self._without("conv")
        return ("" if nameless else "conv ") + self._long(kernel)

    def _long(self, kernel: Axes) -> str:
        dilation, groups = self.number(1, 2), self.draw(st.sampled_from([1, self.channels]))
        stride = self.number(1, 2) if min(self.axes) > 6 else 1
        text, channels = self.width(multiple=groups)
        word = self.pick(["", "", ", pad=0", ", pad=1", ", pad=tf_same", ", pad=same", ", pad=valid"])
        pads = {"": tuple(dilation * (k // 2) for k in kernel), ", pad=1": (1, 1)}
        pad = pads.get(word, (0, 0))
        if word in (", pad=same", ", pad=tf_same"):
            stride = 1 if word == ", pad=same" else stride
            self.axes = (-(-self.axes[0] // stride), -(-self.axes[1] // stride))
        elif min(n + 2 * p - dilation * (k - 1) for n, p, k in zip(self.axes, pad, kernel, strict=True)) < 1:
            kernel, word = (1, 1), ", pad=0"
            self._slide(kernel, (0, 0), stride, dilation)
        else:
            self._slide(kernel, (pad[0], pad[1]), stride, dilation)
        self.channels = channels
        options = [f", /{stride}" if stride > 1 else "", word, f", dilation={dilation}" if dilation > 1 else ""]
        options += [f", groups={groups}" if groups > 1 else "", self.pick(["", ", no bias", ", bias=yes"])]
        return f"{kernel[0]}x{kernel[1]}, {text}" + "".join(options) + self._without("conv")

    def _slide(self, kernel: Axes, pad: Axes, stride: int, dilation: int, more: int = 0) -> None:
        height, width = (
            (n + 2 * p - dilation * (k - 1) - 1 + more) // stride + 1
            for n, k, p in zip(self.axes, kernel, pad, strict=True)
        )
        self.axes = (height, width)

    def _without(self, op: str) -> str:
        return self.pick(["", "", *(f", no {name}" for name in self.leaves_out.get(op, ()))])

    def pool(self) -> str:
        text, kernel, stride, pad, more = self.draw(st.sampled_from(POOLS))
        if min(self.axes) < 4:
            self.axes = (3, 2)
            return "adaptive-avgpool 3x2"
        self._slide((kernel, kernel), (pad, pad), stride, 1, more)
        return text

    def bracket(self) -> str:
        """The papers' bracket of convolutions without a name."""
        return f"[{self.conv(nameless=True)}; {self.conv(nameless=True)}]"

    def repeated(self) -> str:
        """A layer or a bracket a few times; only padding that keeps the map may be repeated."""
        (text, channels), (inner, _) = self.width(), self.width()
        kernel, times = self.draw(st.sampled_from([1, 3, 5])), self.number(1, 4)
        stride = self.draw(st.sampled_from(["", "", ", /2"])) if min(self.axes) > 4 else ""
        if stride:
            self.axes = ((self.axes[0] - 1) // 2 + 1, (self.axes[1] - 1) // 2 + 1)
        self.channels = channels
        one = f"conv {kernel}x{kernel}, {text}{stride}"
        two = f"[{kernel}x{kernel}, {inner}{stride}; 1x1, {text}]"
        count = self.pick([str(times), "depth", "(depth + 1)"])
        return f"{self.pick([one, two])} {self.pick(['x', '×'])} {count}"

    def body(self) -> str:
        kind = self.pick(["conv", "conv", "pool", "free", "lrn", "bracket", "repeated"])
        if kind == "free":
            return self.pick(FREE)
        if kind == "lrn":
            return self.pick(["lrn", "LRN n=3, k=1, alpha=0.01"])
        made: dict[str, Callable[[], str]] = {
            "conv": self.conv, "pool": self.pool, "bracket": self.bracket, "repeated": self.repeated,
        }  # fmt: skip
        return made[kind]()

    def tail(self) -> list[str]:
        """Layers from a map to classes."""
        chains = ["flatten", "global-avgpool", "global-avgpool; flatten", "fc 6", f"FC-w{self._without('fc')}"]
        end = ["FC-classes", "fc classes, no bias", f"fc 2*classes{self._without('fc')}", "rbf classes", "FC-8 x 3"]
        return [self.pick(chains), self.pick(["dropout", "fc 5; bn; relu", "fc (w)"]), self.pick(end)]


@st.composite
def specs(draw: st.DrawFn) -> str:
    """The text of a network that holds."""
    w, classes, depth = draw(st.integers(2, 6)), draw(st.integers(2, 12)), draw(st.integers(1, 3))
    rules = {
        "conv": draw(st.sampled_from(["", *CONV_RULES])),
        "fc": draw(st.sampled_from(["", *FC_RULES])),
    }
    known = {**CONV_RULES, **FC_RULES}
    axes = (draw(st.integers(5, 24)), draw(st.integers(5, 24)))
    sketch = Sketch(
        draw, draw(st.integers(1, 4)), axes, {"w": w, "m": 3 * w, "classes": classes},
        {op: known.get(rule, ()) for op, rule in rules.items()},
    )  # fmt: skip
    head = [f"network random(classes={classes}, w={w}, depth={depth}, alpha=0.5)", 'title "Random"']
    head += [f"input {axes[0]}x{axes[1]}x{sketch.channels}", "let m = 3*w", ""]
    head += [f"every {op}: {rule}" for op, rule in rules.items() if rule]
    cells = _columns(sketch)
    cells += [
        ["; ".join(sketch.body() for _ in range(sketch.number(1, 3))), "", ""] for _ in range(sketch.number(1, 5))
    ]
    cells += [[cell, "", ""] for cell in sketch.tail()]
    cells += draw(st.sampled_from([[], [["softmax", "", ""]], [["relu; soft-max", "", ""]]]))
    return "\n".join([*head, "", *_table(draw, cells)]) + "\n"


def _columns(sketch: Sketch) -> list[list[str]]:
    """A row whose arguments stand in columns of their own, with a repetition."""
    text, channels = sketch.width()
    sketch.channels = channels
    return [["conv kernel=3", text, sketch.pick(["", "2", "depth"])]]


def _table(draw: st.DrawFn, cells: list[list[str]]) -> list[str]:
    names = draw(st.sampled_from([["conv", "conv"], ["", ""], ["block one", "2"], ["Σ", "self"]]))
    lines = ["| layer | op | channels | repeat |", "|---|---|---|---|"]
    return lines + [f"| {names[i % 2]} | " + " | ".join(row) + " |" for i, row in enumerate(cells)]
