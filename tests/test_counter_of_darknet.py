"""The conventions of darknet and of its fork against what these print: lines of their logs, and published totals."""

from __future__ import annotations

import pytest
from networks import ROOT

from archspec import load, loads

# The log that darknet's page on ImageNet classification prints for darknet19.cfg; its table of models has the total.
DARKNET_19 = """network darknet19(classes=1000)
input 256x256x3
counted darknet

every conv: conv no bias; bn; leaky-relu 0.1

| layer | op                                       | output     | mult-adds |
|-------|------------------------------------------|------------|-----------|
| 0     | conv3-32                                 | 256x256x32 | 0.113B    |
| 1     | maxpool                                  | 128x128x32 |           |
| 2     | conv3-64                                 | 128x128x64 | 0.604B    |
| 3     | maxpool                                  | 64x64x64   |           |
| 4     | conv3-128                                | 64x64x128  | 0.604B    |
| 5     | conv1-64                                 | 64x64x64   | 0.067B    |
| 6     | conv3-128                                | 64x64x128  | 0.604B    |
| 7     | maxpool                                  | 32x32x128  |           |
| 8     | conv3-256                                | 32x32x256  | 0.604B    |
| 9     | conv1-128                                | 32x32x128  | 0.067B    |
| 10    | conv3-256                                | 32x32x256  | 0.604B    |
| 11    | maxpool                                  | 16x16x256  |           |
| 12    | conv3-512                                | 16x16x512  | 0.604B    |
| 13    | conv1-256                                | 16x16x256  | 0.067B    |
| 14    | conv3-512                                | 16x16x512  | 0.604B    |
| 15    | conv1-256                                | 16x16x256  | 0.067B    |
| 16    | conv3-512                                | 16x16x512  | 0.604B    |
| 17    | maxpool                                  | 8x8x512    |           |
| 18    | conv3-1024                               | 8x8x1024   | 0.604B    |
| 19    | conv1-512                                | 8x8x512    | 0.067B    |
| 20    | conv3-1024                               | 8x8x1024   | 0.604B    |
| 21    | conv1-512                                | 8x8x512    | 0.067B    |
| 22    | conv3-1024                               | 8x8x1024   | 0.604B    |
| 23    | conv 1x1, classes, bias, no bn, no leaky-relu | 8x8x1000 | 0.131B |
| 24    | global-avgpool; flatten                  | 1000       |           |
| 25    | softmax                                  | 1000       |           |

claims
| source | mult-adds |
|--------|-----------|
| Ops    | 7.29B     |
"""
# The log that the fork prints for yolov3-tiny.cfg, whose first detection is a branch here.
YOLOV3_TINY = """network yolov3_tiny(classes=80)
input 416x416x3
counted darknet-alexeyab, with heads

every conv: conv no bias; bn; leaky-relu 0.1

| layer | op                            | from  | output     | mult-adds |
|-------|-------------------------------|-------|------------|-----------|
| 0     | conv3-16                      |       | 416x416x16 | 0.150B    |
| 1     | maxpool                       |       | 208x208x16 | 0.003B    |
| 2     | conv3-32                      |       | 208x208x32 | 0.399B    |
| 3     | maxpool                       |       | 104x104x32 | 0.001B    |
| 4     | conv3-64                      |       | 104x104x64 | 0.399B    |
| 5     | maxpool                       |       | 52x52x64   | 0.001B    |
| 6     | conv3-128                     |       | 52x52x128  | 0.399B    |
| 7     | maxpool                       |       | 26x26x128  | 0.000B    |
| 8     | conv3-256                     |       | 26x26x256  | 0.399B    |
| 9     | maxpool                       |       | 13x13x256  | 0.000B    |
| 10    | conv3-512                     |       | 13x13x512  | 0.399B    |
| 11    | maxpool 2x2, /1, pad=tf_same  |       | 13x13x512  | 0.000B    |
| 12    | conv3-1024                    |       | 13x13x1024 | 1.595B    |
| 13    | conv1-256                     |       | 13x13x256  | 0.089B    |
| 18    | conv1-128                     |       | 13x13x128  | 0.011B    |
| 19    | upsample 2                    |       | 26x26x128  |           |
| 20    | concat                        | 19, 8 | 26x26x384  |           |
| 21    | conv3-256                     |       | 26x26x256  | 1.196B    |
| 22    | conv 1x1, 3*(classes + 5), bias, no bn, no leaky-relu | | 26x26x255 | 0.088B |

head coarse from 13, weight=1
| layer | op                                                    |
|-------|-------------------------------------------------------|
| 14    | conv3-512                                             |
| 15    | conv 1x1, 3*(classes + 5), bias, no bn, no leaky-relu |

claims
| source       | mult-adds |
|--------------|-----------|
| Total BFLOPS | 5.571B    |
"""


@pytest.mark.parametrize("text", [DARKNET_19, YOLOV3_TINY], ids=["darknet", "the fork"])
def test_every_line_of_a_log_holds(text: str) -> None:
    compiled = loads(text)
    wrong = [check for check in (*compiled.cells, *compiled.claims) if check.verdict not in ("exact", "rounds")]
    assert not wrong
    assert len([check for check in compiled.cells if check.quantity == "mult-adds"]) >= 15


def test_darknet_prints_the_same_for_the_convolutions_and_nothing_for_pools() -> None:
    """Its own log of yolov3-tiny has the figures of the fork, in lines of convolutions alone."""
    compiled = loads(YOLOV3_TINY)
    fork = {row.layer: row.mult_adds for row in compiled.rows}
    own = {row.layer: row.mult_adds for row in compiled.under("darknet").rows}
    pools = {row.layer for row in compiled.rows if row.op.startswith("maxpool")}
    assert own == {name: 0 if name in pools else amount for name, amount in fork.items()}
    assert all(fork[name] for name in pools)


@pytest.mark.parametrize(
    ("network", "billions"),
    [
        (lambda: loads(DARKNET_19, input="448x448x3"), "22.33"),
        (lambda: load(ROOT / "specs" / "vgg_D.arch"), "30.94"),
        (lambda: load(ROOT / "specs" / "alexnet_cs231n.arch"), "2.27"),
    ],
    ids=["Darknet19 448x448", "VGG-16", "AlexNet"],
)
def test_the_operations_that_darknet_publishes(network: object, billions: str) -> None:
    """By `darknet ops`, which adds the fully connected layers, for which the log prints no figure."""
    assert callable(network)
    assert f"{network().under('darknet').mult_adds / 1e9:.2f}" == billions


LAYERS = "network n\ninput 8x8x4\n\n| layer | op | from |\n|---|---|---|\n{}"


@pytest.mark.parametrize(
    ("rows", "darknet", "fork"),
    [
        ("| a | conv 3x3, 6, groups=2 | |", 2 * 6 * 9 * 2 * 64, 2 * 6 * 9 * 2 * 64),
        ("| a | dwconv 3x3, /2 | |", 2 * 4 * 9 * 16, 2 * 4 * 9 * 16),
        ("| a | fc 10 | |", 2 * 256 * 10, 0),
        ("| a | transposed-conv 2x2, 4, /2 | |", 0, 0),
        ("| a | maxpool 3x3, /2, pad=1 | |", 0, 9 * 16 * 4),
        ("| a | avgpool 2x2 | |", 0, 4 * 16 * 4),
        ("| a | global-avgpool | |", 0, 0),
        ("| a | relu | |\n| b | sigmoid | in |\n| c | add | a, b, in |", 0, 2 * 256),
        ("| a | relu | |\n| c | multiply | a, in |", 0, 0),
        ("| a | relu | |\n| c | concat | a, in |", 0, 0),
        ("| a | bn; leaky-relu 0.1; upsample 2; dropout | |", 0, 0),
    ],
)
def test_what_each_layer_counts(rows: str, darknet: int, fork: int) -> None:
    compiled = loads(LAYERS.format(rows + "\n"))
    assert [compiled.under(name).mult_adds for name in ("darknet", "darknet-alexeyab")] == [darknet, fork]


def test_what_is_added_counts_once() -> None:
    text = LAYERS.format("| a | relu | |\n| c | add | a, in |\n\ncounted {}\n")
    fork, both = (loads(text.format(rule)).mult_adds for rule in ("darknet-alexeyab", "darknet-alexeyab, with add"))
    assert fork == both == 256
