"""The loop of a short program: one device, no checkpoints to resume from, every step as the full program takes it."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from torch.utils.data import DataLoader, Dataset, RandomSampler

from archspec.recipe._emitted.schedules import Plateau
from archspec.targets.train.engine import architecture
from archspec.targets.train.engine.data import seed_of
from archspec.targets.train.engine.recipe import (
    BATCH,
    CLIP_NORM,
    EMA_DECAY,
    EPOCHS,
    WORKERS,
    augment,
    central,
    initialise,
    learning_rate,
    make_optimizer,
    make_schedule,
    open_data,
    summed_loss,
    views,
)


class Prepared(Dataset[Any]):
    """Images as a transform makes them: the seed and the index decide what it draws."""

    def __init__(self, images: Any, transform: Any, *seed: int) -> None:
        self.images, self.transform, self.seed = images, transform, seed

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        image, label = self.images[index]
        torch.manual_seed(seed_of(*self.seed, index))
        return self.transform(image), label


@torch.no_grad()
def accuracy(model: nn.Module, images: Any, transform: Any) -> float:
    """The share of images that are named right, by the mean over their views."""
    model.eval()
    right, device = 0, next(model.parameters()).device
    order, dataset = range(len(images)), Prepared(images, transform, 0)
    for batch, labels in DataLoader(dataset, 32, sampler=order, num_workers=WORKERS):
        output = model(batch.flatten(0, -4).to(device)).softmax(1)
        guesses = output.view(len(labels), -1, output.shape[1]).mean(1).argmax(1)
        right += int((guesses.cpu() == labels).sum())
    model.train()
    return right / len(images)


def train(args: argparse.Namespace) -> None:
    """Trains as long as the recipe does, measures each epoch, and saves the weights."""
    training, held_out = open_data(args.data)
    per_epoch = len(training) // BATCH
    if per_epoch == 0:
        raise SystemExit(f"{len(training)} images are less than a batch of {BATCH}")
    # if epochs
    steps = max(1, int((args.epochs or EPOCHS) * per_epoch))
    # else
    # steps = max(1, int(args.epochs * per_epoch)) if args.epochs else ITERATIONS
    # end
    torch.manual_seed(args.seed)
    model: nn.Module = architecture.network()
    # if initialises
    initialise(model)
    # end
    model.to(args.device)
    optimizer = make_optimizer(model)
    # if averages
    mean = get_ema_multi_avg_fn(EMA_DECAY)  # type: ignore[no-untyped-call]
    average = AveragedModel(model, multi_avg_fn=mean, use_buffers=True)
    # end
    # if follows
    schedule = make_schedule(optimizer)
    # end
    # if plateau
    plateau = Plateau()
    # end
    for epoch, done in enumerate(range(0, steps, per_epoch)):
        dataset = Prepared(training, augment, args.seed, epoch)
        order = torch.Generator().manual_seed(seed_of(args.seed, epoch))
        taken = min(per_epoch, steps - done) * BATCH
        sampler = RandomSampler(training, num_samples=taken, generator=order)
        loader = DataLoader(dataset, BATCH, sampler=sampler, num_workers=WORKERS)
        for step, (images, labels) in enumerate(loader, done):
            torch.manual_seed(seed_of(args.seed, step, 0))  # of dropout
            output = model(images.to(args.device))
            # if sums
            loss = summed_loss(output, labels.to(args.device)) / BATCH
            # else
            # loss = F.cross_entropy(output, labels.to(args.device))
            # end
            optimizer.zero_grad()
            torch.autograd.backward(loss)
            # if clips
            nn.utils.clip_grad_norm_(model.parameters(), CLIP_NORM)
            # end
            # if sets
            for group in optimizer.param_groups:
                group["lr"] = learning_rate(step, per_epoch, steps)
                # if plateau
                group["lr"] *= plateau.factor
                # end
                # if scales
                group["lr"] *= group.get("lr_scale", 1.0)
                # end
            # end
            optimizer.step()
            # if averages
            average.update_parameters(model)
            # end
            if step % 100 == 0:
                print(f"step {step:,} of {steps:,}: loss {loss:.4f}", flush=True)
        # if averages
        top1 = accuracy(average.module, held_out, central)
        # else
        # top1 = accuracy(model, held_out, central)
        # end
        print(f"epoch {epoch + 1}: top-1 {top1:.2%}", flush=True)
        # if follows
        schedule.step(1 - top1)
        # end
        # if plateau
        plateau.update(1 - top1)
        # end
    # if looks
    # if averages
    top1 = accuracy(average.module, held_out, views)
    # else
    # top1 = accuracy(model, held_out, views)
    # end
    # end
    print(f"at the end: top-1 {top1:.2%} of {len(held_out):,} images")
    args.out.mkdir(parents=True, exist_ok=True)
    # if averages
    torch.save(average.module.state_dict(), args.out / "weights.pt")
    # else
    # torch.save(model.state_dict(), args.out / "weights.pt")
    # end


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    flag, device = parser.add_argument, "cuda" if torch.cuda.is_available() else "cpu"
    flag("--data", type=Path, default=Path("data"), help="folder of the images")
    flag("--device", default=device, help="cuda, cuda:1, mps or cpu")
    flag("--epochs", type=float, help="length of the run, in place of the recipe's")
    flag("--seed", type=int, default=0, help="of all random numbers")
    flag("--out", type=Path, default="runs/network", help="folder of weights.pt")
    train(parser.parse_args())
