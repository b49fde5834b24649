"""A recipe as a program holds its own, in whose place it stands where the engine is imported as it is.

It has what a recipe may have: a plateau, a network to begin with, dense evaluation,
gradients that are clipped, a mean of weights, an error of a paper.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.optim.lr_scheduler import ReduceLROnPlateau

from archspec.targets.train.engine.images import Images
from archspec.targets.train.engine.modules import dense as twin_of
from archspec.targets.train.engine.views import Views

NAME = "network"
INPUT = (1, 8, 8)
CLASSES = 10
PARAMETERS = 4_330
MULT_ADDS = 6_560
ACTIVATIONS = 900
TRAINING_IMAGES = 96
BATCH = 16
RATE = 0.05
IMAGE_SIZE = (8, 8)
EPOCHS = 3
WORKERS = 0
PAPER_ERROR = 5.0
PAPER_SOURCE = "Table 1 & 2"
CLIP_NORM = 100.0
EMA_DECAY = 0.5
INIT_FROM = "shallow"
INIT_CONV = 1
INIT_FC = 1


class Pairs(list[tuple[Tensor, int]]):
    """Images and their labels, with names as those of files."""

    def path(self, index: int) -> str:
        """The name of one."""
        return f"{index}.jpg"


def open_data(root: Path) -> tuple[Images, Images]:
    """Images that differ by class and by noise."""
    generator = torch.Generator().manual_seed(0)
    classes = torch.randn(CLASSES, *INPUT, generator=generator)
    labels = [index % CLASSES for index in range(TRAINING_IMAGES + 30)]
    noise = torch.randn(len(labels), *INPUT, generator=generator)
    pairs = [(classes[label] + noise[i], label) for i, label in enumerate(labels)]
    return Pairs(pairs[:TRAINING_IMAGES]), Pairs(pairs[TRAINING_IMAGES:])


def values_of(image: Tensor) -> Tensor:
    """What is trained on of an image."""
    return image


def training_transform() -> Callable[[Any], Tensor]:
    """A little brighter or darker."""
    return lambda image: image + 0.1 * torch.randn(())


def test_views(crops: int | None) -> Callable[[Any], list[Tensor]]:
    """The image and its mirror image, whole or in crops."""
    return Views([torch.clone], crops, mirrored=crops is None)


def augment(image: Any) -> Tensor:
    """What a short program has in the place of `training_transform`."""
    return normalise(training_transform()(image))


def central(image: Any) -> Tensor:
    """The middle of a test image, in a short program."""
    return normalise(test_views(1)(image)[0])


def views(image: Any) -> Tensor:
    """The views of a test image, in a short program."""
    return normalise(test_views(10)(image)[0])


def normalise(images: Tensor) -> Tensor:
    """Bytes from -1 to 1, and other numbers as they are."""
    return images / 127.5 - 1 if images.dtype == torch.uint8 else images


def dense(model: nn.Module) -> nn.Module:
    """The network on images of any size."""
    return twin_of(model, {"hidden": (8, 8), "last": (1, 1)})


def initialise(model: nn.Module) -> None:
    """Draws the first weights."""
    for module in model.modules():
        if isinstance(module, nn.Conv2d | nn.Linear):
            nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
            if module.bias is not None:
                nn.init.zeros_(module.bias)


def make_optimizer(model: nn.Module, fused: bool = False) -> torch.optim.Optimizer:
    """The optimizer of all parameters."""
    return torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9, fused=fused)


def learning_rate(step: int, per_epoch: int, steps: int) -> float:
    """Linear to zero."""
    return 0.05 * (1 - step / steps)


def make_schedule(optimizer: torch.optim.Optimizer) -> ReduceLROnPlateau:
    """A schedule of torch's own, in a short program."""
    return ReduceLROnPlateau(optimizer)


def summed_loss(output: Tensor, labels: Tensor) -> Tensor:
    """Cross-entropy, summed over the images."""
    return F.cross_entropy(output, labels, reduction="sum")
