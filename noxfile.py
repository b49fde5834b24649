"""The daily loops: `nox -s check` after every change, `nox -s test` before a commit, `nox -s slow` at night, `nox -s
regen` after a change of the grammar, an op, a spec, a docstring or a diagnostic. CONTRIBUTING.md lists all sessions.

Each session keeps its environment, so that only its first run installs anything. What follows `--` goes to pytest.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import nox

nox.options.sessions = ["check"]
nox.options.reuse_existing_virtualenvs = True

WITHOUT_TORCH = [
    "--disable-error-code=import-not-found",
    "--no-warn-unused-ignores",
    "--no-warn-return-any",
    "--allow-subclassing-any",
    "--allow-untyped-decorators",
]
"""What mypy cannot know of an environment without torch; .ci/run checks the types where it is there."""

OF_THE_WHEEL = "@tests/of_the_wheel.txt"
"""Tests that need no more of the checkout than ``docs/``, ``specs/`` and ``tests/``; .ci/run runs them too."""
READING = [f"tests/test_{name}.py" for name in ("grammar_tables", "ir_contract", "ir_json", "terminal")]
"""Tests of what the dependencies do: the parser's tables, the JSON of a network, widths of characters."""
FIGURES = [f"tests/test_figure_{name}.py" for name in ("files", "formats")]
TABLES = Path("archspec/language/grammar.tables")


@nox.session
def check(session: nox.Session) -> None:
    """The linters, the types, and the tests that need no torch, in an environment without it, but for the dear ones."""
    session.install("-e", ".[check]")
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")
    session.run("mypy", "--cache-dir=.mypy_cache/check", *WITHOUT_TORCH)
    session.run("pytest", "-m", "not torch and not dear", *session.posargs)


@nox.session
def test(session: nox.Session) -> None:
    """The tests that README's second command runs."""
    session.install("-c", "constraints.txt", "-e", ".[test]")
    session.run("pytest", *session.posargs)


@nox.session
def looks(session: nox.Session) -> None:
    """The tests of notebooks, plots and tables for papers, in an environment that has what they need."""
    session.install("-e", ".[check,looks]")
    tests = [f"tests/test_{name}.py" for name in ("notebook", "plots", "paper_tables", "sweeps")]
    session.run("pytest", *(session.posargs or [*tests, "tests/test_docs.py"]), "-m", "not torch")


@nox.session
def slow(session: nox.Session) -> None:
    """The proofs that are too dear for every run."""
    session.install("-c", "constraints.txt", "-e", ".[test]")
    session.run("pytest", "-m", "slow or long", *session.posargs)


@nox.session
def witnesses(session: nox.Session) -> None:
    """The tests against reference implementations and counters."""
    session.install("-c", "constraints.txt", "-e", ".[test,witnesses]")
    session.install("--no-deps", "-r", "tests/witnesses.txt")
    session.run("pytest", "-m", "witnesses", *session.posargs)


@nox.session
def figures(session: nox.Session) -> None:
    """The tests of figures as PDF and PNG, with what draws these."""
    session.install("-e", ".[check,figures]")
    session.run("pytest", "-n", "0", *FIGURES, *session.posargs)


@nox.session
def lowest(session: nox.Session) -> None:
    """Tests on the lowest versions of the dependencies, with tables that the lowest lark makes."""
    session.install("-c", "constraints-lowest.txt", "-e", ".[check]")
    TABLES.unlink(missing_ok=True)
    session.run("pytest", "-m", "not torch", *(session.posargs or [OF_THE_WHEEL, *READING]))


@nox.session
def wheel(session: nox.Session) -> None:
    """Builds the source distribution and from it the wheel into ``dist/``, and tests the wheel where no checkout is."""
    session.install("build", "twine")
    shutil.rmtree("dist", ignore_errors=True)
    session.run("python", "-m", "build")
    session.run("twine", "check", "--strict", *map(str, Path("dist").iterdir()))
    (made,) = Path("dist").glob("*.whl")
    session.install("--force-reinstall", f"{made.resolve()}[check]")
    elsewhere = Path(session.create_tmp()).resolve() / "elsewhere"
    shutil.rmtree(elsewhere, ignore_errors=True)
    for name in ("docs", "specs", "tests"):
        shutil.copytree(name, elsewhere / name)
    shutil.copy("pyproject.toml", elsewhere)
    with session.chdir(elsewhere):
        session.run("archspec", "compile", "specs/vgg_D.arch")
        session.run("pytest", "-m", "not torch", OF_THE_WHEEL)


@nox.session
def workflows(session: nox.Session) -> None:
    """The workflows, the forms of issues and CITATION.cff by their schemas."""
    session.install("-e", ".[check]", "check-jsonschema")
    session.run("pytest", "-n", "0", "tests/test_front_door.py")


@nox.session
def docs(session: nox.Session) -> None:
    """The pages of docs/ as a site in build/site, which needs no network."""
    session.install("mkdocs>=1.6")
    session.run("mkdocs", "build", "--strict", "--quiet")


@nox.session
def coverage(session: nox.Session) -> None:
    """Which lines and branches the tests that need no torch reach, and of emitted code those that import it."""
    session.install("-c", "constraints.txt", "-e", ".[dev,torch]")
    session.run("pytest", "-m", "not torch", "--cov", "--cov-report=", *session.posargs)
    session.run("pytest", "--cov", "--cov-append", "--cov-report=term", "tests/test_engine.py")


@nox.session
def fuzz(session: nox.Session) -> None:
    """Half an hour of fuzzing all that reads and all that writes; `-- text --minutes 5` is one target for a while."""
    session.install("-c", "constraints.txt", "-e", ".[fuzz]")
    session.run("python", "tools/fuzz", *session.posargs)


@nox.session
def regen(session: nox.Session) -> None:
    """Write again what is made from other files."""
    session.install("-e", ".")
    session.run("python", "tools/regen.py")
    session.run("python", "tools/docs.py")
