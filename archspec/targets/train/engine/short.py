"""The loop of a short program: one device, no checkpoints to resume from, every step as the full program takes it."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from torch.utils.data import DataLoader, Dataset

from archspec.recipe._emitted.schedules import Plateau
from archspec.targets.train.engine import architecture
from archspec.targets.train.engine.data import seed_of
from archspec.targets.train.engine.recipe import (
    BATCH,
    CLIP_NORM,
    EMA_DECAY,
    EPOCHS,
    NAME,
    WORKERS,
    all_views,
    augment,
    central_views,
    initialise,
    learning_rate,
    make_optimizer,
    normalise,
    open_data,
    summed_loss,
)


class Prepared(Dataset[Any]):
    """Images by `(epoch, index)`; these and the seed decide what is drawn for them."""

    def __init__(self, images: Any, transform: Callable[[Any], Any], seed: int) -> None:
        self.images, self.transform, self.seed = images, transform, seed

    def __getitem__(self, key: tuple[int, int]) -> tuple[Any, int]:
        image, label = self.images[key[1]]
        with torch.random.fork_rng(devices=[]):
            torch.default_generator.manual_seed(seed_of(self.seed, *key))
            return self.transform(image), label


def batches(images: int, steps: int, seed: int) -> Iterator[list[tuple[int, int]]]:
    """The images of each step: a stretch of the epoch's permutation."""
    for step in range(steps):
        epoch, place = divmod(step, images // BATCH)
        if place == 0:
            generator = torch.Generator().manual_seed(seed_of(seed, epoch))
            order = torch.randperm(images, generator=generator).tolist()
        yield [(epoch, i) for i in order[place * BATCH : (place + 1) * BATCH]]


@torch.no_grad()
def accuracy(model: nn.Module, images: Any, views: Callable[[Any], Tensor]) -> float:
    """The share of images that are named right, by the mean over their views."""
    model.eval()
    right, device = 0, next(model.parameters()).device
    keys, dataset = [(0, i) for i in range(len(images))], Prepared(images, views, 0)
    for each, labels in DataLoader(dataset, 32, sampler=keys, num_workers=WORKERS):
        output = model(normalise(each.flatten(0, 1).to(device))).softmax(1)
        guesses = output.view(*each.shape[:2], -1).mean(1).argmax(1)
        right += int((guesses.cpu() == labels).sum())
    model.train()
    return right / len(images)


def train(args: argparse.Namespace) -> None:
    """Trains as long as the recipe does, measures each epoch, and saves the weights."""
    device = torch.device(args.device)
    training, held_out = open_data(args.data)
    per_epoch = len(training) // BATCH
    if per_epoch == 0:
        raise SystemExit(f"{len(training)} images are less than a batch of {BATCH}")
    # if epochs
    steps = int((args.epochs or EPOCHS) * per_epoch)
    # else
    # steps = int(args.epochs * per_epoch) if args.epochs else ITERATIONS
    # end
    torch.manual_seed(args.seed)
    model: nn.Module = architecture.network()
    # if initialises
    initialise(model)
    # end
    model.to(device)
    optimizer = make_optimizer(model)
    # if averages
    mean = get_ema_multi_avg_fn(EMA_DECAY)  # type: ignore[no-untyped-call]
    average = AveragedModel(model, multi_avg_fn=mean, use_buffers=True)
    # end
    # if plateau
    plateau = Plateau()
    # end
    keys = batches(len(training), min(steps, args.steps or steps), args.seed)
    dataset = Prepared(training, augment, args.seed)
    loader = DataLoader(dataset, batch_sampler=keys, num_workers=WORKERS)
    for step, (images, labels) in enumerate(loader):
        torch.manual_seed(seed_of(args.seed, step, 0))  # of dropout
        # if shifts
        output = model(normalise(*(each.to(device) for each in images)))
        # else
        # output = model(normalise(images.to(device)))
        # end
        loss = summed_loss(output, labels.to(device)) / BATCH
        optimizer.zero_grad()
        torch.autograd.backward(loss)
        # if clips
        nn.utils.clip_grad_norm_(model.parameters(), CLIP_NORM)
        # end
        # if plateau
        rate = learning_rate(step, per_epoch, steps) * plateau.factor
        # else
        # rate = learning_rate(step, per_epoch, steps)
        # end
        for group in optimizer.param_groups:
            group["lr"] = rate * group.get("lr_scale", 1.0)
        optimizer.step()
        # if averages
        average.update_parameters(model)
        # end
        if step % 100 == 0:
            print(f"step {step:,} of {steps:,}: loss {loss:.4f}", flush=True)
        if (step + 1) % per_epoch == 0:
            # if averages
            top1 = accuracy(average.module, held_out, central_views)
            # else
            # top1 = accuracy(model, held_out, central_views)
            # end
            print(f"epoch {(step + 1) // per_epoch}: top-1 {top1:.2%}", flush=True)
            # if plateau
            plateau.update(1 - top1)
            # end
    # if averages
    model = average.module
    # end
    # if looks
    top1 = accuracy(model, held_out, all_views)
    # else
    # top1 = accuracy(model, held_out, central_views)
    # end
    print(f"{NAME}: top-1 {top1:.2%} of {len(held_out):,} images")
    args.out.mkdir(parents=True, exist_ok=True)
    torch.save(model.state_dict(), args.out / "weights.pt")


def parse_arguments() -> argparse.Namespace:
    """The arguments of the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    flag, cuda = parser.add_argument, torch.cuda.is_available()
    flag("--data", type=Path, default=Path("data"), help="folder of the images")
    flag("--device", default="cuda" if cuda else "cpu", help="cuda, cuda:1, mps or cpu")
    flag("--epochs", type=int, help="length of the run, in place of the recipe's")
    flag("--steps", type=int, help="end after as many steps, for a trial")
    flag("--seed", type=int, default=0, help="of all random numbers")
    flag("--out", type=Path, default=Path("runs", NAME), help="folder of weights.pt")
    return parser.parse_args()
