"""What training programs take of scikit-learn. README's training, in ``test_docs.py``, takes it from there."""

from __future__ import annotations

import sysconfig
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

FILE = Path(sysconfig.get_path("purelib")) / "sklearn" / "datasets" / "data" / "digits.csv.gz"


class Digits(NamedTuple):
    """Images of 8x8 with values up to 16, and what they show."""

    images: np.ndarray[Any, Any]
    target: np.ndarray[Any, Any]


def load_digits() -> Digits:
    """All of them, in the order of the file."""
    if not FILE.exists():
        raise ModuleNotFoundError("scikit-learn is not installed", name="sklearn")
    rows = np.loadtxt(FILE, delimiter=",")
    return Digits(rows[:, :-1].reshape(-1, 8, 8), rows[:, -1].astype(int))
