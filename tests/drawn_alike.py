"""Random numbers that two runs draw alike: weights, images and what dropout leaves out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import torch
from torch import Tensor, nn


@contextmanager
def without_first_weights() -> Iterator[None]:
    """Saves torch's drawing of first weights, which are drawn again."""
    names = ("uniform_", "normal_", "trunc_normal_", "kaiming_uniform_", "kaiming_normal_", "xavier_uniform_")
    draws: dict[str, Any] = dict.fromkeys(names, _as_it_is)
    with patch.multiple(nn.init, **draws):
        yield


def _as_it_is(tensor: Tensor, *_: Any, **__: Any) -> Tensor:
    return tensor


@contextmanager
def dropping_alike() -> Iterator[None]:
    """Makes dropout draw by the shape of its input alone: torch's own draws in the order in which it lies in memory."""

    def dropout(x: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
        if not training or p == 0:
            return x  # as torch does
        kept = torch.empty(x.shape, dtype=x.dtype).bernoulli_(1 - p)
        return x * kept / (1 - p) if p < 1 else x * kept

    with patch.object(nn.functional, "dropout", dropout):
        yield


def seed(number: int) -> None:
    """Seeds the CPU alone: ``torch.manual_seed`` looks for every other device, each time."""
    torch.default_generator.manual_seed(number)
