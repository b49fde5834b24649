"""What the uses of a block differ in becomes its parameters: the fewest that give all numbers, words and conditions.

A number that is the same in all uses stands as it is. One that is always a multiple of what enters, or of a parameter
that is known, is that; any other is a parameter of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from functools import partial
from typing import Any, NamedTuple

from archspec import ops
from archspec.arguments import CHANNELS, KERNEL, KIN, STRIDES
from archspec.importing.fold.alike import IDENTITY, Overlay
from archspec.importing.fold.names import Names, parameter_name, switch_name
from archspec.importing.fold.tokens import Step, Written
from archspec.importing.fold.words import said
from archspec.ir.node import IN, Value

WIDTHS = next(names for names in KIN if CHANNELS in names)
"""What channels are called, of layers and of blocks."""
Values = Sequence[Value | None]
"""What stands at one place in each use; None where a use has no such step."""


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
        self.is_zero_without = False
        """Whether it is 0 where what it is for is not there."""

    @property
    def is_number(self) -> bool:
        return all(value is None or _is_whole(value) for value in self.values)

    @property
    def is_switch(self) -> bool:
        return all(isinstance(value, bool) for value in self.values)

    def takes(self, values: Values) -> bool:
        """Whether it can be these values too; then it is."""
        pairs = list(zip(self.values, values, strict=True))
        if any(own is not None and other is not None and _key(own) != _key(other) for own, other in pairs):
            return False
        if not any(own is not None and other is not None for own, other in pairs):
            return False
        self.values = [other if own is None else own for own, other in pairs]
        return True

    def whole(self, usual: Value | None) -> tuple[Value, ...]:
        """Its value in each use: where it is open, what is usual, or what it is most often."""
        most = _most([value for value in self.values if value is not None]) if usual is None else usual
        return tuple(most if value is None else value for value in self.values)


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

    def block(self) -> Solved:
        overlay = self._overlay
        texts = {id(step): self._arguments(step) for step in overlay.steps}
        join = overlay.join
        joined = Written(_the_name(join), self._arguments(join)) if join is not None else None
        named = {id(step): self._name(step) for step in overlay.steps}
        conditions = {id(step): self._condition(step) for step in overlay.steps}

        def written(steps: Sequence[Step]) -> tuple[Written, ...]:
            return tuple(Written(named[id(s)], texts[id(s)], conditions[id(s)], s.of_block) for s in steps)

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
        if given is None:
            return self._enters[use] != self._leaves[use]
        same = [each for each in self._parameters if each.takes(given)]
        strides = same[0].values if same else [next(each for each in given if each is not None)] * self._uses
        return strides[use] != 1 or self._enters[use] != self._leaves[use]

    def _arguments(self, step: Step) -> dict[str, str]:
        return {name: self._text(name, values, step) for name, values in step.args.items()}

    def _text(self, name: str, values: Values, step: Step) -> str:
        known = [value for value in values if value is not None]
        if len(known) < len(values):
            same = self._same(values)
            if same is not None:
                return same
            if (leaving := self._leaving(name, values)) is not None:
                return leaving
        if len(set(map(_key, known))) == 1:
            return said(known[0])
        if all(_is_whole(value) for value in known) and name not in STRIDES:
            same = self._same(values)
            if same is not None:
                return same
            bases = [*self._bases()]
            for base, over in bases if None not in values else reversed(bases):
                ratio = _ratio(values, over)
                if ratio is not None:
                    return _times(base, ratio)
        else:
            same = self._same(values)
            if same is not None:
                return same
        wish = parameter_name(name, known[0])
        if step.of_block and not step.always:
            return self._new(f"{_the_name(step)}_{wish}", values)
        text = self._new(wish, values)
        if name in WIDTHS:
            self._widths.add(text)
        return text

    def _leaving(self, name: str, values: Values) -> str | None:
        """What comes out of the block, where that is how many channels a step gives in the uses that have it."""
        given = [(value, leaves) for value, leaves in zip(values, self._leaves, strict=True) if value is not None]
        return self._output() if name == CHANNELS and all(value == leaves for value, leaves in given) else None

    def _same(self, values: Values) -> str | None:
        """The parameter that has these values where a step depends on it."""
        return next((each.name for each in self._parameters if each.takes(values)), None)

    def _bases(self) -> Iterator[tuple[str, Values]]:
        yield IN, self._enters
        for parameter in self._parameters:
            if parameter.is_number:
                yield parameter.name, parameter.values

    def _new(self, wish: str, values: Values) -> str:
        name = self._names.free(wish)
        self._parameters.append(_Found(name, values))
        return name

    def _name(self, step: Step) -> str:
        names = {name for name in step.names if name is not None}
        return names.pop() if len(names) == 1 else self._same(step.names) or self._new("nl", step.names)

    def _condition(self, step: Step) -> str | None:
        """The words under which a use has the step, by what is known of the uses; otherwise a parameter of its own."""
        if step.always:
            return None
        wanted = step.present
        for text, holds in self._conditions():
            if [holds(use) for use in range(self._uses)] == wanted:
                return text
        for each in self._parameters:
            if each.name in self._widths and each.is_number and self._is_enters_elsewhere(each, wanted):
                return f"{each.name} != in"
        for each in self._parameters:
            if each.is_number and [value is not None for value in each.values] == wanted:
                each.values = [value or 0 for value in each.values]
                each.is_zero_without = True
                return f"{each.name} > 0"
        return self._new(switch_name(next(name for name in step.names if name), step.path), wanted)

    def _is_enters_elsewhere(self, parameter: _Found, wanted: Sequence[bool]) -> bool:
        """Whether a parameter is open where a step is not, and elsewhere is not what enters; then it is what enters."""
        for value, is_wanted, enters in zip(parameter.values, wanted, self._enters, strict=True):
            if (value is None) == is_wanted or value == enters:
                return False
        parameter.values = [e if v is None else v for v, e in zip(parameter.values, self._enters, strict=True)]
        return True

    def _conditions(self) -> Iterator[tuple[str, Callable[[int], bool]]]:
        """What may be said of uses, the plainest first, with what it is for each."""
        enters, leaves = self._enters, self._leaves
        for each in self._parameters:
            if each.is_switch:
                yield each.name, partial(_holds, each.values, bool)
                yield f"not {each.name}", partial(_holds, each.values, lambda value: not value)
        strides = [
            each for each in self._parameters if each.name in STRIDES and each.is_number and None not in each.values
        ]
        out = self._output()
        for stride in strides:
            yield f"{stride.name} == 1", partial(_holds, stride.values, lambda value: value == 1)
            yield f"{stride.name} > 1", partial(_holds, stride.values, lambda value: value > 1)
        if out is not None:
            yield f"in == {out}", lambda use: enters[use] == leaves[use]
            yield f"in != {out}", lambda use: enters[use] != leaves[use]
        for stride in strides if out is not None else ():
            steps = stride.values
            yield f"{stride.name} == 1 and in == {out}", partial(_stays, steps, enters, leaves)
            yield f"{stride.name} > 1 or in != {out}", partial(_changes, steps, enters, leaves)
        for each in self._parameters:
            if each.is_number and each not in strides and None not in each.values:
                yield f"{each.name} > 1", partial(_holds, each.values, lambda value: value > 1)
                yield f"{each.name} == 1", partial(_holds, each.values, lambda value: value == 1)
                yield f"{each.name} != in", partial(_differ, each.values, enters)
                yield f"{each.name} == in", lambda use, own=each.values: own[use] == enters[use]  # type: ignore[misc]

    def _output(self) -> str | None:
        """The channels that come out, by what is known."""
        if len(set(self._leaves)) == 1:
            return said(self._leaves[0])
        for base, over in self._bases():
            ratio = _ratio(self._leaves, over)
            if base != IN and ratio is not None:
                return _times(base, ratio)
        return None

    def _defaulted(self) -> list[Parameter]:
        """Sizes, which papers print first, then what else a use must give, then what most uses agree on."""
        first, needed, with_default = [], [], []
        for each in self._parameters:
            is_stride = each.name in STRIDES and each.is_number
            values = each.whole(1 if is_stride else None)
            most = _most(values)
            count = sum(_key(most) == _key(value) for value in values)
            if all(isinstance(value, tuple) for value in each.values):
                first.append(Parameter(each.name, values, None))
            elif is_stride:
                with_default.append(Parameter(each.name, values, 1))
            elif each.is_zero_without:
                with_default.append(Parameter(each.name, values, 0))
            elif isinstance(most, bool | str) or (count > len(values) / 2 and not _is_whole(most)):
                with_default.append(Parameter(each.name, values, most))
            else:
                needed.append(Parameter(each.name, values, None))
        return [*first, *needed, *with_default]


def _holds(values: Values, holds: Callable[[Any], bool], use: int) -> bool:
    return values[use] is not None and holds(values[use])


def _differ(values: Values, others: Values, use: int) -> bool:
    return values[use] is not None and values[use] != others[use]


def _stays(strides: Values, enters: Values, leaves: Values, use: int) -> bool:
    return strides[use] == 1 and enters[use] == leaves[use]


def _changes(strides: Values, enters: Values, leaves: Values, use: int) -> bool:
    return not _stays(strides, enters, leaves, use)


def _most(values: Sequence[Value]) -> Value:
    """The most frequent value; the first of those."""
    return max(values, key=lambda value: sum(_key(value) == _key(other) for other in values))


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


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _key(value: object) -> tuple[type, object]:
    """What tells values apart: ``1`` and ``yes`` are equal in Python."""
    return type(value), value


def _ratio(values: Values, over: Values) -> Fraction | None:
    """The one ratio of numbers to others, where there is one of small terms."""
    pairs = [pair for pair in zip(values, over, strict=True) if pair[0] is not None]
    if not all(other for _, other in pairs):
        return None
    ratios = {Fraction(int(value), int(other)) for value, other in pairs}  # type: ignore[arg-type]
    if len(ratios) != 1:
        return None
    ratio = ratios.pop()
    return ratio if ratio.numerator == 1 or ratio.denominator <= 4 else None


def _times(base: str, ratio: Fraction) -> str:
    above = base if ratio.numerator == 1 else f"{ratio.numerator}*{base}"
    return above if ratio.denominator == 1 else f"{above}/{ratio.denominator}"
