"""Times whole processes that count VGG-16: archspec beside the counters that run the network in torch.

Every contestant is a process of its own that prints the parameters and the mult-adds of VGG-16. The rounds are
interleaved, so that a slow moment of the machine meets all contestants. ``README.md`` says what the table means.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SPEC = ROOT / "specs" / "vgg_D.arch"
LIBRARIES = ("archspec-nn", "lark", "pydantic", "torch", "torchinfo", "fvcore")
FLOOR = "floor: import lark, pydantic"
ARCHSPEC = "archspec count"

TORCH = f"""
import sys
sys.path.insert(0, {str(ROOT / "generated")!r})
import torch
from vgg_D import vgg_D
"""
ON_META = """
with torch.device("meta"):
    model, image = vgg_D().eval(), torch.empty(1, 3, 224, 224)
"""
TORCHINFO = f"""{TORCH}
from torchinfo import summary
{ON_META}
found = summary(model, input_data=image, device="meta", verbose=0)
print(found.total_params, found.total_mult_adds)
"""
FVCORE = f"""{TORCH}
import logging
from fvcore.nn import FlopCountAnalysis, parameter_count
logging.disable()
model = vgg_D().eval()
print(parameter_count(model)[""], FlopCountAnalysis(model, torch.zeros(1, 3, 224, 224)).total())
"""
FLOP_COUNTER = f"""{TORCH}
from torch.utils.flop_counter import FlopCounterMode
{ON_META}
def count():
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        model(image)
    return sum(p.numel() for p in model.parameters()), counter.get_total_flops() // 2
"""
LOAD = f"""
from itertools import count as numbers
from archspec import loads
text, number = open({str(SPEC)!r}).read(), numbers()
def count():
    network = loads(text + "\\n# " + str(next(number)) + "\\n")  # a text that no earlier one equals
    return network.params, network.mult_adds
"""
WARM = """
import time
first = count()
laps = []
for _ in range(20):
    start = time.perf_counter()
    assert count() == first
    laps.append(time.perf_counter() - start)
print(*first, *laps)
"""


@dataclass(frozen=True)
class Contestant:
    """A command that prints the parameters and the mult-adds of VGG-16, and the packages that it needs."""

    name: str
    command: tuple[str, ...]
    needs: tuple[str, ...] = ()
    counts: bool = True
    laps: bool = False
    """Whether it prints the seconds of warm calls itself."""

    @property
    def missing(self) -> list[str]:
        """What it needs and this environment lacks."""
        packages = [name for name in self.needs if importlib.util.find_spec(name) is None]
        return packages if shutil.which(self.command[0]) else [*packages, Path(self.command[0]).name]


@dataclass
class Timing:
    """What one contestant took, in all rounds; nothing where it is not installed."""

    name: str
    missing: list[str] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    peak_mib: float = 0.0
    params: int | None = None
    mult_adds: int | None = None

    @property
    def median(self) -> float | None:
        return statistics.median(self.seconds) if self.seconds else None


@dataclass(frozen=True)
class Results:
    """One run of the benchmark."""

    environment: dict[str, str]
    processes: list[Timing]
    warm: list[Timing]


def python(code: str) -> tuple[str, ...]:
    return (sys.executable, "-c", code)


def contestants() -> list[Contestant]:
    """Whole processes, all doing the same job but the first two, which are the ground that archspec stands on."""
    script = str(Path(sysconfig.get_path("scripts")) / "archspec")
    count = ("count", str(SPEC))
    return [
        Contestant("Python alone", python("pass"), counts=False),
        Contestant(FLOOR, python("import lark; from pydantic import BaseModel"), ("lark", "pydantic"), counts=False),
        Contestant(ARCHSPEC, (script, *count), ("archspec",)),
        Contestant("python -m archspec count", (sys.executable, "-m", "archspec", *count), ("archspec",)),
        Contestant("torchinfo, on meta", python(TORCHINFO), ("torch", "torchinfo")),
        Contestant("fvcore", python(FVCORE), ("torch", "fvcore")),
        Contestant("torch's flop counter / 2, on meta", python(f"{FLOP_COUNTER}\nprint(*count())"), ("torch",)),
    ]


def warm_contestants() -> list[Contestant]:
    """The same job again and again in one process, imports and first call not counted."""
    return [
        Contestant("archspec.loads", python(LOAD + WARM), ("archspec",), laps=True),
        Contestant("torch's flop counter / 2, on meta", python(FLOP_COUNTER + WARM), ("torch",), laps=True),
    ]


def measure(found: Sequence[Contestant], rounds: int) -> list[Timing]:
    """Interleaved rounds, after one that is not counted."""
    timings = [Timing(contestant.name, contestant.missing) for contestant in found]
    for lap in range(rounds + 1):
        for contestant, timing in zip(found, timings, strict=True):
            if not timing.missing:
                _once(contestant, timing, counted=lap > 0)
    return timings


def _once(contestant: Contestant, timing: Timing, counted: bool) -> None:
    output, seconds, peak = spend(contestant.command)
    if contestant.counts:
        timing.params, timing.mult_adds = read_counts(output)
    if counted:
        laps = [float(lap) for lap in output.split()[2:]] if contestant.laps else [seconds]
        timing.seconds += laps
        timing.peak_mib = max(timing.peak_mib, peak)


def spend(command: Sequence[str]) -> tuple[str, float, float]:
    """Run a process from a folder without modules: its output, its seconds, and its peak of memory in MiB."""
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile("w+") as output:
        start = time.perf_counter()
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, cwd=folder)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise RuntimeError(f"exit code {process.returncode}: {' '.join(command)}")
        output.seek(0)
        return output.read(), seconds, usage.ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)


def read_counts(output: str) -> tuple[int, int]:
    """The two counts: on the line `total` of archspec's table, or the first two numbers."""
    line = next((line for line in output.splitlines() if line.startswith("total ")), output)
    params, mult_adds = re.findall(r"\d[\d,]*", line)[:2]
    return int(params.replace(",", "")), int(mult_adds.replace(",", ""))


def environment() -> dict[str, str]:
    """Versions, the processor, and whether byte code is kept; to be asked after a round, which may write it."""
    found = {"Python": platform.python_version()}
    for library in LIBRARIES:
        try:
            found[library] = version(library)
        except PackageNotFoundError:
            found[library] = "not installed"
    return found | {"processor": f"{processor()}, {os.cpu_count()} cores", "byte code": byte_code()}


def processor() -> str:
    """The model of the processor."""
    try:
        found = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text("utf-8"), re.MULTILINE)
    except OSError:
        found = None
    return found[1] if found else platform.processor() or platform.machine()


def byte_code() -> str:
    """Whether a start of archspec reads its byte code or compiles its modules again."""
    module = importlib.util.find_spec("archspec.cli")
    if module is None or module.origin is None:
        return "archspec is not installed"
    place = "archspec from a checkout" if Path(module.origin).is_relative_to(ROOT) else "archspec as installed"
    if module.cached and Path(module.cached).exists():
        return f"{place}, cached"
    why = " (PYTHONDONTWRITEBYTECODE is set)" if os.environ.get("PYTHONDONTWRITEBYTECODE") else ""
    return f"{place}, compiled again at every start{why}"


def report(results: Results) -> str:
    """The run as Markdown."""
    header = ["process", "median", "fastest", "x floor", "x archspec", "peak memory", "params", "mult-adds"]
    floor, ours = (_median(results.processes, name) for name in (FLOOR, ARCHSPEC))
    rows = [
        [
            *_times(timing, "s"),
            _ratio(timing.median, floor),
            _ratio(timing.median, ours),
            f"{timing.peak_mib:.0f} MiB" if timing.seconds else "",
            *_counts(timing),
        ]
        for timing in results.processes
    ]
    warm_header = ["in one process, warm", "median", "fastest", "x archspec", "params", "mult-adds"]
    ours = _median(results.warm, "archspec.loads")
    warm = [[*_times(t, "ms"), _ratio(t.median, ours), *_counts(t)] for t in results.warm]
    about = [f"- {name}: {value}" for name, value in results.environment.items()]
    return "\n".join([*_markdown([header, *rows]), "", *_markdown([warm_header, *warm]), "", *about])


def _median(timings: Sequence[Timing], name: str) -> float | None:
    return next((timing.median for timing in timings if timing.name == name), None)


def _times(timing: Timing, unit: str) -> list[str]:
    median = timing.median
    if median is None:
        return [timing.name, "not installed" + f": {', '.join(timing.missing)}" * bool(timing.missing), ""]
    factor, places = {"s": (1, 3), "ms": (1000, 2)}[unit]
    return [timing.name, *(f"{seconds * factor:.{places}f} {unit}" for seconds in (median, min(timing.seconds)))]


def _ratio(median: float | None, base: float | None) -> str:
    return f"{median / base:.2f}" if median and base else ""


def _counts(timing: Timing) -> list[str]:
    return ["" if count is None else f"{count:,}" for count in (timing.params, timing.mult_adds)]


def _markdown(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    lines = [
        [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]
        for row in (rows[0], rule, *rows[1:])
    ]
    return [f"| {' | '.join(line)} |" for line in lines]


def as_json(results: Results) -> str:
    """The run as JSON, with the seconds of every round."""
    return json.dumps(asdict(results), indent=2)


def main(argv: Sequence[str] | None = None) -> None:
    """Run the benchmark and print its report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=9, metavar="N", help="rounds that count (default: 9)")
    parser.add_argument("--without-torch", action="store_true", help="leave out the contestants that import torch")
    parser.add_argument("--json", action="store_true", help="print JSON, with the seconds of every round")
    args = parser.parse_args(argv)
    if args.rounds < 1:
        parser.error("at least one round")
    processes, warm = contestants(), warm_contestants()
    if args.without_torch:
        processes, warm = ([c for c in found if "torch" not in c.needs] for found in (processes, warm))
    timings, laps = measure(processes, args.rounds), measure(warm, 3)
    results = Results(environment(), timings, laps)
    print(as_json(results) if args.json else report(results))


if __name__ == "__main__":
    main()
