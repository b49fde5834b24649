"""Operations to layers: each operation is read by its rule, and each part that is read as one layer as that."""

from __future__ import annotations

import re
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
from archspec.op import Elementwise, Shape


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
            self._write_over(arguments["x"], result)
        self.found[step.name] = result

    def _applied(self, rule: Rule, arguments: dict[str, Any]) -> Any:
        """What a rule gives; raises Unsaid where the operation has a form that the rule does not know."""
        try:
            signature(rule).bind(self.at, **arguments)
        except TypeError:
            raise Unsaid("a form of the operation that is not known") from None
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
            self._write_over(x, result)
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
            lost = [name for name, value in self.found.items() if isinstance(value, Value) and value.source == x.source]
            self.found |= dict.fromkeys(lost, Lost(path))
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
        found = [value.shape for value in flowing(result) if not value.spread]
        if not all(step.real[: len(found)]):
            raise Unsaid(f"`{step.op}` gives whole numbers or truth values")
        if not any(value.spread for value in flowing(result)) and found != list(step.shapes)[: len(found)]:
            raise Unsaid(f"`{step.op}` gives {step.shapes}, and here {found}")

    def _write_over(self, x: Any, result: Any) -> None:
        """What an operation in place changes is changed for all that read the same tensor later."""
        if not isinstance(x, Value) or not isinstance(result, Value) or x.source == result.source:
            return
        parts = {i for i, layer in enumerate(self.at.layers) if x.source in layer.sources and self._is_part(i)}
        whole = {*self.at.layers[x.source].sources} if self._is_part(x.source) else set()
        if self._read_later((parts | whole) - {result.source}):
            raise Overwritten("it writes over a part of another tensor")
        for name, value in self.found.items():
            if isinstance(value, Value) and value.source == x.source:
                self.found[name] = value._replace(source=result.source)

    def _read_later(self, sources: set[int]) -> bool:
        """Whether an operation that is still to come takes the output of one of these layers."""
        names = [name for name, value in self.found.items() if isinstance(value, Value) and value.source in sources]
        return any(user > self.place or user == LEAVES for name in names for user in self.parts.users.get(name, ()))

    def _is_part(self, source: int) -> bool:
        """Whether a layer gives a part of its input's own memory."""
        kind = ops.find(self.at.layers[source].op) if source != INPUT else None
        return kind is not None and kind.in_place and not issubclass(kind, Elementwise)

    def _outputs(self) -> Any:
        for place, (called, name) in enumerate(self.program.outputs):
            value = self.found.get(name)
            self.at.scopes = ()
            if not isinstance(value, Value):
                raise Stuck(len(self.program.steps), "it gives something that is not computed from its input", None)
            try:
                yield Output(self._given(value), head_name(called, place) if place else None)
            except Unsaid:
                what = f"it gives {shown(value.shape)}, which is neither a map as it lies nor a vector"
                raise Stuck(len(self.program.steps), what, None) from None

    def _given(self, value: Value) -> int:
        """The layer that gives what leaves the network, which is one that does nothing where that is what enters."""
        source = self.at.output(value)
        return self.at.add(ops.passing_on().spelled(), [INPUT]) if source == INPUT else source


def head_name(called: str, place: int) -> str:
    """A name for a head: what the module calls it, or its place."""
    name = re.sub(r"\W+", "_", called)
    return name if name[:1].isalpha() else f"head{name or place}"
