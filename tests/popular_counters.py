"""What popular counters themselves print for a module: third witnesses, each skipped where it is not installed."""

from __future__ import annotations

import contextlib
import io
import logging
import sys
import warnings
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest
import torch
import torch._dynamo  # it keeps the identities of torch's functions, which some counters replace while they run
from child.missing_operators import define as define_missing_operators
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

Counter = Callable[[nn.Module, tuple[int, ...]], int]
"""From a network in evaluation mode and the size of one input, without the batch."""


def _data(model: nn.Module, size: tuple[int, ...]) -> Tensor:
    return torch.zeros(1, *size, device=next(model.parameters()).device)


def _real(model: nn.Module) -> nn.Module:
    """The same with memory: without, fvcore's trace stops, and ptflops meets torch's own decompositions."""
    if next(model.parameters()).is_meta:
        model = model.to_empty(device="cpu")
        for tensor in (*model.parameters(), *model.buffers()):
            tensor.detach().zero_()
    return model


def by_torch(model: nn.Module, size: tuple[int, ...]) -> int:
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        model(_data(model, size))
    return int(counter.get_total_flops())


def by_fvcore(model: nn.Module, size: tuple[int, ...]) -> int:
    model = _real(model)
    analysis = pytest.importorskip("fvcore.nn").FlopCountAnalysis(model, _data(model, size))
    return int(analysis.unsupported_ops_warnings(False).uncalled_modules_warnings(False).total())


def by_ptflops(model: nn.Module, size: tuple[int, ...], backend: str = "pytorch") -> int:
    define_missing_operators()  # ptflops imports torchvision where it is installed
    counted = pytest.importorskip("ptflops").get_model_complexity_info(
        _real(model), size, as_strings=False, print_per_layer_stat=False, backend=backend
    )
    return int(counted[0])


def by_ptflops_aten(model: nn.Module, size: tuple[int, ...]) -> int:
    return by_ptflops(model, size, "aten")


def by_thop(model: nn.Module, size: tuple[int, ...]) -> int:
    return int(pytest.importorskip("thop").profile(model, (_data(model, size),), verbose=False)[0])


def by_torchinfo(model: nn.Module, size: tuple[int, ...]) -> int:
    summary = pytest.importorskip("torchinfo").summary
    return int(summary(model, input_data=_data(model, size), verbose=0).total_mult_adds)


def by_calflops(model: nn.Module, size: tuple[int, ...]) -> int:
    _, macs, _ = _calflops().calculate_flops(model, input_shape=(1, *size), print_results=False, output_as_string=False)
    return int(macs)


def _calflops() -> ModuleType:
    """The package, whose part for models on the hub, not used here, imports libraries for them."""
    hub: dict[str, Any] = {name: ModuleType(name) for name in ("transformers", "accelerate", "accelerate.utils")}
    for module in hub.values():
        module.__getattr__ = lambda name: lambda *_: False
    absent = {name: module for name, module in hub.items() if name.partition(".")[0] not in sys.modules}
    sys.modules.update(absent)
    try:
        define_missing_operators()
        found: ModuleType = pytest.importorskip("calflops")
        return found
    finally:
        for name in absent:
            del sys.modules[name]


PRINTED: dict[str, Counter] = {
    "torch": by_torch,
    "fvcore": by_fvcore,
    "ptflops": by_ptflops,
    "ptflops-aten": by_ptflops_aten,
    "thop": by_thop,
    "torchinfo": by_torchinfo,
    "calflops": by_calflops,
}


TOOLS = [pytest.param(name, marks=[] if name == "torch" else pytest.mark.witnesses) for name in sorted(PRINTED)]
"""Their names, for tests of each."""


def with_a_parameter(modules: list[nn.Module]) -> nn.Module:
    """The modules in a row; calflops needs a parameter to find the device by."""
    model = nn.Sequential(*modules)
    model.register_parameter("spare", nn.Parameter(torch.zeros(1)))
    return model


def printed(counter: str, model: nn.Module, size: tuple[int, ...]) -> int:
    """The counter's own figure, without what it says beside it."""
    model.eval()
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        logging.disable(logging.WARNING)
        try:
            return PRINTED[counter](model, size)
        finally:
            logging.disable(logging.NOTSET)
