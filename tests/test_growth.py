"""Work grows with the input and no faster, for every construct and every kind of mistake: calls are counted, not time."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any

import pytest
from emitted_tree import unwatched

from archspec import ArchError, budget, naming
from archspec.api import variants
from archspec.budget import request
from archspec.family import FAMILIES, MEMBERS
from archspec.language.parse import REMEMBERED
from archspec.reports.audit.figures import audit
from archspec.support.limits import MOST_WORK

pytestmark = pytest.mark.dear

BENCH = Path(__file__).parent.parent / "tools" / "bench"


def _bench(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, BENCH / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


constructs: Any = _bench("constructs")
growth: Any = _bench("growth")

ENOUGH = 30_000
"""Calls at which what a construct takes by itself outweighs what any spec does."""
SQUARES = {
    "formals": "every use of a block copies its parameters",
    "long rules": "the rule and the table grow both",
    "blocks of a kind": "the blocks and their repetitions grow both",
    "large block of many sizes": "the block and its uses grow both",
    "shares of rows": "every share counts the rows",
    "formulas of unknown names": "every formula may be of each parameter",
    "unknown arguments of blocks": "every use looks for its argument among all",
    "steps left out": "every use leaves out all steps of its rule",
    "variants": "every variant reads the table of all",
    "wide families": "every variant reads the columns of all",
}
"""Constructs whose work is a product by what they say; their budget ends them, which counts the product."""


@pytest.fixture(autouse=True)
def calls_of_the_compiler_alone() -> Iterator[None]:
    """No call is counted that a walk of the emitted code makes."""
    with unwatched():
        yield


@pytest.fixture(autouse=True)
def few_suggestions(monkeypatch: pytest.MonkeyPatch) -> None:
    """Slips are compared with few names and given up soon, so that small specs show what large ones do."""
    monkeypatch.setattr(naming, "MOST_COMPARED", 8)
    monkeypatch.setattr(budget, "MOST_SUGGESTIONS", 8)


def put(name: str, n: int, folder: Path) -> None:
    """Write a construct of a size, which is new to the process."""
    for memo in (FAMILIES, MEMBERS, REMEMBERED):
        memo.clear()
    for file, text in constructs.CONSTRUCTS[name](n).items():
        (folder / file).write_text(text, "utf-8")


def emitted(folder: Path) -> set[str]:
    """Emit all that is written there; the codes of what is wrong with it."""
    try:
        for compiled in variants(str(folder / "a.arch")):
            compiled.source()
    except ArchError as error:
        return {d.code for d in error.diagnostics}
    return set()


def worked(name: str, n: int, folder: Path) -> tuple[int, float]:
    """The calls of functions, of Python's own too, and the units that a construct of a size takes, when it is new."""
    put(name, n, folder)
    calls, codes = 0, set[str]()

    def note(frame: FrameType, event: str, arg: Any) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    with request() as work:
        sys.setprofile(note)
        try:
            codes = emitted(folder)
        finally:
            sys.setprofile(None)
    assert "E0704" not in codes
    return calls, work.spent


@pytest.mark.parametrize("name", constructs.CONSTRUCTS)
def test_work_grows_with_the_input(name: str, tmp_path: Path) -> None:
    n = 4
    put(name, n, tmp_path)
    emitted(tmp_path)  # what is computed once a process is computed now, and not counted
    few, less = worked(name, n, tmp_path)
    calls, units = worked(name, 2 * n, tmp_path)
    while calls < ENOUGH and n < 2_000:
        n, few, less = 2 * n, calls, units
        calls, units = worked(name, 2 * n, tmp_path)
    assert units <= MOST_WORK
    assert calls < 40 * units + 100_000, "what is done is not spent"
    if name not in SQUARES:
        assert calls < 2.4 * few
        assert units < 2.4 * less
    else:
        assert calls < 2.8 * few * max(units / less / 2, 1)


@pytest.mark.parametrize("name", ["claims with settings", "claims with rules", "claims of variants", "equations"])
def test_an_audit_grows_with_the_figures(name: str, tmp_path: Path) -> None:
    def calls(n: int) -> int:
        put(name, n, tmp_path)
        found = 0

        def note(frame: FrameType, event: str, arg: Any) -> None:
            nonlocal found
            found += event in ("call", "c_call")

        sys.setprofile(note)
        try:
            audit([str(tmp_path / "a.arch")])
        finally:
            sys.setprofile(None)
        return found

    calls(2)  # what is computed once a process
    assert calls(240) < 2.2 * calls(120)


def test_a_construct_is_as_large_as_is_asked() -> None:
    for name in ("rows", "likenesses", "bad lines"):
        n, files = constructs.of_size(name, 50_000)
        assert n > 100
        assert 25_000 < constructs.length(files) <= 50_000


def test_the_table_says_what_a_construct_took(capsys: pytest.CaptureFixture[str]) -> None:
    assert growth.main(["--only", "unnamed rows", "--largest", "4000", "--command", "count", "--every"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("| construct | characters | seconds | MiB |")
    assert len(lines) == 4
    assert lines[-1].endswith("| 0 |")
