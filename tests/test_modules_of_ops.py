"""The modules that ops bring along, where torch has none: torch's tools take them, and they do what papers say."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import expert
import pytest
import torch
from torch import Tensor, nn
from witness import ROOT, modules_of

from archspec import loads, ops
from archspec.op import Op, Shape
from archspec.support.sources import Source

pytestmark = pytest.mark.torch

SPEC = """network every(p=0.2, classes=5)
input 9x8x6

every dwconv: dwconv 3x3, no bias; layernorm; gelu tanh

| stem   | conv3-8, /2, pad=tf_same; groupnorm 4; silu                |
| narrow | dwconv, /2, pad=tf_same; dwconv; dwconv, multiplier=2      |
| mixed  | channel-shuffle 4; channel-split 2, 2; hard-swish; l2norm; layer-scale 0.5 |
| wide   | pad-channels 12, /2; scale 0.17; relu6; pad-channels 12    |
| sliced | ws-conv 3x3, 10; channels 3..10; ws-conv 3x3, 9, /1x2, pad=tf_same; pad 3; crop by=1; crop 5x2 |
| scaled | ws-conv 3x3, 8, scaled; ws-conv 3x3, 8, /2, pad=tf_same, scaled, gamma=1.7; upsample; crop 5x2 |
| grown  | transposed-conv 3x3, 8, /2, output_pad=1; hard-sigmoid     |
| twice  | [drop-path p; upsample 2, mode=bilinear; maxpool] x 2      |
| pixels | upsample; pixel-shuffle 2; partial-conv 3x3, maps="0, 0 1" |
| shared | blurpool 5x3, /1; blurpool 3x3, /1, mode=zero; grn         |
| own    | opaque "own"; opaque "own", 46x22, 2                       |
| last   | tanh amplitude=1.7159; subsample; rbf classes; channel-conv 3 |
"""
KINDS = ["compiled", "exported", "scripted"]
BOTH = [False, pytest.param(True, marks=pytest.mark.slow)]
"""As at test time, and in training."""


def built() -> nn.Module:
    torch.manual_seed(0)
    return loads(SPEC).build(opaque={"own": [nn.Softsign(), nn.Conv2d(2, 2, 1)]}).eval()


def made(name: str, **args: Any) -> Op:
    found = ops.find(name)
    assert found is not None
    return found(**args)


def module_of(name: str, x: Shape, **args: Any) -> Any:
    (module,) = modules_of(made(name, **args).torch(x))
    return module


def test_the_network_here_has_every_module_that_an_op_brings_along() -> None:
    source = loads(SPEC).source()
    brought = [Source(path) for path in (ROOT / "archspec" / "ops" / "_emitted").glob("*.py")]
    names = {name for each in brought for name in each.classes()}
    assert len(names) >= len(brought) > 9
    assert {name for name in names if f"class {name}(" not in source} == set()


def test_no_block_takes_the_name_of_a_module_that_a_layer_brings_along() -> None:
    text = """network n
input 8x8x3

block CenterCrop(c) = add of
| residual | conv 3x3, c; relu |
| shortcut | identity          |

| a | conv 1x1, 4; CenterCrop 4; crop 4 |
| b | fc 2                              |
"""
    classes = re.findall(r"^class (CenterCrop\w*)", loads(text).source(), re.MULTILINE)
    assert classes == ["CenterCrop", "CenterCropBlock"]


@expert.one_worker
def test_the_modules_are_typed_and_formatted(tmp_path: Path) -> None:
    (tmp_path / "every.py").write_text(loads(SPEC).source(), "utf-8")
    for tool in (expert.CHECK, expert.FORMAT, expert.MYPY):
        expert.assert_passes(tool, "every.py", folder=tmp_path)


@pytest.mark.filterwarnings("ignore:.*torch.jit:DeprecationWarning")
@pytest.mark.parametrize("training", BOTH)
@pytest.mark.parametrize("kind", KINDS)
def test_torch_s_tools_take_the_modules(kind: str, training: bool) -> None:
    model, x = built().train(training), torch.randn(4, 6, 9, 8)
    torch.compiler.reset()
    taken: Any
    if kind == "compiled":
        taken = torch.compile(model, fullgraph=True, backend="aot_eager")
    elif kind == "exported":
        taken = torch.export.export(model, (x,)).module()
    else:
        taken = torch.jit.script(model)
    if training:
        y = taken(x)  # branches are dropped at random
        assert y.shape == model(x).shape
    else:
        torch.testing.assert_close(taken(x), model(x), rtol=1e-4, atol=1e-3)  # outputs are in the tens


def test_every_weight_has_a_gradient() -> None:
    model = built().train()
    model(torch.randn(4, 6, 9, 8)).square().sum().backward()
    assert [name for name, p in model.named_parameters() if p.grad is None or not p.grad.abs().sum() > 0] == []


@pytest.mark.parametrize("p", [0.25, 0.5])
def test_drop_path_drops_whole_images_and_keeps_the_mean(p: float) -> None:
    torch.manual_seed(0)
    x = torch.rand(4000, 3, 2, 2) + 1
    layer = module_of("drop-path", Shape(3, 2, 2), p=p)
    factors = (layer(x) / x).flatten(1)
    assert (factors.amax(1) - factors.amin(1)).max() < 1e-5
    dropped = factors[:, 0] == 0
    assert abs(dropped.float().mean().item() - p) < 0.03
    torch.testing.assert_close(factors[~dropped], torch.full_like(factors[~dropped], 1 / (1 - p)))
    assert torch.equal(layer.eval()(x), x)


@pytest.mark.parametrize("x", [torch.ones(3, 4), torch.ones(3, 4, 2, 2)])
def test_drop_path_with_certainty_gives_zeros_and_no_others(x: Tensor) -> None:
    assert not module_of("drop-path", Shape(4), p=1)(x).any()
    assert torch.equal(module_of("drop-path", Shape(4), p=0)(x), x)


def test_the_linear_rule_drops_the_later_branches_more_also_in_loops() -> None:
    (linear,), (plain,) = (made("drop-path", p=0.5, linear=by).torch(Shape(4)) for by in (True, False))
    assert linear.closing
    assert plain.closing is None
    text = f"""
{linear.module}

class Block(nn.Sequential):
    def __init__(self) -> None:
        super().__init__(nn.ReLU(), DropPath(0.5, linear=True))

class Network(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.first = DropPath(0.5, linear=True)
        self.blocks = nn.Sequential(*[Block() for _ in range(3)])
        self.apart = DropPath(0.3)
        self.last = Block()
""" + "".join(f"        {line}\n" for line in linear.closing.splitlines())
    space: dict[str, Any] = {"torch": torch, "nn": nn, "Tensor": Tensor}
    exec(text, space)
    found = [m.p for m in space["Network"]().modules() if type(m).__name__ == "DropPath"]
    assert found == pytest.approx([0.1, 0.2, 0.3, 0.4, 0.3, 0.5])
    exec(text.replace("linear=True)", "linear=True, per_block=2)"), space)
    found = [m.p for m in space["Network"]().modules() if type(m).__name__ == "DropPath"]
    assert found == pytest.approx([0.5 / 3, 0.5 / 3, 1 / 3, 1 / 3, 0.3, 0.5])


def test_a_shortcut_that_changes_nothing_gives_its_input() -> None:
    assert made("pad-channels", channels=8).accept(Shape(8, 4, 4)) == Shape(8, 4, 4)
    x = torch.randn(2, 8, 4, 4)
    assert torch.equal(module_of("pad-channels", Shape(8, 4, 4), channels=8)(x), x)


def test_the_scales_of_l2norm_start_at_20() -> None:
    layer = module_of("l2norm", Shape(3, 2, 2))
    assert layer.weight.tolist() == [20, 20, 20]
    torch.testing.assert_close(layer(torch.randn(2, 3, 2, 2)).norm(dim=1), torch.full((2, 2, 2), 20.0))


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("channel-shuffle", {"groups": 2}),
        ("channel-split", {"part": 1, "of": 2}),
        ("channels", {"first": 2, "last": 3}),
        ("crop", {"size": 3}),
        ("crop", {"by": 1}),
        ("lp-pool", {"kernel": 3}),
        ("pad", {"by": 2, "mode": "reflect"}),
        ("pixel-unshuffle", {"factor": 1}),
        ("drop-path", {"p": 0.5}),
        ("dwconv", {"kernel": 3, "stride": 2, "pad": "tf_same"}),
        ("l2norm", {}),
        ("layer-scale", {}),
        ("layernorm", {}),
        ("pad-channels", {"channels": 8}),
        ("pixel-shuffle", {"factor": 2}),
        ("scale", {"factor": 2}),
        ("transposed-conv", {"kernel": 3, "channels": 4}),
        ("upsample", {"mode": "bilinear"}),
        ("ws-conv", {"kernel": 3, "channels": 4}),
        ("ws-conv", {"kernel": 3, "channels": 4, "stride": 2, "pad": "tf_same"}),
    ],
)
def test_the_layout_in_memory_changes_nothing(name: str, args: dict[str, Any]) -> None:
    layer = module_of(name, Shape(4, 6, 5), **args).eval()
    x = torch.randn(2, 4, 6, 5)
    torch.testing.assert_close(layer(x.to(memory_format=torch.channels_last)), layer(x))
