"""How few classes a network has: one for each block, whose sizes, words and truth values are arguments."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from random import Random

import expert
import pytest
from emitted_classes import dead, twins
from second_witness import Found, compare, entry_of, made, survive

from archspec import ArchError, loads
from archspec.targets.torch import function_name

pytestmark = pytest.mark.torch

GHOSTNET = """
network ghostnet(classes=10)
input 32x32x3

every conv: conv no bias; bn; relu
every dwconv: dwconv no bias; bn

block se = multiply of
| identity |
| global-avgpool; fc round_to(in/4, 4); relu; fc in; hard-sigmoid |

block cheap(act=yes) = concat of
| identity |
| dwconv 3x3; relu if act |

block ghost(c, act=yes)
| conv 1x1, c/2, no relu; relu if act; cheap act=act |

block bneck(k, e, c, se=no, stride=1) = add of
| residual | ghost e; dwconv k, /stride if stride > 1; se if se; ghost c, no act |
| shortcut | [dwconv k, /stride; conv 1x1, c, no relu] if stride > 1 or in != c; identity if stride == 1 and in == c |

| op | k | e | c | se | stride |
|----|---|---|---|----|--------|
| conv 3x3, 8, /2 | | | | | |
| bneck | 3x3 | 16 | 8  |     |   |
| bneck | 3x3 | 24 | 16 |     | 2 |
| bneck | 5x5 | 24 | 16 | yes |   |
| bneck | 5x5 | 32 | 24 | yes | 2 |
| bneck | 5x5 | 32 | 24 |     |   |
| global-avgpool; fc classes | | | | | |
"""
MOBILENET_V3 = """
network mobilenet_v3(w=1.0, classes=10)
input 32x32x3
every conv:   conv no bias; bn
every dwconv: dwconv no bias; bn

block se = multiply of
| identity                                                               |
| global-avgpool; fc round_to(floor(in/4), 8); relu; fc in; hard-sigmoid |

block bneck(k, exp, c, se=no, nl=relu, s=1) = add of
| residual | conv 1x1, round_to(exp*w, 8) if in != round_to(exp*w, 8); nl if in != round_to(exp*w, 8); dwconv k, /s; nl; se if se; conv 1x1, round_to(c*w, 8) |
| shortcut | identity if s == 1 and in == round_to(c*w, 8) |

| conv 3x3, round_to(16*w, 8), /2; hard-swish |
| bneck 3x3, 16, 16                           |
| bneck 3x3, 24, 24, /2                       |
| bneck 5x5, 32, 40, se, /2                   |
| bneck 5x5, 48, 40, se                       |
| bneck 3x3, 48, 40, nl=hard-swish            |
| bneck 3x3, 56, 48, se, nl=hard-swish        |
| conv 1x1, 6*in; hard-swish                  |
| global-avgpool; fc classes                  |
"""
MOBILENET_V2 = """
network mobilenet_v2(classes=10)
input 16x16x8
every conv:   conv no bias; bn
every dwconv: dwconv no bias; bn

block bottleneck(t, c, s=1) = add of
| residual | conv 1x1, t*in if t > 1; dwconv 3x3, /s; conv 1x1, c |
| shortcut | identity if s == 1 and in == c                       |

| bottleneck 1, 8      |
| bottleneck 6, 8      |
| bottleneck 6, 16, /2 |
| global-avgpool; fc classes |
"""
WORDS = """
network words(classes=10)
input 8x8x4

block unit(c, act, mode=plain)
| conv 3x3, c; act; bn if mode == norm; conv 1x1, in; act |

block wrapped(c, act) = add of
| body  | unit c, act, mode=norm; unit c, act |
| input | identity |

| wrapped 8, relu  |
| wrapped 8, gelu  |
| wrapped 16, silu |
| unit 4, relu, mode=norm |
| global-avgpool; fc classes |
"""
EITHER = """
network either(classes=10)
input 8x8x4

block unit(c, first=yes)
| conv 3x3, in if first; maxpool 3x3, /1, pad=1 if not first; relu; conv 1x1, c; relu |

| unit 4            |
| unit 4, no first  |
| unit 8            |
| global-avgpool; fc classes |
"""
APART = """
network apart(classes=10)
input 8x8x4

block unit(c, wide=yes)
| [conv 3x3, c; bn; relu] if wide; [avgpool 3x3, /1, pad=1; conv 1x1, c; gelu] if not wide |

| unit 4, wide    |
| unit 4, no wide |
| global-avgpool; fc classes |
"""
NETWORKS = {
    "ghostnet": (GHOSTNET, 6),
    "mobilenet_v3": (MOBILENET_V3, 4),
    "mobilenet_v2": (MOBILENET_V2, 3),
    "words": (WORDS, 3),
    "either": (EITHER, 2),
    "apart": (APART, 3),
}
each = pytest.mark.parametrize("name", NETWORKS)


def classes(source: str) -> list[str]:
    return re.findall(r"^class (\w+)", source, re.MULTILINE)


@each
def test_a_block_is_one_class(name: str) -> None:
    text, count = NETWORKS[name]
    source = loads(text).source()
    assert len(classes(source)) == count, source
    tree = ast.parse(source)
    assert (dead(tree), [*twins(tree)]) == ([], [])


@each
def test_what_is_emitted_computes_what_the_spec_says(name: str) -> None:
    net = loads(NETWORKS[name][0])
    entry = entry_of(net.source(), function_name(net.network))
    compare(made(entry, {}), net.network)


@pytest.mark.slow
@each
def test_the_tools_of_torch_take_it(name: str) -> None:
    net = loads(NETWORKS[name][0])
    entry = entry_of(net.source(), function_name(net.network))
    survive(entry, made(entry, {}), net.network)


def test_the_code_is_that_of_an_expert(tmp_path: Path) -> None:
    for name, (text, _) in NETWORKS.items():
        (tmp_path / f"{name}.py").write_text(loads(text).source())
    paths = [f"{name}.py" for name in NETWORKS]
    expert.assert_passes(expert.LINT, *paths, folder=tmp_path)
    expert.assert_passes(expert.FORMAT, *paths, folder=tmp_path)


@pytest.mark.parametrize("w", [0.5, 1.3])
def test_a_width_multiplier_stays_where_blocks_ask_for_widths(w: float) -> None:
    net = loads(MOBILENET_V3)
    entry = entry_of(net.source(), function_name(net.network))
    compare(made(entry, {"w": w}), net(w=w).network, gradients=False)


def test_arguments_are_named_as_in_the_spec() -> None:
    source = loads(MOBILENET_V3).source()
    assert "k: int = 3,\n        nl: type[nn.Module] = nn.ReLU,\n        se: bool = False,\n" in source
    assert "self.bneck4 = Bneck(scaled(40), 48, 40, w, k=5, se=True)" in source
    assert "self.has_shortcut = s == 1 and in_channels == width_2" in source


def test_a_class_of_two_layers_says_so_and_a_depthwise_one_knows_its_groups() -> None:
    source = loads(MOBILENET_V2).source()
    assert '"""Conv2d and BatchNorm2d: `conv` or `dwconv` in the spec."""' in source
    alone = loads("network n\ninput 8x8x4\nevery dwconv: dwconv; bn\n| dwconv 3x3; conv3-8; dwconv 3x3 |\n").source()
    assert "def __init__(self, channels: int) -> None:" in alone
    assert "groups=channels" in alone


HOSTILE = """
network n(classes=10)
input 8x8x4
block unit(nn, Tensor, self_, torch=no)
| conv nn, Tensor; self_; bn if torch |

| unit 3x3, 8, relu        |
| unit 5x5, 8, gelu, torch |
| global-avgpool; fc classes |
"""


def test_names_of_arguments_never_meet_those_of_the_code() -> None:
    net = loads(HOSTILE)
    compare(made(entry_of(net.source(), function_name(net.network)), {}), net.network)


PIECES = [
    "conv k, c",
    "conv k, c if flag",
    "conv k, 2*c if not flag; act",
    "act",
    "act if flag",
    "bn if not flag",
    "dwconv k",
    "dwconv k, bias=flag",
    "maxpool 3x3, /1, pad=1",
    "conv 3x3, in if act == relu",
    "conv 1x1, t*in if t > 1",
    "conv 1x1, c if in != c; act if in != c",
    "inner c, act, flag",
    "inner in, relu, no",
]
SHORTCUTS = ["identity if in == c", "identity if in == c and flag", "conv 1x1, c if flag", "conv 1x1, c if in != c"]


def random_text(random: Random) -> str:
    def body() -> str:
        return "; ".join(random.choices(PIECES[:-2], k=random.randint(1, 4)))

    def use() -> str:
        k, act = random.choice(["1x1", "3x3", "5x5"]), random.choice(["relu", "gelu", "silu", "sigmoid"])
        return f"outer {k}, {random.choice([4, 8])}, {act}, {random.choice(['yes', 'no'])}, {random.choice([1, 2])}"

    residual = "; ".join(random.choices(PIECES, k=random.randint(1, 4)))
    rows = "\n".join(f"| {use()} |" for _ in range(random.randint(2, 5)))
    return f"""
network n(classes=3)
input 8x8x4
every conv: conv; bn
block inner(c, act, flag=no, k=3x3, t=1)
| {body()}; conv 1x1, c |

block outer(k, c, act, flag, t) = add of
| residual | {residual}; conv 1x1, c |
| shortcut | {random.choice(SHORTCUTS)} |

{rows}
| global-avgpool; fc classes |
"""


def tried(chunk: int) -> int:
    """How many random networks of a chunk there were, each of which computes what its spec says."""
    found = 0
    for seed in range(60 * chunk, 60 * chunk + 60):
        text = random_text(Random(seed))
        try:
            net = loads(text)
        except ArchError:
            continue
        source = net.source()
        tree = ast.parse(source)
        assert (dead(tree), [*twins(tree)]) == ([], []), text
        try:
            compare(made(entry_of(source, "n"), {}), net.network, gradients=False)
        except Found as end:
            raise AssertionError(text) from end
        found += 1
    return found


@pytest.mark.parametrize("chunk", [0, *(pytest.param(i, marks=pytest.mark.slow) for i in range(1, 10))])
def test_random_blocks_of_every_kind_of_argument(chunk: int) -> None:
    assert tried(chunk) > 5
