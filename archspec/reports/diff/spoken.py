"""Steps in the words of a spec, short enough to stand in a sentence."""

from __future__ import annotations

from collections.abc import Mapping

from archspec.ir.network import Apply, Arg, Block, Branches, Graph, Group, Instance, Repeat, Step, When
from archspec.op import Op
from archspec.support.words import spelled

STRIDE = "stride"


class Words:
    """Speaks of the steps of networks that have these blocks."""

    def __init__(self, blocks: Mapping[str, Block]) -> None:
        self._blocks = blocks

    def said(self, step: Step) -> str:
        """``conv 3x3, 64, /2``; ``bottleneck 64 x 3``; ``add of residual, shortcut``."""
        match step:
            case Apply():
                args = sorted(step.args.items(), key=lambda each: isinstance(each[1].value, bool))  # switches last
                return _with(step.op, [_argument(step.kind_of_layer, name, arg) for name, arg in args])
            case Group():
                return next((self.said(inner) for inner in step.steps if self.label(inner) == step.rule), step.rule)
            case Repeat():
                return f"{self._chain(step.first or step.steps)} x {value_said(step.times)}"
            case When():
                return f"{self._chain(step.steps)} if {value_said(step.condition)}"
            case Instance():
                given = [f"/{value_said(a)}" if n == STRIDE else value_said(a) for n, a in step.args.items()]
                return _with(self.label(step), [*given, *(f"{n}={value_said(a)}" for n, a in self.fixed(step).items())])
            case Branches():
                return f"{step.join.op} of {', '.join(branch.name for branch in step.branches)}"
            case Graph():
                return f"rows {', '.join(row.layer for row in step.rows)}"

    def label(self, step: Step) -> str:
        """What a step is, whatever its arguments: by this two steps are found to be the same one."""
        match step:
            case Apply():
                return step.op
            case Group():
                return step.rule
            case Repeat():
                return "; ".join(self.label(inner) for inner in step.steps)
            case When():
                return f"if {'; '.join(self.label(inner) for inner in step.steps)}"
            case Instance():
                return self._blocks[step.block].name
            case Branches():
                return f"{step.join.op} of"
            case Graph():
                return "rows"

    def fixed(self, step: Instance) -> dict[str, Arg]:
        """The arguments of a use that decide what the layers of its block are."""
        return {name: Arg(value=value) for name, value in self._blocks[step.block].fixed.items()}

    def _chain(self, steps: tuple[Step, ...]) -> str:
        text = "; ".join(map(self.said, steps))
        return f"[{text}]" if len(steps) > 1 else text


def value_said(arg: Arg | None) -> str:
    """The value of an argument, or its text where that depends on where a block is used."""
    if arg is None:
        return "none"
    return shown(arg.value) if arg.value is not None or arg.text is None else arg.text


def shown(value: object) -> str:
    """A value as a spec writes it."""
    return "none" if value is None else spelled(value)


def _with(name: str, arguments: list[str]) -> str:
    return f"{name} {', '.join(arguments)}" if arguments else name


def _argument(kind: type[Op], name: str, arg: Arg) -> str:
    if name == STRIDE:
        return f"/{value_said(arg)}"
    if name == kind.sized or name in kind.bare:
        return value_said(arg)
    if name == kind.texted:
        return f'"{value_said(arg)}"'
    if isinstance(arg.value, bool):
        return name if arg.value else f"no {name}"
    return f"{name}={value_said(arg)}"
