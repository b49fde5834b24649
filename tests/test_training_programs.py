"""The text of training programs: tools of an expert pass it, and the commands that write it say what they cannot."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import expert
import pytest
from commands import Run, runner
from programs import Program
from recipe_programs import SPECS, spec
from test_recipe_pieces import TOOLS

from archspec import ArchError, load, loads
from archspec.compiled import Compiled
from archspec.ir.json import to_json

run = pytest.fixture(runner)
ROOT = Path(__file__).parent.parent
WITH_HEADS = spec(
    """
| layer | op            |
|-------|---------------|
| conv1 | conv3-8; relu |
| pool  | global-avgpool |
| fc    | fc classes    |

head aux from conv1, weight=0.3
| global-avgpool; fc classes |
""",
    label_smoothing="10%",
)


def compiled(text: str) -> Compiled:
    return loads(text, "B" if "variants" in text else None)


MOST = ("heads", "mobilenet", "resnet", "vgg_B")
"""Between them they have every piece of the engine."""


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the programs, each of a network of its own name."""
    return write_programs(tmp_path_factory.mktemp("programs"))


def write_programs(folder: Path, short: bool = False) -> Path:
    """Write a program for each recipe, each of a network of its own name."""
    for name, text in {**SPECS, "heads": WITH_HEADS}.items():
        Program(compiled(text.replace("network small(", f"network {name}(", 1)), folder, short=short)
    return folder


def assert_expert(tool: Sequence[str], folder: Path, most: Sequence[str]) -> None:
    """Every program of a folder passes a tool; the slowest, mypy, sees those alone that have every piece."""
    paths = sorted(folder.glob("train_*.py"))
    assert len(paths) == len(SPECS) + 1
    if tool is expert.MYPY:
        paths = [folder / f"train_{name}.py" for name in most]
    expert.assert_passes(tool, *(path.name for path in paths), folder=folder)


@pytest.mark.parametrize("tool", TOOLS)
@expert.one_worker
def test_programs_pass_the_tools_of_an_expert(tool: Sequence[str], written: Path) -> None:
    assert_expert(tool, written, MOST)


def test_the_same_recipe_gives_the_same_program() -> None:
    text = SPECS["vgg"]
    assert compiled(text).training() == compiled(text).training()


def test_what_a_recipe_leaves_out_is_said_and_stays_text() -> None:
    hostile = 'one; "" """ + exit() + """; \\; nothing'
    found = compiled(spec(left_out=hostile, clip="norm 2.5", average="ema 0.99"))
    assert found.network.recipe is not None
    said = [part.args["what"] for part in found.network.recipe.settings["left out"].uses]
    assert said == ["one", '"" """ + exit() + """', "\\"]
    tree = ast.parse(found.training())
    assert f"left out         {hostile} (section 3)" in " ".join((ast.get_docstring(tree) or "").split("\n"))
    constants = [ast.unparse(node) for node in tree.body if isinstance(node, ast.Assign)]
    assert {"CLIP_NORM = 2.5", "EMA_DECAY = 0.99"} <= {*constants}
    plain = compiled(spec()).training()
    assert not any(word in plain for word in ("CLIP_NORM", "EMA_DECAY", "AveragedModel", "clip_grad_norm_"))
    assert "left out         nothing that the spec names (the recipe is silent)" in plain


def test_the_digits_need_no_torchvision() -> None:
    program = load(ROOT / "specs" / "digits.arch").training()
    assert not re.search(r"^\s*(import|from) torchvision", program, re.MULTILINE)


def test_a_program_says_what_the_paper_reports() -> None:
    program = load(ROOT / "specs" / "resnet.arch", "50").training()
    assert "PAPER_ERROR = 22.85" in program
    assert 'PAPER_SOURCE = "Table 3, 10-crop, option B"' in program
    assert "PARAMETERS = 25_557_032" in program


def test_the_commands_write_and_print_programs(run: Run) -> None:
    Path("d.arch").write_text(SPECS["least"])
    done = run("compile", "d.arch", "--train", "-o", "out")
    assert done.code == 0
    assert sorted(path.name for path in Path("out").iterdir()) == ["small.py", "train_small.py"]
    assert run("emit", "--train", "d.arch").out == Path("out/train_small.py").read_text("utf-8")


@pytest.mark.parametrize("out", ["-", "one.py"])
def test_two_files_do_not_go_into_one(run: Run, out: str) -> None:
    Path("d.arch").write_text(SPECS["least"])
    done = run("compile", "d.arch", "--train", "-o", out)
    assert done.code == 2
    assert "directory" in done.err


@pytest.mark.parametrize("command", [["compile", "--train", "-o", "out/"], ["emit", "--train"]])
def test_a_spec_without_a_recipe_has_no_program(run: Run, command: list[str]) -> None:
    Path("n.arch").write_text("network n\ninput 8x8x1\n| fc 10 |\n")
    done = run(*command, "n.arch")
    assert done.code == 1
    assert "E1008" in done.err
    assert not Path("out").exists()


def test_a_recipe_that_does_not_fit_is_refused_when_a_program_is_asked_for(run: Run) -> None:
    Path("d.arch").write_text(SPECS["least"])
    assert run("count", "-p", "classes=7", "d.arch").code == 0
    done = run("compile", "--train", "-p", "classes=7", "-o", "out/", "d.arch")
    assert done.code == 1
    assert "E1009" in done.err


@pytest.mark.parametrize(("name", "function"), [("json", "json"), ("math", "math_2")])
@pytest.mark.parametrize("short", [False, True])
def test_the_program_of_a_network_that_would_hide_a_module_imports_another_file(
    name: str, function: str, short: bool
) -> None:
    program = loads(SPECS["least"].replace("network small", f"network {name}")).training(short=short)
    assert f"import {name}_net as architecture" in program
    assert f"architecture.{function}(" in program


@pytest.mark.parametrize("name", ["main", "train", "layers", "measure", "dense"])
def test_a_network_may_be_called_as_a_function_of_the_program_is(name: str) -> None:
    program = loads(SPECS["least"].replace("network small", f"network {name}")).training()
    assert f"import {name} as architecture" in program
    assert f"architecture.{name}()" in program


def test_a_text_that_is_too_long_for_a_line_stays_what_it_is() -> None:
    source = "x" * 125 + "\\xzz"
    program = loads(SPECS["least"].replace("section 3", source, 1)).training()
    assert source in (ast.get_docstring(ast.parse(program)) or "")


def test_a_bias_is_set_where_there_is_one() -> None:
    text = spec(init="he; bias 1 in pool")
    with pytest.raises(ArchError, match="no layer with a bias"):
        loads(text).training()


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({}, "4.0"),
        ({"p": 0.3}, "3.89"),  # Table 4's 4.17 is silent about dropout, and so without it
        ({"p": 0.3, "classes": 100}, "18.85"),  # an error on CIFAR-100 speaks of 100 classes
        ({"classes": 100}, "20.5"),
        ({"depth": 40, "k": 4}, "4.97"),
        ({"depth": 40, "k": 4, "p": 0.3}, None),
        ({"depth": 28, "p": 0.0, "k": 10}, "4.0"),
    ],
)
def test_the_paper_error_is_that_of_the_networks_own_parameters(given: dict[str, Any], error: str | None) -> None:
    compiled = load(ROOT / "specs" / "wrn.arch", **given)
    program = compiled.training()
    assert re.findall(r"^PAPER_ERROR = (\S+)", program, re.MULTILINE) == ([error] if error else [])
    assert loads(to_json(compiled.network)).training() == program


def test_the_paper_error_of_a_recipe_is_the_one_that_it_names() -> None:
    assert "PAPER_ERROR = 24.8" in load(ROOT / "specs" / "vgg.arch", "D").training()


@pytest.mark.parametrize("name", ["resnet.arch:50", "vgg_D.arch", "googlenet.arch", "se_bn_inception.arch"])
def test_a_program_for_other_classes_is_for_images_in_folders(name: str) -> None:
    file, _, variant = name.partition(":")
    program = load(ROOT / "specs" / file, variant or None, classes=37).training()
    said = " ".join((ast.get_docstring(ast.parse(program)) or "").split())
    assert "on an image folder by the recipe of its paper" in said
    assert "--data PATH --init-from WEIGHTS --lr RATE torchrun" in said
    assert "images of 37 classes in folders, in the place of imagenet (section" in said
    assert "paper error none: the paper has other images" in said
    assert "CLASSES = 37\n" in program
    assert "if len(training.classes) != 37:" in program
    assert "PAPER_ERROR" not in program
    own = load(ROOT / "specs" / file, variant or None).training()
    mean, std = (re.findall(rf"^{name} = .*", own, re.MULTILINE) for name in ("MEAN", "STD"))
    assert mean[0] + "\n" + std[0] in program
    assert program.count("\ndef ") == own.count("\ndef ")


def test_only_a_network_that_is_asked_for_is_for_other_images() -> None:
    text = spec(data="imagenet", input="32x32x3", classes=7, lr="0.1")
    with pytest.raises(ArchError, match="tells 7 classes apart, and ImageNet"):
        loads(text).training()
    whole = spec(data="imagenet", input="32x32x3", classes=1000, lr="0.1")
    assert "CLASSES = 7\n" in loads(whole, classes=7).training()
    assert "CLASSES = 7\n" in loads(to_json(loads(whole, classes=7).network)).training()


def test_a_network_like_another_takes_its_recipe_over_for_other_images(run: Run) -> None:
    Path("resnet.arch").write_text((ROOT / "specs" / "resnet.arch").read_text("utf-8"), "utf-8")
    row = "| layer | op         |\n|-------|------------|\n| fc    | fc classes |\n"
    Path("mine.arch").write_text(f'network mine(classes=5) like "resnet.arch"\n\n{row}', "utf-8")
    done = run("compile", "mine.arch:18", "--train", "-o", "out")
    assert done.code == 0, done.err
    assert "CLASSES = 5\n" in Path("out/train_mine_18.py").read_text("utf-8")


@pytest.mark.parametrize(
    ("file", "message", "help"),
    [
        ("digits.arch", "the network tells 7 classes apart, and scikit-learn's digits has 10", "set `classes` to 10"),
        (
            "wrn.arch",
            "nothing that the recipe says of `data` holds for these parameters",
            "set the parameters so that a condition holds, or write a part without one",
        ),
    ],
)
def test_what_has_no_images_of_other_classes_says_so(file: str, message: str, help: str) -> None:
    with pytest.raises(ArchError) as caught:
        load(ROOT / "specs" / file, classes=7).training()
    assert [(each.message, each.help) for each in caught.value.diagnostics] == [(message, help)]


def test_a_length_that_holds_nowhere_is_said_once() -> None:
    text = spec(epochs="5 if classes == 3")
    with pytest.raises(ArchError) as caught:
        loads(text).training()
    messages = [each.message for each in caught.value.diagnostics]
    assert messages == ["nothing that the recipe says of `epochs` holds for these parameters"]


@pytest.mark.parametrize("name", ["densenet.arch:DenseNet-121", "squeezenet.arch", "shufflenet_v2.arch:1x"])
def test_where_the_classes_are_a_number_the_mend_is_said_and_works(name: str, run: Run) -> None:
    file, _, variant = name.partition(":")
    done = run("count", str(ROOT / "specs" / name), "-p", "classes=7")
    assert done.code == 1
    assert "write `network NAME(classes=10) like FILE` and the row of that number anew, with `fc classes`" in done.err
    rows = {"densenet.arch": "fc1", "squeezenet.arch": "conv10", "shufflenet_v2.arch": "FC"}
    layer = {"squeezenet.arch": "conv 1x1, classes; relu"}.get(file, "fc classes")
    Path(file).write_text((ROOT / "specs" / file).read_text("utf-8"), "utf-8")
    text = f'network mine(classes=10) like "{file}"\n\n| layer | op |\n|---|---|\n| {rows[file]} | {layer} |\n'
    if file == "squeezenet.arch":
        text += "| avgpool10 | avgpool 13x13 |\n"
    Path("mine.arch").write_text(text, "utf-8")
    made = load("mine.arch", variant or None, classes=7)
    last = made.inferred.rows[-1].y
    assert last is not None
    assert last.size == 7


@pytest.mark.parametrize("name", ["mobilenet_v2", "mobilenet_v3_large", "mobilenet_v3_small", "zfnet"])
def test_networks_of_papers_take_another_number_of_classes(name: str) -> None:
    own, other = load(ROOT / "specs" / f"{name}.arch"), load(ROOT / "specs" / f"{name}.arch", classes=10)
    last = other.inferred.rows[-1].y
    assert last is not None
    assert last.size == 10
    inputs = {"mobilenet_v2": 1280, "mobilenet_v3_large": 1280, "mobilenet_v3_small": 1024, "zfnet": 4096}[name]
    assert own.params - other.params == 990 * (inputs + 1)
