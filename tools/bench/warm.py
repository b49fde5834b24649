"""Times archspec in one warm process, beside torch's own counter on the meta device and a count written by hand.

All contestants take turns in each round, and seconds are those of the processor, so that other work beside them matters
little; the ratios of one run carry over to other machines, the milliseconds do not. ``README.md`` says more.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable, Iterator
from itertools import count
from math import prod
from pathlib import Path
from typing import Any, NamedTuple

import archspec
from archspec.api import variants

ROOT = Path(__file__).parent.parent.parent
SPECS = ROOT / "specs"
VGG_D = [64, 64, 0, 128, 128, 0, 256, 256, 256, 0, 512, 512, 512, 0, 512, 512, 512, 0]
"""The channels of VGG-D's convolutions; 0 is a pool."""


class Contestant(NamedTuple):
    """What is timed: its name, what makes it once, and what one round of it does."""

    name: str
    run: Callable[[], object]
    rounds: int = 0
    """How often at most; 0 for as often as the caller says."""


def main() -> None:
    """Time all contestants and print one table."""
    asked = _asked()
    contestants = [*_by_hand(), *_archspec(), *([] if asked.without_torch else _torch())]
    seconds: dict[str, list[float]] = {contestant.name: [] for contestant in contestants}
    for number in range(asked.rounds + 1):
        for name, run, most in contestants:
            if most and number > most:
                continue
            start = time.process_time()
            run()
            seconds[name] += [time.process_time() - start] * (number > 0)  # the first round warms up
    print(json.dumps(seconds) if asked.json else table(seconds))


def table(seconds: dict[str, list[float]]) -> str:
    """Medians and fastest rounds, with what they are of torch's counter where that ran."""
    base = next((min(times) for name, times in seconds.items() if name.startswith("torch")), None)
    lines = ["| in one process, warm | median | fastest | x torch's counter |", "|---|--:|--:|--:|"]
    for name, times in seconds.items():
        ratio = f"{min(times) / base:.2f}" if base else ""
        lines.append(f"| {name} | {statistics.median(times) * 1e3:.2f} ms | {min(times) * 1e3:.2f} ms | {ratio} |")
    return "\n".join(lines)


def _archspec() -> Iterator[Contestant]:
    """New texts, new members of families that were read, and the whole corpus with all its figures."""
    for spec, variant in (("vgg_D", None), ("resnet", "50"), ("googlenet", None)):
        yield Contestant(f"{spec}{variant or ''}, a new text: params, mult-adds", _new_text(spec, variant))
    yield Contestant("mobilenet, a new text with all claims", _new_text("mobilenet", None, claims=True))
    wrn = archspec.load(SPECS / "wrn.arch")
    widths = count(11)
    yield Contestant("wrn, a k that is new", lambda: _counts(wrn(k=next(widths))))
    mobilenet = archspec.load(SPECS / "mobilenet.arch")
    alphas = (n / 32 for n in count(8))
    yield Contestant("mobilenet, an alpha that is new", lambda: _counts(mobilenet(alpha=next(alphas))))
    yield Contestant("vgg_D again: the text was read before", lambda: _counts(archspec.load(SPECS / "vgg_D.arch")))
    texts = {path: path.read_text("utf-8") for path in sorted(SPECS.glob("*.arch"))}
    yield Contestant("the corpus checked, from files that were read before", lambda: _checked(texts), 5)
    yield Contestant("the corpus checked, new to the process", lambda: _checked(texts, anew=True), 3)


def _new_text(spec: str, variant: str | None, claims: bool = False) -> Callable[[], object]:
    """Compiles a text that differs from all before it in a comment."""
    text, number = (SPECS / f"{spec}.arch").read_text("utf-8"), count()

    def run() -> object:
        net = archspec.loads(f"{text}\n# {next(number)}\n", variant)
        return net.claims if claims else _counts(net)

    return run


def _counts(net: archspec.Compiled) -> tuple[int, int]:
    return net.params, net.mult_adds


def _checked(texts: dict[Path, str], anew: bool = False) -> bool:
    from archspec.family import FAMILIES, MEMBERS
    from archspec.language.parse import REMEMBERED

    for memo in (FAMILIES, MEMBERS, REMEMBERED) if anew else ():
        memo.clear()
    return all(net.holds for path in texts for net in variants(str(path)))


def _by_hand() -> Iterator[Contestant]:
    """Parameters and mult-adds of VGG-D, as a script that knows nothing else would count them."""

    def run() -> tuple[int, int]:
        params = macs = 0
        channels, side = 3, 224
        for width in VGG_D:
            if not width:
                side //= 2
                continue
            params += 9 * channels * width + width
            macs += 9 * channels * width * side * side
            channels = width
        for units, features in ((4096, channels * side * side), (4096, 4096), (1000, 4096)):
            params += units * features + units
            macs += units * features
        return params, macs

    assert run() == _counts(archspec.load(SPECS / "vgg_D.arch"))
    yield Contestant("vgg_D by hand, arithmetic alone", run)


def _torch() -> Iterator[Contestant]:
    """torch's counter on the meta device, where nothing is computed; making the module is not timed."""
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    for spec, variant in (("vgg_D", None), ("resnet", "50"), ("googlenet", None), ("mobilenet", None)):
        net = archspec.load(SPECS / f"{spec}.arch", variant)
        with torch.device("meta"):
            module, image = net.build().eval(), torch.empty(1, 3, 224, 224)

        def run(module: Any = module, image: Any = image) -> tuple[int, int]:
            with torch.no_grad(), FlopCounterMode(display=False) as counter:
                module(image)
            return sum(prod(p.shape) for p in module.parameters()), counter.get_total_flops() // 2

        assert run()[1] == net.mult_adds  # its parameters include those of heads
        yield Contestant(f"torch's counter, on meta: {spec}{variant or ''}", run)


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=20, help="rounds that count")
    parser.add_argument("--without-torch", action="store_true", help="leave torch's counter out")
    parser.add_argument("--json", action="store_true", help="print the seconds of every round")
    return parser.parse_args()


if __name__ == "__main__":
    main()
