"""``archspec audit``: every printed figure of every spec against the arithmetic, paper by paper."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Sequence

from archspec.audit.figures import Audit, audit
from archspec.audit.report import as_data, as_markdown, as_text
from archspec.diagnostics import ArchError
from archspec.files import read, specs_below
from archspec.table import json_text
from archspec.terminal import show, style_for, terminal_width

DEFAULT = "specs"
NETWORK = re.compile(r"^\s*(network|input)\b", re.MULTILINE)

__all__ = ["Audit", "as_markdown", "audit", "audit_specs", "specs_of"]


def audit_specs(names: Sequence[str], form: str, every: bool = False) -> bool:
    """Print the audit of files and folders; whether every figure holds. Raises ArchError where there is no spec."""
    found = audit(specs_of(names))
    if form == "json":
        print(json_text(as_data(found)))
    elif form == "markdown":
        print(as_markdown(found))
    else:
        print(as_text(found, style_for(sys.stdout), terminal_width(sys.stdout)))
    sys.stdout.flush()
    show(found.diagnostics, every)
    return found.holds


def specs_of(names: Sequence[str]) -> list[str]:
    """The specs that are named; a folder names all below it that are networks and no libraries of blocks."""
    found: list[str] = []
    for name in names or [DEFAULT]:
        folder = os.path.isdir(name) or not names
        found += [spec for spec in specs_below(name) if _is_network(spec)] if folder else [name]
    return list(dict.fromkeys(found))


def _is_network(spec: str) -> bool:
    """Whether a file is meant as a network; one that cannot be read is, so that this is said."""
    try:
        return NETWORK.search(read(spec).text) is not None
    except ArchError:
        return True
