"""What the uses of a block differ in becomes its parameters: the fewest that give all numbers, words and conditions.

A number that is the same in all uses stands as it is. One that is always a multiple of what enters, or of a parameter
that is known, is that; any other is a parameter of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from archspec import ops
from archspec.arguments import CHANNELS, KERNEL, STRIDES
from archspec.importing.fold.alike import IDENTITY, Overlay
from archspec.importing.fold.amounts import Values, factors, is_whole, key, multiple_of, rounded, shares
from archspec.importing.fold.conditions import conditions
from archspec.importing.fold.names import FACTOR, WIDTHS, Names, branch_widths, parameter_name, switch_name
from archspec.importing.fold.tokens import Quoted, Step, Written
from archspec.importing.fold.words import said
from archspec.ir.node import IN, Value

LONGEST_PREFIX = 4
"""How long the name of a block is at most that stands before what is given to it: ``se_c``."""
LEAST_FACTOR = 3
"""By how much a block widens at least what enters, somewhere, if channels are said to be multiples of that."""


class Parameter(NamedTuple):
    """A parameter of a block: its name, its value in each use, and the default that most uses have."""

    name: str
    values: tuple[Value, ...]
    default: Value | None


class _Found:
    """A parameter while it is found: what it is where no step of a use depends on it is open."""

    def __init__(self, name: str, values: Values) -> None:
        self.name = name
        self.values = list(values)
        self.without: int | None = None
        """What it is where what it is for is not there, if that is how it is said: 0 channels, or a factor of 1."""

    @property
    def is_number(self) -> bool:
        return all(value is None or is_whole(value) for value in self.values)

    @property
    def is_switch(self) -> bool:
        return all(isinstance(value, bool) for value in self.values)

    @property
    def is_there(self) -> list[bool]:
        """In which uses a step that is there depends on it."""
        return [value is not None for value in self.values]

    def stands_for_absence(self, without: int) -> str:
        """The condition under which what it is for is there, if it is this number elsewhere."""
        self.values = [without if value is None else value for value in self.values]
        self.without = without
        return f"{self.name} > {without}"

    def takes(self, values: Values) -> bool:
        """Whether it can be these values too; then it is."""
        pairs = list(zip(self.values, values, strict=True))
        if any(own is not None and other is not None and key(own) != key(other) for own, other in pairs):
            return False
        if not any(own is not None and other is not None for own, other in pairs):
            return False
        self.values = [other if own is None else own for own, other in pairs]
        return True

    def whole(self, default: Value | None) -> tuple[Value, ...]:
        """Its value in each use: where it is open, the default if there is one; else that of the next use that has it,
        or of the last one before."""
        found = [default if value is None else value for value in self.values]
        for uses in (range(len(found) - 2, -1, -1), range(1, len(found))):
            for use in uses:
                if found[use] is None:
                    found[use] = found[use + 1] if uses.step < 0 else found[use - 1]
        return tuple(value for value in found if value is not None)


class Solved(NamedTuple):
    """A block: its branches, its join, what follows it, and its parameters."""

    tracks: tuple[tuple[Written, ...], ...]
    join: Written | None
    then: tuple[Written, ...]
    parameters: tuple[Parameter, ...]
    shortcut: tuple[int, int] | None = None
    """Which branches are together what the language calls a shortcut: the projection, and the path beside it."""
    sources: tuple[tuple[int, ...], ...] | None = None
    """Of named rows: those that each takes."""


def solved(overlay: Overlay) -> Solved:
    """The block that stands for all uses."""
    return _Solver(overlay).block()


class _Solver:
    def __init__(self, overlay: Overlay) -> None:
        self._overlay = overlay
        self._uses = len(overlay.bodies)
        self._parameters: list[_Found] = []
        self._names = Names(IN)
        self._widths: set[str] = set()
        """The parameters that are channels of layers, and not of blocks which only some uses have."""
        # In named rows, `in` is what enters each row, and not the block.
        self._enters: Values = [body.enters if body.sources is None else None for body in overlay.bodies]
        self._leaves: Values = [body.leaves for body in overlay.bodies]
        self._wishes = branch_widths(overlay)

    def block(self) -> Solved:
        overlay = self._overlay
        texts = {id(step): self._arguments(step) for step in overlay.steps}
        join = overlay.join
        joined = Written(_the_name(join), self._arguments(join)) if join is not None else None
        named = {id(step): self._name(step) for step in overlay.steps}
        under = {id(step): self._condition(step, texts[id(step)]) for step in overlay.steps}

        def written(steps: Sequence[Step]) -> tuple[Written, ...]:
            return tuple(Written(named[id(s)], texts[id(s)], under[id(s)], s.of_block) for s in steps)

        tracks = tuple(written(track) for track in overlay.tracks)
        shortcut = self._shortcut()
        sources = overlay.bodies[0].sources
        return Solved(tracks, joined, written(overlay.then), tuple(self._defaulted()), shortcut, sources)

    def _shortcut(self) -> tuple[int, int] | None:
        """The branches of which one is there where the shape changes, with a convolution, and the other elsewhere."""
        tracks = self._overlay.tracks
        if self._output() is None:
            return None
        idle = [at for at, track in enumerate(tracks) if [*map(_the_name, track)] == [IDENTITY.name]]
        busy = [at for at, track in enumerate(tracks) if track and _is_projection(track)]
        for one in busy:
            for other in idle:
                there = tracks[one][0].present
                beside = [not stays for stays in tracks[other][0].present]
                changes = [self._is_changed(tracks[one][0], use) for use in range(self._uses)]
                if there == beside == changes and all(step.present == there for step in tracks[one]):
                    return one, other
        return None

    def _is_changed(self, step: Step, use: int) -> bool:
        """Whether a use changes the shape: by the stride that the projection has where it is there."""
        given = step.args.get(STRIDES[0])
        same = [each for each in self._parameters if given is not None and each.takes(given)]
        strides = same[0].values if same else [1] * self._uses
        return strides[use] != 1 or self._enters[use] != self._leaves[use]

    def _arguments(self, step: Step) -> dict[str, str]:
        return {name: self._text(name, values, step) for name, values in step.args.items()}

    def _text(self, name: str, values: Values, step: Step) -> str:
        known = [value for value in values if value is not None]
        if isinstance(known[0], Quoted):
            return said(known[0])  # which is no more than a name
        if len(known) < len(values):
            same = self._same(values)
            if same is not None:
                return same
        if len(set(map(key, known))) == 1:
            return said(known[0])
        if not all(map(is_whole, known)) or name in STRIDES:
            return self._same(values) or self._share(name, values, step) or self._named(name, values, step)
        bases = [*self._bases()]
        multiples = (multiple_of(values, *base) for base in (bases if None not in values else reversed(bases)))
        stated = self._same(values) or next(filter(None, multiples), None)
        if stated is None and len({*zip(values, self._enters, strict=True)}) > 2:
            stated = next(filter(None, (rounded(values, *base) for base in bases)), None)
        if stated is None and name in WIDTHS and not step.of_block:
            stated = self._factor(values)
        return stated or self._named(name, values, step)

    def _share(self, name: str, values: Values, step: Step) -> str | None:
        """``p/80``, where rates are so many parts of one number."""
        found = shares(values)
        return None if found is None else f"{self._named(name, found.parts, step)}/{found.of}"

    def _factor(self, values: Values) -> str | None:
        """``t*in``, where the channels are those that enter by whole numbers, of which there are fewer."""
        found = None if None in self._enters or self._is_output(values) else factors(values, self._enters)
        return None if found is None or max(filter(None, found)) < LEAST_FACTOR else f"{self._new(FACTOR, found)}*{IN}"

    def _is_output(self, values: Values) -> bool:
        """Whether channels are those that leave the block."""
        return all(value in (None, leaves) for value, leaves in zip(values, self._leaves, strict=True))

    def _named(self, name: str, values: Values, step: Step) -> str:
        """A parameter of its own."""
        wish = (name in WIDTHS and self._wishes.get(id(step))) or parameter_name(name, _most(values))
        if step.of_block and not step.always and name not in STRIDES and len(_the_name(step)) <= LONGEST_PREFIX:
            return self._new(f"{_the_name(step)}_{wish}", values)
        text = self._new(wish, values)
        if name in WIDTHS:
            self._widths.add(text)
        return text

    def _same(self, values: Values) -> str | None:
        """The parameter that has these values where a step depends on it."""
        return next((each.name for each in self._parameters if each.takes(values)), None)

    def _bases(self) -> Iterator[tuple[str, Values]]:
        yield IN, self._enters
        for parameter in self._parameters:
            if parameter.is_number and parameter.name not in (*STRIDES, FACTOR):
                yield parameter.name, parameter.values

    def _new(self, wish: str, values: Values, first: bool = False) -> str:
        name = self._names.free(wish)
        self._parameters.insert(0 if first else len(self._parameters), _Found(name, values))
        return name

    def _name(self, step: Step) -> str:
        names = {name for name in step.names if name is not None}
        return names.pop() if len(names) == 1 else self._same(step.names) or self._new("nl", step.names)

    def _condition(self, step: Step, texts: dict[str, str]) -> str | None:
        """The words under which a use has the step, by what is known of the uses; otherwise a parameter of its own."""
        if step.always:
            return None
        wanted = step.present
        for text, holds in conditions(self._parameters, self._enters, self._leaves, self._output()):
            if [holds(use) for use in range(self._uses)] == wanted:
                return text
        for each in self._parameters:
            if each.name in self._widths and each.is_number and self._is_enters_elsewhere(each, wanted):
                return f"{each.name} != in"
        for each in self._parameters:
            if each.is_number and each.name not in STRIDES and each.is_there == wanted:
                return each.stands_for_absence(1 if each.name == FACTOR else 0)
        return self._expansion(step, texts) or self._new(
            switch_name(next(name for name in step.names if name), step.path), wanted
        )

    def _expansion(self, step: Step, texts: dict[str, str]) -> str | None:
        """``t > 1``, where a layer widens by one number in all uses that have it: a factor of 1 is none."""
        for name in texts.keys() & WIDTHS:
            number, _, over = texts[name].partition("*")
            if over == IN and number.isdigit() and not step.of_block:
                texts[name] = (
                    f"{self._new(FACTOR, [int(number) if there else 1 for there in step.present], first=True)}*in"
                )
                return f"{FACTOR} > 1"
        return None

    def _is_enters_elsewhere(self, parameter: _Found, wanted: Sequence[bool]) -> bool:
        """Whether a parameter is open where a step is not, and elsewhere is not what enters; then it is what enters."""
        for value, is_wanted, enters in zip(parameter.values, wanted, self._enters, strict=True):
            if (value is None) == is_wanted or value == enters:
                return False
        parameter.values = [e if v is None else v for v, e in zip(parameter.values, self._enters, strict=True)]
        return True

    def _output(self) -> str | None:
        """The channels that come out, by what is known."""
        if len(set(self._leaves)) == 1:
            return said(self._leaves[0])
        for base, over in self._bases():
            text = multiple_of(self._leaves, base, over)
            if base != IN and text is not None:
                return text
        return None

    def _defaulted(self) -> list[Parameter]:
        """Sizes, which papers print first, then what else a use must give, then what most uses agree on."""
        first, needed, with_default = list[Parameter](), list[Parameter](), list[Parameter]()
        for each in self._parameters:
            default = _default(each)
            made = Parameter(each.name, each.whole(default), default)
            is_size = all(isinstance(value, tuple) for value in made.values)
            (first if is_size else needed if default is None else with_default).append(made)
        return [*first, *needed, *with_default]


def _default(parameter: _Found) -> Value | None:
    """What most uses agree on, but for sizes and whole numbers; a stride of 1, and 0 channels of what is not there."""
    known = [value for value in parameter.values if value is not None]
    if all(isinstance(value, tuple) for value in known):
        return None
    if parameter.name in STRIDES and parameter.is_number:
        return 1
    if parameter.without == 0:
        return 0
    # A parameter takes words where its default is one.
    most = _most([value for value in known if isinstance(value, str)] or known)
    count = sum(key(most) == key(value) for value in known)
    agreed = isinstance(most, bool | str) or (count > len(parameter.values) / 2 and not is_whole(most))
    return most if agreed else None


def _most(values: Values) -> Value:
    """The most frequent value that is known; the first of those."""
    return max(
        (value for value in values if value is not None),
        key=lambda value: sum(key(value) == key(other) for other in values),
    )


def _is_projection(track: Sequence[Step]) -> bool:
    first = ops.find(_the_name(track[0]))
    if first is None or not first.nameless:
        return False
    switches = {name for name, argument in first.arguments.items() if argument.is_switch}
    if not set(track[0].args) <= {KERNEL, CHANNELS, STRIDES[0], *switches}:
        return False
    kinds = [ops.find(_the_name(step)) for step in track[1:]]
    return all(kind is not None and kind.normalises for kind in kinds)


def _the_name(step: Step) -> str:
    return next(name for name in step.names if name is not None)
