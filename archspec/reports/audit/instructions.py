"""Cells of layers that are printed wrong: no figures, and findings all the same, as figures beside them show it."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from archspec.analysis.misprints import Misprinted
from archspec.compiled import Compiled
from archspec.counting.printed import value_of
from archspec.counting.quantities import SHAPES
from archspec.diagnostics import Span
from archspec.ir.network import UNPRINTED
from archspec.reports.audit.comments import comment_beside
from archspec.reports.audit.figure import names_of, shape_off, some_of


class Instruction(NamedTuple):
    """A cell of layers or of an argument that is printed wrong, with the networks that it is printed for."""

    check: Misprinted
    spec: str
    network: str
    variants: tuple[str, ...]
    """The variants of the family that it holds for; none where it holds for every one."""
    lecture: bool = False
    """Whether a lecture prints it."""
    comment: str = ""

    @property
    def standing(self) -> str:
        """As a figure that is wrong in print."""
        return "erratum"

    @property
    def of_print(self) -> bool:
        """Whether somebody prints it."""
        return self.check.taken_from not in UNPRINTED

    @property
    def proof(self) -> tuple[str, ...]:
        """What shows that it is wrong."""
        return (self.check.shown,)

    @property
    def names(self) -> str:
        """``vgg``, ``vgg_A, vgg_B``."""
        return names_of(self.network, self.variants)

    @property
    def off(self) -> float:
        """How far the first figure that fails is from what is printed, as a part of it."""
        if not self.check.broken:
            return 1.0  # the network does not hold
        first = self.check.broken[0]
        if first.figure.quantity in SHAPES and isinstance(first.value, str):
            return abs(shape_off(first.figure.printed, first.value))
        if not isinstance(first.value, int) or not first.value:
            return 0.0
        return abs(value_of(first.figure.printed) / first.value - 1)


def instructions_of(found: Mapping[str, Sequence[Compiled]]) -> dict[str, list[Instruction]]:
    """Those of each spec that hold, each place once, whichever specs and variants have it."""
    seen: dict[object, str] = {}
    made: dict[str, list[Instruction]] = {}
    for spec, networks in found.items():
        made[spec] = []
        for uses in _by_place(networks):
            compiled, check = uses[0]
            if seen.setdefault(_file(check.span) or (spec, check.source, check.column), spec) != spec:
                continue
            some = some_of([each.network.variant for each, _ in uses], len(networks))
            comment = comment_beside(check.span, check.printed) if check.span else ""
            lecture = any(paper.lecture for paper in compiled.network.own_papers[:1])
            made[spec].append(Instruction(check, spec, compiled.network.name, some, lecture, comment))
    return made


def _by_place(networks: Sequence[Compiled]) -> list[list[tuple[Compiled, Misprinted]]]:
    found: dict[object, list[tuple[Compiled, Misprinted]]] = {}
    for compiled in networks:
        for check in compiled.misprints:
            if check.holds:
                found.setdefault(check.span or (check.source, check.column), []).append((compiled, check))
    return [*found.values()]


def _file(span: Span | None) -> tuple[str, int, int] | None:
    """A place by its file, whatever that is called."""
    return (os.path.realpath(span.source.name), span.line, span.start) if span else None
