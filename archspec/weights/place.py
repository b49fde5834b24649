"""Weights of another implementation in the emitted module: what was placed, what was not, and why."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from archspec.diagnostics import ArchError, Diagnostic, explained
from archspec.support.terminal import printable
from archspec.weights.match import Matching, dims, match
from archspec.weights.state_tree import Shapes

if TYPE_CHECKING:
    from torch import Tensor

SHOWN = 10
"""Names of tensors in a report before the rest is counted: a screen has room for them."""


class Target(NamedTuple):
    """What weights are for: a network with its tensors."""

    network: str
    shapes: Shapes
    given: Collection[str]
    """The tensors that no training changes: counters, and constants of the network."""
    heads: Collection[str]
    parameters: Mapping[str, object]
    initial: Callable[[], Mapping[str, Tensor]]
    """The state dict of the module as it is built."""


@dataclass(frozen=True)
class Weights:
    """A state dict of the emitted module, ``state``, and how it came about."""

    network: str
    file: str
    state: dict[str, Tensor] = field(repr=False)
    matching: Matching = field(repr=False)
    tensors: int
    diagnostics: tuple[Diagnostic, ...] = ()

    def __str__(self) -> str:
        source = f" from `{self.file}`" if self.file else ""
        lines = [f"{self.network}: placed {len(self.state)} of {self.tensors} tensors{source}"]
        lines += _most(p.text for p in self.matching.placed if p.reshaped)
        lines += _most(a.text for a in self.matching.ambiguities)
        return "\n".join(printable(line) for line in lines)

    def to_dict(self) -> dict[str, Any]:
        """The report as JSON-ready data."""
        placed = self.matching.placed
        return {
            "network": self.network,
            "file": self.file,
            "tensors": self.tensors,
            "placed": {p.target: {"from": p.source, "shape": p.shape, "reshaped": p.reshaped} for p in placed},
            "missing": self.matching.missing,
            "unused": self.matching.unused,
            "ambiguous": [{"targets": a.targets, "sources": a.sources} for a in self.matching.ambiguities],
            "diagnostics": [diagnostic.to_dict() for diagnostic in self.diagnostics],
        }


def place(target: Target, source: Mapping[str, Tensor] | str | os.PathLike[str]) -> Weights:
    """The weights of a file or a state dict in their places; what is wrong with them stands in ``diagnostics``."""
    from archspec.weights.files import needed, read, state_of

    needed("torch", "placing weights", "torch")
    file = "" if isinstance(source, Mapping) else os.fsdecode(source)
    tensors = state_of("the state dict", source) if isinstance(source, Mapping) else read(file)
    found = match(target.shapes, {name: tuple(tensor.shape) for name, tensor in tensors.items()}, target.heads)
    if unfit := [*_unfit(target, tensors, found)]:
        raise ArchError([unfit_numbers(target.network, file, unfit)])
    state = {p.target: tensors[p.source].reshape(p.shape) for p in found.placed}
    lacking = {name.rpartition(".")[0] for name in found.missing if name not in target.given}
    given = [name for name in target.given if name in found.missing and name.rpartition(".")[0] not in lacking]
    if given:
        initial = target.initial()
        state |= {name: initial[name] for name in given}
        found.missing = {name: shape for name, shape in found.missing.items() if name not in given}
    state = {name: state[name] for name in target.shapes if name in state}
    wrong = (do_not_fit(target, found, file),) if found.missing or found.unused else ()
    return Weights(target.network, file, state, found, len(target.shapes), wrong)


def _unfit(target: Target, tensors: Mapping[str, Tensor], found: Matching) -> Iterator[str]:
    """The tensors that have a place and are not numbers of a network, each with what they are."""
    from archspec.weights.files import unfit

    for placed in found.placed:
        if (why := unfit(tensors[placed.source], whole=placed.target in target.given)) is not None:
            yield f"`{placed.source}` {why}"


def complete(weights: Weights) -> Weights:
    """The weights; raises ArchError where something was not placed."""
    if weights.diagnostics:
        raise ArchError(weights.diagnostics)
    return weights


@explained("E0905")
def do_not_fit(target: Target, found: Matching, file: str) -> Diagnostic:
    """The network has tensors that the weights have nothing for, or the weights some that the network has no place for.

    Tensors are matched by the structure of the network and by their shapes, never by their names. A 1x1 convolution and
    a fully connected layer hold the same numbers, so they fit each other; all other shapes must be equal. Nothing is
    written unless everything was placed; `--partial` writes what was.
    """
    missing = [f"nothing for `{name}` {dims(shape)}" for name, shape in found.missing.items()]
    unused = [f"no place for `{name}` {dims(shape)}" for name, shape in found.unused.items()]
    notes = [*missing[: max(SHOWN // 2, SHOWN - len(unused))]]
    notes += unused[: SHOWN - len(notes)]
    more = len(missing) + len(unused) - len(notes)
    message = f"the weights{f' of `{file}`' if file else ''} do not fit `{target.network}`"
    return Diagnostic("E0905", message, notes=(*notes, *[f"and {more:,} more"] * bool(more)), help=_help(target, found))


@explained("E0911")
def unfit_numbers(network: str, file: str, unfit: list[str]) -> Diagnostic:
    """The weights have numbers that no network learns: truth values, whole or complex numbers, NaN, infinite ones.

    Weights and statistics are floats of 16, 32 or 64 bits, and finite. Numbers that no training changes, such as the
    number of batches that a normalisation has seen, may be whole. Floats of 8 bits and quantised weights mean nothing
    without the scales that belong to them: turn them into floats first. Nothing is written, with `--partial` neither.
    """
    notes = (*unfit[:SHOWN], *[f"and {len(unfit) - SHOWN:,} more"] * (len(unfit) > SHOWN))
    message = f"the weights{f' of `{file}`' if file else ''} are not numbers that `{network}` can learn"
    return Diagnostic("E0911", message, notes=notes, help="save the weights as finite floats")


def _help(target: Target, found: Matching) -> str:
    """The one likely mend."""
    main = {name: shape for name, shape in found.missing.items() if name.partition(".")[0] not in target.heads}
    ours, theirs = [*main.values()], [*found.unused.values()]
    if not ours and not theirs:
        return "only heads, which training alone uses, have no weights: `--partial` writes the rest"
    sizes = {(a[0], b[0]) for a, b in zip(ours, theirs, strict=False) if a and b}
    rest = [shape[1:] for shape in ours] == [shape[1:] for shape in theirs]
    if rest and len(sizes) == 1 and len(ours) <= 2:
        [(has, wants)] = sizes
        names = [name for name, value in target.parameters.items() if value == has and type(value) is int]
        option = f": `-p {names[0]}={wants}`" if names else ""
        return f"only the size of one layer differs, {wants} in the weights{option}"
    return "are they of this network? `--partial` writes what was placed"


def _most(found: Iterable[str]) -> list[str]:
    lines = [f"  {line}" for line in found]
    return [*lines[:SHOWN], *[f"  and {len(lines) - SHOWN:,} more"] * (len(lines) > SHOWN)]
