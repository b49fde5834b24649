"""Every decision about the emitted file: what is a class, what an argument, what a loop. Templates place the text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from textwrap import wrap
from typing import Any, NamedTuple

from archspec.conventions import Counting
from archspec.cost import Totals
from archspec.ir import Apply, Arg, Group, Network, Repeat, Step
from archspec.op import Call, Op, Shape
from archspec.targets.torch.blocks import Block, BlockView, Use, call_doc, signature_of
from archspec.targets.torch.layout import WIDTH, Bracket, Doc, Loop, flat, lines, literal
from archspec.targets.torch.names import MODULE_ATTRIBUTES, USED, Names, doc
from archspec.targets.torch.symbols import names_in, symbol


class Leaf(NamedTuple):
    """One torch module."""

    op: Op
    call: Call


class Ruled(NamedTuple):
    """The torch modules of one layer with its `every` rule."""

    label: str
    doc: str
    use: Use


class Again(NamedTuple):
    """Items in a loop."""

    times: int
    items: list[Item]


Item = Leaf | Ruled | Again


@dataclass
class View:
    """What the template places; every text is Python already."""

    heading: str
    summary: list[str]
    class_name: str
    function: str
    doc: str
    signature: str
    entry: str
    example: str
    modules: list[str] = field(default_factory=list)
    blocks: list[BlockView] = field(default_factory=list)
    attributes: list[str] = field(default_factory=list)
    forward: list[str] = field(default_factory=list)
    predict: list[str] = field(default_factory=list)


class Module(NamedTuple):
    """One attribute of the network: a row of the table with the shape that it gives."""

    name: str
    items: list[Item]
    shape: Shape


def view_of(network: Network, totals: Totals) -> View:
    """The view of one network."""
    function = function_name(network)
    arguments = _arguments(network)
    outer = Names(USED | {function, *arguments.values()})
    modules, loss = _modules(network, arguments)
    sources = {call.target: call.module for module in modules for call in _calls(module.items) if call.module}
    for name in sources:
        outer.identifier(name)
    class_name = outer.class_name(display_name(network))
    blocks = _blocks(modules, outer)
    signature = [f"{name}: {type(network.parameters[spec]).__name__} = {flat(literal(network.parameters[spec]))}"
                 for spec, name in arguments.items()]  # fmt: skip
    view = View(
        heading=_heading(network),
        summary=_summary(network, totals),
        class_name=class_name,
        function=function,
        doc=f"{doc(display_name(network))}, one attribute for each row of its table.",
        signature="\n".join(lines("def ", Bracket("__init__(", ["self", *signature], ")"), " -> None:", 4)),
        entry=_entry(function, class_name, signature, list(arguments.values()), doc(display_name(network))),
        example=", ".join(map(str, _batch(network.input_shape))),
        modules=[source.strip() for source in sources.values()],
        blocks=[block.view() for block in blocks.values()],
    )
    for module in modules:
        view.attributes += lines(f"self.{module.name} = ", _sequence(module.items, blocks), "", 8)
    written = "\n".join(view.attributes)
    assert all(re.search(rf"\b{name}\b", written) for name in arguments.values()), "an argument without effect"
    view.forward = [f"x = self.{m.name}(x)  # {m.shape}" for m in modules if m is not loss]
    view.predict = ["x = self(x)", f"x = self.{loss.name}(x)"] if loss else []
    return view


def function_name(network: Network) -> str:
    """The name of the emitted file and of its entry function: ``vgg_D``."""
    return Names(USED).identifier(network.label, "network")


def display_name(network: Network) -> str:
    """The title with the variant: ``VGG-D``; the name where there is no title."""
    if network.title is None:
        return network.label
    return f"{network.title}-{network.variant}" if network.variant else network.title


def _arguments(network: Network) -> dict[str, str]:
    """The parameters that emitted code keeps as arguments, with their identifiers.

    Kept are numbers that only set widths and the like. What decides about heights, widths and repetitions is
    written as a number, because the shapes of all later rows follow from it.
    """
    used: set[str] = set()
    fixed: set[str] = set()
    for row in network.rows:
        for arg, binds in _args(row.steps or ()):
            (fixed if binds else used).update(names_in(arg))
    names = Names(USED)
    kept = [name for name, value in network.parameters.items() if name in used - fixed and type(value) in (int, float)]
    return {name: names.identifier(name, "parameter") for name in kept}


def _args(steps: Sequence[Step]) -> Iterator[tuple[Arg, bool]]:
    """All arguments, each with whether shapes or loops hang on it."""
    for step in steps:
        if isinstance(step, Apply):
            fixed = type(step.layer()).fixed
            yield from ((arg, name in fixed or type(arg.value) not in (int, float)) for name, arg in step.args.items())
        elif isinstance(step, Repeat):
            yield step.times, True
            yield from _args((*(step.first or ()), *step.steps))
        else:
            yield from _args(step.steps)


def _modules(network: Network, arguments: dict[str, str]) -> tuple[list[Module], Module | None]:
    """The attributes in order, and the last one if it belongs to the loss."""
    names = Names(USED | MODULE_ATTRIBUTES)
    walk = _Walk(network, arguments)
    x = network.input_shape
    modules: list[Module] = []
    for row in network.rows:
        items, x = walk.steps(row.steps or (), x)
        if items:
            modules.append(Module(names.identifier(row.layer), items, x))
    last = modules[-1].items[-1] if modules else None
    if not isinstance(last, Leaf) or not last.op.part_of_loss:
        return modules, None
    if len(modules[-1].items) > 1:
        modules[-1].items.pop()
        modules.append(Module(names.identifier(last.op.spelled()), [last], x))
    return modules, modules[-1]


class _Walk:
    """Runs the ops on symbols along the rows and gathers the torch modules."""

    def __init__(self, network: Network, arguments: dict[str, str]) -> None:
        self._arguments = arguments
        self._taken = {function_name(network), *arguments.values()}
        self._fractions = {name for name in arguments if isinstance(network.parameters[name], float)}

    def steps(self, steps: Sequence[Step], x: Shape) -> tuple[list[Item], Shape]:
        items: list[Item] = []
        for step in steps:
            if isinstance(step, Repeat):
                for times, body in step.runs():
                    found, x = self._repeat(body, times, x)
                    items += found
            elif isinstance(step, Group):
                found, x = self.steps(step.steps, x)
                items.append(_ruled(step, found))
            else:
                op = self._op(step)
                items += [Leaf(op, _apart(call, self._taken)) for call in op.torch(x)]
                x = op.infer(x)
        return items, x

    def _repeat(self, body: Sequence[Step], times: int, x: Shape) -> tuple[list[Item], Shape]:
        items: list[Item] = []
        left = times
        while left:
            found, y = self.steps(body, x)
            same = left if _same(x, y) else 1
            items += found if same == 1 else [Again(same, found)]
            left, x = left - same, y
        return items, x

    def _op(self, step: Apply) -> Op:
        op = step.layer()
        symbols: dict[str, Any] = {
            name: symbol(arg, self._arguments, self._fractions)
            for name, arg in step.args.items()
            if arg.text and names_in(arg) <= set(self._arguments) and name not in op.fixed
        }
        return op.replaced(**symbols) if symbols else op


def _apart(call: Call, taken: set[str]) -> Call:
    """The call; a class that emission copies in gives way where the network's own names take its name."""
    name = call.target
    while call.module and name in taken:
        name = f"{name}Layer"
    if name == call.target or call.module is None:
        return call
    return call._replace(target=name, module=call.module.replace(f"class {call.target}(", f"class {name}("))


def _same(x: Shape, y: Shape) -> bool:
    """Whether two shapes are equal and written the same."""
    return x == y and literal(x.channels) == literal(y.channels)


def _ruled(group: Group, items: list[Item]) -> Item:
    leaves = [item for item in items if isinstance(item, Leaf)]
    assert len(leaves) == len(items)
    ops = [step.layer() for step in group.steps if isinstance(step, Apply)]
    label = "".join(op.label or type(op).__name__ for op in ops)
    said = "; ".join(op.spelled() for op in ops)
    return Ruled(label, f"`{group.rule}` with its `every` rule: {said}.", tuple(leaf.call for leaf in leaves))


def _calls(items: Sequence[Item]) -> Iterator[Call]:
    for item in items:
        if isinstance(item, Again):
            yield from _calls(item.items)
        else:
            yield from item.use if isinstance(item, Ruled) else (item.call,)


def _blocks(modules: Sequence[Module], names: Names) -> dict[tuple[str, ...], Block]:
    """A class for each rule that is used more than once, by what its uses have in common."""
    uses: dict[tuple[str, ...], list[Ruled]] = {}
    for module in modules:
        for ruled in _rules(module.items):
            uses.setdefault(signature_of(ruled.use), []).append(ruled)
    return {
        signature: Block(names.class_name(found[0].label), found[0].doc, [ruled.use for ruled in found])
        for signature, found in uses.items()
        if len(found) > 1
    }


def _rules(items: Sequence[Item]) -> Iterator[Ruled]:
    for item in items:
        if isinstance(item, Again):
            yield from _rules(item.items)
        elif isinstance(item, Ruled):
            yield item


def _sequence(items: Sequence[Item], blocks: dict[tuple[str, ...], Block]) -> Doc:
    docs = _docs(items, blocks)
    return docs[0] if len(docs) == 1 and not isinstance(docs[0], Loop) else Bracket("nn.Sequential(", docs, ")")


def _docs(items: Sequence[Item], blocks: dict[tuple[str, ...], Block]) -> list[Doc]:
    docs: list[Doc] = []
    for item in items:
        if isinstance(item, Leaf):
            docs.append(call_doc(item.call))
        elif isinstance(item, Again):
            docs.append(Loop(_sequence(item.items, blocks), str(item.times)))
        elif signature_of(item.use) in blocks:
            docs.append(blocks[signature_of(item.use)].instance(item.use))
        else:
            docs += [call_doc(call) for call in item.use]
    return docs


def _entry(function: str, class_name: str, signature: list[str], arguments: list[str], title: str) -> str:
    passed = Bracket(f"{class_name}(", arguments, ")")
    head = lines("def ", Bracket(f"{function}(", signature, ")"), f" -> {class_name}:", 0)
    return "\n".join([*head, f'    """{title} with fresh weights."""', *lines("return ", passed, "", 4)])


def _heading(network: Network) -> str:
    where = "; ".join(str(paper) for paper in network.papers)
    text = doc(display_name(network) + (f": {where}" if where else ""))
    return "\n".join(wrap(text if text.endswith(".") else f"{text}.", WIDTH - 3))


def _summary(network: Network, totals: Totals) -> list[str]:
    counting = Counting(network.counted)
    text = (
        f"For one {network.input_shape} image: {totals.params:,} parameters, {totals.mult_adds:,} mult-adds, "
        f"{totals.activations:,} activations (convention: {counting.name}). One mult-add is one multiply-accumulate "
        "of a convolution or a fully connected layer. Emitted by archspec from the network's table."
    )
    return wrap(text, WIDTH)


def _batch(shape: Shape) -> list[int]:
    height_width = [] if shape.height is None or shape.width is None else [shape.height, shape.width]
    return [1, shape.channels, *height_width]
