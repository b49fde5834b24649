"""Counters that run a module of torch: torch's own, fvcore and thop. Each is imported when it counts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from archspec import Compiled


def counted(net: Compiled, name: str) -> tuple[int, int]:
    """Parameters and mult-adds of a network that is made as a module: on the meta device, but fvcore computes it."""
    import torch

    x: Any = net.network.input_shape
    with torch.device("cpu" if name == "fvcore" else "meta"), torch.no_grad():
        module, image = net.build().eval(), torch.zeros(1, x.channels, x.height, x.width)
        params = sum(each.numel() for each in module.parameters())
        return params, COUNTERS[name].run(module, image)


def _by_torch(module: Any, image: Any) -> int:
    """Two for each multiply-accumulate."""
    from torch.utils.flop_counter import FlopCounterMode

    with FlopCounterMode(display=False) as counter:
        module(image)
    return int(counter.get_total_flops())


def _by_fvcore(module: Any, image: Any) -> int:
    from fvcore.nn import FlopCountAnalysis

    found = FlopCountAnalysis(module, image).unsupported_ops_warnings(False).uncalled_modules_warnings(False)
    return int(found.total())


def _by_thop(module: Any, image: Any) -> int:
    from thop import profile

    return int(profile(module, (image,), verbose=False)[0])


class Counter(NamedTuple):
    """What is called with a module and an image."""

    title: str
    run: Callable[[Any, Any], int]


COUNTERS = {
    "torch": Counter("torch's counter on meta", _by_torch),
    "fvcore": Counter("fvcore", _by_fvcore),
    "thop": Counter("thop on meta", _by_thop),
}
"""By the name of the package, which is that of the rules by which archspec counts as it does."""
