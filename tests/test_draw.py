"""The command that draws: where figures go, in which format, and what is said of what it cannot do."""

from __future__ import annotations

import runpy
import shutil
from pathlib import Path
from xml.etree import ElementTree

import pytest
from scenes import faults
from scenes import named as of_role

from archspec import ArchError, load
from archspec.cli import main
from archspec.figures.figure import points_of
from archspec.figures.scene import Box, Text, leaves
from archspec.reports.diff.compare import compare
from archspec.reports.diff.drawn import as_figure

ROOT = Path(__file__).parent.parent
VGG, RESNET, SE = (str(ROOT / "specs" / name) for name in ("vgg_D.arch", "resnet.arch:50", "se_resnet.arch:50"))


@pytest.fixture(autouse=True)
def elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)


def test_a_figure_is_written_under_the_name_of_its_network(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["draw", VGG]) == 0
    assert capsys.readouterr().out == "wrote vgg_D.svg\n"
    assert Path("vgg_D.svg").read_text("utf-8") == load(VGG).draw().svg


def test_a_family_draws_every_variant_into_a_folder() -> None:
    assert main(["draw", str(ROOT / "specs/plain.arch"), VGG, "-o", "out/", "--width", "8.5cm"]) == 0
    assert sorted(path.name for path in Path("out").iterdir()) == ["plain_18.svg", "plain_34.svg", "vgg_D.svg"]


def test_standard_output_takes_one_figure(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["draw", VGG, "-o", "-"]) == 0
    assert ElementTree.fromstring(capsys.readouterr().out).tag.endswith("svg")
    assert main(["draw", str(ROOT / "specs/plain.arch"), "-o", "-"]) == 2
    assert "these are 2 networks: pick one for standard output" in capsys.readouterr().err


def test_settings_and_another_input_are_drawn(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["draw", VGG, "-p", "classes=10", "--input", "448x448x3", "-o", "-"]) == 0
    drawn = capsys.readouterr().out
    assert "448×448×64" in drawn
    assert "classes=10" in drawn


WRONG = {
    "style": (["--style", "block"], ["E1101", "did you mean `blocks`?"]),
    "another style": (["--style", "nothing"], ["E1101", "there are blocks"]),
    "format": (["-o", "x.svgg"], ["E1102", "did you mean `svg`?"]),
    "format of a folder": (["-o", "out/", "--format", "wmf"], ["E1102", "no format `wmf`"]),
    "width without a unit": (["--width", "8"], ["E1103", "8.5cm"]),
    "no width": (["--width", "wide"], ["E1103"]),
    "too narrow": (["--width", "1cm"], ["E1103", "170"]),
    "too wide": (["--width", "99999in"], ["E1103"]),
    "not a number": (["--width", "nancm"], ["E1103"]),
}


@pytest.mark.parametrize(("options", "said"), WRONG.values(), ids=WRONG)
def test_what_it_lacks_is_wrong_usage_and_nothing_is_written(
    options: list[str], said: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["draw", VGG, *options]) == 2
    err = capsys.readouterr().err
    assert [text for text in said if text not in err] == []
    assert list(Path().iterdir()) == []


def test_a_file_whose_name_says_no_format_is_left_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    Path("plain").write_text("as it was")
    assert main(["draw", VGG, "-o", "plain"]) == 2
    assert "give `-o` an ending: " in capsys.readouterr().err
    assert Path("plain").read_text() == "as it was"
    assert main(["draw", VGG, "-o", "plain", "--format", "svg"]) == 0
    assert Path("plain").read_text("utf-8") == load(VGG).draw().svg


def test_two_figures_of_one_name_are_not_written() -> None:
    assert main(["draw", VGG, str(ROOT / "specs/vgg.arch:D")]) == 2
    assert list(Path().iterdir()) == []


def test_a_spec_that_is_wrong_hides_no_other(capsys: pytest.CaptureFixture[str]) -> None:
    Path("bad.arch").write_text("network bad\ninput 8x8x3\n| layer | op |\n|---|---|\n| a | cnov 3x3 |\n")
    assert main(["draw", "bad.arch", VGG]) == 1
    assert Path("vgg_D.svg").exists()
    assert "E0601" in capsys.readouterr().err


def test_a_figure_that_is_too_large_leaves_the_old_file(capsys: pytest.CaptureFixture[str]) -> None:
    rows = "".join(f"| r{i} | relu |\n" for i in range(300))
    Path("long.arch").write_text(f"network long\ninput 8x8x3\n| layer | op |\n|---|---|\n{rows}")
    Path("long.svg").write_text("as it was")
    assert main(["draw", "long.arch", "-o", "long.svg"]) == 1
    assert "E1104" in capsys.readouterr().err
    assert Path("long.svg").read_text() == "as it was"


def test_a_place_that_cannot_be_written_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    Path("file").write_text("")
    assert main(["draw", VGG, "-o", "file/x.svg"]) == 1
    assert "E0002" in capsys.readouterr().err


def test_a_figure_that_disagrees_with_its_print_is_drawn_all_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copy(ROOT / "examples/alexnet_conv1.arch", "a.arch")
    assert main(["draw", "a.arch"]) == 1
    assert Path("alexnet_conv1.svg").exists()
    assert "E0301" in capsys.readouterr().err


def test_the_difference_is_of_two_networks(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["draw", "--diff", RESNET]) == 2
    assert main(["draw", "--diff", RESNET, SE, "--style", "graph"]) == 2
    capsys.readouterr()
    assert main(["draw", "--diff", RESNET, SE]) == 0
    assert main(["draw", RESNET, SE, "-o", "both.svg"]) == 0
    assert main(["draw", "--diff", RESNET, SE, "-o", "same.svg"]) == 0
    assert Path("both.svg").read_text("utf-8") == Path("same.svg").read_text("utf-8")
    wrote = ("resnet_50-se_resnet_50.svg", "both.svg", "same.svg")
    assert capsys.readouterr().out == "".join(f"wrote {name}\n" for name in wrote)


PAIRS = [
    (RESNET, SE),
    (str(ROOT / "specs/vgg.arch:A"), str(ROOT / "specs/vgg.arch:D")),
    (str(ROOT / "specs/vgg_D.arch"), str(ROOT / "specs/googlenet.arch")),
    (str(ROOT / "specs/inception_v4.arch"), str(ROOT / "specs/inception_resnet_v2.arch")),
    (RESNET, RESNET),
]


@pytest.mark.parametrize("width", [None, "8.5cm"])
@pytest.mark.parametrize(("a", "b"), PAIRS)
def test_two_networks_stand_side_by_side(a: str, b: str, width: str | None) -> None:
    one, other = load(a), load(b)
    scene = as_figure(compare(one, other, (a, b)), one, other, width).scene
    assert faults(scene) == []
    names = of_role(scene.items, "row")
    assert sorted(names) == sorted(row.layer for x in (one, other) for row in x.network.rows)


def test_what_one_of_two_networks_has_alone_is_in_its_colour() -> None:
    one, other = load(RESNET), load(SE)
    items = [*leaves(as_figure(compare(one, other, ("a", "b")), one, other).scene.items)]
    looks = {box.look for box in items if isinstance(box, Box)}
    assert {"same", "changed", "only.right"} <= looks
    assert "only.left" not in looks
    assert "+1.58M params" in {item.text for item in items if isinstance(item, Text)}
    same = as_figure(compare(one, one, ("a", "b")), one, one).scene
    assert not {"changed", "only.left", "only.right"} & {item.look for item in leaves(same.items)}


def test_widths() -> None:
    assert points_of("25.4cm") == pytest.approx(720)
    assert points_of("100mm") == pytest.approx(283.46, abs=0.01)
    assert points_of("5in") == 360
    assert points_of(" 300 pt ") == 300
    assert points_of(250) == 250
    assert points_of(None) is None
    for wrong in ("", "cm", "1e3cm", "8.5", "-8cm", float("nan"), float("inf"), 3):
        with pytest.raises(ArchError):
            points_of(wrong)


def test_the_figures_of_the_pages_are_those_that_are_drawn_now() -> None:
    drawn = runpy.run_path(str(ROOT / "tools/regen.py"))["figures"]()
    kept = {path.name: path.read_text("utf-8") for path in (ROOT / "docs/figures").iterdir()}
    assert drawn == kept, "run `python tools/regen.py`"
