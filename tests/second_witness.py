"""What a spec's emitted code computes, held beside what its IR computes; and what must hold of the code as text."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from inspect import signature
from typing import Any

import torch
from drawn_alike import dropping_alike, seed, without_first_weights
from emitted_classes import dead, twins
from interpreter import Interpreter, Mismatch, Ran
from torch import Tensor, nn
from witness import size

from archspec.compiled import Compiled
from archspec.diagnostics import ArchError, Source
from archspec.elaborate import Request
from archspec.ir.json import from_json, to_json
from archspec.ir.network import Network
from archspec.pipeline import compile_text
from archspec.targets.torch import function_name
from archspec.targets.torch.load import load

BATCH = 3
TOLERANCE = 1e-9
MOST_PARAMETERS, MOST_MULT_ADDS = 200_000, 10_000_000
Settings = Mapping[str, Any]


@dataclass(frozen=True)
class Fault:
    """One way in which the code is wrong: of what kind, by which faults are told apart, and the details."""

    kind: str
    details: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.details}"


@dataclass
class Examined:
    """What came of one spec: the codes of a refusal, or the faults of what was emitted."""

    refused: tuple[str, ...] = ()
    faults: list[Fault] = field(default_factory=list)
    arguments: int = 0
    """For how many other values of its parameters the code was run."""


class Found(Exception):
    """Ends an examination with a fault."""

    def __init__(self, kind: str, details: str) -> None:
        super().__init__(details)
        self.fault = Fault(kind, details)


@contextmanager
def stage(name: str) -> Iterator[None]:
    """Says in which stage an exception was raised; a refusal of the compiler is none."""
    try:
        yield
    except (Found, ArchError):
        raise
    except Mismatch as mismatch:
        raise Found("weights", str(mismatch)) from mismatch
    except Exception as error:
        said = f"{type(error).__name__}: {error}".split("\n")[0]
        raise Found(f"{name}: {plain(said)}", said[:300]) from error


def plain(said: str) -> str:
    """A message without its numbers and names, so that one fault has one kind."""
    return re.sub(r"\[[^]]*\]|'[^']*'|\d+", "_", said)[:80]


def examine(text: str, others: Sequence[Settings] = (), whole: bool = False) -> Examined:
    """All that can be wrong with the code of a spec, also where its arguments have other values.

    ``whole`` also takes it through deepcopy, its state dict, torch.export and torch.compile, which is slow.
    """
    found = Examined()
    try:
        with stage("compile"):
            compiled = compiled_from(text)
        if too_large(compiled):
            return Examined(("too large",))
        with stage("json"):
            assert from_json(to_json(compiled.network)) == compiled.network
        with stage("emit"):
            source = compiled.source()
        found.faults += written_wrong(source)
        entry = run_both(source, compiled.network, whole)
        for settings in others:
            found.arguments += compare_at(text, entry, settings)
    except ArchError as error:
        found.refused = tuple(d.code for d in error.diagnostics if d.severity == "error")
    except Found as end:
        found.faults.append(end.fault)
    return found


def run_both(source: str, network: Network, whole: bool = False) -> Callable[..., nn.Module]:
    """Runs code beside its network, and gives its entry function; raises Found where they differ."""
    entry = entry_of(source, function_name(network))
    module = made(entry, {})
    compare(module, network)
    if whole:
        survive(entry, module, network)
    return entry


def too_large(compiled: Compiled) -> bool:
    """Whether a network would take the time of many others."""
    return compiled.params > MOST_PARAMETERS or compiled.mult_adds > MOST_MULT_ADDS


def compiled_from(text: str, settings: Settings = {}) -> Compiled:
    return compile_text(Source("program.arch", text), Request(parameters=settings))


def written_wrong(source: str) -> list[Fault]:
    """What is wrong with the text of the code."""
    tree = ast.parse(source)
    return [
        *(Fault("dead class", f"nothing uses {name}") for name in dead(tree)),
        *(Fault("twin classes", f"{one} and {other} differ in their names alone") for one, other in twins(tree)),
    ]


def entry_of(source: str, name: str) -> Callable[..., nn.Module]:
    """The entry function of emitted code, which stays unknown to Python's own lists of modules."""
    space: dict[str, Any] = {"__name__": "program"}
    with stage("load"):
        exec(compile(source, "<program>", "exec", dont_inherit=True), space)
    entry: Callable[..., nn.Module] = space[name]
    return entry


def entry(compiled: Compiled) -> Callable[..., nn.Module]:
    """The entry function of a network, loaded as `build` loads it."""
    name = function_name(compiled.network)
    found: Callable[..., nn.Module] = load(compiled.source(), name).__dict__[name]
    return found


class Own(nn.Module):
    """What stands in the place of an opaque layer; it needs its output for the backward pass."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(1))

    def forward(self, x: Tensor) -> Tensor:
        return torch.tanh(self.weight * x)


class Mean(nn.Module):
    """Another one, from a map to a vector."""

    def forward(self, x: Tensor) -> Tensor:
        return x.mean((2, 3))


def placed(entry: Callable[..., nn.Module], settings: Settings) -> nn.Module:
    """The module for these arguments, whose opaque layers are the ones above, by their names."""
    try:
        return entry(**settings)
    except ValueError as lacking:
        if "opaque" not in signature(entry).parameters:
            raise
        places = ast.literal_eval(str(lacking).partition(": ")[2])
    return entry(**settings, opaque={path: {"own": Own, "mean": Mean}[name]() for path, name in places.items()})


def made(entry: Callable[..., nn.Module], settings: Settings) -> nn.Module:
    """The module for these arguments, in numbers of 64 bits, with weights that are like no others."""
    with stage("make"), without_first_weights():
        module = placed(entry, settings).double()
    seed(1)
    with torch.no_grad():
        for name, tensor in module.state_dict().items():
            if name.endswith("running_var"):
                tensor.uniform_(0.5, 2)
            elif tensor.is_floating_point() and not name.endswith("codes"):
                wide = tensor[0].numel() if tensor.dim() > 1 else 1
                tensor.normal_(0, wide**-0.5)
    return module


def compare_at(text: str, entry: Callable[..., nn.Module], settings: Settings) -> int:
    """The code with other arguments against the network of those parameters; says whether there is one."""
    kept = {name: value for name, value in settings.items() if name in signature(entry).parameters}
    if not kept:
        return 0
    with stage("compile"):
        try:
            compiled = compiled_from(text, kept)
        except ArchError:
            return 0
    if too_large(compiled):
        return 0
    try:
        compare(made(entry, kept), compiled.network, gradients=False)
    except Found as end:
        raise Found(f"argument, {end.fault.kind}", f"{kept}: {end.fault.details}") from None
    return 1


def compare(module: nn.Module, network: Network, gradients: bool = True) -> None:
    """The outputs, the gradients and the statistics of a module, in training and at test time."""
    with dropping_alike():
        _compare(module.train(), network)
    if gradients:
        _compare(module.eval(), network)
    x = _images(network)
    with torch.no_grad():
        with stage("interpreter"):
            ran = Interpreter(network, module.state_dict()).run(x.clone())
        with stage("forward"):
            before, got = x.clone(), _outputs(module.eval()(x))
        if not torch.equal(x, before):
            raise Found("input", "forward writes over its input without gradients")
        _same("output", "without gradients", got, [ran.logits])
        _predicted(module, x, ran)


def _compare(module: nn.Module, network: Network) -> None:
    training = module.training
    mode = "in training" if training else "at test time"
    theirs = {name: tensor.detach().clone() for name, tensor in module.state_dict().items()}
    named = dict(module.named_parameters())
    own = {name: theirs[name].requires_grad_() for name in named}
    xs = [_images(network).requires_grad_() for _ in range(2)]
    seed(2)
    with stage("forward"):
        got = _outputs(module(xs[0]))
    seed(2)
    with stage("interpreter"):
        ran = Interpreter(network, theirs, training).run(xs[1])
    due = [ran.logits, *(ran.heads if training else ())]
    _same("output", mode, got, due)
    with stage("backward"):
        found = _gradients(got, [xs[0], *named.values()])
    theirs_found = _gradients(due, [xs[1], *own.values()])
    if not torch.equal(xs[0], xs[1]):
        raise Found("input", f"forward writes over its input {mode}")
    after = module.state_dict()
    kept = [name for name in after if name not in named]
    _same("statistics", mode, [after[name].double() for name in kept], [theirs[name].double() for name in kept])
    try:
        _same("gradient", mode, found, theirs_found, together=True)
    except Found:
        if not _lost_in_rounding(module, network, found, theirs_found):
            raise


def _lost_in_rounding(module: nn.Module, network: Network, found: list[Tensor], due: list[Tensor]) -> bool:
    """Whether gradients differ by no more than what a change of all numbers in their last bits makes of them.

    Batch normalisation of numbers that are nearly equal multiplies what rounding lost, and several of them in a row
    may leave nothing of a gradient that is zero but noise. Where that noise is small, so must the difference be.
    """
    near, x = deepcopy(module), _images(network).requires_grad_()
    seed(5)
    with torch.no_grad():
        for tensor in (x, *near.parameters()):
            tensor.mul_(1 + 2**-48 * torch.rand_like(tensor))
    seed(2)
    moved = _gradients(_outputs(near(x)), [x, *near.parameters()])
    away, noise = (max(_largest(a - b) for a, b in zip(found, other, strict=True)) for other in (due, moved))
    return away <= 100 * noise


def _predicted(module: nn.Module, x: Tensor, ran: Ran) -> None:
    """``predict`` is there where the network ends in a soft-max, and gives it."""
    predict: Any = getattr(module, "predict", None)
    if (predict is None) != (ran.predicted is None):
        raise Found("predict", "is there without a soft-max" if predict else "is not there")
    if predict is not None and ran.predicted is not None:
        with stage("predict"):
            got = predict(x)
        _same("predict", "at test time", [got], [ran.predicted])


def _images(network: Network) -> Tensor:
    seed(3)
    return torch.randn(size(network.input_shape, BATCH), dtype=torch.float64)


def _outputs(y: Any) -> list[Tensor]:
    return list(y) if isinstance(y, tuple) else [y]


def _gradients(outputs: Sequence[Tensor], of: Sequence[Tensor]) -> list[Tensor]:
    """The gradients of a sum in which every output has a weight of its own."""
    seed(4)
    whole = sum((y * torch.randn(y.shape, dtype=y.dtype)).sum() for y in outputs)
    if not isinstance(whole, Tensor) or not whole.requires_grad:
        return [torch.zeros_like(tensor) for tensor in of]
    found = torch.autograd.grad(whole, list(of), allow_unused=True)
    return [torch.zeros_like(t) if g is None else g for t, g in zip(of, found, strict=True)]


def _same(kind: str, where: str, got: Sequence[Tensor], due: Sequence[Tensor], together: bool = False) -> None:
    """Complains where tensors are not the same, as far as numbers of 64 bits tell; on one scale if ``together``."""
    if [tuple(y.shape) for y in got] != [tuple(y.shape) for y in due]:
        raise Found(kind, f"{where}: {[tuple(y.shape) for y in got]} where {[tuple(y.shape) for y in due]} is due")
    scales = [_largest(y) for y in due]
    for i, (one, other) in enumerate(zip(got, due, strict=True)):
        scale = max(scales) if together else scales[i]
        away = _largest((one - other).detach().nan_to_num(0.0, 0.0, 0.0))
        odd = not torch.equal(one.isfinite(), other.isfinite())
        if odd or away > TOLERANCE * max(scale, 1e-6):
            raise Found(kind, f"{where}: tensor {i} is {away:.3g} away, where the largest is {scale:.3g}")


def _largest(tensor: Tensor) -> float:
    return float(tensor.detach().abs().nan_to_num(0.0, 0.0, 0.0).max()) if tensor.numel() else 0.0


def survive(entry: Callable[..., nn.Module], module: nn.Module, network: Network) -> None:
    """The module through deepcopy, through its state dict, and through torch.export and torch.compile."""
    x = _images(network)
    module.eval()
    with torch.no_grad():
        due = _outputs(module(x))[0]
        with stage("deepcopy"):
            again = [("a deepcopy", deepcopy(module)(x))]
        with stage("state dict"):
            fresh = placed(entry, {}).double().eval()
            fresh.load_state_dict(module.state_dict())
            again.append(("a state dict", fresh(x)))
        with stage("export"):
            again.append(("torch.export", torch.export.export(module, (x,)).module()(x)))
        with stage("torch.compile"):
            torch.compiler.reset()
            again.append(("torch.compile", torch.compile(module, fullgraph=True, backend="eager")(x)))
    for where, got in again:
        _same("survival", where, _outputs(got), [due])
