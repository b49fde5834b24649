"""Weights of another network to begin with: whole but for the classifier, or layer by layer."""

from __future__ import annotations

from pathlib import Path

from torch import Tensor, nn

from archspec.targets.train.engine.processes import Process
from archspec.targets.train.engine.recipe import CLASSES, INIT_CONV, INIT_FC, NAME
from archspec.targets.train.engine.weights import read_weights

# Weights to begin with.


def init_from(path: Path, model: nn.Module, process: Process) -> None:
    """Begins with the weights of a file, and says which layers have them.

    A file of this network's weights is taken whole, but for the classifier where that
    is for other classes; of another network, what `place_layers` finds.
    """
    weights, own = read_weights(path).weights, model.state_dict()
    fresh = classifiers(weights, own)
    if fresh is None:
        lines = by_rows(path, model, weights)
    else:
        kept = {n: each for n, each in weights.items() if layer_of(n) not in fresh}
        model.load_state_dict({**own, **kept})
        why = why_fresh(fresh, weights)
        count = len(layers(kept))
        taken = f"{count} layer{'s' * (count != 1)}"
        lines = [taken, f"initialised: {why or 'nothing'}"]
    if process.rank == 0:
        print("\n".join([f"from {path}: {lines[0]}", *lines[1:]]))


def by_rows(path: Path, model: nn.Module, weights: dict[str, Tensor]) -> list[str]:
    """Takes layers of another network; returns what is said of it."""
    own = model.state_dict()
    if path.suffix == ".safetensors":  # which has lost the order of the layers
        order = {name: place for place, name in enumerate(own)}
        names = sorted(weights, key=lambda name: order.get(name, len(order)))
        weights = {name: weights[name] for name in names}
    found, there = place_layers(model, weights), len(layers(weights))
    hint = "; `archspec weights` places those of another implementation"
    if not found:
        raise SystemExit(f"no layer of {path} fits a row of {NAME}{hint}")
    left = [name for name in layers(own) if name not in found]
    lines = [", ".join(found), f"initialised: {', '.join(left) or 'nothing'}"]
    more = there - len(found)
    said = f"not taken: {more} of its {there} layers" + hint * (more > len(found))
    return [*lines, *[said] * bool(more)]


def layer_of(name: str) -> str:
    """The layer of a tensor: its name but for the last part."""
    return name.rpartition(".")[0]


def layers(weights: dict[str, Tensor]) -> dict[str, dict[str, Tensor]]:
    """Tensors by layer."""
    found: dict[str, dict[str, Tensor]] = {}
    for name, tensor in weights.items():
        found.setdefault(layer_of(name), {})[name.rpartition(".")[2]] = tensor
    return found


def classifiers(weights: dict[str, Tensor], own: dict[str, Tensor]) -> list[str] | None:
    """The layers that tell other classes apart than this network's, by their names.

    None where weights are not this network's, of whatever number of classes: there is
    a tensor for each name, and the others have the same shapes.
    """
    if weights.keys() != own.keys():
        return None
    differing = [name for name in own if weights[name].shape != own[name].shape]
    for name in differing:
        theirs, mine = weights[name].shape, own[name].shape
        if not (mine[:1] == (CLASSES,) and theirs[1:] == mine[1:] and len(theirs)):
            return None
    counts = {weights[name].shape[0] for name in differing}
    return list(dict.fromkeys(map(layer_of, differing))) if len(counts) < 2 else None


def why_fresh(fresh: list[str], weights: dict[str, Tensor]) -> str:
    """The layers that are fresh, and why; nothing where there are none."""
    counts = [len(each) for name, each in weights.items() if layer_of(name) in fresh]
    if not counts:
        return ""
    return f"{', '.join(fresh)}, as there are {CLASSES} classes and not {counts[0]}"


# if init_from
def chosen(found: dict[str, dict[str, Tensor]]) -> dict[str, dict[str, Tensor]]:
    """The first convolutions and the last fully connected layers that the recipe names.

    What stands behind a layer, such as its norm, goes with it.
    """
    weights = [name for name, layer in found.items() if "weight" in layer]
    dims = {name: found[name]["weight"].ndim for name in weights}
    convolutions = [name for name, dim in dims.items() if dim == 4][:INIT_CONV]
    full = [name for name, dim in dims.items() if dim == 2]
    full = full[max(0, len(full) - INIT_FC) :] if INIT_FC else full
    kept, taken = {}, True
    for name, layer in found.items():
        if dims.get(name) in (2, 4):
            taken = name in convolutions or name in full
        if taken:
            kept[name] = layer
    return kept


# end
def place_layers(model: nn.Module, weights: dict[str, Tensor]) -> list[str]:
    """Copies layers of another network; returns the names of those that it found.

    Row by row of the tables, by the first part of the names, a layer takes the next
    one in order that has the same shapes.
    """
    # if init_from
    sources = list(chosen(layers(weights)).items())
    # else
    # sources = list(layers(weights).items())
    # end
    found = []
    for name, layer in layers(model.state_dict()).items():
        shapes = {own: tensor.shape for own, tensor in layer.items()}
        for place, (other, source) in enumerate(sources):
            same_row = other.split(".")[0] == name.split(".")[0]
            if same_row and shapes == {own: t.shape for own, t in source.items()}:
                for own, tensor in layer.items():
                    tensor.copy_(source[own])
                found.append(name)
                del sources[: place + 1]
                break
    return found
