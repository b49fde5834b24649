"""Specs by the names of networks in libraries, ``timm:resnet50``, and of several of them as one family."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from archspec.diagnostics import ArchError, Source
from archspec.importing import LIBRARIES
from archspec.importing.fold.file import Unfolded
from archspec.importing.importing import Imported, family_of, graph_of, import_module, made
from archspec.importing.messages import named_twice, no_family
from archspec.importing.torch.names import Named, named
from archspec.importing.torch.owners import owners
from archspec.op import Shape

AND = ","
"""What stands between the members of a family: ``timm:resnet18,34,50``."""
VARIANT = re.compile(r"\w")
"""What the name of a variant begins with."""


class Members(NamedTuple):
    """Networks that one spec says: one, or the variants of a family."""

    text: str
    found: list[Imported]
    modules: list[Any]


def spec_named(library: str, network: str) -> Source:
    """The spec of a network of a library, or of several as the variants of a family; raises ArchError."""
    name = f"{library}:{network}"
    return Source(name, imported(name).text)


def imported(name: str, run: bool = False, input: Shape | None = None, whole: bool = False) -> Members:
    """The spec of a network by its name, or of several; their modules have numbers for weights where they are whole."""
    library, _, network = name.partition(":")
    members = [part.strip() for part in network.split(AND)]
    if library in LIBRARIES and len(members) > 1:
        return _family(library, members, input, whole)
    found = named(name, run)
    module = made(found.make, found.title, whole)
    one = import_module(module, input or found.input, found.name, found.title, found.origin)
    return Members(one.text, [one], [module])


def _family(library: str, members: list[str], input: Shape | None, whole: bool) -> Members:
    """The spec whose variants are networks: the first by its name, others by it or by what it ends in instead."""
    name, variants = _named(library, members)
    modules = {variant: made(each.make, each.title, whole) for variant, each in variants.items()}
    graphs = {
        variant: graph_of(modules[variant], input or each.input, each.name, each.title, each.origin)
        for variant, each in variants.items()
    }
    try:
        text, checked = family_of(name, graphs)
    except Unfolded as why:
        raise ArchError([no_family(f"{library}:{AND.join(members)}", str(why))]) from None
    found = [Imported(graphs[each], text, each, checked[each], owners(modules[each], graphs[each])) for each in graphs]
    return Members(text, found, [*modules.values()])


def _named(library: str, members: list[str]) -> tuple[str, dict[str, Named]]:
    """What the members share of their names, and the networks by what they do not; raises ArchError."""
    first, *others = members
    for cut in range(len(first) - 1, 0, -1):
        ends = [first[cut:], *others]
        found = [_known(f"{library}:{first[:cut]}{end}") for end in ends] if all(map(VARIANT.match, ends)) else [None]
        if all(found):
            return first[:cut].strip("_-."), _each_once(library, members, ends, [each for each in found if each])
    return first, _each_once(library, members, members, [named(f"{library}:{member}") for member in members])


def _each_once(library: str, members: list[str], variants: list[str], found: list[Named]) -> dict[str, Named]:
    """The networks by the names of their variants; raises ArchError where two of these are one."""
    if len(by_variant := dict(zip(variants, found, strict=True))) == len(variants):
        return by_variant
    kept = [member for at, member in enumerate(members) if variants[at] not in variants[:at]]
    raise ArchError([named_twice(f"{library}:{AND.join(members)}", f"{library}:{AND.join(kept)}")])


def _known(name: str) -> Named | None:
    try:
        return named(name)
    except ArchError:
        return None
