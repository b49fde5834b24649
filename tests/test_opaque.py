"""Layers that archspec does not know: no count takes one for nothing, no report shows a bound as a count."""

from __future__ import annotations

import ast
import json
import pickle
from fractions import Fraction
from pathlib import Path

import jsonschema  # type: ignore[import-untyped]
import pytest
from commands import Run, runner
from networks import ROOT
from random_programs import program

from archspec import loads
from archspec.analysis.cost import FIELDS
from archspec.counting.conventions import CONVENTIONS
from archspec.counting.counters import COUNTERS
from archspec.counting.printed import compare
from archspec.diagnostics import ArchError
from archspec.ir.json import from_json, to_json
from archspec.render.details import details_text
from archspec.render.table import as_csv, as_markdown, as_text
from archspec.render.units import in_units
from archspec.reports.audit.figures import audit
from archspec.reports.diff.compare import compare as differences
from archspec.reports.diff.report import as_data
from archspec.reports.holding import answer, answer_in_bytes
from archspec.reports.why import text_of, why
from archspec.support.bound import AtLeast, difference, is_known, largest
from archspec.support.terminal import Style

run = pytest.fixture(runner)
COUNTS, DIFF, AUDIT = (
    json.loads((ROOT / "docs" / f"{name}.schema.json").read_text("utf-8")) for name in ("counts", "diff", "audit")
)
FEW = 12
"""Random networks that are compared."""
TEXT = """network half(classes=10)
input 8x8x3

head aux from own, weight=0.3
| opaque "aux", 5 |

block layer(c) = add of
| conv 1x1, c; opaque "attn"; relu |
| identity                         |

| layer | op                              | params |
|-------|---------------------------------|--------|
| conv  | conv 3x3, 4                     | 112    |
| body  | layer 4 x 2                     | 40     |
| own   | opaque "own", 4x4, 8, params=50 | 50     |
| fc    | fc classes                      | 1,290  |

claims
| source | params | mult-adds | top-1 error |
|--------|--------|-----------|-------------|
| a      | 2K     | 10K       | 3.5         |
"""


def known(text: str) -> str:
    """The same network with layers that are known in the place of those that are not."""
    return text.replace('opaque "attn"', "bn").replace('opaque "own", 4x4, 8, params=50', "conv 1x1, 8, /2")


def test_sums_and_products_of_a_bound_are_bounds() -> None:
    found = [sum([1, AtLeast(2), 3]), 2 * AtLeast(3), AtLeast(3) * 2, 4 + AtLeast(2), AtLeast(8) - 2]
    assert found == [6, 6, 6, 6, 6]
    assert not any(map(is_known, found))
    assert [f"{n:,}" for n in (AtLeast(1234), 1234)] == [">= 1,234", "1,234"]
    assert (str(AtLeast(5)), repr(AtLeast(5)), json.dumps(AtLeast(5))) == (">= 5", "AtLeast(5)", "5")
    assert repr(pickle.loads(pickle.dumps(AtLeast(5)))) == "AtLeast(5)"


def test_what_bounds_do_not_tell() -> None:
    assert is_known(AtLeast(8) - AtLeast(2))
    assert [difference(1, 3), difference(AtLeast(1), 3), difference(1, AtLeast(3))] == [2, None, None]
    assert repr(largest([1, AtLeast(3), 2])) == repr(largest([4, AtLeast(0)])).replace("4", "3") == "AtLeast(3)"
    assert is_known(largest([1, 3]))


@pytest.mark.parametrize(
    ("printed", "bound", "verdict"),
    [
        ("105", 106, "disagrees"),
        ("105", 105, "unchecked"),
        ("105", 104, "unchecked"),
        ("1K", 1040, "unchecked"),  # which would round to it, and may be more
        ("1K", 2000, "disagrees"),
        ("1K", 0, "unchecked"),
    ],
)
def test_a_bound_refutes_what_it_exceeds_at_the_precision_of_the_print(printed: str, bound: int, verdict: str) -> None:
    assert compare(printed, AtLeast(bound)) == verdict


def test_every_sum_of_a_network_is_a_bound_and_no_row_is_that_has_no_such_layer() -> None:
    net = loads(TEXT)
    assert net.totals.unknown == {*FIELDS, "weight_layers", "kept"}
    rows = {row.layer: row for row in net.rows}
    assert rows["conv"].unknown == frozenset()
    assert rows["own"].unknown - {"receptive_field", "stride", "centre", "filters"} == {
        *FIELDS, "kept"} - {"params"}  # fmt: skip
    assert rows["own"].activations == 4 * 4 * 8
    assert rows["fc"].unknown == {"receptive_field", "stride", "centre"}
    assert {row.unknown for row in loads(known(TEXT)).rows} == {frozenset()}


@pytest.mark.parametrize("convention", [*CONVENTIONS, "with bias", "no fc", "with heads", "with statistics"])
def test_no_convention_counts_such_a_layer_as_nothing(convention: str) -> None:
    totals, apart = loads(TEXT).totals_by(convention), loads(TEXT).totals_by(convention, "no opaque")
    assert not is_known(totals.mult_adds)
    assert is_known(apart.mult_adds)
    assert apart.mult_adds == totals.mult_adds


def test_what_is_known_of_a_network_is_in_the_bound() -> None:
    """Less what the layers in their place have, the counts are those of the network that is known."""
    half, whole = loads(TEXT), loads(known(TEXT))
    assert whole.mult_adds - half.mult_adds == 4 * 4 * 4 * 8
    assert whole.params - half.params == 2 * 8 + (4 * 8 + 8 - 50)
    assert whole.totals.weight_layers - half.totals.weight_layers == 1


def test_the_counts_of_random_networks_are_those_of_what_is_known() -> None:
    """An activation that costs nothing but its output, in the place of a layer that is not known, changes no bound."""
    compared = 0
    for text in (program("opaque", i) for i in range(2000)):
        if compared == FEW:
            break
        if 'opaque "own"' not in text:
            continue
        try:
            half, whole = loads(text), loads(text.replace('opaque "own"', "softsign"))
        except ArchError:
            continue
        compared += 1
        bounds, counts = half.totals._asdict(), whole.totals._asdict()
        assert bounds.pop("kept") <= counts.pop("kept")
        if 'opaque "mean"' not in text:
            assert bounds == counts
        used = 'opaque "' in "".join(use.op.title for item in half.inferred.rows for use in item.uses)
        assert (half.totals.unknown == {*FIELDS, "weight_layers", "kept"}) == used
    assert compared == FEW


def test_the_weight_layers_of_a_join_are_a_bound_where_one_branch_is() -> None:
    text = "network n\ninput 4x4x2\n\nblock b = add of\n| conv 1x1, 2 x 3 |\n| {} |\n\n| b |\n"
    assert repr(loads(text.format('opaque "a"')).totals.weight_layers) == "AtLeast(3)"
    assert repr(loads(text.format("identity")).totals.weight_layers) == "3"


def test_every_format_shows_bounds_as_such() -> None:
    net = loads(TEXT)
    total = f"{int(net.mult_adds):,}"
    assert f">= {total}" in repr(net)
    for shown in (as_markdown(net.result), net.to_html().replace("&gt;", ">"), net.source()):
        assert f">= {total}" in shown
    assert ",>= 128," in as_csv([net.result])
    said = '>= is a lower bound: `opaque "attn"` and 2 others are not known'
    assert [text(net.result, Style()).count(said) for text in (as_text, details_text)] == [1, 1]
    assert ">=" not in as_text(loads(known(TEXT).replace('opaque "aux", 5', "fc 5")).result, Style())
    assert in_units(AtLeast(3_200_000_000)) == ">= 3.20G"
    assert in_units(AtLeast(1500), "K") == ">= 1.50K"


def test_a_part_of_a_bound_has_no_share() -> None:
    lines = [line.split("|") for line in as_markdown(loads(TEXT).result).splitlines() if line.startswith("|")]
    assert {cells[column].strip() for cells in lines[2:] for column in (5, 7) if len(cells) == 9} == {""}


def test_json_lists_what_is_a_bound() -> None:
    data = json.loads(loads(TEXT).to_json())
    jsonschema.Draft202012Validator(COUNTS).validate(data)
    assert data["unknown"] == ["params", "mult_adds", "activations", "kept"]
    rows = {row["layer"]: row for row in data["rows"]}
    assert "unknown" not in rows["conv"]
    assert rows["own"]["receptive_field"] is None
    assert rows["own"]["unknown"] == ["mult_adds", "activations", "receptive_field", "stride", "centre", "kept"]
    assert data["heads"][0]["unknown"] == ["params", "mult_adds"]
    assert "unknown" not in json.loads(loads(known(TEXT)).to_json())
    assert [claim["verdict"] for claim in data["claims"]] == ["unchecked", "unchecked", "reported"]
    assert [claim.get("lower_bound") for claim in data["claims"]] == [True, True, None]
    assert {claim["working"] for claim in data["claims"][:1]} == {'not checked: `opaque "attn"` is not known'}


def test_a_network_with_such_layers_comes_back_from_json() -> None:
    net = loads(TEXT)
    again = from_json(to_json(net.network))
    assert again == net.network
    with_text = to_json(net.network).replace('"attn"', json.dumps("a\nb\\ \" ' \x1b[2J " + "x" * 10_000))
    assert loads(with_text).totals == net.totals


@pytest.mark.parametrize(
    "name",
    [
        "'",
        "\\",
        "\\n",
        "{x} {{ y }} {% if x %}",
        "'''",
        "é \U0001f600 \u202e",
        "| ; , #",
        "__import__('os')",
        "x" * 10_000,
    ],
)
def test_a_name_is_a_text_of_the_code_and_nothing_else(name: str) -> None:
    source = loads(TEXT.replace("attn", name)).source()
    texts = [node.value for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Constant)]
    assert name in texts
    assert source.isascii()


def test_differences_of_bounds_are_not_known() -> None:
    a, b = loads(TEXT), loads(TEXT, classes=20)
    found = differences(a, b, ("a", "b"))
    assert [total.difference for total in found.totals] == [None] * 4
    data = json.loads(json.dumps(as_data(found)))
    jsonschema.Draft202012Validator(DIFF).validate(data)
    assert data["totals"][0]["unknown"] == ["a", "b"]
    assert data["rows"][-1]["params"] == 10 * 129  # of a row without such layers
    other = json.loads(json.dumps(as_data(differences(a, loads(known(TEXT)), ("a", "b")))))
    jsonschema.Draft202012Validator(DIFF).validate(other)
    assert other["totals"][1]["unknown"] == ["a"]


def test_why_says_that_nobody_knows() -> None:
    net = loads(TEXT)
    assert "paper             >= " in text_of(net)
    way = why(net, "paper", "fvcore")
    assert [(step.name, step.said) for step in way.steps if not step.known] == [("layers not known", "?")]
    assert [step.known for step in why(net, "paper", "no opaque").steps] == [False]
    assert [*why(net, "paper", "cs231n").steps] == []  # whatever they have, both count the same
    assert not answer(net, "10M").holds
    head = '10M is not checked: `opaque "attn"` and 2 others are not known; lower bounds are'
    assert answer(net, "10M").lines[0] == head
    assert answer(net, f"{int(net.mult_adds)}").lines[0].startswith(f"{int(net.mult_adds)} holds under `no opaque`")
    assert not answer_in_bytes(net, "1 MB").holds
    assert not answer_in_bytes(net, "1 KB").holds
    assert Fraction(net.params * 4) > 1024


def test_a_training_program_has_no_module_for_them(run: Run) -> None:
    recipe = "\ntrain\n| setting | value |\n|-|-|\n| data | folder |\n| optimizer | sgd |\n"
    recipe += "| lr | 0.1 |\n| batch | 8 |\n| epochs | 1 |\n"
    with pytest.raises(ArchError) as raised:
        loads(TEXT + recipe).training()
    assert [d.code for d in raised.value.diagnostics] == ["E0908"]
    assert '`opaque "attn"` and 2 more need modules to be trained' in str(raised.value)
    Path("half.arch").write_text(TEXT + recipe, "utf-8")
    done = run("compile", "half.arch", "--train", "-o", "out/")
    assert done.code == 1
    assert "E0908" in done.err
    assert not Path("out").exists()
    assert "which needs torch: `half(opaque=...)` makes it" in run("compile", "half.arch", "-o", "out/").out
    assert "__main__" not in Path("out/half.py").read_text("utf-8")


def test_check_and_audit_count_what_is_not_checked_apart(run: Run) -> None:
    Path("half.arch").write_text(TEXT, "utf-8")
    done = run("check", "half.arch")
    assert done.code == 0
    assert done.out.splitlines()[-2:][0].endswith(
        "6 figures: 3 agree, 3 are not checked, as layers are not known, 1 reported"
    )
    found = json.loads(run("audit", "half.arch", "--format", "json").out)
    jsonschema.Draft202012Validator(AUDIT).validate(found)
    assert found["counts"]["unchecked"] == 3
    assert audit(["half.arch"]).holds
    assert "3 are not checked, as layers are not known." in run("audit", "half.arch").out


def test_a_cell_is_not_printed_wrong_where_nobody_knows_what_is_printed() -> None:
    text = "network n\ninput 8x8x3\n\n| layer | op | params |\n|-|-|-|\n| a | conv 3x3, 4{} | 112 |\n"
    text += "\nclaims\n| source | mult-adds |\n|-|-|\n| a | 6,912 |\n"
    net = loads(text.format('; opaque "a" ! conv 3x3, 4'))
    assert [(each.holds, each.shown) for each in net.misprints] == [
        (False, 'nothing printed fails with the printed `conv 3x3, 4; opaque "a"`')]  # fmt: skip


def test_such_layers_are_listed_and_explained(run: Run) -> None:
    assert "opaque" in run("layers").out
    assert 'opaque "down", 8x8, 32, params=2080' in run("explain", "opaque").out
    assert "nobody gave their modules" in run("explain", "E0908").out


def test_every_counter_is_a_convention_that_was_tried() -> None:
    assert set(COUNTERS) < set(CONVENTIONS)
