"""The tools of an expert on emitted code: ruff by its own rules, and mypy as strict as it is."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

CACHE = Path(__file__).parent.parent / ".mypy_cache" / "emitted"
"""Shared by all: reading torch takes mypy longer than all that is emitted."""

CHECK = ("ruff", "check", "--isolated", "--no-cache")
FORMAT = ("ruff", "format", "--isolated", "--no-cache", "--diff")
LINT = (*CHECK, "--select=I,UP,B,C4,SIM,RUF,D1", "--ignore=D100,D107,D105,D102,SIM108")
MYPY = ("mypy", "--strict", "--config-file=", f"--cache-dir={CACHE}")

one_worker = pytest.mark.xdist_group("mypy")
"""For tests that run mypy on emitted code: torch is read once, and two do not write the cache at once."""


def param(tool: Sequence[str], id: str) -> Any:
    """A tool as a parameter of a test; mypy reads torch."""
    return pytest.param(tool, id=id, marks=pytest.mark.torch if tool is MYPY else ())


def assert_passes(tool: Sequence[str], *paths: str | Path, folder: Path) -> None:
    """Whether a tool, run in a folder, has nothing to say of some files."""
    done = subprocess.run(
        [sys.executable, "-m", *tool, *map(str, paths)],
        cwd=folder,
        env=os.environ | {"MYPYPATH": str(folder)},
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
