"""Times the emitted ResNet-50 and VGG-16 training programs beside the same loop around torchvision's classes.

The loop is the program's own, with random images: what differs is the network's class. Each setting runs in a process
of its own, and what cannot run is said to be left out, with the reason. ``throughput.sh`` calls this.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

HERE = Path(__file__).resolve().parent
PAGE = HERE.parents[1] / "docs" / "throughput.md"
START, END = "<!-- figures, written by tools/bench/throughput.sh -->", "<!-- end of figures -->"
SETTINGS = {
    "fp32": ["--no-channels-last"],
    "tf32": ["--precision", "tf32", "--no-channels-last"],
    "tf32, channels last": ["--precision", "tf32", "--channels-last"],
    "bf16, channels last": ["--precision", "bf16", "--channels-last"],
    "bf16, channels last, compiled": ["--precision", "bf16", "--channels-last", "--compile"],
}
PEAKS = {  # dense TFLOP/s by the makers' data sheets: float32, TF32, bfloat16
    "H200": (67, 494.7, 989.4),
    "H100 80GB HBM3": (67, 494.7, 989.4),
    "H100 PCIe": (51, 378, 756),
    "A100": (19.5, 156, 312),
    "L40S": (91.6, 183, 362),
}


class Network(NamedTuple):
    """A network, its class in torchvision, and how many images are taken at once on a device and in a trial."""

    title: str
    spec: str
    variant: str
    theirs: str
    batch: int
    parameters: dict[str, Any]


NETWORKS = (
    Network("ResNet-50", "resnet", "50", "resnet50", 256, {"on_1x1": False}),  # torchvision strides in the 3x3
    Network("VGG-16", "vgg", "D", "vgg16", 128, {}),
)


def main(argv: Sequence[str] | None = None) -> None:
    """Run all settings, as long as there is time, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--smoke", action="store_true", help="a trial on the CPU that writes no page")
    parser.add_argument("--page", type=Path, default=PAGE, help="the page to write")
    parser.add_argument("--seconds", type=float, default=540, help="after which no further setting is begun")
    parser.add_argument("--one", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args(argv)
    if options.one:
        network, setting, side = options.one
        found = next(each for each in NETWORKS if each.spec == network)
        print(json.dumps(measured(found, SETTINGS[setting], side, options.smoke)))
        return
    import torch

    if not (options.smoke or torch.cuda.is_available()):
        raise SystemExit("torch finds no GPU here; --smoke tries the script on the CPU")
    rows = [*_rows(options.smoke, time.monotonic() + options.seconds)]
    name = "a CPU, as a trial" if options.smoke else torch.cuda.get_device_name()
    text = report(name, torch.__version__, rows)
    print(text)
    if not options.smoke:
        options.page.write_text(with_figures(options.page.read_text("utf-8"), text), "utf-8")


def _rows(smoke: bool, end: float) -> Iterator[dict[str, Any]]:
    """What each setting gives; the settings of most use come first, should the time be short."""
    order = ["bf16, channels last", "fp32", "tf32, channels last", "tf32", "bf16, channels last, compiled"]
    for setting in order[1:3] if smoke else order:
        for network in NETWORKS[:1] if smoke else NETWORKS:
            for side in ("emitted", "torchvision"):
                row = {"network": network.title, "setting": setting, "side": side}
                left = end - time.monotonic()
                yield row | (_child(network, setting, side, smoke, left) if left > 20 else {"why": "no time was left"})


def _child(network: Network, setting: str, side: str, smoke: bool, left: float) -> dict[str, Any]:
    """One setting in a process of its own, so that none finds memory or algorithms of another."""
    words = [sys.executable, __file__, *["--smoke"] * smoke, "--one", network.spec, setting, side]
    try:
        exact = {"NVIDIA_TF32_OVERRIDE": "0"} if setting == "fp32" else {}  # torch convolves in TF32 otherwise
        env = os.environ | exact
        done = subprocess.run(words, capture_output=True, text=True, timeout=left, check=False, env=env)
    except subprocess.TimeoutExpired:
        return {"why": "it took too long"}
    if done.returncode:
        return {"why": (done.stderr.strip().splitlines() or ["it ended"])[-1][:100]}
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def measured(network: Network, words: list[str], side: str, smoke: bool) -> dict[str, Any]:
    """Images a second, the most memory and its prediction, of the program's own loop around a class."""
    import torch

    sys.path.insert(0, str(HERE))
    import training

    training.define_operators()
    batch, steps = (1, 1) if smoke else (network.batch, 30)
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
        program = training.emitted(network.spec, network.variant, Path(folder), **network.parameters)
        if side == "torchvision":
            from torchvision import models

            make = getattr(models, network.theirs)
            setattr(program.architecture, program.NAME, lambda: make(weights=None))
        loop = training.Loop("cpu" if smoke else "cuda", batch, steps, [*words, "--workers", "0" if smoke else "4"])
        run, seconds = loop.timed(program, Path(folder) / "run", warm=1 if smoke else 10)
    peak = run.process.peak_bytes() if torch.cuda.is_available() else 0
    return {
        "speed": batch * steps / seconds,
        "flops": 6 * program.MULT_ADDS * batch * steps / seconds,  # two of each forward, and twice that backward
        "peak": peak >> 20,
        "predicted": run.process.predicted_bytes(batch) >> 20,
        "batch": batch,
    }


def report(device: str, version: str, rows: Sequence[dict[str, Any]]) -> str:
    """The tables of a run."""
    when = datetime.now(UTC).strftime("%Y-%m-%d")
    lines = [f"{device}, torch {version}, {when}.", ""]
    lines += [
        "| network | setting | images a step | images/s | by torchvision | ratio | of the peak | memory | predicted |"
    ]
    lines += ["|---|---|---:|---:|---:|---:|---:|---:|---:|"]
    for ours, theirs in zip(rows[::2], rows[1::2], strict=True):
        lines.append(f"| {' | '.join([ours['network'], ours['setting'], *_cells(device, ours, theirs)])} |")
    why = {f"{row['network']}, {row['setting']}, {row['side']}: {row['why']}." for row in rows if "why" in row}
    return "\n".join([*lines, *([""] if why else []), *sorted(f"- Left out: {each}" for each in why)])


def _cells(device: str, ours: dict[str, Any], theirs: dict[str, Any]) -> list[str]:
    speeds = [f"{row['speed']:,.1f}" if "speed" in row else "" for row in (ours, theirs)]
    both = "speed" in ours and "speed" in theirs
    ratio = f"{ours['speed'] / theirs['speed']:.2f}" if both else ""
    if "speed" not in ours:
        return ["", *speeds, ratio, "", "", ""]
    peak = peak_of(device, ours["setting"])
    share = f"{ours['flops'] / peak:.0%}" if peak else "not known"
    memory = f"{ours['peak']:,} MiB" if ours["peak"] else ""
    return [str(ours["batch"]), *speeds, ratio, share, memory, f"{ours['predicted']:,} MiB"]


def peak_of(device: str, setting: str) -> float | None:
    """Operations a second of a device by its data sheet, in the precision of a setting."""
    column = 2 if "bf16" in setting else 1 if "tf32" in setting else 0
    return next((1e12 * rates[column] for name, rates in PEAKS.items() if name in device), None)


def with_figures(page: str, figures: str) -> str:
    """The page with figures in the place of what stood there."""
    before, _, rest = page.partition(START)
    _, _, after = rest.partition(END)
    return f"{before}{START}\n\n{figures}\n\n{END}{after}"


if __name__ == "__main__":
    main()
