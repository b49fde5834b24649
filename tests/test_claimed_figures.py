"""Figures of claims that are not plain totals, against second ways to work them out: by hand, by points, by positions."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

import jsonschema  # type: ignore[import-untyped]
import pytest
from hypothesis import assume
from hypothesis import strategies as st
from random_examples import drawn

from archspec import load, loads
from archspec.analysis.rational import exact
from archspec.compiled import Compiled
from archspec.counting.compared import compared
from archspec.counting.stated import stated
from archspec.diagnostics import ArchError, Report, Source, Span
from archspec.expressions import Unfit
from archspec.expressions.polynomial import TooLong
from archspec.ir.figure import Layer
from archspec.ir.json import from_json, to_json
from archspec.language import syntax as s
from archspec.language.parse import parse_cell

ROOT = Path(__file__).parent.parent
COUNTS = json.loads((ROOT / "docs" / "counts.schema.json").read_text("utf-8"))


class Drawn(NamedTuple):
    """A layer of a random network, with what a pencil counts of it."""

    text: str
    kind: str
    params: int
    mult_adds: int


@st.composite
def networks(draw: st.DrawFn) -> list[Drawn]:
    """Convolutions of three kinds on 16x16x4 and a layer that is fully connected, each with its own counts."""
    side, channels, found = 16, 4, list[Drawn]()
    for _ in range(draw(st.integers(1, 6))):
        kernel, stride = draw(st.sampled_from([1, 3, 5])), draw(st.sampled_from([1, 1, 2]))
        side = -(-side // stride)
        if draw(st.booleans()):
            outputs, text, kind, inputs = channels, f"dwconv {kernel}x{kernel}", f"dwconv {kernel}x{kernel}", 1
        else:
            outputs = draw(st.integers(1, 40))
            text, kind, inputs = f"conv {kernel}x{kernel}, {outputs}", f"conv {kernel}x{kernel}", channels
        weights = kernel * kernel * inputs * outputs
        found.append(Drawn(f"{text}, /{stride}", kind, weights + outputs, weights * side * side))
        channels = outputs
    inside, units = channels * side * side, draw(st.integers(1, 30))
    found.append(Drawn(f"fc {units}", "fc", inside * units + units, inside * units))
    return found


def percent(part: int, whole: int, places: int) -> str:
    """A share as a paper prints it."""
    exactly = Decimal(100 * part) / Decimal(whole)
    return f"{exactly.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)} %"


def spec(layers: Sequence[Drawn], claims: Sequence[tuple[str, str, str]]) -> str:
    rows = [f"| r{i} | {layer.text} |" for i, layer in enumerate(layers)]
    said = [f"| text | {figure} | {quantity} | {printed} |" for figure, quantity, printed in claims]
    head = ["network n", "input 16x16x4", "", "| layer | op |", "|---|---|", *rows, "", "claims"]
    return "\n".join([*head, "| source | figure | quantity | printed |", "|---|---|---|---|", *said, ""])


@drawn(networks(), st.integers(0, 4), few=40, many=300)
def test_shares_are_what_a_pencil_counts(layers: list[Drawn], places: int) -> None:
    claims: list[tuple[str, str, str]] = []
    for name, of in counts().items():
        whole = sum(map(of, layers))
        for kind in {layer.kind for layer in layers}:
            part = sum(of(layer) for layer in layers if layer.kind == kind)
            claims.append((f"share of {kind}", name, percent(part, whole, places)))
        rows = range(0, len(layers), 2)
        part = sum(of(layers[i]) for i in rows)
        claims.append((f"share of rows {', '.join(f'r{i}' for i in rows)}", name, percent(part, whole, places)))
        convs = sum(of(layer) for layer in layers if layer.kind.startswith("conv"))
        if convs:
            claims.append(("share of conv", name, percent(convs, whole, places)))
    for check in loads(spec(layers, claims)).claims:
        assert check.verdict in ("exact", "rounds"), check
        assert _worked_share(check.working) == check.printed.removesuffix(" %").rstrip("0").rstrip(".") or places != 2


@drawn(networks(), few=20, many=150)
def test_all_kinds_together_are_the_whole(layers: list[Drawn]) -> None:
    kinds = dict.fromkeys(layer.kind for layer in layers)
    claims = [(f"share of {kind}", "params", "1 !") for kind in kinds]
    parts = [re.match(r"share: ([\d,]+)/([\d,]+)", check.working) for check in loads(spec(layers, claims)).claims]
    numbers = [(int(m[1].replace(",", "")), int(m[2].replace(",", ""))) for m in parts if m]
    assert sum(part for part, _ in numbers) == numbers[0][1] == sum(layer.params for layer in layers)


@drawn(networks(), st.integers(2, 60), few=20, many=150)
def test_a_share_that_is_off_in_its_last_place_disagrees(layers: list[Drawn], off: int) -> None:
    whole, part = sum(layer.mult_adds for layer in layers), layers[-1].mult_adds
    wrong = Decimal(percent(part, whole, 2).removesuffix(" %")) + Decimal(off) / 100
    (check,) = loads(spec(layers, [("share of fc", "mult-adds", f"{wrong} %")])).claims
    assert check.verdict == "disagrees"


def counts() -> Mapping[str, Callable[[Drawn], int]]:
    return {"params": lambda layer: layer.params, "mult-adds": lambda layer: layer.mult_adds}


def _worked_share(working: str) -> str:
    """The result of a line of arithmetic, from its own two numbers."""
    match = re.match(r"share: ([\d,]+)/([\d,]+) = ", working)
    assert match, working
    return (
        percent(int(match[1].replace(",", "")), int(match[2].replace(",", "")), 2)
        .removesuffix(" %")
        .rstrip("0")
        .rstrip(".")
    )


def formulas() -> st.SearchStrategy[str]:
    """Arithmetic as papers print it."""
    whole = st.integers(0, 10**6)
    numbers = st.one_of(whole.map(str), whole.map(lambda n: f"{n:,}"), whole.map(lambda n: f"{n // 100}.{n % 100:02d}"))
    leaves = st.one_of(numbers, st.sampled_from(["C", "K", "n_in"]))

    def more(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        pairs = st.tuples(inner, st.sampled_from(["+", " - ", "*", " / "]), inner)
        return st.one_of(
            pairs.map("".join), inner.map("({})".format), inner.map("-({})".format), inner.map("({})^2".format)
        )

    return st.recursive(leaves, more, max_leaves=7)


def by_python(text: str, values: Mapping[str, Fraction]) -> Fraction | None:
    """The value by Python's own arithmetic; None where zero divides."""
    plain = re.sub(r"(?<=\d),(?=\d{3})", "", text).replace("^", "**")
    names = {name: f"v[{name!r}]" for name in values}
    code = re.sub(r"\d+\.\d+|(?<!\*\*)\b\d+|[A-Za-z_]+", lambda m: names.get(m[0], f"F('{m[0]}')"), plain)
    try:
        return Fraction(eval(code, {"F": Fraction, "v": values}))
    except ZeroDivisionError:
        return None


def tree_of(text: str) -> s.Expr:
    at = Span(Source("cell", text), 1, 0, len(text))
    report = Report()
    found = parse_cell(s.Cell(at, text), "figure", report)
    assert isinstance(found, s.Formula), [*report]
    return found.value


@drawn(formulas(), st.lists(st.integers(2, 97), min_size=3, max_size=3), few=150, many=1500)
def test_arithmetic_is_that_of_python(text: str, points: list[int]) -> None:
    values = {name: Fraction(n, 7) for name, n in zip(("C", "K", "n_in"), points, strict=True)}
    due = by_python(text, values)
    assume(due is not None)
    assert exact(tree_of(text), values).number == due


@drawn(formulas(), st.lists(st.integers(2, 97), min_size=6, max_size=6), few=150, many=1500)
def test_what_cancels_is_the_same_for_all_values_and_nothing_else_is_said_to(text: str, points: list[int]) -> None:
    at = [dict(zip(("C", "K", "n_in"), map(Fraction, half), strict=True)) for half in (points[:3], points[3:])]
    one, other = (by_python(text, values) for values in at)
    assume(one is not None and other is not None)
    try:
        found = exact(tree_of(text), {}).number
    except (Unfit, TooLong):  # a divisor that is zero for all values, or too many products
        return
    if found is not None:
        assert one == other == found
    elif not re.search("[A-Za-z]", text):
        raise AssertionError(text)


@drawn(formulas(), formulas(), st.lists(st.integers(2, 97), min_size=3, max_size=3), few=100, many=1000)
def test_formulas_that_are_called_the_same_are_so_at_every_point(one: str, other: str, points: list[int]) -> None:
    values = dict(zip(("C", "K", "n_in"), map(Fraction, points), strict=True))
    try:
        a, b, squared = (exact(tree_of(text), {}) for text in (one, other, f"({one})*({one})"))
    except (Unfit, TooLong):
        return
    assert a.equals(a)
    assert a.equals(squared, root=True)
    here = by_python(one, values), by_python(other, values)
    assert not a.equals(b) or None in here or here[0] == here[1]


@pytest.mark.parametrize(
    ("figure", "printed", "verdict"),
    [
        ("(K^2 + M) / (K^2*M)", "1/M + 1/K^2", "exact"),
        ("(K^2 + M) / (K^2*M)", "1/M + 1/K", "disagrees"),
        ("2/n", "sqrt(4/n^2)", "exact"),
        ("2/n", "sqrt(2/n)", "disagrees"),
        ("alpha*2", "4/2", "exact"),
        ("(n^2 - 1)/(n - 1)", "n + 1", "exact"),
    ],
)
def test_what_is_printed_may_be_a_formula(figure: str, printed: str, verdict: str) -> None:
    table = f"| source | figure | quantity | printed |\n|---|---|---|---|\n| text | {figure} | | {printed} |\n"
    (check,) = loads(f"network n(alpha=1)\ninput 8x8x4\n\n| conv 1x1, alpha*8 |\n\nclaims\n{table}").claims
    assert check.verdict == verdict


@drawn(
    st.lists(st.tuples(st.sampled_from([1, 2, 3, 5]), st.integers(1, 3), st.integers(1, 2)), min_size=1, max_size=4),
    few=60,
    many=400,
)
def test_a_chain_sees_the_positions_that_it_touches(layers: list[tuple[int, int, int]]) -> None:
    seen = {0}
    for kernel, stride, dilation in reversed(layers):  # from one position of the output back to the input
        seen = {at * stride + step * dilation for at in seen for step in range(kernel)}
    chain = "; ".join(f"conv {k}x{k}, 8, /{stride}, dilation={d}" for k, stride, d in layers)
    printed = max(seen) - min(seen) + 1
    only = [Drawn("fc 10", "fc", 0, 0)]
    text = spec(only, [(f"[{chain}]", "receptive field", f"{printed}x{printed}")])
    (check,) = loads(text).claims
    assert check.verdict == "exact", check


@pytest.mark.parametrize(
    ("printed", "value", "verdict"),
    [
        ("12 times fewer", Fraction(1, 12), "exact"),
        ("12 times fewer", Fraction(6_998_552, 60_965_224), "disagrees"),
        ("81 % more", Fraction(49, 27), "rounds"),
        ("81%", Fraction(81, 100), "exact"),
        ("19 % less", Fraction(81, 100), "exact"),
        ("93 MB", Fraction(97_500_000), "rounds"),
        ("93 MB", Fraction(93_000_000), "exact"),
        ("93 MB", Fraction(95_000_000), "disagrees"),
        ("93 MiB", Fraction(93_000_000), "disagrees"),
        ("1.5 GB", Fraction(3 * 2**29), "exact"),
        ("8 to 9 times", Fraction(17, 2), "exact"),
        ("8 to 9 times", Fraction(949, 100), "rounds"),
        ("8 to 9 times", Fraction(951, 100), "disagrees"),
        ("8 to 9 times", Fraction(749, 100), "disagrees"),
        ("< 25 million", Fraction(24_999_999), "exact"),
        ("< 25 million", Fraction(25_000_000), "disagrees"),
        ("<= 25 million", Fraction(25_000_000), "exact"),
        ("more than 2.5 times", Fraction(251, 100), "exact"),
        ("at least 2.5 times", Fraction(249, 100), "disagrees"),
        ("-0.5", Fraction(-1, 2), "exact"),
        ("0.5", Fraction(-1, 2), "disagrees"),
        ("< -0.4", Fraction(1, 2), "disagrees"),
        ("< -0.4", Fraction(-1, 2), "exact"),
        ("at least -0.4", Fraction(1, 2), "exact"),
        ("at least -0.4", Fraction(-1, 2), "disagrees"),
        ("< 1,234.5 million", Fraction(1_234_499_999), "exact"),
        ("< 1,234.5 million", Fraction(1_234_500_000), "disagrees"),
        ("1,234.5 to 1,234.75", Fraction(2469, 2), "exact"),
        ("256 fewer", Fraction(-256), "exact"),
        ("256 more", Fraction(-256), "disagrees"),
        ("3 times less", Fraction(0), "disagrees"),
        ("0.18 %", Fraction(18, 10_000), "exact"),
        ("0.18 %", Fraction(186, 100_000), "cut"),
        ("0.18 %", Fraction(191, 100_000), "disagrees"),
        ("2.5 million", Fraction(2_530_992), "rounds"),
    ],
)
def test_prints_say_what_they_say(printed: str, value: Fraction, verdict: str) -> None:
    assert compared(printed, value).verdict == verdict


@pytest.mark.parametrize(
    "text",
    ["", "%", "about 4 %", "9 to 8 times", "< 8 to 9", "3x3", "4 apples", "1 to 2 to 3", "MB", "0.5 to 0.2", "-2 to 3"],
)
def test_what_is_no_print(text: str) -> None:
    assert stated(text) is None


def test_a_percentage_of_percents_is_no_share() -> None:
    assert compared("1.5 %", Fraction(151, 100), in_percent=True).verdict == "rounds"
    assert compared("151 %", Fraction(151, 100)).verdict == "exact"


def test_a_layer_is_matched_by_what_it_is_given_and_no_more() -> None:
    compiled = loads("network n\ninput 8x8x4\n\n| conv 3x3, 8, /2; conv 1x1, 8; conv 3x3, 8, no bias |\n")
    ops = [use.op for item in compiled.inferred.rows for use in item.uses]
    assert [Layer(op="conv", args={"kernel": (3, 3)}).like(op) for op in ops] == [True, False, True]
    assert [Layer(op="conv", args={"stride": 2}).like(op) for op in ops] == [True, False, False]
    assert [Layer(op="conv", args={"bias": False}).like(op) for op in ops] == [False, False, True]
    assert not any(Layer(op="dwconv").like(op) for op in ops)


FIGURES = """network n(alpha=1)
input 32x32x3
variants a, b

| layer | a                  | b           |
|-------|--------------------|-------------|
| one   | conv 3x3, alpha*8  | conv 1x1, 8 |
| two   | fc 10              | fc 10       |

claims
| source | figure                       | quantity        | alpha | a                 | b       |
|--------|------------------------------|-----------------|-------|-------------------|---------|
| text   | share of conv 3x3            | mult-adds       |       | 73 %              |         |
| text   | share of row two             | params          |       | 99.7 %            | 99.96%  |
| text   | 4 bytes each                 | params          |       | 0.33 MB           |         |
| text   | [conv 3x3 x 2]               | receptive field |       | 5x5               |         |
| text   | ratio to this with alpha=2   | params          |       | 50 %              |         |
| text   | (49*C^2) / (27*C^2)          | params          |       | 81 % more         |         |
| text   |                              | params          | 2     | < 1M              |         |
"""


def told(net: Compiled) -> list[tuple[object, ...]]:
    return [(c.figure, c.quantity, c.printed, c.value, c.verdict, c.working) for c in net.claims]


@pytest.mark.parametrize("variant", ["a", "b"])
def test_json_holds_figures(variant: str) -> None:
    net = loads(FIGURES, variant)
    data = to_json(net.network)
    assert from_json(data) == net.network
    assert told(loads(data)) == told(net)
    jsonschema.Draft202012Validator(COUNTS).validate(json.loads(net.to_json()))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("conv", "konv"), "there is no layer `konv`"),
        (('"kernel"', '"colonel"'), "`conv` has no argument `colonel`"),
        (('"two"\n', '"three"\n'), "there is no row `three`"),
        (('"each": 4', '"each": 400'), "an element takes 1 to 64 bytes"),
        (('"alpha": 2', '"beta": 2'), "`beta` is not a parameter of the network"),
        (('"49 * (C * C) / (27 * (C * C))"', '"floor(C)"'), "`floor(C)` is not plain arithmetic"),
        (('"81 % more"', '"81 MB"'), "`81 MB` is not a figure for `params`"),
        (('"times": 2', '"times": 0'), "a layer stands 1 to"),
    ],
)
def test_json_that_is_wrong_is_refused_with_its_reason(change: tuple[str, str], said: str) -> None:
    before, after = to_json(loads(FIGURES, "a").network).split('"claims"')
    assert change[0] in after, after
    with pytest.raises(ArchError) as caught:
        from_json(before + '"claims"' + after.replace(*change))
    assert any(said in diagnostic.message for diagnostic in caught.value.diagnostics)


def test_a_figure_beside_another_file_is_left_out_of_json() -> None:
    net = load(ROOT / "specs" / "googlenet.arch")
    assert any(check.figure.startswith("ratio to") for check in net.claims)
    again = loads(to_json(net.network))
    assert not any(check.figure.startswith("ratio to") for check in again.claims)
    assert [d.code for d in again.diagnostics] == ["E0309"]


def test_a_text_has_no_folder_and_is_a_network_all_the_same() -> None:
    path = ROOT / "specs" / "mobilenet.arch"
    text, file = loads(path.read_text("utf-8")), load(path)
    assert text.holds
    assert text.source() == file.source()
    assert [(d.code, d.severity) for d in text.diagnostics] == [("E0314", "warning")]
    assert told(text) == [each for each in told(file) if not str(each[0]).startswith("ratio to")]


def test_another_file_is_read_once_and_is_part_of_what_is_remembered(tmp_path: Path) -> None:
    one, other = tmp_path / "one.arch", tmp_path / "other.arch"
    table = "claims\n| source | figure | quantity | printed |\n|---|---|---|---|\n"
    claim = '| text | ratio to "other.arch" | params | {} |\n'
    one.write_text(f"network n\ninput 8x8x4\n\n| conv 1x1, 8 |\n\n{table}{claim.format('1 times')}")
    for width, verdict in ((8, "exact"), (4, "disagrees"), (8, "exact")):
        other.write_text(f"network m\ninput 8x8x4\n\n| conv 1x1, {width} |\n")
        assert [check.verdict for check in load(one).claims] == [verdict]


@pytest.mark.parametrize(
    ("printed", "codes"),
    [("60 % ! 99.7 %", []), ("60 % ?", []), ("60 % !", []), ("60 % ! 61 %", ["E0310"]), ("99.7 % !", ["E0304"])],
)
def test_marks_and_corrections_of_figures_are_checks(printed: str, codes: list[str]) -> None:
    net = loads(FIGURES.replace("99.7 %", printed), "a")
    check = next(check for check in net.claims if check.figure == "share of row two")
    assert check.holds == (not codes)
    assert [d.code for d in net.diagnostics] == codes


def row(figure: str, quantity: str = "params", printed: str = "1") -> str:
    return f"| text | {figure} | {quantity} | {printed} |\n"


ENDLESS = {
    "many shares": row("share of conv", printed="100 %") * 20_000,
    "many other settings": "".join(row(f"ratio to this with a={i}") for i in range(10_000)),
    "sums of many names": row("+".join(f"1/(a{i}+b{i})" for i in range(6))) * 2_000,
    "small numbers": row("1/(" + "*".join(["1e-300"] * 200) + ")") * 100,
    "long chains": row("[conv 3x3 x 1000000; conv 3x3 x 1000000]", "receptive field", "5x5") * 8_000,
    "many files": "".join(row(f'ratio to "f{i}.arch"') for i in range(15_000)),
}


@pytest.mark.slow
@pytest.mark.parametrize("rows", ENDLESS.values(), ids=ENDLESS)
def test_nothing_runs_away(rows: str, tmp_path: Path) -> None:
    head = "network n(a=1)\ninput 32x32x3\n\n| conv 3x3, 8*a |\n\nclaims\n| source | figure | quantity | printed |\n|---|---|---|---|\n"
    path = tmp_path / "case.arch"
    path.write_text(head + rows)
    start = time.process_time()
    with pytest.raises(ArchError) as caught:
        _ = load(path).claims
    assert {"E0628", "E0703", "E0704"} & {d.code for d in caught.value.diagnostics}
    assert time.process_time() - start < 10


@pytest.mark.parametrize("rule", ["paper", "thop", "fvcore", "thop, with heads"])
def test_shares_are_of_the_layers_that_the_whole_counts(rule: str) -> None:
    """A counter that runs the network sees no soft-max that belongs to the loss, neither in the whole nor in a part."""
    head = "network n\ninput 8x8x3\n\nhead aux from a, weight=0.3\n| fc 10 |\n\n"
    table = "| layer | op |\n|---|---|\n| a | conv 3x3, 4 |\n| f | fc 10 |\n| p | softmax |\n"
    claims = "\nclaims\n| source | figure | quantity | counted | printed |\n|---|---|---|---|---|\n"
    rows = "".join(f"| t | share of {part} | mult-adds | {rule} | 50 % ? |\n" for part in ("conv", "fc", "row p"))
    network = loads(head + table + claims + rows)
    parts = [check.working.removeprefix("share: ").split(" = ")[0].replace(",", "") for check in network.claims]
    fractions = [Fraction(*map(int, part.split("/"))) for part in parts]
    whole = network.totals_by(*rule.split(", ")).mult_adds
    assert [int(part.split("/")[1]) for part in parts] == [whole] * 3
    assert sum(fractions) == 1
