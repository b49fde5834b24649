"""What tests of the engine share: arguments, a process, images of files."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import torch

from archspec.targets.train.engine import command
from archspec.targets.train.engine.processes import Process

CPU = Process(0, 1, torch.device("cpu"), None, torch.contiguous_format)


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)  # the images are small
    yield
    torch.set_num_threads(before)


@pytest.fixture(autouse=True)
def signals_as_before() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture
def given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The arguments of a command line, whose run is in a folder of its own."""

    def parsed(*words: str) -> argparse.Namespace:
        monkeypatch.setattr(sys, "argv", ["train.py", "--out", str(tmp_path / "run"), *words])
        return command.parse_arguments()

    return parsed


class Files:
    """Images of files of which some are broken."""

    def __init__(self, count: int, broken: Sequence[int]) -> None:
        self.samples = [(f"{index}.jpg", index % 5) for index in range(count)]
        self.broken = broken

    def __len__(self) -> int:
        return len(self.samples)

    def __getitem__(self, index: int) -> tuple[str, int]:
        if index in self.broken:
            raise OSError("truncated")
        return self.samples[index]
