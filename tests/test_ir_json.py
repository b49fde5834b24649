"""A network as JSON: what comes back is what went out, and what is not a network is refused in plain words."""

from __future__ import annotations

import ast
import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import strategies as st
from networks import corpus, named
from random_examples import drawn

from archspec.analysis.cost import totals_of
from archspec.analysis.shapes import infer
from archspec.counting.conventions import Counting
from archspec.diagnostics import ArchError, Report, Source
from archspec.ir.json import from_json, to_json
from archspec.ir.network import Network
from archspec.pipeline import compile_text
from archspec.support.limits import DEEPEST_NETWORK as DEEPEST
from archspec.targets.torch import emit

SPEC = """
network n(width=4, side=3, class=2)
input 8x8x3
counted no bias, no fc weights
every conv: conv; relu

| layer | op                                                    | output   |
|-------|-------------------------------------------------------|----------|
| a     | [conv 3x3, 2*width - (width + 1)/2.5, /2; conv3-4] x side | 4x4x4    |
| b     | conv 3x3, -width + 9; maxpool                         |          |
| c     | fc class                                              |          |

claims
| source | class | counted | params |
|--------|-------|---------|--------|
| one    | 7     | cs231n  | 1M !   |
"""


def network() -> Network:
    return compile_text(Source("n.arch", SPEC)).network


@named(corpus())
def test_a_network_of_the_corpus_comes_back(name: str) -> None:
    network = corpus()[name].network
    text = to_json(network)
    again = from_json(text)
    assert again == from_json(text.encode()) == network
    assert to_json(again) == text  # 1, 1.0 and True are equal, and not the same


def test_texts_of_parameters_come_back() -> None:
    text = to_json(network())
    assert from_json(text) == network()
    for written in ("2 * width - (width + 1) / 2.5", "-width + 9", '"text": "class"', '"text": "side"'):
        assert written in text
    assert to_json(from_json(text)) == text


def put(*path: Any) -> Callable[[dict[str, Any]], None]:
    """A change: the last item takes the place that the items before it lead to."""
    *way, last, value = path

    def change(data: Any) -> None:
        for key in way:
            data = data[key]
        data[last] = value

    return change


REPEAT = ("rows", 0, "steps", 0)
CONV = (*REPEAT, "first", 0, "steps", 0)
TEXT = (*REPEAT, "times", "text")
SIZE = ("rows", 1, "steps", 0, "steps", 0, "args", "kernel", "text")
NO_ARITHMETIC = "is not an expression over numbers and parameters"
REFUSED: dict[str, tuple[Callable[[dict[str, Any]], None], str]] = {
    "an unknown op": (put(*CONV, "op", "convolve"), "there is no layer `convolve`"),
    "an op by another name": (put(*CONV, "op", "Conv"), "there is no layer `Conv`"),
    "an argument that does not fit": (put(*CONV, "args", "channels", "value", -1), "`conv` cannot take its arguments: channels"),
    "no arguments": (put(*CONV, "args", {}), "`conv` cannot take its arguments: kernel"),
    "an unknown argument": (put(*CONV, "args", "self", {"value": 1}), "`conv` has no argument `self`"),
    "infinite": (put(*CONV, "args", "channels", "value", float("inf")), "channels"),
    "a text for times": (put(*REPEAT, "times", "value", "3"), "a repeat has '3' times"),
    "a truth value for times": (put(*REPEAT, "times", "value", True), "a repeat has True times"),
    "a fraction for times": (put(*REPEAT, "times", "value", 1.5), "a repeat has 1.5 times"),
    "negative times": (put(*REPEAT, "times", "value", -1), "a repeat has -1 times"),
    "no times": (put(*REPEAT, "times", "value", 0), "a repeat has 0 times"),
    "an input of two dimensions": (put("input", [1, 2]), "the input is [1, 2]"),
    "an input of none": (put("input", []), "the input is []"),
    "an empty input": (put("input", [8, 0, 3]), "the input is [8, 0, 3]"),
    "an input of texts": (put("input", ["8"]), "input"),
    "a cell below the rows": (put("cells", 0, "row", 99), "a cell is printed in row 99, and the rows are 0 to 2"),
    "a cell above the rows": (put("cells", 0, "row", -1), "a cell is printed in row -1"),
    "an empty group": (put(*REPEAT, "steps", 0, "steps", []), "a group has no steps"),
    "an empty repeat": (put(*REPEAT, "steps", []), "a repeat has no steps"),
    "an empty first time": (put(*REPEAT, "first", []), "a repeat has no steps"),
    "an unknown rule": (put("counted", ["no idea"]), "there is no counting rule `no idea`"),
    "a layer for a rule": (put("counted", ["fc"]), "there is no counting rule `fc`"),
    "two conventions": (put("counted", ["fvcore", "no bias", "thop"]), "`thop` is a second one"),
    "a layer's weights for a rule": (put("counted", ["fc weights"]), "there is no counting rule `fc weights`"),
    "an unknown rule of a claim": (put("claims", 0, "counted", ["no FC"]), "there is no counting rule `no FC`"),
    "a call": (put(*TEXT, "side(1)"), NO_ARITHMETIC),
    "an attribute": (put(*TEXT, "side.real"), NO_ARITHMETIC),
    "a power": (put(*TEXT, "side**2"), NO_ARITHMETIC),
    "a floor": (put(*TEXT, "side//2"), NO_ARITHMETIC),
    "a sign": (put(*TEXT, "+side"), NO_ARITHMETIC),
    "a complex number": (put(*TEXT, "1j"), NO_ARITHMETIC),
    "a number before a name": (put(*TEXT, "2side"), NO_ARITHMETIC),
    "another value": (put(*TEXT, "side if side > 3 else 1"), "`(side if side > 3 else 1)` is not 3 for the parameters"),
    "a text in quotes": (put(*TEXT, '"side"'), NO_ARITHMETIC),
    "two comparisons": (put(*TEXT, "3 if 1 < side < 5 else 1"), NO_ARITHMETIC),
    "too many values": (put(*TEXT, "floor(side, 2)"), NO_ARITHMETIC),
    "a function by name": (put(*TEXT, "max(side, default=3)"), NO_ARITHMETIC),
    "a comment": (put(*TEXT, "side # 3"), NO_ARITHMETIC),
    "two lines": (put(*TEXT, "(side\n+ 1)"), NO_ARITHMETIC),
    "no text": (put(*TEXT, ""), NO_ARITHMETIC),
    "half a text": (put(*TEXT, "side +"), NO_ARITHMETIC),
    "too many signs": (put(*TEXT, "-" * 200_000 + "side"), NO_ARITHMETIC),
    "too many parentheses": (put(*TEXT, "(" * 5_000 + "side" + ")" * 5_000), NO_ARITHMETIC),
    "an unknown name": (put(*TEXT, "depth + 1"), "`depth + 1` names `depth`, which is not a parameter of the network"),
    "a size with one side": (put(*SIZE, "side"), "is not (3, 3)"),
    "a size with a call": (put(*SIZE, "side x side()"), NO_ARITHMETIC),
    "an unknown key": (put("colour", "red"), "colour"),
    "an unknown kind": (put(*CONV, "kind", "branch"), "kind"),
    "a number for a name": (put("name", 1), "name"),
}  # fmt: skip


@pytest.mark.parametrize(("change", "words"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_no_network_is_refused(change: Callable[[dict[str, Any]], None], words: str) -> None:
    data = json.loads(to_json(network()))
    change(data)
    with pytest.raises(ArchError) as refused:
        from_json(json.dumps(data))
    assert words in str(refused.value)


GRAPH = """
network g(width=4, kind=1)
input 8x8x3
every conv: conv; bn; relu

block gate(r=2) = multiply of
| identity |
| global-avgpool; fc max(floor(in/r), 1); relu; fc in; sigmoid if in > 2 or kind == 2 |

block unit(c, t=1, stride=1, act=relu) = add of
| body     | conv 1x1, t*in if t > 1; conv 3x3, (c if stride == 1 else c*1), /stride, no relu; gate |
| shortcut | shortcut c, /stride |
then act

head aux from b, weight=0.3
| layer | op              | from |
|-------|-----------------|------|
| one   | conv 1x1, 4     |      |
| two   | add; fc 3       | one, one |

| layer | op                       | from |
|-------|--------------------------|------|
| a     | conv3-4                  |      |
| b     | unit width, t=2, /2 x 2  |      |
| c     | conv 1x1, width          | a    |
| d     | conv 1x1, width, /2      | c    |
| e     | concat; fc 3             | b, d |
"""
STEPS = ("blocks", "unit[act=relu]", "steps")
BODY = (*STEPS, 0, "branches", 0, "steps")
USE = ("rows", 1, "steps", 0, "steps", 0)
CALL = {"kind": "instance", "block": "unit[act=relu]", "args": {"c": {"value": 4}}}
ADD = {"kind": "apply", "op": "add"}
ONE = [{"name": "a", "steps": []}]
FIRST_STEP = "is the first step of a block, and stands nowhere else"
REFUSED_GRAPHS: dict[str, tuple[Callable[[dict[str, Any]], None], str]] = {
    "an unknown block": (put(*USE, "block", "units"), "there is no block `units`"),
    "an unknown block in a block": (put(*BODY, 0, {**CALL, "block": "units"}), "there is no block `units`"),
    "a block that uses itself": (put(*BODY, 0, CALL), "the block `unit[act=relu]` uses itself"),
    "blocks that use each other": (put("blocks", "gate", "steps", 0, CALL), "uses itself"),
    "an unknown argument": (put(*USE, "args", "d", {"value": 1}), "the block `unit[act=relu]` has no parameter `d`"),
    "a missing argument": (put(*USE, "args", {}), "the block `unit[act=relu]` needs `c`"),
    "a word for an argument": (put(*USE, "args", "c", {"value": "relu"}), "`c` is 'relu', and must be a number"),
    "an argument of nothing": (put(*USE, "args", "c", {"value": None}), "an argument has neither a value nor a text"),
    "an unknown name in a block": (put(*BODY, 0, "condition", {"value": None, "text": "d > 1"}), "`d > 1` names `d`"),
    "a default over later ones": (put("blocks", "unit[act=relu]", "parameters", "t", {"value": None, "text": "stride"}), "names `stride`"),
    "a default that is a word": (put("blocks", "gate", "parameters", "r", {"value": "two"}), "must be a number"),
    "a parameter named as the input": (put("blocks", "gate", "parameters", "in", {"value": 2}), "`in` cannot be a parameter"),
    "a parameter that is not a name": (put("parameters", "a b", 2), "`a b` cannot be a parameter of the network"),
    "a parameter named as a function": (put("parameters", "max", 2), "`max` cannot be a parameter of the network"),
    "a condition without a text": (put(*BODY, 0, "condition", {"value": True}), "the condition of a when has no text"),
    "a condition that is code": (put(*BODY, 0, "condition", {"value": None, "text": "t.real"}), NO_ARITHMETIC),
    "a condition that is a word": (put(*BODY, 0, "condition", {"value": None, "text": '"yes"'}), NO_ARITHMETIC),
    "a condition with nothing under it": (put(*BODY, 0, "steps", []), "a when has no steps"),
    "a join that is none": (put(*STEPS, 0, "join", {"kind": "apply", "op": "relu"}), "`relu` does not join branches"),
    "two joins side by side": (put(*STEPS, 1, {"kind": "branches", "join": ADD, "branches": ONE}), FIRST_STEP),
    "a join after a layer": (put(*STEPS, 1, {"kind": "graph", "rows": [{"layer": "a", "op": "relu", "steps": []}]}), FIRST_STEP),
    "a join of nothing": (put(*STEPS, 0, "branches", []), "a branches has no rows"),
    "an unknown join": (put(*STEPS, 0, "join", {"kind": "apply", "op": "sum"}), "there is no layer `sum`"),
    "a source below": (put("rows", 2, "sources", ["d"]), "the row `c` is from `d`, which is not the name of one row above"),
    "an ambiguous source": (put("rows", 1, "layer", "a"), "which is not the name of one row above"),
    "a head from nowhere": (put("heads", 0, "source", "z"), "the head `aux` is from `z`, which is not the name of one row"),
    "a source in a head": (put("heads", 0, "rows", 1, "sources", ["a", "one"]), "the row `two` is from `a`"),
    "a head without rows": (put("heads", 0, "rows", []), "the head `aux` has no rows"),
    "an endless weight": (put("heads", 0, "weight", float("inf")), "weight"),
    "a row without steps": (put("rows", 2, "steps", None), "the row `c` has no steps"),
    "a rule for nothing": (put(*BODY, 1, "rule", "convolve"), "`convolve` is neither a layer nor a block"),
    "a rule that is code": (put(*BODY, 1, "rule", 'conv"""\n    import os\n    """'), "is neither a layer nor a block"),
    "a block that is not a name": (put("blocks", "gate", "name", "a b"), "`a b` cannot be the name of a block"),
    "a structural name": (put("structural", ["z"]), "`z` is not a parameter of the network"),
    "a name of the input": (put("input_names", ["z"]), "`z` is not a parameter of the network"),
}  # fmt: skip


def graph() -> Network:
    return compile_text(Source("g.arch", GRAPH)).network


@pytest.mark.parametrize(("change", "words"), REFUSED_GRAPHS.values(), ids=REFUSED_GRAPHS.keys())
def test_what_is_no_graph_is_refused(change: Callable[[dict[str, Any]], None], words: str) -> None:
    data = json.loads(to_json(graph()))
    change(data)
    with pytest.raises(ArchError) as refused:
        from_json(json.dumps(data))
    assert words in str(refused.value)


def test_the_time_to_read_a_network_grows_with_its_depth_alone() -> None:
    data = json.loads(to_json(network()))
    step: dict[str, Any] = {"kind": "apply", "op": "nothing"}
    for _ in range(60):
        step = {"kind": "group", "rule": "conv", "steps": [step]}
    data["rows"][0]["steps"] = [step]
    with pytest.raises(ArchError, match="there is no layer `nothing`"):
        from_json(json.dumps(data))
    with pytest.raises(ArchError, match="kind"):
        from_json(json.dumps(data).replace('"apply", "op": "nothing"', '"nothing"'))


def test_a_graph_comes_back_with_its_conditions() -> None:
    text = to_json(graph())
    assert from_json(text) == graph()
    assert to_json(from_json(text)) == text
    for written in ("max(floor(in / r), 1)", "t > 1", "c if stride == 1 else", "weight"):
        assert written in text


def places(data: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """The way to every part of some JSON, and the part."""
    items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in items:
        yield (*path, key), value
        yield from places(value, (*path, key))


PLACES = dict(places(json.loads(to_json(graph()))))
VALUES: list[Any] = [
    None, True, 0, -1, 1, 2, 3.5, 10**30, "", "in", "c", "relu", "add", "a", "c > 3", "in / 0", "c if in else kind", "1 / 3",
    "min(c, 10000000000000)", [], [4, 4], {}, {"value": 2}, {"value": None, "text": "stride / 2"}, {"value": None, "text": "in"},
    {"kind": "apply", "op": "concat"}, {"kind": "graph", "rows": []}, CALL, [CALL, CALL],
]  # fmt: skip


def like(part: Any) -> list[Any]:
    """The values that may stand in the place of a part, so that most changes give something of the right type."""
    numbers = (int, float, bool, type(None))
    return [v for v in VALUES if type(v) is type(part) or (isinstance(v, numbers) and isinstance(part, numbers))]


TITLED = GRAPH.replace("input 8x8x3", 'title "G"\npaper "A paper", Table 1\ncounted no bias\ninput 8x8x3')
CODE = '"""\n    import os\n    """\nimport os\n\'); import os; (\'"\nimport os\n\\"""\nimport os\n'
"""A text that would be a statement wherever it stood in Python as it is."""
MAPPINGS = ("parameters", "args", "blocks", "units")


@pytest.mark.dear
def test_no_text_of_a_network_becomes_code() -> None:
    whole = to_json(compile_text(Source("g.arch", TITLED)).network)
    texts = {path: part for path, part in places(json.loads(whole)) if isinstance(part, str)}
    assert {path[-1] for path in texts} >= {"name", "title", "layer", "op", "rule", "text", "block", "source", "kind"}
    for path, text in texts.items():
        data = json.loads(whole)
        put(*path, text + CODE)(data)
        assert imported(data) <= {"torch"}, path


def test_no_name_in_a_network_becomes_code() -> None:
    whole = to_json(compile_text(Source("g.arch", TITLED)).network)
    for path in [path for path, part in places(json.loads(whole)) if path[-1] in MAPPINGS and part]:
        data = part = json.loads(whole)
        for key in path:
            part = part[key]
        for name in list(part):
            part[name + CODE] = part.pop(name)
        assert imported(data) <= {"torch"}, path


def imported(data: Any) -> set[str]:
    """What the code of a network imports; nothing where the network is refused."""
    try:
        found = from_json(json.dumps(data))
        report = Report()
        inferred = infer(found, report)
        report.raise_if_failed()
    except ArchError:
        return set()
    tree = ast.parse(emit(found, inferred, totals_of(found, inferred, Counting(found.counted))))
    nodes = [node for node in ast.walk(tree) if isinstance(node, ast.Import)]
    return {alias.name for node in nodes for alias in node.names}


CHANGES = st.sampled_from(sorted(PLACES, key=str)).flatmap(
    lambda path: st.tuples(st.just(path), st.sampled_from([*like(PLACES[path]), PLACES[path]]))
)


@pytest.mark.dear
@drawn(st.lists(CHANGES, min_size=1, max_size=3), few=100, many=500)
def test_any_change_to_a_graph_is_refused_or_analysed_and_emitted(changes: list[tuple[tuple[Any, ...], Any]]) -> None:
    data = json.loads(to_json(graph()))
    for path, value in changes:
        with suppress(KeyError, IndexError, TypeError):  # an earlier change took the place away
            put(*path, value)(data)
    try:
        network = from_json(json.dumps(data))
    except ArchError:
        return
    report = Report()
    inferred = infer(network, report)
    if not report.failed:
        totals = totals_of(network, inferred, Counting(network.counted))
        compile(emit(network, inferred, totals), "changed.py", "exec", dont_inherit=True)


def nested(depth: int) -> str:
    """A network whose blocks stand in one another so deep."""
    data = json.loads(to_json(network()))
    relu: dict[str, Any] = {"kind": "apply", "op": "relu"}
    uses = [relu, *({"kind": "instance", "block": f"b{i}"} for i in range(depth))]
    data["blocks"] = {f"b{i}": {"name": "b", "steps": [use]} for i, use in enumerate(uses[:-1])}
    data["rows"][0]["steps"] = [uses[-1]]
    return json.dumps(data)


def test_blocks_stand_in_one_another_so_deep_and_no_deeper() -> None:
    deep = from_json(nested(DEEPEST - 1))
    report = Report()
    inferred = infer(deep, report)
    assert not list(report)
    assert "nn.ReLU" in emit(deep, inferred, totals_of(deep, inferred, Counting()))
    with pytest.raises(ArchError, match="steps stand in one another 101 deep, and may 100 deep"):
        from_json(nested(DEEPEST))
    with pytest.raises(ArchError, match="deep"):
        from_json(nested(5_000))


def test_blocks_that_double_are_stopped() -> None:
    """Each block uses the one before twice with other numbers, so that it would take years to walk them."""
    data = json.loads(to_json(network()))
    below: dict[str, Any] = {
        "kind": "when",
        "condition": {"value": None, "text": "c < 0"},
        "steps": [{"kind": "apply", "op": "relu"}],
    }
    blocks: dict[str, Any] = {"b0": {"name": "b", "parameters": {"c": None}, "steps": [below]}}
    for i in range(1, 60):
        uses = [
            {"kind": "instance", "block": f"b{i - 1}", "args": {"c": {"value": None, "text": text}}}
            for text in ("c + 1", f"c + 1 / {2**i}")
        ]
        blocks[f"b{i}"] = {"name": "b", "parameters": {"c": None}, "steps": uses}
    data["blocks"] = blocks
    data["rows"][0]["steps"] = [{"kind": "instance", "block": "b59", "args": {"c": {"value": 1}}}]
    report = Report()
    infer(from_json(json.dumps(data)), report)
    assert [d.code for d in report] == ["E0702"]


def test_a_size_has_a_text_for_each_side() -> None:
    data = json.loads(to_json(network()))
    put(*SIZE, "side x 2 * side - 3")(data)
    assert to_json(from_json(json.dumps(data))) == json.dumps(data, indent=2)


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", "{", b"\xff", "[" * 100_000])
def test_what_is_no_json_of_a_network_is_refused(text: str | bytes) -> None:
    with pytest.raises(ArchError) as refused:
        from_json(text)
    assert {d.code for d in refused.value.diagnostics} == {"E0011" if text in ("{}", "[]", "null") else "E0010"}
