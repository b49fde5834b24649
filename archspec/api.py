"""The functions of ``import archspec``."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from archspec.budget import asked
from archspec.compiled import Compiled
from archspec.diagnostics import ArchError, Diagnostic, Source
from archspec.elaborate import Request
from archspec.elaborate.options import Input, dims_of, plain_values, setting, variant_name
from archspec.files import beside, no_text, plain_lines, read, too_much
from archspec.importing import LIBRARIES
from archspec.importing.messages import no_such_network
from archspec.ir.network import Value
from archspec.naming import closest
from archspec.op import Shape
from archspec.pipeline import compile_text, compile_variants
from archspec.support.limits import LONGEST_FILE
from archspec.support.takes import PATH, TEXT, TEXTS, takes, texts

if TYPE_CHECKING:
    from torch import nn

    from archspec.family.sweeps.solving import Solved
    from archspec.family.sweeps.sweep import Plan, Sweep

SETTINGS = re.compile(r"(?P<spec>.+?)\((?P<given>[^()]*)\)", re.DOTALL)


@takes(path=PATH)
@asked
def load(
    path: str | os.PathLike[str],
    /,
    variant: str | None = None,
    *,
    input: Input | None = None,
    **parameters: Value,
) -> Compiled:
    """Compile a spec file, or one variant of it; ``file.arch:VARIANT(name=value)`` names it as well.

    Keyword arguments set parameters of the network, ``load("specs/vgg_D.arch", classes=10)``, and ``input`` another
    input: ``(299, 299, 3)``, ``(784,)`` or ``"299x299x3"``.
    Raises ArchError, which carries the diagnostics. Figures that disagree do not raise; see ``Compiled.holds``.
    """
    return _named(os.fsdecode(path), variant_name(variant), plain_values(parameters), dims_of(input))


@asked
def one(
    spec: str, variant: str | None = None, parameters: Mapping[str, Value] = {}, input: tuple[int, ...] | None = None
) -> Compiled:
    """The one network that a spec names, with all that it prints checked, as commands need it.

    Raises ArchError where anything but a printed figure is wrong, or where it is a family and no variant is named.
    """
    return _named(spec, variant, parameters, input).checked()


def _named(spec: str, variant: str | None, parameters: Mapping[str, Value], input: tuple[int, ...] | None) -> Compiled:
    source, named, settings = _source(named_by(spec))
    given = {**parameters, **settings}
    return compile_text(source, Request(variant if variant is not None else named, given, input, beside(source.name)))


def _source(named: Named) -> tuple[Source, str | None, Mapping[str, Value]]:
    """The text of a file, the variant and the settings that a name asks for; ``timm:resnet50`` is written first."""
    file, variant, settings = named
    library, _, network = file.partition(":")
    if os.path.exists(file):
        return read(file), variant, settings
    if library in LIBRARIES:
        from archspec.importing.by_name import spec_named

        # Of several networks as one family, one may be named behind them.
        own, of_family = (network, variant) if network else (variant or "", None)
        return spec_named(library, own), of_family, settings
    meant = closest(library, LIBRARIES) if variant is not None and library.isalpha() else None
    if meant is not None:
        raise ArchError([no_such_network(f"{file}:{variant}", f"{meant}:{variant}", "")])
    return read(file), variant, settings


@asked
def loads(
    text: str,
    /,
    variant: str | None = None,
    *,
    input: Input | None = None,
    **parameters: Value,
) -> Compiled:
    """Compile the text of a spec, as ``load`` does a file."""
    if not isinstance(text, str):
        raise ArchError([no_text(type(text).__name__)])
    if len(text) > LONGEST_FILE or len(text.encode("utf-8", "surrogatepass")) > LONGEST_FILE:
        raise ArchError([too_much("the text")])
    plain = plain_lines(text.removeprefix("\ufeff"))
    request = Request(variant_name(variant), plain_values(parameters), dims_of(input))
    return compile_text(Source("<text>", plain), request)


@takes(path=PATH)
@asked
def build(
    path: str | os.PathLike[str],
    /,
    variant: str | None = None,
    *,
    input: Input | None = None,
    **parameters: Value,
) -> nn.Module:
    """The torch module of a spec: ``load(...).build()`` with the same arguments. Imports torch."""
    return load(path, variant, input=input, **parameters).build()


@takes(name=TEXT)
def from_torch(model: nn.Module, input: Input = (224, 224, 3), *, name: str = "") -> Compiled:
    """The network of a torch module, compiled from the spec that is read from it; imports torch.

    ``input`` is what enters, ``(224, 224, 3)`` as H x W x C, or the features of a vector. The module is followed by
    ``torch.export`` as it runs at test time; its weights say nothing, and it stays as it is. What no layer says is an
    opaque row, of which a warning in ``diagnostics`` tells, as of parameters that no layer or several take. Raises
    ArchError where the module cannot be read.
    """
    from archspec.importing.importing import import_module
    from archspec.importing.torch.names import identifier, is_module

    if not is_module(model):
        raise TypeError(f"`model` is a torch.nn.Module, not an object of the type `{type(model).__name__}`")
    dims = dims_of(() if input is None else input) or ()
    shape = Shape(dims[0]) if len(dims) == 1 else Shape(dims[2], dims[0], dims[1])
    title = name or type(model).__name__
    found = import_module(model, shape, identifier(title), title)
    return found.compiled()._warned(found.diagnostics)


@takes(spec=PATH, of=TEXTS, where=TEXT | None, pareto=TEXTS, sort=TEXT | None, convention=TEXT | None)
def sweep(
    spec: str | os.PathLike[str],
    /,
    *,
    of: str | Sequence[str] = ("params", "mult_adds", "activations"),
    where: str | None = None,
    pareto: str | Sequence[str] = (),
    sort: str | None = None,
    top: int | None = None,
    convention: str | None = None,
    jobs: int = 1,
    shard: tuple[int, int] = (1, 1),
    **axes: Any,
) -> Sweep:
    """The members of a family for all combinations of values: ``sweep("wrn.arch", depth="16:40:6", k=[1, 2, 4])``.

    Each keyword is a parameter, or ``height``, ``width`` or ``resolution`` of the input, with its values: a sequence,
    an array, or a text as of `archspec sweep -p`. ``where`` keeps those that meet a condition, ``pareto`` those that
    no other betters in these columns (``-name`` is to be large), ``sort`` and ``top`` the first by a column. The result
    has an array for each parameter and each quantity. Needs numpy; ``jobs`` processes share the work, and
    ``shard=(3, 16)`` is the third of sixteen parts, whose files `archspec sweep --merge` joins. Raises ArchError.
    """
    from archspec.family.sweeps.settings import at_least_one, one_of_shards

    at_least_one("jobs", jobs)
    place, shards = one_of_shards(shard)
    chosen = {"where": where, "pareto": texts(pareto), "sort": sort, "top": top}
    plan = plan_of(os.fsdecode(spec), axes, texts(of), convention, chosen, shards)
    from archspec.family.sweeps.sweep import gathered, marked, run

    numbers = plan.numbers((place, shards))
    return marked(gathered(plan, run(plan, numbers, jobs)), plan, (place, shards))


def _one_of(spec: str, axes: Mapping[str, Any]) -> Compiled:
    """The network that a spec names, or where its own values do not hold one with the first values of a sweep."""
    from archspec.family.sweeps.settings import axes_of

    try:
        return one(spec)
    except ArchError as wrong:
        try:
            return one(spec, None, {name: values[0] for name, values in axes_of(axes).items()})
        except ArchError:
            raise wrong from None


def plan_of(
    spec: str,
    axes: Mapping[str, Any],
    of: Sequence[str],
    convention: str | None,
    chosen: Mapping[str, Any],
    shards: int = 1,
) -> Plan:
    """What a sweep is of, in boxes of which each of some shards has one; raises ArchError where something is wrong."""
    from archspec.family.sweeps.messages import no_axis
    from archspec.family.sweeps.settings import axes_of, with_choices, with_numpy

    compiled = _one_of(spec, axes)
    axes = with_choices(axes, compiled._member.elaborated.choices)
    if not axes:
        raise ArchError([no_axis("NAME", "", "a sweep needs an axis, and the spec leaves nothing to choose")])
    rules = None if convention is None else compiled.under(convention).counting.rules
    with_numpy()
    from archspec.family.sweeps.sweep import Plan

    member = compiled._member
    return Plan(member.family, member.request, axes_of(axes), tuple(of), rules, chosen, shards)


def solved(
    spec: str,
    axes: Mapping[str, Any],
    of: Sequence[str],
    convention: str | None,
    budget: str | None,
    near: str | None,
    wanted: Sequence[str],
    tell: Callable[[Sequence[Diagnostic]], None] = lambda said: None,
) -> Solved:
    """The members that meet a budget, or come nearest to a count, of axes that are given and others that are searched.

    ``tell`` is told what takes long, and why, before it begins. Raises ArchError.
    """
    member, wanted = _one_of(spec, axes)._member, tuple(dict.fromkeys(wanted))
    chosen = member.elaborated.choices
    axes = {**axes, **{name: chosen[name][1] for name in wanted if name in chosen and name not in axes}}
    from archspec.family.sweeps.settings import axes_of, with_choices, with_numpy

    with_numpy()
    from archspec.family.formulas.formula import QUANTITIES
    from archspec.family.sweeps.answers import Asked, Goal
    from archspec.family.sweeps.solving import near_of, solve

    fixed = axes_of(with_choices(axes, chosen)) if axes else {}
    goal = Goal(wanted, near_of(near))
    budgeted = [name for name in QUANTITIES if re.search(rf"\b{name}\b", budget or "")]
    named = tuple(dict.fromkeys([*of, *budgeted, *([goal.near[0]] if goal.near else [])]))

    def plan_with(found: Mapping[str, Sequence[Value]]) -> Plan:
        plan = plan_of(spec, {**fixed, **found}, named, convention, {})
        tell(plan.warnings())
        return plan

    return solve(Asked(plan_with, member, [name for name in wanted if name not in fixed], fixed, goal, budget))


class Named(NamedTuple):
    """What a spec is named by: ``file.arch:VARIANT(name=value, ...)``."""

    file: str
    variant: str | None
    settings: Mapping[str, Value]


def named_by(spec: str) -> Named:
    """The file, the variant and the parameters that a name asks for; raises ArchError for parameters that are none.

    What is the name of a file that exists is that, whatever it looks like.
    """
    match = None if os.path.exists(spec) else SETTINGS.fullmatch(spec)
    if match is None:
        return Named(*split(spec), {})
    given = dict(setting(part.strip(), "parameters") for part in match["given"].split(",") if part.strip())
    return Named(*split(match["spec"]), given)


def split(spec: str) -> tuple[str, str | None]:
    """``file.arch:VARIANT`` as file and variant; a colon in the name of a file that exists is part of the name."""
    head, colon, variant = spec.rpartition(":")
    if not colon or not variant or "/" in variant or "\\" in variant or os.path.exists(spec):
        return spec, None
    return head, variant


@asked
def variants(spec: str, parameters: Mapping[str, Value] = {}, input: tuple[int, ...] | None = None) -> list[Compiled]:
    """The network that a spec names, or every variant of the family where it names none.

    Raises ArchError with the diagnostics of all variants together, each once.
    """
    source, variant, settings = _source(named_by(spec))
    return compile_variants(source, Request(variant, {**parameters, **settings}, input, beside(source.name)))
