"""A network whose groups are those that its rules give, and whose branches no rule is for by chance."""

from __future__ import annotations

from itertools import count

from archspec.ir.network import Branch, Branches, Group, Step
from archspec.ir.rewriting import Rewriting
from archspec.printing.rules import Rules


class Splicing(Rewriting):
    """Puts the steps of groups in their place that no rule gives, and renames branches that a rule would be for."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules

    def steps(self, steps: tuple[Step, ...]) -> tuple[Step, ...]:
        """A chain with the steps of groups in their place."""
        if not any(isinstance(step, Group) and self._rules.of(step) is None for step in steps):
            return super().steps(steps)
        made = [
            inner for s in steps for inner in (s.steps if isinstance(s, Group) and self._rules.of(s) is None else (s,))
        ]
        return self.steps(tuple(made))

    def _step(self, step: Step) -> Step:
        made = super()._step(step)
        return made.replaced(branches=self._renamed(made.branches)) if isinstance(made, Branches) else made

    def _renamed(self, branches: tuple[Branch, ...]) -> tuple[Branch, ...]:
        names = {branch.name for branch in branches}
        made: list[Branch] = []
        for branch in branches:
            if self._rules.inside(branch.name, branch.steps) is None:
                free = next(name for i in count(1) if (name := f"{branch.name}_{i}") not in names)
                names.add(free)
                branch = branch.replaced(name=free)
            made.append(branch)
        return tuple(made)
