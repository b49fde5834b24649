"""The types of the arguments of public functions: a wrong one is a TypeError, which says in a sentence what is taken.

What a value of the right type says is not decided here: a width that is none is a diagnostic.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache, wraps
from inspect import Parameter, Signature, signature
from numbers import Real
from typing import Any, NamedTuple, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class Kind(NamedTuple):
    """What an argument may be."""

    what: str
    types: tuple[type, ...]

    def __or__(self, other: object) -> Kind:  # as in the annotation beside it
        more = Kind("None", (type(None),)) if other is None else other
        assert isinstance(more, Kind)
        return Kind(f"{self.what} or {more.what}", (*self.types, *more.types))


TEXT = Kind("a str", (str,))
PATH = Kind("a path", (str, bytes, os.PathLike))
TEXTS = Kind("a str or several", (str, list, tuple))
NUMBER = Kind("a number", (Real,))
FLAG = Kind("True or False", (bool,))
NAMED = Kind("a mapping", (Mapping,))


def takes(**kinds: Kind) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Have a function raise TypeError for an argument that is not of its kind; those of ``*args`` are each of one."""

    def checking(function: Callable[P, T]) -> Callable[P, T]:
        @cache
        def known() -> Signature:  # takes a while, and most functions are never called
            return signature(function)

        @wraps(function)
        def checked(*args: P.args, **kwargs: P.kwargs) -> T:
            try:
                given = known().bind(*args, **kwargs).arguments
            except TypeError:  # too few or too many, which Python says with the name of the function
                return function(*args, **kwargs)
            for name, kind in kinds.items():
                for value in _values(given, known().parameters[name]):
                    if not isinstance(value, kind.types):
                        raise TypeError(f"`{name}` is {kind.what}, not an object of the type `{type(value).__name__}`")
            return function(*args, **kwargs)

        return checked

    return checking


def texts(name: str, given: str | Sequence[str]) -> list[str]:
    """Several texts of a text with commas, or of several; raises TypeError where one is none."""
    several = given.split(",") if isinstance(given, str) else given
    if wrong := [each for each in several if not isinstance(each, str)]:
        raise TypeError(f"`{name}` is {TEXTS.what}, not an object of the type `{type(wrong[0]).__name__}`")
    return [each.strip() for each in several]


def _values(given: Mapping[str, Any], parameter: Parameter) -> Iterator[Any]:
    """The values of a parameter; none where its default holds."""
    if parameter.name in given:
        found = given[parameter.name]
        yield from found if parameter.kind is Parameter.VAR_POSITIONAL else (found,)
