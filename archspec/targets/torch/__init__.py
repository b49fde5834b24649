"""The PyTorch target: one standalone file, an expert's hand."""

from __future__ import annotations

from functools import cache
from typing import Any

from archspec.cost import Totals
from archspec.flows import Inferred
from archspec.ir import Network
from archspec.targets.torch.parameters import function_name
from archspec.targets.torch.view import view_of

__all__ = ["emit", "function_name"]


def emit(network: Network, inferred: Inferred, totals: Totals) -> str:
    """The Python source of a network's module; the same network gives the same bytes."""
    return str(_template().render(view=view_of(network, inferred, totals)))


@cache
def _template() -> Any:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader(__name__, "templates"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # Python, not HTML: every text in the view went through ``names`` or ``layout``
    )
    environment.globals.clear()
    return environment.get_template("module.py.jinja")
