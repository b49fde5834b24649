"""Frozen classes with named fields, as dataclasses make them, for less at start-up: a command line must feel instant.

A dataclass compiles its methods when it is made, which costs half a millisecond each; the syntax, the expressions and
the IR are eighty classes.
"""

from __future__ import annotations

from functools import cached_property
from types import MappingProxyType
from typing import Any, ClassVar, Self, dataclass_transform

NOTHING: Any = MappingProxyType({})
"""The empty dictionary as a default, which nobody can fill."""


def keyword(*, default: Any = ..., kw_only: bool = True) -> Any:
    """A field that is given by name; the words are those of dataclasses, which type checkers know."""
    return default


@dataclass_transform(frozen_default=True, field_specifiers=(keyword,))
class Frozen:
    """What holds the values of its annotated fields and is never changed; a default is the value on the class.

    Two are equal where they are of one class and their fields are equal, wherever they were written: a ``span`` with a
    default is no part of what they are, and is given by name.
    """

    __match_args__: ClassVar[tuple[str, ...]] = ()
    _known: ClassVar[frozenset[str]] = frozenset()
    _required: ClassVar[frozenset[str]] = frozenset()

    def __init_subclass__(cls) -> None:
        own = [
            name
            for name, kind in vars(cls).get("__annotations__", {}).items()
            if name not in cls.__match_args__ and (name != "span" or "span" not in vars(cls)) and kind[:8] != "ClassVar"
        ]
        cls.__match_args__ = (*cls.__match_args__, *own)  # type: ignore[misc]
        cls._known = frozenset({*cls.__match_args__, "span"})
        cls._required = frozenset(name for name in cls.__match_args__ if not hasattr(cls, name))

    def __init__(self, *values: Any, **named: Any) -> None:
        given, names = self.__dict__, self.__match_args__
        given.update(zip(names, values, strict=False))
        if named:
            given.update(named)
        # Places and cells are made by the hundred thousand: where nothing is named, a count tells whether all is there.
        fits = self._required <= given.keys() <= self._known if named else len(given) >= len(self._required)
        if len(values) > len(names) or not fits:
            lacks, more = sorted(self._required - given.keys()), sorted(given.keys() - self._known)
            raise TypeError(f"{type(self).__name__}{names} lacks {lacks}, or is given too much: {more}")

    def __getstate__(self) -> dict[str, Any]:
        known = (*self.__match_args__, "span")  # hashes of texts differ from process to process
        return {name: self.__dict__[name] for name in known if name in self.__dict__}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{type(self).__name__} is never changed")

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self._values == other._values

    def __hash__(self) -> int:
        return self._hash

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(map(repr, self._values))})"

    def replaced(self, **fields: Any) -> Self:
        """The same with other values of some fields."""
        return type(self)(**self.__getstate__() | fields)

    @property
    def _values(self) -> tuple[Any, ...]:
        return tuple([getattr(self, name) for name in self.__match_args__])

    @cached_property
    def _hash(self) -> int:
        return hash((type(self), *self._values))
