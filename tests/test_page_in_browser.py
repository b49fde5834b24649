"""Pages in a headless Chromium, where one is installed: what they do by pointer and by keyboard, and how they fit."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browser import CHROMIUM, Browser, chromium
from test_page import HOSTILE

from archspec import load
from archspec.cli import main

pytestmark = [
    pytest.mark.dear,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed"),
    pytest.mark.xdist_group("chromium"),
]

ROOT = Path(__file__).parent.parent
WIDTHS = (360, 768, 1440)
TAB, ENTER, SPACE, DOWN, RIGHT = 9, 13, 32, 40, 39
AXE = os.environ.get("ARCHSPEC_AXE")
"""A file of axe-core, `axe.min.js`, with which pages are looked through where it is given."""


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site of some specs, one of them hostile."""
    folder = tmp_path_factory.mktemp("pages")
    (folder / "evil.arch").write_text(HOSTILE, "utf-8")
    specs = [str(ROOT / "specs" / f"{name}.arch") for name in ("resnet", "googlenet", "lenet5")]
    assert main(["view", *specs, str(folder / "evil.arch"), "-o", str(folder / "site")]) == 0
    return folder / "site"


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with chromium(tmp_path_factory.mktemp("profile")) as found:
        yield found


@pytest.fixture
def resnet(browser: Browser, pages: Path) -> Iterator[Browser]:
    """The page of a family; no test leaves an error in the console."""
    browser.said.clear()
    browser.open(pages / "networks" / "resnet.html")
    yield browser
    assert browser.said == []


def names(site: Path) -> list[Path]:
    return sorted(site.rglob("*.html"))


def focused(browser: Browser) -> str:
    found: str = browser.run("document.activeElement.id || document.activeElement.textContent.trim().slice(0, 40)")
    return found


def tab_to(browser: Browser, wanted: str) -> None:
    """Go to an element by the key alone."""
    for _ in range(80):
        browser.press("Tab", TAB)
        if focused(browser) == wanted:
            return
    raise AssertionError(f"Tab never comes to {wanted}")


def text(browser: Browser, selector: str) -> str:
    found: str = browser.run(f"document.querySelector({json.dumps(selector)}).textContent.trim()")
    return found


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_pages_fit_every_width_and_say_nothing(browser: Browser, pages: Path, theme: str) -> None:
    browser.prefer(theme)
    browser.said.clear()
    for path in names(pages):
        for width in WIDTHS:
            browser.open(path, width)
            wide = browser.run("document.documentElement.scrollWidth")
            assert wide <= width, f"{path.name} is {wide} wide in {width}"
            assert {url.partition(":")[0] for url in browser.asked} == {"file"}
            assert len(browser.asked) == 1
    assert browser.said == []
    browser.prefer("light")


def test_no_text_of_a_spec_runs(browser: Browser, pages: Path) -> None:
    browser.said.clear()
    browser.call("Page.addScriptToEvaluateOnNewDocument", source="window.alert = () => { window.ran = true; }")
    for path in names(pages):
        browser.open(path)
        assert browser.run("window.ran") is None
    browser.open(pages / "networks" / "evil.html")
    for action in (
        "document.querySelector('#table tbody button').click()",
        "document.querySelector('#search').value='<'",
    ):
        browser.run(action)
    assert browser.run("document.querySelectorAll('main img, main [onload], main [onclick]').length") == 0
    assert browser.said == []


def test_the_policy_refuses_what_a_page_would_fetch_or_run(browser: Browser, pages: Path) -> None:
    browser.open(pages / "networks" / "lenet5.html")
    browser.run(
        "document.body.insertAdjacentHTML('beforeend', '<img src=x.png onerror=\"window.ran=1\"><b onclick=1>x</b>')"
    )
    browser.run("new Promise(done => setTimeout(done, 100))")
    assert browser.run("window.ran") is None
    assert browser.run("document.querySelector('img').naturalWidth") == 0
    assert any("Content Security Policy" in said for said in browser.said)


def test_a_row_lights_up_in_the_figure_and_in_the_code(resnet: Browser) -> None:
    resnet.point("#table tr[data-row='3'] button")
    assert resnet.run("[...document.querySelectorAll('#figure .lit')].map(e => e.dataset.name)") == ["conv3_x"]
    lit = resnet.run("[...document.querySelectorAll('#code .lit')].map(e => e.textContent.trim())")
    assert [line.partition(" ")[0] for line in lit] == ["self.conv3_x", "x"]
    spec = resnet.run("[...document.querySelectorAll('#spec .lit')].map(e => e.textContent.trim())")
    assert [line.partition("|")[2].split()[0] for line in spec] == ["conv3_x"]
    assert "class Basic(nn.Module):" in resnet.run(
        "[...document.querySelectorAll('#code .near')].map(e => e.textContent.trim())"
    )
    assert text(resnet, "#look-name") == "conv3_x"
    assert "99x99 of 224x224" in text(resnet, "#look-says")


def test_figure_and_code_light_up_the_row(resnet: Browser) -> None:
    lit = "[...document.querySelectorAll('#table tr.lit.l0')].map(e => e.dataset.row)"
    resnet.point("#figure g.row[data-name='conv4_x'] .box.block")
    assert resnet.run(lit) == ["4"]
    resnet.run("document.querySelector('#code').scrollTop = 1e6")
    resnet.run(
        "[...document.querySelectorAll('#code span')].find(e => e.textContent.includes('self.fc(x)')).id = 'there'"
    )
    resnet.point("#there")
    assert resnet.run(lit) == ["7"]
    resnet.run(
        "[...document.querySelectorAll('#code span')].find(e => e.textContent.includes('class Basic')).id = 'block'"
    )
    resnet.point("#block")
    assert resnet.run(lit) == ["2", "3", "4", "5"]


def test_everything_works_by_the_keyboard(resnet: Browser) -> None:
    """Tab to the controls, choose a network and a rule, open a block, light rows, change the text."""
    tab_to(resnet, "member")
    resnet.press("ArrowDown", DOWN)
    resnet.press("ArrowDown", DOWN)
    compiled = load(ROOT / "specs" / "resnet.arch", "50")
    assert text(resnet, "#params") == f"{compiled.params:,}"
    tab_to(resnet, "rule")
    for _ in range(20):
        if text(resnet, "#rule-name") == "fvcore":
            break
        resnet.press("ArrowDown", DOWN)
    other = compiled.under("fvcore")
    assert text(resnet, "#mult-adds") == f"{other.mult_adds:,}"
    assert text(resnet, "#table tr[data-row='2'].l0 td:nth-child(6)") == f"{other.rows[2].mult_adds:,}"
    assert text(resnet, "#table tfoot td:nth-child(6)") == f"{other.mult_adds:,}"
    tab_to(resnet, "conv2_x")
    assert text(resnet, "#look-name") == "conv2_x"
    hidden = "[...document.querySelectorAll(\"#table tr[data-row='2']\")].filter(e => e.hidden).length"
    before = resnet.run(hidden)
    resnet.press("Enter", ENTER, "\r")
    assert resnet.run("document.activeElement.getAttribute('aria-expanded')") == "true"
    assert resnet.run(hidden) < before
    resnet.press("Enter", ENTER, "\r")
    assert resnet.run(hidden) == before
    resnet.press("ArrowDown", DOWN)
    assert focused(resnet) == "conv3_x"
    tab_to(resnet, "tab-code")
    resnet.press("ArrowRight", RIGHT)
    assert focused(resnet) == "tab-spec"
    assert resnet.run("[document.getElementById('code').hidden, document.getElementById('spec').hidden]") == [
        True,
        False,
    ]
    tab_to(resnet, "spec")
    resnet.press("ArrowDown", DOWN)
    assert resnet.run("document.querySelectorAll('#table tr.lit').length") > 0


def test_the_figure_is_one_stop_whose_rows_go_by_arrows(resnet: Browser) -> None:
    tab_to(resnet, "figure")
    for _ in range(3):
        resnet.press("ArrowDown", DOWN)
    assert text(resnet, "#look-name") == "conv2_x"
    resnet.press("Enter", ENTER, "\r")
    assert focused(resnet) == "conv2_x"


def test_networks_come_and_go_with_all_their_parts(resnet: Browser) -> None:
    def choose(label: str) -> None:
        resnet.run(
            f"(m => {{ m.value = [...m.options].findIndex(o => o.text === {json.dumps(label)});"
            " m.dispatchEvent(new Event('change')); })(document.getElementById('member'))"
        )

    first = resnet.run("document.getElementById('table').innerHTML")
    choose("152")
    assert text(resnet, "#params") == "60,192,808"
    assert "class ResNet152(nn.Module):" in text(resnet, "#code")
    assert resnet.run("document.querySelector('#figure title').textContent") == "ResNet-152"
    choose("50, on_1x1=no")
    assert text(resnet, "#mult-adds") == "4,089,184,256"
    assert "on_1x1=no" in text(resnet, "#facts")
    choose("18")
    assert resnet.run("document.getElementById('table').innerHTML") == first


def test_search_leaves_what_it_finds(resnet: Browser) -> None:
    tab_to(resnet, "search")
    resnet.call("Input.insertText", text="conv3_x")
    assert resnet.run(
        "[...new Set([...document.querySelectorAll('#table tbody tr:not(.gone)')].map(e => e.dataset.row))]"
    ) == ["3"]
    assert text(resnet, "#found").startswith("1 row")
    assert resnet.run("document.querySelectorAll('#code .hit').length") == 2
    resnet.press("Escape", 27)
    assert resnet.run("document.querySelectorAll('#table tr.gone').length") == 0


def test_an_index_is_sorted_and_searched(browser: Browser, pages: Path) -> None:
    browser.open(pages / "index.html")
    browser.run("[...document.querySelectorAll('th button')].find(e => e.textContent === 'params').click()")
    values = browser.run("[...document.querySelectorAll('tbody tr')].map(e => Number(e.cells[2].dataset.sort))")
    assert values == sorted(values)
    assert len(values) == 8
    browser.run("document.getElementById('search').focus()")
    browser.call("Input.insertText", text="goog")
    assert browser.run("[...document.querySelectorAll('tbody tr:not(.gone) a')].map(e => e.textContent)") == [
        "GoogLeNet"
    ]
    browser.run("document.querySelectorAll('tbody tr a')[0].click()")


def test_the_theme_is_the_readers_choice(resnet: Browser) -> None:
    ground = "getComputedStyle(document.documentElement).backgroundColor"
    light = resnet.run(ground)
    tab_to(resnet, "theme")
    resnet.press(" ", SPACE, " ")
    assert resnet.run("document.documentElement.dataset.theme") == "light"
    resnet.press(" ", SPACE, " ")
    assert resnet.run(ground) != light
    assert resnet.run("document.activeElement.getAttribute('aria-label')") == "Theme: dark"
    resnet.press(" ", SPACE, " ")


def test_whatever_can_be_focused_has_a_name(browser: Browser, pages: Path) -> None:
    for path in names(pages):
        browser.open(path)
        nodes: list[dict[str, Any]] = browser.call("Accessibility.getFullAXTree")["nodes"]
        for node in nodes:
            can = any(each["name"] == "focusable" and each["value"].get("value") for each in node.get("properties", ()))
            role = node.get("role", {}).get("value")
            if can and role not in ("RootWebArea", "main"):
                assert node.get("name", {}).get("value"), (path.name, role)


@pytest.mark.skipif(AXE is None, reason="ARCHSPEC_AXE names no axe.min.js")
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing(browser: Browser, pages: Path, theme: str) -> None:
    assert AXE
    browser.prefer(theme)
    for path in names(pages):
        browser.open(path)
        browser.run(Path(AXE).read_text("utf-8") + "; 0")
        found = browser.run(
            "axe.run().then(r => r.violations.map(v => [v.id, v.nodes.length, v.nodes[0].html.slice(0, 200)]))"
        )
        assert found == [], path.name
    browser.prefer("light")
