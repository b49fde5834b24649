"""What a walk of emitted code finds: code that archspec does not write, wherever it stands and whatever it does."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from emitted_tree import strange

from archspec import load, loads, ops
from archspec.op import Call

ROOT = Path(__file__).parent.parent
IN_MODULES = {
    "an import": ("import torch\n", "import torch\nimport os\n"),
    "a name of an import": ("from torch import Tensor, nn", "from torch import Tensor, hub as nn"),
    "an import inside": ("super().__init__()", "super().__init__(); from pickle import loads"),
    "a builtin": ("super().__init__()", "super().__init__(); eval('1')"),
    "another": ("super().__init__()", "super().__init__(); open('/etc/passwd')"),
    "one by its dunder": ("super().__init__()", "super().__init__(); __import__('os')"),
    "an attribute": ("super().__init__()", "super().__init__(); ().__class__.__base__.__subclasses__()"),
    "a function of torch": ("super().__init__()", "super().__init__(); torch.load('x')"),
    "a module of torch": ("super().__init__()", "super().__init__(); torch.hub.load('a', 'b')"),
    "a method": ("return x", "return x.share_memory_()"),
    "a name that is nowhere": ("return x", "return undefined"),
    "a default": ("classes: int = 10", "classes: int = exec('1')"),
    "a decorator": ("class ", "@exec\nclass "),
    "torch by another name": ("super().__init__()", "super().__init__(); torch = x"),
    "a builtin by another name": ("super().__init__()", "super().__init__(); print = x"),
}  # fmt: skip
LAST = 'if __name__ == "__main__":'
IN_PROGRAMS = {
    "an import": ("import argparse\n", "import argparse\nimport subprocess\n"),
    "a builtin": (LAST, f"exec('1')\n\n\n{LAST}"),
    "a function of the system": (LAST, f"os.system('true')\n\n\n{LAST}"),
    "a function of torch": (LAST, f"torch.hub.load('a', 'b')\n\n\n{LAST}"),
}


@cache
def emitted(train: str | None) -> str:
    """A module, or a program of it."""
    compiled = load(ROOT / "specs" / "digits.arch")
    return compiled.training(short=train == "short") if train else compiled.source()


@pytest.mark.parametrize("change", IN_MODULES)
def test_code_that_is_not_ours_is_found_in_a_module(change: str) -> None:
    ours, theirs = IN_MODULES[change]
    assert ours in emitted(None)
    assert strange(emitted(None)) == []
    assert strange(emitted(None).replace(ours, theirs, 1)) != []


@pytest.mark.parametrize("change", IN_PROGRAMS)
@pytest.mark.parametrize("train", ["full", "short"])
def test_code_that_is_not_ours_is_found_in_a_program(change: str, train: str) -> None:
    ours, theirs = IN_PROGRAMS[change]
    assert ours in emitted(train)
    assert strange(emitted(train), program=True) == []
    assert strange(emitted(train).replace(ours, theirs, 1), program=True) != []


def test_what_tests_emit_is_walked(monkeypatch: pytest.MonkeyPatch) -> None:
    relu = ops.find("relu")
    assert relu is not None
    monkeypatch.setattr(relu, "torch", lambda self, x: (Call("os.system", {"command": "true"}),))
    with pytest.raises(AssertionError, match=r"archspec never writes: .*unbound: os"):
        loads("network n\ninput 8x8x3\n| relu |\n").source()
