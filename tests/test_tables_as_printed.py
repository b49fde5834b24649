"""Tables typed as they are printed are the networks of torchvision and timm: with their weights, their logits.

Only inputs of the printed size fit, as the tables print `7x7 average pool`, so there is one image for each.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import pytest
import torch
from other_implementations import Make, assert_close, random_state, timm, vision
from torch import Tensor, nn

import archspec

pytestmark = [pytest.mark.torch, pytest.mark.witnesses]
ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "as_printed.md").read_text("utf-8")
NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight")
ROW = re.compile(
    r"^\| \[[^\]]+\]\(\.\./specs/(?P<spec>\w+)\.arch\) +\| (?P<edited>\d+) +\| (?P<said>.*?) +\|$", re.MULTILINE
)


class Case(NamedTuple):
    """A table, the network that it is, and which of its linear layers the table prints as a convolution of 1x1."""

    spec: str
    make: Make
    side: int = 224
    as_conv: tuple[str, ...] = ()


CASES = {
    "resnet18": Case("resnet_printed.arch:18-layer", vision("resnet18")),
    "densenet121": Case("densenet.arch:DenseNet-121", vision("densenet121")),
    "squeezenet1_0": Case("squeezenet.arch", vision("squeezenet1_0"), 227),
    "mobilenet_v2": Case("mobilenet_v2.arch", vision("mobilenet_v2"), as_conv=("classifier.1.weight",)),
    "mobilenet_v3_large": Case(
        "mobilenet_v3_large.arch",
        vision("mobilenet_v3_large"),
        as_conv=("classifier.0.weight", "classifier.3.weight"),
    ),
    "mobilenet_v3_small": Case(
        "mobilenet_v3_small.arch",
        vision("mobilenet_v3_small"),
        as_conv=("classifier.0.weight", "classifier.3.weight"),
    ),
    "efficientnet_b0": Case("efficientnet.arch", vision("efficientnet_b0", stochastic_depth_prob=0)),
    "shufflenet_v2_x1_0": Case("shufflenet_v2.arch:1x", vision("shufflenet_v2_x1_0")),
    "legacy_xception": Case("xception.arch", timm("legacy_xception"), 299),
}


@pytest.mark.parametrize("name", CASES)
@torch.no_grad()
def test_logits_are_theirs(name: str) -> None:
    case = CASES[name]
    torch.manual_seed(1)
    image = torch.randn(1, 3, case.side, case.side, dtype=torch.float64)
    ours, theirs = archspec.load(f"{ROOT}/specs/{case.spec}"), case.make()
    state = random_state(theirs, torch.cat([image, image.flip(3)]))
    expected: Tensor = theirs(image)
    model = emitted(
        ours, {key: value[..., None, None] if key in case.as_conv else value for key, value in state.items()}
    )
    assert_close(model(image).flatten(1), expected)


def emitted(ours: archspec.Compiled, state: dict[str, Tensor]) -> nn.Module:
    """The module of the table with these weights in its places."""
    with torch.device("meta"):
        model = ours.build().eval()
    model.load_state_dict(ours.weights_from(state).state, assign=True)
    return model


@pytest.mark.slow
@torch.no_grad()
def test_u_net_crops_and_joins_as_its_figure_says() -> None:
    """The second witness is written by hand, after the figure, with the weights of the emitted module in order."""
    torch.manual_seed(3)
    model = archspec.load(f"{ROOT}/specs/unet.arch").build().double().eval()
    weights = iter(list(model.parameters()))
    image = torch.randn(1, 1, 572, 572, dtype=torch.float64)
    assert_close(model(image), by_hand(image, [(w, next(weights)) for w in weights]))


def by_hand(x: Tensor, weights: list[tuple[Tensor, Tensor]]) -> Tensor:
    f = nn.functional
    given = iter(weights)

    def twice(x: Tensor) -> Tensor:
        for _ in range(2):
            x = f.relu(f.conv2d(x, *next(given)))
        return x

    kept: list[Tensor] = []
    for _ in range(4):
        kept.append(twice(x))
        x = f.max_pool2d(kept[-1], 2)
    x = twice(x)
    for left in reversed(kept):
        x = f.conv_transpose2d(x, *next(given), stride=2)
        off = (left.shape[2] - x.shape[2]) // 2
        left = left[:, :, off : off + x.shape[2], off : off + x.shape[3]]
        x = twice(torch.cat([left, x], 1))
    return f.conv2d(x, *next(given))


@pytest.mark.parametrize(("spec", "said"), [(m["spec"], m["said"]) for m in ROW.finditer(PAGE)])
def test_the_page_quotes_the_statements_about_cells(spec: str, said: str) -> None:
    lines = (ROOT / "specs" / f"{spec}.arch").read_text("utf-8").splitlines()
    quoted = {text for text in re.findall(r"`([^`]+)`", said) if text != "ignore"}
    words = ("at ", "stride ", "strides ", "brackets:")
    assert quoted == {line for line in lines if line.startswith(words)}
    columns = [line.count(",") + 1 for line in lines if line.startswith("ignore ")]
    assert [NUMBERS.index(n) for n in re.findall(r"`ignore` of (\w+) columns", said)] == columns


def test_the_page_lists_every_table() -> None:
    assert len([*ROW.finditer(PAGE)]) == 11


def test_the_page_describes_as_many_edits_as_it_counts() -> None:
    found = re.search(r"^(\w+) cells? (?:is|are) edited: ", PAGE, re.MULTILINE)
    assert found is not None
    assert NUMBERS.index(found[1].lower()) == sum(int(row["edited"]) for row in ROW.finditer(PAGE))
