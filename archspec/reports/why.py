"""Why two figures for one network differ: an itemised bridge between conventions, parameters and prints.

A side of the bridge is a counting rule (``fvcore``; ``paper, no fc``), with parameters in parentheses where they differ
from the spec's (``paper(on_1x1=no)``), or a figure as a paper prints it (``3.8G``), which a claim of the spec makes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from archspec.analysis.checked import Checked
from archspec.analysis.inferred import Use, without_loss
from archspec.compiled import Compiled
from archspec.counting.bridge import Bridge, Step, bridge
from archspec.counting.conventions import CONVENTIONS, Counting
from archspec.counting.printed import FIGURE, value_of
from archspec.counting.stated import stated
from archspec.diagnostics import ArchError, Diagnostic, Report, Span, explained, text_span
from archspec.elaborate.claims import checked_rules
from archspec.elaborate.options import setting
from archspec.ir.network import Value
from archspec.language import syntax as s
from archspec.language.parse import parse_cell
from archspec.support.words import spelled

SIDE = re.compile(r"(?P<rules>[^()]*)(?:\((?P<parameters>[^()]*)\))?")

COUNTED_IN = re.compile(
    r"(?P<figure>[0-9][0-9.,]{0,30} ?[KMGBT]?)(?: ?FLOPS?|[ -]?MACS?| ?params?| ?parameters| mult-adds)", re.IGNORECASE
)
"""A count with the word for what is counted: ``1.8 GFLOPs``."""


class Side(NamedTuple):
    """One end of a bridge: how it counts, for which parameters, and the print it starts from, if it is one."""

    text: str
    rules: tuple[str, ...] = ()
    parameters: Mapping[str, Value] = {}
    printed: str | None = None

    def of(self, network: Compiled) -> Compiled:
        """The network that it is about: a printed figure is of the file's own, whatever else is set."""
        return network.setting(self.parameters, alone=self.printed is not None)


def why(network: Compiled, a: str, b: str) -> Bridge:
    """The way from one figure of a network to another; raises ArchError for a side that means nothing."""
    start, end = side(a, network), side(b, network)
    ours, theirs = start.of(network), end.of(network)
    first, last = Counting(start.rules), Counting(end.rules)
    steps = [*_parameters(ours, theirs, first), *_heads(theirs, first, last)]
    between = between_rules(theirs, first, last)
    total = sum(first.mult_adds(use.op, use.y, *use.xs) * use.times for use in uses_of(ours, heads=first.with_heads))
    found = Bridge(start.text, end.text, total, (*steps, *between.steps), between.end)
    assert total + sum(step.amount for step in found.steps) == between.end
    return _with_prints(found, start, end)


def between_rules(network: Compiled, a: Counting, b: Counting) -> Bridge:
    """The way from one rule to another for the same layers: those of the heads too, where the second counts them."""
    return bridge(uses_of(network, heads=b.with_heads), a, b)


def totals(network: Compiled) -> dict[str, int]:
    """What every convention counts, by its name."""
    return {name: network.totals_by(name).mult_adds for name in CONVENTIONS}


def uses_of(network: Compiled, heads: bool = False) -> list[Use]:
    """Every layer of a network as it is run: without a soft-max that belongs to the loss, with heads if asked."""
    rows = [use for item in without_loss(network.inferred.rows) for use in item.uses]
    extra = [use for items in network.inferred.heads.values() for item in items for use in item.uses]
    return [*rows, *(extra if heads else [])]


def side(text: str, network: Compiled) -> Side:
    """What one end of a bridge means."""
    if FIGURE.fullmatch(text.strip()):
        return _printed(text.strip(), network)
    match = SIDE.fullmatch(text.strip())
    at = text_span("figure", text)
    if match is None or text.strip()[:1].isdigit():
        raise ArchError([no_side(at, text)])
    report = Report()
    rules: tuple[str, ...] = ()
    if said := match["rules"].rstrip():
        parsed = parse_cell(s.Cell(at.within(0, len(said)), said), "counted", report)
        rules = checked_rules(parsed or (), report)
    report.raise_if_failed()
    pairs = [pair.strip() for pair in (match["parameters"] or "").split(",") if pair.strip()]
    return Side(text.strip(), rules, dict(setting(pair) for pair in pairs))


def _printed(text: str, network: Compiled) -> Side:
    """The claim that makes a printed figure says how it counts and for which parameters."""
    plain = [claim for claim in network.network.claims if claim.quantity == "mult-adds" and claim.figure is None]
    made = [claim for claim in plain if claim.printed == text]
    if not made:
        at = text_span("figure", text)
        raise ArchError([no_claim(at, text, [claim.printed for claim in plain])])
    claim = made[0]
    return Side(f"{text} ({claim.source})", claim.counted, claim.parameters, printed=text)


def _parameters(ours: Compiled, theirs: Compiled, counting: Counting) -> list[Step]:
    """What other parameters or another input cost, counted as the first side counts, with the rows that change most."""
    said = _settings(ours, theirs)
    if not said:
        return []
    before, after = _by_row(ours, counting), _by_row(theirs, counting)
    changes = {name: after.get(name, 0) - before.get(name, 0) for name in dict.fromkeys((*before, *after))}
    rows = [f"{name} {amount:+,}" for name, amount in changes.items() if amount]
    more = " and others" if len(rows) > 6 else ""
    return [Step("parameters", sum(changes.values()), f"{said}: {', '.join(rows[:6]) or 'no row changes'}{more}")]


def _settings(ours: Compiled, theirs: Compiled) -> str:
    """How the parameters and the input of one side differ from those of the other."""
    was, now = ours.network.parameters, theirs.network.parameters
    pairs = [(f"{name}={spelled(now[name])}", spelled(was[name])) for name in now if now[name] != was[name]]
    entering = [f"{network.network.input_shape}" for network in (theirs, ours)]
    pairs += [(f"input {entering[0]}", entering[1])] * (entering[0] != entering[1])
    return ", ".join(f"{new} instead of {old}" for new, old in pairs)


def _by_row(network: Compiled, counting: Counting) -> dict[str, int]:
    found: dict[str, int] = {}
    for item in without_loss(network.inferred.rows):
        amount = sum(counting.mult_adds(use.op, use.y, *use.xs) * use.times for use in item.uses)
        found[item.row.layer] = found.get(item.row.layer, 0) + amount
    return found


def _heads(network: Compiled, a: Counting, b: Counting) -> list[Step]:
    """What the heads for training cost, where one side counts them."""
    if a.with_heads == b.with_heads:
        return []
    counted = [(name, use) for name, rows in network.inferred.heads.items() for row in rows for use in row.uses]
    amount = sum(a.mult_adds(use.op, use.y, *use.xs) * use.times for _, use in counted)
    names = ", ".join(dict.fromkeys(name for name, _ in counted)) or "there is none"
    return [Step("heads", amount if b.with_heads else -amount, f"the heads that training adds: {names}")]


def _with_prints(found: Bridge, a: Side, b: Side) -> Bridge:
    """The bridge from or to figures as they are printed, whose missing digits are a step of their own."""
    steps = list(found.steps)
    start, end = found.start, found.end
    if a.printed is not None:
        steps.insert(0, Step("print", start - value_of(a.printed), f"{a.printed} is printed for {start:,}"))
        start = value_of(a.printed)
    if b.printed is not None:
        steps.append(Step("print", value_of(b.printed) - end, f"{b.printed} is printed for {end:,}"))
        end = value_of(b.printed)
    return Bridge(found.a, found.b, start, tuple(steps), end)


def text_of(network: Compiled) -> str:
    """What every convention counts, and what the papers print, for one network."""
    found = {name: between_rules(network, Counting(), Counting([name])) for name in CONVENTIONS}
    width, names = max(len(f"{way.end:,}") for way in found.values()), max(len(name) for name in found)
    lines = [f"{network.name}: mult-adds by convention", ""]
    for name, way in found.items():
        said = "; ".join(f"{step.name} {step.said}" for step in way.steps)
        lines.append(f"{name:<{names}}  {f'{way.end:,}':>{width}}  {said}".rstrip())
    prints = [check for check in network.claims if check.quantity == "mult-adds" and type(check.value) is not str]
    lines += ["", "printed"] * bool(prints)
    return "\n".join([*lines, *(f"{check.printed:>{width}}  {claimed(check)}" for check in prints)])


def claimed(check: Checked) -> str:
    """Where a claim is printed, what the arithmetic gives, and by which rule and settings."""
    settings = ", ".join(f"{name}={spelled(value)}" for name, value in check.parameters.items())
    value = f"{check.value:,}" if isinstance(check.value, int) else "unknown"
    where = f" for {settings}" if settings else ""
    return f"{check.source}: {value} {check.verdict}, {check.counted}{where}"


@explained("E0801")
def no_side(span: Span, text: str) -> Diagnostic:
    """A side of `archspec why` is a counting rule, `fvcore` or `paper(on_1x1=no)`, or a printed figure.

    A figure is a number of parameters or mult-adds, `138M` or `1.8G`. Alone it may be the size of the parameters,
    `528MB`.
    """
    unit = COUNTED_IN.fullmatch(text.strip())
    help = "write a figure, `1.8G`, or a way to count, `paper` or `fvcore`"
    if unit is not None and FIGURE.fullmatch(unit["figure"]):
        help = f"write `{unit['figure'].replace(' ', '')}`"
    elif is_size(text.strip()):
        help = "a size in bytes stands alone: `archspec why SPEC 528MB`"
    return Diagnostic("E0801", f"`{text}` is neither a figure nor a way to count", span, "not a figure", help=help)


def is_size(text: str) -> bool:
    """Whether a figure is so many bytes: ``528MB``."""
    said = stated(text)
    return said is not None and said.sized and not said.direction and not said.negative


@explained("E0802")
def no_claim(span: Span, text: str, printed: Sequence[str]) -> Diagnostic:
    """`archspec why` is given a printed figure that no claim of the spec makes, so that its counting is not known."""
    there = ", ".join(f"`{figure}`" for figure in dict.fromkeys(printed)) or "none"
    return Diagnostic("E0802", f"no claim prints {text} mult-adds", span, "not claimed", notes=(f"there is {there}",))
