"""Frozen classes with named fields and slots, as dataclasses make them, for less at start-up: a command line must feel
instant.

A dataclass compiles its methods when it is made, which costs half a millisecond each; the syntax, the expressions and
the IR are eighty classes. Here a class compiles nothing but a constructor, and that once it is worth it: where there
are many objects of it.
"""

from __future__ import annotations

from collections.abc import Callable
from types import MappingProxyType
from typing import Any, ClassVar, Generic, Self, TypeVar, dataclass_transform, overload

NOTHING: Any = MappingProxyType({})
"""The empty dictionary as a default, which nobody can fill."""
SPAN = "span"
MANY = 100
"""Objects of a class that take as long to make as its constructor takes to compile."""
S = TypeVar("S")
T = TypeVar("T")


def keyword(*, default: Any = ..., kw_only: bool = True) -> Any:
    """A field that is given by name; the words are those of dataclasses, which type checkers know."""
    return default


class lazy(Generic[S, T]):
    """A property of a frozen object that is worked out when it is first asked for, and kept in a slot of its own."""

    def __init__(self, function: Callable[[S], T]) -> None:
        self._function = function
        self.__doc__ = function.__doc__
        self.slot: Any = None
        """Where a class keeps it."""

    @overload
    def __get__(self, instance: None, owner: type) -> Self: ...
    @overload
    def __get__(self, instance: S, owner: type) -> T: ...
    def __get__(self, instance: S | None, owner: type) -> Self | T:
        if instance is None:
            return self
        try:
            known: T = self.slot.__get__(instance)
        except AttributeError:
            known = self._function(instance)
            self.slot.__set__(instance, known)
        return known


class Slotted(type):
    """Makes a class whose annotated fields are slots; what stands on the class is their default."""

    def __new__(mcs, name: str, bases: tuple[type, ...], namespace: dict[str, Any]) -> Slotted:
        base: Any = bases[0] if bases else None
        fields = [field for field, kind in namespace.get("__annotations__", {}).items() if _is_field(field, kind)]
        defaults = {field: namespace.pop(field) for field in fields if field in namespace}
        own = [field for field in fields if base is None or field not in base._puts]
        kept = {key: f"kept_{key}" for key, value in namespace.items() if isinstance(value, lazy)}
        namespace["__slots__"] = (*own, *kept.values(), *namespace.get("__slots__", ()))
        cls: Any = super().__new__(mcs, name, bases, namespace)
        for key, slot in kept.items():
            namespace[key].slot = getattr(cls, slot)
        if base is not None:
            cls._know(base, {field: getattr(cls, field).__set__ for field in own}, defaults)
        made: Slotted = cls
        return made


def _is_field(name: str, kind: str) -> bool:
    return name[:1] != "_" and kind[:8] != "ClassVar"


@dataclass_transform(frozen_default=True, field_specifiers=(keyword,))
class Frozen(metaclass=Slotted):
    """What holds the values of its annotated fields and is never changed.

    Two are equal where they are of one class and their fields are equal, wherever they were written: a ``span`` with a
    default is not part of what they are, and is given by name.
    """

    __slots__ = ("_hash",)
    _hash: int
    __match_args__: ClassVar[tuple[str, ...]] = ()
    _by_place: ClassVar[tuple[str, ...]] = ()
    """The fields that may be given without their names: none where one that has a default stands before one that needs
    a value."""
    _defaults: ClassVar[dict[str, Any]] = {}
    _puts: ClassVar[dict[str, Callable[[Any, Any], None]]] = {}
    """What writes the slot of each field."""
    _in_order: ClassVar[tuple[Callable[[Any, Any], None], ...]] = ()
    _made: ClassVar[list[int]] = [0]
    """How many there were."""

    @classmethod
    def _know(cls, base: type[Frozen], puts: dict[str, Callable[[Any, Any], None]], defaults: dict[str, Any]) -> None:
        """Note the fields of a class beside those of its base."""
        cls.__init__ = Frozen.__init__  # type: ignore[method-assign]  # its base's may be compiled, for fewer fields
        cls._made = [0]
        cls._defaults = base._defaults | defaults
        cls._puts = base._puts | puts
        cls.__match_args__ = tuple(name for name in cls._puts if name != SPAN or SPAN not in cls._defaults)  # type: ignore[misc]
        free = [name in cls._defaults for name in cls.__match_args__]
        cls._by_place = cls.__match_args__ if sorted(free) == free else ()
        cls._in_order = tuple(cls._puts[name] for name in cls._by_place)

    def __init__(self, *values: Any, **named: Any) -> None:
        self._made[0] += 1
        if self._made[0] >= MANY:
            type(self).__init__ = _constructor(type(self))  # type: ignore[method-assign]
        for put, value in zip(self._in_order, values, strict=False):
            put(self, value)
        if named or not len(values) == len(self._in_order) == len(self._puts):
            self._fill(len(values), named)

    def _fill(self, count: int, named: dict[str, Any]) -> None:
        """The fields behind the first, which were given by place; raises TypeError where not all is as it must be."""
        rest = {name: put for name, put in self._puts.items() if name not in self._by_place[:count]}
        given = self._defaults | named
        lacks = [name for name in rest if name not in given]
        if lacks or count > len(self._by_place) or not named.keys() <= rest.keys():
            fields = ", ".join(self._puts)
            raise TypeError(f"{type(self).__name__}({fields}) lacks {lacks}, or is given too much")
        for name, put in rest.items():
            put(self, given[name])

    def __getstate__(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self._puts}  # hashes of texts differ from process to process

    def __setstate__(self, state: dict[str, Any]) -> None:
        for name, value in state.items():
            self._puts[name](self, value)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{type(self).__name__} is never changed")

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self._values == other._values

    def __hash__(self) -> int:
        try:
            return self._hash
        except AttributeError:
            _put_hash(self, hash((type(self), *self._values)))
            return self._hash

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(map(repr, self._values))})"

    def replaced(self, **fields: Any) -> Self:
        """The same with other values of some fields."""
        return type(self)(**self.__getstate__() | fields)

    @property
    def _values(self) -> tuple[Any, ...]:
        return tuple([getattr(self, name) for name in self.__match_args__])


_put_hash = vars(Frozen)["_hash"].__set__


def _constructor(cls: Any) -> Callable[..., None]:
    """The constructor of a class, which does what that of Frozen does."""
    by_place, defaults = cls._by_place, cls._defaults
    words = {name: f"{name}=default_{name}" if name in defaults else name for name in (*by_place, *cls._puts)}
    by_name = [word for name, word in words.items() if name not in by_place]
    head = ", ".join(["self", *[words[name] for name in by_place], *["*"] * bool(by_name), *by_name])
    body = "".join(f"\n    put_{name}(self, {name})" for name in cls._puts)
    made: dict[str, Any] = {f"put_{name}": put for name, put in cls._puts.items()}
    made |= {f"default_{name}": value for name, value in defaults.items()}
    exec(f"def __init__({head}):{body}", made)
    constructor: Callable[..., None] = made["__init__"]
    return constructor
