"""Emitted code against the IR run on tensors: outputs, gradients and statistics of random programs and of old faults."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from interpreter_layers import LAYERS
from minimise import minimised
from random_graphs import graphs
from random_programs import program, seed_of_the_day
from random_programs import settings as other_settings
from second_witness import Found, compiled_from, examine, run_both, written_wrong
from test_cases import Case, asked, cases_of

from archspec import ops
from archspec.diagnostics import ArchError
from archspec.ir.network import Apply, Branches, Graph, Instance, Repeat, When
from archspec.ir.walking import steps_of

pytestmark = pytest.mark.torch
HERE = Path(__file__).parent
CHUNKS, EACH = 8, 25
SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much, HealthCheck.large_base_example]


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> Iterator[None]:
    """Layers as small as these take longer on many threads."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_random_programs_of_the_day_compute_what_their_ir_says(chunk: int) -> None:
    seed, held = seed_of_the_day(), 0
    said: list[str] = []
    for index in range(chunk * EACH, (chunk + 1) * EACH):
        found = examine(program(seed, index), other_settings(seed, index))
        held += not found.refused
        said += [f"program {index}: {fault}" for fault in found.faults[:1]]
    assert not said, "\n".join([f"ARCHSPEC_SEED={seed}; make it small by tools/try_programs.py --seed {seed}", *said])
    assert held > EACH // 2


@pytest.mark.parametrize("index", range(4))
def test_random_programs_pass_through_the_tools_of_torch(index: int) -> None:
    seed = f"{seed_of_the_day()} whole"
    found = examine(program(seed, index), whole=True)
    assert found.faults == [], f"ARCHSPEC_SEED={seed_of_the_day()}"


@settings(max_examples=20, suppress_health_check=SLOW)
@given(graphs())
def test_random_graphs_compute_what_their_ir_says(text: str) -> None:
    assert examine(text, [{"classes": 3, "w": 4, "alpha": 0.75}]).faults == []


OLD = [case for path in sorted((HERE / "cases" / "witness").glob("*.md")) for case in cases_of(path)]


each_old = pytest.mark.parametrize("case", OLD, ids=[case.title for case in OLD])


@each_old
def test_what_was_wrong_once_is_right(case: Case) -> None:
    assert examine(case.spec.text, [asked(case.spec.info).parameters]).faults == []


@pytest.mark.slow
@each_old
def test_what_was_wrong_once_passes_through_the_tools_of_torch(case: Case) -> None:
    assert examine(case.spec.text, whole=True).faults == []


def test_a_program_is_a_function_of_its_seed_and_its_index() -> None:
    ask = "from random_programs import program, settings; print(program('s', 7), settings('s', 7), end='')"
    for hashes in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-c", ask], cwd=HERE, env=os.environ | {"PYTHONHASHSEED": hashes}, capture_output=True, text=True
        )  # fmt: skip
        assert done.stdout == f"{program('s', 7)} {other_settings('s', 7)}"
    assert len({program("s", i) for i in range(50)}) == 50


def test_random_programs_have_every_layer_and_every_kind_of_step() -> None:
    due = {op.spelled() for op in ops.every()} | {Repeat, When, Instance, Branches, Graph, "first", "bypass", "heads"}
    found: set[Any] = set()
    tried = refused = 0
    while tried < 100 or (due - found and tried < 1000):
        tried += 1
        try:
            network = compiled_from(program("kinds 4", tried)).network
        except ArchError:
            refused += 1
            continue
        except Exception:  # a fault, which is not what is asked here
            continue
        steps = list(steps_of(network))
        found |= {type(step) for step in steps} | {step.op for step in steps if isinstance(step, Apply)}
        found |= {"first" for step in steps if isinstance(step, Repeat) and step.first is not None}
        found |= {"bypass" for step in steps if isinstance(step, When) and step.bypass}
        found |= {"heads"} if network.heads else set()
    assert due - found == set()
    assert refused < tried / 4


def test_every_layer_has_an_interpreter() -> None:
    assert {op.spelled() for op in ops.every() if op.arity == 1} == LAYERS.keys()


SPEC = """network n(w=4)
input 6x6x3

block gate = multiply of
| identity            |
| conv 1x1, in; tanh |

| layer | op                     | from |
|-------|------------------------|------|
| a     | conv 3x3, w; bn        |      |
| b     | silu; gate; dropout    |      |
| c     | concat; relu           | a, b |
| fc    | global-avgpool; fc 2*w |      |
"""
WRONG = {
    "another layer": ("nn.SiLU()", "nn.GELU()", "output"),
    "another order": ("torch.cat([a, b], dim=1)", "torch.cat([b, a], dim=1)", "output"),
    "written over": ("nn.SiLU()", "nn.SiLU(inplace=True)", "output"),
    "other statistics": ("nn.BatchNorm2d(w)", "nn.BatchNorm2d(w, momentum=0.2)", "statistics"),
    "no gradient": ("x = self.fc(x)", "x = self.fc(x.detach())", "gradient"),
    "the input": ("  # 6x6x4\n        b", "\n        _ = torch.is_grad_enabled() or x.zero_()\n        b", "input"),
    "a name": ("Gate(w)", "Gaet(w)", "make: NameError: name _ is not defined"),
    "a weight": ("nn.Conv2d(in_channels, in_channels, 1)", "nn.Conv2d(in_channels, in_channels, 1, bias=False)", "weights"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_the_witness_sees(name: str) -> None:
    right, wrong, kind = WRONG[name]
    compiled = compiled_from(SPEC)
    source = compiled.source()
    run_both(source, compiled.network)
    assert right in source, source
    with pytest.raises(Found) as found:
        run_both(source.replace(right, wrong), compiled.network)
    assert found.value.fault.kind == kind


def test_the_witness_sees_classes_that_are_dead_or_there_twice() -> None:
    source = compiled_from(SPEC).source()
    assert written_wrong(source) == []
    gate = source[source.index("class Gate") : source.index("class N(")]
    twice = source.replace(gate, gate + gate.replace("class Gate", "class GateB"))
    assert {fault.kind for fault in written_wrong(twice)} == {"dead class", "twin classes"}


def test_a_failing_text_is_made_small() -> None:
    text = program("small", 3) + "\n"
    small = minimised(text, lambda candidate: "network" in candidate and "fc" in candidate and "input" in candidate)
    assert len(small.splitlines()) <= 3
