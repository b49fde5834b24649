"""The recipe: rows of a `train` table to settings, words to the parts that they spell."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from archspec import recipe as known
from archspec.arguments import Misfit
from archspec.budget import spend
from archspec.diagnostics import Diagnostic, Report, Span
from archspec.elaborate import messages as say
from archspec.elaborate import recipe_messages as said
from archspec.elaborate.cells import BLANK, aligned
from archspec.elaborate.forms import Comma, Found, Token, closest_form, read_part, tokens_of
from archspec.elaborate.scope import Scope, Wrong
from archspec.ir.recipe import Recipe, Setting, Use, made
from archspec.language import syntax as s
from archspec.language.parse import parse_cell
from archspec.naming import Names
from archspec.recipe.part import Contradiction
from archspec.recipe.rules import contradictions
from archspec.support.frozen import Frozen
from archspec.support.limits import NAME, READ, ROW

COLUMNS = ("setting", "value", "source")


class Row(Frozen):
    """One row of a recipe: the cell of its setting, the cell that holds for this variant, and its source."""

    name: s.Cell
    value: s.Cell
    source: str


def recipe_of(
    statements: Sequence[s.Statement],
    scope: Scope,
    variants: tuple[str, ...],
    variant: str | None,
    overridden: bool,
    report: Report,
) -> Recipe | None:
    """The recipe of a network, or None where it has none; what is wrong with it goes to the report.

    For other parameters or another input than the file's (``overridden``) it need not agree with itself.
    """
    trains = [x for x in statements if isinstance(x, s.Train)]
    for extra in trains[1:]:
        report.add(say.said_twice(extra.span, "train", trains[0].span))
    if not trains:
        return None
    train, inside = trains[0], Report()
    tables = [table for table in (*train.above, train.table) if table is not None]
    if not tables:
        report.add(said.no_recipe(train.span))
        return None
    rows = _Rows(variants, variant, inside)
    for table in tables:
        rows.add(table, inherited=table is not train.table)
    settings = {name: setting_of(name, row, scope, inside) for name, row in rows.found.items()}
    found = Recipe(settings=settings, taken_over=train.table is None, span=train.span)
    if not inside.failed:
        wrong = [*_starts(found, variants, variant), *(() if overridden else disagreements(found))]
        inside = Report([*inside, *wrong])
    for diagnostic in inside:
        report.add(diagnostic)
    return found


class _Rows:
    """The rows by their settings; those of a network like another replace the other's, an empty one takes it away."""

    def __init__(self, variants: tuple[str, ...], variant: str | None, report: Report) -> None:
        self.found: dict[str, Row] = {}
        self._variants, self._variant, self._report = frozenset(variants), variant, report

    def add(self, table: s.Table, inherited: bool) -> None:
        """Take the rows of a table; of another network's, the columns of its variants are passed over."""
        if table.header is None:
            self._report.add(say.no_header(table.span, "| setting | value |"))
            return
        columns = self._columns(table.header, inherited)
        seen: dict[str, Span] = {}
        for row in table.rows:
            spend(ROW, row[0].span)
            cells = aligned(row, columns, self._variants, self._report)
            if cells is not None and "setting" in cells:
                self._row(cells, seen)

    def _columns(self, header: tuple[s.Cell, ...], inherited: bool) -> list[str]:
        names: dict[str, None] = {}
        known = Names((*COLUMNS, *self._variants))
        for cell in header:
            name = cell.text if cell.text in self._variants else cell.text.lower()
            if name in names:
                self._report.add(say.second_column(cell.span, name))
                name = f"?{len(names)}"
            elif name not in known:
                if not inherited:
                    self._report.add(say.unknown_column(cell.span, cell.text, known, said.COLUMNS))
                name = f"?{len(names)}"
            names[name] = None
        if "setting" not in names or not {"value", *self._variants} & names.keys():
            self._report.add(say.no_header(header[0].span.to(header[-1].span), "| setting | value |"))
        return [*names]

    def _row(self, cells: dict[str, s.Cell], seen: dict[str, Span]) -> None:
        cell = cells["setting"]
        name = " ".join(cell.text.lower().split())
        if name not in known.SETTINGS:
            self._report.add(said.unknown_setting(cell.span, cell.text))
            return
        if name in seen:
            self._report.add(said.setting_twice(cell.span, name, seen[name]))
        seen[name] = cell.span
        own = cells.get(self._variant or "")
        value = own if own is not None and own.text not in BLANK else cells.get("value")
        self.found.pop(name, None)
        if name in known.LENGTHS:  # a network like another may count in the other unit
            for other in set(known.LENGTHS) - {*seen}:
                self.found.pop(other, None)
        if value is not None and value.text not in BLANK:
            source = cells["source"].text if "source" in cells else ""
            self.found[name] = Row(cell, value, source)


def setting_of(name: str, row: Row, scope: Scope, report: Report) -> Setting:
    """A setting with its parts, each checked by its class."""
    if known.SETTINGS[name].prose:
        return Setting(text=row.value.text, source=row.source, uses=_texts(name, row.value), span=row.value.span)
    clauses: tuple[s.Clause, ...] = parse_cell(row.value, "recipe", report) or ()
    uses = [use for clause in clauses if _holds(clause, scope, report) for use in _uses(name, clause, scope, report)]
    if len(uses) > 1 and not known.SETTINGS[name].several:
        report.add(said.one_part(uses[1].span or row.value.span, name))
    return Setting(text=row.value.text, source=row.source, uses=tuple(uses), span=row.value.span)


def _texts(setting: str, cell: s.Cell) -> tuple[Use, ...]:
    """The parts of a setting that is prose; `nothing` is none of them."""
    (part,) = known.parts_of(setting)
    (argument,) = part.arguments
    texts = [text for said in cell.text.split(";") if (text := said.strip()) not in ("", "nothing")]
    return tuple(Use(part=part.spelled(), args={argument: text}, span=cell.span) for text in texts)


def _holds(clause: s.Clause, scope: Scope, report: Report) -> bool:
    """Whether a clause holds for the network's parameters."""
    if clause.condition is None:
        return True
    try:
        return bool(scope.expression(clause.condition).value)
    except Wrong as wrong:
        report.add(wrong.diagnostic)
        return False


def _uses(setting: str, clause: s.Clause, scope: Scope, report: Report) -> list[Use]:
    """The parts of a clause; where one cannot be understood, the rest is passed over."""
    uses: list[Use] = []
    try:
        tokens: list[Token] = tokens_of(clause, scope)
    except Wrong as wrong:
        report.add(wrong.diagnostic)
        return []
    while tokens:
        spend(READ + NAME * len(tokens), tokens[0].span)
        found = read_part(setting, tokens)
        if found is None:
            text = " ".join(token.text for token in tokens).replace(" ,", ",")
            place = tokens[0].span.to(tokens[-1].span)
            report.add(said.not_understood(place, setting, text, *closest_form(setting, tokens)))
            return uses
        tokens = tokens[found.length :]
        if tokens and isinstance(tokens[0], Comma):
            tokens = tokens[1:]
        for name, place, first in found.twice:
            report.add(said.setting_twice(place, name, first))
        if _fits(setting, found, report):
            uses.append(Use(part=found.part.spelled(), args=found.args, span=found.span))
    return uses


def _fits(setting: str, found: Found, report: Report) -> bool:
    """Whether a part takes its arguments; each that it does not take is reported."""
    try:
        found.part(**found.args)
        return True
    except Misfit as misfit:
        for name, expected in misfit.problems.items():
            place = found.places.get(name, found.span)
            report.add(said.wrong_value(place, found.words or setting, name, expected, found.part.arguments))
        return False


def placed(recipe: Recipe, wrong: Contradiction) -> Diagnostic:
    """What is wrong with a recipe, at the part that it is about."""
    setting = recipe.settings[wrong.setting]
    place = setting.uses[wrong.part].place if wrong.part < len(setting.uses) else None
    return said.contradiction(place or setting.place, wrong)


def disagreements(recipe: Recipe) -> Iterator[Diagnostic]:
    """What is missing from a recipe whose parts are all understood, and what contradicts itself."""
    parts = {name: found for name in recipe.settings if (found := recipe.parts(name))}
    missing = known.missing(parts)
    there = [name for name in missing if name in recipe.settings]
    yield from (said.holds_nowhere(recipe.settings[name], name) for name in there)
    length = known.LENGTHS if {*known.LENGTHS} & {*there} else ()
    absent = [name for name in missing if name not in {*there, *length}]
    if absent:
        yield said.missing_settings(recipe.place, absent)
    yield from (placed(recipe, wrong) for wrong in contradictions(parts))


def _starts(recipe: Recipe, variants: tuple[str, ...], variant: str | None) -> Iterator[Diagnostic]:
    """Variants that weights start from and that the family does not have."""
    for use in recipe.settings["init"].uses if "init" in recipe.settings else ():
        of = getattr(made("init", use), "variant", None)
        if of is not None and (of not in variants or of == variant):
            yield said.no_such_variant(use.span, of, variants, variant)
