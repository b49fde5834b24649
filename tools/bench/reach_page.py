"""The page of how far the importer reaches, from the rows that ``roundtrip.py`` writes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from statistics import median
from typing import Any

Row = dict[str, Any]
Kind = tuple[str, Callable[[Row], bool]]

KINDS: Sequence[Kind] = (
    ("torchvision, convolutional", lambda row: _of(row, "torchvision") and bool(row.get("convolutional"))),
    ("torchvision, others", lambda row: _of(row, "torchvision") and not row.get("convolutional")),
    ("timm, convolutional", lambda row: _of(row, "timm") and bool(row.get("convolutional"))),
    ("timm, others", lambda row: _of(row, "timm") and not row.get("convolutional")),
    ("all", lambda row: True),
)

HEAD = """# How far the importer reaches

`archspec import` was tried on {many} networks of {libraries}: classification and segmentation
networks of torchvision, and of timm one network of each family of each of its files, the smallest by its name.

- *Imported*: there is a spec of it. *Exact*: no row of that is opaque.
- *Verified*: what is emitted for the spec has the same parameters, gives the same outputs in double precision with the
  same weights, and torch counts the same mult-adds ([importing.md](importing.md#held-to-the-network)). Opaque parts are
  computed by the network's own operations.
- *Convolutional*: it multiplies no two matrices that it computes, as attention does, and nothing in it works on tokens
  in a row.
- *Seconds*: what the import took of one core, without the proof and without loading torch and the libraries.

`python tools/bench/roundtrip.py` measures, and `--page docs/reach.md` writes this page.

"""


def page(rows: Iterable[Row]) -> str:
    """The page: counts, what no layer says, what is not verified, and all networks."""
    found = sorted(rows, key=lambda row: row["network"])
    libraries = sorted({row["with"] for row in found})
    head = HEAD.format(many=len(found), libraries=" and ".join(libraries))
    parts = [*_counts(found), "", *_reasons(found), "", *_failures(found), "", *_networks(found), ""]
    return head + "\n".join(parts)


def _of(row: Row, library: str) -> bool:
    return str(row["network"]).startswith(f"{library}:")


def _counts(rows: Sequence[Row]) -> list[str]:
    table = [["networks", "tried", "imported", "exact", "verified", "lines, median", "seconds, median"]]
    for title, holds in KINDS:
        own = [row for row in rows if holds(row)]
        read = [row for row in own if row.get("imported")]
        if not read:
            continue
        exact = sum(not row["opaque"] for row in read)
        verified = sum(bool(row["verified"]) for row in own)
        lines, seconds = (median(row[name] for row in read) for name in ("lines", "seconds"))
        counts = [str(n) for n in (len(own), len(read), exact, verified)]
        table.append([title, *counts, f"{lines:.0f}", f"{seconds:.1f}"])
    return _markdown(table)


def _reasons(rows: Sequence[Row]) -> list[str]:
    """What makes rows opaque, with the networks that each stands in the way of."""
    parts: Counter[str] = Counter()
    networks: dict[str, list[str]] = {}
    for row in rows:
        for reason in {_plain(reason) for _, reason in row.get("opaque", ())}:
            networks.setdefault(reason, []).append(row["network"])
        parts.update(_plain(reason) for _, reason in row.get("opaque", ()))
    table = [["what no layer says", "networks", "parts", "first of them"]]
    for reason in sorted(networks, key=lambda each: (-len(networks[each]), each)):
        table.append([reason, str(len(networks[reason])), str(parts[reason]), f"`{networks[reason][0]}`"])
    return ["## What no layer says", "", *_markdown(table)]


def _failures(rows: Sequence[Row]) -> list[str]:
    table = [["network", "why it is not verified"]]
    table += [[f"`{row['network']}`", _plain(row["reason"])] for row in rows if not row["verified"]]
    return ["## What is not verified", "", *_markdown(table)]


def _networks(rows: Sequence[Row]) -> list[str]:
    table = [["network", "layers", "lines", "opaque", "parameters", "seconds", "verified"]]
    for row in rows:
        read = [f"{row[name]:,}" if name in row else "" for name in ("layers", "lines")]
        opaque = str(len(row["opaque"])) if "opaque" in row else ""
        params, seconds = f"{row['params']:,}" if "params" in row else "", str(row.get("seconds", ""))
        table.append([f"`{row['network']}`", *read, opaque, params, seconds, "yes" if row["verified"] else "no"])
    return ["## The networks", "", *_markdown(table)]


def _plain(reason: str) -> str:
    """A reason without the sizes in it, so that equal ones are one."""
    return re.sub(r"\d+(x\d+)+", "...", reason).replace("|", "/").strip()


def _markdown(table: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    lines = ["| " + " | ".join(cell.ljust(n) for cell, n in zip(row, widths, strict=True)) + " |" for row in table]
    return [lines[0], "|" + "|".join("-" * (n + 2) for n in widths) + "|", *lines[1:]]
