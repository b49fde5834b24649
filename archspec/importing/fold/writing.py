"""Steps, rules and blocks as the text of a spec, once it is known which rules and blocks there are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

from archspec import ops
from archspec.arguments import KERNEL
from archspec.importing.fold.blocks import Block, Blocks
from archspec.importing.fold.names import Names, row_name
from archspec.importing.fold.rules import Rule, applied, found
from archspec.importing.fold.solve import Solved
from archspec.importing.fold.tokens import Written
from archspec.importing.fold.words import said, shortcut, step
from archspec.ir.node import IN, Value
from archspec.op import Activation, Weighted
from archspec.printing.tables import headed

Steps: TypeAlias = tuple[Written, ...]
Defaults: TypeAlias = Mapping[str, Mapping[str, Value | None]]
"""The parameters of each block with their defaults."""


ONE = "1x1"
"""The kernel of a shortcut's projection where none is written."""


class Writer:
    """Writes steps by the rules that make the chains of all blocks and tables shortest."""

    def __init__(self, blocks: Blocks, defaults: Defaults, tables: Sequence[Sequence[Steps]]) -> None:
        self._blocks, self._defaults = blocks.found, defaults
        chains = [chain for block in blocks.found for chain in _chains(block.solved)]
        self._rules = found([*chains, *(steps for table in tables for steps in table)])

    def rules(self) -> list[str]:
        """The lines of the rules, and an empty one."""
        return [*map(str, self._rules.values()), *([""] if self._rules else [])]

    def blocks(self) -> list[str]:
        """The lines of the blocks, and an empty one behind each."""
        return [line for block in self._blocks for line in [*self._block(block), ""]]

    def steps(self, steps: Sequence[Written]) -> list[str]:
        """The texts of steps, with uses of blocks by the order of their parameters."""
        texts: list[str] = []
        run: list[Written] = []
        for each in steps:
            if each.of_block:
                texts += applied(run, self._rules)
                run = []
                texts.append(step(self._sorted(each), self._defaults[each.name]))
            else:
                run.append(each)
        return texts + applied(run, self._rules)

    def cell(self, steps: Sequence[Written], times: int) -> str:
        """The cell of steps that run so often."""
        texts = self.steps(steps)
        text = "; ".join(texts)
        if times == 1:
            return text
        return f"[{text}] x {times}" if len(texts) > 1 else f"{text} x {times}"

    def _sorted(self, use: Written) -> Written:
        """A use of a block without what its defaults say."""
        defaults = self._defaults[use.name]
        given = {name: use.args[name] for name in defaults if name in use.args}
        return use._replace(args={k: v for k, v in given.items() if defaults[k] is None or v != said(defaults[k])})

    def _block(self, block: Block) -> Iterator[str]:
        own = block.solved
        given = ", ".join(
            each.name if each.default is None else f"{each.name}={said(each.default)}" for each in own.parameters
        )
        head = f"block {block.name}({given})" if given else f"block {block.name}"
        yield head + (f" = {own.join.name} of" if own.join else "")
        if own.sources is not None:
            yield from self._named_rows(own)
            return
        texts = [*self._branches(own)]
        width = max(map(len, texts))
        for text in texts:
            yield f"| {text.ljust(width)} |"
        if own.then:
            yield "then " + "; ".join(self.steps(own.then))

    def _named_rows(self, own: Solved) -> list[str]:
        """The table of a block whose rows take others by their names."""
        assert own.sources is not None
        taken = Names(IN, of_rows=True)
        names = [taken.free(row_name(_row_of(track))) for track in own.tracks]
        cells = [["layer", "op", "from"]]
        for at, (track, sources) in enumerate(zip(own.tracks, own.sources, strict=True)):
            given = [] if sources == (at - 1,) else [names[each] if each >= 0 else IN for each in sources]
            cells.append([names[at], "; ".join(self.steps(track)), ", ".join(given)])
        return headed(cells)

    def _branches(self, own: Solved) -> Iterator[str]:
        """The texts of a block's branches."""
        text = self._shortcut(own)
        for at, track in enumerate(own.tracks):
            if own.shortcut is None or text is None or at not in own.shortcut:
                yield "; ".join(self.steps(track))
            elif at == own.shortcut[0]:
                yield text

    def _shortcut(self, own: Solved) -> str | None:
        """``shortcut 4*c, /s``, where that is the projection by the rule of its layer."""
        if own.shortcut is None:
            return None
        first, *norms = own.tracks[own.shortcut[0]]
        kind = ops.find(first.name)
        assert kind is not None
        rule = self._rules.get(first.name, Rule(first.name, (), (), ()))
        switches = {name for name, argument in kind.arguments.items() if argument.is_switch}
        given = {name: text for name, text in first.args.items() if name in switches}
        by_rule = [each for each in rule.after if not _is_activation(each)]
        if given != dict(rule.own) or [each._replace(condition=None) for each in norms] != by_rule:
            return None
        needless = {KERNEL} if first.args[KERNEL] == ONE else set()
        return shortcut({name: text for name, text in first.args.items() if name not in switches | needless})


def _chains(own: Solved) -> Iterator[Sequence[Written]]:
    """The chains of a block whose layers rules may be about: a shortcut has its projection by them."""
    for at, track in enumerate(own.tracks):
        if own.shortcut is None or at not in own.shortcut:
            yield track
    yield own.then


def _row_of(track: Sequence[Written]) -> str:
    """What a row of a block is called: its first layer of weight or block."""
    for each in track:
        kind = ops.find(each.name)
        if each.of_block or (kind is not None and issubclass(kind, Weighted)):
            return each.name
    return track[0].name


def _is_activation(written: Written) -> bool:
    kind = ops.find(written.name)
    return kind is not None and issubclass(kind, Activation)
