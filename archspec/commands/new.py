"""Write a first spec, with comments, to change into another."""

from __future__ import annotations

import re
from argparse import ArgumentParser, Namespace
from pathlib import Path

from archspec import files
from archspec.api import loads
from archspec.commands import shared
from archspec.diagnostics import ArchError, show
from archspec.support.terminal import printable

EACH_SPEC = False
NAME = re.compile(r"[A-Za-z_]\w*", re.ASCII)

SPEC = """# {name}: a table to change into the one that your paper prints.
network {name}(classes=10)                # parameters with their defaults
title "{name}"
input 32x32x3                             # H x W x C

every conv: conv no bias; bn; relu        # what each convolution of the table means

# A block is branches that are joined. `in` is what enters, and `shortcut` projects where the shape changes.
block basic(c, stride=1) = add of
| residual | conv 3x3, c, /stride; conv 3x3, c, no relu |
| shortcut | shortcut c, /stride                        |
then relu

# Each cell of `output` and `params` is a check. An empty cell checks nothing.
| layer | op               | output   | params |
|-------|------------------|----------|--------|
| conv1 | conv3-16         | 32x32x16 | 464    |
| conv2 | basic 16 x 2     | 32x32x16 |        |
| conv3 | basic 32, /2 x 2 | 16x16x32 |        |
| pool  | global-avgpool   | 1x1x32   |        |
| fc    | fc classes       | 10       |        |

# What the text prints of the whole network. `!` marks what is wrong in print, `?` what no counting rule gives.
claims
| source  | params | mult-adds |
|---------|--------|-----------|
| Table 1 | 43.2K  | 18.3M     |
"""


def arguments(parser: ArgumentParser) -> None:
    """A name."""
    parser.add_argument("name", metavar="NAME", help="the name of the network; NAME.arch is written")


def run(args: Namespace) -> int:
    """Write NAME.arch, a spec with comments to change into another; a file that exists is left alone."""
    name = args.name.removesuffix(".arch")
    path = Path(f"{name}.arch")
    if not NAME.fullmatch(path.stem):
        near = re.sub(r"\W+", "_", path.stem, flags=re.ASCII).strip("_")
        help = (
            f"`archspec new {path.with_name(near)}` would do"
            if NAME.fullmatch(near)
            else "write letters, digits and `_`"
        )
        return shared.usage(f"`{path.stem}` is not a name of a network: {help}")
    if path.exists():
        return shared.usage(f"`{path}` exists, and is left as it is")
    text = SPEC.format(name=path.stem)
    try:
        loads(text)  # a name may be one that no network can have
    except ArchError as error:
        show(error.diagnostics)
        return shared.USAGE
    try:
        files.write(path, text)
    except ArchError as error:
        show(error.diagnostics)
        return shared.WRONG
    shown = printable(str(path))
    print(f"wrote {shown}: `archspec count {shown}` prints its table, `archspec compile {shown}` its PyTorch code")
    return shared.HOLDS
