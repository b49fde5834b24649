"""A network as JSON: what comes back is what went out, and what is no network is refused in plain words."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from witness import corpus

from archspec.diagnostics import Source
from archspec.ir import Network
from archspec.ir_json import from_json, to_json
from archspec.pipeline import Compiled, compile_text

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


@pytest.mark.parametrize("compiled", corpus().values(), ids=corpus().keys())
def test_a_network_of_the_corpus_comes_back(compiled: Compiled) -> None:
    text = to_json(compiled.network)
    assert from_json(text) == from_json(text.encode()) == compiled.network
    assert to_json(from_json(text)) == text


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
NO_ARITHMETIC = "is no arithmetic of numbers and parameters"
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
    "a layer's weights for a rule": (put("counted", ["fc weights"]), "there is no counting rule `fc weights`"),
    "an unknown rule of a claim": (put("claims", 0, "counted", ["no FC"]), "there is no counting rule `no FC`"),
    "a call": (put(*TEXT, "side(1)"), NO_ARITHMETIC),
    "an attribute": (put(*TEXT, "side.real"), NO_ARITHMETIC),
    "a power": (put(*TEXT, "side**2"), NO_ARITHMETIC),
    "a floor": (put(*TEXT, "side//2"), NO_ARITHMETIC),
    "a sign": (put(*TEXT, "+side"), NO_ARITHMETIC),
    "a complex number": (put(*TEXT, "1j"), NO_ARITHMETIC),
    "a number before a name": (put(*TEXT, "2side"), NO_ARITHMETIC),
    "a condition": (put(*TEXT, "side if side else 1"), NO_ARITHMETIC),
    "a comment": (put(*TEXT, "side # 3"), NO_ARITHMETIC),
    "two lines": (put(*TEXT, "(side\n+ 1)"), NO_ARITHMETIC),
    "no text": (put(*TEXT, ""), NO_ARITHMETIC),
    "half a text": (put(*TEXT, "side +"), NO_ARITHMETIC),
    "too many signs": (put(*TEXT, "-" * 200_000 + "side"), NO_ARITHMETIC),
    "too many parentheses": (put(*TEXT, "(" * 5_000 + "side" + ")" * 5_000), NO_ARITHMETIC),
    "an unknown name": (put(*TEXT, "depth + 1"), "`depth + 1` names `depth`, which is no parameter of the network"),
    "a size with one side": (put(*SIZE, "side"), NO_ARITHMETIC),
    "a size with a call": (put(*SIZE, "side x side()"), NO_ARITHMETIC),
    "an unknown key": (put("colour", "red"), "colour"),
    "an unknown kind": (put(*CONV, "kind", "branch"), "kind"),
    "a number for a name": (put("name", 1), "name"),
}  # fmt: skip


@pytest.mark.parametrize(("change", "words"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_no_network_is_refused(change: Callable[[dict[str, Any]], None], words: str) -> None:
    data = json.loads(to_json(network()))
    change(data)
    with pytest.raises(ValueError) as refused:  # noqa: PT011
        from_json(json.dumps(data))
    assert words in str(refused.value)


def test_a_size_has_a_text_for_each_side() -> None:
    data = json.loads(to_json(network()))
    put(*SIZE, "side x 2*side - 3")(data)
    assert to_json(from_json(json.dumps(data))) == json.dumps(data, indent=2)


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", "{", b"\xff", "[" * 100_000])
def test_what_is_no_json_of_a_network_is_refused(text: str | bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        from_json(text)
