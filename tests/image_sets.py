"""Data sets of images as they lie on disk, small ones, for tests."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np


def write_cifar(root: Path, hundred: bool) -> np.ndarray[Any, Any]:
    rng = np.random.default_rng(0)
    names = ["train", "test"] if hundred else [*(f"data_batch_{i}" for i in range(1, 6)), "test_batch"]
    folder = root / ("cifar-100-python" if hundred else "cifar-10-batches-py")
    folder.mkdir()
    written = []
    for name in names:
        data = rng.integers(0, 256, (4, 3072), dtype=np.uint8)
        written.append(data)
        labels = {"fine_labels" if hundred else "labels": [0, 1, 2, 3]}
        (folder / name).write_bytes(pickle.dumps({"data": data, **labels}))
    meta = {"fine_label_names" if hundred else "label_names": [str(i) for i in range(100 if hundred else 10)]}
    (folder / ("meta" if hundred else "batches.meta")).write_bytes(pickle.dumps(meta))
    return np.concatenate(written[:-1])
