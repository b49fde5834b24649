"""Parts of a network that are read as one layer: modules that are known as a whole, and what no layer says.

A part has one input and one output. What no layer says is the smallest of these: the operation itself, where its module
holds other layers and it takes one tensor of the network; else the smallest module around it; else what lies between
the last tensor before it and the first behind it through which all of the network flows.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from functools import cached_property
from itertools import product
from typing import Any, NamedTuple

from archspec.importing.torch.program import Program, Ref
from archspec.importing.torch.values import Weight

LEAVES = -1
SEVERAL = 2
"""Operations of a module that no layer says, up to which each stays a part of its own."""

TRUSTED = ("torch", "torchvision", "timm", "archspec")
"""Packages whose classes are what they are called."""

FARTHEST = 8
"""How many narrow places before an operation may begin a part, and how many behind it may end one."""
VIEWS = {"view", "reshape", "_unsafe_view", "reshape_as", "view_as", "flatten", "unflatten", "squeeze", "unsqueeze"}
VIEWS |= {"permute", "transpose", "swapaxes", "swapdims", "movedim"}
"""Operations that give the same elements under another shape."""
SAME = {"contiguous", "clone", "alias"}
"""Those that give the same tensor."""
REARRANGED = "positions become channels in an order that no layer gives"


class Region(NamedTuple):
    """Operations that are read as one layer."""

    members: frozenset[int]
    """Their places in the program."""
    takes: str
    gives: str
    path: str
    kind: str
    """The class of the module, or the operation."""
    reason: str = ""
    """Why no layer says it; empty where the module is known as a whole."""
    package: str = ""
    """Where the class of the module is from."""


class Parts:
    """Which parts a program has."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.steps = program.steps
        self.taken = [frozenset(names_in(step.arguments.values())) for step in self.steps]
        """The names that each operation takes."""
        self.computes: dict[Region, bool] = {}
        """Whether modules give the numbers of the layers that they are called as, as far as that was asked."""

    @cached_property
    def flowing(self) -> frozenset[str]:
        """The names of what depends on the network's input."""
        found = {self.program.input}
        for step, taken in zip(self.steps, self.taken, strict=True):
            if not found.isdisjoint(taken):
                found.add(step.name)
        return frozenset(found)

    @cached_property
    def users(self) -> Mapping[str, list[int]]:
        """The operations that take each name, and ``LEAVES`` where it leaves the network."""
        found: dict[str, list[int]] = {}
        for place, taken in enumerate(self.taken):
            for name in taken:
                found.setdefault(name, []).append(place)
        for _, name in self.program.outputs:
            found.setdefault(name, []).append(LEAVES)
        return found

    @cached_property
    def places(self) -> Mapping[str, int]:
        """Where each operation stands, by its name."""
        return {step.name: place for place, step in enumerate(self.steps)}

    @cached_property
    def narrow(self) -> list[int]:
        """The operations behind which one tensor of the network, of one image, is all that later ones take."""
        last: dict[str, int] = {}
        for name, users in self.users.items():
            if name in self.flowing:
                last[name] = len(self.steps) if LEAVES in users else max(users)
        found, alive = [], [self.program.input]
        for place, step in enumerate(self.steps):
            alive = [name for name in [*alive, step.name] if last.get(name, -1) > place]
            if len(alive) == 1 and self._shapes.get(alive[0], (1,))[:1] == (1,):
                found.append(place)
        return found

    @cached_property
    def calls(self) -> Mapping[str, list[int]]:
        """The operations of each call of a module."""
        found: dict[str, list[int]] = {}
        for place, step in enumerate(self.steps):
            for call in step.calls:
                found.setdefault(call.key, []).append(place)
        return found

    def known(self, kinds: Collection[str]) -> Iterator[Region]:
        """The calls of modules of these classes."""
        seen: set[str] = set()
        for step in self.steps:
            for call in step.calls:
                if call.key not in seen and call.kind.rpartition(".")[2] in kinds:
                    seen.add(call.key)
                    region = self._region(self.calls[call.key], call.path, call.kind)
                    if region is not None:
                        yield region

    def around(self, place: int, reason: str, beyond: Region | None) -> Region | None:
        """The smallest part that holds an operation, larger than one that was tried; None where there is none.

        A module that was tried as one that is known, and is another, may be a part itself.

        A part that gives other positions than it takes comes after those around it that do not.
        """
        around = [*sorted(self._around(place), key=self._moves), *self._between(place)]
        least = 0 if beyond is None else len(beyond.members) + bool(beyond.reason)
        found = [each for each in around if len(each.members) >= least]
        first = beyond.reason if beyond is not None and beyond.reason else reason
        return found[0]._replace(reason=first) if found else None

    def together(self, regions: Mapping[int, Region]) -> Region | None:
        """A module of whose own operations no layer says several, as one part; None where there is none."""
        alone: dict[str, list[int]] = {}
        for place, region in regions.items():
            if region.reason and len(region.members) == 1 and self.steps[place].calls:
                alone.setdefault(self.steps[place].calls[-1].key, []).append(place)
        for key, places in alone.items():
            call = self.steps[places[0]].calls[-1]
            whole = self._region(self.calls[key], call.path, call.kind) if len(places) > SEVERAL and call.path else None
            if whole is not None:
                return whole._replace(reason=regions[places[0]].reason)
        return None

    def views(self, name: str, known: Callable[[str], bool]) -> Region | None:
        """The views between a tensor and the last one before it that is known, as one part; None without such."""
        members: list[int] = []
        while not known(name):
            place = self.places.get(name)
            first = None if place is None else self.steps[place].arguments.get("x")
            if place is None or self.steps[place].op not in VIEWS | SAME or not isinstance(first, Ref):
                return None
            members.append(place)
            name = first.name
        own = self.steps[members[-1]].calls[-1].path if self.steps[members[-1]].calls else ""
        found = self._region(members, own, self.steps[members[-1]].op)
        return None if found is None else found._replace(reason=REARRANGED)

    def trusts(self, region: Region) -> bool:
        """Whether the class of a module is what it is called, as it is from a library that is known."""
        return region.package in TRUSTED

    def weights(self, region: Region) -> Iterator[Weight]:
        """The weights that a part takes, as they are or by what is computed of them elsewhere."""
        seen: set[str] = set()
        waiting = [name for i in region.members for name in self.taken[i]]
        while waiting:
            name = waiting.pop()
            if name in seen or name in self.flowing:
                continue
            seen.add(name)
            if name in self.program.weights:
                yield self.program.weights[name]
            elif name in self.places:
                waiting += self.taken[self.places[name]]

    def writes_over(self, region: Region) -> bool:
        """Whether a part changes the memory of what it takes."""
        memory = self.program.memory
        written = [memory[self.steps[place].name] for place in region.members if self.steps[place].in_place]
        return any(each.meets(memory[region.takes]) for each in written)

    def _around(self, place: int) -> Iterator[Region]:
        step = self.steps[place]
        own = step.calls[-1] if step.calls else None
        alone = self._region([place], own.path if own else "", step.op)
        leaf = own is not None and own.path and all(self.steps[i].calls[-1] == own for i in self.calls[own.key])
        if alone is not None and not leaf:
            yield alone
        for call in reversed(step.calls):
            region = self._region(self.calls[call.key], call.path, call.kind)
            if region is not None and call.path:
                yield region
        if alone is not None and leaf:
            yield alone

    def _between(self, place: int) -> Iterator[Region]:
        """What lies between a narrow place before an operation and one behind it, the nearest first."""
        step = self.steps[place]
        own = step.calls[-1] if step.calls else None
        before = [-1, *(cut for cut in self.narrow if cut < place)][: -FARTHEST - 1 : -1]
        behind = [cut for cut in self.narrow if cut >= place][:FARTHEST]
        for first, last in product(before, behind):
            between = self._region(range(first + 1, last + 1), own.path if own else "", step.op)
            if between is not None:
                yield between

    def _moves(self, region: Region) -> bool:
        """Whether a part takes tokens, (1, N, C), and gives tokens of another shape."""
        takes, gives = self.shape(region.takes), self.shape(region.gives)
        return takes is not None and gives is not None and len(takes) == len(gives) == 3 and takes != gives

    def _is_tensor(self, name: str) -> bool:
        """Whether the result of an operation is one tensor, of numbers with a fraction."""
        step = self.steps[self.places[name]]
        return step.real == (True,) and not isinstance(step.node.meta.get("val"), list | tuple)

    def shape(self, name: str) -> tuple[int, ...] | None:
        """The shape of the result of an operation that gives one tensor."""
        return self._shapes.get(name)

    @cached_property
    def _shapes(self) -> Mapping[str, tuple[int, ...]]:
        return {step.name: step.shapes[0] for step in self.steps if len(step.shapes) == 1}

    def _region(self, places: Collection[int], path: str, kind: str) -> Region | None:
        """These operations as a part, where they have one input and one output."""
        members = frozenset(places)
        names = {self.steps[i].name for i in members}
        takes = {name for i in members for name in self.taken[i] if name in self.flowing and name not in names}
        gives = {name for name in names & self.flowing if any(user not in members for user in self.users.get(name, ()))}
        if len(takes) != 1 or len(gives) != 1 or not all(map(self._is_tensor, gives)):
            return None
        package, _, name = kind.rpartition(".")
        return Region(members, takes.pop(), gives.pop(), path, name, package=package.partition(".")[0])


def names_in(value: Any) -> Iterator[str]:
    """The names of results in arguments."""
    if isinstance(value, Ref):
        yield value.name
    elif not isinstance(value, str) and hasattr(value, "__iter__"):
        for each in value:
            yield from names_in(each)
