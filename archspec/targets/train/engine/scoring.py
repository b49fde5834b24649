"""Scores of checkpoints by the recipe's test, one by one or as an ensemble."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

from torch import nn

from archspec.targets.train.engine import architecture
from archspec.targets.train.engine.data import open_images, unreadable
from archspec.targets.train.engine.evaluation import Score, load_held_out, measure
from archspec.targets.train.engine.images import Images
from archspec.targets.train.engine.naming import class_names, printable
from archspec.targets.train.engine.processes import Process, images_that_fit
from archspec.targets.train.engine.recipe import (
    BATCH,
    PAPER_ERROR,
    PAPER_SOURCE,
    dense,
)
from archspec.targets.train.engine.weights import Found, load_weights, read_weights

# Scores of checkpoints.


def evaluate(args: argparse.Namespace, process: Process) -> None:
    """Scores a checkpoint, and prints what the paper reports beside it."""
    path = args.eval if args.eval.name else best_of(args.out)
    score = scored([path], args, process)
    found = {"checkpoint": str(path), **score._asdict()}
    lines = [f"{path}: {score}"]
    # if paper
    found |= {"paper_error": PAPER_ERROR / 100, "paper_source": PAPER_SOURCE}
    lines.append(f"top-1 error: {1 - score.top1:.2%}")
    lines.append(f"of the paper: {PAPER_ERROR:.2f}%, {PAPER_SOURCE}")
    # else
    # lines.append(f"top-1 error: {1 - score.top1:.2%}; none is known of the paper")
    # end
    if process.rank == 0:
        print(json.dumps(found) if args.json else "\n".join(lines))


def ensemble(args: argparse.Namespace, process: Process) -> None:
    """Scores the mean prediction of checkpoints."""
    score = scored(args.ensemble, args, process)
    if process.rank == 0:
        print(f"{', '.join(map(str, args.ensemble))}: {score}")
        args.out.mkdir(parents=True, exist_ok=True)
        names = [str(path) for path in args.ensemble]
        event = {"event": "ensemble", **score._asdict(), "checkpoints": names}
        with (args.out / "log.jsonl").open("a") as file:
            file.write(json.dumps(event) + "\n")


def scored(paths: Sequence[Path], args: argparse.Namespace, process: Process) -> Score:
    """The score of the mean prediction of checkpoints by the recipe's test."""
    read = [read_weights(path) for path in paths]
    models = [model_of(*each, args, process) for each in zip(read, paths, strict=True)]
    args.micro_batch = args.micro_batch or min(BATCH, images_that_fit(process))
    images = open_images(args, process)[1]
    if not args.synthetic:
        for found, path in zip(read, paths, strict=True):
            check_classes(found, path, images, args.data)
    held_out = load_held_out(images, args.test_crops, args, process)
    score = measure(models, held_out, process)
    # if files
    unreadable(images, args, process)
    # end
    return score


def model_of(
    found: Found, path: Path, args: argparse.Namespace, process: Process
) -> nn.Module:
    """The network with weights, as it is tested."""
    model = architecture.network()
    load_weights(model, found, path)
    process.place(model)
    # if dense
    return model if args.test_crops else dense(model)
    # else
    # return model
    # end


def check_classes(found: Found, path: Path, images: Images, data: Path) -> None:
    """Stops where a checkpoint was trained on classes of other names."""
    own = class_names(images)
    if found.classes is not None and found.classes != own:
        pairs = zip(found.classes, own, strict=True)
        theirs, mine = next(pair for pair in pairs if pair[0] != pair[1])
        message = f"{path} has a class {printable(theirs)} where {data} has"
        raise SystemExit(f"{message} {printable(mine)}")


def best_of(folder: Path) -> Path:
    """The best checkpoint of a run, or the last where there is no best one yet."""
    for name in ("best.pt", "best.safetensors", "last.pt"):
        if (folder / name).exists():
            return folder / name
    raise SystemExit(f"there is no checkpoint in {folder}: train first, or name one")
