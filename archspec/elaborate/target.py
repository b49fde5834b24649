"""What a layer of syntax may name, an op or a block, and what those who read layers ask of each other."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple, Protocol, Self, TypeAlias

from archspec.arguments import KERNEL, STRIDES, kin_of
from archspec.diagnostics import Report
from archspec.elaborate.scope import WORDS, Scope
from archspec.ir.network import Step
from archspec.language import syntax as s
from archspec.naming import Names
from archspec.op import Op

Columns: TypeAlias = Mapping[str, s.Named]
"""Arguments from the columns of a row, by name."""
Target: TypeAlias = "type[Op] | Definition"
"""What a layer of syntax may name."""


class Definition(NamedTuple):
    """A block as its file defines it, with the rules of that file."""

    name: str
    formals: tuple[s.Formal, ...]
    syntax: s.Block
    home: Reader

    def default(self, name: str) -> s.Value | None:
        """The default of a parameter."""
        return next((formal.value for formal in self.formals if formal.name == name), None)


class Definitions(Protocol):
    """The blocks that are defined."""

    names: Names
    brackets: dict[tuple[str, ...], str]

    def find(self, name: str) -> Definition | None:
        """The block of that name."""

    def like(self, word: str) -> str | None:
        """The one block that is called by a word, without regard to case, hyphens and underscores."""

    def add(self, block: s.Block, home: Reader) -> None:
        """Keep a block whose name is free."""


class Reader(Protocol):
    """Reads the layers of one file, under its names and its rules."""

    scope: Scope
    report: Report
    brackets: s.Brackets | None
    rules: dict[str, s.Chain]
    may_lack: bool
    made: tuple[str, int] | None

    @property
    def blocks(self) -> Definitions:
        """The blocks that its layers may name."""

    def inside(self, scope: Scope) -> Self:
        """The same rules over another scope: that of a block."""

    def chain(self, chain: s.Chain) -> tuple[Step, ...] | None:
        """The steps of a chain, or None where one of them could not be understood."""

    def branch(self, name: str, steps: tuple[Step, ...]) -> tuple[Step, ...] | None:
        """The steps of a branch under the rule for branches of its name, if there is one."""

    def target(self, layer: object) -> Target | None:
        """What a layer of syntax names."""

    def activations(self, op: type[Op]) -> list[str]:
        """The non-linearities that follow a layer under its rule, by name."""

    def beside(self, op: type[Op]) -> list[str]:
        """What a projection leaves out of the rule."""

    def reads(self, text: str) -> bool:
        """Whether a cell of this text could be read in the place of one that is wrong."""


def name_of(target: Target) -> str:
    """The name of an op or a block in a spec."""
    return target.spelled() if isinstance(target, type) else target.name


def parameters_of(target: Target | None) -> list[str]:
    """The names of all arguments."""
    if target is None:
        return []
    return list(target.arguments) if isinstance(target, type) else [formal.name for formal in target.formals]


def needed_by(target: Target | None) -> Collection[str]:
    """The names of all arguments but those that only say again what comes out."""
    names = parameters_of(target)
    return {*names} - target.restates if isinstance(target, type) and target.restates else names


def restates(target: Target | None, name: str) -> bool:
    """Whether an argument only says again what comes out."""
    return isinstance(target, type) and name in target.restates


def stride_of(names: Collection[str]) -> str | None:
    """Which of the arguments of a layer or a block ``/2`` fills."""
    return next((name for name in STRIDES if name in names), None)


def ruled(op: type[Op], reader: Reader) -> list[s.Arg]:
    """The arguments that the rule for a layer gives to all its uses."""
    units = [step.unit for step in reader.rules.get(op.spelled(), ()) if reader.target(step.unit) is op]
    return [arg for unit in units if isinstance(unit, s.Layer) for arg in unit.args]


def takes_size(target: Target, name: str) -> bool:
    """Whether an argument may be a size, ``3x3``."""
    if isinstance(target, type):
        return target.arguments[name].accepts((1, 1))
    return name in (*STRIDES, *kin_of(KERNEL)) or isinstance(target.default(name), s.Size)


def switch(target: Target, name: str) -> bool:
    """Whether an argument is one of yes or no."""
    if isinstance(target, type):
        return name in target.arguments and target.arguments[name].is_switch
    default = target.default(name)
    return isinstance(default, s.Name) and default.id in WORDS
