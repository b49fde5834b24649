"""The pieces of recipes for the tests: specs with a recipe each, their source, and that source as a module."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from random import Random
from types import ModuleType
from typing import TYPE_CHECKING, Any

from archspec import ArchError, loads
from archspec.compiled import Compiled
from archspec.recipe.facts import Facts
from archspec.recipe.part import Parts
from archspec.targets.torch.facts import facts_of
from archspec.targets.torch.view import view_of
from archspec.targets.train.pieces import Pieces, pieces_of
from archspec.targets.train.text import Origin, import_lines

if TYPE_CHECKING:
    from torch import nn

RESIDUAL = """
every conv: conv no bias; bn; relu

block basic(c) = add of
| residual | conv 3x3, c; conv 3x3, c, no relu |
| shortcut | identity                          |
then relu

| layer | op                  |
|-------|---------------------|
| conv1 | conv3-8             |
| conv2 | basic 8 x 2         |
| depth | dwconv 3x3; bn; relu |
| pool  | global-avgpool      |
| fc    | fc classes          |
"""
PLAIN = """
every conv: conv; relu

| layer | op                          |
|-------|-----------------------------|
| conv1 | conv3-4; maxpool            |
| conv2 | conv3-6 x 2; maxpool        |
| fc6   | fc 12; relu; dropout        |
| fc7   | fc 10; relu; fc 9; relu     |
| fc8   | fc classes                  |
| prob  | soft-max                    |
"""
FAMILY = """variants A, B
every conv: conv; relu

| layer | A               | B                   |
|-------|-----------------|---------------------|
| conv1 | conv3-4; maxpool                      |
| conv2 | conv3-6         | conv3-6 x 2         |
| pool2 | maxpool                               |
| fc6   | fc 12; relu; dropout                  |
| fc7   | fc 10; relu; fc 9; relu               |
| fc8   | fc classes                            |
| prob  | soft-max                              |
"""
LEAST = {"data": "digits", "optimizer": "sgd", "lr": "0.1", "batch": "8", "epochs": "100"}


def spec(body: str = RESIDUAL, input: str = "8x8x1", classes: int = 10, **rows: str) -> str:
    """A network with the least recipe and these rows; underscores in names of settings are blanks."""
    said = LEAST | {name.replace("_", " "): value for name, value in rows.items()}
    if "iterations" in rows:
        del said["epochs"]
    table = "".join(f"| {name} | {value} | section 3 |\n" for name, value in said.items())
    head = f"network small(classes={classes})\ninput {input}\n"
    return f"{head}{body}\ntrain\n| setting | value | source |\n|---|---|---|\n{table}"


IMAGENET = {"data": "imagenet", "batch": "256", "lr": "0.01, divide by 10 on plateau, times=3"}
SPECS = {
    "least": spec(),
    "enlarged": spec(input="32x32x1", test="10 crops"),
    "vgg": spec(
        FAMILY,
        "224x224x3",
        1000,
        **IMAGENET,
        optimizer="sgd, momentum=0.9, weight_decay=5e-4, no bias decay, no norm decay, no depthwise decay",
        init="from A, conv=4, fc=3; normal 0.01",
        augment="resize 256..512; crop 224; flip; pca 0.1",
        normalize="mean, range=255",
        test="resize 224, 256, 288; dense; flip",
        ensemble="7 models",
        paper_error="24.8",
        label_smoothing="0.1",
    ),
    "alexnet": spec(
        PLAIN,
        "224x224x3",
        1000,
        **IMAGENET,
        init="normal 0.01; bias 1 in conv2, fc6; bias 0.5 in fc8",
        augment="resize 256; crop 224; flip",
        test="resize 256; 10 crops",
    ),
    "goyal": spec(
        input="224x224x3",
        classes=1000,
        **IMAGENET
        | {"lr": "0.1; divide by 10 at 30, 60, 80 epochs; warm-up 5 epochs, start=0.01", "optimizer": "lars"},
        init="he fan-out; zero last norm",
        augment="random-resized-crop 224; flip; color-jitter 0.4",
        test="resize 256; crop 224; flip",
    ),
    "lars": spec(
        optimizer="lars, weight_decay=1e-4, no norm decay, trust=0.02, bias_lr=2", init="xavier normal, bias=0.1"
    ),
    "mobilenet": spec(
        data="folder, train_images=5000",
        classes=7,
        input="160x96x3",
        optimizer="rmsprop, decay=0.9, momentum=0.9, eps=1, weight_decay=4e-5, no depthwise decay, no bias decay",
        clip="norm 2.0",
        average="ema 0.9999",
        left_out="distortions of (some) kinds; 50 replicas",
        lr="0.045; multiply by 0.94 every 2 epochs",
    ),
    "resnet": spec(
        data="cifar10",
        input="32x32x3",
        optimizer="sgd, momentum=0.9, nesterov, weight_decay=1e-4",
        lr="0.1, divide by 10 at 32k, 48k iterations; warm-up 400 iterations at 0.01",
        iterations="64k",
        init="he",
        augment="pad 4; crop 32; flip; cutout 16",
        normalize="per-pixel mean",
        test="crop 32",
    ),
    "raised": spec(
        data="cifar100",
        input="32x32x3",
        classes=100,
        optimizer="adamw, beta1=0.8, weight_decay=0.05, no norm decay",
        lr="0.001; cosine, to=1e-5; warm-up 10 epochs",
        augment="color-jitter 0.2; resize 40; crop 32; flip",
        test="resize 40, 36; crop 32",
        normalize="mean 0.5 std 0.25",
    ),
    "svhn": spec(
        data="svhn",
        input="32x32x3",
        optimizer="adam, eps=0.1",
        lr="0.01; polynomial 0.5",
        normalize="per-pixel mean, range=255",
        init="xavier",
    ),
    "mnist": spec(
        data="mnist",
        input="28x28x1",
        lr="0.01; divide by 2 every 10 epochs; multiply by 0.9 every 5k iterations",
        augment="pad 2; crop 28",
        normalize="mean 0.5",
    ),
    "digits": spec(augment="resize 10; crop 8; cutout 3", test="resize 9; flip", normalize="per-pixel mean", init="he"),
}


def compiled(name: str, /) -> Compiled:
    return _compiled(SPECS[name])


@cache
def _compiled(text: str) -> Compiled:
    return loads(text, "B" if "variants" in text else None).checked()


def parts_of(found: Compiled) -> Parts:
    recipe = found.network.recipe
    assert recipe is not None
    return {setting: recipe.parts(setting) for setting in recipe.settings}


def facts(found: Compiled) -> Facts:
    view = view_of(found.network, found.inferred, found.totals)
    return facts_of(found.network, found.inferred, view.network, view.residuals)


def pieces(found: Compiled) -> Pieces:
    recipe = found.network.recipe
    assert recipe is not None
    origins = {name: Origin(row.text, row.source) for name, row in recipe.settings.items()}
    return pieces_of(parts_of(found), facts(found), origins)


def source(found: Compiled, module: str = "small") -> str:
    """The pieces as a file of their own."""
    made = pieces(found)
    model = [f"from {module} import {', '.join(made.from_model)}"] if made.from_model else []
    imports = import_lines(made.source)
    gap = "\n\n" if next(iter(made.definitions)).isupper() else "\n\n\n"
    return "\n".join([*imports, *[""] * bool(model), *model]) + gap + made.source


def program(text: str) -> Any:
    """The pieces of a spec as a module, with the function of its network as ``.network``."""
    return _program(text)


def short_program(text: str) -> Any:
    """The short program of a spec as a module, which trains nothing yet."""
    found = _compiled(text)
    with _importable(_module("small", found.source())), _importable(_module("small_B", found.source())):
        return _module("short", found.training(short=True))


@cache
def _program(text: str) -> ModuleType:
    found = _compiled(text)
    small = _module("small", found.source())
    with _importable(small):
        made = _module(f"pieces_{len(sys.modules)}", source(found))
    made.__dict__["network"] = next(v for n, v in vars(small).items() if n in ("small", "small_B"))
    sys.modules[made.__name__] = made  # so that its classes can be pickled
    return made


def _module(name: str, text: str) -> ModuleType:
    module = ModuleType(name)
    exec(compile(text, f"{name}.py", "exec"), module.__dict__)
    return module


@contextmanager
def _importable(module: ModuleType) -> Iterator[None]:
    before = sys.modules.get(module.__name__)
    sys.modules[module.__name__] = module
    try:
        yield
    finally:
        if before is None:
            del sys.modules[module.__name__]
        else:
            sys.modules[module.__name__] = before


def model(text: str) -> nn.Module:
    made: nn.Module = program(text).network()
    return made


def written(folder: Path, specs: Mapping[str, str]) -> list[Path]:
    """The sources of specs in files of their own, each beside its network's module."""
    paths = []
    for name, text in specs.items():
        found = _compiled(text)
        (folder / f"{name}_net.py").write_text(found.source(), "utf-8")
        path = folder / f"{name}_pieces.py"
        path.write_text(source(found, f"{name}_net"), "utf-8")
        paths.append(path)
    return paths


DATA = [("cifar10", "32x32x3", 10), ("mnist", "28x28x1", 10), ("digits", "8x8x1", 10), ("svhn", "64x64x3", 10)]
OPTIMIZERS = ["sgd", "sgd, momentum=0.9123456789012345, nesterov", "adam, beta1=0.123456789012345678", "adamw", "lars"]
OPTIMIZERS += ["rmsprop, decay=0.9, eps=0.001", "lars, trust=0.0001234567890123456789", "adam, eps=1e-300"]
DECAY = [
    "weight_decay=0.000123456789012345678",
    "bias_lr=(10/3)",
    "no bias decay",
    "no norm decay",
    "no depthwise decay",
]
RATES = ["0.1", "(1/3)", "1e-300", "123456789.123456789"]
SCHEDULES = ["cosine", "cosine, to=(1/70000000000)", "polynomial (1/3), to=0.00001234567891234", "polynomial 1"]
SCHEDULES += [f"divide by (10/3) at {', '.join(str(n + 0.123456789) for n in range(1, m))} epochs" for m in (2, 9, 40)]
SCHEDULES += ["multiply by (1/3) every (1/3) epochs", "divide by 2 every 1 epoch", "divide by 1.5 every 7 iterations"]
SCHEDULES += ["divide by (10/7) on plateau, patience=17, times=123"]
WARM_UPS = ["warm-up (10/3) epochs", "warm-up 10 iterations at (1/3)", "warm-up (10/3) epochs, start=(1/30000000)"]
INITS = ["normal (1/3), bias=(1/7)", "he", "he fan-out, bias=(0 - 1/7)", "xavier normal", "zero last norm"]
INITS += ["bias (1/3) in conv1, conv2, depth, fc, conv1, conv2, depth, fc, conv1, conv2, depth, fc", "bias 1 in fc"]
SIZED = [
    "crop {0}",
    "resize {0}..600; crop {0}",
    "random-resized-crop {0}, area=0.1234567..0.91234567891, ratio=0.3..3.1",
]
NORMALIZE = [
    "mean",
    "mean and std",
    "per-pixel mean",
    "mean (1/3) std (1/7)",
    "mean, range=255",
    "mean (1/3), range=(10/3)",
]
TESTS = ["resize 300", "resize " + ", ".join(str(n) for n in range(300, 340)), "flip"]
LOOKS = ["10 crops", "dense", "crop {0}"]


def wild(seed: int) -> str:
    """Any recipe that fits its network, with numbers that are long to write."""
    random = Random(seed)
    while True:
        text = _drawn(random)
        with suppress(ArchError):
            _compiled(text)
            return text


def _drawn(random: Random) -> str:

    def some(*values: str) -> list[str]:
        return [value for value in values if random.random() < 0.5]

    data, size, classes = random.choice(DATA)
    side = size.split("x")[0]
    init = [*some(random.choice(INITS[:4])), *some(*INITS[4:])]
    colours = [] if random.random() < 0.5 else ["color-jitter 0.3"]
    augment = [*colours, random.choice(SIZED), *some("flip"), *some("pad 3; crop {0}"), *some("cutout 3")]
    normalize = random.choice([each for each in NORMALIZE if not colours or "per-pixel" not in each])
    rows = {
        "lr": "; ".join([random.choice(RATES), random.choice(SCHEDULES), *some(random.choice(WARM_UPS))]),
        "optimizer": ", ".join([random.choice(OPTIMIZERS), *some(*DECAY)]),
        "init": "; ".join(init),
        "augment": "; ".join(some("; ".join(augment))),
        "normalize": normalize,
        "test": "; ".join([*some(random.choice(TESTS[:2])), *some(TESTS[2]), *some(random.choice(LOOKS))]),
        "data": data,
    }
    return spec(RESIDUAL, size, classes, **{name: text.format(side) for name, text in rows.items() if text})
