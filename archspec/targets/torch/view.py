"""Every decision about the emitted file: what is a class, what an argument, what a loop. Templates place the text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from textwrap import wrap
from typing import NamedTuple

from archspec.analysis.cost import Totals
from archspec.analysis.inferred import Inferred, Key, ends_in_loss
from archspec.counting.conventions import Counting
from archspec.expressions import Function, every_part
from archspec.expressions.polynomial import TooLong
from archspec.expressions.symbols import Ledger, Symbol, variable
from archspec.ir.network import Apply, Network, Row
from archspec.ir.walking import steps_of
from archspec.op import Given, Shape
from archspec.support.sources import beside
from archspec.targets.torch.assemble import Assembly, Flow, Lines
from archspec.targets.torch.bindings import Decides
from archspec.targets.torch.classes import Classes
from archspec.targets.torch.influence import Reach, reach_of
from archspec.targets.torch.items import (
    Item,
    Leaf,
    Node,
    Place,
    Ruled,
    calls_in,
    expressions_in,
    names_in,
    rules_in,
    settled,
)
from archspec.targets.torch.layout import WIDTH, Bracket, Doc, flat, lines, literal
from archspec.targets.torch.names import MODULE_ATTRIBUTES, USED, Names, doc
from archspec.targets.torch.parameters import Parameter, arguments_of, function_name
from archspec.targets.torch.residuals import residuals
from archspec.targets.torch.rules import ClassView, Rule, signature_of
from archspec.targets.torch.walk import Walk


class View(NamedTuple):
    """What the template places; every text is Python already."""

    heading: str
    summary: list[str]
    class_name: str
    function: str
    doc: str
    signature: str
    entry: str
    imports: list[str]
    """What the types of arguments need beside torch."""
    example: str
    """The shape of an input to try; none where only the caller can make the network."""
    report: list[str]
    modules: list[str]
    blocks: list[ClassView]
    head_weights: str
    attributes: list[str]
    returns: str
    says: str
    forward: list[str]
    predict: list[str]
    rows: Sequence[tuple[str, str]]
    """The rows of the table that are attributes, each with the name of its attribute."""
    residuals: list[tuple[str, str]]
    """The classes whose branches are added, and the attribute of the branch that a norm ends: the residual one."""
    places: Sequence[Lines] = ()
    """Where each row stands in ``attributes`` and ``forward``; what belongs to the loss stands in the former alone."""


class Parts(NamedTuple):
    """A network as items: its rows without what belongs to the loss, that, the rows of its heads, its classes."""

    nodes: list[Node]
    loss: Node | None
    heads: dict[str, list[Node]]
    classes: Classes
    names: Names
    """Those of the module, of which its classes have taken theirs."""

    @property
    def items(self) -> list[Item]:
        """All items, in the order of the file: those of the classes first."""
        return [item for of in self.classes.made for item in settled(of.items)] + self.own

    @property
    def own(self) -> list[Item]:
        """The items of the rows."""
        nodes = [*self.nodes, *([self.loss] if self.loss else []), *(n for head in self.heads.values() for n in head)]
        return [item for node in nodes for item in node.items]


def view_of(network: Network, inferred: Inferred, totals: Totals) -> View:
    """The view of one network. A parameter whose expressions grow too long is written as a number."""
    arguments = arguments_of(network)
    while True:
        try:
            return _view(network, inferred, totals, arguments)
        except TooLong as long:
            if not arguments:
                raise  # a bug: there is no symbol left that could grow
            left = {name: p for name, p in arguments.items() if p.identifier not in long.names}
            arguments = left if len(left) < len(arguments) else {}


def _view(network: Network, inferred: Inferred, totals: Totals, arguments: Mapping[str, Parameter]) -> View:
    function = function_name(network)
    taken = frozenset({function, *(parameter.identifier for parameter in arguments.values())})
    parts = _parts(network, inferred, arguments, taken)
    outer = parts.names
    sources = {call.target: call.module for call in calls_in(parts.items) if call.module}
    class_name = outer.class_name(network.display_name)
    rules = _rules(parts.items, outer)
    assembly = Assembly(rules)
    names = Names(USED | MODULE_ATTRIBUTES)
    flow = assembly.flow(parts.nodes, names, frozenset(head.source for head in network.heads), comments=True)
    made: list[ClassView] = []
    heads = []
    for head, nodes in zip(network.heads, parts.heads.values(), strict=True):
        module = _head(nodes, head.name, assembly, outer, arguments.values(), made)
        attribute = names.identifier(head.name)
        heads.append(
            Flow(
                lines(f"self.{attribute} = ", module, "", 8), [], {}, f"self.{attribute}({flow.variables[head.source]})"
            )
        )
    loss = assembly.flow([parts.loss], names, frozenset(), comments=False) if parts.loss else None
    attributes = [
        *flow.attributes,
        *(loss.attributes if loss else []),
        *(line for head in heads for line in head.attributes),
    ]
    attributes += _closing(parts.items)
    given = _given(parts.items)
    signature, passed = _signature(arguments.values(), parts.own, given)
    title = doc(network.display_name)
    return View(
        heading=_heading(network),
        summary=_summary(network, totals),
        class_name=class_name,
        function=function,
        doc=f"{title}, one attribute for each row of its table.",
        signature="\n".join(lines("def ", Bracket("__init__(", ["self", *signature], ")"), " -> None:", 4)),
        entry=_entry(function, class_name, signature, passed, _fresh(title, given)),
        imports=[each.imports for each in given],
        example="" if given else ", ".join(map(str, _batch(network.input_shape))),
        report=_report(function),
        modules=_modules(sources, parts),
        blocks=[*(rule.view() for rule in rules.values()), *(assembly.view(of) for of in parts.classes.made), *made],
        head_weights=str(tuple(head.weight for head in network.heads)) if heads else "",
        attributes=attributes,
        returns=f"Tensor | tuple[{', '.join(['Tensor'] * (len(heads) + 1))}]" if heads else "Tensor",
        says=_says(loss is not None, bool(heads)),
        forward=_forward(flow, heads),
        predict=_predict(loss, bool(heads)) if loss else [],
        rows=flow.named,
        residuals=[(of.name, name) for of in parts.classes.made for name in residuals(of, network, assembly)],
        places=[*flow.places, *(_behind(flow, loss) if loss else ())],
    )


def _behind(flow: Flow, loss: Flow) -> Iterator[Lines]:
    """Where what belongs to the loss stands, whose attributes follow those of all other rows."""
    before = len(flow.attributes)
    for each in loss.places:
        yield Lines(each.row, (before + each.attributes[0], before + each.attributes[1]), (0, 0))


def _parts(network: Network, inferred: Inferred, arguments: Mapping[str, Parameter], taken: frozenset[str]) -> Parts:
    """The items of a network. Where an argument may change a condition inside a block, all conditions are kept."""
    reach: dict[Key, Reach] = {}
    while True:
        ledger = Ledger()
        kept = {name: _symbol(p, ledger) for name, p in arguments.items()}
        values = {**network.parameters, **kept}
        copied = _copied(network)
        names = Names(USED | taken | copied)
        classes = Classes(network, inferred, kept, taken, names, copied, reach)
        walk = Walk(network, values, ledger, taken, classes.find, fixed=True)
        shared = frozenset(head.source for head in network.heads)
        nodes, _ = walk.rows(network.rows, Place(network.input_shape), shared)
        places = {node.name: Place(node.shape) for node in nodes}
        heads = {head.name: walk.rows(head.rows, places[head.source])[0] for head in network.heads}
        if ledger.decided:
            raise Decides(frozenset[str]().union(*(comparison.names for comparison in ledger.decided)))
        parts = Parts(*_without_loss(nodes, network.rows), heads, classes, names)
        uses = {**classes.uses, None: walk.uses}
        before, reach = reach, reach_of(uses, classes.called, (p.identifier for p in arguments.values()))
        if reach == before:
            classes.finish(parts.own)
            return parts


def _symbol(parameter: Parameter, ledger: Ledger) -> Symbol:
    return variable(parameter.identifier, parameter.kind(parameter.default), ledger)


def _without_loss(nodes: list[Node], rows: Sequence[Row]) -> tuple[list[Node], Node | None]:
    """The rows, and what stands last and belongs to the loss, as a row of its own."""
    place = next((i for i in reversed(range(len(nodes))) if nodes[i].items or nodes[i].join), None)
    if place is None or not ends_in_loss(rows[place]):
        return nodes, None
    node = nodes[place]
    last = node.items[-1]
    assert isinstance(last, Leaf)
    if len(node.items) == 1 and node.join is None:
        return nodes[:place] + nodes[place + 1 :], node
    kept = node._replace(items=node.items[:-1])
    loss = Node(last.op.spelled(), (), None, (node.shape,), [last], node.shape)
    return [*nodes[:place], kept, *nodes[place + 1 :]], loss


def _head(
    nodes: Sequence[Node],
    name: str,
    assembly: Assembly,
    names: Names,
    arguments: Iterable[Parameter],
    made: list[ClassView],
) -> Doc:
    """A head as one module: its layers where it is a chain, else an object of a class, which equal heads share."""
    if not any(node.join or node.sources for node in nodes):
        return assembly.sequence([item for node in nodes for item in settled(node.items)])
    flow = assembly.flow(nodes, Names(USED | MODULE_ATTRIBUTES), frozenset(), comments=False)
    signature, passed = _signature(arguments, [item for node in nodes for item in node.items])
    head = lines("def ", Bracket("__init__(", ["self", *signature], ")"), " -> None:", 4)
    body = ["        super().__init__()", *flow.attributes]
    forward = [*flow.forward, f"return {flow.result}"]
    view = ClassView("", "nn.Module", "", "\n".join(head), "\n".join(body), forward)
    same = next((one for one in made if one._replace(name="", doc="") == view), None)
    if same is None:
        text = doc(f"Head `{name}`, for training alone.")
        same = view._replace(name=names.class_name(name, "Head"), doc=text)
        made.append(same)
    return Bracket(f"{same.name}(", passed, ")")


def _forward(flow: Flow, heads: Sequence[Flow]) -> list[str]:
    found = list(flow.forward)
    if heads:
        found.append("if self.training:")
        found += [f"    {line}" for line in _returned([flow.result, *(head.result for head in heads)])]
    return [*found, f"return {flow.result}"]


def _returned(values: Sequence[str]) -> list[str]:
    whole = f"return {', '.join(values)}"
    if len(whole) + 12 <= WIDTH:
        return [whole]
    return ["return (", *(f"    {value}," for value in values), ")"]


def _says(predicts: bool, heads: bool) -> str:
    if heads:
        return "Logits; in training those of the heads too, whose losses `head_weights` weighs."
    return "Logits; the soft-max belongs to the loss, and to `predict`." if predicts else ""


def _predict(loss: Flow, heads: bool) -> list[str]:
    if not heads:
        return ["x = self(x)", *loss.forward]
    return ["output = self(x)", "x = output[0] if isinstance(output, tuple) else output", *loss.forward]


def _closing(items: Sequence[Item]) -> list[str]:
    """What layers want at the end of the constructor, each once."""
    found = dict.fromkeys(call.closing for call in calls_in(items) if call.closing)
    return [f"        {line}" if line else "" for text in found for line in text.strip("\n").split("\n")]


def _given(items: Sequence[Item]) -> list[Given]:
    """What layers need of the caller, each once."""
    return [*dict.fromkeys(call.given for call in calls_in(items) if call.given)]


def _copied(network: Network) -> frozenset[str]:
    """The names of the classes that ops bring along, which no block may take."""
    kinds = {kind for step in steps_of(network) if isinstance(step, Apply) for kind in step.kind_of_layer.__mro__}
    return frozenset[str]().union(*(beside(kind.__module__).classes() for kind in kinds))


def _modules(sources: Mapping[str, str], parts: Parts) -> list[str]:
    """Classes that torch lacks, and the function of the language that Python lacks, where they are used."""
    named = (code for of in parts.classes.made for code in of.locals.values())
    every = (part for code in (*expressions_in(parts.items), *named) for part in every_part(code))
    called = {part.name for part in every if isinstance(part, Function)}
    rounded = "round_to" in called
    helpers = ["near"] * (rounded or "near" in called) + ["round_to"] * rounded
    return [*map(beside(__name__).definition, helpers), *sources.values()]


def _signature(
    arguments: Iterable[Parameter], items: Sequence[Item], given: Sequence[Given] = ()
) -> tuple[list[str], list[str]]:
    """The arguments with their types and defaults, and how they are passed on; those that the items use."""
    used = names_in(items)
    kept = [parameter for parameter in arguments if parameter.identifier in used]
    typed = [f"{p.identifier}: {p.kind.__name__} = {flat(literal(p.kind(p.default)))}" for p in kept]
    typed += [*["*"] * bool(given), *(f"{each.name}: {each.kind} = None" for each in given)]
    return typed, [*(p.identifier for p in kept), *(f"{each.name}={each.name}" for each in given)]


def _rules(items: Sequence[Item], names: Names) -> dict[tuple[str, ...], Rule]:
    """A class for each rule that is used more than once, by what its uses have in common."""
    uses: dict[tuple[str, ...], list[Ruled]] = {}
    for ruled in rules_in(items):
        uses.setdefault(signature_of(ruled.use), []).append(ruled)
    return {
        signature: Rule(names.class_name(_label(found), "Block"), found[0].doc, [ruled.use for ruled in found])
        for signature, found in uses.items()
        if len(found) > 1
    }


def _label(found: Sequence[Ruled]) -> str:
    """The name of a class: the plainer one, where a depthwise convolution shares it with others."""
    return min((ruled.label for ruled in found), key=len)


def _fresh(title: str, given: Sequence[Given]) -> list[str]:
    """What the entry function says of itself."""
    whole = f"{title} with fresh weights" + "".join(f"; `{each.name}` holds {each.says}" for each in given)
    if len(whole) + 11 <= WIDTH or not given:
        return [f'    """{whole}."""']
    said = (wrap(f"`{each.name}` holds {each.says}.", WIDTH - 4) for each in given)
    body = [f"    {line}" for lines in said for line in lines]
    return [f'    """{title} with fresh weights.', "", *body, '    """']


def _entry(function: str, class_name: str, signature: list[str], arguments: list[str], says: list[str]) -> str:
    passed = Bracket(f"{class_name}(", arguments, ")")
    head = lines("def ", Bracket(f"{function}(", signature, ")"), f" -> {class_name}:", 0)
    return "\n".join([*head, *says, *lines("return ", passed, "", 4)])


def _report(function: str) -> list[str]:
    """What running the file prints, within the width."""
    text = f'f"{function}: {{parameters:,}} parameters, output {{tuple(output.shape)}}"'
    whole = f"print({text})"
    return [whole] if len(whole) + 4 <= WIDTH else ["print(", f"    {text}", ")"]


def _heading(network: Network) -> str:
    where = "; ".join(str(paper) for paper in network.own_papers)
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
