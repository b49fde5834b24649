"""How sets of images are opened."""

from __future__ import annotations

import pickle
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from archspec.recipe._emitted.image_files import ImageFiles

CLASSES = 10


def imagenet(root: Path) -> tuple[Any, Any]:
    """Folders of images, as many as classes."""
    # if checks
    for folder in (root / "train", root / "val"):
        if not folder.is_dir():
            raise SystemExit(
                f"there is no folder {folder}: give the place of train/ and val/ by "
                "--data PATH, or train on --synthetic images"
            )
    try:
        training, held_out = ImageFiles(root / "train"), ImageFiles(root / "val")
    except FileNotFoundError as error:
        raise SystemExit(f"{root} has no images in folders by class: {error}") from None
    # else
    # from torchvision.datasets import ImageFolder
    #
    # training, held_out = ImageFolder(root / "train"), ImageFolder(root / "val")
    # end
    # if checks
    if training.classes != held_out.classes:
        raise SystemExit(f"train/ and val/ in {root} have not the same classes")
    if len(training.classes) != 1000:
        raise SystemExit(
            f"{root} has {len(training.classes)} classes, and the network 1000: "
            f"compile it with -p classes={len(training.classes)}"
        )
    # else
    # if training.classes != held_out.classes or len(training.classes) != 1000:
    #     raise SystemExit(f"train/ and val/ in {root} have not the same 1000 classes")
    # end
    return training, held_out


def svhn(root: Path) -> tuple[Any, Any]:
    """A set whose files torchvision reads."""
    from torchvision.datasets import SVHN

    # if checks
    try:
        return SVHN(root, split="train"), SVHN(root, split="test")
    except RuntimeError:
        raise SystemExit(
            f"THE SET is not in {root}, or not whole: it takes "
            "THE FILES; give the place of that by "
            "--data PATH, or train on --synthetic images"
        ) from None
    # else
    # return SVHN(root, split="train"), SVHN(root, split="test")
    # end


def cifar10(root: Path) -> tuple[Any, Any]:
    """The published files, which torchvision knows by their sums, or others like them."""
    from torchvision.datasets import CIFAR10

    # if checks
    try:
        return CIFAR10(root, train=True), CIFAR10(root, train=False)
    except RuntimeError:  # some are missing, or others than the published ones
        folder = root / "cifar-10-batches-py"
    parts = [sorted(folder.glob(name)) for name in ("data_batch_*", "test_batch")]
    if not all(parts):
        raise SystemExit(
            f"CIFAR-10 is not in {root}, or not whole: it takes "
            "cifar-10-batches-py; give the place of that by "
            "--data PATH, or train on --synthetic images"
        )
    training, held_out = (CifarFiles(paths) for paths in parts)
    print(
        f"warning: {folder} is not CIFAR-10 as it was published; it has "
        f"{len(training):,} images to train on and {len(held_out):,} held out",
        file=sys.stderr,
    )
    return training, held_out
    # else
    # return CIFAR10(root, train=True), CIFAR10(root, train=False)
    # end


class CifarFiles:
    """Images in files of CIFAR's format: rows of 3 x 32 x 32 bytes, and labels."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self.images, self.labels = torch.zeros(0, 3, 32, 32, dtype=torch.uint8), []
        for path in paths:
            images, labels = self.read(path)
            self.images = torch.cat([self.images, images])
            self.labels += labels

    def read(self, path: Path) -> tuple[Tensor, list[int]]:
        """The images and the labels of one file."""
        try:
            with path.open("rb") as file:
                entry = Arrays(file, encoding="latin1").load()
            labels = entry["labels" if "labels" in entry else "fine_labels"]
            labels = [int(label) for label in labels]
            images = torch.as_tensor(entry["data"]).view(len(labels), 3, 32, 32)
        except Exception as error:  # pickle raises anything at a broken file
            reason = f"{path} is not of CIFAR's format: {error!r}"
            raise SystemExit(reason) from error
        known = all(0 <= label < CLASSES for label in labels)
        if images.dtype != torch.uint8 or not known:
            raise SystemExit(f"{path} is not bytes of images in CLASSES classes")
        return images, labels

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, index: int, /) -> tuple[Any, int]:
        from torchvision.transforms.v2 import functional

        return functional.to_pil_image(self.images[index]), self.labels[index]


class Arrays(pickle.Unpickler):
    """Reads arrays, numbers and texts, and lets a file run nothing."""

    def find_class(self, module: str, name: str) -> Any:
        """What makes an array; anything else is refused."""
        makers = {"_reconstruct", "_frombuffer", "scalar", "ndarray", "dtype"}
        known = module.split(".")[0] == "numpy" and name in makers
        if known or (module, name) == ("_codecs", "encode"):
            return super().find_class(module, name)
        raise pickle.UnpicklingError(f"{module}.{name} is not an array")


def digits(root: Path) -> tuple[Any, Any]:
    """Those that scikit-learn has."""
    from sklearn.datasets import load_digits

    digits = load_digits()
    images = torch.from_numpy(digits.images / 16).float().unsqueeze(1)
    pairs = list(zip(images, digits.target.tolist(), strict=True))
    return [p for i, p in enumerate(pairs) if i % 3 != 2], pairs[2::3]
