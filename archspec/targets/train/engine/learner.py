"""What training changes: the network, its optimizer, and how far a run has come."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from archspec.targets.train.engine import architecture
from archspec.targets.train.engine.evaluation import Score, measure
from archspec.targets.train.engine.processes import Process
from archspec.targets.train.engine.recipe import (
    EPOCHS,
    dense,
    initialise,
    make_optimizer,
    summed_loss,
)

# Training.


class Learner:
    """The network and its optimizer: what a step changes."""

    def __init__(self, args: argparse.Namespace, process: Process) -> None:
        self.process, self.batch = process, args.batch
        torch.manual_seed(args.seed)
        self.model = architecture.network()
        # if initialises
        initialise(self.model)
        # end
        process.place(self.model)
        self.network: nn.Module = self.model
        self.apart: Callable[[], AbstractContextManager[None]] = nullcontext
        self.optimizer = make_optimizer(self.model, process.device.type == "cuda")
        fp16 = args.precision == "fp16"
        self.scaler = torch.amp.GradScaler(process.device.type, enabled=fp16)
        self.loss = torch.zeros((), device=process.device)  # summed over steps

    def state(self) -> dict[str, Any]:
        """What a checkpoint keeps of it."""
        return {
            "model": self.model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "scaler": self.scaler.state_dict(),
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Takes over the state in a checkpoint, but nothing that the recipe says."""
        self.model.load_state_dict(state["model"])
        groups = {"param_groups": self.optimizer.state_dict()["param_groups"]}
        self.optimizer.load_state_dict(state["optimizer"] | groups)
        self.scaler.load_state_dict(state["scaler"])

    def wrap(self, compiled: bool) -> None:
        """Lets the processes share their gradients, and compiles the network."""
        if self.process.world > 1:
            network = DistributedDataParallel(self.model)
            self.network, self.apart = network, network.no_sync
        if compiled:
            self.network.compile()

    def step(self, batches: Iterator[Any], micro_batches: int, rate: float) -> None:
        """One step of the optimizer, by the gradient of one global batch."""
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        self.optimizer.zero_grad()
        for left in reversed(range(micro_batches)):
            with self.apart() if left else nullcontext():
                self.backward(*next(batches))
        self.scaler.step(self.optimizer)
        self.scaler.update()

    def backward(self, images: Tensor, labels: Tensor) -> None:
        """Adds the gradient of what a micro-batch is of the batch's mean loss."""
        labels = labels.to(self.process.device, non_blocking=True)
        with self.process.autocast():
            output = self.network(self.process.put(images))
            loss = summed_loss(output, labels) / self.batch
        self.loss += loss.detach()
        # The processes average their gradients, which are parts of a sum.
        self.scaler.scale(loss * self.process.world).backward()

    def mean_loss(self, steps: int) -> float:
        """The mean loss of the last steps; here alone the host waits for the device."""
        loss = float(self.process.total(self.loss)) / steps
        self.loss.zero_()
        return loss

    def is_finite(self) -> bool:
        """Whether all weights and running statistics are numbers."""
        return all(bool(t.isfinite().all()) for t in self.model.state_dict().values())

    # if dense
    def measure(self, batches: Iterable[Any], whole: bool = False) -> Score:
        # else
        # def measure(self, batches: Iterable[Any]) -> Score:
        # end
        """Scores the network on held-out images, with the statistics of rank 0."""
        for buffer in self.model.buffers():
            if self.process.world > 1:
                dist.broadcast(buffer, 0)
        # if dense
        model = dense(self.model) if whole else self.model
        score = measure([model], batches, self.process)
        # else
        # score = measure([self.model], batches, self.process)
        # end
        self.network.train()
        return score


@dataclass
class Progress:
    """How far a run has come."""

    step: int = 0  # optimizer steps taken
    epoch: int = 0  # epochs trained and measured
    best: float = 0.0  # highest held-out top-1
    first_loss: float = 0.0  # mean loss at the first look
    epoch_loss: float = 0.0  # summed over the steps of this epoch
    seconds: float = 0.0


def length(args: argparse.Namespace, images: int) -> int:
    """The optimizer steps of a run."""
    # if epochs
    return int((args.epochs or EPOCHS) * (images // args.batch))
    # else
    # if args.epochs:
    #     return int(args.epochs * (images // args.batch))
    # return int(-(-ITERATIONS * BATCH // args.batch))  # as many images as the recipe's
    # end
