"""Where the rows of a network stand: in its spec and the files that it uses, and in the emitted code."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from archspec.budget import spend
from archspec.compiled import Compiled
from archspec.diagnostics import Source, Span
from archspec.ir.network import Instance, Network, Step
from archspec.ir.walking import every_step
from archspec.page.code import python, spec
from archspec.support.limits import WALKED
from archspec.support.terminal import printable
from archspec.targets.torch import RowLines


class Text(NamedTuple):
    """A text in lines of HTML, under a name."""

    name: str
    lines: Sequence[str]


class Linked(NamedTuple):
    """Texts, and for each row the lines that it has for itself and the ranges that it shares with others.

    Lines are counted from 0 over all texts.
    """

    texts: Sequence[Text]
    own: Sequence[Sequence[int]]
    shared: Sequence[Sequence[int]]
    """By their places among ``ranges``."""
    ranges: Sequence[tuple[int, int]]
    """The first and the last line of each."""


def code_of(compiled: Compiled) -> Linked:
    """The emitted code. Rows of one name are told apart by their order."""
    found = compiled.emitted
    left: dict[str, list[RowLines]] = {}
    for each in found.rows:
        left.setdefault(each.row, []).append(each)
    order = {name: i for i, name in enumerate(found.classes)}
    own: list[Sequence[int]] = []
    shared: list[Sequence[int]] = []
    for row in compiled.network.rows:
        mine = left[row.layer].pop(0) if left.get(row.layer) else None
        own.append(mine.own if mine else ())
        shared.append([order[name] for name in mine.classes] if mine else ())
    ranges = [(lines[0], lines[-1]) for lines in found.classes.values()]
    return Linked([Text("", python(found.source))], own, shared, ranges)


def spec_of(compiled: Compiled) -> Linked:
    """The spec and the files that it uses; nothing of a network in JSON, which has no lines."""
    network = compiled.network
    sources = [*dict.fromkeys(_sources(network))]
    starts: dict[Source, int] = {}
    texts: list[Text] = []
    for source in sources:
        starts[source] = sum(len(text.lines) for text in texts)
        texts.append(_text(source, sources[0]))
    own = [_lines(row.place, starts) for row in network.rows]
    blocks = {name: _range(network, name, starts) for name in network.blocks}
    kept = [name for name, found in blocks.items() if found]
    shared = [[kept.index(name) for name in _blocks(network, row.steps or ()) if name in kept] for row in network.rows]
    return Linked(texts, own, shared, [found for name in kept if (found := blocks[name])])


def _text(source: Source, first: Source) -> Text:
    """A file, named as seen from the folder of the spec: where that stands is nothing that a page should tell."""
    name = Path(os.path.relpath(source.name, Path(first.name).parent)).as_posix()
    return Text(printable(name), [spec(line) for line in source.text.rstrip("\n").split("\n")])


def _sources(network: Network) -> Iterator[Source]:
    if network.place is not None:
        yield network.place.source
    for part in (*network.rows, *network.blocks.values()):
        if part.place is not None:
            yield part.place.source


def _lines(place: Span | None, starts: dict[Source, int]) -> list[int]:
    return [] if place is None else [starts[place.source] + place.line - 1]


def _range(network: Network, name: str, starts: dict[Source, int]) -> tuple[int, int] | None:
    """The lines of a block, from its head to its last step."""
    block = network.blocks[name]
    if block.place is None:
        return None
    source, first = block.place.source, block.place.line
    places = [step.place for step in every_step(block.steps) if step.place is not None]
    last = max([first, *(place.line for place in places if place.source == source)])
    return starts[source] + first - 1, starts[source] + last - 1


def _blocks(network: Network, steps: Sequence[Step]) -> list[str]:
    """The blocks that steps use, and those that these use."""
    found: dict[str, None] = {}
    left = list(steps)
    while left:
        for step in every_step([left.pop()]):
            spend(WALKED)
            if isinstance(step, Instance) and step.block not in found:
                found[step.block] = None
                left += network.blocks[step.block].steps
    return [*found]
