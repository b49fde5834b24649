"""A family as one file: a function for each network, and one class for those that differ in its arguments alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from textwrap import wrap

from archspec.ir.aligned import Differ
from archspec.targets.torch.alike import Table, common
from archspec.targets.torch.layout import WIDTH, Bracket, lines, literal
from archspec.targets.torch.names import USED, Names, string
from archspec.targets.torch.parameters import Parameter, arguments_of, words_of
from archspec.targets.torch.parts import Counted, Parts, Whole, whole_of
from archspec.targets.torch.view import (
    View,
    batch,
    convention,
    figures,
    heading,
    view_of_whole,
    weights_of,
    wrapped,
)
from archspec.targets.torch.words import reading, together

REPORT = "report"
"""The function by which a file says what its networks are."""
Groups = list[list[int]]
"""Networks by their places, together where they have one class."""


def family_view(counted: Sequence[Counted]) -> View:
    """The view of a file of several networks of one family, which share classes."""
    names = Names(USED | {REPORT})
    functions = [names.identifier(each.network.label, "network") for each in counted]
    view = _Together(_of_one_kind(counted), functions).view()
    first = counted[0].network
    papers = dict.fromkeys(paper for each in counted for paper in each.network.own_papers)
    given = {function for shown in view.networks if shown.given for function in shown.functions}
    return view._replace(
        heading=heading(first.title or first.name, papers),
        summary=_summary(counted, functions),
        reports=[
            line
            for each, function in zip(counted, functions, strict=True)
            if function not in given
            for line in _reported(each, function)
        ],
    )


def _of_one_kind(counted: Sequence[Counted]) -> list[Counted]:
    """Networks whose parameters are fractions in all of them, where they are in one: a width of 1 beside one of 1.1."""
    fractions = {name for each in counted for name, value in each.network.parameters.items() if type(value) is float}
    found = []
    for each in counted:
        whole = {name for name in fractions if type(each.network.parameters.get(name)) is int}
        values = {name: float(v) if name in whole else v for name, v in each.network.parameters.items()}  # type: ignore[arg-type]
        found.append(each._replace(network=each.network.replaced(parameters=values)))
    return found


class _Together:
    """Finds which networks can have one class: those whose tables and whose code are the same but for arguments."""

    def __init__(self, counted: Sequence[Counted], functions: Sequence[str]) -> None:
        self._counted, self._functions = counted, functions
        self._tables = [Table(each.network) for each in counted]
        self._without: list[set[int]] = [set() for _ in counted]
        """The places of numbers that can be no argument, for each network."""
        self._words = words_of([each.network for each in counted])
        self._kinds: list[object] = [t.outline if self._words[0] else t.skeleton for t in self._tables]
        """What the tables of networks have in common that are tried together."""
        self._apart: list[tuple[object, ...]] = [() for _ in counted]
        """What else tells networks apart that were tried together."""

    def view(self) -> View:
        """The classes and functions, once all that are in one group read the same."""
        while True:
            groups = self._groups()
            tried = self._tried(groups)
            if tried is not None and not self._parted(groups, [reading(parts) for parts in tried.networks]):
                view = view_of_whole(self._counted, groups, tried)
                if not self._parted(groups, self._weights(groups, view)):
                    return view

    def _groups(self) -> Groups:
        found: dict[object, list[int]] = {}
        for i, table in enumerate(self._tables):
            fixed = tuple(table.literals[place] for place in sorted(self._without[i]))
            found.setdefault((self._kinds[i], fixed, self._apart[i]), []).append(i)
        return [*found.values()]

    def _tried(self, groups: Groups) -> Whole | None:
        """All networks over what they differ in; None where something of that is no argument, which is noted."""
        networks = [each.network for each in self._counted]
        arguments: list[Mapping[str, Parameter]] = [arguments_of(network) for network in networks]
        places: list[Mapping[int, str]] = [{} for _ in networks]
        for group in groups:
            if len(group) > 1:
                for i, one in zip(
                    group, common([self._tables[i] for i in group], self._without[group[0]]), strict=True
                ):
                    networks[i], arguments[i], places[i] = one
        counted = [each._replace(network=network) for each, network in zip(self._counted, networks, strict=True)]
        whole, kinds = None, [*self._kinds]
        kept: Sequence[Mapping[str, Parameter]] = arguments
        if not self._lost(places, kept):
            whole = whole_of(counted, self._functions, arguments, {REPORT}, partial(self._over_words, groups))
            kept = [parts.arguments for parts in whole.networks]
        return None if self._lose(places, kept) or self._kinds != kinds else whole

    def _over_words(self, groups: Groups, networks: list[Parts]) -> list[Parts]:
        """Networks over the words in which those of a group differ; where they cannot be, that is noted."""
        found = dict(enumerate(networks))
        for group in groups:
            units: dict[str, list[int]] = {}
            for i in group:
                units.setdefault(self._tables[i].skeleton, []).append(i)
            if len(units) > 1:
                joined = self._joined(group, networks)
                found |= joined
                if not joined:
                    self._split([*units.values()], networks)
        return [*found.values()]

    def _joined(self, places: Sequence[int], networks: Sequence[Parts]) -> dict[int, Parts]:
        """Networks over their words, by their places; none where there is no such code."""
        try:
            joined = together([networks[i] for i in places], [self._words[i] for i in places])
        except Differ:
            return {}
        return dict(zip(places, joined, strict=True))

    def _split(self, units: Sequence[Sequence[int]], networks: Sequence[Parts]) -> None:
        """Note which tables of a group may be tried together again: those whose first networks can."""
        kinds: list[list[Sequence[int]]] = []
        for unit in units:
            fitting = (kind for kind in kinds if self._joined([unit[0], *(each[0] for each in kind)], networks))
            kind = next(fitting, None)
            if kind is None:
                kinds.append([unit])
            else:
                kind.append(unit)
        for at, kind in enumerate(kinds):
            for i in (i for unit in kind for i in unit):
                self._kinds[i] = (self._kinds[i], at) if len(kinds) > 1 else self._tables[i].skeleton

    def _lost(self, places: Sequence[Mapping[int, str]], kept: Sequence[Mapping[str, Parameter]]) -> bool:
        return any(name not in own for named, own in zip(places, kept, strict=True) for name in named.values())

    def _lose(self, places: Sequence[Mapping[int, str]], kept: Sequence[Mapping[str, Parameter]]) -> bool:
        """Note the places of numbers that are no arguments."""
        for without, named, own in zip(self._without, places, kept, strict=True):
            without.update(place for place, name in named.items() if name not in own)
        return self._lost(places, kept)

    def _parted(self, groups: Groups, readings: Sequence[object]) -> bool:
        """Whether networks of one group read otherwise, which is noted."""
        differing = [group for group in groups if any(readings[i] != readings[group[0]] for i in group)]
        for group in differing:
            kinds = list[object]()
            for i in group:
                kinds += [readings[i]] * (readings[i] not in kinds)
                self._apart[i] = (*self._apart[i], kinds.index(readings[i]))
        return bool(differing)

    def _weights(self, groups: Groups, view: View) -> list[list[str]]:
        """What draws the first weights of each network, in the class of its group."""
        found: list[list[str]] = [[] for _ in self._counted]
        for group, shown in zip(groups, view.networks, strict=True):
            for i in group:
                found[i] = weights_of(self._counted[i], shown, view.residuals)
        return found


def _summary(counted: Sequence[Counted], functions: Sequence[str]) -> list[str]:
    """A line for each network, under what holds for all."""
    shapes = dict.fromkeys(str(each.network.input_shape) for each in counted)
    conventions = ", ".join(dict.fromkeys(convention(each.network) for each in counted))
    found = wrapped(f"For one {' or '.join(shapes)} image (convention: {conventions}) each network has what follows.")
    for each, function in zip(counted, functions, strict=True):
        of = f" for {each.network.input_shape}" if len(shapes) > 1 else ""
        said = f"- `{function}`{of}: {figures(each)}"
        found += [*[""] * (each is counted[0]), *wrap(said, WIDTH, subsequent_indent="  ")]
    return found


def _reported(counted: Counted, function: str) -> list[str]:
    items = [string(function), f"{function}()", literal(tuple(batch(counted.network.input_shape)))]
    return lines("", Bracket(f"{REPORT}(", items, ")"), "", 4)
