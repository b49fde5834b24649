"""Specs by the names of networks in libraries, ``timm:resnet50``, and of several of them as one family."""

from __future__ import annotations

from archspec.diagnostics import ArchError, Source
from archspec.importing.fold.file import Unfolded, fold_family
from archspec.importing.graph import Graph
from archspec.importing.importing import graph_of, import_module, made
from archspec.importing.messages import no_family
from archspec.importing.torch.names import Named, named
from archspec.op import Shape

AND = ","
"""What stands between the members of a family: ``timm:resnet18,34,50``."""


def spec_named(library: str, network: str) -> Source:
    """The spec of a network of a library, or of several as the variants of a family; raises ArchError."""
    name = f"{library}:{network}"
    members = [part.strip() for part in network.split(AND)]
    if len(members) > 1:
        return Source(name, family(library, members))
    found = named(name)
    return Source(name, import_module(made(found.make, found.title, False), *_as(found)).text)


def family(library: str, members: list[str]) -> str:
    """The spec whose variants are these networks: the first by its name, others by it or by what it ends in instead."""
    name, variants = _named(library, members)
    title = f"{library}:{','.join(members)}"
    graphs: dict[str, Graph] = {}
    for variant, found in variants.items():
        graphs[variant] = graph_of(made(found.make, found.title, False), *_as(found))
    try:
        return fold_family(name, name, graphs)
    except Unfolded as why:
        raise ArchError([no_family(title, str(why))]) from None


def _as(found: Named) -> tuple[Shape, str, str, str]:
    return found.input, found.name, found.title, found.origin


def _named(library: str, members: list[str]) -> tuple[str, dict[str, Named]]:
    """What the members share of their names, and the networks by what they do not."""
    first, *others = members
    for cut in range(len(first) - 1, 0, -1):
        found = [_known(f"{library}:{first[:cut]}{other}") for other in others]
        if all(found):
            ends = [first[cut:], *others]
            own = [named(f"{library}:{first}"), *(each for each in found if each)]
            return first[:cut].strip("_-"), dict(zip(ends, own, strict=True))
    whole = {member: named(f"{library}:{member}") for member in members}
    return members[0], whole


def _known(name: str) -> Named | None:
    try:
        return named(name)
    except ArchError:
        return None
