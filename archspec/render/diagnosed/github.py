"""Annotations of GitHub's workflows: a line on standard output for each, which is shown beside the line of the file."""

from __future__ import annotations

from collections.abc import Sequence

from archspec.diagnostics import Span
from archspec.render.diagnosed import Found, lines_of, place
from archspec.support.terminal import printable


def written(found: Sequence[Found], version: str) -> str:
    """A workflow command for each diagnostic: ``::error file=a.arch,line=4,col=3,endColumn=9,title=E0602::...``."""
    return "\n".join(map(_command, found))


def _command(found: Found) -> str:
    diagnostic, at = found.diagnostic, place(found)
    about = {"file": at.source.name if isinstance(at, Span) else at}
    if isinstance(at, Span):
        about |= {"line": str(at.line), "col": str(at.start + 1), "endColumn": str(at.end + 1)}
    about["title"] = diagnostic.code
    properties = ",".join(f"{name}={_property(value)}" for name, value in about.items() if value is not None)
    text = "\n".join(printable(line) for line in (diagnostic.message, *lines_of(diagnostic)))
    return f"::{diagnostic.severity} {properties}::{_data(text)}"


def _data(text: str) -> str:
    """The text on one line, as the runner reads it back."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(printable(text)).replace(":", "%3A").replace(",", "%2C")
