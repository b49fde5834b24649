"""The IR as JSON: out as it is, in through Pydantic and with every promise of a network checked."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import Any

from archspec.expressions import Expression
from archspec.ir import Network
from archspec.node import EXPRESSION, TEXT
from archspec.promises import mistakes


def to_json(network: Network) -> str:
    """The network as JSON, without the places in its file."""
    import json

    return json.dumps(_plain(network), indent=2, ensure_ascii=False)


def from_json(text: str | bytes) -> Network:
    """A network from its JSON; raises ValueError for what is none, of which pydantic's ValidationError is one."""
    from pydantic import TypeAdapter

    network = TypeAdapter(Network).validate_json(text, strict=True)
    mistake = next(mistakes(network), None)
    if mistake is not None:
        raise ValueError(mistake)
    return network


def _plain(value: Any) -> Any:
    if isinstance(value, Expression):
        return str(value)
    if is_dataclass(value):
        items = ((item.name, getattr(value, item.name)) for item in fields(value) if item.name != "span")
        return {TEXT if name == EXPRESSION else name: _plain(item) for name, item in items}
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, tuple) else value
