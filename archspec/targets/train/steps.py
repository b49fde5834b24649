"""Weights and their steps: ``initialise``, ``make_optimizer``, ``learning_rate``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from textwrap import wrap
from typing import Any, NamedTuple

from archspec.recipe.facts import Facts
from archspec.recipe.inits import Init
from archspec.recipe.optimizers import Optimizer, optimizer_of
from archspec.recipe.part import Code, Line, Parts
from archspec.recipe.schedules import Schedule, rate_of
from archspec.recipe.weights import Average, Clip
from archspec.targets.torch.layout import WIDTH, flat, lines
from archspec.targets.torch.statements import document
from archspec.targets.train.program import engine_file
from archspec.targets.train.text import Origin, constant, function, said

BIAS = 'name == "bias"'
"""Whether a parameter of a module is a bias, that of a norm included."""
CHANGE = re.compile(r"rate ([*/])= (.*)")
"""A statement of a schedule that multiplies or divides the rate."""


def initialise(parts: Parts, facts: Facts, origins: Mapping[str, Origin]) -> Iterator[tuple[str, str]]:
    """How weights start; nothing where the recipe leaves that to torch."""
    inits = [part for part in parts.get("init", ()) if isinstance(part, Init)]
    for name, value in (item for part in inits for item in part.constants().items()):
        yield name, constant(name, value)
    drawn = facts._replace(resets=(), resets_too=())  # the network sets the others itself
    body = [line for part in inits for line in part.statements(drawn)]
    if body:
        signature = "def initialise(model: nn.Module) -> None:"
        yield "initialise", function(signature, "Draws the first weights.", body, said(origins, "init"))


def make_optimizer(
    parts: Parts, facts: Facts, origins: Mapping[str, Origin], fuses: bool = True, follows: bool = True
) -> Iterator[tuple[str, str]]:
    """The optimizer, with groups of parameters where weight decay leaves some out; fused on GPUs if it ``fuses``.

    Unless it ``follows`` a schedule at each step, its groups have learning rates of their own.
    """
    optimizer = optimizer_of(parts)
    call, spared = optimizer.torch(), _spared(optimizer, facts)
    if call.module:
        yield call.target, call.module
    if "depthwise" in spared:
        yield "is_depthwise", engine_file("modules").definition("is_depthwise")
    notes = said(origins, "optimizer")
    if optimizer.remark and fuses:
        notes += [*[""] * bool(notes), *wrap(optimizer.remark, WIDTH - 4)]
    fused = {"fused": Code("fused or None")} if optimizer.fuses and fuses else {}
    groups = [*_kinds(optimizer, spared, None if follows else rate_of(parts))]
    options = {name: v if v == call.defaults.get(name) else _brief(v) for name, v in call.options.items()}
    call = call._replace(
        args={"params": [Code(group.name) for group in reversed(groups)] if groups else Code("model.parameters()")},
        options={"lr": rate_of(parts), **options, **fused},
    )
    given = ["model: nn.Module", *["fused: bool"] * fuses]
    signature = f"def make_optimizer({', '.join(given)}) -> torch.optim.Optimizer:"
    body = [*(_grouping(groups, optimizer, spared) if groups else ()), Line("return ", call)]
    yield "make_optimizer", function(signature, "The optimizer of all parameters.", body, notes)


def _brief(value: object) -> object:
    """A small number as recipes have it: 5e-4, and not 0.0005 or 5e-05."""
    if not isinstance(value, float) or not 0 < value < 1e-3:
        return value
    digits, _, power = f"{Decimal(repr(value)).normalize():e}".partition("e")
    return Code(f"{digits}e{int(power)}")


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
    """Parameters that are stepped alike: the name of their group, which they are, and the options of it."""

    name: str
    test: str
    options: dict[str, Any]


def _grouping(groups: Sequence[_Group], optimizer: Optimizer, spared: Mapping[str, str]) -> Iterator[Line]:
    """The statements that tell the parameters with weight decay from those without, and biases with another rate."""
    tests = dict(spared) | ({"bias": BIAS} if optimizer.bias_lr != 1 else {})
    inline = tests if len(tests) == 1 else {}
    named = "for name, parameter in module.named_parameters(recurse=False):"
    for group in reversed(groups):
        yield Line(f"{group.name}: dict[str, Any] = ", {"params": [], **group.options})
    yield Line("for module in model.modules():")
    yield Line(f"    {named if 'bias' in tests else 'for parameter in module.parameters(recurse=False):'}")
    yield from (Line(f"        {name} = {test}") for name, test in tests.items() if name not in inline)
    if len(groups) == 2:
        (some, test, _), (others, *_) = groups
        chosen = f"{some} if {inline.get(test, test)} else {others}"
        whole = f'        ({chosen})["params"].append(parameter)'
        apart = (f"        group = {chosen}", '        group["params"].append(parameter)')
        yield from map(Line, [whole] if len(whole) + 4 <= WIDTH else apart)
    else:
        for word, group in zip(("if", *["elif"] * (len(groups) - 2), "else"), groups, strict=True):
            yield Line(f"        {word} {group.test}".rstrip() + ":")
            yield Line(f'            {group.name}["params"].append(parameter)')


def _kinds(optimizer: Optimizer, spared: Mapping[str, str], rate: float | None) -> Iterator[_Group]:
    """The groups, of which the first whose test holds takes a parameter; the last has none. No group, if all are alike.

    ``rate`` is the learning rate of the others, where no schedule sets that of biases.
    """
    others = " or ".join(name for name in spared if name != "bias")
    if optimizer.bias_lr != 1:
        faster = {"lr_scale": optimizer.bias_lr} if rate is None else {"lr": rate * optimizer.bias_lr}
        if "bias" in spared:
            yield _Group("biases", "bias", {**optimizer.spared, **faster})
        else:
            if others:
                both = f"bias and ({others})" if " or " in others else f"bias and {others}"
                yield _Group("spared_biases", both, {**optimizer.spared, **faster})
            yield _Group("biases", "bias", faster)
        if others:
            yield _Group("spared", others, optimizer.spared)
    elif spared:
        yield _Group("spared", " or ".join(spared), optimizer.spared)
    else:
        return
    yield _Group("decayed" if spared else "others", "", {})


def learning_rate(parts: Parts, origins: Mapping[str, Origin], resumes: bool = True) -> Iterator[tuple[str, str]]:
    """The rate as a function of the optimizer step, and what follows the error beside it."""
    schedule = _schedule(parts)
    yield from ((part.module, part.source(resumes)) for part in schedule if part.module)
    signature = "def learning_rate(step: int, per_epoch: int, steps: int) -> float:"
    summary = "The learning rate of an optimizer step, counted from 0."
    yield "learning_rate", function(signature, summary, _rate(schedule), said(origins, "lr"))


def rate_at_once(parts: Parts) -> str:
    """The rate as an expression over what ``learning_rate`` takes; empty where it takes several statements."""
    body = _rate(_schedule(parts))
    line = body[0].before.removeprefix("return ") + (flat(document(body[0].value)) if body[0].value else "")
    return line if len(body) == 1 else ""


def _schedule(parts: Parts) -> list[Schedule]:
    return sorted((part for part in parts["lr"] if isinstance(part, Schedule)), key=lambda part: part.rank)


def _rate(schedule: Sequence[Schedule]) -> list[Line]:
    return [*_in_one([line for part in schedule for line in part.statements()])]


def _in_one(body: Sequence[Line]) -> Iterator[Line]:
    """Statements that return ``rate``: at once, where it is set and changed by a factor at most."""
    first, *rest = body
    start = first.before.removeprefix("rate = ")
    changed = CHANGE.fullmatch(rest[0].before) if len(rest) == 1 else None
    if not rest:
        yield Line(f"return {start}")
    elif changed and len(whole := f"return {start} {changed[1]} {_factor(changed[2])}") <= WIDTH - 4:
        yield rest[0]._replace(before=whole)
    else:
        yield from (*body, Line("return rate"))


def _factor(text: str) -> str:
    """A factor as it stands in a product; a difference is in brackets."""
    return f"({text})" if re.match(r"[^(]* - ", text) else text


def library_schedule(parts: Parts) -> str:
    """The call that makes torch's own schedule, where that does all that a recipe says of the rate; empty otherwise."""
    _, *others = _schedule(parts)
    found = others[0].of_library(rate_of(parts), optimizer_of(parts).bias_lr == 1) if len(others) == 1 else None
    return "\n".join(lines("schedule = ", document(found), "", 4)) if found else ""


def weights(parts: Parts) -> Iterator[tuple[str, str]]:
    """What is done to gradients before a step and to weights behind it, as constants that the engine knows."""
    comments = {
        "CLIP_NORM": "of the gradient of a step, at most",
        "EMA_DECAY": "of the mean of the weights, with each step",
    }
    yield from ((name, constant(name, value, comments[name])) for name, value in weight_values(parts).items())


def weight_values(parts: Parts) -> dict[str, float]:
    """These constants by their names."""
    found = [("CLIP_NORM", part.threshold) for part in parts.get("clip", ()) if isinstance(part, Clip)]
    found += [("EMA_DECAY", part.decay) for part in parts.get("average", ()) if isinstance(part, Average)]
    return dict(found)
