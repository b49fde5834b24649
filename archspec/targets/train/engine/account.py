"""The account of a run: its log, and the curve of its errors."""

from __future__ import annotations

import html
import importlib
import json
import os
import platform
import shlex
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

import torch

from archspec.targets.train.engine.recipe import NAME, PAPER_ERROR, PAPER_SOURCE

# The account of a run.


def optional(module: str) -> Any:
    """A module, or None where it is not installed."""
    try:
        return importlib.import_module(module)
    except ImportError:
        return None


def surroundings(device: torch.device) -> dict[str, Any]:
    """What a run depends on beside its arguments: versions, hardware, host, command."""
    versions = {"python": platform.python_version()}
    for package in ("torch", "torchvision", "numpy", "pillow"):
        try:
            versions[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    if device.type == "cuda":
        versions["cuda"] = str(torch.version.cuda)
        cudnn = torch.backends.cudnn
        versions["cudnn"] = str(cudnn.version())  # type: ignore[no-untyped-call]
        hardware = torch.cuda.get_device_name(device)
    else:
        hardware = platform.processor() or platform.machine()
    command = shlex.join(sys.argv)
    return {
        "device": str(device),
        "hardware": hardware,
        "host": platform.node(),
        "command": command,
        "versions": versions,
    }


class Log:
    """The account of a run: log.jsonl, lines or a progress bar, and TensorBoard.

    Rank 0 alone writes; on the others it is silent.
    """

    def __init__(self, folder: Path, position: int, span: range, rank: int) -> None:
        self.path, self.span, self.rank = folder / "log.jsonl", span, rank
        self.bar = self.board = None
        if rank:
            return
        self.path.touch()
        # What came after the checkpoint will come again; a line may have been cut off.
        kept = self.path.read_bytes()[:position]
        os.truncate(self.path, kept.rfind(b"\n") + 1)
        if sys.stderr.isatty() and (tqdm := optional("tqdm")):
            self.bar = tqdm.tqdm(total=span.stop, initial=span.start, unit="step")
        if board := optional("torch.utils.tensorboard"):
            self.board = board.SummaryWriter(folder, purge_step=span.start)

    def write(self, event: str, step: int, **values: Any) -> None:
        """Writes an event as a line of JSON, and its numbers to TensorBoard."""
        if self.rank == 0:
            line = json.dumps({"event": event, "step": step, **values})
            with self.path.open("a") as file:
                file.write(line + "\n")
        for name, value in values.items():
            if self.board and isinstance(value, float):
                self.board.add_scalar(f"{event}/{name}", value, step)

    def size(self) -> int:
        """Its length in bytes, once it lies on the disk as far as that."""
        with self.path.open("rb") as file:
            os.fsync(file.fileno())
        return self.path.stat().st_size

    def events(self, kind: str) -> list[dict[str, Any]]:
        """All events of a kind, also those of before a resume."""
        if self.rank:
            return []
        events = [json.loads(line) for line in self.path.read_text().splitlines()]
        return [event for event in events if event["event"] == kind]

    def say(self, text: str) -> None:
        """Prints a line, above the bar where there is one."""
        if self.bar:
            self.bar.write(text)
        elif self.rank == 0:
            print(text, flush=True)

    def advance(self, step: int, text: str) -> None:
        """Shows how far the run has come."""
        if self.bar:
            self.bar.set_postfix_str(text, refresh=False)
            self.bar.update(step - self.bar.n)
        else:
            self.say(f"step {step:,} of {self.span.stop:,}: {text}")


def curve(epochs: list[dict[str, Any]]) -> str:
    """An SVG of the held-out error and the training loss by epoch."""
    errors = [100 * (1 - epoch["top1"]) for epoch in epochs]
    losses = [epoch["loss"] for epoch in epochs]
    # if paper
    top = max([*errors, PAPER_ERROR, 1.0])
    # else
    # top = max([*errors, 1.0])
    # end

    def line(values: list[float], top: float, colour: str) -> str:
        points = " ".join(
            f"{60 + 600 * epoch / len(values):.1f},{340 - 300 * value / top:.1f}"
            for epoch, value in enumerate(values, 1)
        )
        return f'<polyline points="{points}" fill="none" stroke="{colour}"/>'

    parts = [
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 720 380" font-size="13">',
        f'<text x="60" y="24" fill="navy">{NAME}: held-out top-1 error</text>',
        f'<text x="400" y="24" fill="peru">loss, at most {max(losses):.3g}</text>',
        f'<text x="620" y="362">epoch {len(epochs)}</text>',
        line(errors, top, "navy"),
        line(losses, max(losses), "peru"),
    ]
    for tick in range(6):
        y, error = 340 - 60 * tick, top * tick / 5
        parts += [f'<path d="M60 {y}H660" stroke="silver"/>']
        parts += [f'<text x="54" y="{y}" text-anchor="end">{error:.3g} %</text>']
    # if paper
    y = round(340 - 300 * PAPER_ERROR / top)
    parts += [f'<path d="M60 {y}H660" stroke="black" stroke-dasharray="6 4"/>']
    source = html.escape(f"the paper: {PAPER_ERROR} %, {PAPER_SOURCE}")
    parts += [f'<text x="64" y="{y - 6}">{source}</text>']
    # end
    return "\n".join([*parts, "</svg>\n"])
