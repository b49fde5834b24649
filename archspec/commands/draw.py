"""Draw networks: a figure of each, for a paper or a page."""

from __future__ import annotations

import re
import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from archspec.api import one
from archspec.budget import Budget, request
from archspec.commands import _tables, shared
from archspec.commands._outputs import Planned, clash, over
from archspec.compiled import Compiled
from archspec.diagnostics import ArchError
from archspec.figures.figure import USUAL, Figure, points_of, without_scene
from archspec.figures.files import format_of, in_dots, style, style_names, without_places
from archspec.files import is_folder
from archspec.reports.diff.compare import compare
from archspec.reports.diff.drawn import as_figure
from archspec.support.terminal import printable
from archspec.targets.torch import function_name

EACH_SPEC = True
STDOUT = "-"


def arguments(parser: ArgumentParser) -> None:
    """Specs, their settings, what the figures look like and where they go."""
    _tables.takes_specs(parser)
    shared.takes_settings(parser)
    parser.add_argument("--style", metavar="STYLE", default=USUAL, help=f"{', '.join(style_names())}; default: {USUAL}")
    parser.add_argument("--width", metavar="8.5cm", help="how wide, in cm, mm, in or pt; default: as suits the style")
    parser.add_argument("-o", dest="out", metavar="FILE|DIR|-", default="./", help="default: NAME.svg")
    parser.add_argument("--format", dest="ending", metavar="ENDING", help="default: by the name of the file, else svg")
    parser.add_argument("--dpi", metavar="N", type=_dots, help="dots to the inch of a png; default: 300")
    parser.add_argument(
        "--diff", action="store_true", help="draw two networks side by side, with their differences in colour"
    )
    shared.takes_all(parser)


def run(args: Namespace) -> int:
    """Draw networks, a file each: their rows, their blocks and what each row costs. A family draws every variant."""
    asked = shared.request(args)
    if asked is None:
        return shared.USAGE
    output = Output(args.out, args.ending)
    try:
        style(args.style)
        points_of(args.width)
        format_of(output.ending) if args.dpi is None else in_dots(output.ending)
    except ArchError as error:
        shared.show_errors(error, args)
        return shared.USAGE
    if args.diff or (len(args.specs) == 2 and not output.is_folder):  # one file for two is both in one figure
        return _draw_difference(args, output)
    jobs = [_read(spec, args) for spec in args.specs]
    problem = output.problem(jobs)
    if problem is not None:
        return shared.usage(problem)
    return max(_draw(job, args, output) for job in jobs)


class Job(NamedTuple):
    """One spec with its networks, or with what is wrong with it, and what is left of its request."""

    spec: str
    budget: Budget
    found: Sequence[Compiled]
    error: ArchError | None = None


class Output(NamedTuple):
    """Where the figures go, as ``-o`` says it: a file, a folder, or ``-``; and in which format, if that is said."""

    out: str
    said: str | None = None

    @property
    def is_folder(self) -> bool:
        return self.out != STDOUT and is_folder(self.out)

    @property
    def ending(self) -> str:
        """The format of the figures."""
        if self.said is not None:
            return self.said.removeprefix(".")
        return "svg" if self.out == STDOUT or self.is_folder else Path(self.out).suffix.removeprefix(".")

    def path(self, name: str) -> Path:
        """The file of a network."""
        return Path(self.out) / f"{name}.{self.ending}" if self.is_folder else Path(self.out)

    def problem(self, jobs: Sequence[Job]) -> str | None:
        """Why the figures of specs cannot go there, whatever they are."""
        found = [(job.spec, compiled) for job in jobs for compiled in job.found]
        if not self.is_folder and len(found) > 1:
            where = "pick one for standard output" if self.out == STDOUT else "give `-o` a directory, or pick one"
            return f"these are {len(found)} networks: {where}"
        if self.out == STDOUT:
            return None
        planned = (Planned(self.path(function_name(each.network)), each.name, spec) for spec, each in found)
        return clash(planned, [job.spec for job in jobs], "draw")


def _read(spec: str, args: Namespace) -> Job:
    asked = shared.request(args)
    assert asked is not None
    with request() as budget:
        try:
            return Job(spec, budget, _tables.networks(spec, asked))
        except ArchError as error:
            return Job(spec, budget, (), error)


def _draw(job: Job, args: Namespace, output: Output) -> int:
    """Draw one spec, within its request; returns the exit code."""
    if job.error is not None:
        shared.show_errors(job.error, args)
        return shared.WRONG
    with request(job.budget):
        try:
            for compiled in job.found:
                _write(_figure(compiled, args, output), function_name(compiled.network), output, args.dpi)
            return shared.HOLDS if shared.report(job.found, args) else shared.WRONG
        except ArchError as error:
            shared.show_errors(error, args)
            return shared.WRONG


def _figure(compiled: Compiled, args: Namespace, output: Output) -> Figure:
    if without_places(output.ending) is not None:
        return without_scene(compiled.result)
    return compiled.draw(style=args.style, width=args.width)


def _draw_difference(args: Namespace, output: Output) -> int:
    """Draw two networks side by side; returns the exit code."""
    if len(args.specs) != 2:
        return shared.usage(f"`--diff` compares two networks, and these are {len(args.specs)}")
    if args.style != USUAL:
        return shared.usage("`--diff` has a style of its own: leave `--style` out")
    if not output.is_folder and (problem := over(output.out, args.specs)):
        return shared.usage(problem)
    asked = shared.request(args)
    assert asked is not None
    with request():
        try:
            a, b = (one(spec, parameters=asked.parameters, input=asked.input) for spec in args.specs)
            figure = as_figure(compare(a, b, (args.specs[0], args.specs[1])), a, b, args.width)
            _write(figure, f"{function_name(a.network)}-{function_name(b.network)}", output, args.dpi)
        except ArchError as error:
            shared.show_errors(error, args)
            return shared.WRONG
    return shared.HOLDS


def _write(figure: Figure, name: str, output: Output, dpi: float | None) -> None:
    if output.out != STDOUT:
        print(f"wrote {printable(str(figure.save(output.path(name), output.ending, dpi)))}")
        return
    made = figure.written(output.ending, dpi)
    if isinstance(made, str):
        sys.stdout.write(made)
    else:
        sys.stdout.flush()
        sys.stdout.buffer.write(made)


def _dots(text: str) -> float:
    """A number of dots to the inch."""
    if re.fullmatch(r"\d{1,5}(\.\d{1,5})?", text) is None or not float(text):
        raise ArgumentTypeError(f"`{text}` is not a number of dots to the inch")
    return float(text)
