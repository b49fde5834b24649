"""Every code block of README, CHANGELOG, CONTRIBUTING and docs/ is run, and what the documents list is complete.

A block runs by its language, in the order of its page, in a copy of the repository:

- ``arch``: the spec compiles, every variant of it, and nothing is said about it.
- ``console``: each ``$ command`` prints exactly what stands below it; a line ``...`` stands for lines left out.
- ``python``: runs, in one namespace a page. ``text`` is what the ``python`` block before it printed. ``ipython`` is a
  cell of a notebook, in the same namespace; `test_notebook.py` runs these cells in a kernel.
- ``yaml``: a workflow, whose commands run.
- ``bash``: commands of a cluster. The shell parses them, and each word of theirs that begins with ``--`` is an option of
  torchrun or of the program.
- ``slurm``: a script of a job array, which `test_clusters.py` runs, as it does programs of Ray and Dask.
- ``sh``: set-up commands and sessions of nox. They install into new environments, which takes minutes and the network,
  so they are not run here; ``check_shell`` looks at their parts.

HTML comments above a block say what is special about it: ``file: NAME`` writes it to a file of the copy as well;
``fails: E0301`` names the diagnostics of a spec, all of them; ``within: network`` adds the `network`, `input` and table
that a fragment lacks; ``within: cells`` makes each of its lines the one row of a network; ``excerpt: FILE`` says that
it stands word for word in a file; ``whole: FILE`` that it is that file, which is compiled where the corpus is tested. A
language without a handler fails.
"""

from __future__ import annotations

import io
import json
import re
import runpy
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterable, Iterator
from contextlib import chdir, nullcontext, redirect_stderr, redirect_stdout
from functools import cache
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from pkgutil import iter_modules
from typing import Any, NamedTuple

import pytest
import yaml  # type: ignore[import-untyped]
from emitted_tree import unwatched
from networks import audited, whole_corpus
from notebooks import Shell
from programs import assert_digits_told_apart, one_worker, server

import archspec
from archspec import ArchError, ops
from archspec.api import variants
from archspec.cli import main, parser
from archspec.counting.conventions import CONVENTIONS, EXTRAS
from archspec.counting.printed import UNITS
from archspec.counting.quantities import CHECKS, CLAIMS
from archspec.elaborate.words import find_op
from archspec.language.grammar import STATEMENTS
from archspec.op import Op

ROOT = Path(__file__).parent.parent
PAGES = [
    "README.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    *(f"docs/{path.name}" for path in sorted((ROOT / "docs").glob("*.md"))),
]
FENCE = re.compile(
    r"(?P<said>(?:^<!--[^\n]*-->\n)*)^```(?P<language>\S*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL
)
SAID = re.compile(r"<!-- (\w+): (.*?) -->")
HEADER = "network example(classes=10, width=32, k=2)\n"
INPUT = "input 32x32x64\n"
TABLE = "\n| conv3-64 |\n| FC-classes |\n"


class Block(NamedTuple):
    """A fenced block of a page, with what the comments above it say."""

    line: int
    language: str
    said: dict[str, str]
    text: str


def page(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def blocks(text: str) -> Iterator[Block]:
    """The fenced blocks, in order; each fence of the text must belong to one."""
    found = list(FENCE.finditer(text))
    assert text.count("```") == 2 * len(found)
    for match in found:
        line = text.count("\n", 0, match.start("language")) + 1
        yield Block(line, match["language"], dict(SAID.findall(match["said"])), match["text"])


class Workspace:
    """A copy of the repository in which the blocks of one page run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in ("archspec", "specs", "generated", "examples"):
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        self.names: dict[str, Any] = {"__name__": "docs"}
        self.shell = Shell(self.names)
        self.printed = ""
        self.code = 0

    def run(self, block: Block) -> None:
        handlers: dict[str, Callable[[Block], None]] = {
            "arch": self.arch,
            "console": self.console,
            "python": self.python,
            "ipython": self.cell,
            "text": self.output_of_python,
            "sh": lambda block: check_shell(block.text),
            "bash": lambda block: check_cluster(block.text),
            "slurm": lambda block: None,  # which test_clusters.py runs
            "json": lambda block: json.loads(block.text),
            "latex": self.latex,
            "yaml": self.workflow,
            "pgm": lambda block: None,  # an image, which a command takes
        }
        if "file" in block.said:
            (self.folder / block.said["file"]).write_text(block.text, "utf-8")
            forget_layers()
        handlers[block.language](block)

    def arch(self, block: Block) -> None:
        if "whole" in block.said:
            assert block.text == (self.folder / block.said["whole"]).read_text("utf-8")
            return
        wanted = set(block.said["fails"].split(", ")) if "fails" in block.said else set()
        passed = (
            {"E0409", "E0410", "E0624"} if "within" in block.said else set()
        )  # a fragment need not use the whole wrapper
        for text in wrapped(block):
            found = self._codes(text) - passed
            assert found == wanted, f"{text}\ngives {found}"

    def latex(self, block: Block) -> None:
        """What a paper has in its preamble and, from the first environment on, around the figure that was drawn last."""
        figure = max(self.folder.glob("*.tex"), key=lambda path: path.stat().st_mtime)
        before, begins, behind = block.text.partition("\\begin{")
        body = begins + behind or rf"\input{{{figure.name}}}"
        assert figure.name in body
        if not shutil.which("pdflatex") or subprocess.run(["kpsewhich", "tikz.sty"], capture_output=True).returncode:
            return
        paper = rf"\documentclass{{article}}\usepackage{{tikz}}{before}\begin{{document}}{body}\end{{document}}"
        (self.folder / "paper.txt").write_text(paper, "utf-8")
        command = ["pdflatex", "-no-shell-escape", "-halt-on-error", "-interaction=nonstopmode", "paper.txt"]
        done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, errors="replace")
        assert done.returncode == 0, done.stdout[-2000:]

    def _codes(self, text: str) -> set[str]:
        """The codes of all diagnostics of a spec."""
        path = self.folder / "block.arch"
        path.write_text(text, "utf-8")
        try:
            return {diagnostic.code for compiled in variants(str(path)) for diagnostic in compiled.diagnostics}
        except ArchError as error:
            return {diagnostic.code for diagnostic in error.diagnostics}

    def console(self, block: Block) -> None:
        for step in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
            command, _, expected = step.partition("\n")
            shown = self.command(command)
            if command.startswith("python "):  # what is measured differs from machine to machine
                expected, shown = (re.sub(r"\d[\d.,:]*", "N", text) for text in (expected, shown))
            assert_shown(expected, shown)

    def workflow(self, block: Block) -> None:
        """The commands of a workflow run, but for those that install; what they write is there, and steps name it."""
        [job] = yaml.safe_load(block.text)["jobs"].values()
        for step in job["steps"]:
            line, _, target = step.get("run", "").partition(" > ")
            if line.startswith("archspec "):
                parts = ([*map(str, self.folder.glob(part))] if "*" in part else [part] for part in line.split())
                shown = self.command(shlex.join(word for part in parts for word in part))
                (self.folder / (target or "shown")).write_text(shown, "utf-8")
            if file := step.get("with", {}).get("sarif_file"):
                assert (self.folder / file).exists()

    def command(self, line: str) -> str:
        """What a command prints, on both streams."""
        words = shlex.split(line)
        stdin = (self.folder / words[words.index("<") + 1]).read_bytes() if "<" in words else b""
        words = words[: words.index("<")] if "<" in words else words
        if words == ["echo", "$?"]:
            return f"{self.code}\n"
        if words[0] == "python":
            done = server().run(words[1:], self.folder, plain=True)
            self.code = done.code
            return done.out + done.err
        assert words[0] == "archspec", f"no handler for {words[0]}"
        return self._run(words[1:], stdin)

    def _run(self, argv: list[str], stdin: bytes) -> str:
        out = io.StringIO()
        before, sys.stdin = sys.stdin, io.TextIOWrapper(io.BytesIO(stdin))
        try:
            with redirect_stdout(out), redirect_stderr(out):
                self.code = main(argv)
        except SystemExit as stop:
            self.code = int(stop.code or 0)
        finally:
            sys.stdin = before
        return out.getvalue()

    def python(self, block: Block) -> None:
        if "excerpt" in block.said:
            assert block.text in (self.folder / block.said["excerpt"]).read_text("utf-8")
        elif "file" not in block.said:
            out = io.StringIO()
            with redirect_stdout(out):
                exec(compile(block.text, f"block at line {block.line}", "exec"), self.names)
            self.printed = out.getvalue()

    def cell(self, block: Block) -> None:
        out = io.StringIO()
        with redirect_stdout(out):
            self.shell.run(block.text)
        self.printed = out.getvalue()

    def output_of_python(self, block: Block) -> None:
        assert_shown(block.text, self.printed)


def forget_layers() -> None:
    """Makes the layers be looked up anew."""
    for cached in (ops._files, ops._load, ops._the, find_op):
        cached.cache_clear()


def wrapped(block: Block) -> list[str]:
    """The specs that a block of `arch` stands for."""
    kind = block.said.get("within")
    if kind == "cells":
        return [f"{HEADER}{INPUT}| {line} |\n" for line in block.text.splitlines() if line]
    if kind == "network":
        head = [part for part in (HEADER, INPUT) if not re.search(rf"^{part.split()[0]} ", block.text, re.MULTILINE)]
        rest = re.sub(r"^(block|head) .*\n(\|.*\n)+", "", block.text, flags=re.MULTILINE)
        layers = re.search(r"\b(conv|fc)\b.*\|$", rest, re.MULTILINE | re.IGNORECASE)
        return ["".join(head) + block.text + ("" if layers else TABLE)]
    assert kind is None
    return [block.text]


def assert_shown(expected: str, actual: str) -> None:
    """Whether the output is what the page shows; its line ``...`` stands for any lines."""
    lines = [line.rstrip() for line in expected.strip("\n").split("\n")]
    pattern = "".join(r"(?:.*\n)*?" if line == "..." else re.escape(line) + r"\n" for line in lines)
    shown = "\n".join(line.rstrip() for line in actual.strip("\n").split("\n")) + "\n"
    assert re.fullmatch(pattern, shown), f"the page shows\n{expected}\nand the command prints\n{actual}"


def check_shell(text: str) -> None:
    """A block holds one command: one that sets up, or a session of nox on files that are there."""
    if " && " in text:
        return check_set_up(text)
    session = re.fullmatch(r"nox -s (\w+)(?: -- (.*))?\n", text)
    assert session, text
    check_words(["-s", session[1], *shlex.split(session[2] or "")])


def check_words(words: list[str]) -> None:
    """The sessions that words of a command name are in noxfile.py, the files in the checkout."""
    for before, word in pairwise(["", *words]):
        assert before != "-s" or f"\n@nox.session\ndef {word}(" in page("noxfile.py"), word
        assert "." not in word or (ROOT / word).exists(), word


def check_cluster(text: str) -> None:
    """Bash can parse it, and the options are those of torchrun and of programs, which are in the checkout."""
    subprocess.run(["bash", "-n"], input=text, text=True, check=True)
    lines = re.findall(r"^(?:srun )?(torchrun .*)", text.replace("\\\n", " "), re.MULTILINE)
    if not lines:
        assert all((ROOT / command.split()[0]).exists() for command in text.splitlines())
        return
    [line] = lines
    launcher, program, options = re.split(r"(train_\w+\.py)", line)
    known = set(re.findall(r'"(--[\w-]+)"', page(f"generated/{program}")))
    assert {word for word in options.split() if word.startswith("--")} <= known
    words = {word for word in launcher.split() if word.startswith("--")}
    assert words <= {"--nnodes", "--nproc-per-node", "--max-restarts", "--rdzv-backend", "--rdzv-id", "--rdzv-endpoint"}


def check_set_up(line: str) -> None:
    """A set-up command is one line: a new environment, an install from the checkout, and a program that is there."""
    project = tomllib.loads(page("pyproject.toml"))["project"]
    made, installed, job = line.strip().split(" && ")
    folder = made.removeprefix("python3 -m venv ")
    assert "\n" not in line.strip()
    assert re.fullmatch(r"\.venv[-\w]*", folder)
    assert installed in (
        f"{folder}/bin/pip install -q .",
        f"{folder}/bin/pip install -q -e '.[dev]'",
        f"{folder}/bin/pip install -q --no-compile -c constraints.txt -e '.[test]'",
    )
    program, *words = shlex.split(job.removeprefix(f"{folder}/bin/"))
    assert program in project["scripts"] or any(need.startswith(program) for extra in ("check", "dev")
                                                for need in project["optional-dependencies"][extra])  # fmt: skip
    check_words(words)


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    """A copy in which a page may add layers, which are forgotten afterwards."""
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    monkeypatch.setenv("COLUMNS", "80")
    known = set(sys.modules)
    with monkeypatch.context() as patched:
        patched.setattr(ops, "__path__", [*ops.__path__, str(tmp_path / "archspec" / "ops")])
        yield Workspace(tmp_path)
    for name in {name for name in set(sys.modules) - known if name.startswith("archspec.ops.")}:
        del sys.modules[name]
    forget_layers()


NEEDS = {
    "README.md": [pytest.mark.torch, pytest.mark.programs, one_worker],
    "docs/weights.md": [pytest.mark.torch],
    "docs/importing.md": [
        pytest.mark.torch,
        pytest.mark.witnesses,
        pytest.mark.skipif(find_spec("timm") is None, reason="needs timm"),
    ],
    "docs/training.md": [
        pytest.mark.torch,
        pytest.mark.witnesses,
        pytest.mark.skipif(find_spec("PIL") is None, reason="needs Pillow"),
    ],
    "docs/sweeps.md": [pytest.mark.skipif(find_spec("numpy") is None, reason="needs numpy")],
    "docs/plots.md": [pytest.mark.skipif(find_spec("matplotlib") is None, reason="needs matplotlib")],
    "docs/opaque.md": [pytest.mark.torch],
}
"""What the blocks of a page need, beside archspec."""


@pytest.mark.parametrize("name", [pytest.param(name, marks=NEEDS.get(name, [])) for name in PAGES])
def test_every_block_runs(name: str, workspace: Workspace) -> None:
    for block in blocks(page(name)):
        try:
            # A layer that a page adds is beyond what archspec's own sources spell.
            with chdir(workspace.folder), unwatched() if name == "CONTRIBUTING.md" else nullcontext():
                workspace.run(block)
        except BaseException as error:
            error.add_note(f"the block at {name}:{block.line}")
            raise
    if name == "README.md":
        assert_digits_told_apart(workspace.folder / "runs" / "digits")


def test_set_up() -> None:
    found = [block for block in blocks(page("README.md")) if block.language == "sh"]
    assert [block.text.split()[-1] for block in found] == ["specs/vgg_D.arch", ".venv-test/bin/pytest"]


def test_a_block_that_no_handler_knows_fails(workspace: Workspace) -> None:
    with pytest.raises(KeyError):
        workspace.run(Block(1, "toml", {}, "a = 1"))


@pytest.mark.parametrize("expected", ["a\n", "a\nc\nb\n", "b\n...\n"])
def test_other_output_than_the_page_shows_fails(expected: str) -> None:
    assert_shown("a\n...\n", "a\nb\n")
    with pytest.raises(AssertionError):
        assert_shown(expected, "a\nb\n")


@pytest.mark.parametrize("name", PAGES)
def test_links_lead_somewhere(name: str) -> None:
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page(name)):
        assert (ROOT / name).parent.joinpath(target).exists(), target


@cache
def anchors(name: str) -> set[str]:
    """The anchors of a page: those that GitHub gives to its headings, and its own."""
    prose = FENCE.sub("", page(name))
    headings = re.findall(r"^#+ (.*)$", prose, re.MULTILINE)
    named = re.findall(r"<a (?:id|name)=\"([^\"]+)\">", prose)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings} | set(named)


@pytest.mark.parametrize("name", PAGES)
def test_anchors_are_there(name: str) -> None:
    for target, anchor in re.findall(r"\]\(([^)#:]*)#([^)]*)\)", page(name)):
        file = (ROOT / name).parent.joinpath(target).resolve() if target else ROOT / name
        if file.suffix == ".md":
            assert anchor in anchors(str(file.relative_to(ROOT))), f"{target}#{anchor}"


@pytest.mark.dear
def test_made_pages_are_up_to_date() -> None:
    for name, text in runpy.run_path(str(ROOT / "tools" / "docs.py"))["pages"]().items():
        assert page(name) == text, f"{name}: run `python tools/docs.py`"


@whole_corpus
def test_pages_of_the_corpus_are_up_to_date() -> None:
    for name, text in runpy.run_path(str(ROOT / "tools" / "errata.py"))["pages"](audited()).items():
        assert page(name) == text, f"{name}: run `python tools/regen.py`"


def default_of(value: object) -> str:
    """A default as the table of arguments prints it."""
    if isinstance(value, tuple):
        return "x".join(map(str, value)) if len(set(value)) > 1 else str(value[0])
    words = {True: "yes", False: "no", None: ""}
    return words[value] if value is None or isinstance(value, bool) else f"{value}"


@pytest.mark.parametrize("op", list(ops.every()), ids=lambda op: str(op.spelled()))
def test_every_layer_and_argument_is_described(op: type[Op]) -> None:
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in page("docs/language.md").splitlines()]
    assert any(row[0] == f"### {op.spelled()}" or f"`{op.spelled()}`" in row[0] for row in rows)
    for name, argument in op.arguments.items():
        described = {row[2] for row in rows if row[:2] == [f"`{op.spelled()}`", f"`{name}`"] and len(row) == 4}
        default = "required" if argument.required else default_of(argument.default)
        assert described == {default} or (not default and len(described) == 1), f"{op.spelled()} {name}: {described}"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("docs/language.md", [*STATEMENTS, *CHECKS, *CLAIMS]),
        ("docs/counting.md", [*EXTRAS, *CONVENTIONS, *CLAIMS, "exact", "rounds", "cut", "coarse", "disagrees"]),
        ("docs/counting.md", [unit for unit in UNITS if unit]),
    ],
)
def test_every_word_of_the_language_is_described(name: str, words: list[str]) -> None:
    text = page(name)
    assert [word for word in words if f"`{word}`" not in text] == []


def test_every_command_and_option_is_described() -> None:
    """Which command takes which option is what the parsers say."""
    [commands] = [action.choices for action in parser()._actions if isinstance(action.choices, dict)]
    takes = {(n, o) for n, made in commands.items() for a in made._actions for o in a.option_strings[:1]}
    assert [name for name in commands if f"archspec {name}" not in page("docs/commands.md")] == []
    cells = r"\| (.+?) +\| (.+?) +\|"
    rows = [m.groups() for m in re.finditer(f"^{cells}", page("docs/commands.md"), re.M) if "`-" in m[1] + m[2]]
    told = {(n, o) for row in rows for one, other in [row, row[::-1]] for n, o in _taken(one, other, commands)}
    assert told == {(name, option) for name, option in takes if option != "-h"}


def _taken(option: str, of: str, commands: Iterable[str]) -> Iterator[tuple[str, str]]:
    """The commands that take an option, as a row of the table says: those that it names, or all but them."""
    if found := re.match("`(--?[a-z-]+)", option):
        named = set(re.findall("`([a-z]+)`", of))
        yield from ((name, found[1]) for name in (set(commands) - named if of.startswith("all but") else named))


def test_every_file_is_described() -> None:
    folder = ROOT / "archspec"
    files = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    files = {name for name in files if "__pycache__" not in name}
    listed = page("docs/architecture.md").split("<!-- files, ")[1]
    described = re.findall(r"^\| `([\w./]+)` +\|", listed, re.MULTILINE)
    assert sorted(described) == sorted(files - {"language/grammar.tables"})


def test_no_file_hides_a_public_name() -> None:
    # Importing archspec.NAME sets the attribute NAME of the package.
    files = {module.name for module in iter_modules(archspec.__path__)}
    assert not files & set(archspec.__all__)
