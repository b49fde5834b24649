"""Formulas: closed forms worked out by hand, and the count at random settings, of the corpus and of random networks."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from formula_tree import strange
from hypothesis import HealthCheck
from hypothesis import strategies as st
from networks import SPECS, family
from random_examples import drawn
from random_specs import specs

from archspec import ArchError, Compiled, load, loads
from archspec.cli import main
from archspec.family.formulas.facade import Formula
from archspec.family.formulas.formula import QUANTITIES
from archspec.family.formulas.over import free

ROOT = Path(__file__).parent.parent
WRN, MOBILENET = ROOT / "specs" / "wrn.arch", ROOT / "specs" / "mobilenet.arch"
DENSE = """network dense(n=6, k=12, c=24)
input 32x32x3
every conv: bn; relu; conv no bias
block unit(k) = concat of
| skip | identity                   |
| new  | conv 1x1, 4*k; conv 3x3, k |

| stem  | conv 3x3, c, no bn, no relu |
| body  | unit k x n                  |
| gap   | global-avgpool              |
| fc    | fc 10                       |
"""
DOUBLING = """network doubling(n=3, c=8)
input 32x32x3
| stem | conv 3x3, c         |
| body | conv 3x3, 2*in x n  |
"""
NUMBERS: Mapping[type, list[Any]] = {
    int: [1, 2, 3, 4, 5, 6, 8, 10, 12, 14, 16, 20, 22, 26, 28, 32, 40, 64, 100, 110, 128, 160, 192, 224],
    float: [0.1, 0.25, 0.3, 0.5, 0.75, 1.0, 1.5, 2.0],
}
MULTIPLIERS = frozenset({"alpha", "s"})
"""Parameters of the corpus that are written as whole numbers and multiply widths."""
CHEAP = ("wrn.arch", "mobilenet.arch", "shufflenet.arch", "stochastic_depth.arch", "wrn_imagenet.arch")


def setting(pen: random.Random, formula: Formula, own: Mapping[str, Any]) -> dict[str, Any]:
    """Some of the parameters at random, so that many settings hold."""
    kinds = {name: NUMBERS[float] if name in MULTIPLIERS else NUMBERS[type(own[name])] for name in formula.names}
    return {
        name: pen.randint(1, 300) if int in map(type, kinds[name]) and pen.random() < 0.2 else pen.choice(kinds[name])
        for name in formula.names
        if pen.random() < 0.7
    }


def counted(net: Compiled, values: Mapping[str, Any]) -> dict[str, int] | None:
    try:
        return net.setting(values).totals._asdict()
    except ArchError:
        return None


def by_formula(formula: Formula, values: Mapping[str, Any]) -> dict[str, int] | None:
    try:
        found: dict[str, int] = formula(**values)
    except ArchError:
        return None
    return found


def agree(net: Compiled, points: int, seed: str) -> int:
    """Compare formula and count at random settings; how many of these were of a piece, and not counted in its place.

    A setting that comes up again is not counted again.
    """
    formula = net.formula(*QUANTITIES)
    pen, by_pieces, known = random.Random(seed), 0, set[str]()
    own = net.network.parameters
    for _ in range(points):
        values = setting(pen, formula, own)
        if repr(values) in known:
            continue
        known.add(repr(values))
        assert by_formula(formula, values) == counted(net, values), values
        cases = formula._formulas.cases
        by_pieces += any(case.piece.at({**own, **values}) is not None for case in cases)
    return by_pieces


def of_corpus(file: str) -> list[Compiled]:
    """The networks of a spec that have a parameter that is a number."""
    return [net for net in family(f"specs/{file}")[:1] if free(net._member)]


@pytest.mark.parametrize("file", CHEAP)
def test_formulas_of_the_corpus_are_the_count(file: str) -> None:
    for net in of_corpus(file):
        assert agree(net, 12, file)


@pytest.mark.slow
@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.name)
def test_formulas_of_the_corpus_are_the_count_at_a_thousand_points(path: Path) -> None:
    for net in of_corpus(path.name):
        assert agree(net, 1000, path.name)


@partial(drawn, few=5, many=300, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])(
    specs(), st.integers(0, 2**32)
)
def test_formulas_of_random_networks_are_the_count(text: str, seed: int) -> None:
    agree(loads(text), 4, str(seed))


def test_wide_residual_networks_by_hand() -> None:
    """Per block of width n = 16k there are 18 n^2 of convolutions; its double and its fourfold make 21 * 18 n^2 N."""
    text = str(load(WRN).formula("params", "mult_adds", over=["depth", "k"]))
    assert "N = (depth - 4)/6" in text
    assert "params    = 96768*k^2*N + 448*k*N - 22784*k^2 + 3200*k + 474" in text
    assert 96768 == 21 * 18 * 16**2
    assert "mult-adds = 14155776*k^2*N - 4456448*k^2 + 2622080*k + 442368" in text
    assert 14155776 == 3 * 18 * 16**2 * 32**2  # each group has a quarter of the positions and twice the width


def test_a_width_of_one_is_a_case_of_its_own() -> None:
    formula = load(WRN).formula("params", over=["depth", "k"])
    assert "Where k != 1" in str(formula)
    assert "Where k = 1" in str(formula)
    assert [formula(depth=depth, k=k) for depth, k in ((28, 10), (40, 1), (16, 8))] == [36_479_194, 563_930, 10_961_370]


def test_a_condition_on_what_is_rounded_up_has_a_formula_on_each_side() -> None:
    rows = "| conv 1x1, ceil(alpha*(2*w + 1)) |\n| conv 1x1, 3; bn if in > 4 |\n"
    net, space = loads(f"network n(w=2, alpha=0.25)\ninput 7x7x1\n{rows}"), dict[str, Any]()
    exec(net.formula("params").text("python"), space)
    narrow, wide = 2 * 2 + 2 * 3 + 3, 2 * 11 + 11 * 3 + 3 + 2 * 3  # of 2 channels, and of 11, which a bn follows
    settings: list[dict[str, Any]] = [{"w": 2, "alpha": 0.25}, {"w": 5, "alpha": 1}]
    assert [net(**each).params for each in settings] == [narrow, wide]
    assert [space["params"](**each) for each in settings] == [narrow, wide]


def test_rounding_of_sizes_merges() -> None:
    """The five strides of MobileNet leave a map of ceil(r / 32) on each side, not five floors of one another."""
    text = str(load(MOBILENET).formula("activations", over=["resolution"]))
    assert text.count("ceil(resolution/") == 5
    assert "floor" not in text
    assert "7168*ceil(resolution/32)^2" in text


def test_sums_over_repetitions_have_a_closed_form() -> None:
    """A dense block of n layers has k^2 n^2 in it, as each layer sees what those before it added."""
    net = loads(DENSE)
    formula = net.formula("params", "mult_adds", "activations", "weight_layers", "kept")
    assert not formula.diagnostics
    assert "k^2*n^2" in str(formula)
    for n in (1, 2, 3, 7, 40):
        assert formula(n=n, k=5, c=3) == {q: counted(net, {"n": n, "k": 5, "c": 3})[q] for q in formula.quantities}  # type: ignore[index]


@pytest.mark.parametrize("rule", ["", "every conv: conv; relu\n"])
@pytest.mark.parametrize(
    "body", ["[3x3, 8; 1x1, w] x n", "[3x3, 8; relu; 1x1, in; dropout 0.1] x n", "conv 1x1, in + w x n"]
)
def test_what_enters_a_repetition_is_kept_once(rule: str, body: str) -> None:
    """What a dropout gives is kept for the first convolution behind it; what a repetition gives may be kept already."""
    net = loads(f"network n(n=2, w=2)\ninput 8x8x3\n{rule}| conv 1x1, w |\n| dropout 0.1 |\n| {body} |\n")
    formula = net.formula("kept", over=["n", "w"])
    for n, w in product((1, 2, 3, 9), (1, 2, 5)):
        assert formula(n=n, w=w) == net.setting({"n": n, "w": w}).totals.kept


def test_a_formula_holds_for_no_more_than_its_network() -> None:
    formula = loads("network n(w=2, unused=1)\ninput 8x6x3\n| conv 3x3, w |\n").formula("activations")
    assert formula(w=3, unused=10**12) == 8 * 6 * 3
    with pytest.raises(ArchError, match="E0205"):
        formula(unused=10**13)


@pytest.mark.parametrize("side", [0, -1, 2.5, 10**13])
@pytest.mark.parametrize("name", ["height", "width", "resolution"])
def test_sides_of_an_input_are_whole_numbers_of_at_least_one(name: str, side: float) -> None:
    net = loads("network n\ninput 8x6x3\n| conv 3x3, 4 |\n| relu |\n")
    formula = net.formula("activations", over=[name])
    assert formula(**{name: 4.0}) == {"height": 4 * 6, "width": 8 * 4, "resolution": 4 * 4}[name] * 4
    with pytest.raises(ArchError, match="E0405"):
        formula(**{name: side})


def test_an_input_that_is_not_square_has_no_resolution_of_its_own() -> None:
    formula = loads("network n(w=2)\ninput 8x6x3\n| conv 3x3, w |\n").formula("activations", over=["resolution", "w"])
    assert (formula(w=4), formula(w=4, resolution=6)) == (8 * 6 * 4, 6 * 6 * 4)


def test_what_has_no_closed_form_says_so() -> None:
    formula = loads(DOUBLING).formula("params")
    assert [d.code for d in formula.diagnostics] == ["E1303"]
    assert "Where n = 3" in str(formula)
    assert formula(n=5) == loads(DOUBLING, n=5).params


def test_each_choice_has_a_formula() -> None:
    formula = load(MOBILENET).formula("params", over=["alpha", "shallow"])
    assert "Where shallow = no" in str(formula)
    assert "Where shallow = yes" in str(formula)
    assert formula(shallow=True, alpha=0.5) == load(MOBILENET, shallow=True, alpha=0.5).params


@pytest.mark.parametrize("over", [["depth", "k"], ["k", "classes"], ["depth", "p"]])
def test_the_python_of_a_formula_gives_the_count(over: list[str]) -> None:
    net = load(WRN)
    space: dict[str, Any] = {}
    exec(net.formula(*QUANTITIES, over=over).text("python"), space)
    pen = random.Random(0)
    for _ in range(10):
        values = {"depth": pen.choice([10, 16, 28, 40]), "k": pen.choice([1, 2, 0.5, 8]), "classes": 7, "p": 0.25}
        values = {name: values[name] for name in over}
        totals = net.setting(values).totals._asdict()
        assert {name: space[name](**values) for name in QUANTITIES} == totals
    with pytest.raises(ValueError, match="does not hold"):
        space["params"](**dict.fromkeys(over, 0.3))


@pytest.mark.parametrize("title", ["x'''; import os", "\\", "'''#", "{evil}"])
def test_no_text_of_a_spec_becomes_code_of_a_formula(title: str) -> None:
    names = "eval=1, exec=2, int=3, params=4, Fraction=1, str=1, lambda=2, is_whole=1, __import__=1, é=1"
    width = "eval*exec + int*params + Fraction*str + lambda*is_whole + __import__*é"
    net = loads(f'network n({names})\ntitle "{title}"\ninput 8x8x3\n| conv 3x3, round_to({width}, 8) |\n')
    source = net.formula(*QUANTITIES).text("python")
    assert strange(source) == []
    space: dict[str, Any] = {}
    exec(source, space)
    given = [net.network.parameters[name] for name in net.formula().names]
    assert space["params"](*given) == net.params


def test_code_that_is_no_formula_is_found() -> None:
    source = load(WRN).formula("params").text("python")
    assert strange(source) == []
    for code in ("import os", "open('x')", "().__class__", "from math import sin", "def int(x): pass", "eval"):
        assert strange(f"{source}\n{code}\n"), code


def test_latex_is_what_amsmath_sets() -> None:
    text = load(MOBILENET).formula("mult_adds", over=["alpha", "resolution"]).text("latex")
    assert r"\left\lceil \frac{\mathit{resolution}}{32} \right\rceil^{2}" in text
    assert text.count(r"\begin{align*}") == text.count(r"\end{align*}") == 1
    assert text.count("{") == text.count("}")


def test_rows_and_growth() -> None:
    text = load(WRN).formula("params", over=["depth", "k"]).text(rows=True, growth=True)
    assert "params grows as depth*k^2: 16128*depth*k^2" in text
    assert "d/ddepth = (48384*k^2 + 224*k)/3; at depth = 28, 1% more of it is 1.24% more" in text
    rows = [line.split("  ") for line in text.splitlines()]
    assert any([part.strip() for part in row if part.strip()][:2] == ["conv2", "32 x 32 x 16*k"] for row in rows)


def test_unknown_layers_make_bounds() -> None:
    text = 'network n(w=8)\ninput 8x8x3\n| a | conv 3x3, w |\n| b | opaque "x", in |\n'
    assert "params      = >= 28*w" in str(loads(text).formula())


def test_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["formula", str(WRN), "--in", "depth,k", "--of", "params,mult-adds", "--format", "json", "--rows"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["cases"][0]["where"] == ["k != 1"]
    assert found["cases"][0]["growth"]["params"]["leading"] == "16128*depth*k^2"
    assert [row["layer"] for row in found["cases"][0]["rows"]] == [row.layer for row in load(WRN).rows]
    assert main(["formula", str(WRN), "-p", "k=2", "--convention", "no bn", "--in", "depth"]) == 0
    assert "k = 2" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("args", "code", "said"),
    [
        ([str(WRN), "--in", "dept"], "E1301", "did you mean `depth`?"),
        ([f"{ROOT}/specs/shufflenet.arch:g3", "--in", "shuffle,g"], None, ""),
        ([f"{ROOT}/specs/resnet.arch:50", "--in", "option"], "E1302", "decides what the layers are"),
        ([f"{ROOT}/specs/squeezenet.arch"], "E1306", "--in resolution"),
        ([str(WRN), "--in", ","], "E1306", "over one parameter at least"),
        ([str(WRN), "--of", "param"], "E1305", "did you mean `params`?"),
    ],
)
def test_what_is_wrong_is_said(
    args: list[str], code: str | None, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["formula", *args]) == (1 if code else 0)
    shown = capsys.readouterr().err
    assert (code or "") in shown
    assert said in shown


def test_too_many_terms_are_not_written() -> None:
    """The weights between two layers whose channels are sums of 24 parameters each are 576 products."""
    one, other = ([f"{letter}{i}" for i in range(24)] for letter in "vw")
    names = ", ".join(f"{name}=1" for name in (*one, *other))
    text = f"network long({names})\ninput 1x1x3\n| a | conv 1x1, {' + '.join(one)} |\n| b | conv 1x1, {' + '.join(other)} |\n"
    formula = loads(text).formula("params")
    assert formula(w0=9) == loads(text, w0=9).params
    with pytest.raises(ArchError, match="E1304"):
        str(formula)


def test_a_counter_that_goes_by_one_number_has_no_formula() -> None:
    net = loads("network n(r=15)\ninput r x r x 3\n| a | adaptive-avgpool 7x7 |\n").under("thop")
    with pytest.raises(ArchError, match="E1307"):
        str(net.formula())


def test_a_form_that_there_is_not() -> None:
    with pytest.raises(ArchError, match="E1308"):
        load(WRN).formula().text("html")
