"""Emitted code with other arguments is the network that the compiler makes of them, weight by weight and number by number.

Each spec is one in which an argument could change what was decided when the code was written: a condition, a branch that
drops out, a layer that works in place, the name of a class, what `in` means after a join.
"""

from __future__ import annotations

import inspect
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from witness import size

from archspec import loads
from archspec.targets.torch import function_name
from archspec.targets.torch.load import load

pytestmark = pytest.mark.torch

HEAD = "network n({})\ninput 8x8x{}\n\n"
GRAPH = "| layer | op | from |\n|---|---|---|\n"
SPECS: dict[str, tuple[str, tuple[dict[str, Any], ...]]] = {
    "in after a join": (
        HEAD.format("classes=3", 4)
        + GRAPH
        + "| a | conv 3x3, 8 | |\n| b | conv 3x3, 6 | a |\n| c | concat; conv 1x1, in | a, b |\n| fc | fc classes | |\n",
        ({},),
    ),
    "a condition in a row": (
        HEAD.format("w=4, classes=3", 8) + "| z | conv 1x1, w |\n| b | conv 1x1, 8 if in != 8 |\n| fc | fc classes |\n",
        ({}, {"w": 8}, {"w": 6}),
    ),
    "a condition with a function, which is not a name": (
        HEAD.format("w=4, classes=3", 8)
        + "| z | conv 1x1, w |\n| y | conv 1x1, 6 |\n| b | conv 1x1, 8 if in > min(4, 8) |\n| fc | fc classes |\n",
        ({}, {"w": 8}),
    ),
    "a shortcut in a row": (
        HEAD.format("w=4, classes=3", 8) + "| a | conv 3x3, 8; shortcut w; bn |\n| fc | fc classes |\n",
        ({}, {"w": 8}, {"w": 6}),
    ),
    "a branch that drops out": (
        HEAD.format("w=4, classes=3", 8)
        + "block b = concat of\n| conv 3x3, in |\n| conv 1x1, 4 if in > 6 |\n\n"
        + "| z | conv 1x1, w |\n| y | b |\n| fc | fc classes |\n",
        ({}, {"w": 8}),
    ),
    "an activation after a shortcut": (
        HEAD.format("w=4, classes=3", 8)
        + "block r(c) = add of\n| shortcut c; relu; conv 1x1, 8 |\n| identity |\n\n"
        + "| z | conv 3x3, 8; r w |\n| fc | fc classes |\n",
        ({}, {"w": 8}),
    ),
    "a rounded width that stands twice": (
        HEAD.format("alpha=1.0, classes=3", 8)
        + "block b(c)\n| conv 3x3, round_to(alpha*c, 8); bn; conv 1x1, 4 |\n\n| z | b 32 |\n| fc | fc classes |\n",
        ({}, {"alpha": 0.5}),
    ),
    "a block named as a class that a layer brings": (
        HEAD.format("classes=3", 8)
        + "block LayerNorm2d(c)\n| layernorm; conv 3x3, c |\n\n"
        + "| z | LayerNorm2d 4 |\n| y | layernorm |\n| fc | fc classes |\n",
        ({},),
    ),
    "a long width in a group": (
        HEAD.format("v=4, classes=3", 8)
        + GRAPH
        + "| a | conv 3x3, v + 2 | |\n| b | concat | a, a, a |\n| c | concat; dwconv 3x3 | b, b, b |\n"
        + "| fc | fc classes | |\n",
        ({}, {"v": 5}),
    ),
    "a head that is a graph, from a row with a name of its own": (
        HEAD.format("classes=3", 8)
        + "head aux from logits, weight=0.3\n"
        + GRAPH
        + "| p | conv 1x1, 4 | |\n| q | conv 1x1, 4 | in |\n| s | add; fc classes | p, q |\n\n"
        + "| logits | conv 1x1, 6 |\n| head1 | conv 1x1, 6 |\n| fc | fc classes |\n",
        ({}, {"classes": 5}),
    ),
    "widths that grow along a repetition": (
        HEAD.format("k=4, classes=3", 3)
        + "block dense(k) = concat of\n| identity |\n| conv 1x1, 2*k; conv 3x3, k |\n\n"
        + "block stage(n, k)\n| dense k x n |\n\n"
        + "| a | conv 3x3, 2*k |\n| b | stage 5, k |\n| c | conv 1x1, in/2 |\n| d | dense k x 6 |\n| fc | fc classes |\n",
        ({}, {"k": 6}),
    ),
    "widths that double along a repetition": (
        HEAD.format("w=2, classes=3", 3)
        + "block d = concat of\n| identity |\n| conv 1x1, in |\n\n| a | conv 1x1, w; d x 8 |\n| fc | fc classes |\n",
        ({}, {"w": 3}),
    ),
}
CASES = [
    pytest.param(text, settings, id=f"{name} {settings}") for name, (text, all_) in SPECS.items() for settings in all_
]


@pytest.mark.parametrize(("text", "settings"), CASES)
def test_emitted_code_with_other_arguments_is_the_network_of_those(text: str, settings: dict[str, Any]) -> None:
    torch.manual_seed(0)
    compiled = loads(text, **settings)
    made = emitted(text, settings)
    reference = compiled.build()
    reference.load_state_dict(made.state_dict())
    heads = tuple(f"{head.name}." for head in compiled.network.heads)
    counted = [p.numel() for name, p in made.named_parameters() if not (heads and name.startswith(heads))]
    assert sum(counted) == compiled.params
    x = torch.randn(size(compiled.network.input_shape, 2))
    torch.testing.assert_close(made.eval()(x), reference.eval()(x))
    y = made.train()(x)
    outputs: list[Tensor] = list(y) if isinstance(y, tuple) else [y]
    torch.stack([output.sum() for output in outputs]).sum().backward()  # type: ignore[no-untyped-call]
    assert all(parameter.grad is not None for parameter in made.parameters())


def emitted(text: str, settings: dict[str, Any]) -> nn.Module:
    """The network of the file's own parameters with these arguments, where it takes them."""
    base = loads(text)
    name = function_name(base.network)
    make = getattr(load(base.source(), name), name)
    takes = inspect.signature(make).parameters
    if not set(settings) <= set(takes):
        return loads(text, **settings).build()  # the code says that it is for these numbers alone
    module: nn.Module = make(**settings)
    return module


def test_what_grows_is_written_as_one_loop() -> None:
    text, _ = SPECS["widths that grow along a repetition"]
    source = loads(text).source()
    assert "*[Dense(in_channels + k * i, k) for i in range(n)]" in source
    assert max(map(len, source.splitlines())) <= 88


@pytest.mark.parametrize("times", [30, 400])
def test_expressions_that_grow_without_end_become_numbers(times: int) -> None:
    text = (
        HEAD.format("w=2, classes=3", 3) + f"| a | conv 1x1, w; [conv 1x1, in + 1] x {times} |\n| fc | fc classes |\n"
    )
    source = loads(text).source()
    assert len(source) < 60 * times + 2000
    assert "classes: int = 3" in source
