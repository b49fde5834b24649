"""What a program does for its command to train."""

from __future__ import annotations

import argparse
import signal
import time

from archspec.targets.train.engine.data import open_images
from archspec.targets.train.engine.folders import lock
from archspec.targets.train.engine.processes import Process
from archspec.targets.train.engine.recipe import INIT_FROM
from archspec.targets.train.engine.run import Run
from archspec.targets.train.engine.signals import insistence


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
            if not run.summons.signal:
                time.sleep(2)  # an agent of torchrun may be about to signal this one
            return 128 + received
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_DFL)  # the weights are saved
        run.finish()
    return 0
