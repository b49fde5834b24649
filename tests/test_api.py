"""``import archspec``: the public names, what they take and give, and what they raise."""

from __future__ import annotations

import inspect
import pickle
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

import archspec
from archspec import ArchError, Compiled, Diagnostic, build, load, loads
from archspec.api import split

SPECS = Path(__file__).parent.parent / "specs"
TINY = """network tiny(classes=10, kernel=3x3, biased=yes)
input 8x8x4
| layer | op                          | output | params |
|-------|-----------------------------|--------|--------|
| a     | conv kernel, 4, bias=biased | 8x8x4  | 148    |
| b     | fc classes                  | 10     |        |
"""


def family(tmp_path: Path) -> Path:
    path = tmp_path / "tiny.arch"
    path.write_text(
        "network tiny\ninput 8x8x4\nvariants A, B\n| layer | A | B |\n|---|---|---|\n| fc | fc 10 | fc 20 |\n"
    )
    return path


def test_the_public_names_are_these() -> None:
    assert archspec.__all__ == [
        "ArchError",
        "Compiled",
        "Diagnostic",
        "audit",
        "build",
        "diff",
        "from_torch",
        "load",
        "loads",
        "plot",
        "sweep",
    ]
    assert set(archspec.__all__) <= set(dir(archspec))
    assert all(getattr(archspec, name) is not None for name in archspec.__all__)
    with pytest.raises(AttributeError, match="no attribute 'lod'"):
        _ = archspec.lod


@pytest.mark.parametrize(("function", "first"), [(load, "path"), (loads, "text"), (build, "path")])
def test_signatures_are_these(function: Any, first: str) -> None:
    parameters = inspect.signature(function).parameters
    assert list(parameters) == [first, "variant", "input", "parameters"]
    assert parameters[first].kind is inspect.Parameter.POSITIONAL_ONLY
    assert parameters["input"].kind is inspect.Parameter.KEYWORD_ONLY
    assert parameters["variant"].default is parameters["input"].default is None
    assert parameters["parameters"].kind is inspect.Parameter.VAR_KEYWORD
    assert inspect.getdoc(function)


def test_load_takes_a_path_of_either_kind(tmp_path: Path) -> None:
    path = tmp_path / "tiny.arch"
    path.write_text(TINY)
    assert load(path).to_json() == load(str(path)).to_json() == loads(TINY).to_json()


def test_a_compiled_network_has_these_attributes() -> None:
    compiled = loads(TINY)
    assert isinstance(compiled, Compiled)
    assert (compiled.name, compiled.params, compiled.mult_adds, compiled.activations) == ("tiny", 2718, 11776, 266)
    assert (compiled.convention, compiled.holds, compiled.diagnostics) == ("paper", True, ())
    assert [row.layer for row in compiled.rows] == ["a", "b"]
    assert [check.verdict for check in compiled.cells] == ["exact", "exact", "exact"]
    assert compiled.claims == []
    assert compiled.totals.weight_layers == 2
    assert compiled.source().startswith('"""')
    assert compiled.source() is compiled.source()
    assert repr(compiled) == "<tiny: 2,718 params, 11,776 mult-adds (paper)>"


def test_parameters_are_keywords() -> None:
    assert loads(TINY, classes=20, kernel=(1, 1), biased=False).params == 16 + 20 * 257
    assert loads(TINY, classes=20).network.parameters["classes"] == 20
    assert loads(TINY, classes=20).cells == []


@pytest.mark.torch
@pytest.mark.parametrize("name", ["path", "text", "self", "spec"])
def test_a_parameter_may_be_called_what_the_first_argument_is(name: str, tmp_path: Path) -> None:
    path = tmp_path / "tiny.arch"
    path.write_text(TINY.replace("classes", name))
    given: dict[str, Any] = {name: 20}
    assert load(path, **given).params == loads(path.read_text(), **given).params == 148 + 20 * 257
    assert sum(p.numel() for p in build(path, **given).parameters()) == 148 + 20 * 257


@pytest.mark.parametrize("name", ["variant", "input"])
def test_a_parameter_cannot_be_called_as_the_other_arguments(name: str) -> None:
    with pytest.raises(ArchError, match="is a word of the language"):
        loads(TINY.replace("classes", name))


@pytest.mark.torch
@pytest.mark.parametrize("given", [(4, 4, 4), "4x4x4", "4X4X4", "4×4×4", " 4x4x4\n"])
def test_an_input_is_a_tuple_or_a_text(given: Any, tmp_path: Path) -> None:
    path = tmp_path / "tiny.arch"
    path.write_text(TINY)
    compiled = load(path, input=given)
    assert compiled.network.input == loads(TINY, input=given).network.input == (4, 4, 4)
    assert (compiled.params, compiled.cells) == (148 + 10 * 65, [])
    assert sum(p.numel() for p in build(path, input=given).parameters()) == compiled.params
    assert loads("network n\ninput 8\n| fc 10 |\n", input=(7,)).params == 80
    assert loads("network n\ninput 8\n| fc 10 |\n", input="7").params == 80


@pytest.mark.parametrize(
    "wrong",
    [
        *[(), (8, 8), (0, 8, 4), (-1,), (8.0, 8, 4), (True, 8, 4), ("8", 8, 4), (10**30,), [8, 8], 0, 2.5, object()],
        *[
            "",
            " ",
            "8x8",
            "8x8x",
            "x",
            "big",
            "8,8,4",
            "8 x 8 x 4",
            "-8x8x4",
            "0x8x4",
            "8.0x8x4",
            "9" * 5000,
            "8x8x4\nx",
        ],
    ],
)
def test_an_input_of_the_wrong_kind_is_one_diagnostic(wrong: Any) -> None:
    with pytest.raises(ArchError) as caught:
        loads(TINY, input=wrong)
    assert [d.code for d in caught.value.diagnostics] == ["E0405"]
    assert 'help: write `input=(224, 224, 3)` or `input="224x224x3"`' in str(caught.value)


def test_a_variant_is_named_in_either_way(tmp_path: Path) -> None:
    path = family(tmp_path)
    assert load(path, "B").name == load(f"{path}:B").name == "tiny_B"
    assert load(f"{path}:A", "B").name == "tiny_B"
    with pytest.raises(ArchError, match="pick a variant"):
        load(path)


def test_a_colon_in_the_name_of_a_file_is_part_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a:b.arch").write_text(TINY)
    assert load("a:b.arch").name == "tiny"
    assert split("a:b.arch") == ("a:b.arch", None)
    assert split("c:/x/y.arch") == ("c:/x/y.arch", None)
    assert split("c:/x/y.arch:D") == ("c:/x/y.arch", "D")
    assert split("y.arch:") == ("y.arch:", None)


@pytest.mark.torch
def test_build_gives_the_module_of_the_emitted_code(tmp_path: Path) -> None:
    import torch

    path = tmp_path / "tiny.arch"
    path.write_text(TINY)
    module = build(path, classes=7)
    assert module(torch.zeros(2, 4, 8, 8)).shape == (2, 7)
    assert sum(p.numel() for p in module.parameters()) == load(path, classes=7).params
    assert inspect.getsource(type(module)) in load(path, classes=7).source()


def test_figures_that_disagree_do_not_raise() -> None:
    compiled = loads(TINY.replace("148", "149"))
    assert not compiled.holds
    assert [d.code for d in compiled.diagnostics] == ["E0302"]


def test_an_error_carries_its_diagnostics_and_shows_them() -> None:
    with pytest.raises(ArchError) as caught:
        loads(TINY.replace("conv kernel", "cnov kernel").replace("fc classes", "fc clases"))
    first, second = caught.value.diagnostics
    assert isinstance(first, Diagnostic)
    assert (first.code, first.span and first.span.line, second.code) == ("E0601", 5, "E0201")
    assert str(caught.value).count("error[") == 2
    assert "<text>:5:" in str(caught.value)
    assert "\x1b" not in str(caught.value)
    assert first.to_dict()["place"] == {"file": "<text>", "line": 5, "column": 11, "end_column": 15}


def test_an_error_can_be_pickled() -> None:
    with pytest.raises(ArchError) as caught:
        loads("nothing")
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


@pytest.mark.parametrize(
    "wrong",
    [
        None,
        [10],
        "ten",
        2.5,
        True,
        float("nan"),
        float("inf"),
        10**30,
        pytest.param(10**5000, id="huge"),
        -1,
        0,
        (3, 3),
        1j,
        {},
    ],
)
def test_a_parameter_of_the_wrong_kind_is_a_diagnostic(wrong: Any) -> None:
    with pytest.raises(ArchError) as caught:
        loads(TINY, classes=wrong)
    assert caught.value.diagnostics
    assert "classes" in str(caught.value) or "units" in str(caught.value)


@pytest.mark.parametrize("wrong", [None, "wide", (3,), (3, 3, 3), (0, 3), (2.5, 3), ("3", 3), [0, 3], -3, (10**30, 3)])
def test_a_size_of_the_wrong_kind_is_a_diagnostic(wrong: Any) -> None:
    with pytest.raises(ArchError) as caught:
        loads(TINY, kernel=wrong)
    assert caught.value.diagnostics


@pytest.mark.parametrize("wrong", [None, "perhaps", 2, (1, 2), []])
def test_a_truth_value_of_the_wrong_kind_is_a_diagnostic(wrong: Any) -> None:
    with pytest.raises(ArchError):
        loads(TINY, biased=wrong)


@pytest.mark.parametrize("wrong", [True, False, "ten", (3, 3), [3]])
def test_a_number_that_is_set_to_something_else_is_the_argument_that_is_wrong(wrong: Any) -> None:
    text = TINY.replace("fc classes  ", "fc 2*classes")
    assert text != TINY
    with pytest.raises(ArchError) as caught:
        loads(text, classes=wrong)
    (wrong_argument,) = caught.value.diagnostics
    assert wrong_argument.code == "E0411"
    assert "`classes` is a number, and cannot be" in wrong_argument.message
    assert wrong_argument.span is not None
    assert wrong_argument.span.source.name == "parameter"
    with pytest.raises(ArchError, match="`classes` is a number"):
        loads(text)(classes=wrong)


@pytest.mark.parametrize("wrong", [None, {}, 1j, object(), b"ten", [1, "2"], ()])
def test_what_is_no_value_of_a_parameter_is_said(wrong: Any) -> None:
    with pytest.raises(ArchError, match="the parameter `classes` cannot be"):
        loads(TINY, classes=wrong)


@pytest.mark.parametrize("wrong", [3, True, ["D"], b"D", {}, object()])
def test_a_variant_and_a_convention_are_texts(wrong: Any) -> None:
    for ask in (loads, lambda text, variant: loads(text)(variant=variant)):
        with pytest.raises(ArchError, match="does not name a variant: a name is a text"):
            ask(TINY, wrong)
    for count in (loads(TINY).under, loads(TINY).totals_by):
        with pytest.raises(TypeError, match="is a str, not an object of the type"):
            count(wrong)


@pytest.mark.parametrize("wrong", [3, None, b"network n", object()])
def test_a_spec_is_a_text(wrong: Any) -> None:
    with pytest.raises(ArchError, match="a spec is a text, not an object of the type"):
        loads(wrong)


def test_an_unknown_parameter_and_an_unknown_variant_are_diagnostics() -> None:
    with pytest.raises(ArchError, match="no parameter `clases`"):
        loads(TINY, clases=3)
    with pytest.raises(ArchError, match="no variant `D`"):
        loads(TINY, "D")


class Tags(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.add(tag)


def test_a_notebook_shows_a_table_and_no_markup_of_the_spec() -> None:
    evil = '<script>alert("x")</script><img src=x>&amp;'
    html = loads(TINY.replace("| a  ", f"| {evil} "))._repr_html_()
    drawn = {"svg", "title", "desc", "g", "rect", "path", "text"}
    assert Tags(html).tags == {"table", "caption", "b", "thead", "tbody", "tfoot", "tr", "th", "td"} | drawn
    assert "&lt;script&gt;" in html
    assert "2,718" in html


def test_the_same_spec_gives_the_same_bytes() -> None:
    first, second = load(SPECS / "vgg_D.arch"), load(SPECS / "vgg_D.arch")
    assert first.to_json() == second.to_json()
    assert first.source() == second.source()


def test_a_number_is_a_vector() -> None:
    vector = "network n\ninput 28x28x1\n| flatten; fc 10 |\n"
    assert loads(vector, input=784).params == loads(vector).params


@pytest.mark.parametrize("input", [0, -3, [1, 2], 3.5, True, (), ("8", 8, 3)])
def test_what_is_no_input_is_refused(input: Any) -> None:
    with pytest.raises(ArchError, match="is not an input"):
        load(SPECS / "mobilenet.arch", input=input)
