"""Place the weights of another implementation in the emitted module."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from dataclasses import replace
from pathlib import Path

from archspec.api import one
from archspec.commands import shared
from archspec.commands._outputs import over
from archspec.diagnostics import ArchError, Diagnostic, explained, show
from archspec.elaborate import Request
from archspec.files import is_folder
from archspec.render.formats import json_text
from archspec.support.terminal import printable
from archspec.targets.torch import function_name
from archspec.weights.files import needed, suffix, write
from archspec.weights.place import Weights

EACH_SPEC = False


def arguments(parser: ArgumentParser) -> None:
    """A spec, its settings, the file of weights, and where the placed ones go."""
    shared.takes_spec(parser)
    shared.takes_settings(parser)
    parser.add_argument("--from", dest="file", metavar="FILE", required=True, help="safetensors, or by torch.save")
    parser.add_argument("-o", dest="out", metavar="FILE|DIR", default="./", help="default: NAME.safetensors")
    parser.add_argument("--partial", action="store_true", help="write what was placed, although it is not all")
    shared.takes_format(parser, "text", "json")
    shared.takes_all(parser)


def run(args: Namespace) -> int:
    """Place the weights of another implementation in the emitted module by structure and shape, and write them."""
    request = shared.request(args)
    if request is None:
        return shared.USAGE
    if problem := over(args.out, [args.spec]):
        return shared.usage(problem)
    try:
        done = transfer(args.spec, request, args.file, args.out, args.partial, args.format)
    except ArchError as error:
        shared.show_errors(error, args)
        return shared.WRONG
    return shared.HOLDS if done else shared.WRONG


def transfer(spec: str, request: Request, file: str, out: str, partial: bool, form: str) -> bool:
    """Place the weights of a file in the module of a spec and write them; whether everything was placed or need not be.

    Nothing is written otherwise. Raises ArchError where the spec is wrong or a file cannot be read or written.
    """
    needed("torch", "placing weights", "torch")
    net = one(spec, None, request.parameters, request.input)
    path = Path(out) / f"{function_name(net.network)}{suffix()}" if is_folder(out) else Path(out)
    if path.exists() and Path(file).exists() and path.samefile(file):
        raise ArchError([onto_itself(file)])
    found = net.weights_from(file, partial=True)
    written = bool(found.state) and (partial or not found.diagnostics)
    if written:
        write(path, found.state)
    _report(found, path if written else None, form)
    return written


def _report(found: Weights, path: Path | None, form: str) -> None:
    """The report on standard output, and what is wrong on the other stream: a warning where it was written."""
    if form == "json":
        print(json_text(found.to_dict() | {"written": path and str(path)}))
    else:
        print("\n".join([str(found), *[f"wrote {printable(str(path))}"] * bool(path)]))
    sys.stdout.flush()
    show([replace(d, severity="warning") if path else d for d in found.diagnostics])
    if not path:
        print("archspec: nothing was written", file=sys.stderr)


@explained("E0906")
def onto_itself(file: str) -> Diagnostic:
    """The weights would be written over the file that they come from."""
    message = f"`{file}` would be written over by what is made of it"
    return Diagnostic("E0906", message, help="choose another place with `-o`")
