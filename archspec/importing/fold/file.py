"""The spec of a graph, or of several as the members of a family: its statements, rules, blocks, heads and its table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from archspec import ops
from archspec.importing.fold.blocks import Blocks, wrapped
from archspec.importing.fold.layers import needless
from archspec.importing.fold.names import network_name, one_line
from archspec.importing.fold.normal import normalised
from archspec.importing.fold.parts import in_parts
from archspec.importing.fold.rows import Row, rows_of
from archspec.importing.fold.structure import tree_of
from archspec.importing.fold.table import family_table, row_names, table
from archspec.importing.fold.tokens import Step, Token, Written
from archspec.importing.fold.tree import Chain, shifted
from archspec.importing.fold.words import said
from archspec.importing.fold.writing import Defaults, Steps, Writer
from archspec.importing.graph import INPUT, Graph, Output, joined
from archspec.op import Elementwise, Weighted

CLASSES = "classes"
UNWEIGHTED = "# The module does not say how its auxiliary losses are weighted; 1 is a placeholder."
"""What is said of heads."""


class Unfolded(Exception):
    """What stands in the way of folding a graph."""


def fold(graph: Graph) -> str:
    """The text of a spec that has the layers of a graph."""
    graph = normalised(graph)
    entries = _entries(graph)
    trees = [_tree(graph, output.layer, entry) for output, entry in entries]
    blocks = Blocks(graph, tuple(item for tree in trees for item in tree))
    starts = [entry for _, entry in entries[1:]]
    rows, ends = rows_of(graph, trees[0], blocks, starts)
    defaults = _defaults(blocks)
    own, classes = _with_classes(_written_rows(rows, defaults))
    heads = [_with_classes(_written_rows(rows_of(graph, tree, blocks)[0], defaults), classes)[0] for tree in trees[1:]]
    writer = Writer(blocks, defaults, [[steps for _, steps in each] for each in (own, *heads)])
    if inside := [output.head for output, start in entries[1:] if start not in ends]:
        raise Unfolded(f"the head {inside[0]} takes what no row gives")
    names = row_names(rows, named=bool(heads))
    lines = [*_comment([graph]), *_statements(graph, graph.name, graph.title, classes), ""]
    lines += [*writer.rules(), *writer.blocks()]
    for (output, start), head in zip(entries[1:], heads, strict=True):
        lines += [f"head {output.head} from {names[ends[start]]}, weight=1", *_head(head, writer, defaults), ""]
    return "\n".join([*lines, *table(own, names, writer, defaults), ""])


def fold_family(name: str, title: str, members: Mapping[str, Graph]) -> str:
    """The text of a spec whose variants have the layers of graphs; raises Unfolded where one table cannot say it."""
    if headed := [graph.title for graph in members.values() if graph.outputs[1:]]:
        raise Unfolded(f"`{headed[0]}` has heads that train with it")
    graphs = [normalised(graph) for graph in members.values()]
    if len({graph.input for graph in graphs}) > 1:
        raise Unfolded("all members of a family must take the same input, and these take " + _inputs(graphs))
    whole, places = joined(graphs)
    trees = [
        tuple(shifted(item, place) for item in _tree(graph, graph.outputs[0].layer, INPUT))
        for graph, place in zip(graphs, places, strict=True)
    ]
    blocks = Blocks(whole, tuple(item for tree in trees for item in tree))
    defaults = _defaults(blocks)
    tables, classes = [], None
    for tree in trees:
        own, classes = _with_classes(_written_rows(rows_of(whole, tree, blocks)[0], defaults), classes)
        tables.append(own)
    if any(row.sources is not None for rows in tables for row, _ in rows):
        raise Unfolded("one of them needs rows with `from`")
    writer = Writer(blocks, defaults, [[steps for _, steps in rows] for rows in tables])
    lines = [*_comment(graphs), *_statements(graphs[0], name, title, classes), f"variants {', '.join(members)}", ""]
    lines += [*writer.rules(), *writer.blocks(), *family_table(dict(zip(members, tables, strict=True)), writer), ""]
    return "\n".join(lines)


def _inputs(graphs: Sequence[Graph]) -> str:
    return " and ".join(dict.fromkeys(str(graph.input) for graph in graphs))


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


def _comment(graphs: Sequence[Graph]) -> list[str]:
    origins = [one_line(graph.origin) for graph in graphs if graph.origin]
    found = [f"# Imported from {_listed(origins)}."] if origins else []
    if any(graph.outputs[1:] for graph in graphs):
        found.append(UNWEIGHTED)
    return found


def _listed(origins: Sequence[str]) -> str:
    """Where networks are from, their library once: ``timm 1.0.31, resnet18 and resnet34``."""
    libraries = {origin.rpartition(", ")[0] for origin in origins}
    if len(libraries) > 1:
        return ", ".join(origins)
    *others, last = (origin.rpartition(", ")[2] for origin in origins)
    names = f"{', '.join(others)} and {last}" if others else last
    return ", ".join(filter(None, [*libraries, names]))


def _statements(graph: Graph, name: str, title: str, classes: str | None) -> list[str]:
    head = f"network {network_name(name)}" + (f"({CLASSES}={classes})" if classes else "")
    return [head, *([f'title "{one_line(title)}"'] if title != name else []), f"input {graph.input}"]


def _head(rows: Sequence[tuple[Row, Steps]], writer: Writer, defaults: Defaults) -> list[str]:
    """The rows of a head: one cell where they are a chain."""
    if any(row.sources is not None for row, _ in rows):
        return table(rows, row_names([row for row, _ in rows], named=False), writer, defaults)
    return [f"| {'; '.join(writer.cell(steps, row.times) for row, steps in rows)} |"]


def _defaults(blocks: Blocks) -> Defaults:
    return {block.name: blocks.parameters(block.name) for block in blocks.found}


def _written_rows(rows: Sequence[Row], defaults: Defaults) -> list[tuple[Row, Steps]]:
    return [(row, tuple(_written(token, defaults) for token in row.tokens)) for row in rows]


def _written(token: Token, defaults: Defaults) -> Written:
    """A token of the table as a step whose arguments are values."""
    single = Step(1)
    single.put(0, token)
    if token.of_block:
        own = defaults[token.name]
        kept = {name: said(value) for name, value in token.args.items() if name not in own or own[name] != value}
    else:
        kept = {name: said(value) for name, value in token.args.items() if not needless(single, name)}
    return Written(token.name, kept, None, token.of_block)


def _with_classes(
    rows: Sequence[tuple[Row, Steps]], known: str | None = None
) -> tuple[list[tuple[Row, Steps]], str | None]:
    """The table with the units of its last layer as the parameter ``classes``, where that makes what comes out, and
    where it is as many as are known."""
    if not rows:
        raise Unfolded("the network itself does nothing, beside its heads")
    *above, (row, steps) = rows
    is_vector = False  # as what comes out of it is no map
    for at in range(len(steps) - 1, -1, -1):
        kind = ops.find(steps[at].name)
        if kind is None or steps[at].of_block:
            break
        is_vector = is_vector or kind.flattens or kind.pools_all
        if issubclass(kind, Weighted) and is_vector and kind.makes in steps[at].args and row.times == 1:
            count = steps[at].args[kind.makes or ""]
            if known is not None and known != count:
                break
            named = steps[at]._replace(args={**steps[at].args, kind.makes or "": CLASSES})
            return [*above, (row, (*steps[:at], named, *steps[at + 1 :]))], count
        if not (issubclass(kind, Elementwise) or kind.view or kind.pools_all):
            break
    return list(rows), known
