"""Checkpoints: written whole or not at all, and checked before a run resumes from one."""

from __future__ import annotations

import math
import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

import torch
from torch import Tensor, nn

from archspec.targets.train.engine.weights import (
    are_weights,
    as_safetensors,
    contents,
    is_whole,
    misplaced,
    unpacked,
)

# Checkpoints.


def write_checkpoint(
    state: dict[str, Any], path: Path, previous: Path | None = None
) -> None:
    """Writes a checkpoint whole; the old one may be kept under another name."""
    write_whole(path, lambda file: torch.save(state, file), previous)


def write_best(state: dict[str, Any], checkpoint: Path) -> None:
    """Writes the weights that are tested as safetensors, where that is installed."""
    data = as_safetensors(state)
    if data is not None:
        write_whole(
            checkpoint.with_suffix(".safetensors"), lambda file: file.write(data)
        )


def write_whole(
    path: Path, write: Callable[[BinaryIO], object], previous: Path | None = None
) -> None:
    """Writes beside the path, then renames: a kill leaves the old file or the new."""
    partial = path.with_suffix(".partial")
    try:
        with partial.open("wb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        if previous and path.exists():
            keep(path, previous)
        partial.replace(path)
    except (OSError, RuntimeError) as error:
        partial.unlink(missing_ok=True)
        # Where the disk is full, torch adds an error of its own.
        cause = error.__context__ if isinstance(error.__context__, OSError) else error
        reason = str(cause).partition("\n")[0]
        kept = "; the one before it is whole" if path.exists() else ""
        raise SystemExit(f"{path} cannot be written: {reason}{kept}") from None
    with suppress(OSError):  # where folders cannot be opened
        folder = os.open(path.parent, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)


def keep(path: Path, previous: Path) -> None:
    """Gives a file a second name, at no moment of which the first is missing."""
    second = previous.with_suffix(".partial")
    second.unlink(missing_ok=True)
    try:
        os.link(path, second)
    except OSError:  # some disks have no links
        shutil.copyfile(path, second)
    second.replace(previous)


def read_checkpoint(path: Path, unfit: Callable[[dict[str, Any]], str]) -> bytes:
    """The bytes of a checkpoint, once nothing in it is unfit for the run."""
    data = contents(path)
    state = unpacked(data, path)
    if not isinstance(state, dict) or not {"model", "network"} <= state.keys():
        raise SystemExit(f"{path} is not a checkpoint of a training program")
    if reason := unfit(state):
        raise SystemExit(f"{path} holds {reason}")
    return data


def newest(folder: Path, unfit: Callable[[dict[str, Any]], str]) -> bytes:
    """The bytes of the last checkpoint; where that is damaged the one before is named."""
    last, previous = folder / "last.pt", folder / "previous.pt"
    try:
        return read_checkpoint(last, unfit)
    except SystemExit as stop:
        message = str(stop)
    with suppress(SystemExit):
        step = unpacked(read_checkpoint(previous, unfit), previous)["step"]
        message += f"; {previous} is whole, of step {step:,}: --resume takes it"
        message += f" once it is renamed to {last.name}"
    raise SystemExit(message)


def misfit(found: Any, own: Any, name: str) -> str:
    """What a checkpoint has otherwise than this run would write it; else nothing."""
    if isinstance(own, dict) and isinstance(found, dict):
        lacking = [f"no {key}" for key in own if key not in found]
        both = [key for key in own if key in found]
        other = [misfit(found[key], own[key], key) for key in both]
        return next(filter(None, lacking + other), "")
    if isinstance(own, Tensor):
        fits = is_whole(found) and found.shape == own.shape and found.dtype == own.dtype
    elif isinstance(own, float):
        number = isinstance(found, float) and not math.isnan(found)
        fits = number or type(found) is int
    else:
        fits = type(found) is type(own)
    return "" if fits else f"another {name} than this run would write"


def other_weights(state: dict[str, Any], model: nn.Module) -> str:
    """How the weights of a checkpoint are not those of a network; else nothing."""
    if not are_weights(state["model"]):
        return "no weights"
    return misplaced(state["model"], model.state_dict(), str(state["network"]))


def other_optimizer(found: Any, optimizer: torch.optim.Optimizer) -> str:
    """How the state of an optimizer is not that of another; else nothing."""
    states = found.get("state") if isinstance(found, dict) else None
    sizes = [p.shape for group in optimizer.param_groups for p in group["params"]]
    if not isinstance(states, dict) or set(states) not in (set(), {*range(len(sizes))}):
        return "another optimizer's state"
    for index, state in states.items():
        if not isinstance(state, dict) or state.keys() != states[0].keys():
            return f"another optimizer's state of parameter {index}"
        for name, value in state.items():
            number = value is None or type(value) in (int, float)
            shaped = is_whole(value) and value.shape in (sizes[index], torch.Size([]))
            if not (isinstance(name, str) and (number or shaped)):
                return f"another optimizer's state of parameter {index}"
    return ""
