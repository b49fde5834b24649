"""The columns of a table by its header: layers, variants, arguments, checks, and words for each that papers print."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from itertools import islice
from typing import NamedTuple

from archspec.budget import spend
from archspec.counting.quantities import CHECKS
from archspec.diagnostics import Report
from archspec.elaborate import messages as say
from archspec.elaborate.block_messages import check_in_block
from archspec.elaborate.cells import whole
from archspec.elaborate.headers import COLUMNS, FORM, FORMS, NAMES, Header, folded, header_of
from archspec.elaborate.layers import Layers
from archspec.elaborate.named_layers import NamedLayers, unnumbered
from archspec.elaborate.spanning import column_of, heads_of
from archspec.elaborate.strides import Strides
from archspec.elaborate.target import Target, parameters_of
from archspec.elaborate.words import find_op, find_printed, steps_in
from archspec.language import syntax as s
from archspec.naming import Names, closest
from archspec.support.limits import CELL, HEADED, LOOKED, NAME, NAMED, SORTED

VARIANT = r"\w[\w.+×-]*"
"""What may name a variant."""
MOST_VARIANTS = 12
"""How many columns a suggestion names as variants."""
RESOLUTION = "?resolution"
"""The column from which the strides of its rows follow."""
FIXED = ("layer", "op", "from", "repeat", FORM)
"""The columns whose meaning is their own."""


class Columns(NamedTuple):
    """What the columns of one table are."""

    names: list[str]
    """The kind of each; none at all where the header does not say where the layers stand, which was reported."""
    units: Mapping[str, str] = {}
    """The units of those that have one."""
    called_after: bool = False
    """Whether the rows are called after their layers."""
    clear: bool = True
    """Whether each column means something: one that does not may hold what layers lack."""


class Headers:
    """Reads the headers of the tables of one network, block or head."""

    def __init__(
        self, layers: Layers, variants: Collection[str], report: Report, block: bool, strides: Strides | None
    ) -> None:
        self._layers, self._report, self._block, self._strides = layers, report, block, strides
        self._family = frozenset(variants)
        self.fixed = frozenset({*FIXED, *CHECKS, *variants})
        """The columns that are not arguments of layers."""

    def columns(self, table: s.Table) -> Columns:
        """The kind of each column by its header; an unknown one is reported and its cells are passed over."""
        assert table.header is not None
        spend(HEADED * len(table.header), table.span)
        names: dict[str, None] = {}
        arguments = self._arguments(table)
        known = Names(self.fixed | arguments)
        own = self._family | arguments
        units: dict[str, str] = {}
        heads = heads_of(table, self._family, self._report)
        layers = self._called_as_an_argument(table, own, known)
        clear = readable = True
        called_after = False
        said: dict[str, str] = {}
        """The first header of each kind."""
        spanned: set[str] = set()
        alone: set[str] = set()
        unknown: dict[int, s.Cell] = {}
        """What columns of variants are, and the others: one argument cannot be both."""
        for i, (cell, variant) in enumerate(heads or ()):
            if RESOLUTION not in names and self._strides is not None and self._strides.follow_from(cell):
                names[RESOLUTION] = None
                continue
            if (word := folded(cell.text)) in self._layers.ignored:
                self._layers.seen.add(word)
                names[f"?{len(names)}"] = None
                continue
            name, unit = header_of(cell.text, own, known) if cell is not layers else Header("op")
            if self._block and name in CHECKS:
                self._report.add(check_in_block(cell.span, name))
                name = f"?{len(names)}"
            elif name not in known:
                unknown[i] = cell
                joins = "from" not in names and closest(name, ("from",))  # else each row would be said to lack it
                name = column = joins or f"?{len(names)}"
                clear = False
            elif (column := column_of(name, variant.text) if variant else name) in names or name in (
                alone if variant else spanned
            ):
                self._report.add(say.second_column(cell.span, name, (said.get(name, name), cell.text)))
                readable &= name != "op"  # which of them holds the layers is not known
                name = f"?{len(names)}"
            names[name if name[0] == "?" else column] = None
            said.setdefault(name, cell.text)
            (spanned if variant else alone).add(name)
            if unit:
                units[name] = unit
        if "layer" not in names and len(names) > 1 and next(iter(names)) == "?0":
            names = dict.fromkeys(("layer", *list(names)[1:]))  # most likely the names of rows, which others name
        if heads and "op" not in names and not self._family & names.keys():
            if _has_arguments(names) and self._are_layers(table, [*names].index("layer")):
                called_after = True
                readable = clear  # else an unknown column may be that of layers
            else:
                unknown = self._without_op(table, unknown, known)
        layered = "op" in names or called_after or bool(self._family)
        for i, cell in unknown.items():
            if not layered and folded(cell.text) in NAMES:
                continue  # an argument of layers that are not known
            first = "layer" if cell is table.header[0] and "layer" not in said else ""
            strides = _holds_strides(table, i, cell)
            what = first or ("" if layered else "op")
            self._report.add(say.unknown_column(cell.span, cell.text, known, first=what, strides=strides))
        unlisted = any(variant and variant.text not in self._family for _, variant in heads or ())
        return Columns([*names] if readable and not unlisted else [], units, called_after, clear)

    def _called_as_an_argument(self, table: s.Table, own: Collection[str], known: Collection[str]) -> s.Cell | None:
        """The column of layers where its word, `Type`, is also the name of an argument, and no other holds layers."""
        assert table.header is not None
        kinds = [header_of(cell.text, own, known).name for cell in table.header]
        if "op" in kinds or not self._family.isdisjoint(kinds):
            return None
        meant = [x for x in table.header if x.text not in own and header_of(x.text, (), self.fixed).name == "op"]
        called_after = "layer" in kinds and self._are_layers(table, kinds.index("layer"))
        return meant[0] if len(meant) == 1 and not called_after else None

    def _without_op(self, table: s.Table, unknown: Mapping[int, s.Cell], known: Names) -> dict[int, s.Cell]:
        """Say that no column holds layers; what unknown ones are, of which some may, is said where they are slips."""
        assert table.header is not None
        names = [*known]
        slips = {i: cell for i, cell in unknown.items() if not cell.text or say.column_meant(cell.text, names)}
        others = (cell.text for i, cell in unknown.items() if i not in slips and re.fullmatch(VARIANT, cell.text))
        found = [*islice(dict.fromkeys(others), MOST_VARIANTS + 1)]
        variants = found if len(found) <= MOST_VARIANTS and not self._family else []
        if all(cell.text for cell in table.header[1:]):  # else a column that has no name may hold them
            self._report.add(say.no_op_column(whole(table.header), variants))
        return slips

    def _are_layers(self, table: s.Table, column: int) -> bool:
        """Whether rows are called after their layers."""
        return NamedLayers(self._layers).any([row[column] for row in table.rows if column < len(row)])

    def _arguments(self, table: s.Table) -> set[str]:
        """The arguments of every layer and block that the table's cells name, by a look at their words alone."""
        blocks = self._layers.blocks
        words = table.first_words
        heads = {folded(cell.text) for cell in table.header or ()}
        if heads.isdisjoint({"op", *COLUMNS["op"]}):  # rows may be called after their layers
            words |= {unnumbered(word) for word in words} - {""}
        spend(NAMED * len(words) + SORTED * len(blocks.arguments), table.span)
        found: list[Target | None] = [blocks.find(word) or find_op(word) for word in words]
        own = {*self._layers.scope.args, *blocks.names}
        texts = self._cells_of_layers(table)
        spend(LOOKED * sum(steps_in(text) for text in texts), table.span)
        found += [op for text in texts for op in find_printed(text, own)]
        # A row that names no block, by a slip, would make its columns unknown as well.
        return {name for target in found for name in parameters_of(target)} | blocks.arguments

    def _cells_of_layers(self, table: s.Table) -> Mapping[str, None]:
        """The texts of the cells that hold layers, by what their headers say without regard to arguments."""
        assert table.header is not None
        kinds = [header_of(cell.text, self._family, self.fixed).name for cell in table.header]
        places = [i for i, kind in enumerate(kinds[: len(table.columns)]) if kind == "op" or kind in self._family]
        spend(NAME * sum(len(table.columns[i]) for i in places), table.span)
        return dict.fromkeys(text for i in places for text in table.columns[i])


def _holds_strides(table: s.Table, column: int, head: s.Cell) -> bool:
    """Whether a column of sizes, such as `Size`, has cells with strides: ``3 × 3 / 2``."""
    if f"{folded(head.text)}/stride" not in FORMS:
        return False
    spend(CELL * len(table.rows), head.span)
    return any("/" in row[column].text for row in table.rows if column < len(row))


def _has_arguments(columns: Collection[str]) -> bool:
    """Whether a table says anything of the layers that its rows may be called after."""
    others = [name for name in columns if name[0] != "?" and name not in ("layer", "from", *CHECKS)]
    return "layer" in columns and bool(others)
