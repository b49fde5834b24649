"""Operations to layers: each operation is read by its rule, and each part that is read as one layer as that."""

from __future__ import annotations

import re
from collections.abc import Sequence
from inspect import signature
from math import prod
from typing import Any

from archspec import ops
from archspec.importing.graph import INPUT, OPAQUE, Opaque, Output
from archspec.importing.torch import axes
from archspec.importing.torch.building import Building, shown
from archspec.importing.torch.layouts import channels_taken, rearranged
from archspec.importing.torch.opaque import laid_out
from archspec.importing.torch.program import Program, Ref, Step, scopes
from archspec.importing.torch.recognised import bare, computes
from archspec.importing.torch.regions import LEAVES, Parts, Region
from archspec.importing.torch.replay import Replay
from archspec.importing.torch.rules import RULES, Rule
from archspec.importing.torch.values import Derived, Lost, Overwritten, Unlaid, Unsaid, Value, flowing
from archspec.importing.torch.wholes import WHOLES
from archspec.op import Shape


class Stuck(Exception):
    """An operation that no layer says, with its place and the part that it stands in, if any."""

    def __init__(self, place: int, reason: str, region: Region | None, views: Region | None = None) -> None:
        super().__init__(reason)
        self.place, self.reason, self.region = place, reason, region
        self.views = views
        """What has to be a part for a layer to say the operation, if anything."""


class Mistaken(Exception):
    """A module that is called as one that is known, and is another."""

    def __init__(self, region: Region) -> None:
        super().__init__(region.path)
        self.region = region


class Walk:
    """One reading of a program, with the parts that are read as one layer."""

    def __init__(self, parts: Parts, regions: dict[int, Region], module: Any, input: Shape) -> None:
        self.parts, self.regions, self.module = parts, regions, module
        self.program: Program = parts.program
        self.place = 0
        self.at = Building(input, self.program.trains)
        self.found: dict[str, Any] = dict(self.program.weights)
        self.found[self.program.input] = Value(INPUT, axes.plain(input))

    def run(self) -> tuple[Building, tuple[Output, ...]]:
        """All layers, and those that the network gives; raises Stuck where no layer says an operation, and Mistaken."""
        for place, step in enumerate(self.program.steps):
            self.place = place
            region = self.regions.get(place)
            try:
                if region is None:
                    self._read(step)
                elif step.name == region.gives:
                    self._read_whole(region, step)
            except Unsaid as reason:
                views = rearranged(self.parts, self.at, self.found, step) if isinstance(reason, Unlaid) else None
                raise Stuck(place, str(reason), region, views) from None
        return self.at, tuple(self._outputs())

    def _read(self, step: Step) -> None:
        arguments = {name: self._valued(value) for name, value in step.arguments.items()}
        self.at.scopes = scopes(step)
        if not flowing(list(arguments.values())):
            self.found[step.name] = self._constant(step, arguments)
            return
        if step.op not in RULES:
            raise Unsaid(f"`{step.op}`" if step.op else "an operation that is none of ATen's")
        if step.name not in self.parts.users and not step.in_place:
            return  # a check of torch's own, or a result that nothing takes
        result = self._applied(RULES[step.op], arguments)
        self._demand(step, result)
        if step.in_place:
            self._write_over(step.arguments["x"].name, arguments["x"], result)
        self.found[step.name] = result

    def _applied(self, rule: Rule, arguments: dict[str, Any]) -> Any:
        """What a rule gives; raises Unsaid where the operation has a form that the rule does not know."""
        form = signature(rule)
        try:
            form.bind(self.at, **arguments)
        except TypeError:
            raise Unsaid("a form of the operation that is not known") from None
        flows = [name for name, parameter in form.parameters.items() if parameter.annotation == Value.__name__]
        if not all(isinstance(arguments[name], Value) for name in flows):
            raise Unsaid("it takes a tensor that is learned or stored in the place of one of the network")
        return rule(self.at, **arguments)

    def _constant(self, step: Step, arguments: dict[str, Any]) -> Any:
        return Derived(step.op, tuple(arguments.values()), step.shapes[0] if step.shapes else ())

    def _read_whole(self, region: Region, step: Step) -> None:
        x = self._valued(Ref(region.takes))
        if not isinstance(x, Value):
            raise Unsaid("it takes several tensors")
        self.at.scopes = scopes(step)
        if region.reason:
            self.found[step.name] = self._opaque(region, step, x)
            return
        module = self.module.get_submodule(region.path)
        try:
            result = WHOLES[region.kind](self.at, x, module)
        except (AttributeError, KeyError, TypeError, ValueError):
            raise Mistaken(region) from None
        self._demand(step, result)
        if not (self.parts.trusts(region) and bare(module)) and not self._computes(region, module, x, result):
            raise Mistaken(region)
        if self.parts.writes_over(region):
            self._write_over(region.takes, x, result)
        self.found[step.name] = result

    def _computes(self, region: Region, module: Any, x: Value, result: Value) -> bool:
        """Whether a module gives the numbers of the layer that it was read as."""
        enters, leaves = (self.at.shape(x.source), x.dims), (self.at.shape(result.source), result.dims)
        replay = Replay(self.parts, region, self.module, enters, leaves)
        if region not in self.parts.computes:
            self.parts.computes[region] = not x.spread and computes(self.at.layers[result.source], enters[0], replay)
        return self.parts.computes[region]

    def _opaque(self, region: Region, step: Step, x: Value) -> Value:
        if len(step.shapes) != 1:
            raise Unsaid(region.reason)
        output, dims = laid_out(self.at, x, step.shapes[0], channels_taken(self.parts, step.name))
        depth = next((i for i, scope in enumerate(self.at.scopes) if scope.path == region.path), None)
        self.at.scopes = self.at.scopes[: None if depth is None else depth + 1]
        weights = [weight for weight in self.parts.weights(region) if weight.trained]
        params = sum(prod(weight.shape) for weight in weights)
        path = region.path if region.kind[:1].isupper() else f"{region.path}:{region.kind}".strip(":") or OPAQUE
        if self.parts.writes_over(region):
            self.found |= dict.fromkeys(self._sharing(region.takes), Lost(path))
        enters = self.at.shape(x.source), x.dims
        replay = None if x.spread else Replay(self.parts, region, self.module, enters, (output, dims))
        learned = frozenset(weight.name for weight in weights)
        return Value(self.at.add_opaque(x.source, output, Opaque(path, region.reason, params, learned, replay)), dims)

    def _valued(self, value: Any) -> Any:
        if isinstance(value, Ref) and value.name in self.program.graphs:
            return None  # of an operation that no layer says
        if isinstance(value, Ref):
            found = self.found[value.name]
            if isinstance(found, Lost):
                raise Unsaid(f"it reads what `{found.by}` has written over")
            return found
        return [self._valued(each) for each in value] if isinstance(value, list) else value

    def _demand(self, step: Step, result: Any) -> None:
        """Raise Unsaid where a layer gives another shape than torch does."""
        found = flowing(result)
        if not all(step.real[: len(found)]):
            raise Unsaid(f"`{step.op}` gives whole numbers or truth values")
        if len(found) > len(step.shapes) or not all(map(_has_shape, found, step.shapes)):
            raise Unsaid(f"`{step.op}` gives {step.shapes}, and here {[value.shape for value in found]}")

    def _write_over(self, name: str, x: Any, result: Any) -> None:
        """What an operation in place changes is changed for all that read the same memory later."""
        if not isinstance(x, Value) or not isinstance(result, Value) or x.source == result.source:
            return
        for other in self._sharing(name):
            value = self.found[other]
            if isinstance(value, Value) and value.source == x.source:
                self.found[other] = value._replace(source=result.source)
            elif self._read_later(other):
                raise Overwritten("it writes over a part of another tensor")

    def _sharing(self, name: str) -> list[str]:
        """What is read so far of the memory of a result, by its names."""
        memory = self.program.memory
        return [other for other in self.found if other in memory and memory[other].meets(memory[name])]

    def _read_later(self, name: str) -> bool:
        """Whether an operation that is still to come takes a result."""
        return any(user > self.place or user == LEAVES for user in self.parts.users.get(name, ()))

    def _outputs(self) -> Any:
        for place, (called, name) in enumerate(self.program.outputs):
            value = self.found.get(name)
            self.at.scopes = ()
            if not isinstance(value, Value):
                raise Stuck(len(self.program.steps), "it gives something that is not computed from its input", None)
            try:
                yield Output(self._given(value), head_name(called, place) if place else None, place)
            except Unsaid:
                what = f"it gives {shown(value.shape)}, which is neither a map as it lies nor a vector"
                raise Stuck(len(self.program.steps), what, None) from None

    def _given(self, value: Value) -> int:
        """The layer that gives what leaves the network, which is one that does nothing where that is what enters."""
        source = self.at.output(value)
        return self.at.add(ops.passing_on().spelled(), [INPUT]) if source == INPUT else source


def _has_shape(value: Value, shape: Sequence[int]) -> bool:
    """Whether a tensor has a shape; one that is spread has it where its dimensions of one position are stretched."""
    return len(value.shape) == len(shape) and all(
        n == m or (value.spread and n == 1) for n, m in zip(value.shape, shape, strict=True)
    )


def head_name(called: str, place: int) -> str:
    """A name for a head: what the module calls it, or its place."""
    name = re.sub(r"\W+", "_", called)
    return name if name[:1].isalpha() else f"head{name or place}"
