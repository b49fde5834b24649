"""The spec of a graph: its statements, its rules, its blocks, and its table with aligned columns."""

from __future__ import annotations

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
from archspec.importing.fold.words import said, shortcut, step
from archspec.importing.graph import INPUT, Graph
from archspec.ir.node import IN, Value
from archspec.op import Activation, Elementwise, Weighted

Steps: TypeAlias = tuple[Written, ...]
Defaults: TypeAlias = Mapping[str, Mapping[str, Value | None]]
"""The parameters of each block with their defaults."""
CLASSES = "classes"


def fold(graph: Graph) -> str:
    """The text of a spec that has the layers of a graph."""
    graph = normalised(graph)
    chain = wrapped(in_parts(graph, tree_of(graph, INPUT, graph.outputs[0].layer)))
    blocks = Blocks(graph, chain)
    rows = rows_of(graph, chain, blocks)
    defaults = {block.name: blocks.parameters(block.name) for block in blocks.found}
    table = [(row, tuple(_written(token, defaults) for token in row.tokens)) for row in rows]
    table, classes = _with_classes(table)
    chains = [part for block in blocks.found for part in _chains(block.solved)]
    rules = found([*chains, *(steps for _, steps in table)])
    lines = [f"network {row_name(graph.name)}{'(classes=' + classes + ')' if classes else ''}"]
    lines += [f'title "{graph.title}"'] * (graph.title != graph.name) + [f"input {graph.input}", ""]
    lines += [str(rule) for rule in rules.values()] + [""] * bool(rules)
    for block in blocks.found:
        lines += [*_block(block, rules, defaults), ""]
    lines += _table(table, rules, defaults)
    return "\n".join([*lines, ""])


def _with_classes(table: Sequence[tuple[Row, Steps]]) -> tuple[list[tuple[Row, Steps]], str | None]:
    """The table with the units of its last layer as the parameter ``classes``, where that makes what comes out."""
    *above, (row, steps) = table
    for at in range(len(steps) - 1, -1, -1):
        kind = ops.find(steps[at].name)
        if kind is None or steps[at].of_block:
            break
        if kind.flattens and kind.makes in steps[at].args and row.times == 1:
            count = steps[at].args[kind.makes]
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
    taken = Names(IN)
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


def _table(table: Sequence[tuple[Row, Steps]], rules: Mapping[str, Rule], defaults: Defaults) -> list[str]:
    names = _row_names([row for row, _ in table])
    has_sources = any(row.sources is not None for row, _ in table)
    cells = [["layer", "op", *(["from"] if has_sources else [])]]
    above = -1
    for row, steps in table:
        texts = _steps(steps, rules, defaults)
        text = "; ".join(texts)
        if row.times > 1:
            text = f"[{text}] x {row.times}" if len(texts) > 1 else f"{text} x {row.times}"
        own = [] if row.sources is None or row.sources == (above,) else [names[each] for each in row.sources]
        cells.append([names[row.number], text, *([", ".join(own)] if has_sources else [])])
        above = row.number
    return aligned(cells)


def _row_names(rows: Sequence[Row]) -> dict[int, str]:
    """The names of rows by their numbers; where rows are named by others, no two are called the same."""
    if all(row.sources is None for row in rows):
        return {row.number: row.name for row in rows}
    taken = Names()
    return {-1: IN} | {row.number: taken.free(row_name(row.name)) for row in rows}


def aligned(cells: Sequence[Sequence[str]]) -> list[str]:
    """The rows of a table with its columns aligned; the first is the header."""
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]

    def line(row: Sequence[str]) -> str:
        return "| " + " | ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)) + " |"

    rule = "|" + "|".join("-" * (width + 2) for width in widths) + "|"
    return [line(cells[0]), rule, *map(line, cells[1:])]
