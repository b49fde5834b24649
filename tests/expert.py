"""The tools of an expert on emitted code: ruff by its own rules, and mypy as strict as it is."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Sequence
from importlib.util import find_spec
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
    """A tool as a parameter of a test. mypy reads torch, and torchvision where programs import it."""
    return pytest.param(tool, id=id, marks=[pytest.mark.torch, pytest.mark.witnesses] if tool is MYPY else ())


def imported(path: Path) -> set[str]:
    """The packages that a file imports; nothing of a folder."""
    if path.is_dir():
        return set()
    nodes = list(ast.walk(ast.parse(path.read_text("utf-8"))))
    names = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    names += [node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)]
    return {name.partition(".")[0] for name in names}


def assert_passes(tool: Sequence[str], *paths: str | Path, folder: Path) -> None:
    """Whether a tool, run in a folder, has nothing to say of some files.

    What imports torchvision says to mypy that it has no types, which holds where it is installed alone; and mypy reads
    the types of Pillow.
    """
    if tool is MYPY:
        lacking = {name for name in ("torchvision", "PIL") if find_spec(name) is None}
        left = tuple(path for path in paths if not lacking & imported(folder / path))
        if paths and not left:
            pytest.skip(f"{' and '.join(sorted(lacking))} is not installed")
        paths = left
    assert paths
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
