"""Small networks drawn at random over every layer there is, for the counters: arguments by what the layers accept.

No layer has a line here. What an argument takes is found by offering values, and whether a layer fits by asking it; so
a new layer is drawn as soon as it is there, or ``networks`` says that it cannot be.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import islice
from typing import Any

from random_pieces import Pen

from archspec import ops
from archspec.arguments import Argument, Misfit
from archspec.op import Op, Refused, Shape

VALUES: tuple[Any, ...] = (
    *(1, 2, 3, 4, 6, 8, 0),
    *((1, 1), (2, 2), (3, 3), (1, 3), (3, 2), (0, 1), (4, 4)),
    *(0.25, 0.5, 1.5, 2.0, -1.5),
    *(True, False),
    *("0", "1, 0", "0 1, 1, 0 2"),
)
"""What arguments are offered, beside their own words: counts, sizes, numbers, switches, tables of maps."""
TRIES, MOST_ROWS, LARGEST = 200, 6, 4000
"""How often arguments are drawn for a layer that has to fit, the most rows of a network, and elements of a map."""


@dataclass
class Drawn:
    """A network as it grows: what each row gives, the text of the rows, and the layers in them."""

    shapes: dict[str, Shape]
    rows: list[tuple[str, str, str]] = field(default_factory=list)
    layers: list[str] = field(default_factory=list)
    block: str = ""
    """How the rows are used as a block; empty where they are the network's own."""

    @property
    def last(self) -> str:
        return self.rows[-1][0] if self.rows else "in"

    def add(self, text: str, sources: Sequence[str], y: Shape, layer: str) -> None:
        """One more row."""
        name = f"r{len(self.rows) + 1}"
        self.rows.append((name, text, "" if list(sources) == [self.last] else ", ".join(sources)))
        self.shapes[name] = y
        self.layers.append(layer)

    def extend(self, text: str, y: Shape, layer: str) -> None:
        """One more step of the last row."""
        name, before, sources = self.rows[-1]
        self.rows[-1] = name, f"{before}; {text}", sources
        self.shapes[name] = y
        self.layers.append(layer)

    @property
    def text(self) -> str:
        """The spec."""
        x = self.shapes["in"]
        rows = "| layer | op | from |\n|---|---|---|\n"
        rows += "".join(f"| {name} | {text} | {sources} |\n" for name, text, sources in self.rows)
        top = f"network n\ninput {x}{', hwc' if x.is_map else ''}\n\n"
        return f"{top}block conv_block\n{rows}\n| {self.block} |\n" if self.block else top + rows


class Unreachable(Exception):
    """A layer that fits no input with any arguments that are drawn."""


def some(seed: object, count: int) -> list[Drawn]:
    """The first so many networks of a seed."""
    return list(islice(networks(seed), count))


def networks(seed: object) -> Iterator[Drawn]:
    """Networks without end: every layer that is known has its turn, in an order that is drawn anew when all had theirs."""
    pen = Pen("counted", seed)
    kinds = {op.spelled(): op for op in ops.every() if op.known}
    deck: deque[str] = deque()
    failed = 0
    while True:
        drawn = Drawn({"in": _input(pen)})
        rows = pen.number(2, MOST_ROWS)
        while len(drawn.rows) < rows:
            deck.extend([] if deck else pen.shuffled(sorted(kinds)))
            if not _dealt(drawn, kinds[deck[0]], pen):
                break
            deck.popleft()
        failed = 0 if drawn.rows else failed + 1
        if failed > TRIES:
            raise Unreachable(f"`{deck[0]}` fits no input")
        if drawn.rows:
            yield _finished(drawn, pen)


def _input(pen: Pen) -> Shape:
    channels = pen.number(1, 3) * int(pen.pick(["1", "2", "4", "4"]))
    return Shape(channels) if pen.chance(10) else Shape(channels, pen.number(2, 9), pen.number(2, 9))


def _finished(drawn: Drawn, pen: Pen) -> Drawn:
    """The network, or one of a block, which is used twice where it keeps the shape."""
    again = drawn.shapes[drawn.last] == drawn.shapes["in"]
    if pen.chance(60 if again else 25):
        drawn.block = "conv_block x 2" if again else "conv_block"
    return drawn


def _dealt(drawn: Drawn, kind: type[Op], pen: Pen) -> bool:
    """Whether a layer found its place: after the last row, in it, or as what joins it with others."""
    if kind.arity is None:
        return _joined(drawn, kind, pen)
    x = drawn.shapes[drawn.last]
    found = _fitting(kind, [x], pen)
    if found is None:
        return False
    text, y = found
    if y == x and "stride=" not in text and pen.chance(15):  # a stride would stand in the first of them alone
        text = f"[{text}] x {pen.number(2, 3)}"
    if drawn.rows and pen.chance(25):
        drawn.extend(text, y, kind.spelled())
    else:
        drawn.add(text, [drawn.last], y, kind.spelled())
    return True


def _joined(drawn: Drawn, kind: type[Op], pen: Pen) -> bool:
    """Whether rows were found that a layer can join; there always are two after one that passes on what it gets."""
    for _ in range(TRIES):
        names = pen.some([name for name in drawn.shapes if name != drawn.last], 1, 2)
        sources = pen.shuffled([drawn.last, *names])
        found = _fitting(kind, [drawn.shapes[name] for name in sources], pen, 1) if names else None
        if found is not None:
            drawn.add(found[0], sources, found[1], kind.spelled())
            return True
    source, x = drawn.last, drawn.shapes[drawn.last]
    found = _fitting(kind, [x, x], pen)
    if found is not None:
        passing = ops.passing_on().spelled()
        drawn.add(passing, [source], x, passing)
        drawn.add(found[0], [source, drawn.last], found[1], kind.spelled())
    return found is not None


def _fitting(kind: type[Op], xs: list[Shape], pen: Pen, tries: int = TRIES) -> tuple[str, Shape] | None:
    """A layer with arguments that fit its inputs, as a spec writes it, and what it gives."""
    for _ in range(tries):
        given = {
            name: pen.one_of(accepted(argument))
            for name, argument in kind.arguments.items()
            if argument.required or pen.chance(40)
        }
        try:
            y = kind(**given).accept(*xs)
        except (Misfit, Refused):
            continue
        if y.size <= LARGEST:
            said = ", ".join(f"{name}={written(value)}" for name, value in given.items())
            return f"{kind.spelled()} {said}".strip(), y
    return None


@cache
def accepted(argument: Argument[Any]) -> tuple[Any, ...]:
    """The values that an argument takes."""
    found = tuple(value for value in (*VALUES, *argument.words) if _takes(argument, value))
    if not found:
        raise Unreachable(f"`{argument.name}` takes {argument.expects}: VALUES has none")
    return found


def _takes(argument: Argument[Any], value: Any) -> bool:
    try:
        argument.accept(value)
    except Misfit:
        return False
    return True


def written(value: Any) -> str:
    """A value as a spec writes it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return "x".join(map(str, value))
    return f'"{value}"' if isinstance(value, str) and not value.isidentifier() else str(value)
