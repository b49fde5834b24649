"""Learning rates, optimizers and first weights of recipes against torch's own classes and the papers' formulas."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from recipe_programs import RESIDUAL, SPECS, compiled, facts, program, spec
from torch import nn
from torch.optim import lr_scheduler as torch_s

from archspec import loads
from archspec.recipe.facts import Residual

pytestmark = pytest.mark.torch

PER_EPOCH, STEPS = 7, 70
Rates = Callable[[int, int, int], float]


def rates(lr: str) -> Rates:
    found: Rates = program(spec(lr=lr)).learning_rate
    return found


def torch_rates(base: float, scheduler: Callable[[torch.optim.Optimizer], Any]) -> list[float]:
    """The rate of each step by a scheduler of torch."""
    optimizer = torch.optim.SGD([nn.Parameter(torch.zeros(1))], lr=base)
    schedule = scheduler(optimizer)
    found = []
    for _ in range(STEPS):
        found.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()
    return found


SCHEDULES: dict[str, tuple[float, Callable[[torch.optim.Optimizer], Any]]] = {
    "0.1, divide by 10 at 3, 6 epochs": (0.1, partial(torch_s.MultiStepLR, milestones=[21, 42], gamma=0.1)),
    "0.1, divide by 5 at 10, 15, 60 iterations": (
        0.1,
        partial(torch_s.MultiStepLR, milestones=[10, 15, 60], gamma=0.2),
    ),
    "0.1, divide by 10 at 2.5 epochs": (0.1, partial(torch_s.MultiStepLR, milestones=[18], gamma=0.1)),
    "0.2, divide by 2 every 2 epochs": (0.2, partial(torch_s.StepLR, step_size=14, gamma=0.5)),
    "0.2, divide by 2 every 9 iterations": (0.2, partial(torch_s.StepLR, step_size=9, gamma=0.5)),
    "0.045, multiply by 0.94 every 2 epochs": (0.045, partial(torch_s.StepLR, step_size=14, gamma=0.94)),
    "0.045, multiply by 0.94 every 1 epoch": (0.045, partial(torch_s.StepLR, step_size=7, gamma=0.94)),
    "0.045, multiply by 0.99 every 1 iteration": (0.045, partial(torch_s.ExponentialLR, gamma=0.99)),
    "0.1, cosine": (0.1, partial(torch_s.CosineAnnealingLR, T_max=STEPS)),
    "0.1, cosine, to=0.001": (0.1, partial(torch_s.CosineAnnealingLR, T_max=STEPS, eta_min=0.001)),
    "0.1, polynomial 1": (0.1, partial(torch_s.PolynomialLR, total_iters=STEPS, power=1)),
    "0.5, polynomial 0.5": (0.5, partial(torch_s.PolynomialLR, total_iters=STEPS, power=0.5)),
    "0.1": (0.1, partial(torch_s.ConstantLR, factor=1)),
    "0.1, warm-up 3 epochs at 0.01": (0.1, partial(torch_s.ConstantLR, factor=0.1, total_iters=21)),
    "0.1, warm-up 2 epochs, start=0.02": (0.1, partial(torch_s.LinearLR, start_factor=0.2, total_iters=14)),
}


@pytest.mark.parametrize("lr", SCHEDULES)
def test_the_rate_is_that_of_torch_s_scheduler_at_every_step(lr: str) -> None:
    base, scheduler = SCHEDULES[lr]
    rate = rates(lr)
    assert [rate(step, PER_EPOCH, STEPS) for step in range(STEPS)] == pytest.approx(torch_rates(base, scheduler))


def test_parts_of_a_schedule_are_multiplied_and_a_warm_up_stands_before_them() -> None:
    rate = rates("0.1; warm-up 2 epochs; divide by 10 at 4 epochs; multiply by 0.5 every 3 epochs")
    drop, halving = (
        partial(torch_s.MultiStepLR, milestones=[28], gamma=0.1),
        partial(torch_s.StepLR, step_size=21, gamma=0.5),
    )
    product = [a * b / 0.1 for a, b in zip(torch_rates(0.1, drop), torch_rates(0.1, halving), strict=True)]
    expected = [0.1 * step / 14 if step < 14 else product[step] for step in range(STEPS)]
    assert [rate(step, PER_EPOCH, STEPS) for step in range(STEPS)] == pytest.approx(expected)


def test_periods_need_not_be_whole() -> None:
    rate = rates("0.2, divide by 2 every 2.5 epochs")
    expected = [0.2 * 0.5 ** math.floor(step / 17.5) for step in range(STEPS)]
    assert [rate(step, PER_EPOCH, STEPS) for step in range(STEPS)] == pytest.approx(expected)


def test_a_polynomial_to_a_rate_ends_there() -> None:
    rate = rates("0.1, polynomial 2, to=0.01")
    assert rate(0, PER_EPOCH, STEPS) == pytest.approx(0.1)
    assert rate(35, PER_EPOCH, STEPS) == pytest.approx(0.01 + 0.09 / 4)
    assert rate(70, PER_EPOCH, STEPS) == pytest.approx(0.01)


@settings(max_examples=50, deadline=None)
@given(st.integers(1, 400), st.lists(st.integers(1, 99), min_size=1, max_size=4, unique=True))
def test_a_rate_falls_with_the_first_step_of_an_epoch(per_epoch: int, points: list[int]) -> None:
    points.sort()
    rate = rates(f"1, divide by 10 at {', '.join(map(str, points))} epochs")
    for number, point in enumerate(points, start=1):
        assert rate(point * per_epoch - 1, per_epoch, 100 * per_epoch) == pytest.approx(10.0 ** -(number - 1))
        assert rate(point * per_epoch, per_epoch, 100 * per_epoch) == pytest.approx(10.0**-number)


@settings(max_examples=80, deadline=None)
@given(st.lists(st.sampled_from([0.5, 0.4, 0.3, 0.2, 0.1, 0.05]), max_size=40), st.integers(1, 4))
def test_a_plateau_is_torch_s(errors: list[float], patience: int) -> None:
    plateau = program(spec(lr=f"1, divide by 4 on plateau, patience={patience}")).Plateau()
    optimizer = torch.optim.SGD([nn.Parameter(torch.zeros(1))], lr=1.0)
    theirs = torch_s.ReduceLROnPlateau(optimizer, factor=0.25, patience=patience - 1, threshold=0.0, eps=0.0)
    for error in errors:
        before = plateau.factor
        assert plateau.update(error) == (plateau.factor < before)
        theirs.step(error)
        assert plateau.factor == pytest.approx(optimizer.param_groups[0]["lr"])


def test_a_plateau_divides_so_often_at_most_and_is_kept_in_a_checkpoint() -> None:
    made = program(spec(lr="1, divide by 10 on plateau, patience=2, times=3"))
    plateau = made.Plateau()
    divided = []
    for _ in range(20):
        divided.append(plateau.update(0.5))
        other = made.Plateau()
        other.load_state_dict(plateau.state_dict())
        plateau = other
    assert sum(divided) == 3
    assert [i for i, was in enumerate(divided) if was] == [2, 4, 6]
    assert plateau.factor == pytest.approx(1e-3)


OPTIMIZERS: dict[str, tuple[type[torch.optim.Optimizer], dict[str, Any]]] = {
    "sgd": (torch.optim.SGD, {}),
    "sgd, momentum=0.9, nesterov, weight_decay=0.01": (
        torch.optim.SGD,
        {"momentum": 0.9, "nesterov": True, "weight_decay": 0.01},
    ),
    "adam, beta1=0.8, beta2=0.9, eps=0.1": (torch.optim.Adam, {"betas": (0.8, 0.9), "eps": 0.1}),
    "adam, weight_decay=0.1": (torch.optim.Adam, {"weight_decay": 0.1}),
    "adamw": (torch.optim.AdamW, {"weight_decay": 0.0}),
    "adamw, weight_decay=0.05": (torch.optim.AdamW, {"weight_decay": 0.05}),
    "rmsprop, decay=0.9, momentum=0.9, eps=1": (torch.optim.RMSprop, {"alpha": 0.9, "momentum": 0.9, "eps": 1.0}),
}


@pytest.mark.parametrize("text", OPTIMIZERS)
def test_an_optimizer_is_torch_s_with_these_arguments(text: str) -> None:
    kind, options = OPTIMIZERS[text]
    torch.manual_seed(0)
    models = [nn.Linear(3, 2) for _ in range(2)]
    models[1].load_state_dict(models[0].state_dict())
    ours = program(spec(optimizer=text)).make_optimizer(models[0], False)
    assert type(ours) is kind
    theirs = kind(models[1].parameters(), lr=0.1, **options)
    for _ in range(5):
        x = torch.randn(4, 3)
        for model, optimizer in zip(models, (ours, theirs), strict=True):
            optimizer.zero_grad()
            model(x).square().sum().backward()
            optimizer.step()
    torch.testing.assert_close(models[0].weight, models[1].weight)


def test_an_optimizer_is_fused_where_torch_has_one() -> None:
    model = nn.Linear(3, 2)
    for text, fuses in (("sgd", True), ("adam", True), ("adamw", True), ("rmsprop", False), ("lars", False)):
        made = program(spec(optimizer=text)).make_optimizer(model, True)
        assert made.defaults.get("fused", False) is fuses, text
        assert program(spec(optimizer=text)).make_optimizer(model, False).defaults.get("fused") is None


class Every(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(4, 4, 3)
        self.depthwise = nn.Conv2d(4, 4, 3, groups=4, bias=False)
        self.one = nn.Conv2d(1, 4, 3, groups=1)
        self.norm = nn.BatchNorm2d(4)
        self.fc = nn.Linear(4, 2)


BIASES = {"conv.bias", "one.bias", "norm.bias", "fc.bias"}


@pytest.mark.parametrize(
    ("optimizer", "expected"),
    [
        ("sgd", {False: (1, 0), True: (3, 0)}),
        ("sgd, weight_decay=0.01", {False: (1, 0.01), True: (3, 0.01)}),
        ("sgd, weight_decay=0.01, no bias decay", {False: (1, 0.01), True: (3, 0)}),
        ("lars, weight_decay=0.01, no depthwise decay", {False: (1, 0.01), True: (3, 0.01), "depthwise": (1, 0)}),
        ("sgd, weight_decay=0.01, no norm decay", {False: (1, 0.01), True: (3, 0.01), "norm": (1, 0)}),
        (
            "rmsprop, weight_decay=0.01, no norm decay, no bias decay, no depthwise decay",
            {False: (1, 0.01), True: (3, 0), "norm": (1, 0), "depthwise": (1, 0)},
        ),
    ],
)
def test_biases_have_a_rate_of_their_own(optimizer: str, expected: dict[Any, tuple[float, float]]) -> None:
    model = Every()
    made = program(spec(optimizer=f"{optimizer}, bias_lr=3")).make_optimizer(model, False)
    of = {
        id(p): (group.get("lr_scale", 1), group["weight_decay"]) for group in made.param_groups for p in group["params"]
    }
    for name, parameter in model.named_parameters():
        rate, decay = expected.get(name.split(".")[0], expected[name in BIASES])
        decay = 0 if name == "norm.bias" and "norm" in expected else decay
        assert of[id(parameter)] == (3 if name in BIASES else rate, decay), name


@pytest.mark.parametrize(
    ("flags", "spared"),
    [
        ("no bias decay", {"conv.bias", "one.bias", "norm.bias", "fc.bias"}),
        ("no norm decay", {"norm.weight", "norm.bias"}),
        ("no depthwise decay", {"depthwise.weight"}),
        (
            "no bias decay, no norm decay, no depthwise decay",
            {"conv.bias", "one.bias", "norm.weight", "norm.bias", "fc.bias", "depthwise.weight"},
        ),
    ],
)
@pytest.mark.parametrize("kind", ["sgd", "lars", "adamw", "rmsprop"])
def test_weight_decay_leaves_out_what_the_recipe_says(kind: str, flags: str, spared: set[str]) -> None:
    model = Every()
    names = {id(parameter): name for name, parameter in model.named_parameters()}
    made = program(spec(optimizer=f"{kind}, weight_decay=0.01, {flags}")).make_optimizer(model, False)
    groups = [{names[id(p)] for p in group["params"]} for group in made.param_groups]
    assert groups == [set(names.values()) - spared, spared]
    assert [group["weight_decay"] for group in made.param_groups] == [0.01, 0.0]
    assert [group.get("adapt", False) for group in made.param_groups] == [kind == "lars", False]


def test_without_weight_decay_there_is_nothing_to_leave_out() -> None:
    made = program(spec(optimizer="sgd, no bias decay")).make_optimizer(Every(), False)
    assert len(made.param_groups) == 1


def test_a_network_without_norms_has_none_to_leave_out() -> None:
    text = spec(
        "| conv3-4; relu |\n| global-avgpool |\n| fc classes |\n", optimizer="sgd, weight_decay=0.1, no norm decay"
    )
    made = program(text)
    assert len(made.make_optimizer(made.network(), False).param_groups) == 1


def test_norms_of_the_emitted_module_s_own_are_left_out() -> None:
    body = "| conv3-4 |\n| layernorm |\n| l2norm |\n| global-avgpool |\n| fc classes |\n"
    text = spec(body, optimizer="sgd, weight_decay=0.01, no norm decay")
    made = program(text)
    model = made.network()
    names = {id(parameter): name for name, parameter in model.named_parameters()}
    groups = made.make_optimizer(model, False).param_groups
    kinds = {name.rpartition(".")[0] for name in (names[id(p)] for p in groups[1]["params"])}
    modules = dict(model.named_modules())
    assert {type(modules[name]).__name__ for name in kinds} == {"LayerNorm2d", "L2Norm"}


def test_lars_by_hand() -> None:
    """Two steps of algorithm 1 on one tensor: w = (3, 4), g = (0, 1), then (1, 0)."""
    weight = nn.Parameter(torch.tensor([3.0, 4.0], dtype=torch.float64))
    holder = nn.Module()
    holder.weight = weight
    made = program(spec(lr="2", optimizer="lars, momentum=0.5, weight_decay=0.1, trust=0.01")).make_optimizer(
        holder, False
    )
    weight.grad = torch.tensor([0.0, 1.0], dtype=torch.float64)
    made.step()
    local = 0.01 * 5 / (1 + 0.1 * 5)
    velocity = [2 * local * 0.3, 2 * local * 1.4]
    w = [3 - velocity[0], 4 - velocity[1]]
    assert weight.tolist() == pytest.approx(w)
    weight.grad = torch.tensor([1.0, 0.0], dtype=torch.float64)
    made.step()
    local = 0.01 * math.hypot(*w) / (1 + 0.1 * math.hypot(*w))
    velocity = [0.5 * velocity[0] + 2 * local * (1 + 0.1 * w[0]), 0.5 * velocity[1] + 2 * local * 0.1 * w[1]]
    assert weight.tolist() == pytest.approx([w[0] - velocity[0], w[1] - velocity[1]])


def test_lars_takes_the_plain_rate_where_there_is_no_norm_and_is_kept_in_a_checkpoint() -> None:
    model = nn.Linear(2, 1)
    nn.init.zeros_(model.bias)
    made = program(spec(optimizer="lars, weight_decay=0.1")).make_optimizer(model, False)
    for parameter in model.parameters():
        parameter.grad = torch.ones_like(parameter)
    made.step()
    assert model.bias.item() == pytest.approx(-0.1)
    other = program(spec(optimizer="lars, weight_decay=0.1")).make_optimizer(model, False)
    other.load_state_dict(made.state_dict())
    assert other.state[model.bias]["velocity"].item() == pytest.approx(0.1)


def drawn(init: str, model: nn.Module) -> nn.Module:
    torch.manual_seed(0)
    program(spec(init=init)).initialise(model)
    return model


def within(weights: torch.Tensor, deviation: float) -> None:
    """The sample's deviation is that, within five of its own standard errors."""
    weights = weights.detach()
    error = deviation / math.sqrt(2 * weights.numel())
    assert abs(weights.std().item() - deviation) < 5 * error
    assert abs(weights.mean().item()) < 5 * deviation / math.sqrt(weights.numel())


LAYERS: list[tuple[nn.Module, int, int]] = [
    (nn.Conv2d(32, 64, 3), 32 * 9, 64 * 9),
    (nn.Conv2d(64, 64, 3, groups=64, bias=False), 9, 9),
    (nn.Conv2d(64, 32, (1, 5), groups=4), 16 * 5, 8 * 5),
    (nn.Linear(300, 100), 300, 100),
]


@pytest.mark.parametrize(("layer", "inputs", "outputs"), LAYERS, ids=str)
def test_weights_have_the_deviation_that_their_fan_says(layer: nn.Module, inputs: int, outputs: int) -> None:
    weights: dict[str, torch.Tensor] = {}
    for init in ("normal 0.02", "he", "he fan-in", "he fan-out", "xavier", "xavier uniform", "xavier normal, bias=0.5"):
        drawn(init, layer)
        weights[init] = layer.weight.detach().clone()  # type: ignore[operator]
        if isinstance(layer.bias, torch.Tensor):
            assert set(layer.bias.tolist()) == {0.5 if "bias" in init else 0.0}
    within(weights["normal 0.02"], 0.02)
    within(weights["he"], math.sqrt(2 / inputs))
    assert torch.equal(weights["he"], weights["he fan-in"])
    within(weights["he fan-out"], math.sqrt(2 / outputs))
    within(weights["xavier normal, bias=0.5"], math.sqrt(2 / (inputs + outputs)))
    assert torch.equal(weights["xavier"], weights["xavier uniform"])
    bound = math.sqrt(6 / (inputs + outputs))
    assert weights["xavier"].abs().max() <= bound
    assert weights["xavier"].abs().max() > 0.99 * bound


def test_biases_of_rows_and_the_constants_of_another_network() -> None:
    made = program(SPECS["alexnet"])
    model = drawn_network("alexnet")
    biases = {name: set(p.tolist()) for name, p in model.named_parameters() if name.endswith("bias")}
    ones = {name for name, values in biases.items() if values == {1.0}}
    assert {name.split(".")[0] for name in ones} == {"conv2", "fc6"}
    assert len(ones) == 3
    assert biases["fc8.bias"] == {0.5}
    assert not hasattr(made, "INIT_FROM")
    vgg = program(SPECS["vgg"])
    assert (vgg.INIT_FROM, vgg.INIT_CONV, vgg.INIT_FC) == ("A", 4, 3)


def drawn_network(name: str) -> nn.Module:
    made = program(SPECS[name])
    with torch.device("meta"):
        model: nn.Module = made.network()
    model.to_empty(device="cpu")
    made.initialise(model)
    return model


def test_the_last_norm_of_each_residual_branch_starts_at_zero_and_blocks_as_their_shortcuts() -> None:
    made = program(spec(init="he; zero last norm"))
    model = made.network()
    made.initialise(model)
    zeros = [name for name, p in model.named_parameters() if name.endswith("weight") and not p.any()]
    assert len(zeros) == 2
    assert facts(compiled("goyal")).branches == (Residual("Basic", "residual"),)
    block = model.conv2[0].eval()
    x = torch.rand(2, 8, 5, 5)
    torch.testing.assert_close(block(x), x)


def test_a_norm_without_a_scale_ends_no_branch_whose_scale_could_start_at_zero() -> None:
    scaled, plain = (
        spec(RESIDUAL.replace("bn; relu\n\nblock", f"{norm}; relu\n\nblock"), init="he; zero last norm")
        for norm in ("instancenorm affine", "instancenorm")
    )
    made = program(scaled)
    model = made.network()
    made.initialise(model)
    assert len([name for name, p in model.named_parameters() if name.endswith("weight") and not p.any()]) == 2
    assert facts(loads(plain)).branches == ()


def test_a_recipe_without_init_leaves_torch_s_own() -> None:
    assert not hasattr(program(spec(RESIDUAL)), "initialise")
