"""The types of the arguments of public functions: a wrong one is a TypeError, which says in a sentence what is taken.

What a value of the right type says is not decided here: a width that is none is a diagnostic.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
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
    """Have a function raise TypeError for an argument that is not of its kind; those of ``*args`` are each of one.

    What is of a class derived from ``str``, such as a member of an enumeration, comes to the function as a plain text:
    what such a class prints may be anything.
    """

    def checking(function: Callable[P, T]) -> Callable[P, T]:
        @cache
        def known() -> Signature:  # takes a while, and most functions are never called
            return signature(function)

        @wraps(function)
        def checked(*args: P.args, **kwargs: P.kwargs) -> T:
            try:
                bound = known().bind(*args, **kwargs)
            except TypeError:  # too few or too many, which Python says with the name of the function
                return function(*args, **kwargs)
            given = bound.arguments
            for name, kind in kinds.items():
                if name in given and known().parameters[name].kind is Parameter.VAR_POSITIONAL:
                    given[name] = tuple(_taken(name, kind, value) for value in given[name])
                elif name in given:
                    given[name] = _taken(name, kind, given[name])
            return function(*bound.args, **bound.kwargs)

        return checked

    return checking


def texts(given: str | Sequence[str]) -> list[str]:
    """Several texts of a text with commas, or of several."""
    return [each.strip() for each in (given.split(",") if isinstance(given, str) else given)]


def _taken(name: str, kind: Kind, value: Any) -> Any:
    """An argument, with each of its texts as a plain one; raises TypeError where it is not of its kind."""
    if isinstance(value, kind.types):
        if list in kind.types and isinstance(value, list | tuple):
            return [_taken(name, kind._replace(types=(str,)), each) for each in value]
        return str.__str__(value) if isinstance(value, str) else value
    raise TypeError(f"`{name}` is {kind.what}, not an object of the type `{type(value).__name__}`")
