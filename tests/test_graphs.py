"""Random networks with blocks, branches, named rows and heads against torch, and their emitted code against its tools."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from inspect import signature
from pathlib import Path
from typing import Any

import expert
import pytest
import torch
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from random_examples import drawn, each_share
from random_graphs import graphs
from random_specs import specs
from second_witness import entry
from torch import nn
from witness import (
    META,
    Unrolled,
    expected_outputs,
    kept_by,
    meta_build,
    parameters_of,
    ran,
    size,
    weights_of,
)

from archspec.analysis.cost import totals_of
from archspec.compiled import Compiled
from archspec.counting.conventions import Counting
from archspec.diagnostics import ArchError, Source
from archspec.elaborate import Request
from archspec.ir.json import from_json, to_json
from archspec.pipeline import compile_text

pytestmark = pytest.mark.torch

PLAIN = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much, HealthCheck.large_base_example]
each = partial(drawn, few=20, many=80, suppress_health_check=PLAIN)
few = partial(drawn, few=4, many=10, suppress_health_check=PLAIN)


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> Iterator[None]:
    """Layers as small as these take longer on many threads."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def compiled_from(text: str, **parameters: Any) -> Compiled:
    return compile_text(Source("random.arch", text), Request(parameters=parameters))


def whole(compiled: Compiled) -> Any:
    """The totals with the heads."""
    return totals_of(compiled.network, compiled.inferred, Counting(["with heads"]))


@each(graphs())
def test_the_analysis_of_a_random_graph_is_what_torch_does(text: str) -> None:
    compiled = compiled_from(text)
    model, x = meta_build(compiled), torch.empty(size(compiled.network.input_shape, 2), device=META)
    assert [(name.rpartition(".")[2], shape) for name, shape in parameters_of(model).items()] == weights_of(
        compiled.network
    )
    run = ran(model, x)
    assert list(run.outputs.values()) == expected_outputs(compiled.network)
    assert compiled.mult_adds == run.flops_halved == run.hooked
    trained = ran(model.train(), x)
    assert trained.heads == tuple(Unrolled(compiled.network).heads.values())
    assert whole(compiled).mult_adds == trained.flops_halved == trained.hooked
    assert whole(compiled).params == sum(p.numel() for p in model.parameters())


@drawn(st.one_of(graphs(), specs()), few=8, many=80, suppress_health_check=PLAIN)
def test_what_training_keeps_is_what_autograd_keeps(text: str) -> None:
    compiled = compiled_from(text)
    x = torch.randn(size(compiled.network.input_shape, 2), requires_grad=True)
    assert whole(compiled).kept == kept_by(compiled.build(), x)


FACTORS = """network factors(classes=2)
input 5x5x3

| layer | op              | from       |
|-------|-----------------|------------|
| a     | conv 3x3, 3     |            |
| b     | sigmoid         | a          |
| c     | global-avgpool  | a          |
| d     | multiply        | {factors}  |
| fc    | fc classes      |            |
"""


@pytest.mark.parametrize("factors", ["c, b, a", "a, b, c", "c, c, b, a", "a, b, c, b, a"])
def test_a_product_of_several_keeps_the_products_on_its_way(factors: str) -> None:
    compiled = compiled_from(FACTORS.format(factors=factors))
    x = torch.randn(size(compiled.network.input_shape, 2), requires_grad=True)
    assert whole(compiled).kept == kept_by(compiled.build(), x)


@each(graphs())
def test_a_random_graph_learns_and_leaves_its_input_alone(text: str) -> None:
    compiled = compiled_from(text)
    model = compiled.build().train()
    images = torch.randn(size(compiled.network.input_shape, 2))
    before = images.clone()
    got = model(images)
    sum(y.sum() for y in (got if isinstance(got, tuple) else (got,))).backward()
    assert torch.equal(images, before)
    assert [name for name, p in model.named_parameters() if p.grad is None] == []


@each(graphs())
def test_a_random_graph_survives_json_and_is_emitted_the_same_again(text: str) -> None:
    compiled = compiled_from(text)
    again = from_json(to_json(compiled.network))
    assert again == compiled.network
    assert to_json(again) == to_json(compiled.network)
    assert compiled.source() == compiled_from(text).source()


@each_share
@expert.one_worker
def test_random_graphs_are_emitted_as_the_tools_of_an_expert_would_have_it(share: int, tmp_path: Path) -> None:
    sources: set[str] = set()

    @settings(max_examples=150 // share, suppress_health_check=PLAIN)
    @given(graphs())
    def collect(text: str) -> None:
        sources.add(compiled_from(text).source())

    collect()
    assert len(sources) > 60 // share
    for i, source in enumerate(sorted(sources)):
        (tmp_path / f"random_{i}.py").write_text(source, "utf-8")
    for tool in (expert.CHECK, expert.FORMAT, expert.MYPY):
        expert.assert_passes(tool, ".", folder=tmp_path)


def small(text: str) -> tuple[nn.Module, torch.Tensor]:
    """The network as at test time, and two images for it."""
    compiled = compiled_from(text)
    torch.manual_seed(0)
    return compiled.build().eval(), torch.randn(size(compiled.network.input_shape, 2))


@few(graphs())
def test_torch_exports_random_graphs(text: str) -> None:
    model, x = small(text)
    with torch.no_grad():
        torch.testing.assert_close(torch.export.export(model, (x,)).module()(x), model(x))


@pytest.mark.long
@few(graphs())
def test_torch_compiles_random_graphs_whole(text: str) -> None:
    model, x = small(text)
    torch.compiler.reset()
    with torch.no_grad():
        torch.testing.assert_close(torch.compile(model, fullgraph=True, backend="eager")(x), model(x))


@few(graphs())
@pytest.mark.filterwarnings("ignore:.*torch.jit:DeprecationWarning")
def test_torch_scripts_random_graphs(text: str) -> None:
    model, x = small(text)
    with torch.no_grad():
        torch.testing.assert_close(torch.jit.script(model)(x), model(x))


REFUSED = {"E0701", "E0605", "E0202"}
"""What other parameters may lead to: a join of other widths, an argument out of bounds, a fraction."""


@each(graphs(), st.integers(2, 12), st.integers(2, 9), st.sampled_from([0.25, 0.75, 1.0]))
def test_arguments_of_emitted_graphs_are_the_parameters_of_the_spec(
    text: str, classes: int, w: int, alpha: float
) -> None:
    changed: dict[str, Any] = {"classes": classes, "w": w, "alpha": alpha}
    first = compiled_from(text)
    made = entry(first)
    taken = {key: value for key, value in changed.items() if key in signature(made).parameters}
    try:
        other = compiled_from(text, **taken)
    except ArchError as error:
        assume(not {d.code for d in error.diagnostics if d.severity == "error"} & REFUSED)
        raise
    with META:
        ours, theirs = made(**taken), other.build()
        assert parameters_of(ours) == parameters_of(theirs)
        assert leaves(ours) == leaves(theirs)
        x = torch.empty(size(other.network.input_shape, 2))
        assert ran(ours.eval(), x).outputs == ran(theirs.eval(), x).outputs


def leaves(model: nn.Module) -> list[str]:
    """The layers of a network, with all that they say of themselves."""
    return [str(module) for module in model.modules() if not list(module.children())]


WORDS = [
    "if", "in", "x", "c", "stride", "from", "then relu", "|", ";", ",", "/2", "/stride", "no relu", "add", "concat", "= add of",
    "block b(c, stride=1)", "head h from r1, weight=0.3", "brackets: plain", "shortcut c", "option=A", "\nstride 2 at r1\n",
    "\nbrackets: dense(growth=w)\n", "\nstrides from op\n", "(", ")", "if c > 3",
    "unit", "cell 4", "r1", "r9, r1", "-1", "0", "1/3", "min(c, 4)", "not", "and", "yes", "3x3", "in/3", "x 1000000", '"a"',
]  # fmt: skip


@drawn(
    graphs(),
    st.lists(st.tuples(st.integers(0, 5000), st.sampled_from(WORDS), st.integers(0, 12)), max_size=3),
    few=60,
    many=300,
    suppress_health_check=PLAIN,
)
def test_a_damaged_graph_compiles_or_is_refused(text: str, slips: list[tuple[int, str, int]]) -> None:
    for at, word, cut in slips:
        place = at % (len(text) + 1)
        text = f"{text[:place]} {word} {text[place + cut :]}" if at % 2 else text[:place] + text[place + cut :]
    try:
        compiled = compiled_from(text)
    except ArchError as error:
        said = [d.code for d in error.diagnostics if d.severity == "error"] if str(error) else []
    else:
        said = ["compiled"]
        compile(compiled.source(), "damaged.py", "exec", dont_inherit=True)
        assert from_json(to_json(compiled.network)) == compiled.network
    assert said
