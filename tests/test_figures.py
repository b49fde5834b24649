"""Figures of the corpus: nothing lies on anything else, all can be read, and the same network gives the same bytes."""

from __future__ import annotations

import itertools
import os
import re
import subprocess
import sys
from collections import Counter
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest
from networks import corpus, named, statements
from scenes import faults
from scenes import named as of_role

from archspec import ArchError, load, loads
from archspec.elaborate import variants_of
from archspec.figures.files import style_names
from archspec.figures.palette import LOOKS, look
from archspec.figures.scene import Box, Line, Text, leaves
from archspec.figures.words import count_text, once_text

ROOT = Path(__file__).parent.parent
HEAD = "network n(k=1)\ninput 8x8x4\n"
TABLE = "\n| layer | op |\n|---|---|\n"
COLUMN = 8.5 / 2.54 * 72
PAGE = 25 / 2.54 * 72
"""How high a figure may be so that a page of A4 holds it with its margins, in points."""
FIRST = {
    name for name in corpus() if name == next(each for each in corpus() if each.split(":")[0] == name.split(":")[0])
}
"""The first member of each family."""
GRAPHS = {"vgg_D.arch", "resnet.arch:50", "unet.arch", "googlenet.arch", "densenet.arch:DenseNet-121", "mobilenet.arch"}


@named(corpus(), slow=set(corpus()) - FIRST)
@pytest.mark.parametrize("width", [None, "8.5cm"])
def test_a_figure_of_blocks_can_be_read(name: str, width: str | None) -> None:
    compiled = corpus()[name]
    figure = compiled.draw(width=width)
    assert faults(figure.scene) == []
    assert of_role(figure.scene.items, "row") == [row.layer for row in compiled.network.rows]
    if width is None:
        assert figure.scene.height <= PAGE or len(compiled.rows) > 30
    else:
        assert figure.scene.width == pytest.approx(COLUMN)


@named(corpus(), slow=set(corpus()) - GRAPHS)
@pytest.mark.parametrize("width", [None, "8.5cm"])
def test_a_figure_of_layers_can_be_read(name: str, width: str | None) -> None:
    compiled = corpus()[name]
    scene = compiled.draw(style="graph", width=width).scene
    assert faults(scene) == []
    assert Counter(of_role(scene.items, "row")) == Counter(row.layer for row in compiled.network.rows)


@pytest.mark.parametrize("style", ["blocks", "graph"])
def test_a_figure_is_the_same_whatever_order_sets_have(style: str) -> None:
    code = f"import archspec; print(archspec.load('specs/googlenet.arch').draw(style={style!r}).svg, end='')"
    drawn = {
        subprocess.run(
            [sys.executable, "-c", code], cwd=ROOT, env={**os.environ, "PYTHONHASHSEED": seed}, stdout=subprocess.PIPE
        ).stdout
        for seed in ("1", "2")
    }
    assert drawn == {load(ROOT / "specs/googlenet.arch").draw(style=style).svg.encode()}


def test_every_block_stands_once() -> None:
    network = corpus()["inception_resnet_v2.arch"].network
    scene = corpus()["inception_resnet_v2.arch"].draw().scene
    assert Counter(of_role(scene.items, "block")) == Counter(block.name for block in network.blocks.values())


def test_forms_of_a_block_that_differ_in_words_stand_in_one_frame() -> None:
    scene = corpus()["mobilenet_v3_small.arch"].draw().scene
    texts = [item.text for item in leaves(scene.items) if isinstance(item, Text)]
    assert of_role(scene.items, "block").count("bneck") == 2  # with and without squeeze_excite
    assert "relu or hard-swish" in texts
    assert "5×5 or 3×3 dwconv, /s" in " ".join(texts) or "3×3 or 5×5 dwconv, /s" in " ".join(texts)


@pytest.mark.parametrize(
    ("cell", "shown", "plate"),
    [
        ("[conv 3x3, 8; relu] x 3", "[conv 3×3, 8; relu]", "×3"),
        ("conv 3x3, 8 x n", "conv 3×3, 8", "×4"),
        ("conv 3x3, 8 × (n - 2)", "conv 3×3, 8", "×2"),
        ("[conv 3x3, 8 x 2; relu] x 3", "[conv 3×3, 8 × 2; relu]", "×3"),
    ],
)
def test_how_often_a_row_is_repeated_stands_on_its_plate_alone(cell: str, shown: str, plate: str) -> None:
    scene = loads(f"network x(n=4)\ninput 32x32x8\n{TABLE}| a | {cell} |\n").draw().scene
    texts = [item.text for item in leaves(scene.items) if isinstance(item, Text)]
    assert (shown in texts, plate in texts) == (True, True), texts


def test_a_cell_repeats_what_its_plate_does_not_say() -> None:
    assert once_text("conv 3x3, 8 x 2", 3) == "conv 3×3, 8 × 2"  # a column says 3
    assert once_text("conv 3x3, 8", 3) == "conv 3×3, 8"


def test_side_branches_leave_their_rows_and_stand_in_one_frame_where_they_are_alike() -> None:
    scene = corpus()["googlenet.arch"].draw().scene
    assert of_role(scene.items, "head") == ["aux1", "aux2", "aux1, aux2"]


def test_a_side_branch_may_leave_the_last_row() -> None:
    text = f"{HEAD}head aux from b, weight=0.3\n| fc 3 |\n{TABLE}| a | relu |\n| b | conv 3x3, 8 |\n"
    scene = loads(text).draw().scene
    assert faults(scene) == []
    assert of_role(scene.items, "head") == ["aux", "aux"]


@named(["googlenet.arch", "resnet.arch:50", "mobilenet.arch"])
def test_the_numbers_and_bars_are_those_of_the_rows(name: str) -> None:
    compiled = corpus()[name]
    items = [*leaves(compiled.draw().scene.items)]
    texts = Counter(item.text for item in items if isinstance(item, Text))
    for field in ("params", "mult_adds"):
        counts = [getattr(row, field) for row in compiled.rows if getattr(row, field)]
        assert not Counter(map(count_text, counts)) - texts
        assert texts[count_text(getattr(compiled, field))]
        bars = [item.width for item in items if isinstance(item, Box) and item.look == f"bar.{field}"]
        longest, most = max(bars), max(counts)
        assert bars == pytest.approx([max(0.4, longest * count / most) for count in counts])


def test_what_is_printed_wrong_stands_beside_what_is_right() -> None:
    texts = [item for item in leaves(corpus()["googlenet.arch"].draw().scene.items) if isinstance(item, Text)]
    wrong = [item.text for item in texts if item.look == "text.wrong"]
    first = next(i for i, text in enumerate(wrong) if text.startswith("printed 3"))
    assert " ".join(wrong[:first]) == "printed conv 7×7, 64, /2"
    assert wrong[first:] == [
        *(f"printed {figure}" for figure in ("364K", "437K", "463K", "580K", "840K", "1072K", "54M", "1388K")),
    ]
    assert "376K" in [item.text for item in texts]
    changed = corpus()["googlenet.arch"](classes=10).draw().scene
    assert not [item for item in leaves(changed.items) if item.look == "text.wrong"]  # printed for the file's own


def test_what_the_paper_prints_wrong_of_the_whole_network_stands_below() -> None:
    def notes(name: str) -> list[str]:
        scene = corpus()[name].draw().scene
        return [item.text for item in scene.items if isinstance(item, Text) and item.look == "text.wrong"]

    first, second = notes("inception_resnet_v2.arch")
    assert first == "Figure 17, linear 1x1: channels, 384 + 384 + 384, 1154 is printed, 1152 is right"
    assert second.endswith("2048 is printed, 2144 is right")
    assert notes("googlenet.arch") == []  # a lecture prints it, which is another paper
    claims = "".join(f"| t{i} | {i + 1} ! |\n" for i in range(9))
    scene = loads(f"{HEAD}{TABLE}| a | conv 3x3, 8 |\n\nclaims\n| source | params |\n|---|---|\n{claims}").draw().scene
    assert faults(scene) == []
    texts = [item.text for item in scene.items if isinstance(item, Text)]
    assert "and 6 others are printed wrong" in texts


def test_an_output_that_is_printed_wrong_is_said_too() -> None:
    table = "\n| layer | op | output |\n|---|---|---|\n| a | conv 3x3, 8 | 9x9x8 ! |\n| b | relu | |\n| c | relu | 7x7x8 ! |\n"
    for many in (1, 60):
        rows = "".join(f"| d{i} | relu | |\n" for i in range(many))
        scene = loads(HEAD + table + rows).draw().scene
        texts = [item.text for item in leaves(scene.items) if isinstance(item, Text)]
        assert texts.count("printed 9×9×8") == texts.count("printed 7×7×8") == 1
        assert faults(scene) == []


def test_a_print_of_any_length_stays_in_its_column() -> None:
    table = "\n| layer | op | params | mult-adds |\n|---|---|---|---|\n"
    rows = "| a | conv 3x3, 8 | 123,456,789,012,345,678 ! | 5 ! |\n| b | conv 1x1, 8 | 1 ! | 123,456,789,012 ! |\n"
    for width in ("6cm", "8.5cm", None):
        scene = loads(HEAD + table + rows).draw(width=width).scene
        assert faults(scene) == []
        wrong = [item.text for item in leaves(scene.items) if isinstance(item, Text) and item.look == "text.wrong"]
        assert len(wrong) == 4
        assert all(text.startswith("printed") for text in wrong)


def test_ways_that_pass_rows_have_lanes_of_their_own() -> None:
    scene = corpus()["unet.arch"].draw().scene
    upright = [line for line in leaves(scene.items) if isinstance(line, Line) and line.look == "line.shortcut"]
    lanes = [(line.points[1][0], line.bounds.top, line.bounds.bottom) for line in upright if len(line.points) == 4]
    assert len(lanes) == 8
    for (x, top, bottom), (other, above, below) in itertools.combinations(lanes, 2):
        assert x != other or bottom <= above or below <= top


@pytest.mark.parametrize("style", style_names())
def test_every_look_has_an_entry(style: str) -> None:
    for name in ("vgg_D.arch", "lenet5.arch"):
        for item in leaves(corpus()[name].draw(style=style).scene.items):
            assert look(item.look)


def test_svg_is_xml_whose_text_is_text() -> None:
    svg = corpus()["googlenet.arch"].draw().svg
    root = ElementTree.fromstring(svg)
    tags = {element.tag.rpartition("}")[2] for element in root.iter()}
    assert tags == {"svg", "title", "desc", "g", "rect", "path", "text"}
    said = ["".join(element.itertext()) for element in root.iter() if element.tag.endswith("}text")]
    assert "conv 1x1" not in said
    assert {"inception_3a", "concat", "28×28×256"} <= set(said)
    assert root.find("{http://www.w3.org/2000/svg}desc") is not None
    assert corpus()["googlenet.arch"].draw()._repr_svg_() == svg


NASTY = [
    "<script>alert(1)</script>",
    "a&amp;b",
    "]]>",
    "'\">",
    "\u202e\u0007",
    "W" * 400,
    "x y" * 200,
    "日本語",
    "\ufffe",
]


@pytest.mark.parametrize("style", ["blocks", "graph"])
@pytest.mark.parametrize("text", NASTY)
def test_texts_of_a_spec_are_only_text(style: str, text: str) -> None:
    figure = loads(f"{HEAD}{TABLE}| {text} | conv 3x3, 8 |\n| b | relu |\n").draw(style=style)
    root = ElementTree.fromstring(figure.svg)
    assert not [element for element in root.iter() if "script" in element.tag]
    assert faults(figure.scene) == []


def doubling(blocks: int) -> str:
    def steps(i: int) -> str:
        return f"b{i + 1}; b{i + 1}" if i < blocks else "conv 1x1, 4"

    return HEAD + "".join(f"block b{i}\n| {steps(i)} |\n\n" for i in range(blocks + 1)) + f"{TABLE}| a | b0 |\n"


def wide(branches: int) -> str:
    lines = "".join("| conv 3x3, c |\n" for _ in range(branches))
    return f"{HEAD}block b(c) = concat of\n{lines}{TABLE}| a | b 3 |\n"


def dense(rows: int) -> str:
    lines = [f"| r{i} | add | {', '.join(f'r{j}' for j in range(i))} |\n" for i in range(2, rows)]
    return f"{HEAD}\n| layer | op | from |\n|---|---|---|\n| r0 | relu | |\n| r1 | relu | |\n{''.join(lines)}"


TOO_LARGE = {
    "many rows": (HEAD + TABLE + "".join(f"| r{i} | relu |\n" for i in range(500)), "blocks"),
    "blocks that double": (doubling(30), "graph"),
    "many branches": (wide(400), "blocks"),
    "many branches in a graph": (wide(400), "graph"),
    "many ways": (dense(90), "graph"),
}


@pytest.mark.parametrize(("text", "style"), TOO_LARGE.values(), ids=TOO_LARGE)
def test_what_nobody_could_read_is_one_error_that_says_what_to_do(text: str, style: str) -> None:
    with pytest.raises(ArchError) as caught:
        loads(text).draw(style=style)
    [wrong] = caught.value.diagnostics
    assert wrong.code == "E1104"
    assert wrong.help


@pytest.mark.parametrize(
    ("text", "style"), [(wide(30), "blocks"), (wide(30), "graph"), (dense(24), "blocks"), (dense(24), "graph")]
)
def test_the_width_that_is_suggested_works(text: str, style: str) -> None:
    compiled = loads(text)
    with pytest.raises(ArchError) as caught:
        compiled.draw(style=style, width="6cm")
    [wrong] = caught.value.diagnostics
    found = re.search(r"--width (\S+cm)", wrong.help or "")
    assert found
    assert faults(compiled.draw(style=style, width=found[1]).scene) == []


def test_blocks_that_double_are_drawn_once_each() -> None:
    scene = loads(doubling(20)).draw().scene
    assert len(of_role(scene.items, "block")) == 21
    assert faults(scene) == []


def test_a_repetition_costs_no_more_than_its_steps() -> None:
    once, often = (loads(f"{HEAD}{TABLE}| a | [conv 3x3, 4; relu] x {n} |\n") for n in (2, 10**6))
    for style in ("blocks", "graph"):
        assert len([*leaves(once.draw(style=style).scene.items)]) == len([*leaves(often.draw(style=style).scene.items)])


def test_a_dense_block_is_folded_though_each_of_its_layers_has_more_channels() -> None:
    scene = corpus()["densenet.arch:DenseNet-121"].draw(style="graph").scene
    texts = {item.text for item in leaves(scene.items) if isinstance(item, Text)}
    assert {"×6", "×12", "×24", "×16"} <= texts


LETTERS = {name: style.fill for name, style in LOOKS.items() if name.startswith("box.") and style.fill}


@pytest.mark.parametrize("name", LETTERS)
def test_text_on_every_box_has_contrast_enough(name: str) -> None:
    dark, light = luminance("#1a1a1a"), luminance(LETTERS[name] or "")
    assert (light + 0.05) / (dark + 0.05) >= 7


def test_kinds_of_layers_stay_apart_in_grey() -> None:
    kinds = ("activation", "other", "norm", "conv", "pool", "block", "fc")
    for grey, least in ((luminance, 0.04), (luma, 7)):
        light = sorted(grey(look(f"box.{kind}").fill or "") for kind in kinds)
        assert all(lighter - darker > least for darker, lighter in pairwise(light))


def luma(colour: str) -> float:
    """The grey that programs make of a colour, from 0 to 255."""
    return sum(share * int(colour[i : i + 2], 16) for share, i in ((0.299, 1), (0.587, 3), (0.114, 5)))


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(share * part for share, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def test_every_family_has_a_first_member() -> None:
    families = [path for path in sorted((ROOT / "specs").glob("*.arch")) if variants_of(statements(path.name))]
    assert len(FIRST) == len({*(ROOT / "specs").glob("*.arch")})
    assert families
