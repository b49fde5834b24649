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
from archspec.importing.fold.parameters import Open, Parameter, most
from archspec.importing.fold.tokens import Quoted, Step, Written
from archspec.importing.fold.words import said
from archspec.ir.node import IN

LONGEST_PREFIX = 4
"""How long the name of a block is at most that stands before what is given to it: ``se_c``."""
LEAST_FACTOR = 3
"""By how much a block widens at least what enters, somewhere, if channels are said to be multiples of that."""


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
        self._parameters: list[Open] = []
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
        """Whether a use changes the shape: by the stride that the projection has, as it is written."""
        given = step.args.get(STRIDES[0], [1])
        same = [each for each in self._parameters if len(given) == self._uses and each.takes(given)]
        strides = same[0].values if same else [most(given)] * self._uses
        return strides[use] != 1 or self._enters[use] != self._leaves[use]

    def _arguments(self, step: Step) -> dict[str, str]:
        return {name: self._text(name, values, step) for name, values in step.args.items()}

    def _text(self, name: str, values: Values, step: Step) -> str:
        known = [value for value in values if value is not None]
        if isinstance(known[0], Quoted):
            return said(known[0])  # which is no more than a name
        if len(known) < len(values):
            same = self._same(values) or self._leaving(name, values)
            if same is not None:
                return same
        if len(set(map(key, known))) == 1:
            return said(known[0])
        if not all(map(is_whole, known)) or name in STRIDES:
            given = self._same(values) or self._share(name, values, step) or self._choice(values)
            return given or self._named(name, values, step)
        bases = [*self._bases()]
        multiples = (multiple_of(values, *base) for base in (bases if None not in values else reversed(bases)))
        stated = self._same(values) or next(filter(None, multiples), None)
        if stated is None and len({*zip(values, self._enters, strict=True)}) > 2:
            stated = next(filter(None, (rounded(values, *base) for base in bases)), None)
        if stated is None and name in WIDTHS and not step.of_block:
            stated = self._factor(values)
        return stated or self._named(name, values, step)

    def _leaving(self, name: str, values: Values) -> str | None:
        """What comes out of the block, where that is how many channels a step gives in the uses that have it."""
        return self._output() if name == CHANNELS and self._is_output(values) else None

    def _share(self, name: str, values: Values, step: Step) -> str | None:
        """``p/80``, where rates are so many parts of one number."""
        found = shares(values)
        return None if found is None else f"{self._named(name, found.parts, step)}/{found.of}"

    def _choice(self, values: Values) -> str | None:
        """``(0.2 if in == c else 0)``, where a number is 0 in the uses of which something is not so."""
        known = {value for value in values if isinstance(value, float)}
        if len(known) != 2 or 0 not in known:
            return None
        (number,) = known - {0}
        for text, holds in conditions(self._parameters, self._enters, self._leaves, self._output()):
            if all(value is None or holds(use) == (value != 0) for use, value in enumerate(values)):
                return f"({said(number)} if {text} else 0)"
        return None

    def _factor(self, values: Values) -> str | None:
        """``t*in``, where the channels are those that enter by whole numbers, of which there are fewer."""
        found = None if None in self._enters or self._is_output(values) else factors(values, self._enters)
        return None if found is None or max(filter(None, found)) < LEAST_FACTOR else f"{self._new_factor(found)}*{IN}"

    def _is_output(self, values: Values) -> bool:
        """Whether channels are those that leave the block."""
        return all(value in (None, leaves) for value, leaves in zip(values, self._leaves, strict=True))

    def _named(self, name: str, values: Values, step: Step) -> str:
        """A parameter of its own."""
        wish = (name in WIDTHS and self._wishes.get(id(step))) or parameter_name(name, most(values))
        if isinstance(most(values), bool) and self._is_given(name):
            wish = f"has_{name}"
        if step.of_block and not step.always and name not in STRIDES and len(_the_name(step)) <= LONGEST_PREFIX:
            return self._new(f"{_the_name(step)}_{wish}", values)
        text = self._new(wish, values)
        if name in WIDTHS:
            self._widths.add(text)
        return text

    def _is_given(self, switch: str) -> bool:
        """Whether a layer has a switch that is the same wherever it is: its name alone means that, and no parameter."""
        return any(
            switch in kind.arguments and len(set(step.args.get(switch, (None,))) - {None}) < 2
            for step in self._overlay.steps
            if (kind := ops.find(_the_name(step))) is not None
        )

    def _same(self, values: Values) -> str | None:
        """The parameter that has these values where a step depends on it."""
        return next((each.name for each in self._parameters if each.takes(values)), None)

    def _bases(self) -> Iterator[tuple[str, Values]]:
        yield IN, self._enters
        for parameter in self._parameters:
            if parameter.is_number and parameter.name not in STRIDES and not parameter.nothing:
                yield parameter.name, parameter.values

    def _new(self, wish: str, values: Values) -> str:
        self._parameters.append(Open(self._names.free(wish), values))
        return self._parameters[-1].name

    def _new_factor(self, values: Values, first: bool = False) -> str:
        found = Open(self._names.free(FACTOR), values, nothing=1)
        self._parameters.insert(0 if first else len(self._parameters), found)
        return found.name

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
            if each.is_number and each.name not in STRIDES and each.is_there == wanted and each.may_be_absent:
                return each.stands_for_absence()
        return self._expansion(step, texts) or self._new(
            switch_name(next(name for name in step.names if name), step.path), wanted
        )

    def _expansion(self, step: Step, texts: dict[str, str]) -> str | None:
        """``t > 1``, where a layer widens by one number in all uses that have it: a factor of 1 is none."""
        for name in texts.keys() & WIDTHS:
            number, _, over = texts[name].partition("*")
            if over == IN and number.isdigit() and not step.of_block:
                values = [int(number) if there else 1 for there in step.present]
                factor = self._new_factor(values, first=True)
                texts[name] = f"{factor}*{IN}"
                return f"{factor} > 1"
        return None

    def _is_enters_elsewhere(self, parameter: Open, wanted: Sequence[bool]) -> bool:
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
            made = each.closed()
            is_size = all(isinstance(value, tuple) for value in made.values)
            (first if is_size else needed if made.default is None else with_default).append(made)
        return [*first, *needed, *with_default]


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
