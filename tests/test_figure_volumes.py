"""The style ``volumes`` by arithmetic: nothing overlaps, nothing leaves the page, and sizes say what they stand for."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import pytest
from networks import ROOT, SPECS, family

from archspec import ArchError, Compiled, load, loads
from archspec.figures.palette import LOOKS
from archspec.figures.scene import Box, Line, Scene, Text, leaves
from archspec.figures.slabs import Scales, drawn
from archspec.figures.styles.volumes import scene
from archspec.figures.volumes import Volume, volumes_of
from archspec.op import Shape

FOLDER = ROOT / "specs"
NARROW, COLUMN, PAGE = 170.0, 241.0, 482.0


def chain(*rows: str, input: str = "32x32x3") -> Compiled:
    table = "".join(f"| {name} | {op} |\n" for name, _, op in (row.partition("=") for row in rows))
    return loads(f"network t\ninput {input}\n\n| layer | op |\n|---|---|\n{table}")


def texts(drawing: Scene) -> list[Text]:
    return [item for item in leaves(drawing.items) if isinstance(item, Text)]


def faces(drawing: Scene, kind: str = "") -> list[Box]:
    """The faces of slabs, without the legend."""
    boxes = (item for item in leaves(drawing.items) if isinstance(item, Box) and item.look.startswith(f"face.{kind}"))
    return [box for box in boxes if box.radius == 0]


@pytest.mark.parametrize("spec", [path for path in SPECS if path.stem != "unet"], ids=lambda path: path.stem)
def test_texts_stand_apart_and_all_is_on_the_page(spec: Path) -> None:
    *_, network = family(f"specs/{spec.name}")
    for width in (NARROW, COLUMN, None):
        stands(scene(network.result, width), width)


def stands(drawing: Scene, width: float | None) -> None:
    found = texts(drawing)
    assert min(text.size for text in found) >= 7
    for one, other in combinations([(text, text.bounds) for text in found], 2):
        assert not one[1].meets(other[1]), (one, other)
    for item in leaves(drawing.items):
        assert drawing.bounds.holds(item.bounds), item
        assert item.look in LOOKS
    slabs = faces(drawing)
    boxes = [slab.bounds for slab in slabs]
    for bounds in (text.bounds for text in found):
        assert not any(bounds.meets(box) for box in boxes), bounds
    assert not any(one.meets(other) for one, other in combinations(boxes, 2))
    assert width in (None, drawing.width)


def test_what_stands_under_the_slabs_is_what_papers_print() -> None:
    said = [text.text for text in texts(scene(load(FOLDER / "alexnet.arch").result, PAGE))]
    assert [word for word in said if word[:-1] in ("conv", "pool", "fc")] == [
        *("conv1", "pool1", "conv2", "pool2", "conv3", "conv4", "conv5", "pool5", "fc6", "fc7", "fc8")
    ]
    assert "11×11, /4" in said
    assert said.count("2×128") == 2, "the halves of conv2 and conv5"
    assert said.count("2×192") == 1
    for size in ("227×227", "55×55", "27×27", "13×13", "6×6"):
        assert said.count(size) == 1
    assert "norm1" not in said
    assert "prob" not in said


def test_two_groups_are_two_halves_and_many_are_one_slab() -> None:
    assert len(faces(scene(chain("a=conv 3x3, 8", "b=conv 3x3, 8, groups=2").result, None), "conv")) == 3
    assert len(faces(scene(chain("a=conv 3x3, 8", "b=dwconv 3x3").result, None), "conv")) == 2


def test_a_repetition_of_few_is_drawn_one_by_one_and_one_of_many_with_its_number() -> None:
    assert len(faces(scene(load(FOLDER / "vgg_D.arch").result, PAGE), "conv")) == 13
    drawing = scene(chain("a=conv 3x3, 8", "b=conv 3x3, 8 x 30").result, None)
    assert len(faces(drawing, "conv")) == 2
    assert "b ×30" in [text.text for text in texts(drawing)]


def test_sizes_grow_with_the_sides_and_the_channels() -> None:
    scales = Scales(224, 4096)
    heights = [scales.slab(Volume("a", "conv", Shape(64, n, n))).tall for n in (1, 7, 14, 28, 56, 112, 224)]
    assert heights == sorted(set(heights))
    assert heights[-1] == pytest.approx(62)
    thick = [scales.slab(Volume("a", "conv", Shape(n, 7, 7))).wide for n in (1, 3, 64, 512, 2048)]
    assert thick == sorted(set(thick))
    columns = [scales.slab(Volume("a", "fc", Shape(n))).tall for n in (10, 1000, 4096)]
    assert columns == sorted(set(columns))
    flat = scales.slab(Volume("a", "conv", Shape(8, 4, 200)))
    assert flat.deep / 0.354 > flat.tall, "wider than high"


def test_the_window_in_a_side_is_as_large_as_the_kernel() -> None:
    drawing = scene(chain("a=conv 8x8, 8, /8, pad=0", input="16x16x3").result, None)
    (window,) = [item for item in leaves(drawing.items) if isinstance(item, Line) and item.look == "window"]
    (face,) = faces(drawing, "input")
    (_, high), (_, far), (_, _), (_, low) = window.points
    assert low - high == pytest.approx(face.height / 2)
    lines = [item for item in leaves(drawing.items) if isinstance(item, Line) and item.look == "line.sight"]
    (to,) = faces(drawing, "conv")
    assert {line.points[0] for line in lines} == set(window.points)
    assert {line.points[1] for line in lines} == {(to.x, to.y + to.height / 2)}
    assert far < high, "its far side is higher on the page"


def test_a_slab_is_closed() -> None:
    slab = Scales(8, 1).slab(Volume("a", "conv", Shape(64, 8, 8)))
    roof, side, face = drawn(slab, 10, 50)
    assert isinstance(roof, Line)
    assert isinstance(side, Line)
    assert isinstance(face, Box)
    assert set(roof.points) & set(side.points) == {(10 + slab.wide, face.bounds.top), roof.points[2]}
    assert Scene(100, 100, (), "").bounds.holds(roof.bounds)
    assert roof.bounds.top == pytest.approx(50 - slab.height / 2)
    assert side.bounds.bottom == pytest.approx(50 + slab.height / 2)


def test_a_network_that_joins_rows_is_refused_with_the_row() -> None:
    with pytest.raises(ArchError) as raised:
        scene(load(FOLDER / "unet.arch").result, None)
    (said,) = raised.value.diagnostics
    assert said.code == "E1105"
    assert "`crop4`" in said.message
    assert "--style blocks" in (said.help or "")
    assert said.span is not None


def test_a_network_of_too_many_rows_is_refused() -> None:
    long = chain(*(f"r{i}=conv 3x3, 8" for i in range(200)))
    with pytest.raises(ArchError) as raised:
        scene(long.result, None)
    assert [each.code for each in raised.value.diagnostics] == ["E1104"]
    stands(scene(chain(*(f"r{i}=conv 3x3, 8" for i in range(140))).result, COLUMN), COLUMN)


@pytest.mark.parametrize("input", ["1000000x1x1", "2x1000000x7", "5", "1x1x1"])
def test_sizes_that_no_paper_has_stand_on_the_page(input: str) -> None:
    name = "n" * 300
    last = "fc 1000000000" if input != "2x1000000x7" else "fc 10"
    for width in (170.0, None):
        stands(scene(chain(f"{name}={last}", "b" * 90 + "=fc 1", input=input).result, width), width)


def test_layers_that_change_no_shape_are_no_volumes() -> None:
    network = chain("a=conv 3x3, 8; bn; relu; dropout 0.5", "b=relu", "c=flatten", "d=fc 10; softmax")
    assert [(each.name, each.kind) for each in volumes_of(network.result)] == [
        ("input", "input"),
        ("a", "conv"),
        ("d", "fc"),
    ]
