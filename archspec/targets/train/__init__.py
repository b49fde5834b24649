"""The training program: one standalone file beside the emitted module, by the recipe of the paper."""

from __future__ import annotations

from collections.abc import Iterator

from archspec.analysis.cost import Totals
from archspec.analysis.inferred import Inferred
from archspec.budget import spend
from archspec.ir.network import Network
from archspec.recipe.part import Contradiction
from archspec.recipe.rules import misfits
from archspec.support.limits import NETWORK
from archspec.targets.templating import template
from archspec.targets.torch.facts import facts_of
from archspec.targets.torch.view import view_of as module_of
from archspec.targets.train.short import view_of as short_view_of
from archspec.targets.train.text import import_lines
from archspec.targets.train.view import view_of


def emit(network: Network, inferred: Inferred, totals: Totals, short: bool = False) -> str:
    """The Python source of a network's training program; the same network gives the same bytes.

    The recipe is there and fits the network. ``short`` is the program to be read: one device and no resume.
    """
    view = (short_view_of if short else view_of)(network, inferred, totals)
    program = template(__name__, "short.py.jinja" if short else "program.py.jinja")
    imports = import_lines(str(program.render(view=view, imports=[])), view.libraries)
    return str(program.render(view=view, imports=imports)).rstrip("\n") + "\n"


def lacking(network: Network, inferred: Inferred, totals: Totals) -> Iterator[Contradiction]:
    """What the recipe needs and the emitted module lacks, such as residual branches that end with a norm."""
    assert network.recipe is not None
    spend(NETWORK)
    parts = {name: network.recipe.parts(name) for name in network.recipe.settings}
    module = module_of(network, inferred, totals)
    return misfits(parts, facts_of(network, inferred, module.network, module.residuals))
