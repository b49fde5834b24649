"""torchvision beside torch for the CPU: its wheel is built for CUDA, and two operators are missing at import."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType

import pytest
import torch

LIBRARIES: list[torch.library.Library] = []  # what is defined lasts as long as the library that defined it


@cache
def define_missing_operators() -> None:
    """Defines the operators that torchvision describes at import and that its compiled part would bring."""
    for name in ("nms", "qnms"):
        try:
            getattr(torch.ops.torchvision, name)
        except AttributeError:
            library = torch.library.Library("torchvision", "FRAGMENT")  # type: ignore[no-untyped-call]
            library.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")  # type: ignore[no-untyped-call]
            LIBRARIES.append(library)


def torchvision() -> ModuleType:
    """The module with its models; skips the test where it is not installed."""
    if find_spec("torchvision") is None:
        pytest.skip("torchvision is not installed")
    define_missing_operators()
    import_module("torchvision.models")
    return import_module("torchvision")
