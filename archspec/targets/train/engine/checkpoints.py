"""Checkpoints: written whole or not at all, read as data, and layers of other networks."""

from __future__ import annotations

import argparse
import os
import pickle
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from archspec.targets.train.engine.account import optional
from archspec.targets.train.engine.processes import Process
from archspec.targets.train.engine.recipe import INIT_CONV, INIT_FC, NAME

# Checkpoints.


def read_checkpoint(path: Path) -> dict[str, Any]:
    """A checkpoint, read as data: nothing in it is run."""
    if not path.exists():
        raise SystemExit(f"there is no checkpoint {path}")
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except (OSError, RuntimeError, EOFError, pickle.UnpicklingError) as error:
        reason = str(error).partition("\n")[0]
        raise SystemExit(f"{path} cannot be read as a checkpoint: {reason}") from None
    if not isinstance(state, dict) or not {"model", "network"} <= state.keys():
        raise SystemExit(f"{path} is no checkpoint of a training program")
    return state


def write_checkpoint(state: dict[str, Any], path: Path) -> None:
    """Writes beside the path, then renames: a kill leaves the old file or the new."""
    partial = path.with_suffix(".partial")
    try:
        with partial.open("wb") as file:
            torch.save(state, file)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except (OSError, RuntimeError) as error:
        partial.unlink(missing_ok=True)
        # Where the disk is full, torch adds an error of its own.
        cause = error.__context__ if isinstance(error.__context__, OSError) else error
        reason = str(cause).partition("\n")[0]
        kept = "; the one before it is whole" if path.exists() else ""
        raise SystemExit(f"{path} cannot be written: {reason}{kept}") from None


def load_weights(model: nn.Module, state: dict[str, Any], path: Path) -> None:
    """Puts the weights of a checkpoint in place; refuses another architecture's."""
    try:
        model.load_state_dict(state["model"])
    except RuntimeError as error:
        lines = [textwrap.shorten(line, 200) for line in str(error).splitlines()[1:6]]
        message = f"{path} holds weights of {state['network']}, not of this {NAME}"
        raise SystemExit("\n  ".join([message, *lines])) from error


def trained(state: dict[str, Any]) -> dict[str, Any]:
    """A checkpoint with the weights that are tested: their mean, if one was taken."""
    return {**state, "model": state.get("average", state["model"])}


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
    found = place_layers(model, trained(read_checkpoint(path))["model"])
    if not found:
        raise SystemExit(f"no layer of {path} fits a row of {NAME}")
    left = [name for name in layers(model.state_dict()) if name not in found]
    if process.rank == 0:
        print(f"from {path}: {', '.join(found) or 'nothing'}")
        print(f"initialised: {', '.join(left) or 'nothing'}")


@contextmanager
def lock(folder: Path) -> Iterator[None]:
    """Keeps other programs out of the folder of a run, where the system can."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_name(f"{folder.name}.lock").open("w") as file:
        if fcntl := optional("fcntl"):
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise SystemExit(f"another program trains in {folder}") from None
        yield


def move_aside(folder: Path) -> None:
    """Gives the folder of an earlier run a number, so that nothing is overwritten."""
    number = 1
    while (aside := folder.with_name(f"{folder.name}.{number}")).exists():
        number += 1
    folder.rename(aside)
    print(f"the earlier run in {folder} is now in {aside}")


def begin(args: argparse.Namespace, process: Process) -> dict[str, Any] | None:
    """The checkpoint to go on from; or a fresh folder, and none."""
    last = args.out / "last.pt"
    # torchrun starts all processes again when it has lost one.
    restarted = int(os.environ.get("TORCHELASTIC_RESTART_COUNT", "0")) > 0
    if (args.resume or restarted) and last.exists():
        return read_checkpoint(last)
    if process.rank == 0:
        if args.resume or restarted:
            print(f"there is no {last} to resume: the run starts afresh")
        if (args.out / "log.jsonl").exists():
            move_aside(args.out)
        args.out.mkdir(parents=True, exist_ok=True)
    process.highest(torch.zeros(1))  # the others wait for the folder
    return None
