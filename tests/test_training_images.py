"""Training programs on image files: what lies where it should, what cannot be read, and what is missing."""

from __future__ import annotations

import json
import os
import runpy
import sys
from pathlib import Path

import pytest
from image_sets import write_cifar
from programs import Program, events
from recipe_programs import spec
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


def coloured(path: Path, shade: int, size: tuple[int, int] = (40, 30), mode: str = "RGB") -> str:
    """An image of one shade; returns its path."""
    pytest.importorskip("PIL.Image").new(mode, size, (shade,) * len(mode)).save(path)
    return str(path)


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


def test_a_trained_program_tests_and_predicts(program: Program, tmp_path: Path) -> None:
    assert program.run(out="used", workers="0", seed="3").code == 0
    last = events(program.folder / "used")[-1]
    tested = program.run("--eval", out="used", workers="0")
    assert tested.code == 0, tested.err
    assert tested.out.startswith("used/best.pt: top-1 ")
    assert tested.out.splitlines()[0].endswith(" of 6 images")
    alone = program.run("--eval", "used/last.pt", out="elsewhere", workers="0")
    assert f"top-1 {last['top1']:.2%}" in alone.out
    assert not (program.folder / "elsewhere").exists()
    odd = [coloured(tmp_path / "grey.png", 61, mode="L"), coloured(tmp_path / "a.tif", 201, (9, 300), "RGBA")]
    (tmp_path / "broken.jpg").write_bytes(b"no image")
    done = program.run("--predict", *odd, str(tmp_path / "broken.jpg"), "data/val", out="used")
    assert done.code == 1
    assert (
        done.err.strip() == f"{tmp_path}/broken.jpg cannot be read: cannot identify image file '{tmp_path}/broken.jpg'"
    )
    lines = done.out.splitlines()
    assert lines[::3] == [*odd, *(f"data/val/{name}/{index}.png" for name in ("dark", "light") for index in range(3))]
    assert {line.split("  ")[-1] for line in (*lines[1::3], *lines[2::3])} == {"dark", "light"}
    first = [line.split("  ")[-1] for line in lines[1::3]]
    right = [first[place] == line.split("/")[2] for place, line in enumerate(lines[::3]) if place > 1]
    assert sum(right) / 6 == pytest.approx(float(tested.out.split("top-1 ")[1].split("%")[0]) / 100, abs=1e-3)


def test_a_large_jpeg_is_predicted_as_the_test_sees_it(
    program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    image = pytest.importorskip("PIL.Image")
    path = tmp_path / "large.jpg"
    image.effect_noise((210, 180), 90).convert("RGB").save(path)  # which is decoded at a quarter
    assert program.run(out="seen", workers="0", epochs="1").code == 0
    told = program.run("--predict", str(path), "--json", out="seen")
    assert told.code == 0, told.err
    monkeypatch.syspath_prepend(program.folder)
    monkeypatch.delitem(sys.modules, "small", raising=False)
    made = runpy.run_path(str(program.path))
    monkeypatch.delitem(sys.modules, "small")
    model = made["architecture"].small().eval()
    model.load_state_dict(torch.load(program.folder / "seen" / "best.pt", weights_only=True)["model"])
    (views,) = made["test_views"](None)(image.open(path))
    expected = model(made["normalise"](views)).softmax(1)[0].tolist()
    found = {each["class"]: each["probability"] for each in json.loads(told.out)[0]["classes"]}
    assert [found["dark"], found["light"]] == pytest.approx(expected, abs=1e-6)


def test_a_network_for_other_classes_begins_with_trained_weights(program: Program) -> None:
    assert program.run(out="first", workers="0", epochs="1").code == 0
    more = Program(
        loads(SPEC.replace("data      | folder ", "data      | imagenet"), classes=3), program.folder.parent / "more"
    )
    for part in ("train", "val"):
        for shade, name in ((40, "caf\u00e9"), (90, "b b"), (200, "c")):
            folder = more.folder / "data" / part / name
            folder.mkdir(parents=True)
            for index in range(4):
                coloured(folder / f"{index}.png", shade + index)
    start = str(program.folder / "first" / "best.pt")
    done = more.run("--init-from", start, out="tuned", workers="0", epochs="1", lr="0.001")
    assert done.code == 0, done.err
    assert "initialised: fc1.1, as there are 3 classes and not 2" in done.out
    assert f"from {start}: 1 layer\n" in done.out
    assert "learning rate 0.001, and not the recipe's 0.05" in done.out
    told = more.run("--predict", "data/val/c/0.png", out="tuned")
    assert {line.split("  ")[-1] for line in told.out.splitlines()[1:]} == {"caf\u00e9", "b b", "c"}
    wrong = more.run(data=str(program.folder / "data"), out="wrong", workers="0")
    assert wrong.code == 1
    assert wrong.err.strip().endswith("has 2 classes, and the network 3: compile it with -p classes=2")
    other = more.run("--eval", start, workers="0")
    assert other.code == 1
    assert "size mismatch: fc1" in other.err


def test_the_mean_image_of_training_is_in_the_checkpoint(tmp_path: Path) -> None:
    torchvision()
    text = spec(data="cifar10", input="32x32x3", normalize="per-pixel mean", batch="4", epochs="2", average="ema 0.9")
    made = Program(loads(text), tmp_path / "small")
    write_cifar(made.folder, hundred=False)
    assert made.run(data=".", out="run", workers="0").code == 0
    image = coloured(tmp_path / "photo.png", 120, (200, 100))
    told = made.run("--predict", image, out="run", data="nowhere")
    assert told.code == 0, told.err
    alone = made.run("--predict", image, "--weights", "run/best.safetensors", data=".")
    assert alone.code == 0, alone.err
    assert [line.split()[0] for line in alone.out.splitlines()] == [line.split()[0] for line in told.out.splitlines()]
    lost = made.run("--predict", image, "--weights", "run/best.safetensors", data="nowhere")
    assert lost.code == 1
    assert "CIFAR-10 is not in nowhere" in lost.err


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
