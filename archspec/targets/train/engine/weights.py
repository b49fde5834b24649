"""Weights in files: read as data, put in place whole, or layer by layer from another network."""

from __future__ import annotations

import io
import pickle
import re
import struct
import zipfile
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from archspec.targets.train.engine.account import optional
from archspec.targets.train.engine.processes import Process
from archspec.targets.train.engine.recipe import INIT_CONV, INIT_FC, NAME

# Weights in files.

# What zipfile, pickle and torch raise at a damaged file.
DAMAGED = (
    *(OSError, EOFError, RuntimeError, ValueError, TypeError, AttributeError),
    *(LookupError, ArithmeticError, AssertionError, MemoryError, ImportError),
    *(pickle.PickleError, zipfile.BadZipFile, struct.error),
)


def unpacked(data: bytes, path: Path) -> Any:
    """What a file of torch holds, once its checksums hold; nothing in it is run."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if any(entry.compress_type for entry in archive.infolist()):
                raise zipfile.BadZipFile("it is compressed, and torch's are not")
            if damaged := archive.testzip():
                raise zipfile.BadZipFile(f"the checksum of {damaged} is another")
        return torch.load(io.BytesIO(data), map_location="cpu", weights_only=True)
    except DAMAGED as error:
        raise unreadable_file(path, error) from None


def unreadable_file(path: Path, error: Exception) -> SystemExit:
    """The sentence about a file that holds no weights."""
    reason = str(error).partition("\n")[0].partition(". ")[0] or type(error).__name__
    return SystemExit(f"{path} cannot be read as a checkpoint: {reason}")


def contents(path: Path) -> bytes:
    """The bytes of a file."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise SystemExit(f"there is no checkpoint {path}") from None
    except OSError as error:
        raise unreadable_file(path, error) from None


def read_weights(path: Path) -> tuple[dict[str, Tensor], str]:
    """Weights and the name of their network: of a checkpoint, or a state dict alone.

    `archspec weights` writes such, by torch or as safetensors.
    """
    if path.suffix == ".safetensors":
        return safetensors_of(path), "another network"
    found, name = unpacked(contents(path), path), "another network"
    if isinstance(found, dict) and {"model", "network"} <= found.keys():
        name = str(found["network"])
        found = found.get("average", found["model"])  # the mean is what is tested
    if not are_weights(found):
        raise SystemExit(
            f"{path} is neither a checkpoint of a training program nor weights"
        )
    return found, name


def safetensors_of(path: Path) -> dict[str, Tensor]:
    """The tensors of a file of safetensors, which are sorted as numbers are."""
    library = optional("safetensors.torch")
    if library is None:
        raise SystemExit(f"{path} needs safetensors: install it, or write a .pt file")
    data = contents(path)
    try:
        found: dict[str, Tensor] = library.load(data)
    except (*DAMAGED, optional("safetensors").SafetensorError) as error:
        raise unreadable_file(path, error) from None
    return {name: found[name] for name in sorted(found, key=natural_key)}


def natural_key(name: str) -> list[tuple[str, int]]:
    """Sorts conv2 before conv10."""
    return [(text, int(part or 0)) for text, part in re.findall(r"(\D*)(\d*)", name)]


def are_weights(found: Any) -> bool:
    """Whether it is a state dict, each of whose tensors has all of its numbers."""
    if not isinstance(found, dict) or not found:
        return False
    named = all(isinstance(name, str) for name in found)
    return named and all(is_whole(tensor) for tensor in found.values())


def is_whole(tensor: Any) -> bool:
    """Whether it is a tensor with a number for each place: a shape can claim any."""
    if not isinstance(tensor, Tensor) or tensor.layout is not torch.strided:
        return False
    if tensor.device.type != "cpu" or tensor.is_quantized or tensor.is_complex():
        return False
    needed = tensor.numel() * tensor.element_size()
    return tensor.untyped_storage().nbytes() >= needed


def differences(found: dict[str, Tensor], own: dict[str, Tensor]) -> list[str]:
    """How weights are not those of a network."""

    def size(tensor: Tensor) -> str:
        return "x".join(map(str, tensor.shape)) or "a number"

    lines = [f"{name} is missing" for name in own if name not in found]
    lines += [f"{name} is not of this network" for name in found if name not in own]
    shared = [name for name in own if name in found]
    other = [name for name in shared if found[name].shape != own[name].shape]
    sizes = [(name, size(found[name]), size(own[name])) for name in other]
    return lines + [f"size mismatch: {n} is {a} and not {b}" for n, a, b in sizes]


def misplaced(found: dict[str, Tensor], own: dict[str, Tensor], name: str) -> str:
    """What is said of another architecture's weights; nothing of this one's."""
    lines = [
        line if len(line) < 200 else line[:200] for line in differences(found, own)
    ]
    if not lines:
        return ""
    return "\n  ".join([f"weights of {name[:99]}, not of this {NAME}", *lines[:5]])


def load_weights(
    model: nn.Module, found: dict[str, Tensor], name: str, path: Path
) -> None:
    """Puts the weights of a network in place; refuses another architecture's."""
    if reason := misplaced(found, model.state_dict(), name):
        raise SystemExit(f"{path} holds {reason}")
    model.load_state_dict(found)


def layers(weights: dict[str, Tensor]) -> dict[str, dict[str, Tensor]]:
    """Tensors by layer: those whose names agree but for the last part."""
    found: dict[str, dict[str, Tensor]] = {}
    for name, tensor in weights.items():
        layer, _, own = name.rpartition(".")
        found.setdefault(layer, {})[own] = tensor
    return found


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


def init_from(path: Path, model: nn.Module, process: Process) -> None:
    """Begins with layers of another network's checkpoint, and says with which."""
    weights = read_weights(path)[0]
    if path.suffix == ".safetensors":  # which has lost the order of the layers
        order = {name: place for place, name in enumerate(model.state_dict())}
        names = sorted(weights, key=lambda name: order.get(name, len(order)))
        weights = {name: weights[name] for name in names}
    found = place_layers(model, weights)
    if not found:
        raise SystemExit(f"no layer of {path} fits a row of {NAME}")
    left = [name for name in layers(model.state_dict()) if name not in found]
    if process.rank == 0:
        print(f"from {path}: {', '.join(found) or 'nothing'}")
        print(f"initialised: {', '.join(left) or 'nothing'}")
