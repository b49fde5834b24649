"""What formulas are over: parameters that are numbers, sides of the input, and parameters that choose."""

from __future__ import annotations

from collections.abc import Sequence

from archspec.diagnostics import ArchError
from archspec.expressions.tree import Quoted, every_part
from archspec.family.formulas.messages import decides_layers, no_variable, nothing_varies
from archspec.family.formulas.pieces import SIDES
from archspec.family.member import Member
from archspec.ir.network import Value

MOST_CHOICES = 12
"""Values of a parameter for each of which there is a formula."""


def numbers_of(member: Member, over: Sequence[str] | None) -> tuple[str, ...]:
    """The numbers among what formulas are asked for over, or all; raises ArchError where there are none."""
    network, numbers = member.architecture, free(member)
    if not (numbers if over is None else over):
        raise ArchError([nothing_varies(None if numbers else network.label)])
    sides = [name for name in SIDES if name not in network.parameters and len(network.input) == 3]
    unknown = [name for name in over or () if name not in (*network.parameters, *sides)]
    if unknown:
        raise ArchError(no_variable(name, (*network.parameters, *sides)) for name in unknown)
    return tuple(dict.fromkeys(name for name in (numbers if over is None else over) if name in (*numbers, *sides)))


def choices_of(member: Member, over: Sequence[str]) -> dict[str, tuple[Value, ...]]:
    """The values of the parameters among some that decide what the layers are: yes and no, or what the spec names.

    Of a search space that is what it lets be chosen.

    Raises ArchError for one of which the spec names no other value.
    """
    network, numbers = member.architecture, free(member)
    found: dict[str, tuple[Value, ...]] = {}
    for name in over:
        if name in network.parameters and name not in numbers:
            own = network.parameters[name]
            found[name] = (own, *others_of(member, name, own))
            if len(found[name]) == 1:
                raise ArchError([decides_layers(name, "archspec formula SPEC")])
    return found


def others_of(member: Member, name: str, own: Value) -> list[Value]:
    """The other values of a parameter that decides what the layers are, as far as the spec says them."""
    if name in (choices := member.elaborated.choices):
        return [value for value in choices[name][1] if value != own][:MOST_CHOICES]
    return [not own] if isinstance(own, bool) else named_values(member, name, own)


def named_values(member: Member, name: str, own: Value) -> list[Value]:
    """The other values that claims and conditions of a spec name for a parameter."""
    claimed = [claim.parameters[name] for claim in member.network.claims if name in claim.parameters]
    parts = (part for each in member.elaborated.record.reached({name}) for part in every_part(each.expression))
    compared = [part.word for part in parts if isinstance(part, Quoted)]
    found = dict.fromkeys(value for value in (*claimed, *compared) if value != own and type(value) is type(own))
    return list(found)[:MOST_CHOICES]


def free(member: Member) -> list[str]:
    """The parameters that change nothing but numbers of layers."""
    pinned = member.elaborated.record.pinned
    parameters = member.architecture.parameters.items()
    return [name for name, value in parameters if type(value) in (int, float) and name not in pinned]
