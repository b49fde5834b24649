"""Where the parts of a figure stand: pieces, forks, layers of any graph, and frames."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scenes import faults

from archspec.figures.insets import BETWEEN, Inset
from archspec.figures.layout.fork import fork
from archspec.figures.layout.graph import Named, graph
from archspec.figures.layout.piece import Piece, chain, wire
from archspec.figures.metrics import width_of
from archspec.figures.node import MANNERS, even_lines, lines_of, node, plate
from archspec.figures.packing import Room, packed
from archspec.figures.parts import Fork, Layer, Plated, merged, recoloured, size_of, texts_of
from archspec.figures.scene import Bounds, Box, Group, Line, Scene, leaves

ROOMY = MANNERS[0]


def box(width: float, height: float = 10.0) -> Piece:
    return Piece(width, height, (Box(0, 0, width, height, "box.conv"),), width / 2, width / 2)


def on_a_page(piece: Piece) -> Scene:
    return Scene(piece.width, piece.height, piece.items, "")


sizes = st.floats(8, 80).map(lambda number: round(number, 1))


@st.composite
def graphs(draw: st.DrawFn) -> list[Named]:
    """Rows of which each takes some of those above, or the input; every row but the last is taken."""
    many = draw(st.integers(1, 9))
    taken = [draw(st.lists(st.integers(-1, i - 1), max_size=3, unique=True)) if i else [] for i in range(many)]
    for i in range(many - 1):
        if not any(i in sources for sources in taken) and taken[i + 1]:
            taken[i + 1].append(i)
    names = ["in", *(f"r{i}" for i in range(many))]
    return [
        Named(f"r{i}", box(draw(sizes), draw(sizes)), tuple(names[source + 1] for source in sources))
        for i, sources in enumerate(taken)
    ]


@given(graphs(), st.floats(2, 12))
def test_no_two_boxes_of_a_graph_meet_and_no_way_crosses_one(rows: list[Named], gap: float) -> None:
    piece = graph(rows, gap)
    assert faults(on_a_page(piece)) == []
    boxes = [item for item in leaves(piece.items) if isinstance(item, Box)]
    assert len(boxes) == len(rows)
    lines = [item for item in leaves(piece.items) if isinstance(item, Line)]
    for line in lines:
        for start, end in zip(line.points, line.points[1:], strict=False):
            run = Bounds(*map(min, zip(start, end, strict=True)), *map(max, zip(start, end, strict=True)))
            assert start[0] == pytest.approx(end[0]) or start[1] == pytest.approx(end[1])
            assert not [each for each in boxes if crosses(run, each.bounds)]


def crosses(run: Bounds, place: Bounds) -> bool:
    """Whether an upright or level piece of a line runs through a box, and not along its edge."""
    across = run.left < place.right - 0.1 and run.right > place.left + 0.1
    return across and run.top < place.bottom - 0.1 and run.bottom > place.top + 0.1


@given(graphs())
def test_what_takes_another_stands_below_it(rows: list[Named]) -> None:
    named = [row._replace(piece=marked(row.piece, row.name)) for row in rows]
    tops = {group.name: group.items[0].bounds for group in graph(named, 5).items if isinstance(group, Group)}  # type: ignore[union-attr]
    for before, row in zip(["in", *(row.name for row in rows)], rows, strict=False):
        for source in row.sources or (before,):
            assert source == "in" or tops[source].bottom < tops[row.name].top


def marked(piece: Piece, name: str) -> Piece:
    return piece._replace(items=(Group(piece.items, "row", name),))


@given(st.lists(st.lists(sizes, max_size=4), min_size=1, max_size=5), st.sampled_from(["+", "×", ""]))
def test_branches_stand_side_by_side_between_a_split_and_a_join(branches: list[list[float]], sign: str) -> None:
    pieces = [chain([box(width) for width in widths]) if widths else wire() for widths in branches]
    made = fork(pieces, sign, "cat", 5, 7)
    page = made._replace(width=max(made.width, width_of("cat", 7)))
    assert [each for each in faults(on_a_page(page)) if "across" not in each] == []
    assert 0 <= made.enter <= made.width
    assert made.enter == made.leave


def test_the_one_branch_that_is_no_shortcut_goes_straight_on() -> None:
    made = fork([wire(), box(40)], "+", "add", 5, 7)
    assert made.enter == 20  # the shortcut stands at the right of it
    assert chain([box(30), made, box(50)]).enter == chain([box(30), made, box(50)]).leave


@given(st.lists(st.tuples(sizes, sizes), min_size=1, max_size=12), st.floats(200, 500), st.floats(50, 300))
def test_frames_stand_beside_and_below_the_rows(frames: list[tuple[float, float]], width: float, high: float) -> None:
    insets = [Inset("block", "b", "", box(wide, tall)) for wide, tall in frames]
    for beside in (0.0, width / 3):
        found = packed(insets, Room(width, beside, high))
        if found is None:
            assert max(inset.natural for inset in insets) > width
            continue
        places = [Bounds(x, y, x + wide, y + inset.tall(wide)) for inset, x, y, wide in found.frames]
        assert len(places) == len(insets)
        assert all(Bounds(0, 0, width, found.height).holds(place) for place in places)
        assert not [pair for pair in combinations(places, 2) if pair[0].meets(pair[1])]
        rows = Bounds(0, 0, width - beside - 1 if beside else width, high)
        assert not [place for place in places if place.meets(rows)]
        assert all(min(gaps(a, b)) >= BETWEEN - 0.1 for a, b in combinations(places, 2) if gaps(a, b))


def gaps(a: Bounds, b: Bounds) -> list[float]:
    """How far two frames are apart that stand beside or below each other."""
    beside = a.top < b.bottom and b.top < a.bottom
    below = a.left < b.right and b.left < a.right
    found = [max(b.left - a.right, a.left - b.right)] if beside else []
    return found + ([max(b.top - a.bottom, a.top - b.bottom)] if below else [])


@given(st.text(max_size=60), st.floats(20, 120), st.integers(1, 4))
def test_lines_are_no_wider_than_their_room_and_no_more(text: str, room: float, most: int) -> None:
    for lines in (lines_of(text, 7, room, most), even_lines(text, 7, room, most)):
        assert len(lines) <= most or not text.split()
        assert all(width_of(line, 7) <= room for line in lines)
        said = "".join("".join(lines).split())
        whole = "".join(text.split())
        assert said == whole or "…" in said


def test_a_word_that_is_too_wide_is_broken_behind_a_mark() -> None:
    assert lines_of("inception_resnet_a x 5", 7, 40) == ["inception_", "resnet_a", "x 5"]
    assert even_lines("inception 64, 96, 128, 16, 32, 32", 7, 100) == ["inception 64, 96,", "128, 16, 32, 32"]


def test_a_plate_holds_its_note() -> None:
    for aside in (True, False):
        made = plate(node("3×3 conv, c", "box.conv", ROOMY), "if in != 4·c or stride != 1", ROOMY, aside)
        assert faults(on_a_page(made)) == []


def test_parts_that_differ_in_one_word_are_one() -> None:
    def forms(*texts: str) -> list[tuple[Layer | Plated | Fork, ...]]:
        return [(Layer("relu", "box.activation"), Layer(text, "box.conv")) for text in texts]

    one = merged(forms("3×3 conv, c", "5×5 conv, c", "3×3 conv, c"))
    assert one == (Layer("relu", "box.activation"), Layer("3×3 or 5×5 conv, c", "box.conv"))
    assert merged(forms("3×3 avgpool, /2", "3×3 maxpool, /2")) == (
        Layer("relu", "box.activation"),
        Layer("3×3 avgpool or maxpool, /2", "box.conv"),
    )
    assert merged(forms("3×3 conv, c", "5×5 conv, d")) is None
    assert merged([*forms("a"), (Layer("relu", "box.activation"),)]) is None
    branches = [(Fork((each, ()), "+", "add"),) for each in forms("3×3 conv", "5×5 conv")]
    assert merged(branches) == (Fork((forms("3×3 or 5×5 conv")[0], ()), "+", "add"),)


def test_recolouring_goes_through_all_parts() -> None:
    layer = Layer("a", "box.conv")
    series = (layer, Plated((layer,), "×2"), Fork(((layer,), ()), "+", "add"))
    assert size_of(series) == 5
    assert texts_of(series) == ["box.conv a"] * 3
    assert texts_of(recoloured(series, ["same", "changed", "only.left"])) == ["same a", "changed a", "only.left a"]
