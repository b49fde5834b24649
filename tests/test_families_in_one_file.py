"""A family as one module: each entry function makes what the file of its variant makes, and the classes are shared."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import expert
import pytest
import torch
from emitted_classes import dead, twins
from second_witness import compare, entry_of, made
from witness import ROOT, corpus

from archspec import ArchError, Compiled, loads
from archspec.api import variants
from archspec.targets.torch import function_name
from archspec.targets.torch.load import load

pytestmark = pytest.mark.torch

FAMILY = """
network n(classes=10, w=4)
title "N"
input 16x16x3
variants A, B, c-1
every conv: conv no bias; bn; relu
every dwconv: dwconv no bias; bn; relu

block se = multiply of
| identity |
| global-avgpool; fc in/2; relu; fc in; sigmoid |

block unit(c, k=3x3, se=no) = add of
| residual | conv k, c; dwconv 3x3; se if se |
| shortcut | conv 1x1, c, no relu |

| layer | A | B | c-1 |
|-------|---|---|-----|
| stem  | conv 3x3, 2*w | conv 3x3, 2*w, /2 | conv 5x5, 2*w |
| body  | unit 4*w x 2  | unit 4*w, se x 3  | unit 4*w, 1x1 |
| aux   | unit w        | conv 1x1, w       | dropout 0.5   |
| fc    | global-avgpool; fc classes |
| prob  | softmax |
"""


def checked(text: str, variant: str = "A") -> tuple[list[Compiled], str]:
    first = loads(text, variant)
    return [first(variant=variant) for variant in first.variants], first.source(together=True)


def assert_same(members: list[Compiled], source: str) -> None:
    """Whether the functions of a file make the networks of the files of the variants."""
    module = load(source, "together").__dict__
    for member in members:
        name = function_name(member.network)
        alone = load(member.source(), name).__dict__[name]
        with torch.device("meta"):
            one, other = module[name](), alone()
        assert [(k, v.shape) for k, v in one.state_dict().items()] == [
            (k, v.shape) for k, v in other.state_dict().items()
        ]
        assert [str(m) for m in one.modules() if not [*m.children()]] == [
            str(m) for m in other.modules() if not [*m.children()]
        ]


def test_each_function_makes_its_variant() -> None:
    members, source = checked(FAMILY)
    assert re.findall(r"^def (\w+)", source, re.MULTILINE) == ["n_A", "n_B", "n_c_1", "report"]
    assert_same(members, source)
    for member in members:
        entry = entry_of(source, function_name(member.network))
        compare(made(entry, {}), member.network)
        compare(made(entry, {"classes": 3, "w": 6}), member(classes=3, w=6).network)


def test_classes_are_shared_and_all_of_them_used(tmp_path: Path) -> None:
    members, source = checked(FAMILY)
    tree = ast.parse(source)
    assert (dead(tree), [*twins(tree)]) == ([], [])
    assert source.count("class SE") == 1
    assert source.count("\nclass ") < sum(member.source().count("\nclass ") for member in members)
    (tmp_path / "n.py").write_text(source)
    expert.assert_passes(expert.LINT, "n.py", folder=tmp_path)
    expert.assert_passes(expert.FORMAT, "n.py", folder=tmp_path)


NUMBERS = """
network n(k=4, classes=10)
title "N"
input 32x32x3
variants N-1, N-2, N-4, N-5
every conv: conv no bias; bn; relu

block unit(c, stride=1) = add of
| residual | conv 3x3, c, /stride; conv 3x3, c/2; conv 1x1, c, no relu |
| shortcut | shortcut c, /stride                                        |
then relu

block dense = concat of
| identity           |
| conv 1x1, k; conv 3x3, k |

| layer | N-1           | N-2           | N-4            | N-5            |
|-------|---------------|---------------|----------------|----------------|
| stem  | conv 3x3, 8   | conv 3x3, 12  | conv 3x3, 8    | conv 3x3, 8    |
| one   | unit 8 x 2    | unit 12 x 3   | unit 8 x 4     | unit 8         |
| two   | unit 16, /2 x 3 | unit 24, /2 x 2 | unit 16, /2 x 2 | unit 16, /2 x 2 |
| three | dense x 4     | dense x 3     | dense x 5      | dense x 5      |
| half  | conv 1x1, in/2 | conv 1x1, in/2 | conv 1x1, in/2 | conv 1x1, in/2 |
| drop  | dropout 0.1   | dropout 0.2   | dropout 0.1    | dropout 0.1    |
| fc    | global-avgpool; fc classes |
"""


def test_variants_that_differ_in_numbers_are_one_class(tmp_path: Path) -> None:
    members, source = checked(NUMBERS, "N-1")
    assert re.findall(r"return (N.*)", source) == [
        "N((8, 16), (2, 3, 4), 0.1, k, classes)",
        "N((12, 24), (3, 2, 3), 0.2, k, classes)",
        "N((8, 16), (4, 2, 5), 0.1, k, classes)",
        "N5(k, classes)",  # a stage that runs once is no list, so that its weights are called otherwise
    ]
    assert "channels += depths[2] * k" in source
    assert_same(members, source)
    for member in members:
        entry = entry_of(source, function_name(member.network))
        compare(made(entry, {}), member.network)
        compare(made(entry, {"classes": 3, "k": 6}), member(classes=3, k=6).network, gradients=False)
    (tmp_path / "n.py").write_text(source)
    for tool in (expert.LINT, expert.FORMAT):
        expert.assert_passes(tool, "n.py", folder=tmp_path)


INSIDE = """
network n(k=4, classes=10)
input 16x16x3
variants
| variant | k |
|---------|---|
| a       |   |
| b       |   |
| c       | 8 |

block dense = concat of
| identity                   |
| conv 1x1, 2*k; conv 3x3, k |

| layer | a         | b         | c         |
|-------|-----------|-----------|-----------|
| stem  | conv 3x3, 2*k                     |
| one   | dense x 4 | dense x 3 | dense x 5 |
| fc    | global-avgpool; fc classes        |
"""


def test_uses_that_are_equal_but_for_parameters_of_their_networks_are_kept_apart() -> None:
    members, source = checked(INSIDE, "a")
    assert re.findall(r"return (N.*)", source) == ["N(4, k, classes)", "N(3, k, classes)", "N(5, k, classes)"]
    assert_same(members, source)
    for member in members:
        compare(made(entry_of(source, function_name(member.network)), {}), member.network, gradients=False)


def test_what_is_set_holds_for_all_variants() -> None:
    source = loads(FAMILY, "A", classes=3).source(together=True)
    assert source.count("classes: int = 3") == 6


def test_a_variant_that_is_wrong_is_an_error() -> None:
    first = loads(FAMILY.replace("conv 5x5, 2*w", "conv 5x5, 2*w, groups=7"), "A")
    with pytest.raises(ArchError):
        first.source(together=True)


def test_one_network_is_its_own_file() -> None:
    net = loads("network n\ninput 4x4x3\n| conv3-8 |\n")
    assert net.source(together=True) == net.source()


def test_names_of_variants_never_meet_those_of_the_file() -> None:
    text = FAMILY.replace("network n(", "network report(").replace("variants A, B, c-1", "variants A, A_, nn")
    text = text.replace("| A | B | c-1 |", "| A | A_ | nn |").replace("network report(", "network unit(")
    members, source = checked(text)
    assert_same(members[:1], source)
    assert len(set(re.findall(r"^(?:def|class) (\w+)", source, re.MULTILINE))) == source.count("\nclass ") + 4


def test_a_file_of_a_family_says_what_runs(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    members, source = checked(FAMILY)
    exec(compile(source, "n.py", "exec"), {"__name__": "__main__"})
    lines = [f"{function_name(m.network)}: {m.params:,} parameters, output (1, 10)" for m in members]
    assert capsys.readouterr().out.splitlines() == lines


OTHERS = ("convnext", "densenet", "efficientnet", "mnasnet", "regnet", "shufflenet_v2")
FAMILIES = [
    *sorted({ROOT / "specs" / name.partition(":")[0] for name in corpus() if ":" in name}),
    *(ROOT / "tests" / "architectures" / f"{name}.arch" for name in OTHERS),
]


@pytest.mark.slow
@pytest.mark.parametrize("family", FAMILIES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_families_of_the_corpus(family: Path, tmp_path: Path) -> None:
    members = list(variants(str(family)))
    source = members[0].source(together=True)
    assert_same(members, source)
    tree = ast.parse(source)
    assert (dead(tree), [*twins(tree)]) == ([], [])
    (tmp_path / "n.py").write_text(source)
    for tool in (expert.CHECK, expert.FORMAT):
        expert.assert_passes(tool, "n.py", folder=tmp_path)


def test_the_functions_of_a_family_have_the_order_of_its_spec() -> None:
    text = """
network f(w=8, n=2, p=0.1, classes=10)
input 8x8x3
variants
| name | p   | n |
|------|-----|---|
| a    | 0.5 | 2 |
| b    | 0.1 | 3 |

| conv 3x3, w; relu; dropout p |
| [conv 3x3, w; relu] x n |
| fc classes |
"""
    assert "def f_b(w: int = 8, n: int = 3, p: float = 0.1, classes: int = 10)" in checked(text, "a")[1]
