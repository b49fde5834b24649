"""What all tests share."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings
from random_programs import seed_of_the_day

# The same examples on every machine; how long one takes says nothing about the code.
settings.register_profile("archspec", deadline=None, derandomize=True, print_blob=False, report_multiple_bugs=False)
settings.load_profile("archspec")


def pytest_report_header() -> str:
    """With what seed random programs are made, so that a run can be repeated."""
    return f"random programs: ARCHSPEC_SEED={seed_of_the_day()}"


@pytest.fixture(scope="session")
def root() -> Path:
    """The folder of the project."""
    return Path(__file__).parent.parent
