"""Figures as papers print them, against a second way to compute the verdict: with fractions and decimal texts."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archspec.counting.printed import compare, is_reported, precision_of, same_shape
from archspec.counting.quantities import CHECKS, CLAIMS, readable
from archspec.op import Shape

WORDS = {"": 0, "k": 3, "thousand": 3, "m": 6, "million": 6, "g": 9, "b": 9, "billion": 9, "t": 12}
UNITS = ["", "K", "k", " thousand", "M", " m", " million", "G", "B", " Billion", "T", "e3", "E9", " x 10^6", "×10^9"]

EXAMPLES = [
    ("138M", 137_500_000, "rounds"),
    ("138M", 138_357_544, "rounds"),
    ("138M", 138_500_000, "rounds"),
    ("138M", 138_500_001, "cut"),
    ("138M", 138_999_999, "cut"),
    ("138M", 139_000_000, "disagrees"),
    ("138M", 137_499_999, "disagrees"),
    ("138M", 138_000_000, "exact"),
    ("34,944", 34_944, "exact"),
    ("34,944", 34_943, "disagrees"),
    ("34,944", 34_945, "disagrees"),
    ("34944", 34_944, "exact"),
    ("60M", 60_965_224, "cut"),
    ("60M", 62_378_344, "disagrees"),
    ("60M", 59_400_000, "disagrees"),
    ("1000K", 1_474_560, "disagrees"),
    ("1M", 1_500_000, "rounds"),
    ("1M", 1_922_400, "disagrees"),
    ("300M", 313_600_000, "disagrees"),
    ("400M", 376_800_000, "disagrees"),
    ("10K", 13_824, "disagrees"),
    ("5 billion", 5_713_216_096, "disagrees"),
    ("1.5 billion", 1_578_947_368, "cut"),
    ("1.5 billion", 1_578_947_369, "disagrees"),
    ("800K", 802_816, "coarse"),
    ("70k", 71_456, "disagrees"),
    ("800K", 809_999, "coarse"),
    ("800K", 810_000, "disagrees"),
    ("800K", 795_000, "coarse"),
    ("800K", 794_999, "disagrees"),
    ("1,000", 1_050, "coarse"),
    ("1,000", 1_052, "coarse"),
    ("1,000", 1_053, "disagrees"),
    ("1,000", 953, "coarse"),
    ("1,000", 952, "disagrees"),
    ("100", 105, "coarse"),
    ("100", 106, "disagrees"),
    ("110", 115, "coarse"),
    ("110", 116, "disagrees"),
    ("0,100", 105, "coarse"),
    ("60.0M", 62_378_344, "disagrees"),
    ("60.0M", 60_049_999, "rounds"),
    ("1.5e9", 1_500_000_000, "exact"),
    ("1.5e9", 1_549_999_999, "rounds"),
    ("1.5e9", 1_578_947_368, "cut"),
    ("1.5e9", 1_578_947_369, "disagrees"),
    ("1.5e9", 1_600_000_000, "disagrees"),
    ("2.7K", 2_700, "exact"),
    ("2.7K", 2_650, "rounds"),
    ("2.7K", 9_472, "disagrees"),
    ("60 million", 60_965_224, "cut"),
    ("60 million", 62_378_344, "disagrees"),
    ("650,000", 650_000, "exact"),
    ("650,000", 654_999, "coarse"),
    ("650,000", 659_272, "coarse"),
    ("650,000", 660_000, "disagrees"),
    ("650,000", 644_999, "disagrees"),
    ("3.8 x 10^9", 3_858_000_000, "cut"),
    ("3.8 × 10^9", 3_800_000_000, "exact"),
    ("3.8 x 10^9", 3_750_000_000, "rounds"),
    ("15300M", 15_346_630_656, "coarse"),
    ("15.3G", 15_346_630_656, "rounds"),
    ("15.47G", 15_470_264_320, "rounds"),
    ("0", 0, "exact"),
    ("0", 1, "disagrees"),
    ("1000", 1_000, "exact"),
    ("0.5", 1, "disagrees"),
    ("1.50", 1, "disagrees"),
    ("2.00", 2, "exact"),
]


@pytest.mark.parametrize(("printed", "actual", "verdict"), EXAMPLES)
def test_a_print_holds_at_its_own_precision(printed: str, actual: int, verdict: str) -> None:
    assert compare(printed, actual) == verdict
    assert verdict_by_fractions(printed, actual) == verdict


def parts(printed: str) -> tuple[str, int]:
    """The digits of a print as text, and the power of ten that its unit stands for."""
    text = printed.replace(",", "").replace(" ", "").lower()
    for sign in ("x10^", "×10^", "e"):
        number, found, exponent = text.partition(sign)
        if found and exponent.isdecimal():
            return number, int(exponent)
    number = text.rstrip("abcdefghijklmnopqrstuvwxyz")
    return number, WORDS[text[len(number) :]]


def verdict_by_fractions(printed: str, actual: int, precision: int = 2) -> str:
    """The verdict by its definition: intervals around the value, as wide as one unit of its last significant place."""
    number, power = parts(printed)
    value = Fraction(number) * 10**power
    decimals = len(number.partition(".")[2])
    unit = Fraction(10) ** (power - decimals)
    if actual == value:
        return "exact"
    if value - unit / 2 <= actual <= value + unit / 2:
        return "rounds"
    if not actual or abs(value - actual) / actual > Fraction(5, 100):
        return "disagrees"
    if value <= actual < value + unit:
        return "cut"
    figures = number.lstrip("0")
    while "." not in number and figures.endswith("0") and len(figures) > precision:
        figures, unit = figures[:-1], unit * 10
    if value - unit / 2 <= actual <= value + unit / 2 or value <= actual < value + unit:
        return "coarse"
    return "disagrees"


WHOLE = st.integers(0, 10**7)
NUMBERS = st.one_of(
    WHOLE.map(str),
    WHOLE.map("{:,}".format),
    st.integers(0, 999).map(lambda n: f"{n}000"),
    st.decimals(0, 10**5, places=1).map(str),
    st.decimals(0, 10**5, places=3).map(str),
)
PRINTS = st.builds("{}{}".format, NUMBERS, st.sampled_from(UNITS))


@st.composite
def prints_and_values(draw: st.DrawFn) -> tuple[str, int]:
    """A print and a count near one of the borders of what it covers."""
    printed = draw(PRINTS)
    number, power = parts(printed)
    steps = draw(st.sampled_from([Fraction(n, 2) for n in (-20, -10, -2, -1, 0, 1, 2, 10, 20)]))
    place = Fraction(10) ** (power - len(number.partition(".")[2]) + draw(st.integers(0, 3)))
    near = Fraction(Decimal(number)) * 10**power + steps * place
    return printed, max(round(near) + draw(st.integers(-2, 2)), 0)


@given(prints_and_values(), st.integers(2, 5))
def test_the_verdict_is_that_of_exact_arithmetic(case: tuple[str, int], precision: int) -> None:
    printed, actual = case
    assert readable("params", printed)
    assert compare(printed, actual) == verdict_by_fractions(printed, actual)
    assert compare(printed, actual, precision=precision) == verdict_by_fractions(printed, actual, precision)


@pytest.mark.parametrize(
    ("column", "precision"),
    [
        ([], 2),
        (["60M"], 2),
        (["1M", "3M"], 2),
        (["138M"], 3),
        (["3.2M", "800K", "1.6M", "400K", "150K", "25K", "4096", "1000"], 2),
        (["2.7K", "112K", "159K", "380K", "364K", "437K", "463K", "580K", "840K", "1072K", "1388K", "1000K"], 3),
        (["0.5M", "1.50M", "2.25M"], 3),
        (["34,944", "0"], 5),
    ],
)
def test_a_column_is_as_precise_as_half_of_its_figures(column: list[str], precision: int) -> None:
    assert precision_of(column) == precision


def test_the_figures_of_a_column_show_how_precise_it_is() -> None:
    assert compare("840K", 846_400) == "coarse"
    assert compare("840K", 846_400, precision=3) == "disagrees"


@given(st.integers(0, 10**15))
def test_a_count_written_out_is_exact(n: int) -> None:
    assert compare(str(n), n) == compare(f"{n:,}", n) == "exact"


@given(st.integers(0, 10**15), st.integers(1, 10**15))
def test_a_count_written_out_is_never_mistaken_for_one_far_away(n: int, more: int) -> None:
    assert compare(str(n), 10 * n + 10 + more) == "disagrees"


@pytest.mark.parametrize(
    ("text", "actual", "verdict"),
    [
        ("≈138M", 138_500_000, "rounds"),
        ("~138M", 140_000_000, "coarse"),
        ("~138M", 140_000_001, "disagrees"),
        ("≈138M", 135_999_999, "disagrees"),
        ("≈70k", 70_144, "rounds"),
        ("≈70k", 71_456, "coarse"),
        ("≈70k", 67_999, "disagrees"),
        ("~7.8G", 7_969_996_800, "coarse"),
        ("≈60M", 62_378_344, "disagrees"),
        ("≈1.5M", 1_580_000, "disagrees"),
        ("18.7 Bn", 18_749_999_999, "rounds"),
        ("18.7 Bn", 18_800_000_000, "disagrees"),
    ],
)
def test_an_approximate_figure_is_held_to_its_precision(text: str, actual: int, verdict: str) -> None:
    assert compare(text, actual) == verdict


@pytest.mark.parametrize(
    ("quantity", "text"),
    [
        ("params", "138M"), ("params", "34,944"), ("params", "3.8 x 10^9"), ("params", "60 Million"), ("params", "0"),
        ("mult-adds", "1.5e9"), ("mult-adds", "15.3 G"), ("output", "7x7x512"), ("output", "7 × 7"), ("output", "10"),
        ("top-1 error", "25.6"), ("top-1 error", "25.6%"), ("test accuracy", "100 %"), ("receptive field", "11x11"),
        ("receptive field", "212"), ("params", "~60M"), ("params", "≈ 1.3M"), ("mult-adds", "18.7 Bn"),
    ],
)  # fmt: skip
def test_a_figure_is_read_as_papers_print_it(quantity: str, text: str) -> None:
    assert readable(quantity, text)


@pytest.mark.parametrize(
    ("quantity", "text"),
    [
        ("params", ""), ("params", "M"), ("params", "-5"), ("params", "34,94"), ("params", "3494,4"), ("params", "1.2.3"),
        ("params", "5MM"), ("params", "5 e9"), ("params", "1e999"), ("params", "≈"), ("params", "60M≈"), ("params", "7x7"),
        ("params", "1" * 31), ("output", "7x7x7x7"), ("output", "7M"), ("output", "x7"), ("output", "1.5x2"),
        ("top-1 error", "25.6M"), ("top-1 error", "1,000"), ("params", "nan"), ("params", "5 m\u0131llion"),
        ("params", "5 m\u0130llion"), ("params", "5\u212a"), ("params", "\u0661\u0662"), ("params", "1\u0663.5e9"),
        ("output", "\u0667x7"), ("receptive field", "\u0967"), ("top-1 error", "2\u0665%"), ("params", "1e\u0669"),
    ],
)  # fmt: skip
def test_what_is_no_figure_is_refused(quantity: str, text: str) -> None:
    assert not readable(quantity, text)


@given(st.sampled_from([*CHECKS, *CLAIMS, "top-1 error"]), st.text(max_size=12))
def test_what_is_readable_can_be_compared(quantity: str, text: str) -> None:
    if readable(quantity, text) and quantity in CLAIMS:
        assert compare(text, 1) == verdict_by_fractions(text, 1)


@pytest.mark.parametrize(
    ("printed", "shape", "same"),
    [
        ("7x7x512", Shape(512, 7, 7), True), ("7×7×512", Shape(512, 7, 7), True), ("7 x 7 x 512", Shape(512, 7, 7), True),
        ("7x7", Shape(512, 7, 7), True), ("7x6", Shape(512, 7, 6), True), ("6x7", Shape(512, 7, 6), False),
        ("512x7x7", Shape(512, 7, 7), False), ("7x7x511", Shape(512, 7, 7), False), ("10", Shape(10), True),
        ("1x1x10", Shape(10), True), ("10", Shape(10, 1, 1), True), ("1x1", Shape(10, 1, 1), True), ("1x1", Shape(10), True),
        ("25088", Shape(512, 7, 7), False), ("7", Shape(512, 7, 7), False),
    ],
)  # fmt: skip
def test_a_printed_shape_is_compared_as_far_as_it_is_printed(printed: str, shape: Shape, same: bool) -> None:
    assert same_shape(printed, shape) is same


def test_experiments_are_reported_and_not_checked() -> None:
    assert is_reported("top-1 error")
    assert is_reported("test accuracy")
    assert not any(is_reported(quantity) for quantity in CLAIMS)
