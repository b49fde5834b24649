"""Processes and devices: which the run has, and how each computes."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.distributed.rendezvous import rendezvous

from archspec.targets.train.engine.account import optional
from archspec.targets.train.engine.recipe import ACTIVATIONS, PARAMETERS
from archspec.targets.train.engine.starts import (
    NOBODY,
    Starter,
    agent,
    meet,
    starter_of,
)

# Processes and devices.


@dataclass(frozen=True)
class Process:
    """This process among those of the run: its rank, its device, how it computes."""

    rank: int
    world: int
    device: torch.device
    dtype: torch.dtype | None  # of mixed precision
    layout: torch.memory_format
    starter: Starter = NOBODY

    @property
    def local_rank(self) -> int:
        """Its rank among the processes of its host."""
        return int(os.environ.get("LOCAL_RANK", "0"))

    @property
    def bytes_per_image(self) -> int:
        """Of the activations that one image leaves for the backward pass."""
        return ACTIVATIONS * (2 if self.dtype else 4)

    def predicted_bytes(self, images: int) -> int:
        """Of activations, and of weights with gradients and two means of each."""
        return images * self.bytes_per_image + 16 * PARAMETERS

    def peak_bytes(self) -> int:
        """The most memory so far: of the GPU, or of the whole process on the host."""
        if self.device.type == "cuda":
            return torch.cuda.max_memory_allocated(self.device)
        resource = optional("resource")
        used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss if resource else 0
        return int(used) * (1 if sys.platform == "darwin" else 1024)

    def autocast(self) -> AbstractContextManager[Any]:
        """Mixed precision, where `--precision` asks for it."""
        if self.dtype is None:
            return nullcontext()
        return torch.autocast(self.device.type, self.dtype)

    def seed(self, number: int) -> None:
        """Lets what the network draws begin here, as `torch.manual_seed` does.

        That looks for devices of all kinds each time, which takes longer than a layer.
        """
        if self.device.type in ("cpu", "cuda"):
            torch.default_generator.manual_seed(number)
        else:
            torch.manual_seed(number)
        if self.device.type == "cuda":
            torch.cuda.manual_seed(number)

    def put(self, images: Tensor) -> Tensor:
        """Images on the device, in its memory layout."""
        return images.to(self.device, non_blocking=True, memory_format=self.layout)

    def place(self, model: nn.Module) -> None:
        """Moves a model to the device, in its memory layout."""
        model.to(self.device, memory_format=self.layout)  # type: ignore[call-overload]

    def total(self, numbers: Tensor) -> Tensor:
        """Numbers summed over all processes, in place."""
        if self.world > 1:
            dist.all_reduce(numbers)
        return numbers

    def highest(self, numbers: Tensor) -> Tensor:
        """The highest numbers of any process, in place."""
        if self.world > 1:
            dist.all_reduce(numbers, dist.ReduceOp.MAX)
        return numbers

    def shared(self, data: bytes) -> bytes:
        """The bytes that rank 0 gives, on all processes."""
        if self.world == 1:
            return data
        size = int(self.highest(torch.tensor(len(data) if self.rank == 0 else 0)))
        buffer = bytearray(data) if self.rank == 0 else bytearray(size)
        if size:
            whole = torch.frombuffer(buffer, dtype=torch.uint8)
            for part in torch.split(whole, 2**28):  # of what gloo sends at once
                dist.broadcast(part, 0)
        return bytes(buffer)

    @contextmanager
    def together(self) -> Iterator[None]:
        """Around what rank 0 does alone: where that stops it, all stop."""
        stopped = True
        try:
            yield
            stopped = False
        finally:
            if self.highest(torch.tensor(int(stopped))) and not stopped:
                raise SystemExit(1)


def join(args: argparse.Namespace) -> Process:
    """Sets up the device, and joins the other processes where torchrun started any."""
    device = device_of(args.device)
    if device.type == "cuda":
        if device.index is None:
            device = torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0")))
        torch.cuda.set_device(device)
        torch.backends.cudnn.benchmark = True
    check_precision(args.precision, device)
    if args.precision == "tf32":  # and otherwise what torch does by itself
        torch.backends.cudnn.allow_tf32 = True
        torch.set_float32_matmul_precision("high")
    dtype = {"bf16": torch.bfloat16, "fp16": torch.float16}.get(args.precision)
    last = args.channels_last
    if last is None:
        # Compiled for a CPU, torch 2.13 has wrong gradients in the other layout.
        last = device.type == "cuda" or (args.compile and device.type == "cpu")
    layout = torch.channels_last if last else torch.contiguous_format
    if int(os.environ.get("WORLD_SIZE", "1")) == 1:
        return Process(0, 1, device, dtype, layout, starter_of([agent()]))
    store, rank, world = next(rendezvous("env://"))
    store, starter = meet(store, rank, world)
    # gloo beside nccl: it compares numbers without waiting for the devices.
    backend = "cpu:gloo,cuda:nccl" if device.type == "cuda" else "gloo"
    dist.init_process_group(backend, store=store, rank=rank, world_size=world)
    return Process(rank, world, device, dtype, layout, starter)


def device_of(name: str) -> torch.device:
    """A device by its name; stops where there is none."""
    try:
        device = torch.device(name)
    except RuntimeError:
        raise SystemExit(f"--device {name}: there is no such kind of device") from None
    if device.index is not None and int(os.environ.get("LOCAL_WORLD_SIZE", "1")) > 1:
        message = f"--device {name}: each process of a host has a device of its own"
        raise SystemExit(f"{message}; --device {device.type} says so")
    if device.type == "cuda":
        if not torch.cuda.is_available():
            raise SystemExit(f"--device {name}: torch finds no GPU")
        found = torch.cuda.device_count()
        if (device.index or 0) >= found:
            raise SystemExit(f"--device {name}: torch finds {found} GPUs, from cuda:0")
        return device
    try:
        torch.ones(1, device=device).item()
    except (AssertionError, RuntimeError):  # or NotImplementedError, which is one
        raise SystemExit(f"--device {name}: torch cannot compute there") from None
    return device


def is_out_of_memory(error: Exception) -> bool:
    """Whether the memory of a device is at an end."""
    said = str(error)
    words = ("out of memory", "not enough memory", "allocate memory", "ALLOC_FAILED")
    kinds = (torch.OutOfMemoryError, MemoryError)
    return isinstance(error, kinds) or any(each in said for each in words)


def check_precision(precision: str, device: torch.device) -> None:
    """Stops where the device does not compute in a precision."""
    able = {"fp32", "bf16", "fp16"}
    if device.type == "cuda":
        ampere = torch.cuda.get_device_capability(device) >= (8, 0)
        able = {"fp32", "tf32", "bf16", "fp16"} if ampere else {"fp32", "fp16"}
    if precision not in able:
        raise SystemExit(f"--precision {precision}: {device} does not compute in it")


def images_that_fit(process: Process) -> int:
    """How many images train at once in the memory, by the activations they leave."""
    if process.device.type == "cuda":
        memory = torch.cuda.mem_get_info(process.device)[0]
    else:  # half of the host's, which its processes share
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2
        memory //= int(os.environ.get("LOCAL_WORLD_SIZE", "1"))
    weights = 16 * PARAMETERS  # with gradients, and two numbers of the optimizer
    return max(1, int(0.8 * memory - weights) // process.bytes_per_image)
