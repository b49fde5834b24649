"""An argument of emitted code does what the same parameter does for the compiler, in every weight and every output."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from second_witness import compare, entry
from second_witness import made as made_with
from torch import nn

import archspec

pytestmark = pytest.mark.torch

Weights = list[tuple[str, tuple[int, ...]]]


def spec(parameters: str, *cells: str, input: str = "16x16x3") -> str:
    rows = "".join(f"| {cell} |\n" for cell in cells)
    return f"network n({parameters})\ninput {input}\nevery conv: conv; bn; relu\n\n{rows}"


def weights(module: nn.Module) -> Weights:
    return [(name, tuple(p.shape)) for name, p in module.named_parameters()]


CASES = [
    ("w=2", ("conv 3x3, w/4*8",), {"w": 4}),
    ("w=64", ("conv 3x3, 1/2*w",), {"w": 32}),
    ("k=4", ("conv 3x3, 4; leaky-relu 4/k",), {"k": 8}),
    ("w=8, k=3", ("conv 3x3, w", "conv kernel=k, channels=w*k"), {"w": 16}),
    ("alpha=1.0", ("conv 3x3, alpha*32",), {"alpha": 0.5}),
    ("e=1000000", ("conv 3x3, e*1e-5",), {"e": 2000000}),
    ("g=1", ("conv 3x3, 4; conv 3x3, 4, groups=g",), {"g": 2}),
    ("i=0.25", ("conv 3x3, 4; prelu i",), {"i": 0.5}),
    ("p=0", ("conv 3x3, 4; dropout p",), {"p": 0.5}),
    ("g=2", ("conv 3x3, 4; l2norm g",), {"g": 4}),
    ("g=2", ("conv 3x3, 4; layer-scale g",), {"g": 4}),
    ("w=8", ("conv 3x3, 2*w; flatten; fc w*(w+1); fc w-2",), {"w": 5}),
    ("w=8", ("[conv 3x3, w; conv 1x1, 2*w] x 3",), {"w": 3}),
    ("n=2", ("conv3-8 x n; conv 3x3, 8*n",), {"n": 5}),
    ("n=3", ("conv3-8 x n",), {"n": 7}),
    ("n=3", ("conv3-4; conv3-4 x n",), {"n": 1}),
    ("depth=20", ("conv3-4; conv3-8 x (depth - 2) / 6",), {"depth": 32}),
    ("depth=20, w=8", ("conv 3x3, w; conv 3x3, w, /2 x (depth - 2) / 6",), {"depth": 32, "w": 4}),
    ("w=1.0", ("conv 3x3, round_to(20*w, 8)",), {"w": 0.35}),
    ("n=1", ("conv3-4 x n",), {"n": 3}),
    ("depth=8, w=4", ("conv 3x3, w; conv 3x3, 2*w, /2 x (depth - 2) / 6",), {"depth": 20, "w": 8}),
]


@pytest.mark.parametrize(("parameters", "cells", "changed"), CASES)
def test_an_argument_is_the_parameter(parameters: str, cells: tuple[str, ...], changed: dict[str, Any]) -> None:
    text = spec(parameters, *cells)
    ours, theirs = entry(archspec.loads(text))(**changed), archspec.loads(text, **changed).build()
    assert weights(ours) == weights(theirs)
    assert [str(m) for m in ours.modules() if not list(m.children())] == [
        str(m) for m in theirs.modules() if not list(m.children())
    ]


FIXED = [
    (spec("k=4", "conv 3x3, k; fc 3", input="4*k x 4*k x 3"), "k"),
    (spec("c=3", "conv 3x3, c", input="8 x 8 x c"), "c"),
    (spec("k=3", "conv kernel=k, channels=2*k"), "k"),
    (spec("n=1", "conv3-8 x n; conv 3x3, 8*n"), "n"),  # of which a second run is not seen
    (spec("n=3", "conv 3x3, in + 8 x n"), "n"),
    (spec("n=3", "maxpool 2x2 x n; fc 3"), "n"),
    (spec("n=3, w=4", "conv 3x3, w; maxpool 2x2 if n > 2"), "n"),
    (spec("a=2", "conv3-8; tanh amplitude=a"), "a"),
]


@pytest.mark.parametrize(("text", "name"), FIXED)
def test_what_shapes_hang_on_is_no_argument(text: str, name: str) -> None:
    with pytest.raises(TypeError, match=name):
        entry(archspec.loads(text))(**{name: 5})


def test_a_default_does_not_depend_on_another_parameter() -> None:
    with pytest.raises(archspec.ArchError) as caught:
        archspec.loads(spec("a=2, b=2*a", "conv 3x3, b; conv 3x3, a"))
    assert [d.code for d in caught.value.diagnostics] == ["E0208"]


SHORTCUTS = """
network n(m=1, d=1, classes=3)
input 16x16x3
every conv: conv; bn; relu
block unit(c, stride=1) = add of
| body     | conv 3x3, m*c, /stride                                                               |
| shortcut | [conv 1x1, m*c, /stride] if stride > 1 or in != m*c; identity if stride == 1 and in == m*c |

block stage(c, runs)
| unit c, /2; unit c x runs |

| conv 3x3, 4*m; unit 4; unit 8; stage 8, d; stage 16, 2 |
| global-avgpool; fc classes                             |
"""


@pytest.mark.parametrize("changed", [{"m": 2}, {"d": 3}, {"m": 3, "d": 2, "classes": 5}])
def test_conditions_that_come_to_the_same_leave_arguments(changed: dict[str, Any]) -> None:
    net = archspec.loads(SHORTCUTS)
    made = entry(net)
    compare(made_with(made, changed), net(**changed).network, gradients=False)


OUTER = """
network n(w=8, v=4, classes=3)
input 8x8x3
block single(k=1)
| conv 3x3, w*k |

block double(c, d=w)
| conv 3x3, c; conv 3x3, d; single; hiding 2 |

block hiding(w, d=v)
| conv 3x3, w; conv 1x1, d |

| conv 3x3, w; single; single 2; double 4; double 4, 6 |
| global-avgpool; fc classes                           |
"""


@pytest.mark.parametrize("changed", [{"w": 6}, {"v": 3}, {"w": 5, "v": 7}])
def test_blocks_follow_the_parameters_of_the_network(changed: dict[str, Any]) -> None:
    net = archspec.loads(OUTER)
    made = entry(net)
    compare(made_with(made, changed), net(**changed).network, gradients=False)


WIDTH = st.sampled_from(["w", "2*w", "w+3", "w*v", "v/2*2", "(w+v)*2", "w - 1", "3*w - v/2", "w*0.5*2", "4"])


@settings(max_examples=40, deadline=None, derandomize=True)
@given(st.lists(WIDTH, min_size=1, max_size=4), st.integers(6, 12), st.sampled_from([2, 4, 6, 8]))
def test_random_widths_follow_their_arguments(widths: list[str], w: int, v: int) -> None:
    text = spec("w=8, v=4", *[f"conv 3x3, {width}" for width in widths], "fc w + v")
    made: dict[str, Any] = {"w": w, "v": v}
    assert weights(entry(archspec.loads(text))(**made)) == weights(archspec.loads(text, **made).build())


IN_PLACE = [
    "sigmoid; relu",
    "tanh; relu",
    "relu; leaky-relu",
    "relu; identity; relu",
    "relu; flatten; relu",
    "dropout; relu",
]


@pytest.mark.parametrize("cell", [*IN_PLACE, "prelu; relu", "softmax; relu", "maxpool; relu", "bn; relu x 2"])
def test_what_is_emitted_goes_backward(cell: str) -> None:
    model = archspec.loads(spec("c=2", f"relu; conv3-8; {cell}", "fc c")).build()
    images = torch.randn(2, 3, 16, 16)
    before = images.clone()
    model(images).sum().backward()
    assert torch.equal(images, before), "the caller's batch was written over"
    assert all(p.grad is not None for p in model.parameters())


def test_names_of_weights_do_not_move_with_other_rows_or_the_input() -> None:
    one = archspec.loads(spec("c=2", "conv3-8; conv3-8, no bn", "fc c")).build()
    two = archspec.loads(spec("c=2", "conv3-8; conv3-8, no bn", "conv3-4", "fc c")).build()
    assert [n for n, _ in weights(one) if n.startswith("conv1")] == [
        n for n, _ in weights(two) if n.startswith("conv1")
    ]
    small, large = (
        archspec.loads(spec("c=2", "conv 3x3, 8, /2, pad=tf_same", "global-avgpool; fc c", input=size)).build()
        for size in ("8x8x3", "9x9x3")
    )
    assert weights(small) == weights(large)
    assert small(torch.randn(1, 3, 9, 9)).shape == (1, 2)


def test_equal_layers_of_changing_size_are_a_loop() -> None:
    source = archspec.loads("network n()\ninput 99x99x8\n| conv 3x3, 8, pad=0 x 40 |\n".replace("()", "")).source()
    assert "for _ in range(40)" in source
    assert source.count("nn.Conv2d(") == 1


def test_a_multiplier_that_is_always_rounded_may_be_a_fraction() -> None:
    text = """
network n(w=1, d=1, c=16, m=2)
input 8x8x3
every conv: conv no bias; bn; relu

block unit(wide, times) = add of
| conv 3x3, round_to(wide*times, 8); conv 1x1, in; dropout 0.5 if times < 9 |
| identity |

| conv 3x3, round_to(c/2, 8) + 4*m |
| unit 24, w x ceil(2*d) |
"""
    source = archspec.loads(text).source()
    assert "def n(w: float = 1.0, d: float = 1.0, c: int = 16, m: int = 2)" in source
    assert "def __init__(self, in_channels: int, wide: int, times: float)" in source
    ours, theirs = entry(archspec.loads(text))(w=0.75, d=1.4), archspec.loads(text, w=0.75, d=1.4).build()
    assert weights(ours) == weights(theirs)


def test_a_repetition_behind_a_stride_is_an_argument_whatever_its_default() -> None:
    text = """
network n(depth=1.0)
input 16x16x3
every conv: conv no bias; bn; relu

block unit(c, stride=1) = add of
| conv 3x3, c, /stride |
| shortcut c, /stride |

| unit 8, /2 x ceil(2*depth) |
"""
    for depth in (0.5, 1.0, 2.0):
        assert "def n(depth: float = " in archspec.loads(text, depth=depth).source()
    ours, theirs = entry(archspec.loads(text))(depth=2.2), archspec.loads(text, depth=2.2).build()
    assert weights(ours) == weights(theirs)
