"""The command line: one function a command. What a command needs is imported when it runs."""

from __future__ import annotations

import argparse
import codecs
import io
import os
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, TextIO, cast

from archspec import __version__

if TYPE_CHECKING:
    from archspec.elaborate import Request
    from archspec.ir import Value
    from archspec.pipeline import Compiled

HOLDS, WRONG, USAGE = 0, 1, 2


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
    compiling.add_argument(
        "-o", dest="out", metavar="FILE|DIR|-", default="generated/", help="default: generated/NAME.py"
    )
    placing.add_argument("--from", dest="file", metavar="FILE", required=True, help="safetensors, or by torch.save")
    placing.add_argument("-o", dest="out", metavar="FILE|DIR", default="./", help="default: NAME.safetensors")
    placing.add_argument("--partial", action="store_true", help="write what was placed, although it is not all")
    placing.add_argument("--format", choices=("text", "json"), default="text", help="default: text")
    asking.add_argument("spec", metavar="SPEC", help="file.arch or file.arch:VARIANT")
    asking.add_argument("sides", metavar="A B", nargs="*", help="conventions, `paper(NAME=VALUE)`, or printed figures")
    explaining.add_argument("code", metavar="CODE", help="the code of a diagnostic, such as E0301")
    return top


def compile_(args: argparse.Namespace) -> int:
    """Check and count a spec, print its table, and write standalone PyTorch code; a family writes every variant."""
    from archspec.files import is_folder
    from archspec.targets.torch import function_name

    found = _compiled(args)
    if isinstance(found, int):
        return found
    to_stdout = args.out == "-"
    names = [f"{function_name(compiled.network)}.py" for compiled in found]
    folder = is_folder(args.out)
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
    if isinstance(found, int):
        return found
    print(_tables(found, args))
    return HOLDS if _report(found) else WRONG


def emit(args: argparse.Namespace) -> int:
    """Print the PyTorch code of a spec."""
    from archspec.api import one
    from archspec.diagnostics import ArchError
    from archspec.terminal import show

    request = _request(args)
    if request is None:
        return USAGE
    try:
        compiled = one(args.spec, None, request.parameters, request.input)
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


def audit(args: argparse.Namespace) -> int:
    """Audit every printed figure of all specs, paper by paper; exit code 1 where one disagrees and is not marked."""
    from archspec.audit import audit_specs
    from archspec.diagnostics import ArchError

    try:
        return HOLDS if audit_specs(args.specs, args.format) else WRONG
    except ArchError as error:
        _show_errors(error, args.format)
        return WRONG


def diff(args: argparse.Namespace) -> int:
    """Show how two networks differ, row by row and block by block, and what each difference costs."""
    from archspec.diagnostics import ArchError
    from archspec.diff import diff_specs

    request = _request(args)
    if request is None:
        return USAGE
    try:
        diff_specs(args.a, args.b, request.parameters, request.input, args.format)
    except ArchError as error:
        _show_errors(error, args.format)
        return WRONG
    return HOLDS


def weights(args: argparse.Namespace) -> int:
    """Place the weights of another implementation in the emitted module by structure and shape, and write them."""
    from archspec.diagnostics import ArchError
    from archspec.transfer import transfer

    request = _request(args)
    if request is None:
        return USAGE
    try:
        return HOLDS if transfer(args.spec, request, args.file, args.out, args.partial, args.format) else WRONG
    except ArchError as error:
        _show_errors(error, args.format)
        return WRONG


def why(args: argparse.Namespace) -> int:
    """Itemise the difference between two counts of one network: conventions, parameters, printed figures."""
    from archspec.bridge import lines
    from archspec.diagnostics import ArchError
    from archspec.terminal import show
    from archspec.why import sides_of, text_of, why

    if len(args.sides) > 2:
        return _usage("a bridge has two sides: archspec why SPEC A B")
    try:
        sides = sides_of(args.sides)
        print(text_of(args.spec) if sides is None else "\n".join(lines(why(args.spec, *sides))))
    except ArchError as error:
        show(error.diagnostics)
        return WRONG
    return HOLDS


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


def _request(args: argparse.Namespace) -> Request | None:
    """What the options ask for; None where they cannot be read, whatever the spec, which was shown."""
    from archspec.diagnostics import ArchError
    from archspec.elaborate import Request

    try:
        settings = [_setting(text) for text in args.settings]
        input = None if args.input is None else _size(args.input)
    except ArchError as error:
        _show_errors(error, getattr(args, "format", "text"))
        return None
    names = [name for name, _ in settings]
    for name in names:
        if names.count(name) > 1:
            _usage(f"`-p` sets `{name}` more than once")
            return None
    return Request(None, dict(settings), input)


def _setting(text: str) -> tuple[str, Value]:
    from archspec.diagnostics import ArchError, Source, Span
    from archspec.parse.messages import unreadable
    from archspec.pipeline import setting

    many = text.count("=") > 1 and "," in text
    with _helping("repeat `-p` for a second one: `-p NAME=VALUE -p NAME=VALUE`" if many else "write `-p NAME=VALUE`"):
        if text.startswith("="):
            raise ArchError([unreadable(Span(Source("-p", text), 1, 0, 1), "=", ["a name"])])
        return setting(text)


def _size(text: str) -> tuple[int, ...]:
    from archspec.pipeline import size

    numbers = re.findall(r"\d+", text)
    fits = len(numbers) in (1, 3) and "x".join(numbers) != text and all(number.strip("0") for number in numbers)
    with _helping(f"write `--input {'x'.join(numbers) if fits else '224x224x3'}`"):
        return size(text.replace("X", "x"))


@contextmanager
def _helping(help: str) -> Iterator[None]:
    """What is wrong with an option is said together with how the option is written."""
    from dataclasses import replace

    from archspec.diagnostics import ArchError

    try:
        yield
    except ArchError as error:
        raise ArchError(replace(d, help=help) for d in error.diagnostics) from None


def _compiled(args: argparse.Namespace) -> list[Compiled] | int:
    """The network of a spec, or all variants of a family; the exit code where it is wrong, which was shown."""
    from archspec.api import variants
    from archspec.diagnostics import ArchError

    request = _request(args)
    if request is None:
        return USAGE
    try:
        found = variants(args.spec, request.parameters, request.input)
        named = getattr(args, "convention", None)
        return found if named is None else [compiled.under(named) for compiled in found]
    except ArchError as error:
        _show_errors(error, args.format)
        return WRONG


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
    from archspec.api import named_by
    from archspec.terminal import style_for, terminal_width

    if args.format == "json":
        texts = [compiled.to_json() for compiled in found]
        one = found[0].network.variant is None or named_by(args.spec).variant is not None
        return texts[0] if one else "[\n" + ",\n".join(texts) + "\n]"
    if args.format == "csv":
        return table.as_csv(found)
    if getattr(args, "details", False):
        return _details(found, args.format)
    if args.format == "markdown":
        return "\n\n".join(table.as_markdown(compiled) for compiled in found)
    style, limit = style_for(sys.stdout), terminal_width(sys.stdout)
    return "\n\n\n".join(table.as_text(compiled, style, limit) for compiled in found)


def _details(found: list[Compiled], form: str) -> str:
    from archspec.details import details_markdown, details_text
    from archspec.terminal import style_for, terminal_width

    if form == "markdown":
        return "\n\n".join(details_markdown(compiled) for compiled in found)
    style, limit = style_for(sys.stdout), terminal_width(sys.stdout)
    return "\n\n\n".join(details_text(compiled, style, limit) for compiled in found)


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
