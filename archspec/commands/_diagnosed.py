"""Diagnostics in the place of tables, for other programs."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Sequence
from typing import TextIO

from archspec.commands import shared
from archspec.compiled import Compiled
from archspec.diagnostics import ArchError, Diagnostic


class Diagnosed:
    """Collects what is wrong with specs, where ``Tables`` prints their tables, and prints it once all are there."""

    def __init__(self, args: Namespace, stream: TextIO | None = None) -> None:
        self._args, self._stream = args, stream
        self._found: list[tuple[str, Sequence[Diagnostic]]] = []

    def add(self, spec: str, found: Sequence[Compiled]) -> None:
        """The networks of a spec."""
        self._found += [(spec, compiled.diagnostics) for compiled in found]

    def wrong(self, spec: str, error: ArchError) -> None:
        """What is wrong with a spec: shown, too."""
        self._found.append((spec, error.diagnostics))
        shared.show_errors(error, self._args, "text")

    def late(self, spec: str, error: ArchError) -> None:
        """What is wrong with what was to be written of a spec."""
        self.wrong(spec, error)

    def end(self) -> None:
        """Print all of it."""
        print(shared.diagnosed_text(self._args.format, self._found), file=self._stream or sys.stdout)
