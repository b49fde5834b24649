"""The text of a recipe's pieces: all parts have one, tools of an expert pass it, and no text of a spec escapes."""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import expert
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from recipe_programs import PLAIN, RESIDUAL, SPECS, compiled, facts, parts_of, pieces, source, spec, wild, written

from archspec import ArchError, loads, recipe
from archspec.recipe.rules import misfits
from archspec.targets.train.pieces import pieces_of
from archspec.targets.train.text import Origin

TOOLS = [
    expert.param(expert.CHECK, "check"),
    expert.param(expert.LINT, "lint"),
    expert.param(expert.FORMAT, "format"),
    expert.param(expert.MYPY, "mypy"),
]


@pytest.fixture(scope="module")
def texts(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The pieces of the recipes here and of some that are drawn, in one folder."""
    return written(tmp_path_factory.mktemp("pieces"), SPECS | {f"wild{seed}": wild(seed) for seed in range(60)})


@pytest.mark.parametrize("tool", TOOLS)
@expert.one_worker
def test_pieces_pass_the_tools_of_an_expert(tool: Sequence[str], texts: list[Path]) -> None:
    expert.assert_passes(tool, *texts, folder=texts[0].parent)


def test_lines_are_as_short_as_those_of_the_emitted_module() -> None:
    for name in SPECS:
        assert max(map(len, source(compiled(name)).splitlines())) <= 88, name


def test_every_part_stands_in_some_recipe_of_these_tests() -> None:
    used = {type(part) for name in SPECS for found in parts_of(compiled(name)).values() for part in found}
    known = {part for setting in recipe.SETTINGS for part in recipe.parts_of(setting)}
    assert known - used == set()


def test_every_part_is_complete() -> None:
    for part in (part for setting in recipe.SETTINGS for part in recipe.parts_of(setting)):
        assert not inspect.isabstract(part), part


@pytest.mark.parametrize("name", SPECS)
def test_the_same_recipe_gives_the_same_text_and_nothing_unused(name: str) -> None:
    found = compiled(name)
    made = pieces(found)
    assert made == pieces(loads(SPECS[name], "B" if name == "vgg" else None))
    loaded = {
        node.id if isinstance(node, ast.Name) else node.attr
        for node in ast.walk(ast.parse(made.source))
        if isinstance(node, ast.Name | ast.Attribute)
    }
    asked = {"open_data", "training_transform", "test_views", "initialise", "make_optimizer", "learning_rate"}
    asked |= {"normalise", "CLIP_NORM", "EMA_DECAY", "Plateau", "dense", "INIT_FROM", "INIT_CONV", "INIT_FC"}
    assert set(made.definitions) - loaded <= asked


def imported(text: str, inside: bool = True) -> set[str]:
    tree = ast.parse(text)
    nodes = list(ast.walk(tree)) if inside else tree.body
    plain = {alias.name.split(".")[0] for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    return plain | {(node.module or "").split(".")[0] for node in nodes if isinstance(node, ast.ImportFrom)}


def test_torchvision_is_imported_where_it_is_needed_alone() -> None:
    for name in SPECS:
        text = source(compiled(name))
        assert imported(text, inside=False) <= {*sys.stdlib_module_names, "torch", "small"}, name
    assert "torchvision" not in imported(source(compiled("least")))
    assert "torchvision" not in imported(source(compiled("enlarged")))
    assert "torchvision" in imported(source(compiled("digits")))
    assert "sklearn" not in imported(source(compiled("resnet")))


@pytest.mark.parametrize("name", SPECS)
def test_functions_have_the_signatures_that_the_program_calls(name: str) -> None:
    tree = ast.parse(pieces(compiled(name)).source)
    heads = {node.name: ast.unparse(node.args) for node in tree.body if isinstance(node, ast.FunctionDef)}
    wanted = {
        "open_data": "root: Path",
        "training_transform": "",
        "test_views": "crops: int | None",
        "make_optimizer": "model: nn.Module, fused: bool",
        "learning_rate": "step: int, per_epoch: int, steps: int",
    }
    assert {key: heads[key] for key in wanted} == wanted
    assert heads.get("initialise", "model: nn.Module") == "model: nn.Module"
    assert heads.get("dense", "model: nn.Module") == "model: nn.Module"
    assert ("initialise" in heads) == ("init" in parts_of(compiled(name)))


HOSTILE = st.text(st.characters(exclude_categories=["Cs"]), max_size=40) | st.sampled_from(
    ['"""', "\\", '\\"""', "\n", "'''", '"""; import os; """', "\\N{DIGIT ONE}", "{x}", "\u2028", "\\x22\\x22\\x22"]
)


@pytest.mark.dear
@settings(max_examples=60, deadline=None)
@given(st.sampled_from(["vgg", "alexnet", "resnet"]), HOSTILE, HOSTILE)
def test_no_text_of_a_spec_escapes_from_where_it_is_shown(name: str, text: str, where: str) -> None:
    found = compiled(name)
    made = pieces_of(parts_of(found), facts(found), dict.fromkeys(recipe.SETTINGS, Origin(text, where)))
    assert code(made.source) == code(plain(name))


@cache
def plain(name: str) -> str:
    """The pieces of a recipe whose origins are not shown."""
    found = compiled(name)
    return pieces_of(parts_of(found), facts(found)).source


def code(text: str) -> str:
    """The code without docstrings."""
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and ast.get_docstring(node) is not None:
            node.body = node.body[1:]
    return ast.unparse(tree)


@settings(max_examples=60, deadline=None)
@given(HOSTILE, HOSTILE)
def test_names_of_rows_and_variants_are_strings_at_most(row: str, variant: str) -> None:
    found = compiled("alexnet")
    bias, start = recipe.find("init", "bias-in"), recipe.find("init", "from")
    assert bias is not None
    assert start is not None
    parts = {**parts_of(found), "init": (bias(bias=1, rows=(row,)), start(variant=variant))}
    made = pieces_of(parts, facts(found)._replace(rows={row: (row,)}))
    tree = ast.parse(made.source)
    strings = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    assert row in strings
    assert variant in strings
    assert names(tree) <= names(ast.parse(plain("alexnet"))) | names(ast.parse("INIT_FROM, INIT_CONV, INIT_FC, str"))


def names(tree: ast.AST) -> set[str]:
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


@pytest.mark.parametrize(
    ("said", "rows"),
    [
        ("colours are changed before zeros", {"augment": "pad 4; crop 32; color-jitter 0.4"}),
        ("colours cannot be changed", {"augment": "color-jitter 0.4", "normalize": "per-pixel mean"}),
        ("the principal components of CIFAR-10", {"augment": "pca 0.1"}),
        ("nesterov says how momentum works", {"optimizer": "sgd, nesterov"}),
        ("values of std do not fit", {"normalize": "mean 0.5 std 0.1, 0.2"}),
    ],
)
def test_what_torch_cannot_do_is_refused(said: str, rows: dict[str, str]) -> None:
    with pytest.raises(ArchError, match=said):
        loads(spec(RESIDUAL, "32x32x3", 10, **{"data": "cifar10", **rows})).checked()


def test_a_mean_image_needs_images_of_one_size() -> None:
    with pytest.raises(ArchError, match="differ in size"):
        loads(spec(data="folder", input="32x32x3", augment="resize 40; crop 32", normalize="per-pixel mean")).checked()


def test_what_the_network_lacks_is_refused() -> None:
    body = "| conv3-4; relu |\n| global-avgpool |\n| conv1-classes |\n"
    found = loads(spec(body, init="zero last norm", test="dense"))
    assert len(list(misfits(parts_of(found), facts(found)))) == 2
    found = loads(spec(RESIDUAL, init="zero last norm", test="dense"))
    assert list(misfits(parts_of(found), facts(found))) == []


@pytest.mark.parametrize(
    ("augment", "said"),
    [
        ("crop 32; pad 4", "images of 40x40, and the network takes 32x32"),
        ("pad 4; crop 28", "images of 28x28, and the network takes 32x32"),
        ("resize 32..40", "not all of the network's size"),
        ("pad 2", "images of 36x36"),
    ],
)
def test_training_images_of_another_size_are_refused(augment: str, said: str) -> None:
    found = loads(spec(PLAIN, "32x32x3", data="cifar10", augment=augment))
    assert not found.holds
    assert said in "".join(map(str, found.diagnostics))


def test_a_network_that_takes_other_sizes_trains_on_them() -> None:
    for augment in ("pad 4; crop 28", "crop 32; pad 4"):
        assert loads(spec(RESIDUAL, "32x32x3", data="cifar10", augment=augment)).holds
    uneven = loads(spec(RESIDUAL, "32x32x3", data="cifar10", augment="resize 32..40"))
    assert "not all of the network's size" in "".join(map(str, uneven.diagnostics))
    head = "head aux from conv1, weight=0.3\n| maxpool; fc classes |\n"
    with_head = RESIDUAL.replace("\n| layer | op ", f"\n{head}\n| layer | op ", 1)
    assert loads(spec(with_head, "32x32x3", data="cifar10", augment="pad 4; crop 32")).holds
    assert not loads(spec(with_head, "32x32x3", data="cifar10", augment="pad 4; crop 28")).holds
    assert loads(spec(with_head, "32x32x3", data="cifar10", augment="pad 4; crop 32", test="crop 28")).holds


def test_images_that_keep_their_size_need_no_crop() -> None:
    for augment in ("flip; cutout 8", "resize 40; pad 2; resize 32", "pad 4; crop 32"):
        assert loads(spec(RESIDUAL, "32x32x3", data="cifar10", augment=augment)).holds
