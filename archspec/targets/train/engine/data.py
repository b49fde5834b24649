"""Data: images by keys, micro-batches, and the loaders of both sets."""

from __future__ import annotations

import argparse
import hashlib
import multiprocessing
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset, default_collate

from archspec.targets.train.engine.images import Images
from archspec.targets.train.engine.naming import printable
from archspec.targets.train.engine.processes import Process
from archspec.targets.train.engine.recipe import (
    CLASSES,
    INPUT,
    TRAINING_IMAGES,
    open_data,
)

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

    # if draws
    def drawn(self, epoch: int, index: int) -> tuple[Any, int]:
        """An image as its key has it, and its label."""

        def look(image: Any) -> Any:
            torch.default_generator.manual_seed(seed_of(self.seed, epoch, index))
            return self.transform(image)

        return look_at(self.images, index, look)

    # end
    def __getitem__(self, keys: list[tuple[int, int]]) -> tuple[list[Tensor], Tensor]:
        # if draws
        with torch.random.fork_rng(devices=[]):
            images, labels = zip(*(self.drawn(*key) for key in keys), strict=True)
        # else
        # looks = (look_at(self.images, index, self.transform) for _, index in keys)
        # images, labels = zip(*looks, strict=True)
        # end
        return stacked(images), torch.tensor(labels)


class HeldOutSet(Dataset[tuple[list[Tensor], int]]):
    """Held-out images, each as its views: V x C x H x W for each scale."""

    def __init__(self, images: Images, views: Callable[[Any], list[Tensor]]) -> None:
        self.images, self.views = images, views

    def __getitem__(self, index: int) -> tuple[list[Tensor], int]:
        return look_at(self.images, index, self.views)


def look_at(images: Images, index: int, look: Callable[[Any], Any]) -> tuple[Any, int]:
    """What a look at an image gives, and its label."""
    # if files
    if isinstance(images, Readable):
        return images.seen(index, look)
    # end
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
    # if bytes
    images = torch.randint(256, (64, *INPUT), generator=generator, dtype=torch.uint8)
    # else
    # images = torch.randn(64, *INPUT, generator=generator)
    # end
    pairs = [(image, index % CLASSES) for index, image in enumerate(images)]
    return (pairs * -(-count // 64))[:count]


def unchanged(image: Tensor) -> Tensor:
    """A synthetic image as it is."""
    return image


def only_view(image: Tensor) -> list[Tensor]:
    """A synthetic image as its only view."""
    return [image[None]]


# if files
class NoImageError(RuntimeError):
    """None of many images can be read."""


class Readable:
    """Images of files; for one that cannot be read, the next that can be stands in.

    The loader's workers share the memory in which they mark those that cannot, and that
    there are new ones among them.
    """

    def __init__(self, images: Any, labelled: bool) -> None:
        self.images, self.labelled = images, labelled
        self.bad, self.news = (
            torch.zeros(size, dtype=torch.uint8).share_memory_()  # type: ignore[no-untyped-call]
            for size in (len(images), 1)
        )

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, index: int, /) -> tuple[Any, int]:
        return self.seen(index, lambda image: image)

    def seen(self, index: int, look: Callable[[Any], Any]) -> tuple[Any, int]:
        """What a look at an image gives, which is when it is decoded, and its label."""
        for ahead in range(100):
            place = (index + ahead) % len(self)
            if self.bad[place]:
                continue
            try:
                image, label = self.read(place)
                found = look(image)
            except Exception as error:  # whatever Pillow and its plugins raise
                if isinstance(error, ImportError) or self.is_whole(place):
                    raise
                self.bad[place] = 1
                self.news[0] = 1
                path = printable(self.path(place))
                print(f"{path} cannot be read: {error!r}", file=sys.stderr)
            else:
                return found, label if ahead == 0 or self.labelled else -1
        raise NoImageError(f"none of 100 images from {self.path(index)} on can be read")

    def read(self, index: int) -> tuple[Any, int]:
        """An image and its label; a pipe would be waited for without end."""
        if Path(self.path(index)).is_fifo():
            raise OSError("it is a pipe, and not a file")
        image, label = self.images[index]
        return image, label

    def is_whole(self, index: int) -> bool:
        """Whether an image can be decoded, so that the look at it failed by itself."""
        with suppress(Exception):
            self.read(index)[0].load()
            return True
        return False

    def path(self, index: int) -> str:
        """The file of an image."""
        return str(self.images.path(index))


def unreadable(images: Images, args: argparse.Namespace, process: Process) -> list[str]:
    """The files that any process could not read and that are new, in their order.

    Stops at them unless told to skip. Processes send a number unless there are some.
    """
    if not isinstance(images, Readable) or not process.highest(images.news.clone()):
        return []
    images.news.zero_()  # and then look, so that a later one is seen the next time
    mine = images.bad.nonzero().flatten()
    most = int(process.highest(torch.tensor(len(mine))))
    found = torch.full((process.world, most), -1)
    found[process.rank, : len(mine)] = mine
    bad = sorted({*process.highest(found).flatten().tolist()} - {-1})
    paths = [images.path(index) for index in bad]
    if paths and args.bad_images == "stop":
        raise SystemExit(
            f"{printable(str(paths[0]))} cannot be read; "
            "--bad-images skip leaves such images out"
        )
    return paths


# end
def open_images(args: argparse.Namespace, process: Process) -> tuple[Images, Images]:
    """The training and the held-out images; synthetic ones need no files."""
    if args.synthetic:
        return synthetic(TRAINING_IMAGES), synthetic(min(64, args.batch))
    # if files
    for first in (True, False):  # process of a host, which writes what others find
        with process.together():
            if first == (process.local_rank == 0):
                training, held_out = open_data(args.data)
    return Readable(training, labelled=True), Readable(held_out, labelled=False)
    # else
    # return open_data(args.data)
    # end


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
