"""What a recipe has to know of an emitted module: the attributes of rows, residual branches, normalisations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypedDict

from archspec.analysis.inferred import Inferred, Use
from archspec.ir.network import Network
from archspec.ir.walking import applied
from archspec.op import Call, Fans
from archspec.recipe.facts import Facts, Residual
from archspec.targets.torch.network_class import NetworkView


def facts_of(network: Network, inferred: Inferred, shown: NetworkView, residuals: Sequence[Residual]) -> Facts:
    """The facts of a network that emission has decided on, with the residual branches of its classes."""
    rows: dict[str, tuple[str, ...]] = {}
    for name, attribute in shown.rows:
        rows[name] = (*rows.get(name, ()), attribute)
    heads = [item for shaped in inferred.heads.values() for item in shaped]
    uses = [use for item in (*inferred.rows, *heads) for use in item.uses]
    last = inferred.rows[-1].y
    assert last is not None
    return Facts(
        input=network.input_shape,
        classes=last.size,
        rows=rows,
        dense=dict(_flattened(inferred, rows)),
        branches=tuple(residuals),
        norms=_targets(use for use in uses if use.op.normalises),
        scaled=_targets(use for use in uses if use.op.scales),
        unscaled=_targets(use for use in uses if use.op.normalises and not use.op.scales),
        biased=inferred.biased,
        **_weights([*shown.stateful, *(c for use in uses for c in _calls(use) if c.module is None)], bool(shown.given)),
    )


def _targets(uses: Iterable[Use]) -> tuple[str, ...]:
    """The torch modules of uses, each once."""
    return tuple(dict.fromkeys(call.target for use in uses for call in _calls(use)))


class _Weights(TypedDict):
    """The facts of what has weights."""

    drawn: Mapping[str, Fans]
    resets: tuple[str, ...]
    resets_too: tuple[str, ...]
    grouped: tuple[str, ...]


def _weights(calls: Sequence[Call], given: bool) -> _Weights:
    """Classes by what becomes of their modules, torch's own first; a class that is derived goes by its base.

    Modules that the caller gives may hold others, whose weights a recipe draws as well.
    """
    drawn = {call.base or call.target: call.fans for call in calls if call.fans}
    if drawn and given:
        drawn |= dict.fromkeys(("nn.Conv2d", "nn.Linear"), Fans.RIGHT)
    return _Weights(
        drawn={name: drawn[name] for name in _sorted(drawn)},
        resets=_sorted(call.base or call.target for call in calls if call.resets and not call.fans),
        resets_too=_sorted(call.target for call in calls if call.resets and call.fans),
        grouped=_sorted(call.base or call.target for call in calls if call.fans and "groups" in call.spoken),
    )


def _sorted(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(names), key=lambda name: ("." not in name, name)))


def _flattened(inferred: Inferred, rows: Mapping[str, tuple[str, ...]]) -> Iterator[tuple[str, tuple[int, int]]]:
    """The attributes of the rows that read a map as a vector, with the H x W that enters; 1 x 1 of a vector."""
    left = {name: list(attributes) for name, attributes in rows.items()}
    for item in inferred.rows:
        if not left.get(item.row.layer) or not any(_calls(use) for use in item.uses):
            continue
        attribute = left[item.row.layer].pop(0)
        flattening = next((use for use in item.uses if use.op.flattens), None)
        written = any(step.kind_of_layer.flattens for step in applied(item.row.steps or ()))  # not inside a block
        if flattening is not None and written:
            yield attribute, flattening.x.extent if flattening.x.is_map else (1, 1)


def _calls(use: Use) -> tuple[Call, ...]:
    return use.op.torch(*use.xs)
