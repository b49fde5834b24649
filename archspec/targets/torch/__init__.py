"""The PyTorch target: one standalone file, an expert's hand."""

from __future__ import annotations

from collections.abc import Sequence

from archspec.analysis.cost import Totals
from archspec.analysis.inferred import Inferred
from archspec.budget import spend
from archspec.ir.network import Network
from archspec.support.limits import NETWORK
from archspec.targets.templating import template
from archspec.targets.torch.emitted import Emitted, RowLines, emitted_of
from archspec.targets.torch.family import family_view
from archspec.targets.torch.parameters import IMPORTED, function_name, given_names, hides, module_name
from archspec.targets.torch.parts import Counted
from archspec.targets.torch.view import View, view_of

__all__ = [
    "IMPORTED",
    "Counted",
    "Emitted",
    "RowLines",
    "emit",
    "emit_family",
    "emitted",
    "function_name",
    "given_names",
    "hides",
    "module_name",
]


def emit(network: Network, inferred: Inferred, totals: Totals) -> str:
    """The Python source of a network's module; the same network gives the same bytes."""
    return _emit(network, inferred, totals)[0]


def emitted(network: Network, inferred: Inferred, totals: Totals) -> Emitted:
    """The same with the lines of each row of the table."""
    source, view = _emit(network, inferred, totals)
    return emitted_of(source, view.network)


def emit_family(counted: Sequence[Counted]) -> str:
    """The Python source of one module for several networks of a family, which share the classes of their blocks."""
    spend(NETWORK * len(counted))
    return _rendered(family_view(counted))


def _emit(network: Network, inferred: Inferred, totals: Totals) -> tuple[str, View]:
    spend(NETWORK)
    view = view_of(network, inferred, totals)
    return _rendered(view), view


def _rendered(view: View) -> str:
    return str(template(__name__, "module.py.jinja").render(view=view)).rstrip("\n") + "\n"
