"""Templates of emitted code: text with places for what a view decided."""

from __future__ import annotations

from functools import cache
from typing import Any


@cache
def template(package: str, name: str) -> Any:
    """A template of a target, from its folder ``templates``."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader(package, "templates"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
        autoescape=False,  # Python, not HTML: every text in the view went through ``names`` or ``layout``
    )
    environment.globals.clear()
    return environment.get_template(name)
