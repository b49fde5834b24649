"""Write again docs/emitted.md: emitted code beside the classes that torchvision and timm have of the same networks.

It needs both libraries, as tests/witnesses.txt has them, and some minutes on a machine that does nothing else.
"""

from __future__ import annotations

import argparse
import ast
import importlib
import inspect
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.metadata import version
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import torch
from torch import nn

from archspec.api import one
from archspec.compiled import Compiled
from archspec.render.formats import markdown

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "emitted.md"
WIDTH = 88
HEADER = ("network", "library", "lines", "classes", "arguments", "forward", "forward, backward")
LIBRARIES = ("torchvision", "timm")
MARK = "<!-- table, written by tools/emitted.py -->\n"


class Pair(NamedTuple):
    """A network of both: its spec, and the library with the name of the function there."""

    title: str
    spec: str
    library: str
    options: Mapping[str, Any] = {}
    """What the function is called with, so that it draws no weights twice and has the same heads."""


PAIRS = (
    Pair("ResNet-50", "specs/resnet.arch:50", "torchvision:resnet50"),
    Pair("DenseNet-121", "specs/densenet.arch:DenseNet-121", "torchvision:densenet121"),
    Pair("MobileNetV2", "specs/mobilenet_v2.arch", "torchvision:mobilenet_v2"),
    Pair("MobileNetV3-Large", "specs/mobilenet_v3_large.arch", "torchvision:mobilenet_v3_large"),
    Pair("EfficientNet-B0", "specs/efficientnet.arch", "torchvision:efficientnet_b0"),
    Pair("ShuffleNetV2-1x", "specs/shufflenet_v2.arch:1x", "torchvision:shufflenet_v2_x1_0"),
    Pair("GoogLeNet", "specs/googlenet_bn.arch", "torchvision:googlenet", {"aux_logits": True, "init_weights": False}),
    Pair("SE-ResNet-50", "specs/se_resnet.arch:50", "timm:legacy_seresnet50"),
    Pair("Inception-v3", "specs/inception_v3_released.arch", "torchvision:inception_v3", {"init_weights": False}),
    Pair("RegNet-X-400MF", "tests/architectures/regnet.arch:X-400MF", "torchvision:regnet_x_400mf"),
)


class Size(NamedTuple):
    """How much code a network is."""

    lines: int
    classes: int
    arguments: int
    """Of the constructors of all its classes, without ``self``."""


def main(argv: Sequence[str] | None = None) -> None:
    """Write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--batch", type=int, default=4)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    options = parser.parse_args(argv)
    rows = []
    for pair in PAIRS:
        ours, theirs = size_of_emitted(one(str(ROOT / pair.spec))), size_of_library(pair)
        rows.append((pair.title, pair.library, *beside(ours, theirs), *ratios(pair, options)))
        print(*rows[-1], sep=" | ", flush=True)
    PAGE.write_text(page(rows, options), "utf-8")


def page(rows: Sequence[tuple[str, ...]], options: argparse.Namespace) -> str:
    """The page, around its table."""
    versions = " and ".join(f"{name} {version(name)}" for name in LIBRARIES)
    where = (
        torch.cuda.get_device_name()
        if options.device == "cuda"
        else f"CPU, processor time with {torch.get_num_threads()} thread{'s' * (torch.get_num_threads() != 1)}"
    )
    run = f"torch {torch.__version__.partition('+')[0]}, {where}, batch {options.batch}, float32, "
    run += f"median of {options.rounds} interleaved rounds"
    text = PAGE.read_text("utf-8")
    before, _, rest = text.partition(MARK)
    _, mark, after = rest.partition("<!-- end of table -->\n")
    table = markdown([HEADER, *rows], [False, False, *[True] * (len(HEADER) - 2)])
    return f"{before}{MARK}\nBeside {versions}; {run}.\n\n{table}\n\n{mark}{after}"


def beside(ours: Size, theirs: Size) -> Iterator[str]:
    """Emitted and by hand, figure by figure."""
    return (f"{mine} / {their}" for mine, their in zip(ours, theirs, strict=True))


def size_of_emitted(compiled: Compiled) -> Size:
    """That of an emitted file: its classes and functions, without what prints its counts."""
    tree = ast.parse(compiled.source())
    return _size([node for node in tree.body if isinstance(node, ast.ClassDef | ast.FunctionDef)])


def size_of_library(pair: Pair) -> Size:
    """That of a library's network: the classes that it is made of, with their bases, and the functions that they call.

    Functions are those of the same files, and the one by which the network is made. Weights and their tables, imports
    and what registers functions are left out.
    """
    entry, model = made(pair)
    name = pair.library.partition(":")[0]
    kinds = {kind for module in model.modules() for kind in type(module).__mro__ if _of(name, kind.__module__)}
    files = {inspect.getmodule(of) for of in (*kinds, entry)}
    trees = {file: ast.parse(inspect.getsource(file)) for file in files if file is not None}
    known = {
        node.name: node
        for tree in trees.values()
        for node in tree.body
        if isinstance(node, ast.FunctionDef) or (isinstance(node, ast.ClassDef) and node.name.endswith("Config"))
    }
    classes = [
        node
        for tree in trees.values()
        for node in tree.body
        if isinstance(node, ast.ClassDef) and node.name in {kind.__name__ for kind in kinds}
    ]
    return _size([*classes, *_called([*classes, known[entry.__name__]], known)])


def _called(found: Sequence[ast.stmt], known: dict[str, Any]) -> list[ast.stmt]:
    """The functions of the same files that code needs, and those that these need."""
    needed: dict[str, ast.stmt] = {}
    left = [*found]
    while left:
        node = left.pop()
        if getattr(node, "name", None) in known:
            needed.setdefault(node.name, node)  # type: ignore[attr-defined]
        names = {each.id for each in ast.walk(_bare(node)) if isinstance(each, ast.Name)}
        left += [known[name] for name in sorted(names & known.keys() - needed.keys())]
        needed |= {name: known[name] for name in names & known.keys()}
    return list(needed.values())


def _of(library: str, module: str) -> bool:
    return module.partition(".")[0] == library


def made(pair: Pair) -> tuple[Any, nn.Module]:
    """The function of the library, and the network that it makes."""
    library, name = pair.library.split(":")
    module = bench().torchvision() if library == "torchvision" else importlib.import_module("timm.models")
    entry = getattr(module, name)
    return inspect.unwrap(entry), entry(**pair.options)


@cache
def bench() -> ModuleType:
    """``tools/bench/eager.py``, which times both."""
    spec = spec_from_file_location("eager", ROOT / "tools" / "bench" / "eager.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _size(nodes: Sequence[ast.stmt]) -> Size:
    bare = [_bare(node) for node in nodes]
    classes = [node for node in bare if isinstance(node, ast.ClassDef)]
    starts = (
        each for node in classes for each in node.body if isinstance(each, ast.FunctionDef) and each.name == "__init__"
    )
    arguments = sum(len((*each.args.posonlyargs, *each.args.args, *each.args.kwonlyargs)) - 1 for each in starts)
    return Size(len(formatted("\n".join(map(ast.unparse, bare)))), len(classes), arguments)


def _bare(node: ast.stmt) -> ast.stmt:
    """Code without docstrings and decorators; comments are not in a tree."""
    copied = ast.parse(ast.unparse(node)).body[0]
    for each in ast.walk(copied):
        if isinstance(each, ast.ClassDef | ast.FunctionDef):
            each.decorator_list = []
            if ast.get_docstring(each) is not None:
                each.body = each.body[1:] or [ast.Pass()]
    return copied


def formatted(source: str) -> list[str]:
    """The lines of code as one formatter writes all of it, without blank ones."""
    command = [sys.executable, "-m", "ruff", "format", "--isolated", f"--line-length={WIDTH}", "-"]
    done = subprocess.run(command, input=source, capture_output=True, text=True, check=True)
    return [line for line in done.stdout.splitlines() if line.strip()]


def ratios(pair: Pair, options: argparse.Namespace) -> Iterator[str]:
    """The time of the emitted network, forward and with backward, by that of the library's."""
    compiled = one(str(ROOT / pair.spec))
    models = [model.to(options.device) for model in (compiled.build(), made(pair)[1])]
    for work in bench().WORK.values():
        clock = time.perf_counter if options.device == "cuda" else time.process_time  # whatever else runs there
        ours, theirs = bench().timed(work, models, compiled.network.input[0], options, clock)
        yield f"{ours / theirs:.2f}"


if __name__ == "__main__":
    main()
