"""Specs that nobody would write: too long, too deep, too large, or noise. Each gets diagnostics or a network."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from random_examples import drawn

from archspec import ArchError, load, loads
from archspec.cli import main
from archspec.commands.explain import explanations
from archspec.files import decode

pytestmark = pytest.mark.dear

GOOD = "network n\ninput 32x32x3\n| layer | op |\n|---|---|\n| a | conv3-8 |\n"


def codes(data: bytes, folder: Path) -> list[str]:
    """The codes of a file with these bytes; none if it compiles. Any exception but ArchError fails the test."""
    path = folder / "case.arch"
    path.write_bytes(data)
    return answers(lambda: load(path))


def answers(act: Callable[[], object]) -> list[str]:
    """The codes that something answers with; none where it succeeds."""
    try:
        act()
    except ArchError as error:
        return [d.code for d in error.diagnostics] if str(error) else ["nothing is said"]
    return []


def layer(op: str, before: str = "network n\ninput 32x32x3") -> bytes:
    return f"{before}\n| layer | op |\n|---|---|\n| a | {op} |\n".encode()


def doubling(blocks: int) -> bytes:
    """Each block uses the next one twice, with one truth value more, so that each use is another block."""
    lines = []
    for i in range(1, blocks):
        given = "".join(f"f{j}=f{j}, " for j in range(1, i))
        uses = "; ".join(f"b{i + 1} {given}f{i}={word}" for word in ("yes", "no"))
        formals = ", ".join(f"f{j}" for j in range(1, i))
        lines.append(f"block b{i}{f'({formals})' if formals else ''}\n| {uses} |\n")
    flags = [f"f{j}" for j in range(1, blocks)]
    last = "; ".join(f"relu if {flag}" for flag in flags)
    lines.append(f"block b{blocks}({', '.join(flags)})\n| {last} |\n")
    return layer("b1", "network n\ninput 32x32x3\n" + "\n".join(lines))


HOSTILE = {
    "10 MB in one line": (b"network n # " + b"x" * 10_000_000, ["E0006"]),
    "1 MB in one line": (GOOD.encode() + b"| " + b"x" * 1_000_000 + b" |\n", ["E0105"]),
    "a number of 10,000 digits": (layer("fc " + "9" * 10_000), ["E0205"]),
    "a stride of 10,000 digits": (layer("conv3-8, /" + "9" * 10_000), ["E0205"]),
    "a short form of 10,000 digits": (layer("FC-" + "9" * 10_000), ["E0205"]),
    "a size of 10,000 digits": (layer("conv " + "9" * 5_000 + "x" + "9" * 5_000 + ", 8"), ["E0205"]),
    "1e400": (layer("fc 1e400"), ["E0205"]),
    "twenty nines": (layer("fc 99999999999999999999"), ["E0205"]),
    "4,000 parentheses": (layer("fc " + "(" * 4_000 + "1" + ")" * 4_000), ["E0104"]),
    "4,000 parentheses, open": (layer("fc " + "(" * 4_000), ["E0101"]),
    "4,000 brackets": (layer("[" * 4_000 + "relu" + "]" * 4_000), ["E0104"]),
    "4,000 minus signs": (layer("fc " + "-" * 4_000 + "1"), ["E0104"]),
    "a sum of 9,000 terms": (layer("fc " + "1+" * 9_000 + "1"), ["E0104"]),
    "a product of 9,000 factors": (layer("fc " + "2*" * 9_000 + "1"), ["E0104"]),
    "5,000 steps": (layer("; ".join(["relu"] * 2_500)), []),
    "5,000 cells": (GOOD.encode() + b"|" * 5_000 + b"\n", ["E0503"]),
    "many repetitions of one shape": (layer("conv3-8 x 1000000000"), []),
    "repetitions of repetitions": (layer("[[conv3-8 x 1000000] x 1000000] x 1000"), []),
    "more layers than can be meant": (layer("[[conv3-8 x 1000000] x 1000000] x 1000000"), ["E0702"]),
    "a map that grows without end": (layer("upsample 2 x 1000000000"), ["E0205"]),
    "many repetitions that shrink": (layer("maxpool x 1000000000"), ["E0701"]),
    "many different layers": (
        layer("conv 2x2, 1, pad=0 x 1000000000", "network n\ninput 1000000000x1000000000x1"),
        ["E0702"],
    ),
    "blocks that double": (doubling(16), ["E0702"]),
    "rows of which each is another layer": (layer("[conv 1x1, in + 1] x 30000"), ["E0702"]),
    "a kernel larger than any map": (layer("conv 100000000000x100000000000, 8"), []),
    "a kernel of 10**11 without padding": (layer("conv 100000000000x1, 8, pad=0"), ["E0701"]),
    "padding of 10**11": (layer("conv3-8, pad=100000000000"), []),
    "a pool that pads 10**11": (layer("maxpool 3x3, pad=100000000000"), ["E0701"]),
    "a dilation of 10**11": (layer("conv3-8, dilation=100000000000, pad=0"), ["E0701"]),
    "10**11 groups": (layer("conv3-8, groups=100000000000"), ["E0701"]),
    "quotes that do not close": (layer('fc 1, "'), ["E0101"]),
    "a separator of 19,000 dashes": (b"network n\ninput 8x8x4\n| op |\n|" + b"-" * 19_000 + b"|\n| relu |\n", []),
    "a separator that is almost one": (b"network n\ninput 8x8x4\n| op |\n|" + b"-:" * 9_000 + b"x|\n", ["E0504"]),
    "10,000 different mistakes": (b"network n\ninput 8x8x4\n" + b"".join(b"bad%d\n" % i for i in range(2_000)), None),
}


@pytest.mark.parametrize(("data", "expected"), HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_spec_gets_diagnostics_or_a_network(data: bytes, expected: list[str] | None, tmp_path: Path) -> None:
    found = codes(data, tmp_path)
    if expected is not None:
        assert found == expected
    else:
        assert found.count("E0102") == 2_000


def test_figures_of_any_size_stay_whole_numbers(tmp_path: Path) -> None:
    codes(layer("[[conv3-8 x 1000000] x 1000000] x 1000"), tmp_path)
    compiled = load(tmp_path / "case.arch")
    assert compiled.params == 224 + (10**15 - 1) * 584
    assert f"{compiled.params:,}" in repr(compiled)


def test_carets_stand_under_their_text_behind_tabs(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "case.arch"
    path.write_text(GOOD.replace("| a | conv3-8 |", "|\ta\t|\tconv9\t|"))
    assert main(["count", str(path)]) == 1
    lines = capsys.readouterr().err.splitlines()
    shown = next(i for i, line in enumerate(lines) if line.startswith("5 |"))
    assert lines[shown + 1].index("^") == lines[shown].index("conv9")
    assert lines[shown + 1].count("^") == len("conv9")


def test_a_row_of_twenty_thousand_characters_is_shown_around_its_mistake(tmp_path: Path) -> None:
    steps = "; ".join(["relu"] * 1_500 + ["rleu"] + ["relu"] * 1_500)
    codes(layer(steps), tmp_path)
    with pytest.raises(ArchError) as caught:
        load(tmp_path / "case.arch")
    lines = str(caught.value).splitlines()
    assert max(map(len, lines)) < 500
    under = next(line for line in lines if "^^^^" in line)
    excerpt = lines[lines.index(under) - 1]
    assert excerpt[under.index("^") :].startswith("rleu")


def json_of(text: str) -> str:
    return loads(text).to_json()


WORDS = st.sampled_from(
    [*"|:;,/()[]=x!#\"'-+*×. \t\n\r", "network n", "input 8x8x4", "every conv:", "conv3-8", "claims"]
)
TEXTS = st.lists(WORDS | st.text(max_size=3), max_size=60).map("".join)


@drawn(TEXTS, few=60, many=300, suppress_health_check=[HealthCheck.too_slow])
@example("|")
@example("||\n|-|")
@example("|-|\n|-|\n|-|")
@example("variants\n| |\n|-|\n||")
@example("claims\n|x|")
@example("network n\ninput 8x8x4\nclaims\n||")
@example('network n\ninput 8x8x4\n| "|')
def test_any_text_gives_a_network_or_diagnostics(text: str) -> None:
    known = explanations()
    for spec in (text, GOOD + text, GOOD.replace("conv3-8", text)):
        assert set(answers(partial(json_of, spec))) <= set(known)


@settings(max_examples=200)
@given(st.binary(max_size=200))
def test_any_bytes_give_a_source_or_diagnostics(data: bytes) -> None:
    assert answers(lambda: decode("case.arch", data)) in ([], ["E0003"], ["E0004"], ["E0005"])
