"""What steps promise: their layers and blocks exist, their arguments fit, their rows have sources, their blocks end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence, Set

from archspec import ops
from archspec.arguments import Misfit
from archspec.budget import spend
from archspec.expressions import within_bounds
from archspec.ir.network import (
    Apply,
    Arg,
    Block,
    Branches,
    Graph,
    Group,
    Head,
    Instance,
    Misprint,
    Network,
    Repeat,
    Row,
    Step,
    When,
)
from archspec.ir.node import IN
from archspec.ir.verify import Mistake, Path, is_name, of_argument, of_names
from archspec.ir.walking import every_step, inside
from archspec.support.limits import DEEPEST_NETWORK, NAME, WALKED


def of_steps(network: Network) -> Iterator[Mistake]:
    """What is wrong with the steps of a network: first what would have no end, and if there is none, the rest."""
    endless = list(_Depths(network).all())
    yield from endless or _Steps(network).all()


def as_printed(misprint: Misprint, at: Path) -> Iterator[tuple[Path, tuple[Step, ...]]]:
    """The steps of a cell that is printed wrong, with their places."""
    yield (*at, "steps"), misprint.steps
    for i, part in enumerate(misprint.parts):
        yield (*at, "parts", i, "steps"), part.steps


class _Depths:
    """How deep steps stand in one another, blocks in blocks too."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._depths: dict[str, int] = {}

    def all(self) -> Iterator[Mistake]:
        """Blocks that do not exist, use themselves or are too deep, before anything walks them."""
        for key in self._network.blocks:
            yield from self._of_block(key, ())
        heads = [(("heads", i, "rows"), head.rows) for i, head in enumerate(self._network.heads)]
        for at, rows in ((("rows",), self._network.rows), *heads):
            for i, row in enumerate(rows):
                yield from self._of_chain(row.steps or (), (*at, i, "steps"))
        for i, misprint in enumerate(self._network.misprints):
            for at, steps in as_printed(misprint, ("misprints", i)):
                yield from self._of_chain(steps, at)

    def _of_chain(self, steps: Sequence[Step], at: Path) -> Iterator[Mistake]:
        for step in every_step(steps):
            if isinstance(step, Instance) and step.block not in self._network.blocks:
                yield Mistake(at, f"there is no block `{step.block}`")
        yield from self._too_deep(self._deepest(steps), at)

    def _of_block(self, key: str, path: tuple[str, ...]) -> Iterator[Mistake]:
        """Finds how deep a block is, those that it uses first."""
        at = "blocks", path[-1] if path else key
        if key in path:
            yield Mistake(at, f"the block `{key}` uses itself")
        elif key not in self._network.blocks:
            yield Mistake(at, f"there is no block `{key}`")
        elif len(path) > DEEPEST_NETWORK:
            yield from self._too_deep(len(path), at)
        elif key not in self._depths:
            steps = self._network.blocks[key].steps
            for used in dict.fromkeys(step.block for step in every_step(steps) if isinstance(step, Instance)):
                yield from self._of_block(used, (*path, key))
            self._depths[key] = self._deepest(steps)
            yield from self._too_deep(self._depths[key], at)

    def _deepest(self, steps: Sequence[Step]) -> int:
        own = (
            1 + (self._depths.get(s.block, 0) if isinstance(s, Instance) else self._deepest([*inside(s)]))
            for s in steps
        )
        return max(own, default=0)

    def _too_deep(self, depth: int, at: Path) -> Iterator[Mistake]:
        if depth > DEEPEST_NETWORK:
            yield Mistake(at, f"steps stand in one another {depth} deep, and may {DEEPEST_NETWORK} deep")


class _Steps:
    """The checks of steps, which know the network around them."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._names = frozenset(block.name for block in network.blocks.values())

    def all(self) -> Iterator[Mistake]:
        network = self._network
        yield from self._rows(network.rows, frozenset(), ("rows",))
        for i, misprint in enumerate(network.misprints):
            for at, steps in as_printed(misprint, ("misprints", i)):
                yield from self._steps(steps, frozenset({IN}), at)
        for key, block in network.blocks.items():
            yield from self._block(key, block, ("blocks", key))
        yield from self._heads(network.heads)

    def _block(self, key: str, block: Block, at: Path) -> Iterator[Mistake]:
        if not is_name(block.name):
            yield Mistake((*at, "name"), f"`{block.name}` cannot be the name of a block")
        yield from of_names(block.parameters, f"the block `{key}`", (*at, "parameters"))
        before: set[str] = {IN}
        for name, default in block.parameters.items():
            if default is not None:
                yield from self._number(default, before, f"the default of `{name}`", (*at, "parameters", name))
            before.add(name)
        yield from self._steps(block.steps, frozenset(before), (*at, "steps"), joins=True)

    def _heads(self, heads: Sequence[Head]) -> Iterator[Mistake]:
        names = Counter(head.name for head in heads)
        above = Counter(row.layer for row in self._network.rows)
        for i, head in enumerate(heads):
            at = "heads", i
            if names[head.name] > 1:
                yield Mistake((*at, "name"), f"there are two heads `{head.name}`")
            if above[head.source] != 1:
                wrong = f"the head `{head.name}` is from `{head.source}`, which is not the name of one row"
                yield Mistake((*at, "source"), wrong)
            if not head.rows:
                yield Mistake((*at, "rows"), f"the head `{head.name}` has no rows")
            yield from self._rows(head.rows, frozenset(), (*at, "rows"))

    def _rows(self, rows: Sequence[Row], names: Set[str], at: Path) -> Iterator[Mistake]:
        above, inside = Counter[str](), names | {IN}
        for i, row in enumerate(rows):
            if row.steps is None:
                yield Mistake((*at, i, "steps"), f"the row `{row.layer}` has no steps")
            for k, source in enumerate(row.sources):
                if source != IN and above[source] != 1:
                    wrong = f"the row `{row.layer}` is from `{source}`, which is not the name of one row above"
                    yield Mistake((*at, i, "sources", k), wrong)
            yield from self._steps(row.steps or (), inside, (*at, i, "steps"))
            above[row.layer] += 1

    def _steps(self, steps: Sequence[Step], names: Set[str], at: Path, joins: bool = False) -> Iterator[Mistake]:
        """Steps; branches and named rows are the first step of a block, whose steps these are where ``joins`` holds."""
        for i, step in enumerate(steps):
            spend(WALKED)
            here = (*at, i)
            if isinstance(step, Branches | Graph) and not (joins and i == 0):
                yield Mistake(here, f"a {step.kind} is the first step of a block, and stands nowhere else")
            yield from self._step(step, names, here)
            if isinstance(step, Graph):
                yield from self._rows(step.rows, names, (*here, "rows"))
            elif isinstance(step, Group | When | Repeat):
                yield from self._steps((step.first or ()) if isinstance(step, Repeat) else (), names, (*here, "first"))
                yield from self._steps(step.steps, names, (*here, "steps"))
            elif isinstance(step, Branches):
                for k, branch in enumerate(step.branches):
                    yield from self._steps(branch.steps, names, (*here, "branches", k, "steps"))
                yield from self._step(step.join, names, (*here, "join"))

    def _step(self, step: Step, names: Set[str], at: Path) -> Iterator[Mistake]:
        match step:
            case Apply():
                yield from _layer(step, at)
                for name, arg in step.args.items():
                    yield from self._argument(arg, names, (*at, "args", name))
            case Instance():
                yield from self._instance(step, names, at)
            case Group():
                yield from self._group(step, at)
            case Repeat():
                yield from self._repeat(step, names, at)
            case When():
                yield from self._when(step, names, at)
            case Branches():
                found = ops.find(step.join.op)
                if found is not None and found.arity is not None:
                    yield Mistake((*at, "join"), f"`{step.join.op}` does not join branches")
                if not step.branches:
                    yield Mistake((*at, "branches"), "a branches has no rows")
            case Graph():
                if not step.rows:
                    yield Mistake((*at, "rows"), "a graph has no rows")

    def _group(self, step: Group, at: Path) -> Iterator[Mistake]:
        if not step.steps:
            yield Mistake((*at, "steps"), "a group has no steps")
        found = ops.find(step.rule)
        if not (found.spelled() == step.rule if found is not None else step.rule in self._names):
            wrong = f"`{step.rule}` is neither a layer nor a block, and cannot have a rule"
            yield Mistake((*at, "rule"), wrong)

    def _repeat(self, step: Repeat, names: Set[str], at: Path) -> Iterator[Mistake]:
        for field, steps in (("steps", step.steps), ("first", step.first)):
            if steps == ():
                yield Mistake((*at, field), "a repeat has no steps")
        times = step.times.value
        if (type(times) is not int or times < 1) and (times is not None or step.times.expression is None):
            shown = repr(times) if within_bounds(times) else "too many"
            wrong = f"a repeat has {shown} times, which must be a whole number of at least 1"
            yield Mistake((*at, "times"), wrong)
        yield from self._argument(step.times, names, (*at, "times"))

    def _when(self, step: When, names: Set[str], at: Path) -> Iterator[Mistake]:
        if not step.steps:
            yield Mistake((*at, "steps"), "a when has no steps")
        if step.condition.expression is None or not isinstance(step.condition.value, bool | None):
            yield Mistake((*at, "condition"), "the condition of a when has no text, or a value that is none")
        yield from self._argument(step.condition, names, (*at, "condition"))

    def _instance(self, step: Instance, names: Set[str], at: Path) -> Iterator[Mistake]:
        parameters = self._network.blocks[step.block].parameters
        spend(NAME * len(parameters))
        for name in step.args.keys() - parameters.keys():
            yield Mistake((*at, "args", name), f"the block `{step.block}` has no parameter `{name}`")
        for name, default in parameters.items():
            if default is None and name not in step.args:
                yield Mistake((*at, "args"), f"the block `{step.block}` needs `{name}`")
        for name, arg in step.args.items():
            yield from self._number(arg, names, f"`{name}`", (*at, "args", name))

    def _number(self, arg: Arg, names: Set[str], what: str, at: Path) -> Iterator[Mistake]:
        """An argument or a default of a block; anything that is not a number makes its own block."""
        if isinstance(arg.value, bool) or not isinstance(arg.value, int | float | None):
            yield Mistake((*at, "value"), f"{what} is {arg.value!r}, and must be a number")
        yield from self._argument(arg, names, at)

    def _argument(self, arg: Arg, names: Set[str], at: Path) -> Iterator[Mistake]:
        return of_argument(arg, names, self._network.parameters, at)


def _layer(apply: Apply, at: Path) -> Iterator[Mistake]:
    found = ops.find(apply.op)
    if found is None or found.spelled() != apply.op:
        yield Mistake((*at, "op"), f"there is no layer `{apply.op}`")
        return
    unknown = sorted(apply.args.keys() - found.arguments.keys())
    if unknown:
        yield Mistake((*at, "args", unknown[0]), f"`{apply.op}` has no argument `{unknown[0]}`")
        return
    known = {name: arg.value for name, arg in apply.args.items() if arg.value is not None}
    if not all(map(within_bounds, known.values())):
        return  # which is said of the argument
    try:
        apply.layer(known)
    except Misfit as misfit:
        problems = {name: why for name, why in misfit.problems.items() if name in known or name not in apply.args}
        if problems:
            yield Mistake((*at, "args"), f"`{apply.op}` cannot take its arguments: {Misfit(problems)}")
