"""The modules that ops bring along, where torch has none: torch's tools take them, and they do what papers say."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from witness import modules_of, size

from archspec import ops
from archspec.op import Call, Op, Shape
from commands import run_ruff

MAP = Shape(8, 7, 6)
ARGUMENTS: dict[str, dict[str, Any]] = {
    "channel-shuffle": {"groups": 4},
    "channel-split": {"part": 2, "of": 2},
    "conv": {"kernel": 3, "channels": 4, "stride": 2, "pad": "tf_same"},
    "drop-path": {"p": 0.5, "linear": True},
    "dwconv": {"kernel": 3, "stride": 2, "pad": "tf_same"},
    "l2norm": {},
    "layernorm": {},
    "pad-channels": {"channels": 12, "stride": 2},
    "partial-conv": {"kernel": 3, "maps": "0 1, 2"},
    "rbf": {"units": 3},
    "scale": {"factor": 0.17},
    "subsample": {},
    "tanh": {"slope": 0.5},
}
"""Arguments for every op whose module is its own, and for those that torch's tools once took amiss."""
each = pytest.mark.parametrize("name", sorted(ARGUMENTS))


def made(name: str, **args: Any) -> Op:
    found = ops.find(name)
    assert found is not None
    return found(**args)


def model_of(name: str) -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(*modules_of(made(name, **ARGUMENTS[name]).torch(MAP)))
