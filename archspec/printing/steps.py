"""Steps as cells of a table: layers with their arguments, uses of blocks, repetitions, conditions, shortcuts."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from archspec import ops
from archspec.elaborate.shortcut import SHORTCUT
from archspec.elaborate.target import stride_of
from archspec.expressions import Comparison, Expression, Logic, Name, Number
from archspec.ir.network import Apply, Arg, Branch, Group, Instance, Repeat, Step, When
from archspec.ir.node import IN
from archspec.printing.called import Called, Named, Uses
from archspec.printing.rules import Rules
from archspec.printing.texts import Unwritable, argument, atom, condition, is_plain, word


class Writer:
    """Writes steps where these names have values, under the rules of a network."""

    def __init__(self, uses: Uses, rules: Rules | None = None, names: frozenset[str] = frozenset()) -> None:
        self._uses, self._rules = uses, rules
        self.names = names
        """What has a value there."""

    def within(self, names: Collection[str]) -> Writer:
        """The same inside a block, whose parameters have values too."""
        return Writer(self._uses, self._rules, self.names | frozenset(names))

    def chain(self, steps: Sequence[Step]) -> str:
        """A cell of layers; one that holds none says so by a condition that never holds."""
        return "; ".join(map(self.step, steps)) or f"{ops.passing_on().spelled()} if 1 == 2"

    def branch(self, branch: Branch) -> str:
        """The cell of a branch, without what a rule for branches of its name adds."""
        inner = self._rules.inside(branch.name, branch.steps) if self._rules else branch.steps
        if inner is None:
            raise Unwritable(f"the branch `{branch.name}`", "a rule of the same name would add steps to it")
        return self.chain(inner)

    def plain(self, step: Step) -> str:
        """A step of a rule, for which no rule holds."""
        return Writer(self._uses, None, self.names).step(step)

    def step(self, step: Step | Called | Named) -> str:
        """One step."""
        match step:
            case Named():
                return step.name
            case Called():
                return self._ruled(step, self._gone(step))
            case Apply() | Instance():
                return self._ruled(step, self._gone(step))
            case Group():
                return self._group(step)
            case Repeat():
                return f"{self._repeated(step.first or step.steps)} x {argument(step.times, self.names)}"
            case When():
                return self._shortcut(step) if step.bypass else self._conditional(step)
            case _:
                raise Unwritable(f"a step `{step.kind}`", "branches and named rows stand right in a block alone")

    def called(self, step: Apply | Instance | Called) -> str:
        """The name of a layer or a block."""
        if isinstance(step, Apply):
            return step.op
        return step.name if isinstance(step, Called) else self._uses.of(step).name

    def rule(self, name: str, called: str) -> str:
        """The chain of the rule for a layer, or for a block that the text calls so."""
        assert self._rules is not None
        form, args = self._rules.forms[name], self._rules.args.get(name, {})
        said = ", ".join(self._arguments(Apply(op=name, args=args))) if args else ""
        own = f"{called} {said}".strip()
        return "; ".join([*(each.text for each in form.before), own, *(each.text for each in form.after)])

    def _named(self, step: Apply | Instance | Called) -> str:
        """The layer or the block whose rule there may be."""
        return step.of if isinstance(step, Called) else (self._rules.name_of(step) if self._rules else None) or ""

    def _gone(self, step: Apply | Instance | Called) -> Collection[str]:
        """What a layer outside of a group leaves out: all steps of its rule."""
        form = self._rules.forms.get(self._named(step)) if self._rules else None
        return form.names if form else ()

    def _group(self, group: Group) -> str:
        found = self._rules.of(group) if self._rules else None
        assert self._rules is not None
        assert found is not None, "groups without a rule stand as their steps"
        gone = self._rules.forms[group.rule].names - found.form.names
        return self._ruled(found.target, gone)

    def _ruled(self, step: Apply | Instance | Called, gone: Collection[str]) -> str:
        """A layer or a use of a block, without some steps of its rule."""
        parts = [*self._arguments(step, self._rules.args.get(self._named(step), {}) if self._rules else {})]
        parts += [f"no {name}" for name in self._in_order(self._named(step), gone)]
        name = self.called(step)
        return f"{name} {', '.join(parts)}" if parts else name

    def _in_order(self, rule: str, gone: Collection[str]) -> list[str]:
        if not gone or self._rules is None:
            return []
        form = self._rules.forms[rule]
        return [*dict.fromkeys(each.name for each in (*form.before, *form.after) if each.name in gone)]

    def _repeated(self, steps: Sequence[Step]) -> str:
        """What stands before the number of a repetition; `upsample x 2` may be meant as its factor."""
        only = steps[0] if len(steps) == 1 else None
        plain = isinstance(only, Group | Instance | Called | Named)
        if isinstance(only, Apply):
            factor = only.kind_of_layer.written_to_repeat
            plain = factor is None or factor in only.args
        return self.step(steps[0]) if plain else f"[{self.chain(steps)}]"

    def _conditional(self, step: When) -> str:
        only = step.steps[0] if len(step.steps) == 1 else None
        bare = isinstance(only, Apply | Instance | Group | Repeat | Called | Named)
        if step.condition.expression is None:
            raise Unwritable("a condition", "it has a value and no text")
        said = condition(step.condition.expression, self.names)
        return f"{self.step(step.steps[0]) if bare else f'[{self.chain(step.steps)}]'} if {said}"

    def _shortcut(self, step: When) -> str:
        """A branch that is the input itself where neither the width nor the size changes."""
        width, stride = _compared(step)
        only = step.steps[0]
        read = self._rules.of(only) if self._rules and isinstance(only, Group) else None
        layer = read.target if read else only
        if not isinstance(layer, Apply) or len(step.steps) > 1:
            raise Unwritable("a step that its condition passes by", "a shortcut is one layer, with its rule")
        said = [argument(Arg(value=None, expression=width), self.names)]
        said += [f"/{atom(Arg(value=None, expression=stride), self.names)}"] if stride is not None else []
        kernel = layer.args.get(layer.kind_of_layer.sized or "")
        if layer.op == ops.padding_channels().spelled():
            said.append("option=A")
        elif kernel is not None and kernel.value != (1, 1):
            said.append(f"kernel={argument(kernel, self.names)}")
        return f"{SHORTCUT} {', '.join(said)}"

    def _arguments(self, step: Apply | Instance | Called, ruled: Mapping[str, Arg] = {}) -> Iterator[str]:
        if not isinstance(step, Apply):
            yield from self._of_block(step if isinstance(step, Called) else self._uses.of(step))
            return
        op = step.kind_of_layer
        stride, bare = stride_of([*op.arguments]), [name for name in op.bare[:1] if name != op.sized]
        order = dict.fromkeys(name for name in (op.sized, *bare, stride, *op.arguments) if name in step.args)
        for name in order:
            arg = step.args[name]
            if ruled.get(name) == arg:
                continue
            known = arg.value if arg.expression is None else None
            if (name in bare and is_plain(arg)) or (name == op.sized and isinstance(arg.value, tuple)):
                yield argument(arg, self.names)
            elif name == stride and (is_plain(arg) or isinstance(arg.value, tuple)):
                yield f"/{atom(arg, self.names)}"
            elif isinstance(known, bool) and op.arguments[name].is_switch and (not known or name not in self.names):
                yield name if known else f"no {name}"
            else:
                yield f"{name}={argument(arg, self.names)}"

    def _of_block(self, use: Called) -> Iterator[str]:
        """The arguments of a use in the order of the parameters, by form as long as none is left out."""
        stride, whole = stride_of(use.formals), True
        for name in use.formals:
            arg = use.args.get(name)
            if arg is None:
                whole = False
                continue
            known = arg.value if arg.expression is None else None
            by_form = is_plain(arg) or isinstance(known, tuple)
            if name == stride and by_form:
                yield f"/{atom(arg, self.names)}"
            elif whole and by_form:
                yield argument(arg, self.names)
            elif isinstance(known, bool) and name in use.switches and (not known or name not in self.names):
                whole = False
                yield name if known else f"no {name}"
            else:
                whole = False
                yield f"{name}={word(known, self.names) if isinstance(known, str) else argument(arg, self.names)}"


def _compared(step: When) -> tuple[Expression, Expression | None]:
    """The width and the stride of a shortcut, by the condition that says where one changes something."""
    tree = step.condition.expression
    widths, strides = (tree.left, tree.right) if isinstance(tree, Logic) and tree.operator == "or" else (tree, None)
    if not (isinstance(widths, Comparison) and widths.operator == "!=" and widths.left == Name(IN)):
        raise Unwritable("a step that its condition passes by", "a shortcut asks for the width that enters")
    if strides is None:
        return widths.right, None
    if not (isinstance(strides, Comparison) and strides.operator == "!=" and strides.right == Number(1)):
        raise Unwritable("a step that its condition passes by", "a shortcut asks whether the stride is 1")
    return widths.right, strides.left
