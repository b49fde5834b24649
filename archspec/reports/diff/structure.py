"""How two chains of steps differ, in sentences: arguments, repetitions, steps that one of them lacks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any

from archspec.arguments import Misfit
from archspec.budget import spend
from archspec.ir.network import Apply, Arg, Block, Branches, Graph, Group, Instance, Repeat, Row, Step, When
from archspec.ir.walking import args_of, every_step
from archspec.reports.diff.spoken import Words, shown, value_said
from archspec.support.limits import LONG_TABLE, MATCHED

Blocks = Mapping[str, Block]


class Structure:
    """Compares the steps of two networks, whose blocks may differ."""

    def __init__(self, a: Blocks, b: Blocks) -> None:
        self._a, self._b = a, b
        self.mine, self.theirs = Words(a), Words(b)

    def changes(self, a: Sequence[Step], b: Sequence[Step]) -> list[str]:
        """What is different, each once: the steps of a repetition are compared twice, as first and as others."""
        return list(dict.fromkeys(self._chains(a, b)))

    def of_blocks(self, a: Block, b: Block) -> list[str]:
        """How two blocks of one name differ: their parameters, and their steps."""
        found = list(_named(dict(a.parameters), dict(b.parameters), "parameter "))
        return [*found, *self.changes(a.steps, b.steps)]

    def _chains(self, a: Sequence[Step], b: Sequence[Step]) -> Iterator[str]:
        mine, theirs = self.mine, self.theirs
        a, b = _taken(a), _taken(b)
        for tag, i, j, k, m in matched([*map(mine.label, a)], [*map(theirs.label, b)]):
            if tag == "equal":
                for x, y in zip(a[i:j], b[k:m], strict=True):
                    yield from self._pair(x, y)
            elif tag == "replace" and j - i == m - k:
                pairs = zip(map(mine.said, a[i:j]), map(theirs.said, b[k:m]), strict=True)
                yield from (f"`{x}` becomes `{y}`" for x, y in pairs)
            else:
                yield from (f"without `{mine.said(step)}`" for step in a[i:j])
                yield from (f"with `{theirs.said(step)}`" for step in b[k:m])

    def _pair(self, a: Step, b: Step) -> Iterator[str]:
        if a == b:
            return
        match a, b:
            case (Repeat(), _) | (_, Repeat()):
                yield from self._repeats(_repeat(a), _repeat(b))
            case Apply(), Apply():
                yield from self._arguments(a, b)
            case Instance(), Instance():
                yield from self._instances(a, b)
            case When(), When():
                yield from _turned(
                    f"`{self.mine.label(a)}`: condition", value_said(a.condition), value_said(b.condition)
                )
                yield from self._chains(a.steps, b.steps)
            case Branches(), Branches():
                yield from self._named_chains(
                    {x.name: x.steps for x in a.branches}, {x.name: x.steps for x in b.branches}, "branch"
                )
            case Graph(), Graph():
                yield from self._graphs(a.rows, b.rows)
            case _:
                yield from self._chains(_opened(a), _opened(b))

    def _repeats(self, a: Repeat, b: Repeat) -> Iterator[str]:
        yield from _turned(f"`{self.mine.label(a)}`: repeats", value_said(a.times), value_said(b.times))
        yield from self._chains(a.first or a.steps, b.first or b.steps)
        if "1" not in (value_said(a.times), value_said(b.times)):
            yield from self._chains(a.steps, b.steps)

    def _arguments(self, a: Apply, b: Apply) -> Iterator[str]:
        """Arguments by name; one that is not given has its default."""
        named = short(a, self.mine) if short(a, self.mine) == short(b, self.theirs) else a.op
        for name in a.kind_of_layer.arguments:
            mine, theirs = a.args.get(name), b.args.get(name)
            if name in a.kind_of_layer.restates or (mine is None and theirs is None):
                continue  # what comes out is the same, whether it is said or not
            if not _depends_alike(mine, theirs):
                yield from _turned(f"`{named}`: {name}", _settled(a, name), _settled(b, name))

    def _instances(self, a: Instance, b: Instance) -> Iterator[str]:
        mine = {**self._a[a.block].parameters, **self.mine.fixed(a), **a.args}
        theirs = {**self._b[b.block].parameters, **self.theirs.fixed(b), **b.args}
        yield from _named(mine, theirs, f"`{self.mine.label(a)}`: ")

    def _graphs(self, a: Sequence[Row], b: Sequence[Row]) -> Iterator[str]:
        yield from self._named_chains({r.layer: r.steps or () for r in a}, {r.layer: r.steps or () for r in b}, "row")
        sources = {row.layer: row.sources for row in b}
        for row in a:
            if row.layer in sources:
                yield from _turned(f"`{row.layer}`: from", ", ".join(row.sources), ", ".join(sources[row.layer]))

    def _named_chains(
        self, a: Mapping[str, Sequence[Step]], b: Mapping[str, Sequence[Step]], what: str
    ) -> Iterator[str]:
        for name in dict.fromkeys((*a, *b)):
            if name in a and name in b:
                yield from (f"{name}: {change}" for change in self._chains(a[name], b[name]))
            else:
                words = self.mine if name in a else self.theirs
                steps = "; ".join(map(words.said, a[name] if name in a else b[name]))
                yield f"{'without' if name in a else 'with'} the {what} {name}: `{steps or 'identity'}`"

    def depends(self, steps: Sequence[Step], names: frozenset[str]) -> list[str]:
        """The arguments and conditions in steps that depend on parameters: ``conv 1x1: stride is ...``."""
        found: list[str] = []
        for step in every_step(steps):
            for name, arg in args_of(step).items():
                if arg.names & names:
                    found.append(f"`{short(step, self.mine)}`: {name} is `{arg.text}`")
        return list(dict.fromkeys(found))


def short(step: Step, words: Words) -> str:
    """A step by what tells it from others like it: ``conv 1x1``."""
    size = step.args.get(step.kind_of_layer.sized or "") if isinstance(step, Apply) else None
    return f"{words.label(step)} {value_said(size)}" if size is not None else words.label(step)


def matched(a: Sequence[str], b: Sequence[str]) -> list[tuple[str, int, int, int, int]]:
    """Two sequences of names as what is equal, replaced, deleted and inserted.

    Of long ones, what both start with is set apart first: at worst, each match leaves all the others to be found.
    """
    same = 0
    if max(len(a), len(b)) > LONG_TABLE:
        same = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    left, right = len(a) - same, len(b) - same
    spend(MATCHED * left * right * min(left, right))
    more = SequenceMatcher(None, a[same:], b[same:], autojunk=False).get_opcodes()
    first = [("equal", 0, same, 0, same)] * bool(same)
    if first and more and more[0][0] == "equal":
        _, _, i, _, j = more.pop(0)
        first = [("equal", 0, same + i, 0, same + j)]
    return [*first, *((tag, same + i, same + j, same + k, same + m) for tag, i, j, k, m in more)]


def _named(a: Mapping[str, Arg | None], b: Mapping[str, Arg | None], before: str) -> Iterator[str]:
    for name in dict.fromkeys((*a, *b)):
        mine, theirs = a.get(name), b.get(name)
        if not _depends_alike(mine, theirs):
            yield from _turned(f"{before}{name}", value_said(mine), value_said(theirs))


def _settled(step: Apply, name: str) -> str:
    """An argument of a layer as the layer keeps it, so that ``3`` and ``3x3`` are one kernel."""
    argument, arg = step.kind_of_layer.arguments[name], step.args.get(name)
    if arg is not None and arg.value is None and arg.text is not None:
        return arg.text
    try:
        value = argument.default if arg is None else argument.accept(arg.value)
    except Misfit:  # in a step that its condition leaves out
        value = arg.value if arg is not None else None
    value = _implied(step, name) if value is None else value
    if name != step.kind_of_layer.sized and isinstance(value, tuple) and len(set(value)) == 1:
        value = value[0]
    return "default" if value is None else shown(value)


def _implied(step: Apply, name: str) -> Any:
    """What an argument that is not written comes to, where the others are known; else None."""
    kind = step.kind_of_layer
    if any(arg.value is None and arg.text is not None for arg in step.args.values()):
        return None
    try:
        given = {name: kind.arguments[name].accept(arg.value) for name, arg in step.args.items()}
    except Misfit:  # in a step that its condition leaves out
        return None
    return kind.implied({name: argument.default for name, argument in kind.arguments.items()} | given).get(name)


def _depends_alike(a: Arg | None, b: Arg | None) -> bool:
    """Whether two arguments say the same of something that is known only where a block is used."""
    if a is None or b is None or a.expression is None:
        return False
    return a.expression == b.expression and (a.value is None or b.value is None)


def _turned(what: str, a: Any, b: Any) -> Iterator[str]:
    if a != b:
        yield f"{what} {a} -> {b}"


def _repeat(step: Step) -> Repeat:
    return step if isinstance(step, Repeat) else Repeat(times=Arg(value=1), steps=(step,))


def _taken(steps: Sequence[Step]) -> list[Step]:
    """The steps that are taken: those under a condition that the parameters decide are there, or are not."""
    found: list[Step] = []
    for step in steps:
        if isinstance(step, When) and step.condition.value is not None:
            found += _taken(step.steps) if step.condition.value else ()
        else:
            found.append(step)
    return found


def _opened(step: Step) -> tuple[Step, ...]:
    """The steps of a rule's use; any other step is itself."""
    return step.steps if isinstance(step, Group) else (step,)
