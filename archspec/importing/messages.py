"""What is said of networks that cannot be imported."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from archspec.diagnostics import Diagnostic, explained

SHOWN = 10
"""Parts of a network that are listed before the rest is counted."""


@explained("E1201")
def no_such_network(name: str, near: str | None, source: str) -> Diagnostic:
    """What is imported is named `LIBRARY:NETWORK`, by the name that the library's own maker of models takes.

    The libraries are `torchvision` and `timm`, and they have to be installed. No weights are loaded. A module of your
    own is `FILE.py:FUNCTION`, a function without arguments that returns it.
    """
    help = f"did you mean `{near}`?" if near else "write `torchvision:resnet50`, `timm:resnet50` or `net.py:make --run`"
    return Diagnostic("E1201", f"there is no network `{name}`{source}", help=help)


@explained("E1202")
def no_library(library: str) -> Diagnostic:
    """The library that makes a network has to be installed; archspec does not install it by itself."""
    return Diagnostic("E1202", f"importing from {library} needs {library}", help=f"pip install {library}")


@explained("E1203")
def would_run(name: str) -> Diagnostic:
    """A module of your own comes from a function in a file of Python, which is run with all that it does.

    archspec runs no file unless `--run` says so.
    """
    return Diagnostic("E1203", f"`{name}` is a file that would be run", help="write `--run` where you trust it")


@explained("E1204")
def not_made(name: str, reason: str) -> Diagnostic:
    """The file or the library that is to give a module of torch fails, or gives something else."""
    return Diagnostic("E1204", f"`{name}` gives no module of torch: {reason}")


@explained("E1205")
def not_read(name: str, reason: str, help: str | None = None) -> Diagnostic:
    """A module cannot be read as a graph of layers.

    It is read by `torch.export`, which follows one image of the given size through it. A module whose operations depend
    on the numbers in the image has no such graph. What no layer says stays opaque, as the smallest module around it
    that has one input and one output; a module without even that cannot be imported.
    """
    return Diagnostic("E1205", f"`{name}` could not be read: {reason}", help=help)


@explained("E1206")
def opaque_parts(name: str, parts: Sequence[tuple[str, str]]) -> Diagnostic:
    """Some parts of an imported network do what no layer of the language says.

    Each stands in the spec as one row that is opaque, with the shape that it gives and its parameters.
    """
    counts = Counter(parts)
    notes = [f"`{path}`{f' x {times}' if times > 1 else ''}: {reason}" for (path, reason), times in counts.items()]
    left = len(parts) - sum([*counts.values()][:SHOWN])
    more = [f"and {left:,} more"] * (left > 0)
    message = (
        f"{len(parts):,} {'part' if len(parts) == 1 else 'parts'} of `{name}` {'is' if len(parts) == 1 else 'are'}"
    )
    return Diagnostic("E1206", f"{message} opaque", notes=(*notes[:SHOWN], *more), severity="warning")


@explained("E1210")
def other_parameters(name: str, unused: Sequence[str], shared: Sequence[str]) -> Diagnostic:
    """An imported network has other parameters than its module: the spec says what runs, and each layer has its own.

    Parameters that no layer takes are not in the spec, and those that several layers share are there for each of them.
    """
    notes = [f"nothing takes {_listed(unused)}"] if unused else []
    notes += [f"several layers share {_listed(shared)}"] if shared else []
    message = f"the spec of `{name}` has other parameters than the module"
    return Diagnostic("E1210", message, notes=tuple(notes), severity="warning")


@explained("E1207")
def not_verified(name: str, reason: str) -> Diagnostic:
    """A spec that was imported is not the network that it comes from: other parameters, outputs or mult-adds.

    The two run with the same weights, drawn at random, on one image in double precision.
    """
    return Diagnostic("E1207", f"the spec of `{name}` was not verified: {reason}")


@explained("E1208")
def too_many(name: str, count: int, most: int) -> Diagnostic:
    """A network has more operations than are read; repetitions count each time, because torch unrolls them."""
    return Diagnostic("E1208", f"`{name}` has {count:,} operations, and {most:,} are read at most")


@explained("E1209")
def no_family(name: str, reason: str) -> Diagnostic:
    """Several networks become one family only if one table fits all: the same input, no heads, no rows with `from`."""
    return Diagnostic("E1209", f"`{name}` do not fit one table: {reason}", help="import each by itself")


@explained("E1211")
def named_twice(name: str, once: str) -> Diagnostic:
    """A family has each of its networks once, as a variant of its own."""
    return Diagnostic("E1211", f"`{name}` names a network twice", help=f"write `{once}`")


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - SHOWN:,} more" if len(names) > SHOWN else ""
    return ", ".join(f"`{name}`" for name in names[:SHOWN]) + more
