"""The training program: one standalone file beside the emitted module, by the recipe of the paper."""

from __future__ import annotations

from archspec.cost import Totals
from archspec.flows import Inferred
from archspec.ir import Network
from archspec.targets.templating import template
from archspec.targets.train.text import import_lines
from archspec.targets.train.view import view_of


def emit(network: Network, inferred: Inferred, totals: Totals) -> str:
    """The Python source of a network's training program; the same network gives the same bytes.

    The recipe is there and fits the network.
    """
    view, program = view_of(network, inferred, totals), template(__name__, "program.py.jinja")
    imports = import_lines(str(program.render(view=view, imports=[])))
    return str(program.render(view=view, imports=imports)).rstrip("\n") + "\n"
