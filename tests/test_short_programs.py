"""Short training programs: what they say, how long they are, and that they take the steps of the full ones."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import expert
import pytest
from commands import Run, runner
from networks import family
from programs import Program, events, one_worker
from recipe_programs import FAMILY, PLAIN, SPECS, parts_of, program, short_program, spec, wild
from recipe_programs import _compiled as checked
from test_recipe_pieces import TOOLS
from test_training_programs import WITH_HEADS, assert_expert, compiled, write_programs
from torchvision_shim import torchvision

from archspec import load, loads
from archspec.compiled import Compiled
from archspec.recipe import SETTINGS
from archspec.recipe.data import data_of
from archspec.recipe.normalisations import by_position

run = pytest.fixture(runner)
ROOT = Path(__file__).parent.parent
LONGEST = 199
"""No program has as many lines; those with the longest recipes have colours, plateaus and ten crops."""
MOST = ("alexnet", "digits", "goyal", "heads", "mobilenet", "resnet")
"""Between them they have every piece of the loop."""


@cache
def corpus() -> tuple[Compiled, ...]:
    """A network for each recipe that is written in a spec."""
    found: dict[str, Compiled] = {}
    for path in sorted((ROOT / "specs").glob("*.arch")):
        if re.search("^train$", path.read_text("utf-8"), re.MULTILINE):
            for each in family(f"specs/{path.name}"):
                assert each.network.recipe is not None
                key = repr({name: each.network.recipe.parts(name) for name in SETTINGS})
                found.setdefault(f"{path.name} {key}", each)
    return tuple(found.values())


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with programs, each of a network of its own name."""
    return write_programs(tmp_path_factory.mktemp("short"), short=True)


@pytest.mark.parametrize("tool", TOOLS)
@expert.one_worker
def test_programs_pass_the_tools_of_an_expert(tool: Sequence[str], written: Path) -> None:
    assert_expert(tool, written, MOST)


@pytest.mark.parametrize("tool", [tool for tool in TOOLS if tool.values[0] is not expert.MYPY])
def test_every_recipe_of_the_corpus_has_a_short_program(tool: Sequence[str], tmp_path: Path) -> None:
    for index, each in enumerate(corpus()):
        text = each.training(short=True)
        assert len(text.splitlines()) <= LONGEST, each.name
        (tmp_path / f"train_{index}.py").write_text(text, "utf-8")
    expert.assert_passes(tool, *(path.name for path in tmp_path.glob("*.py")), folder=tmp_path)


@pytest.mark.parametrize(
    ("name", "variant", "most"), [("digits", None, 150), ("wrn", None, 170), ("vgg", "D", 199), ("resnet", "50", 185)]
)
def test_a_program_is_short(name: str, variant: str | None, most: int) -> None:
    found = load(ROOT / "specs" / f"{name}.arch", variant)
    assert len(found.training(short=True).splitlines()) <= most
    assert found.training(short=True) == load(ROOT / "specs" / f"{name}.arch", variant).training(short=True)


def said(found: Compiled) -> str:
    """The docstring of a short program on one line."""
    return " ".join((ast.get_docstring(ast.parse(found.training(short=True))) or "").split())


def test_a_program_says_the_recipe_and_what_it_has_not() -> None:
    digits, vgg = said(load(ROOT / "specs" / "digits.arch")), said(load(ROOT / "specs" / "vgg.arch", "D"))
    assert "lr 0.001, cosine" in digits
    assert "test (one central crop)" in digits
    assert "checkpoints and --resume" in digits
    assert "Simplified" not in digits
    assert "test resize 256, 384, 512; dense; flip (section 3.2, Tables 3 and 4)" in vgg
    assert "Simplified: no layers are taken from another network, and all are drawn; test images are seen by" in vgg
    assert "The paper reports an error of 24.8 % (Tables 3 and 4)." in vgg
    assert "one model is trained and tested, and no ensemble" in said(compiled(SPECS["vgg"]))


def test_text_of_a_recipe_stays_text() -> None:
    hostile = 'one; "" """ + exit() + """; \\; nothing'
    assert f"left out {hostile} (section 3)" in said(compiled(spec(left_out=hostile)))


EQUAL = {
    "least": SPECS["least"],
    "lars": SPECS["lars"],
    "heads": WITH_HEADS,
    "plain": spec(
        FAMILY,
        clip="norm 1.0",
        average="ema 0.9",
        lr="0.05, divide by 10 on plateau, patience=1, times=3",
        optimizer="sgd, momentum=0.9, weight_decay=1e-3, bias_lr=2, no bias decay",
        batch="31",
        epochs="3",
        init="xavier, bias=0.1",
        label_smoothing="0.1",
    ),
    "warm": spec(lr="0.1; cosine; warm-up 3 iterations", optimizer="adamw, weight_decay=0.05", epochs="1", batch="60"),
}


@pytest.mark.torch
@pytest.mark.programs
@one_worker
@pytest.mark.parametrize("name", EQUAL)
def test_the_steps_are_those_of_the_full_program(name: str, tmp_path: Path) -> None:
    options = {"device": "cpu", "seed": "3"} | ({} if name in ("plain", "warm") else {"epochs": "1"})
    full, short = pair(compiled(EQUAL[name]), tmp_path)
    assert_same(full, short, options)
    if name == "plain":  # the full program takes the weights of the short one
        done = full.run("--ensemble", str(short.folder / "out" / "weights.pt"), device="cpu", out="taken")
        assert events(full.folder / "taken")[-1]["top1"] == events(full.folder / "out")[-1]["top1"], done.err


SMALL = "\n| conv3-4, /2; relu |\n| global-avgpool |\n| fc classes |\n"


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten images to train on and ten held out, of noise that is dark or light."""
    torchvision()
    image = pytest.importorskip("PIL.Image")
    root = tmp_path_factory.mktemp("images")
    for part in ("train", "val"):
        for shade, name in ((60, "dark"), (200, "light")):
            (root / part / name).mkdir(parents=True)
            for index in range(5):
                noise = image.effect_noise((31 + index, 33), 90)
                image.blend(noise, image.new("L", noise.size, shade), 0.5).convert("RGB").save(
                    root / part / name / f"{index}.png"
                )
    return root


@pytest.mark.torch
@pytest.mark.programs
@pytest.mark.witnesses
@one_worker
@pytest.mark.parametrize(
    "rows",
    [
        {"test": "resize 20; 10 crops", "augment": "random-resized-crop 16; flip; color-jitter 0.4"},
        {"test": "resize 20, 24; crop 16; flip", "augment": "resize 20..24; crop 16; cutout 4; flip"},
        {"test": "resize 18; flip", "augment": "crop 16", "normalize": "mean, range=255", "lr": "1e-5"},
        {"data": "imagenet", "augment": "crop 16; pca 0.1", "lr": "0.05, divide by 10 on plateau, patience=1, times=1"},
        {},
    ],
    ids=["ten", "scales", "mirrored", "colours", "none"],
)
def test_images_in_folders_are_seen_as_the_full_program_sees_them(
    rows: dict[str, str], images: Path, tmp_path: Path
) -> None:
    given = {"data": "folder", "lr": "0.05", "batch": "4", "epochs": "4"}
    classes = 1000 if "data" in rows else 2
    full, short = pair(loads(spec(SMALL, "16x16x3", classes, **given | rows), classes=2), tmp_path)
    scaled = "resize" in rows.get("augment", "")  # whose pixels differ by rounding, and at the border of a part
    assert_same(full, short, {"device": "cpu", "data": str(images)}, ["--workers", "0"], 2e-3 if scaled else 0.0)


@pytest.mark.torch
@pytest.mark.programs
@pytest.mark.witnesses
@one_worker
def test_a_set_that_is_smaller_than_a_batch_is_a_sentence(images: Path, tmp_path: Path) -> None:
    short = Program(loads(spec(SMALL, "16x16x3", 2, data="folder", batch="11")), tmp_path / "short", short=True)
    done = short.run(device="cpu", data=str(images))
    assert done.code == 1
    assert done.err.strip() == "10 images are less than a batch of 11"


TEN = "resize 300, 310; 10 crops"
LOOKS = {name: text for name, text in SPECS.items() if "random-resized-crop" not in text and "dense" not in text}
LOOKS |= {f"wild{seed}": wild(seed) for seed in (2, 14, 19, 24, 36, 40, 46, 49, 53, 57)}
LOOKS |= {
    "ten": spec(PLAIN, "224x224x3", 1000, data="imagenet", augment="crop 224; pca 0.1; pad 4; crop 224", test=TEN),
    "smaller": spec(input="28x28x3", data="cifar10"),
    "ten_of_tensors": spec(normalize="per-pixel mean", test="resize 9, 10; 10 crops"),
}


@pytest.mark.torch
@pytest.mark.witnesses
@pytest.mark.parametrize("name", LOOKS)
def test_an_image_is_seen_as_the_full_program_sees_it(name: str) -> None:
    torchvision()
    import torch
    from test_recipe_images import picture, seen

    full, short, parts = program(LOOKS[name]), short_program(LOOKS[name]), parts_of(checked(LOOKS[name]))
    data, level = data_of(parts), 1 / 255 / min([*getattr(full, "STD", [1.0]), 1.0])
    assert data is not None
    height, width, channels = data.size or (300, 400, 3)
    pictures = not (by_position(parts) or data.in_tensors)
    image = picture(height, width, channels) if pictures else torch.rand(channels, height, width)

    def apart(one: Any, other: Any) -> float:
        return float((one - other).abs().max())

    most = 2.01 * level if pictures else 0.0
    torch.manual_seed(5)
    expected = seen(full, full.training_transform()(image))
    torch.manual_seed(5)
    assert apart(short.augment(image), expected) <= most
    for crops, transform in ((1, short.central), (None, getattr(short, "views", short.central))):
        views = [seen(full, view) for scale in full.test_views(crops)(image) for view in scale]
        found = transform(image)
        found = found if found.ndim == 4 else found[None]  # in another order, over which the mean is taken
        assert found.shape == (len(views), *views[0].shape)
        assert all(min(apart(view, each) for each in found) <= most for view in views)
        assert all(min(apart(view, each) for view in views) <= most for each in found)


def pair(found: Compiled, folder: Path) -> tuple[Program, Program]:
    """The full and the short program of a network."""
    return Program(found, folder / "full"), Program(found, folder / "short", short=True)


def assert_same(
    full: Program, short: Program, options: dict[str, str], more: Sequence[str] = (), within: float = 0.0
) -> None:
    """Whether both have the same weights in the end, to the bit unless said, and the same score."""
    import torch

    words = [word for name, value in options.items() for word in (f"--{name}", value)]
    whole, brief = full.run(*words, *more, out="out"), short.run(*words, out="out")
    assert (whole.code, brief.code) == (0, 0), whole.err + brief.err
    state: dict[str, Any] = torch.load(full.folder / "out" / "last.pt", weights_only=True)
    expected = state.get("average", state["model"])
    weights = torch.load(short.folder / "out" / "weights.pt", weights_only=True)
    assert weights.keys() == expected.keys()
    for name in expected:
        torch.testing.assert_close(weights[name], expected[name], rtol=0, atol=within)
    top1 = events(full.folder / "out")[-1]["top1"]
    assert brief.out.splitlines()[-1].partition(": ")[2].startswith(f"top-1 {top1:.2%} of ")


@pytest.mark.slow
@pytest.mark.torch
@pytest.mark.programs
@one_worker
@pytest.mark.parametrize("seed", ["0", "1"])
def test_a_whole_run_tells_the_digits_apart(seed: str, tmp_path: Path) -> None:
    full, short = pair(load(ROOT / "specs" / "digits.arch"), tmp_path)
    assert_same(full, short, {"device": "cpu", "seed": seed})
    assert events(full.folder / "out")[-1]["top1"] >= 0.97


@pytest.mark.parametrize(
    "words", [["--train", "short", "d.arch"], ["d.arch", "--train=short"], ["d.arch", "--tr", "short"]]
)
def test_the_commands_write_and_print_short_programs(words: list[str], run: Run) -> None:
    Path("d.arch").write_text(SPECS["least"])
    expected = compiled(SPECS["least"]).training(short=True)
    done = run("compile", *words, "-o", "out/")
    assert done.code == 0
    assert done.out.endswith("wrote out/train_small.py: `python out/train_small.py` trains it\n")
    assert Path("out/train_small.py").read_text("utf-8") == expected
    assert run("emit", *words).out == expected


@pytest.mark.parametrize(
    "words",
    [
        ["--train", "d.arch"],
        ["d.arch", "--train"],
        ["--tr", "d.arch"],
        ["--train", "full", "d.arch"],
        ["--train", "--", "d.arch"],
        ["--train", "-p", "classes=10", "d.arch"],
    ],
)
def test_the_mode_may_be_left_out_and_takes_no_spec_for_itself(words: list[str], run: Run) -> None:
    Path("d.arch").write_text(SPECS["least"])
    assert run("emit", *words).out == loads(SPECS["least"], classes=10).training()


def test_help_is_shown_whatever_stands_before_it(run: Run) -> None:
    done = run("emit", "--train", "d.arch", "--help")
    assert done.code == 0
    assert "--train [{full,short}]" in done.out


def test_a_mode_that_is_none_is_refused(run: Run) -> None:
    Path("d.arch").write_text(SPECS["least"])
    done = run("emit", "d.arch", "--train=long")
    assert done.code == 2
    assert "invalid choice: 'long'" in done.err


def test_two_specs_behind_the_option_are_both_specs(run: Run) -> None:
    for name in ("one", "two"):
        Path(f"{name}.arch").write_text(SPECS["least"].replace("network small", f"network {name}"))
    assert run("compile", "--train", "one.arch", "two.arch", "-o", "out/").code == 0
    assert {"train_one.py", "train_two.py"} <= {path.name for path in Path("out").iterdir()}
