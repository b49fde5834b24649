"""Draw networks as a plot for a paper: cost against cost, stage by stage, or error against cost."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace

from archspec.api import variants
from archspec.commands import shared
from archspec.commands._outputs import over
from archspec.counting.quantities import MULT_ADDS
from archspec.diagnostics import ArchError
from archspec.reports.plots import FIRST, Asked, kinds
from archspec.reports.plots._plot import AGAINST, WIDTH, centimetres, drawn, format_of
from archspec.support.terminal import printable

EACH_SPEC = False


def arguments(parser: ArgumentParser) -> None:
    """Specs, their settings, what is drawn of them, and where it goes."""
    parser.add_argument("specs", metavar="SPEC", nargs="+", help="file.arch, which draws a family whole, or :VARIANT")
    shared.takes_settings(parser)
    parser.add_argument("--kind", choices=kinds(), default=FIRST, help=f"default: {FIRST}")
    parser.add_argument("-o", dest="out", metavar="FILE", required=True, help="where it goes: .svg, .png or .pdf")
    parser.add_argument("--width", metavar="LENGTH", default=WIDTH, help=f"in cm, mm, in or pt; default: {WIDTH}")
    parser.add_argument("--quantity", metavar="NAME", help="the error of `accuracy`; default: the most reported one")
    parser.add_argument(
        "--source", metavar="NAME", action="append", default=[], help="printed figures whose source begins so"
    )
    parser.add_argument("--against", choices=AGAINST, default=MULT_ADDS.name, help="the cost of `accuracy`")
    shared.takes_all(parser)


def run(args: Namespace) -> int:
    """Draw networks and what their papers print of them, as SVG, PNG or PDF that goes into a paper.

    tradeoff: parameters against mult-adds. stages: the share of each row in both. accuracy: errors against cost.
    """
    request = shared.request(args)
    if request is None:
        return shared.USAGE
    try:
        format_of(args.out)
        centimetres(args.width)
    except ArchError as error:
        shared.show_errors(error, args)
        return shared.USAGE
    if problem := over(args.out, args.specs):
        return shared.usage(problem)
    try:
        groups = [variants(spec, request.parameters, request.input) for spec in args.specs]
        asked = Asked(args.quantity, tuple(args.source), args.against)
        found = drawn(groups, args.kind, args.width, asked)
        found.save(args.out)
    except ArchError as error:
        shared.show_errors(error, args)
        return shared.WRONG
    print(f"wrote {printable(args.out)}")
    sys.stdout.flush()
    for note in found.notes:
        print(f"archspec: {printable(note)}", file=sys.stderr)
    return shared.HOLDS if shared.report([each for group in groups for each in group], args) else shared.WRONG
