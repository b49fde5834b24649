"""What two networks run differently, in sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from archspec.reports.diff.spoken import shown
from archspec.reports.diff.work import Argument, Replaced, Way, Widths, Work, WorkDone
from archspec.support.bound import total
from archspec.support.words import number_of

SAME = "the same layers on the same shapes"
MOST_KINDS = 4
"""How many kinds of layers that run on other shapes are named."""


def sentences(work: WorkDone, sides: tuple[str, str] = ("first", "second")) -> Iterator[str]:
    """What two networks run differently, a sentence each; strides that move are one. ``sides`` names the networks."""
    if work.moved is not None:
        many = work.strides[0].layers
        what = "1 stride moves" if many == 1 else f"{many:,} strides move"
        yield f"{what} from {' to '.join(work.moved)}: {_sums(work.strides)}"
    for each in work.changes:
        if each not in work.strides:
            yield f"{each.layers:,} x {each.layer}: {difference(each, sides)}: {_sums((each,))}"
    if work.elsewhere:
        many, more = sum(work.elsewhere.values()), " more" * bool(work.changes)
        yield f"{many:,}{more} {'layer runs' if many == 1 else 'layers run'} on other shapes: {_kinds(work.elsewhere)}"
    if work.is_none:
        yield SAME


def difference(work: Work, sides: tuple[str, str] = ("first", "second")) -> str:
    """In what layers differ: ``stride 2 -> 1``, ``of 96 -> 64 channels``, ``only in the first``."""
    match work.what:
        case Way.FIRST | Way.SECOND as alone:
            return f"only in the {sides[alone is Way.SECOND]}"
        case Way() as way:
            return str(way.value)
        case differences:
            return ", ".join(map(_turned, differences))


def _kinds(counts: Mapping[str, int]) -> str:
    """``9 x relu, 4 x conv 3x3``: the most frequent first, and how many the others are."""
    ordered = sorted(counts.items(), key=lambda each: -each[1])
    named = [f"{count:,} x {layer}" for layer, count in ordered[:MOST_KINDS]]
    others = sum(count for _, count in ordered[MOST_KINDS:])
    return ", ".join([*named, *[number_of(others, "other")] * bool(others)])


def _turned(what: Argument | Widths | Replaced) -> str:
    match what:
        case Argument(name, before, after):
            return f"{name} {_value(before)} -> {_value(after)}"
        case Widths(before, after):
            return f"of {_listed(before)} -> {_listed(after)} channels"
        case Replaced(by):
            return f"{by} instead"


def _value(value: object) -> str:
    """The value of an argument, of which both sides are one number where they are alike."""
    return shown(value[0] if isinstance(value, tuple) and len(set(value)) == 1 else value)


def _listed(numbers: tuple[int, ...]) -> str:
    return " + ".join(map(str, numbers))


def signed(number: int | None) -> str:
    """A difference: ``+1,000``, and ``unknown`` where it is not known."""
    if number is None:
        return "unknown"
    return f"{number:+,}" if number else "0"


def _sums(changes: tuple[Work, ...]) -> str:
    mult_adds, params = total(each.mult_adds for each in changes), total(each.params for each in changes)
    return f"{signed(mult_adds)} mult-adds, {signed(params)} params"
