"""The command line: its parser, its exit codes and its streams."""

from __future__ import annotations

import argparse
import codecs
import gc
import io
import os
import shlex
import sys
from collections.abc import Sequence
from contextlib import nullcontext, suppress
from typing import NoReturn, TextIO, cast

from archspec import __version__, commands
from archspec.support.streams import cut_short, lasting
from archspec.support.terminal import printable

WRONG, USAGE = 1, 2
START = """\
archspec compiles the architecture tables of neural-network papers.

  archspec new mynet           writes mynet.arch, a spec with comments to change
  archspec count mynet.arch    prints its table with parameters and mult-adds
  archspec check mynet.arch    compares each printed figure with the arithmetic
  archspec compile mynet.arch  checks it and writes its PyTorch code

  archspec layers              lists the layers; `archspec explain conv` says more of one
  archspec --help              lists all commands"""
"""What stands where no command is given."""
COLLECT = 100_000
"""How many objects may be made before the collector looks for circles: the imports of a command make about 50,000."""


class Parser(argparse.ArgumentParser):
    """A parser that says what is wrong without what in it could move a terminal's cursor."""

    def error(self, message: str) -> NoReturn:
        super().error(printable(message))


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code: 0 holds, 1 the spec is wrong or a check fails, 2 wrong usage."""
    if cast("TextIO | None", sys.stderr) is None:  # closed: `print` would take standard output in its place
        sys.stderr = io.StringIO()
    for stream in (sys.stdout, sys.stderr):
        _escape(stream, "backslashreplace")
    # argparse takes `-:VARIANT`, a variant from standard input, for an option.
    given = sys.argv[1:] if argv is None else argv
    words = [f"<stdin>{word[1:]}" if word.startswith("-:") else word for word in given]
    if words[:1] == ["help"]:
        words = [*words[1:], "--help"]
    if not words:
        print(START)
        return 0
    if not words[0].startswith("-") and words[0] not in commands.names():
        print(f"archspec: {_unknown(words[0])}", file=sys.stderr)
        return USAGE
    try:
        args = _parsed(words)
    except KeyboardInterrupt:
        return 130
    if cast("TextIO | None", sys.stdout) is None:
        print("archspec: standard output is closed", file=sys.stderr)
        return WRONG
    if getattr(args, "format", "") in ("json", "sarif"):
        codecs.register_error("archspec.json", _json_escapes)
        _escape(sys.stdout, "archspec.json")
    return _exit_code(args)


def _parsed(words: Sequence[str]) -> argparse.Namespace:
    """What a command is asked, with options before, between or behind its arguments; or the program itself."""
    if words[0].startswith("-"):
        return parser(words).parse_args(words)
    command = _filled(Parser(prog=f"archspec {words[0]}"), words[0])
    rest = _apart(words[1:], command)
    if not {"-h", "--help"}.isdisjoint(rest):
        return parser(words).parse_args([words[0], *rest])
    return command.parse_intermixed_args(rest, argparse.Namespace(command=words[0]))


def _apart(words: Sequence[str], command: argparse.ArgumentParser) -> list[str]:
    """The words, in which an option whose value may be left out takes none that is not among its choices.

    argparse would take any, so that the spec in `--train a.arch` were none.
    """
    end = words.index("--") if "--" in words else len(words)
    flags = {flag: action for action in command._actions for flag in action.option_strings}
    settled: list[str] = []
    for word, following in zip(words[:end], [*words[1:], None], strict=False):
        meant = {flag for flag in flags if word.startswith("--") and flag.startswith(word)}
        action = flags[meant.pop()] if len(meant) == 1 else None
        if action is not None and action.nargs == "?" and following not in (action.choices or ()):
            word = f"{action.option_strings[0]}={action.const}"
        settled.append(word)
    return [*settled, *words[end:]]


def _unknown(word: str) -> str:
    """What is said of a first word that is not a command: which was meant, which take a spec, or what explains it."""
    from archspec import files
    from archspec.commands.explain import explanation
    from archspec.naming import closest

    if "." in word or "/" in word:
        return f"`{printable(word)}` is not a command: write `archspec count {printable(word)}`"
    if isinstance(explanation(word), str):
        return f"`{word}` is not a command: `archspec explain {shlex.quote(word)}` says what it is"
    if (spec := files.of_stem(word)) is not None:
        return f"`{printable(word)}` is not a command: write `archspec count {shlex.quote(printable(spec))}`"
    near = closest(word, commands.names())
    help = f"did you mean `{near}`?" if near else f"the commands are {', '.join(commands.names())}"
    return f"there is no command `{printable(word)}`; {help}"


def _exit_code(args: argparse.Namespace) -> int:
    try:
        code = _answer(args)
        sys.stdout.flush()
    except BrokenPipeError:  # the reader has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:  # standard output cannot be written
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        print(f"archspec: {(error.strerror or str(error)).lower()}", file=sys.stderr)
        return WRONG
    except KeyboardInterrupt:
        return 130
    return code


def _answer(args: argparse.Namespace) -> int:
    """Run a command: it is one request, but for those that take many specs, each of which is one."""
    from archspec.budget import Exhausted, request
    from archspec.diagnostics import show

    command = commands.command(args.command)
    with nullcontext() if command.EACH_SPEC else request():
        try:
            return command.run(args)
        except Exhausted as error:  # where what was found is drawn or written
            show(error.diagnostics, args.all)
            return WRONG


def _escape(stream: TextIO | None, errors: str) -> None:
    """Let a stream take every character: those that its encoding lacks are escaped."""
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors=errors)


def _json_escapes(error: UnicodeError) -> tuple[str, int]:
    """What a stream's encoding lacks as JSON escapes it, which knows no `\\xe9`."""
    import json

    assert isinstance(error, UnicodeEncodeError)
    return json.dumps(error.object[error.start : error.end])[1:-1], error.end


def parser(words: Sequence[str] | None = None) -> argparse.ArgumentParser:
    """The commands and their options: of every command, or of that which is the first of some words."""
    top = Parser(prog="archspec", description="The compiler for neural-network architecture tables.")
    top.add_argument("--version", action="version", version=f"archspec {__version__}")
    found = top.add_subparsers(required=True, metavar="COMMAND", dest="command")
    names = commands.names()
    first = None if words is None else next((word for word in words if word in names), "")
    named = [name for name in names if first in (None, name)]
    for name in named or names:
        options = found.add_parser(name, help=commands.help_of(name))
        if named:
            _filled(options, name)
    return top


def _filled(options: argparse.ArgumentParser, name: str) -> argparse.ArgumentParser:
    """A parser with what a command takes."""
    command = commands.command(name)
    options.description = command.run.__doc__
    command.arguments(options)
    return options


def run() -> NoReturn:
    """The console script: a process of its own, which need not be taken apart.

    The collector would look three times at what the imports leave for good, and the interpreter frees every module
    before it ends; together they cost a quarter of counting a network.
    """
    gc.set_threshold(COLLECT)
    if cast("TextIO | None", sys.stdout) is not None:
        sys.stdout = lasting(sys.stdout)
    if cast("TextIO | None", sys.stderr) is not None:
        sys.stderr = lasting(sys.stderr)
    code = main()
    _flush(sys.stdout)
    if (failure := cut_short(sys.stdout)) is not None:
        reason = (failure.strerror or str(failure)).lower()
        print(f"archspec: standard output is cut short: {reason}; what stands in files is whole", file=sys.stderr)
        code = max(code, WRONG)
    _flush(sys.stderr)
    os._exit(code)


def _flush(stream: TextIO) -> None:
    with suppress(AttributeError, OSError, ValueError):  # closed
        stream.flush()
