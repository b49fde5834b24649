"""`archspec why`: under which rules a figure holds, and the way from one count to another."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from commands import Run, runner
from networks import ROOT

from archspec import load, loads
from archspec.budget import request
from archspec.counting.conventions import CONVENTIONS, Counting
from archspec.counting.counters import COUNTERS
from archspec.counting.printed import compare
from archspec.diagnostics import ArchError
from archspec.reports.holding import answer, answer_in_bytes, ways
from archspec.reports.why import totals, uses_of
from archspec.support.limits import MOST_WORK

run = pytest.fixture(runner)
NETWORK = """network n(width=8, classes=10)
input 16x16x3

head aux from b, weight=0.3
| global-avgpool; fc classes |

| layer | op                              |
|-------|---------------------------------|
| a     | conv 3x3, width, no bias; bn; relu |
| b     | conv 3x3, width; relu           |
| fc    | fc classes                      |

claims
| source | mult-adds |
|--------|-----------|
| text   | 223K      |
"""
SPECS = ROOT / "specs"


def said(text: str, printed: str) -> list[str]:
    return answer(loads(text), printed).lines


def test_a_figure_holds_under_one_rule_with_its_arithmetic() -> None:
    found = answer(load(SPECS / "mobilenet_v2.arch"), "3.47M")
    assert found.holds
    assert found.lines == [
        "3.47M holds under `no bn`: 3,470,760 params, which rounds to it",
        "  3,504,872  paper",
        "    -34,112  bn",
        "  3,470,760  no bn",
    ]


def test_where_the_rule_of_the_file_gives_it_others_are_named_alone() -> None:
    lines = said(NETWORK, "223K")
    assert lines[0] == "223K holds under `paper`: 223,232 mult-adds, which rounds to it"
    assert lines[1] == "it also holds for"
    assert "  221,184" not in "".join(lines)
    assert lines[-1] == "printed in text: 223,232 rounds, paper"
    assert len(lines) > 3


@pytest.mark.parametrize(
    ("figure", "rule", "steps"),
    [
        ("21396", "with heads", ["21,306 paper", "+90 heads", "21,396 with heads"]),
        ("21322", "with statistics", ["21,306 paper", "+16 bn", "21,322 with statistics"]),
        ("21288", "no bias", ["21,306 paper", "-8 conv", "-10 fc", "21,288 no bias"]),
        ("816", "no fc weights", ["21,306 paper", "-20,490 fc", "816 no fc weights"]),
        ("6922", "with input", ["6,154 paper", "+768 input", "6,922 with input"]),
        ("446464", "torch", ["223,232 paper", "+223,232 unit", "446,464 torch"]),
    ],
)
def test_each_rule_has_its_arithmetic(figure: str, rule: str, steps: list[str]) -> None:
    first, *lines = said(NETWORK, figure)
    assert first.startswith(f"{figure} holds under `{rule}`: ")
    assert [" ".join(line.split()) for line in lines[: len(steps)]] == steps


def test_a_figure_that_no_rule_gives_has_its_nearest() -> None:
    found = answer(loads(NETWORK), "23456")
    assert not found.holds
    assert found.lines[0] == "23456 holds under no single rule; the nearest are"
    assert len(found.lines) == 4
    assert re.fullmatch(r"  [\d,]+ [a-z -]+ under `[^`]+`, [\d,]+ (more|less) \([\d.]+ %\)", found.lines[1])
    assert said(NETWORK, "0")[1].endswith(" more")


@pytest.mark.parametrize(
    ("figure", "nearest"),
    [("9260.5", "0.5 less"), ("9260.125", "0.125 less"), ("9.2605K", "0.5 less"), ("9261", "1 less")],
)
def test_a_difference_is_said_exactly(figure: str, nearest: str) -> None:
    network = "network n\ninput 30x30x4\n\n| fc 2 |\n| fc 686 |\n"
    assert loads(network).totals.params == 3601 * 2 + 3 * 686 == 9260
    lines = said(network, figure)
    assert any(line.startswith(f"  9,260 params under `paper`, {nearest}") for line in lines)
    assert (lines[0] == f"{figure} is not a whole number, and every count is") == (figure != "9261")


@pytest.mark.parametrize("spec", ["resnet.arch:50", "googlenet.arch", "vgg_cs231n.arch", "lenet5.arch"])
def test_every_way_is_what_the_rule_gives_and_its_steps_add_up(spec: str) -> None:
    network = load(SPECS / spec)
    found = list(ways(network, "1"))
    assert len({(way.quantity.name, way.value) for way in found}) == len(found) >= 20
    for way in found:
        assert way.value == way.quantity.of(network.totals_by(*way.rules))
        assert way.verdict == compare("1", way.value)
        assert answer(network, str(way.value)).holds  # in which the steps are added up


@pytest.mark.parametrize("spec", ["resnet.arch:50", "googlenet.arch", "alexnet.arch"])
def test_totals_are_those_of_the_layers(spec: str) -> None:
    network, found = load(SPECS / spec), totals(load(SPECS / spec))
    for name in CONVENTIONS:
        counting = Counting([name])
        assert found[name] == sum(counting.mult_adds(u.op, u.y, *u.xs) * u.times for u in uses_of(network))
        assert found[name] == network.under(name).mult_adds


@pytest.mark.parametrize("rule", COUNTERS)
def test_a_file_that_counts_as_a_counter_does_not_count_the_loss(rule: str) -> None:
    text = "network n\ninput 4\ncounted {}\n\n| fc 4 |\n| softmax |\n"
    plain, less = loads(text.format(rule)), loads(text.format(f"{rule}, no bn"))
    assert plain.totals == plain.under(rule).totals
    assert [plain.mult_adds, less.mult_adds] == [totals(plain)[rule]] * 2
    assert sum(row.mult_adds for row in plain.rows) == plain.mult_adds


@pytest.mark.dear
def test_work_that_is_too_much_is_left_out() -> None:
    rows = "".join(f"| r{i} | conv 3x3, {8 + i % 97}; bn; relu |\n" for i in range(1500))
    with request() as budget:
        network = loads(f"network n\ninput 16x16x3\n\n| layer | op |\n|---|---|\n{rows}")
        found = answer(network, "3.4M")
        assert budget.spent <= MOST_WORK
    assert found.lines[-1] == "not every rule was tried: that is too much work"


@pytest.mark.parametrize("rule", ["fvcor", "no such", "", "with relu"])
def test_totals_by_a_rule_that_is_none(rule: Any) -> None:
    with pytest.raises(ArchError) as caught:
        loads(NETWORK).totals_by("paper", rule)
    assert [d.code for d in caught.value.diagnostics] == ["E0506"]


@pytest.mark.parametrize("rules", [("fvcore", "thop"), ("paper", "no fc", "cs231n")])
def test_two_conventions_are_an_error(rules: tuple[str, ...]) -> None:
    network = loads(NETWORK)
    for ask in (lambda: network.totals_by(*rules), lambda: network.under(", ".join(rules))):
        with pytest.raises(ArchError) as caught:
            ask()
        assert [d.code for d in caught.value.diagnostics] == ["E0661"]


@pytest.mark.parametrize("rules", ["no conv", "no fc weights, with bias", "fvcore, no fc"])
def test_a_network_is_counted_under_rules_as_under_conventions(rules: str) -> None:
    network = loads(NETWORK)
    assert network.under(rules).totals == network.totals_by(*rules.split(", ")) != network.totals


# The command.


def test_a_figure_on_the_command_line(run: Run) -> None:
    Path("n.arch").write_text(NETWORK)
    done = run("why", "n.arch", "21290")
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("21290 holds under `no bn`: 21,290 params, to the last digit\n")
    done = run("why", "n.arch", "23456")
    assert (done.code, done.err) == (1, "")


def test_parameters_and_the_input_are_set_as_elsewhere(run: Run) -> None:
    Path("n.arch").write_text(NETWORK)
    wide = run("count", "n.arch", "-p", "width=16", "--input", "8x8x3", "--format", "json").out
    assert f"{loads(NETWORK, width=16, input='8x8x3').params}" in wide
    params = loads(NETWORK, width=16, input="8x8x3").params
    done = run("why", "n.arch", str(params), "-p", "width=16", "--input", "8x8x3")
    assert done.out.startswith(f"{params} holds under `paper`: {params:,} params, to the last digit")
    assert (
        run("why", "n.arch", "-p", "width=16").out.splitlines()[2].split()[1]
        == f"{loads(NETWORK, width=16).mult_adds:,}"
    )
    assert run("why", "n.arch", "-p", "depth=16").code == 1
    assert run("why", "n.arch", "-p", "width").code == 2


def test_a_printed_figure_is_of_the_network_of_the_file_whatever_is_set(run: Run) -> None:
    Path("n.arch").write_text(NETWORK)
    done = run("why", "n.arch", "223K", "paper", "-p", "width=16", "--input", "8x8x3")
    lines = done.out.splitlines()
    assert lines[0].split() == ["223,000", "223K", "(text)"]
    assert "width=16 instead of 8, input 8x8x3 instead of 16x16x3" in done.out
    assert lines[-1].split() == [f"{loads(NETWORK, width=16, input='8x8x3').mult_adds:,}", "paper"]


def test_a_side_may_set_parameters_of_a_spec_from_standard_input(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    import io
    import sys

    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(NETWORK.encode())))
    done = run("why", "-", "paper", "fvcore(width=16)")
    assert (done.code, done.err) == (0, "")
    assert "width=16 instead of 8" in done.out


def test_three_sides_are_wrong_usage(run: Run) -> None:
    assert run("why", "tiny.arch", "a", "b", "c").code == 2


@pytest.mark.parametrize("sides", [[""], [" "], ["paper", ""]])
def test_an_empty_side_is_wrong_usage(run: Run, sides: list[str]) -> None:
    Path("n.arch").write_text(NETWORK)
    done = run("why", "n.arch", *sides)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("archspec: a side is empty: ")


def test_a_figure_is_of_the_quantity_that_its_claim_prints(run: Run) -> None:
    text = NETWORK + "\nclaims\n| source | params |\n|---|---|\n| Table 1 | 8,200 ? |\n"
    network = loads(text)
    assert {way.quantity.name for way in ways(network, "8,200")} == {"params"}
    assert len({way.quantity.name for way in ways(network, "8,201")}) > 1


OPAQUE = "network n\ninput 16x16x8\n{head}| a | conv 3x3, 8 |\n| b | {row}fc 10 |\n"


def test_a_figure_that_a_layer_hides_is_said_to_be_not_checked_before_all_else() -> None:
    hidden = OPAQUE.format(head="", row='opaque "odd", params=7; ')
    assert said(hidden, "9.9M") == [
        '9.9M is not checked: `opaque "odd"` is not known; lower bounds are',
        "  >= 167,936 mult-adds under `paper`",
        "  >= 169,994 connections under `paper`",
    ]
    params = 584 + 20_490 + 7
    assert loads(hidden).params == params
    near = said(hidden, "21123")
    assert near[2] == "21123 holds under no single rule; the nearest are"
    assert near[3].startswith(f"  {params:,} params under `paper`, 42 less")
    assert said(hidden, str(params))[1:] == [
        'other counts are not checked: `opaque "odd"` is not known; lower bounds are',
        "  >= 4,106 activations under `paper`",
    ]


def test_a_figure_of_operations_is_not_one_of_parameters() -> None:
    network = "network n\ninput 30x30x8\n| conv 3x3, 8 x 3 |\n"
    assert all("mult-adds" in line or "connections" in line for line in said(network, "80M")[1:])
    assert [line.split()[1] for line in said(network, "4.5G")[1:]] == ["mult-adds"] * 3


def test_a_layer_that_a_head_hides_is_named() -> None:
    head = 'head aux from a, weight=1\n| opaque "odd", 10 |\n\n'
    assert said(OPAQUE.format(head=head, row=""), "99M")[0] == (
        '99M is not checked: `opaque "odd"` is not known; lower bounds are'
    )


def test_a_size_of_parameters_that_a_layer_hides_is_not_checked() -> None:
    lines = answer_in_bytes(loads(OPAQUE.format(head="", row='opaque "odd"; ')), "4.5MB").lines
    assert lines[0] == '4.5MB is not checked: `opaque "odd"` is not known; lower bounds are'


def test_a_size_in_bytes_is_that_of_the_parameters() -> None:
    found = answer_in_bytes(load(SPECS / "vgg_D.arch"), "528MB")
    assert found.holds
    assert found.lines[0] == (
        "528MB holds: 138,357,544 params x 4 bytes = 527.79 MiB under `paper`, which rounds to it"
    )
    missed = answer_in_bytes(load(SPECS / "vgg_D.arch"), "200 MB")
    assert not missed.holds
    assert missed.lines[1] == "  138,357,544 params x 4 bytes = 553.43 MB, 527.79 MiB under `paper`"


@pytest.mark.parametrize(
    ("side", "help"),
    [("1.8 GFLOPs", "write `1.8G`"), ("25.6M params", "write `25.6M`"), ("12 apples", "write a figure, `1.8G`")],
)
def test_a_figure_with_words_is_answered_by_the_figure(run: Run, side: str, help: str) -> None:
    found = run("why", str(SPECS / "vgg_D.arch"), side)
    assert found.code == 1
    assert "E0801" in found.err
    assert f"help: {help}" in found.err
