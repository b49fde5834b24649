"""Predictions: the classes of single images."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from archspec.targets.train.engine.data import open_images
from archspec.targets.train.engine.evaluation import probabilities
from archspec.targets.train.engine.naming import mean_image, printable
from archspec.targets.train.engine.processes import Process
from archspec.targets.train.engine.recipe import (
    CLASSES,
    IMAGE_SIZE,
    INPUT,
    test_views,
    values_of,
)
from archspec.targets.train.engine.scoring import best_of, model_of
from archspec.targets.train.engine.weights import Found, read_weights

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
    # if centred
    mean = (
        found.mean
        if found.mean is not None
        else mean_image(open_images(args, process)[0])
    )
    # end

    def opened(path: Path) -> Any:
        picture: Any = picture_of(path)
        # if tensors
        size = picture.height, picture.width, -1
        numbers = torch.frombuffer(bytearray(picture.tobytes()), dtype=torch.uint8)
        picture = numbers.view(size).permute(2, 0, 1) / 255
        # end
        # if centred
        picture = values_of(picture)
        return picture if mean is None else picture - mean
        # else
        # return picture
        # end

    return opened


def picture_of(path: Path) -> Any:
    # if sized
    """A picture from a file, with as many channels and pixels as the network takes."""
    from PIL import Image, ImageOps

    # else
    # """A picture from a file, opened and not decoded, as those of the data set are."""
    # from PIL import Image
    #
    # end
    if path.is_dir():
        raise OSError("there are no images in this folder")
    if path.is_fifo():
        raise OSError("it is a pipe, and not a file")
    # if sized
    with Image.open(path) as file:
        picture = file.convert("L" if INPUT[0] == 1 else "RGB")
    height, width = IMAGE_SIZE
    return ImageOps.fit(picture, (width, height))
    # else
    # return Image.open(path)
    # end
