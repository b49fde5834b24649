"""Trains Digits on scikit-learn's digits by the recipe of its spec.

    python train_digits.py --dry-run
    python train_digits.py --data PATH
    torchrun --nproc-per-node 8 train_digits.py --data PATH --precision bf16

The recipe, and where the paper says so:

    data             digits
    optimizer        adam
    lr               0.001, cosine
    batch            32
    epochs           25
    init             he
    label smoothing  none (the recipe is silent)
    clip             none: gradients as they are (the recipe is silent)
    average          none: the last weights are tested (the recipe is silent)
    augment          none: resized to the network's input (the recipe is silent)
    normalize        mean and std of the data (the recipe is silent)
    test             one central crop (the recipe is silent)
    ensemble         one model (the recipe is silent)
    paper error      the first that the spec claims, if it claims one (the recipe is
                     silent)
    left out         nothing that the spec names (the recipe is silent)

Emitted by archspec from the network's table and its recipe.
"""

import argparse
import hashlib
import importlib
import io
import json
import math
import multiprocessing
import os
import pickle
import platform
import re
import shlex
import shutil
import signal
import socket
import struct
import sys
import threading
import time
import uuid
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import (
    AbstractContextManager,
    ExitStack,
    contextmanager,
    nullcontext,
    suppress,
)
from dataclasses import asdict, dataclass, fields
from datetime import timedelta
from functools import cache
from importlib import metadata
from pathlib import Path
from types import FrameType
from typing import Any, BinaryIO, NamedTuple, NoReturn, Protocol

import torch
import torch.distributed as dist
import torch.nn.functional as F
from torch import Tensor, nn
from torch.distributed.rendezvous import rendezvous
from torch.nn.parallel import DistributedDataParallel
from torch.utils.data import DataLoader, Dataset, Subset, default_collate

import digits as architecture  # isort: skip

NAME = "digits"
INPUT = (1, 8, 8)  # channels, height, width
CLASSES = 10
PARAMETERS = 151_306
MULT_ADDS = 1_330_432  # of one image
ACTIVATIONS = 8_394  # numbers that one image leaves for the backward pass
TRAINING_IMAGES = 1_198
BATCH = 32  # images of one optimizer step, over all processes
RATE = 0.001  # the learning rate to which its schedule is applied
IMAGE_SIZE = (8, 8)  # height and width of the data's images
EPOCHS = 25
WORKERS = 0  # the images lie in memory


# The recipe.


MEAN = [0.3052]  # of the channels, from 0 to 1
STD = [0.3762]  # what they are divided by


class Images(Protocol):
    """Images and their labels, by index."""

    def __len__(self) -> int: ...

    def __getitem__(self, index: int, /) -> tuple[Any, int]: ...


def open_data(root: Path) -> tuple[Images, Images]:
    """Training and held-out images: scikit-learn's digits.

    data: digits
    """
    from sklearn.datasets import load_digits  # type: ignore[import-untyped]

    digits = load_digits()
    images = torch.from_numpy(digits.images / 16).float().unsqueeze(1)
    pairs = list(zip(images, digits.target.tolist(), strict=True))
    return [p for i, p in enumerate(pairs) if i % 3 != 2], pairs[2::3]


def prepare(image: Tensor) -> Tensor:
    """As it is, and normalised on the device."""
    return image


def training_transform() -> Callable[[Any], Tensor]:
    """From an image of the training set to what goes to the device."""
    return prepare


class Views:
    """An image as its views: a tensor V x C x H x W for each scale."""

    def __init__(self, scales: Sequence[Callable[[Any], Tensor]], crops: int) -> None:
        self.scales = scales
        self.crops = crops

    def __call__(self, image: Any) -> list[Tensor]:
        return [crops_of(scale(image), self.crops) for scale in self.scales]


def crops_of(image: Tensor, number: int) -> Tensor:
    """The central crop, or ten crops of the central square: V x C x H x W.

    Ten are the corners, the centre and the mirror images of these five, as in
    Krizhevsky et al. 2012, section 4.1.
    """
    height, width = 8, 8
    if number == 1:
        return central(image, height, width)[None]
    side = min(image.shape[-2:])
    image = central(image, side, side)
    crops = [
        image[:, :height, :width],
        image[:, :height, -width:],
        image[:, -height:, :width],
        image[:, -height:, -width:],
        central(image, height, width),
    ]
    return torch.stack([*crops, *(crop.flip(-1) for crop in crops)])


def central(image: Tensor, height: int, width: int) -> Tensor:
    """The middle of an image."""
    top = round((image.shape[-2] - height) / 2)
    left = round((image.shape[-1] - width) / 2)
    return image[..., top : top + height, left : left + width]


def test_views(crops: int | None) -> Callable[[Any], list[Tensor]]:
    """From a test image to its views; `crops` asks for 1 or 10 instead."""
    return Views([prepare], crops or 1)


def normalise(images: Tensor) -> Tensor:
    """Images on the device, N x C x H x W, as what the network takes."""
    mean, scale = levels(images.device)
    return images.sub(mean).mul_(scale)


@cache
def levels(device: torch.device) -> tuple[Tensor, Tensor]:
    """What is subtracted from values, and by what they are multiplied then."""
    mean, std = (torch.tensor(e, device=device).view(-1, 1, 1) for e in (MEAN, STD))
    return mean, 1 / std


def initialise(model: nn.Module) -> None:
    """Draws the first weights.

    init: he
    """
    for module in model.modules():
        if isinstance(module, nn.Conv2d | nn.Linear):
            nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
            if module.bias is not None:
                nn.init.zeros_(module.bias)


def make_optimizer(model: nn.Module, fused: bool) -> torch.optim.Optimizer:
    """The optimizer of all parameters.

    optimizer: adam
    """
    return torch.optim.Adam(
        model.parameters(),
        lr=0.001,
        weight_decay=0.0,
        fused=fused or None,
    )


def learning_rate(step: int, per_epoch: int, steps: int) -> float:
    """The learning rate of an optimizer step, counted from 0.

    lr: 0.001, cosine
    """
    return 0.001 * (1 + math.cos(math.pi * step / steps)) / 2


def summed_loss(output: Tensor, labels: Tensor) -> Tensor:
    """Cross-entropy, summed over the images."""
    return F.cross_entropy(output, labels, reduction="sum")


# Starts.

MEETING = 600  # seconds for all processes to meet


class Starter(NamedTuple):
    """Who started the processes, by names, and by the names of who did it before.

    Those have a name in common that start the same processes again.
    """

    names: tuple[str, ...] = ()
    before: tuple[str, ...] = ()


NOBODY = Starter()


def agent() -> dict[str, Any]:
    """What this process knows of the agent of torchrun, if that started it."""
    run = os.environ.get("TORCHELASTIC_RUN_ID")
    if run is None:
        return {"run": "", "agent": "", "restarts": 0}
    parent = os.getppid()
    status = Path(f"/proc/{parent}/stat")  # elsewhere the number has to do
    began = status.read_text().rpartition(")")[2].split()[19] if status.exists() else ""
    name = f"torchrun {run} on {socket.gethostname()}: {parent} {began}"
    restarts = int(os.environ.get("TORCHELASTIC_RESTART_COUNT", "0"))
    return {"run": f"torchrun {run}", "agent": name, "restarts": restarts}


def starter_of(agents: list[dict[str, Any]]) -> Starter:
    """Who started the processes, by what each of them knows.

    The agents of torchrun count restarts each for itself, and the one of a host that
    joins or stays counts none: so it is asked whether any of them was there before.
    """
    runs = {each["run"] for each in agents} - {""}
    names = {each["agent"] for each in agents} - {""}
    again = runs if any(each["restarts"] for each in agents) else set()
    job = f"Slurm {os.environ.get('SLURM_JOB_ID', '')} start "
    start = int(os.environ.get("SLURM_RESTART_COUNT", "0"))  # a requeued job counts up
    before = [f"{job}{earlier}" for earlier in range(start)]
    return Starter(
        (*sorted(runs), *sorted(names), f"{job}{start}"),
        (*sorted(again), *sorted(names), *before),
    )


def meet(store: Any, rank: int, world: int) -> tuple[Any, Starter]:
    """A part of the store for these processes alone, and who started them.

    torchrun keeps its store when it starts processes again, with addresses of those
    that are gone. So rank 0 names a new part of it and waits until all are there, and
    the others wait until it has answered to them and not to those before them.
    """
    me = agent() | {"key": uuid.uuid4().hex}
    end = time.monotonic() + MEETING
    if rank == 0:
        part, found = me["key"], [me]
        store.set("part", part)
        for other in range(1, world):
            wait_for(store, f"{part}/{other}", end)
            found.append(json.loads(store.get(f"{part}/{other}")))
        store.set(f"{part}/all", json.dumps(found))
    else:
        part, found = "", []
        while len(found) != world or found[rank] != me:
            wait_for(store, "part", end)
            latest = store.get("part").decode()
            if latest != part:
                part = latest
                store.set(f"{part}/{rank}", json.dumps(me))
            found = []
            if store.check([f"{part}/all"]):
                found = json.loads(store.get(f"{part}/all"))
    return dist.PrefixStore(part, store), starter_of(found)  # type: ignore[attr-defined]


def wait_for(store: Any, key: str, end: float) -> None:
    """Waits until another process has written something into the store."""
    while not store.check([key]):
        if time.monotonic() > end:
            where = ":".join(
                os.environ.get(f"MASTER_{n}", "") for n in ("ADDR", "PORT")
            )
            raise SystemExit(f"not all processes met at {where} within {MEETING} s")
        time.sleep(0.02)


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


# Data.


def seed_of(*parts: int) -> int:
    """A seed that depends on these numbers alone, and not on what came before."""
    return int.from_bytes(hashlib.blake2b(repr(parts).encode(), digest_size=7).digest())


class TrainingSet(Dataset[tuple[list[Tensor], Tensor]]):
    """Micro-batches of training images by their `(epoch, index)`.

    These and the seed decide the augmentation, so that it is the same with any number
    of workers and processes, and after a resume.
    """

    def __init__(
        self, images: Images, transform: Callable[[Any], Any], seed: int
    ) -> None:
        self.images, self.transform, self.seed = images, transform, seed

    def __getitem__(self, keys: list[tuple[int, int]]) -> tuple[list[Tensor], Tensor]:
        looks = (look_at(self.images, index, self.transform) for _, index in keys)
        images, labels = zip(*looks, strict=True)
        return stacked(images), torch.tensor(labels)


class HeldOutSet(Dataset[tuple[list[Tensor], int]]):
    """Held-out images, each as its views: V x C x H x W for each scale."""

    def __init__(self, images: Images, views: Callable[[Any], list[Tensor]]) -> None:
        self.images, self.views = images, views

    def __getitem__(self, index: int) -> tuple[list[Tensor], int]:
        return look_at(self.images, index, self.views)


def look_at(images: Images, index: int, look: Callable[[Any], Any]) -> tuple[Any, int]:
    """What a look at an image gives, and its label."""
    image, label = images[index]
    return look(image), label


def stacked(images: Sequence[Any]) -> list[Tensor]:
    """A batch of what a transform gives, one tensor or several.

    Bytes of pictures keep their order, H x W x C, in which they are copied at once.
    """
    parts = zip(*images, strict=True) if isinstance(images[0], tuple) else [images]
    return [stack(part) for part in parts]


def stack(images: Sequence[Tensor]) -> Tensor:
    """Images as a batch; where a worker makes it, it lies in shared memory."""
    batch: Tensor
    if images[0].is_contiguous():
        batch = default_collate([*images])
    else:
        batch = default_collate([image.movedim(0, -1) for image in images])
        batch = batch.movedim(-1, 1)
    return batch


def synthetic(count: int) -> Images:
    """Random images of the network's input shape, for a trial without files."""
    generator = torch.Generator().manual_seed(count)
    images = torch.randn(64, *INPUT, generator=generator)
    pairs = [(image, index % CLASSES) for index, image in enumerate(images)]
    return (pairs * -(-count // 64))[:count]


def unchanged(image: Tensor) -> Tensor:
    """A synthetic image as it is."""
    return image


def only_view(image: Tensor) -> list[Tensor]:
    """A synthetic image as its only view."""
    return [image[None]]


def open_images(args: argparse.Namespace, process: Process) -> tuple[Images, Images]:
    """The training and the held-out images; synthetic ones need no files."""
    if args.synthetic:
        return synthetic(TRAINING_IMAGES), synthetic(min(64, args.batch))
    return open_data(args.data)


def micro_batches(
    images: int, steps: range, args: argparse.Namespace, process: Process
) -> Iterator[list[tuple[int, int]]]:
    """The micro-batches of this process in some steps, as keys `(epoch, index)`.

    A global batch is a stretch of the epoch's permutation. Each process takes its part
    of it, larger by one image where they are uneven, and cuts it into micro-batches.
    """
    for step in steps:
        epoch, place = divmod(step, images // args.batch)
        if place == 0 or step == steps.start:
            generator = torch.Generator().manual_seed(seed_of(args.seed, epoch))
            order = torch.randperm(images, generator=generator)
        batch = order[place * args.batch : (place + 1) * args.batch]
        part = batch.tensor_split(process.world)[process.rank]
        for indices in part.tensor_split(-(-len(part) // args.micro_batch)):
            yield [(epoch, index) for index in indices.tolist()]


def leave_signals_to_main(worker: int) -> None:
    """Lets a loader's worker outlive a signal to the job: the last step needs it."""
    signal.set_wakeup_fd(-1)  # which is that of the process that started it
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def end_workers() -> None:
    """Ends the loaders' workers, deaf to the SIGTERM by which Python would do it."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)  # torch would call it an error
    kill_workers()


def kill_workers() -> None:
    """Ends them from any thread, and at once."""
    for worker in multiprocessing.active_children():
        worker.kill()


def load(
    dataset: Dataset[Any], args: argparse.Namespace, process: Process, **batching: Any
) -> DataLoader[Any]:
    """A loader whose workers stay from one epoch to the next."""
    return DataLoader(
        dataset,
        num_workers=args.workers,
        persistent_workers=args.workers > 0 and "sampler" in batching,
        pin_memory=process.device.type == "cuda",
        worker_init_fn=leave_signals_to_main,
        **batching,
    )


# Signals.

GRACE = 3  # seconds that a step still has after a second Ctrl-C


class Summons:
    """Signals to end: any process may receive one, and all stop together."""

    def __init__(self, process: Process) -> None:
        self.process, self.signal = process, 0
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self.receive)
        self.start(0)

    def start(self, step: int) -> None:
        """Begins to count steps."""
        self.asked = self.ask = step
        self.asked_at = time.perf_counter()

    def receive(self, number: int, frame: FrameType | None) -> None:
        """Remembers a signal until the step is done, when all processes stop."""
        self.signal = number

    def received(self, step: int, end: int) -> int:
        """The signal that any process has, for which they ask once in a second.

        A step between two questions has no more to wait for than its gradients.
        """
        now = time.perf_counter()
        if self.process.world == 1:
            return self.signal
        if step < min(self.ask, end):
            return 0
        taken = max(1, step - self.asked)
        numbers = [self.signal, (now - self.asked_at) / taken]
        answers = torch.tensor(numbers, dtype=torch.float64)
        number, seconds = self.process.highest(answers).tolist()
        self.asked, self.asked_at = step, now
        # No more than twice as many: the first steps may only be queued on a device.
        self.ask = step + max(1, min(2 * taken, int(1 / max(seconds, 1e-3))))
        return int(number)


@contextmanager
def insistence() -> Iterator[None]:
    """Ends the program a few seconds after a second SIGINT, whatever hangs.

    Python's own handlers wait until a call into a library returns. But the number of a
    signal is written to a socket at once, and a thread reads it there.
    """
    ours, theirs = socket.socketpair()
    theirs.setblocking(False)
    over = threading.Event()
    before = signal.set_wakeup_fd(theirs.fileno(), warn_on_full_buffer=False)
    threading.Thread(target=end_at_second, args=(ours, over), daemon=True).start()
    try:
        yield
    finally:
        signal.set_wakeup_fd(before)
        over.set()
        with theirs:
            theirs.send(b"\0")  # the thread looks, and ends


def end_at_second(numbers: socket.socket, over: threading.Event) -> None:
    """Reads the numbers of signals, and ends the program by the second SIGINT."""
    interrupts = 0
    with numbers:
        while interrupts < 2 and not over.is_set():
            interrupts += numbers.recv(1)[0] == signal.SIGINT
    if not over.wait(GRACE):
        print("ended in the middle of a step: the last checkpoint holds", flush=True)
        kill_workers()
        os._exit(128 + signal.SIGINT)


# Evaluation.


class Score(NamedTuple):
    """The fractions of images whose label is the first guess, or one of five."""

    top1: float
    top5: float
    images: int

    def __str__(self) -> str:
        return f"top-1 {self.top1:.2%}, top-5 {self.top5:.2%} of {self.images:,} images"


def load_held_out(
    images: Images, crops: int | None, args: argparse.Namespace, process: Process
) -> DataLoader[Any]:
    """This process's part of the held-out images, as many at once as it trains on."""
    dataset = HeldOutSet(images, only_view if args.synthetic else test_views(crops))
    size = sum(view.numel() for view in dataset[0][0]) / math.prod(INPUT)
    mine = Subset(dataset, range(process.rank, len(images), process.world))
    batch = max(1, int(args.micro_batch / size))
    return load(mine, args, process, batch_size=batch)


def probabilities(model: nn.Module, views: Tensor, process: Process) -> Tensor:
    """Probabilities of the classes for each image, the mean over its views."""
    images = normalise(process.put(views.flatten(0, 1)))
    with process.autocast():
        logits: Tensor = model(images)
    return logits.float().softmax(1).view(*views.shape[:2], -1).mean(1)


@torch.no_grad()
def measure(
    models: Sequence[nn.Module], batches: Iterable[Any], process: Process
) -> Score:
    """Scores the mean prediction over models, scales and views, on all processes."""
    for model in models:
        model.eval()
    hits = torch.zeros(3, dtype=torch.int64, device=process.device)
    for scales, labels in batches:
        labels = labels.to(process.device, non_blocking=True)
        guesses = [probabilities(m, views, process) for m in models for views in scales]
        ranked = torch.stack(guesses).mean(0).topk(min(5, CLASSES)).indices
        found = ranked == labels[:, None]
        hits += torch.stack([found[:, 0].sum(), found.sum(), (labels >= 0).sum()])
    top1, top5, images = process.total(hits).tolist()
    return Score(top1 / images, top5 / images, images)


# Names of classes.


def class_names(images: Images) -> list[str]:
    """What the data call their classes; numbers where they have no names."""
    names = held(images, "classes") or ()
    found = [str(name).encode("utf-8", "backslashreplace").decode() for name in names]
    return found if len(found) == CLASSES else [str(each) for each in range(CLASSES)]


def held(images: Any, name: str) -> Any:
    """What a set of images has under a name, or one that it is made of; else None."""
    while not hasattr(images, name):
        if not hasattr(images, "images"):
            return None
        images = images.images
    return getattr(images, name)


def are_names(found: Any) -> bool:
    """Whether what a file holds are the names of the network's classes."""
    named = isinstance(found, list) and all(isinstance(name, str) for name in found)
    return named and len(found) == CLASSES


def printable(text: str) -> str:
    """A text on one line, with escapes for what a terminal would act upon."""
    return "".join(each if each.isprintable() else ascii(each)[1:-1] for each in text)


# Weights in files.

# What zipfile, pickle and torch raise at a damaged file.
DAMAGED = (
    *(OSError, EOFError, RuntimeError, ValueError, TypeError, AttributeError),
    *(LookupError, ArithmeticError, AssertionError, MemoryError, ImportError),
    *(pickle.PickleError, zipfile.BadZipFile, struct.error),
)


def unpacked(data: bytes, path: Path) -> Any:
    """What a file of torch holds, once its checksums hold; nothing in it is run."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if any(entry.compress_type for entry in archive.infolist()):
                raise zipfile.BadZipFile("it is compressed, and torch's are not")
            if damaged := archive.testzip():
                raise zipfile.BadZipFile(f"the checksum of {damaged} is another")
        return torch.load(io.BytesIO(data), map_location="cpu", weights_only=True)
    except DAMAGED as error:
        raise unreadable_file(path, error) from None


def unreadable_file(path: Path, error: Exception) -> SystemExit:
    """The sentence about a file that holds no weights."""
    reason = str(error).partition("\n")[0].partition(". ")[0] or type(error).__name__
    return SystemExit(f"{path} cannot be read as a checkpoint: {reason}")


def contents(path: Path) -> bytes:
    """The bytes of a file."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise SystemExit(f"there is no checkpoint {path}") from None
    except OSError as error:
        raise unreadable_file(path, error) from None


class Found(NamedTuple):
    """What a file of weights holds, and what it says of them."""

    weights: dict[str, Tensor]
    network: str = "another network"
    classes: list[str] | None = None


def read_weights(path: Path) -> Found:
    """The weights of a checkpoint, or a state dict alone.

    `archspec weights` writes such, by torch or as safetensors.
    """
    if path.suffix == ".safetensors":
        return safetensors_of(path)
    found = unpacked(contents(path), path)
    said: dict[str, Any] = {}
    if isinstance(found, dict) and {"model", "network"} <= found.keys():
        said = found
        found = found.get("average", found["model"])  # the mean is what is tested
    if not are_weights(found):
        raise SystemExit(
            f"{path} is neither a checkpoint of a training program nor weights"
        )
    return described(found, said)


def described(weights: dict[str, Tensor], said: dict[str, Any]) -> Found:
    """Weights with what a file says of them, as far as it can be so."""
    found = Found(weights)
    if "network" in said:
        found = found._replace(network=str(said["network"]))
    if are_names(said.get("classes")):
        found = found._replace(classes=said["classes"])
    return found


def safetensors_of(path: Path) -> Found:
    """The tensors of a file of safetensors, which are sorted as numbers are."""
    library = optional("safetensors.torch")
    if library is None:
        raise SystemExit(f"{path} needs safetensors: install it, or write a .pt file")
    data = contents(path)
    try:
        found: dict[str, Tensor] = library.load(data)
        header = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])
        said = dict(header.get("__metadata__") or {})
        if "classes" in said:
            said["classes"] = json.loads(said["classes"])
    except (*DAMAGED, optional("safetensors").SafetensorError) as error:
        raise unreadable_file(path, error) from None
    weights = {name: found[name] for name in sorted(found, key=natural_key)}
    return described(weights, said)


def as_safetensors(state: dict[str, Any]) -> bytes | None:
    """The weights of a checkpoint that are tested, as safetensors where that is there."""
    library = optional("safetensors.torch")
    if library is None:
        return None
    weights = state.get("average", state["model"])
    tensors = {name: each.detach().cpu().contiguous() for name, each in weights.items()}
    said = {"network": NAME, "classes": json.dumps(state["classes"])}
    data: bytes = library.save(tensors, said)
    return data


def natural_key(name: str) -> list[tuple[str, int]]:
    """Sorts conv2 before conv10."""
    return [(text, int(part or 0)) for text, part in re.findall(r"(\D*)(\d*)", name)]


def are_weights(found: Any) -> bool:
    """Whether it is a state dict, each of whose tensors has all of its numbers."""
    if not isinstance(found, dict) or not found:
        return False
    named = all(isinstance(name, str) for name in found)
    return named and all(is_whole(tensor) for tensor in found.values())


def is_whole(tensor: Any) -> bool:
    """Whether it is a tensor with a number for each place: a shape can claim any."""
    if not isinstance(tensor, Tensor) or tensor.layout is not torch.strided:
        return False
    if tensor.device.type != "cpu" or tensor.is_quantized or tensor.is_complex():
        return False
    needed = tensor.numel() * tensor.element_size()
    return tensor.untyped_storage().nbytes() >= needed


def differences(found: dict[str, Tensor], own: dict[str, Tensor]) -> list[str]:
    """How weights are not those of a network."""

    def size(tensor: Tensor) -> str:
        return "x".join(map(str, tensor.shape)) or "a number"

    lines = [f"{name} is missing" for name in own if name not in found]
    lines += [f"{name} is not of this network" for name in found if name not in own]
    shared = [name for name in own if name in found]
    other = [name for name in shared if found[name].shape != own[name].shape]
    sizes = [(name, size(found[name]), size(own[name])) for name in other]
    return lines + [f"size mismatch: {n} is {a} and not {b}" for n, a, b in sizes]


def misplaced(found: dict[str, Tensor], own: dict[str, Tensor], name: str) -> str:
    """What is said of another architecture's weights; nothing of this one's."""
    lines = [
        line if len(line) < 200 else line[:200] for line in differences(found, own)
    ]
    if not lines:
        return ""
    return "\n  ".join(
        [f"weights of {printable(name[:99])}, not of this {NAME}", *lines[:5]]
    )


def load_weights(model: nn.Module, found: Found, path: Path) -> None:
    """Puts the weights of a network in place; refuses another architecture's."""
    if reason := misplaced(found.weights, model.state_dict(), found.network):
        raise SystemExit(f"{path} holds {reason}")
    model.load_state_dict(found.weights)


# Weights to begin with.


def init_from(path: Path, model: nn.Module, process: Process) -> None:
    """Begins with the weights of a file, and says which layers have them.

    A file of this network's weights is taken whole, but for the classifier where that
    is for other classes; of another network, what `place_layers` finds.
    """
    weights, own = read_weights(path).weights, model.state_dict()
    fresh = classifiers(weights, own)
    if fresh is None:
        lines = by_rows(path, model, weights)
    else:
        kept = {n: each for n, each in weights.items() if layer_of(n) not in fresh}
        model.load_state_dict({**own, **kept})
        why = why_fresh(fresh, weights)
        count = len(layers(kept))
        taken = f"{count} layer{'s' * (count != 1)}"
        lines = [taken, f"initialised: {why or 'nothing'}"]
    if process.rank == 0:
        print("\n".join([f"from {path}: {lines[0]}", *lines[1:]]))


def by_rows(path: Path, model: nn.Module, weights: dict[str, Tensor]) -> list[str]:
    """Takes layers of another network; returns what is said of it."""
    own = model.state_dict()
    if path.suffix == ".safetensors":  # which has lost the order of the layers
        order = {name: place for place, name in enumerate(own)}
        names = sorted(weights, key=lambda name: order.get(name, len(order)))
        weights = {name: weights[name] for name in names}
    found, there = place_layers(model, weights), len(layers(weights))
    hint = "; `archspec weights` places those of another implementation"
    if not found:
        raise SystemExit(f"no layer of {path} fits a row of {NAME}{hint}")
    left = [name for name in layers(own) if name not in found]
    lines = [", ".join(found), f"initialised: {', '.join(left) or 'nothing'}"]
    more = there - len(found)
    said = f"not taken: {more} of its {there} layers" + hint * (more > len(found))
    return [*lines, *[said] * bool(more)]


def layer_of(name: str) -> str:
    """The layer of a tensor: its name but for the last part."""
    return name.rpartition(".")[0]


def layers(weights: dict[str, Tensor]) -> dict[str, dict[str, Tensor]]:
    """Tensors by layer."""
    found: dict[str, dict[str, Tensor]] = {}
    for name, tensor in weights.items():
        found.setdefault(layer_of(name), {})[name.rpartition(".")[2]] = tensor
    return found


def classifiers(weights: dict[str, Tensor], own: dict[str, Tensor]) -> list[str] | None:
    """The layers that tell other classes apart than this network's, by their names.

    None where weights are not this network's, of whatever number of classes: there is
    a tensor for each name, and the others have the same shapes.
    """
    if weights.keys() != own.keys():
        return None
    differing = [name for name in own if weights[name].shape != own[name].shape]
    for name in differing:
        theirs, mine = weights[name].shape, own[name].shape
        if not (mine[:1] == (CLASSES,) and theirs[1:] == mine[1:] and len(theirs)):
            return None
    counts = {weights[name].shape[0] for name in differing}
    return list(dict.fromkeys(map(layer_of, differing))) if len(counts) < 2 else None


def why_fresh(fresh: list[str], weights: dict[str, Tensor]) -> str:
    """The layers that are fresh, and why; nothing where there are none."""
    counts = [len(each) for name, each in weights.items() if layer_of(name) in fresh]
    if not counts:
        return ""
    return f"{', '.join(fresh)}, as there are {CLASSES} classes and not {counts[0]}"


def place_layers(model: nn.Module, weights: dict[str, Tensor]) -> list[str]:
    """Copies layers of another network; returns the names of those that it found.

    Row by row of the tables, by the first part of the names, a layer takes the next
    one in order that has the same shapes.
    """
    sources = list(layers(weights).items())
    found = []
    for name, layer in layers(model.state_dict()).items():
        shapes = {own: tensor.shape for own, tensor in layer.items()}
        for place, (other, source) in enumerate(sources):
            same_row = other.split(".")[0] == name.split(".")[0]
            if same_row and shapes == {own: t.shape for own, t in source.items()}:
                for own, tensor in layer.items():
                    tensor.copy_(source[own])
                found.append(name)
                del sources[: place + 1]
                break
    return found


# Checkpoints.


def write_checkpoint(
    state: dict[str, Any], path: Path, previous: Path | None = None
) -> None:
    """Writes a checkpoint whole; the old one may be kept under another name."""
    write_whole(path, lambda file: torch.save(state, file), previous)


def write_best(state: dict[str, Any], checkpoint: Path) -> None:
    """Writes the weights that are tested as safetensors, where that is installed."""
    data = as_safetensors(state)
    if data is not None:
        write_whole(
            checkpoint.with_suffix(".safetensors"), lambda file: file.write(data)
        )


def write_whole(
    path: Path, write: Callable[[BinaryIO], object], previous: Path | None = None
) -> None:
    """Writes beside the path, then renames: a kill leaves the old file or the new."""
    partial = path.with_suffix(".partial")
    try:
        with partial.open("wb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        if previous and path.exists():
            keep(path, previous)
        partial.replace(path)
    except (OSError, RuntimeError) as error:
        partial.unlink(missing_ok=True)
        # Where the disk is full, torch adds an error of its own.
        cause = error.__context__ if isinstance(error.__context__, OSError) else error
        reason = str(cause).partition("\n")[0]
        kept = "; the one before it is whole" if path.exists() else ""
        raise SystemExit(f"{path} cannot be written: {reason}{kept}") from None
    with suppress(OSError):  # where folders cannot be opened
        folder = os.open(path.parent, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)


def keep(path: Path, previous: Path) -> None:
    """Gives a file a second name, at no moment of which the first is missing."""
    second = previous.with_suffix(".partial")
    second.unlink(missing_ok=True)
    try:
        os.link(path, second)
    except OSError:  # some disks have no links
        shutil.copyfile(path, second)
    second.replace(previous)


def read_checkpoint(path: Path, unfit: Callable[[dict[str, Any]], str]) -> bytes:
    """The bytes of a checkpoint, once nothing in it is unfit for the run."""
    data = contents(path)
    state = unpacked(data, path)
    if not isinstance(state, dict) or not {"model", "network"} <= state.keys():
        raise SystemExit(f"{path} is not a checkpoint of a training program")
    if reason := unfit(state):
        raise SystemExit(f"{path} holds {reason}")
    return data


def newest(folder: Path, unfit: Callable[[dict[str, Any]], str]) -> bytes:
    """The bytes of the last checkpoint; where that is damaged the one before is named."""
    last, previous = folder / "last.pt", folder / "previous.pt"
    try:
        return read_checkpoint(last, unfit)
    except SystemExit as stop:
        message = str(stop)
    with suppress(SystemExit):
        step = unpacked(read_checkpoint(previous, unfit), previous)["step"]
        message += f"; {previous} is whole, of step {step:,}: --resume takes it"
        message += f" once it is renamed to {last.name}"
    raise SystemExit(message)


def misfit(found: Any, own: Any, name: str) -> str:
    """What a checkpoint has otherwise than this run would write it; else nothing."""
    if isinstance(own, dict) and isinstance(found, dict):
        lacking = [f"no {key}" for key in own if key not in found]
        both = [key for key in own if key in found]
        other = [misfit(found[key], own[key], key) for key in both]
        return next(filter(None, lacking + other), "")
    if isinstance(own, Tensor):
        fits = is_whole(found) and found.shape == own.shape and found.dtype == own.dtype
    elif isinstance(own, float):
        number = isinstance(found, float) and not math.isnan(found)
        fits = number or type(found) is int
    else:
        fits = type(found) is type(own)
    return "" if fits else f"another {name} than this run would write"


def other_weights(state: dict[str, Any], model: nn.Module) -> str:
    """How the weights of a checkpoint are not those of a network; else nothing."""
    if not are_weights(state["model"]):
        return "no weights"
    return misplaced(state["model"], model.state_dict(), str(state["network"]))


def other_optimizer(found: Any, optimizer: torch.optim.Optimizer) -> str:
    """How the state of an optimizer is not that of another; else nothing."""
    states = found.get("state") if isinstance(found, dict) else None
    sizes = [p.shape for group in optimizer.param_groups for p in group["params"]]
    if not isinstance(states, dict) or set(states) not in (set(), {*range(len(sizes))}):
        return "another optimizer's state"
    for index, state in states.items():
        if not isinstance(state, dict) or state.keys() != states[0].keys():
            return f"another optimizer's state of parameter {index}"
        for name, value in state.items():
            number = value is None or type(value) in (int, float)
            shaped = is_whole(value) and value.shape in (sizes[index], torch.Size([]))
            if not (isinstance(name, str) and (number or shaped)):
                return f"another optimizer's state of parameter {index}"
    return ""


# The folder of a run.


@contextmanager
def lock(folder: Path, process: Process) -> Iterator[bool]:
    """Keeps other programs out of the folder of a run, where the system can.

    Gives whether those who started this one did also start the one before it there.
    """
    again = False
    with ExitStack() as kept:
        with process.together():
            if process.rank == 0:
                folder.parent.mkdir(parents=True, exist_ok=True)
                path = folder.with_name(f"{folder.name}.lock")
                again = acquired(kept.enter_context(path.open("a+")), folder, process)
        yield again


def acquired(file: Any, folder: Path, process: Process) -> bool:
    """Locks a file, in which stand who holds it and who started that; see `lock`."""
    file.seek(0)
    lines: list[str] = file.read(10**6).splitlines()
    holder = "".join(lines[:1])
    if fcntl := optional("fcntl"):
        try:  # of this process alone, while flock is also of the loaders' workers
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except (BlockingIOError, PermissionError):
            message = f"another program trains in {folder}: {holder}"
            raise SystemExit(message) from None
        except OSError as error:
            print(f"{file.name} is not locked: {error.strerror}")
    file.truncate(0)
    me = f"process {os.getpid()} on {socket.gethostname()}"
    file.write("\n".join([me, *process.starter.names, ""]))
    file.flush()
    return not {*lines[1:]}.isdisjoint(process.starter.before)


def move_aside(folder: Path) -> None:
    """Gives the folder of an earlier run a number, so that nothing is overwritten."""
    number = 1
    while (aside := folder.with_name(f"{folder.name}.{number}")).exists():
        number += 1
    folder.rename(aside)
    print(f"the earlier run in {folder} is now in {aside}")


def begin(
    args: argparse.Namespace, process: Process, unfit: Callable[[dict[str, Any]], str]
) -> dict[str, Any] | None:
    """The checkpoint to resume from; or a fresh folder, and none.

    Rank 0 decides, and the others take from it what it read: they may see another
    disk, or the same one at another time.
    """
    data = b""
    with process.together():
        if process.rank == 0:
            data = taken_up(args, unfit)
    data = process.shared(data)
    state: dict[str, Any] | None = None
    if data:
        state = unpacked(data, args.out / "last.pt")
    return state


def taken_up(args: argparse.Namespace, unfit: Callable[[dict[str, Any]], str]) -> bytes:
    """The bytes of the checkpoint to resume from, or none, and then a fresh folder."""
    names = ("last.pt", "previous.pt")
    if args.resume and any((args.out / name).exists() for name in names):
        return newest(args.out, unfit)
    if args.resume:
        print(f"there is no {args.out / 'last.pt'} to resume: the run starts afresh")
    if (args.out / "log.jsonl").exists():
        move_aside(args.out)
    args.out.mkdir(parents=True, exist_ok=True)
    return b""


# The account of a run.


def optional(module: str) -> Any:
    """A module, or None where it is not installed."""
    try:
        return importlib.import_module(module)
    except ImportError:
        return None


def surroundings(device: torch.device) -> dict[str, Any]:
    """What a run depends on beside its arguments: versions, hardware, host, command."""
    versions = {"python": platform.python_version()}
    for package in ("torch", "torchvision", "numpy", "pillow"):
        try:
            versions[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    if device.type == "cuda":
        versions["cuda"] = str(torch.version.cuda)
        cudnn = torch.backends.cudnn
        versions["cudnn"] = str(cudnn.version())  # type: ignore[no-untyped-call]
        hardware = torch.cuda.get_device_name(device)
    else:
        hardware = platform.processor() or platform.machine()
    command = shlex.join(sys.argv)
    return {
        "device": str(device),
        "hardware": hardware,
        "host": platform.node(),
        "command": command,
        "versions": versions,
    }


class Log:
    """The account of a run: log.jsonl, lines or a progress bar, and TensorBoard.

    Rank 0 alone writes; on the others it is silent.
    """

    def __init__(self, folder: Path, position: int, span: range, rank: int) -> None:
        self.path, self.span, self.rank = folder / "log.jsonl", span, rank
        self.bar = self.board = None
        if rank:
            return
        self.path.touch()
        # What came after the checkpoint will come again; a line may have been cut off.
        kept = self.path.read_bytes()[:position]
        os.truncate(self.path, kept.rfind(b"\n") + 1)
        if sys.stderr.isatty() and (tqdm := optional("tqdm")):
            self.bar = tqdm.tqdm(total=span.stop, initial=span.start, unit="step")
        if board := optional("torch.utils.tensorboard"):
            self.board = board.SummaryWriter(folder, purge_step=span.start)

    def write(self, event: str, step: int, **values: Any) -> None:
        """Writes an event as a line of JSON, and its numbers to TensorBoard."""
        if self.rank == 0:
            line = json.dumps({"event": event, "step": step, **values})
            with self.path.open("a") as file:
                file.write(line + "\n")
        for name, value in values.items():
            if self.board and isinstance(value, float):
                self.board.add_scalar(f"{event}/{name}", value, step)

    def size(self) -> int:
        """Its length in bytes, once it lies on the disk as far as that."""
        with self.path.open("rb") as file:
            os.fsync(file.fileno())
        return self.path.stat().st_size

    def events(self, kind: str) -> list[dict[str, Any]]:
        """All events of a kind, also those of before a resume."""
        if self.rank:
            return []
        events = [json.loads(line) for line in self.path.read_text().splitlines()]
        return [event for event in events if event["event"] == kind]

    def say(self, text: str) -> None:
        """Prints a line, above the bar where there is one."""
        if self.bar:
            self.bar.write(text)
        elif self.rank == 0:
            print(text, flush=True)

    def advance(self, step: int, text: str) -> None:
        """Shows how far the run has come."""
        if self.bar:
            self.bar.set_postfix_str(text, refresh=False)
            self.bar.update(step - self.bar.n)
        else:
            self.say(f"step {step:,} of {self.span.stop:,}: {text}")


def curve(epochs: list[dict[str, Any]]) -> str:
    """An SVG of the held-out error and the training loss by epoch."""
    errors = [100 * (1 - epoch["top1"]) for epoch in epochs]
    losses = [epoch["loss"] for epoch in epochs]
    top = max([*errors, 1.0])

    def line(values: list[float], top: float, colour: str) -> str:
        points = " ".join(
            f"{60 + 600 * epoch / len(values):.1f},{340 - 300 * value / top:.1f}"
            for epoch, value in enumerate(values, 1)
        )
        return f'<polyline points="{points}" fill="none" stroke="{colour}"/>'

    parts = [
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 720 380" font-size="13">',
        f'<text x="60" y="24" fill="navy">{NAME}: held-out top-1 error</text>',
        f'<text x="400" y="24" fill="peru">loss, at most {max(losses):.3g}</text>',
        f'<text x="620" y="362">epoch {len(epochs)}</text>',
        line(errors, top, "navy"),
        line(losses, max(losses), "peru"),
    ]
    for tick in range(6):
        y, error = 340 - 60 * tick, top * tick / 5
        parts += [f'<path d="M60 {y}H660" stroke="silver"/>']
        parts += [f'<text x="54" y="{y}" text-anchor="end">{error:.3g} %</text>']
    return "\n".join([*parts, "</svg>\n"])


# Training.


class Learner:
    """The network and its optimizer: what a step changes."""

    def __init__(self, args: argparse.Namespace, process: Process) -> None:
        self.process = process
        self.batch: int = args.batch
        torch.manual_seed(args.seed)
        self.model = architecture.digits()
        initialise(self.model)
        process.place(self.model)
        self.network: nn.Module = self.model
        self.apart: Callable[[], AbstractContextManager[None]] = nullcontext
        self.optimizer = make_optimizer(self.model, process.device.type == "cuda")
        fp16 = args.precision == "fp16"
        self.scaler = torch.amp.GradScaler(process.device.type, enabled=fp16)
        self.loss = torch.zeros((), device=process.device)  # summed over images
        # Of an image in the mean; the processes average their gradients, parts of a sum.
        self.share = torch.tensor(process.world / args.batch, device=process.device)
        self.waited = 0.0  # seconds, for images

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
        self.scaler.step(self.optimizer)
        self.scaler.update()

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
        gradients = [p.grad for p in self.model.parameters() if p.grad is not None]
        return float(torch.stack([gradient.norm() for gradient in gradients]).norm())

    def is_finite(self) -> bool:
        """Whether all weights and running statistics are numbers."""
        return all(bool(t.isfinite().all()) for t in self.model.state_dict().values())

    def measure(self, batches: Iterable[Any]) -> Score:
        """Scores the network on held-out images, with the statistics of rank 0."""
        model: nn.Module = self.model
        for buffer in model.buffers():
            if self.process.world > 1:
                dist.broadcast(buffer, 0)
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
    return int((args.epochs or EPOCHS) * (images // args.batch))


# Losses over a run.

HIGH = 10  # times the loss of the first step, or of guessing where that is higher
WINDOW = 500  # steps in all of which a loss that high is a divergence


class Losses:
    """What the means of the loss say, from one look at it to the next.

    A run has diverged where the loss is not a finite number, or was high at every look
    for a window of steps, or is at the end. The window of a short run is a twentieth of
    it. A loss that is high for less is a spike.
    """

    def __init__(self, steps: int) -> None:
        self.steps = steps
        self.window: int = max(1, min(WINDOW, steps // 20))
        self.high_since = 0  # the step at which a high loss was first seen, or 0
        self.kept_high = False  # whether the last checkpoint was written since then

    def restore(self, high_since: int) -> None:
        """Takes over what a checkpoint says."""
        self.high_since, self.kept_high = high_since, high_since > 0

    def verdict(self, step: int, loss: float, first: float) -> str:
        """What a loss says: "" if it is as it should be, or how it came to be or not.

        It is "diverged", "spike" at the first high one, "high" at others, and "back" at
        the first that is not.
        """
        if not math.isfinite(loss):
            return "diverged"
        before = self.high_since
        if loss <= HIGH * max(first, math.log(CLASSES)):
            self.high_since = 0
            return "back" if before else ""
        self.high_since = before or step
        if step >= self.steps or (before and step - before >= self.window):
            return "diverged"
        return "high" if before else "spike"


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
        elif args.init_from:
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
        return self.factor * rate

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
        self.args.micro_batch = self.args.micro_batch or state["micro_batch"]
        torch.set_rng_state(state["random"])

    def state(self) -> dict[str, Any]:
        """What a checkpoint holds, but for the length of the log."""
        return {
            "network": NAME,
            "classes": self.classes,
            **self.learner.state(),
            **asdict(self.progress),
            "high_since": self.losses.high_since,
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
        if score.top1 >= progress.best and not self.losses.high_since:
            progress.best = score.top1
            self.save("best.pt")
        self.save("last.pt")

    def finish(self) -> None:
        """Measures the last weights by the recipe's test, and draws the curve."""
        crops = self.args.test_crops
        held_out = load_held_out(self.held_out, crops, self.args, self.process)
        score = self.learner.measure(held_out)
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


def train(args: argparse.Namespace, process: Process) -> int:
    """Trains, and tests the last weights; returns the exit status."""
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


# Scores of checkpoints.


def evaluate(args: argparse.Namespace, process: Process) -> None:
    """Scores a checkpoint, and prints what the paper reports beside it."""
    path = args.eval if args.eval.name else best_of(args.out)
    score = scored([path], args, process)
    found = {"checkpoint": str(path), **score._asdict()}
    lines = [f"{path}: {score}"]
    lines.append(f"top-1 error: {1 - score.top1:.2%}; none is known of the paper")
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
    return score


def model_of(
    found: Found, path: Path, args: argparse.Namespace, process: Process
) -> nn.Module:
    """The network with weights, as it is tested."""
    model = architecture.digits()
    load_weights(model, found, path)
    process.place(model)
    return model


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


# Predictions.

SUFFIXES = (".jpg", ".jpeg", ".png", ".bmp", ".gif", ".ppm", ".pgm", ".tif", ".tiff")
IMAGE_FILES = (*SUFFIXES, ".webp")


def predict(args: argparse.Namespace, process: Process) -> int:
    """Prints the likeliest classes of images; returns 1 where any cannot be read."""
    if process.rank:
        return 0
    path = args.weights or best_of(args.out)
    found = read_weights(path)
    model = model_of(found, path, args, process).eval()
    names = found.classes or [str(each) for each in range(CLASSES)]
    opened, looked = opener(found, args, process), test_views(args.test_crops)
    status, told = 0, []
    for place in files_of(args.predict):
        views = readable(place, lambda path: looked(opened(path)))
        if views is None:
            status = 1
            continue
        ranked = likeliest(model, views, process)
        classes = [{"class": names[i], "probability": p} for p, i in ranked]
        told.append({"image": str(place), "classes": classes})
        if not args.json:
            lines = [f"{p:8.2%}  {printable(names[i])}" for p, i in ranked]
            print("\n".join([printable(str(place)), *lines]), flush=True)
    if args.json:
        print(json.dumps(told, indent=2))
    return status


def readable(path: Path, look: Callable[[Path], Any]) -> Any:
    """What a look at an image gives; None where it cannot be read, which is said."""
    try:
        return look(path)  # which decodes it
    except Exception as error:  # whatever Pillow and its plugins raise
        if isinstance(error, ImportError):
            raise
        shown, reason = printable(str(path)), getattr(error, "strerror", None)
        message = f"{shown} cannot be read: {printable(reason or str(error))}"
        missing = isinstance(error, FileNotFoundError)
        print(f"there is no image {shown}" if missing else message, file=sys.stderr)
        return None


def files_of(places: Sequence[Path]) -> Iterator[Path]:
    """The files that are named, and all images in folders that are."""
    for place in places:
        if not place.is_dir():
            yield place
            continue
        inside = sorted(place.rglob("*"))
        images = [each for each in inside if each.suffix.lower() in IMAGE_FILES]
        yield from images or [place]


@torch.no_grad()
def likeliest(
    model: nn.Module, scales: Sequence[Tensor], process: Process
) -> list[tuple[float, int]]:
    """The five likeliest classes of an image and their probabilities, by its views."""
    guesses = [probabilities(model, views[None], process) for views in scales]
    values, indices = torch.stack(guesses).mean(0)[0].topk(min(5, CLASSES))
    return list(zip(values.tolist(), indices.tolist(), strict=True))


def opener(
    found: Found, args: argparse.Namespace, process: Process
) -> Callable[[Path], Any]:
    """What opens an image file as the data set has its images."""

    def opened(path: Path) -> Any:
        picture: Any = picture_of(path)
        size = picture.height, picture.width, -1
        numbers = torch.frombuffer(bytearray(picture.tobytes()), dtype=torch.uint8)
        picture = numbers.view(size).permute(2, 0, 1) / 255
        return picture

    return opened


def picture_of(path: Path) -> Any:
    """A picture from a file, with as many channels and pixels as the network takes."""
    from PIL import Image, ImageOps

    if path.is_dir():
        raise OSError("there are no images in this folder")
    if path.is_fifo():
        raise OSError("it is a pipe, and not a file")
    with Image.open(path) as file:
        picture = file.convert("L" if INPUT[0] == 1 else "RGB")
    height, width = IMAGE_SIZE
    return ImageOps.fit(picture, (width, height))


def describe(args: argparse.Namespace, process: Process) -> None:
    """Prints what a run would do."""
    share = -(-args.batch // process.world)
    micro_batch = args.micro_batch or min(share, images_that_fit(process))
    if process.rank:
        return
    activations = micro_batch * process.bytes_per_image / 2**20
    weights = process.predicted_bytes(0) / 2**20
    per_epoch = TRAINING_IMAGES // args.batch
    steps = length(args, TRAINING_IMAGES)
    print(__doc__)
    print(
        f"network        {PARAMETERS:,} parameters, {MULT_ADDS:,} mult-adds per image"
    )
    print(f"activations    {activations:,.0f} MiB on a device, of {micro_batch} images")
    print(f"weights        {weights:,.0f} MiB with gradients and means on each device")
    print(f"steps          {per_epoch:,} per epoch, {steps:,} in all")
    if args.lr:
        print(f"learning rate  {args.lr:g}, and not the recipe's {RATE:g}")


def positive(text: str) -> int:
    """A whole number above 0, as an argument."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is not above 0")
    return number


def natural(text: str) -> int:
    """A whole number from 0, as an argument."""
    number = int(text)
    if number < 0:
        raise argparse.ArgumentTypeError(f"{text} is below 0")
    return number


def rate(text: str) -> float:
    """A learning rate, as an argument."""
    number = float(text)
    if not 0 < number < math.inf:
        raise argparse.ArgumentTypeError(f"{text} is not a finite number above 0")
    return number


def images_at_once(text: str) -> int:
    """A number of images as an argument; 0 is that which is found by trying."""
    return 0 if text == "auto" else positive(text)


def seed(text: str) -> int:
    """What torch takes as a seed, as an argument."""
    number = int(text)
    if not -(2**63) <= number < 2**64:
        raise argparse.ArgumentTypeError(f"{text} is not from -2^63 to 2^64 - 1")
    return number


def folder(text: str) -> Path:
    """A folder that is there or can be made, as an argument."""
    path = Path(text)
    for place in (path, *path.parents):
        if place.exists() and not place.is_dir():
            raise argparse.ArgumentTypeError(f"{place} is a file, and not a folder")
    return path


def parse_arguments() -> argparse.Namespace:
    """The arguments of the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    flag, runs = parser.add_argument, Path("runs", NAME)
    cuda = torch.cuda.is_available()
    flag("--data", type=Path, default=Path("data"), help="folder of the images")
    flag("--out", type=folder, default=runs, help="folder of the run, for all hosts")
    flag("--resume", action="store_true", help="resume from its last checkpoint")
    flag("--epochs", type=positive, help="length of the run, in place of the recipe's")
    flag("--steps", type=positive, help="end after as many steps, for a trial")
    flag(
        "--batch",
        type=positive,
        default=BATCH,
        help="images of a step; scales the rate",
    )
    flag("--lr", type=rate, help="learning rate, in the place of the recipe's")
    flag("--micro-batch", type=images_at_once, help="images at once, or auto")
    flag("--seed", type=seed, default=0, help="of all random numbers")
    flag("--device", default="cuda" if cuda else "cpu", help="cuda, cuda:1, mps or cpu")
    flag("--precision", choices=["fp32", "tf32", "bf16", "fp16"], default="fp32")
    flag("--channels-last", action=argparse.BooleanOptionalAction, default=None)
    flag("--compile", action="store_true", help="compile the network")
    flag("--workers", type=natural, default=WORKERS, help="processes that load images")
    flag(
        "--log-every", type=positive, default=50, help="steps between looks at the loss"
    )
    flag("--save-every", type=positive, default=1000, help="steps between checkpoints")
    flag("--synthetic", action="store_true", help="random images, without files")
    flag("--dry-run", action="store_true", help="print the recipe and what it needs")
    flag("--test-crops", type=int, choices=[1, 10], help="of an image in the last test")
    flag("--init-from", type=Path, help="checkpoint or weights to begin with")
    tests(parser)
    return parser.parse_args()


def tests(parser: argparse.ArgumentParser) -> None:
    """The arguments that train nothing."""
    only = parser.add_mutually_exclusive_group()
    flag = only.add_argument
    flag("--ensemble", type=Path, nargs="+", help="only test checkpoints together")
    best = "only test a checkpoint: best.pt in --out unless named"
    flag("--eval", type=Path, nargs="?", const=Path(), metavar="CKPT", help=best)
    images = "only tell the classes of images, or of all in a folder"
    flag("--predict", type=Path, nargs="+", metavar="IMAGE", help=images)
    flag = parser.add_argument
    weights = "checkpoint to predict by: best.pt in --out unless named"
    flag("--weights", type=Path, metavar="CKPT", help=weights)
    flag("--json", action="store_true", help="what --eval and --predict print")


def perform(args: argparse.Namespace, process: Process) -> int:
    """Does what the arguments ask for; returns the exit status."""
    if args.dry_run:
        describe(args, process)
    elif args.ensemble:
        ensemble(args, process)
    elif args.eval:
        evaluate(args, process)
    elif args.predict:
        return predict(args, process)
    else:
        return train(args, process)
    return 0


def reason_of(error: Exception, args: argparse.Namespace) -> str | None:
    """What went wrong, in a sentence; None where only the traceback can say it."""
    packages = {"sklearn": "scikit-learn", "scipy": "scipy"}
    packages |= {"torchvision": "torchvision", "PIL": "pillow"}
    if isinstance(error, ModuleNotFoundError) and error.name in packages:
        package = packages[error.name]
        return f"the data need {package}: install it, or train on --synthetic images"
    if is_out_of_memory(error):
        return out_of_memory(args)
    if "torchvision::" in str(error):
        version = torch.__version__
        return f"torchvision lacks its operators: install the one for torch {version}"
    if isinstance(error, OSError) and error.strerror:
        place = f"{error.filename}: " if error.filename else ""
        return f"{place}{error.strerror}"
    return None


def out_of_memory(args: argparse.Namespace) -> str:
    """What to do where the memory is at an end."""
    images = args.micro_batch
    if not images or images == 1:
        return "out of memory, and one image at once is the least: see --precision"
    return (
        f"out of memory with {images} images at once: give --micro-batch "
        f"{images // 2}, or --micro-batch auto, which tries how many fit"
    )


def main() -> int:
    """The program, and the sentences of what it cannot do; returns the exit status."""
    args = parse_arguments()
    process = join(args)
    try:
        status = perform(args, process)
    except Exception as error:
        message = reason_of(error, args)
        if message is None:
            raise
        raise SystemExit(message) from None
    finally:
        end_workers()
    if process.world > 1:
        dist.destroy_process_group()
    return status


if __name__ == "__main__":
    sys.exit(main())
