"""Tables to rows: variants as columns with spanning cells, layers with the arguments of columns, printed checks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from copy import copy
from itertools import count

from archspec.arguments import KERNEL, kin_of
from archspec.budget import spend
from archspec.counting.printed import dims_of
from archspec.counting.quantities import CHECKS, FILTER_SHAPE, INPUT, OUTPUT, SHAPES, readable
from archspec.diagnostics import Report, Span
from archspec.elaborate import messages as say
from archspec.elaborate.additions import Additions
from archspec.elaborate.block_messages import ambiguous_source, unknown_source
from archspec.elaborate.cell_strides import with_strides
from archspec.elaborate.cells import BLANK, aligned, in_steps, plain_number, whole
from archspec.elaborate.columns import RESOLUTION, Columns, Headers
from archspec.elaborate.filters import with_filters
from archspec.elaborate.headers import FORM
from archspec.elaborate.layers import Layers
from archspec.elaborate.like_messages import taken_out_and_needed
from archspec.elaborate.marks import printed_of
from archspec.elaborate.misprints import LAYERS, Working, working
from archspec.elaborate.named_layers import NamedLayers, formed, labelled
from archspec.elaborate.printed import plainly, size_of_map
from archspec.elaborate.repeats import repeated
from archspec.elaborate.resolutions import Printed
from archspec.elaborate.rows import Change, Entry, in_order
from archspec.elaborate.spanning import of_variant
from archspec.elaborate.strides import Line, Strides, spelled
from archspec.elaborate.target import Target, name_of, needed_by, parameters_of, switch
from archspec.elaborate.totals import totals_in
from archspec.elaborate.words import names_layers
from archspec.ir.network import Apply, Cell, Claim, Instance, Misprint, Part, Row, Step
from archspec.ir.node import IN
from archspec.ir.walking import every_step
from archspec.language import syntax as s
from archspec.language.parse import parse_cell
from archspec.naming import Names
from archspec.op import Weighted
from archspec.support.limits import CELL, NAME, ROW

SWITCHED = {"1": "yes", "0": "no"}
"""What papers print in columns of yes and no."""


class Tables:
    """Collects the rows and printed cells of the tables of one network, for one variant."""

    def __init__(
        self,
        layers: Layers,
        variants: tuple[str, ...],
        variant: str | None,
        report: Report,
        block: bool = False,
        strides: Strides | None = None,
        additions: Additions | None = None,
    ) -> None:
        self.layers, self.variants, self.variant, self.report = layers, variants, variant, report
        self._strides, self._additions = strides, additions
        """The strides and other arguments that statements give to rows; those of blocks and heads get none."""
        self._block = block
        """Whether the rows are those of a block or a head, which have no printed figures."""
        self._headers = Headers(layers, variants, report, block, strides)
        self._family = frozenset(variants)
        self.complete = True
        """Whether every row could be understood."""
        self.rows: list[Row] = []
        self.cells: list[Cell] = []
        """The printed figures of the rows."""
        self.misprints: list[Misprint] = []
        """The cells of the rows that are printed wrong."""
        self.totals: list[Claim] = []
        """What rows of totals print of the whole network."""
        self.taken_out: dict[str, s.Text] = {}
        """The rows of another network that this one is without."""
        self._entries: list[Entry] = []
        self._unread: bool | None = None
        """Whether the layers of no row are read, or those of rows without a name alone, which are called after them."""
        self._unnamed: dict[str, int] = {}
        self._others: frozenset[str] = frozenset()
        """The names of the rows of another network, which one that is added cannot have by chance."""
        self._names: set[str] = set()
        """What stands in the first columns: the names of rows, also of those that are still to come."""
        self._called: Mapping[str, str] = {}
        """The arguments of the last row that its columns are, by what their headers say."""
        self._map: Span | None = None
        """The size of the map that the layers of the last row print: ``7x7 global average pool``."""
        self._given_names: set[str] = set()
        """The names that rows are given, also those of other variants."""

    def unread(self, named: bool) -> Tables:
        """Tables for the same network that say nothing and read no layers, unless rows are to be ``named``."""
        layers = copy(self.layers)
        layers.report = Report()
        found = Tables(
            layers, self.variants, self.variant, layers.report, strides=self._strides, additions=self._additions
        )
        found._unread = not named
        return found

    def add(self, table: s.Table, gone: frozenset[str] = frozenset()) -> None:
        """Append the rows of a table; those whose names are ``gone`` are not read, as they are given anew or taken out.

        Without a header it has the columns `op`, or `layer` and `op`.
        """
        self._entries += self._read(table, gone)

    def change(self, changes: s.Changes, gone: frozenset[str]) -> None:
        """Do to the rows what a network does to those of another that it is like."""
        change = Change(self._entries, changes, self.report)
        self._others = frozenset(entry.name for entry in self._entries if not entry.out)
        self.taken_out |= change.taken_out
        self._entries = change.rows(lambda table: [*self._read(table, gone)])

    def resolutions(self) -> Iterator[Printed]:
        """The rows that this variant has, each with what the column of resolutions says of it."""
        for entry in in_order(self._entries):
            at, cell = entry.resolution or entry.first, entry.resolution if entry.says_resolution else None
            yield Printed(entry.first.span, entry.name, cell, at, entry.lent, entry.out)

    def close(self) -> None:
        """Note that no row is missing: each is in its place, so that what it takes by `from` is known."""
        above = Names()
        for entry in self._entries:
            if entry.row is None:
                continue
            sources = self._sources(entry, above) if entry.sources is not None else ()
            known = sources is not None  # else what enters is not known, which was said
            self.complete &= known and entry.row.steps is not None
            above.add(entry.name)
            self.rows.append(entry.row.replaced(sources=sources) if known else entry.row.replaced(steps=None))
            self.cells.extend(self._printed(entry))
            self.misprints += [each.replaced(row=len(self.rows) - 1) for each in entry.misprints]
        for given in (self._strides, self._additions):
            if given is not None:
                given.complain_of_names(above, self._given_names)

    def _read(self, table: s.Table, gone: frozenset[str]) -> Iterator[Entry]:
        """The rows of a table, but for those of totals, which are not rows of the network."""
        self._names.update(row[0].text for row in table.rows)
        columns = self._headers.columns(table) if table.header is not None else Columns([])
        for row, cells in self._lines(table, columns):
            self.layers.scope.enter(row[0].span)
            self.complete &= cells is not None
            entry = self._row(row, cells, table, columns, gone) if cells else Entry(row[0].text, row[0])
            if entry is not None:
                yield entry

    def _lines(self, table: s.Table, columns: Columns) -> Iterator[tuple[tuple[s.Cell, ...], dict[str, s.Cell] | None]]:
        """The rows of a table, each with its cells by their columns; None for one whose cells have none."""
        if table.header is None:
            for row in self._without_header(table):
                yield row, dict(zip(("layer", "op")[-len(row) :], row, strict=True))
            return
        named = NamedLayers(self.layers) if columns.called_after else None
        for row in table.rows:
            cells = aligned(row, columns.names, self._family, self.report) if columns.names else None
            if cells is not None:
                cells = dict(of_variant(cells, self.variant)) if table.spanned else cells
                cells |= self._layers_by_name(cells, named)
            yield row, cells

    def _without_header(self, table: s.Table) -> Iterator[tuple[s.Cell, ...]]:
        """The rows of a table without a header that are layers, with a name or without."""
        if table.rows and self._is_header(table.rows[0]):
            self.report.add(say.no_rule(whole(table.rows[0])))
            return
        if table.rows and len(table.rows[0]) > 2 and _parted_by_blank(table.span):
            self.report.add(say.table_ended(whole(table.rows[0]), len(table.rows)))
            return
        for row in table.rows:
            if len(row) == 2 and names_layers(row[0], self.layers):
                self.report.add(say.layers_as_name(row[0].span, row[0].text, row[1].text))
            elif 1 <= len(row) <= 2:
                yield row
            else:
                self.report.add(say.cells_without_header(whole(row), len(row)))

    def _layers_by_name(self, cells: dict[str, s.Cell], named: NamedLayers | None) -> dict[str, s.Cell]:
        """The layers of a row that is called after them, or its name where it is a layer with a label."""
        if named is not None:
            if not self._block and totals_in(cells["layer"], None, cells) is not None:
                return {}
            op = named.cell(cells["layer"])
            if op is not None and named.contradicts(cells, len(self._names)):
                return {}
            return {} if op is None else {"op": op}
        if "layer" in cells or "op" not in cells:
            return {}
        op = labelled(cells["op"], self.layers)
        return {} if op is None else {"op": op, "layer": cells["op"]}

    def _is_header(self, row: tuple[s.Cell, ...]) -> bool:
        """Whether a row has the words of a header: `op`, or variants, unless only in its first cell, a name."""
        variants = [cell.text in self._family for cell in row]
        return any(cell.text == "op" for cell in row) or any(variants[1:]) or all(variants)

    def _row(
        self,
        row: tuple[s.Cell, ...],
        cells: dict[str, s.Cell],
        table: s.Table,
        columns: Columns,
        gone: frozenset[str],
    ) -> Entry | None:
        """A row in its place; None for one of totals."""
        op, named = cells.get("op"), cells.get("layer")
        name = named.text if named else ""
        lacking = False
        if self.variant in cells:
            op = cells[self.variant]
            lacking = op.text in BLANK
        totals = None if self._block else totals_in(named, op, cells)
        if totals is not None:
            self._total(totals, name, table, columns.units)
            return None
        resolution = cells.get(RESOLUTION)
        absent = op is None or op.text in BLANK
        if lacking:
            self._given_names |= {name} - {""}
            spend(ROW)  # without its place: this variant does not have the layer
            return Entry(name, row[0])
        if name and name in gone:
            spend(ROW)  # without its place: this network has another one, or none
            return Entry(name, row[0], resolution=resolution, aside=absent)
        spend(ROW + 4 * NAME * len(cells), row[0].span)  # some four looks at all of its cells
        if name:
            self._given_names.add(name)
        place = row[0].span
        works = working(op, cells, self._argument_columns(cells), self.layers, self._block)
        if works is None:
            return Entry(name, row[0], Row(layer=name or row[0].text, op="", steps=None, span=place))
        op, cells, _ = works
        absent = op is None or op.text in BLANK
        unnamed = not name and self._unread is not True
        if unnamed and self._gives_by_name:
            name = self._name_of_unnamed(op, cells, place, columns)
        misprints = () if table.inherited else self._misprints(works, name, place, columns)
        steps, stride = self._steps(op, cells, name, place, columns) if op else (None, None)
        if unnamed:
            name = name or self._numbered(steps)
            if name in gone:
                return Entry(name, row[0], resolution=resolution, aside=absent)
        text = self._said(op, cells, name, stride) if op and not absent else ""
        at = named.span if named and named.text else whole(tuple(cells.values()))
        found = Row(layer=name, op=text, steps=steps, span=at)
        printed = self._figures(cells, table, place)
        entry = Entry(name, row[0], found, cells.get("from"), printed, columns.units, resolution, aside=absent)
        return entry._replace(misprints=misprints)

    def _misprints(self, works: Working, name: str, place: Span, columns: Columns) -> tuple[Misprint, ...]:
        """The cells of a row that are printed wrong, each with the layers of the row as they are with it as printed."""
        found: list[Misprint] = []
        for column, cell, printed, said, span, alone in works.marked:
            op, cells = (cell, works.cells) if column == LAYERS else (works.op, works.cells | {column: cell})
            steps, refused = self._as_printed(op, cells, name, place, columns)
            if steps is None:
                continue
            parts: list[Part] = []
            for arg, each in alone:
                made, why = self._as_printed(each, cells, name, place, columns)
                parts += [Part(works=arg.span.text, steps=made, refused=why, span=arg.span)] if made is not None else []
            found.append(
                Misprint(
                    row=0,
                    column=column,
                    printed=printed,
                    works=said,
                    steps=steps,
                    refused=refused,
                    parts=tuple(parts),
                    span=span,
                )
            )
        return tuple(found)

    def _as_printed(
        self, op: s.Cell | None, cells: dict[str, s.Cell], name: str, place: Span, columns: Columns
    ) -> tuple[tuple[Step, ...] | None, str | None]:
        """The layers of a row as they are with what is printed, and why the strides of the table refuse it."""
        silent, strides = copy(self), self._strides.apart() if self._strides is not None else None
        silent._strides = strides
        steps, _ = silent._steps(op, cells, name, place, columns) if op else (None, None)
        return steps, strides.refused if strides is not None else None

    def _figures(self, cells: dict[str, s.Cell], table: s.Table, place: Span) -> Mapping[str, s.Cell]:
        """The cells of a row that are checks: of another network, which this one is like, the shapes alone."""
        if self._strides is not None and place in self._strides.checked and RESOLUTION in cells:
            cells = cells | {INPUT.name: cells[RESOLUTION]}
        if self._map is not None and INPUT.name not in cells:
            cells = cells | {INPUT.name: s.Cell(self._map, self._map.text)}
        if (filters := cells.get(FILTER_SHAPE.name)) is not None:
            cells = cells | {FILTER_SHAPE.name: filters.replaced(text=in_steps(filters))}
        shapes = SHAPES if not table.resized else ()
        return {n: c for n, c in cells.items() if n in CHECKS and (not table.inherited or n in shapes)}

    @property
    def _gives_by_name(self) -> bool:
        """Whether statements give anything to rows, which a row without a name may have as well."""
        return bool(self._strides) or bool(self._additions)

    def _name_of_unnamed(self, op: s.Cell | None, cells: dict[str, s.Cell], place: Span, columns: Columns) -> str:
        """The name of a row that has none, by its layers as they are without what statements give to them."""
        layers, silent = copy(self.layers), copy(self)
        layers.report = silent.report = Report()
        silent.layers, silent._strides, silent._additions = layers, None, None
        steps, _ = silent._steps(op, cells, "", place, columns) if op else (None, None)
        return self._numbered(steps, op)

    def _total(
        self, figures: list[tuple[str, s.Cell, str]], name: str, table: s.Table, units: Mapping[str, str]
    ) -> None:
        """Keep figures of the whole network, unless they are those of another network, which this one is like."""
        if table.inherited:
            return
        for quantity, cell, unit in figures:
            figure = printed_of(cell, quantity, unit or units.get(quantity, ""), None, self.report)
            if figure is not None:
                claim = Claim(quantity=quantity, source=f"row {name}", **figure._asdict(), span=cell.span)
                self.totals.append(claim)

    def _sources(self, entry: Entry, above: Names) -> tuple[str, ...] | None:
        """The rows that a cell of `from` names, or None where one of them is unknown, which is reported."""
        cell = entry.sources
        if cell is None or cell.text in BLANK:
            return ()
        found: list[str] = []
        failed = False
        for match in re.finditer(r"[^,]+", cell.text):
            name, start = match[0].strip(), match.start() + len(match[0]) - len(match[0].lstrip())
            at = cell.span.within(start, start + len(name))
            spend(CELL, at)
            if above.count(name) > 1:
                self.report.add(ambiguous_source(at, name))
            elif name not in above and name in self.taken_out:
                taken_out = self.taken_out[name]
                self.report.add(taken_out_and_needed(taken_out.span, name, f"the row `{entry.name}`", at))
            elif name not in above and name != IN:
                self.report.add(unknown_source(at, name, above, below=name in self._names))
            found.append(name)
            failed |= above.count(name) != 1 and name != IN
        return None if failed else tuple(found)

    def _said(self, op: s.Cell, cells: dict[str, s.Cell], row: str, stride: s.Stride | None) -> str:
        """The layers of a row with what its other columns say of them: ``conv, kernel=3x3, channels=64 x 2``."""
        formed = [cells[name] for name in (FORM, FILTER_SHAPE.name) if name in cells]
        given = [in_steps(cell) for cell in formed if cell.text not in BLANK]
        given += [f"{self._called.get(name, name)}={cells[name].text}" for name in self._argument_columns(cells)]
        given += self._additions.said(row) if self._additions is not None else []
        if stride is not None:
            given.append(f"stride={spelled(stride.value)}")
        said = op.text if op.read_as is not None else in_steps(op)
        text = ", ".join([said, *given]) if ";" not in said else " ".join([said, *(f"({g})" for g in given)])
        times = cells.get("repeat")
        if times is None or times.text in BLANK:
            return text
        repeats = plain_number(times).text
        return f"[{text}] x {repeats}" if ";" in text else f"{text} x {repeats}"

    def _argument_columns(self, cells: dict[str, s.Cell]) -> list[str]:
        return [
            name
            for name, c in cells.items()
            if name not in self._headers.fixed and name[0] != "?" and c.text not in BLANK
        ]

    def _steps(
        self, op: s.Cell, cells: dict[str, s.Cell], name: str, place: Span, table_columns: Columns
    ) -> tuple[tuple[Step, ...] | None, s.Stride | None]:
        """The layers of a row, and the stride that a statement gives to it."""
        self._map = None
        if self._unread or (self._unread is False and name):
            return None, None
        blank = op.text in BLANK
        columns = {} if blank else dict(self._given(cells))
        wrong = not blank and len(columns) < len(self._argument_columns(cells))  # an argument that cannot be read
        chain, stride = () if blank else parse_cell(op, "chain", self.report), None
        form = FORM in cells and cells[FORM].text not in BLANK
        filters = cells.get(FILTER_SHAPE.name)
        filters = None if filters is None or filters.text in BLANK else filters
        elsewhere = (
            {KERNEL} if form or filters or (self._additions is not None and self._additions.sizes(name)) else set()
        )
        chain = plainly(chain, self.layers, columns.keys() | elsewhere) if chain else chain
        if chain is None or wrong:
            return None, None
        fitted = [*self._fitted(columns, chain)]
        self._called = {column: name for column, (name, _) in zip(columns, fitted, strict=True)}
        strided = with_strides(dict(fitted), chain, self.layers)
        if strided is None:
            return None, None
        columns = strided
        if form and not blank:
            made = formed(chain, cells[FORM], self.layers)
            chain = plainly(made, self.layers, columns.keys()) if made is not None else None
            if chain is None:
                return None, None
        if filters is not None and chain:
            chain = with_filters(chain, filters, self.layers, columns.keys())
        if self._additions is not None:
            chain = self._additions.given(chain, name, columns.keys())
            if chain is None:
                return None, None
        if not self._block:
            chain, self._map = size_of_map(chain, self.layers)
        if self._strides is not None:
            chain, stride = self._strides.given(chain, Line(name, op, columns), place)
        self.layers.made = _made(op, cells.get(OUTPUT.name))
        steps = self._read_layers(chain, columns, table_columns.clear)
        times = cells.get("repeat")
        if not times or times.text in BLANK or not steps:
            return steps, stride
        expr = parse_cell(plain_number(times), "expr", self.report)
        whole = self.layers.whole(expr) if expr else None
        return repeated(steps, whole, times.span, self.layers, self.layers.blocks) if whole else None, stride

    def _read_layers(self, chain: s.Chain, columns: Mapping[str, s.Named], clear: bool) -> tuple[Step, ...] | None:
        """The steps of a chain; what they lack is not said where an unknown column may hold it."""
        reader = self.layers
        if not clear:
            reader = copy(reader)
            reader.may_lack = True
        return reader.plain_chain(chain, columns)

    def _given(self, cells: dict[str, s.Cell]) -> Iterator[tuple[str, s.Named]]:
        for name in self._argument_columns(cells):
            cell = cells[name]
            value = parse_cell(cell, "value", self.report)
            if value is not None:
                yield name, s.Named(cell.span, name, cell.span, value)

    def _fitted(self, columns: Mapping[str, s.Named], chain: s.Chain) -> Iterator[tuple[str, s.Named]]:
        """The arguments from columns, by the names that the layers of the row have for them.

        A name by which a layer says again what comes out is for a column that no other layer takes.
        """
        targets = [self.layers.target(step.unit) for step in chain] if columns else []
        taken = {name for target in targets for name in parameters_of(target)}
        needed = {name for target in targets for name in needed_by(target)}
        for column, arg in columns.items():
            free = [name for name in kin_of(column) if name in taken and (name == column or name not in columns)]
            name = next((name for name in free if name in needed), [*free, column][0])
            yield name, _as_switch(arg, name, targets).replaced(name=name)

    def _printed(self, entry: Entry) -> Iterator[Cell]:
        """The printed figures of the row that was added last."""
        for name, cell in entry.printed.items():
            if cell.text not in BLANK:
                figure = printed_of(cell, name, entry.units.get(name, ""), None, self.report)
                if figure is not None:
                    yield Cell(row=len(self.rows) - 1, quantity=name, **figure._asdict(), span=cell.span)

    def _numbered(self, steps: tuple[Step, ...] | None, cell: s.Cell | None = None) -> str:
        """A name for a row that has none: its main layer or block with a number, ``conv2``.

        That is the first one that learns, so that ``dropout 0.5; fc 10`` is ``fc1``, or else the first of all.
        """
        found = [step for step in every_step(steps or ()) if isinstance(step, Apply | Instance)]
        main = next((step for step in found if _learns(step)), found[0] if found else None)
        op = self._named(main) if main is not None else "row"
        if steps is None and cell is not None:
            op = self._first_of(cell) or op
        number = next(n for n in count(self._unnamed.get(op, 0) + 1) if f"{op}{n}" not in self._others)
        self._unnamed[op] = number
        return f"{op}{number}"

    def _first_of(self, cell: s.Cell) -> str | None:
        """What the main step of a cell names, where its layers could not be read."""
        chain = plainly(parse_cell(cell, "chain", Report()) or (), self.layers, report=Report()) or ()
        found = [target for target in (self.layers.target(step.unit) for step in chain) if target is not None]
        main = next((target for target in found if not isinstance(target, type) or issubclass(target, Weighted)), None)
        return name_of(main or found[0]) if found else None

    def _named(self, step: Apply | Instance) -> str:
        return step.op if isinstance(step, Apply) else self.layers.blocks.built[step.block].name


def _learns(step: Apply | Instance) -> bool:
    return isinstance(step, Instance) or issubclass(step.kind_of_layer, Weighted)


def _as_switch(arg: s.Named, name: str, targets: Iterable[Target | None]) -> s.Named:
    """An argument of yes or no from a column, in which papers print 1 and 0."""
    word = SWITCHED.get(arg.value.span.text) if isinstance(arg.value, s.Number) else None
    if word is None or not any(target is not None and switch(target, name) for target in targets):
        return arg
    return arg.replaced(value=s.Name(word, span=arg.value.span))


def _made(op: s.Cell, output: s.Cell | None) -> tuple[str, int] | None:
    """The layers of a row with the channels of its printed output, where it is plain which of its numbers they are."""
    dims = dims_of(output.text) if output is not None and readable(OUTPUT.name, output.text) else []
    plain = len(dims) == 1 or (len(dims) == 3 and dims[0] == dims[1])
    return (op.text, dims[-1]) if plain else None


def _parted_by_blank(first: Span) -> bool:
    """Whether nothing but blank lines stands between a row and a row of another table above it."""
    lines, at = first.source.lines, first.line - 1
    while at and not lines[at - 1].strip():
        at -= 1
    return 0 < at < first.line - 1 and lines[at - 1].lstrip().startswith("|")
