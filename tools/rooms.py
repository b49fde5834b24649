"""The rooms of ``archspec/`` in the order in which imports may point: a test holds it, and a document shows it."""

from __future__ import annotations

import ast
from pathlib import Path

PACKAGE = Path(__file__).parent.parent / "archspec"
ROOMS = (
    ("__main__",),
    ("cli",),
    ("commands",),
    ("page",),
    ("reports",),
    ("__init__",),
    ("api",),
    ("importing",),
    ("pipeline",),
    ("compiled",),
    ("printing",),
    ("family",),
    ("figures",),
    ("render", "targets"),
    ("analysis",),
    ("elaborate",),
    ("ir",),
    ("language", "counting", "weights"),
    ("ops", "recipe"),
    ("op",),
    ("arguments", "files"),
    ("naming",),
    ("budget",),
    ("diagnostics", "expressions"),
    ("support",),
)
"""A folder or a file of the package imports from itself and from rooms of later lines alone."""
EMITTED = ("_emitted", "engine")
"""Folders of Python that is copied into what archspec writes. It may import torch, and no other file imports it."""


def room(path: Path) -> str:
    """The room of a file."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def is_emitted(path: Path) -> bool:
    """Whether a file is copied as text, and never run by archspec."""
    return path.parent.name in EMITTED


def level(name: str) -> int:
    """Where a room stands, counted from the top."""
    return next(i for i, names in enumerate(ROOMS) if name in names)


def described() -> list[tuple[str, str]]:
    """Each room with what it is for: the first paragraph of what its file says about itself."""
    return [(f"`{_shown(name)}`", _purpose(_home(name))) for names in ROOMS for name in names]


def _home(name: str) -> Path:
    folder = PACKAGE / name
    return folder / "__init__.py" if folder.is_dir() else PACKAGE / f"{name}.py"


def _shown(name: str) -> str:
    return f"{name}/" if (PACKAGE / name).is_dir() else f"{name}.py"


def _purpose(path: Path) -> str:
    text = ast.get_docstring(ast.parse(path.read_text("utf-8")))
    assert text, f"{path} says nothing about itself"
    return text.split("\n\n")[0].replace("\n", " ").replace("``", "`")
