"""Each convention of a popular counter against what the counter itself prints: the same number, to the last digit."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import permutations
from typing import Any, NamedTuple

import pytest
import torch
from popular_counters import PRINTED, printed
from torch import Tensor, nn
from torchvision_shim import torchvision
from witness import META, ROOT, meta_build, modules_of, parameters_of, shape_of, size, unrolled

from archspec import load, ops
from archspec.bridge import bridge, lines, without_loss
from archspec.conventions import CONVENTIONS, Counting
from archspec.counters import COUNTERS
from archspec.op import Call, Op, Shape
from archspec.pipeline import Compiled
from archspec.seen import Seen

TOOLS = sorted(PRINTED)
SPECS = ["vgg_D.arch", "alexnet.arch", "nin.arch:imagenet", "lenet5.arch"]


class Use(NamedTuple):
    op: Op
    xs: tuple[Shape, ...]
    y: Shape
    times: int = 1


def made(name: str, *xs: Shape, **arguments: Any) -> Use:
    found = ops.find(name)
    assert found is not None
    op = found(**arguments)
    return Use(op, xs, op.infer(*xs))


def total(uses: Iterable[Use], rule: str) -> int:
    counting = Counting([rule])
    return sum(use.times * counting.mult_adds(use.op, use.y, *use.xs) for use in uses)


def with_a_parameter(modules: list[nn.Module]) -> nn.Module:
    """The modules in a row; calflops needs a parameter to find the device by."""
    model = nn.Sequential(*modules)
    model.register_parameter("spare", nn.Parameter(torch.zeros(1)))
    return model


# Networks of the corpus.


def uses_of(compiled: Compiled) -> list[Use]:
    return [Use(op, (x,), op.infer(x)) for _, op, x in unrolled(compiled.network)]


@pytest.mark.parametrize("tool", TOOLS)
@pytest.mark.parametrize("spec", SPECS)
def test_a_network_of_the_corpus(spec: str, tool: str) -> None:
    compiled = load(str(ROOT / "specs" / spec))
    uses = without_loss(uses_of(compiled))
    assert total(uses, tool) == printed(tool, meta_build(compiled), size(uses[0].xs[0], 1)[1:])


# Each layer type, and arguments of it that a counter treats in a way of its own.

X = Shape(6, 9, 8)
LAYERS = {
    "conv": made("conv", X, kernel=3, channels=4),
    "conv without bias": made("conv", X, kernel=3, channels=4, bias=False),
    "conv in groups": made("conv", X, kernel=3, channels=4, groups=2, stride=2),
    "conv padded by torch's word": made("conv", X, kernel=(4, 3), channels=4, pad="same"),
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


# torchvision's own networks, through hooks.

READ: dict[type[nn.Module], tuple[str, dict[str, str]]] = {
    nn.Conv2d: (
        "conv",
        {
            "kernel": "kernel_size",
            "channels": "out_channels",
            "stride": "stride",
            "pad": "padding",
            "dilation": "dilation",
            "groups": "groups",
        },
    ),
    nn.Linear: ("fc", {"units": "out_features"}),
    nn.BatchNorm2d: ("bn", {"eps": "eps"}),
    nn.ReLU: ("relu", {}),
    nn.Dropout: ("dropout", {"p": "p"}),
    nn.MaxPool2d: ("maxpool", {"kernel": "kernel_size", "stride": "stride", "pad": "padding", "ceil": "ceil_mode"}),
    nn.AvgPool2d: ("avgpool", {"kernel": "kernel_size", "stride": "stride", "pad": "padding"}),
    nn.AdaptiveAvgPool2d: ("adaptive-avgpool", {"size": "output_size"}),
}


def traced(model: nn.Module, x: Shape) -> list[Use]:
    """The leaves of a torch network as uses of ops, in the order in which they run."""
    uses: list[Use] = []

    def add(module: nn.Module, inputs: tuple[Tensor, ...], y: Tensor) -> None:
        name, fields = READ[type(module)]
        arguments = {argument: getattr(module, attribute) for argument, attribute in fields.items()}
        if isinstance(module, nn.Conv2d | nn.Linear):
            arguments["bias"] = module.bias is not None
        uses.append(made(name, shape_of(inputs[0]), **arguments))
        assert uses[-1].y == shape_of(y)

    handles = [m.register_forward_hook(add) for m in model.modules() if not list(m.children())]
    with torch.no_grad():
        model(torch.zeros(size(x, 1), device=META))
    for handle in handles:
        handle.remove()
    return uses


def network_of_torchvision(name: str) -> nn.Module:
    with META:
        model: nn.Module = getattr(torchvision().models, name)()
    return model.eval()


PUBLISHED = {
    "resnet50": {
        "torch": 2 * 4_089_184_256,
        "calflops": 4_089_184_256,
        "torchvision": 4_089_184_256,
        "ptflops-aten": 4_089_185_256,
        "torchinfo": 4_089_238_376,
        "fvcore": 4_111_512_576,
        "timm": 4_111_512_576,
        "ptflops": 4_132_436_968,
        "thop": 4_133_742_592,
    },
    "vgg16": {
        "torch": 2 * 15_470_264_320,
        "calflops": 15_470_264_320,
        "torchvision": 15_470_264_320,
        "ptflops-aten": 15_483_821_032,
        "torchinfo": 15_483_821_032,
        "fvcore": 15_470_289_408,
        "timm": 15_470_289_408,
        "ptflops": 15_523_225_576,
        "thop": 15_470_314_496,
    },
}
IMAGE = Shape(3, 224, 224)


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_network_of_torchvision_under_every_convention(name: str) -> None:
    uses = traced(network_of_torchvision(name), IMAGE)
    assert {rule: total(uses, rule) for rule in COUNTERS} == PUBLISHED[name]


@pytest.mark.parametrize("tool", TOOLS)
@pytest.mark.parametrize("name", PUBLISHED)
def test_what_the_counter_prints_for_a_network_of_torchvision(name: str, tool: str) -> None:
    assert printed(tool, network_of_torchvision(name), size(IMAGE, 1)[1:]) == PUBLISHED[name][tool]


@pytest.mark.parametrize("name", ["resnet50", "resnext50_32x4d", "vgg16_bn", "squeezenet1_1"])
def test_the_flops_that_torchvision_publishes(name: str) -> None:
    weights = torchvision().models.get_model_weights(name).DEFAULT
    uses = traced(network_of_torchvision(name), IMAGE)
    assert round(total(uses, "torchvision") / 1e9, 3) == weights.meta["_ops"]


# Bridges.

ALEXNET = load(str(ROOT / "specs" / "alexnet.arch"))


@pytest.mark.parametrize(("a", "b"), [*permutations(CONVENTIONS, 2)])
def test_a_bridge_leads_from_one_total_to_the_other(a: str, b: str) -> None:
    uses = uses_of(ALEXNET)
    found = bridge(uses, Counting([a]), Counting([b]))
    assert (found.start, found.end) == (total(uses, a), total(uses, b))
    assert found.start + sum(step.amount for step in found.steps) == found.end
    assert all(step.amount and step.why for step in found.steps)


def test_a_bridge_in_words() -> None:
    uses = without_loss(uses_of(ALEXNET))
    assert lines(bridge(uses, Counting(), Counting(["ptflops-aten"]))) == [
        "724,406,816  paper",
        "   +659,272  bias  ptflops-aten counts one more for each output of a layer that has a bias;"
        " paper counts nothing here",
        "725,066,088  ptflops-aten",
    ]
    assert lines(bridge(uses, Counting(["no fc"]), Counting(["torch"]))) == [
        "  665,784,864  paper, no fc",
        "  +58,621,952  multiply-accumulates of fc  paper, no fc leaves out every fc",
        " +724,406,816  unit                        paper, no fc counts each multiply-accumulate once;"
        " torch twice, as a multiplication and an addition",
        "1,448,813,632  torch",
    ]


def test_a_rule_changes_what_a_counter_counts() -> None:
    use = made("conv", X, kernel=3, channels=4)
    for rules, items in {
        ("fvcore",): {"multiply-accumulates": 6 * 9 * 4 * 9 * 8},
        ("fvcore", "with bias"): {"multiply-accumulates": 6 * 9 * 4 * 9 * 8, "bias": 4 * 9 * 8},
        ("torchinfo", "with bias"): {"multiply-accumulates": 6 * 9 * 4 * 9 * 8, "bias": 4 * 9 * 8},
        ("fvcore", "no conv"): {},
    }.items():
        assert Counting(rules).items(use.op, use.y, *use.xs) == items


@pytest.mark.parametrize("rule", COUNTERS)
def test_a_convention_says_what_it_counts(rule: str) -> None:
    first, *rest = Counting([rule]).describe()
    assert first == f"mult-adds: {COUNTERS[rule].says}"
    assert rest[:-1] == [f"{item.name}: {item.why}" for item in COUNTERS[rule].items]
