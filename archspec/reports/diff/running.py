"""What two networks run differently, in sentences."""

from __future__ import annotations

from collections.abc import Iterator

from archspec.reports.diff.work import FIRST, SECOND, Work, WorkDone

SAME = "the same layers on the same shapes"


def sentences(work: WorkDone, sides: tuple[str, str] = ("first", "second")) -> Iterator[str]:
    """What two networks run differently, a sentence each; strides that move are one. ``sides`` names the networks."""
    strides, alone = work.strides, dict(zip((FIRST, SECOND), (f"only in the {side}" for side in sides), strict=True))
    if work.moved is not None:
        many = strides[0].layers
        what = "1 stride moves" if many == 1 else f"{many:,} strides move"
        yield f"{what} from {' to '.join(work.moved)}: {_sums(strides)}"
    for each in work.changes:
        if each not in strides:
            yield f"{each.layers:,} x {each.layer}: {alone.get(each.what, each.what)}: {_sums((each,))}"
    if work.elsewhere:
        more = " more" * bool(work.changes)
        yield f"{work.elsewhere:,}{more} {'layer runs' if work.elsewhere == 1 else 'layers run'} on other shapes"
    if work.is_none:
        yield SAME


def signed(number: int | None) -> str:
    """A difference: ``+1,000``, and ``unknown`` where it is not known."""
    if number is None:
        return "unknown"
    return f"{number:+,}" if number else "0"


def _sums(changes: tuple[Work, ...]) -> str:
    mult_adds, params = sum(each.mult_adds for each in changes), sum(each.params for each in changes)
    return f"{signed(mult_adds)} mult-adds, {signed(params)} params"
