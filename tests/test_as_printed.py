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
    ("fc 12; softmax 12", "fc 12; softmax channels=12"),
    ("global average pool, 12-d fc, 12-way softmax", "global-avgpool; fc 12; softmax 12"),
    ("softmax-4", "softmax 4"),
    ("12-way fc", "fc 12"),
    ("dropout (40%)", "dropout 0.4"),
    ("dropout 12.5 %", "dropout 0.125"),
    ("dropout p=40%", "dropout 0.4"),
    ("conv 3x3, 64 with stride 2", "conv 3x3, 64, /2"),
    ("3x3 conv with stride 2, 64", "conv 3x3, 64, /2"),
    ("conv3-8 with bias", "conv3-8, bias"),
    ("linear 12", "fc 12"),
    ("relu, conv 3x3, 8, conv no bias, 1x1, 8", "relu; conv 3x3, 8; conv 1x1, 8, no bias"),
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
        ("softmax 10", None),  # 16 channels enter
        ("conv 3x3, 8; 32x32 global average pool", None),  # whose size nothing would check
        ("conv 3x3, 40%", None),
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


def test_a_softmax_says_its_channels_again_wherever_it_stands() -> None:
    spec = """network n(classes=10)
input 8x8x3

block gate(c)
| conv 1x1, c; softmax c |

| layer | op                           | #out |
|-------|------------------------------|------|
| a     | conv 3x3; softmax            | 8    |
| b     | softmax                      | 8    |
| c     | gate                         | 4    |
| fc    | fc classes; softmax classes  |      |
"""
    network = archspec.loads(spec)
    assert network.totals == archspec.loads(spec.replace("softmax c |", "softmax |")).totals
    assert "def __init__(self, in_channels: int, c: int)" in network.source()
    assert "def n(classes: int = 10)" in network.source()


def test_a_softmax_with_other_channels_is_an_error_that_shows_both() -> None:
    with pytest.raises(archspec.ArchError) as caught:
        archspec.loads("network n\ninput 8x8x3\n\n| conv3-16 |\n| softmax 1000 |\n")
    assert [d.message for d in caught.value.diagnostics] == ["expected 1000 channels, got 16"]


def test_a_number_in_the_name_of_a_softmax_is_checked() -> None:
    spec = """network n
input 8x8x3

| layer name  | filter size/stride | #channels |
|-------------|--------------------|-----------|
| conv1       | 3x3                | 16        |
| dropout (40%) |                  |           |
| dropout (.3) |                   |           |
| softmax 16  |                    |           |
"""
    network = archspec.loads(spec)
    assert network.rows[-1].layer == "softmax 16"
    source = network.source()
    assert "nn.Dropout(0.4)" in source
    assert "nn.Dropout(0.3)" in source
    with pytest.raises(archspec.ArchError, match="expected 15 channels, got 16"):
        archspec.loads(spec.replace("softmax 16", "softmax 15"))


DARKNET = """network darknet
input 32x32x3
every conv: conv no bias; bn; leaky-relu 0.1

| Type          | Filters | Size/Stride | Output  |
|---------------|---------|-------------|---------|
| Convolutional | 32      | 3 × 3       | 32 × 32 |
| Maxpool       |         | 2 × 2/2     | 16 × 16 |
| Convolutional | 64      | 3 × 3       | 16 × 16 |
| Convolutional | 10      | 1 × 1       | 16 × 16 |
| Avgpool       |         | Global      | 10      |
| Softmax       |         |             |         |
"""


def test_the_words_of_darknets_table() -> None:
    network = archspec.loads(DARKNET)
    assert [str(row.output) for row in network.rows] == ["32x32x32", "16x16x32", "16x16x64", "16x16x10"] + [
        "1x1x10"
    ] * 2
    assert network.rows[4].op == "Avgpool, Global"
    assert [check.verdict for check in network.cells] == ["exact"] * 5


MOBILENET = """network mobilenet
input 224x224x3
every conv: conv no bias; bn; relu
every dwconv: dwconv no bias; bn; relu

| Type / Stride | Filter Shape       | Input Size      |
|---------------|--------------------|-----------------|
| Conv / s2     | 3 × 3 × 3 × 32     | 224 × 224 × 3   |
| Conv dw / s1  | 3 × 3 × 32 dw      | 112 × 112 × 32  |
| Conv / s1     | 1 × 1 × 32 × 64    | 112 × 112 × 32  |
| Conv dw / s2  | 3 × 3 × 64 dw      | 112 × 112 × 64  |
| Conv / s1     | 1 × 1 × 64 × 128   | 56 × 56 × 64    |
| Conv dw / s1  | 3 × 3 × 128 dw     | 56 × 56 × 128   |
| Conv / s1     | 1 × 1 × 128 × 128  | 56 × 56 × 128   |
| Conv dw / s2  | 3 × 3 × 128 dw     | 56 × 56 × 128   |
| Conv / s1     | 1 × 1 × 128 × 256  | 28 × 28 × 128   |
| Conv dw / s1  | 3 × 3 × 256 dw     | 28 × 28 × 256   |
| Conv / s1     | 1 × 1 × 256 × 256  | 28 × 28 × 256   |
| Conv dw / s2  | 3 × 3 × 256 dw     | 28 × 28 × 256   |
| Conv / s1     | 1 × 1 × 256 × 512  | 14 × 14 × 256   |
| [Conv dw / s1 <br> Conv / s1] × 5 | 3 × 3 × 512 dw <br> 1 × 1 × 512 × 512 | 14 × 14 × 512   |
| Conv dw / s2  | 3 × 3 × 512 dw     | 14 × 14 × 512   |
| Conv / s1     | 1 × 1 × 512 × 1024 | 7 × 7 × 512     |
| Conv dw / s1  | 3 × 3 × 1024 dw    | 7 × 7 × 1024    |
| Conv / s1     | 1 × 1 × 1024 × 1024 | 7 × 7 × 1024   |
| Avg Pool / s1 | Pool 7 × 7         | 7 × 7 × 1024    |
| FC / s1       | 1024 × 1000        | 1 × 1 × 1024    |
| Softmax / s1  | Classifier         | 1 × 1 × 1000    |
"""
"""Table 1 of MobileNets (arXiv:1704.04861). It prints stride 2 for the last `Conv dw`, by which 7 x 7 would be 4 x 4, and "5×"
with a brace beside two rows, which are one here."""


def test_mobilenets_table_of_filter_shapes() -> None:
    network = archspec.loads(MOBILENET)
    assert (network.params, network.mult_adds) == (4_231_976, 568_740_352)
    assert [check.verdict for check in network.cells] == ["exact"] * 42
    middle = network.rows[13]
    assert middle.filters == "3x3x512 dw; 1x1x512x512"
    assert middle.op == "[Conv dw / s1; Conv / s1] × 5 (3 × 3 × 512 dw; 1 × 1 × 512 × 512)"


@pytest.mark.parametrize(
    ("printed", "other", "row"),
    [
        ("1 × 1 × 32 × 64 ", "1 × 1 × 33 × 64 ", "conv2"),
        ("3 × 3 × 64 dw", "3 × 3 × 65 dw", "dwconv2"),
        ("1024 × 1000", "1023 × 1000", "fc1"),
        ("3 × 3 × 512 dw <br>", "3 × 3 × 513 dw <br>", "dwconv7"),
    ],
)
def test_the_channels_that_enter_filters_are_checked(printed: str, other: str, row: str) -> None:
    network = archspec.loads(MOBILENET.replace(printed, other, 1))
    assert not network.holds
    assert [check.source for check in network.cells if check.verdict == "disagrees"] == [row]
