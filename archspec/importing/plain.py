"""A graph as a spec that says it layer by layer: a row each, with its name and what it takes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from archspec import ops
from archspec.importing.fold.file import UNWEIGHTED
from archspec.importing.fold.layers import idle_biases
from archspec.importing.fold.names import network_name, one_line
from archspec.importing.graph import INPUT, Graph, Layer
from archspec.ir.node import Value
from archspec.op import Op
from archspec.printing.tables import headed

STRIDE = "stride"
ENTERS = "in"
"""What a table calls that which enters it."""


def plain(graph: Graph) -> str:
    """The text of a spec of the graph, in which no layer stands for another."""
    graph = _begun(graph)
    names = row_names(graph.layers)
    heads = _heads(graph)
    main = [i for i in range(len(graph.layers)) if not any(i in members for members in heads.values())]
    lines = [
        *_comment(graph),
        f"network {network_name(graph.name)}",
        f'title "{one_line(graph.title)}"',
        f"input {graph.input}",
        "",
    ]
    for name, members in heads.items():
        lines += [*_head(graph, name, members, names), ""]
    return "\n".join([*lines, *_table(graph, main, names, INPUT)]) + "\n"


def _begun(graph: Graph) -> Graph:
    """The graph with a first row that does nothing where a head takes what enters the network: a head needs a row."""
    if all(INPUT not in entries for entries in head_entries(graph)):
        return graph
    first = Layer(ops.passing_on().spelled(), {}, (INPUT,), graph.input)
    layers = [layer._replace(sources=tuple(source + 1 for source in layer.sources)) for layer in graph.layers]
    outputs = tuple(output._replace(layer=output.layer + 1) for output in graph.outputs)
    return graph._replace(layers=(first, *layers), outputs=outputs)


def row_names(layers: Sequence[Layer]) -> list[str]:
    """A name for each layer: the path of its module, and its op where the module is not its own."""
    found: list[str] = []
    seen: dict[str, int] = {}
    for layer in layers:
        path = layer.scopes[-1].path if layer.scopes else ""
        own = bool(layer.tensors) or (path != "" and path not in seen)
        name = _row_name(path) if own and path else ".".join(filter(None, [_row_name(path), layer.op]))
        seen[name] = seen.get(name, 0) + 1
        found.append(name if seen[name] == 1 else f"{name}.{seen[name]}")
    return found


def _row_name(path: str) -> str:
    """A path as the name of a row, which has no commas, and is not the word for what enters."""
    name = re.sub(r"[^\w.-]", "_", path)
    return f"{name}_" if name == ENTERS else name


def step(layer: Layer) -> str:
    """A layer as a cell writes it: ``conv 7x7, 64, /2, pad=3, no bias``."""
    kind = ops.find(layer.op)
    assert kind is not None, layer.op
    named = kind.texted
    if named is not None and named in layer.args:
        rest = {name: value for name, value in layer.args.items() if name != named}
        others = step(layer._replace(args=rest)).removeprefix(layer.op).strip()
        return f'{layer.op} "{one_line(str(layer.args[named]))}"' + (f", {others}" if others else "")
    if kind.ranged and all(name in layer.args for name in kind.ranged):
        first, last = (layer.args[name] for name in kind.ranged)
        return f"{layer.op} {first}..{last}"
    given = _in_order(kind, layer.args)
    bare = [name for name, own in zip(given[bool(kind.sized in given) :], kind.bare, strict=False) if name == own]
    parts = [_argument(name, layer.args[name], name == kind.sized, name in bare) for name in given]
    return " ".join(filter(None, [layer.op, ", ".join(parts)]))


def _in_order(kind: type[Op], args: Mapping[str, Value]) -> list[str]:
    """The arguments as papers print them: the kernel, the channels, the stride, and switches last."""
    first = [*([kind.sized] if kind.sized else []), *kind.bare, STRIDE]
    rest = [name for switches in (False, True) for name in kind.arguments if kind.arguments[name].is_switch == switches]
    return [name for name in dict.fromkeys([*first, *rest]) if name in args]


def _argument(name: str, value: Value, sized: bool, bare: bool) -> str:
    if isinstance(value, bool):
        return name if value else f"no {name}"
    if isinstance(value, tuple):
        size = "x".join(map(str, value))
        if sized:
            return size
        short = str(value[0]) if len(set(value)) == 1 else size
        return f"/{short}" if name == STRIDE else f"{name}={short}"
    text = _number(value) if isinstance(value, int | float) else _word(str(value))
    return text if bare and not isinstance(value, str) else f"{name}={text}"


def _word(value: str) -> str:
    return value if value.isidentifier() else f'"{value}"'


def _number(value: float) -> str:
    return repr(int(value)) if float(value).is_integer() and abs(value) < 1e12 else repr(value)


def _table(graph: Graph, members: Sequence[int], names: Sequence[str], enters: int) -> list[str]:
    rows = [("layer", "op", "from")]
    above, idle = enters, idle_biases(graph)
    for i in members:
        sources = graph.layers[i].sources
        takes = "" if sources == (above,) else ", ".join(ENTERS if s == enters else names[s] for s in sources)
        meant = ", bias" if i in idle else ""
        rows.append((names[i], f"{step(graph.layers[i])}{meant}", takes))
        above = i
    return headed(rows)


def _heads(graph: Graph) -> dict[str, list[int]]:
    """The layers of each head: those that the network itself does not need."""
    needed = graph.before(graph.outputs[0].layer)
    found: dict[str, list[int]] = {}
    for output in graph.outputs[1:]:
        assert output.head is not None
        found[output.head] = sorted(graph.before(output.layer) - needed)
    return found


def head_entries(graph: Graph) -> list[set[int]]:
    """For each head, the layers whose output it takes: one alone, where a spec can say it."""
    return [_entries(graph, members) for members in _heads(graph).values()]


def _entries(graph: Graph, members: Sequence[int]) -> set[int]:
    return {source for i in members for source in graph.layers[i].sources if source not in members}


def _head(graph: Graph, name: str, members: Sequence[int], names: Sequence[str]) -> Iterator[str]:
    (entry,) = _entries(graph, members)
    yield f"head {name} from {names[entry]}, weight=1"
    yield from _table(graph, members, names, entry)


def _comment(graph: Graph) -> Iterator[str]:
    if graph.origin:
        yield f"# Imported from {one_line(graph.origin)}."
    if graph.outputs[1:]:
        yield UNWEIGHTED
    unsaid = [layer.opaque for layer in graph.layers if layer.opaque is not None]
    for each in unsaid:
        yield f"# Opaque: {one_line(each.path)}, {one_line(each.reason)}."
