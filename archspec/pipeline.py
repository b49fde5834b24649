"""The passes in order: text to compiled networks. Nothing here reads files, prints or exits."""

from __future__ import annotations

from collections.abc import Sequence

from archspec.budget import Exhausted, asked, spend
from archspec.compiled import Compiled
from archspec.diagnostics import Diagnostic, Report, Source, Span
from archspec.elaborate import Request
from archspec.family import Family, Member, family_of
from archspec.support.limits import MISTAKE


@asked
def compile_text(source: Source, request: Request | None = None) -> Compiled:
    """Compile a spec; raises ArchError with all that is wrong with it where its network does not hold.

    Claims and the recipe are read when something asks for them, and raise then where they are wrong. Figures that
    disagree with the arithmetic are not a reason to raise: they stand in ``diagnostics``.
    """
    wanted = request or Request()
    member = family_of(source, wanted).member(wanted)
    member.raise_if_failed()
    return Compiled(member)


@asked
def compile_variants(source: Source, request: Request) -> list[Compiled]:
    """The network that is asked for, or every variant of a family where none is, with all their figures checked.

    Raises ArchError with the diagnostics of all variants together, each once.
    """
    family = family_of(source, request)
    names: list[str | None] = [*family.variants]
    wanted = [request.variant] if request.variant is not None else names or [None]
    members = _members(family, request, wanted)
    everywhere = set.intersection(*({*member.diagnostics} for member in members))
    wrong: list[Diagnostic] = []
    found: list[Compiled] = []
    inside: set[tuple[str, Span | None]] = set()
    for name, member in zip(wanted, members, strict=True):
        fresh = [d for d in member.diagnostics if (d.code, d.span) not in inside]
        # One mistake in a block, and one warning, whichever variants bring it up.
        inside |= {(d.code, d.span) for d in fresh if d.in_block or d.severity == "warning"}
        spend(MISTAKE * len(fresh))
        noted = tuple(d if d in everywhere else d.noted(f"in variant `{name}`") for d in fresh)
        if member.checked:
            found.append(Compiled(member, diagnostics=noted))
        else:
            wrong += noted
    Report(wrong).raise_if_failed()
    if request.variant is None and family.variants:
        found[0] = Compiled(members[0], diagnostics=tuple(Report((*found[0].diagnostics, *_suspected(members)))))
    return found


def _suspected(members: Sequence[Member]) -> list[Diagnostic]:
    """What every member gives; of a cell that is marked as printed wrong, every member that has the cell."""
    marked = [{misprint.span for misprint in member.checks.misprints} for member in members]
    everywhere = set().union(*marked)
    found: dict[Diagnostic, None] = {}
    for member in members:
        found |= dict.fromkeys(member.checks.suspected)
    return [
        wrong
        for wrong in found
        if all(
            wrong in member.checks.suspected
            for member, cells in zip(members, marked, strict=True)
            if wrong.span in cells or wrong.span not in everywhere
        )
    ]


def _members(family: Family, request: Request, names: Sequence[str | None]) -> list[Member]:
    """The members of these names, each with all that is to be said of it.

    Where the budget of the request runs out, it ends with what was found so far.
    """
    found: list[Member] = []
    for name in names:
        try:
            found.append(family.member(request._replace(variant=name)))
            _ = found[-1].diagnostics
        except Exhausted as stopped:
            first, *more = (d if name is None else d.noted(f"in variant `{name}`") for d in stopped.diagnostics)
            wrong = (d for member in found[:-1] if not member.checked for d in member.diagnostics)
            raise Exhausted([first, *Report((*more, *wrong))]) from None
    return found
