"""What commands share: options, requests, what is wrong, exit codes."""

from __future__ import annotations

import re
import sys
from argparse import ArgumentParser, Namespace
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from archspec import __version__
from archspec.api import named_by, one, variants
from archspec.compiled import Compiled
from archspec.diagnostics import ArchError, Diagnostic, Said, Span, show
from archspec.elaborate.elaboration import channels_first
from archspec.elaborate.options import setting, size
from archspec.elaborate.request import Request
from archspec.ir.node import Value
from archspec.language.messages import unreadable
from archspec.render import diagnosed, formats
from archspec.render.diagnosed import Found
from archspec.support.terminal import Style, printable, style_for, terminal_width

HOLDS, WRONG, USAGE = 0, 1, 2
TABLES = ("text", "json", "csv", "markdown")
PAPER = ("latex", "typst", "html")
"""The formats of a table that stands by itself in a paper or a page."""
REPORTS = ("text", "json", "markdown")
QUANTITIES = "params,mult_adds,activations"
"""What is counted where nothing is said."""


def takes_spec(parser: ArgumentParser) -> None:
    """One spec, or standard input."""
    parser.add_argument("spec", metavar="SPEC", help="file.arch or file.arch:VARIANT; - is standard input")


def takes_settings(parser: ArgumentParser) -> None:
    """Values of parameters, and another input."""
    parser.add_argument(
        "-p", dest="settings", metavar="NAME=VALUE", action="append", default=[], help="set a parameter"
    )
    parser.add_argument("--input", metavar="HxWxC", help="another input, such as 299x299x3")


def takes_quantities(parser: ArgumentParser) -> None:
    """What is counted, and by which rules."""
    parser.add_argument("--of", metavar="NAME,NAME", default=QUANTITIES, help=f"quantities; default: {QUANTITIES}")
    parser.add_argument("--convention", metavar="RULES", help="another way to count, as of `archspec count`")


def names_of(text: str) -> list[str]:
    """The names between commas, with `-` for `_` where that is written."""
    return [name for part in text.split(",") if (name := part.strip().replace("-", "_"))]


def takes_format(parser: ArgumentParser, *formats: str) -> None:
    """How the output is written."""
    parser.add_argument("--format", choices=formats, default="text", help="default: text")


def takes_width(parser: ArgumentParser) -> None:
    """Whether tables are cut at the width of the terminal."""
    parser.add_argument("--wide", action="store_true", help="cut no column at the terminal's width")


def takes_train(parser: ArgumentParser, help: str) -> None:
    """Whether a training program is asked for: the full one, or the one to be read."""
    parser.add_argument(
        "--train", nargs="?", choices=("full", "short"), const="full", help=f"{help}; short: to be read"
    )


def takes_all(parser: ArgumentParser) -> None:
    """Whether all diagnostics are printed."""
    parser.add_argument("--all", action="store_true", help="print all diagnostics, not the first hundred alone")


def request(args: Namespace) -> Request | None:
    """What the options ask for; None where they cannot be read, whatever the spec, which was shown."""
    try:
        settings = [_setting(text) for text in args.settings]
        input = None if args.input is None else _size(args.input)
    except ArchError as error:
        show_errors(error, args)
        return None
    twice = next((name for name, count in Counter(name for name, _ in settings).items() if count > 1), None)
    if twice is not None:
        usage(f"`-p` sets `{twice}` more than once")
        return None
    return Request(None, dict(settings), input)


def _setting(text: str) -> tuple[str, Value]:
    many = text.count("=") > 1 and "," in text
    with _helping("repeat `-p` for a second one: `-p NAME=VALUE -p NAME=VALUE`" if many else "write `-p NAME=VALUE`"):
        if text.startswith("="):
            raise ArchError([unreadable(Span(Said("-p", text), 1, 0, 1), "=", ["a name"])])
        return setting(text)


def _size(text: str) -> tuple[int, ...]:
    numbers = re.findall(r"\d+", text)
    if channels_first([int(number) for number in numbers if len(number) < 10]):
        numbers = [*numbers[1:], numbers[0]]
    fits = len(numbers) in (1, 3) and "x".join(numbers) != text and all(number.strip("0") for number in numbers)
    with _helping(f"write `--input {'x'.join(numbers) if fits else '224x224x3'}`"):
        return size(text.replace("X", "x"))


@contextmanager
def _helping(help: str) -> Iterator[None]:
    """What is wrong with an option is said together with how the option is written."""
    try:
        yield
    except ArchError as error:
        raise ArchError(replace(d, help=help) for d in error.diagnostics) from None


def print_of(args: Namespace, text: Callable[[Compiled], str]) -> int:
    """Print what is made of the one network that a spec names, as it is; returns the exit code."""
    return _print(args, lambda asked: [one(args.spec, None, asked.parameters, asked.input)], lambda found: text(*found))


def print_all(args: Namespace, text: Callable[[Sequence[Compiled]], str]) -> int:
    """Print what is made of the network that a spec names, or of all variants of a family; returns the exit code."""
    return _print(args, lambda asked: variants(args.spec, asked.parameters, asked.input), text)


def _print(
    args: Namespace, read: Callable[[Request], Sequence[Compiled]], text: Callable[[Sequence[Compiled]], str]
) -> int:
    asked = request(args)
    if asked is None:
        return USAGE
    try:
        found = read(asked)
        made = text(found)
    except ArchError as error:
        show(error.diagnostics, args.all)
        return WRONG
    show([*dict.fromkeys(d for compiled in found for d in compiled.diagnostics)], args.all)
    sys.stdout.write(made)
    return HOLDS if all(compiled.holds for compiled in found) else WRONG


def show_errors(error: ArchError, args: Namespace, form: str | None = None) -> None:
    """Show what is wrong: on standard output too, where the format is one for programs."""
    form = form or getattr(args, "format", "text")
    if form == "json":
        print(formats.json_text({"diagnostics": [d.to_dict() for d in error.diagnostics]}))
    elif form in diagnosed.formats():
        print(diagnosed_text(form, [("", error.diagnostics)]))
    show(error.diagnostics, args.all)


def diagnosed_text(form: str, found: Iterable[tuple[str, Iterable[Diagnostic]]]) -> str:
    """What is wrong with specs, in a format for programs."""
    every = [Found(file_of(spec), diagnostic) for spec, diagnostics in found for diagnostic in diagnostics]
    return diagnosed.written(form, every, __version__)


def file_of(spec: str) -> str:
    """The file that a spec names, which may name a variant and settings too."""
    try:
        return named_by(spec).file
    except ArchError:
        return spec


def report(found: Sequence[Compiled], args: Namespace) -> bool:
    """Show warnings and disagreements; whether everything holds."""
    diagnostics = dict.fromkeys(d for compiled in found for d in compiled.diagnostics)
    if diagnostics:
        sys.stdout.flush()
        print(file=sys.stderr)
        show(diagnostics, args.all)
    return all(compiled.holds for compiled in found)


def printed(form: str, **ways: Callable[[], str]) -> None:
    """Print something in the format that is asked for."""
    print(ways[form]())
    sys.stdout.flush()


def stdout(args: Namespace) -> tuple[Style, int | None]:
    """How to paint text on standard output, and at what width it is cut: that of a terminal, unless all is wanted."""
    return style_for(sys.stdout), None if args.wide else terminal_width(sys.stdout)


def usage(message: str) -> int:
    """Say what is wrong with the command line; returns its exit code."""
    print(f"archspec: {printable(message)}", file=sys.stderr)
    return USAGE
