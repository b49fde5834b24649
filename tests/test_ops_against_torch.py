"""Every layer type against torch: it refuses what torch refuses, and agrees with it on all else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
import torch
from hypothesis import given, note, settings
from random_examples import each_share
from reference_layers import INPUTS, MAPS, REFERENCES, STRATEGIES
from torch import Tensor, nn
from witness import META, buffers_of, flops_halved, hooked, modules_of, parameters_of, shape_of, size

from archspec import loads, ops
from archspec.arguments import Misfit
from archspec.op import Op, Refused, Shape

pytestmark = pytest.mark.torch

OPS = {op.spelled(): op for op in ops.every() if op.arity == 1 and op.known}
MANY = {"conv": 500, "maxpool": 300, "avgpool": 300, "partial-conv": 350, "dwconv": 300, "transposed-conv": 400}
REFUSED_OFTEN = {"partial-conv": 8}
"""The share of the random arguments that must be accepted, where it is not a sixth."""


def test_every_layer_type_has_random_arguments_and_a_reference() -> None:
    assert set(STRATEGIES) == set(REFERENCES) == set(OPS)


@pytest.mark.parametrize("name", sorted(OPS))
def test_the_random_arguments_reach_every_field(name: str) -> None:
    reached: set[str] = set()

    @settings(max_examples=40, database=None)
    @given(STRATEGIES[name])
    def draw(args: dict[str, Any]) -> None:
        reached.update(args)

    draw()
    assert reached == set(OPS[name].arguments)


@each_share
@pytest.mark.parametrize("name", sorted(STRATEGIES))
def test_a_layer_type_refuses_exactly_what_torch_refuses_and_agrees_on_all_else(name: str, share: int) -> None:
    accepted, examples = 0, MANY.get(name, 60) // share

    @settings(max_examples=examples)
    @given(STRATEGIES[name], INPUTS)
    def agree(args: dict[str, Any], x: Shape) -> None:
        nonlocal accepted
        op, expected = _asked(name, args, x), _by_hand(name, args, x)
        note(f"archspec gives {op and op.accept(x)}, torch {None if expected is None else tuple(expected.shape)}")
        assert (op is None) == (expected is None)
        if op is not None:
            accepted += 1
            _same_shapes_weights_and_work(op, x)
            _same_values(op, x, REFERENCES[name](args, x))
            _same_said_most_plainly(op, x)

    agree()
    assert accepted >= examples // REFUSED_OFTEN.get(name, 6)


def _same_shapes_weights_and_work(op: Op, x: Shape) -> None:
    with META:
        modules = modules_of(op.torch(x))
        model, last = nn.Sequential(*modules).eval(), modules[-1] if modules else nn.Identity()
        y, one = op.infer(x), torch.empty(size(x, 1))
        assert shape_of(model(torch.empty(size(x, 2)))) == y
        assert list(op.weights(x).items()) == list(parameters_of(last).items())
        assert op.buffers(x) == buffers_of(last)
        assert parameters_of(last).keys() == {name.rpartition(".")[2] for name in parameters_of(model)}
        assert op.macs(y, x) == flops_halved(model, one) == hooked(model, one)


def _same_said_most_plainly(op: Op, x: Shape) -> None:
    """What the plainest op computes, with the same numbers in its weights, is the same but for the shape."""
    plain = op.plainest(x)
    if plain is not op:
        torch.manual_seed(0)
        one, other = (nn.Sequential(*modules_of(each.torch(x))).eval() for each in (op, plain))
        for mine, theirs in zip(one.parameters(), other.parameters(), strict=True):
            theirs.data = mine.data.reshape(theirs.shape)
        image = torch.randn(size(x, 2))
        torch.testing.assert_close(one(image).flatten(), other(image).flatten())


def _same_values(op: Op, x: Shape, reference: nn.Module) -> None:
    torch.manual_seed(0)
    emitted = nn.Sequential(*modules_of(op.torch(x))).eval()
    _share_random_weights(emitted, reference.eval())
    data = torch.randn(size(x, 2))
    with torch.no_grad():
        torch.testing.assert_close(emitted(data.clone()), reference(data.clone()), rtol=1e-4, atol=1e-4)


@settings(max_examples=20)
@given(MAPS)
def test_a_map_is_flattened_channel_first(x: Shape) -> None:
    data = torch.arange(2 * x.size).reshape(size(x, 2))
    (flatten,) = modules_of(OPS["flatten"]().torch(x))
    height, width = x.extent
    by_hand = [
        [data[b, c, i, j].item() for c in range(x.channels) for i in range(height) for j in range(width)]
        for b in range(2)
    ]
    assert flatten(data).tolist() == by_hand


def test_lrn_with_the_paper_s_constants_is_not_torch_s_own_default() -> None:
    # Were alpha handed over as it is, it would multiply a mean, and the paper's sum is five times that.
    x = Shape(8, 2, 3)
    (lrn,) = modules_of(OPS["lrn"](alpha=0.5).torch(x))
    data = torch.randn(size(x, 1))
    middle = data[:, 4] / (2 + 0.5 * data[:, 2:7].square().sum(1)) ** 0.75
    torch.testing.assert_close(lrn(data)[:, 4], middle)


def test_each_use_of_a_block_normalises_over_as_many_maps_as_it_is_given() -> None:
    spec = "network n(m=3)\ninput 4x4x8\n\nblock b(n)\n| lrn n=n, alpha=0.5 |\n\n| b(m) |\n| b(7) |\n"
    found = [m for m in loads(spec).build().modules() if isinstance(m, nn.LocalResponseNorm)]
    assert [(m.size, m.alpha) for m in found] == [(3, 1.5), (7, 3.5)]


@pytest.mark.parametrize("name", ["avgpool", "maxpool"])
def test_ceil_counts_a_last_window_only_where_it_starts_inside(name: str) -> None:
    # 4 rows, windows of 1 by 3: a third would start at 6, beyond the input.
    op = OPS[name](kernel=1, stride=3, ceil=True)
    assert op.accept(Shape(1, 5, 4)) == Shape(1, 2, 2)


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("bn", {"eps": 0}),
        ("bn", {"momentum": 1.5}),
        ("conv", {"kernel": 3, "channels": 0}),
        ("fc", {"units": 0}),
        ("rbf", {"units": 0}),
        ("adaptive-avgpool", {"size": 0}),
        ("partial-conv", {"kernel": 3, "maps": ""}),
        ("partial-conv", {"kernel": 3, "maps": "0, , 1"}),
        ("partial-conv", {"kernel": 3, "maps": "0 0, 1"}),
    ],
)
def test_a_layer_of_nothing_is_refused_although_torch_takes_it(name: str, args: Mapping[str, Any]) -> None:
    with pytest.raises(Misfit):
        OPS[name](**args)


def _asked(name: str, args: Mapping[str, Any], x: Shape) -> Op | None:
    """The layer, or None where archspec refuses it."""
    try:
        op = OPS[name](**args)
        op.accept(x)
    except (Refused, Misfit):
        return None
    return op


def _by_hand(name: str, args: Mapping[str, Any], x: Shape) -> Tensor | None:
    """The output of the reference, or None where torch refuses it, or takes the batch of vectors for a map."""
    try:
        with torch.no_grad():
            y: Tensor = REFERENCES[name](args, x).eval()(torch.zeros(size(x, 2)))
    except (RuntimeError, ValueError, IndexError, ZeroDivisionError):
        return None
    return y if y.shape[0] == 2 else None


def _share_random_weights(emitted: nn.Module, reference: nn.Module) -> None:
    """The same values in both, tensor by tensor: names may differ by the place in a Sequential."""
    stored = [t for t in emitted.state_dict().values() if t.is_floating_point()]
    copied = [t for t in reference.state_dict().values() if t.is_floating_point()]
    for ours, theirs in zip(stored, copied, strict=True):
        ours.copy_(torch.rand(ours.shape) + 0.1)
        theirs.copy_(ours)
