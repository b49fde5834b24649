"""A run from its first step to its last."""

from __future__ import annotations

import argparse
import math
import signal
import time
from collections.abc import Iterable, Iterator
from dataclasses import asdict, fields
from datetime import timedelta
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

import torch

from archspec.recipe._emitted.schedules import Plateau
from archspec.targets.train.engine.account import Log, curve, surroundings
from archspec.targets.train.engine.checkpoints import (
    misfit,
    other_optimizer,
    other_weights,
    write_checkpoint,
)
from archspec.targets.train.engine.data import (
    TrainingSet,
    load,
    micro_batches,
    seed_of,
    unchanged,
    unreadable,
)
from archspec.targets.train.engine.evaluation import load_held_out
from archspec.targets.train.engine.folders import begin
from archspec.targets.train.engine.images import Images
from archspec.targets.train.engine.learner import Learner, Progress, length
from archspec.targets.train.engine.processes import Process, images_that_fit
from archspec.targets.train.engine.recipe import (
    BATCH,
    CLASSES,
    NAME,
    learning_rate,
    training_transform,
)
from archspec.targets.train.engine.weights import init_from

SETTINGS = ("seed", "batch", "synthetic")  # which a run keeps when it resumes


class Run:
    """A training from its first step to its last, with its checkpoints and its log."""

    def __init__(
        self, args: argparse.Namespace, process: Process, training: Images, test: Images
    ) -> None:
        self.args, self.process, self.signal = args, process, 0
        self.training, self.held_out = training, test
        images = len(training)
        if not process.world <= args.batch <= images:
            raise SystemExit(
                f"a batch of {args.batch} does not suit {process.world} processes "
                f"and {images} training images"
            )
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self.receive)
        self.per_epoch: int = images // args.batch
        self.steps = length(args, images)
        self.end: int = min(self.steps, args.steps or self.steps)
        self.scale: float = args.batch / BATCH
        self.recipe = (max(1, images // BATCH), max(1, round(self.steps * self.scale)))
        # if plateau
        self.plateau = Plateau()
        # end
        self.learner, self.progress = Learner(args, process), Progress()
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
        self.hinted = False
        self.looked = self.asked = self.ask = self.progress.step
        self.saved = self.progress.step if state else -1
        self.clock = self.asked_at = time.perf_counter()
        self.started = self.clock - self.progress.seconds
        self.span = range(self.progress.step, self.end)
        self.log = Log(args.out, state["log"] if state else 0, self.span, process.rank)
        # if files
        self.named = {event["image"] for event in self.log.events("unreadable")}
        # end
        self.announce("resume" if state else "start")

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
            **settings,
            **surroundings(self.process.device),
        )
        self.log.say(f"{NAME}: {self.per_epoch:,} steps an epoch, {self.end:,} in all")
        if args.batch != BATCH:
            self.log.say(f"batch {args.batch}: learning rate times {self.scale:.4g}")

    def receive(self, number: int, frame: FrameType | None) -> None:
        """Remembers a signal until the step is done, when all processes stop."""
        self.signal = number

    def received(self) -> int:
        """The signal that any process has, for which they ask once in a second.

        A step between two questions has no more to wait for than its gradients.
        """
        step, now = self.progress.step, time.perf_counter()
        if self.process.world == 1:
            return self.signal
        if step < min(self.ask, self.end):
            return 0
        taken = max(1, step - self.asked)
        numbers = [self.signal, (now - self.asked_at) / taken]
        answers = torch.tensor(numbers, dtype=torch.float64)
        number, seconds = self.process.highest(answers).tolist()
        self.asked, self.asked_at = step, now
        # No more than twice as many: the first steps may only be queued on a device.
        self.ask = step + max(1, min(2 * taken, int(1 / max(seconds, 1e-3))))
        return int(number)

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
        same = all(getattr(self.args, name) == state[name] for name in SETTINGS)
        if same and step // self.per_epoch - epoch not in (0, 1):
            each = f"{self.per_epoch:,} steps each, as these data make them"
            return f"step {step:,} after {epoch:,} epochs of {each}"
        return ""

    def restore(self, state: dict[str, Any]) -> None:
        """Resumes from a checkpoint."""
        for setting in SETTINGS:
            if getattr(self.args, setting) != state[setting]:
                raise SystemExit(f"the run began with --{setting} {state[setting]}")
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
        # if plateau
        self.plateau.load_state_dict(state["plateau"])
        # end
        self.args.micro_batch = self.args.micro_batch or state["micro_batch"]
        torch.set_rng_state(state["random"])

    def state(self) -> dict[str, Any]:
        """What a checkpoint holds, but for the length of the log."""
        return {
            "network": NAME,
            **self.learner.state(),
            **asdict(self.progress),
            # if plateau
            "plateau": self.plateau.state_dict(),
            # end
            "seed": self.args.seed,
            "synthetic": self.args.synthetic,
            "batch": self.args.batch,
            "micro_batch": self.args.micro_batch or 1,
            "processes": self.process.world,
            "log": 0,
            "steps": self.steps,
            "random": torch.get_rng_state(),
        }

    def save(self, name: str) -> None:
        """Writes a checkpoint, once the loss and the weights were looked at."""
        self.look()
        if not self.learner.is_finite():
            self.stop("a weight is not a number")
        self.progress.seconds = time.perf_counter() - self.started
        if self.process.rank == 0:
            out, again = self.args.out, self.saved == self.progress.step
            last = name == "last.pt"
            previous = out / "previous.pt" if last and not again else None
            state = self.state() | {"log": self.log.size()}
            write_checkpoint(state, out / name, previous)
            self.saved = self.progress.step if last else self.saved
        self.clock = time.perf_counter()

    def rate(self, step: int) -> float:
        """The learning rate of a step: the recipe's after as many images.

        It is linear in the batch (Goyal et al. 2017).
        """
        rate = learning_rate(int(step * self.scale), *self.recipe)
        # if plateau
        return self.scale * rate * self.plateau.factor
        # else
        # return self.scale * rate
        # end

    def batches(self) -> Iterator[Any]:
        """The micro-batches of the steps that are left."""
        args, images = self.args, self.training
        transform = unchanged if args.synthetic else training_transform()
        keys = micro_batches(len(images), self.span, args, self.process)
        dataset = TrainingSet(images, transform, args.seed)
        if args.workers == 0 and self.process.device.type == "cpu":
            return map(dataset.__getitem__, keys)  # a loader takes its time for each
        return iter(load(dataset, args, self.process, sampler=keys, batch_size=None))

    def train(self) -> int:
        """Takes the steps that are left; returns the signal that ended them, or 0."""
        args, progress = self.args, self.progress
        batches = self.batches()
        held_out = load_held_out(self.held_out, 1, args, self.process)
        share = len(range(self.process.rank, args.batch, self.process.world))
        micro_batches = -(-share // args.micro_batch)
        while True:
            if progress.step // self.per_epoch > progress.epoch:
                self.save("last.pt")  # first, because measuring takes its time
                self.close_epoch(held_out)
            received = self.received()
            if received or progress.step >= self.end:
                self.save("last.pt")
                return received
            # Dropout draws from here, whatever came before.
            self.process.seed(seed_of(args.seed, progress.step, self.process.rank))
            self.learner.step(batches, micro_batches, self.rate(progress.step))
            progress.step += 1
            # The first loss is of weights that no step has changed.
            if progress.step % args.log_every == 0 or progress.step == 1:
                self.look()
            if progress.step % args.save_every == 0:
                self.save("last.pt")

    def look(self) -> None:
        """Reads, checks and logs the loss since the last look."""
        step, steps = self.progress.step, self.progress.step - self.looked
        if steps == 0:
            return
        # if files
        self.name_unreadable()
        # end
        loss = self.learner.mean_loss(steps)
        first = self.progress.first_loss = self.progress.first_loss or loss
        if not math.isfinite(loss) or loss > 10 * max(first, math.log(CLASSES)):
            self.stop(f"the loss is {loss:.4g}")
        self.progress.epoch_loss += steps * loss
        seconds = time.perf_counter() - self.clock
        speed = steps * self.args.batch / seconds
        waiting = self.learner.waited / seconds
        norm = self.learner.gradient_norm()
        self.log.write(
            "step",
            step,
            epoch=-(-step // self.per_epoch),
            loss=loss,
            lr=self.rate(step - 1),
            gradient_norm=norm if math.isfinite(norm) else None,
            images_per_second=speed,
            waiting=waiting,
        )
        left = timedelta(seconds=round((self.end - step) * self.args.batch / speed))
        self.log.advance(step, f"loss {loss:.4f}, {speed:,.1f} images/s, {left} left")
        self.hint(waiting)
        self.looked, self.clock = step, time.perf_counter()
        self.learner.waited = 0.0

    def hint(self, waiting: float) -> None:
        """Says once that steps wait for images; the first one waits for the workers."""
        if self.progress.step > 1 and waiting > 0.1 and not self.hinted:
            self.hinted = True
            share, workers = f"{waiting:.0%} of the time", self.args.workers
            self.log.say(
                f"steps waited {share} for images, which --workers {workers} load"
            )

    # if files
    def name_unreadable(self) -> None:
        """Logs each image that could not be read, once."""
        for images in (self.training, self.held_out):
            for path in unreadable(images, self.args, self.process):
                if path not in self.named:
                    self.named.add(path)
                    self.log.write("unreadable", self.progress.step, image=path)

    # end
    def stop(self, reason: str) -> NoReturn:
        """Ends a run that diverged."""
        last = self.args.out / "last.pt"
        kept = (
            f"the last good checkpoint is {last}" if last.exists() else "none was kept"
        )
        message = f"step {self.progress.step:,}: {reason}; training diverged, {kept}"
        raise SystemExit(1 if self.process.rank else message)

    def close_epoch(self, held_out: Iterable[Any]) -> None:
        """Measures the network after an epoch; its weights are saved by then."""
        score = self.learner.measure(held_out)
        # if files
        self.name_unreadable()
        # end
        progress = self.progress
        loss = progress.epoch_loss / self.per_epoch
        progress.epoch, progress.epoch_loss = progress.epoch + 1, 0.0
        self.log.write(
            "epoch",
            progress.step,
            epoch=progress.epoch,
            loss=loss,
            lr=self.rate(progress.step - 1),
            seconds=time.perf_counter() - self.started,
            peak_mib=self.process.peak_bytes() >> 20,
            **score._asdict(),
        )
        self.log.say(f"epoch {progress.epoch}: loss {loss:.4f}, {score}")
        # if plateau
        if self.plateau.update(1 - score.top1):
            self.log.say(f"a plateau: learning rate {self.rate(progress.step):.4g}")
        # end
        if score.top1 >= progress.best:
            progress.best = score.top1
            self.save("best.pt")
        self.save("last.pt")

    def finish(self) -> None:
        """Measures the last weights by the recipe's test, and draws the curve."""
        crops = self.args.test_crops
        held_out = load_held_out(self.held_out, crops, self.args, self.process)
        # if dense
        score = self.learner.measure(held_out, crops is None)
        # else
        # score = self.learner.measure(held_out)
        # end
        # if files
        self.name_unreadable()
        # end
        seconds = time.perf_counter() - self.started
        images, process = self.args.micro_batch, self.process
        peak, predicted = (
            process.peak_bytes() >> 20,
            process.predicted_bytes(images) >> 20,
        )
        numbers = {"epochs": self.progress.epoch, "seconds": seconds, "peak_mib": peak}
        self.log.write("done", self.progress.step, **score._asdict(), **numbers)
        if process.device.type == "cuda":  # the rest of a host's is Python and torch
            self.log.say(f"memory: {peak:,} MiB at most, {predicted:,} MiB predicted")
        self.log.say(f"{NAME}: {score}")
        if self.process.rank == 0 and (epochs := self.log.events("epoch")):
            (self.args.out / "curve.svg").write_text(curve(epochs))
