"""The daily loops: `nox -s check` after every change, `nox -s test` before a commit, `nox -s slow` at night, `nox -s
regen` after a change of the grammar, an op, a spec, a docstring or a diagnostic.

Each session keeps its environment, so that only its first run installs anything. What follows `--` goes to pytest.
"""

from __future__ import annotations

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


@nox.session
def check(session: nox.Session) -> None:
    """The linters, the types, and the tests that need no torch, in an environment without it."""
    session.install("-e", ".[check]")
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")
    session.run("mypy", "--cache-dir=.mypy_cache/check", *WITHOUT_TORCH)
    session.run("pytest", "-m", "not torch", *session.posargs)


@nox.session
def test(session: nox.Session) -> None:
    """The tests that README's second command runs."""
    session.install("-c", "constraints.txt", "-e", ".[test]")
    session.run("pytest", *session.posargs)


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
def regen(session: nox.Session) -> None:
    """Write again what is made from other files."""
    session.install("-e", ".")
    session.run("python", "tools/regen.py")
    session.run("python", "tools/docs.py")
