"""The programs of ``tools/`` as modules, which are not part of the package."""

from __future__ import annotations

import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

TOOLS = Path(__file__).parent.parent / "tools"


def tool(name: str) -> Any:
    """``tools/NAME.py``, such as ``bench/start``."""
    spec = spec_from_file_location(f"tools_{name.replace('/', '_')}", TOOLS / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[spec.name] = module  # where its dataclasses look for their own module
    spec.loader.exec_module(module)
    return module
