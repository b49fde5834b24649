"""The bodies of blocks: a join of branches, named rows, or a chain."""

from __future__ import annotations

from archspec import ops
from archspec.elaborate import block_messages as say
from archspec.elaborate.layers import Layers
from archspec.elaborate.messages import cells_without_header, layers_as_name
from archspec.elaborate.misprints import working
from archspec.elaborate.tables import Tables
from archspec.elaborate.words import names_layers
from archspec.ir.network import Apply, Branch, Branches, Graph, Row, Step
from archspec.language import syntax as s
from archspec.language.parse import parse_cell


def body_of(block: s.Block, layers: Layers) -> tuple[Step, ...] | None:
    """The steps of a block: its join of branches, its named rows or its chain, and what follows them."""
    if block.table is None and not block.chains:
        layers.report.add(say.block_without_table(block.name.span, f"block {block.name.text}"))
        return None
    rows = _rows(block.table, layers) if block.table is not None else _of_chains(block, layers)
    then = layers.chain(block.then)
    if rows is None or then is None or not all(row.steps is not None for row in rows):
        return None
    if block.join is not None:
        joined = _joined(block.join, rows, layers)
        return None if joined is None else (joined, *then)
    if any(row.sources for row in rows) or any(row.layer for row in rows):
        return (Graph(rows=rows, span=block.span), *then)
    return (*(step for row in rows for step in row.steps or ()), *then)


def _of_chains(block: s.Block, layers: Layers) -> tuple[Row, ...]:
    chains = ((name, layers.chain(chain)) for name, chain in block.chains)
    return tuple(Row(layer=name, op=name, steps=steps, span=block.span) for name, steps in chains)


def _joined(join: s.Text, rows: tuple[Row, ...], layers: Layers) -> Step | None:
    op = layers.target(s.Layer(join.span, join, ()))
    if not isinstance(op, type) or op.arity is not None:
        elsewhere = ops.meant(join.text)
        near = elsewhere and ops.find(elsewhere.op)
        layers.report.add(say.no_join(join.span, join.text, near.spelled() if near and near.arity is None else None))
        return None
    if len(rows) < 2:
        layers.report.add(say.one_branch(join.span, join.text))
        return None
    branches = []
    for i, row in enumerate(rows, 1):
        name = row.layer or _first_name(row) or f"branch{i}"
        steps = layers.branch(name, row.steps or ())
        if steps is None:
            return None
        branches.append(Branch(name=name, steps=steps, span=row.span))
    apply = Apply(op=op.spelled(), span=join.span)
    return Branches(join=apply, branches=tuple(branches), span=join.span)


def _first_name(row: Row) -> str | None:
    """``shortcut`` for the branch that is one."""
    return "shortcut" if row.op.split(" ")[0] == "shortcut" else None


def _rows(table: s.Table, layers: Layers) -> tuple[Row, ...] | None:
    """The rows of a block's table; without a header they have the columns `op`, or `layer` and `op`."""
    if table.header is not None:
        tables = Tables(layers, (), None, layers.report, block=True)
        tables.add(table)
        tables.close()
        return tuple(tables.rows) if tables.complete else None
    rows: list[Row] = []
    for cells in table.rows:
        if len(cells) > 2:
            at = cells[0].span.to(cells[-1].span)
            layers.report.add(cells_without_header(at, len(cells), "`| layer | op | from |`"))
            return None
        if len(cells) == 2 and names_layers(cells[0], layers):
            layers.report.add(layers_as_name(cells[0].span, cells[0].text, cells[1].text))
            return None
        works = working(cells[-1], {}, (), layers, block=True)
        chain = parse_cell(cells[-1], "chain", layers.report) if works is not None else None
        steps = layers.chain(chain) if chain is not None else None
        name = cells[0].text if len(cells) == 2 else ""
        rows.append(Row(layer=name, op=cells[-1].text, steps=steps, span=cells[0].span))
    return tuple(rows) if all(row.steps is not None for row in rows) else None
