"""Under which counting rules a figure holds for a network, with the arithmetic, and the nearest where none gives it.

One rule is changed at a time, as where a printed figure disagrees: pairs of rules would give almost any figure.
"""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from fractions import Fraction
from itertools import chain
from math import inf
from typing import NamedTuple

from archspec.analysis.cost import heads_seen, rows_seen
from archspec.analysis.mends.rules import column_for, rules_for
from archspec.analysis.unchecked import UNCHECKED, reason
from archspec.budget import Exhausted, current, portion, spend
from archspec.compiled import Compiled
from archspec.counting.bridge import Step
from archspec.counting.compared import Compared, compared, compared_at_least, shown
from archspec.counting.conventions import Counting
from archspec.counting.printed import Verdict, compare, exact_value_of, places_of
from archspec.counting.quantities import CLAIMS, MULT_ADDS, PARAMS, Quantity, find
from archspec.reports.why import between_rules, claimed
from archspec.support.bound import is_known
from archspec.support.limits import COUNTED

HOLDING: dict[Verdict, str] = {
    "exact": "to the last digit",
    "rounds": "which rounds to it",
    "cut": "which truncates to it",
    "coarse": "which is it where trailing zeros do not count",
}
"""How a count is said to agree with a figure, best first."""
VERDICTS = [*HOLDING]
BYTES_EACH = 4
"""What a parameter takes as a 32-bit float."""
NEAR = 10
"""Beside counts that are known from below alone, a miss by one of so many parts of a figure is near it."""
FAR = 100
"""A count that is so many times a figure, or one of so many parts, is rather of something else."""
MOST_WAYS, MOST_MISSES, SHARE = 6, 3, 0.7
"""How many rules have their arithmetic, how many misses are said, and how much of the work left a part may take."""


class Way(NamedTuple):
    """What a network has of a quantity under a rule, and how that agrees with the figure."""

    quantity: Quantity
    rules: tuple[str, ...]
    value: int
    verdict: Verdict


class Answer(NamedTuple):
    """What is said of a figure, and whether it holds under any rule."""

    holds: bool
    lines: list[str]


def answer(network: Compiled, printed: str) -> Answer:
    """Under which rules a figure holds, or which come nearest, as plain text."""
    found: list[Way] = []
    whole = False
    with _share():
        for way in ways(network, printed):
            found.append(way)
        whole = True
    holding = sorted((way for way in found if way.verdict in HOLDING), key=lambda way: _rank(network, way))
    bounds = _bounds(network, printed, found)
    said = _holding(network, printed, holding) if holding else _misses(network, printed, found, beside=bool(bounds))
    if bounds:
        head = _not_checked(network, "other counts are" if holding else f"{printed} is")
        open = [head, *_indented([_short(network, way) for way in bounds])]
        said = [*said, *open] if holding else [*open, *said]
    claims = [f"printed in {claimed(check)}" for check in network.claims if check.printed == printed]
    return Answer(bool(holding), [*said, *claims, *["not every rule was tried: that is too much work"] * (not whole)])


def answer_in_bytes(network: Compiled, printed: str) -> Answer:
    """Under which rules a size such as ``528 MB`` is that of the parameters, four bytes each."""
    sizes = ((rules, value, _in_bytes(printed, value)) for rules, value in _counts(network, PARAMS))
    found = [(Way(PARAMS, rules, value, size.verdict), size.shown) for rules, value, size in sizes]
    holding = [each for each in found if each[0].verdict in HOLDING]
    open = found if found[0][0].verdict == UNCHECKED else []
    lines = [
        f"{_amount(way)} x {BYTES_EACH} bytes = {size} under `{_named(network, way)}`"
        + (f", {HOLDING[way.verdict]}" if way.verdict in HOLDING else "")
        for way, size in (holding or open or found)[:MOST_WAYS]
    ]
    if not holding:
        none = f"{printed} is the size of the parameters under no single rule"
        return Answer(False, [_not_checked(network, f"{printed} is") if open else none, *_indented(lines)])
    first, *more = lines
    return Answer(True, [f"{printed} holds: {first}", *["it also holds for", *_indented(more)] * bool(more)])


def _in_bytes(printed: str, value: int) -> Compared:
    size = Fraction(value * BYTES_EACH)
    return compared(printed, size) if is_known(value) else compared_at_least(printed, size)


def _indented(lines: Sequence[str]) -> list[str]:
    return [f"  {line}" for line in lines]


def ways(network: Compiled, printed: str) -> Iterator[Way]:
    """What the network has of a quantity under every rule, each value once: the file's own rule comes first.

    The quantities are those of the claims that print the figure, or all where none does.
    """
    claimed = {check.quantity for check in network.claims if check.printed == printed and not check.figure}
    for quantity in map(find, [name for name in CLAIMS if name in claimed] or CLAIMS):
        for rules, value in _counts(network, quantity):
            yield Way(quantity, rules, value, compare(printed, value))


def _counts(network: Compiled, quantity: Quantity) -> Iterator[tuple[tuple[str, ...], int]]:
    """What the network has of a quantity under every rule, each number once: by the file's own rule first."""
    own = network.network.counted
    kinds = dict.fromkeys(type(use.op) for item in network.inferred.rows for use in item.uses)
    known: set[tuple[int, bool]] = set()
    for rules in (own, *rules_for(quantity, kinds, own, heads=bool(network.network.heads))):
        spend(COUNTED)
        value = quantity.of(network.totals_by(*rules))
        if (value, is_known(value)) not in known:
            known.add((value, is_known(value)))
            yield rules, value


def _rank(network: Compiled, way: Way) -> tuple[bool, int]:
    """The file's own rule comes first, and then what agrees best."""
    return way.rules != network.network.counted, VERDICTS.index(way.verdict)


def _holding(network: Compiled, printed: str, holding: Sequence[Way]) -> list[str]:
    """The rules under which a figure holds; once the file's own does, others say little, and have no arithmetic."""
    shown = 1 if holding[0].rules == network.network.counted else MOST_WAYS
    said: list[str] = []
    for way in holding[:shown]:
        said.append(f"{printed} holds under `{_named(network, way)}`: {_amount(way)}, {HOLDING[way.verdict]}")
        with _share():
            said += _arithmetic(network, way)
    more = [f"  {_short(network, way)}, {HOLDING[way.verdict]}" for way in holding[shown:]]
    return [*said, "it also holds for", *more] if more else said


def _arithmetic(network: Compiled, way: Way) -> list[str]:
    """From the value by the file's own rule to that by another, an amount and what it is of in each line."""
    own = network.network.counted
    if way.rules == own:
        return []
    start = way.quantity.of(network.totals_by(*own))
    steps = _steps(network, way, Counting(own), start)
    assert start + sum(step.amount for step in steps) == way.value
    lines = [(f"{start:,}", column_for(own, own)), *((step.said, step.name) for step in steps)]
    lines.append((f"{way.value:,}", _named(network, way)))
    width = max(len(amount) for amount, _ in lines)
    return [f"  {amount:>{width}}  {name}" for amount, name in lines]


def _steps(network: Compiled, way: Way, own: Counting, start: int) -> Sequence[Step]:
    """What a rule counts more or less than the file's own; what belongs to no layer is the input of the network."""
    other = Counting(way.rules)
    if way.quantity is MULT_ADDS and own.with_heads == other.with_heads:
        return between_rules(network, own, other).steps
    before, after = _by_layer(network, way.quantity, own), _by_layer(network, way.quantity, other)
    steps = [_step(name, before[name], after[name]) for name in dict.fromkeys((*before, *after))]
    rest = int(way.value) - start - sum(step.amount for step in steps)
    return [step for step in (*steps, Step("input", rest, "")) if step.amount or not step.known]


def _step(name: str, before: int, after: int) -> Step:
    return Step(name, int(after) - int(before), "", is_known(before) and is_known(after))


def _by_layer(network: Compiled, quantity: Quantity, counting: Counting) -> Tally[str]:
    """What the layers of each type have of a quantity, and all of the heads together."""
    assert quantity.of_use is not None
    found: Tally[str] = Tally()
    rows, heads = rows_seen(network.inferred, counting), heads_seen(network.inferred, counting)
    for heading, items in (("", rows), ("heads", heads)):
        for use in (use for item in items for use in item.uses):
            spend(COUNTED)
            found[heading or use.op.spelled()] += use.times * quantity.of_use(counting, use.op, use.y, use.xs)
    return found


def _bounds(network: Compiled, printed: str, found: Sequence[Way]) -> list[Way]:
    """The lower bounds that may be of the figure: by the file's own rule, where it has some, and not far below it."""
    open = [way for way in found if way.verdict == UNCHECKED]
    own = [way for way in open if way.rules == network.network.counted]
    first = own or [*{way.quantity: way for way in reversed(open)}.values()][::-1]
    return [way for way in first if way.value * FAR >= exact_value_of(printed)] or first


def _not_checked(network: Compiled, what: str) -> str:
    """``4.5G is not checked: `opaque "attn"` is not known; lower bounds are``."""
    every = chain(network.inferred.rows, *network.inferred.heads.values())
    return f"{what} {reason(use for item in every for use in item.uses)}; lower bounds are"


def _misses(network: Compiled, printed: str, found: Sequence[Way], beside: bool) -> list[str]:
    """The values that come nearest to a figure that no rule gives: those near it, ``beside`` what is not checked."""
    wanted = exact_value_of(printed)
    own = {way.quantity: way.value for way in reversed(found)}
    known = (way for way in found if way.value and is_known(way.value) and is_known(own[way.quantity]))
    ordered = sorted(known, key=lambda way: abs(way.value - wanted))
    if beside:
        near = [way for way in ordered if abs(way.value - wanted) * NEAR <= wanted]
    else:
        alike = [way for way in ordered if wanted <= way.value * FAR and way.value <= wanted * FAR]
        near = alike or [way for way in ordered if way.quantity is ordered[0].quantity]
    places = places_of(printed)
    misses = [f"  {_short(network, way)}, {_distance(way.value, wanted, places)}" for way in near[:MOST_MISSES]]
    broken = [f"{printed} is not a whole number, and every count is"] * (wanted.denominator > 1)
    return [*broken, *[f"{printed} holds under no single rule; the nearest are", *misses] * bool(misses)]


def _distance(value: int, wanted: Fraction, places: int) -> str:
    """How far a value is from what is printed: ``3,400 more (0.1 %)``; without the share where it is tiny or huge."""
    far = shown(abs(value - wanted), places)
    more = f"{far.rstrip('0') if '.' in far else far} {'more' if value > wanted else 'less'}"
    share = float(100 * abs(value - wanted) / wanted) if wanted else inf
    return f"{more} ({share:.2g} %)" if 0.0001 <= share < 99 else more


def _short(network: Compiled, way: Way) -> str:
    return f"{_amount(way)} under `{_named(network, way)}`"


def _amount(way: Way) -> str:
    return f"{way.value:,} {way.quantity.name}"


def _named(network: Compiled, way: Way) -> str:
    """A rule as the column ``counted`` of a claim has it."""
    return column_for(way.rules, network.network.counted)


@contextmanager
def _share() -> Iterator[None]:
    """A part of the work that is left for the request: what takes more is left out."""
    budget = current()
    left = inf if budget is None else budget.units - budget.spent
    with suppress(Exhausted), portion(budget, SHARE * left):
        yield
