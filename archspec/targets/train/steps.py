"""Weights and their steps: ``initialise``, ``make_optimizer``, ``learning_rate``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from textwrap import wrap

from archspec.recipe.facts import Facts
from archspec.recipe.inits import Init
from archspec.recipe.optimizers import Optimizer, optimizer_of
from archspec.recipe.part import Code, Line, Parts
from archspec.recipe.schedules import Schedule, rate_of
from archspec.targets.torch.layout import WIDTH
from archspec.targets.train.program import engine_file
from archspec.targets.train.text import Origin, constant, function, said


def initialise(parts: Parts, facts: Facts, origins: Mapping[str, Origin]) -> Iterator[tuple[str, str]]:
    """How weights start; nothing where the recipe leaves that to torch."""
    inits = [part for part in parts.get("init", ()) if isinstance(part, Init)]
    for name, value in (item for part in inits for item in part.constants().items()):
        yield name, constant(name, value)
    body = [line for part in inits for line in part.statements(facts)]
    if body:
        signature = "def initialise(model: nn.Module) -> None:"
        yield "initialise", function(signature, "Draws the first weights.", body, said(origins, "init"))


def make_optimizer(parts: Parts, facts: Facts, origins: Mapping[str, Origin]) -> Iterator[tuple[str, str]]:
    """The optimizer, with groups of parameters where weight decay leaves some out."""
    optimizer = optimizer_of(parts)
    call, spared = optimizer.torch(), _spared(optimizer, facts)
    if call.module:
        yield call.target, call.module
    if "depthwise" in spared:
        yield "is_depthwise", engine_file("modules").definition("is_depthwise")
    notes = said(origins, "optimizer")
    if optimizer.remark:
        notes += [*[""] * bool(notes), *wrap(optimizer.remark, WIDTH - 4)]
    fused = {"fused": Code("fused or None")} if optimizer.fuses else {}
    call = call._replace(
        args={"params": Code("groups" if spared else "model.parameters()")},
        options={"lr": rate_of(parts), **call.options, **fused},
    )
    signature = "def make_optimizer(model: nn.Module, fused: bool) -> torch.optim.Optimizer:"
    body = [*(_groups(optimizer, spared) if spared else ()), Line("return ", call)]
    yield "make_optimizer", function(signature, "The optimizer of all parameters.", body, notes)


def _spared(optimizer: Optimizer, facts: Facts) -> dict[str, str]:
    """What weight decay leaves out of a module's parameters, by a word for it: expressions."""
    found: dict[str, str] = {}
    if optimizer.no_bias_decay:
        found["bias"] = 'name == "bias"'
    if optimizer.no_norm_decay and facts.norms:
        found["norm"] = f"isinstance(module, {' | '.join(facts.norms)})"
    if optimizer.no_depthwise_decay:
        found["depthwise"] = "is_depthwise(module)"
    return found if optimizer.weight_decay > 0 else {}


def _groups(optimizer: Optimizer, spared: Mapping[str, str]) -> Iterator[Line]:
    """The statements that tell the parameters with weight decay from those without."""
    named = "for name, parameter in module.named_parameters(recurse=False):"
    yield Line("decayed: list[nn.Parameter] = []")
    yield Line("spared: list[nn.Parameter] = []")
    yield Line("for module in model.modules():")
    yield Line(f"    {named if 'bias' in spared else 'for parameter in module.parameters(recurse=False):'}")
    yield from (Line(f"        {name} = {test}") for name, test in spared.items())
    yield Line(f"        (spared if {' or '.join(spared)} else decayed).append(parameter)")
    groups = [{"params": Code("decayed")}, {"params": Code("spared"), **optimizer.spared}]
    yield Line("groups: list[dict[str, Any]] = ", groups)


def learning_rate(parts: Parts, origins: Mapping[str, Origin]) -> Iterator[tuple[str, str]]:
    """The rate as a function of the optimizer step, and what follows the error beside it."""
    schedule = sorted((part for part in parts["lr"] if isinstance(part, Schedule)), key=lambda part: part.rank)
    yield from ((part.module, part.source()) for part in schedule if part.module)
    body = [line for part in schedule for line in part.statements()]
    if len(body) == 1:
        body = [body[0]._replace(before=body[0].before.replace("rate =", "return"))]
    else:
        body.append(Line("return rate"))
    signature = "def learning_rate(step: int, per_epoch: int, steps: int) -> float:"
    summary = "The learning rate of an optimizer step, counted from 0."
    yield "learning_rate", function(signature, summary, body, said(origins, "lr"))
