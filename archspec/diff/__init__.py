"""``archspec diff A B``: two networks by structure, with what each difference costs."""

from __future__ import annotations

import sys
from collections.abc import Mapping

from archspec.api import one
from archspec.diff.compare import compare
from archspec.diff.report import as_data, as_markdown, as_text
from archspec.ir import Value
from archspec.table import json_text
from archspec.terminal import style_for, terminal_width

__all__ = ["compare", "diff_specs"]


def diff_specs(
    a: str, b: str, parameters: Mapping[str, Value] = {}, input: tuple[int, ...] | None = None, form: str = "text"
) -> None:
    """Print how two specs differ; both take the parameters and the input. Raises ArchError where one is wrong."""
    networks = [one(spec, parameters=parameters, input=input) for spec in (a, b)]
    found = compare(networks[0], networks[1], (a, b))
    if form == "json":
        print(json_text(as_data(found)))
    elif form == "markdown":
        print(as_markdown(found))
    else:
        print(as_text(found, style_for(sys.stdout), terminal_width(sys.stdout)))
