"""Runs tests/cases/**/*.md: prose, an ```arch fence, and fences that say what must come of it.

A case is a section under a `##` heading. Its fences:

    ```arch D classes=10 input=32x32x3     a spec, with the variant, parameters and input that are asked for
    ```arch file=blocks.arch               another file, for `use` and `like`
    ```error                               the diagnostics, warnings too, to the letter; none where there is no such fence
    ```shapes                              a layer and its output a line
    ```count                               the table of layers with its totals
    ```claims                              the printed cells and claims with their verdicts
    ```misprints                           the cells that are printed wrong, with the figures that show it
    ```torch Vgg.forward                   the emitted file, or a class, function or method of it
    ```recipe                              the settings of the recipe, each with its parts and their arguments

`ARCHSPEC_UPDATE=1 pytest tests/test_cases.py` writes what comes out into the fences, to be read before it is committed.
It never touches `shapes`, nor the numbers of a case that has them: those were worked out by hand.
"""

from __future__ import annotations

import ast
import os
import posixpath
import re
from collections.abc import Callable, Iterator
from functools import cached_property
from pathlib import Path
from textwrap import dedent
from typing import NamedTuple

import pytest

from archspec.commands.explain import explanations
from archspec.compiled import Compiled
from archspec.diagnostics import ArchError, Diagnostic, Source, diagnostic_text
from archspec.elaborate import Request
from archspec.elaborate.options import setting, size
from archspec.files import cannot_read, outside
from archspec.ir.network import Value
from archspec.pipeline import compile_text
from archspec.render.checks import checks_text, misprints_text
from archspec.render.table import as_text
from archspec.support.terminal import Style

CASES = Path(__file__).parent / "cases"
FENCE = re.compile(r"^```(?P<kind>\w+) ?(?P<info>.*)\n(?P<text>(?:.*\n)*?)```$", re.MULTILINE)
BY_HAND = frozenset({"shapes"})
NUMBERS = frozenset({"count", "claims"})
OUTSIDE = {
    **dict.fromkeys(("E0001", "E0002", "E0003", "E0004", "E0005", "E0006", "E0008"), "test_files.py"),
    "E0012": "test_first_hour.py",
    "E0013": "test_first_hour.py",
    **dict.fromkeys(("E0014", "E0015", "E0016", "E0017"), "test_paper_tables.py"),
    **dict.fromkeys(("E0018", "E0019", "E0020"), "test_plots.py"),
    "E0105": "test_hostile.py",
    **dict.fromkeys(("E0901", "E0902", "E0903", "E0904", "E0905", "E0906"), "test_weight_files.py"),
    **dict.fromkeys(("E0007", "E0406", "E0407", "E0408", "E0801", "E0802"), "test_cli.py"),
    "E0009": "test_audit.py",
    "E0317": "test_errata.py",
    **dict.fromkeys(("E0010", "E0011", "E0309", "E0412"), "test_ir_contract.py"),
    **dict.fromkeys(("E0415", "E0416"), "test_printing.py"),
    "E0907": "test_limits.py",
    "E0908": "test_opaque.py",
    "E0909": "test_opaque_modules.py",
    "E0910": "test_limits.py",
    "E0911": "test_weight_files.py",
    **dict.fromkeys(("E1101", "E1102", "E1103"), "test_draw.py"),
    "E1104": "test_figures.py",
    "E1105": "test_figure_volumes.py",
    **dict.fromkeys(("E1110", "E1112"), "test_figure_formats.py"),
    "E1111": "test_figure_files.py",
    "E1113": "test_figure_diagrams.py",
    **dict.fromkeys(("E1201", "E1202", "E1203", "E1204", "E1205", "E1206", "E1207"), "test_import_names.py"),
    "E1208": "test_import_reader.py",
    **dict.fromkeys(("E1301", "E1302", "E1303", "E1304", "E1305", "E1306", "E1307", "E1308"), "test_formulas.py"),
    **dict.fromkeys(
        ("E1401", "E1402", "E1403", "E1404", "E1405", "E1406", "E1407", "E1408", "E1409", "E1410", "E1411"),
        "test_sweeps.py",
    ),
    **dict.fromkeys(("E0418", "E1413", "E1414", "E1417"), "test_spaces.py"),
    "E1415": "test_solving.py",
    **dict.fromkeys(("E1416", "E1418"), "test_sweeps.py"),
    "E1412": "test_swept_conditions.py",
    "E1209": "test_import_names.py",
    "E1211": "test_import_names.py",
    "E1210": "test_import_odd_modules.py",
}
"""Codes that arise from files, from a command or from sheer size, and the test that has them."""


class Fence(NamedTuple):
    kind: str
    info: str
    text: str
    start: int
    end: int


class Case:
    """One section of a case file."""

    def __init__(self, path: Path, title: str, start: int, text: str) -> None:
        self.path, self.title = path, title
        self.fences = [
            Fence(m["kind"], m["info"], m["text"], start + m.start("text"), start + m.end("text"))
            for m in FENCE.finditer(text)
        ]

    @property
    def spec(self) -> Fence:
        found = [fence for fence in self.fences if fence.kind == "arch" and not fence.info.startswith("file=")]
        assert len(found) == 1, f"{self.path.name}, {self.title}: one spec a case"
        return found[0]

    def read(self, source: Source, path: str) -> Source:
        """What a spec names: the other files of the case, as if they stood in its folder."""
        name = posixpath.normpath(posixpath.join(posixpath.dirname(source.name), path))
        if name.startswith("..") or not name.endswith(".arch"):
            raise ArchError([outside(path, inside=not name.startswith(".."))])
        files = {"case.arch": self.spec.text}
        files |= {f.info.removeprefix("file="): f.text for f in self.fences if f.info.startswith("file=")}
        if name not in files:
            raise ArchError([cannot_read(name, FileNotFoundError(2, "No such file or directory"), name)])
        return Source(name, files[name])

    @cached_property
    def outcome(self) -> tuple[Compiled | None, tuple[Diagnostic, ...]]:
        try:
            request = asked(self.spec.info)._replace(reader=self.read)
            compiled = compile_text(Source("case.arch", self.spec.text), request).checked()
        except ArchError as error:
            return None, error.diagnostics
        return compiled, compiled.diagnostics

    def actual(self, fence: Fence) -> str:
        """What has to stand in a fence."""
        compiled, diagnostics = self.outcome
        if fence.kind == "error":
            return "\n\n".join(diagnostic_text(d) for d in diagnostics) + "\n"
        assert compiled is not None, "\n\n".join(diagnostic_text(d) for d in diagnostics)
        return SHOWN[fence.kind](compiled, fence.info).rstrip("\n") + "\n"

    def may_write(self, fence: Fence) -> bool:
        """Whether a fence may be rewritten: numbers with a second witness may not."""
        kinds = {other.kind for other in self.fences}
        return fence.kind not in BY_HAND and not (fence.kind in NUMBERS and kinds & BY_HAND)


def asked(info: str) -> Request:
    """``D classes=10 input=32x32x3``."""
    words = info.split()
    variant = next((word for word in words if "=" not in word), None)
    settings: dict[str, Value] = dict(setting(word) for word in words if "=" in word and not word.startswith("input="))
    inputs = [size(word.removeprefix("input=")) for word in words if word.startswith("input=")]
    return Request(variant, settings, inputs[0] if inputs else None)


def shapes_text(compiled: Compiled, info: str) -> str:
    wide = max(len(row.layer) for row in compiled.rows)
    return "\n".join(f"{row.layer:<{wide}}  {row.output}" for row in compiled.rows)


def count_text(compiled: Compiled, info: str) -> str:
    return as_text(compiled.result, Style()).split("\n\n")[1]


def claims_text(compiled: Compiled, info: str) -> str:
    return checks_text([*compiled.cells, *compiled.claims], Style())


def wrong_cells_text(compiled: Compiled, info: str) -> str:
    return misprints_text(compiled.misprints)


def torch_text(compiled: Compiled, info: str) -> str:
    source = compiled.source()
    return part_of(source, info.split(".")) if info else source


def part_of(source: str, path: list[str]) -> str:
    """The source of a class, a function or a method."""
    nodes: list[ast.stmt] = ast.parse(source).body
    for name in path:
        found = [n for n in nodes if isinstance(n, ast.ClassDef | ast.FunctionDef) and n.name == name]
        assert found, f"no `{name}` in\n{source}"
        last, nodes = found[0], found[0].body
    return dedent("\n".join(source.splitlines()[last.lineno - 1 : last.end_lineno]))


def recipe_text(compiled: Compiled, info: str) -> str:
    recipe = compiled.network.recipe
    assert recipe is not None
    lines = []
    for name, found in recipe.settings.items():
        args = [[f"{key}={value}" for key, value in use.args.items()] for use in found.uses]
        parts = "; ".join(" ".join([use.part, *given]) for use, given in zip(found.uses, args, strict=True))
        lines.append(f"{name}: {parts}" + (f"  [{found.source}]" if found.source else ""))
    return "\n".join(lines)


SHOWN: dict[str, Callable[[Compiled, str], str]] = {
    "shapes": shapes_text,
    "count": count_text,
    "claims": claims_text,
    "misprints": wrong_cells_text,
    "torch": torch_text,
    "recipe": recipe_text,
}


def cases_of(path: Path) -> Iterator[Case]:
    text = path.read_text("utf-8")
    heads = list(re.finditer(r"^## (.+)$", text, re.MULTILINE))
    ends = [*(head.start() for head in heads[1:]), len(text)]
    for head, end in zip(heads, ends, strict=True):
        yield Case(path, head[1], head.start(), text[head.start() : end])


FILES = sorted(CASES.rglob("*.md"))
ALL = [case for path in FILES for case in cases_of(path)]


def rewrite(case: Case) -> None:
    """Write what comes out into the fences of a case, wherever they stand by now."""
    fresh = next(c for c in cases_of(case.path) if c.title == case.title)
    text = case.path.read_text("utf-8")
    for fence in reversed(fresh.fences):
        if fence.kind != "arch" and fresh.may_write(fence):
            text = text[: fence.start] + fresh.actual(fence) + text[fence.end :]
    case.path.write_text(text, "utf-8")


@pytest.mark.parametrize("case", ALL, ids=[f"{c.path.relative_to(CASES).with_suffix('')}: {c.title}" for c in ALL])
def test_a_case_gives_what_its_fences_say(case: Case) -> None:
    if os.environ.get("ARCHSPEC_UPDATE"):
        rewrite(case)
        case = next(c for c in cases_of(case.path) if c.title == case.title)
    expected = [fence for fence in case.fences if fence.kind != "arch"]
    assert expected, "a case has something to say"
    for fence in expected:
        assert case.actual(fence) == fence.text, f"{fence.kind} differs"
    if not any(fence.kind == "error" for fence in expected):
        assert case.outcome[1] == ()


def test_headings_name_each_case_once() -> None:
    for path in FILES:
        titles = [case.title for case in cases_of(path)]
        assert len(titles) == len(set(titles)), path


def test_fences_are_of_known_kinds() -> None:
    kinds = {fence.kind for case in ALL for fence in case.fences}
    assert kinds <= {"arch", "error", *SHOWN}


def test_every_code_has_a_case() -> None:
    shown = {
        code
        for case in ALL
        for fence in case.fences
        if fence.kind == "error"
        for code in re.findall(r"^(?:error|warning)\[(E\d+)\]", fence.text, re.MULTILINE)
    }
    assert shown | set(OUTSIDE) == set(explanations())
    for code, file in OUTSIDE.items():
        assert code in (Path(__file__).parent / file).read_text("utf-8"), f"{file} says that it has {code}"


def test_every_explanation_is_a_text() -> None:
    assert [code for code, text in explanations().items() if len(text) < 20] == []
