"""What is taken for the channels of a tensor, where nothing in the tensor itself says which dimension they are."""

from __future__ import annotations

from collections.abc import Mapping

from archspec.importing.torch.building import Building
from archspec.importing.torch.program import Ref, Step
from archspec.importing.torch.regions import LEAVES, VIEWS, Parts, Region
from archspec.importing.torch.rules.registry import CHANNELS
from archspec.importing.torch.values import Value

FARTHEST = 32
"""Views of a tensor of which is asked what takes them."""


def channels_taken(parts: Parts, name: str) -> int | None:
    """The dimension of a result that the next layer behind it takes for the channels; None where none says so."""
    shape = parts.shape(name)
    if shape is None or len(shape) not in (3, 4):
        return None
    waiting = [(name, tuple(range(len(shape))))]  # each view of it, and which of its dimensions stand where
    for _ in range(FARTHEST):
        if not waiting:
            return None
        view, order = waiting.pop(0)
        for place in parts.users.get(view, ()):
            if place == LEAVES:
                continue
            step = parts.steps[place]
            if _says(step, view):
                return order[CHANNELS[step.op]]
            if (turned := _turned(parts, step, order)) is not None:
                waiting.append((step.name, turned))
    return None


def _says(step: Step, view: str) -> bool:
    """Whether an operation takes a dimension of a view of a map for the channels."""
    over = step.arguments.get("normalized_shape", [1])
    return step.op in CHANNELS and step.arguments.get("x") == Ref(view) and len(over) == 1


def _turned(parts: Parts, step: Step, order: tuple[int, ...]) -> tuple[int, ...] | None:
    """Where dimensions stand behind an operation that turns a map, or keeps its shape; None behind others.

    Tokens are not turned: what mixes them takes their positions as if they were channels.
    """
    if step.op == "permute" and len(order) == 4:
        return tuple(order[i] for i in step.arguments["dims"])
    takes = step.arguments.get("x")
    same = isinstance(takes, Ref) and parts.shape(takes.name) == parts.shape(step.name)
    return order if same and step.op not in VIEWS else None


def rearranged(parts: Parts, at: Building, found: Mapping[str, object], step: Step) -> Region | None:
    """The views that bring positions into the channels that an operation takes, as one part.

    None where the channels stand in a dimension by themselves, or where positions lie in no dimension of their own.
    """
    x = step.arguments.get("x")
    value = found.get(x.name) if isinstance(x, Ref) else None
    if not isinstance(x, Ref) or not isinstance(value, Value) or value.spread or at.channels(value):
        return None
    taken = channels_taken(parts, x.name)
    apart = [each for i, each in enumerate(value.dims) if i not in (0, taken) and each]
    if taken is None or value.dims[0] or not all(any(part.axis != "c" for part in each) for each in apart):
        return None
    return parts.views(x.name, lambda name: _lies_apart(at, found.get(name)))


def _lies_apart(at: Building, value: object) -> bool:
    """Whether a value is a map or tokens whose channels are a dimension by themselves."""
    return isinstance(value, Value) and len(value.dims) in (3, 4) and bool(at.channels(value))
