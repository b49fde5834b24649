"""The class of a network and its entry function as text: what is an attribute, what an argument, what is returned."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from textwrap import wrap
from typing import NamedTuple

from archspec.elaborate.messages import as_written
from archspec.ir.network import Network
from archspec.op import Given
from archspec.targets.torch.assemble import Assembly, Flow, Lines
from archspec.targets.torch.first_weights import draws
from archspec.targets.torch.items import Item, Node, calls_in, names_in, settled
from archspec.targets.torch.layout import WIDTH, Bracket, Doc, docstring, flat, lines, literal
from archspec.targets.torch.names import MODULE_ATTRIBUTES, USED, Names, doc
from archspec.targets.torch.parameters import Parameter
from archspec.targets.torch.parts import Parts
from archspec.targets.torch.rules import ClassView


class NetworkView(NamedTuple):
    """The class of a network and its entry function; every text is Python already."""

    class_name: str
    function: str
    doc: list[str]
    signature: str
    entry: str
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
    draws: bool = False
    """Whether it has weights that are drawn."""
    reset: Sequence[str] = ()
    """What draws them."""
    places: Sequence[Lines] = ()
    """Where each row stands in ``attributes`` and ``forward``; what belongs to the loss stands in the former alone."""

    @property
    def constructor(self) -> list[str]:
        """What checks its arguments and makes its modules."""
        return [*self.checks, *self.attributes]


def network_view(network: Network, parts: Parts, class_name: str, outer: Names, assembly: Assembly) -> NetworkView:
    """The class of a network, of that name; ``outer`` are the names of the file."""
    names = Names(USED | MODULE_ATTRIBUTES)
    flow = assembly.flow(parts.nodes, names, frozenset(head.source for head in network.heads), True, parts.steps)
    made: list[ClassView] = []
    heads = []
    for head, nodes in zip(network.heads, parts.heads.values(), strict=True):
        module = _head(nodes, head.name, assembly, outer, parts.arguments.values(), made)
        attribute = names.identifier(head.name)
        heads.append(
            Flow(
                lines(f"self.{attribute} = ", module, "", 8), [], {}, f"self.{attribute}({flow.variables[head.source]})"
            )
        )
    drawn = draws(calls_in(parts.items))
    loss = assembly.flow([parts.loss], names, frozenset(), comments=False) if parts.loss else None
    attributes = [
        *flow.attributes,
        *(loss.attributes if loss else []),
        *(line for head in heads for line in head.attributes),
        *["        self.reset_parameters()"] * drawn,
        *_closing(parts.items),  # which may put modules of the caller in their places
    ]
    given = _given(parts.items)
    signature, passed = _signature(parts.arguments.values(), parts.own, given)
    says = _fresh(network.display_name, given, _settled(network, parts, signature))
    return NetworkView(
        class_name=class_name,
        function=parts.function,
        doc=docstring(f"{network.display_name}, one attribute for each row of its table.", 4),
        signature="\n".join(lines("def ", Bracket("__init__(", ["self", *signature], ")"), " -> None:", 4)),
        entry=_entry(parts.function, class_name, signature, passed, says),
        given=given,
        checks=parts.checks,
        heads=made,
        head_weights=str(tuple(head.weight for head in network.heads)) if heads else "",
        attributes=attributes,
        returns=f"Tensor | tuple[{', '.join(['Tensor'] * (len(heads) + 1))}]" if heads else "Tensor",
        says=_says(loss is not None, bool(heads)),
        forward=_forward(flow, heads),
        predict=_predict(loss, bool(heads)) if loss else [],
        rows=flow.named,
        draws=drawn,
        places=[*flow.places, *(_behind(flow, loss) if loss else ())],
    )


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
    view = ClassView("", "nn.Module", [], "\n".join(head), "\n".join(body), forward)
    same = next((one for one in made if one._replace(name="", doc=[]) == view), None)
    if same is None:
        text = docstring(f"Head `{name}`, for training alone.", 4)
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


def _says(predicts: bool, heads: bool) -> list[str]:
    if heads:
        return docstring("Logits; in training also those of the heads, weighed by `head_weights`.", 8)
    return docstring("Logits; the soft-max belongs to the loss, and to `predict`.", 8) if predicts else []


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


def _signature(
    arguments: Iterable[Parameter], items: Sequence[Item], given: Sequence[Given] = ()
) -> tuple[list[str], list[str]]:
    """The arguments with their types and defaults, and how they are passed on; those that the items use."""
    used = names_in(items)
    kept = [parameter for parameter in arguments if parameter.identifier in used]
    typed = [f"{p.identifier}: {p.kind.__name__} = {flat(literal(p.kind(p.default)))}" for p in kept]
    typed += [*["*"] * bool(given), *(f"{each.name}: {each.kind} = None" for each in given)]
    return typed, [*(p.identifier for p in kept), *(f"{each.name}={each.name}" for each in given)]


def _settled(network: Network, parts: Parts, signature: Sequence[str]) -> list[str]:
    """The parameters of the network that the code holds for one value of each, as a spec writes them."""
    written = {typed.partition(":")[0] for typed in signature}
    kept = {name for name, parameter in parts.arguments.items() if parameter.identifier in written}
    own = (name for name in network.parameters if name not in kept and name not in network.input_names)
    return [f"{name}={as_written(network.parameters[name])}" for name in own]


def _fresh(title: str, given: Sequence[Given], settled: Sequence[str]) -> list[str]:
    """What the entry function says of itself."""
    sentences = [f"`{each.name}` holds {each.says}." for each in given]
    if settled:
        sentences.append(f"It is written for {', '.join(f'`{each}`' for each in settled)}.")
    first = docstring(f"{title} with fresh weights.", 4)
    if not sentences:
        return first
    body = [f"    {doc(line)}" for sentence in sentences for line in wrap(sentence, WIDTH - 4)]
    opened = [first[0].removesuffix('"""')] if len(first) == 1 else first[:-1]
    return [*opened, "", *body, '    """']


def _entry(function: str, class_name: str, signature: list[str], arguments: list[str], says: list[str]) -> str:
    passed = Bracket(f"{class_name}(", arguments, ")")
    head = lines("def ", Bracket(f"{function}(", signature, ")"), f" -> {class_name}:", 0)
    return "\n".join([*head, *says, *lines("return ", passed, "", 4)])
