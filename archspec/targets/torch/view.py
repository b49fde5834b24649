"""Every decision about the emitted file: what is a class, what an argument, what a loop. Templates place the text."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from textwrap import dedent, wrap
from typing import NamedTuple

from archspec.conventions import Counting
from archspec.cost import Totals
from archspec.ir import Network
from archspec.op import Shape
from archspec.targets.torch.blocks import Block, BlockView, call_doc, signature_of
from archspec.targets.torch.layout import WIDTH, Bracket, Doc, Loop, flat, lines, literal
from archspec.targets.torch.names import USED, Names, doc
from archspec.targets.torch.symbols import Parameter
from archspec.targets.torch.walk import (
    Again,
    Item,
    Leaf,
    Module,
    Ruled,
    arguments_of,
    calls_in,
    function_name,
    modules_of,
    rules_in,
)


class View(NamedTuple):
    """What the template places; every text is Python already."""

    heading: str
    summary: list[str]
    class_name: str
    function: str
    doc: str
    signature: str
    entry: str
    example: str
    modules: list[str]
    blocks: list[BlockView]
    attributes: list[str]
    forward: list[str]
    predict: list[str]


def view_of(network: Network, totals: Totals) -> View:
    """The view of one network."""
    function = function_name(network)
    arguments = arguments_of(network)
    outer = Names(USED | {function, *(parameter.identifier for parameter in arguments.values())})
    modules, loss = modules_of(network, arguments)
    sources = {call.target: call.module for module in modules for call in calls_in(module.items) if call.module}
    for name in sources:
        outer.identifier(name)
    class_name = outer.class_name(network.display_name)
    blocks = _blocks(modules, outer)
    attributes = [line for m in modules for line in lines(f"self.{m.name} = ", _sequence(m.items, blocks), "", 8)]
    signature, passed = _signature(arguments.values(), attributes)
    title = doc(network.display_name)
    return View(
        heading=_heading(network),
        summary=_summary(network, totals),
        class_name=class_name,
        function=function,
        doc=f"{title}, one attribute for each row of its table.",
        signature="\n".join(lines("def ", Bracket("__init__(", ["self", *signature], ")"), " -> None:", 4)),
        entry=_entry(function, class_name, signature, passed, title),
        example=", ".join(map(str, _batch(network.input_shape))),
        modules=[source.strip() for source in sources.values()],
        blocks=[block.view() for block in blocks.values()],
        attributes=attributes,
        forward=[f"x = self.{m.name}(x)  # {m.shape}" for m in modules if m is not loss],
        predict=["x = self(x)", f"x = self.{loss.name}(x)"] if loss else [],
    )


def _signature(arguments: Iterable[Parameter], attributes: Sequence[str]) -> tuple[list[str], list[str]]:
    """The arguments with their types and defaults, and their names; those that the attributes use."""
    tree = ast.parse(dedent("\n".join(attributes)))
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    kept = [parameter for parameter in arguments if parameter.identifier in used]
    typed = [f"{p.identifier}: {p.kind.__name__} = {flat(literal(p.kind(p.default)))}" for p in kept]
    return typed, [p.identifier for p in kept]


def _blocks(modules: Sequence[Module], names: Names) -> dict[tuple[str, ...], Block]:
    """A class for each rule that is used more than once, by what its uses have in common."""
    uses: dict[tuple[str, ...], list[Ruled]] = {}
    for module in modules:
        for ruled in rules_in(module.items):
            uses.setdefault(signature_of(ruled.use), []).append(ruled)
    return {
        signature: Block(names.class_name(found[0].label, "Block"), found[0].doc, [ruled.use for ruled in found])
        for signature, found in uses.items()
        if len(found) > 1
    }


def _sequence(items: Sequence[Item], blocks: dict[tuple[str, ...], Block]) -> Doc:
    """Items as one module; a layer with its rule stays one module inside, so that the names of weights do not move."""
    if len(items) == 1 and not isinstance(items[0], Again):
        return _doc(items[0], blocks)
    return Bracket("nn.Sequential(", [_doc(item, blocks) for item in items], ")")


def _doc(item: Item, blocks: dict[tuple[str, ...], Block]) -> Doc:
    if isinstance(item, Leaf):
        return call_doc(item.call)
    if isinstance(item, Again):
        return Loop(_sequence(item.items, blocks), str(item.times))
    if signature_of(item.use) in blocks:
        return blocks[signature_of(item.use)].instance(item.use)
    return Bracket("nn.Sequential(", [call_doc(call) for call in item.use], ")")


def _entry(function: str, class_name: str, signature: list[str], arguments: list[str], title: str) -> str:
    passed = Bracket(f"{class_name}(", arguments, ")")
    head = lines("def ", Bracket(f"{function}(", signature, ")"), f" -> {class_name}:", 0)
    return "\n".join([*head, f'    """{title} with fresh weights."""', *lines("return ", passed, "", 4)])


def _heading(network: Network) -> str:
    where = "; ".join(str(paper) for paper in network.papers)
    text = network.display_name + (f": {where}" if where else "")
    # Wrapped first: a line must not end inside an escaped character.
    return "\n".join(doc(line) for line in wrap(text if text.endswith(".") else f"{text}.", WIDTH - 3))


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
