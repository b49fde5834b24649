"""A walk of the syntax tree of emitted code: it imports, calls and names what archspec's own sources spell, and no more.

What may be spelled is read from the Python that archspec copies (the engine, the modules of layers, the pieces of
recipes) and from the texts in the files that write code. So text of a spec that became code would be found by its
names, whatever it does, and nothing of that is listed here.
"""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

import archspec
from archspec.expressions.values import FUNCTIONS
from archspec.support.sources import trimmed
from archspec.targets import torch, train
from archspec.targets.train.program import importable

PACKAGE = Path(archspec.__file__).parent
COPIED = ("ops/_emitted", "targets/torch/_emitted"), ("targets/train/engine", "recipe/_emitted")
"""The folders of what emitted modules copy, and of what training programs copy beside that."""
WRITERS = (
    ("ops", "expressions", "targets/torch", "recipe/inits.py"),
    ("recipe", "targets/train", "targets/templating.py"),
)
"""Where the rest of the code is written as text: of modules, and of programs."""
NETWORK = "architecture"
"""How a program calls the file of its network, of which it takes the function and the weights of the heads."""
OF_NETWORK = re.compile(rf"{NETWORK}\.\w+(\.head_weights)?")
HOLE = "ꙮ"
"""A letter that stands for what a text is filled with."""
OPTION = re.compile(r"# (?:el)?if (\w+)")
CHAIN = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)+|\.[^\W\d]\w*")
CALLED = re.compile(r"(?<![\w.])([^\W\d]\w*)(?=\(|\[nn\.| ==)")
IMPORT = re.compile(r"(from [\w.]+ )?import \w[\w., ]*")
CLASS = re.compile(r"[A-Z]\w+", re.ASCII)
WORD = re.compile(r"[^\W\d]\w*")
BUILTINS = frozenset(dir(builtins))


Imported = tuple[str, str, str]
"""The module, what is taken from it, and the name that it has here."""


class Spelled(NamedTuple):
    """What a tree spells, or what archspec's sources do."""

    imports: frozenset[Imported]
    builtins: frozenset[str]
    chains: frozenset[str]
    """Dotted names that begin with what is imported: ``torch.utils.data``."""
    attributes: frozenset[str]
    """Those of everything else, behind the names that they begin with: ``module.weight``, or ``.weight`` of a call."""
    unbound: frozenset[str] = frozenset()
    """Names that nothing in the tree binds."""
    rebound: frozenset[str] = frozenset()
    """Names of imports and builtins that the tree gives another meaning."""

    def beyond(self, known: Spelled) -> list[str]:
        """What is spelled here and not there, in words."""
        patterns = [re.escape(each).replace(HOLE, r"[^\W_]\w*") for each in known.chains if HOLE in each]
        made = re.compile("|".join(patterns) or "(?!)").fullmatch
        left = self._replace(
            chains=frozenset(each for each in self.chains if not made(each)),
            attributes=frozenset(
                each for each in self.attributes if each.rpartition(".")[2] not in known.attributes and not made(each)
            ),
        )
        pairs = zip(self._fields, left, known, strict=True)
        return [f"{name}: {each}" for name, mine, theirs in pairs for each in sorted(map(str, mine - theirs))]


WALKED: set[str] = set()
UNWATCHED: list[bool] = []


@contextmanager
def unwatched() -> Iterator[None]:
    """Inside, nothing is walked: a test counts what the compiler calls."""
    UNWATCHED.append(True)
    try:
        yield
    finally:
        UNWATCHED.pop()


@contextmanager
def watching() -> Iterator[None]:
    """Inside, whatever archspec emits is walked before anybody sees it, each text once."""
    rendered, emit = torch._rendered, train.emit

    def demand(source: str, program: bool = False) -> str:
        if source not in WALKED and not UNWATCHED:
            WALKED.add(source)
            assert not (found := strange(source, program)), f"emitted code has what archspec never writes: {found}"
        return source

    def module(view: Any) -> str:
        return demand(rendered(view))

    def program(*args: Any, **options: Any) -> str:
        return demand(emit(*args, **options), program=True)

    with mock.patch.object(torch, "_rendered", module), mock.patch.object(train, "emit", program):
        yield


def strange(source: str, program: bool = False) -> list[str]:
    """What emitted code spells that no source of archspec does; a training program may spell more than a module."""
    spelled = spelled_in(ast.parse(source))
    if program:
        networks = {each for each in spelled.imports if each[2] == NETWORK}
        parts = {each for each in spelled.chains if OF_NETWORK.fullmatch(each)}
        spelled = spelled._replace(imports=spelled.imports - networks, chains=spelled.chains - parts)
    return spelled.beyond(known(program))


def spelled_in(tree: ast.Module) -> Spelled:
    """What a tree imports, names and calls."""
    nodes = [*ast.walk(tree)]
    imports = frozenset(_imports(nodes))
    local = {each[2] for each in imports}
    bound = {*_bound(nodes)}
    loaded = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
    chains, attributes = set[str](), set[str]()
    for node in nodes:
        if isinstance(node, ast.Attribute):
            root = _root(node)
            if root in local:
                chains.add(ast.unparse(node))
            elif node.attr not in bound:
                attributes.add(ast.unparse(node) if root else f".{node.attr}")
    free = loaded - bound - local
    return Spelled(
        imports,
        frozenset(free & BUILTINS),
        frozenset(chains),
        frozenset(attributes),
        frozenset(free - BUILTINS),
        frozenset(bound & (BUILTINS | local)),
    )


def _root(node: ast.expr) -> str:
    """The name that a dotted name begins with; none where it begins with a call or a value."""
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def _imports(nodes: Iterable[ast.AST]) -> Iterator[Imported]:
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (("", alias.name, alias.asname or alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((node.module or ".", alias.name, alias.asname or alias.name) for alias in node.names)


def _bound(nodes: Iterable[ast.AST]) -> Iterator[str]:
    """What a tree gives names to: variables, arguments, attributes, definitions."""
    for node in nodes:
        match node:
            case ast.Name(id=name, ctx=ast.Store()) | ast.arg(arg=name):
                yield name
            case ast.Attribute(attr=name, ctx=ast.Store()):
                yield name
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
            case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)):
                yield name


@cache
def known(program: bool) -> Spelled:
    """What modules may spell, or programs, which copy more."""
    kinds = 2 if program else 1
    trees = [tree for folders in COPIED[:kinds] for folder in folders for tree in _copied(folder)]
    texts = [text for folders in WRITERS[:kinds] for folder in folders for text in _texts(folder)]
    found = [spelled_in(tree) for tree in map(_alone, trees)]
    imports = {each for spelled in found for each in spelled.imports}
    local = {each[2] for each in imports}
    written = {chain for text in texts for chain in CHAIN.findall(text)}
    dotted = {part for chain in written for part in _starts(chain)}
    defined = {name for tree in trees for name in _bound(ast.walk(tree))}
    return Spelled(
        frozenset(imports | _imported_by([*texts, *_importable(program)]) | _other_classes(imports, texts)),
        frozenset({name for spelled in found for name in spelled.builtins} | _called(texts)),
        frozenset({chain for spelled in found for chain in spelled.chains} | dotted),
        frozenset(_last(found) | defined | {word for chain in written for word in WORD.findall(chain)}),
        rebound=frozenset(defined & (BUILTINS | local)),
    )


def _other_classes(imports: Iterable[Imported], texts: Iterable[str]) -> set[Imported]:
    """The classes by which a part of a recipe replaces one that it copies: ``CIFAR100`` in the place of ``CIFAR10``."""
    modules = {module for module, taken, _ in imports if module and taken[0].isupper()}
    return {(module, text, text) for text in texts if CLASS.fullmatch(text) for module in modules}


def _last(found: Iterable[Spelled]) -> set[str]:
    return {chain.rpartition(".")[2] for spelled in found for chain in spelled.attributes}


def _starts(chain: str) -> Iterator[str]:
    """``a.b``, ``a.b.c`` of ``a.b.c``, unless nobody knows what it begins with."""
    parts = chain.split(".")
    return (".".join(parts[:end]) for end in range(2, len(parts) + 1) if HOLE not in parts[0])


def _importable(program: bool) -> list[str]:
    """The imports of programs whose code is written as text."""
    pairs = importable().values() if program else ()
    return [f"from {module} import {taken}" if module else f"import {taken}" for module, taken in pairs]


def _copied(folder: str) -> Iterator[ast.Module]:
    """The Python that is copied, with and without what its cut marks leave out."""
    for path in sorted((PACKAGE / folder).glob("*.py")):
        text = path.read_text("utf-8")
        for kept in _choices({*OPTION.findall(text)}):
            yield ast.parse(trimmed(text, kept))


def _alone(tree: ast.Module) -> ast.Module:
    """A file as it is copied: what it imports of archspec stands beside it there."""
    own = [
        node for node in tree.body if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("archspec")
    ]
    return ast.Module([node for node in tree.body if node not in own], [])


def _choices(options: set[str]) -> Iterator[dict[str, bool]]:
    """All options, none, and all but one."""
    yield dict.fromkeys(options, True)
    if options:
        yield dict.fromkeys(options, False)
        yield from ({option: option != left for option in options} for left in sorted(options))


def _texts(folder: str) -> Iterator[str]:
    """The texts in the files that write code, without docstrings and what is said to people, and the templates."""
    place = PACKAGE / folder
    for path in [place] if place.is_file() else sorted(place.rglob("*")):
        if path.suffix == ".jinja":
            yield re.sub(r"\{%.*?%\}|\{\{.*?\}\}", " ", path.read_text("utf-8"))
        elif path.suffix == ".py" and "messages" not in path.stem and path.parent.name not in ("_emitted", "engine"):
            yield from _constants(ast.parse(path.read_text("utf-8")))


def _constants(tree: ast.Module) -> Iterator[str]:
    said = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in said:
            yield node.value
        elif isinstance(node, ast.JoinedStr):
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else HOLE for part in node.values)


def _imported_by(texts: Iterable[str]) -> set[Imported]:
    """The imports that stand in texts as lines of Python."""
    found = set[Imported]()
    for line in (line for text in texts for line in text.split("\n") if IMPORT.fullmatch(line)):
        found |= {*_imports(ast.walk(ast.parse(line)))}
    return found


def _called(texts: Iterable[str]) -> set[str]:
    """The builtins that texts call, or that are texts: the names of functions of the language."""
    return {word for text in texts for word in [*CALLED.findall(text), *FUNCTIONS.keys() & {text}]} & BUILTINS
