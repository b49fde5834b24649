"""torchvision beside torch for the CPU: its wheel is built for CUDA, and two operators are missing at import."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from types import ModuleType

import pytest
from child.missing_operators import define


def torchvision() -> ModuleType:
    """The module with its models; skips the test where it is not installed."""
    if find_spec("torchvision") is None:
        pytest.skip("torchvision is not installed")
    define()
    import_module("torchvision.models")
    return import_module("torchvision")
