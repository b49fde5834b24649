"""Times figures: `archspec draw` beside torchview, which runs the emitted module and has Graphviz find the places.

Each is a process of its own that writes an SVG of one network. The rounds are interleaved, and seconds are those of the
processor, with those of Graphviz. ``README.md`` says what the table means.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections import defaultdict
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
TORCHVIEW = """
import sys
import torch
from torchview import draw_graph
sys.path.insert(0, sys.argv[1])
network = getattr(__import__(sys.argv[2]), sys.argv[2])
with torch.device("meta"):
    model, image = network().eval(), torch.empty(1, 3, 224, 224)
    made = draw_graph(model, input_data=image, device="meta", depth=int(sys.argv[3]), expand_nested=True)
made.visual_graph.render(outfile=sys.argv[4], cleanup=True)
"""
NETWORKS = {
    "ResNet-50": ("resnet.arch:50", "resnet_50"),
    "GoogLeNet": ("googlenet.arch", "googlenet"),
    "VGG-D": ("vgg_D.arch", "vgg_D"),
}
"""The spec of each, and the module that is emitted of it."""
ARCHSPEC = "archspec draw"


def commands(spec: str, module: str, out: Path) -> dict[str, list[str]]:
    """What writes an SVG of a network, by its name. torchview opens 3 levels of modules by itself, and 20 are all."""
    draw = [sys.executable, "-m", "archspec", "draw", str(ROOT / "specs" / spec)]
    dot = 'out=$0; "$@" -o "$out.dot" && exec dot -Tsvg "$out.dot" -o "$out"'
    view = [sys.executable, "-c", TORCHVIEW, str(ROOT / "generated"), module]
    return {
        ARCHSPEC: [*draw, "-o", str(out)],
        "archspec draw --style graph": [*draw, "--style", "graph", "-o", str(out)],
        "archspec draw -o x.dot; dot": ["sh", "-c", dot, str(out), *draw],
        "torchview": [*view, "3", str(out)],
        "torchview, every layer": [*view, "20", str(out)],
    }


class Round(NamedTuple):
    """What one process took, and what it wrote."""

    seconds: float
    bytes: int


def main() -> None:
    """Print the table."""
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--rounds", type=int, default=5, help="how often each process runs; the first is not counted")
    rounds = options.parse_args().rounds
    missing = [name for name in ("torch", "torchview", "graphviz") if find_spec(name) is None]
    if missing or not shutil.which("dot"):
        sys.exit(f"not installed: {', '.join([*missing, *['dot'] * (not shutil.which('dot'))])}")
    print("| network | drawn by | processor | x archspec | bytes | x archspec |")
    print("|---|---|--:|--:|--:|--:|")
    for name, figured in NETWORKS.items():
        report(name, measured(*figured, rounds))
    print(f"\nPython {platform.python_version()}, {platform.processor() or platform.machine()}, {os.cpu_count()} cores")


def measured(spec: str, module: str, rounds: int) -> dict[str, list[Round]]:
    """The rounds of every contestant, in turn; the first, in which files are cached, is left out."""
    found: dict[str, list[Round]] = defaultdict(list)
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "figure.svg"
        for number in range(rounds + 1):
            for name, command in commands(spec, module, out).items():
                took = timed(command)
                if number:
                    found[name].append(Round(took, out.stat().st_size))
                out.unlink()
    return found


def timed(command: list[str]) -> float:
    """Seconds of the processor that a command takes, with those of the programs that it calls."""
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{command[0]} ended with {process.returncode}")
    return used.ru_utime + used.ru_stime


def report(network: str, found: dict[str, list[Round]]) -> None:
    """The rows of one network."""
    own = median(found[ARCHSPEC])
    for name, rounds in found.items():
        seconds, size = median(rounds)
        print(
            f"| {network} | {name} | {seconds:.2f} s | {seconds / own.seconds:.1f} |"
            f" {size:,} | {size / own.bytes:.1f} |",
            flush=True,
        )


def median(rounds: list[Round]) -> Round:
    """The median of the seconds, with the bytes, which are always the same."""
    return Round(statistics.median(each.seconds for each in rounds), rounds[0].bytes)


if __name__ == "__main__":
    main()
