"""Check and count specs, and write their PyTorch code."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, TextIO

from archspec import files
from archspec.budget import Budget, request
from archspec.commands import _tables, shared
from archspec.commands._diagnosed import Diagnosed
from archspec.commands._outputs import Planned, clash
from archspec.compiled import Compiled
from archspec.diagnostics import ArchError
from archspec.elaborate.request import Request
from archspec.files import is_folder
from archspec.ir.network import Network
from archspec.render import diagnosed
from archspec.support.terminal import printable
from archspec.targets.torch import IMPORTED, function_name, given_names, hides, module_name

EACH_SPEC = True
NOTHING = "archspec: nothing was written"
OF_SPECS = (".arch", ".json")


def arguments(parser: ArgumentParser) -> None:
    """Specs, their settings, how their tables are printed, and where the code goes."""
    _tables.takes_specs(parser)
    shared.takes_settings(parser)
    _tables.takes_tables(parser, *diagnosed.formats())
    shared.takes_train(parser, "write the training program of the spec's recipe too")
    parser.add_argument("-o", dest="out", metavar="FILE|DIR|-", default="generated/", help="default: generated/NAME.py")
    parser.add_argument("--together", action="store_true", help="write all variants of a family into one file")
    shared.takes_all(parser)


def run(args: Namespace) -> int:
    """Check and count specs, print their tables, and write standalone PyTorch code; a family writes every variant."""
    asked = shared.request(args)
    if asked is None:
        return shared.USAGE
    if (code := _tables.problem(args)) is not None:
        return code
    if args.together and args.train:
        return shared.usage(
            "`--train` writes a program for each variant, which imports its file: leave out `--together`"
        )
    output = Output(args.out, args.train, args.together)
    printer = Diagnosed if args.format in diagnosed.formats() else _tables.Tables
    tables = printer(args, stream=sys.stderr if output.to_stdout else None)
    jobs = [_read(spec, asked) for spec in args.specs]
    problem = output.problem([(job.spec, job.found) for job in jobs])
    if problem is not None:
        return shared.usage(problem)
    codes = [_compile(job, args, output, tables) for job in jobs]
    tables.end()
    return max(codes)


class Job(NamedTuple):
    """One spec with its networks, or with what is wrong with it, and what is left of its request."""

    spec: str
    budget: Budget
    found: Sequence[Compiled]
    error: ArchError | None = None


def _read(spec: str, asked: Request) -> Job:
    with request() as budget:
        try:
            return Job(spec, budget, _tables.networks(spec, asked))
        except ArchError as error:
            return Job(spec, budget, (), error)


def _compile(job: Job, args: Namespace, output: Output, tables: _tables.Tables | Diagnosed) -> int:
    """Print one spec and write its code, within its request; returns the exit code."""
    if job.error is not None:
        tables.wrong(job.spec, job.error)
        return shared.WRONG
    with request(job.budget):
        try:
            tables.add(job.spec, job.found)
            if shared.report(job.found, args):
                codes = [code_of(found, output) for found in output.files(job.found)]
                write(codes, output, sys.stdout if args.format == "text" else sys.stderr)
                return shared.HOLDS
        except Unwritten as error:
            tables.late(job.spec, error)
            return shared.WRONG
        except ArchError as error:
            tables.late(job.spec, error)
    print(NOTHING + f" of {printable(job.spec)}" * (len(args.specs) > 1), file=sys.stderr)
    return shared.WRONG


class Output(NamedTuple):
    """Where the code goes, as ``-o`` says it: a file, a folder, or ``-``; and what goes into a file."""

    out: str
    train: str | None
    """The training program that goes along: ``full``, ``short`` or none."""
    together: bool
    """Whether the variants of a family are one file."""

    def files(self, found: Sequence[Compiled]) -> list[Sequence[Compiled]]:
        """The networks of a spec by the files that they go into."""
        return [found] if self.together and found else [[compiled] for compiled in found]

    @property
    def to_stdout(self) -> bool:
        return self.out == "-"

    @property
    def is_folder(self) -> bool:
        return not self.to_stdout and is_folder(self.out)

    def path(self, network: Network) -> Path:
        """The file of a network."""
        return Path(self.out) / f"{module_name(network)}.py" if self.is_folder else Path(self.out)

    def beside(self, network: Network) -> Path:
        """The file of its training program."""
        return self.path(network).with_name(f"train_{function_name(network)}.py")

    def problem(self, specs: Sequence[tuple[str, Sequence[Compiled]]]) -> str | None:
        """Why the code of specs cannot go there, whatever it is."""
        found = [(spec, file) for spec, networks in specs for file in self.files(networks)]
        if not self.is_folder and self.train:
            return "`--train` writes two files: give `-o` a directory"
        if not self.is_folder and len(found) > 1:
            where = "pick one for standard output" if self.to_stdout else "give `-o` a directory, or pick one"
            if len(specs) == 1:
                return f"{specs[0][0]} has {len(found)} variants: {where}, or write them `--together`"
            return f"these are {len(found)} {'files' if self.together else 'networks'}: {where}"
        if self.to_stdout:
            return None
        return self._no_code() or clash(self._planned(found), [spec for spec, _ in specs], "compile")

    def _no_code(self) -> str | None:
        """Why a file of this name cannot hold code: it would be taken for a spec, or hide a module."""
        if self.is_folder:
            return None
        stem, suffix = Path(self.out).stem, Path(self.out).suffix
        if suffix in OF_SPECS:
            return f"`{suffix}` is how a spec is called: give `-o` a name that ends in `.py`"
        if suffix == ".py" and stem in IMPORTED:
            return f"a file `{stem}.py` would hide the module `{stem}` from programs beside it: write `{stem}_net.py`"
        return None

    def _planned(self, found: Sequence[tuple[str, Sequence[Compiled]]]) -> Iterator[Planned]:
        for spec, networks in found:
            network, name = subject(networks), networks[0].name
            yield Planned(self.path(network), name, spec)
            if self.train:
                yield Planned(self.beside(network), f"the training program of {name}", spec)


class Unwritten(ArchError):
    """A file could not be written; others may have been."""


class Code(NamedTuple):
    """The code of one file."""

    network: Network
    source: str
    program: str | None
    """The training program of its network, if that is asked for."""
    given: Sequence[str] = ()
    """What the caller of its entry functions has to give."""


def subject(found: Sequence[Compiled]) -> Network:
    """The network that the file of some is called after: it where there is one, else their family."""
    first = found[0].network
    return first if len(found) == 1 else first.replaced(variant=None)


def code_of(found: Sequence[Compiled], output: Output) -> Code:
    """The code of a file; raises ArchError where a recipe is missing or wrong, or where it takes too much work."""
    program = found[0].training(short=output.train == "short") if output.train else None
    given = frozenset[str]().union(*(given_names(compiled.network) for compiled in found))
    return Code(subject(found), found[0].source(together=len(found) > 1), program, sorted(given))


def write(codes: Sequence[Code], output: Output, stream: TextIO) -> None:
    """Write the code of networks and say so to a stream; raises Unwritten where a file cannot be written."""
    for network, source, program, given in codes:
        if output.to_stdout:
            sys.stdout.write(source)
            continue
        path = output.path(network)
        _written(path, source)
        print(f"\nwrote {_said(path, network, output, given)}", file=stream)
        if program is not None:
            _written(output.beside(network), program)
            shown = printable(str(output.beside(network)))
            how = "; `--dry-run` shows how" if output.train == "full" else ""
            print(f"wrote {shown}: `python {shown}` trains it{how}", file=stream)


def _said(path: Path, network: Network, output: Output, given: Sequence[str]) -> str:
    """What is said of a file of code: why it is not called as its network is, and how it is run."""
    hidden = hides(network) if output.is_folder else None
    why = f" ({hidden}.py would hide the module `{hidden}`)" if hidden else ""
    shown = printable(str(path))
    arguments = ", ".join(f"{name}=..." for name in given)
    how = f"`{function_name(network)}({arguments})` makes it" if given else f"`python {shown}` runs it"
    return f"{shown}{why}, which needs torch: {how}"


def _written(path: Path, text: str) -> None:
    try:
        files.write(path, text)
    except ArchError as error:
        raise Unwritten(error.diagnostics) from None
