"""Whether a module that is called as one that is known is that one: by numbers, where it is of nobody known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archspec.diagnostics import Source
from archspec.importing.graph import Layer
from archspec.importing.plain import step
from archspec.importing.torch.numbers import CLOSE
from archspec.importing.torch.replay import Replay
from archspec.op import Shape
from archspec.pipeline import compile_text

if TYPE_CHECKING:
    from torch import Tensor, nn


def bare(module: nn.Module) -> bool:
    """Whether nothing but its class says what a module does: it has no hooks."""
    return not module._forward_hooks and not module._forward_pre_hooks


def computes(layer: Layer, enters: Shape, replay: Replay) -> bool:
    """Whether a part of a network gives what a layer does, for a random image and random weights.

    In double precision, in which another epsilon shows. A part that is rounded to single precision inside is not the
    layer's.
    """
    import torch

    spec = Source("<layer>", f"network layer\ninput {enters}\n| {step(layer)} |\n")
    module = compile_text(spec).build().eval().double()
    sides = enters.extent if enters.is_map else ()
    try:
        with torch.no_grad(), torch.random.fork_rng():
            torch.manual_seed(0)
            for name, weight in [*module.named_parameters(), *module.named_buffers()]:
                if (own := name.rpartition(".")[2]) in layer.tensors:
                    replay.weights[layer.tensors[own]] = weight.normal_()
            image = torch.randn(1, enters.channels, *sides, dtype=torch.float64)
            return _same(replay(image), module(image))
    except Exception:  # of the part, whoever wrote it
        return False


def _same(one: Tensor, other: Tensor) -> bool:
    if one.shape != other.shape:
        return False
    return float((one - other).abs().max()) <= CLOSE * float(other.abs().max())
