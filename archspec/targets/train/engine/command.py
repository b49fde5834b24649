"""The command line of a program."""

from __future__ import annotations

import argparse
import math
from pathlib import Path

import torch
import torch.distributed as dist

from archspec.targets.train.engine.data import NoImageError, end_workers
from archspec.targets.train.engine.learner import length
from archspec.targets.train.engine.predicting import predict
from archspec.targets.train.engine.processes import (
    Process,
    images_that_fit,
    is_out_of_memory,
    join,
)
from archspec.targets.train.engine.recipe import (
    BATCH,
    MULT_ADDS,
    NAME,
    PARAMETERS,
    RATE,
    TRAINING_IMAGES,
    WORKERS,
)
from archspec.targets.train.engine.scoring import ensemble, evaluate
from archspec.targets.train.engine.training import train


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
    # if files
    flag("--bad-images", choices=["stop", "skip"], default="stop", help="unreadable")
    # end
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
    # if files
    if isinstance(error, NoImageError):  # in a loader's worker, behind its traceback
        return str(error).rpartition("NoImageError: ")[2].strip()
    # end
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
