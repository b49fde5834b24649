"""Which file may know which: imports point down, heavy libraries stay where they belong, ops are known to ops alone."""

from __future__ import annotations

import ast
import json
import os
import runpy
import subprocess
import sys
from collections.abc import Collection, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from archspec import ops
from archspec.commands.explain import HOMES

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "archspec"
HOME_OF = {
    "lark": {"language/generate.py"},
    "matplotlib": {"reports/plots/_canvas.py"},
    "numpy": {
        "expressions/numeric.py",
        "family/sweeps/answers.py",
        "family/sweeps/arrays.py",
        "family/sweeps/conditions.py",
        "family/sweeps/distribution.py",
        "family/sweeps/drawing.py",
        "family/sweeps/engine.py",
        "family/sweeps/field.py",
        "family/sweeps/files.py",
        "family/sweeps/filling.py",
        "family/sweeps/selection.py",
        "family/sweeps/sums.py",
        "family/sweeps/terms.py",
    },
    "pandas": {"family/sweeps/sweep.py"},
    "pyarrow": {"family/sweeps/tables.py"},
    "jinja2": {"targets/templating.py"},
    "torch": {
        "importing/torch/at_rest.py",
        "importing/torch/names.py",
        "importing/torch/numbers.py",
        "importing/torch/program.py",
        "importing/torch/recognised.py",
        "importing/torch/replay.py",
        "importing/torch/skeletons.py",
        "importing/torch/stand_ins.py",
        "targets/torch/load.py",
        "weights/files.py",
    },
    "safetensors": {"weights/files.py"},
    "pydantic": {"ir/json.py"},
    "vl_convert": {"figures/formats/_drawn.py"},
    "wcwidth": {"support/terminal.py"},
}
FILES = sorted(path for path in PACKAGE.rglob("*.py") if "__pycache__" not in path.parts)


house = runpy.run_path(str(ROOT / "tools" / "rooms.py"))
room, level, is_emitted = house["room"], house["level"], house["is_emitted"]


@cache
def parsed(path: Path) -> ast.Module:
    """What a file says, which several tests ask."""
    return ast.parse(path.read_text("utf-8"))


@cache
def imports(path: Path) -> list[tuple[str, bool]]:
    """The modules that a file imports, anywhere in it, and whether for their types alone."""
    return list(_imports(path, parsed(path)))


def _imports(path: Path, tree: ast.Module) -> Iterator[tuple[str, bool]]:
    typed = [n for n in ast.walk(tree) if isinstance(n, ast.If) and ast.unparse(n.test) == "TYPE_CHECKING"]
    for_types = {id(node) for block in typed for node in ast.walk(block)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, id(node) in for_types) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
            yield from ((name, id(node) in for_types) for name in names)


def home(name: str, modules: Collection[str]) -> str:
    """The module that a name is, or that it comes from."""
    return name if name in modules else name.rpartition(".")[0]


def test_every_file_has_a_room() -> None:
    assert {room(path) for path in FILES} == {name for names in house["ROOMS"] for name in names}


def test_the_package_shows_its_rooms() -> None:
    kept = (path for path in PACKAGE.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    assert len({path.relative_to(PACKAGE).parts[0] for path in kept}) <= 32


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_point_down(path: Path) -> None:
    here = room(path)
    for name, _ in imports(path):
        there = (name.split(".")[1:] or ["__init__"])[0] if name.split(".")[0] == "archspec" else None
        if there is None or there.startswith("__") or there == here:
            continue
        assert level(there) > level(here), f"{here} imports {there}"


def test_no_file_imports_one_that_imports_it() -> None:
    def module(path: Path) -> str:
        return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")

    names = {module(path) for path in FILES}
    graph = {module(path): {home(name, names) for name, _ in imports(path)} & names for path in FILES}
    for start in graph:
        open, seen = [*graph[start] - {start}], set[str]()
        while open:
            if (name := open.pop()) not in seen:
                seen.add(name)
                open += graph[name]
        assert start not in seen, f"{start} imports itself, by way of others"


def test_heavy_libraries_stay_where_they_belong() -> None:
    found: dict[str, set[str]] = {name: set() for name in HOME_OF}
    for path in FILES:
        for name, for_types in () if is_emitted(path) else imports(path):
            library = name.split(".")[0]
            assert library in {*HOME_OF, "archspec"} | sys.stdlib_module_names, f"{path} imports {library}"
            if library in HOME_OF and not for_types:
                found[library].add(path.relative_to(PACKAGE).as_posix())
    assert found == HOME_OF


def test_what_is_emitted_is_read_and_not_imported() -> None:
    folders = {".".join(path.parent.relative_to(ROOT).parts) for path in FILES if is_emitted(path)}
    assert len(folders) > 2
    for path in FILES:
        for name, _ in () if is_emitted(path) else imports(path):
            assert not [folder for folder in folders if name.startswith(folder)], f"{path} imports {name}"


def test_diagnostics_are_made_in_the_listed_modules_alone() -> None:
    made = {
        p for p in FILES if "@explained(" in p.read_text("utf-8") and p.name not in ("diagnostics.py", "explain.py")
    }
    names = {".".join(path.relative_to(PACKAGE).with_suffix("").parts) for path in made}
    assert names == set(HOMES)


def names_that_matter(path: Path) -> Iterator[str]:
    """The strings that a file compares something with, by ``==``, ``in`` or ``match``, or puts into syntax."""
    for node in ast.walk(parsed(path)):
        makes = isinstance(node, ast.Call) and ast.unparse(node.func) == "s.Text"
        if makes or isinstance(node, ast.Compare | ast.MatchValue):
            yield from (n.value for n in ast.walk(node) if isinstance(n, ast.Constant) and isinstance(n.value, str))


def test_no_file_outside_ops_asks_which_op_it_has() -> None:
    names = {spelling for name in ops.names() for spelling in (name, name.replace("-", "_"))}
    classes = {op.__name__ for op in ops.every()}
    for path in FILES:
        if room(path) != "ops":
            assert not set(names_that_matter(path)) & (names | classes), path
            assert not [name for name, _ in imports(path) if name.startswith("archspec.ops.")], path


def test_an_op_is_named_as_its_file() -> None:
    for op in ops.every():
        stem = op.__module__.rpartition(".")[2]
        assert op.__name__.lower() == stem.replace("_", "")
        assert ops.find(op.__name__) is op
        assert ops.find(op.spelled()) is op


def test_shorthand_stands_for_one_layer() -> None:
    flags = {
        "nameless": ops.nameless(),
        "passes_on": ops.passing_on(),
        "pads_channels": ops.padding_channels(),
        "joins_residual": ops.joining_residual(),
        "joins_dense": ops.joining_dense(),
    }
    for flag, op in flags.items():
        assert [each for each in ops.every() if getattr(each, flag)] == [op]


def run(script: str) -> Any:
    """What a script prints as JSON, in an interpreter of its own."""
    env = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.dear
def test_without_torch_everything_works_but_building() -> None:
    script = """
import sys; sys.modules["torch"] = None
import contextlib, glob, io, json
from archspec import load
from archspec.api import variants
from archspec.cli import main
done = []
for spec in sorted(glob.glob("specs/*.arch"))[::2]:
    for compiled in variants(spec)[-1:]:
        assert compiled.holds and json.loads(compiled.to_json())["rows"]
        compile(compiled.source(), spec, "exec")
        try:
            compiled.build()
        except ModuleNotFoundError as error:
            assert "pip install" in str(error), error
        else:
            raise AssertionError("built without torch")
        done.append(compiled.name)
with contextlib.redirect_stdout(io.StringIO()):
    for command in ("count", "check"):
        assert main([command, "specs/vgg_D.arch", "--format", "json"]) == 0
    assert main(["emit", "specs/vgg_D.arch"]) == 0
print(json.dumps(done))
"""
    assert len(run(script)) == -(-len(list((ROOT / "specs").glob("*.arch"))) // 2)


HEAVY = ["torch", "safetensors", "jinja2", "numpy", "rich", "wcwidth", "pydantic", "lark", "difflib"]


def loaded(statement: str) -> set[str]:
    script = f"import sys, json, io, contextlib\nwith contextlib.redirect_stdout(io.StringIO()):\n    {statement}\n"
    names: list[str] = run(script + f"print(json.dumps([n for n in {HEAVY} if n in sys.modules]))")
    return set(names)


def test_import_archspec_imports_nothing_else() -> None:
    assert loaded("import archspec; dir(archspec)") == set()


def test_counting_imports_no_library() -> None:
    assert loaded("from archspec.cli import main; main(['count', 'specs/vgg_D.arch'])") == set()


def test_help_and_version_import_no_library() -> None:
    assert loaded("from archspec.cli import parser; parser(['--help']).format_help()") == set()


def test_nothing_imports_tools_or_tests() -> None:
    names = {name.split(".")[0] for path in FILES for name, _ in imports(path)}
    assert not names & {"tools", "tests", "conftest"}
