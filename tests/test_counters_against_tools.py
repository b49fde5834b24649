"""Each convention of a popular counter against what the counter itself prints: the same number, to the last digit."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from counted_uses import made, run_uses, total
from popular_counters import TOOLS, printed, with_a_parameter
from torch import Tensor, nn
from witness import ROOT, meta_build, modules_of, parameters_of, shape_of, size

from archspec import load, loads
from archspec.counting.conventions import Counting
from archspec.counting.counters import COUNTERS
from archspec.counting.formulas import Seen
from archspec.op import Call, Shape
from archspec.reports.why import totals

pytestmark = pytest.mark.torch

SPECS = ["vgg_D.arch", "alexnet.arch", "nin.arch:imagenet", "lenet5.arch"]


# Networks of the corpus.


@pytest.mark.parametrize("tool", TOOLS)
@pytest.mark.parametrize("spec", SPECS)
def test_a_network_of_the_corpus(spec: str, tool: str) -> None:
    compiled = load(str(ROOT / "specs" / spec))
    uses = run_uses(compiled)
    assert total(uses, tool) == printed(tool, meta_build(compiled), size(uses[0].xs[0], 1)[1:])


# Each layer type, and arguments of it that a counter treats in a way of its own.

X = Shape(6, 9, 8)
LAYERS = {
    "conv": made("conv", X, kernel=3, channels=4),
    "conv without bias": made("conv", X, kernel=3, channels=4, bias=False),
    "conv in groups": made("conv", X, kernel=3, channels=4, groups=2, stride=2),
    "conv padded by torch's word": made("conv", X, kernel=(4, 3), channels=4, pad="same"),
    "transposed-conv": made("transposed-conv", Shape(32, 1, 1), kernel=3, channels=1),
    "transposed-conv in groups": made("transposed-conv", X, kernel=(2, 3), channels=4, groups=2, stride=2, pad=1),
    "transposed-conv in a group each": made("transposed-conv", X, kernel=2, channels=6, groups=6, bias=False),
    "layernorm": made("layernorm", X),
    "layernorm without scale": made("layernorm", X, affine=False),
    "layernorm of a vector": made("layernorm", Shape(7)),
    "conv padded as in TensorFlow": made("conv", X, kernel=3, channels=4, stride=2, pad="tf_same"),
    "partial-conv": made("partial-conv", X, kernel=3, maps="0 1, 1 2 3, 5"),
    "partial-conv without bias": made("partial-conv", X, kernel=3, maps="0 1, 1 2 3, 5", bias=False),
    "fc": made("fc", X, units=5),
    "fc without bias": made("fc", Shape(7), units=5, bias=False),
    "rbf": made("rbf", X, units=5),
    "bn": made("bn", X),
    "bn without scale": made("bn", X, affine=False),
    "bn of a vector": made("bn", Shape(7)),
    "lrn": made("lrn", X, n=3),
    "relu": made("relu", X),
    "leaky-relu": made("leaky-relu", X),
    "prelu": made("prelu", X),
    "prelu shared": made("prelu", X, shared=True),
    "sigmoid": made("sigmoid", X),
    "tanh": made("tanh", X),
    "tanh scaled": made("tanh", X, amplitude=1.7159),
    "softmax": made("softmax", X),
    "softmax of a vector": made("softmax", Shape(7)),
    **{name: made(name, X) for name in ("elu", "celu", "selu", "mish", "softplus", "softsign", "hard-tanh")},
    "dropout": made("dropout", X),
    "identity": made("identity", X),
    "flatten": made("flatten", X),
    "flatten of a vector, without a module": made("flatten", Shape(7)),
    "maxpool": made("maxpool", X),
    "maxpool padded outside": made("maxpool", X, kernel=2, stride=1, pad="tf_same"),
    "avgpool": made("avgpool", X),
    "avgpool padded": made("avgpool", X, kernel=3, stride=2, pad=1),
    "avgpool without its padding": made("avgpool", X, kernel=3, stride=2, pad=1, count_include_pad=False),
    "avgpool rounded up": made("avgpool", X, kernel=(2, 3), ceil=True),
    "global-avgpool": made("global-avgpool", X),
    "adaptive-avgpool": made("adaptive-avgpool", X, size=(4, 3)),
    "adaptive-maxpool": made("adaptive-maxpool", X, size=(4, 3)),
    "global-maxpool": made("global-maxpool", X),
    "lp-pool": made("lp-pool", X),
    "lp-pool overlapping": made("lp-pool", X, kernel=3, stride=2, p=4),
    "instancenorm": made("instancenorm", X),
    "instancenorm with scale": made("instancenorm", X, affine=True),
    "ws-conv": made("ws-conv", X, kernel=3, channels=4),
    "ws-conv padded by torch's word": made("ws-conv", X, kernel=(4, 3), channels=4, pad="same", bias=False),
    "ws-conv padded as in TensorFlow": made("ws-conv", X, kernel=3, channels=4, stride=2, pad="tf_same"),
    "channels": made("channels", X, first=2, last=4),
    "crop": made("crop", X, size=5),
    "crop of all sides": made("crop", X, by=2),
    "pad": made("pad", X, by=2),
    "pad reflected": made("pad", X, by=2, mode="reflect"),
    "pad replicated": made("pad", X, by=2, after=1, mode="replicate"),
    "pixel-unshuffle": made("pixel-unshuffle", Shape(6, 8, 8), factor=2),
    "subsample": made("subsample", X),
}


@pytest.mark.parametrize("tool", TOOLS)
@pytest.mark.parametrize("layer", LAYERS)
def test_a_layer_alone(layer: str, tool: str) -> None:
    use = LAYERS[layer]
    model = with_a_parameter(modules_of(use.op.torch(*use.xs)))
    assert total([use], tool) == printed(tool, model, size(use.xs[0], 1)[1:])


# Modules of torch that no layer type may emit yet.

CALLS = [
    Call("nn.ReLU6"),
    Call("nn.GELU"),
    Call("nn.SiLU"),
    Call("nn.ELU"),
    Call("nn.Hardswish"),
    Call("nn.Hardsigmoid"),
    Call("nn.Mish"),
    Call("nn.GroupNorm", {"num_groups": 2, "num_channels": 6}),
    Call("nn.GroupNorm", {"num_groups": 2, "num_channels": 6}, {"affine": False}),
    Call("nn.LayerNorm", {"normalized_shape": [6, 9, 8]}),
    Call("nn.LayerNorm", {"normalized_shape": [6, 9, 8]}, {"elementwise_affine": False}),
    Call("nn.LayerNorm", {"normalized_shape": [6, 9, 8]}, {"bias": False}),
    Call("nn.Upsample", options={"scale_factor": 2, "mode": "nearest"}),
    Call("nn.Upsample", options={"scale_factor": 2, "mode": "bilinear"}),
    Call("nn.Upsample", options={"size": (5, 7)}),
]


@pytest.mark.parametrize("tool", TOOLS)
@pytest.mark.parametrize("call", CALLS, ids=lambda call: f"{call.target} {call.options}")
def test_a_module_alone(call: Call, tool: str) -> None:
    (module,) = modules_of([call])
    y = shape_of(module(torch.zeros(size(X, 1))))
    seen = Seen(call, X, y, weights=parameters_of(module))
    by_items = sum(item.formula(seen) for item in COUNTERS[tool].items)
    assert by_items == printed(tool, with_a_parameter([module]), size(X, 1)[1:])


class Joined(nn.Module):
    def __init__(self, how: Callable[[Tensor, Tensor], Tensor]) -> None:
        super().__init__()
        self.conv, self.how = nn.Conv2d(6, 6, 1), how

    def forward(self, x: Tensor) -> Tensor:
        return self.how(self.conv(x), x)


@pytest.mark.parametrize("tool", TOOLS)
@pytest.mark.parametrize("how", ["a + b", "a * b", "torch.cat([a, b], 1)"])
def test_no_counter_sees_a_join(how: str, tool: str) -> None:
    joined = Joined(eval(f"lambda a, b: {how}", {"torch": torch}))
    assert total([made("conv", X, kernel=1, channels=6)], tool) == printed(tool, joined, size(X, 1)[1:])


@pytest.mark.parametrize("rule", COUNTERS)
def test_a_convention_says_what_it_counts(rule: str) -> None:
    first, *rest = Counting([rule]).describe()
    assert first == f"mult-adds: {COUNTERS[rule].says}"
    assert rest[:-1] == [f"{item.name}: {item.why}" for item in COUNTERS[rule].items]


# A soft-max that ends the network belongs to the loss where it stands by itself, and is counted where it does not.

FOUR = 4 + 4 + 3
"""A soft-max of four, as thop counts it."""


@pytest.mark.parametrize(
    ("row", "counted", "predicts"),
    [
        ("softmax", 0, True),
        ("relu; softmax", 0, True),
        ("[relu; softmax]", 0, True),
        ("softmax; softmax", 1, True),
        ("softmax; relu; softmax", 1, True),
        ("softmax; identity", 1, False),
        ("softmax x 2", 2, False),
        ("[relu; softmax] x 2", 2, False),
        ("[relu; [softmax] x 2]", 2, False),
        ("last", 1, False),
        ("last x 3", 3, False),
    ],
)
def test_a_soft_max_that_ends_a_network(row: str, counted: int, predicts: bool) -> None:
    block = "block last\n| softmax |\n\n" if "last" in row else ""
    compiled = loads(f"network n\ninput 4\n\n{block}| fc 4 |\n| {row} |\n")
    assert totals(compiled)["thop"] == compiled.under("thop").mult_adds == 4 * 4 + counted * FOUR
    assert hasattr(compiled.build(), "predict") is predicts
