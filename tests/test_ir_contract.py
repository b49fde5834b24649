"""The JSON of a network stands in for its spec: commands take it, its schema holds, and what is wrong has a path and a place."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pydantic
import pytest
from commands import Run, runner
from networks import corpus, named
from random_programs import program

import archspec
from archspec.diagnostics import ArchError, Source
from archspec.ir.json import from_json, schema, to_json

run = pytest.fixture(runner)
ROOT = Path(__file__).parent.parent
SCHEMA = json.loads((ROOT / "docs" / "ir.schema.json").read_text("utf-8"))


def undescribed(part: Any) -> Any:
    """A part of a schema without its descriptions, which Pydantic takes from docstrings since 2.13."""
    if isinstance(part, dict):
        return {name: undescribed(each) for name, each in part.items() if not is_text(name, each)}
    return [undescribed(each) for each in part] if isinstance(part, list) else part


def is_text(name: str, value: Any) -> bool:
    """Whether a keyword is a description, and not a field of that name."""
    return name == "description" and isinstance(value, str)


def test_the_schema_is_that_of_the_nodes() -> None:
    made = schema()
    assert undescribed(made) == undescribed(SCHEMA)
    if tuple(map(int, pydantic.VERSION.split(".")[:2])) >= (2, 13):
        assert made == SCHEMA


@named(corpus(), slow=[name for i, name in enumerate(corpus()) if i % 4])
def test_json_gives_what_the_spec_gives(name: str) -> None:
    net = corpus()[name]
    text = to_json(net.network)
    jsonschema.Draft202012Validator(SCHEMA).validate(json.loads(text))
    again = archspec.loads(text)
    assert again.source() == net.source()
    assert again.rows == net.rows
    assert again.totals == net.totals
    assert again.cells == [check._replace(span=None) for check in net.cells]
    left_out = {d.code for d in again.diagnostics} - {d.code for d in net.diagnostics}
    assert left_out <= {"E0309"}
    claims = [check._replace(span=None) for check in net.claims]
    assert [check for check in again.claims if check not in claims] == []
    assert left_out or len(again.claims) == len(claims)


@pytest.mark.parametrize("index", range(30))
def test_json_of_a_random_program_gives_its_code(index: int) -> None:
    try:
        net = archspec.loads(program("json", index))
        code = net.source()
    except ArchError:
        return
    text = to_json(net.network)
    jsonschema.Draft202012Validator(SCHEMA).validate(json.loads(text))
    assert archspec.loads(text).source() == code


def test_parameters_that_are_numbers_of_layers_can_be_set() -> None:
    net = archspec.load(ROOT / "specs" / "mobilenet.arch")
    given = archspec.loads(to_json(net.network))
    assert given(alpha=0.5, classes=10).params == net(alpha=0.5, classes=10).params
    assert given(input="160x160x3").mult_adds == net(input="160x160x3").mult_adds
    assert given(alpha=1).params == net.params  # a whole number for a fraction
    assert given(alpha=0.5).source() == net(alpha=0.5).source()
    assert pickle.loads(pickle.dumps(given(alpha=0.5))).params == net(alpha=0.5).params
    assert given.training() == net.training()
    assert given(alpha=0.5).training() == net(alpha=0.5).training()


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        ({"shallow": True}, "E0412"),
        ({"resolution": 192}, "E0412"),
        ({"alpha": "wide"}, "E0412"),
        ({"aplha": 0.5}, "E0406"),
        ({"variant": "B"}, "E0407"),
        ({"alpha": -1.0}, "E0011"),
    ],
)
def test_what_json_does_not_hold_cannot_be_set(settings: dict[str, Any], code: str) -> None:
    given = archspec.loads(to_json(archspec.load(ROOT / "specs" / "mobilenet.arch").network))
    with pytest.raises(ArchError) as refused:
        given(**settings)
    assert {d.code for d in refused.value.diagnostics} == {code}


def test_what_is_printed_for_other_values_is_not_checked() -> None:
    spec = ("network n(w=4, d=2)\ninput 8x8x3\n| conv 3x3, w |\n| conv 3x3, 4 x d |\n| fc 10 |\n\n"
            "claims\n| source | d | params | top-1 error |\n|---|---|---|---|\n| one | 2 | 2,978 | 5.0 |\n| two | 3 | 3,126 | |\n")  # fmt: skip
    net = archspec.loads(spec)
    assert [check.verdict for check in net.claims] == ["exact", "reported", "exact"]
    for other in (net(w=8), net(input="16x16x3")):
        given = archspec.loads(to_json(other.network))
        assert given.holds
        assert [check.verdict for check in given.claims] == ["reported"]
        assert [d.code for d in given.diagnostics] == ["E0309"]


def test_a_variant_is_its_own() -> None:
    given = archspec.loads(to_json(archspec.load(ROOT / "specs" / "resnet.arch", "50").network))
    assert given(variant="50").params == given.params
    assert given.name == "resnet_50"


def test_commands_take_json_in_place_of_a_spec(run: Run) -> None:
    made = run("ir", "tiny.arch")
    assert made.code == 0
    Path("tiny.json").write_text(made.out)
    assert run("ir", "tiny.json").out == made.out
    assert run("count", "tiny.json").out == run("count", "tiny.arch").out
    assert run("count", "tiny.json", "-p", "classes=20").out == run("count", "tiny.arch", "-p", "classes=20").out
    assert run("count", "tiny.json", "--format", "csv").out == run("count", "tiny.arch", "--format", "csv").out
    assert run("check", "tiny.json").out == run("check", "tiny.arch").out.replace("tiny.arch", "tiny.json")
    assert run("emit", "tiny.json").out == run("emit", "tiny.arch").out
    assert run("diff", "tiny.json", "tiny.arch").code == 0
    assert "none" not in run("diff", "tiny.json", "tiny.arch").err
    assert run("why", "tiny.json", "paper", "fvcore").out == run("why", "tiny.arch", "paper", "fvcore").out
    assert run("audit", "tiny.json").code == 0
    assert run("compile", "tiny.json").code == 0
    code = Path("generated/tiny.py").read_text()
    assert run("compile", "tiny.arch").code == 0
    assert Path("generated/tiny.py").read_text() == code


def test_a_family_needs_a_variant(run: Run) -> None:
    assert "pick a variant" in run("ir", "two.arch").err
    assert json.loads(run("ir", "two.arch:B").out)["variant"] == "B"


def test_a_spec_that_does_not_hold_says_so(run: Run) -> None:
    done = run("ir", "wrong.arch")
    assert done.code == 1
    assert "E0302" in done.err
    assert json.loads(done.out)["name"] == "tiny"
    assert run("ir", "broken.arch")[:2] == (1, "")


def changed(change: Callable[[Any], None]) -> list[archspec.Diagnostic]:
    """What is said of the JSON of a small network after a change."""
    data = json.loads(to_json(archspec.load(ROOT / "specs" / "lenet5.arch").network))
    change(data)
    with pytest.raises(ArchError) as refused:
        from_json(Source("net.json", json.dumps(data, indent=1)))
    return list(refused.value.diagnostics)


def test_all_mistakes_are_said_with_their_paths_and_places() -> None:
    def change(data: Any) -> None:
        data["rows"][0]["steps"][0]["steps"][0]["op"] = "cnov"
        data["rows"][-1]["sources"] = ["nowhere"]
        data["structural"] = ["depth"]

    found = changed(change)
    assert {d.code for d in found} == {"E0011"}
    texts = {d.message.split("`")[1]: d for d in found}
    assert texts.keys() == {"structural[0]", "rows[0].steps[0].steps[0].op", f"rows[{6}].sources[0]"}
    for shown, d in zip(('"depth"', '"cnov"', '"nowhere"'), texts.values(), strict=True):
        assert d.span is not None
        assert d.span.source.lines[d.span.line - 1][d.span.start : d.span.end] == shown


def test_types_that_are_wrong_have_paths_without_the_kinds_of_nodes() -> None:
    def change(data: Any) -> None:
        data["rows"][0]["steps"][0]["steps"][0]["args"]["channels"]["value"] = {"a": 1}
        data["rows"][1]["steps"][0]["colour"] = "red"
        del data["rows"][2]["op"]
        data["version"] = 2

    paths = {d.message.split("`")[1] for d in changed(change)}
    assert paths == {
        "rows[0].steps[0].steps[0].args.channels.value",
        "rows[1].steps[0].colour",
        "rows[2]",
        "version",
    }


def test_json_that_breaks_off_is_shown_where() -> None:
    with pytest.raises(ArchError) as refused:
        from_json(Source("net.json", '{\n "name": "n",\n "rows": [}\n'))
    [diagnostic] = refused.value.diagnostics
    assert diagnostic.code == "E0010"
    assert diagnostic.span is not None
    assert (diagnostic.span.line, diagnostic.span.start) == (3, 10)


@pytest.mark.parametrize(
    "text", ["{", '{"a": ' * 500, '{"rows": [' + "1," * 100_000 + "1]}", '{"name": "' + "x" * 10**6]
)
def test_hostile_json_is_refused(text: str) -> None:
    with pytest.raises(ArchError) as refused:
        archspec.loads(text)
    assert {d.code for d in refused.value.diagnostics} <= {"E0010", "E0011", "E0704"}


BASE: dict[str, Any] = {
    "name": "base",
    "parameters": {"w": 4},
    "input": [8, 8, 3],
    "rows": [
        {"layer": "a", "op": "conv", "steps": [{"kind": "apply", "op": "conv", "args": {
            "kernel": {"value": 3}, "channels": {"value": 4, "text": "w"}}}]},
        {"layer": "b", "op": "fc", "steps": [{"kind": "apply", "op": "fc", "args": {"units": {"value": 10}}}]},
    ],
}  # fmt: skip
CLAIM = {"quantity": "params", "printed": "1M", "source": "here"}
CELL = {"row": 0, "quantity": "output", "printed": "8x8x4"}
USE = {"kind": "instance", "block": "B", "args": {"k": {"value": 3}}}
FORK = {"kind": "branches", "join": {"kind": "apply", "op": "add"}, "branches": [
    {"name": name, "steps": [{"kind": "apply", "op": "relu"}]} for name in "ab"]}  # fmt: skip
GRAPH = {"kind": "graph", "rows": [{"layer": "r", "op": "relu", "steps": [{"kind": "apply", "op": "relu"}]}]}
HUGE = 10**400


def block(*steps: Any) -> dict[str, Any]:
    return {"B": {"name": "B", "parameters": {"k": None}, "steps": list(steps)}}


def row(*steps: Any) -> list[Any]:
    return [{"layer": "r", "op": "r", "steps": list(steps)}, *BASE["rows"]]


def conv(channels: Any) -> dict[str, Any]:
    return {"kind": "apply", "op": "conv", "args": {"kernel": {"value": 3}, "channels": channels}}


RELU = {"kind": "apply", "op": "relu"}
HOLES: dict[str, dict[str, Any]] = {
    "a claim of no quantity": {"claims": [CLAIM | {"quantity": "foo"}]},
    "a claim of a row's quantity": {"claims": [CLAIM | {"quantity": "input"}]},
    "a claim that prints nothing": {"claims": [CLAIM | {"printed": "abc"}]},
    "a claim that sets nothing": {"claims": [CLAIM | {"parameters": {"zz": 3}}]},
    "a cell of no quantity": {"cells": [CELL | {"quantity": "foo"}]},
    "a cell of an error": {"cells": [CELL | {"quantity": "top-1 error"}]},
    "a cell of a network's quantity": {"cells": [CELL | {"quantity": "weight layers", "printed": "3"}]},
    "a cell that prints nothing": {"cells": [CELL | {"printed": "x"}]},
    "a correction that prints nothing": {"cells": [CELL | {"mark": "!", "correction": "x"}]},
    "a correction of what is not wrong": {"claims": [CLAIM | {"mark": "?", "correction": "2M"}]},
    "rows at fault without a mark": {"cells": [CELL | {"at_fault": ["a"]}]},
    "a correction and rows at fault": {"cells": [CELL | {"mark": "!", "correction": "8x8x4", "at_fault": ["a"]}]},
    "a mark that there is not": {"cells": [CELL | {"mark": "x"}]},
    "a unit of nothing": {"units": {"k": 0}},
    "a unit without a name": {"units": {"": 3}},
    "a value beside a block's name": {"blocks": block(conv({"value": 7, "text": "k"})), "rows": row(USE)},
    "times beside a block's name": {
        "blocks": block({"kind": "repeat", "times": {"value": 2, "text": "k"}, "steps": [RELU]}), "rows": row(USE)},
    "a condition beside a block's name": {
        "blocks": block({"kind": "when", "condition": {"value": True, "text": "k > 5"}, "steps": [RELU]}),
        "rows": row(USE)},
    "branches in a row": {"rows": row(FORK)},
    "a graph in a row": {"rows": row(GRAPH)},
    "branches in a repetition": {"rows": row({"kind": "repeat", "times": {"value": 2}, "steps": [FORK]})},
    "a graph in a graph": {
        "blocks": block({"kind": "graph", "rows": [{"layer": "r", "op": "r", "steps": [GRAPH]}]}), "rows": row(USE)},
    "a huge parameter": {"parameters": {"w": HUGE}},
    "a huge argument": {"rows": row({"kind": "apply", "op": "lrn", "args": {"n": {"value": HUGE}}})},
    "a factor without end": {
        "rows": row({"kind": "apply", "op": "pixel-shuffle", "args": {"factor": {"value": 10**4000}}})},
    "a huge input": {"input": [10**4000, 10**4000, 3]},
    "huge times": {"rows": row({"kind": "repeat", "times": {"value": HUGE}, "steps": [RELU]})},
    "a cell in a huge row": {"cells": [CELL | {"row": HUGE}]},
    "an argument of a part called self": {
        "recipe": {"settings": {"optimizer": {"text": "sgd", "uses": [{"part": "sgd", "args": {"self": 1}}]}}}},
    "a parameter that the caller could not name": {"parameters": {"w": 4, "input": 3}},
    "a recipe of no parameter": {"recipe": {"settings": {}, "names": ["z"]}},
}  # fmt: skip


@pytest.mark.parametrize("change", HOLES.values(), ids=HOLES.keys())
def test_what_the_types_allow_and_no_network_has_is_refused(change: dict[str, Any]) -> None:
    assert archspec.loads(json.dumps(BASE)).params > 0
    with pytest.raises(ArchError) as refused:
        archspec.loads(json.dumps(BASE | change))
    assert {d.code for d in refused.value.diagnostics} <= {"E0010", "E0011"}
    assert len(str(refused.value)) < 5_000


def test_a_value_that_the_block_s_names_do_not_decide_may_stand_beside_them() -> None:
    condition = {"value": False, "text": "k > 5 and w == 8"}
    guarded = {"kind": "when", "condition": condition, "steps": [conv({"value": 7})]}
    net = archspec.loads(json.dumps(BASE | {"blocks": block(guarded, RELU), "rows": row(USE)}))
    assert net.params == archspec.loads(json.dumps(BASE)).params
    with pytest.raises(ArchError) as refused:
        net(w=8)
    assert {d.code for d in refused.value.diagnostics} == {"E0412"}


def test_fields_that_are_missing_are_named() -> None:
    with pytest.raises(ArchError) as refused:
        archspec.loads("{}")
    assert {d.message for d in refused.value.diagnostics} == {
        f"`{name}` is missing" for name in ("name", "input", "rows")
    }


def test_a_place_counts_characters() -> None:
    with pytest.raises(ArchError) as refused:
        archspec.loads('{\n"\u00e9\u00e9\u00e9": 1,,\n}')
    [diagnostic] = refused.value.diagnostics
    assert diagnostic.span is not None
    assert (diagnostic.span.line, diagnostic.span.start) == (2, 9)


def test_mistakes_spend_what_they_are() -> None:
    parameters = dict.fromkeys(f"p{i}" for i in range(400))
    uses = [{"kind": "instance", "block": "B"} for _ in range(2_000)]
    many = BASE | {"blocks": {"B": {"name": "B", "parameters": parameters, "steps": [RELU]}}, "rows": row(*uses)}
    with pytest.raises(ArchError) as refused:
        archspec.loads(json.dumps(many))
    assert refused.value.diagnostics[0].code == "E0704"


def test_json_on_a_terminal_moves_no_cursor_and_takes_any_encoding(run: Run) -> None:
    Path("odd.arch").write_text('network odd\ntitle "a\u202eb \u00e9"\ninput 8x8x3\n| fc 10 |\n', "utf-8")
    made = run("ir", "odd.arch").out
    assert "\u202e" not in made
    assert json.loads(made)["title"] == "a\u202eb \u00e9"


def test_one_member_is_one_object(run: Run) -> None:
    Path("b.json").write_text(run("ir", "two.arch:B").out)
    assert json.loads(run("count", "b.json", "--format", "json").out)["variant"] == "B"


def test_an_audit_of_a_folder_reads_json_in_spec_files(run: Run) -> None:
    Path("specs").mkdir()
    Path("specs/given.arch").write_text(run("ir", "tiny.arch").out)
    assert "of 1 network" in run("audit", "specs").out


def test_blocks_of_two_networks_may_have_one_key(run: Run) -> None:
    def with_block(name: str, kernel: int) -> str:
        inside = {"kind": "apply", "op": "conv", "args": {"kernel": {"value": kernel}, "channels": {"value": 4}}}
        blocks = {"x": {"name": name, "fixed": {"k": [kernel, kernel]}, "steps": [inside]}}
        return json.dumps(BASE | {"blocks": blocks, "rows": row({"kind": "instance", "block": "x"})})

    Path("a.json").write_text(with_block("foo", 3))
    Path("b.json").write_text(with_block("bar", 5))
    assert "`foo k=3x3` becomes `bar k=5x5`" in run("diff", "a.json", "b.json").out
