"""Python that is copied into what archspec writes: read as text and never run here, so that nothing imports torch.

What ``ops/crop.py`` copies stands in ``ops/_emitted/crop.py``, real Python that ruff, mypy and tests see. Where a text
depends on an option, cut marks say so, which are comments::

    # if dense
    batch = 1 if whole else size
    # else
    # batch = size
    # end

As it stands, a file has all options. What holds without one stands under ``# else`` as comments, and is written at the
indent of its ``# if``, wherever a formatter moved it.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from textwrap import dedent
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
HERE = ("archspec", "__future__")
MARK = re.compile(r"( *)# (if|elif|else|end|endif)\b *(.*)")
COMMENT = re.compile(r" *# ?(.*)")


class InvalidMark(ValueError):
    """A cut mark that is unknown, or that opens or closes nothing."""


class Source(NamedTuple):
    """A file of Python that is copied, whole or in parts."""

    path: Path

    def text(self, **options: bool) -> str:
        """All that stands below its imports."""
        text, tree = _parsed(self.path, tuple(options.items()))
        imports = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
        return "\n".join(text.split("\n")[imports[-1].end_lineno if imports else 0 :]).strip("\n")

    def definition(self, name: str, **options: bool) -> str:
        """A class or a function, or a method at its indent: ``Conv2dSame.forward``."""
        text, tree = _parsed(self.path, tuple(options.items()))
        node = _found(tree, name)
        first = min([node.lineno, *(each.lineno for each in node.decorator_list)])
        return "\n".join(text.split("\n")[first - 1 : node.end_lineno])

    def statements(self, name: str, **options: bool) -> str:
        """What a function does, below its docstring, at no indent."""
        text, tree = _parsed(self.path, tuple(options.items()))
        node = _found(tree, name)
        assert ast.get_docstring(node) is not None, f"{name} in {self.path} has no docstring"
        return dedent("\n".join(text.split("\n")[node.body[0].end_lineno : node.end_lineno])).strip("\n")

    def classes(self) -> frozenset[str]:
        """The names of its classes; none where there is no such file."""
        tree = _parsed(self.path, ())[1] if self.path.exists() else ast.Module([], [])
        return frozenset(node.name for node in tree.body if isinstance(node, ast.ClassDef))

    def imports(self) -> dict[str, tuple[str, str]]:
        """What it imports from outside archspec, by name: the module, and what is taken, ``("", "html")`` for all."""
        nodes = ast.parse(self.path.read_text("utf-8")).body
        whole = [alias for node in nodes if isinstance(node, ast.Import) for alias in node.names]
        found = {alias.asname or alias.name: ("", _spelled(alias)) for alias in whole}
        for node in nodes:
            if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] not in HERE:
                found |= {alias.asname or alias.name: (node.module, _spelled(alias)) for alias in node.names}
        return found


def beside(module: str) -> Source:
    """What a module copies: the file of the same name in the folder ``_emitted`` beside it."""
    path = ROOT.joinpath(*module.split("."))
    return Source(path.parent / "_emitted" / f"{path.name}.py")


def filled(source: str, words: Mapping[str, str]) -> str:
    """Source text with words replaced, all at once; each occurs."""
    assert all(word in source for word in words), f"not all of {[*words]} stand in {source}"
    return re.sub("|".join(map(re.escape, words)), lambda match: words[match[0]], source)


class _Block(NamedTuple):
    """An ``# if`` that is open: its indent, whether what follows is kept, and whether that stands as comments."""

    indent: str
    kept: bool
    otherwise: bool = False


def trimmed(source: str, options: Mapping[str, bool]) -> str:
    """Source without its cut marks, and without what the options leave out; raises InvalidMark."""
    kept: list[str] = []
    blocks: tuple[_Block, ...] = ()
    for line in source.split("\n"):
        otherwise = bool(blocks) and blocks[-1].otherwise
        mark = MARK.fullmatch(line)
        if mark and not (otherwise and line.endswith(":")):  # which is a statement of Python
            blocks = _behind(mark, blocks, options)
            continue
        line = _uncommented(line, blocks[-1].indent) if otherwise else line
        kept += [line] * all(block.kept for block in blocks)
    if blocks:
        raise InvalidMark("an `# if` is never closed")
    return "\n".join(kept)


def _behind(mark: re.Match[str], blocks: tuple[_Block, ...], options: Mapping[str, bool]) -> tuple[_Block, ...]:
    """The blocks that are open behind a mark."""
    indent, word, option = mark.groups()
    last = blocks[-1] if blocks else None
    live = last is None or not last.otherwise
    if word == "if" and live and option in options:
        return (*blocks, _Block(indent, options[option]))
    if word == "else" and live and last and not option:
        return (*blocks[:-1], _Block(last.indent, not last.kept, otherwise=True))
    if word == "end" and last and not option:
        return blocks[:-1]
    raise InvalidMark(f"`{mark[0].strip()}` is not a mark, or none here")


def _uncommented(line: str, indent: str) -> str:
    """A line under ``# else`` as it is written."""
    comment = COMMENT.fullmatch(line)
    if comment is None:
        raise InvalidMark(f"`{line.strip()}` stands under `# else`, and is not a comment")
    return f"{indent}{comment[1]}".rstrip()


@cache
def _parsed(path: Path, options: tuple[tuple[str, bool], ...]) -> tuple[str, ast.Module]:
    text = trimmed(path.read_text("utf-8"), dict(options))
    return text, ast.parse(text)


def _spelled(alias: ast.alias) -> str:
    return f"{alias.name} as {alias.asname}" if alias.asname else alias.name


def _found(tree: ast.AST, name: str) -> ast.ClassDef | ast.FunctionDef:
    """A definition by its dotted name."""
    for part in name.split("."):
        nodes = (node for node in ast.iter_child_nodes(tree) if isinstance(node, ast.ClassDef | ast.FunctionDef))
        tree = next(node for node in nodes if node.name == part)
    assert isinstance(tree, ast.ClassDef | ast.FunctionDef)
    return tree
