"""What the tests of the command line share: a folder with specs, and a way to run commands in it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from archspec.cli import main

TINY = """network tiny(classes=10)
input 8x8x4
| layer | op         | output | params |
|-------|------------|--------|--------|
| a     | conv3-4    | 8x8x4  | 148    |
| b     | fc classes | 10     |        |

claims
| source  | classes | params | top-1 error |
|---------|---------|--------|-------------|
| Table 1 |         | 2.7K   | 25.6        |
| Table 2 | 20      | 5,288  |             |
"""
FAMILY = """network two(classes=10)
input 8x8x4
variants A, B
| layer | A          | B                   |
|-------|------------|---------------------|
| conv  | conv3-4    | conv3-4 x 2         |
| fc    | fc classes                       |

claims
| source  | quantity | A     | B     |
|---------|----------|-------|-------|
| Table 1 | params   | 2,718 | 2,866 |
"""
RECIPE = """
train
| setting   | value  | source |
|-----------|--------|--------|
| data      | digits |        |
| optimizer | sgd    |        |
| lr        | 0.1    |        |
| batch     | 16     |        |
| epochs    | 1      |        |
"""


class Done(NamedTuple):
    code: int
    out: str
    err: str


Run = Callable[..., Done]


def runner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command in a folder that holds tiny.arch, two.arch and wrong.arch; usage errors give their code as well."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    Path("tiny.arch").write_text(TINY)
    Path("two.arch").write_text(FAMILY)
    Path("wrong.arch").write_text(TINY.replace("148", "149"))
    Path("broken.arch").write_text(TINY.replace("conv3-4", "cnov3-4"))

    def command(*args: str) -> Done:
        try:
            code = main(args)
        except SystemExit as exit:
            code = int(exit.code or 0)
        return Done(code, *capsys.readouterr())

    return command
