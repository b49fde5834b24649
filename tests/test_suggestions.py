"""What is suggested for names that archspec does not have: it is what they mean elsewhere, and it can be read."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from archspec import ArchError, loads, ops
from archspec.arguments import ELSEWHERE
from archspec.diagnostics import Diagnostic
from archspec.ops._foreign import FOREIGN

HEAD = "network n(width=3, classes=10)\ninput 32x32x16\n\nblock unit(c, s=1)\n| conv 3x3, c, /s |\n\n| unit width; unit 16 |\n"
REST = "| fc classes |\n"
ALIASES = sorted({alias for op in ops.every() for alias in (*op.elsewhere, *op.phrased)})


def folded(name: str) -> str:
    return name.lower().replace("-", "").replace("_", "")


def wrong(cell: str) -> list[Diagnostic]:
    """What is said of a row."""
    with pytest.raises(ArchError) as caught:
        loads(f"{HEAD}| {cell} |\n{REST}").checked()
    return [each for each in caught.value.diagnostics if each.severity == "error"]


def test_a_name_elsewhere_is_that_of_one_layer_and_of_none_here() -> None:
    own = {folded(name) for name in ops.names()}
    known = Counter(folded(alias) for op in ops.every() for alias in (*op.elsewhere, *op.phrased))
    assert [name for name, times in known.items() if times > 1 or name in own or name in FOREIGN] == []
    assert own.isdisjoint(FOREIGN)
    assert all(name == folded(name) for name in FOREIGN)


def test_arguments_elsewhere_are_arguments_of_some_layer() -> None:
    own = {name for op in ops.every() for name in op.arguments} | {"s"}
    assert {name for names in ELSEWHERE.values() for name in names} <= own
    assert all(name == folded(name) for name in ELSEWHERE)


@pytest.mark.parametrize("alias", ALIASES)
def test_a_layer_by_its_name_elsewhere_is_suggested(alias: str) -> None:
    (op,) = [op for op in ops.every() if alias in (*op.elsewhere, *op.phrased)]
    help = wrong(alias)[0].help
    assert help is not None
    assert re.match(rf"(did you mean|write) `{op.spelled()}\b", help)
    assert op.phrased.get(alias, "") in help


@pytest.mark.parametrize("word", [*FOREIGN, "conv1d", "Conv3D", "max-pool1d", "AvgPool3d", "BatchNorm1d", "crelu-3"])
def test_a_layer_that_archspec_lacks_is_no_slip_of_another(word: str) -> None:
    (said,) = wrong(f"{word} 3")
    assert said.code == "E0601"
    assert said.help is not None
    assert "`archspec layers` lists the layers" in said.help
    assert bool(said.notes) == (FOREIGN.get(folded(word)) != "")
    standing_in = f'`opaque "{word}"` stands for a layer that is not known; '
    written = any("`" in note.partition(f"`{word}`")[2] for note in said.notes)
    assert said.help.startswith(standing_in) != written
    assert loads(f'network n\ninput 4x4x2\n| opaque "{word}" |\n').params == 0


MENDED = {
    "Conv2d 64, kernel_size=3, padding=1, strides=2": "Conv2d 64, kernel=3, pad=1, stride=2",
    'Conv2D filters=64, kernel_size=3x3, padding="same", use_bias=False': "Conv2D channels=64, kernel=3x3, pad=same, bias=no",
    "conv2d 64, kernel_size=3, strides=2, padding=SAME": "conv2d 64, kernel=3, stride=2, pad=tf_same",
    "conv 3x3, 64, padding=1, strides=2": "conv 3x3, 64, pad=1, stride=2",
    "conv 3x3, units=64, same": "conv 3x3, channels=64, pad=same",
    "cnov3x3 64": "conv 3x3, 64",
    "conv3x3, 64, dilation_rate=2, group=2": "conv3x3, 64, dilation=2, groups=2",
    "cnov3x3, 64, dilation_rate=2, group=2": "conv 3x3, 64, dilation=2, groups=2",
    "pointwise-conv 64, bias=False": "conv 1x1, 64, bias=no",
    "linear out_features=100, bias=False": "linear units=100, bias=no",
    "MaxPooling2D pool_size=3, strides=2, padding=same": "maxpool kernel=3, stride=2, pad=tf_same",
    "maxpool 3x3, strides=2, ceil_mode=True": "maxpool 3x3, stride=2, ceil=yes",
    "reflection-pad 3": "pad 3, mode=reflect",
    "ReplicationPad2d padding=3": "pad by=3, mode=replicate",
    "upsample scale_factor=2, bilinear": "upsample factor=2, mode=bilinear",
    "group-normalization num_groups=8, epsilon=1e-3": "groupnorm groups=8, eps=1e-3",
    "uint 64, strides=2": "unit 64, s=2",
    "conv 3x3, 64, bias=False": "conv 3x3, 64, bias=no",
    "maxpool 3x3, /2, pad=SAME": "maxpool 3x3, /2, pad=tf_same",
    "unit filters=8, strides=2": None,
}


@pytest.mark.parametrize("cell", MENDED)
def test_a_line_that_is_suggested_has_all_mistakes_mended_and_holds(cell: str) -> None:
    mended = MENDED[cell]
    help = wrong(cell)[0].help
    assert help is not None
    assert ("write" in help) == (mended is not None)
    if mended is not None:
        assert help == f"write `{mended}`"
        loads(f"{HEAD}| {mended} |\n{REST}").checked()


ALONE = {
    "conv 3x3, filters=64": "channels",
    "conv 3x3, 64, padding=1": "pad",
    "conv 3x3, 64, same": "pad=same",
    "conv 3x3, 64 /2, same": "pad=tf_same",
    "upsample bilinear": "mode=bilinear",
    "leaky-relu alpha=0.1": "slope",
    "dropout rate=0.5": "p",
    "lrn size=5": "n",
    "unit 64, strides=2": "s",
    "cnov3-64x2": "conv3-64 x 2",
    "dense 100": "fc",
    "GlobalAveragePooling2D": "global-avgpool",
    "conv 3x3, 64, wdith": "width",
    "relu7": "relu",
    "units 8": "unit",
}


@pytest.mark.parametrize("cell", ALONE)
def test_one_mistake_is_mended_by_a_word(cell: str) -> None:
    assert wrong(cell)[0].help == f"did you mean `{ALONE[cell]}`?"


def test_what_cannot_be_read_when_it_is_mended_is_not_written_out() -> None:
    assert wrong("dense 64, fused=relu")[0].help == "did you mean `fc`?"
    assert wrong("conv2d 64, kernel_size=3, fused=relu")[0].help == "did you mean `kernel`?"
    assert wrong("conv 3x3, 64, padding=1, fused=relu")[0].help == "did you mean `pad`?"


def test_a_layer_that_an_argument_names_is_written_behind() -> None:
    assert wrong("dense 64, activation=relu")[0].help == "write `fc 64; relu`"
    assert wrong("conv2d 64, kernel_size=3, activation=relu")[0].help == "write `conv2d 64, kernel=3; relu`"
    assert wrong("conv 3x3, 64, padding=1, activation=relu")[0].help == "write `conv 3x3, 64, pad=1; relu`"


def test_an_argument_that_stands_there_twice_is_left_out() -> None:
    help = "`kernel_size=3` says `kernel` a second time: write `conv 3x3, 64, pad=1`"
    assert wrong("conv 3x3, 64, kernel_size=3, padding=1")[0].help == help
