"""Hostile names and texts: whatever a spec calls things, its code is the code of the same spec with plain names."""

from __future__ import annotations

import ast
import builtins
import keyword
from collections.abc import Iterable
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from random_examples import drawn
from torch import nn
from witness import ROOT

from archspec import loads
from archspec.diagnostics import ArchError
from archspec.ir.network import Network
from archspec.targets.torch import function_name
from archspec.targets.torch.load import load
from archspec.targets.torch.names import MODULE_ATTRIBUTES, USED, Names, doc, string

pytestmark = pytest.mark.torch

WORDS = [
    *keyword.kwlist, *keyword.softkwlist, *sorted(USED), *sorted(MODULE_ATTRIBUTES), *dir(builtins),
    "__init__", "__class__", "__call__", "__dict__", "_modules", "_parameters", "_buffers", "_call_impl", "__getattr__",
    "ConvReLU", "Sequential", "Hostile", "layer", "parameter", "network", "weight", "bias", "classes", "Net", "super",
]  # fmt: skip
EASY = [*dir(builtins)[5::6], *sorted(MODULE_ATTRIBUTES)[5::6]]
"""Some of the words that are many and of one kind; one run tries these, and `pytest -m slow` all."""
TEXTS = [
    "1", "2nd", "10x10", "-", ".", "a.b", "a b", "conv 1", "conv-1", "conv_1", "'", "\\", "\\n", "{{ view }}", "{% raw %}",
    "{x}", "%s", "$(ls)", "`ls`", "'''", "é", "Σ", "ﬁ", "ｆｏｒｗａｒｄ", "ѕelf", "＿＿init＿＿", "٣", "²", "ª", "\u202eevil",
    "a\u200db", "a\u0301", "😀", "名前", "\u0000"[:0] + "x" * 300, "😀" * 100, "'); import os; os.abort()#", "\u2028", "\x0c",
    "\x1b[31mred", "\x7f", "\x85x", "_", "__", "___x", "ℌ", "İ", "ı", "ß",
]  # fmt: skip
QUOTED = [
    "\\",
    "'''",
    "\\\\",
    "\\N{BULLET}",
    "\\x41",
    "{{ 1/0 }}",
    "\u2029b",
    "end\\",
    "x" * 300,
    "\t",
    "tab\there",
    ".",
]
# The language's own words; some of them are not names in any place, others only where they would be ambiguous.
RESERVED = {
    "x", "no", "yes", "true", "false", "with", "like", "if", "else", "in", "from", "then", "input", "variant",
    "and", "or", "not", "True", "False", "round_to", "min", "max", "floor", "ceil",
}  # fmt: skip
PLAIN = """network plain(classes=3)
title "Plain"
paper "Paper"
input 8x8x2

every conv: conv; relu

| layer | op        |
|-------|-----------|
| one   | conv3-4   |
| two   | conv3-4   |
| three | fc classes |
| four  | softmax   |
"""


def some(words: Iterable[str]) -> list[Any]:
    """Words as parameters of a test, most of those that are of one kind marked `slow`."""
    many = {*dir(builtins), *MODULE_ATTRIBUTES} - {*EASY, *keyword.kwlist, *keyword.softkwlist, *USED}
    return [pytest.param(word, marks=[pytest.mark.slow] if word in many else []) for word in dict.fromkeys(words)]


def spec(
    layers: list[str], parameter: str = "classes", name: str = "hostile", title: str = "Hostile", paper: str = "P"
) -> str:
    """The plain spec under other names."""
    ops = ["conv3-4", "conv3-4", f"fc {parameter}", "softmax"]
    rows = [f"| {layer} | {op} |" for layer, op in zip(layers, ops, strict=True)]
    head = [f"network {name}({parameter}=3)", f'title "{title}"', f'paper "{paper}", section 1', "input 8x8x2", ""]
    return "\n".join([*head, "every conv: conv; relu", "", "| layer | op |", "|---|---|", *rows]) + "\n"


def shape_of_code(source: str) -> str:
    """The code without its names and docstrings: what may not depend on what a spec calls things."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            first = node.body[0]
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                first.value.value = ""
        if isinstance(node, ast.JoinedStr):
            node.values = [part for part in node.values if not isinstance(part, ast.Constant)]
        for field in ("id", "attr", "arg", "name"):
            if isinstance(getattr(node, field, None), str):
                setattr(node, field, "n")
    return ast.dump(tree)


SKELETON = shape_of_code(loads(PLAIN).source())


def works(text: str) -> nn.Module:
    """The network of a spec, which must be the plain one in all but names."""
    compiled = loads(text)
    source = compiled.source()
    assert source.isprintable() or all(c.isprintable() or c == "\n" for c in source)
    assert shape_of_code(source) == SKELETON
    model = compiled.build().eval()
    x = torch.zeros(2, 2, 8, 8)
    with torch.no_grad():
        assert model(x).shape == (2, 3)
        torch.testing.assert_close(model.predict(x).sum(1), torch.ones(2))  # type: ignore[operator]
    assert [isinstance(child, nn.Sequential) for child in model.children()] == [True, True, True, False]
    assert sum(p.numel() for p in model.parameters()) == 2 * 9 * 4 + 4 + 4 * 9 * 4 + 4 + 256 * 3 + 3
    assert isinstance(
        getattr(load(source, function_name(compiled.network)), function_name(compiled.network))(5), nn.Module
    )
    return model


def test_every_public_attribute_of_a_torch_module_is_known() -> None:
    assert {name for name in dir(nn.Module) if not name.startswith("_")} - MODULE_ATTRIBUTES == set()


def test_what_an_instance_of_a_torch_module_adds_is_known() -> None:
    assert {name for name in vars(nn.Module()) if not name.startswith("_")} <= MODULE_ATTRIBUTES


@pytest.mark.parametrize("row", ["head_weights", "forward", "predict", "training", "state_dict", "head_weights_2"])
def test_a_row_and_a_head_of_a_network_with_heads_may_have_any_name(row: str) -> None:
    rows = f"| layer | op |\n|---|---|\n| {row} | conv3-4 |\n| fc | fc classes |\n"
    head = f"head {row}_2 from {row}, weight=0.3\n| global-avgpool; fc classes |\n\n"
    model = loads(f"network n(classes=10)\ninput 8x8x4\n{head}{rows}").build()
    assert [out.shape for out in model.train()(torch.zeros(2, 4, 8, 8))] == [(2, 10), (2, 10)]
    assert model.eval()(torch.zeros(2, 4, 8, 8)).shape == (2, 10)
    assert model.head_weights == (0.3,)


@pytest.mark.parametrize("layer", [*some(WORDS), *TEXTS])
def test_a_layer_may_have_any_name(layer: str) -> None:
    model = works(spec([layer, layer, f"{layer}_2", "last"]))
    assert all(name.isascii() and name.isidentifier() for name, _ in model.named_children())


@pytest.mark.parametrize("word", some(word for word in WORDS if word not in RESERVED))
def test_a_parameter_may_be_any_word_that_the_language_does_not_use(word: str) -> None:
    works(spec(list("abcd"), parameter=word))


@pytest.mark.parametrize("word", sorted(RESERVED))
def test_a_word_of_the_language_is_refused_as_a_parameter(word: str) -> None:
    with pytest.raises(ArchError) as caught:
        loads(spec(list("abcd"), parameter=word))
    assert {d.code for d in caught.value.diagnostics if d.severity == "error"} <= {"E0207", "E0101"}


@pytest.mark.parametrize("word", some(WORDS))
def test_a_network_may_be_any_word(word: str) -> None:
    works(spec(list("abcd"), name=word))


@pytest.mark.parametrize(
    "name", ["Subsample", "ScaledTanh", "PartialConv2d", "EuclideanRBF", "SubsampleTanh", "LeNet5"]
)
def test_names_of_classes_that_are_copied_in_stay_apart(name: str) -> None:
    lenet = (ROOT / "specs" / "lenet5.arch").read_text("utf-8")
    for text in (
        lenet.replace("network lenet5(", f"network {name}("),
        lenet.replace("LeNet-5", name, 1).replace('title "LeNet-5"', f'title "{name}"'),
        lenet.replace("classes=10", f"{name}=10").replace("rbf classes", f"rbf {name}"),
        lenet.replace("lenet5(classes=10", f"{name}({name}=10").replace("rbf classes", f"rbf {name}"),
    ):
        assert loads(text).build().eval()(torch.zeros(2, 1, 32, 32)).shape == (2, 10)


@pytest.mark.parametrize("text", [*TEXTS, *QUOTED])
def test_a_title_and_a_paper_may_hold_any_text(text: str) -> None:
    works(spec(list("abcd"), title=text))
    works(spec(list("abcd"), paper=text))


@pytest.mark.parametrize("name", ["Σ", "ｆｏｒｗａｒｄ", "é", "名前", "a" * 300, "_", "__", "_a", "ﬁ", "ª"])
def test_a_network_and_a_parameter_may_have_any_letters(name: str) -> None:
    works(spec(list("abcd"), name=name))
    works(spec(list("abcd"), parameter=name))


def test_two_names_that_look_alike_stay_two() -> None:
    model = works(spec(["a", "ａ", "á", "a_2"]))
    assert len(dict(model.named_children())) == 4


ANY = st.text(st.characters(codec="utf-8", exclude_characters='\n\r|"#'), max_size=40)


@drawn(st.lists(ANY, min_size=4, max_size=4), ANY, ANY, few=25, many=100)
def test_random_texts_are_names_like_others(layers: list[str], title: str, paper: str) -> None:
    works(spec([layer.strip() for layer in layers], title=title, paper=paper))


@settings(max_examples=300)
@given(st.text(max_size=30))
def test_quoted_texts_come_back_as_they_are_and_in_ascii(text: str) -> None:
    quoted = string(text)
    assert quoted.isascii()
    assert ast.literal_eval(quoted) == text
    assert "\n" not in doc(text)
    # A docstring says what the text says, with blanks for what cannot be shown.
    shown = "".join(c if c.isprintable() else " " for c in text).strip()
    assert ast.literal_eval(f'"""{doc(text)}."""') == f"{shown}."


@settings(max_examples=200)
@given(st.lists(st.text(max_size=8) | st.sampled_from(WORDS), max_size=30))
def test_identifiers_are_handed_out_once(texts: list[str]) -> None:
    names = Names(USED | MODULE_ATTRIBUTES)
    given_out = [names.identifier(text) for text in texts] + [names.class_name(text) for text in texts]
    assert len(set(given_out)) == len(given_out)
    for name in given_out:
        assert name.isascii()
        assert name.isidentifier()
        assert not keyword.iskeyword(name)
        assert name not in USED | MODULE_ATTRIBUTES | set(dir(builtins))


@pytest.mark.parametrize(
    ("title", "variant", "shown"),
    [
        ("VGG", "D", "VGG-D"),
        ("DenseNet", "DenseNet-121", "DenseNet-121"),
        ("ResNet", "ResNet50", "ResNet50"),
        ("Net", "Network", "Net-Network"),  # another word
        ("VGG", None, "VGG"),
        (None, "D", "n_D"),
        (None, None, "n"),
    ],
)
def test_a_variant_that_begins_with_the_title_stands_by_itself(
    title: str | None, variant: str | None, shown: str
) -> None:
    assert Network(name="n", title=title, variant=variant, input=(1,), rows=()).display_name == shown


def test_no_parameter_is_overwritten_by_what_sets_the_layers_that_grow() -> None:
    text = """network a(paths=4)
input 8x8x3

block b(c) = add of
| identity |
| conv 3x3, c; drop-path 0.2, linear |

| layer | op |
|---|---|
| c1 | conv 3x3, paths |
| c2 | b paths |
"""
    assert "def a(paths_2: int = 4)" in loads(text).source()
    assert "def a(paths: int = 4)" in loads(text.replace("; drop-path 0.2, linear", "")).source()
