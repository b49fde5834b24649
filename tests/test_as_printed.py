"""What papers print in a cell is the same network as the forms of the language."""

from __future__ import annotations

import pytest

import archspec

PAIRS = [
    ("7x7 conv, 64, stride 2", "conv 7x7, 64, /2"),
    ("7 × 7 conv, 64, stride 2", "conv 7x7, 64, /2"),
    ("conv 3x3, 64, pad 0, stride 2", "conv 3x3, 64, pad=0, /2"),
    ("conv 3x3, 64, stride 2x1", "conv 3x3, 64, /2x1"),
    ("conv2d 1x1, 8", "conv 1x1, 8"),
    ("Conv1x1, 8", "conv 1x1, 8"),
    ("Conv dw 3x3 / 2", "dwconv 3x3, /2"),
    ("conv 3x3, 8 / s2", "conv 3x3, 8, /2"),
    ("depthwise conv 3x3, s2", "dwconv 3x3, /2"),
    ("7x7/2 (x96)", "conv 7x7, 96, /2"),
    ("7x7 conv, stride 2 (x96)", "conv 7x7, 96, /2"),
    ("conv k3x3, 8", "conv 3x3, 8"),
    ("3x3 max pool, stride 2", "maxpool 3x3, /2"),
    ("max pooling 3x3/2", "maxpool 3x3, /2"),
    ("3x3 average pool", "avgpool 3x3"),
    ("global average pool", "global-avgpool"),
    ("GlobalAveragePooling", "global-avgpool"),
    ("contrast norm", "lrn"),
    ("conv 3x3, 8, batch norm, ReLU", "conv 3x3, 8; bn; relu"),
    ("conv 3x3, 8 & maxpool & relu", "conv 3x3, 8; maxpool; relu"),
    ("conv 3x3, 8, relu, dropout 0.2", "conv 3x3, 8; relu; dropout 0.2"),
    ("fully connected 12", "fc 12"),
    ("fully-connected 12, relu", "fc 12; relu"),
    ("12-d fc", "fc 12"),
    ("12D fully-connected", "fc 12"),
    ("global average pool, 12-d fc, softmax", "global-avgpool; fc 12; softmax"),
    ("[1 × 1 conv, 8; 3 × 3 conv, 8] × 3", "[conv 1x1, 8; conv 3x3, 8] x 3"),
    ("upconv 2x2, 8", "transposed-conv 2x2, 8, /2"),
    ("up-conv 2x2, 8, /1", "transposed-conv 2x2, 8, /1"),
    ("deconvolution 4x4, 8, stride 2", "transposed-conv 4x4, 8, /2"),
    ("unit 8, stride 2", "unit 8, /2"),
    ("unit 8, k5x5, s2", "unit 8, k=5x5, /2"),
    ("MB Unit6 8", "MBUnit6 8"),
]
"""A cell as printed, and the same in the forms of the language."""
SPEC = """network n(classes=10, width=12)
input 64x64x6

block unit(c, stride=1, k=3x3)
| conv k, c, /stride |

block MBUnit6(c)
| conv 1x1, 6*c; conv 1x1, c |

| layer | op |
|-------|----|
| b     | unit 4; MBUnit6 4 |
| a     | CELL |
| fc    | fc classes * width / width |
"""


@pytest.mark.parametrize(("printed", "plain"), PAIRS)
def test_a_printed_cell_is_the_plain_one(printed: str, plain: str) -> None:
    found, expected = (archspec.loads(SPEC.replace("CELL", cell)) for cell in (printed, plain))
    assert [row.steps for row in found.network.rows] == [row.steps for row in expected.network.rows]
    assert found.network.blocks == expected.network.blocks
    assert (found.params, found.mult_adds) == (expected.params, expected.mult_adds)


@pytest.mark.parametrize(
    ("cell", "output"),
    [
        ("conv 3x3, dw", "64x64x5"),  # and no depthwise convolution
        ("conv 3x3, stride", "64x64x4"),
        ("conv 3x3, 14 / s2", "64x64x2"),
        ("conv 3x3, relu", "64x64x3"),
    ],
)
def test_a_name_of_the_authors_own_means_that_first(cell: str, output: str) -> None:
    spec = f"""network n(dw=5, stride=4, s2=7, relu=3)
input 64x64x6

| {cell}; conv 1x1, dw + stride + s2 + relu |
"""
    first = archspec.loads(spec.replace("; conv", " |\n| conv")).rows[0]
    assert str(first.output) == output


READ = """network n(x2=7, classes=10)
input 32x32x16

block up_conv(k, c, s=1)
| conv k, c, /s |
block leaky(c=4, nl=relu)
| conv 1x1, 4; relu |
block G_bneck(c=4)
| conv 1x1, c |

| type |
|------|
| conv1-16 |
| CELL |
| fc classes + x2 - x2 |
"""


@pytest.mark.parametrize(
    ("printed", "plain"),
    [
        ("dropout (0.3)", "dropout 0.3"),  # no label: `inception (3a)` is one
        ("groupnorm (8)", "groupnorm 8"),
        ("upsample (4)", "upsample 4"),
        ("leaky 4", "leaky c=4"),
        ("up conv 3x3, 16", "up_conv 3x3, 16"),  # the author's block, with no stride that nobody wrote
        ("up-conv 3x3, 16", "up_conv 3x3, 16"),
        ("G-bneck 8", "G_bneck 8"),
        ("conv 3x3 (x2)", "conv 3x3, x2"),  # the author's parameter
        ("3x3 conv, 8 (x2)", None),
        ("average pool, ceil", None),
        ("3x3 conv, 64, ReLU, pad 0", None),
        ("[3x3 conv (x8); 3x3, channels 8] x 2", "[conv 3x3, 8; conv 3x3, 8] x 2"),
    ],
)
def test_what_was_once_misread(printed: str, plain: str | None) -> None:
    if plain is None:
        with pytest.raises(archspec.ArchError):
            archspec.loads(READ.replace("CELL", printed))
        return
    found, expected = (archspec.loads(READ.replace("CELL", cell)) for cell in (printed, plain))
    assert [row.steps for row in found.network.rows] == [row.steps for row in expected.network.rows]


@pytest.mark.parametrize(
    "cell",
    ["conv 1x1, 64" + ", relu" * 2000, "_ " * 4000 + "_", "conv 1x1, " + "a " * 4000 + "a", "max " * 4000 + "pool"],
)
def test_long_cells_of_words_have_an_answer(cell: str) -> None:
    with pytest.raises(archspec.ArchError):
        archspec.loads(f"network n\ninput 8x8x3\n\n| op |\n|----|\n| {cell} |\n| nothing |\n")


def test_powers_are_no_bold_type() -> None:
    with pytest.raises(archspec.ArchError, match="is not expected here"):
        archspec.loads("network n(c=8)\ninput 8x8x3\n\n| conv 3x3, c**2 |\n")
