"""How far the importer reaches: networks of torchvision and timm are imported, and each spec is held to its network.

    python tools/bench/roundtrip.py --out reach.csv                 all of them; again, those that are missing there
    python tools/bench/roundtrip.py --out reach.csv --only resnet   those whose names hold a word
    python tools/bench/roundtrip.py --out reach.csv --summary       what is there, as Markdown

They are all classification and segmentation networks of torchvision, and of timm one network of each family of each of
its files, the smallest by its name. Each runs in a process of its own, whose seconds of the processor `--limit` bounds.
"""

from __future__ import annotations

import argparse
import csv
import json
import re
import resource
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from archspec.diagnostics import ArchError
from archspec.importing.importing import Imported, held, import_module, made
from archspec.importing.torch.names import LIBRARIES, library, named

FIELDS = ("network", "imported", "exact", "verified", "layers", "lines", "opaque", "params", "seconds", "reason")
SIZES = ("atto", "femto", "pico", "nano", "tiny", "_t", "xx", "xs", "small", "_s", "mini", "micro", "_0")
"""Words of small networks, as their names have them, the smallest first."""
PATIENCE = 10
"""How often its seconds of the processor a network may take by the clock, where others use it too."""
LARGEST = 400_000_000
"""Parameters up to which a network is run: two of them in double precision take 6 GiB."""


def main() -> None:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path("reach.csv"), metavar="FILE")
    parser.add_argument("--only", default="", metavar="WORD")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="each N-th network alone")
    parser.add_argument("--limit", type=int, default=120, metavar="SECONDS")
    parser.add_argument("--memory", type=float, default=12, metavar="GIB")
    parser.add_argument("--summary", action="store_true")
    parser.add_argument("--one", metavar="NETWORK", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        print(json.dumps(one(options.one)))
    elif options.summary:
        print(summary(rows_of(options.out)))
    else:
        run(options)


def run(options: argparse.Namespace) -> None:
    """Try the networks that the file lacks, and write each as soon as it is known."""
    known = {row["network"] for row in rows_of(options.out)}
    with options.out.open("a", newline="") as file:
        writer = csv.DictWriter(file, FIELDS)
        if not known:
            writer.writeheader()
        for network in [*networks()][:: options.every]:
            if options.only in network and network not in known:
                row = tried(network, options.limit, options.memory)
                writer.writerow(row)
                file.flush()
                print(*(row[field] for field in FIELDS), flush=True)


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


def tried(network: str, limit: int, memory: float) -> dict[str, Any]:
    """What becomes of a network, in a process of its own; seconds are those of the processor, whatever else runs."""
    command = [sys.executable, __file__, "--one", network]
    most = int(memory * 2**30)

    def bounded() -> None:
        resource.setrlimit(resource.RLIMIT_DATA, (most, most))
        resource.setrlimit(resource.RLIMIT_CPU, (limit, limit))

    row: dict[str, Any] = dict.fromkeys(FIELDS, "") | {"network": network, "imported": "no"}
    before = _seconds()
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=PATIENCE * limit, preexec_fn=bounded, check=False
        )
        row |= json.loads(done.stdout) if done.returncode == 0 else {"reason": _last(done.stderr)}
    except subprocess.TimeoutExpired:
        row["reason"] = "it does not end"
    spent = _seconds() - before
    return row | {"seconds": round(spent, 1)} | ({"reason": f"more than {limit} s"} if spent > limit - 1 else {})


def _seconds() -> float:
    """What the processes that have ended took of the processor."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def one(network: str) -> dict[str, Any]:
    """What becomes of a network, in this process."""
    try:
        found = named(network)
        module = made(found.make, found.title, whole=False)
        imported = import_module(module, found.input, found.name, found.title, found.origin)
    except ArchError as error:
        return {"network": network, "imported": "no", "reason": _said(error)}
    parts = [layer.opaque for layer in imported.graph.layers if layer.opaque is not None]
    params = sum(parameter.numel() for parameter in module.parameters())
    row = {
        "network": network,
        "imported": "yes",
        "exact": "no" if parts else "yes",
        "layers": len(imported.graph.layers),
        "lines": sum(1 for line in imported.text.splitlines() if line.strip()),
        "opaque": len(parts),
        "params": params,
    }
    if parts:
        common = Counter(part.reason for part in parts).most_common(1)[0][0]
        return row | {"verified": "no", "reason": common}
    return row | verified(imported, network, params)


def verified(imported: Imported, network: str, params: int) -> dict[str, Any]:
    """Whether the spec is the network, by numbers."""
    if params > LARGEST:
        return {"verified": "no", "reason": "too large to be run"}
    found = named(network)
    try:
        verdict = held(imported, made(found.make, found.title, whole=True))
    except ArchError as error:
        return {"verified": "no", "reason": _said(error)}
    return {"verified": "yes" if verdict.holds else "no", "reason": "" if verdict.holds else verdict.reason}


def rows_of(path: Path) -> list[dict[str, str]]:
    """What is known so far."""
    if not path.exists():
        return []
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def summary(rows: Sequence[dict[str, str]]) -> str:
    """The table of a page: by library, how many are read, exact and verified, and what is lacking most."""
    lines = ["| library | networks | imported | exact | verified |", "|---|---|---|---|---|"]
    for source in LIBRARIES:
        own = [row for row in rows if row["network"].startswith(f"{source}:")]
        counts = [sum(row[field] == "yes" for row in own) for field in ("imported", "exact", "verified")]
        lines.append(f"| {source} | {len(own)} | " + " | ".join(map(str, counts)) + " |")
    lines += ["", "| what no layer says | networks |", "|---|---|"]
    said = [row["reason"] for row in rows if row["verified"] != "yes" and row["reason"]]
    reasons = Counter(re.sub(r"\d+(x\d+)*", "n", reason) for reason in said)
    lines += [f"| {reason} | {count} |" for reason, count in reasons.most_common()]
    return "\n".join(lines)


def _said(error: ArchError) -> str:
    return error.diagnostics[0].message.partition("\n")[0]


def _last(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1][:200] if lines else "it ended without a word"


if __name__ == "__main__":
    main()
