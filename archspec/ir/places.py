"""Where the parts of a JSON text stand, by their paths: one walk over its words, whatever the number of paths."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

Path = tuple[str | int, ...]
WORD = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\]:,]|[^\s{}\[\]:,"]+')


def places(text: str, paths: Sequence[Path]) -> list[tuple[str, int, int]]:
    """For each path of valid JSON how it is written, ``rows[3].steps``, and the start and end of what stands there.

    Of a path that leads to nothing, the longest part that leads somewhere. What Pydantic puts between, the kinds of
    nodes, is not part of a path.
    """
    data = json.loads(text)
    real = [_real(path, data) for path in paths]
    wanted: dict[Any, Any] = {}
    for path in real:
        node = wanted
        for key in path:
            node = node.setdefault(key, {})
    found: dict[Path, tuple[int, int]] = {}
    _Walk(text, found).value((), wanted)
    return [(_written(path), *found[path]) for path in real]


def _real(path: Path, data: Any) -> Path:
    """The keys of a path that exist, one after the other."""
    found: list[str | int] = []
    for key in path:
        listed = isinstance(data, list) and isinstance(key, int) and key < len(data)
        if listed or (isinstance(data, dict) and key in data):
            data = data[key]
            found.append(key)
    return tuple(found)


def _written(path: Path) -> str:
    text = "".join(
        f"[{key}]" if isinstance(key, int) else f".{key}" if key.isidentifier() else f"[{json.dumps(key)}]"
        for key in path
    )
    return text.removeprefix(".")


class _Walk:
    """Walks the words of a text, and notes where values stand that are wanted."""

    def __init__(self, text: str, found: dict[Path, tuple[int, int]]) -> None:
        self._words = WORD.finditer(text)
        self._found = found

    def value(self, path: Path, wanted: dict[Any, Any] | None) -> None:
        """One value; ``wanted`` are the keys inside it that lead to a path, None where none does."""
        self._begun(next(self._words), path, wanted)

    def _begun(self, word: re.Match[str], path: Path, wanted: dict[Any, Any] | None) -> None:
        if wanted is not None:
            self._found[path] = word.span()
        if word[0] in ("{", "["):
            self._inside(word[0], path, wanted) if wanted else self._skip()

    def _inside(self, opened: str, path: Path, wanted: dict[Any, Any]) -> None:
        index = 0
        while (word := next(self._words))[0] not in ("}", "]"):
            if word[0] == ",":
                continue
            key: str | int = index
            if opened == "{":
                key = json.loads(word[0])
                next(self._words)  # the colon
                self.value((*path, key), wanted.get(key))
            else:
                self._begun(word, (*path, key), wanted.get(key))
            index += 1

    def _skip(self) -> None:
        """Everything up to the end of what was opened."""
        depth = 1
        while depth:
            word = next(self._words)[0]
            depth += (word in ("{", "[")) - (word in ("}", "]"))
