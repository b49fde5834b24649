"""Random networks against torch; and random damage: a spec compiles or is refused, and never gives a traceback."""

from __future__ import annotations

import json
from functools import partial
from inspect import signature
from pathlib import Path

import expert
import pytest
import torch
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from random_examples import drawn, each_share
from random_specs import specs
from witness import (
    META,
    SPECS,
    expected_outputs,
    flops_halved,
    hooked,
    meta_build,
    outputs,
    parameters_of,
    size,
    weights_of,
)

from archspec.compiled import Compiled
from archspec.diagnostics import ArchError, Diagnostic
from archspec.elaborate import Request
from archspec.files import decode
from archspec.ir.json import from_json, to_json
from archspec.pipeline import compile_text, compile_variants

pytestmark = pytest.mark.torch

TEXTS = {path.name: path.read_bytes() for path in SPECS}
WORDS = [
    "network n(a=1)", "input 8x8x3", "every conv: conv; relu", "let b = 2*a", "variants A, B", "claims", "counted cs231n",
    "title", "paper", '"', "|", "|---|", "layer", "op", "output", "params", "repeat", "kernel", "conv3-64", "FC-10", "[",
    "3x3, 8", "]", "x 2", "×", ";", ",", "/2", "no relu", "no", "=", "(", ")", "1e9", "-1", "0", "1.5", "9" * 30, "!",
    "maxpool", "lrn n=3", "partial-conv 3x3", 'maps="0 1, 1"', "softmax", "\n", "\n\n", "\t", " ", "#", "٣", "ｘ", "\u202e",
    "é", "😀", "\0", "\r", "\ufeff", "138M", "224x224", "\\", "'", "{{", "%}", "x", "\u2028", "\x1b[31m", "1x1x1x1", "²",
]  # fmt: skip
SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large]
each_damage = partial(drawn, few=50, many=250, suppress_health_check=SLOW)


def compiled_from(text: str) -> Compiled:
    return compile_text(decode("random.arch", text.encode()), Request())


@drawn(specs(), few=15, many=150, suppress_health_check=SLOW)
def test_the_analysis_of_a_random_network_is_what_torch_does(text: str) -> None:
    compiled = compiled_from(text)
    model = meta_build(compiled)
    data = torch.empty(size(compiled.network.input_shape, 2), device=META)
    assert list(outputs(model, data).values()) == expected_outputs(compiled.network)
    assert compiled.params == sum(p.numel() for p in model.parameters())
    assert compiled.mult_adds == flops_halved(model, data[:1]) == hooked(model, data[:1])
    weights = [shape for _, shape in weights_of(compiled.network)]
    assert list(parameters_of(model).values()) == weights


@drawn(specs(), few=12, many=80, suppress_health_check=SLOW)
def test_a_random_network_survives_json_and_its_counts_are_json(text: str) -> None:
    compiled = compiled_from(text)
    again = from_json(to_json(compiled.network))
    assert again == compiled.network
    assert to_json(again) == to_json(compiled.network)
    counts = json.loads(compiled.to_json())
    assert sum(row["params"] for row in counts["rows"]) == compiled.params


@drawn(
    specs(),
    st.integers(2, 30),
    st.integers(2, 9),
    st.sampled_from([0.25, 0.75, 1.0]),
    few=20,
    many=60,
    suppress_health_check=SLOW,
)
def test_parameters_given_at_run_time_are_the_parameters_given_to_the_compiler(
    text: str, classes: int, w: int, alpha: float
) -> None:
    changed = {"classes": classes, "w": w, "alpha": alpha}
    try:
        other = compile_text(decode("random.arch", text.encode()), Request(parameters=changed))
    except ArchError as error:  # groups that the other widths do not split into
        assume({d.code for d in error.diagnostics if d.severity == "error"} != {"E0701"})
        raise
    with META:
        made = type(compiled_from(text).build())
        taken = {name: value for name, value in changed.items() if name in signature(made).parameters}
        assert parameters_of(made(**taken)) == parameters_of(other.build())


@each_share
@expert.one_worker
def test_random_networks_are_emitted_as_the_tools_of_an_expert_would_have_it(share: int, tmp_path: Path) -> None:
    sources: set[str] = set()

    @settings(max_examples=120 // share, suppress_health_check=SLOW)
    @given(specs())
    def collect(text: str) -> None:
        sources.add(compiled_from(text).source())

    collect()
    assert len(sources) > 60 // share
    for i, source in enumerate(sorted(sources)):
        compile(source, f"random_{i}.py", "exec", dont_inherit=True)
        (tmp_path / f"random_{i}.py").write_text(source, "utf-8")
    for tool in (expert.CHECK, expert.FORMAT, expert.MYPY):
        expert.assert_passes(tool, ".", folder=tmp_path)


def holds_or_complains(data: bytes) -> None:
    """Compile; what comes back can be emitted, and what is raised can be shown."""
    found: tuple[Diagnostic, ...] = ()
    try:
        networks = compile_variants(decode("damaged.arch", data), Request())
    except ArchError as error:
        networks, found = [], error.diagnostics
    assert bool(networks) != any(d.severity == "error" for d in found)
    rendered(found)
    for compiled in networks[-1:]:
        rendered(compiled.diagnostics)
        compile(compiled.source(), "damaged.py", "exec", dont_inherit=True)
        json.loads(compiled.to_json())


def rendered(diagnostics: tuple[Diagnostic, ...]) -> None:
    for diagnostic in diagnostics:
        assert diagnostic.code in str(ArchError([diagnostic]))
        assert str(diagnostic)
        assert json.loads(json.dumps(diagnostic.to_dict()))["message"]


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A spec of the corpus after a few slips of the hand: characters, words and lines lost, doubled or put in."""
    text = draw(st.sampled_from(sorted(TEXTS.values()))).decode()
    for _ in range(draw(st.integers(1, 4))):
        lines = text.split("\n")
        at, width = draw(st.integers(0, len(text))), draw(st.integers(1, 8))
        line = draw(st.integers(0, len(lines) - 1))
        put = draw(st.sampled_from(WORDS) | st.characters(codec="utf-8"))
        kind = draw(st.sampled_from(["cut", "put", "put", "double", "line cut", "line doubled", "line moved"]))
        if kind == "cut":
            text = text[:at] + text[at + width :]
        elif kind == "put":
            text = text[:at] + put + text[at:]
        elif kind == "double":
            text = text[: at + width] + text[at:]
        else:
            moved = [lines.pop(line)] if kind != "line doubled" else [lines[line]]
            lines[at % (len(lines) + 1) : 0] = moved if kind != "line cut" else []
            text = "\n".join(lines)
    return text.encode("utf-8", "surrogatepass")


@each_damage(damaged())
def test_a_damaged_spec_compiles_or_is_refused(data: bytes) -> None:
    holds_or_complains(data)


@each_damage(
    st.sampled_from(sorted(TEXTS.values())), st.lists(st.tuples(st.integers(0), st.binary(max_size=2)), max_size=3)
)
def test_bytes_put_anywhere_are_read_or_refused(data: bytes, changes: list[tuple[int, bytes]]) -> None:
    for at, put in changes:
        data = data[: at % len(data)] + put + data[at % len(data) + 1 :]
    holds_or_complains(data)


@each_damage(st.lists(st.sampled_from(WORDS), max_size=30))
def test_words_in_any_order_are_read_or_refused(words: list[str]) -> None:
    holds_or_complains(" ".join(words).encode())


@each_damage(st.lists(st.sampled_from(WORDS), min_size=1, max_size=8), st.sampled_from(["", "conv3-8 x 2", "[3x3, 8]"]))
def test_any_words_in_a_cell_are_read_or_refused(words: list[str], before: str) -> None:
    spec = f"network n(classes=10)\ninput 32x32x3\nevery conv: conv; relu\n\n| {before} {' '.join(words)} |\n| fc classes |\n"
    holds_or_complains(spec.encode())
