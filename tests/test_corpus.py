"""Every network of the corpus against torch: parameters tensor by tensor, shapes row by row, work by two counters."""

from __future__ import annotations

from collections import Counter

import pytest
import torch
from witness import META, SPECS, corpus, flops_halved, hooked, meta_build, outputs, parameters_of, size, unrolled

from archspec.diagnostics import Report
from archspec.ir_json import from_json, to_json
from archspec.op import Op, Shape
from archspec.pipeline import Compiled
from archspec.shapes import infer

CORPUS = corpus()
each_network = pytest.mark.parametrize("compiled", CORPUS.values(), ids=CORPUS.keys())

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
    assert len(SPECS) >= 7


@each_network
def test_parameters_agree_with_torch_tensor_by_tensor(compiled: Compiled) -> None:
    found = [(name.rpartition(".")[2], shape) for name, shape in parameters_of(meta_build(compiled)).items()]
    assert found == [tensor for _, op, x in unrolled(compiled.network) for tensor in op.weights(x).items()]


@each_network
def test_totals_agree_with_torch(compiled: Compiled) -> None:
    model = meta_build(compiled)
    data = torch.empty(size(compiled.network.input_shape, 1), device=META)
    unbiased = compiled.network.counted == ("cs231n",)
    counted = [p.numel() for name, p in model.named_parameters() if not (unbiased and name.endswith("bias"))]
    assert compiled.params == sum(counted)
    assert compiled.mult_adds == flops_halved(model, data) == hooked(model, data)


@each_network
def test_every_row_gives_the_shape_that_torch_gives(compiled: Compiled) -> None:
    seen = outputs(meta_build(compiled), torch.empty(size(compiled.network.input_shape, 2), device=META))
    rows = [row for row, source in zip(compiled.rows, compiled.network.rows, strict=True) if source.steps]
    assert list(seen.values()) == [row.output for row in rows]


@each_network
def test_rows_add_up_to_what_each_attribute_has(compiled: Compiled) -> None:
    if compiled.network.counted:
        pytest.skip("its rows leave biases out; the totals are tested above")
    children = [sum(p.numel() for p in child.parameters()) for child in meta_build(compiled).children()]
    rows = zip(compiled.rows, compiled.network.rows, strict=True)
    assert children == [row.params for row, source in rows if source.steps]


@each_network
def test_repetitions_count_as_often_as_they_stand(compiled: Compiled) -> None:
    walked: Counter[tuple[int, Op, Shape]] = Counter(unrolled(compiled.network))
    shaped = infer(compiled.network, Report())
    short: Counter[tuple[int, Op, Shape]] = Counter()
    for i, item in enumerate(shaped):
        for use in item.uses:
            short[i, use.op, use.x] += use.times
    assert short == walked


@each_network
def test_every_printed_cell_and_claim_holds(compiled: Compiled) -> None:
    judged = [check for check in (*compiled.cells, *compiled.claims) if check.verdict != "reported"]
    assert judged
    assert [check for check in judged if not check.holds] == []
    assert compiled.holds


@pytest.mark.parametrize(("name", "figures"), [*TORCHVISION.items(), *ALEXNET.items()])
def test_reference_counts_of_others(name: str, figures: tuple[int, int]) -> None:
    assert (CORPUS[name].params, CORPUS[name].mult_adds) == figures


def test_a_column_of_vgg_is_the_network_of_its_own_file() -> None:
    column, alone = CORPUS["vgg.arch:D"], CORPUS["vgg_D.arch"]
    for part in ("rows", "input", "parameters", "counted"):
        assert getattr(column.network, part) == getattr(alone.network, part)
    assert column.source() == alone.source()


@each_network
def test_the_ir_survives_json(compiled: Compiled) -> None:
    text = to_json(compiled.network)
    again = from_json(text)
    assert again == compiled.network
    assert to_json(again) == text  # 1, 1.0 and True are equal, and not the same
