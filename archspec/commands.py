"""The commands of the command line, one function each. What a command needs is imported when it runs."""

from __future__ import annotations

import argparse
import re
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from archspec.compiled import Compiled
    from archspec.elaborate import Request
    from archspec.ir import Value

HOLDS, WRONG, USAGE = 0, 1, 2


def compile_(args: argparse.Namespace) -> int:
    """Check and count a spec, print its table, and write standalone PyTorch code; a family writes every variant."""
    from archspec.compiling import Output, write_code
    from archspec.diagnostics import ArchError

    found = _compiled(args)
    if isinstance(found, int):
        return found
    output = Output(args.out, args.train)
    problem = output.problem(found, args.spec)
    if problem is not None:
        return _usage(problem)
    print(_tables(found, args), file=sys.stderr if output.to_stdout else sys.stdout)
    if not _report(found, args):
        print("archspec: nothing was written", file=sys.stderr)
        return WRONG
    try:
        write_code(found, output, sys.stdout if args.format == "text" else sys.stderr)
    except ArchError as error:
        _show_errors(error, args, "text")  # what is printed already is the table
        return WRONG
    return HOLDS


def count(args: argparse.Namespace) -> int:
    """Print the table of a spec with its counts; nothing is written. A family prints every variant."""
    found = _compiled(args)
    if isinstance(found, int):
        return found
    print(_tables(found, args))
    return HOLDS if _report(found, args) else WRONG


def emit(args: argparse.Namespace) -> int:
    """Print the PyTorch code of a spec, or its training program."""
    from archspec.api import one
    from archspec.diagnostics import ArchError
    from archspec.terminal import show

    request = _request(args)
    if request is None:
        return USAGE
    try:
        compiled = one(args.spec, None, request.parameters, request.input)
        text = compiled.training() if args.train else compiled.source()
    except ArchError as error:
        show(error.diagnostics, args.all)
        return WRONG
    show(compiled.diagnostics, args.all)
    sys.stdout.write(text)
    return HOLDS if compiled.holds else WRONG


def check(args: argparse.Namespace) -> int:
    """Check every printed cell and claim of the specs; exit code 1 where one disagrees."""
    from archspec.checking import check_specs

    return HOLDS if check_specs(args.specs, args.format, args.all) else WRONG


def audit(args: argparse.Namespace) -> int:
    """Audit every printed figure of all specs, paper by paper; exit code 1 where one disagrees and is not marked."""
    from archspec.audit import audit_specs
    from archspec.diagnostics import ArchError

    try:
        return HOLDS if audit_specs(args.specs, args.format, args.all) else WRONG
    except ArchError as error:
        _show_errors(error, args)
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
        _show_errors(error, args)
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
        _show_errors(error, args)
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
        show(error.diagnostics, args.all)
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
        _show_errors(error, args)
        return None
    twice = next((name for name, count in Counter(name for name, _ in settings).items() if count > 1), None)
    if twice is not None:
        _usage(f"`-p` sets `{twice}` more than once")
        return None
    return Request(None, dict(settings), input)


def _setting(text: str) -> tuple[str, Value]:
    from archspec.diagnostics import ArchError, Source, Span
    from archspec.options import setting
    from archspec.parse.messages import unreadable

    many = text.count("=") > 1 and "," in text
    with _helping("repeat `-p` for a second one: `-p NAME=VALUE -p NAME=VALUE`" if many else "write `-p NAME=VALUE`"):
        if text.startswith("="):
            raise ArchError([unreadable(Span(Source("-p", text), 1, 0, 1), "=", ["a name"])])
        return setting(text)


def _size(text: str) -> tuple[int, ...]:
    from archspec.options import size

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
        _show_errors(error, args)
        return WRONG


def _show_errors(error: Exception, args: argparse.Namespace, form: str | None = None) -> None:
    from archspec.diagnostics import ArchError
    from archspec.table import json_text
    from archspec.terminal import show

    assert isinstance(error, ArchError)
    if (form or getattr(args, "format", "text")) == "json":
        print(json_text({"diagnostics": [d.to_dict() for d in error.diagnostics]}))
    show(error.diagnostics, args.all)


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


def _report(found: list[Compiled], args: argparse.Namespace) -> bool:
    """Show warnings and disagreements; whether everything holds."""
    diagnostics = dict.fromkeys(d for compiled in found for d in compiled.diagnostics)
    if diagnostics:
        from archspec.terminal import show

        sys.stdout.flush()
        print(file=sys.stderr)
        show(diagnostics, args.all)
    return all(compiled.holds for compiled in found)


def _usage(message: str) -> int:
    from archspec.terminal import printable

    print(f"archspec: {printable(message)}", file=sys.stderr)
    return USAGE
