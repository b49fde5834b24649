"""Write the spec of a network that is written in PyTorch."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from contextlib import redirect_stdout
from pathlib import Path

from archspec import files
from archspec.commands import shared
from archspec.commands._outputs import over
from archspec.diagnostics import ArchError, show
from archspec.importing.by_name import imported
from archspec.importing.importing import held, unverified, with_verdict
from archspec.op import Shape
from archspec.support.terminal import printable

EACH_SPEC = True
"""Reading a module takes torch's time, which is not that of a request."""

NETWORK = "timm:NAME, torchvision:NAME, several names as one family, timm:resnet18,34,50, or FILE.py:FUNCTION by --run"


def arguments(parser: ArgumentParser) -> None:
    """A network by name, its input, and where the spec goes."""
    parser.add_argument("network", metavar="NETWORK", help=NETWORK)
    parser.add_argument("-o", dest="out", metavar="FILE", default="-", help="default: standard output")
    parser.add_argument("--run", action="store_true", help="run the file that makes the network")
    parser.add_argument("--verify", action="store_true", help="run both networks, and compare what they give")
    parser.add_argument("--input", metavar="HxWxC", help="another input, such as 256x256x3")
    shared.takes_all(parser)


def run(args: Namespace) -> int:
    """Write the spec of a module of PyTorch: a row for each layer that runs, and nothing downloaded."""
    args.settings = []
    asked = shared.request(args)
    if asked is None:
        return shared.USAGE
    if problem := over(args.out, [args.network]):
        return shared.usage(problem)
    try:
        return _written(args, None if asked.input is None else _shape(asked.input))
    except ArchError as error:
        show(error.diagnostics, args.all)
        return shared.WRONG


def _written(args: Namespace, input: Shape | None) -> int:
    """Import, hold to the network where that is asked, and write; nothing is written of what is not the network."""
    verdicts = []
    with redirect_stdout(sys.stderr):  # what a file prints that is run
        found = imported(args.network, args.run, input, whole=args.verify)
        if args.verify:
            verdicts = [held(one, module) for one, module in zip(found.found, found.modules, strict=True)]
    text = found.text
    if verdicts:
        wrong = [unverified(one, v) for one, v in zip(found.found, verdicts, strict=True) if not v.holds]
        if wrong:
            show(wrong, args.all)
            return shared.WRONG
        opaque = sum(len(one.opaque) for one in found.found)
        text = with_verdict(text, "; ".join(verdict.reason for verdict in verdicts), opaque)
    if args.out == "-":
        sys.stdout.write(text)
        sys.stdout.flush()
    else:
        files.write(Path(args.out), text)
        print(f"wrote {printable(args.out)}: `archspec count {printable(args.out)}` prints its table")
    show([each for one in found.found for each in one.diagnostics], args.all)
    return shared.HOLDS


def _shape(dims: tuple[int, ...]) -> Shape:
    return Shape(dims[0]) if len(dims) == 1 else Shape(dims[2], dims[0], dims[1])
