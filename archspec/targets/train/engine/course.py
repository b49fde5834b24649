"""The course of a run: what it trains and how far it has come, kept in checkpoints and taken up again."""

from __future__ import annotations

import argparse
import time
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import torch

from archspec.recipe._emitted.schedules import Plateau
from archspec.targets.train.engine.account import Log, optional, surroundings
from archspec.targets.train.engine.checkpoints import (
    misfit,
    other_optimizer,
    other_weights,
    write_best,
    write_checkpoint,
)
from archspec.targets.train.engine.folders import begin
from archspec.targets.train.engine.images import Images
from archspec.targets.train.engine.learner import Learner, Progress, length
from archspec.targets.train.engine.losses import Losses
from archspec.targets.train.engine.naming import class_names, mean_image
from archspec.targets.train.engine.processes import Process, images_that_fit
from archspec.targets.train.engine.recipe import BATCH, NAME, RATE, learning_rate
from archspec.targets.train.engine.transfer import init_from

# The course of a run.

SETTINGS = ("seed", "batch", "synthetic", "lr")  # which a run keeps when it resumes


class Course:
    """A run as it stands: its settings, the network, and how far it has come."""

    def __init__(
        self, args: argparse.Namespace, process: Process, training: Images, test: Images
    ) -> None:
        self.args, self.process = args, process
        self.training, self.held_out = training, test
        images = len(training)
        if not process.world <= args.batch <= images:
            raise SystemExit(
                f"a batch of {args.batch} does not suit {process.world} processes "
                f"and {images} training images: see --batch"
            )
        self.classes = class_names(training)
        self.per_epoch: int = images // args.batch
        self.steps = length(args, images)
        self.end: int = min(self.steps, args.steps or self.steps)
        self.scale: float = args.batch / BATCH
        self.factor: float = args.lr / RATE if args.lr else self.scale
        self.recipe = (max(1, images // BATCH), max(1, round(self.steps * self.scale)))
        # if plateau
        self.plateau = Plateau()
        # end
        self.learner, self.progress = Learner(args, process), Progress()
        self.losses = Losses(self.end)
        state = self.taken_up()
        self.saved = self.progress.step if state else -1
        self.clock = time.perf_counter()
        self.started = self.clock - self.progress.seconds
        self.span = range(self.progress.step, self.end)
        self.log = Log(args.out, state["log"] if state else 0, self.span, process.rank)
        self.announce("resume" if state else "start")

    def taken_up(self) -> dict[str, Any] | None:
        """The checkpoint to resume from, put in place; none where the run begins."""
        args, process = self.args, self.process
        trying = args.micro_batch == 0
        state = begin(args, process, self.unfit)
        if state:
            self.restore(state)
        # if init_from
        elif args.init_from and args.init_from != Path("random"):
            # else
            # elif args.init_from:
            # end
            init_from(args.init_from, self.learner.model, process)
        share = -(-args.batch // process.world)
        args.micro_batch = args.micro_batch or min(share, images_that_fit(process))
        if trying:
            fits = self.learner.fitting(args.micro_batch)
            args.micro_batch = -int(process.highest(torch.tensor(-fits)))
        self.learner.wrap(args.compile)
        return state

    def announce(self, event: str) -> None:
        """Says what begins."""
        args, world = self.args, self.process.world
        names = ("batch", "micro_batch", "seed", "precision")
        settings = {name: getattr(args, name) for name in names}
        self.log.write(
            event,
            self.progress.step,
            network=NAME,
            processes=world,
            predicted_mib=self.process.predicted_bytes(args.micro_batch) >> 20,
            base_lr=self.factor * RATE,
            **settings,
            **surroundings(self.process.device),
        )
        self.log.say(f"{NAME}: {self.per_epoch:,} steps an epoch, {self.end:,} in all")
        if optional("safetensors.torch") is None:
            self.log.say("without safetensors the best weights are in best.pt alone")
        if args.lr:
            self.log.say(f"learning rate {args.lr:g}, and not the recipe's {RATE:g}")
        elif args.batch != BATCH:
            self.log.say(f"batch {args.batch}: learning rate times {self.scale:.4g}")

    def rate(self, step: int) -> float:
        """The learning rate of a step: the recipe's after as many images.

        It is linear in the batch (Goyal et al. 2017), unless `--lr` says what it is.
        """
        rate = learning_rate(int(step * self.scale), *self.recipe)
        # if plateau
        return self.factor * rate * self.plateau.factor
        # else
        # return self.factor * rate
        # end

    def unfit(self, state: dict[str, Any]) -> str:
        """Why this run cannot resume from a checkpoint; empty where it can."""
        own, learner = self.state(), self.learner
        apart = {"model": None, "optimizer": None}
        reason = (
            other_weights(state, learner.model)
            or misfit(state | apart, own | apart, "state")
            or other_optimizer(state.get("optimizer"), learner.optimizer)
        )
        if reason:
            return reason
        step, epoch, steps = state["step"], state["epoch"], state["steps"]
        if not 0 <= step <= steps or min(state["log"], state["micro_batch"] - 1) < 0:
            return f"step {step:,} of {steps:,}"
        same = all(own[name] == state[name] for name in SETTINGS)
        if same and step // self.per_epoch - epoch not in (0, 1):
            each = f"{self.per_epoch:,} steps each, as these data make them"
            return f"step {step:,} after {epoch:,} epochs of {each}"
        return ""

    def restore(self, state: dict[str, Any]) -> None:
        """Resumes from a checkpoint."""
        own = self.state()
        for name in SETTINGS:
            if own[name] != state[name]:
                without = name == "lr" and not state[name]
                said = f"out --{name}" if without else f" --{name} {state[name]}"
                raise SystemExit(f"the run began with{said}")
        if own["classes"] != state["classes"]:
            raise SystemExit(
                f"{self.args.data} has other classes than the run began with"
            )
        if self.process.rank == 0 and self.steps != state["steps"]:
            print(f"begun for {state['steps']:,} steps, it resumes for {self.steps:,}")
        if self.process.rank == 0 and self.process.world != state["processes"]:
            world = (
                f"{state['processes']} processes, it resumes with {self.process.world}"
            )
            print(f"begun with {world}: the batch is {self.args.batch} as before")
        self.learner.restore(state)
        names = [field.name for field in fields(Progress)]
        self.progress = Progress(**{name: state[name] for name in names})
        self.losses.restore(state["high_since"])
        # if plateau
        self.plateau.load_state_dict(state["plateau"])
        # end
        self.args.micro_batch = self.args.micro_batch or state["micro_batch"]
        torch.set_rng_state(state["random"])

    def state(self) -> dict[str, Any]:
        """What a checkpoint holds, but for the length of the log."""
        return {
            "network": NAME,
            "classes": self.classes,
            # if centred
            "mean": mean_image(self.training),
            # end
            **self.learner.state(),
            **asdict(self.progress),
            "high_since": self.losses.high_since,
            # if plateau
            "plateau": self.plateau.state_dict(),
            # end
            "seed": self.args.seed,
            "synthetic": self.args.synthetic,
            "batch": self.args.batch,
            "lr": float(self.args.lr or 0),  # 0 is the recipe's
            "micro_batch": self.args.micro_batch or 1,
            "processes": self.process.world,
            "log": 0,
            "steps": self.steps,
            "random": torch.get_rng_state(),
        }

    def keep(self, name: str) -> None:
        """Writes a checkpoint, and of the best one also the weights that are tested."""
        self.progress.seconds = time.perf_counter() - self.started
        if self.process.rank == 0:
            out, again = self.args.out, self.saved == self.progress.step
            last = name == "last.pt"
            previous = out / "previous.pt" if last and not again else None
            state = self.state() | {"log": self.log.size()}
            if not last:
                write_best(state, out / name)
            write_checkpoint(state, out / name, previous)
            self.saved = self.progress.step if last else self.saved
        self.clock = time.perf_counter()
