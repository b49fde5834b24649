"""What training changes: the network, its optimizer, and how far a run has come."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from archspec.targets.train.engine import architecture
from archspec.targets.train.engine.evaluation import Score, measure
from archspec.targets.train.engine.processes import Process, is_out_of_memory
from archspec.targets.train.engine.recipe import (
    CLIP_NORM,
    EMA_DECAY,
    EPOCHS,
    INPUT,
    PARAMETERS,
    dense,
    initialise,
    make_optimizer,
    normalise,
    summed_loss,
)

# Training.


class Learner:
    """The network and its optimizer: what a step changes."""

    def __init__(self, args: argparse.Namespace, process: Process) -> None:
        self.process = process
        self.batch: int = args.batch
        torch.manual_seed(args.seed)
        self.model = architecture.network()
        # if initialises
        initialise(self.model)
        # end
        process.place(self.model)
        # if averages
        mean = get_ema_multi_avg_fn(EMA_DECAY)  # type: ignore[no-untyped-call]
        self.average = AveragedModel(self.model, multi_avg_fn=mean, use_buffers=True)
        # end
        self.network: nn.Module = self.model
        self.apart: Callable[[], AbstractContextManager[None]] = nullcontext
        self.optimizer = make_optimizer(self.model, process.device.type == "cuda")
        fp16 = args.precision == "fp16"
        self.scaler = torch.amp.GradScaler(process.device.type, enabled=fp16)
        self.loss = torch.zeros((), device=process.device)  # summed over images
        # Of an image in the mean; the processes average their gradients, parts of a sum.
        self.share = torch.tensor(process.world / args.batch, device=process.device)
        # if clips
        self.norm = torch.zeros(())  # of the last gradient, before it was clipped
        # end
        self.waited = 0.0  # seconds, for images

    def state(self) -> dict[str, Any]:
        """What a checkpoint keeps of it."""
        return {
            "model": self.model.state_dict(),
            # if averages
            "average": self.average.module.state_dict(),
            "averaged": int(self.average.n_averaged),
            # end
            "optimizer": self.optimizer.state_dict(),
            "scaler": self.scaler.state_dict(),
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Takes over the state in a checkpoint, but nothing that the recipe says."""
        self.model.load_state_dict(state["model"])
        # if averages
        self.average.module.load_state_dict(state["average"])
        self.average.n_averaged.fill_(state["averaged"])
        # end
        groups = {"param_groups": self.optimizer.state_dict()["param_groups"]}
        self.optimizer.load_state_dict(state["optimizer"] | groups)
        self.scaler.load_state_dict(state["scaler"])

    def wrap(self, compiled: bool) -> None:
        """Lets the processes share their gradients, and compiles the network."""
        if self.process.world > 1:
            # Running statistics are those of rank 0, and taken over where they are used.
            network = DistributedDataParallel(self.model, broadcast_buffers=False)
            self.network, self.apart = network, network.no_sync
        if compiled:
            self.network.compile()

    def step(self, batches: Iterator[Any], micro_batches: int, rate: float) -> None:
        """One step of the optimizer, by the gradient of one global batch."""
        for group in self.optimizer.param_groups:
            group["lr"] = rate * group.get("lr_scale", 1.0)
        self.optimizer.zero_grad()
        for left in reversed(range(micro_batches)):
            clock = time.perf_counter()
            batch = next(batches)
            self.waited += time.perf_counter() - clock
            with self.apart() if left else nullcontext():
                self.backward(*batch)
        self.scaler.unscale_(self.optimizer)
        # if clips
        self.norm = nn.utils.clip_grad_norm_(self.model.parameters(), CLIP_NORM)
        # end
        self.scaler.step(self.optimizer)
        self.scaler.update()
        # if averages
        self.average.update_parameters(self.model)
        # end

    def backward(self, inputs: Sequence[Tensor], labels: Tensor) -> None:
        """Adds the gradient of what a micro-batch is of the batch's mean loss."""
        labels = labels.to(self.process.device, non_blocking=True)
        images = normalise(*map(self.process.put, inputs))
        with self.process.autocast():
            output = self.network(images)
            loss = summed_loss(output, labels)
        self.loss += loss.detach()
        torch.autograd.backward(self.scaler.scale(loss), self.share)

    def fitting(self, images: int) -> int:
        """How many images train at once, halved as often as they run out of memory."""
        while not self.rehearse(images):
            images = -(-images // 2)
            if self.process.device.type == "cuda":
                torch.cuda.empty_cache()
        return images

    def rehearse(self, images: int) -> bool:
        """Whether so many images train at once; the network stays as it was."""
        before = [buffer.clone() for buffer in self.model.buffers()]
        device = self.process.device
        try:
            # Beside it are the optimizer's numbers and what is sent to other processes.
            reserve = torch.empty(3 * PARAMETERS, device=device)
            labels = torch.zeros(images, dtype=torch.int64, device=device)
            with torch.random.fork_rng(devices=[]), self.process.autocast():
                output = self.model(self.process.put(torch.randn(images, *INPUT)))
                loss = summed_loss(output, labels)
            torch.autograd.backward(loss)
            del reserve
        except RuntimeError as error:
            # oneDNN, on a CPU, has its own words for it.
            if not (is_out_of_memory(error) or "create a primitive" in str(error)):
                raise
            if images == 1:
                reason = str(error).partition("\n")[0]
                message = f"not even one image trains at once: {reason}"
                raise SystemExit(message) from None
            return False
        finally:
            self.optimizer.zero_grad()
            for buffer, value in zip(self.model.buffers(), before, strict=True):
                buffer.copy_(value)
        return True

    def mean_loss(self, steps: int) -> float:
        """The mean loss of the last steps; here alone the host waits for the device."""
        loss = float(self.process.total(self.loss)) / (steps * self.batch)
        self.loss.zero_()
        return loss

    def gradient_norm(self) -> float:
        """The Euclidean norm of the last step's gradient, before it was clipped."""
        # if clips
        return float(self.norm)
        # else
        # gradients = [p.grad for p in self.model.parameters() if p.grad is not None]
        # return float(torch.stack([gradient.norm() for gradient in gradients]).norm())
        # end

    def is_finite(self) -> bool:
        """Whether all weights and running statistics are numbers."""
        return all(bool(t.isfinite().all()) for t in self.model.state_dict().values())

    # if dense
    def measure(self, batches: Iterable[Any], whole: bool = False) -> Score:
        # else
        # def measure(self, batches: Iterable[Any]) -> Score:
        # end
        """Scores the network on held-out images, with the statistics of rank 0."""
        # if averages
        model: nn.Module = self.average.module
        # else
        # model: nn.Module = self.model
        # end
        for buffer in model.buffers():
            if self.process.world > 1:
                dist.broadcast(buffer, 0)
        # if dense
        model = dense(model) if whole else model
        # end
        score = measure([model], batches, self.process)
        self.network.train()
        return score


@dataclass
class Progress:
    """How far a run has come."""

    step: int = 0  # optimizer steps taken
    epoch: int = 0  # epochs trained and measured
    best: float = 0.0  # highest held-out top-1
    first_loss: float = 0.0  # of weights that no step has changed
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
