"""Random networks for the second witness: a program is a function of its seed and its index, and most of them hold."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import date
from typing import Any

from random_blocks import Blocks
from random_pieces import IN_PLACE, VIEWS, Names, Pen, repeated

CONV_RULES = {
    "": (), "conv; relu": ("relu",), "conv no bias; bn; relu": ("relu", "bn"), "bn; relu; conv": ("bn", "relu"),
    "conv; identity; leaky-relu 0.1": ("identity", "leaky-relu"), "relu; conv": ("relu",),
    "conv; bn if in > 4; relu": ("relu",), "conv; dropout 0.1; relu": ("dropout",), "conv; relu if w > 4": ("relu",),
}  # fmt: skip
RULES = {
    "dwconv": ["dwconv no bias; bn", "dwconv; relu", "relu; dwconv"], "fc": ["fc; relu", "fc no bias; sigmoid", "relu; fc"],
    "relu": ["relu; dropout 0.2", "identity; relu", "relu; scale 0.5"], "identity": ["identity; relu"],
}  # fmt: skip
NUMBERS: dict[str, list[float]] = {
    "w": [2, 4, 8, 4, 6, 2, 3],
    "v": [2, 4, 8, 4, 6, 1, 5],
    "k": [1, 2, 1, 2, 2, 3],
    "classes": [2, 3, 5],
}
FRACTIONS: dict[str, list[float]] = {"alpha": [0.25, 0.5, 0.75, 1.0, 1.5], "p": [0.0, 0.2, 0.5]}


class Table:
    """Writes the rows of a network, with the size of the map that each gives."""

    def __init__(self, pen: Pen, blocks: Blocks, names: Names, side: int) -> None:
        self.pen, self.blocks, self.names, self.side = pen, blocks, names, side
        self.rows: list[tuple[str, str, str]] = []
        self.vector = False

    def add(self, op: str, sources: str = "") -> str:
        """One more row; its name."""
        name = f"r{len(self.rows) + 1}"
        self.rows.append((name, op, sources))
        return name

    @property
    def last(self) -> str:
        return self.rows[-1][0]

    def chain(self) -> None:
        self.add(self.blocks.chain(self.names, self.blocks.width(self.names) if self.pen.chance(60) else "", least=1))

    def use(self) -> None:
        """A row that uses a block, once or a few times, or where a condition holds."""
        pen, blocks = self.pen, self.blocks
        unit = blocks.units[pen.number(0, len(blocks.units) - 1)]
        width = f"max(in, {blocks.width(self.names, 1)})" if unit.grows else blocks.width(self.names)
        text = blocks.use(unit, self.names, pen.pick([width, width, "in"]) if unit.width else "")
        if unit.strided and self.side > 2 and pen.chance(40):
            self.side = (self.side + 1) // 2
            self.add(f"{text}, /2" + pen.pick(["", "", " x 2", " x 3"]))
        elif unit.rare:
            self.add(f"{text} if {blocks.entering(self.names)}")
        elif pen.chance(50):
            self.add(repeated(text, pen.pick([" x 2", " x 3", " x depth"])))
        else:
            self.add(
                text + pen.pick(["", f" if {blocks.condition(self.names)}", f" if {blocks.condition(self.names)}"])
            )

    def skip(self) -> None:
        """A row and what is made of it, joined."""
        pen, blocks, first = self.pen, self.blocks, self.last
        ending = pen.pick(["in", "in", ""])
        made = [u for u in blocks.units if not (u.grows or u.rare) and (u.exact or not u.width)]
        if made and pen.chance(50):
            unit = made[pen.number(0, len(made) - 1)]
            second = self.add(blocks.use(unit, self.names, "in"), pen.pick(["", first]))
        else:
            second = self.add(blocks.chain(self.names, ending), pen.pick(["", first]))
        join = pen.pick(["add", "add", "concat", "multiply"])
        self.add(join + self.after(), ", ".join(pen.shuffled([first, second])))

    def fork(self) -> None:
        """Rows that take one row, joined, perhaps with that row itself."""
        pen, blocks, first = self.pen, self.blocks, self.last
        join = pen.pick(["add", "concat", "multiply"])
        ending = pen.pick(["in", ""]) if join != "concat" else blocks.width(self.names)
        made = [self.add(blocks.chain(self.names, ending), first) for _ in range(pen.number(2, 3))]
        self.add(join + self.after(), ", ".join(pen.shuffled(made + [first] * pen.chance(40))))

    def after(self) -> str:
        return self.pen.pick(["", "", "; relu", f"; {self.blocks.step(self.names, keep=True)}"])

    def tail(self) -> None:
        """From a map to classes."""
        pen = self.pen
        starts = [
            "global-avgpool",
            "flatten",
            "fc v",
            "global-avgpool; flatten; relu",
            "flatten; relu",
            'opaque "mean", in',
        ]
        starts += [f"{pen.pick(VIEWS)}; flatten; {pen.pick(IN_PLACE)}", "adaptive-avgpool 2", "adaptive-maxpool 1x2"]
        self.add(pen.pick(starts))
        self.vector = True
        if pen.chance(50):
            first = self.add(f"fc {self.blocks.width(self.names)}{pen.pick(['', '; relu', '; bn', '; dropout 0.3'])}")
            if pen.chance(50):
                second = self.add(pen.pick(["fc in; relu", "relu", "identity; relu", "dropout 0.2; relu", "fc in x 2"]))
                self.add(pen.pick(["add", "concat", "multiply", "add; relu"]), f"{first}, {second}")
        self.add(pen.pick(["FC-classes", "fc classes, no bias", "fc classes; relu", "fc 2*classes", "rbf classes"]))
        for last in pen.pick(["", "", "", "softmax", "relu;softmax"]).split(";"):
            self.add(last) if last else None

    def lines(self) -> Iterator[str]:
        yield from ("| layer | op | from |", "|---|---|---|")
        yield from (f"| {' | '.join(row)} |" for row in self.rows)


def seed_of_the_day() -> str:
    """The seed of the tests: the day, or what ``ARCHSPEC_SEED`` says."""
    return os.environ.get("ARCHSPEC_SEED") or date.today().isoformat()


def program(seed: object, index: int) -> str:
    """The text of one program."""
    return written(Pen(seed, index))


def written(pen: Pen) -> str:
    """The text of the program that a pen writes."""
    rule = pen.pick(list(CONV_RULES))
    names = Names(("w", "v"), ("alpha",), ("deep",), ("k", "2"), without=CONV_RULES[rule])
    blocks = Blocks(pen, names)
    for _ in range(pen.number(1, 3)):
        blocks.block()
    inside = names.plus("in", "m")
    table = Table(pen, blocks, inside, side := pen.number(4, 7))
    table.add(pen.pick([f"conv 3x3, {blocks.width(names)}", "conv3-w", "conv 1x1, v; relu", "relu", "identity"]))
    kinds = [table.chain, table.use, table.use, table.skip, table.fork]
    for _ in range(pen.number(1, 3)):
        kinds[pen.number(0, len(kinds) - 1)]()
    heads = list(_heads(pen, table))
    table.tail()
    entering = pen.pick(["1", "2", "3", "4", "8", "v", "2*w"])
    head = [_network(pen), f"input {side} x {side} x {entering}", "let m = 2*w + 1"]
    head += [f"every conv: {rule}"] * bool(rule) + list(_rules(pen, blocks))
    return "\n".join([*head, "", *blocks.lines, *heads, *table.lines()]) + "\n"


def settings(seed: object, index: int) -> list[dict[str, Any]]:
    """Other values of the parameters of a program, for every second one."""
    pen = Pen("settings", seed, index)
    return [other_values(pen) for _ in range(index % 2)]


def other_values(pen: Pen) -> dict[str, Any]:
    """A value for every parameter."""
    return {name: values[pen.number(0, len(values) - 1)] for name, values in {**NUMBERS, **FRACTIONS}.items()}


def _network(pen: Pen) -> str:
    given = [f"{name}={value}" for name, value in other_values(pen).items()]
    return f"network random({', '.join(given)}, depth={pen.number(1, 2)}, deep={pen.pick(['yes', 'no'])})"


def _rules(pen: Pen, blocks: Blocks) -> Iterator[str]:
    for op in pen.some(list(RULES), 0, 1):
        yield f"every {op}: {pen.pick(RULES[op])}"
    for unit in blocks.units:
        if pen.chance(25):
            n = unit.name
            yield f"every {n}: {pen.pick([f'{n}; relu', f'relu; {n}', f'{n}; bn if in > 3', f'identity; {n}'])}"
    for branch in sorted(blocks.branches):
        if pen.chance(40):
            yield f"every {branch}: {pen.pick([f'{branch}; dropout 0.2', f'{branch}; relu if w > 3', f'relu; {branch}'])}"


def _heads(pen: Pen, table: Table) -> Iterator[str]:
    for i in range(pen.number(0, 2) if pen.chance(40) else 0):
        yield f"head aux{i} from r{pen.number(1, len(table.rows))}, weight=0.3"
        yield pen.pick(
            [
                "| relu; global-avgpool; fc classes |", "| identity; relu; flatten; fc v; fc classes |",
                "| flatten; relu; fc 3 |", "| layer | op | from |\n|---|---|---|\n| a | conv 1x1, in | |\n| b | relu | |\n| d | add; global-avgpool; fc classes | b, a |",
            ]
        )  # fmt: skip
        yield ""
