"""The command line: one function a command. What a command needs is imported when it runs."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from archspec import __version__

if TYPE_CHECKING:
    from archspec.pipeline import Compiled

HOLDS, WRONG, USAGE = 0, 1, 2


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code: 0 holds, 1 the spec is wrong or a check fails, 2 wrong usage."""
    # argparse takes `-:VARIANT`, a variant from standard input, for an option.
    words = sys.argv[1:] if argv is None else argv
    args = parser().parse_args([f"<stdin>{word[1:]}" if word.startswith("-:") else word for word in words])
    run: Callable[[argparse.Namespace], int] = args.run
    try:
        code = run(args)
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
    emitting = command(emit, "print the PyTorch code of a spec")
    explaining = command(explain, "explain the code of a diagnostic")
    for made in (compiling, counting, emitting):
        made.add_argument("spec", metavar="SPEC", help="file.arch or file.arch:VARIANT; - is standard input")
        made.add_argument(
            "-p", dest="settings", metavar="NAME=VALUE", action="append", default=[], help="set a parameter"
        )
        made.add_argument("--input", metavar="HxWxC", help="another input, such as 299x299x3")
    checking.add_argument("specs", metavar="SPEC", nargs="+", help="file.arch or file.arch:VARIANT")
    for made in (compiling, counting, checking):
        made.add_argument("--format", choices=("text", "json", "csv", "markdown"), default="text", help="default: text")
    compiling.add_argument(
        "-o", dest="out", metavar="FILE|DIR|-", default="generated/", help="default: generated/NAME.py"
    )
    explaining.add_argument("code", metavar="CODE", help="the code of a diagnostic, such as E0301")
    return top


def compile_(args: argparse.Namespace) -> int:
    """Check and count a spec, print its table, and write standalone PyTorch code; a family writes every variant."""
    from archspec.targets.torch import function_name

    found = _compiled(args)
    if found is None:
        return WRONG
    to_stdout = args.out == "-"
    names = [f"{function_name(compiled.network)}.py" for compiled in found]
    folder = args.out.endswith(("/", os.sep)) or os.path.isdir(args.out) or not Path(args.out).suffix
    if len(found) > 1 and not (folder or to_stdout):
        return _usage(f"{args.spec} has {len(found)} variants: give `-o` a directory, or pick one")
    if len(found) > 1 and to_stdout:
        return _usage(f"{args.spec} has {len(found)} variants: pick one for standard output")
    for name, compiled in zip(names, found, strict=True):
        if names.count(name) > 1:
            return _usage(f"{compiled.name} and another variant would both be {name}: compile them one by one")
    print(_tables(found, args), file=sys.stderr if to_stdout else sys.stdout)
    if not _report(found):
        print("archspec: nothing was written", file=sys.stderr)
        return WRONG
    for compiled, name in zip(found, names, strict=True):
        path = Path(args.out) / name if folder else Path(args.out)
        code = _write(compiled, None if to_stdout else path)
        if code:
            return code
        if not to_stdout:
            stream = sys.stdout if args.format == "text" else sys.stderr
            print(f"\nwrote {path}, which needs torch: `python {path}` runs it", file=stream)
    return HOLDS


def count(args: argparse.Namespace) -> int:
    """Print the table of a spec with its counts; nothing is written. A family prints every variant."""
    found = _compiled(args)
    if found is None:
        return WRONG
    print(_tables(found, args))
    return HOLDS if _report(found) else WRONG


def emit(args: argparse.Namespace) -> int:
    """Print the PyTorch code of a spec."""
    from archspec.diagnostics import ArchError
    from archspec.terminal import show

    try:
        compiled = _one(args.spec, args)
    except ArchError as error:
        show(error.diagnostics)
        return WRONG
    show(compiled.diagnostics)
    sys.stdout.write(compiled.source())
    return HOLDS if compiled.holds else WRONG


def check(args: argparse.Namespace) -> int:
    """Check every printed cell and claim of the specs; exit code 1 where one disagrees."""
    from archspec.checking import check_specs

    return HOLDS if check_specs(args.specs, args.format) else WRONG


def explain(args: argparse.Namespace) -> int:
    """Explain the code of a diagnostic."""
    from archspec.explain import explanation
    from archspec.terminal import show

    found = explanation(args.code)
    if isinstance(found, str):
        print(found)
        return HOLDS
    show([found])
    return USAGE


def _one(spec: str, args: argparse.Namespace) -> Compiled:
    from archspec.api import split
    from archspec.elaborate import Request
    from archspec.files import read
    from archspec.pipeline import compile_text, setting, size

    name, variant = split(spec)
    parameters = dict(setting(text) for text in args.settings)
    return compile_text(read(name), Request(variant, parameters, size(args.input) if args.input else None))


def _compiled(args: argparse.Namespace) -> list[Compiled] | None:
    """The network of a spec, or all variants of a family; None where it is wrong, which was shown."""
    from archspec.api import variants
    from archspec.diagnostics import ArchError
    from archspec.pipeline import setting, size

    try:
        parameters = dict(setting(text) for text in args.settings)
        return variants(args.spec, parameters, size(args.input) if args.input else None)
    except ArchError as error:
        _show_errors(error, args.format)
        return None


def _show_errors(error: Exception, form: str) -> None:
    from archspec.diagnostics import ArchError
    from archspec.table import json_text
    from archspec.terminal import show

    assert isinstance(error, ArchError)
    if form == "json":
        print(json_text({"diagnostics": [d.to_dict() for d in error.diagnostics]}))
    show(error.diagnostics)


def _tables(found: list[Compiled], args: argparse.Namespace) -> str:
    from archspec import table
    from archspec.api import split
    from archspec.terminal import style_for, terminal_width

    if args.format == "json":
        texts = [compiled.to_json() for compiled in found]
        one = found[0].network.variant is None or split(args.spec)[1] is not None
        return texts[0] if one else "[\n" + ",\n".join(texts) + "\n]"
    if args.format == "csv":
        return table.as_csv(found)
    if args.format == "markdown":
        return "\n\n".join(table.as_markdown(compiled) for compiled in found)
    style, limit = style_for(sys.stdout), terminal_width(sys.stdout)
    return "\n\n\n".join(table.as_text(compiled, style, limit) for compiled in found)


def _report(found: list[Compiled]) -> bool:
    """Show warnings and disagreements; whether everything holds."""
    diagnostics = dict.fromkeys(d for compiled in found for d in compiled.diagnostics)
    if diagnostics:
        from archspec.terminal import show

        sys.stdout.flush()
        print(file=sys.stderr)
        show(diagnostics)
    return all(compiled.holds for compiled in found)


def _write(compiled: Compiled, path: Path | None) -> int:
    from archspec.diagnostics import ArchError
    from archspec.files import write
    from archspec.terminal import show

    if path is None:
        sys.stdout.write(compiled.source())
        return HOLDS
    try:
        write(path, compiled.source())
    except ArchError as error:
        show(error.diagnostics)
        return WRONG
    return HOLDS


def _usage(message: str) -> int:
    from archspec.terminal import printable

    print(f"archspec: {printable(message)}", file=sys.stderr)
    return USAGE


def run() -> NoReturn:
    """The console script."""
    sys.exit(main())
