"""Write the spec of a network that is written in PyTorch."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

from archspec import files
from archspec.commands import shared
from archspec.diagnostics import ArchError, show
from archspec.importing.importing import Imported, held, import_module, made, unverified
from archspec.importing.torch.names import Named, named
from archspec.op import Shape
from archspec.support.terminal import printable

EACH_SPEC = True
"""Reading a module takes torch's time, which is not that of a request."""


def arguments(parser: ArgumentParser) -> None:
    """A network by name, its input, and where the spec goes."""
    parser.add_argument("network", metavar="NETWORK", help="timm:NAME, torchvision:NAME, or FILE.py:FUNCTION by --run")
    parser.add_argument("-o", dest="out", metavar="FILE|-", default="-", help="default: standard output")
    parser.add_argument("--run", action="store_true", help="run the file that makes the network")
    parser.add_argument("--verify", action="store_true", help="run both networks, and compare what they give")
    parser.add_argument("--input", metavar="HxWxC", help="another input, such as 299x299x3")
    shared.takes_all(parser)


def run(args: Namespace) -> int:
    """Write the spec of a module of PyTorch: a row for each layer that runs, and nothing downloaded."""
    args.settings = []
    asked = shared.request(args)
    if asked is None:
        return shared.USAGE
    try:
        network = named(args.network, args.run)
        input = network.input if asked.input is None else _shape(asked.input)
        return _written(args, network, input)
    except ArchError as error:
        show(error.diagnostics, args.all)
        return shared.WRONG


def _written(args: Namespace, network: Named, input: Shape) -> int:
    module = made(network.make, network.title, whole=args.verify)
    found = import_module(module, input, network.name, network.title, network.origin)
    if args.out == "-":
        sys.stdout.write(found.text)
    else:
        files.write(Path(args.out), found.text)
        print(f"wrote {printable(args.out)}: `archspec count {printable(args.out)}` prints its table")
    sys.stdout.flush()
    show(found.diagnostics, args.all)
    return _verified(found, module) if args.verify else shared.HOLDS


def _verified(found: Imported, module: object) -> int:
    verdict = held(found, module)  # type: ignore[arg-type]
    if verdict.holds:
        print(f"archspec: {found.graph.title} holds: {verdict.reason}", file=sys.stderr)
        return shared.HOLDS
    show([unverified(found, verdict)])
    return shared.WRONG


def _shape(dims: tuple[int, ...]) -> Shape:
    return Shape(dims[0]) if len(dims) == 1 else Shape(dims[2], dims[0], dims[1])
