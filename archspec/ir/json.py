"""The IR as JSON: out as it is, in through Pydantic and with every promise of a network checked.

``docs/ir.schema.json`` is its schema. A version stands in it, which grows when older programs would misread it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from itertools import chain
from threading import Lock
from typing import TYPE_CHECKING, Any

from archspec.budget import spend
from archspec.diagnostics import ArchError, Diagnostic, Source, Span
from archspec.expressions import Expression
from archspec.ir.messages import no_json, no_network
from archspec.ir.network import Network
from archspec.ir.node import EXPRESSION, TEXT, Node
from archspec.ir.places import places
from archspec.ir.verify import Mistake, of_network
from archspec.ir.verify_figures import of_figures
from archspec.ir.verify_steps import of_steps
from archspec.support.frozen import NOTHING, SPAN
from archspec.support.limits import CHARACTER, MISTAKE
from archspec.support.takes import Kind, takes
from archspec.support.terminal import shown_json

if TYPE_CHECKING:
    from pydantic import TypeAdapter

_making = Lock()


@takes(network=Kind("a network", (Network,)))
def to_json(network: Network) -> str:
    """The network as JSON, without the places in its file."""
    import json

    return shown_json(json.dumps(_plain(network), indent=2, ensure_ascii=False))


@takes(text=Kind("a str or bytes", (str, bytes, Source)))
def from_json(text: str | bytes | Source) -> Network:
    """A network from its JSON; raises ArchError with all that is wrong with it."""
    if isinstance(text, bytes):
        text = text.decode("utf-8", "replace")
    source = text if isinstance(text, Source) else Source("<json>", text)
    spend(CHARACTER * len(source.text))
    network, mistakes = _read(source)
    if network is not None:
        mistakes = _mistakes(network)
    if mistakes:
        raise ArchError(_placed(source, mistakes))
    assert network is not None
    return network


def schema() -> dict[str, Any]:
    """The JSON schema of a network."""
    found = _adapter().json_schema()
    for node in (found, *found["$defs"].values()):
        node["properties"].pop("span", None)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema"} | found


def mistakes_of(network: Network, source: Source) -> list[Diagnostic]:
    """What a network that was changed does not keep of its promises, with places in the JSON that it came from."""
    return _placed(source, _mistakes(network))


def _mistakes(network: Network) -> list[Mistake]:
    found = []
    for mistake in chain(of_network(network), of_steps(network), of_figures(network)):
        spend(MISTAKE)
        found.append(mistake)
    return found


def _read(source: Source) -> tuple[Network | None, list[Mistake]]:
    from pydantic import ValidationError

    try:
        return _adapter().validate_json(source.text, strict=True), []
    except ValidationError as error:
        spend(MISTAKE * error.error_count())  # before each of them becomes a dictionary
        details = error.errors(include_url=False, include_context=False, include_input=False)
    except RecursionError:
        details = [{"type": "json_invalid", "loc": (), "msg": "it is nested too deeply", "input": None}]
    if details[0]["type"] in ("json_invalid", "string_unicode"):
        raise ArchError([_invalid(source, details[0]["msg"])])
    return None, [Mistake(detail["loc"], _words(detail)) for detail in details]


def _invalid(source: Source, words: str) -> Diagnostic:
    """What Pydantic says of a text that is not JSON, with its place: ``... at line 3 column 7``."""
    found = re.search(r" at line (\d+) column (\d+)$", words)
    why = words.removeprefix("Invalid JSON: ")
    if found is None:
        return no_json(None, source.name, why)
    line = min(int(found[1]), len(source.lines))
    before = source.lines[line - 1].encode("utf-8", "surrogatepass")[: max(int(found[2]) - 1, 0)]  # bytes are counted
    column = len(before.decode("utf-8", "ignore"))
    return no_json(Span(source, line, column, column + 1), source.name, why.removesuffix(found[0]))


def _words(detail: Mapping[str, Any]) -> str:
    """A sentence of Pydantic's as archspec begins one; what is missing has no path, and is named."""
    if detail["type"] == "missing":
        return f"`{detail['loc'][-1]}` is missing"
    message = str(detail["msg"]).removeprefix("Value error, ")
    return message[:1].lower() + message[1:]


def _placed(source: Source, mistakes: list[Mistake]) -> list[Diagnostic]:
    found = places(source.text, [mistake.path for mistake in mistakes])
    return [
        no_network(source.at(*start_end), path, mistake.message)
        for mistake, (path, *start_end) in zip(mistakes, found, strict=True)
    ]


def _adapter() -> TypeAdapter[Network]:
    """What reads networks. To make it takes longer than to read most of them, so one serves for all."""
    with _making:
        return _made_adapter()


@cache
def _made_adapter() -> TypeAdapter[Network]:
    from pydantic import TypeAdapter

    _made_dataclasses()
    return TypeAdapter(Network)


def _made_dataclasses() -> None:
    like: dict[type, type] = {}
    """For each class of nodes a dataclass with its fields: on the class itself, a default would hide the slot."""
    for kind in _kinds(Node):
        notes = kind.__annotations__
        fields = {name: _field(name, kind._defaults[name]) for name in notes if name in kind._defaults}
        made = type(
            kind.__name__,
            (like.get(kind.__mro__[1], object),),
            {"__module__": kind.__module__, "__annotations__": notes, **fields},
        )
        like[kind] = dataclass(init=False, repr=False, eq=False, match_args=False, kw_only=True)(made)
        for name in ("__dataclass_fields__", "__dataclass_params__"):
            setattr(kind, name, getattr(made, name))


def _field(name: str, default: Any) -> Any:
    """A field with its default as dataclasses know it; JSON holds no places."""
    return field(default_factory=dict) if default is NOTHING else field(default=default, init=name != SPAN)


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
