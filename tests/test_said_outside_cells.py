"""What a paper says outside the cells of its table is the same network as if it stood in them."""

from __future__ import annotations

from typing import Any

import pytest

import archspec

RESNET = """
network resnet(k=2, classes=1000)
input 224x224x3
{statement}
brackets: residual(shortcut=B)

every conv: conv no bias; bn; relu

block unit(c, s=1) = add of
| conv 3x3, c, /s      |
| shortcut c, /s       |

| layer   | op                                        |
|---------|-------------------------------------------|
| conv1   | conv 7x7, 64, /2                          |
| pool1   | maxpool 3x3, /2, pad=1                    |
| conv2_x | [1x1, 64{0}; 3x3, 64; 1x1, 256] x 3       |
| conv3_x | unit 128{1} x 4                           |
| conv4_x | conv 3x3, 256{2} x 2; bn                  |
| fc      | FC-classes                                |
"""


def steps(text: str, **parameters: Any) -> Any:
    network = archspec.loads(text, **parameters).network
    return [row.steps for row in network.rows], network.blocks


@pytest.mark.parametrize("stride", ["2", "k", "k + 1", "2x1"])
def test_a_stride_at_rows_is_that_in_their_cells(stride: str) -> None:
    written = f", /({stride})" if "+" in stride else f", /{stride}"
    said = RESNET.format("", "", "", statement=f"stride {stride} at conv3_x, conv2_x, conv4_x")
    assert steps(said) == steps(RESNET.format(written, written, written, statement=""))


def test_other_parameters_set_strides_too() -> None:
    text = RESNET.format("", "", "", statement="stride k at conv3_x, conv4_x")
    warm = archspec.loads(text)(k=4)
    assert warm.totals == archspec.loads(text, k=4).totals != archspec.loads(text).totals


def test_a_stride_that_agrees_with_resolutions_may_not_agree_for_another_value() -> None:
    """The network that is asked for by a call is read anew where a comparison may come out otherwise."""
    rows = "| a | conv3-8, /k | 32x32 |\n| b | conv3-8 | 16x16 |\n"
    text = f"network n(k=2)\ninput 32x32x3\nstrides from resolution\n\n| layer | op | resolution |\n|-|-|-|\n{rows}"
    with pytest.raises(archspec.ArchError, match="stride of 4"):
        archspec.loads(text)(k=4)


DENSE = """
network n(k=12, b=4, classes=10)
input 16x16x3
{0}
every conv: bn; relu; conv no bias

{1}
| conv1  | conv 3x3, 2*k    |
| dense1 | {2} x 3 |
| dense2 | {2} x 2 |
| fc     | FC-classes       |
"""


def test_dense_brackets_are_a_block_that_joins_what_enters() -> None:
    block = "block dense = concat of\n| all | identity |\n| new | conv 1x1, b*k; conv 3x3, k |\n"
    said = archspec.loads(DENSE.format("brackets: dense(growth=k, bottleneck=b)\n", "", "[1x1; 3x3]"))
    written = archspec.loads(DENSE.format("", block, "dense"))
    assert said.network.blocks == written.network.blocks
    assert said.totals == written.totals
    assert said(k=5, b=2).totals == written(k=5, b=2).totals


def test_rows_called_after_their_layers_are_those_layers() -> None:
    head = "network n\ninput 16x16x3\n\nblock fire(s1x1, e1x1)\n| conv 1x1, s1x1; conv 1x1, e1x1 |\n\n"
    named = "| layer | size/stride | #channels | s1x1 (squeeze) | #e1x1 |\n|-|-|-|-|-|\n"
    named = head.replace("e1x1", "ne1x1") + named
    said = named + "| conv1 | 3x3/2 | 8 | | |\n| max-pool1 | 2x2 | | | |\n| Fire2 | | | 4 | 16 |\n| FC3 | | 10 | | |\n"
    rows = "| conv1 | conv 3x3, 8, /2 |\n| max-pool1 | maxpool 2x2 |\n| Fire2 | fire 4, 16 |\n| FC3 | fc 10 |\n"
    assert steps(said) == steps(head.replace("e1x1", "ne1x1") + rows)


def test_a_label_behind_a_layer_is_the_name_of_its_row() -> None:
    text = "network n\ninput 16x16x3\n\n| type | kernel | channels |\n|-|-|-|\n| conv (3a) | 3x3 | 8 |\n| conv | 3x3 | 8 |\n"
    assert [row.layer for row in archspec.loads(text).network.rows] == ["conv (3a)", "conv1"]
    assert "self.conv_3a = nn.Conv2d(3, 8, 3, padding=1)" in archspec.loads(text).source()


@pytest.mark.parametrize("name", ["0.5×", "0.5x"])
def test_a_variant_is_asked_for_by_either_sign(name: str) -> None:
    head = "| layer | op | channels |\n| | | 0.5× | 1x |\n|-|-|-|-|\n"
    text = f"network n\ninput 8x8x3\nvariants 0.5x, 1×\n\n{head}| a | conv 3x3 | 4 | 8 |\n"
    assert archspec.loads(text, variant=name).params == 112
    assert archspec.loads(text, variant="1×")(variant=name).params == 112
