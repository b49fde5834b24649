"""The audit of specs: every printed figure, in every form of the report."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from archspec.render.formats import json_text
from archspec.reports.audit.figures import audit
from archspec.reports.audit.report import as_data, as_markdown, as_text
from archspec.support.terminal import Style
from fuzz.choices import Choices
from fuzz.judge import demand, demand_plain
from fuzz.texts import spec

NEEDS: tuple[str, ...] = ()


def given(pen: Choices) -> list[str]:
    """One spec or two."""
    return [spec(pen) for _ in range(pen.number(1, 2))]


def ask(given: list[str]) -> None:
    """Audit them, wrong as some may be."""
    with TemporaryDirectory() as folder:
        paths = [Path(folder, f"{i}.arch") for i in range(len(given))]
        for path, text in zip(paths, given, strict=True):
            path.write_bytes(text.encode("utf-8", "surrogatepass"))
        found = audit([str(path) for path in paths])
    demand(len(found.broken) <= len(given), "more specs are broken than there are")
    demand_plain(as_text(found, Style(False), None), "an audit")
    json_text(as_data(found))
    as_markdown(found)
