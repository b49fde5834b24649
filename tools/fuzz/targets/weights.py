"""Files of weights: tensors of any kind under any names, and files with bytes changed."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch

from archspec import ArchError, Compiled, loads
from archspec.weights import files
from fuzz.choices import Choices
from fuzz.judge import demand, demand_plain

NEEDS: tuple[str, ...] = ("torch", "safetensors")
SPEC = """network tiny(classes=3)
input 4x4x2
| layer | op                     |
|-------|------------------------|
| a     | conv3-4; bn            |
| b     | [conv 1x1, 4; relu] x 2 |
| fc    | fc classes             |
"""
KINDS = [
    torch.float32, torch.float32, torch.float16, torch.bfloat16, torch.float64, torch.int64, torch.int8, torch.uint8,
    torch.bool, torch.complex64, torch.float8_e4m3fn, torch.float8_e5m2,
]  # fmt: skip
NESTED: Any = torch.nested
SIZES = [(), (0,), (1,), (3,), (4,), (4, 2, 3, 3), (4, 4, 1, 1), (3, 64), (3, 4, 4, 4), (2, 0, 3), (1, 1, 1, 1, 1, 1)]
NAMES = ["", "a", "a.weight", "a.weight.", "\x1b[31m", "\u202e", "x" * 300, "é", "model", "0", "num_batches_tracked"]


@cache
def _network() -> Compiled:
    return loads(SPEC)


@cache
def _own() -> dict[str, torch.Tensor]:
    return _network().build().state_dict()


def given(pen: Choices) -> bytes:
    """A file, as bytes."""
    changes = Choices(bytes(pen.number(0, 255) for _ in range(4 * pen.one_of((0, 0, 1, 4)))))
    state: dict[str, Any] = {name: tensor for name, tensor in _own().items() if not pen.chance(8)}
    for name in [*state]:
        state[name] = _changed(state[name], pen) if pen.chance(12) else state[name]
    for _ in range(pen.one_of((0, 0, 1, 3))):
        state[pen.one_of(NAMES)] = torch.zeros(pen.one_of(SIZES)).to(pen.one_of(KINDS))
    data = bytearray(_safetensors(state, pen) if pen.chance(50) else _saved(state, pen))
    while changes.rest() and data:
        at = int.from_bytes(changes.drawn.randbytes(3), "little") % len(data)
        data[at] = changes.number(0, 255)
    return bytes(data)


def _changed(tensor: torch.Tensor, pen: Choices) -> Any:
    """Another kind, shape, layout or numbers."""
    ways: list[Callable[[], Any]] = [
        lambda: tensor.to(pen.one_of(KINDS)),
        lambda: torch.full_like(tensor.float(), pen.one_of((float("nan"), float("inf")))),
        lambda: torch.zeros(pen.one_of(SIZES)),
        lambda: tensor.float().to_sparse(),
        lambda: tensor.T if tensor.dim() == 2 else tensor.flip(0) if tensor.dim() else tensor,
        lambda: torch.empty(()).expand(tensor.shape),
        lambda: NESTED.nested_tensor([torch.ones(2), torch.ones(3)]),
        lambda: tensor.to("meta"),
        lambda: torch.quantize_per_tensor(tensor.float(), 0.1, 0, torch.qint8),
        lambda: {"inner": tensor},
        lambda: tensor.tolist(),
    ]
    return pen.one_of(ways)()


def _saved(state: dict[str, Any], pen: Choices) -> bytes:
    file = io.BytesIO()
    whole = pen.one_of(
        [
            state,
            state,
            {"model": state},
            {"model": state, "optimizer": {}, "network": "x"},
            [state],
            list(state.values()),
        ]
    )
    torch.save(whole, file, _use_new_zipfile_serialization=pen.chance(75))
    return file.getvalue()


def _safetensors(state: dict[str, Any], pen: Choices) -> bytes:
    from safetensors.torch import save

    kept = {name: t.contiguous() for name, t in state.items() if isinstance(t, torch.Tensor) and _is_plain(t)}
    data: bytes = save(kept)
    if pen.chance(60):
        return data
    length = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + length])
    entry = header[pen.one_of(sorted(header))] if header else {}
    entry |= pen.one_of(
        [{"dtype": "F64"}, {"shape": [10**12]}, {"data_offsets": [0, 10**9]}, {"dtype": "X"}, {"shape": [-1]}]
    )
    text = json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + data[8 + length :]


def _is_plain(tensor: torch.Tensor) -> bool:
    return (
        not tensor.is_nested
        and tensor.layout is torch.strided
        and tensor.device.type == "cpu"
        and not tensor.is_quantized
    )


def ask(given: bytes) -> None:
    """Place them; what is placed is written, and read as the same."""
    with TemporaryDirectory() as folder:
        path = Path(folder, "w.pt")
        path.write_bytes(given)
        found = _network().weights_from(str(path), partial=True)
        demand_plain(str(found), "a report")
        json.dumps(found.to_dict())
        demand(found.state.keys() <= _own().keys(), "a tensor that the network lacks")
        for name, tensor in found.state.items():
            demand(tensor.shape == _own()[name].shape, f"a shape: {name}")
            demand(
                tensor.dtype.is_floating_point or name.endswith("num_batches_tracked"),
                f"numbers of a kind that no module has: {name} {tensor.dtype}",
            )
        if found.state and not found.diagnostics:
            loads(SPEC).build().load_state_dict(found.state)
        for ending in (".pt", ".safetensors") if found.state else ():
            out = Path(folder, f"out{ending}")
            try:
                files.write(out, found.state)
            except ArchError as error:
                demand(str(error), "a refusal without a word")
                continue
            again = files.read(str(out))
            demand(again.keys() == found.state.keys(), "other tensors are read than were written")
