"""Random networks that are graphs: blocks with parameters, joins, named rows, conditions, shortcuts, heads.

Every layer that is written here keeps to what torch takes, so that each text is a network that holds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from hypothesis import strategies as st
from random_specs import CONV_RULES, FC_RULES, FREE, Sketch

NAMES = ["unit", "cell", "Sequential", "super", "mix_2", "Größe", "conv_block"]
WIDTHS = ["c", "width", "lambda", "in_channels", "self"]
FREE_OF_MAPS = [
    "bn", "relu6", "silu", "gelu", "hard-swish", "hard-sigmoid", "scale 0.5", "layernorm", "groupnorm 1", "drop-path 0.1",
    "pad 1; crop by=1", "elu 0.5", "selu", "mish", "softsign",
]  # fmt: skip
CONDITIONS = [
    "{c} > 6", "in != {c}", "in == {c} and {c} < 9", "not ({c} == 4)", "in > 5 or {c} > 5", "max(in, {c}) < 8", "w > 3",
    "depth == 2", "{c}*2 >= in + 1", "ceil(alpha*{c}) > 3",
]  # fmt: skip


@dataclass
class Block:
    """A block that is written, and what its uses have to know."""

    name: str
    width: str
    """The parameter that sets the channels of the output; empty where it keeps those of the input."""
    strided: bool
    channels: Callable[[int, int], int]
    """The channels of the output for those of the input and the value of the width."""
    others: dict[str, list[str]] = field(default_factory=dict)
    """The other parameters, each with the values that a use may give."""
    optional: frozenset[str] = frozenset()
    """Those of them that have defaults."""
    grows: bool = False
    """Whether the width must not be less than the channels of the input."""
    joined: bool = False


class Writer:
    """Writes the definitions of blocks, of which later ones may use earlier ones."""

    def __init__(self, sketch: Sketch, residual: str) -> None:
        self.sketch, self.pick, self.residual = sketch, sketch.pick, residual
        self.blocks: list[Block] = []
        self.lines: list[str] = []
        self._names = sketch.draw(st.permutations(NAMES))

    def block(self) -> None:
        """One more block."""
        kind = self.pick(["add", "add", "concat", "gate", "rows", "chain"])
        width, strided = self.pick(WIDTHS), self.pick(["", "yes"]) == "yes"
        block = Block(self._names[len(self.blocks)], width, strided, lambda _, c: c)
        if kind == "gate":
            block = replace(block, width="", strided=False, channels=lambda x, _: x, joined=True)
            self._gate(block)
        elif kind == "rows":
            self._rows(block)
        elif kind == "chain":
            self._define(block, "", [self._chain(block, block.width, True)])
        else:
            self._joined(block, kind)
        self.blocks.append(block)
        self.lines.append("")

    def _define(self, block: Block, join: str, rows: list[str], then: str | None = None) -> None:
        formals = [block.width] * bool(block.width)
        formals += [name for name in block.others if name not in block.optional]
        formals += [f"{name}={block.others[name][0]}" for name in block.others if name in block.optional]
        formals += ["stride=1"] * block.strided
        signature = f"({', '.join(formals)})" if formals else ""
        self.lines.append(f"block {block.name}{signature}{f' = {join} of' if join else ''}")
        self.lines += [f"| {row} |" for row in rows]
        after = then if then is not None else self.pick(["", "relu", "bn; relu", "relu x 2", "dropout 0.1"])
        self.lines += [f"then {after}"] * bool(after)

    def _parameter(self, block: Block, name: str, values: list[str]) -> str:
        """A parameter that the block takes from here on, with or without a default."""
        if name not in block.others:
            block.others[name] = values
            if self.sketch.draw(st.booleans()):
                block.optional |= {name}
        return name

    def _stride(self, block: Block, plain: str = "") -> str:
        return ", /stride" if block.strided else plain

    def _chain(self, block: Block, width: str, strided: bool) -> str:
        """A chain that ends with so many channels, and strides as the block does."""
        slow = self._stride(block) if strided else ""
        pool = self._stride(block, ", /1") if strided else ", /1"
        c = block.width
        made: list[Callable[[], str]] = [
            lambda: f"conv 3x3, {width}{slow}",
            lambda: f"conv 1x1, {width}; conv 3x3, {width}{slow}{self.sketch._without('conv')}",
            lambda: f"conv 3x3, 2*{width}{slow}; channel-shuffle 2; conv 1x1, {width}, no bias",
            lambda: f"dwconv 3x3{slow}; conv 1x1, {width}",
            lambda: f"maxpool 3x3{pool}, pad=1; conv 1x1, {width}",
            lambda: f"bn; relu; conv 3x3, {width}{slow}; {self.pick(FREE_OF_MAPS)}",
            lambda: f"conv 1x1, in + 1 if {self._condition(c)}; conv 3x3, {width}{slow}",
            lambda: f"conv 3x3, {width}{slow}; {self.pick(FREE)} if {self._condition(c)}",
            lambda: (
                f"conv 1x1, {self._parameter(block, 't', ['2', '1', '3'])}*in if t > 1; "
                f"dwconv {self._parameter(block, 'k', ['3x3', '5x5', '1x3'])}{slow}; conv 1x1, {width}"
            ),
            lambda: (
                f"conv 3x3, {width}{slow} x {self._parameter(block, 'n', ['2', '1', '3'])}; "
                f"[conv 1x1, {width}; relu] x {self.pick(['2', 'n', 'n + 1'])}"
            ),
            lambda: f"conv 3x3, {width}{slow}; {self._parameter(block, 'nl', ['relu', 'hard-swish', 'silu'])}",
            lambda: f"conv 3x3, {width}{slow}; {self._gates()} if {self._parameter(block, 'squeeze', ['no', 'yes'])}",
            lambda: f"conv 3x3, ({width} if {self._condition(c)} else {width} + 1){slow}; conv 1x1, {width}",
        ]
        usable = [b for b in self.blocks if b.width and b.strided and b.channels(3, 7) == 7 and not b.grows]
        if usable:
            inner = usable[self.sketch.number(0, len(usable) - 1)]
            made += [lambda: f"{self._use(inner, width)}{slow}"] * 3
        return made[self.sketch.number(0, len(made) - 1)]()

    def _gates(self) -> str:
        """A block that keeps its input's shape, or a layer that does."""
        found = [block for block in self.blocks if not block.width]
        return self._use(found[0], "") if found else self.pick(FREE_OF_MAPS)

    def _use(self, block: Block, width: str) -> str:
        given = [f"{name}={self.pick(values)}" for name, values in block.others.items()
                 if name not in block.optional or self.pick(["", "given"])]  # fmt: skip
        return (
            ", ".join([" ".join(filter(None, [block.name, width])), *given])
            if width
            else (f"{block.name} {', '.join(given)}".strip())
        )

    def _condition(self, c: str) -> str:
        return self.pick(CONDITIONS).format(c=c)

    def _joined(self, block: Block, kind: str) -> None:
        block.joined = True
        count, widths = self.sketch.number(2, 4), 0
        rows: list[str] = []
        for i in range(count):
            width = block.width if kind == "add" else self.pick([block.width, f"2*{block.width}"])
            widths += 2 if width != block.width else 1
            rows.append(self._branch(block, width, kind == "add" and i == count - 1))
        names = self.pick(["", "named"])
        if names:
            rows = [f"{self.pick(['left', 'a b', 'self', 'relu'])}{i} | {row}" for i, row in enumerate(rows)]
        if kind == "concat":
            block.channels = lambda _, c, widths=widths: widths * c  # type: ignore[misc]
        self._define(block, kind, rows)

    def _branch(self, block: Block, width: str, last: bool) -> str:
        c = block.width
        if not last:
            return self._chain(block, width, True)
        kind = self.pick(["chain", "shortcut", "shortcut", "option", "identity", "drops"])
        if kind == "chain":
            return self._chain(block, width, True)
        if kind == "identity":
            return f"identity if in == {c}" + (" and stride == 1" if block.strided else "")
        if kind == "drops":
            return f"conv 5x5, {width}{self._stride(block)} if {self._condition(c)}"
        option = self.pick(["A", "B", "C", "none"]) if kind == "option" else self.residual or "B"
        block.grows = option == "A"
        return f"shortcut {width}{self._stride(block)}" + (f", option={option}" if kind == "option" else "")

    def _gate(self, block: Block) -> None:
        r = self._parameter(block, "r", ["2", "4", "1"])
        hidden = self.pick([f"max(floor(in/{r}), 1)", f"ceil(in/{r})", f"round_to(in/{r}, 2)"])
        squeeze = self.pick(
            [
                f"global-avgpool; fc {hidden}; relu; fc in; sigmoid",
                f"global-maxpool; fc {hidden}; relu; fc in; sigmoid",
                f"global-avgpool; conv 1x1, {hidden}; conv 1x1, in; hard-sigmoid",
                "global-avgpool; channel-conv 3; sigmoid",
                "conv 1x1, in; sigmoid",
            ]
        )
        if r not in squeeze.replace("relu", "").replace("sigmoid", "").replace("round", "").replace("floor", ""):
            block.others.clear()
            block.optional = frozenset()
        rows = ["identity", squeeze] if self.pick(["", "turned"]) == "" else [squeeze, "identity"]
        self._define(block, "multiply", rows, then="")

    def _rows(self, block: Block) -> None:
        c, slow = block.width, self._stride(block)
        join = self.pick(["add", "concat", "multiply"])
        entry = self.pick(["pre", "in"])
        rows = ["layer | op | from", "--- | --- | ---"]
        rows += ["pre | bn; relu | "] * (entry == "pre")
        rows += [f"a | {self._chain(block, c, True)} | {entry}", f"b | conv 1x1, {c}{slow} | {entry}"]
        rows += [f"d | {self._chain(block, c, False)} | {self.pick(['', 'a'])}"]
        sources = self.pick(["a, d", "d, a", "a, b, d", "d, b"])
        after = self.pick(["", "; relu", f"; conv 1x1, {c}"])
        rows += [f"out | {join}{after} | {sources}"]
        self._unused(rows, sources)
        if join == "concat" and not after.startswith("; conv"):
            count = rows[-1].rsplit("|", 1)[1].count(",") + 1
            block.channels = lambda _, c, count=count: count * c  # type: ignore[misc]
        self._define(block, "", rows)

    def _unused(self, rows: list[str], sources: str) -> None:
        """A row that nothing takes is a mistake, so the last join takes every one."""
        taken = {name.strip() for row in rows for name in row.split("|")[-1].split(",")}
        for name in ("a", "b"):
            follows = name == "b" and any(row.startswith("d |") and row.split("|")[-1].strip() == "" for row in rows)
            if name not in taken and not follows:
                rows[-1] = rows[-1][: rows[-1].rindex("|")] + f"| {sources}, {name}"


class Table:
    """Writes the rows of the network itself."""

    def __init__(self, sketch: Sketch, writer: Writer) -> None:
        self.sketch, self.pick, self.writer = sketch, sketch.pick, writer
        self.rows: list[list[str]] = []
        self.shapes: list[tuple[int, tuple[int, int]]] = []

    def add(self, op: str, sources: str = "") -> None:
        self.rows.append([f"r{len(self.rows) + 1}", op, sources])
        self.shapes.append((self.sketch.channels, self.sketch.axes))

    def block(self) -> None:
        """A row that uses a block, once or a few times."""
        block = self.writer.blocks[self.sketch.number(0, len(self.writer.blocks) - 1)]
        width, channels = self.sketch.width()
        if block.grows and channels < self.sketch.channels:
            width, channels = str(self.sketch.channels + 1), self.sketch.channels + 1
        text = self.writer._use(block, width if block.width else "")
        if block.strided and min(self.sketch.axes) > 2 and self.pick(["", "strided"]):
            text += ", /2"
            self.sketch.axes = ((self.sketch.axes[0] + 1) // 2, (self.sketch.axes[1] + 1) // 2)
        times = self.sketch.number(1, 3)
        for _ in range(times):
            self.sketch.channels = block.channels(self.sketch.channels, channels)
        self.add(text + (f" x {times}" if times > 1 else self.pick(["", " if w > 1"])))

    def join(self) -> None:
        """The last row joined with an earlier one of its shape, or with what is made of it."""
        last, now = len(self.rows), self.shapes[-1]
        alike = [i for i, shape in enumerate(self.shapes[:-1], 1) if shape == now]
        join = self.pick(["add", "concat", "multiply", "add; relu", "concat; relu; conv3-4"])
        if alike and self.pick(["", "skip", "skip"]):
            width, used = now[0], [f"r{last}", f"r{alike[self.sketch.number(0, len(alike) - 1)]}"]
        else:
            width, used = self.sketch.names["w"], [f"r{last + 1}", f"r{last + 2}"]
            self.sketch.channels = width
            self.add("conv 3x3, w", self.pick(["", f"r{last}"]))
            self.add("conv 1x1, w; bn", self.pick(["", f"r{last}", f"r{last + 1}"]))
        self.sketch.channels = 4 if "conv" in join else width * (2 if "concat" in join else 1)
        self.add(join, ", ".join(used if self.pick(["", "turned"]) else used[::-1]))

    def bracket(self) -> None:
        text, channels = self.sketch.width()
        if self.writer.residual == "A" and channels < self.sketch.channels:
            text, channels = str(self.sketch.channels), self.sketch.channels
        slow = self.pick(["", ", /2"]) if min(self.sketch.axes) > 2 else ""
        if slow:
            self.sketch.axes = ((self.sketch.axes[0] + 1) // 2, (self.sketch.axes[1] + 1) // 2)
        self.sketch.channels = channels
        one = f"[3x3, {text}{slow}; 3x3, {text}]"
        two = f"[1x1, {self.sketch.number(1, 6)}{slow}; 3x3, 4; 1x1, {text}]"
        self.add(self.pick([one, two]) + self.pick(["", " x 2", " x depth"]))


@st.composite
def graphs(draw: st.DrawFn) -> str:
    """The text of a network with blocks that holds."""
    w, classes, depth = draw(st.integers(2, 6)), draw(st.integers(2, 9)), draw(st.integers(1, 3))
    rules = {"conv": draw(st.sampled_from(["", *CONV_RULES])), "fc": draw(st.sampled_from(["", *FC_RULES]))}
    known = {**CONV_RULES, **FC_RULES}
    axes = (draw(st.integers(5, 16)), draw(st.integers(5, 16)))
    sketch = Sketch(
        draw, draw(st.integers(1, 4)), axes, {"w": w, "m": 3 * w, "classes": classes},
        {op: known.get(rule, ()) for op, rule in rules.items()},
    )  # fmt: skip
    head = [f"network random(classes={classes}, w={w}, depth={depth}, alpha=0.5)", 'title "Random"']
    head += [f"input {axes[0]}x{axes[1]}x{sketch.channels}", "let m = 3*w", ""]
    head += [f"every {op}: {rule}" for op, rule in rules.items() if rule]
    residual = draw(st.sampled_from(["", "A", "B", "C", "none"]))
    writer = Writer(sketch, residual)
    head += [f"brackets: residual(shortcut={residual})"] * bool(residual)
    for _ in range(sketch.number(1, 3)):
        writer.block()
    for block in writer.blocks:
        if sketch.pick(["", "", "rule"]):
            head.append(f"every {block.name}: {block.name}; {sketch.pick(['dropout 0.2', 'bn', 'relu'])}")
    table = Table(sketch, writer)
    table.add(f"conv3-{sketch.number(1, 6)}")
    sketch.channels = int(table.rows[0][1][6:])
    table.shapes[0] = (sketch.channels, axes)
    for _ in range(sketch.number(1, 5)):
        kind = sketch.pick(["block", "block", "block", "join", "bracket"])
        {"block": table.block, "join": table.join, "bracket": table.bracket}[kind]()
    heads = _heads(sketch, table)
    for cell in sketch.tail():
        table.add(cell)
    for last in draw(st.sampled_from([[], ["softmax"], ["relu; soft-max"]])):
        table.add(last)
    lines = ["| layer | op | from |", "|---|---|---|", *(f"| {' | '.join(row)} |" for row in table.rows)]
    return "\n".join([*head, "", *writer.lines, *heads, *lines]) + "\n"


def _heads(sketch: Sketch, table: Table) -> list[str]:
    found: list[str] = []
    for i in range(sketch.number(0, 2)):
        source = sketch.number(1, len(table.rows))
        body = sketch.pick(["conv 1x1, 4; global-avgpool; fc classes", "flatten; fc w; relu; fc classes", "fc 3"])
        found += [f"head aux{i} from r{source}, weight=0.3", f"| {body} |", ""]
    return found
