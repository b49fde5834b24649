"""The JSON of a network stands in for its spec: commands take it, its schema holds, and what is wrong has a path and a place."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
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


def test_the_schema_is_that_of_the_nodes() -> None:
    assert schema() == SCHEMA


@named(corpus())
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
    with pytest.raises(ArchError, match="no recipe"):
        given(alpha=0.5).training()  # what else alpha decides of it, JSON does not say


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


def test_an_input_may_be_set_whatever_the_old_one_depended_on() -> None:
    given = archspec.loads(to_json(archspec.load(ROOT / "specs" / "mobilenet.arch").network))
    assert given(input="192x192x3", resolution=192).mult_adds == given(input="192x192x3").mult_adds


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
