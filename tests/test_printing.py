"""Networks as the text of a spec: what it says is the same network, or nothing is printed."""

from __future__ import annotations

import ast
import json
import re
from contextlib import suppress
from functools import cache
from pathlib import Path

import pytest
from networks import corpus, named
from random_examples import drawn, each_share
from random_graphs import graphs
from random_programs import program
from random_specs import specs

from archspec.api import load, loads
from archspec.compiled import Compiled
from archspec.diagnostics import ArchError
from archspec.ir.json import from_json, to_json
from archspec.ir.network import Group, Network
from archspec.ir.walking import every_step, steps_of
from archspec.printing import same, to_arch, unsaid

ALSO_IN_SHORT = {
    "alexnet.arch", "densenet.arch:DenseNet-121", "googlenet.arch", "inception_v4.arch", "lenet5.arch", "mobilenet.arch",
    "mobilenet_v2.arch", "mobilenet_v3_small.arch", "resnet.arch:50", "se_mobilenet.arch", "shufflenet_v2.arch:1x",
    "unet.arch", "vgg.arch:D", "xception.arch", "zfnet.arch",
}  # fmt: skip
OF_FILES = {"E0314"}
"""What is said of claims that name a file, of which a text by itself has none."""


def body(source: str) -> str:
    """Emitted code without what it says of itself."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node) is not None:
            node.body = node.body[1:] or [ast.Pass()]
    return ast.unparse(tree)


def unnamed(code: str) -> str:
    """Code whose own names are numbers, by where they first stand."""
    numbers: dict[str, str] = {}
    return re.sub(
        r"((?:nn|torch|F)\.\w+)|[^\W\d]\w*", lambda m: m[1] or numbers.setdefault(m[0], f"n{len(numbers)}"), code
    )


def comes_back(net: Compiled, code: bool = True) -> Compiled:
    """The network of its text, which has the same steps, counts and code, and of which nothing new is said.

    Blocks that have other names in the text may be other classes in the code.
    """
    text = net.to_arch()
    again = loads(text)
    assert same(net.network, again.network)
    assert again.to_arch() == text
    assert again.totals == net.totals
    assert not code or unnamed(body(again.source())) == unnamed(body(net.source()))
    said = {diagnostic.message for diagnostic in net.diagnostics}
    new = [d for d in again.diagnostics if d.message not in said and d.code not in OF_FILES]
    assert not new, new
    return again


def test_the_list_of_networks_in_every_run_names_some() -> None:
    assert {*corpus()} >= ALSO_IN_SHORT


@named([*corpus()], slow={*corpus()} - ALSO_IN_SHORT)
def test_a_network_of_the_corpus_comes_back(name: str) -> None:
    net = corpus()[name]
    again = comes_back(net)
    assert again.network.display_name == net.network.display_name
    assert again.holds == net.holds
    assert body(again.source()) == body(net.source())
    assert len(again.network.cells) == len(net.network.cells)


@named(["resnet.arch:50", "mobilenet_v3_small.arch", "inception_v4.arch"])
def test_its_rules_stay_rules(name: str) -> None:
    """No group of the corpus has to stand as its steps."""
    before, after = corpus()[name].network, loads(corpus()[name].to_arch()).network
    count = [sum(isinstance(step, Group) for step in steps_of(network)) for network in (before, after)]
    assert min(count) > 0
    rows = [[*every_step(row.steps or ())] for network in (before, after) for row in network.rows]
    half = len(rows) // 2
    assert [[type(s) for s in row] for row in rows[:half]] == [[type(s) for s in row] for row in rows[half:]]


@each_share
def test_random_programs_come_back(share: int) -> None:
    found = 0
    for index in range(120 // share):
        with suppress(ArchError):
            net = loads(program("printed", index)).checked()
            found += 1
            comes_back_or_is_refused(net)
    assert found > 60 // share


def comes_back_or_is_refused(net: Compiled) -> None:
    try:
        net.source()
    except ArchError:
        return
    comes_back(net)


@drawn(specs(), few=6, many=150)
def test_random_networks_come_back(text: str) -> None:
    comes_back(loads(text))


@drawn(graphs(), few=6, many=150)
def test_random_graphs_come_back(text: str) -> None:
    comes_back(loads(text))


BLOCKS = """
network n(classes=10)
input 32x32x16

every conv: conv no bias; bn

block se(r=4) = multiply of
| identity                                      |
| global-avgpool; fc in/r; relu; fc in; sigmoid |

block bneck(k, e, c, se=no, nl=relu, s=1)
| conv 1x1, e; nl; dwconv k, /s; nl; se if se; conv 1x1, c |

| layer | op                                      | output   |
|-------|-----------------------------------------|----------|
| a     | bneck 3x3, 64, 24, /2                   | 16x16x24 |
| b     | bneck 5x5, 96, 40, se, nl=hard-swish x 2 |         |
| fc    | fc classes                              | 10       |
"""


def test_blocks_of_one_name_are_one_block_again() -> None:
    text = comes_back(loads(BLOCKS)).to_arch()
    assert text.count("block bneck") == 1
    assert "| conv 1x1, e; nl; dwconv k, /s; nl; se if se; conv 1x1, c |" in text
    assert "bneck 96, 40, k=5x5, nl=hard-swish, se x 2" in text


def test_a_step_that_only_some_have_stands_under_a_condition() -> None:
    net = loads(BLOCKS.replace("if se; conv", "if se; dropout (0.1 if se else 0.2); conv"))
    assert "dropout 0.2 if not se; se if se; dropout 0.1 if se; conv" in comes_back(net).to_arch()


def test_blocks_that_differ_in_more_have_names_of_their_own() -> None:
    """By what is fixed in them: here nothing says which of them has which non-linearity."""
    data = json.loads(to_json(loads(BLOCKS).network))
    for key in data["blocks"]:
        data["blocks"][key]["fixed"].pop("se", None)
        data["blocks"][key]["fixed"].pop("nl", None)
    text = comes_back(loads(json.dumps(data)), code=False).to_arch()
    assert "block bneck_3x3(e, c, s=1)\n| conv 1x1, e; relu; dwconv 3x3" in text
    assert "block bneck_5x5(e, c, s=1)\n| conv 1x1, e; hard-swish; dwconv 5x5" in text


def test_a_stride_that_is_a_size_stands_in_the_first_repetition() -> None:
    spec = "network n\ninput 8x8x4\n\nblock b(c, s=1)\n| conv 3x3, c, /s |\n\n| b 8, /2x1 x 3 |\n| b 4 |\n"
    assert "/2x1 x 3" in comes_back(loads(spec)).to_arch()


def test_a_parameter_that_decides_what_layers_there_are_has_its_value() -> None:
    spec = "network n(deep=yes, w=4)\ninput 8x8x3\n\n| conv 3x3, w |\n| conv 3x3, 2*w if deep |\n"
    assert loads(spec).to_arch().startswith("network n(w=4)\n")
    net = loads(spec)(deep=False)
    assert "2*w" not in net.to_arch()
    assert loads(net.to_arch())(w=8).params == net(w=8).params


def test_a_cell_that_is_printed_wrong_says_what_works() -> None:
    assert "| dw13   | dwconv 3x3, /2 ! /1 " in corpus()["mobilenet.arch"].to_arch()
    net = loads(
        "network n\ninput 8x8x3\n\n| layer | op | output |\n|---|---|---|\n| a | conv 3x3, 4 ! conv 1x1, 8; relu | 8x8x8 |\n"
    )
    again = comes_back(net)
    assert "conv 3x3, 4 ! conv 1x1, 8; relu" in again.to_arch()
    assert [misprint.steps for misprint in again.network.misprints] == [m.steps for m in net.network.misprints]


def test_a_claim_for_another_such_value_is_left_out_and_said() -> None:
    spec = "network n(deep=yes, w=4)\ninput 8x8x3\n\n| conv 3x3, w |\n| conv 3x3, 2*w if deep |\n\nclaims\n"
    spec += "| source | deep | w | params |\n|---|---|---|---|\n| one | no | | 112 |\n| two | | 4 | 408 |\n"
    network = loads(spec).network
    assert [d.code for d in unsaid(network)] == ["E0416"]
    text = to_arch(network)
    assert "two" in text
    assert "one" not in text


def test_figures_are_those_of_the_files_own_values() -> None:
    net = load("specs/vgg_D.arch", classes=10)
    text = net.to_arch()
    assert "claims" not in text
    assert "classes=10" in text
    assert loads(text).totals == net.totals


HOSTILE = ['x "y" z', '"', "a|b", "a # b", "#", "a\nb", "**bold**", "a<br>b", "-", "", "total", "params", "conv 3x3, 8", "in",
           "a, b", " a", "\u2028", "é", "x", "no", "!", "a ! b", "2x2", "---", "\x1b[31m", "1", "ｘ", "a;b", "&", "relu"]  # fmt: skip
PLACES: list[tuple[str | int, ...]] = [
    ("title",), ("name",), ("variant",), ("papers", 0, "title"), ("papers", 0, "references", 0), ("rows", 0, "layer"),
    ("taken_from", 0, "names", 0), ("heads", 0, "name"), ("heads", 0, "rows", 0, "layer"), ("claims", 0, "source"),
    ("recipe", "settings", "data", "source"), ("recipe", "settings", "data", "text"), ("blocks", "b", "name"),
    ("recipe", "settings", "left out", "uses", 0, "args", "what"), ("blocks", "b", "steps", 0, "branches", 0, "name"),
]  # fmt: skip
WHOLE = """
network n(width=4, classes=2)
title "T"
paper "P", arXiv 1, Table 1
input 8x8x3
taken from memory: Table 1
units K=1024
every conv: conv; relu

block b(c, s=1) = add of
| left  | conv 3x3, c, /s |
| right | shortcut c, /s  |

| layer | op              | output |
|-------|-----------------|--------|
| a     | conv 3x3, width | 8x8x4  |
| b     | b 4             |        |
| d     | fc classes      | 2      |

head h from b, weight=0.3
| fc 2 |

claims
| source  | params |
|---------|--------|
| Table 1 | 1K !   |

train
| setting   | value     | source |
|-----------|-----------|--------|
| data      | folder    | s      |
| optimizer | sgd       |        |
| lr        | 0.1       |        |
| batch     | 8         |        |
| epochs    | 3         |        |
| left out  | something |        |
"""


@pytest.mark.parametrize("place", PLACES, ids=lambda place: ".".join(map(str, place)))
def test_hostile_texts_come_back_or_are_one_diagnostic(place: tuple[str | int, ...]) -> None:
    outcomes = set()
    for text in HOSTILE:
        network = with_text(place, text)
        if network is None:
            continue
        outcomes.add(outcome(network))
    assert "printed" in outcomes
    assert outcomes <= {"printed", "E0415"}


def outcome(network: Network) -> str:
    """What becomes of a network: a text of the same, or the code of the one diagnostic."""
    try:
        printed = to_arch(network)
    except ArchError as error:
        (code,) = [diagnostic.code for diagnostic in error.diagnostics]
        return code
    return "printed" if same(network, loads(printed).network) else "another"


@cache
def whole() -> str:
    """The network in JSON."""
    return to_json(loads(WHOLE).network)


def with_text(place: tuple[str | int, ...], text: str) -> Network | None:
    """The network with a text in one place, where that is a network."""
    inner = data = json.loads(whole())
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = text
    try:
        return from_json(json.dumps(data))
    except ArchError:
        return None


def test_steps_for_which_there_is_no_cell_are_one_diagnostic() -> None:
    """A repetition of a stride, which a cell says of the first alone."""
    data = json.loads(to_json(loads("network n\ninput 8x8x3\n\n| conv 3x3, 4, /2 x 2 |\n").network))
    repeat = data["rows"][0]["steps"][0]
    repeat["steps"], repeat["first"] = repeat["first"], None
    with pytest.raises(ArchError) as caught:
        to_arch(from_json(json.dumps(data)))
    (wrong,) = caught.value.diagnostics
    assert wrong.code == "E0415"
    assert "conv1" in wrong.message


def test_a_value_that_json_leaves_out_is_that_of_its_text() -> None:
    data = json.loads(to_json(loads(WHOLE).network))
    data["rows"][2]["steps"][0]["args"]["units"]["value"] = None
    assert "fc classes" in comes_back(loads(json.dumps(data))).to_arch()


def test_a_condition_that_json_decides_is_decided() -> None:
    spec = "network n(deep=yes)\ninput 8x8x3\n\n| conv 3x3, 4; [conv 3x3, 8; relu] if in > 2 |\n"
    data = json.loads(to_json(loads(spec.replace("(deep=yes)", "")).network))
    data["parameters"] = {"deep": True}
    condition = data["rows"][0]["steps"][1]["condition"]
    condition["text"], condition["value"] = "deep", True
    assert "| conv 3x3, 4; conv 3x3, 8; relu |" in loads(json.dumps(data)).to_arch()


def test_a_stride_in_every_repetition_is_no_stride_in_the_first() -> None:
    net = loads("network n\ninput 16x16x3\n\n| maxpool 2x2, /2 x 2 |\n| [conv 3x3, 4, /2; relu] x 2 |\n")
    assert "[conv 3x3, 4, /2; relu] x 2" in comes_back(net).to_arch()


def test_the_command_prints_and_writes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from archspec.cli import main

    assert main(["ir", "specs/lenet5.arch", "--to-arch"]) == 0
    printed = capsys.readouterr().out
    assert printed == load("specs/lenet5.arch").to_arch()
    path = tmp_path / "again.arch"
    assert main(["ir", "specs/lenet5.arch", "--to-arch", "-o", str(path)]) == 0
    assert path.read_text() == printed
    assert main(["check", str(path)]) == 0
    capsys.readouterr()
    assert main(["ir", "specs/vgg.arch:D", "--to-arch"]) == 0
    assert "E0416" in capsys.readouterr().err


def test_json_becomes_a_spec(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from archspec.cli import main

    path = tmp_path / "lenet.json"
    path.write_text(to_json(load("specs/lenet5.arch").network))
    assert main(["ir", str(path), "--to-arch"]) == 0
    assert capsys.readouterr().out == load("specs/lenet5.arch").to_arch()
