"""The networks of ``specs/``, which need no torch to be compiled."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import chdir
from functools import cache
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from archspec.api import variants
from archspec.compiled import Compiled
from archspec.diagnostics import Report
from archspec.elaborate import variants_of
from archspec.files import beside, read
from archspec.language import syntax
from archspec.language.include import resolve
from archspec.language.parse import parse
from archspec.reports.audit.figures import Audit, audit
from archspec.reports.audit.specs import specs_of

ROOT = Path(__file__).parent.parent
SPECS = sorted((ROOT / "specs").glob("*.arch"))


@cache
def statements(file: str) -> list[syntax.Statement]:
    """What a spec says. It is known at once, and compiling the corpus takes each worker seconds."""
    path, report = str(ROOT / "specs" / file), Report()
    source = read(path)
    return resolve(parse(source, report), source, beside(path), report).statements


@cache
def family(spec: str) -> list[Compiled]:
    """Every variant of a spec of the corpus, ``specs/vgg.arch``, compiled once for all tests of a process."""
    with chdir(ROOT):
        return variants(spec)


class Corpus(Mapping[str, Compiled]):
    """Every variant of every spec, by `file:variant`; a spec is compiled when one of its networks is asked for."""

    def __init__(self) -> None:
        self._names = {
            f"{path.name}:{variant}".rstrip(":"): (f"specs/{path.name}", index)
            for path in SPECS
            for index, variant in enumerate(variants_of(statements(path.name)) or [""])
        }

    def __getitem__(self, name: str) -> Compiled:
        spec, index = self._names[name]
        found = family(spec)[index]
        assert name == f"{Path(spec).name}:{found.network.variant or ''}".rstrip(":")
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


@cache
def corpus() -> Corpus:
    """The corpus of a process."""
    return Corpus()


whole_corpus = pytest.mark.xdist_group("the whole corpus")
"""For tests of all networks at once: one worker compiles all of them."""


def named(names: Iterable[str], slow: Collection[str] = ()) -> pytest.MarkDecorator:
    """Names as parameters of a test, the tests of one spec in one worker: it is compiled and built for all of them."""
    return pytest.mark.parametrize("name", [param(name, slow=name in slow) for name in names])


def param(name: str, *more: Any, slow: bool = False) -> Any:
    """A network, or a spec, as parameter of a test."""
    marks = [pytest.mark.xdist_group(name.partition(":")[0])] + [pytest.mark.slow] * slow
    return pytest.param(name, *more, marks=marks)


@cache
def audited() -> Audit:
    """The audit of the corpus."""
    with chdir(ROOT), mock.patch("archspec.reports.audit.figures.variants", family):
        return audit(specs_of([]))
