"""A layer that somebody adds by the contract of ``op.py``: whatever arithmetic it does, its code is what it counts."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any, ClassVar

import pytest
import torch

from archspec import loads, ops
from archspec.arguments import count
from archspec.expressions import numeric
from archspec.op import Call, Shape, Tensor, Weighted

pytestmark = pytest.mark.torch

RULES: dict[str, Callable[[Any, Any], Any]] = {
    "a difference": lambda c, x: 40 * c - x,
    "a negative": lambda c, x: -x + 40 * c,
    "a remainder": lambda c, x: c % 7 + x % 5 + 1,
    "a quotient": lambda c, x: 640 // x + c // 3,
    "a power": lambda c, x: (x % 7) ** 2 + c**0,
    "a distance": lambda c, x: abs(x - c) + 1,
    "divmod": lambda c, x: sum(divmod(c, x)) + 1,
    "the least": lambda c, x: numeric.least(c, x, 9),
    "the greatest": lambda c, x: numeric.greatest(x, 8),
    "a total": lambda c, x: sum([c, x, x]),
    "Python's own max": lambda c, x: max(c, x, 9),
    "a branch": lambda c, x: c - x if c > 2 * x else c + x,
}
SPEC = """network rests(width=32, classes=3)
input 6x6x8

block twice(c)
| rest c; rest 2*c |

| a | conv 1x1, 8     |
| b | rest width      |
| c | twice width + 9 |
| d | twice 200       |
| fc | fc classes     |
"""


def layer(word: str, rule: Callable[[Any, Any], Any]) -> type[Weighted]:
    """A 1x1 convolution whose outputs follow a rule."""

    class Rest(Weighted):
        bare: ClassVar[tuple[str, ...]] = ("channels",)
        channels = count()

        def infer(self, x: Shape) -> Shape:
            return x._replace(channels=rule(self.channels, x.channels))

        def weights(self, x: Shape) -> dict[str, Tensor]:
            return {"weight": (self.infer(x).channels, x.channels, 1, 1), "bias": (self.infer(x).channels,)}

        def macs(self, y: Shape, x: Shape) -> int:
            return y.size * x.channels

        def torch(self, x: Shape) -> tuple[Call, ...]:
            args = {"in_channels": x.channels, "out_channels": self.infer(x).channels, "kernel_size": 1}
            return (Call("nn.Conv2d", args),)

    Rest.__module__ = f"archspec.ops.{word}"
    return Rest


@pytest.mark.parametrize("name", RULES)
def test_the_code_of_a_new_layer_has_as_many_parameters_as_are_counted(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    word = "rest" + "abcdefghijklm"[list(RULES).index(name)]  # what a word means is looked up once
    own, find = layer(word, RULES[name]), ops.find
    monkeypatch.setattr(ops, "find", lambda asked: own if asked == word else find(asked))
    monkeypatch.setitem(sys.modules, own.__module__, ModuleType(own.__module__))
    text = SPEC.replace("rest ", f"{word} ")
    source = loads(text).source()
    for width in (32, 33, 50, 9, 20):
        compiled = loads(text, width=width)
        with torch.device("meta"):  # some of these layers have thousands of channels, and numbers to draw for each
            module = compiled.build()
            assert module(torch.randn(1, 8, 6, 6)).shape == (1, 3)
        assert sum(parameter.numel() for parameter in module.parameters()) == compiled.params
        space: dict[str, Any] = {"__name__": "rests"}
        exec(source, space)
        try:
            with torch.device("meta"):
                other = space["rests"](width=width)
        except TypeError:
            continue  # the width decides what the layers are, and is written as a number
        assert sum(parameter.numel() for parameter in other.parameters()) == compiled.params
