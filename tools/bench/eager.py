"""Times emitted networks in eager mode beside torchvision's or timm's own class: forward, and forward with backward.

Both models of a pair run on the same device with the same batch, in interleaved rounds; the figure to read is the
ratio. torchvision's wheel for CUDA needs two operators defined beside torch for the CPU, which is done here.
"""

from __future__ import annotations

import argparse
import importlib
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import nn

from archspec import build

SPECS = Path(__file__).resolve().parents[2] / "specs"


class Pair(NamedTuple):
    """An emitted network and the class that others wrote by hand."""

    name: str
    spec: str
    parameters: dict[str, Any]
    theirs: Callable[[], nn.Module]
    side: int = 224


def main(argv: Sequence[str] | None = None) -> None:
    """Print a table of medians and ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--batch", type=int, default=4)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    options = parser.parse_args(argv)
    where = torch.cuda.get_device_name() if options.device == "cuda" else f"CPU, {torch.get_num_threads()} threads"
    print(f"torch {torch.__version__}, {where}, batch {options.batch}, float32, median of {options.rounds}\n")
    print("| network | mode | emitted | by hand | ratio |\n|---|---|---:|---:|---:|")
    for pair in pairs():
        models = [build(SPECS / pair.spec, **pair.parameters), pair.theirs()]
        for mode, work in WORK.items():
            ours, theirs = timed(work, [m.to(options.device) for m in models], pair.side, options)
            print(f"| {pair.name} | {mode} | {ours:.3f} s | {theirs:.3f} s | {ours / theirs:.2f} |", flush=True)


def pairs() -> list[Pair]:
    """The networks that both sides have; a library that is not installed is passed over."""
    found: list[Pair] = []
    models = torchvision()
    if models is not None:
        found += [
            Pair("ResNet-50", "resnet.arch:50", {"on_1x1": False}, models.resnet50),
            Pair("GoogLeNet", "googlenet_bn.arch", {}, lambda: models.googlenet(aux_logits=True, init_weights=False)),
        ]
    if importlib.util.find_spec("timm"):
        create = importlib.import_module("timm").create_model
        found += [
            Pair("SE-ResNeXt-50", "se_resnext.arch:50", {}, lambda: create("seresnext50_32x4d")),
            Pair("MobileNet", "mobilenet.arch", {}, lambda: create("mobilenetv1_100")),
            Pair(
                "Inception-ResNet-v2",
                "inception_resnet_v2_released.arch",
                {},
                lambda: create("inception_resnet_v2"),
                side=299,
            ),
        ]
    return found


def infer(model: nn.Module, x: torch.Tensor) -> None:
    """One forward pass as at test time."""
    model.eval()
    with torch.no_grad():
        model(x)


def train(model: nn.Module, x: torch.Tensor) -> None:
    """One forward and one backward pass."""
    model.train()
    y = model(x)
    outputs = [y] if isinstance(y, torch.Tensor) else [part for part in y if part is not None]
    torch.stack([part.float().mean() for part in outputs]).sum().backward()  # type: ignore[no-untyped-call]
    model.zero_grad(set_to_none=True)


WORK: dict[str, Callable[[nn.Module, torch.Tensor], None]] = {"forward": infer, "forward, backward": train}


def timed(
    work: Callable[[nn.Module, torch.Tensor], None],
    models: Sequence[nn.Module],
    side: int,
    options: argparse.Namespace,
    clock: Callable[[], float] = time.perf_counter,
) -> list[float]:
    """The median seconds of each model, in interleaved rounds, of which the first is not counted."""
    x = torch.randn(options.batch, 3, side, side, device=options.device)
    seconds: list[list[float]] = [[] for _ in models]
    for lap in range(options.rounds + 1):
        for model, found in zip(models, seconds, strict=True):
            _wait(options.device)
            start = clock()
            work(model, x)
            _wait(options.device)
            found += [clock() - start] * (lap > 0)
    return [statistics.median(found) for found in seconds]


def _wait(device: str) -> None:
    if device == "cuda":
        torch.cuda.synchronize()


def torchvision() -> Any:
    """Its models, with the operators that its wheel for CUDA lacks beside torch for the CPU; None without it."""
    if importlib.util.find_spec("torchvision") is None:
        return None
    library = torch.library.Library("torchvision", "FRAGMENT")  # type: ignore[no-untyped-call]
    for name in ("nms", "qnms"):
        if not hasattr(torch.ops.torchvision, name):
            schema = f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"
            library.define(schema)  # type: ignore[no-untyped-call]
    KEPT.append(library)
    return importlib.import_module("torchvision.models")


KEPT: list[torch.library.Library] = []
"""What is defined lasts as long as the library that defined it."""

if __name__ == "__main__":
    main()
