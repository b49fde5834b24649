"""How far the importer reaches: networks of torchvision and timm are imported, and each spec is held to its network.

    python tools/bench/roundtrip.py                       all of them; again, those that the results lack
    python tools/bench/roundtrip.py --only resnet         those whose names hold a word
    python tools/bench/roundtrip.py --again --only vgg    also those that the results have
    python tools/bench/roundtrip.py --quick               imported alone, and not yet held to their networks
    python tools/bench/roundtrip.py --page docs/reach.md  writes the page of the results

They are all classification and segmentation networks of torchvision, and of timm one network of each family of each of
its files, the smallest by its name. Each runs in a process of its own, one after the other, the smallest first where
their sizes are known; `--limit` bounds its seconds of the processor and `--memory` its memory. The results are a file
of JSON lines, in which the last line of a network counts.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import re
import resource
import time
import traceback
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from reach_page import page

from archspec.diagnostics import ArchError
from archspec.importing.importing import Imported, held, import_module, made
from archspec.importing.torch.names import Named, library, named

Row = dict[str, Any]
RESULTS = Path(__file__).with_name("reach.jsonl")
SIZES = ("atto", "femto", "pico", "nano", "tiny", "_t", "xx", "xs", "small", "_s", "mini", "micro", "_0")
"""Words of small networks, as their names have them, the smallest first."""
PATIENCE = 10
"""How often its seconds of the processor a network may take by the clock, where others use it too."""
LARGEST = 400_000_000
"""Parameters up to which a network is run: two of them in double precision take 6 GiB."""


def main() -> None:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=RESULTS, metavar="FILE")
    parser.add_argument("--only", nargs="+", default=[""], metavar="WORD")
    parser.add_argument("--again", action="store_true", help="also networks that the results have")
    parser.add_argument("--quick", action="store_true", help="import alone")
    parser.add_argument("--limit", type=int, default=150, metavar="SECONDS")
    parser.add_argument("--memory", type=float, default=12, metavar="GIB")
    parser.add_argument("--page", type=Path, metavar="FILE", help="write the page of the results, and run nothing")
    options = parser.parse_args()
    if options.page:
        options.page.write_text(page(rows_of(options.out).values()), encoding="utf-8")
    else:
        run(options)


def run(options: argparse.Namespace) -> None:
    """Try the networks that the results lack, and write each as soon as it is known."""
    known = rows_of(options.out)
    done = {name for name, row in known.items() if options.quick or not row.get("quick")}
    asked = [name for name in networks() if any(word in name for word in options.only)]
    wanted = [name for name in asked if options.again or name not in done]
    with options.out.open("a", encoding="utf-8") as file:
        for name in sorted(wanted, key=lambda each: known.get(each, {}).get("params") or 0):
            row = tried(name, options.quick, options.limit, options.memory)
            print(json.dumps(row), file=file, flush=True)
            print(*(f"{key}={value}" for key, value in row.items() if key != "opaque"), flush=True)


def networks() -> Iterator[str]:
    """The names of all networks that are tried."""
    models, timm = library("torchvision.models"), library("timm")
    for module in (models, models.segmentation):
        yield from (f"torchvision:{name}" for name in models.list_models(module))
    for file in timm.list_modules():
        families: dict[str, list[str]] = {}
        for name in timm.list_models(module=file):
            if not name.startswith("test_"):
                families.setdefault(_family(name), []).append(name)
        yield from (f"timm:{min(names, key=_size)}" for names in families.values())


def _family(name: str) -> str:
    found = re.match(r"[a-z]+", re.sub(r"^(tf|legacy)_", "", name))
    return found[0] if found else name


def _size(name: str) -> tuple[Any, ...]:
    """What sorts the smallest network of a family first: words for sizes, then numbers."""
    rank = next((i for i, word in enumerate(SIZES) if word in name), len(SIZES))
    return rank, [int(number) for number in re.findall(r"\d+", name)], name


def tried(network: str, quick: bool, limit: int, memory: float) -> Row:
    """What becomes of a network, in a process of its own, in which the libraries are loaded already."""
    here, there = multiprocessing.Pipe()
    process = multiprocessing.get_context("fork").Process(
        target=_alone, args=(network, quick, limit, int(memory * 2**30), there)
    )
    process.start()
    there.close()
    library = network.partition(":")[0]
    row: Row = {"network": network, "with": f"{library} {version(library)}", "verified": False}
    row["reason"] = "it does not end within its limits"
    try:
        while here.poll(PATIENCE * limit):
            row |= here.recv()
    except EOFError:
        pass
    process.kill()
    process.join()
    return row


def _alone(network: str, quick: bool, limit: int, memory: int, to: Connection) -> None:
    """Sends what becomes of a network, as far as it comes within its limits."""
    resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (limit, limit))
    try:
        for row in becomes(network, quick):
            to.send(row)
    except BaseException as error:
        to.send({"traceback": traceback.format_exc()[-1000:], "reason": f"{type(error).__name__}: {error}"[:200]})
        if not isinstance(error, Exception):
            raise


def becomes(network: str, quick: bool) -> Iterator[Row]:
    """What becomes of a network, piece by piece."""
    import torch

    torch.set_num_threads(1)
    start = time.process_time()
    found = named(network)
    try:
        module = made(found.make, found.title, whole=False)
        imported = import_module(module, found.input, found.name, found.title, found.origin)
    except ArchError as error:
        yield {"imported": False, "verified": False, "reason": error.diagnostics[0].message.partition("\n")[0]}
        return
    parts = [layer.opaque for layer in imported.graph.layers if layer.opaque is not None]
    params = sum(parameter.numel() for parameter in module.parameters())
    yield {
        "imported": True,
        "seconds": round(time.process_time() - start, 1),
        "layers": len(imported.graph.layers),
        "lines": sum(1 for line in imported.text.splitlines() if line.strip() and not line.startswith("#")),
        "params": params,
        "opaque": [[part.path, part.reason] for part in parts],
        "convolutional": convolutional(module, found),
    } | ({"quick": True, "reason": ""} if quick else {})
    if not quick:
        yield verified(imported, found, params)


def convolutional(module: Any, found: Named) -> bool:
    """Whether no two matrices that the network computes are multiplied, and nothing works on tokens in a row."""
    import torch
    from torch.overrides import TorchFunctionMode

    said = []

    class Listening(TorchFunctionMode):
        def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            operands = [each for each in args if isinstance(each, torch.Tensor)]
            name = getattr(func, "__name__", "")
            computed = [each for each in operands if not isinstance(each, torch.nn.Parameter)]
            if name in PRODUCTS and (len(computed) > 1 or name in ALWAYS):
                said.append(name)
            if name in ROWS and operands[0].dim() == 3 and min(operands[0].shape[1:]) > 1:
                said.append(name)
            return func(*args, **(kwargs or {}))

    height, width = found.input.extent
    image = torch.empty(1, found.input.channels, height, width, device="meta")
    with torch.no_grad(), Listening():
        module.eval()(image)
    return not said


ALWAYS = frozenset({"scaled_dot_product_attention", "einsum", "lstm", "gru"})
ROWS = frozenset({"linear", "conv1d"})
"""Functions of torch that take tokens in a row, (1, N, C)."""
PRODUCTS = ALWAYS | {"matmul", "bmm", "baddbmm", "__matmul__", "__rmatmul__"}
"""Functions of torch that multiply what is computed with what is computed."""


def verified(imported: Imported, found: Named, params: int) -> Row:
    """Whether the spec is the network, by numbers."""
    if params > LARGEST:
        return {"verified": False, "reason": "too large to be run"}
    start = time.process_time()
    try:
        verdict = held(imported, made(found.make, found.title, whole=True))
    except ArchError as error:
        return {"verified": False, "reason": error.diagnostics[0].message.partition("\n")[0]}
    spent = round(time.process_time() - start, 1)
    return {"verified": verdict.holds, "proof_seconds": spent, "reason": "" if verdict.holds else verdict.reason}


def rows_of(path: Path) -> Mapping[str, Row]:
    """What is known so far, by the names of the networks."""
    lines = path.read_text("utf-8").splitlines() if path.exists() else []
    return {row["network"]: row for row in map(json.loads, lines)}


if __name__ == "__main__":
    main()
