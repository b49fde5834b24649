"""The command line: its parser, its exit codes and its streams."""

from __future__ import annotations

import argparse
import codecs
import gc
import io
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import NoReturn, TextIO, cast

from archspec import __version__
from archspec.commands import (
    HOLDS,
    WRONG,
    audit,
    check,
    compile_,
    count,
    diff,
    emit,
    explain,
    weights,
    why,
)

COLLECT = 100_000
"""How many objects may be made before the collector looks for circles: more than the imports of a command make."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code: 0 holds, 1 the spec is wrong or a check fails, 2 wrong usage."""
    if cast("TextIO | None", sys.stderr) is None:  # closed: `print` would take standard output in its place
        sys.stderr = io.StringIO()
    for stream in (sys.stdout, sys.stderr):
        _escape(stream, "backslashreplace")
    # argparse takes `-:VARIANT`, a variant from standard input, for an option.
    words = sys.argv[1:] if argv is None else argv
    args = parser().parse_args([f"<stdin>{word[1:]}" if word.startswith("-:") else word for word in words])
    if cast("TextIO | None", sys.stdout) is None:
        print("archspec: standard output is closed", file=sys.stderr)
        return WRONG
    if getattr(args, "format", "") == "json":
        codecs.register_error("archspec.json", _json_escapes)
        _escape(sys.stdout, "archspec.json")
    return _exit_code(args)


def _exit_code(args: argparse.Namespace) -> int:
    run: Callable[[argparse.Namespace], int] = args.run
    try:
        code = _answered(run, args)
        sys.stdout.flush()
    except BrokenPipeError:  # the reader has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return HOLDS
    except OSError as error:  # standard output cannot be written
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        print(f"archspec: {(error.strerror or str(error)).lower()}", file=sys.stderr)
        return WRONG
    except KeyboardInterrupt:
        return 130
    return code


def _answered(run: Callable[[argparse.Namespace], int], args: argparse.Namespace) -> int:
    """What a command answers: it is one request, but for those that take many specs, each of which is one."""
    from archspec.budget import Exhausted, request
    from archspec.terminal import show

    if run in (check, audit):
        return run(args)
    with request():
        try:
            return run(args)
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


def parser() -> argparse.ArgumentParser:
    """The commands and their options."""
    top = argparse.ArgumentParser(prog="archspec", description="The compiler for neural-network architecture tables.")
    top.add_argument("--version", action="version", version=f"archspec {__version__}")
    commands = top.add_subparsers(required=True, metavar="COMMAND")

    def command(run: Callable[[argparse.Namespace], int], help: str) -> argparse.ArgumentParser:
        made = commands.add_parser(run.__name__.rstrip("_"), help=help, description=run.__doc__)
        made.set_defaults(run=run)
        return made

    compiling = command(compile_, "check and count a spec, and write its PyTorch code")
    counting = command(count, "print the table of a spec with its counts")
    checking = command(check, "check every printed cell and claim of specs")
    auditing = command(audit, "audit the printed figures of all specs, paper by paper")
    emitting = command(emit, "print the PyTorch code of a spec")
    placing = command(weights, "place the weights of another implementation in the emitted module")
    comparing = command(diff, "show how two networks differ, and what each difference costs")
    asking = command(why, "itemise the difference between two counts of a network")
    explaining = command(explain, "explain the code of a diagnostic")
    for made in (compiling, counting, emitting, placing):
        made.add_argument("spec", metavar="SPEC", help="file.arch or file.arch:VARIANT; - is standard input")
    for name in ("a", "b"):
        comparing.add_argument(name, metavar=name.upper(), help="file.arch, file.arch:VARIANT(NAME=VALUE)")
    for made in (compiling, counting, emitting, comparing, placing):
        made.add_argument(
            "-p", dest="settings", metavar="NAME=VALUE", action="append", default=[], help="set a parameter"
        )
        made.add_argument("--input", metavar="HxWxC", help="another input, such as 299x299x3")
    checking.add_argument("specs", metavar="SPEC", nargs="+", help="file.arch or file.arch:VARIANT")
    counting.add_argument("--details", action="store_true", help="what each row sees of the input, and what it stores")
    counting.add_argument("--convention", metavar="NAME", help="count as another counter does, such as fvcore")
    auditing.add_argument("specs", metavar="SPEC", nargs="*", help="files or folders; default: specs/")
    for made in (auditing, comparing):
        made.add_argument("--format", choices=("text", "json", "markdown"), default="text", help="default: text")
    for made in (compiling, counting, checking):
        made.add_argument("--format", choices=("text", "json", "csv", "markdown"), default="text", help="default: text")
    compiling.add_argument("--train", action="store_true", help="write the training program of the spec's recipe too")
    emitting.add_argument("--train", action="store_true", help="print the training program of the spec's recipe")
    compiling.add_argument(
        "-o", dest="out", metavar="FILE|DIR|-", default="generated/", help="default: generated/NAME.py"
    )
    placing.add_argument("--from", dest="file", metavar="FILE", required=True, help="safetensors, or by torch.save")
    placing.add_argument("-o", dest="out", metavar="FILE|DIR", default="./", help="default: NAME.safetensors")
    placing.add_argument("--partial", action="store_true", help="write what was placed, although it is not all")
    placing.add_argument("--format", choices=("text", "json"), default="text", help="default: text")
    asking.add_argument("spec", metavar="SPEC", help="file.arch or file.arch:VARIANT")
    asking.add_argument("sides", metavar="A B", nargs="*", help="conventions, `paper(NAME=VALUE)`, or printed figures")
    for made in (compiling, counting, checking, auditing, emitting, placing, comparing, asking):
        made.add_argument("--all", action="store_true", help="print all diagnostics, not the first hundred alone")
    explaining.add_argument("code", metavar="CODE", help="the code of a diagnostic, such as E0301")
    return top


def run() -> NoReturn:
    """The console script: a process of its own, which need not be taken apart.

    The collector would look three times at what the imports leave for good, and the interpreter frees every module
    before it ends; together they cost a quarter of counting a network.
    """
    gc.set_threshold(COLLECT)
    code = main()
    for stream in (sys.stdout, sys.stderr):
        with suppress(AttributeError, OSError, ValueError):  # closed, or nobody reads it
            stream.flush()
    os._exit(code)
