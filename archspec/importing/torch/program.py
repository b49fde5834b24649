"""A module as torch.export writes it down: operations in the order in which they run, each with its module.

The module is exported as it runs at test time. What is nothing then and something in training is put into the graph by
an operation of our own where the module tree says so, and operations of dropout stay in the graph by themselves.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from archspec.importing.graph import Scope
from archspec.importing.torch.at_rest import at_rest, bounded, define_drop_path, quiet
from archspec.importing.torch.skeletons import starts_of
from archspec.importing.torch.values import Weight
from archspec.op import Shape

if TYPE_CHECKING:
    from torch import nn


class Call(NamedTuple):
    """One call of a module, which holds the operations of its own and those of the modules that it calls."""

    key: str
    path: str
    kind: str


class Step(NamedTuple):
    """One operation."""

    name: str
    """By which later ones take its result."""
    op: str
    """As ATen calls it, without its overload, ``conv2d``; empty where it is none of ATen's."""
    in_place: bool
    arguments: Mapping[str, Any]
    """By their names; ``Ref`` stands for results of others."""
    calls: tuple[Call, ...]
    """From the whole network to its own module."""
    shapes: tuple[tuple[int, ...], ...]
    """Of its results."""
    real: tuple[bool, ...]
    """Which of its results are numbers with a fraction: not truth values, whole or complex numbers."""
    node: Any
    """Torch's own, by which it runs."""


class Ref(NamedTuple):
    """The result of another operation, or a weight or the input, by its name."""

    name: str


class Memory(NamedTuple):
    """Where the numbers of a tensor lie."""

    storage: int
    first: int
    last: int

    def meets(self, other: Memory) -> bool:
        """Whether two tensors may share numbers: for parts of channels of one image it is sure."""
        return self.storage == other.storage and self.first <= other.last and other.first <= self.last


class Program(NamedTuple):
    """All operations of a module, with what they take and what they give."""

    steps: tuple[Step, ...]
    weights: Mapping[str, Weight]
    input: str
    outputs: tuple[tuple[str, str], ...]
    """Each as what the module calls it and the name of its operation."""
    constants: Mapping[str, Any]
    """The tensors that the module itself does not hold, by what torch calls them."""
    memory: Mapping[str, Memory]
    """Where the input and each result lie that is a tensor."""
    graphs: Mapping[str, Any]
    """The graphs that operations run, as what stands in a context does, by the names that operations take."""
    trains: bool
    """Whether it is the module as in training, with its heads."""


def program(module: nn.Module, input: Shape, heads: bool = False) -> Program:
    """The operations of a module for one image; ``heads`` as in training, with the layers as at test time."""
    import torch

    define_drop_path()
    first = next((each for each in module.parameters() if each.is_floating_point()), None)
    device, kind = (first.device, first.dtype) if first is not None else (torch.device("cpu"), torch.float32)
    sides = () if input.height is None or input.width is None else (input.height, input.width)
    image = torch.zeros(1, input.channels, *sides, device=device, dtype=kind)
    with at_rest(module, heads), torch.no_grad(), quiet(), bounded():
        exported = torch.export.export(module, (image,), strict=False)
    return _read(exported, starts_of(module), heads)


def unshaped(module: nn.Module) -> str | None:
    """The name of a parameter whose shape is not known before the module has run once; None where all are."""
    from torch.nn.parameter import is_lazy

    return next((name for name, each in module.named_parameters() if is_lazy(each)), None)


def _read(exported: Any, starts: Mapping[str, float], heads: bool) -> Program:
    signature = exported.graph_signature
    trained = dict(signature.inputs_to_parameters)
    stored = {**signature.inputs_to_buffers, **signature.inputs_to_lifted_tensor_constants}
    weights: dict[str, Weight] = {}
    steps: list[Step] = []
    for node in exported.graph.nodes:
        if node.op == "placeholder" and node.name in {**trained, **stored}:
            name = trained.get(node.name) or stored[node.name]
            learned = node.name in trained
            weights[node.name] = Weight(name, tuple(node.meta["val"].shape), learned, starts.get(name))
        elif node.op == "call_function":
            steps.append(_step(node))
    (input,) = signature.user_inputs
    outputs = tuple(_outputs(exported, signature.user_outputs))
    lifted = {name: exported.constants[name] for name in signature.lifted_tensor_constants}
    graphs = {
        node.name: getattr(exported.graph_module, node.target) for node in exported.graph.nodes if node.op == "get_attr"
    }
    memory = {node.name: place for node in exported.graph.nodes if (place := _memory(node.meta.get("val"))) is not None}
    return Program(tuple(steps), weights, input, outputs, lifted, memory, graphs, heads)


def _step(node: Any) -> Step:
    import operator

    import torch

    given = node.meta.get("val")
    shapes, real = _shapes(given), _real(given)
    if node.target is operator.getitem:
        source, place = node.args
        taken = {"x": Ref(source.name), "place": place}
        return Step(node.name, "getitem", False, taken, _calls(node), shapes, real, node)
    if not isinstance(node.target, torch._ops.OpOverload):
        taken = {"x": _plain([*node.args, *node.kwargs.values()])}
        return Step(node.name, "", False, taken, _calls(node), shapes, real, node)
    schema = node.target._schema
    _, _, name = schema.name.partition("::")
    in_place = name.endswith("_") and not name.startswith("__")
    op = name.rstrip("_") if in_place else name
    return Step(node.name, op, in_place, _bound(node, schema), _calls(node), shapes, real, node)


def _bound(node: Any, schema: Any) -> dict[str, Any]:
    """The arguments by their names, those that are left out by their defaults; the first is ``x``."""
    found: dict[str, Any] = {}
    for place, argument in enumerate(schema.arguments):
        name = "x" if argument.name in ("self", "input") else argument.name
        if place < len(node.args):
            found[name] = _plain(node.args[place])
        else:
            found[name] = _plain(node.kwargs.get(argument.name, argument.default_value))
    return found


def _plain(value: Any) -> Any:
    """An argument with references in the place of nodes."""
    from torch.fx import Node

    if isinstance(value, Node):
        return Ref(value.name)
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value


def _calls(node: Any) -> tuple[Call, ...]:
    found = node.meta.get("nn_module_stack") or {}
    return tuple(Call(key, path.partition("@")[0], str(kind)) for key, (path, kind) in found.items())


def _memory(value: Any) -> Memory | None:
    """Where a tensor lies; None for what is not one."""
    if not hasattr(value, "untyped_storage"):
        return None
    first = int(value.storage_offset())
    last = first + sum((int(n) - 1) * int(step) for n, step in zip(value.shape, value.stride(), strict=True))
    return Memory(int(value.untyped_storage()._cdata), first, last)


def _shapes(value: Any) -> tuple[tuple[int, ...], ...]:
    if hasattr(value, "shape"):
        return (tuple(int(n) for n in value.shape),)
    return tuple(shape for each in value for shape in _shapes(each)) if isinstance(value, list | tuple) else ()


def _real(value: Any) -> tuple[bool, ...]:
    if hasattr(value, "shape"):
        return (bool(value.dtype.is_floating_point),)
    return tuple(real for each in value for real in _real(each)) if isinstance(value, list | tuple) else ()


def _outputs(exported: Any, names: Any) -> Iterator[tuple[str, str]]:
    """What comes out, by its place in what the module returns: a field, a key or a number."""
    from torch.utils import _pytree as pytree

    held = pytree.tree_unflatten(list(names), exported.call_spec.out_spec)
    for path, name in pytree.tree_flatten_with_path(held)[0]:
        parts = [getattr(key, "name", None) or getattr(key, "key", None) or getattr(key, "idx", "") for key in path]
        yield "_".join(map(str, parts)), str(name)


def scopes(step: Step) -> tuple[Scope, ...]:
    """The modules around an operation, without the network itself."""
    return tuple(Scope(call.path, call.kind.rpartition(".")[2]) for call in step.calls if call.path)
