"""Why figures do not agree: the arithmetic, what else was tried, and what the spec's author says of it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import NamedTuple

from archspec.analysis.checked import Checked
from archspec.analysis.claim_totals import rules_of
from archspec.api import named_by
from archspec.budget import Exhausted, request
from archspec.compiled import Compiled
from archspec.counting.conventions import Counting
from archspec.counting.quantities import SHAPES
from archspec.reports.audit.comments import comment_beside
from archspec.reports.audit.figure import MARKED, Figure
from archspec.reports.audit.labels import label_of
from archspec.reports.audit.proofs import proof_of_cell, proof_of_claim
from archspec.support.limits import MOST_REASONS


class Placed(NamedTuple):
    """A figure, the network where it agrees least, and its row there."""

    figure: Figure
    compiled: Compiled
    row: int | None

    @property
    def asks(self) -> bool:
        """Whether a reader asks why."""
        return self.figure.check.span is not None and self.figure.standing in (*MARKED.values(), "wrong")


def explained(spec: str, found: Sequence[Placed]) -> list[Figure]:
    """The figures of a spec, the first of those that do not agree with their reasons."""
    figures = [each.figure for each in found]
    asked = [at for at, each in enumerate(found) if each.asks][:MOST_REASONS]
    for at, proof in zip(asked, _proofs(spec, [found[at] for at in asked]), strict=True):
        figures[at] = _with_reasons(found[at], proof)
    return figures


def _with_reasons(each: Placed, proof: tuple[str, ...]) -> Figure:
    check = each.figure.check
    assert check.span is not None
    figure = each.figure._replace(
        proof=proof,
        comment=comment_beside(check.span, check.printed),
        label=label_of(each.compiled.network, check),
    )
    if check.figure:  # rules are tried on totals alone
        return figure
    with suppress(Exhausted):
        return figure._replace(tried=each.compiled.alternatives(check))
    return figure


def _proofs(spec: str, asked: Sequence[Placed]) -> list[tuple[str, ...]]:
    """The arithmetic of each figure; what one request cannot afford is left out."""
    found: list[tuple[str, ...]] = []
    with suppress(Exhausted), request():
        for figure, compiled, row in asked:
            found.append(tuple(_proof(spec, compiled, figure.check, row)))
    return found + [()] * (len(asked) - len(found))


def _proof(spec: str, compiled: Compiled, check: Checked, row: int | None) -> list[str]:
    if check.value is None:
        return []
    if check.working:
        lines = [check.working]
    elif row is not None:
        lines = proof_of_cell(check, compiled.inferred.rows[row], compiled)
    else:
        file, variant = named_by(spec).file, compiled.network.variant
        claim = next(claim for claim in compiled.network.claims if claim.span == check.span)
        counting = Counting(rules_of(compiled.network, claim))
        lines = proof_of_claim(check, f"{file}:{variant}" if variant else file, compiled, counting)
    settings = [f"{name}={value}" for name, value in check.parameters.items()]
    counts = check.quantity not in SHAPES and check.counted
    return [*lines, *["counted as " + ", ".join([check.counted, *settings])] * bool(counts)]
