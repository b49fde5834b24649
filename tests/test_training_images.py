"""Training programs on image files: what lies where it should, what cannot be read, and what is missing."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from programs import Program, events
from torchvision_shim import torchvision

from archspec import loads

pytestmark = [pytest.mark.torch, pytest.mark.programs, pytest.mark.witnesses]

SPEC = """
network small(classes=2)
input 16x16x3

| conv3-4, /2; relu |
| global-avgpool    |
| fc classes        |

train
| setting   | value                                   |
|-----------|-----------------------------------------|
| data      | folder                                  |
| optimizer | sgd, momentum=0.9                       |
| lr        | 0.05, divide by 10 on plateau, patience=1 |
| batch     | 4                                       |
| epochs    | 3                                       |
| augment   | random-resized-crop 12; flip            |
| test      | resize 20; crop 16                      |
"""


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Program:
    """A program with a folder of images beside it: twelve to train on and six held out, each a colour and noise."""
    torchvision()
    image = pytest.importorskip("PIL.Image")
    made = Program(loads(SPEC), tmp_path_factory.mktemp("images") / "small")
    for part, count in (("train", 6), ("val", 3)):
        for shade, name in ((60, "dark"), (200, "light")):
            folder = made.folder / "data" / part / name
            folder.mkdir(parents=True)
            for index in range(count):
                image.new("RGB", (24 + index, 20), (shade, shade + index, shade)).save(folder / f"{index}.png")
    return made


def spoil(path: Path) -> bytes:
    """Cut a file in the middle; returns what it was."""
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    return whole


def test_images_in_folders_are_trained_on(program: Program) -> None:
    done = program.run(out="good", workers="0")
    assert done.code == 0, done.err
    last = events(program.folder / "good")[-1]
    assert (last["event"], last["epochs"], last["images"]) == ("done", 3, 6)


@pytest.mark.parametrize("workers", ["0", "1"])
def test_an_image_that_cannot_be_read_is_named_and_stops_the_run_or_is_skipped(program: Program, workers: str) -> None:
    paths = [program.folder / "data" / part / "light" / "1.png" for part in ("train", "val")]
    whole = [spoil(path) for path in paths]
    stopped = program.run(out=f"stopped{workers}", workers=workers)
    skipped = program.run(out=f"skipped{workers}", workers=workers, bad_images="skip")
    for path, data in zip(paths, whole, strict=True):
        path.write_bytes(data)
    assert stopped.code == 1
    assert stopped.err.strip().splitlines()[-1].startswith("data/train/light/1.png cannot be read")
    assert not (program.folder / f"stopped{workers}" / "last.pt").exists()
    assert "Traceback" not in stopped.err
    assert skipped.code == 0, skipped.err
    log = events(program.folder / f"skipped{workers}")
    named = [event["image"] for event in log if event["event"] == "unreadable"]
    assert named == ["data/train/light/1.png", "data/val/light/1.png"]  # once each, in three epochs
    assert log[-1]["images"] == 5  # of six held-out images


def test_a_pipe_and_an_image_that_is_too_large_are_named_and_skipped(program: Program) -> None:
    image = pytest.importorskip("PIL.Image")
    pipe, large = (program.folder / "data" / "train" / "dark" / name for name in ("pipe.png", "large.png"))
    os.mkfifo(pipe)
    image.new("1", (20_000, 10_000)).save(large)  # of more pixels than Pillow opens
    try:
        done = program.run(out="odd", workers="1", bad_images="skip", epochs="1")
    finally:
        pipe.unlink()
        large.unlink()
    assert done.code == 0, done.err
    named = {event["image"] for event in events(program.folder / "odd") if event["event"] == "unreadable"}
    assert named == {"data/train/dark/pipe.png", "data/train/dark/large.png"}
    assert "it is a pipe" in done.err
    assert "DecompressionBombError" in done.err


def test_what_is_missing_is_named(program: Program) -> None:
    done = program.run(data="nowhere", out="missing")
    assert done.code == 1
    assert "nowhere/train" in done.err
    assert "--synthetic" in done.err
    assert "Traceback" not in done.err


def test_a_program_that_fails_does_not_wait_for_the_workers_of_its_loaders(program: Program) -> None:
    whole = program.path.read_text("utf-8")
    program.path.write_text(whole.replace("self.optimizer.zero_grad()", "raise ValueError"), "utf-8")
    try:
        done = program.run(out="failed", workers="1")
    finally:
        program.path.write_text(whole, "utf-8")
    assert done.code == 1
    assert done.err.strip().endswith("ValueError")
