"""Frozen nodes with named fields, as dataclasses make them, for less at start-up: a command line must feel instant."""

from __future__ import annotations

from functools import cached_property
from typing import Any, ClassVar, dataclass_transform


def keyword(*, default: Any, kw_only: bool) -> Any:
    """A field that is given by name; the words are those of dataclasses, which type checkers know."""
    return default


@dataclass_transform(frozen_default=True, field_specifiers=(keyword,))
class Node:
    """What holds the values of its annotated fields, as a frozen dataclass does; making such a class costs less."""

    __match_args__: ClassVar[tuple[str, ...]] = ()

    def __init_subclass__(cls) -> None:
        own = tuple(name for name in vars(cls).get("__annotations__", ()) if name != "span")
        cls.__match_args__ = (*cls.__match_args__, *own)  # type: ignore[misc]

    def __init__(self, *values: Any, span: Any = None, **named: Any) -> None:
        self.__dict__.update(zip(self.__match_args__, values, strict=False), **named, span=span)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{type(self).__name__} is never changed")

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self._values == other._values

    def __hash__(self) -> int:
        return self._hash

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(map(repr, self._values))})"

    @property
    def _values(self) -> tuple[Any, ...]:
        return tuple([getattr(self, name) for name in self.__match_args__])

    @cached_property
    def _hash(self) -> int:
        return hash((type(self), *self._values))
