"""A shell of notebooks that needs no IPython: it runs cells, and keeps what archspec shows below them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any


class Shell:
    """What archspec asks of the shell of IPython, and `run`, which runs a cell."""

    def __init__(self, names: dict[str, Any] | None = None) -> None:
        self.names = {} if names is None else names
        self.magics: dict[str, Callable[[str, str], Any]] = {}
        self.shown: list[Mapping[str, str]] = []

    @property
    def display_pub(self) -> Shell:
        return self

    def publish(self, data: Mapping[str, str]) -> None:
        self.shown.append(data)

    def register_magic_function(self, func: Callable[[str, str], Any], magic_kind: str, magic_name: str) -> None:
        assert magic_kind == "cell"
        self.magics[magic_name] = func

    def push(self, variables: Mapping[str, Any]) -> None:
        self.names.update(variables)

    def run(self, cell: str) -> Any:
        """What a cell of one magic gives, or of Python, whose last line may be an expression."""
        line, _, rest = cell.partition("\n")
        if line.startswith("%load_ext "):
            __import__(line.split()[1]).load_ipython_extension(self)
            return self.run(rest) if rest.strip() else None
        if line.startswith("%%"):
            name, _, words = line[2:].partition(" ")
            return self.magics[name](words, rest)
        *above, last = cell.rstrip().split("\n")
        exec(compile("\n".join(above), "cell", "exec"), self.names)
        try:
            return eval(compile(last, "cell", "eval"), self.names)
        except SyntaxError:
            return exec(compile(last, "cell", "exec"), self.names)
