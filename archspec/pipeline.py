"""The passes in order: text to compiled networks. Nothing here reads files, prints or exits."""

from __future__ import annotations

from archspec.compiled import Compiled
from archspec.diagnostics import Diagnostic, Report, Source, Span
from archspec.elaborate import Request
from archspec.family import family_of


def compile_text(source: Source, request: Request | None = None) -> Compiled:
    """Compile a spec; raises ArchError with all that is wrong with it where its network does not hold.

    Claims and the recipe are read when something asks for them, and raise then where they are wrong. Figures that
    disagree with the arithmetic are no reason to raise: they stand in ``diagnostics``.
    """
    asked = request or Request()
    member = family_of(source, asked).member(asked)
    member.raise_if_failed()
    return Compiled(member)


def compile_variants(source: Source, request: Request) -> list[Compiled]:
    """The network that is asked for, or every variant of a family where none is, with all their figures checked.

    Raises ArchError with the diagnostics of all variants together, each once.
    """
    family = family_of(source, request)
    names: list[str | None] = [*family.variants]
    wanted = [request.variant] if request.variant is not None else names or [None]
    members = [family.member(request._replace(variant=name)) for name in wanted]
    everywhere = set.intersection(*({*member.diagnostics} for member in members))
    wrong: list[Diagnostic] = []
    found: list[Compiled] = []
    inside: set[tuple[str, Span | None]] = set()
    for name, member in zip(wanted, members, strict=True):
        fresh = [d for d in member.diagnostics if (d.code, d.span) not in inside]
        inside |= {(d.code, d.span) for d in fresh if d.in_block}  # one mistake, whichever variants bring it up
        noted = tuple(d if d in everywhere else d.noted(f"in variant `{name}`") for d in fresh)
        if member.checked:
            found.append(Compiled(member, diagnostics=noted))
        else:
            wrong += noted
    Report(wrong).raise_if_failed()
    if request.variant is None and family.variants:
        suspected = frozenset.intersection(*(member.checks.suspected for member in members))
        found[0] = Compiled(members[0], diagnostics=tuple(Report((*found[0].diagnostics, *suspected))))
    return found
