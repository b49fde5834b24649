"""The networks of a spec."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from archspec.diagnostics import Diagnostic, Report, Source
from archspec.elaborate import Elaboration, architecture_of, variants_of
from archspec.elaborate.request import Request
from archspec.family.members import Family
from archspec.language import syntax as s


class Text(Family):
    """The networks of the statements of a spec and of the files that it names."""

    def __init__(
        self,
        statements: Sequence[s.Statement],
        source: Source,
        said: Sequence[Diagnostic],
        sources: Sequence[Source],
    ) -> None:
        super().__init__(said, sources)
        self._statements, self._source = statements, source
        self.variants = variants_of(statements)
        self._others: dict[str, Text] = {}

    def elaborate(self, request: Request, report: Report) -> Elaboration | None:
        """The network that is asked for, or None where it is none, which is reported."""
        return architecture_of(self._statements, request, self._source, report)

    def other(self, file: str) -> Text | None:
        """The family of a file that a claim names; None where it could not be read, which was reported."""
        claims = (x for x in self._statements if isinstance(x, s.Claims))
        named = next((x for each in claims for x in each.others if x.path.text == file), None)
        if named is None or named.statements is None:
            return None
        if file not in self._others:
            self._others[file] = Text(named.statements, named.path.span.source, (), self.sources)
        return self._others[file]

    def __reduce__(self) -> tuple[Any, ...]:
        return Text, (self._statements, self._source, self.said, self.sources)
