"""The modules of layers that archspec does not know, in their places in the emitted module."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import pytest
import torch
from commands import Run, runner
from second_witness import examine
from torch import nn

from archspec import load, loads
from archspec.diagnostics import ArchError

pytestmark = pytest.mark.torch

run = pytest.fixture(runner)
TEXT = """network half(width=4, classes=10)
input 8x8x3

head aux from own, weight=0.3
| opaque "aux", 10 |

block layer(c) = add of
| conv 1x1, c; opaque "attn"; relu |
| identity                         |

every conv: conv no bias; bn; relu

| layer | op                          |
|-------|-----------------------------|
| conv  | conv 3x3, width             |
| body  | layer width x 2; layer width |
| own   | opaque "own", 4x4, 2*width  |
| fc    | fc classes                  |
"""


class Mean(nn.Module):
    """To a vector of ten."""

    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(8, 10)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        found: torch.Tensor = self.fc(x.mean((2, 3)))
        return found


def modules() -> dict[str, Any]:
    return {"attn": [nn.Conv2d(4, 4, 1) for _ in range(3)], "own": nn.Conv2d(4, 8, 2, 2), "aux": Mean()}


def test_each_place_has_its_own_module_in_the_order_of_the_table() -> None:
    given = modules()
    model = loads(TEXT).build(opaque=given)
    places = ["body.0.residual.1", "body.1.residual.1", "body.2.residual.1"]
    assert [model.get_submodule(place) for place in places] == given["attn"]
    assert model.own is given["own"]
    assert model.aux is given["aux"]
    assert {f"{place}.weight" for place in places} < model.state_dict().keys()
    assert "aux.fc.weight" in model.state_dict()
    y, aux = model.train()(torch.randn(2, 3, 8, 8))
    assert (y.shape, aux.shape) == ((2, 10), (2, 10))
    (y.sum() + aux.sum()).backward()
    assert all(parameter.grad is not None for parameter in model.parameters())


def test_a_place_goes_by_its_path_too() -> None:
    given = modules()
    first, second, third = given.pop("attn")
    paths = {"body.1.residual.1": second, "body.0.residual.1": first, "body.2.residual.1": third}
    model = loads(TEXT).build(opaque={**given, **paths})
    assert model.get_submodule("body.0.residual.1") is first
    assert model.get_submodule("body.1.residual.1") is second


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"own": None}, "opaque layers have no module: {'own': 'own'}"),
        (
            {"attn": nn.Identity()},
            "1 modules are given for ['body.0.residual.1', 'body.1.residual.1', 'body.2.residual.1']",
        ),
        ({"attn": [nn.Identity()] * 4}, "4 modules are given for ['body.0.residual.1', "),
        ({"attm": nn.Identity()}, "there are no opaque layers ['attm'], but {'body.0.residual.1': 'attn', "),
        ({"own": []}, "0 modules are given for ['own']"),
        ({"conv": nn.Identity()}, "there are no opaque layers ['conv'], but "),
    ],
)
def test_modules_without_a_place_and_places_without_a_module_are_named(change: dict[str, Any], said: str) -> None:
    given = {name: value for name, value in {**modules(), **change}.items() if value is not None}
    with pytest.raises(ArchError) as raised:
        loads(TEXT).build(opaque=given)
    [wrong] = raised.value.diagnostics
    assert wrong.code == "E0909"
    assert wrong.message.startswith(f"the modules given do not fit the network: {said}")


def test_a_module_that_is_given_twice_is_shared() -> None:
    shared = nn.Conv2d(4, 4, 1)
    model = loads(TEXT).build(opaque={**modules(), "attn": [shared] * 3})
    assert model.get_submodule("body.0.residual.1") is model.get_submodule("body.2.residual.1") is shared


def test_nothing_is_built_without_modules(run: Run) -> None:
    net = loads(TEXT)
    for asked in (net.build, partial(net.weights_from, {})):
        with pytest.raises(ArchError) as raised:
            asked()
        assert [d.code for d in raised.value.diagnostics] == ["E0908"]
        assert "build(opaque={NAME: module, ...})" in str(raised.value)
    Path("half.arch").write_text(TEXT, "utf-8")
    torch.save({}, "none.pt")
    done = run("weights", "half.arch", "--from", "none.pt")
    assert done.code == 1
    assert 'error[E0908]: `opaque "attn"` and 2 more need modules to take weights' in done.err


def test_a_network_without_such_layers_takes_none() -> None:
    plain = loads("network n\ninput 8x8x3\n| fc 2 |\n")
    with pytest.raises(ArchError, match="all its layers are known"):
        plain.build(opaque={"a": nn.Identity()})
    assert plain.build(opaque=None)(torch.zeros(1, 3, 8, 8)).shape == (1, 2)


def test_weights_go_to_the_modules_too() -> None:
    theirs = loads(TEXT).build(opaque=modules()).state_dict()
    net = loads(TEXT)
    found = net.weights_from({f"model.{name}": tensor for name, tensor in theirs.items()}, opaque=modules())
    assert found.state.keys() == theirs.keys()
    assert all(torch.equal(found.state[name], tensor) for name, tensor in theirs.items())


def test_what_makes_no_module_of_a_place_is_no_place() -> None:
    """A layer that its condition leaves out needs none; where an argument of the code may bring it up, it does."""
    text = 'network n(deep=no, w=4)\ninput 4x4x2\n\nblock b(c)\n| conv 1x1, c; opaque "a" if c > 5 |\n\n'
    text += '| conv 1x1, 8 |\n| opaque "never" if deep |\n| b w |\n'
    assert loads(text).build()(torch.zeros(1, 2, 4, 4)).shape == (1, 4, 4, 4)
    more = loads(text, w=6)
    with pytest.raises(ArchError):
        more.build()
    assert more.build(opaque={"a": nn.Identity()})(torch.zeros(1, 2, 4, 4)).shape == (1, 6, 4, 4)


def test_names_of_the_network_give_way() -> None:
    text = """network opaque(opaque=3, Opaque=4)
title "Opaque"
input 4x4x2

block layer(c)
| opaque "a"; conv 1x1, c |

| opaque | layer opaque x 2; fc Opaque |
"""
    given = {"a": [nn.Identity(), nn.Identity()]}
    assert loads(text).build(opaque=given)(torch.zeros(1, 2, 4, 4)).shape == (1, 4)


@pytest.mark.parametrize(
    "row",
    [
        'opaque "own"; relu; fc 3',
        '[opaque "own"; relu] x 3; fc 3',
        'b in; relu; b 2*in; opaque "mean", 2*in; relu; fc w',
        'opaque "own"; identity; flatten; relu; fc 3',
        "b in x 2; channels 1..2; relu; fc 3",
    ],
)
def test_nothing_writes_over_what_such_a_layer_gives(row: str) -> None:
    """The modules in their places need their outputs for the backward pass."""
    text = f"""network n(w=4)
input 6x6x3

every opaque: opaque; relu

block b(c) = add of
| conv 1x1, c; opaque "own" |
| shortcut c                |

| conv 3x3, w; {row} |
"""
    found = examine(text, [{"w": 6}])
    assert (found.refused, found.faults, found.arguments) == ((), [], 1)


def test_the_code_of_a_file_is_called_with_modules(run: Run) -> None:
    Path("half.arch").write_text(TEXT, "utf-8")
    assert run("compile", "half.arch", "-o", "half.py").code == 0
    space: dict[str, Any] = {"__name__": "half"}
    exec(compile(Path("half.py").read_text("utf-8"), "half.py", "exec", dont_inherit=True), space)
    model = space["half"](
        8, opaque={**modules(), "attn": [nn.Conv2d(8, 8, 1) for _ in range(3)], "own": nn.Conv2d(8, 16, 2, 2)}
    )
    assert model.fc[1].in_features == 16 * 16
    given = [model.own, model.aux, *(block.residual[1] for block in model.body)]
    own = sum(p.numel() for p in model.parameters()) - sum(p.numel() for each in given for p in each.parameters())
    assert load("half.arch", width=8).params == own
