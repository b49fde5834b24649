"""A family: the networks that one text holds, of which each that was asked for is remembered.

Results depend on what the family was read from and on what is asked for alone, whatever was asked before: what is
remembered is what would be worked out again.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

from archspec.analysis.shapes import infer
from archspec.budget import Remembered, adding, recall
from archspec.diagnostics import Diagnostic, Report, Source, text_span
from archspec.elaborate.messages import repr_of, wrong_input
from archspec.elaborate.request import Request
from archspec.family.member import Elaborated, Member
from archspec.naming import with_x
from archspec.support.limits import LARGEST, MOST_MEMBERS
from archspec.support.memo import Memo

MEMBERS: Memo[Remembered[Member]] = Memo(MOST_MEMBERS)
"""The members of families, by what was asked for."""


class Family(ABC):
    """A network with its variants and parameters, of which each setting is a member."""

    variants: tuple[str, ...] = ()
    """The names of the variants; none where it is one network."""

    def __init__(self, said: Sequence[Diagnostic], sources: Sequence[Source]) -> None:
        self.said = tuple(said)
        """What is wrong with the text, before it is known which member is asked for."""
        self.sources = tuple(sources)
        """The text and the files that it names."""
        self.length = sum(len(source.text) for source in self.sources)
        self._base: Member | None = None

    @abstractmethod
    def elaborate(self, request: Request, report: Report) -> Elaborated | None:
        """The network that is asked for, or None where it is none, which is reported."""

    def other(self, file: str) -> Family | None:
        """The family of a file that a claim names; None where it was not read with this one."""
        return None

    def member(self, request: Request, like: Member | None = None) -> Member:
        """One network, which may not hold; ``like`` is another member that has most of it."""
        variant = None if request.variant is None else with_x(request.variant)
        request = request._replace(reader=None, variant=variant)  # the files are read
        given = tuple((name, repr_of(value)) for name, value in request.parameters.items())
        key = self, request.variant, given, request.input
        return recall(MEMBERS, key, lambda: self._member(request, like), self.length)

    def _member(self, request: Request, like: Member | None) -> Member:
        if request.input is not None and not _is_input(request.input):
            said = "x".join(map(str, request.input))
            wrong = (wrong_input(text_span("input", said), said),)
            return Member(self, request, None, None, wrong, wrong, Remembered(lambda: None))
        for base in dict.fromkeys((like, self._base)):
            if base is not None and (found := base.under(request)):
                return found
        found = self._elaborated(request)
        if not (found.failed or request.overrides):
            self._base = found
        return found

    def _elaborated(self, request: Request) -> Member:
        report = Report(self.said)
        with adding(report):
            read = Remembered(lambda: self.elaborate(request, report))
            elaboration, said = read.get(), tuple(report)
            inferred = infer(elaboration.network, report) if elaboration else None
        wrong = self._caused(request, report) if report.failed and report.blamed else ()
        if wrong:
            return Member(self, request, None, None, wrong, wrong, read)
        return Member(self, request, elaboration, inferred, said, tuple(report), read)

    def _caused(self, request: Request, report: Report) -> tuple[Diagnostic, ...]:
        """What is wrong where parameters are set to another kind of value, one mistake however often they stand.

        Nothing where the same would be wrong without them.
        """
        others = {name: value for name, value in request.parameters.items() if name not in report.blamed}
        known = {(each.code, each.span) for each in self.member(request._replace(parameters=others)).said}
        same = [each for each in report if (each.code, each.span) in known]
        caused = any(each.severity == "error" and (each.code, each.span) not in known for each in report)
        return (*same, *report.blamed.values()) if caused else ()


def _is_input(sides: Sequence[object]) -> bool:
    """Whether sides are those of an input, which formulas and sweeps set to any number."""
    return all(type(side) is int and 1 <= side <= LARGEST for side in sides)
