"""What a network promises beyond the types of its parts: its names exist, its texts are expressions, its blocks end.

Networks from the elaboration keep these promises by construction; one that comes in as JSON is checked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from archspec import ops
from archspec.arguments import Misfit
from archspec.counting.conventions import is_rule
from archspec.expressions import FUNCTIONS, WORDS, Choice, Expression, Name, Size, Unfit, evaluate
from archspec.ir.network import (
    Apply,
    Arg,
    Block,
    Branches,
    Graph,
    Group,
    Head,
    Instance,
    Network,
    Recipe,
    Repeat,
    Row,
    Step,
    When,
    every_step,
    inside,
)
from archspec.ir.node import IN
from archspec.recipe import SETTINGS, find, missing
from archspec.recipe.rules import contradictions
from archspec.support.limits import DEEPEST_NETWORK


def mistakes(network: Network) -> Iterator[str]:
    """What is wrong with a network whose parts have the right types."""
    if len(network.input) not in (1, 3) or min(network.input) < 1:
        yield f"the input is {list(network.input)}, and must be 1 or 3 whole numbers of at least 1"
    yield from _wrong_names(network.parameters, "the network")
    for name in (*network.input_names, *network.structural):
        if name not in network.parameters:
            yield f"`{name}` is no parameter of the network"
    for cell in network.cells:
        if not 0 <= cell.row < len(network.rows):
            yield f"a cell is printed in row {cell.row}, and the rows are 0 to {len(network.rows) - 1}"
    for rule in (*network.counted, *(rule for claim in network.claims for rule in claim.counted)):
        if not is_rule(rule):
            yield f"there is no counting rule `{rule}`"
    if network.recipe is not None:
        yield from _wrong_recipe(network.recipe)
    yield from _Checks(network).all()


def _wrong_recipe(recipe: Recipe) -> Iterator[str]:
    """What is wrong with a recipe: settings and parts that do not exist, arguments, contradictions."""
    wrong = False
    for name, setting in recipe.settings.items():
        if name not in SETTINGS:
            wrong = True
            yield f"there is no setting `{name}`"
            continue
        if len(setting.uses) > 1 and not SETTINGS[name].several:
            yield f"`{name}` is one thing, and is given {len(setting.uses)}"
        for use in setting.uses:
            kind = find(name, use.part)
            try:
                if kind is not None:
                    kind(**use.args)
                    continue
                yield f"`{name}` has no part `{use.part}`"
            except Misfit as misfit:
                yield f"`{use.part}` of `{name}`: {misfit}"
            wrong = True
    if not wrong:
        lacking = missing([name for name in recipe.settings if recipe.settings[name].uses])
        if lacking:
            yield f"the recipe has no {', '.join(f'`{name}`' for name in lacking)}"
        yield from (found.message for found in contradictions({name: recipe.parts(name) for name in recipe.settings}))


class _Checks:
    """The checks of steps, which know the network around them."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._depths: dict[str, int] = {}

    def all(self) -> Iterator[str]:
        network = self._network
        yield from self._endless()
        yield from self._rows(network.rows, frozenset())
        for key, block in network.blocks.items():
            yield from self._block(key, block)
        yield from self._heads(network.heads)

    def _endless(self) -> Iterator[str]:
        """Blocks that do not exist, use themselves or are too deep, before anything walks them."""
        for key in self._network.blocks:
            yield from self._depth_of(key, ())
        heads = [row for head in self._network.heads for row in head.rows]
        for row in (*self._network.rows, *heads):
            yield from self._too_deep(self._deepest(row.steps or ()))
        for step in every_step(step for row in (*self._network.rows, *heads) for step in row.steps or ()):
            if isinstance(step, Instance) and step.block not in self._network.blocks:
                yield f"there is no block `{step.block}`"

    def _depth_of(self, key: str, path: tuple[str, ...]) -> Iterator[str]:
        """Finds how deep a block is, those that it uses first."""
        if key in path:
            yield f"the block `{key}` uses itself"
        elif key not in self._network.blocks:
            yield f"there is no block `{key}`"
        elif len(path) > DEEPEST_NETWORK:
            yield from self._too_deep(len(path))
        elif key not in self._depths:
            steps = self._network.blocks[key].steps
            for used in dict.fromkeys(step.block for step in every_step(steps) if isinstance(step, Instance)):
                yield from self._depth_of(used, (*path, key))
            self._depths[key] = self._deepest(steps)
            yield from self._too_deep(self._depths[key])

    def _deepest(self, steps: Sequence[Step]) -> int:
        own = (
            1 + (self._depths.get(s.block, 0) if isinstance(s, Instance) else self._deepest([*inside(s)]))
            for s in steps
        )
        return max(own, default=0)

    def _too_deep(self, depth: int) -> Iterator[str]:
        if depth > DEEPEST_NETWORK:
            yield f"steps stand in one another {depth} deep, and may {DEEPEST_NETWORK} deep"

    def _block(self, key: str, block: Block) -> Iterator[str]:
        if not _is_name(block.name):
            yield f"`{block.name}` cannot be the name of a block"
        yield from _wrong_names(block.parameters, f"the block `{key}`")
        before: set[str] = {IN}
        for name, default in block.parameters.items():
            if default is not None:
                yield from self._number(default, frozenset(before), f"the default of `{name}`")
            before.add(name)
        yield from self._steps(block.steps, frozenset(before))

    def _heads(self, heads: Sequence[Head]) -> Iterator[str]:
        names = [head.name for head in heads]
        above = [row.layer for row in self._network.rows]
        for head in heads:
            if names.count(head.name) > 1:
                yield f"there are two heads `{head.name}`"
            if above.count(head.source) != 1:
                yield f"the head `{head.name}` is from `{head.source}`, which is not the name of one row"
            if not head.rows:
                yield f"the head `{head.name}` has no rows"
            yield from self._rows(head.rows, frozenset())

    def _rows(self, rows: Sequence[Row], names: frozenset[str]) -> Iterator[str]:
        above: list[str] = []
        for row in rows:
            if row.steps is None:
                yield f"the row `{row.layer}` has no steps"
            for source in row.sources:
                if source != IN and above.count(source) != 1:
                    yield f"the row `{row.layer}` is from `{source}`, which is not the name of one row above"
            yield from self._steps(row.steps or (), names | {IN})
            above.append(row.layer)

    def _steps(self, steps: Sequence[Step], names: frozenset[str]) -> Iterator[str]:
        for step in steps:
            yield from self._step(step, names)
            if isinstance(step, Graph):
                yield from self._rows(step.rows, names)
            else:
                yield from self._steps([*inside(step)], names)

    def _step(self, step: Step, names: frozenset[str]) -> Iterator[str]:
        if isinstance(step, Apply):
            yield from _wrong_layer(step)
            for arg in step.args.values():
                yield from self._text(arg, names)
        elif isinstance(step, Instance):
            yield from self._instance(step, names)
        elif isinstance(step, Branches):
            found = ops.find(step.join.op)
            if found is not None and found.arity is not None:
                yield f"`{step.join.op}` does not join branches"
        if isinstance(step, Branches | Graph):
            if not (step.branches if isinstance(step, Branches) else step.rows):
                yield f"a {step.kind} has no rows"
        elif isinstance(step, Group | Repeat | When) and (
            not step.steps or (isinstance(step, Repeat) and step.first == ())
        ):
            yield f"a {step.kind} has no steps"
        if isinstance(step, Group) and not self._is_target(step.rule):
            yield f"`{step.rule}` is neither a layer nor a block, and cannot have a rule"
        if isinstance(step, Repeat):
            times = step.times.value
            if (type(times) is not int or times < 1) and (times is not None or step.times.expression is None):
                yield f"a repeat has {times!r} times, which must be a whole number of at least 1"
            yield from self._text(step.times, names)
        elif isinstance(step, When):
            if step.condition.expression is None or not isinstance(step.condition.value, bool | None):
                yield "the condition of a when has no text, or a value that is none"
            yield from self._text(step.condition, names)

    def _is_target(self, name: str) -> bool:
        """Whether a name is that of a layer or of a block."""
        found = ops.find(name)
        named = (block.name for block in self._network.blocks.values())
        return found.spelled() == name if found is not None else name in named

    def _instance(self, step: Instance, names: frozenset[str]) -> Iterator[str]:
        parameters = self._network.blocks[step.block].parameters
        for name in step.args.keys() - parameters.keys():
            yield f"the block `{step.block}` has no parameter `{name}`"
        for name, default in parameters.items():
            if default is None and name not in step.args:
                yield f"the block `{step.block}` needs `{name}`"
        for name, arg in step.args.items():
            yield from self._number(arg, names, f"`{name}`")

    def _number(self, arg: Arg, names: frozenset[str], what: str) -> Iterator[str]:
        """An argument or a default of a block; anything that is not a number makes its own block."""
        if isinstance(arg.value, bool) or not isinstance(arg.value, int | float | None):
            yield f"{what} is {arg.value!r}, and must be a number"
        yield from self._text(arg, names)

    def _text(self, arg: Arg, names: frozenset[str]) -> Iterator[str]:
        """What is wrong with the text of an argument; a size has one for each part, ``width x 3``."""
        if arg.expression is None:
            if arg.value is None:
                yield "an argument has neither a value nor a text"
            return
        parts = arg.expression.sides if isinstance(arg.expression, Size) else (arg.expression,)
        sides = len(arg.value) if isinstance(arg.value, tuple) and not isinstance(arg.expression, Name | Choice) else 1
        if len(parts) != sides:
            yield f"`{arg.text}` is not an expression over numbers and parameters"
            return
        used = arg.names
        for name in sorted(used - names - self._network.parameters.keys()):
            yield f"`{arg.text}` names `{name}`, which is no parameter of the network"
        if arg.value is not None and not used & names:
            yield from _wrong_value(arg, arg.expression, self._network.parameters)


def _wrong_value(arg: Arg, expression: Expression, values: Mapping[str, Any]) -> Iterator[str]:
    """A value that is not what its expression comes to."""
    try:
        found = evaluate(expression, values)
    except Unfit:
        found = None
    if found != arg.value:
        yield f"`{arg.text}` is not {arg.value!r} for the parameters of the network"


def _wrong_names(names: Mapping[str, object], owner: str) -> Iterator[str]:
    for name in names:
        if not _is_name(name) or name in WORDS or name in FUNCTIONS or name == IN:
            yield f"`{name}` cannot be a parameter of {owner}"


def _is_name(text: str) -> bool:
    """Whether a text is a name as the language writes it."""
    return re.fullmatch(r"[^\W\d]\w*", text) is not None


def _wrong_layer(apply: Apply) -> Iterator[str]:
    found = ops.find(apply.op)
    if found is None or found.spelled() != apply.op:
        yield f"there is no layer `{apply.op}`"
        return
    unknown = sorted(apply.args.keys() - found.arguments.keys())
    if unknown:
        yield f"`{apply.op}` has no argument `{unknown[0]}`"
        return
    known = {name: arg.value for name, arg in apply.args.items() if arg.value is not None}
    try:
        apply.layer(known)
    except Misfit as misfit:
        problems = {name: why for name, why in misfit.problems.items() if name in known or name not in apply.args}
        if problems:
            yield f"`{apply.op}` cannot take its arguments: {Misfit(problems)}"
