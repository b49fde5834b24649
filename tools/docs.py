"""Write again what the documents take from the code: diagnostics, the list of files, the table of specs."""

from __future__ import annotations

import ast
import inspect
import json
import re
import sys
from pathlib import Path

from archspec.api import variants
from archspec.commands.explain import explanations
from archspec.compiled import Compiled
from archspec.ir.json import schema
from archspec.recipe import SETTINGS, parts_of
from archspec.recipe.part import Hole, Part
from archspec.render.formats import Ready, markdown
from archspec.targets.torch import module_name

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tools"))
import rooms  # noqa: E402

GROUPS = {
    "E00": "Files and commands",
    "E01": "Reading",
    "E02": "Names and arithmetic",
    "E03": "Printed figures",
    "E04": "The network",
    "E05": "Tables and claims",
    "E06": "Layers",
    "E07": "Shapes",
    "E08": "Bridges between counts",
    "E09": "Weights",
    "E10": "Recipes",
    "E11": "Figures",
    "E12": "Imported networks",
    "E13": "Formulas",
    "E14": "Sweeps and budgets",
}
INTRODUCTION = """# Diagnostics

Every diagnostic has a code that stays the same from release to release. `archspec explain CODE` prints what stands
here. This page is made from the functions that make the diagnostics; `python tools/docs.py` writes it again.
"""
OTHER_FILES = {
    ".lark": "The surface syntax, commented.",
    ".typed": "Says that the package is annotated.",
    ".toml": "The line length of emitted code, for ruff.",
    ".jinja": "The text of an emitted module, with places for what the view decided.",
    ".css": "",
    ".js": "",
}
FIRST_COMMENT = re.compile(r"(?:/\*|\{#) (.*?)\s*(?:\*/|#\})", re.DOTALL)
"""What a style, a script or a template says about itself."""
CORPUS = ("spec", "emitted", "params", "mult-adds", "printed figures that hold")


def diagnostics() -> str:
    """The page of all diagnostics."""
    parts = [INTRODUCTION]
    group = ""
    for code, text in explanations().items():
        if code[:3] != group:
            group = code[:3]
            parts.append(f"## {GROUPS[group]}\n")
        parts.append(f"### {code}\n\n{text}\n")
    return "\n".join(parts)


def corpus() -> str:
    """A row for each network of ``specs/``."""
    specs = sorted((ROOT / "specs").glob("*.arch"))
    rows = [_network(path, compiled) for path in specs for compiled in variants(str(path))]
    return markdown([CORPUS, *rows], (False, False, True, True, True))


def files() -> str:
    """A row for each file of the package: the first line of what it says about itself."""
    folder = ROOT / "archspec"
    paths = [
        path
        for path in sorted(folder.rglob("*"))
        if path.suffix in (".py", *OTHER_FILES) and "__pycache__" not in path.parts
    ]
    rows = [(f"`{path.relative_to(folder).as_posix()}`", _purpose(path)) for path in paths]
    return markdown([("file", "holds"), *rows], (False, False))


def rooms_table() -> str:
    """A row for each room, from the front to the ground."""
    return markdown([("room", "holds"), *rooms.described()], (False, False))


def recipe() -> str:
    """A row for each part that a recipe may have, by its setting."""
    rows = [(name, _forms(part), _purpose_of(part)) for name in SETTINGS for part in parts_of(name)]
    silent = [(f"`{s.name}`", s.silent or "required") for s in SETTINGS.values()]
    first = markdown([("setting", "where the recipe is silent"), *silent], (False, False))
    return first + "\n\n" + markdown([("setting", "written", "means"), *rows], (False, False, False))


def _forms(part: type[Part]) -> str:
    """How a part is written, with the arguments that may follow."""
    forms = [re.sub(r"{(\w+)(\.\.\.)?}", lambda m: m[1].upper() + (", …" if m[2] else ""), f) for f in part.forms]
    inside = {hole.argument for pattern in part.patterns() for hole in pattern if isinstance(hole, Hole)}
    left = {name: argument for name, argument in part.arguments.items() if name not in inside}
    spoken = [name.replace("_", " ") if a.is_switch else f"{name}={_shown(a.default)}" for name, a in left.items()]
    return " or ".join(f"`{form}`" for form in forms if form) + (f" [{', '.join(spoken)}]" if spoken else "")


def _shown(value: object) -> str:
    if value is None:
        return "…"
    return "..".join(f"{end:.4g}" for end in value) if isinstance(value, tuple) else f"{value:g}"


def _purpose_of(part: type[Part]) -> str:
    return inspect.cleandoc(part.__doc__ or "").replace("\n\n", " ").replace("\n", " ").replace("``", "`")


def pages() -> dict[str, str]:
    """The documents that are made, whole or in part, by their names."""
    return {
        "docs/diagnostics.md": diagnostics(),
        "docs/architecture.md": architecture(),
        "docs/ir.schema.json": json.dumps(schema(), indent=2) + "\n",
        "docs/training.md": _filled("docs/training.md", "recipe", recipe()),
        "docs/corpus.md": _filled("docs/corpus.md", "corpus", corpus()),
        "docs/fuzzing.md": _filled("docs/fuzzing.md", "targets", targets()),
    }


def targets() -> str:
    """The targets of fuzzing, with what each asks."""
    found = sorted(path for path in (ROOT / "tools" / "fuzz" / "targets").glob("*.py") if path.stem != "__init__")
    rows = [("target", "asks"), *((f"`{path.stem}`", _purpose(path)) for path in found)]
    return markdown([[Ready(cell) for cell in row] for row in rows], [False, False])


def architecture() -> str:
    """The page of the architecture, with its rooms and its files."""
    name = "docs/architecture.md"
    return _filled(name, "files", files(), _filled(name, "rooms", rooms_table()))


def _filled(name: str, what: str, table: str, text: str | None = None) -> str:
    """A document with the table between two comments written again; the rest stays."""
    start, end = f"<!-- {what}, written by tools/docs.py -->\n", f"<!-- end of {what} -->\n"
    before, rest = (text or (ROOT / name).read_text("utf-8")).split(start)
    return f"{before}{start}\n{table}\n\n{end}{rest.split(end)[1]}"


def _purpose(path: Path) -> str:
    if path.suffix != ".py":
        said = FIRST_COMMENT.match(path.read_text("utf-8"))
        return said[1].replace("\n", " ") if said else OTHER_FILES[path.suffix]
    text = ast.get_docstring(ast.parse(path.read_text("utf-8")))
    assert text, f"{path} says nothing about itself"
    return text.split("\n\n")[0].replace("\n", " ").replace("``", "`")


def _network(path: Path, compiled: Compiled) -> tuple[str, ...]:
    variant = compiled.network.variant
    checks = [check for check in (*compiled.cells, *compiled.claims) if check.verdict != "reported"]
    holding = sum(check.holds for check in checks)
    return (
        Ready(f"[{path.name}](../specs/{path.name})" + (f":{variant}" if variant else "")),
        Ready(f"[code](../generated/{module_name(compiled.network)}.py)"),
        f"{compiled.params:,}",
        f"{compiled.mult_adds:,}",
        f"{holding} of {len(checks)}",
    )


def main() -> None:
    """Write all of it."""
    for name, text in pages().items():
        (ROOT / name).write_text(text, "utf-8", newline="\n")


if __name__ == "__main__":
    main()
