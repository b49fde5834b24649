"""Items to the text of classes: attributes for the constructor and statements for ``forward``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from archspec.expressions.code import code
from archspec.ir.node import IN
from archspec.targets.torch.block_class import BlockClass
from archspec.targets.torch.docstrings import of_block
from archspec.targets.torch.forward import Operand, assigned, joined, shares_of
from archspec.targets.torch.functions import Applied, Lifted, lifted
from archspec.targets.torch.items import Again, Branch, Fork, Graph, Item, Leaf, Made, Maybe, Node, Ruled, settled
from archspec.targets.torch.layout import (
    INDENT,
    Bracket,
    Choice,
    Doc,
    Loop,
    Named,
    Perhaps,
    assignment,
    flat,
    lines,
    literal,
)
from archspec.targets.torch.names import MODULE_ATTRIBUTES, USED, Names
from archspec.targets.torch.rules import ClassView, Rule, call_doc, signature_of
from archspec.targets.torch.running import Steps


class Lines(NamedTuple):
    """Which attributes and statements of a flow are those of a row, each as a first line and one behind the last."""

    row: str
    attributes: tuple[int, int]
    forward: tuple[int, int]


class Flow(NamedTuple):
    """The text of named rows: attributes, statements, and the variable of each row; the last is what comes out."""

    attributes: list[str]
    forward: list[str]
    variables: dict[str, str]
    result: str
    named: Sequence[tuple[str, str]] = ()
    """The rows that are attributes, each with the name of its attribute."""
    places: Sequence[Lines] = ()
    """Where each row stands among the lines."""


class Assembly:
    """Writes items as Python, with the classes that rules have."""

    def __init__(self, rules: Mapping[tuple[str, ...], Rule]) -> None:
        self._rules = rules

    def view(self, of: BlockClass) -> ClassView:
        """The class of a block."""
        items = settled(of.items)
        first = items[0] if items else None
        named = [line for name, formula in of.locals.items() for line in assignment(name, formula, INDENT)]
        if isinstance(first, Fork):
            attributes, forward = self._fork(first, items[1:])
        elif isinstance(first, Graph):
            attributes, forward = self._graph(first, items[1:])
        else:
            inner = [line for item in items for line in lines("", self.item(item), ",", INDENT + 4)]
            body = ["super().__init__(", *inner, f"{' ' * INDENT})"] if items else ["super().__init__()"]
            return self._class(of, "nn.Sequential", [*named, f"{' ' * INDENT}{body[0]}", *body[1:]], [])
        return self._class(of, "nn.Module", [f"{' ' * INDENT}super().__init__()", *named, *attributes], forward)

    def sequence(self, items: Sequence[Item]) -> Doc:
        """Items as one module; a layer with its rule stays one inside, so that the names of weights do not move."""
        if len(items) == 1 and not isinstance(items[0], Again | Maybe):
            return self.item(items[0])
        return Bracket("nn.Sequential(", [self.item(item) for item in items], ")")

    def _row(self, items: Sequence[Item]) -> Doc:
        """Items as one module, which passes its input on where the condition of all of them fails."""
        if len(items) == 1 and isinstance(items[0], Maybe):
            return Choice(self.sequence(settled(items[0].items or [])), code(items[0].condition), "nn.Identity()")
        return self.sequence(items)

    def item(self, item: Item) -> Doc:
        """One item as an argument of ``nn.Sequential``."""
        match item:
            case Leaf():
                return call_doc(item.call)
            case Again():
                return Loop(self.sequence(settled(item.items)), literal(item.times), item.variable)
            case Maybe():
                inner = [self.item(x) for x in settled(item.items or [])]
                return Perhaps(inner, code(item.condition))
            case Made():
                return self._made(item)
            case Ruled():
                if signature_of(item.use) in self._rules:
                    return self._rules[signature_of(item.use)].instance(item.use)
                return Bracket("nn.Sequential(", [call_doc(call) for call in item.use], ")")
        raise AssertionError(item)

    def flow(
        self,
        nodes: Sequence[Node],
        names: Names,
        taken: frozenset[str],
        steps: Mapping[int, Steps] = {},
        comments: Sequence[str] = (),
    ) -> Flow:
        """Named rows as attributes and statements; those in ``taken`` keep a variable of their own."""
        taken = taken.union(*(node.sources for node in nodes))
        own = Names(USED)
        chain = "x" if IN not in taken else own.identifier("y")
        variables, current = {IN: "x"}, "x"
        attributes: list[str] = []
        forward: list[str] = []
        named: list[tuple[str, str]] = []
        places: list[Lines] = []
        applied = Applied(names, INDENT)
        for place, node in enumerate(nodes):
            step = steps.get(place, Steps())
            before, items, after = lifted(settled(node.items))
            start = len(attributes), len(forward)
            inputs = [variables[source] for source in node.sources] or [current]
            value = node.join.combine(inputs, *node.inputs) if node.join else inputs[0]
            value = applied.to(value, before)
            attributes += (f"{' ' * INDENT}{line}" if line else "" for line in step.before)
            attribute = names.identifier(node.name) if items else None
            if attribute:
                named.append((node.name, attribute))
                attributes += lines(f"self.{attribute} = ", self._row(items), "", INDENT)
            if attribute and after:
                value, attribute = applied.to(f"self.{attribute}({value})", after), None
            attributes += applied.attributes()
            attributes += (f"{' ' * INDENT}{line}" for line in step.after)
            if items or node.join or before:
                # What modules give is of any type to a type checker; only ``x`` is known to be a Tensor.
                current = "x" if node is nodes[-1] else own.identifier(node.name) if node.name in taken else chain
                forward += assigned(current, attribute, value, comments[place] if comments else "")
            else:
                current = inputs[0]
                if node.name in taken and current in ("x", chain):  # which later rows write to
                    current = own.identifier(node.name)
                    forward.append(f"{current} = {inputs[0]}")
            variables[node.name] = current
            places.append(Lines(node.name, (start[0], len(attributes)), (start[1], len(forward))))
        return Flow(attributes, forward, variables, current, named, places)

    def _made(self, made: Made) -> Doc:
        of, items = made.of, list[Doc]()
        for name in of.arguments:
            value, default = literal(made.values[name]), of.default(name)
            if default is None:
                items.append(value)
            elif flat(value) != flat(literal(default)):
                items.append(Named(of.identifier(name), value))
        return Bracket(f"{of.name}(", items, ")")

    def _class(self, of: BlockClass, base: str, body: Sequence[str], forward: Sequence[str]) -> ClassView:
        arguments = []
        for name in of.arguments:
            default = of.default(name)
            kind = of.kind(name)
            shown = "" if default is None else f" = {flat(literal(float(default) if kind == 'float' else default))}"
            arguments.append(f"{of.identifier(name)}: {kind}{shown}")
        signature = lines("def ", Bracket("__init__(", ["self", *arguments], ")"), " -> None:", 4)
        says = of_block(of, self._class_of)
        return ClassView(of.name, base, says, "\n".join(signature), "\n".join(body), list(forward))

    def _class_of(self, ruled: Ruled) -> str | None:
        """The name of the class of a layer with its rule, where it has one."""
        rule = self._rules.get(signature_of(ruled.use))
        return rule.name if rule else None

    def _fork(self, fork: Fork, then: Sequence[Item]) -> tuple[list[str], list[str]]:
        names = Names(USED | MODULE_ATTRIBUTES)
        attributes: list[str] = []
        operands: list[Operand] = []
        applied = Applied(names, INDENT)
        named = self._named(fork, names)
        shares = shares_of([whole for _, _, whole, _ in named])
        for place, (branch, name, (before, _, after), module) in enumerate(named):
            if module is not None:
                attributes += lines(f"self.{name} = ", module, "", INDENT)
            flag = None
            if branch.condition is not None:
                flag = names.identifier(f"has_{branch.title}")
                attributes += assignment(f"self.{flag}", code(branch.condition), INDENT)
            given = applied.to(shares[place], before[1:]) if shares else applied.to("x", before)
            call = applied.to(f"self.{name}({given})" if module is not None else given, after)
            attributes += applied.attributes()
            operands.append(Operand(name, call, branch.shape, flag))
        last, attribute = self._then(then, names)
        divided = [f"{', '.join(shares)} = x.chunk({len(shares)}, dim=1)"] if shares else []
        return attributes + last, [*divided, *joined(fork.join, operands, attribute)]

    def branches(self, fork: Fork) -> list[tuple[Branch, str]]:
        """The branches that are modules, each with the name of its attribute."""
        named = self._named(fork, Names(USED | MODULE_ATTRIBUTES))
        return [(branch, name) for branch, name, _, module in named if module is not None]

    def _named(self, fork: Fork, names: Names) -> list[tuple[Branch, str, Lifted, Doc | None]]:
        """The branches that are left, with the names of their attributes, their functions and their modules."""
        left = [(branch, lifted(settled(branch.items))) for branch in fork.branches if True in branch.left]
        made = [(branch, whole, self._branch(branch, whole.items)) for branch, whole in left]
        return [(b, names.identifier(b.title) if doc is not None else "", whole, doc) for b, whole, doc in made]

    def _branch(self, branch: Branch, items: Sequence[Item]) -> Doc | None:
        """The module of a branch, or None where the input itself is joined."""
        chosen = [item for item in items if not _is_choice_of_input(item)] or items
        if len(chosen) == 1 and isinstance(chosen[0], Maybe):
            inner = settled(chosen[0].items or [])
            if chosen[0].bypass or branch.condition is not None or len(items) > 1:
                yes = self.sequence(inner)
                return None if _are_input(inner) else Choice(yes, code(chosen[0].condition), "nn.Identity()")
        return None if _are_input(items) else self.sequence(items)

    def _graph(self, graph: Graph, then: Sequence[Item]) -> tuple[list[str], list[str]]:
        names = Names(USED | MODULE_ATTRIBUTES)
        flow = self.flow(graph.nodes, names, frozenset())
        after, attribute = self._then(then, names)
        result = f"self.{attribute}({flow.result})" if attribute else flow.result
        return flow.attributes + after, [*flow.forward, *[f"x = {result}"] * (result != "x"), "return x"]

    def _then(self, then: Sequence[Item], names: Names) -> tuple[list[str], str | None]:
        """What follows a join, as one attribute."""
        if not then:
            return [], None
        first = then[0]
        only = first.called or first.op.spelled() if len(then) == 1 and isinstance(first, Leaf) else "then"
        name = names.identifier(only)
        return lines(f"self.{name} = ", self.sequence(then), "", INDENT), name


def _is_choice_of_input(item: Item) -> bool:
    return isinstance(item, Maybe) and _are_input(settled(item.items or []))


def _are_input(items: Sequence[Item]) -> bool:
    return all(isinstance(item, Leaf) and item.call.target == "nn.Identity" for item in items)
