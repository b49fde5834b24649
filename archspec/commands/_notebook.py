"""Cells of notebooks that hold a spec: `%load_ext archspec` once, then `%%arch NAME` above the text of a network.

Nothing here imports IPython, whose shell comes as an argument.
"""

from __future__ import annotations

import shlex
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterable, Mapping
from contextlib import redirect_stderr
from io import StringIO
from keyword import iskeyword
from typing import Any, NoReturn, Protocol

from archspec.budget import request
from archspec.commands import shared
from archspec.compiled import Compiled
from archspec.diagnostics import ArchError, Diagnostic
from archspec.elaborate.request import Request
from archspec.files import beside, decode
from archspec.pipeline import compile_text
from archspec.render.html_parts import diagnostics as as_html

CELL = "cell"
"""How diagnostics call the text of a cell; files that it names are looked for beside the notebook."""


class Publisher(Protocol):
    """What shows something below a cell."""

    def publish(self, data: Mapping[str, str]) -> object:
        """Show it in the best of some forms."""


class Shell(Protocol):
    """What archspec asks of the shell of IPython."""

    display_pub: Publisher

    def register_magic_function(self, func: Callable[..., Any], magic_kind: str, magic_name: str) -> object:
        """Have a function called for cells that begin with its name."""

    def push(self, variables: Mapping[str, Any]) -> object:
        """Give values names in the notebook."""


class Stopped(Exception):
    """The cell could not be compiled, which was said; IPython shows it in one line and runs no further cell."""

    def _render_traceback_(self) -> list[str]:
        return [f"archspec: {self}"]


class _Parser(ArgumentParser):
    """A parser that ends no process."""

    def error(self, message: str) -> NoReturn:
        raise Stopped(f"{message}; write `%%arch NAME -p PARAMETER=VALUE --variant VARIANT`")

    def exit(self, status: int = 0, message: str | None = None) -> NoReturn:
        raise Stopped(message or "the options are above")


def extend(shell: Shell) -> None:
    """Let cells begin with `%%arch`."""

    def arch(line: str, cell: str) -> Compiled:
        """Compile the cell as a spec and give the network a name: %%arch NAME -p width=0.5 --variant B --input 64x64x3.

        The table of the network is what the cell shows. Where the spec is wrong, that is shown and nothing gets a name.
        """
        return _compiled(shell, line, cell)

    shell.register_magic_function(arch, "cell", "arch")


def _compiled(shell: Shell, line: str, cell: str) -> Compiled:
    args, asked = _asked(line)
    with request():
        try:
            found = compile_text(decode(CELL, cell.encode("utf-8", "surrogatepass")), asked).checked()
            _show(shell, found.diagnostics)
        except ArchError as error:
            _show(shell, error.diagnostics)
            number = len(error.diagnostics)
            raise Stopped(f"{number:,} {'diagnostics' if number > 1 else 'diagnostic'}; nothing was compiled") from None
    if args.name is not None:
        shell.push({args.name: found})
    return found


def _asked(line: str) -> tuple[Namespace, Request]:
    """What stands behind `%%arch`; raises Stopped where it cannot be read."""
    parser = _Parser(prog="%%arch", add_help=False)
    parser.add_argument("name", nargs="?")
    parser.add_argument("--variant")
    shared.takes_settings(parser)
    try:
        args = parser.parse_args(shlex.split(line))
    except ValueError as error:
        raise Stopped(f"{error} in `{line.strip()}`") from None
    if args.name is not None and (not args.name.isidentifier() or iskeyword(args.name)):
        raise Stopped(f"`{args.name}` is not a name of Python")
    args.all = False
    with redirect_stderr(StringIO()) as said:
        asked = shared.request(args)
    if asked is None:
        raise Stopped(said.getvalue().strip())
    return args, asked._replace(variant=args.variant, reader=beside(CELL))


def _show(shell: Shell, found: Iterable[Diagnostic]) -> None:
    """Show diagnostics below the cell, as HTML and as text."""
    listed = [*found]
    if listed:
        shell.display_pub.publish({"text/html": as_html(listed), "text/plain": str(ArchError(listed))})
