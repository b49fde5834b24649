"""Plots: what is in them by counting and by claims, the same bytes each time, and no markup of a spec."""

from __future__ import annotations

import re
import struct
import subprocess
import sys
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from commands import TINY, Run, runner

import archspec
from archspec import ArchError, load, loads
from archspec.api import variants
from archspec.reports.plots import MOST, Asked, kinds, label_of, specs_of
from archspec.reports.plots import accuracy as errors
from archspec.reports.plots import stages as rows
from archspec.reports.plots import tradeoff as costs
from archspec.reports.plots._canvas import short
from archspec.reports.plots._labels import Box
from archspec.reports.plots._plot import centimetres, format_of

run = pytest.fixture(runner)
ROOT = Path(__file__).parent.parent
SPECS = ROOT / "specs"
EVIL = r"$x^2$ \frac{1}{0} <script>-->&amp; 中 é %"


def groups(*specs: str) -> list[list[archspec.Compiled]]:
    from archspec.api import variants

    return [variants(str(SPECS / spec)) for spec in specs]


# What is in them.


def test_costs_are_those_that_are_counted_with_prints_beside_them() -> None:
    data = costs.of(specs_of(groups("resnet.arch", "lenet5.arch")), Asked())
    resnet, lenet = data.series
    nets = groups("resnet.arch")[0]
    assert [(p.label, p.params, p.mult_adds) for p in resnet.points] == [
        (net.network.variant, net.params, net.mult_adds) for net in nets
    ]
    by_label = {point.label: point for point in resnet.points}
    assert (25_600_000, None) in by_label["50"].printed
    assert (None, 3_800_000_000) in by_label["50"].printed
    assert (None, 4_100_000_000) not in by_label["50"].printed  # of another setting
    assert (25_557_032, None) not in by_label["50"].printed  # a program's
    assert [point.label for point in lenet.points] == ["LeNet-5"]
    assert data.rules == ("paper",)


def test_prints_are_those_of_the_sources_that_are_asked_for() -> None:
    data = costs.of(specs_of(groups("resnet.arch")), Asked(sources=("Table 1",)))
    assert {point.label: point.printed for point in data.series[0].points}["152"] == ((None, 11_300_000_000),)


def test_prints_of_other_rules_are_left_out() -> None:
    net = load(SPECS / "resnet.arch", "50").under("fvcore")
    assert costs.of(specs_of([[net]]), Asked()).series[0].points[0].printed == ()


def test_shares_add_up() -> None:
    [vgg] = rows.of(specs_of(groups("vgg_D.arch")), Asked())
    assert [row.layer for row in vgg.rows] == ["conv1", "conv2", "conv3", "conv4", "conv5", "fc6", "fc7", "fc8"]
    assert sum(row.params for row in vgg.rows) == pytest.approx(100)
    assert sum(row.mult_adds for row in vgg.rows) == pytest.approx(100)
    assert vgg.rows[5].params == pytest.approx(100 * 102_764_544 / 138_357_544)


def test_errors_stand_at_what_is_counted_under_the_setting_of_their_claim() -> None:
    data = errors.of(specs_of(groups("mobilenet.arch")), Asked(sources=("Table 6",)))
    net = load(SPECS / "mobilenet.arch")
    assert data.quantity == "top-1 error"
    [series] = data.series
    assert [(p.label, p.cost, p.error) for p in series.points] == [
        (f"alpha={alpha}", net(alpha=alpha).mult_adds, error)
        for alpha, error in ((1, 29.4), (0.75, 31.6), (0.5, 36.3), (0.25, 49.4))
    ]


def test_errors_are_those_of_the_own_paper_by_the_source_that_says_most() -> None:
    data = errors.of(specs_of(groups("vgg.arch", "densenet.arch")), Asked())
    assert [(series.title, series.source) for series in data.series] == [("VGG", "Table 3, S = 256")]
    assert errors.notes(data) == ["DenseNet is not shown: no top-1 error of it is reported there"]
    top5 = errors.of(specs_of(groups("vgg.arch")), Asked("top-5 error", against="params"))
    assert (top5.quantity, top5.against) == ("top-5 error", "params")
    assert top5.series[0].points[0].cost == load(SPECS / "vgg.arch", "A").params


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (Asked("top-3 error"), "no `top-3 error` is reported by the papers"),
        (Asked("top-3 error"), "there is `top-1 error`, `top-5 error`"),
        (Asked(sources=("Table 99",)), "no error and no accuracy is reported in `Table 99`"),
    ],
)
def test_errors_that_nobody_reports_are_said(asked: Asked, said: str) -> None:
    with pytest.raises(ArchError) as error:
        errors.of(specs_of(groups("vgg.arch")), asked)
    assert said in str(error.value)


def test_figures_that_are_no_plain_counts_are_left_out() -> None:
    for spec in sorted(SPECS.glob("*.arch"))[::3]:
        try:
            found = groups(spec.name)
        except ArchError:
            continue
        assert costs.of(specs_of(found), Asked()).series


def test_what_is_set_is_part_of_a_name() -> None:
    assert label_of(load(SPECS / "mobilenet.arch", alpha=0.5)) == "MobileNet, alpha=0.5"
    assert label_of(load(SPECS / "vgg.arch", "D")) == "D"


def test_more_than_can_be_read_is_refused() -> None:
    net = loads(TINY)
    with pytest.raises(ArchError, match=r"error\[E0020\]: a plot shows at least one network\n = help: name a spec"):
        archspec.plot()
    with pytest.raises(ArchError, match=r"error\[E0020\]: a plot shows 6 networks at most, and these are 7"):
        rows.of(specs_of([[net]] * 7), Asked())
    long = "".join(f"| a{i} | conv 1x1, 4 |\n" for i in range(MOST + 1))
    with pytest.raises(ArchError, match=f"{MOST} rows at most"):
        rows.of(specs_of([[loads(f"network n\ninput 4x4x4\n| layer | op |\n|---|---|\n{long}")]]), Asked())
    claims = "".join(f"| T | {i + 1} | 30 |\n" for i in range(MOST + 1))
    many = loads(
        f"network n(k=1)\ninput 4x4x4\n| conv 1x1, k |\n\nclaims\n| source | k | top-1 error |\n|---|---|---|\n{claims}"
    )
    with pytest.raises(ArchError, match=f"{MOST} errors at most"):
        errors.of(specs_of([[many]]), Asked())


@pytest.mark.parametrize(
    ("text", "length"), [("8.5cm", 8.5), ("85mm", 8.5), ("3.3in", 8.382), (" 240 pt ", 8.435), ("100cm", 100)]
)
def test_widths(text: str, length: float) -> None:
    assert centimetres(text) == pytest.approx(length, abs=1e-3)


@pytest.mark.parametrize("text", ["", "8.5", "8,5cm", "2cm", "101cm", "1e9cm", "nan cm", "8.5 CM", "²cm"])
def test_what_is_no_width_is_said(text: str) -> None:
    with pytest.raises(ArchError, match=r"error\[E0019\].* is not the width of a plot"):
        centimetres(text)


def test_formats_go_by_the_name_of_the_file() -> None:
    assert format_of("a.b/C.PDF") == "pdf"
    for name in ("x", "x.jpg", ".svg"):
        with pytest.raises(ArchError, match="there is no format"):
            format_of(name)


def test_counts_at_ticks() -> None:
    assert [short(x) for x in (0, 500, 1e3, 2.5e6, 2e8, 1e9, 1.5e12)] == [
        "0",
        "500",
        "1K",
        "2.5M",
        "200M",
        "1G",
        "1500G",
    ]


# What is drawn.


@pytest.fixture
def matplotlib() -> Any:
    return pytest.importorskip("matplotlib")


def drawn(*nets: Any, **options: Any) -> Any:
    return archspec.plot(*nets, **options)


@pytest.mark.dear
@pytest.mark.parametrize("kind", kinds())
def test_the_same_networks_give_the_same_bytes(matplotlib: Any, kind: str, tmp_path: Path) -> None:
    net, vgg = load(SPECS / "mobilenet.arch"), str(SPECS / "vgg.arch:D")
    matplotlib.rcParams["font.size"] = 30
    first = drawn(net, vgg, kind=kind)
    found = {form: first.to_bytes(form) for form in ("png", "svg", "pdf")}
    matplotlib.rcdefaults()
    again = drawn(net, vgg, kind=kind)
    assert found == {form: again.to_bytes(form) for form in ("pdf", "svg", "png")}
    assert found["svg"].startswith(b"<?xml")
    assert found["pdf"].startswith(b"%PDF")
    assert not re.search(rb"CreationDate|<dc:date>|Matplotlib v|matplotlib\.org", found["pdf"] + found["svg"])
    script = f"import archspec; archspec.plot({str(SPECS / 'mobilenet.arch')!r}, {vgg!r}, kind={kind!r}).save('a.svg')"
    subprocess.run([sys.executable, "-c", script], cwd=tmp_path, check=True, timeout=120)
    assert (tmp_path / "a.svg").read_bytes() == found["svg"]


@pytest.mark.parametrize(("width", "pixels"), [("8.5cm", 1003), ("3.3in", 990), ("170mm", 2007)])
def test_a_plot_is_as_wide_as_is_asked(matplotlib: Any, width: str, pixels: int) -> None:
    data = drawn(load(SPECS / "lenet5.arch"), width=width).to_bytes("png")
    assert abs(struct.unpack(">II", data[16:24])[0] - pixels) <= 1


@pytest.mark.parametrize(
    "specs", [["vgg.arch", "resnet.arch", "densenet.arch", "alexnet.arch"], ["resnext.arch", "wrn_imagenet.arch"]]
)
def test_names_cover_no_other_names(matplotlib: Any, specs: list[str]) -> None:
    plot = drawn(*(str(SPECS / spec) for spec in specs))
    [axes] = plot.figure.axes
    inside = Box(*axes.get_window_extent().extents)
    boxes = [Box(*text.get_window_extent().extents) for text in axes.texts if text.get_text()]
    assert len(boxes) == sum(len(series.points) for series in plot.data.series)
    for one, other in combinations(boxes, 2):
        assert one.shared(other) == 0
    for box in boxes:
        assert box.outside(inside) < 1


def test_axes_say_units_and_the_counting_rule(matplotlib: Any) -> None:
    [axes] = drawn(load(SPECS / "vgg_D.arch")).figure.axes
    assert axes.get_xlabel() == "mult-adds for one image (counting rule: paper)"
    assert axes.get_ylabel() == "parameters"
    [axes] = drawn(load(SPECS / "vgg_D.arch").under("fvcore"), kind="stages").figure.axes
    assert axes.figure.get_supxlabel() == "share of the total in % (counting rule: fvcore)"
    [axes] = drawn(load(SPECS / "vgg_D.arch"), kind="accuracy", against="params").figure.axes
    assert axes.get_xlabel() == "parameters (counting rule: paper)"
    assert axes.get_ylabel().endswith("error in %, as reported")


@pytest.mark.parametrize("kind", kinds())
def test_text_of_a_spec_is_drawn_as_it_stands(matplotlib: Any, kind: str) -> None:
    title = EVIL.replace('"', "")
    net = loads(
        f'network n(k=1)\ntitle "{title}"\ninput 8x8x4\n| layer | op |\n|---|---|\n| {EVIL} | conv3-4 |\n\n'
        f"claims\n| source | params | mult-adds | top-1 error |\n|---|---|---|---|\n| {EVIL} | 148 | 9216 | 30.5 |\n"
    )
    plot = drawn(net, kind=kind)
    axes = plot.figure.axes[0]
    shown = [*axes.texts, axes.title, *axes.get_yticklabels(), *(t for x in plot.figure.legends for t in x.get_texts())]
    assert any(text.get_text().startswith("$x^2$ \\frac{1}{0}") for text in shown)
    svg = plot.to_bytes("svg")
    assert b"<script" not in svg
    assert plot.to_bytes("pdf")
    assert plot._repr_svg_() == svg.decode()


@pytest.mark.parametrize("width", ["8.5cm", "17cm", "30cm"])
def test_networks_stand_below_one_another_where_there_is_no_room_beside(matplotlib: Any, width: str) -> None:
    figure = drawn(*variants(str(SPECS / "resnet.arch")), kind="stages", width=width).figure
    figure.draw_without_rendering()
    boxes = [axes.get_tightbbox() for axes in figure.axes]
    assert [axes.get_title() for axes in figure.axes][:2] == ["ResNet-18", "ResNet-34"]
    assert all(box.x0 >= 0 and box.x1 <= figure.bbox.width for box in boxes)
    assert not any(one.overlaps(other) for one, other in combinations(boxes, 2))


def test_a_network_without_costs_is_drawn(matplotlib: Any) -> None:
    net = loads("network n\ninput 8x8x4\n| relu |\n")
    plot = drawn(net, kind="stages")
    assert plot.to_bytes("svg")
    assert plot.notes == ("n has no row that costs anything",)
    assert drawn(net).to_bytes("svg")


def test_options_of_python_are_checked(matplotlib: Any) -> None:
    net = loads(TINY)
    for options, said in (
        ({"kind": "pie"}, "there is no kind of plot `pie`"),
        ({"against": "time"}, "there is no cost `time`"),
        ({"width": "wide"}, "`wide` is not the width"),
    ):
        with pytest.raises(ArchError, match=said):
            drawn(net, **options)
    with pytest.raises(ArchError, match="a plot shows at least one network"):
        drawn()
    with pytest.raises(ArchError, match="there is no format `gif`"):
        drawn(net).to_bytes("gif")


PICTURES = re.findall(
    r"^\$ archspec (plot .*) -o (\w+)\.\w+$", (ROOT / "docs" / "plots.md").read_text("utf-8"), re.MULTILINE
)


@pytest.mark.parametrize(("command", "name"), PICTURES)
def test_pictures_of_the_page_show_what_its_commands_draw(
    matplotlib: Any, run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, command: str, name: str
) -> None:
    monkeypatch.chdir(ROOT)
    assert run(*command.split(), "-o", str(tmp_path / "a.svg")).code == 0
    texts = [
        re.findall(r"<!-- (.*?) -->", path.read_text("utf-8"))
        for path in (tmp_path / "a.svg", ROOT / "docs" / "plots" / f"{name}.svg")
    ]
    assert texts[0] == texts[1]
    assert len(texts[0]) > 10


# The command.


def test_the_command_writes_a_file(matplotlib: Any, run: Run) -> None:
    done = run("plot", "tiny.arch", "two.arch", "-o", "a.svg", "--width", "6cm")
    assert (done.code, done.out, done.err) == (0, "wrote a.svg\n", "")
    assert Path("a.svg").read_bytes() == drawn("tiny.arch", "two.arch", width="6cm").to_bytes("svg")
    for kind in kinds():
        assert run("plot", "tiny.arch", "-o", f"{kind}.png", "--kind", kind).code == 0
    assert run("plot", "wrong.arch", "-o", "b.svg").code == 1
    done = run("plot", "tiny.arch", "two.arch", "-o", "c.svg", "--kind", "accuracy")
    assert "archspec: two is not shown: no top-1 error of it is reported there" in done.err


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (["-o", "a.gif"], 2, "there is no format `gif`"),
        (["-o", "a.svg", "--width", "1m"], 2, "`1m` is not the width of a plot"),
        (["-o", "a.svg", "--kind", "pie"], 2, "invalid choice"),
        ([], 2, "-o"),
        (["-o", "a.svg", "broken.arch"], 1, "error[E0601]"),
        (["-o", "a.svg", "two.arch", "--kind", "accuracy", "--source", "x"], 1, "error[E0018]"),
        (["-o", "tiny.arch/a.svg"], 1, "cannot write"),
    ],
)
def test_what_cannot_be_drawn_is_said(matplotlib: Any, run: Run, options: list[str], code: int, said: str) -> None:
    done = run("plot", "tiny.arch", *options)
    assert (done.code, done.out) == (code, "")
    assert said in done.err
    assert not Path("a.svg").exists()


def test_without_matplotlib_one_line_says_what_is_missing(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    done = run("plot", "tiny.arch", "-o", "a.svg")
    assert done.code == 1
    assert "matplotlib" in done.err
    assert "pip install" in done.err
    assert "Traceback" not in done.err
