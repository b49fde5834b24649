"""The IR as JSON: out as it is, in through Pydantic and with every promise of a network checked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from archspec.expressions import Expression
from archspec.ir.network import Network
from archspec.ir.node import EXPRESSION, TEXT, Node
from archspec.ir.verify import mistakes
from archspec.support.frozen import NOTHING


def to_json(network: Network) -> str:
    """The network as JSON, without the places in its file."""
    import json

    return json.dumps(_plain(network), indent=2, ensure_ascii=False)


def from_json(text: str | bytes) -> Network:
    """A network from its JSON; raises ValueError for what is none, of which pydantic's ValidationError is one."""
    from pydantic import TypeAdapter

    _as_dataclasses()
    network = TypeAdapter(Network).validate_json(text, strict=True)
    mistake = next(mistakes(network), None)
    if mistake is not None:
        raise ValueError(mistake)
    return network


@cache
def _as_dataclasses() -> None:
    """Make the classes of nodes dataclasses too, which Pydantic knows: nothing but their fields is new."""
    for kind in _kinds(Node):
        empty = [name for name in kind.__match_args__ if vars(kind).get(name) is NOTHING]
        for name in empty:
            setattr(kind, name, field(default_factory=dict))
        dataclass(init=False, repr=False, eq=False, match_args=False, kw_only=True)(kind)
        for name in empty:
            setattr(kind, name, NOTHING)


def _kinds(kind: type[Node]) -> Iterator[type[Node]]:
    """A class and those derived from it, from the top."""
    yield kind
    for derived in kind.__subclasses__():
        yield from _kinds(derived)


def _plain(value: Any) -> Any:
    if isinstance(value, Expression):
        return str(value)
    if isinstance(value, Node):
        items = ((name, getattr(value, name)) for name in value.__match_args__)
        return {TEXT if name == EXPRESSION else name: _plain(item) for name, item in items}
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, tuple) else value
