"""A run from its first step to its last."""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any, NoReturn

from archspec.targets.train.engine.account import curve
from archspec.targets.train.engine.course import Course
from archspec.targets.train.engine.data import (
    TrainingSet,
    load,
    micro_batches,
    seed_of,
    unchanged,
    unreadable,
)
from archspec.targets.train.engine.evaluation import load_held_out
from archspec.targets.train.engine.images import Images
from archspec.targets.train.engine.losses import HIGH
from archspec.targets.train.engine.processes import Process
from archspec.targets.train.engine.recipe import NAME, training_transform
from archspec.targets.train.engine.signals import Summons


class Run(Course):
    """A training from its first step to its last, with its checkpoints and its log."""

    def __init__(
        self, args: argparse.Namespace, process: Process, training: Images, test: Images
    ) -> None:
        self.summons = Summons(process)
        super().__init__(args, process, training, test)
        self.summons.start(self.progress.step)
        self.hinted = False
        self.looked = self.progress.step
        # if files
        self.named = {event["image"] for event in self.log.events("unreadable")}
        # end

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
            received = self.summons.received(progress.step, self.end)
            if received or progress.step >= self.end:
                self.save("last.pt", high=True)
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

    def batches(self) -> Iterator[Any]:
        """The micro-batches of the steps that are left."""
        args, images = self.args, self.training
        transform = unchanged if args.synthetic else training_transform()
        keys = micro_batches(len(images), self.span, args, self.process)
        dataset = TrainingSet(images, transform, args.seed)
        if args.workers == 0 and self.process.device.type == "cpu":
            return map(dataset.__getitem__, keys)  # a loader takes its time for each
        return iter(load(dataset, args, self.process, sampler=keys, batch_size=None))

    def save(self, name: str, high: bool = False) -> None:
        """Writes a checkpoint, once the loss and the weights were looked at.

        While the loss is too high the one from before is kept, but where a run ends.
        """
        self.look()
        if not self.learner.is_finite():
            self.stop("a weight is not a number")
        if high or not self.losses.high_since:
            self.keep(name)
            self.losses.kept_high = self.losses.high_since > 0

    def look(self) -> None:
        """Reads, checks and logs the loss since the last look."""
        step, steps = self.progress.step, self.progress.step - self.looked
        if steps == 0:
            return
        # if files
        self.name_unreadable()
        # end
        loss = self.learner.mean_loss(steps)
        self.progress.first_loss = self.progress.first_loss or loss
        self.judge(loss)
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

    def judge(self, loss: float) -> None:
        """Stops a run that diverges, and logs a loss that is too high for a while."""
        step, window = self.progress.step, self.losses.window
        verdict = self.losses.verdict(step, loss, self.progress.first_loss)
        if verdict == "diverged":
            self.stop(f"the loss is {loss:.4g}")
        if verdict in ("spike", "back"):
            self.log.write(verdict, step, loss=loss)
            is_high = f"more than {HIGH} times that of the first step: {window} steps"
            end = (
                f"{is_high} of that end the run" if verdict == "spike" else "it is back"
            )
            self.log.say(f"step {step:,}: the loss is {loss:.4g}, {end}")

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
        last = self.args.out / ("previous.pt" if self.losses.kept_high else "last.pt")
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
        if score.top1 >= progress.best and not self.losses.high_since:
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
