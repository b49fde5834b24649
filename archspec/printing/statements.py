"""The lines of a spec: its network, where it was printed, its rules and blocks, its rows, its claims and its recipe."""

from __future__ import annotations

import re
from collections.abc import Iterator

from archspec import ops
from archspec.counting.quantities import CHECKS
from archspec.elaborate.elaboration import channels_first
from archspec.ir.network import Head, Network, Paper, TakenFrom
from archspec.printing.blocks import lines_of, table
from archspec.printing.claims import claims_of, figure
from archspec.printing.definitions import Definitions
from archspec.printing.recipe import recipe_of
from archspec.printing.rules import Rules
from archspec.printing.steps import Writer
from archspec.printing.texts import NAME, Unwritable, listed, quoted, value

PLAIN = re.compile(r'[^\s,"|#][^,"|#]*')
"""The name of a row in the line of a head."""


def text_of(network: Network, uses: Definitions) -> str:
    """The text of a network that stands alone, whose groups its rules give."""
    rules = Rules(network, Writer(uses))
    writer = Writer(uses, rules, frozenset(network.parameters))
    parts = [
        [*_heading(network)],
        [*_rules(uses, rules, writer)],
        *([*lines_of(block, writer)] for block in uses.written),
        _rows(network, writer),
        *(_head(head, writer) for head in network.heads),
        *claims_of(network),
        recipe_of(network),
    ]
    return "\n\n".join("\n".join(lines) for lines in parts if lines) + "\n"


def _heading(network: Network) -> Iterator[str]:
    names = [*network.parameters]
    given = ", ".join(f"{name}={value(of, names)}" for name, of in network.parameters.items())
    yield f"network {network.name}({given})" if given else f"network {network.name}"
    if network.title is not None:
        yield f"title {quoted(network.title, 'the title')}"
    yield from map(_paper, network.papers)
    order = ", hwc" if channels_first(network.input) else ""
    yield f"input {'x'.join(map(str, network.input))}{order}"
    yield from map(_taken, network.taken_from)
    if network.counted:
        yield f"counted {', '.join(network.counted)}"
    for unit, worth in network.units.items():
        yield f"units {unit.upper()}={worth}"


def _paper(paper: Paper) -> str:
    for reference in paper.references:
        plain = reference.isprintable() and reference == reference.strip() and reference
        if not plain or any(sign in reference for sign in ',"|#'):
            raise Unwritable(
                f"the reference {reference!r}", "a reference has no commas, quotes, bars or comments in it"
            )
    return ", ".join((f"paper {quoted(paper.title, 'the title of the paper')}", *paper.references))


def _taken(taken: TakenFrom) -> str:
    names = ", ".join(listed(name, "the source") for name in taken.names)
    return f"taken from {taken.provenance}: {names}" if names else f"taken from {taken.provenance}"


def _rules(uses: Definitions, rules: Rules, writer: Writer) -> list[str]:
    """A line for each rule; that of a block for each block that it has become."""
    called = [(name, name) for name in rules.forms if ops.find(name)]
    called += [(block.of, block.name) for block in uses.written if block.of in rules.forms]
    width = max((len(each) for _, each in called), default=0) + 1
    return [f"every {f'{each}:':{width}} {writer.rule(name, each)}" for name, each in called]


def _rows(network: Network, writer: Writer) -> list[str]:
    """The rows, with a column for each quantity that is printed, and marks of cells that are printed wrong."""
    columns: dict[str, list[str]] = {name: [""] * len(network.rows) for name in CHECKS}
    for printed in network.cells:
        if columns[printed.quantity][printed.row]:
            raise Unwritable(f"the second figure of `{printed.quantity}` in one row", "a cell holds one figure")
        columns[printed.quantity][printed.row] = figure(printed)
    marked = {misprint.row: writer.chain(misprint.steps) for misprint in network.misprints}
    return table(network.rows, writer, columns, marked)


def _head(head: Head, writer: Writer) -> list[str]:
    if not NAME.fullmatch(head.name):
        raise Unwritable(f"the head {head.name!r}", "its name is no name")
    if not PLAIN.fullmatch(head.source):
        raise Unwritable(
            f"the row {head.source!r}", "a head is from a row whose name has no commas, quotes or comments"
        )
    line = f"head {head.name} from {head.source}, weight={value(head.weight)}"
    return [line, *table(head.rows, writer)]
