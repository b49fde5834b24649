"""SARIF 2.1.0, which code scanning and editors read: https://docs.oasis-open.org/sarif/sarif/v2.1.0/."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from archspec.diagnostics import EXPLANATIONS, Diagnostic, Said, Span
from archspec.render.diagnosed import Found, lines_of, place
from archspec.render.formats import json_text

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def written(found: Sequence[Found], version: str) -> str:
    """A log of one run, with a rule for each code and a result for each diagnostic."""
    codes = sorted({each.diagnostic.code for each in found})
    driver = {"name": "archspec", "version": version, "rules": [_rule(code) for code in codes]}
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(each, codes.index(each.diagnostic.code)) for each in found],
    }
    return json_text({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]})


def _rule(code: str) -> dict[str, Any]:
    """What `archspec explain` says of a code; its first sentence stands for the whole."""
    paragraphs = [" ".join(part.split()) for part in EXPLANATIONS.get(code, "").split("\n\n")]
    first = paragraphs[0].partition(". ")[0] or code
    text = "\n\n".join(filter(None, paragraphs)) or code
    return {"id": code, "shortDescription": {"text": first}, "help": {"text": text, "markdown": text}}


def _result(found: Found, index: int) -> dict[str, Any]:
    diagnostic = found.diagnostic
    return {
        "ruleId": diagnostic.code,
        "ruleIndex": index,
        "level": diagnostic.severity,
        "message": {"text": "\n".join((diagnostic.message, *lines_of(diagnostic)))},
        "locations": [{"physicalLocation": where} for where in _places(place(found))],
        **_related(diagnostic),
    }


def _related(diagnostic: Diagnostic) -> dict[str, Any]:
    """The other place that a diagnostic shows, such as the first of two definitions."""
    if diagnostic.second is None or isinstance(diagnostic.second[0].source, Said):
        return {}
    span, label = diagnostic.second
    locations = [{"physicalLocation": where, "message": {"text": label}} for where in _places(span)]
    return {"relatedLocations": locations}


def _places(at: Span | str | None) -> list[dict[str, Any]]:
    """Where something stands; lines and columns count from 1, and the last column is the one behind it."""
    if at is None:
        return []
    if isinstance(at, str):
        return [{"artifactLocation": {"uri": _uri(at)}}]
    region = {"startLine": at.line, "startColumn": at.start + 1, "endColumn": max(at.end, at.start) + 1}
    return [{"artifactLocation": {"uri": _uri(at.source.name)}, "region": region}]


def _uri(name: str) -> str:
    """The file as a reference: relative names stay so, and whoever reads them knows the folder."""
    path = Path(name)
    return path.as_uri() if path.is_absolute() else quote(path.as_posix(), errors="surrogateescape")
