"""What all tests share."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from optional import OPTIONAL
from random_programs import seed_of_the_day

ROOT = Path(__file__).parent.parent
sys.path.append(str(ROOT / "tools"))  # of which tests import what is a package

if int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1")) > 1:
    # Each worker has a core, and threads that share one wait for each other.
    os.environ.setdefault("OMP_NUM_THREADS", "1")

# Each process that a test starts would else compile all that it imports anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# The same examples on every machine; how long one takes says nothing about the code.
settings.register_profile("archspec", deadline=None, derandomize=True, print_blob=False, report_multiple_bugs=False)
settings.load_profile("archspec")


def pytest_configure() -> None:
    """An installed copy of the package would be tested in the place of the checkout around the tests."""
    here, found = ROOT / "archspec" / "__init__.py", find_spec("archspec")
    if here.exists() and not (found and found.origin and here.samefile(found.origin)):
        imported = f"archspec is imported from {found.origin}" if found else "archspec is not installed"
        raise pytest.UsageError(f"{imported}, and these are the tests of {here.parent}: pip install -e '.[test]'")


def pytest_pycollect_makemodule(module_path: Path, parent: pytest.Collector) -> pytest.Module:
    """Every file of tests is a `TestFile`."""
    made: pytest.Module = TestFile.from_parent(parent, path=module_path)
    return made


class TestFile(pytest.Module):
    """A file of tests, skipped as a whole where it cannot be imported for want of an optional package."""

    def collect(self) -> Iterable[pytest.Item | pytest.Collector]:
        """Its tests."""
        try:
            return list(super().collect())
        except self.CollectError as error:
            cause = error.__cause__
            name = (cause.name or "").partition(".")[0] if isinstance(cause, ModuleNotFoundError) else ""
            if name not in OPTIONAL:
                raise
            pytest.skip(f"{name} is not installed", allow_module_level=True)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What is long or slow is left out unless `-m` speaks of it; the longest of the rest stand first."""
    unsaid = [mark for mark in ("long", "slow") if mark not in str(config.getoption("markexpr"))]
    left_out = [item for item in items if any(item.get_closest_marker(mark) for mark in unsaid)]
    if left_out:
        known = set(left_out)
        items[:] = [item for item in items if item not in known]
        config.hook.pytest_deselected(items=left_out)
    items.sort(key=lambda item: item.get_closest_marker("programs") is None)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_finish(session: pytest.Session) -> None:
    """Tests of one group go to one worker, and what was imported for them is not looked through for garbage.

    xdist 3.8 writes the group where pytest 9.2 does not read it. Without groups each worker compiles the whole corpus,
    and two of them write the cache of mypy at once.
    """
    for item in session.items if getattr(session.config.option, "loadgroup", False) else ():
        groups = "_".join(sorted({str(mark.args[0]) for mark in item.iter_markers("xdist_group")}))
        if groups and not item.nodeid.endswith(f"@{groups}"):
            item._id = type(item._id).parse(f"{item.nodeid}@{groups}")
    networks = sys.modules.get("networks")
    if networks and networks.family.cache_info().currsize:
        raise pytest.UsageError("a file of tests compiles networks when it is imported, which each worker waits for")
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Tests are shared out as `--dist loadgroup` does."""
    from scheduling import Scheduling

    return Scheduling(config, log) if config.getoption("dist") == "loadgroup" else None


def pytest_report_header() -> str:
    """With what seed random programs are made, so that a run can be repeated."""
    return f"random programs: ARCHSPEC_SEED={seed_of_the_day()}"


@pytest.fixture(autouse=True, scope="session")
def emitted_trees() -> Iterator[None]:
    """Every module and every training program that a test has emitted is walked."""
    from emitted_tree import watching  # which imports archspec, and no file of tests is collected for that

    with watching():
        yield


@pytest.fixture(scope="session")
def root() -> Path:
    """The folder of the project."""
    return ROOT
