"""Every recipe of the corpus runs: three optimizer steps on synthetic images, and the test of what they give.

To spare time, images have half the side where the network has the same weights for them, and the checkpoints of large
networks are not written; other tests write checkpoints.
"""

from __future__ import annotations

import re
import signal
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest
from networks import SPECS, family, param
from programs import Program, events

from archspec.analysis.cost import totals_of
from archspec.analysis.shapes import infer
from archspec.compiled import Compiled
from archspec.diagnostics import Report
from archspec.recipe import SETTINGS

pytestmark = [pytest.mark.torch, pytest.mark.programs]


def recipes(file: str) -> list[Compiled]:
    """The smallest network of a spec for each recipe that is written in it."""
    found: dict[str, Compiled] = {}
    for compiled in family(f"specs/{file}"):
        recipe = compiled.network.recipe
        assert recipe is not None
        assert not recipe.taken_over
        key = repr({name: recipe.parts(name) for name in SETTINGS})
        if key not in found or compiled.mult_adds < found[key].mult_adds:
            found[key] = compiled
    return list(found.values())


def halved(compiled: Compiled) -> tuple[int, ...]:
    """The input of half the side, C x H x W, where the network has the same weights for it; else the input."""
    height, width, channels = compiled.network.input
    half = compiled.network.replaced(input=(height // 2, width // 2, channels))
    report = Report()
    inferred = infer(half, report)
    same = not report.failed and totals_of(half, inferred, compiled.counting).params == compiled.params
    return (channels, height // 2, width // 2) if same else (channels, height, width)


@pytest.fixture
def kept_signals() -> Iterator[None]:
    """What the process does at signals, which a program changes."""
    kept = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in kept.items():
        signal.signal(number, handler)


EVERY_RUN = {
    "digits_mobilenet",
    "digits_resnet",
    "cifar_resnet",
    "mobilenet",
    "stochastic_depth",
    "se_shufflenet",
    "googlenet",
}
"""The specs whose recipes are tried in every run; between them they have heads, ten crops, photographs and
small images, every optimizer, and rates that fall by steps, by a curve and on a plateau."""

WITH_RECIPES = [path.name for path in SPECS if re.search("^train$", path.read_text("utf-8"), re.MULTILINE)]


@pytest.mark.usefixtures("kept_signals")
@pytest.mark.parametrize(
    "file", [param(file, slow=file.removesuffix(".arch") not in EVERY_RUN) for file in WITH_RECIPES]
)
def test_three_steps(file: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for index, compiled in enumerate(recipes(file)):
        three_steps(compiled, tmp_path / str(index), monkeypatch)


def three_steps(compiled: Compiled, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = Program(compiled, tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    name = made.path.stem
    options = ["--synthetic", "--steps", "3", "--batch", "2", "--device", "cpu", "--workers", "0", "--out"]
    monkeypatch.setattr(sys, "argv", [str(made.path), *options, str(tmp_path / "run")])
    try:
        program = import_module(name)
        program.__dict__["INPUT"] = halved(compiled)
        if compiled.params > 20_000_000:
            program.__dict__["write_whole"] = lambda *_: None
        assert program.main() == 0
    finally:
        for loaded in (name, name.removeprefix("train_")):
            sys.modules.pop(loaded, None)
    last = events(tmp_path / "run")[-1]
    assert (last["event"], last["step"], last["images"]) == ("done", 3, 2)


def test_the_recipes_that_the_papers_are_known_for_are_there() -> None:
    names = {file.removesuffix(".arch") for file in WITH_RECIPES}
    assert {"alexnet", "vgg", "googlenet", "resnet", "cifar_resnet", "wrn", "mobilenet", "se_resnet", "digits"} <= names
