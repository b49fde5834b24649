"""First weights of emitted modules: those of the recipe, or He's where the spec has none, drawn by `reset_parameters`."""

from __future__ import annotations

import math
import re
from collections.abc import Callable

import pytest
import torch
from torch import nn

from archspec import ArchError, build, loads, ops
from archspec.op import Op
from archspec.targets.torch.load import load

pytestmark = pytest.mark.torch

INIT = "normal 0.5; bias 1 in conv2"
PLAIN = """
network t(classes=10)
input 16x16x3

| conv1 | conv 3x3, 64; bn; relu |
| conv2 | conv 3x3, 64, groups=4; relu |
| fc    | global-avgpool; fc classes |
"""
RECIPE = f"""
train
| setting   | value                       | source    |
|-----------|-----------------------------|-----------|
| data      | cifar10                     | section 3 |
| optimizer | sgd                         |           |
| lr        | 0.1                         |           |
| batch     | 32                          |           |
| epochs    | 30                          |           |
| init      | {INIT} | section 4 |
"""


def weights(model: nn.Module, name: str) -> torch.Tensor:
    found = model.get_parameter(name).detach()
    assert found.numel() > 100
    return found


def test_weights_are_he_where_the_spec_has_none() -> None:
    torch.manual_seed(0)
    model = loads(PLAIN).build()
    for name, fan in (("conv1.0.weight", 3 * 9), ("conv2.0.weight", 16 * 9), ("fc.2.weight", 64)):
        found = weights(model, name)
        assert float(found.std()) == pytest.approx(math.sqrt(2 / fan), rel=0.1), name
        assert abs(float(found.mean())) < 0.1 * math.sqrt(2 / fan) * 2
    assert not model.get_parameter("conv1.0.bias").any()


def test_weights_are_those_of_the_recipe() -> None:
    torch.manual_seed(0)
    model = loads(PLAIN.replace("16x16x3", "32x32x3") + RECIPE).build()
    assert float(weights(model, "conv2.0.weight").std()) == pytest.approx(0.5, rel=0.05)
    assert (model.get_parameter("conv2.0.bias") == 1).all()
    assert not model.get_parameter("conv1.0.bias").any()
    assert (
        '"""Initialise by `normal 0.5; bias 1 in conv2` (section 4)."""'
        in loads(PLAIN.replace("16x16x3", "32x32x3") + RECIPE).source()
    )


def test_they_are_drawn_again() -> None:
    model = loads(PLAIN).build()
    with torch.no_grad():
        for tensor in (*model.parameters(), *model.buffers()):
            tensor.fill_(7)
    reset = model.reset_parameters
    assert callable(reset)
    reset()
    norm = model.get_submodule("conv1.1")
    assert isinstance(norm, nn.BatchNorm2d)
    assert (norm.weight == 1).all()
    assert norm.running_mean is not None
    assert not norm.running_mean.any()
    assert not any((tensor == 7).all() for tensor in (*model.parameters(), *model.buffers()))


LAYERS = """
network t(classes=10)
input 32x32x3

| conv     | conv 5x5, 24; dwconv 3x3; bn; prelu                                             |
| strided  | conv 3x3, 16, /2, pad=tf_same; groupnorm 4; leaky-relu                          |
| ws       | ws-conv 3x3, 16; ws-conv 3x3, 16, scaled; ws-conv 3x3, 16, /2, pad=tf_same, scaled |
| up       | transposed-conv 2x2, 24, /2, groups=2; l2norm; layer-scale 0.1; grn; blurpool   |
| partial  | partial-conv 3x3, maps="0 1 2, 3 4, 5 6 7 8"; subsample; instancenorm affine    |
| channels | global-avgpool; channel-conv 3; layernorm; fc 16; bn; fc 84; rbf classes        |
"""


def state(model: nn.Module) -> dict[str, torch.Tensor]:
    return dict(model.named_parameters()) | dict(model.named_buffers())


def test_all_layers_with_a_state_are_among_them() -> None:
    """But for those whose modules the caller gives."""
    kinds = [kind for kind in ops.every() if kind.known]
    stateful = [kind for kind in kinds if (kind.weights, kind.buffers) != (Op.weights, Op.buffers)]
    names = {kind.spelled() for kind in stateful}
    assert len(names) > 15
    assert not names - set(re.split(r"[ |;\n]+", LAYERS))


@pytest.mark.parametrize("init", ["", "normal 0.02", "xavier", "he fan-out"])
def test_whatever_a_state_holds_is_set_again(init: str) -> None:
    text = LAYERS + RECIPE.replace(INIT, init) if init else LAYERS
    fresh, spoilt = (loads(text).build() for _ in range(2))
    for tensor in state(spoilt).values():
        tensor.detach().fill_(math.nan if tensor.is_floating_point() else 9)
    for model in (fresh, spoilt):
        torch.manual_seed(0)
        model.reset_parameters()  # type: ignore[operator]
    want = state(fresh)
    for name, tensor in state(spoilt).items():
        assert torch.equal(tensor, want[name]), name


@pytest.mark.slow
def test_a_network_made_without_memory_is_set_by_it() -> None:
    with torch.device("meta"):
        model = load(loads(LAYERS).source(), "t").__dict__["t"]()
    model.to_empty(device="cpu")
    model.reset_parameters()
    model.eval()
    assert model(torch.randn(2, 3, 32, 32)).isfinite().all()


WEIGHTED = """
network t(classes=10)
input 32x32x3

| plain   | conv 3x3, 64                                |
| grouped | conv 3x3, 48, groups=4, /2                  |
| up      | transposed-conv 4x4, 24, /2, pad=1          |
| apart   | transposed-conv 4x4, 72, /1, pad=1, groups=3 |
| ws      | ws-conv 3x3, 32, scaled                     |
| some    | partial-conv 15x15, maps="0 1 2 3 4 5 6 7, 0, 0 1" |
| along   | global-avgpool; channel-conv 2001           |
| fc      | fc 50; fc classes                           |
"""
FANS = {
    "plain": (3 * 9, 64 * 9),
    "grouped": (16 * 9, 12 * 9),
    "up": (48 * 16, 24 * 16),
    "apart": (8 * 16, 24 * 16),
    "ws": (72 * 9, 32 * 9),
    "along.1": (2001, 2001),
    "fc.2": (50, 10),
}
"""Weights that an output has, and weights that an input has."""
FORMULAS: dict[str, Callable[[int, int], float]] = {
    "": lambda fan_in, _: 2 / fan_in,
    "normal 0.02": lambda *_: 0.02**2,
    "xavier": lambda fan_in, fan_out: 2 / (fan_in + fan_out),
    "xavier normal": lambda fan_in, fan_out: 2 / (fan_in + fan_out),
    "he": lambda fan_in, _: 2 / fan_in,
    "he fan-out": lambda _, fan_out: 2 / fan_out,
}
"""Variances by the fans of a weight."""


@pytest.mark.parametrize("init", FORMULAS)
def test_weights_of_every_layer_have_the_variance_of_the_formula(init: str) -> None:
    torch.manual_seed(1)
    recipe = RECIPE.replace(INIT, f"{init}; bias 1 in up, some") if init else ""
    model = loads(WEIGHTED + recipe).build()
    variance = FORMULAS[init]
    for name, fans in FANS.items():
        found = weights(model, f"{name}.weight")
        assert float(found.std()) == pytest.approx(math.sqrt(variance(*fans)), rel=0.1), name
    partial = weights(model, "some.weight")
    for place, inputs in ((0, 8), (8, 1), (9, 2)):  # kernels of input map 0, which all three output maps see
        assert float(partial[place].std()) == pytest.approx(math.sqrt(variance(inputs * 225, 3 * 225)), rel=0.15), (
            inputs
        )
    assert float(partial[7].std()) == pytest.approx(math.sqrt(variance(8 * 225, 225)), rel=0.15)
    for name, bias in model.named_parameters():
        if name.endswith(".bias"):
            assert (bias == (1 if init and name.startswith(("up", "some")) else 0)).all(), name


def test_a_row_without_a_bias_that_is_drawn_is_refused() -> None:
    rows = "| c | conv 3x3, 8, no bias |\n| s | subsample |\n| f | fc 10 |\n"
    recipe = RECIPE.replace(INIT, "he; bias 1 in c, s")
    with pytest.raises(ArchError) as found:
        loads(f"network t\ninput 32x32x3\n\n{rows}" + recipe).training()
    assert [d.message for d in found.value.diagnostics] == [f"row `{row}` has no layer with a bias" for row in "cs"]


def test_modules_that_the_caller_gives_keep_their_weights() -> None:
    given = nn.Conv2d(8, 8, 3, padding=1)
    nn.init.constant_(given.weight, 3.0)
    spec = 'network t\ninput 8x8x3\n\n| a | conv 3x3, 8 |\n| b | opaque "mine" |\n'
    model = loads(spec).build(opaque={"mine": given})
    assert (given.weight == 3).all()
    assert model(torch.randn(1, 3, 8, 8)).shape == (1, 8, 8, 8)


def test_a_network_without_weights_draws_none_and_a_row_may_have_the_name() -> None:
    assert "reset_parameters" not in loads("network t\ninput 8x8x3\n\n| a | maxpool 2x2 |\n").source()
    model = loads("network t\ninput 8x8x3\n\n| reset_parameters | conv 3x3, 4 |\n").build()
    assert "reset_parameters_2.weight" in model.state_dict()


def test_each_network_of_a_family_draws_its_own() -> None:
    rows = "| layer | A           | B           |\n|-------|-------------|-------------|\n| a     | conv 3x3, 8 | conv 5x5, 8 |\n"
    text = f"network t\ninput 8x8x3\nvariants A, B\n\n{rows}"
    source = loads(text, variant="A").source(together=True)
    assert source.count("def reset_parameters") == 2
    model = load(source, "t").__dict__["t_B"]()
    assert not model.get_parameter("a.bias").any()


def test_build_from_a_folder_of_specs_draws_them(tmp_path: object) -> None:
    model = build("specs/squeezenet.arch")
    assert not model.get_parameter("conv1.0.bias").any()


def test_kinds_of_layers_that_there_are_not_are_not_asked_for() -> None:
    source = loads("network n\ninput 8x8x3\n\n| conv 3x3, 8; relu |\n").source()
    assert "isinstance(module, nn.Conv2d):" in source
    assert "nn.Linear" not in source


def test_layers_under_a_condition_are_asked_for() -> None:
    text = """network n
input 8x8x3

block gate = multiply of
| identity                                   |
| global-avgpool; fc 2; relu; fc in; sigmoid |

block b(c, t)
| conv 3x3, c; gate if t > 1 |

| b 8, 1; relu; b 8, 2 |
"""
    assert "isinstance(module, nn.Conv2d | nn.Linear):" in loads(text).source()
