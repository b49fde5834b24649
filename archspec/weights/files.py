"""Weights on disk: state dicts of tensors, read as data and never run. The only file that imports safetensors."""

from __future__ import annotations

import pickle
import warnings
import zipfile
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archspec.diagnostics import ArchError, Diagnostic, explained
from archspec.files import cannot_write, write_by
from archspec.support.limits import MOST_TENSORS

if TYPE_CHECKING:
    from torch import Tensor

OF_CHECKPOINTS = {"network", "model", "optimizer"}
"""What the checkpoints of training programs have beside all else."""


def read(name: str) -> dict[str, Tensor]:
    """The state dict of a file of safetensors or of ``torch.save``; raises ArchError where there is none."""
    needed("torch", "reading weights", "torch")
    try:
        if Path(name).exists() and not Path(name).is_file():
            raise OSError("it is not a file")
        with open(name, "rb") as file:
            start = file.read(9)
    except (OSError, ValueError) as error:
        raise ArchError([unreadable(name, (getattr(error, "strerror", None) or str(error)).lower())]) from None
    if not start.startswith((b"PK", b"\x80")) and start[8:] != b"{":
        raise ArchError([unreadable(name, "it is not a file of safetensors, nor one that `torch.save` wrote")])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of torch, about files as old as this one
        found = state_of(name, _safetensors(name) if start[8:] == b"{" else _pickled(name))
    return {key: _whole(name, key, tensor) for key, tensor in found.items()}


def write(path: Path, state: Mapping[str, Tensor]) -> None:
    """Write a state dict whole or not at all: as safetensors where the name ends so, else by ``torch.save``."""
    import torch

    def save(beside: Path) -> None:
        if path.suffix == ".safetensors":
            from safetensors.torch import save as serialized  # `save_file` makes a file of its own beside this one

            beside.write_bytes(serialized({name: tensor.contiguous().clone() for name, tensor in state.items()}))
        else:
            with beside.open("wb") as file:  # to a path, torch would write the name of that into the file
                torch.save(dict(state), file)

    if path.suffix == ".safetensors":
        needed("safetensors", f"writing `{path}`", "weights")
    try:
        write_by(path, save)
    except ArchError:
        raise
    except Exception as error:  # the libraries raise errors of their own where a disk is full
        raise ArchError([cannot_write(str(path), error)]) from None


def suffix() -> str:
    """How a file of weights ends where nobody says it."""
    return ".safetensors" if find_spec("safetensors") else ".pt"


def needed(library: str, what: str, extra: str) -> None:
    """Raises ArchError where a library is not installed."""
    try:
        __import__(library)
    except ModuleNotFoundError:
        raise ArchError([not_installed(library, what, extra)]) from None


def state_of(name: str, loaded: object) -> dict[str, Tensor]:
    """The tensors of what was loaded, or of the one state dict in it; raises ArchError where that is unclear."""
    if isinstance(loaded, Mapping) and loaded.keys() >= OF_CHECKPOINTS:
        loaded = loaded.get("average", loaded["model"])  # the mean is what is tested
    found = _tensors(loaded)
    inside = {str(key): _tensors(value) for key, value in loaded.items()} if isinstance(loaded, Mapping) else {}
    inner = {key: tensors for key, tensors in inside.items() if tensors}
    if not found and len(inner) == 1:
        found = next(iter(inner.values()))
    if not found or len(found) > MOST_TENSORS:
        raise ArchError([no_state(name, [*inner] if len(inner) > 1 else [], len(found))])
    return {key: _plain(name, key, tensor) for key, tensor in found.items()}


def unfit(tensor: Tensor, whole: bool) -> str | None:
    """Why the numbers of a tensor are none that a network learns, or that it counts where they may be ``whole``."""
    import torch

    learned = {torch.float16, torch.bfloat16, torch.float32, torch.float64}
    counted = {torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64}
    if tensor.dtype not in learned and not (whole and tensor.dtype in counted):
        return f"is of the type {str(tensor.dtype).removeprefix('torch.')}"
    wrong = tensor.numel() - int(tensor.isfinite().sum())
    return f"has {wrong:,} of {tensor.numel():,} numbers that are NaN or infinite" if wrong else None


def _tensors(value: object) -> dict[str, Tensor]:
    from torch import Tensor

    pairs = value.items() if isinstance(value, Mapping) else ()
    return {key: item.detach() for key, item in pairs if isinstance(key, str) and isinstance(item, Tensor)}


def _safetensors(name: str) -> dict[str, Tensor]:
    needed("safetensors", f"reading `{name}`", "weights")
    from safetensors.torch import load_file

    try:
        return load_file(name)
    except Exception as error:
        raise ArchError([unreadable(name, str(error))]) from None


def _pickled(name: str) -> Any:
    """What ``torch.load`` reads as data; a zip is checked first, so that it cannot unpack to more than it is."""
    import torch

    try:
        if zipfile.is_zipfile(name):
            with zipfile.ZipFile(name) as archive:
                if any(entry.compress_type != zipfile.ZIP_STORED for entry in archive.infolist()):
                    raise ValueError("it is a compressed archive, and torch writes none")
        return torch.load(name, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        foreign = any(
            said in str(error) for said in ("Unsupported global", "Unsupported class", "unrecognized function")
        )
        raise ArchError([code_inside(name) if foreign else unreadable(name, "it holds no weights")]) from None
    except Exception as error:  # a damaged file can raise anything
        reason = str(error).partition("\n")[0].partition(". ")[0]
        raise ArchError([unreadable(name, reason or "it holds no weights")]) from None


def _plain(name: str, key: str, tensor: Tensor) -> Tensor:
    """The tensor, where it is one of numbers in rows and columns: neither nested, sparse, quantised nor without any."""
    import torch

    strided = not tensor.is_nested and tensor.layout is torch.strided
    if not strided or tensor.is_quantized or tensor.device.type == "meta":
        raise ArchError([unreadable(name, f"`{key}` is not a plain tensor of numbers")])
    return tensor


def _whole(name: str, key: str, tensor: Tensor) -> Tensor:
    """The tensor, where the file has a number for each of its places: a shape alone can claim any size."""
    if tensor.untyped_storage().nbytes() < tensor.numel() * tensor.element_size():
        raise ArchError([unreadable(name, f"`{key}` has fewer numbers than its shape says")])
    return tensor


@explained("E0901")
def unreadable(name: str, reason: str) -> Diagnostic:
    """The weights cannot be read: there is no such file, or it is damaged, or it is of another kind.

    Files of safetensors are read, and files that `torch.save` wrote.
    """
    return Diagnostic("E0901", f"cannot read weights from `{name}`: {reason[:200]}")


@explained("E0902")
def code_inside(name: str) -> Diagnostic:
    """The file holds objects besides tensors. Reading those would run code of the file, so it is refused.

    `torch.save(model)` writes such files; `torch.save(model.state_dict(), "model.pt")` writes tensors alone.
    """
    help = "save the tensors alone: `torch.save(model.state_dict(), ...)`"
    return Diagnostic("E0902", f"`{name}` holds more than tensors, and reading it could run code", help=help)


@explained("E0903")
def not_installed(library: str, what: str, extra: str) -> Diagnostic:
    """Weights need torch, and files of safetensors need safetensors; archspec does not install them by itself."""
    return Diagnostic("E0903", f"{what} needs {library}", help=f"pip install 'archspec-nn[{extra}]'")


@explained("E0904")
def no_state(name: str, keys: list[str], count: int) -> Diagnostic:
    """A state dict maps names to tensors. A file may hold it under one key; of several none is chosen."""
    if count > MOST_TENSORS:
        return Diagnostic("E0904", f"`{name}` has {count:,} tensors, and no network has more than {MOST_TENSORS:,}")
    if keys:
        listed = ", ".join(f"`{key}`" for key in keys[:5])
        return Diagnostic("E0904", f"`{name}` holds several state dicts: {listed}", help="save the one that you mean")
    return Diagnostic("E0904", f"there is no state dict in `{name}`", help="save `model.state_dict()`")
