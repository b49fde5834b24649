"""Conditions on arguments of emitted code: it does what the spec does for these parameters, whatever they come to."""

from __future__ import annotations

from collections.abc import Iterator
from inspect import signature
from typing import Any

import pytest
import torch
from random_conditions import Drawn
from second_witness import compare, compiled_from, entry_of, made, written_wrong
from torch import nn

from archspec.compiled import Compiled
from archspec.diagnostics import ArchError
from archspec.targets.torch import function_name

pytestmark = pytest.mark.torch

SPEC = """network n({parameters})
input 8x8x4
every conv: conv no bias; bn; relu

{blocks}
| conv 3x3, w |
{rows}
| global-avgpool; fc 5 |
"""
EXPANDED = """block mb(c, t, s=1) = add of
| residual | conv 1x1, t*in if t != 1; dwconv 3x3, /s; conv 1x1, c, no relu |
| shortcut | identity if s == 1 and in == c                                 |
"""
ROUNDED = """block mb(c, t)
| [conv 1x1, round_to(t*in, 8); bn] if t > 1; dwconv 3x3; conv 1x1, c |
"""
HALVES = """block unit = concat of
| channel-split 1, 2; conv 3x3, in/2 |
| channel-split 2, 2                 |
then channel-shuffle 2
"""
WIDER = """block wider(c)
| conv 1x1, 2*in if in > 8; conv 3x3, c |
"""
DROPS = """block drops(c)
| conv 3x3, c; dropout p if p > 0 |
"""
OPEN = """block open = concat of
| conv 1x1, 2*in if v > in; identity if v <= in |
| conv 3x3, 4                                   |
"""
CASES = {
    "a width that is equal otherwise": ("w=8, t=4", EXPANDED, "| mb w, t x 2 |\n| mb 2*w, t, /2 |\n| mb w, 1 |", "t != 1"),
    "a width that is chosen": ("w=6, t=4", ROUNDED, "| mb w, t x 2 |\n| mb 8, 1 |", "width = round_to(t * in_channels, 8) if t > 1 else in_channels"),
    "none at the default": ("w=6, t=1", ROUNDED, "| mb w, t x 2 |\n| mb 8, 3 |", "if t > 1 else in_channels"),
    "halves": ("w=8", HALVES, "| unit x 3 |", "if w % 2:"),
    "what enters": ("w=8", WIDER, "| wider 2*w |", "if in_channels > 8 else []"),
    "a block's own": ("w=4, p=0.1", DROPS, "| drops w x 2 |", "*([nn.Dropout(p)] if p > 0 else [])"),
    "a row's": ("w=6, p=0", "", "| conv 3x3, 8; dropout p if p > 0 |", "*([nn.Dropout(p)] if p > 0 else [])"),
    "all of a row": ("w=6", "", "| conv 3x3, 2*w if w > 8 |\n| conv 3x3, 4 |", "if w > 8 else nn.Identity()"),
    "a bypass that is not added": ("w=4, v=6", OPEN, "| open |", "if v > in_channels"),
}  # fmt: skip
OTHERS: list[dict[str, Any]] = [
    {"w": 4, "t": 1, "v": 2, "p": 0.0},
    {"w": 12, "t": 2, "v": 20, "p": 0.5},
    {"w": 10, "t": 5, "v": 4, "p": 0},
]


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> Iterator[None]:
    """Layers as small as these take longer on many threads."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def shapes(module: nn.Module) -> dict[str, tuple[int, ...]]:
    return {name: tuple(tensor.shape) for name, tensor in module.state_dict().items()}


def emitted(compiled: Compiled) -> Any:
    source = compiled.source()
    assert written_wrong(source) == []
    return entry_of(source, function_name(compiled.network))


def same_at(text: str, entry: Any, values: dict[str, Any]) -> bool:
    """Holds the code at these arguments beside the network of these parameters; whether there is one."""
    given = {name: value for name, value in values.items() if name in signature(entry).parameters}
    try:
        compiled = compiled_from(text, given)
    except ArchError:
        return False
    module = made(entry, given)
    compare(module, compiled.network)
    # In order and without names: under these values a block may be one module alone, which has no class around it.
    assert [*shapes(module).values()] == [*shapes(emitted(compiled)()).values()], given
    return True


def test_a_condition_that_asks_for_what_enters_is_found_again_under_other_numbers() -> None:
    """It is known without `in` as long as the other half of it fails."""
    text = "network n(t=1)\ninput 8x8x4\n\n| conv 3x3, round_to(8*t, 4) |\n| conv 3x3, 8; dropout 0.5 if in > 4 and t > 1 |\n| fc 3 |\n"
    entry = emitted(compiled_from(text))
    for t in (0.5, 1.0, 1.5, 2.0):
        assert same_at(text, entry, {"t": t})


@pytest.mark.parametrize("name", CASES)
def test_a_condition_leaves_its_parameter_an_argument(name: str) -> None:
    parameters, blocks, rows, code = CASES[name]
    text = SPEC.format(parameters=parameters, blocks=blocks, rows=rows)
    compiled = compiled_from(text)
    assert code in compiled.source()
    entry = emitted(compiled)
    assert [*signature(entry).parameters] == [*compiled.network.parameters]
    assert sum(same_at(text, entry, values) for values in OTHERS) >= 2


@pytest.mark.filterwarnings("ignore:.*torch.jit:DeprecationWarning")
@pytest.mark.parametrize("name", [name for name in CASES if name != "halves"])
def test_the_forms_of_conditions_pass_through_the_tools_of_torch(name: str) -> None:
    parameters, blocks, rows, _ = CASES[name]
    text = SPEC.format(parameters=parameters, blocks=blocks, rows=rows)
    module = compiled_from(text).build().eval()
    x = torch.randn(2, 4, 8, 8)
    with torch.no_grad():
        due = module(x)
        assert torch.equal(torch.jit.script(module)(x), due)
        torch.testing.assert_close(torch.export.export(module, (x,)).module()(x), due)


def random_programs_hold(start: int, stop: int) -> int:
    """How many programs were run with other arguments."""
    tried = 0
    for i in range(start, stop):
        drawn = Drawn(i)
        try:
            compiled = compiled_from(drawn.text)
        except ArchError:
            continue
        entry = emitted(compiled)
        compare(made(entry, {}), compiled.network)
        tried += sum(same_at(drawn.text, entry, drawn.values()) for _ in range(3))
    return tried


def test_random_conditions_on_arguments() -> None:
    assert random_programs_hold(0, 8) > 10


@pytest.mark.slow
@pytest.mark.parametrize("chunk", range(10))
def test_many_random_conditions_on_arguments(chunk: int) -> None:
    assert random_programs_hold(100 + 40 * chunk, 140 + 40 * chunk) > 60
