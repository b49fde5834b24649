"""Modules of torch that nobody expects: each is read as what it is, has an opaque row, or one diagnostic with its path."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

pytest.importorskip("torch")

import torch
from hypothesis import HealthCheck
from modules_to_import import By
from random_examples import drawn
from random_specs import specs
from torch import Tensor, nn
from torch.nn import functional as F

import archspec
from archspec import ArchError
from archspec.importing.graph import Graph
from archspec.importing.importing import import_module, spec_of
from archspec.importing.torch.reader import Unread, read
from archspec.importing.torch.verify import verify
from archspec.op import Shape

pytestmark = pytest.mark.torch
SMALL = Shape(6, 8, 8)


class Odd(nn.Module):
    """A module of one function, called as a class that is known."""

    def __init__(self, forward: Callable[[Tensor], Tensor], **more: Any) -> None:
        super().__init__()
        self.says = forward
        self.__dict__ |= more

    def forward(self, x: Tensor) -> Tensor:
        return self.says(x)


def called(name: str, forward: Callable[[Tensor], Tensor], **more: Any) -> nn.Module:
    made: nn.Module = type(name, (Odd,), {})(forward, **more)
    return made


def conv(**more: Any) -> nn.Module:
    return nn.Conv2d(6, 6, 1, **more)


def hooked(module: nn.Module) -> nn.Module:
    module.register_forward_hook(lambda module, given, output: output * 3)
    return module


class Normalised(nn.BatchNorm2d):
    """By the statistics of the batch, at test time as well."""

    def forward(self, x: Tensor) -> Tensor:
        return F.batch_norm(x, self.running_mean, self.running_var, self.weight, self.bias, True, 0.1, self.eps)


class ResponseNorm(nn.Module):
    """ConvNeXt V2's own, channels last."""

    def __init__(self, eps: float) -> None:
        super().__init__()
        self.gamma, self.beta = nn.Parameter(torch.zeros(1, 1, 1, 6)), nn.Parameter(torch.zeros(1, 1, 1, 6))
        self.offset = eps

    def forward(self, x: Tensor) -> Tensor:
        length = x.norm(p=2, dim=(1, 2), keepdim=True)
        found: Tensor = self.gamma * (x * length / (length.mean(-1, keepdim=True) + self.offset)) + self.beta + x
        return found


def ours(eps: float = 1e-6) -> nn.Module:
    norm = type("GRN", (ResponseNorm,), {})(eps)
    return By(lambda x, norm: norm(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2), norm=norm)


def cut(x: Tensor, conv: nn.Module) -> Tensor:
    y: Tensor = conv(x)
    y[:, 0] = 0
    return y


def mixed(x: Tensor, conv: nn.Module) -> Tensor:
    with torch.autocast("cpu", dtype=torch.bfloat16):
        found: Tensor = conv(x)
    return found


def dynamic(x: Tensor, conv: nn.Module) -> Tensor:
    kernels = conv(x).mean((2, 3)).view(6, 1, 1, 1).expand(6, 6, 1, 1)
    return F.conv2d(x, kernels)


def gained(x: Tensor, conv: nn.Module) -> Tensor:
    scales = conv(x).mean((2, 3)).view(6)
    return F.group_norm(x, 2, scales, scales)


def stored(x: Tensor, conv: nn.Module) -> Tensor:
    return F.prelu(torch.arange(6, dtype=x.dtype).view(1, 6), conv(x).mean((2, 3)).view(6))


READ: dict[str, tuple[Callable[[], nn.Module], str]] = {
    "a namesake of softsign": (lambda: called("Softsign", torch.tanh), "tanh"),
    "a namesake of swish": (lambda: called("Swish", lambda x: x * torch.sigmoid(2 * x)), "scale; sigmoid; multiply"),
    "a namesake without what the other has": (lambda: called("LocalResponseNorm", lambda x: x / 2), "scale"),
    "a namesake of what drops branches": (lambda: called("DropPath", lambda x: x * 2, drop_prob=0.5), "scale"),
    "one that drops none": (lambda: called("DropPath", lambda x: x, drop_prob="none"), "identity"),
    "a namesake that is the same": (ours, "grn"),
    "a namesake with another epsilon": (lambda: ours(1e-5), "opaque"),
    "a hook on what is known": (lambda: hooked(nn.Softsign()), "opaque; scale"),
    "a hook": (lambda: hooked(nn.ReLU()), "relu; scale"),
    "dropout at test time": (lambda: Odd(lambda x: F.dropout(x, 0.5, True)), "opaque"),
    "statistics of the batch": (lambda: Normalised(6), "opaque"),
    "another factor than that of the sizes": (lambda: nn.Upsample(scale_factor=2.1, mode="bilinear"), "opaque"),
    "whole numbers": (lambda: Odd(lambda x: x.long().type_as(x)), "opaque"),
    "truth values": (lambda: Odd(lambda x: x * (x > 0)), "opaque"),
    "a gradient that stops": (lambda: By(lambda x, conv: conv(x).detach() + x, conv=conv()), "conv; opaque; add"),
    "a mean over the batch": (lambda: Odd(lambda x: x - x.mean((0, 2, 3), keepdim=True)), "opaque; scale; add"),
    "a factor that no spec has": (lambda: Odd(lambda x: x * 1e15), "opaque"),
    "nothing": (nn.Sequential, "identity"),
    "a part that is written over": (lambda: By(cut, conv=conv()), "opaque"),
    "a tensor that is stretched": (
        lambda: By(lambda x, conv: conv(x[:, :1].expand(-1, 6, -1, -1)), conv=conv()),
        "channel-split; opaque",
    ),
    "a soft-max over what is stretched": (
        lambda: By(lambda x, conv: conv(x)[:, :1].expand(-1, 6, -1, -1).softmax(1) * x, conv=conv()),
        "opaque",
    ),
    "precision by itself": (lambda: By(mixed, conv=conv()), "opaque"),
    "kernels that are computed": (lambda: By(dynamic, conv=conv()), "opaque"),
    "scales that are computed": (lambda: By(gained, conv=conv()), "opaque"),
    "a stored tensor in the place of the input": (lambda: By(stored, conv=conv()), "conv; global-avgpool; opaque"),
    "windows over the end": (lambda: nn.LPPool2d(2, 3, 2, ceil_mode=True), "opaque"),
    "soft-max in the end": (lambda: nn.Sequential(conv(), nn.Softmax(1)), "conv; softmax"),
    "bounds of its own": (lambda: Odd(lambda x: x.clamp(torch.zeros(1), torch.ones(1))), "opaque"),
}
RANDOM = {"dropout at test time"}


def ops(graph: Graph) -> str:
    return "; ".join(layer.op for layer in graph.layers)


@pytest.mark.parametrize("name", READ)
def test_an_odd_module_is_read_as_what_it_computes(name: str) -> None:
    make, expected = READ[name]
    module = make()
    graph = read(module, SMALL, "odd", "Odd")
    assert ops(graph) == expected
    verdict = verify(module, graph, archspec.loads(spec_of(graph)[0]))
    assert verdict.holds == (name not in RANDOM), verdict.reason


REFUSED: dict[str, tuple[Callable[[], nn.Module], str]] = {
    "nothing given": (lambda: Odd(lambda x: ()), "it gives nothing"),  # type: ignore[arg-type,return-value]
    "a constant": (lambda: Odd(lambda x: torch.zeros(1, 4)), "something that is not computed from its input"),
    "tokens": (lambda: Odd(lambda x: x.flatten(2)), "it gives 1x6x64, which is neither a map as it lies nor a vector"),
    "no channels": (lambda: Odd(lambda x: x[:, :0]), "channels: a whole number of at least 1"),
    "no shape yet": (lambda: nn.Sequential(nn.LazyConv2d(6, 1)), "the shape of `0.weight` is not known yet"),
    "an error within": (lambda: nn.Sequential(conv(), nn.Linear(7, 2)), "could not follow it in `1`: RuntimeError"),
    "an end": (lambda: Odd(lambda x: exit(3)), "SystemExit: 3"),
    "whole numbers given": (lambda: Odd(lambda x: x.argmax(1)), "can be opaque: `argmax`"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_read_is_one_diagnostic(name: str, capfd: pytest.CaptureFixture[str]) -> None:
    make, expected = REFUSED[name]
    with pytest.raises(ArchError) as error:
        archspec.from_torch(make(), input=(8, 8, 6))
    (found,) = error.value.diagnostics
    assert (found.code, found.message.count(expected)) == ("E1205", 1), found.message
    assert capfd.readouterr() == ("", "")


def test_a_module_that_does_not_end_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    def endless(x: Tensor) -> Tensor:
        while True:
            x = x.relu()

    monkeypatch.setattr("archspec.importing.torch.at_rest.MOST_CALLS", 1000)
    with pytest.raises(Unread, match="called more than 1,000 functions of torch"):
        read(Odd(endless), SMALL, "endless", "Endless")


def test_forks_in_forks_are_rows_where_they_are_too_deep_to_be_folded(monkeypatch: pytest.MonkeyPatch) -> None:
    def deep(graph: Graph) -> str:
        raise RecursionError

    monkeypatch.setattr("archspec.importing.importing.fold", deep)
    graph = read(nn.Sequential(conv(), nn.ReLU()), SMALL, "deep", "Deep")
    assert archspec.loads(spec_of(graph)[0]).params == 42


def test_what_a_module_keeps_while_it_runs_is_gone() -> None:
    class Keeping(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv, self.calls = conv(), 0
            self.last: Tensor | None = None

        def forward(self, x: Tensor) -> Tensor:
            self.calls += 1
            y: Tensor = self.conv(x)
            self.last = y
            return y

    module = Keeping()
    archspec.from_torch(module, input=(8, 8, 6))
    assert (module.calls, module.last) == (0, None)


def test_parameters_that_no_layer_or_several_have_are_told() -> None:
    def twice(x: Tensor, one: nn.Module, other: nn.Module) -> Tensor:
        found: Tensor = one(one(x))
        return found

    net = archspec.from_torch(By(twice, one=conv(bias=False), other=conv(bias=False)), input=(8, 8, 6))
    (found,) = net.diagnostics
    assert (found.code, found.severity, net.holds) == ("E1210", "warning", True)
    assert found.notes == ("nothing takes `other.weight`", "several layers share `one.weight`")


def test_what_is_opaque_is_told() -> None:
    (found,) = archspec.from_torch(nn.Sequential(nn.GLU(1)), input=(8, 8, 6)).diagnostics
    assert (found.code, found.severity) == ("E1206", "warning")


def test_what_is_no_module_is_a_mistake_of_the_program() -> None:
    with pytest.raises(TypeError, match=r"`model` is a torch.nn.Module, not an object of the type `int`"):
        archspec.from_torch(3)  # type: ignore[arg-type]


def test_a_module_without_numbers_is_read_and_not_verified() -> None:
    module = nn.Sequential(conv()).to("meta")
    graph = read(module, SMALL, "empty", "Empty")
    verdict = verify(module, graph, archspec.loads(spec_of(graph)[0]))
    assert verdict == (False, "`0.weight` has no numbers: it is on the device meta")


def test_a_head_beside_a_network_that_does_nothing_is_read() -> None:
    module = By(lambda x, conv: (x, conv(x)), conv=conv())  # type: ignore[arg-type,return-value]
    assert "conv 1x1, 6" in import_module(module, SMALL, "beside", "Beside").text


OWN = {
    "l2norm": "conv 1x1, 8; l2norm init=10; relu",
    "partial-conv": 'partial-conv 3x3, maps="0 1 2, 1 2 3, 0 5"; relu',
    "partial-conv without bias": 'partial-conv 3x3, maps="0, 5", no bias; relu',
    "partial-conv whose maps all take the same": 'partial-conv 3x3, maps="0 3, 0 3"',
    "partial-conv of one link": 'partial-conv 1x1, maps="0"',
    "rbf": "rbf 7",
    "subsample": "conv 1x1, 4; subsample 3x2; tanh",
    "drop-path": "relu; drop-path 0.2",
    "flatten": "relu; flatten",
}
"""Layers that torch lacks, and that archspec emits as modules of its own."""


@pytest.mark.parametrize("name", OWN)
def test_a_layer_that_archspec_emits_is_read_back(name: str) -> None:
    spec = archspec.loads(f"network own\ninput 8x8x6\n| {OWN[name]} |\n")
    found = import_module(spec.build(), SMALL, "own", "Own")
    again = found.compiled()
    verdict = verify(spec.build(), found.graph, again)
    assert verdict.holds, verdict.reason
    assert name.split()[0] in ops(found.graph)
    assert (again.params, again.mult_adds) == (spec.params, spec.mult_adds)


@drawn(specs(), few=3, many=60, suppress_health_check=list(HealthCheck))
def test_a_random_network_is_read_back(text: str) -> None:
    spec = archspec.loads(text)
    height, width, channels = spec.network.input
    found = import_module(spec.build(), Shape(channels, height, width), "random", "Random")
    again = found.compiled()
    assert found.diagnostics == ()
    assert (again.params, again.mult_adds) == (spec.params, spec.mult_adds)
    verdict = verify(spec.build(), found.graph, again)
    assert verdict.holds or "say nothing" in verdict.reason, verdict.reason
