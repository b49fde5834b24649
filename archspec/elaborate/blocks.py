"""Blocks: their definitions by name, and what they stand for, once for each kind of their arguments.

An argument that is a number stays a name in the block. One that is a size, a word or a truth value decides what the
block's layers are, so each of its values makes a block of its own, with the value in its key.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from copy import copy
from itertools import islice
from typing import Any

from archspec import ops
from archspec.budget import spend
from archspec.diagnostics import Diagnostic, Report, Span
from archspec.elaborate import block_messages as say
from archspec.elaborate.arithmetic import name_reserved, name_taken
from archspec.elaborate.messages import unused_parameter
from archspec.elaborate.scope import Wrong
from archspec.elaborate.target import Definition, Reader, stride_of
from archspec.expressions import Expression, Name
from archspec.ir.network import Arg, Block, Instance, Step
from archspec.language import syntax as s
from archspec.language.syntax import RESERVED
from archspec.naming import Names
from archspec.support.limits import MOST_BLOCKS, NAME, ROW
from archspec.support.words import spelled

Body = Callable[[s.Block, Any], "tuple[Step, ...] | None"]
"""Reads the body of a block; None where something in it is wrong, which is reported."""


class Blocks:
    """The blocks of one network: what is defined, and what is built of it."""

    def __init__(self, report: Report, body: Body) -> None:
        self._body = body
        self.built: dict[str, Block] = {}
        self.used: set[str] = set()
        self.depth = 0
        """How many chains are being read inside one another, by way of brackets and blocks."""
        self.branches: set[str] = {"residual", "shortcut"}
        """The names of branches, for rules."""
        self.brackets: dict[tuple[str, ...], str] = {}
        """The blocks that brackets stand for, by the form of the bracket."""
        self.broken: set[str] = set()
        """The names of blocks whose line could not be read."""
        self.missing = False
        """Whether a file of blocks could not be read, so that an unknown name may be one of its blocks."""
        self.unstrided: dict[str, tuple[str, str]] = {}
        """For a block whose stride is a size: the name of its stride, and the block whose stride is a number."""
        self.names = Names()
        """The names of all blocks that a file defines."""
        self._folded: dict[str, list[str]] = {}
        """The same names by how they read without regard to case, hyphens and underscores."""
        self.arguments: set[str] = set()
        """The names of all their parameters."""
        self._report = report
        self._definitions: dict[str, Definition] = {}
        self._failed: set[str] = set()
        self._said: set[tuple[str, Span | None]] = set()
        self._open: list[str] = []
        self._read_before: set[str] = set()
        """The keys of what was read, built or failed."""
        self._too_many = False

    def define(self, block: s.Block, home: Reader) -> None:
        """Keep a block of a file."""
        name = block.name.text
        first = self._definitions.get(name)
        if first is not None and first.syntax.name.span == block.name.span:
            return  # a file that is used by two others
        if first is not None:
            self._report.add(say.second_block(block.name.span, name, first.syntax.name.span))
        elif ops.find(name) or name == "shortcut":
            self._report.add(say.block_like_layer(block.name.span, name))
        elif name in RESERVED:
            self._report.add(name_reserved(block.name.span, name))
            self._failed.add(name)
            self._add_named(block, home)
        else:
            self._check_formals(block)
            self._add_named(block, home)

    def _add_named(self, block: s.Block, home: Reader) -> None:
        self.names.add(block.name.text)
        self._folded.setdefault(_fold(block.name.text), []).append(block.name.text)
        self.arguments.update(formal.name for formal in block.formals)
        self.add(block, home)

    def _check_formals(self, block: s.Block) -> None:
        """Complain of parameters whose name has a meaning of its own, or that stand twice."""
        first: dict[str, s.Formal] = {}
        for formal in block.formals:
            if formal.name in RESERVED:
                self._report.add(name_reserved(formal.span, formal.name))
            elif formal.name in first:
                self._report.add(name_taken(formal.span, formal.name, first[formal.name].span))
            else:
                first[formal.name] = formal
                continue
            self._failed.add(block.name.text)

    def add(self, block: s.Block, home: Reader) -> None:
        """Keep a block whose name is free."""
        self._definitions[block.name.text] = Definition(block.name.text, block.formals, block, home)
        self.branches.update(_named_branches(block))

    def find(self, name: str) -> Definition | None:
        """The block of that name."""
        return self._definitions.get(name)

    def like(self, word: str) -> str | None:
        """The one block of a file that is called by a word, without regard to case, hyphens and underscores."""
        found = self._folded.get(_fold(word), ())
        return found[0] if len(found) == 1 else None

    def reporting_to(self, report: Report) -> Blocks:
        """The same blocks, of which what is wrong goes to another report."""
        other = copy(self)
        other._report = report
        return other

    def unused(self, home: Reader) -> Iterable[s.Text]:
        """The names of the blocks of one file that nothing uses."""
        return [d.syntax.name for name, d in self._definitions.items() if name not in self.used and d.home is home]

    def use(
        self, definition: Definition, args: Mapping[str, Arg], span: Span, layers: Reader
    ) -> tuple[Step, ...] | None:
        """One use of a block; None where the block or the use is wrong, which is reported."""
        self.used.add(definition.name)
        spend(NAME * len(definition.formals), span)
        if definition.name in self._failed:
            return None  # its parameters are wrong, which was reported
        defaults = self._defaults(definition, args)
        if defaults is None:
            return None
        known = defaults | dict(args)
        missing = [formal for formal in definition.formals if formal.name not in known]
        for formal in () if layers.may_lack else missing:
            self._report.add(say.missing_value(span, definition.name, formal.name, formal.span))
        if missing:
            return None
        fixed = {name: arg for name, arg in known.items() if isinstance(arg.value, tuple | str | bool)}
        for arg in fixed.values():
            layers.scope.structural |= arg.names
        key = _key(definition.name, fixed)
        if not self._build(key, definition, fixed, span):
            return None
        sized = stride_of([formal.name for formal in definition.formals])
        if sized in fixed and sized in args and isinstance(fixed[sized].value, tuple):
            # In later repetitions the stride is 1, a number, which is another block.
            rest = {name: arg for name, arg in fixed.items() if name != sized}
            self.unstrided[key] = sized, _key(definition.name, rest)
            if not self._build(self.unstrided[key][1], definition, rest, span):
                return None
        passed = {name: arg for name, arg in args.items() if name not in fixed}
        return (Instance(block=key, args=passed, span=span),)

    def _defaults(self, definition: Definition, given: Mapping[str, Arg]) -> dict[str, Arg] | None:
        """The values of parameters that are not given; one over parameters before it is not known here.

        None where a default is wrong, which is reported.
        """
        found: dict[str, Arg] = {}
        args = {formal.name: Arg(value=None, expression=Name(formal.name)) for formal in definition.formals}
        for i, formal in enumerate(definition.formals):
            if formal.name in given or formal.value is None:
                continue
            spend(NAME * len(definition.formals), formal.span)
            inner = definition.home.scope.within(dict(islice(args.items(), i)))
            named = formal.value.names if isinstance(formal.value, Expression) else ()
            for later in (f for f in definition.formals[i + 1 :] if f.name in named):
                inner.args.pop(later.name, None)
                inner.spoil(later.name, say.default_before(formal.value.span, formal.name, later.name))
            try:
                found[formal.name] = inner.value(formal.value)
            except Wrong as wrong:
                self._report.add(wrong.diagnostic)
                return None
        return found

    def _build(self, key: str, definition: Definition, fixed: Mapping[str, Arg], span: Span) -> bool:
        """Whether the block could be understood; it is read once for each key."""
        if key in self._open:
            self._report.add(say.block_in_itself(span, definition.name, self._open))
            return False
        if key not in self.built and key not in self._failed:
            if len(self._read_before) >= MOST_BLOCKS:
                self._complain_of_many(span)
                return False
            spend(ROW, span)
            self._read_before.add(key)
            self._open.append(key)
            said = Report()
            block = self._read(key, definition, fixed, said)
            self._open.pop()
            for wrong in said:
                self._complain(wrong, span if fixed else None)
            if block is None:
                self._failed.add(key)
            else:
                self.built[key] = block
        return key in self.built

    def _complain_of_many(self, span: Span) -> None:
        """Say once that there are too many blocks: the uses that are left would say the same."""
        if not self._too_many:
            self._report.add(say.too_many_blocks(span, MOST_BLOCKS))
        self._too_many = True

    def _complain(self, wrong: Diagnostic, use: Span | None) -> None:
        """Report a mistake inside a block once, whatever its uses; with one of them where it may come from there."""
        if (wrong.code, wrong.span) not in self._said:
            self._said.add((wrong.code, wrong.span))
            placed = use is not None and wrong.severity == "error" and wrong.second is None and wrong.span != use
            self._report.add(wrong.used(use) if placed and use else wrong)

    def _read(self, key: str, definition: Definition, fixed: Mapping[str, Arg], report: Report) -> Block | None:
        free = {
            f.name: Arg(value=None, expression=Name(f.name), span=f.span)
            for f in definition.formals
            if f.name not in fixed
        }
        values = {name: Arg(value=arg.value, span=arg.span) for name, arg in fixed.items()}
        inner = definition.home.inside(definition.home.scope.within({**free, **values}))
        inner.report = report
        steps = self._body(definition.syntax, inner)
        definition.home.scope.used |= inner.scope.used - {formal.name for formal in definition.formals}
        if steps is None:
            return None
        defaults = self._defaults(definition, {})
        if defaults is None:
            return None
        inner.scope.used |= {name for arg in defaults.values() for name in arg.names}
        self._complain_of_unused(definition, inner)
        return Block(
            name=definition.name,
            parameters={name: defaults.get(name) for name in free},
            fixed={name: arg.known for name, arg in sorted(fixed.items())},
            steps=steps,
            span=definition.syntax.span,
        )

    def _complain_of_unused(self, definition: Definition, inner: Reader) -> None:
        formals = {formal.name for formal in definition.formals}
        if formals <= inner.scope.used or definition.name not in self.names:
            return
        named = {n for arg in inner.scope.args.values() for n in arg.names & formals if arg.text != n}
        for formal in definition.formals:
            if formal.name not in inner.scope.used and formal.name not in named:
                self._report.add(unused_parameter(formal.span, formal.name, f"block {definition.name}"))


def _named_branches(block: s.Block) -> Iterator[str]:
    """The names that a block gives to its branches."""
    if block.join is None or block.table is None:
        return
    named = block.table.header is not None and block.table.header[0].text == "layer"
    for row in block.table.rows:
        if named or (block.table.header is None and len(row) == 2):
            yield row[0].text


def _key(name: str, fixed: Mapping[str, Arg]) -> str:
    said = [f"{name}={spelled(arg.value)}" for name, arg in sorted(fixed.items())]
    return f"{name}[{', '.join(said)}]" if said else name


def _fold(name: str) -> str:
    return name.lower().replace("-", "").replace("_", "")
