"""Evaluation: the fractions of held-out images that are named right."""

from __future__ import annotations

import argparse
import math
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, Subset

from archspec.targets.train.engine.data import HeldOutSet, load, only_view
from archspec.targets.train.engine.images import Images
from archspec.targets.train.engine.processes import Process
from archspec.targets.train.engine.recipe import CLASSES, INPUT, normalise, test_views

# Evaluation.


class Score(NamedTuple):
    """The fractions of images whose label is the first guess, or one of five."""

    top1: float
    top5: float
    images: int

    def __str__(self) -> str:
        return f"top-1 {self.top1:.2%}, top-5 {self.top5:.2%} of {self.images:,} images"


def load_held_out(
    images: Images, crops: int | None, args: argparse.Namespace, process: Process
) -> DataLoader[Any]:
    """This process's part of the held-out images, as many at once as it trains on."""
    dataset = HeldOutSet(images, only_view if args.synthetic else test_views(crops))
    size = sum(view.numel() for view in dataset[0][0]) / math.prod(INPUT)
    mine = Subset(dataset, range(process.rank, len(images), process.world))
    # if dense
    whole = crops is None  # images of their own sizes, one at a time
    if whole:
        # It would look for the fastest algorithm anew for each of these sizes.
        torch.backends.cudnn.benchmark = False
    batch = 1 if whole else max(1, int(args.micro_batch / size))
    # else
    # batch = max(1, int(args.micro_batch / size))
    # end
    return load(mine, args, process, batch_size=batch)


def probabilities(model: nn.Module, views: Tensor, process: Process) -> Tensor:
    """Probabilities of the classes for each image, the mean over its views."""
    images = normalise(process.put(views.flatten(0, 1)))
    with process.autocast():
        logits: Tensor = model(images)
    return logits.float().softmax(1).view(*views.shape[:2], -1).mean(1)


@torch.no_grad()
def measure(
    models: Sequence[nn.Module], batches: Iterable[Any], process: Process
) -> Score:
    """Scores the mean prediction over models, scales and views, on all processes."""
    for model in models:
        model.eval()
    hits = torch.zeros(3, dtype=torch.int64, device=process.device)
    for scales, labels in batches:
        labels = labels.to(process.device, non_blocking=True)
        guesses = [probabilities(m, views, process) for m in models for views in scales]
        ranked = torch.stack(guesses).mean(0).topk(min(5, CLASSES)).indices
        found = ranked == labels[:, None]
        hits += torch.stack([found[:, 0].sum(), found.sum(), (labels >= 0).sum()])
    top1, top5, images = process.total(hits).tolist()
    return Score(top1 / images, top5 / images, images)
