"""Which parameters of a network its emitted code keeps as arguments, and what they are called there."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from typing import NamedTuple, TypeAlias

from archspec.expressions import Binary, Expression, Function, every_part
from archspec.ir.network import Apply, Arg, Instance, Network, Repeat, Step, When
from archspec.ir.node import Value
from archspec.ir.walking import every_step, steps_of
from archspec.targets.torch.names import USED, Names


class Parameter(NamedTuple):
    """A parameter of the network that emitted code keeps as an argument."""

    identifier: str
    kind: type
    default: int | float
    own: bool = True
    """Whether the entry function takes it; a number of the table is passed by it."""
    among: str = ""
    """The argument of several numbers that holds it: ``depths`` for ``depths[0]``."""


LIBRARIES = ("archspec", "torch", "torchvision", "numpy", "PIL", "sklearn", "scipy", "tqdm", "tensorboard")
IMPORTED = frozenset((*sys.stdlib_module_names, *LIBRARIES))
"""Modules that a file of the same name would hide from every program in its folder."""


def function_name(network: Network) -> str:
    """The name of the entry function of emitted code: ``vgg_D``."""
    return Names(USED).identifier(network.label, "network")


def module_name(network: Network) -> str:
    """The name of the emitted file, ``vgg_D``: that of its function, or ``json_net`` where that would hide a module."""
    hidden = hides(network)
    return f"{hidden}_net" if hidden else function_name(network)


def hides(network: Network) -> str | None:
    """The module that a file with the name of the network would hide."""
    name = Names().identifier(network.label, "network")
    return name if name in IMPORTED else None


def given_names(network: Network) -> frozenset[str]:
    """The names of the arguments that only the caller of the emitted code can give, for layers of its table."""
    kinds = {step.kind_of_layer for step in steps_of(network) if isinstance(step, Apply)}
    return frozenset(kind.given.name for kind in kinds if kind.given)


def _closing_names(network: Network) -> frozenset[str]:
    """What the statements write to that set layers that grow, at the end of the constructor."""
    grows = any(isinstance(step, Apply) and step.kind_of_layer.grows for step in steps_of(network))
    return frozenset({"paths", "path", "place"} if grows else ())


def arguments_of(network: Network) -> dict[str, Parameter]:
    """The parameters that emitted code may keep as arguments: numbers.

    What decides heights and widths of maps is written as a number, because the shapes of all later rows follow from it.
    Whether code can follow repetitions and conditions, the walk of the network finds out.
    """
    roles: dict[str, set[Role]] = {}
    for name, role in _roles(network):
        roles.setdefault(name, set()).add(role)
    claimed = {name for claim in network.claims for name, value in claim.parameters.items() if type(value) is float}
    fixed = {*network.input_names, *network.structural}
    names = Names(USED | given_names(network) | _closing_names(network))
    kept: dict[str, Parameter] = {}
    for name, value in network.parameters.items():
        used = roles.get(name, set())
        follows = bool(used or name in claimed) and used <= NUMBERS and name not in fixed
        if follows and type(value) in (int, float):
            assert isinstance(value, int | float)
            fraction = isinstance(value, float) or name in claimed or float in used or _multiplies(used)
            kind = float if fraction else int
            kept[name] = Parameter(names.identifier(name, "parameter"), kind, value)
    return kept


def words_of(networks: Sequence[Network]) -> list[Mapping[str, Value]]:
    """The parameters that decide what layers there are, and in which networks differ, with their values in each."""
    first, *others = networks
    names = [name for name in first.parameters if all(_is_word(each, name) for each in networks)]
    found = [n for n in names if any(other.parameters[n] != first.parameters[n] for other in others)]
    return [{name: network.parameters[name] for name in found} for network in networks]


def _is_word(network: Network, name: str) -> bool:
    """Whether a parameter is no number, or one that a network has no arguments for."""
    value = network.parameters.get(name)
    return value is not None and (type(value) not in (int, float) or name in network.structural)


class Runs(int):
    """How often something repeats."""


class RoundedRuns(Runs):
    """The same, rounded from what may be a fraction."""


class Rounded(int):
    """A width that is rounded from what may be a fraction, ``round_to(16*w, 8)``."""


class Asked(int):
    """What a condition asks."""


Role: TypeAlias = type | None
"""The number that a parameter is to an op, a repetition or a condition; None where heights and widths hang on it."""
NUMBERS: frozenset[Role] = frozenset({int, float, Runs, RoundedRuns, Rounded, Asked})
"""Those that code follows."""
ROUNDED: dict[Role, Role] = {int: Rounded, Runs: RoundedRuns}


def counts_of(network: Network) -> frozenset[str]:
    """The parameters that say how often something repeats, and nothing else."""
    found = {(name, role) for name, role in _roles(network) if type(network.parameters.get(name)) in (int, float)}
    return frozenset(name for name, _ in found) - {name for name, role in found if role not in (Runs, RoundedRuns)}


def _multiplies(roles: Set[Role]) -> bool:
    """Whether all that is made of a number is rounded."""
    made = roles - {Asked}
    return bool(made) and made <= {Rounded, RoundedRuns}


def _roles(network: Network) -> Iterator[tuple[str, Role]]:
    """What rows use parameters for."""
    rows = (*network.rows, *(row for head in network.heads for row in head.rows))
    return _Roles(network).of(step for row in rows for step in row.steps or ())


class _Roles:
    """What each name is used for; what goes to a block is used for what the block uses it for."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._blocks: dict[str, set[tuple[str, Role]]] = {}

    def of(self, steps: Iterable[Step]) -> Iterator[tuple[str, Role]]:
        for step in every_step(steps):
            for arg, role in _uses(step):
                yield from _each(arg, role)
            if isinstance(step, Instance):
                yield from self._passed(step)

    def _passed(self, step: Instance) -> Iterator[tuple[str, Role]]:
        block = self._network.blocks[step.block]
        if step.block not in self._blocks:
            self._blocks[step.block] = set(self.of(block.steps))
        within = self._blocks[step.block]
        yield from ((name, role) for name, role in within if name not in block.parameters)
        for name, default in reversed(block.parameters.items()):
            if name in step.args or default is None:
                continue
            roles = {role for inner, role in within if inner == name}
            within = within | {(other, role) for other in default.names for role in roles}
            yield from ((other, role) for other in default.names - block.parameters.keys() for role in roles)
        for name, arg in step.args.items():
            yield from (pair for inner, role in within if inner == name for pair in _each(arg, role))


def _each(arg: Arg, role: Role) -> Iterator[tuple[str, Role]]:
    """The names of an argument, each with what it is used for there."""
    rounded = ROUNDED.get(role, role)
    bare = arg.names if arg.expression is None else _unrounded(arg.expression)
    yield from ((name, role if name in bare else rounded) for name in arg.names)


def _unrounded(expression: Expression) -> frozenset[str]:
    """The names that stand outside of rounding, or in that of a division, `floor(w/2)`, which whole numbers need."""
    match expression:
        case Function("floor" | "ceil" | "round_to", (inner, *more)) if not any(map(_divides, every_part(inner))):
            return frozenset[str]().union(*(each.names for each in more))
    return expression.names if not expression.parts else frozenset().union(*map(_unrounded, expression.parts))


def _divides(expression: Expression) -> bool:
    return isinstance(expression, Binary) and expression.operator == "/"


def _uses(step: Step) -> Iterator[tuple[Arg, Role]]:
    if isinstance(step, Apply):
        op = step.kind_of_layer
        for name, arg in step.args.items():
            number = (arg.value is None or type(arg.value) in (int, float)) and name not in op.fixed
            yield arg, op.arguments[name].numeric if number else None
    elif isinstance(step, Repeat):
        yield step.times, Runs
    elif isinstance(step, When):
        yield step.condition, Asked
