"""The spec of a graph: its statements, its rules, its blocks, and its table with aligned columns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

from archspec import ops
from archspec.importing.fold.blocks import Block, Blocks, wrapped
from archspec.importing.fold.layers import needless
from archspec.importing.fold.names import Names, row_name
from archspec.importing.fold.normal import normalised
from archspec.importing.fold.parts import in_parts
from archspec.importing.fold.rows import Row, rows_of
from archspec.importing.fold.rules import Rule, applied, found
from archspec.importing.fold.solve import Solved
from archspec.importing.fold.structure import tree_of
from archspec.importing.fold.tokens import Step, Token, Written
from archspec.importing.fold.tree import Chain
from archspec.importing.fold.words import said, shortcut, step
from archspec.importing.graph import INPUT, Graph, Output
from archspec.ir.node import IN, Value
from archspec.op import Activation, Elementwise, Weighted

Steps: TypeAlias = tuple[Written, ...]
Defaults: TypeAlias = Mapping[str, Mapping[str, Value | None]]
"""The parameters of each block with their defaults."""
CLASSES = "classes"
LEAST_ROWS, LEAST_COLUMNS = 3, 3
"""How many rows must use one block, and how many of its parameters they must give, for these to have columns."""
TAKEN = frozenset({"layer", "op", "repeat", "from", "output", "input", "params"})
"""Columns of a table that mean something else."""


def fold(graph: Graph) -> str:
    """The text of a spec that has the layers of a graph."""
    graph = normalised(graph)
    trees = [_tree(graph, output.layer, entry) for output, entry in _entries(graph)]
    blocks = Blocks(graph, tuple(item for tree in trees for item in tree))
    starts = [entry for _, entry in _entries(graph)[1:]]
    rows, ends = rows_of(graph, trees[0], blocks, starts)
    heads = [rows_of(graph, tree, blocks)[0] for tree in trees[1:]]
    file = _File(blocks, [rows, *heads])
    names = row_names(rows, named=bool(heads))
    lines = [*_comment(graph), *file.statements(graph), *file.rules(), *file.blocks()]
    for output, start, at in zip(graph.outputs[1:], starts, range(1, len(trees)), strict=True):
        lines += [f"head {output.head} from {names[ends[start]]}, weight=1", *file.head(at), ""]
    return "\n".join([*lines, *file.table(names), ""])


def _entries(graph: Graph) -> list[tuple[Output, int]]:
    """The outputs with where each starts: the network's at what enters, a head's at a layer of the network."""
    main = graph.before(graph.outputs[0].layer)
    found = [(graph.outputs[0], INPUT)]
    for output in graph.outputs[1:]:
        own = graph.before(output.layer) - main
        entries = {source for layer in own for source in graph.layers[layer].sources if source not in own}
        if len(entries) != 1:
            raise Unfolded(f"the head {output.head} takes {len(entries)} layers")
        found.append((output, entries.pop()))
    return found


def _tree(graph: Graph, end: int, entry: int) -> Chain:
    return wrapped(in_parts(graph, tree_of(graph, entry, end)))


class Unfolded(Exception):
    """What stands in the way of folding a graph."""


def _comment(graph: Graph) -> list[str]:
    found = [f"# Imported from {graph.origin}."] if graph.origin else []
    if graph.outputs[1:]:
        found.append("# The program does not say with which weights the losses of its heads count.")
    return found


class _File:
    """The parts of a spec whose tables are these: the network's first, then its heads'."""

    def __init__(self, blocks: Blocks, tables: Sequence[Sequence[Row]]) -> None:
        self._blocks = blocks
        self._defaults = {block.name: blocks.parameters(block.name) for block in blocks.found}
        self._tables: list[list[tuple[Row, Steps]]] = [
            [(row, tuple(_written(token, self._defaults) for token in row.tokens)) for row in rows] for rows in tables
        ]
        self._tables[0], self._classes = _with_classes(self._tables[0])
        self._tables[1:] = [_with_classes(table, self._classes)[0] for table in self._tables[1:]]
        chains = [chain for block in blocks.found for chain in _chains(block.solved)]
        self._rules = found([*chains, *(steps for table in self._tables for _, steps in table)])

    def statements(self, graph: Graph) -> list[str]:
        name = row_name(graph.name)
        lines = [f"network {name}(classes={self._classes})" if self._classes else f"network {name}"]
        return [*lines, *([f'title "{graph.title}"'] if graph.title != graph.name else []), f"input {graph.input}", ""]

    def rules(self) -> list[str]:
        return [*map(str, self._rules.values()), *([""] if self._rules else [])]

    def blocks(self) -> list[str]:
        return [line for block in self._blocks.found for line in [*_block(block, self._rules, self._defaults), ""]]

    def table(self, names: Mapping[int, str]) -> list[str]:
        return _table(self._tables[0], names, self._rules, self._defaults)

    def head(self, at: int) -> list[str]:
        """The rows of a head: one cell where they are a chain."""
        table = self._tables[at]
        if any(row.sources is not None for row, _ in table):
            return _table(table, row_names([row for row, _ in table], named=False), self._rules, self._defaults)
        texts = [_cell(_steps(steps, self._rules, self._defaults), row.times) for row, steps in table]
        return [f"| {'; '.join(texts)} |"]


def _with_classes(
    table: Sequence[tuple[Row, Steps]], known: str | None = None
) -> tuple[list[tuple[Row, Steps]], str | None]:
    """The table with the units of its last layer as the parameter ``classes``, where that makes what comes out, and
    where it is as many as are known."""
    *above, (row, steps) = table
    for at in range(len(steps) - 1, -1, -1):
        kind = ops.find(steps[at].name)
        if kind is None or steps[at].of_block:
            break
        if kind.flattens and kind.makes in steps[at].args and row.times == 1:
            count = steps[at].args[kind.makes]
            if known is not None and known != count:
                break
            named = steps[at]._replace(args={**steps[at].args, kind.makes: CLASSES})
            return [*above, (row, (*steps[:at], named, *steps[at + 1 :]))], count
        if not issubclass(kind, Elementwise):
            break
    return list(table), None


def _written(token: Token, defaults: Defaults) -> Written:
    """A token of the table as a step whose arguments are values."""
    single = Step(1)
    single.put(0, token)
    if token.of_block:
        kept = {
            k: said(v)
            for k, v in token.args.items()
            if defaults[token.name].get(k) != v or k not in defaults[token.name]
        }
    else:
        kept = {k: said(v) for k, v in token.args.items() if not needless(single, k)}
    return Written(token.name, kept, None, token.of_block)


def _block(block: Block, rules: Mapping[str, Rule], defaults: Defaults) -> Iterator[str]:
    own = block.solved
    given = ", ".join(
        each.name if each.default is None else f"{each.name}={said(each.default)}" for each in own.parameters
    )
    head = f"block {block.name}({given})" if given else f"block {block.name}"
    yield head + (f" = {own.join.name} of" if own.join else "")
    if own.sources is not None:
        yield from _named_rows(own, rules, defaults)
        return
    texts = [*_branches(own, rules, defaults)]
    width = max(map(len, texts))
    for text in texts:
        yield f"| {text.ljust(width)} |"
    if own.then:
        yield "then " + "; ".join(_steps(own.then, rules, defaults))


def _chains(own: Solved) -> Iterator[Sequence[Written]]:
    """The chains of a block whose layers rules may be about: a shortcut has its projection by them."""
    for at, track in enumerate(own.tracks):
        if own.shortcut is None or at not in own.shortcut:
            yield track
    yield own.then


def _named_rows(own: Solved, rules: Mapping[str, Rule], defaults: Defaults) -> list[str]:
    """The table of a block whose rows take others by their names."""
    assert own.sources is not None
    taken = Names(IN, of_rows=True)
    names = [taken.free(row_name(_row_of(track))) for track in own.tracks]
    cells = [["layer", "op", "from"]]
    for at, (track, sources) in enumerate(zip(own.tracks, own.sources, strict=True)):
        given = [] if sources == (at - 1,) else [names[each] if each >= 0 else IN for each in sources]
        cells.append([names[at], "; ".join(_steps(track, rules, defaults)), ", ".join(given)])
    return aligned(cells)


def _row_of(track: Sequence[Written]) -> str:
    """What a row of a block is called: its first layer of weight or block."""
    for each in track:
        kind = ops.find(each.name)
        if each.of_block or (kind is not None and issubclass(kind, Weighted)):
            return each.name
    return track[0].name


def _branches(own: Solved, rules: Mapping[str, Rule], defaults: Defaults) -> Iterator[str]:
    """The texts of a block's branches."""
    text = _shortcut(own, rules)
    for at, track in enumerate(own.tracks):
        if own.shortcut is None or text is None or at not in own.shortcut:
            yield "; ".join(_steps(track, rules, defaults))
        elif at == own.shortcut[0]:
            yield text


def _shortcut(own: Solved, rules: Mapping[str, Rule]) -> str | None:
    """``shortcut 4*c, /s``, where that is the projection by the rule of its layer."""
    if own.shortcut is None:
        return None
    first, *norms = own.tracks[own.shortcut[0]]
    rule = rules.get(first.name, Rule(first.name, (), (), ()))
    args = dict(first.args)
    bias = args.pop("bias", "yes")
    by_rule = [step for step in rule.after if not _is_activation(step)]
    if dict(rule.own).get("bias", "yes") != bias or [step._replace(condition=None) for step in norms] != by_rule:
        return None
    kernel = args.pop("kernel")
    if kernel != "1x1":
        args["kernel"] = kernel
    return shortcut(args)


def _is_activation(written: Written) -> bool:
    kind = ops.find(written.name)
    return kind is not None and issubclass(kind, Activation)


def _steps(steps: Sequence[Written], rules: Mapping[str, Rule], defaults: Defaults) -> list[str]:
    """The texts of steps, with uses of blocks by the order of their parameters."""
    texts: list[str] = []
    run: list[Written] = []
    for each in steps:
        if each.of_block:
            texts += applied(run, dict(rules))
            run = []
            texts.append(step(_sorted(each, defaults[each.name]), defaults[each.name]))
        else:
            run.append(each)
    return texts + applied(run, dict(rules))


def _sorted(use: Written, defaults: Mapping[str, Value | None]) -> Written:
    """A use of a block without what its defaults say."""
    kept = {
        k: use.args[k] for k in defaults if k in use.args and (defaults[k] is None or use.args[k] != said(defaults[k]))
    }
    return use._replace(args=kept)


def _table(
    table: Sequence[tuple[Row, Steps]], names: Mapping[int, str], rules: Mapping[str, Rule], defaults: Defaults
) -> list[str]:
    """The table of layers: what rows of one block differ in stands in columns, where that is much."""
    name, columns = _columns(table, defaults)
    has_sources = any(row.sources is not None for row, _ in table)
    repeats = bool(columns) and any(row.times > 1 and len(steps) == 1 for row, steps in table)
    cells = [["layer", "op", *columns, *(["repeat"] if repeats else []), *(["from"] if has_sources else [])]]
    above = -1
    for row, steps in table:
        own = [] if row.sources is None or row.sources == (above,) else [names[each] for each in row.sources]
        in_columns = bool(columns) and _is_use(steps, name)
        is_apart = repeats and len(steps) == 1
        args = steps[0].args if in_columns else {}
        text = name if in_columns else _cell(_steps(steps, rules, defaults), 1 if is_apart else row.times)
        times = [str(row.times) if is_apart and row.times > 1 else ""] if repeats else []
        numbers = [args.get(column, "") for column in columns]
        cells.append([names[row.number], text, *numbers, *times, *([", ".join(own)] if has_sources else [])])
        above = row.number
    return aligned(cells)


def _cell(texts: Sequence[str], times: int) -> str:
    text = "; ".join(texts)
    if times == 1:
        return text
    return f"[{text}] x {times}" if len(texts) > 1 else f"{text} x {times}"


def _columns(table: Sequence[tuple[Row, Steps]], defaults: Defaults) -> tuple[str, list[str]]:
    """The block that most rows use alone, and those of its parameters that they give, where it has columns."""
    uses = Counter(steps[0].name for _, steps in table if len(steps) == 1 and steps[0].of_block)
    for name, many in uses.most_common(1):
        given = {each for _, steps in table if _is_use(steps, name) for each in steps[0].args}
        columns = [each for each in defaults[name] if each in given]
        if many >= LEAST_ROWS and len(columns) >= LEAST_COLUMNS and not set(columns) & TAKEN:
            return name, columns
    return "", []


def _is_use(steps: Steps, name: str) -> bool:
    return len(steps) == 1 and steps[0].of_block and steps[0].name == name


def row_names(rows: Sequence[Row], named: bool) -> dict[int, str]:
    """The names of rows by their numbers; where rows are named by others, no two are called the same."""
    if not named and all(row.sources is None for row in rows):
        return {row.number: row.name for row in rows}
    taken = Names(IN, of_rows=True)
    return {-1: IN} | {row.number: taken.free(row_name(row.name)) for row in rows}


def aligned(cells: Sequence[Sequence[str]]) -> list[str]:
    """The rows of a table with its columns aligned; the first is the header."""
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]

    def line(row: Sequence[str]) -> str:
        return "| " + " | ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)) + " |"

    rule = "|" + "|".join("-" * (width + 2) for width in widths) + "|"
    return [line(cells[0]), rule, *map(line, cells[1:])]
