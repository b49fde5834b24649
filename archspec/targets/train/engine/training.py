"""What a program does for its command: it trains, or tests checkpoints together."""

from __future__ import annotations

import argparse
import json
import signal
import time

from archspec.targets.train.engine import architecture
from archspec.targets.train.engine.data import open_images, unreadable
from archspec.targets.train.engine.evaluation import load_held_out, measure
from archspec.targets.train.engine.folders import lock
from archspec.targets.train.engine.processes import Process, images_that_fit
from archspec.targets.train.engine.recipe import BATCH, INIT_FROM, dense
from archspec.targets.train.engine.run import Run
from archspec.targets.train.engine.signals import insistence
from archspec.targets.train.engine.weights import load_weights, read_weights


def train(args: argparse.Namespace, process: Process) -> int:
    """Trains, and tests the last weights; returns the exit status."""
    # if init_from
    if not (args.init_from or args.resume or args.synthetic):
        raise SystemExit(
            f"the recipe starts from a trained {INIT_FROM}: train that first and give "
            "its checkpoint by --init-from PATH, or start with --init-from random"
        )
    # end
    with lock(args.out, process) as again, insistence():
        args.resume = args.resume or again
        run = Run(args, process, *open_images(args, process))
        received = run.train()
        if received:
            run.log.say(
                f"saved at step {run.progress.step:,}; --resume starts from there"
            )
            if not run.signal:
                time.sleep(2)  # an agent of torchrun may be about to signal this one
            return 128 + received
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_DFL)  # the weights are saved
        run.finish()
    return 0


def ensemble(args: argparse.Namespace, process: Process) -> None:
    """Scores the mean prediction of checkpoints by the recipe's test."""
    models = []
    for path in args.ensemble:
        model = architecture.network()
        load_weights(model, *read_weights(path), path)
        process.place(model)
        # if dense
        models.append(model if args.test_crops else dense(model))
        # else
        # models.append(model)
        # end
    args.micro_batch = args.micro_batch or min(BATCH, images_that_fit(process))
    images = open_images(args, process)[1]
    held_out = load_held_out(images, args.test_crops, args, process)
    score = measure(models, held_out, process)
    # if files
    unreadable(images, args, process)
    # end
    if process.rank == 0:
        print(f"{', '.join(map(str, args.ensemble))}: {score}")
        args.out.mkdir(parents=True, exist_ok=True)
        names = [str(path) for path in args.ensemble]
        event = {"event": "ensemble", **score._asdict(), "checkpoints": names}
        with (args.out / "log.jsonl").open("a") as file:
            file.write(json.dumps(event) + "\n")
