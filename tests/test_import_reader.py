"""Modules of torch as graphs of layers: each operation by a small module, whose spec gives the same numbers."""

from __future__ import annotations

import pytest

pytest.importorskip("torch")


from modules_to_import import CASES, Case

import archspec
from archspec import ops
from archspec.importing.graph import Graph
from archspec.importing.plain import plain, step
from archspec.importing.torch.reader import read
from archspec.importing.torch.rules import RULES
from archspec.importing.torch.verify import verify
from archspec.op import Shape

pytestmark = pytest.mark.torch


def shape(dims: tuple[int, ...]) -> Shape:
    return Shape(dims[0]) if len(dims) == 1 else Shape(dims[2], dims[0], dims[1])


def layers(graph: Graph) -> str:
    return "; ".join(step(layer) for layer in graph.layers)


@pytest.mark.parametrize("case", [pytest.param(case, id=name) for name, case in CASES.items()])
def test_a_module_is_read_as_its_layers_and_they_are_it(case: Case) -> None:
    module = case.make()
    graph = read(module, shape(case.input), "small", "Small")
    assert layers(graph) == case.layers
    verdict = verify(module, graph, archspec.loads(plain(graph)))
    assert verdict.holds, verdict.reason


def test_every_layer_that_torch_has_is_read() -> None:
    read_as = {word.split()[0] for case in CASES.values() for word in case.layers.split("; ")}
    ours = {"identity", "flatten", "drop-path", "l2norm", "partial-conv", "rbf", "subsample"}
    assert set(ops.names()) - read_as == ours


def test_no_operation_is_entered_twice_and_all_take_a_tensor() -> None:
    assert len(RULES) > 60
    assert {name for name in RULES if name.endswith("_")} == set()
