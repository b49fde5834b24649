"""Rows to torch modules: the ops of a network run on symbols along its rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from archspec.ir import Apply, Arg, Group, Network, Repeat, Step
from archspec.op import Call, Op, Shape
from archspec.targets.torch.blocks import Use, call_doc
from archspec.targets.torch.layout import flat, literal
from archspec.targets.torch.names import MODULE_ATTRIBUTES, USED, Names
from archspec.targets.torch.symbols import Parameter, symbol


class Leaf(NamedTuple):
    """One torch module."""

    op: Op
    call: Call


class Ruled(NamedTuple):
    """The torch modules of one layer with its `every` rule."""

    label: str
    doc: str
    use: Use


class Again(NamedTuple):
    """Items in a loop."""

    times: int
    items: list[Item]


Item = Leaf | Ruled | Again


class Module(NamedTuple):
    """One attribute of the network: a row of the table with the shape that it gives."""

    name: str
    items: list[Item]
    shape: Shape


def modules_of(network: Network, arguments: Mapping[str, Parameter]) -> tuple[list[Module], Module | None]:
    """The attributes in order, and the last one if it belongs to the loss."""
    names = Names(USED | MODULE_ATTRIBUTES)
    walk = Walk(network, arguments)
    x = network.input_shape
    modules: list[Module] = []
    for row in network.rows:
        items, x = walk.steps(row.steps or (), x)
        if items:
            modules.append(Module(names.identifier(row.layer), items, x))
    last = modules[-1].items[-1] if modules else None
    if not isinstance(last, Leaf) or not last.op.part_of_loss:
        return modules, None
    if len(modules[-1].items) > 1:
        modules[-1].items.pop()
        modules.append(Module(names.identifier(last.op.spelled()), [last], x))
    return modules, modules[-1]


def function_name(network: Network) -> str:
    """The name of the emitted file and of its entry function: ``vgg_D``."""
    return Names(USED).identifier(network.label, "network")


def arguments_of(network: Network) -> dict[str, Parameter]:
    """The parameters that emitted code keeps as arguments.

    Kept are numbers that only set widths and the like. What decides about heights, widths and repetitions is
    written as a number, because the shapes of all later rows follow from it.
    """
    whole: set[str] = set()
    fractions = {name for claim in network.claims for name, value in claim.parameters.items() if type(value) is float}
    fixed = set(network.input_names)
    for row in network.rows:
        for arg, numeric in _args(row.steps or ()):
            {int: whole, float: fractions}.get(numeric or str, fixed).update(arg.names)
    names = Names(USED)
    kept: dict[str, Parameter] = {}
    for name, value in network.parameters.items():
        if name in (whole | fractions) - fixed and type(value) in (int, float):
            assert isinstance(value, int | float)
            kind = float if name in fractions or isinstance(value, float) else int
            kept[name] = Parameter(names.identifier(name, "parameter"), kind, value)
    return kept


def _args(steps: Sequence[Step]) -> Iterator[tuple[Arg, type | None]]:
    """All arguments, each with the number that it is to its op; None where shapes or loops hang on it."""
    for step in steps:
        if isinstance(step, Apply):
            op = type(step.layer())
            for name, arg in step.args.items():
                number = type(arg.value) in (int, float) and name not in op.fixed
                yield arg, op.arguments[name].numeric if number else None
        elif isinstance(step, Repeat):
            yield step.times, None
            yield from _args((*(step.first or ()), *step.steps))
        else:
            yield from _args(step.steps)


class Walk:
    """Runs the ops on symbols along the rows and gathers the torch modules."""

    def __init__(self, network: Network, arguments: Mapping[str, Parameter]) -> None:
        self._kept, self._values = arguments, network.parameters
        self._taken = {function_name(network), *(parameter.identifier for parameter in arguments.values())}
        self._fresh = False
        """Whether what flows was made by a layer that needs it no more, so that the next may write over it."""

    def steps(self, steps: Sequence[Step], x: Shape) -> tuple[list[Item], Shape]:
        items: list[Item] = []
        for step in steps:
            if isinstance(step, Repeat):
                for times, body in step.runs():
                    found, x = self._repeat(body, times, x)
                    items += found
            elif isinstance(step, Group):
                found, x = self.steps(step.steps, x)
                items.append(_ruled(step, found))
            else:
                op = self._op(step)
                items += [Leaf(op, self._settled(call)) for call in op.torch(x)]
                x, self._fresh = op.infer(x), not op.in_place
        return items, x

    def _repeat(self, body: Sequence[Step], times: int, x: Shape) -> tuple[list[Item], Shape]:
        """The runs of a repetition whose code is the same; once nothing changes, the rest is not walked."""
        runs: list[Again] = []
        left = times
        while left:
            fresh = self._fresh
            found, y = self.steps(body, x)
            same = left if _same(x, y) and fresh == self._fresh else 1
            if runs and _written(runs[-1].items) == _written(found):
                runs[-1] = Again(runs[-1].times + same, runs[-1].items)
            else:
                runs.append(Again(same, found))
            left, x = left - same, y
        return [item for run in runs for item in (run.items if run.times == 1 else [run])], x

    def _op(self, step: Apply) -> Op:
        op = step.layer()
        symbols: dict[str, Any] = {}
        for name, arg in step.args.items():
            numeric = op.arguments[name].numeric
            if numeric is not None and name not in op.fixed and arg.names & set(self._kept):
                symbols[name] = symbol(arg, numeric, self._kept, self._values)
        return op.replaced(**symbols) if symbols else op

    def _settled(self, call: Call) -> Call:
        """The call under a name that is free, and in place only where nobody else needs the input."""
        if call.options.get("inplace") and not self._fresh:
            call = call._replace(options={**call.options, "inplace": False})
        return _apart(call, self._taken)


def _written(items: Sequence[Item]) -> list[tuple[int, str]]:
    """Items as their code, with how often each is repeated."""
    return [
        entry
        for item in items
        for entry in (
            [(item.times * times, text) for times, text in _written(item.items)]
            if isinstance(item, Again)
            else [(1, flat(call_doc(call))) for call in calls_in([item])]
        )
    ]


def _apart(call: Call, taken: set[str]) -> Call:
    """The call; a class that emission copies in gives way where the network's own names take its name."""
    name = call.target
    while call.module and name in taken:
        name = f"{name}Layer"
    if name == call.target or call.module is None:
        return call
    return call._replace(target=name, module=call.module.replace(f"class {call.target}(", f"class {name}("))


def _same(x: Shape, y: Shape) -> bool:
    """Whether two shapes are equal and written the same."""
    return x == y and literal(x.channels) == literal(y.channels)


def _ruled(group: Group, items: list[Item]) -> Item:
    leaves = [item for item in items if isinstance(item, Leaf)]
    assert len(leaves) == len(items)
    label, said = "", []
    for leaf, after in zip(leaves, [*leaves[1:], None], strict=True):
        # A module before an op's own, such as padding, is named after its target.
        own = after is None or after.op is not leaf.op
        target = leaf.call.target.removeprefix("nn.").removesuffix("2d")
        label += (leaf.op.label or type(leaf.op).__name__) if own else target
        said.append(leaf.op.spelled() if own else target)
    doc = f"`{group.rule}` with its `every` rule: {'; '.join(said)}."
    return Ruled(label, doc, tuple(leaf.call for leaf in leaves))


def calls_in(items: Sequence[Item]) -> Iterator[Call]:
    """Every torch module in items, in order."""
    for item in items:
        if isinstance(item, Again):
            yield from calls_in(item.items)
        else:
            yield from item.use if isinstance(item, Ruled) else (item.call,)


def rules_in(items: Sequence[Item]) -> Iterator[Ruled]:
    """Every use of an `every` rule in items, in order."""
    for item in items:
        if isinstance(item, Again):
            yield from rules_in(item.items)
        elif isinstance(item, Ruled):
            yield item
