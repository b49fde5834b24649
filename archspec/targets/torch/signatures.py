"""The arguments of the classes of networks, and the entry functions that pass them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from archspec.elaborate.messages import as_written
from archspec.ir.network import Network
from archspec.op import Given
from archspec.targets.torch.docstrings import of_entry
from archspec.targets.torch.items import Item, calls_in
from archspec.targets.torch.layout import Bracket, flat, lines, literal
from archspec.targets.torch.parameters import Parameter
from archspec.targets.torch.parts import Parts


class Formal(NamedTuple):
    """One argument of the class of one or several networks, with its value in each, as code."""

    name: str
    kind: str
    values: Sequence[str]
    own: bool = True
    """Whether the entry functions take it too."""
    among: bool = False
    """Whether it holds several numbers."""

    @property
    def required(self) -> bool:
        """Whether networks give it different values, so that none is its default."""
        return not self.own or len({*self.values}) > 1

    def typed(self, default: str | None) -> str:
        """The argument as a signature has it."""
        return f"{self.name}: {self.kind}" + (f" = {default}" if default is not None else "")


class Member(NamedTuple):
    """A network, and what it is as items."""

    network: Network
    parts: Parts


def formals_of(members: Sequence[Parts], used: frozenset[str]) -> list[Formal]:
    """The arguments that are used of those of the class of several networks: those without a default first."""
    found: dict[str, Formal] = {}
    for name, parameter in members[0].arguments.items():
        if parameter.identifier in used and parameter.among not in found:
            each = [parts.arguments[name] for parts in members]
            found[parameter.among or parameter.identifier] = _formal(parameter, each, members)
    for name, word in members[0].words.items():
        if word.identifier in used:
            values = [flat(literal(parts.words[name].passed)) for parts in members]
            found[word.identifier] = Formal(word.identifier, word.kind, values, own=False)
    words = {word.identifier for word in members[0].words.values()}
    return sorted(found.values(), key=lambda formal: (not formal.required, formal.name in words, formal.own))


def _formal(parameter: Parameter, each: Sequence[Parameter], members: Sequence[Parts]) -> Formal:
    kind = parameter.kind.__name__
    if not parameter.among:
        return Formal(parameter.identifier, kind, [_shown(one) for one in each], parameter.own)
    lists = ([p for p in parts.arguments.values() if p.among == parameter.among] for parts in members)
    values = [f"({', '.join(map(_shown, numbers))})" for numbers in lists]
    return Formal(parameter.among, f"tuple[{kind}, ...]", values, own=False)


def _shown(parameter: Parameter) -> str:
    return flat(literal(parameter.kind(parameter.default)))


def given_to(items: Iterable[Item]) -> list[Given]:
    """What layers need of the caller, each once."""
    return [*dict.fromkeys(call.given for call in calls_in(items) if call.given)]


def signature(formals: Sequence[Formal], given: Sequence[Given] = ()) -> list[str]:
    """The arguments of the class."""
    typed = [formal.typed(None if formal.required else formal.values[0]) for formal in formals]
    return typed + _typed(given)


def passed(formals: Sequence[Formal], given: Sequence[Given] = (), at: int | None = None) -> list[str]:
    """The arguments by their names; the numbers of the network at a place in the place of those that are its own."""
    positional = [f.name if f.own or at is None else f.values[at] for f in formals]
    return [*positional, *(f"{each.name}={each.name}" for each in given)]


def entry(member: Member, at: int, class_name: str, formals: Sequence[Formal], given: Sequence[Given]) -> str:
    """The entry function of the network at a place among those of its class."""
    network, function = member.network, member.parts.function
    order = [parameter.identifier for parameter in member.parts.arguments.values()]
    own = sorted((formal for formal in formals if formal.own), key=lambda formal: order.index(formal.name))
    taken = [formal.typed(formal.values[at]) for formal in own] + _typed(given)
    head = lines("def ", Bracket(f"{function}(", taken, ")"), f" -> {class_name}:", 0)
    holds = [f"`{each.name}` holds {each.says}." for each in given]
    says = of_entry(network.display_name, holds, [*_settled(member, {formal.name for formal in own})])
    made = lines("return ", Bracket(f"{class_name}(", passed(formals, given, at), ")"), "", 4)
    return "\n".join([*head, *says, *made])


def _typed(given: Sequence[Given]) -> list[str]:
    return [*["*"] * bool(given), *(f"{each.name}: {each.kind} = None" for each in given)]


def _settled(member: Member, taken: set[str]) -> Iterator[str]:
    """The parameters of the network that the code holds for one value of each, as a spec writes them."""
    network, arguments = member
    kept = {name for name, p in arguments.arguments.items() if p.identifier in taken or not p.own}
    kept |= arguments.words.keys()
    for name, value in network.parameters.items():
        if name not in kept and name not in network.input_names:
            yield f"{name}={as_written(value)}"
