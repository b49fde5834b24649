"""Templates: text with places for what a view decided, of emitted code and of pages."""

from __future__ import annotations

from functools import cache
from typing import Any


@cache
def template(package: str, name: str, html: bool = False) -> Any:
    """A template of a package, from its folder ``templates``; in HTML each text is escaped that is not ``Markup``."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader(package, "templates"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
        autoescape=html,  # of Python every text in the view went through ``names`` or ``layout``
    )
    environment.globals.clear()
    return environment.get_template(name)
