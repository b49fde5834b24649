"""The `every` rules of a network, from its groups: what stands around a layer, and the arguments of all its uses."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from archspec.elaborate.target import stride_of
from archspec.ir.network import Apply, Arg, Group, Instance, Network, Repeat, Step, When
from archspec.ir.walking import every_step, inside
from archspec.printing.called import Called


class Beside(NamedTuple):
    """A step of a rule beside its layer: what `no` calls it, and the step as it is written."""

    name: str
    text: str


class Form(NamedTuple):
    """What stands before and behind a layer."""

    before: tuple[Beside, ...]
    after: tuple[Beside, ...]

    @property
    def names(self) -> frozenset[str]:
        """What `no` can take away."""
        return frozenset(each.name for each in (*self.before, *self.after))

    def of(self, names: frozenset[str]) -> Form:
        """What is left where only steps of these names are."""
        before, after = (tuple(each for each in side if each.name in names) for side in self)
        return Form(before, after)


class Rule(NamedTuple):
    """What `every` says of a layer or a block."""

    form: Form
    args: Mapping[str, Arg]


class Read(NamedTuple):
    """A group with its layer."""

    target: Apply | Instance | Called
    form: Form


class Plain(Protocol):
    """Writes what stands beside the layer of a rule."""

    def plain(self, step: Step) -> str:
        """The step, for which no rule holds."""

    def called(self, step: Apply | Instance) -> str:
        """The layer or the block, by which `no` takes it away."""


OFTEN = 4
"""Uses of a layer that have a rule for arguments alone."""


class Rules:
    """The rules of one network; a group that its rule does not give is none of it, and stands as its steps."""

    def __init__(self, network: Network, writer: Plain) -> None:
        self._network, self._writer = network, writer
        forms: dict[str, Counter[Form]] = {}
        for group in every_step(_chains(network)):
            found = self.read(group) if isinstance(group, Group) else None
            if found is not None and isinstance(group, Group):
                forms.setdefault(group.rule, Counter())[found.form] += 1
        self.forms = {name: _merged([form for form, _ in counted.most_common()]) for name, counted in forms.items()}
        uses: dict[str, list[Apply]] = {}
        for use in self._uses(_chains(network)):
            uses.setdefault(use.op, []).append(use)
        projected = [
            use
            for step in every_step(_chains(network))
            if isinstance(step, When) and step.bypass
            for use in self._uses(step.steps)
        ]
        self.args: dict[str, dict[str, Arg]] = {}
        for name, layers in uses.items():
            own = [use for use in projected if use.op == name]
            args = _shared(layers, own)
            if args and (own or name in self.forms or len(layers) >= OFTEN):
                self.args[name] = args
                self.forms.setdefault(name, Form((), ()))

    def read(self, group: Group) -> Read | None:
        """What a group holds, where it can be that of a rule: its layer once, and single steps around that."""
        places = [i for i, step in enumerate(group.steps) if self.name_of(step) == group.rule]
        named = [self._beside(step) for step in group.steps]
        if len(places) != 1 or None in named[: places[0]] + named[places[0] + 1 :]:
            return None
        target: Any = group.steps[places[0]]
        sides = [each for i, each in enumerate(named) if each is not None and i != places[0]]
        return Read(target, Form(tuple(sides[: places[0]]), tuple(sides[places[0] :])))

    def of(self, group: Group) -> Read | None:
        """The same, where the rule gives it."""
        found, form = self.read(group), self.forms.get(group.rule)
        return found if found is not None and form is not None and form.of(found.form.names) == found.form else None

    def inside(self, name: str, steps: Sequence[Any]) -> Sequence[Any] | None:
        """The steps of a branch without those that a rule of its name adds; None where these do not stand."""
        form = self.forms.get(name)
        if form is None or not steps:
            return steps
        only = steps[0]
        if len(steps) == 1 and isinstance(only, When) and not only.bypass:
            inner = self.inside(name, only.steps)
            return None if inner is None else (only.replaced(steps=tuple(inner)),)
        first, last = len(form.before), len(steps) - len(form.after)
        around = [self._beside(step) for step in (*steps[:first], *steps[max(first, last) :])]
        return steps[first:last] if first < last and around == [*form.before, *form.after] else None

    def name_of(self, step: Any) -> str | None:
        """What a rule would be for: the name of a layer or a block."""
        if isinstance(step, Apply | Called):
            return step.op if isinstance(step, Apply) else step.of
        return self._network.blocks[step.block].name if isinstance(step, Instance) else None

    def _beside(self, step: Step) -> Beside | None:
        """A layer or a block, with a repetition or a condition, as a step of a rule."""
        unit = step
        while isinstance(unit, Repeat | When) and len(unit.steps) == 1:
            unit = unit.steps[0]
        return (
            Beside(self._writer.called(unit), self._writer.plain(step)) if isinstance(unit, Apply | Instance) else None
        )

    def _uses(self, steps: Iterable[Step]) -> Iterator[Apply]:
        """The layers that are under their rules: all but those inside the rules of others, and joins."""
        for step in steps:
            read = self.of(step) if isinstance(step, Group) else None
            if read is not None:
                yield from (read.target,) if isinstance(read.target, Apply) else ()
            elif isinstance(step, Apply):
                yield step
            else:
                yield from self._uses(inside(step))


def _chains(network: Network) -> Iterator[Step]:
    """The steps that stand right in rows, heads, blocks and misprints."""
    for row in (*network.rows, *(row for head in network.heads for row in head.rows)):
        yield from row.steps or ()
    for block in network.blocks.values():
        yield from block.steps
    for misprint in network.misprints:
        yield from misprint.steps


def _merged(forms: Sequence[Form]) -> Form:
    """One form of which as many as can be are what is left without some names, the first before others."""
    whole = forms[0]
    kept = [whole]
    for form in forms[1:]:
        wider = Form(*(_woven(one, other) for one, other in zip(whole, form, strict=True)))
        if all(wider.of(each.names) == each for each in (*kept, form)):
            whole = wider
            kept.append(form)
    return whole


def _woven(one: Sequence[Beside], other: Sequence[Beside]) -> tuple[Beside, ...]:
    """Both in one sequence, what is in both once, in the order that both have if they agree."""
    made: list[Beside] = []
    rest = [*other]
    for each in one:
        if each in rest:
            at = rest.index(each)
            made += rest[:at]
            del rest[: at + 1]
        made.append(each)
    return (*made, *rest)


def _shared(uses: Sequence[Apply], projected: Sequence[Apply]) -> dict[str, Arg]:
    """The arguments that every use says, each as most say it; sizes, widths and strides stand at the use.

    A shortcut cannot say them itself, so that what is ``projected`` decides.
    """
    op = uses[0].kind_of_layer
    own = {op.sized, stride_of([*op.arguments]), *op.bare}
    names = [name for name in op.arguments if name not in own and all(name in use.args for use in uses)]
    counted = {name: Counter(repr(use.args[name]) for use in projected or uses).most_common(1)[0][0] for name in names}
    return {name: next(u.args[name] for u in uses if repr(u.args[name]) == said) for name, said in counted.items()}
