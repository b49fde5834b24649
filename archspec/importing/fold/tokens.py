"""What a body holds before it is known what its uses share: tokens, and bodies of branches."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from archspec.ir.node import Value


class Quoted(str):
    """A text that stands in quotes in a spec."""

    __slots__ = ()


class Token(NamedTuple):
    """One step of one use: a layer, or a use of a block, with all its arguments."""

    name: str
    args: Mapping[str, Value]
    path: str = ""
    """Where it stands in the other program, from the module that holds the body: ``conv1``."""
    of_block: bool = False
    meant: frozenset[str] = frozenset()
    """Arguments that are written though they are the default, as they would be taken for a slip."""


class Body(NamedTuple):
    """What one use of a block runs: a chain, or branches and what follows their join; and what enters and leaves it."""

    branches: tuple[tuple[Token, ...], ...]
    join: Token | None
    then: tuple[Token, ...]
    enters: int
    """Channels."""
    leaves: int
    sources: tuple[tuple[int, ...], ...] | None = None
    """Of named rows, in whose place the branches stand then: those that each takes; -1 is what enters."""


class Step:
    """One place of a block's body, for all of its uses: what stands there, or None where a use has nothing there."""

    __slots__ = ("args", "meant", "names", "of_block", "path")

    def __init__(self, uses: int) -> None:
        self.names: list[str | None] = [None] * uses
        self.args: dict[str, list[Value | None]] = {}
        self.path = ""
        self.of_block = False
        self.meant: frozenset[str] = frozenset()

    @property
    def present(self) -> list[bool]:
        """Which uses have it."""
        return [name is not None for name in self.names]

    @property
    def always(self) -> bool:
        return None not in self.names

    def put(self, use: int, token: Token) -> None:
        """Notes what one use has there."""
        self.names[use] = token.name
        self.path = self.path or token.path
        self.of_block = token.of_block
        self.meant |= token.meant
        for name, value in token.args.items():
            self.args.setdefault(name, [None] * len(self.names))[use] = value


class Written(NamedTuple):
    """A step as a spec writes it: its name, its arguments as text, and the condition under which it is there."""

    name: str
    args: Mapping[str, str]
    condition: str | None = None
    of_block: bool = False
