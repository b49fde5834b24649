"""The class of a network and its entry function as text: what is an attribute, what an argument, what is returned."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from archspec.expressions.symbols import Symbol
from archspec.op import Call, Given, Shape
from archspec.targets.torch.assemble import Assembly, Flow, Lines
from archspec.targets.torch.docstrings import of_networks
from archspec.targets.torch.item_values import names_in, words_in
from archspec.targets.torch.items import Item, Node, calls_in, settled
from archspec.targets.torch.layout import WIDTH, Bracket, Doc, docstring, flat, lines, literal
from archspec.targets.torch.names import MODULE_ATTRIBUTES, USED, Names
from archspec.targets.torch.parts import Parts
from archspec.targets.torch.places import bare
from archspec.targets.torch.refusals import statement
from archspec.targets.torch.rules import ClassView
from archspec.targets.torch.signatures import Member, entry, formals_of, given_to, passed, signature


class NetworkView(NamedTuple):
    """The class of a network and its entry function; every text is Python already."""

    class_name: str
    functions: Sequence[str]
    """The names of the entry functions."""
    doc: list[str]
    signature: str
    entries: Sequence[str]
    """The entry functions, one for each of its networks."""
    given: Sequence[Given]
    """What the caller has to give."""
    checks: Sequence[str]
    """The statements that check its arguments."""
    heads: Sequence[ClassView]
    """The classes of its heads that are not chains."""
    head_weights: str
    attributes: list[str]
    returns: str
    says: list[str]
    forward: list[str]
    predict: list[str]
    rows: Sequence[tuple[str, str]]
    """The rows of the table that are attributes, each with the name of its attribute."""
    stateful: Sequence[Call] = ()
    """The modules that have weights or statistics."""
    reset: Sequence[str] = ()
    """What draws or sets them."""
    places: Sequence[Lines] = ()
    """Where each row stands in ``attributes`` and ``forward``; what belongs to the loss stands in the former alone."""

    @property
    def function(self) -> str:
        """The entry function of the class of one network."""
        (found,) = self.functions
        return found

    @property
    def constructor(self) -> list[str]:
        """What checks its arguments and makes its modules."""
        return [*self.checks, *self.attributes]


def network_view(members: Sequence[Member], class_name: str, outer: Names, assembly: Assembly) -> NetworkView:
    """The class of networks that differ in its arguments, of that name; ``outer`` are the names of the file."""
    network, parts = members[0]
    every = [member.parts for member in members]
    names = Names(USED | MODULE_ATTRIBUTES)
    shared = frozenset(head.source for head in network.heads)
    flow = assembly.flow(parts.nodes, names, shared, parts.steps, _comments(every))
    heads, made = _heads(members[0], every, flow, names, outer, assembly)
    loss = assembly.flow([parts.loss], names, frozenset()) if parts.loss else None
    stateful = [call for call in calls_in(parts.items) if call.fans or call.resets]
    given, formals = given_to(parts.items), formals_of(every, parts.used)
    arguments = Bracket("__init__(", ["self", *signature(formals, given)], ")")
    return NetworkView(
        class_name=class_name,
        functions=[each.function for each in every],
        doc=of_networks(class_name, [member.network.display_name for member in members]),
        signature="\n".join(lines("def ", arguments, " -> None:", 4)),
        entries=[entry(member, at, class_name, formals, given) for at, member in enumerate(members)],
        given=given,
        checks=_checks(every),
        heads=made,
        head_weights=str(tuple(head.weight for head in network.heads)) if heads else "",
        attributes=[*_attributes(flow, loss, heads, bool(stateful)), *_closing(parts.items)],
        returns=_returns(len(heads)),
        says=_says(loss is not None, bool(heads)),
        forward=_forward(flow, heads),
        predict=_predict(loss, bool(heads)) if loss else [],
        rows=flow.named,
        stateful=stateful,
        places=[*flow.places, *(_behind(flow, loss) if loss else ())],
    )


def _heads(
    member: Member, every: Sequence[Parts], flow: Flow, names: Names, outer: Names, assembly: Assembly
) -> tuple[list[Flow], list[ClassView]]:
    """The heads as attributes, called with what their rows give, and the classes of those that are no chains."""
    network, parts = member
    heads, made = list[Flow](), list[ClassView]()
    for head, nodes in zip(network.heads, parts.heads.values(), strict=True):
        module = _head(nodes, head.name, assembly, outer, every, made)
        attribute = names.identifier(head.name)
        attributes = lines(f"self.{attribute} = ", module, "", 8)
        heads.append(Flow(attributes, [], {}, f"self.{attribute}({flow.variables[head.source]})"))
    return heads, made


def _attributes(flow: Flow, loss: Flow | None, heads: Sequence[Flow], draws: bool) -> list[str]:
    """The modules of the rows, of the loss and of the heads, whose weights are then drawn."""
    found = [*flow.attributes, *(loss.attributes if loss else [])]
    found += [line for head in heads for line in head.attributes]
    return [*found, "        self.reset_parameters()"] if draws else found


def _checks(members: Sequence[Parts]) -> list[str]:
    """The statements that check arguments, each once."""
    texts = dict.fromkeys(statement(check) for parts in members for check in parts.checks)
    return [line for text in texts for line in text]


def _returns(heads: int) -> str:
    """What ``forward`` gives: in training also the logits of heads."""
    return f"Tensor | tuple[{', '.join(['Tensor'] * (heads + 1))}]" if heads else "Tensor"


def _comments(members: Sequence[Parts]) -> list[str]:
    """What each row gives, in all of the networks: ``56x56x64``, or ``56 x 56 x w1`` where they differ in channels."""
    return [_shape([node.shape for node in nodes]) for nodes in zip(*(parts.nodes for parts in members), strict=True)]


def _shape(shapes: Sequence[Shape]) -> str:
    texts = dict.fromkeys(str(bare(shape)) for shape in shapes)
    if len(texts) == 1:
        return next(iter(texts))
    channels = flat(literal(shapes[0].channels))
    sides = {(shape.height, shape.width) for shape in shapes}
    if len(sides) > 1 or not isinstance(shapes[0].channels, Symbol):
        return ""
    return " x ".join([*(str(side) for side in sides.pop() if side is not None), channels])


def _behind(flow: Flow, loss: Flow) -> Iterator[Lines]:
    """Where what belongs to the loss stands, whose attributes follow those of all other rows."""
    before = len(flow.attributes)
    for each in loss.places:
        yield Lines(each.row, (before + each.attributes[0], before + each.attributes[1]), (0, 0))


def _head(
    nodes: Sequence[Node],
    name: str,
    assembly: Assembly,
    names: Names,
    members: Sequence[Parts],
    made: list[ClassView],
) -> Doc:
    """A head as one module: its layers where it is a chain, else an object of a class, which equal heads share."""
    if not any(node.join or node.sources for node in nodes):
        return assembly.sequence([item for node in nodes for item in settled(node.items)])
    flow = assembly.flow(nodes, Names(USED | MODULE_ATTRIBUTES), frozenset())
    items = [item for node in nodes for item in node.items]
    formals = formals_of(members, names_in(items) | words_in(items))
    head = lines("def ", Bracket("__init__(", ["self", *signature(formals)], ")"), " -> None:", 4)
    body = ["        super().__init__()", *flow.attributes]
    forward = [*flow.forward, f"return {flow.result}"]
    view = ClassView("", "nn.Module", [], "\n".join(head), "\n".join(body), forward)
    same = next((one for one in made if one._replace(name="", doc=[]) == view), None)
    if same is None:
        text = docstring(f"Head `{name}`, for training alone.", 4)
        same = view._replace(name=names.class_name(name, "Head"), doc=text)
        made.append(same)
    return Bracket(f"{same.name}(", passed(formals), ")")


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


def _says(predicts: bool, heads: bool) -> list[str]:
    if heads:
        return docstring("Logits; in training those of the heads too: see `head_weights`.", 8)
    return docstring("Logits; the soft-max belongs to the loss, and to `predict`.", 8) if predicts else []


def _predict(loss: Flow, heads: bool) -> list[str]:
    if not heads:
        return ["x = self(x)", *loss.forward]
    return ["output = self(x)", "x = output[0] if isinstance(output, tuple) else output", *loss.forward]


def _closing(items: Sequence[Item]) -> list[str]:
    """What layers want at the end of the constructor, each once: modules of the caller take their places there."""
    found = dict.fromkeys(call.closing for call in calls_in(items) if call.closing)
    return [f"        {line}" if line else "" for text in found for line in text.strip("\n").split("\n")]
