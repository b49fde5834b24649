"""Every convention against its counter on networks drawn over every layer: the same number, to the last digit.

``python tools/try_counters.py --count 1000`` does the same on others.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
import torch
from counters_compared import WITHOUT_A_TOOL, differences
from popular_counters import PRINTED, TOOLS
from random_counted import Unreachable, some

from archspec import ops
from archspec.arguments import Argument
from archspec.counting.counters import COUNTERS
from archspec.op import Call, Elementwise, Op, Refused, Requirement, Shape

pytestmark = pytest.mark.torch

SEED, COUNT = "every layer", 60


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> Iterator[None]:
    """Layers as small as these take longer on many threads."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.mark.xdist_group("random networks")  # whose compilation they share
@pytest.mark.parametrize("tool", TOOLS)
def test_a_counter_on_random_networks(tool: str) -> None:
    found = [(line, drawn.text) for drawn in some(SEED, COUNT) for line in differences(drawn.text, [tool])]
    assert not found, "\n".join(f"{line}\n{text}" for line, text in found[:3])


def test_every_layer_is_drawn() -> None:
    layers = {layer for drawn in some(SEED, COUNT) for layer in drawn.layers}
    assert layers == {op.spelled() for op in ops.every() if op.known}


def test_every_argument_is_drawn() -> None:
    texts = "\n".join(drawn.text for drawn in some(SEED, 12 * COUNT))
    arguments = [(op.spelled(), name) for op in ops.every() if op.known for name in op.arguments]
    assert [each for each in arguments if not re.search(r"[ \[]{} [^;|\]]*\b{}=".format(*each), texts)] == []


def test_networks_have_repetitions_joins_steps_and_blocks() -> None:
    texts = [drawn.text for drawn in some(SEED, COUNT)]
    assert all(any(form in text for text in texts) for form in ("] x ", "| add", "; ", "| conv_block |", "k x 2 |"))


def test_every_convention_has_its_counter_or_what_else_it_is_held_to() -> None:
    assert {*PRINTED, *WITHOUT_A_TOOL} == {*COUNTERS}
    assert not {*PRINTED} & {*WITHOUT_A_TOOL}
    assert COUNTERS["timm"].items == COUNTERS["fvcore"].items


class Alone(Elementwise):
    """A layer that fits no input."""

    def requires(self, x: Shape) -> Iterator[Requirement]:
        yield Requirement(False, lambda: Refused("no"))

    def torch(self, x: Shape) -> tuple[Call, ...]:
        return ()


class Particular(Elementwise):
    """A layer with an argument that takes none of the values that are offered."""

    only = Argument[str](lambda value: value if value == "one word" else None, "one word")

    def torch(self, x: Shape) -> tuple[Call, ...]:
        return ()


@pytest.mark.parametrize(("kind", "says"), [(Alone, "fits no input"), (Particular, "`only` takes one word")])
def test_a_layer_that_cannot_be_drawn_is_said(kind: type[Op], says: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ops, "every", lambda: [kind])
    with pytest.raises(Unreachable, match=says):
        some("never", 1)
