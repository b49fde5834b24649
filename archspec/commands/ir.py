"""Print a network as JSON, which every command takes in place of a spec, or as the text of a spec."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

from archspec import files
from archspec.commands import shared
from archspec.commands._outputs import over
from archspec.compiled import Compiled
from archspec.diagnostics import show
from archspec.ir.json import to_json
from archspec.printing import unsaid
from archspec.support.terminal import printable

EACH_SPEC = False


def arguments(parser: ArgumentParser) -> None:
    """A spec and its settings, and what it becomes."""
    shared.takes_spec(parser)
    shared.takes_settings(parser)
    parser.add_argument("--to-arch", action="store_true", help="print it as the text of a spec")
    parser.add_argument("-o", dest="out", metavar="FILE", default="-", help="default: standard output")
    parser.set_defaults(format="json")
    shared.takes_all(parser)


def run(args: Namespace) -> int:
    """Print a network as JSON by docs/ir.schema.json, which every command takes in place of a spec, or as a spec."""
    if args.out == "-":
        return shared.print_of(args, lambda compiled: _text(compiled, args))
    if problem := over(args.out, [args.spec]):
        return shared.usage(problem)
    return shared.print_of(args, lambda compiled: _written(compiled, args))


def _text(compiled: Compiled, args: Namespace) -> str:
    if not args.to_arch:
        return f"{to_json(compiled.network)}\n"
    text = compiled.to_arch()
    show(unsaid(compiled.network), args.all)
    return text


def _written(compiled: Compiled, args: Namespace) -> str:
    """Writes the file; nothing is printed on standard output."""
    files.write(Path(args.out), _text(compiled, args))
    print(f"wrote {printable(args.out)}", file=sys.stderr)
    return ""
