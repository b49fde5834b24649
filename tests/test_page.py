"""Pages without a browser: what stands in them, what cannot get in, what they come to, and what they cost."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterator
from functools import cache
from html.parser import HTMLParser
from io import BytesIO, TextIOWrapper
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from networks import family

from archspec import load
from archspec.budget import Budget, request
from archspec.cli import main
from archspec.counting.conventions import CONVENTIONS
from archspec.figures.palette import LOOKS
from archspec.ir.json import to_json
from archspec.page.dark import dark
from archspec.page.document import own
from archspec.page.members import shown_of
from archspec.page.network import page_of
from archspec.page.side import marked
from archspec.support.limits import MOST_ON_PAGE, MOST_WORK

ROOT = Path(__file__).parent.parent
HOSTILE = """# </script><script>alert(1)</script> "quoted" <!-- <b>
network evil(classes=10)
title "<script>alert(1)</script>"
paper "</title><img src=x onerror=alert(1)>", javascript:alert(1), ]]>
input 32x32x3

| layer                         | op         | output  |
|-------------------------------|------------|---------|
| <img src=x onerror=alert(1)>  | conv3-8    | 32x32x8 |
| </script><svg onload=alert(1) | relu       |         |
| 'x' onclick='alert(1)         | FC-classes | 10      |

claims
| source                                 | params        |
|----------------------------------------|---------------|
| javascript:alert(1), <a href=//x>y</a> | 80K ! 82,154  |
"""
VOID = {"meta", "input", "br", "img", "link", "rect", "path", "circle", "line"}


class Elements(HTMLParser):
    """The elements of a page with their attributes, and the text of each script and style."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[tuple[str, dict[str, str | None], str]] = []
        self.said: list[str] = []
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] in ("script", "style"):
            self.texts.append((self._open[-1], self.found[-1][1], data))
        else:
            self.said.append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.found if name == tag]


def read(text: str) -> Any:
    """What the script of a page reads."""
    return next(json.loads(found) for tag, attrs, found in Elements(text).texts if attrs.get("type"))


@cache
def page(spec: str) -> str:
    return page_of(str(ROOT / spec)).text


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a spec whose texts and whose name are HTML."""
    folder = tmp_path_factory.mktemp("hostile")
    (folder / "<b onclick=alert(1)>'&.arch").write_text(HOSTILE, "utf-8")
    (folder / "good.arch").write_text("network good\ninput 8x8x3\n| conv3-4 |\n", "utf-8")
    return folder


def checked(text: str) -> Elements:
    """The elements of a page, none of which runs, fetches or leads to anything but the page's own."""
    found = Elements(text)
    for tag, attributes in found.found:
        assert not [name for name in attributes if name.startswith("on") or name in ("style", "src", "srcset")], tag
        address = attributes.get("href", "")
        assert address is not None
        assert re.fullmatch(r"(#main|(\.\./)?[a-z0-9/-]+\.html(#\d+)?|)", address), address
        assert tag not in ("img", "iframe", "object", "embed", "base", "link", "use", "image", "foreignobject"), tag
    assert [attrs.get("type") for attrs in found.all("script")] in ([None], ["application/json", None])
    return found


def policy(found: Elements) -> str:
    return next(str(m["content"]) for m in found.all("meta") if m.get("http-equiv") == "Content-Security-Policy")


@pytest.mark.parametrize("spec", ["specs/resnet.arch:50", "specs/googlenet.arch"])
def test_a_page_is_whole_html_that_asks_for_nothing(spec: str) -> None:
    text = page(spec)
    checked(text)
    assert "http" not in re.sub(r'"http:" \+|http-equiv', "", text)


def test_what_may_run_is_the_own_script_by_its_hash() -> None:
    found = checked(page("specs/resnet.arch:50"))
    rules = dict(part.strip().split(" ", 1) for part in policy(found).split(";"))
    assert rules["default-src"] == "'none'"
    assert set(rules) == {"default-src", "script-src", "style-src", "base-uri", "form-action"}
    for tag in ("script", "style"):
        (text,) = (said for name, attrs, said in found.texts if name == tag and not attrs.get("type"))
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert rules[f"{tag}-src"] == f"'sha256-{digest}'"


def test_rows_are_called_in_the_figure_what_they_are_called_in_the_table(tmp_path: Path) -> None:
    spec = tmp_path / "odd.arch"
    names = "a\u00a0b", "c\u202ed", "e\x07f", "g<h>&\"'"
    rows = "".join(f"| {name} | conv 3x3, 8 |\n" for name in names)
    spec.write_text(f"network odd\ninput 8x8x4\n\n| layer | op |\n|---|---|\n{rows}", "utf-8")
    text = page_of(str(spec)).text
    drawn = [attrs["data-name"] for tag, attrs in Elements(text).found if attrs.get("class") == "row"]
    assert drawn == [row[0] for row in read(text)["parts"]["table"][0]["rows"]]


def test_texts_of_specs_are_texts_of_pages(hostile: Path) -> None:
    spec = next(str(path) for path in hostile.iterdir() if path.name != "good.arch")
    text = page_of(spec).text
    found = checked(text)
    said = "".join(found.said)
    for each in (
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "</script><svg onload=alert(1)",
        "javascript:alert(1)",
    ):
        assert each in said
    assert "<" not in next(found for tag, attrs, found in Elements(text).texts if attrs.get("type"))
    names = [row[0] for row in read(text)["parts"]["table"][0]["rows"]]
    assert names == ["<img src=x onerror=alert(1)>", "</script><svg onload=alert(1)", "'x' onclick='alert(1)"]


def test_pages_of_a_site_have_names_of_letters_and_links_that_lead_to_them(
    hostile: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (hostile / "broken.arch").write_text("network <b>\n", "utf-8")
    out = tmp_path / "site"
    assert main(["view", str(hostile), "-o", str(out)]) == 1  # one is not valid
    assert "E0" in capsys.readouterr().err
    (hostile / "broken.arch").unlink()
    made = sorted(path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file())
    assert made == [
        "errata.html",
        "gallery.html",
        "index.html",
        "networks/b-onclick-alert-1.html",
        "networks/good.html",
    ]
    for name in made:
        found = checked((out / name).read_text("utf-8"))
        for link in found.all("a"):
            path, _, anchor = str(link["href"]).partition("#")
            assert ((out / name).parent / path).resolve().exists() or anchor == "main"
    assert "Not valid:" in (out / "index.html").read_text("utf-8")
    assert "80K" in (out / "errata.html").read_text("utf-8")


def test_counts_by_each_convention_are_those_of_count() -> None:
    compiled = load(ROOT / "specs" / "vgg_D.arch")
    data = read(page("specs/vgg_D.arch"))
    table = data["parts"]["table"][0]
    names = [name for name, _ in data["rules"]]
    assert set(names) == set(CONVENTIONS)
    shown = page("specs/vgg_D.arch").partition("<template")[0]
    levels = re.findall(r'<tr data-row="\d+" class="l(\d)"', shown)
    rows = [i for i, level in enumerate(levels) if level == "0"]
    for name, (params, mult_adds, activations) in zip(names, table["counts"]["rules"], strict=True):
        other = compiled.under(name)
        columns = [table["counts"]["columns"][at] for at in (params, mult_adds)]
        assert [columns[0][-1], columns[1][-1], activations] == [other.params, other.mult_adds, other.activations]
        assert [columns[0][i] for i in rows] == [row.params for row in other.rows]
        assert [columns[1][i] for i in rows] == [row.mult_adds for row in other.rows]


def test_the_steps_inside_a_row_come_to_the_row() -> None:
    text = page("specs/resnet.arch:50")
    table = read(text)["parts"]["table"][0]["counts"]
    shown = text.partition("<template")[0]
    levels = [int(level) for level in re.findall(r'<tr data-row="\d+" class="l(\d)"', shown)]
    assert max(levels) >= 2
    for column in table["columns"]:
        inside: dict[int, list[int]] = {i: [] for i, level in enumerate(levels) if level == 0}
        for i, level in enumerate(levels):
            if level == 1:
                inside[max(row for row in inside if row < i)].append(column[i])
        for row, found in inside.items():
            assert not found or sum(found) == column[row]


@pytest.mark.parametrize(
    "spec", ["resnet.arch", "googlenet.arch", "unet.arch", "mobilenet_v3_large.arch", "lenet5.arch"]
)
def test_rows_know_their_lines_of_code(spec: str) -> None:
    for compiled in family(f"specs/{spec}"):
        emitted = compiled.emitted
        assert emitted.source == compiled.source()
        lines = emitted.source.split("\n")
        assert [row.row for row in emitted.rows] == [row.layer for row in compiled.rows]
        held = [i for row in emitted.rows for i in row.own]
        assert len(held) == len(set(held))
        body = [i for i in emitted.network if re.match(r"        (self\.\w+ = |x = |return |\w+ = )", lines[i])]
        heads = {head.name for head in compiled.network.heads}
        free = [lines[i] for i in body if i not in held and not any(f".{name}" in lines[i] for name in heads)]
        assert all("return" in line or "x = self" in line or "output" in line for line in free), free
        for row in emitted.rows:
            assert row.own or not compiled.rows, row.row
            assert all(lines[emitted.classes[name][0]].startswith(f"class {name}(") for name in row.classes)


def test_a_page_shows_the_variants_and_what_claims_name() -> None:
    shown = shown_of(family("specs/resnet.arch"))
    labels = [each.label for each in shown]
    assert labels[:5] == ["18", "34", "50", "101", "152"]
    assert "50, on_1x1=no" in labels
    assert "34, option=C" in labels
    assert len(labels) == len(set(labels)) <= MOST_ON_PAGE
    assert next(each for each in shown if each.label == "50, on_1x1=no").compiled.mult_adds == 4_089_184_256


def test_counts_that_a_script_would_round_are_texts(tmp_path: Path) -> None:
    spec = tmp_path / "big.arch"
    spec.write_text("network big\ninput 1000x1000x1000000\n| a | conv 11x11, 1000000 x 1000000 |\n", "utf-8")
    compiled = load(spec)
    assert compiled.params > 2**53
    counts = read(page_of(str(spec)).text)["parts"]["table"][0]["counts"]
    assert counts["columns"][counts["rules"][0][0]][-1] == f"{compiled.params:,}"


def test_what_differs_from_the_variant_before_is_marked() -> None:
    cells = marked(["basic 64 x 2", "basic 64 x 3", "basic 64 x 3", ""])
    assert [[piece.text for piece in cell if piece.differs] for cell in cells] == [[], ["3"], [], []]
    assert ["".join(piece.text for piece in cell) for cell in cells] == [
        "basic 64 x 2",
        "basic 64 x 3",
        "basic 64 x 3",
        "",
    ]


def test_a_page_is_small() -> None:
    assert len(page("specs/resnet.arch:152").encode()) < 300_000
    assert len(own("style.css")) + len(own("script.js")) < 32_000


def test_the_same_spec_gives_the_same_page() -> None:
    assert page_of(str(ROOT / "specs/lenet5.arch")).text == page_of(str(ROOT / "specs/lenet5.arch")).text


def test_variables_of_a_dark_page_are_those_of_a_dark_system() -> None:
    light, system, chosen = blocks()
    assert system == chosen
    assert set(light) == set(system)


def blocks() -> list[dict[str, str]]:
    """The variables of each theme: light, dark by the system, dark by choice."""
    found = re.findall(r":root[^{]*\{([^}]*)\}", own("style.css"))
    return [dict(re.findall(r"--(\w+): (#[0-9a-f]{6});", block)) for block in found]


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """By the definition of WCAG 2."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


TEXTS = ("ink", "soft", "accent", "good", "odd", "bad", "key", "string", "number", "known", "comment")


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_texts_stand_out(theme: int) -> None:
    colours = blocks()[theme]
    weak = {
        (text, ground): round(contrast(colours[text], colours[ground]), 2)
        for text, ground in product(TEXTS, ("paper", "card", "lit", "hit"))
        if contrast(colours[text], colours[ground]) < 4.5
    }
    assert weak == {}
    assert contrast(colours["rule"], colours["paper"]) >= 3  # what a control is drawn with


def areas() -> Iterator[tuple[str, str]]:
    for name, look in LOOKS.items():
        shown = dark(name, look)
        if name.startswith(("box", "plate", "inset", "only")) and shown.fill:
            yield name, shown.fill


@pytest.mark.parametrize("name", [name for name in LOOKS if name.startswith("text")])
def test_texts_of_figures_stand_out_on_dark_pages(name: str) -> None:
    text = dark(name, LOOKS[name]).fill
    assert text
    grounds = [("paper", blocks()[1]["paper"]), *areas()]
    assert {ground: contrast(text, colour) for ground, colour in grounds if contrast(text, colour) < 4.5} == {}


def test_one_spec_is_a_file_and_several_are_a_site(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    spec = str(ROOT / "specs/lenet5.arch")
    assert main(["view", spec]) == 0
    assert (tmp_path / "lenet5.html").read_text("utf-8").startswith("<!doctype html>")
    assert main(["view", spec, "-o", "pages/"]) == 0
    assert (tmp_path / "pages/lenet5.html").exists()
    capsys.readouterr()
    assert main(["view", spec, "-o", "-"]) == 0
    assert capsys.readouterr().out.startswith("<!doctype html>")
    assert main(["view", spec, spec, "-o", "one.html"]) == 2
    assert main(["view", spec, spec, "-p", "classes=2"]) == 2
    assert main(["view", "nothing.arch"]) == 1
    assert main(["view", str(tmp_path / "pages")]) == 1  # no specs there


@pytest.mark.parametrize("out", ["lenet5.arch", "page.pdf", "new/page.svg"])
def test_a_page_takes_the_place_of_no_other_file(out: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    text = (ROOT / "specs/lenet5.arch").read_text("utf-8")
    Path("lenet5.arch").write_text(text, "utf-8")
    assert main(["view", "lenet5.arch", "-o", out]) == 2
    assert [path.name for path in tmp_path.iterdir()] == ["lenet5.arch"]
    assert Path("lenet5.arch").read_text("utf-8") == text


def test_a_page_is_named_as_its_spec_or_its_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    spec = ROOT / "specs/vgg.arch"
    for name in (str(spec), f"{spec}:D", "-"):
        monkeypatch.setattr("sys.stdin", TextIOWrapper(BytesIO((ROOT / "specs/lenet5.arch").read_bytes()), "utf-8"))
        assert main(["view", name]) == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["lenet5.html", "vgg.html", "vgg_D.html"]


def test_parameters_are_set_from_outside(tmp_path: Path) -> None:
    out = tmp_path / "page.html"
    assert main(["view", str(ROOT / "specs/vgg_D.arch"), "-p", "classes=10", "-o", str(out)]) == 0
    assert "134,301,514" in out.read_text("utf-8")


def test_a_wrong_figure_has_its_arithmetic_and_its_reason() -> None:
    prints = page_of(str(ROOT / "specs/mobilenet.arch")).prints
    wrong = next(each for each in prints.claims if each.printed == "0.58 million")
    assert (wrong.standing, wrong.should, wrong.value) == ("wrong in print", "0.58 billion", "577,956,352")
    assert wrong.more[0] == "conv 550,330,368 + dwconv 17,385,984 + fc 10,240,000"
    assert wrong.more[-1] == "the print is 99.9 % below the arithmetic"
    assert wrong.reason[0].startswith("PlaNet on this network")
    assert not any(each.tone == "odd" for each in prints.cells)


def test_a_network_in_json_has_all_its_figures(tmp_path: Path) -> None:
    compiled = load(ROOT / "specs/alexnet.arch")
    spec = tmp_path / "alexnet.json"
    spec.write_text(to_json(compiled.network), "utf-8")
    from_json, from_text = page_of(str(spec)), page_of(str(ROOT / "specs/alexnet.arch"))
    assert from_json.prints.standing == from_text.prints.standing == "33 of 33"
    assert "A network in JSON has no spec." in from_json.text


@pytest.mark.slow
@pytest.mark.dear
@pytest.mark.parametrize(
    "table",
    [
        "\n".join(f"| r{i} | conv3-{8 + i % 9} |" for i in range(2_000)),
        "\n".join(f"| r{i} | [conv3-8; relu; conv3-8 x {i + 1}] x {i + 2} |" for i in range(400)),
        f"| a | {'; '.join(['conv3-8'] * 1_500)} |",
    ],
    ids=["rows", "brackets", "steps"],
)
def test_large_specs_have_a_page_or_an_end(table: str, tmp_path: Path) -> None:
    spec = tmp_path / "large.arch"
    spec.write_text(f"network n\ninput 32x32x3\n| layer | op |\n|---|---|\n{table}\n", "utf-8")
    with request(Budget()) as budget:
        code = main(["view", str(spec), "-o", str(tmp_path / "page.html")])
    assert code in (0, 1)
    assert budget.spent < 2 * MOST_WORK
    assert code or (tmp_path / "page.html").stat().st_size < 8_000_000
