"""Weights in files: read as data, and put in place whole."""

from __future__ import annotations

import io
import json
import pickle
import re
import struct
import zipfile
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from archspec.targets.train.engine.account import optional
from archspec.targets.train.engine.naming import are_names, printable
from archspec.targets.train.engine.recipe import INPUT, NAME

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


class Found(NamedTuple):
    """What a file of weights holds, and what it says of them."""

    weights: dict[str, Tensor]
    network: str = "another network"
    classes: list[str] | None = None
    # if centred
    mean: Tensor | None = None  # the image that is subtracted from each
    # end


def read_weights(path: Path) -> Found:
    """The weights of a checkpoint, or a state dict alone.

    `archspec weights` writes such, by torch or as safetensors.
    """
    if path.suffix == ".safetensors":
        return safetensors_of(path)
    found = unpacked(contents(path), path)
    said: dict[str, Any] = {}
    if isinstance(found, dict) and {"model", "network"} <= found.keys():
        said = found
        found = found.get("average", found["model"])  # the mean is what is tested
    if not are_weights(found):
        raise SystemExit(
            f"{path} is neither a checkpoint of a training program nor weights"
        )
    return described(found, said)


def described(weights: dict[str, Tensor], said: dict[str, Any]) -> Found:
    """Weights with what a file says of them, as far as it can be so."""
    found = Found(weights)
    if "network" in said:
        found = found._replace(network=str(said["network"]))
    if are_names(said.get("classes")):
        found = found._replace(classes=said["classes"])
    # if centred
    mean = said.get("mean")
    if isinstance(mean, Tensor) and is_whole(mean) and mean.shape == INPUT:
        found = found._replace(mean=mean.float())
    # end
    return found


def safetensors_of(path: Path) -> Found:
    """The tensors of a file of safetensors, which are sorted as numbers are."""
    library = optional("safetensors.torch")
    if library is None:
        raise SystemExit(f"{path} needs safetensors: install it, or write a .pt file")
    data = contents(path)
    try:
        found: dict[str, Tensor] = library.load(data)
        header = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])
        said = dict(header.get("__metadata__") or {})
        if "classes" in said:
            said["classes"] = json.loads(said["classes"])
    except (*DAMAGED, optional("safetensors").SafetensorError) as error:
        raise unreadable_file(path, error) from None
    weights = {name: found[name] for name in sorted(found, key=natural_key)}
    return described(weights, said)


def as_safetensors(state: dict[str, Any]) -> bytes | None:
    """The weights of a checkpoint that are tested, as safetensors where that is there."""
    library = optional("safetensors.torch")
    if library is None:
        return None
    weights = state.get("average", state["model"])
    tensors = {name: each.detach().cpu().contiguous() for name, each in weights.items()}
    said = {"network": NAME, "classes": json.dumps(state["classes"])}
    data: bytes = library.save(tensors, said)
    return data


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
    return "\n  ".join(
        [f"weights of {printable(name[:99])}, not of this {NAME}", *lines[:5]]
    )


def load_weights(model: nn.Module, found: Found, path: Path) -> None:
    """Puts the weights of a network in place; refuses another architecture's."""
    if reason := misplaced(found.weights, model.state_dict(), found.network):
        raise SystemExit(f"{path} holds {reason}")
    model.load_state_dict(found.weights)
