"""Diagrams for Graphviz and Mermaid: what they hold is the table, and no text of it means anything to their readers."""

from __future__ import annotations

import html
import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from commands import Run, runner
from hostile_scene import HOSTILE, all_looks
from networks import SPECS, family

from archspec import ArchError, load, loads
from archspec.figures.diagram import Container, Diagram, Edge, Node, diagram, nodes
from archspec.figures.figure import Figure
from archspec.figures.formats import dot, mmd
from archspec.support.terminal import printable

run = pytest.fixture(runner)
MERMAID = os.environ.get("MERMAID_FOLDER")
"""A folder in which npm has installed mermaid and jsdom."""
PARSER = """
import { JSDOM } from 'jsdom';
import fs from 'fs';
const dom = new JSDOM('<!DOCTYPE html><body></body>');
for (const name of ['window', 'document', 'Element', 'DocumentFragment', 'Node', 'HTMLElement'])
  globalThis[name] = name === 'window' ? dom.window : dom.window[name];
const mermaid = (await import('mermaid')).default;
mermaid.initialize({ startOnLoad: false });
const read = await mermaid.mermaidAPI.getDiagramFromText(fs.readFileSync(0, 'utf8'));
console.log(JSON.stringify({
  nodes: Object.fromEntries([...read.db.getVertices()].map(([name, node]) => [name, node.text])),
  edges: read.db.getEdges().map(edge => [edge.start, edge.end, edge.text]),
  containers: read.db.getSubGraphs().map(each => each.title),
}));
"""


def told(table: str, head: str = "") -> Diagram:
    return diagram(loads(f"network t\n{head}\ninput 8x8x4\n{table}").result)


def containers(found: Diagram) -> list[Container]:
    open = [*found.items]
    listed = []
    while open:
        item = open.pop(0)
        if isinstance(item, Container):
            listed.append(item)
            open += item.items
    return listed


def hostile() -> Diagram:
    """Every text that a spec may hold, whatever it means; also those that the language would not let through."""
    texts = [
        *HOSTILE.values(),
        "end",
        "1. a",
        "- b",
        "`c`",
        "\\",
        "\\N\\G",
        "&amp;",
        "#35;",
        "%%{init: {}}%%",
        "",
        '"',
        "o--x",
    ]
    boxes = tuple(Node(i, (text, text), "box.conv") for i, text in enumerate(texts, 1))
    inside = tuple(
        Container(100 + i, text, "row", (box,)) for i, (text, box) in enumerate(zip(texts, boxes, strict=True))
    )
    edges = tuple(Edge(1, i, text, i % 2 == 0) for i, text in enumerate(texts[1:], 2))
    return Diagram(" ".join(texts), inside, edges)


def test_rows_are_named_and_end_in_their_shapes() -> None:
    found = told(
        "| a | conv 3x3, 8; relu |\n| b | maxpool 2x2, /2 |\n| c | conv 3x3, 16 x 3 |\n".join(
            ["| layer | op |\n|---|---|\n", ""]
        )
    )
    start, row, pool, repeat, end = found.items
    assert isinstance(row, Container)
    assert (row.title, row.role) == ("a", "row")
    assert [node.lines for node in nodes(row.items)] == [("3×3 conv, 8",), ("relu",)]
    assert isinstance(pool, Node)
    assert pool.lines == ("b", "2×2 maxpool, /2")
    assert isinstance(repeat, Container)
    assert (repeat.title, repeat.role) == ("c ×3", "repeat")
    assert isinstance(start, Node)
    assert isinstance(end, Node)
    assert [edge.label for edge in found.edges] == ["8×8×4", "", "8×8×8", "4×4×8", "4×4×16"]
    assert found.edges[0].start == start.number
    assert found.edges[-1].end == end.number


def test_a_block_stands_once_and_its_uses_are_nodes() -> None:
    found = diagram(family("specs/resnet.arch")[2].result)
    blocks = [each for each in containers(found) if each.role == "block"]
    assert [block.title for block in blocks] == ["bottleneck (c, stride=1)"]
    uses = [node for node in nodes(found.items) if node.look == "box.block"]
    assert len(uses) == 4
    (condition,) = [each for each in containers(found) if each.role == "condition"]
    assert condition.title == "if in != 4·c or stride != 1"
    (otherwise,) = [edge for edge in found.edges if edge.otherwise]
    names = {node.number: node.lines[0] for node in nodes(found.items)}
    assert (names[otherwise.start], names[otherwise.end]) == ("in", "+"), "the way without a projection"


def test_a_way_under_a_condition_says_it() -> None:
    found = diagram(family("specs/mobilenet_v2.arch")[0].result)
    names = {node.number: node.lines[0] for node in nodes(found.items)}
    said = [(names[edge.start], names[edge.end], edge.label) for edge in found.edges if edge.label.startswith("if")]
    assert said == [("in", "+", "if s == 1 and in == c")]


def test_rows_take_what_they_name() -> None:
    found = diagram(family("specs/unet.arch")[0].result)
    names = {node.number: node.lines[0] for node in nodes(found.items)}
    into = {edge.start for edge in found.edges if names[edge.end] == "cat4"}
    assert {names[start] for start in into} == {"crop4", "up4"}


def test_a_head_starts_at_its_row() -> None:
    found = diagram(family("specs/googlenet.arch")[0].result)
    titles = [each.title for each in containers(found) if each.role == "head"]
    assert titles == ["aux1 (for training, weight 0.3)", "aux2 (for training, weight 0.3)"]


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_every_edge_joins_two_nodes_and_every_node_is_reached(path: Path) -> None:
    *_, network = family(f"specs/{path.name}")
    found = diagram(network.result)
    numbers = [node.number for node in nodes(found.items)]
    assert len(set(numbers)) == len(numbers)
    assert {number for edge in found.edges for number in (edge.start, edge.end)} == set(numbers)
    ends = {edge.end for edge in found.edges}
    starts = [node.lines[0] for node in nodes(found.items) if node.number not in ends]
    assert set(starts) <= {"input", "in"}


def test_no_text_means_anything_to_graphviz() -> None:
    text = dot.told(hostile())
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f]", text.replace("\n", ""))
    strings = r'"(?:[^"\\]|\\["\\n])*"'
    plain = re.sub(strings, '""', text)
    assert set(re.findall(r"[a-zA-Z_]\w*", plain)) - {"n", "subgraph"} <= {
        *(
            "digraph",
            "graph",
            "node",
            "edge",
            "fontname",
            "Helvetica",
            "fontsize",
            "labeljust",
            "l",
            "ranksep",
            "nodesep",
        ),
        *(
            "shape",
            "box",
            "style",
            "height",
            "margin",
            "fontcolor",
            "arrowsize",
            "label",
            "fillcolor",
            "color",
            "dashed",
        ),
        *(f"n{i}" for i in range(1, 30)),
        *(f"cluster_{i}" for i in range(100, 130)),
    }


@pytest.mark.skipif(not shutil.which("dot"), reason="needs Graphviz")
def test_graphviz_says_what_the_diagram_says() -> None:
    found = hostile()
    done = subprocess.run(["dot", "-Tjson"], input=dot.told(found).encode(), capture_output=True, check=True)
    assert b"rror" not in done.stderr
    read = json.loads(done.stdout)
    boxes = [each for each in read["objects"] if each["name"].startswith("n")]
    assert len(boxes) == len(list(nodes(found.items)))
    drawn = subprocess.run(["dot", "-Tsvg"], input=dot.told(found).encode(), capture_output=True, check=True)
    said = {html.unescape(text) for text in re.findall(r"<text[^>]*>(.*?)</text>", drawn.stdout.decode())}
    for node in nodes(found.items):
        line = plain(node.lines[0])
        assert not line or line in {" ".join(each.replace("\xa0", " ").split()) for each in said}, line


def plain(text: str) -> str:
    return " ".join(printable(text).split())


def test_no_text_means_anything_to_mermaid() -> None:
    lines = mmd.told(hostile()).splitlines()
    assert lines[:1] == ["---"]
    assert lines[2:4] == ["---", "flowchart TB"]
    assert json.loads(lines[1].removeprefix("title: ")).startswith(r"\input{/etc/passwd}")
    assert "%" not in "".join(lines)
    safe = r"(?:[\w ,=:/×·→≤…]|#\d+;|<br/>)+"
    shapes = [
        rf'\s+n\d+\["{safe}"\]:::is_conv',
        rf'\s+subgraph s\d+\["{safe}"\]',
        r"\s+end",
        rf'\s+n\d+ (-->|-\.->)(\|"{safe}"\|)? n\d+',
        r"\s+classDef is_conv fill:#\w+,stroke:#\w+,color:#\w+",
    ]
    for line in lines[4:]:
        assert any(re.fullmatch(shape, line) for shape in shapes), line


@pytest.mark.skipif(not MERMAID or not shutil.which("node"), reason="needs node and MERMAID_FOLDER")
@pytest.mark.parametrize("name", ["hostile", "resnet", "googlenet", "unet", "inception_v4", "densenet"])
def test_mermaid_reads_what_the_diagram_says(name: str) -> None:
    found = hostile() if name == "hostile" else diagram(family(f"specs/{name}.arch")[-1].result)
    assert MERMAID
    Path(MERMAID, "read.mjs").write_text(PARSER, "utf-8")
    done = subprocess.run(
        ["node", "read.mjs"], cwd=MERMAID, input=mmd.told(found).encode(), capture_output=True, check=True
    )
    read = json.loads(done.stdout)
    assert {name: decoded(text) for name, text in read["nodes"].items()} == {
        f"n{node.number}": "<br>".join(plain(line) or " " for line in node.lines) for node in nodes(found.items)
    }
    assert sorted(map(decoded, read["containers"])) == sorted(plain(each.title) or " " for each in containers(found))
    assert [(start, end) for start, end, _ in read["edges"]] == [(f"n{e.start}", f"n{e.end}") for e in found.edges]


def decoded(text: str) -> str:
    """What Mermaid draws where it read a number of a letter, for which it has signs of its own."""
    return re.sub("ﬂ°°(\\d+)¶ß", lambda found: chr(int(found[1])), text)


def test_a_file_is_written_in_any_style(tmp_path: Path) -> None:
    figure = load(SPECS[0]).draw(style="blocks")
    assert figure.save(tmp_path / "x.dot").read_text("utf-8").startswith('digraph "AlexNet" {\n')
    assert figure.save(tmp_path / "x.mmd").read_text("utf-8").startswith('---\ntitle: "AlexNet"\n---\nflowchart TB\n')


def test_a_network_of_too_many_ways_is_refused() -> None:
    rows = "".join(f"| r{i} | add | in, {', '.join(f'r{j}' for j in range(i))} |\n" for i in range(1, 110))
    with pytest.raises(ArchError) as raised:
        told(f"| layer | op | from |\n|---|---|---|\n| r0 | conv 3x3, 4 | |\n{rows}")
    assert [each.code for each in raised.value.diagnostics] == ["E1104"]


def test_two_networks_side_by_side_are_no_diagram() -> None:
    with pytest.raises(ArchError) as raised:
        Figure(all_looks()).written("dot")
    assert [each.code for each in raised.value.diagnostics] == ["E1113"]


def test_the_command_writes_diagrams_of_what_a_style_does_not_draw(run: Run) -> None:
    rows = "".join(f"| r{i} | conv 3x3, {i % 7 + 3} |\n" for i in range(400))
    Path("long.arch").write_text(f"network long\ninput 8x8x4\n\n| layer | op |\n|---|---|\n{rows}", "utf-8")
    assert run("draw", "long.arch", "-o", "long.svg").code == 1
    assert run("draw", "long.arch", "-o", "long.dot").code == 0
    assert Path("long.dot").read_text("utf-8").count(" -> ") == 401
    assert run("draw", "long.arch", "-o", "long.mmd", "--style", "volumes").code == 0
    assert "subgraph" not in Path("long.mmd").read_text("utf-8")
