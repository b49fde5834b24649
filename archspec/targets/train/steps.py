"""Weights and their steps: ``initialise``, ``make_optimizer``, ``learning_rate``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from textwrap import wrap
from typing import Any, NamedTuple

from archspec.recipe.facts import Facts
from archspec.recipe.inits import Init
from archspec.recipe.optimizers import Optimizer, optimizer_of
from archspec.recipe.part import Code, Line, Parts
from archspec.recipe.schedules import Schedule, rate_of
from archspec.recipe.weights import Average, Clip
from archspec.targets.torch.layout import WIDTH
from archspec.targets.train.program import engine_file
from archspec.targets.train.text import Origin, constant, function, said

BIAS = 'name == "bias"'
"""Whether a parameter of a module is a bias, that of a norm included."""


def initialise(parts: Parts, facts: Facts, origins: Mapping[str, Origin]) -> Iterator[tuple[str, str]]:
    """How weights start; nothing where the recipe leaves that to torch."""
    inits = [part for part in parts.get("init", ()) if isinstance(part, Init)]
    for name, value in (item for part in inits for item in part.constants().items()):
        yield name, constant(name, value)
    body = [line for part in inits for line in part.statements(facts)]
    if body:
        signature = "def initialise(model: nn.Module) -> None:"
        yield "initialise", function(signature, "Draws the first weights.", body, said(origins, "init"))


def make_optimizer(
    parts: Parts, facts: Facts, origins: Mapping[str, Origin], fuses: bool = True
) -> Iterator[tuple[str, str]]:
    """The optimizer, with groups of parameters where weight decay leaves some out; fused on GPUs if it ``fuses``."""
    optimizer = optimizer_of(parts)
    call, spared = optimizer.torch(), _spared(optimizer, facts)
    if call.module:
        yield call.target, call.module
    if "depthwise" in spared:
        yield "is_depthwise", engine_file("modules").definition("is_depthwise")
    notes = said(origins, "optimizer")
    if optimizer.remark:
        notes += [*[""] * bool(notes), *wrap(optimizer.remark, WIDTH - 4)]
    fused = {"fused": Code("fused or None")} if optimizer.fuses and fuses else {}
    grouped = bool(spared) or optimizer.bias_lr != 1
    call = call._replace(
        args={"params": Code("groups" if grouped else "model.parameters()")},
        options={"lr": rate_of(parts), **call.options, **fused},
    )
    given = ["model: nn.Module", *["fused: bool"] * fuses]
    signature = f"def make_optimizer({', '.join(given)}) -> torch.optim.Optimizer:"
    body = [*(_groups(optimizer, spared) if grouped else ()), Line("return ", call)]
    yield "make_optimizer", function(signature, "The optimizer of all parameters.", body, notes)


def _spared(optimizer: Optimizer, facts: Facts) -> dict[str, str]:
    """What weight decay leaves out of a module's parameters, by a word for it: expressions."""
    found: dict[str, str] = {}
    if optimizer.no_bias_decay:
        found["bias"] = BIAS
    if optimizer.no_norm_decay and facts.norms:
        found["norm"] = f"isinstance(module, {' | '.join(facts.norms)})"
    if optimizer.no_depthwise_decay:
        found["depthwise"] = "is_depthwise(module)"
    return found if optimizer.weight_decay > 0 else {}


class _Group(NamedTuple):
    """Parameters that are stepped alike: the list of them, which they are, and the options of their group."""

    name: str
    test: str
    options: dict[str, Any]


def _groups(optimizer: Optimizer, spared: Mapping[str, str]) -> Iterator[Line]:
    """The statements that tell the parameters with weight decay from those without, and biases with another rate."""
    found = [*_kinds(optimizer, spared)]
    tests = dict(spared) | ({"bias": BIAS} if optimizer.bias_lr != 1 else {})
    named = "for name, parameter in module.named_parameters(recurse=False):"
    yield from (Line(f"{group.name}: list[nn.Parameter] = []") for group in reversed(found))
    yield Line("for module in model.modules():")
    yield Line(f"    {named if 'bias' in tests else 'for parameter in module.parameters(recurse=False):'}")
    yield from (Line(f"        {name} = {test}") for name, test in tests.items())
    if len(found) == 2:
        yield Line(f"        ({found[0].name} if {found[0].test} else {found[1].name}).append(parameter)")
    else:
        for word, group in zip(("if", *["elif"] * (len(found) - 2), "else"), found, strict=True):
            yield Line(f"        {word} {group.test}".rstrip() + ":")
            yield Line(f"            {group.name}.append(parameter)")
    groups = [{"params": Code(group.name), **group.options} for group in reversed(found)]
    yield Line("groups: list[dict[str, Any]] = ", groups)


def _kinds(optimizer: Optimizer, spared: Mapping[str, str]) -> Iterator[_Group]:
    """The groups, of which the first whose test holds takes a parameter; the last has none."""
    others = " or ".join(name for name in spared if name != "bias")
    if optimizer.bias_lr != 1:
        scaled = {"lr_scale": optimizer.bias_lr}
        if "bias" in spared:
            yield _Group("biases", "bias", {**optimizer.spared, **scaled})
        else:
            if others:
                both = f"bias and ({others})" if " or " in others else f"bias and {others}"
                yield _Group("spared_biases", both, {**optimizer.spared, **scaled})
            yield _Group("biases", "bias", scaled)
        if others:
            yield _Group("spared", others, optimizer.spared)
    elif spared:
        yield _Group("spared", " or ".join(spared), optimizer.spared)
    yield _Group("decayed" if spared else "others", "", {})


def learning_rate(parts: Parts, origins: Mapping[str, Origin], resumes: bool = True) -> Iterator[tuple[str, str]]:
    """The rate as a function of the optimizer step, and what follows the error beside it."""
    schedule = sorted((part for part in parts["lr"] if isinstance(part, Schedule)), key=lambda part: part.rank)
    yield from ((part.module, part.source(resumes)) for part in schedule if part.module)
    body = [line for part in schedule for line in part.statements()]
    if len(body) == 1:
        body = [body[0]._replace(before=body[0].before.replace("rate =", "return"))]
    else:
        body.append(Line("return rate"))
    signature = "def learning_rate(step: int, per_epoch: int, steps: int) -> float:"
    summary = "The learning rate of an optimizer step, counted from 0."
    yield "learning_rate", function(signature, summary, body, said(origins, "lr"))


def weights(parts: Parts) -> Iterator[tuple[str, str]]:
    """What is done to gradients before a step and to weights behind it, as constants that the engine knows."""
    for part in (*parts.get("clip", ()), *parts.get("average", ())):
        if isinstance(part, Clip):
            yield "CLIP_NORM", constant("CLIP_NORM", part.threshold, "of the gradient of a step, at most")
        elif isinstance(part, Average):
            yield "EMA_DECAY", constant("EMA_DECAY", part.decay, "of the mean of the weights, with each step")
