"""Maps with the channels last: where they lie is known from what takes them, also behind what no layer says."""

from __future__ import annotations

import pytest

pytest.importorskip("torch")

import torch
from modules_to_import import By
from torch import Tensor, nn

import archspec
from archspec.importing.graph import Graph, rounded
from archspec.importing.importing import spec_of
from archspec.importing.torch.reader import read
from archspec.importing.torch.verify import verify
from archspec.op import Shape

pytestmark = pytest.mark.torch
SMALL = Shape(6, 8, 12)


def told(graph: Graph) -> str:
    return "; ".join(f"{layer.op} {layer.output}" for layer in graph.layers)


def read_and_verified(module: nn.Module) -> str:
    graph = read(module, SMALL, "last", "Last")
    verdict = verify(module, graph, archspec.loads(spec_of(graph)[0]))
    assert verdict.holds, verdict.reason
    return told(graph)


def merging(order: tuple[int, ...]) -> nn.Module:
    """Squares of positions become channels in some order, channels last, as where Swin merges patches."""

    def forward(x: Tensor, norm: nn.Module, fc: nn.Module, head: nn.Module) -> Tensor:
        x = x.permute(0, 2, 3, 1)
        batch, height, width, channels = x.shape
        x = x.reshape(batch, height // 2, 2, width // 2, 2, channels).permute(order).flatten(3)
        found: Tensor = head(fc(norm(x)).mean((1, 2)))
        return found

    return By(forward, norm=nn.LayerNorm(24), fc=nn.Linear(24, 16), head=nn.Linear(16, 10))


BEHIND = "layernorm 4x6x24; conv 4x6x16; global-avgpool 1x1x16; fc 10"
MERGED: dict[tuple[int, ...], str] = {
    (0, 1, 3, 4, 2, 5): "opaque 4x6x24",
    (0, 1, 3, 2, 4, 5): "pixel-unshuffle 4x6x24; channel-shuffle 4x6x24",
    (0, 1, 3, 5, 2, 4): "pixel-unshuffle 4x6x24",
}


@pytest.mark.parametrize("order", MERGED)
def test_patches_that_are_merged_leave_the_channels_last(order: tuple[int, ...]) -> None:
    assert read_and_verified(merging(order)) == f"{MERGED[order]}; {BEHIND}"


def sums(x: Tensor) -> Tensor:
    """What no layer says, in more operations than stay apart."""
    return x.cumsum(2).cumsum(3).cumsum(2)


class Turned(nn.Module):
    """No layer says it, and it gives the channels last."""

    def forward(self, x: Tensor) -> Tensor:
        return sums(x).permute(0, 2, 3, 1).contiguous()


class Back(nn.Module):
    """No layer says it, and it takes the channels last and gives them first, with fewer positions."""

    def forward(self, x: Tensor) -> Tensor:
        return sums(x.permute(0, 3, 1, 2))[..., ::2]


class Tokens(nn.Module):
    """No layer says it, and it gives tokens."""

    def forward(self, x: Tensor) -> Tensor:
        return sums(x).flatten(2).transpose(1, 2)


def test_what_takes_the_output_of_an_opaque_part_says_where_its_channels_are() -> None:
    turned = By(lambda x, part, fc: fc(part(x)).mean((1, 2)), part=Turned(), fc=nn.Linear(6, 16))
    assert read_and_verified(turned) == "opaque 8x12x6; conv 8x12x16; global-avgpool 1x1x16; flatten 16"
    tokens = By(lambda x, part, norm: norm(part(x)).mean(1), part=Tokens(), norm=nn.LayerNorm(6))
    assert read_and_verified(tokens) == "opaque 8x12x6; layernorm 8x12x6; global-avgpool 1x1x6; flatten 6"
    back = By(lambda x, fc, part, conv: conv(part(fc(x.permute(0, 2, 3, 1)))), fc=nn.Linear(6, 16), part=Back())
    back.conv = nn.Conv2d(16, 4, 1)
    assert read_and_verified(back) == "conv 8x12x16; opaque 8x6x16; conv 8x6x4"


class OneToken(nn.Module):
    """No layer says it, and it gives one token."""

    def forward(self, x: Tensor) -> Tensor:
        return sums(x).flatten(2).transpose(1, 2)[:, :1]


def test_tokens_of_an_opaque_part_have_their_channels_last_where_nothing_says_more() -> None:
    first = By(lambda x, part, fc: fc(part(x)[:, 0]), part=OneToken(), fc=nn.Linear(6, 10))
    assert read_and_verified(first) == "opaque 1x1x6; opaque 6; fc 10"


class DropPath(nn.Module):
    """A branch that is dropped for an image, as libraries write it."""

    def __init__(self, rate: float) -> None:
        super().__init__()
        self.drop_prob = rate

    def forward(self, x: Tensor) -> Tensor:
        return x


def test_rates_in_single_precision_are_the_ratios_that_they_were() -> None:
    rates = torch.linspace(0, 0.1, 12).tolist()
    blocks = [By(lambda x, fc, drop: x + drop(fc(x)), fc=nn.Conv2d(6, 6, 1), drop=DropPath(rate)) for rate in rates]
    graph = read(nn.Sequential(*blocks), SMALL, "rates", "Rates")
    found = [layer.args["p"] for layer in graph.layers if layer.op == "drop-path"]
    assert found == [rounded(k / 110) for k in range(1, 12)]
    assert "drop-path 0.1, linear" in spec_of(graph)[0]


def test_a_batch_norm_of_tokens_is_that_of_the_map() -> None:
    def normed(x: Tensor, fc: nn.Module, norm: nn.Module) -> Tensor:
        x = fc(x.flatten(2).transpose(1, 2))
        found: Tensor = norm(x.flatten(0, 1)).reshape_as(x).mean(1)
        return found

    read_as = read_and_verified(By(normed, fc=nn.Linear(6, 16), norm=nn.BatchNorm1d(16)))
    assert read_as == "conv 8x12x16; bn 8x12x16; global-avgpool 1x1x16; flatten 16"
