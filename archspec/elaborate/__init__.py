"""Syntax to IR: names, parameters, `every` rules, variants, repeats; one file for each part of the language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import accumulate

from archspec.budget import spend
from archspec.counting.quantities import SHAPES
from archspec.diagnostics import Report, Source, Span, text_span
from archspec.elaborate import messages as say
from archspec.elaborate.additions import Additions
from archspec.elaborate.blocks import Blocks
from archspec.elaborate.bodies import body_of
from archspec.elaborate.choices import with_choices
from archspec.elaborate.claims import checked_rules
from archspec.elaborate.definitions import define, heads_of, units_of
from archspec.elaborate.elaboration import Elaboration, in_order, input_of, input_size, only
from archspec.elaborate.headers import folded
from archspec.elaborate.layers import Layers
from archspec.elaborate.like_messages import like_no_other
from archspec.elaborate.parameters import parameters_of
from archspec.elaborate.provenance import provenance_of
from archspec.elaborate.request import Request
from archspec.elaborate.rows import gone
from archspec.elaborate.scope import Scope
from archspec.elaborate.strides import Strides
from archspec.elaborate.tables import Tables
from archspec.elaborate.variants import settings_of, variants_of
from archspec.ir.network import Network, Paper
from archspec.language import syntax as s
from archspec.language.include import added, every_table
from archspec.support.limits import NETWORK, WALKED

__all__ = ["Elaboration", "Request", "architecture_of", "input_size", "variants_of"]


def architecture_of(
    statements: Sequence[s.Statement], request: Request, source: Source, report: Report
) -> Elaboration | None:
    """The network without its claims and its recipe, which are read when they are asked for."""
    spend(NETWORK + WALKED * len(statements), next((x.span for x in statements if isinstance(x, s.Network)), None))
    header = only(statements, s.Network, "network", report)
    given = only(statements, s.Input, "input", report)
    broken = {x.keyword: x for x in statements if isinstance(x, s.Broken)}
    _complain_of_missing(header, given, statements, broken, source, report)
    if header is None or "variants" in broken:  # nothing can be said of columns then
        return None
    variants = variants_of(statements)
    variant = _variant(header, variants, request.variant, report)
    if variants and variant not in variants:
        return None  # without a column every row would be empty, and wrong
    header, of_rows = with_choices(header, statements, report)
    scope = Scope()
    scope.of_rows = of_rows
    settings = settings_of(statements, header, variant, scope, report)
    parameters, changed = parameters_of(header, settings, request.parameters, scope, report)
    layers = Layers(scope, report, Blocks(report, body_of))
    input, input_names = input_of(statements, request, scope, report)
    define(statements, layers)
    strides = Strides(statements, layers)
    additions = Additions(statements, layers)
    body = Tables(layers, variants, variant, report, strides=strides, additions=additions)
    _add_rows(statements, body, layers, strides)
    heads = tuple(heads_of(statements, body, layers))
    counted = only(statements, s.Counted, "counted", report)
    rules = checked_rules(counted.rules, report) if counted else ()
    unclear = "counted" in broken or (counted is not None and len(rules) < len(counted.rules))
    failed = report.failed
    network = Network(
        name=header.name.text,
        variant=variant,
        title=title.text if (title := only(statements, s.Title, "title", report)) else None,
        papers=tuple(Paper(title=x.title, references=x.references) for x in statements if isinstance(x, s.Paper)),
        parameters=parameters,
        overridden=request.overrides,
        changed=changed,
        input=input,
        input_names=input_names,
        counted=rules,
        units=units_of(statements, report),
        taken_from=provenance_of(statements, report),
        structural=tuple(sorted(scope.structural & parameters.keys())),
        blocks=layers.blocks.built,
        rows=tuple(body.rows),
        heads=heads,
        cells=()
        if strides.unclear
        else in_order(statements, (c for c in body.cells if c.quantity in SHAPES or not unclear)),
        misprints=() if strides.unclear else tuple(body.misprints),
        span=header.span,
    )
    found = Elaboration(network, header, variants, statements, scope, layers, failed, tuple(body.totals))
    found.complain_of_no_rows(report)
    return found


def _add_rows(statements: Sequence[s.Statement], body: Tables, layers: Layers, strides: Strides) -> None:
    """The rows of all tables, with the strides that statements give to them."""
    changing = [x for x in statements if not _is_like_no_other(x, layers)]
    if strides.column is not None:  # what follows from it depends on the order of the rows
        order = body.unread(named=any(isinstance(x, s.Changes) for x in changing))
        _place_rows(changing, order)
        strides.follow([*order.resolutions()], every_table(changing))
    _place_rows(changing, body)
    body.close()


def _place_rows(statements: Sequence[s.Statement], body: Tables) -> None:
    """The rows of all tables, and what networks `like` others do to them."""
    changes = [x for x in statements if isinstance(x, s.Changes)]
    later = [*accumulate(map(gone, reversed(changes)), frozenset.union, initial=frozenset[str]())]
    for statement in statements:
        if isinstance(statement, s.Changes):
            later.pop()
            body.change(statement, later[-1])
        elif isinstance(statement, s.Table):
            body.add(statement, later[-1])


def _is_like_no_other(statement: s.Statement, layers: Layers) -> bool:
    """Whether a statement changes the rows of another network, and this one is like none, which is reported."""
    if isinstance(statement, s.TakenOut):
        layers.report.add(like_no_other(statement.span, "without"))
        return True
    table = statement if isinstance(statement, s.Table) and added(statement) else None
    first = table.header[0] if table is not None and table.header else None
    if first is None or folded(first.text) in layers.ignored:
        return False
    layers.report.add(like_no_other(first.span, first.text))
    return True


def _complain_of_missing(
    header: s.Network | None,
    given: s.Input | None,
    statements: Sequence[s.Statement],
    broken: Mapping[str, s.Broken],
    source: Source,
    report: Report,
) -> None:
    """The least that makes a network; a line or a file that could not be read was reported, and is not missing."""
    if header is not None and header.like is not None:
        return  # the other network has them
    start = Span(source, 1, 0, max(len(source.lines[0]), 1))
    for found, word, complain in ((header, "network", say.no_network), (given, "input", say.no_input)):
        if not found and word not in broken:
            report.add(complain(start))
    tables = every_table(statements)
    if not tables and not broken.keys() & {"claims", "variants", "train"}:  # those took a table along
        report.add(say.no_table(start, _taken(statements)))


def _taken(statements: Sequence[s.Statement]) -> tuple[Span, str] | None:
    """The last table that belongs to a block or a head, with what it belongs to; one set apart is reported as such."""
    owners = [x for x in statements if isinstance(x, s.Block | s.Head) and x.table is not None and not _is_apart(x)]
    for owner in owners[-1:]:
        word = "block" if isinstance(owner, s.Block) else "head"
        return owner.table.span, f"{word} {owner.name.text}"  # type: ignore[union-attr]
    return None


def _is_apart(owner: s.Block | s.Head) -> bool:
    """Whether a blank line stands between a statement and its table."""
    assert owner.table is not None
    between = owner.span.source.printed[owner.span.line : owner.table.span.line - 1]
    return any(not line.strip() for line in between)


def _variant(header: s.Network, variants: tuple[str, ...], asked: str | None, report: Report) -> str | None:
    if asked is None and variants:
        report.add(say.pick_a_variant(header.name.span, header.name.text, variants))
    elif asked is not None and asked not in variants:
        at = text_span("variant", asked)
        report.add(say.unknown_variant(at, asked, variants))
    return asked
