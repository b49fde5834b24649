"""Random blocks: chains, joins and graphs, with parameters, conditions on branches, and blocks in blocks."""

from __future__ import annotations

from dataclasses import replace

from random_pieces import IN_PLACE, VIEWS, Chains, Names, Pen, Unit

BLOCKS = ["unit", "cell", "mix_2", "Sequential", "halve", "outer", "super"]
KINDS = ["add", "add", "add", "concat", "gate", "rows", "chain", "chain", "half", "half", "bare", "maybe"]
WIDTHS = ["c", "lambda", "in_channels", "width", "self"]


class Blocks(Chains):
    """Writes definitions of blocks, of which later ones may use earlier ones."""

    def __init__(self, pen: Pen, outside: Names) -> None:
        super().__init__(pen)
        self.outside = outside
        self.lines: list[str] = []
        self.branches: set[str] = set()
        """The names of branches, which rules may be for."""
        self._names = pen.shuffled(BLOCKS)

    def block(self) -> None:
        """One more block."""
        kind = self.pen.pick(KINDS)
        unit = Unit(self._names[len(self.units)], self.pen.pick(WIDTHS), self.pen.chance(50))
        if kind in ("gate", "half", "bare", "maybe"):
            unit = replace(unit, width="", strided=False, rare=kind in ("half", "maybe"))
        self._parameters(unit)
        names = self._inside(unit)
        {"add": self._joined, "concat": self._joined, "gate": self._gate, "rows": self._rows,
         "chain": self._chain, "half": self._half, "bare": self._bare, "maybe": self._maybe}[kind](unit, names, kind)  # fmt: skip
        self.units.append(unit)
        self.lines.append("")

    def _parameters(self, unit: Unit) -> None:
        """Parameters beside the width and the stride, with or without a default."""
        all_ = {"k": ["1x1", "3x3", "5x5"], "nl": ["relu", "silu", "identity", "hard-swish"], "se": ["no", "yes"],
                "r": ["2", "1", "4", "in"], "e": ["2", "3", "1", "in/2", "w"], "t": ["1", "0.5", "1.5", "w/2", "in/4"],
                "m": [self.pen.pick(["2*in", "in/2", f"{unit.width or 'in'}*2", f"0.5*{unit.width or 'in'}"]), "4"]}  # fmt: skip
        for name in self.pen.some(list(all_), 0, 2):
            unit.others[name] = all_[name]
            if name != "m" and self.pen.chance(30):
                unit.needed |= {name}

    def _inside(self, unit: Unit) -> Names:
        """What expressions in the block may name."""
        own, at = self.outside, unit.others
        numbers = tuple(name for name in ("r", "e", "m") if name in at)
        return replace(
            own,
            whole=(*([unit.width] * 3 if unit.width else []), "in", "in", *own.whole[:1], *numbers),
            divisors=(*numbers, *own.divisors),
            kernels=("k",) * ("k" in at),
            activations=("nl",) * ("nl" in at),
            truths=(*own.truths, *(("se",) * ("se" in at))),
            fractions=(*own.fractions, *(("t",) * ("t" in at))),
            stride="s" if unit.strided else "",
        )

    def _define(self, unit: Unit, join: str, rows: list[str], then: str = "") -> None:
        formals = [unit.width] * bool(unit.width)
        formals += sorted(unit.needed)
        formals += [f"{name}={values[0]}" for name, values in unit.others.items() if name not in unit.needed]
        formals += ["s=1"] * unit.strided
        signature = f"({', '.join(formals)})" if formals else ""
        self.lines.append(f"block {unit.name}{signature}{f' = {join} of' if join else ''}")
        self.lines += [f"| {row} |" for row in rows]
        self.lines += [f"then {then}"] * bool(then)

    def _slow(self, unit: Unit) -> str:
        return ", /s" if unit.strided else ""

    def _after(self, names: Names) -> str:
        pen = self.pen
        return pen.pick(["", "relu", pen.pick(IN_PLACE), f"{pen.pick(VIEWS)}; relu", self.step(names, keep=True)])

    def _chain(self, unit: Unit, names: Names, kind: str) -> None:
        self._define(unit, "", [self.chain(names, unit.width, self._slow(unit))])

    def _half(self, unit: Unit, names: Names, kind: str) -> None:
        """A block that needs what its uses may lack: channels that can be halved, or are more than some."""
        text = self.pen.pick(["conv 1x1, in/2; conv 1x1, in", "conv 1x1, in/r; conv 1x1, in" if "r" in unit.others
                              else "channel-split 1, 2; conv 1x1, in", "conv 1x1, max(in - 2, 1)",
                              "channel-shuffle 2; relu"])  # fmt: skip
        self._define(unit, "", [text])

    def _maybe(self, unit: Unit, names: Names, kind: str) -> None:
        """A join all of whose branches may drop out."""
        one = f"{self.pen.pick(['identity', 'relu', 'conv 3x3, in'])} if {self.entering(names)}"
        two = f"{self.pen.pick(['identity', 'conv 1x1, in', 'bn; relu'])} if {self.condition(names)}"
        self._define(unit, self.pen.pick(["add", "multiply"]), [one, two], self._after(names))

    def _bare(self, unit: Unit, names: Names, kind: str) -> None:
        """A block that keeps its input's shape, and may come to nothing."""
        step = self.step(names, keep=True)
        self._define(unit, "", [self.pen.pick([step, f"{step}; {self.step(names, keep=True)}"])])

    def _gate(self, unit: Unit, names: Names, kind: str) -> None:
        hidden = self.width(replace(names, whole=("in", "in", *names.divisors[:1])), 1)
        squeeze = self.pen.pick(
            [
                f"global-avgpool; fc {hidden}; relu; fc in; sigmoid",
                f"global-maxpool; fc {hidden}; elu; fc in; sigmoid",
                f"global-avgpool; conv 1x1, {hidden}; relu; conv 1x1, in; hard-sigmoid",
                "global-avgpool; channel-conv 3; sigmoid",
                "conv 1x1, in; sigmoid",
                f"{self.pen.pick(IN_PLACE)} if {self.condition(names)}",
            ]
        )
        other = self.pen.pick(["identity", "identity", "identity", self.pen.pick(VIEWS), self.pen.pick(IN_PLACE)])
        self._define(unit, self.pen.pick(["multiply", "multiply", "add"]), self.pen.shuffled([other, squeeze]))

    def _joined(self, unit: Unit, names: Names, kind: str) -> None:
        """A join whose branches have one shape, or end side by side."""
        rows = [self._branch(unit, names, i) for i in range(self.pen.number(2, 3))]
        if self.pen.chance(60):
            called = self.pen.shuffled(["residual", "left", "a b", "self", "relu"])[: len(rows)]
            self.branches |= set(called) & {"residual", "left"}
            rows = [f"{name} | {row}" for name, row in zip(called, rows, strict=True)]
        then = self._after(names)
        if kind == "concat":
            unit.exact = self.pen.chance(70)
            then = "; ".join(filter(None, [f"conv 1x1, {unit.width}" if unit.exact else "", then]))
        self._define(unit, kind, rows, then)

    def _branch(self, unit: Unit, names: Names, i: int) -> str:
        """A branch that ends with the block's width, or drops out, or is the input where that fits."""
        pen, c, slow = self.pen, unit.width, self._slow(unit)
        fits = f"in == {c}" + (" and s == 1" if unit.strided else "")
        differs = f"in != {c}" + (" or s > 1" if unit.strided else "")
        kind = pen.pick(["chain", "chain", "shortcut", "identity", "drops", "drops", "projects", "first", "view"])
        if (i == 0 and pen.chance(70)) or kind == "chain":
            return self.chain(names, c, slow)
        if kind == "shortcut":
            option = pen.pick(["", "", ", option=A", ", option=B", ", option=C", ", option=none"])
            unit.grows |= option.endswith("A")
            option += pen.pick(["", ", kernel=3x3", ", 3x3"]) if option[-1:] in ("", "B", "C") else ""
            return f"shortcut {c}{slow}{option}"
        if kind == "projects":
            return f"[dwconv 3x3{slow}; conv 1x1, {c}] if {differs}; identity if {fits}"
        if kind == "first":
            return f"{self.widening(names, self.width(names, 1), slow)} if {differs}; conv 1x1, {c}"
        if kind == "drops":
            return f"{self.widening(names, c, slow)} if {pen.pick([differs, fits, self.condition(names)])}"
        more = f"; {pen.pick(IN_PLACE)} if {fits}" if pen.chance(40) else ""
        always = pen.chance(25)  # then the block is for inputs of its own width
        return f"{pen.pick(VIEWS) if kind == 'view' else 'identity'}{'' if always else f' if {fits}'}{more}"

    def _rows(self, unit: Unit, names: Names, kind: str) -> None:
        """Named rows, all of which the last joins."""
        pen, c, slow = self.pen, unit.width, self._slow(unit)
        rows = ["layer | op | from", "--- | --- | ---"]
        entry = "in"
        if pen.chance(50):
            rows.append(f"pre | {self.chain(names, '', least=1)} | ")
            entry = "pre"
        rows.append(f"a | {self.chain(names, c, slow)} | {entry}")
        rows.append(f"b | {self.chain(names, c, slow)} | {entry}")
        rows.append(f"d | {self.chain(names, '', least=1)} | {pen.pick(['a', '', 'b'])}")
        join = pen.pick(["add", "concat", "multiply", "add"])
        unit.exact = join != "concat"
        rows.append(f"out | {join}{pen.pick(['', '; relu'])} | {', '.join(pen.shuffled(['a', 'b', 'd']))}")
        self._define(unit, "", rows, self._after(names) if pen.chance(40) else "")
