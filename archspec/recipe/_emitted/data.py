"""How sets of images are opened."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch


def imagenet(root: Path) -> tuple[Any, Any]:
    """Folders of images, as many as classes."""
    from torchvision.datasets import ImageFolder

    for folder in (root / "train", root / "val"):
        if not folder.is_dir():
            raise SystemExit(
                f"there is no folder {folder}: give the place of train/ and val/ by "
                "--data PATH, or train on --synthetic images"
            )
    try:
        training, held_out = ImageFolder(root / "train"), ImageFolder(root / "val")
    except FileNotFoundError as error:
        raise SystemExit(f"{root} has no images in folders by class: {error}") from None
    if training.classes != held_out.classes:
        raise SystemExit(f"train/ and val/ in {root} have not the same classes")
    if len(training.classes) != 1000:
        raise SystemExit(
            f"{root} has {len(training.classes)} classes, and the network 1000"
        )
    return training, held_out


def cifar10(root: Path) -> tuple[Any, Any]:
    """A set whose files torchvision reads."""
    from torchvision.datasets import CIFAR10

    try:
        return CIFAR10(root, train=True), CIFAR10(root, train=False)
    except RuntimeError:
        raise SystemExit(
            f"CIFAR-10 is not in {root}, or not whole: it takes "
            "cifar-10-batches-py; give the place of that by "
            "--data PATH, or train on --synthetic images"
        ) from None


def digits(root: Path) -> tuple[Any, Any]:
    """Those that scikit-learn has."""
    from sklearn.datasets import load_digits

    digits = load_digits()
    images = torch.from_numpy(digits.images / 16).float().unsqueeze(1)
    pairs = list(zip(images, digits.target.tolist(), strict=True))
    return [pair for i, pair in enumerate(pairs) if i % 3 != 2], pairs[2::3]
