"""Every network of the corpus against torch: parameters tensor by tensor, shapes row by row, work by two counters."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache

import pytest
import torch
from networks import named, param, statements
from torch import nn
from witness import (
    META,
    SPECS,
    Ran,
    corpus,
    expected_outputs,
    meta_build,
    parameters_of,
    ran,
    size,
    unrolled,
    weights_of,
)

from archspec.analysis.cost import RowCost, rows_of, totals_of
from archspec.analysis.inferred import Shaped
from archspec.analysis.shapes import infer
from archspec.counting.conventions import Counting
from archspec.diagnostics import Report
from archspec.ir.network import Network
from archspec.language.syntax import Head
from archspec.op import Op, Shape

pytestmark = pytest.mark.torch

CORPUS = corpus()


DEEPEST = {"preact_resnet.arch:1001", "preact_resnet_imagenet.arch:101", "preact_resnet_imagenet.arch:200"} | {
    f"{name}.arch:{depth}" for name in ("se_resnet", "se_resnet_ablations", "wrn_imagenet") for depth in (101, 152)
}
"""Members of families whose others are tried in every run."""


each_network = named(CORPUS, slow=DEEPEST)
WITH_HEADS = [name for name in CORPUS if any(isinstance(s, Head) for s in statements(name.partition(":")[0]))]

# Parameters and mult-adds of torchvision 0.28.0's models, counted there by forward hooks.
TORCHVISION = {
    "vgg.arch:A": (132_863_336, 7_609_090_048),  # vgg11
    "vgg.arch:B": (133_047_848, 11_308_466_176),  # vgg13
    "vgg.arch:D": (138_357_544, 15_470_264_320),  # vgg16
    "vgg.arch:E": (143_667_240, 19_632_062_464),  # vgg19
}
# AlexNet of 2012 with its two groups, and as one tower: the literature's figures. Torchvision's `alexnet` is neither.
ALEXNET = {
    "alexnet.arch": (60_965_224, 724_406_816),
    "alexnet_cs231n.arch": (62_378_344, 1_135_256_096),
}


def test_every_spec_is_tested() -> None:
    assert {name.partition(":")[0] for name in CORPUS} == {path.name for path in SPECS}
    assert set(CORPUS) >= DEEPEST
    assert len(SPECS) >= 7


@cache
def torch_of(name: str, training: bool = False) -> tuple[nn.Module, Ran]:
    """The module of a network and one run of it, without memory for either; many tests look at both."""
    compiled = CORPUS[name]
    model = meta_build(compiled).train(training)
    return model, ran(model, torch.empty(size(compiled.network.input_shape, 2), device=META))


@each_network
def test_parameters_agree_with_torch_tensor_by_tensor(name: str) -> None:
    found = [(key.rpartition(".")[2], shape) for key, shape in parameters_of(torch_of(name)[0]).items()]
    assert found == weights_of(CORPUS[name].network)


@each_network
def test_totals_agree_with_torch(name: str) -> None:
    compiled, (model, run) = CORPUS[name], torch_of(name)
    plain = totals_of(compiled.network, compiled.inferred, Counting())
    heads = {head.name for head in compiled.network.heads}
    assert bool(heads) == (name in WITH_HEADS)
    named = [(key, p.numel()) for key, p in model.named_parameters() if key.partition(".")[0] not in heads]
    assert plain.params == sum(count for _, count in named)
    assert plain.mult_adds == run.flops_halved == run.hooked
    if compiled.network.counted in ((), ("cs231n",)):
        unbiased = compiled.network.counted == ("cs231n",)
        assert compiled.params == sum(count for key, count in named if not (unbiased and key.endswith("bias")))
        assert compiled.mult_adds == plain.mult_adds


@named(WITH_HEADS)
def test_heads_are_what_training_adds(name: str) -> None:
    compiled, (model, run) = CORPUS[name], torch_of(name, training=True)
    whole = totals_of(compiled.network, compiled.inferred, Counting(["with heads"]))
    assert whole.params == sum(p.numel() for p in model.parameters())
    assert whole.mult_adds == run.flops_halved == run.hooked
    assert run.heads == tuple(rows[-1].output for rows in compiled.heads.values())


@each_network
def test_every_row_gives_the_shape_that_torch_gives(name: str) -> None:
    compiled = CORPUS[name]
    assert list(torch_of(name)[1].outputs.values()) == expected_outputs(compiled.network)
    ends = {layer.row: layer.y for layer in unrolled(compiled.network) if layer.head is None}
    assert {i: compiled.rows[i].output for i in ends} == ends


@each_network
def test_rows_add_up_to_what_each_attribute_has(name: str) -> None:
    network, inferred = CORPUS[name].network, CORPUS[name].inferred
    children = [sum(p.numel() for p in child.parameters()) for child in torch_of(name)[0].children()]
    rows = rows_of(inferred.rows, Counting()) + [
        row for head in inferred.heads.values() for row in rows_of(head, Counting(), first=False)
    ]
    assert [count for count in children if count] == [sum(group) for group in _grouped(rows, network) if sum(group)]


def _grouped(rows: list[RowCost], network: Network) -> list[list[int]]:
    """The parameters of rows, those of a head that is one attribute together."""
    groups = [[row.params] for row in rows[: len(network.rows)]]
    left = [row.params for row in rows[len(network.rows) :]]
    for head in network.heads:
        own, left = left[: len(head.rows)], left[len(head.rows) :]
        groups += [[count] for count in own] if any(row.sources for row in head.rows) else [own]
    return groups


@each_network
def test_repetitions_and_blocks_count_as_often_as_they_stand(name: str) -> None:
    walked = Counter((layer.head, layer.row, layer.op, layer.xs) for layer in unrolled(CORPUS[name].network))
    inferred = infer(CORPUS[name].network, Report())
    short: Counter[tuple[str | None, int, Op, tuple[Shape, ...]]] = Counter()
    named: list[tuple[str | None, list[Shaped]]] = [(None, inferred.rows), *inferred.heads.items()]
    for head, rows in named:
        for i, item in enumerate(rows):
            for use in item.uses:
                short[head, i, use.op, use.xs] += use.times
    assert short == walked


PRINTED = [name for name in CORPUS if not name.startswith("digits")]  # no paper prints anything about the digits


@named(PRINTED)
def test_every_printed_cell_and_claim_holds(name: str) -> None:
    compiled = CORPUS[name]
    judged = [check for check in (*compiled.cells, *compiled.claims) if check.verdict != "reported"]
    assert judged
    assert [check for check in judged if not check.holds] == []
    assert compiled.holds


@pytest.mark.parametrize(("name", "figures"), [param(*each) for each in [*TORCHVISION.items(), *ALEXNET.items()]])
def test_reference_counts_of_others(name: str, figures: tuple[int, int]) -> None:
    assert (CORPUS[name].params, CORPUS[name].mult_adds) == figures


def test_a_column_of_vgg_is_the_network_of_its_own_file() -> None:
    column, alone = CORPUS["vgg.arch:D"], CORPUS["vgg_D.arch"]
    for part in ("rows", "input", "parameters", "counted"):
        assert getattr(column.network, part) == getattr(alone.network, part)
    drawn = re.compile(r"Initialise (by|as in) |nn\.init\.")
    assert _without(drawn, column.source()) == _without(drawn, alone.source())  # their recipes draw them otherwise


def _without(pattern: re.Pattern[str], source: str) -> list[str]:
    return [line for line in source.splitlines() if not pattern.search(line)]
