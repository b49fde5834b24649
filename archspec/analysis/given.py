"""What only the caller of a network can give: the modules of layers of which its table has the name alone."""

from __future__ import annotations

from archspec.analysis.inferred import Inferred, Use
from archspec.diagnostics import ArchError, Diagnostic, Span, explained
from archspec.ir.network import Apply, Network
from archspec.ir.walking import steps_of


def demand_nothing(network: Network, inferred: Inferred, to: str) -> None:
    """Raises ArchError where something has to be given ``to`` do what is asked, which is a verb with its object."""
    rows = (*inferred.rows, *(item for rows in inferred.heads.values() for item in rows))
    titles = dict.fromkeys(use.op.title for item in rows for use in item.uses if _takes(use))
    if titles:
        steps = (step for step in steps_of(network) if isinstance(step, Apply) and step.kind_of_layer.given)
        raise ArchError([needs_modules(next(steps).place, [*titles], to)])


def demand_places(network: Network) -> None:
    """Raises ArchError where modules are given to a network whose layers are all known."""
    steps = (step for step in steps_of(network) if isinstance(step, Apply) and step.kind_of_layer.given)
    if next(steps, None) is None:
        raise ArchError([modules_do_not_fit(network.place, "all its layers are known")])


def _takes(use: Use) -> bool:
    return use.op.given is not None


@explained("E0908")
def needs_modules(place: Span | None, titles: list[str], to: str) -> Diagnostic:
    """A network has layers that archspec does not know, `opaque "blocks.0.attn"`, and nobody gave their modules.

    It is counted, and its code is written: the entry function takes the modules, `net(opaque={"blocks.0.attn":
    module})`, and so do `build` and `weights_from` in Python. Commands have no modules to give, and a training program
    makes its network itself, so that there is none for such a network.
    """
    many = f" and {len(titles) - 1} more need modules" if titles[1:] else " needs a module"
    message = f"`{titles[0]}`{many} to {to}"
    help = "in Python: `archspec.load(...).build(opaque={NAME: module, ...})`"
    return Diagnostic("E0908", message, place, "not known", help=help)


@explained("E0909")
def modules_do_not_fit(place: Span | None, why: str) -> Diagnostic:
    """The modules that are given for the opaque layers of a network are not those that it needs.

    They are named by the text that names a layer, with several in their order where it stands several times, or by the
    path of one in the module. Each is an `nn.Module`, and each opaque layer has one.
    """
    return Diagnostic("E0909", f"the modules given do not fit the network: {why}", place, "its opaque layers")
