"""Check and count a spec, and write its PyTorch code."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple, TextIO

from archspec import files
from archspec.commands import shared
from archspec.compiled import Compiled
from archspec.diagnostics import ArchError
from archspec.files import is_folder
from archspec.targets.torch import function_name

EACH_SPEC = False
NOTHING = "archspec: nothing was written"


def arguments(parser: ArgumentParser) -> None:
    """A spec, its settings, how its table is printed, and where the code goes."""
    shared.takes_spec(parser)
    shared.takes_settings(parser)
    shared.takes_format(parser, *shared.TABLES)
    parser.add_argument("--train", action="store_true", help="write the training program of the spec's recipe too")
    parser.add_argument("-o", dest="out", metavar="FILE|DIR|-", default="generated/", help="default: generated/NAME.py")
    shared.takes_all(parser)


def run(args: Namespace) -> int:
    """Check and count a spec, print its table, and write standalone PyTorch code; a family writes every variant."""
    found = shared.networks(args)
    if isinstance(found, int):
        return found
    output = Output(args.out, args.train)
    problem = output.problem(found, args.spec)
    if problem is not None:
        return shared.usage(problem)
    print(shared.tables(found, args), file=sys.stderr if output.to_stdout else sys.stdout)
    if not shared.report(found, args):
        print(NOTHING, file=sys.stderr)
        return shared.WRONG
    try:
        codes = [code_of(compiled, output) for compiled in found]
    except ArchError as error:
        shared.show_errors(error, args, "text")  # what is printed already is the table
        print(NOTHING, file=sys.stderr)
        return shared.WRONG
    try:
        write(codes, output, sys.stdout if args.format == "text" else sys.stderr)
    except ArchError as error:
        shared.show_errors(error, args, "text")
        return shared.WRONG
    return shared.HOLDS


class Output(NamedTuple):
    """Where the code goes, as ``-o`` says it: a file, a folder, or ``-``; and whether a training program goes along."""

    out: str
    train: bool

    @property
    def to_stdout(self) -> bool:
        return self.out == "-"

    @property
    def is_folder(self) -> bool:
        return not self.to_stdout and is_folder(self.out)

    def path(self, name: str) -> Path:
        """The file of a network."""
        return Path(self.out) / f"{name}.py" if self.is_folder else Path(self.out)

    def problem(self, found: Sequence[Compiled], spec: str) -> str | None:
        """Why the code cannot go there, whatever it is."""
        names = [function_name(compiled.network) for compiled in found]
        if not self.is_folder and self.train:
            return "`--train` writes two files: give `-o` a directory"
        if not self.is_folder and len(found) > 1:
            where = "pick one for standard output" if self.to_stdout else "give `-o` a directory, or pick one"
            return f"{spec} has {len(found)} variants: {where}"
        for compiled, name in zip(found, names, strict=True):
            if names.count(name) > 1:
                return f"{compiled.name} and another variant would both be {name}.py: compile them one by one"
        return None


class Code(NamedTuple):
    """The code of one network."""

    name: str
    source: str
    program: str | None
    """Its training program, if that is asked for."""


def code_of(compiled: Compiled, output: Output) -> Code:
    """The code of a network; raises ArchError where the recipe is missing or wrong, or it takes too much work."""
    program = compiled.training() if output.train else None
    return Code(function_name(compiled.network), compiled.source(), program)


def write(codes: Sequence[Code], output: Output, stream: TextIO) -> None:
    """Write the code of networks and say so to a stream; raises ArchError where a file cannot be written."""
    for name, source, program in codes:
        if output.to_stdout:
            sys.stdout.write(source)
            continue
        path = output.path(name)
        files.write(path, source)
        print(f"\nwrote {path}, which needs torch: `python {path}` runs it", file=stream)
        if program is not None:
            beside = path.with_name(f"train_{name}.py")
            files.write(beside, program)
            print(f"wrote {beside}: `python {beside}` trains it; `--dry-run` shows how", file=stream)
